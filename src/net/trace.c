/* Life of a trace: the machine, driven in the loop. */
#include "net/trace_core.h"

#include "base/mem.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

enum { SENDS_BEFORE_READING = 16, PORT_WEB = 443 };

/* What the first timestamping socket of the machine needs until arrivals are stamped. */
#define STAMPS_WARM_UP NS_PER_MS

struct trace {
	struct loop *loop;
	const struct trace_events *events;
	void *arg;
	struct trace_io *io;
	struct trace_core core;
	struct trace_report report;
	struct loop_timer timer;
	char interface[IF_NAMESIZE];
	bool ended;
};

static void tick(struct loop *loop, struct loop_timer *timer, void *arg);

static void on_answer(const struct trace_answer *answer, void *arg)
{
	struct trace *trace = arg;
	if (trace->ended)
		return;
	const struct trace_router *fresh = trace_core_answer(&trace->core, answer, clock_mono());
	if (answer->token && answer->rtt != NS_NONE && answer->kind != TRACE_REFUSED) {
		trace->report.kernel_stamped |= answer->kernel_stamped;
		trace->report.user_stamped |= !answer->kernel_stamped;
	}
	if (fresh && trace->events->seen)
		trace->events->seen(&fresh->addr, trace->arg);
	loop_timer_start(trace->loop, &trace->timer, 0, tick, trace);
}

static void send_due(struct trace *trace)
{
	struct trace_shot shot;
	for (unsigned n = 1; trace_core_next(&trace->core, clock_mono(), &shot); n++) {
		trace_io_send(trace->io, shot.flow, shot.hops, shot.token, 0);
		if (n % SENDS_BEFORE_READING == 0)
			trace_io_drain(trace->io);
	}
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct trace *trace = arg;
	(void)loop;
	(void)timer;
	bool over = trace_core_settle(&trace->core, clock_mono());
	if (!over)
		send_due(trace);
	/* A refusal ends its cell at once. */
	over = over || trace_core_settle(&trace->core, clock_mono());
	if (over) {
		trace->ended = true;
		loop_timer_stop(trace->loop, &trace->timer);
		trace->events->end(trace->arg);
		return;
	}
	loop_timer_start(trace->loop, &trace->timer, trace_core_wake(&trace->core), tick, trace);
}

struct trace *trace_start(struct loop *loop, const struct trace_request *request,
			  const struct trace_events *events, void *arg, struct error *err)
{
	struct trace *trace = NEW(struct trace);
	trace->loop = loop;
	trace->events = events;
	trace->arg = arg;
	struct trace_io_request sockets = { .target = request->target, .method = request->method };
	if (request->interface) {
		snprintf(trace->interface, sizeof trace->interface, "%s", request->interface);
		sockets.interface = trace->interface;
	}
	uint16_t usual = request->method == TRACE_TCP ? PORT_WEB : TRACE_PORT_DEFAULT;
	sockets.target.port = request->method == TRACE_ICMP ? 0 : request->port ? request->port : usual;
	trace->io = trace_io_open(loop, &sockets, on_answer, trace, err);
	if (!trace->io) {
		free(trace);
		return NULL;
	}
	ns_t begin = clock_mono() + STAMPS_WARM_UP;
	trace_core_init(&trace->core, request, begin);
	trace->report.method = request->method;
	trace->report.several_flows = request->flows > 0;
	trace->report.target = sockets.target;
	loop_timer_start(loop, &trace->timer, begin, tick, trace);
	return trace;
}

const struct trace_report *trace_report(struct trace *trace)
{
	struct trace_report *report = &trace->report;
	report->source = trace_io_source(trace->io);
	report->raw = trace_io_raw(trace->io);
	report->flow_held = trace_io_holds_flow(trace->io) && !trace->core.split;
	if (!trace->ended || !report->took)
		report->took = clock_mono() - trace->core.began;
	trace_core_report(&trace->core, !trace->ended, report);
	return report;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	loop_timer_stop(trace->loop, &trace->timer);
	trace_io_close(trace->io);
	trace_core_release(&trace->core);
	free(trace);
}
