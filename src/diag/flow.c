#include "diag/flow.h"

#include "diag/judge.h"
#include "diag/words.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the whole thing may take, and what is kept back of it for the end. */
#define BUDGET (15 * NS_PER_S)
#define RESERVE (1200 * NS_PER_MS)
/* Probes are watched at least this long, else loss of a few per cent would not be seen. */
#define WATCH (2200 * NS_PER_MS)

static void on_waker(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct flow *flow = arg;
	(void)loop;
	(void)timer;
	flow->wake = true;
}

bool flow_goes_on(const struct flow *flow)
{
	return !flow->facts->interrupted && clock_mono() < flow->deadline;
}

bool flow_wait(struct flow *flow, bool (*ready)(const struct flow *flow), ns_t until)
{
	if (until > flow->deadline)
		until = flow->deadline;
	while (!ready(flow)) {
		if (clock_mono() >= until || flow->facts->interrupted)
			break;
		flow->wake = false;
		loop_timer_start(flow->loop, &flow->waker, until, on_waker, flow);
		if (loop_run(flow->loop, &flow->wake) != LOOP_DONE)
			flow->facts->interrupted = true;
	}
	loop_timer_stop(flow->loop, &flow->waker);
	return ready(flow);
}

void flow_step(struct flow *flow, double fraction, const char *format, ...)
{
	if (!flow->events || !flow->events->step)
		return;
	char text[SAYS_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	flow->events->step(fraction, text, flow->arg);
}

void flow_finding(struct flow *flow, const char *format, ...)
{
	if (!flow->events || !flow->events->finding)
		return;
	char text[SAYS_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	flow->events->finding(text, flow->arg);
}

static bool never(const struct flow *flow)
{
	(void)flow;
	return false;
}

static bool any_route(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].routed != FACT_NO)
			return true;
	return false;
}

static void flow_use(struct flow *flow)
{
	/* Round trips without any load of ours, to compare those under load with. */
	flow_wait(flow, never, clock_mono() + 250 * NS_PER_MS);
	flow_name_again(flow);
	flow_handshakes_more(flow, 8, 60 * NS_PER_MS);
	if (flow->url[0])
		flow_requests(flow);
	else
		flow_service(flow);
	if (flow->url[0] && flow_goes_on(flow))
		flow_load(flow);
	ns_t watched = flow->began + WATCH;
	if (clock_mono() < watched && flow_goes_on(flow)) {
		flow_step(flow, 0.85, "watching the path a little longer, for loss");
		flow_wait(flow, never, watched);
	}
	/* Hosts that answer neither ping nor another port: only more handshakes tell of loss. */
	if (!flow->facts->icmp.answered && !flow->facts->closed.answered && flow_goes_on(flow))
		flow_handshakes_more(flow, 24, 40 * NS_PER_MS);
	flow_wait(flow, flow_handshakes_done, clock_mono() + 3 * NS_PER_S);
}

static void flow_measure(struct flow *flow)
{
	struct facts *facts = flow->facts;
	flow_machine_begin(flow);
	flow_name(flow);
	for (unsigned i = 0; i < facts->path_count; i++)
		flow_way(flow, &facts->paths[i]);
	if (!facts->path_count || !any_route(facts)) {
		flow_down_link(flow);
		return;
	}
	flow_reach(flow);
	if (facts->primary >= 0)
		flow_use(flow);
	else if (flow_goes_on(flow))
		flow_unreached(flow);
}

static void flow_end(struct flow *flow)
{
	struct facts *facts = flow->facts;
	flow_step(flow, 0.95, "waiting for the last answers");
	flow->deadline += RESERVE;
	flow_probe_end(flow);
	flow_reach_end(flow);
	flow_requests_end(flow);
	flow_name_end(flow);
	for (unsigned i = 0; i < facts->path_count; i++)
		flow_way_after(flow, &facts->paths[i]);
	flow_probe_mark_loaded(flow);
	flow_machine_end(flow);
	loop_timer_stop(flow->loop, &flow->waker);
	facts->took = clock_mono() - flow->began;
}

static void describe(const struct facts *facts, struct diagnosis *out)
{
	out->took = facts->took;
	snprintf(out->target, sizeof out->target, "%s", facts->target);
	if (facts->primary >= 0)
		addr_format_port(&facts->paths[facts->primary].addr, out->address);
	else if (facts->path_count)
		addr_format_port(&facts->paths[0].addr, out->address);
	bool stamped = facts->icmp.kernel_stamped;
	for (unsigned i = 0; i < facts->attempt_count; i++)
		stamped = stamped || facts->attempts[i].stamped;
	snprintf(out->clock, sizeof out->clock, "%s",
		 stamped ? "kernel timestamps" : "user-space clock, tcpi_rtt");
}

int diagnose_run(struct loop *loop, const struct diagnose_request *request,
		 const struct diagnose_events *events, void *arg, struct diagnosis *out, struct error *err)
{
	struct flow *flow = NEW(struct flow);
	flow->facts = NEW(struct facts);
	facts_init(flow->facts);
	flow->loop = loop;
	flow->request = request;
	flow->events = events;
	flow->arg = arg;
	flow->began = flow->facts->began = clock_mono();
	ns_t budget = request->budget > 0 ? request->budget : BUDGET;
	flow->deadline = flow->began + (budget > 2 * RESERVE ? budget - RESERVE : budget / 2);
	memset(out, 0, sizeof *out);
	int status = flow_target(flow, err);
	if (!status) {
		flow_measure(flow);
		flow_end(flow);
		judge(flow->facts, out);
		describe(flow->facts, out);
	}
	free(flow->facts);
	free(flow);
	return status;
}
