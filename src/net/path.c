/* Life of a watched path: the machine, driven in the loop. */
#include "net/path_core.h"

#include "base/mem.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENDS_BEFORE_READING = 16, PORT_WEB = 443 };
#define STAMPS_WARM_UP NS_PER_MS

struct path {
	struct loop *loop;
	const struct path_events *events;
	void *arg;
	struct trace_io *io;
	struct path_core core;
	struct path_report report;
	struct loop_timer timer;
	size_t size;
	char interface[IF_NAMESIZE];
	bool ended;
	ns_t begun, over;
};

static void tick(struct loop *loop, struct loop_timer *timer, void *arg);

static void on_answer(const struct trace_answer *answer, void *arg)
{
	struct path *path = arg;
	if (path->ended)
		return;
	if (answer->rtt != NS_NONE && answer->kind != TRACE_REFUSED) {
		path->report.kernel_stamped |= answer->kernel_stamped;
		path->report.user_stamped |= !answer->kernel_stamped;
	}
	if (path_core_answer(&path->core, answer) && path->events->seen)
		path->events->seen(&answer->from, path->arg);
	loop_timer_start(path->loop, &path->timer, 0, tick, path);
}

static void on_probe(const struct path_probe *probe, void *arg)
{
	const struct path *path = arg;
	if (path->events->probe)
		path->events->probe(probe, path->arg);
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct path *path = arg;
	struct path_shot shot;
	(void)loop;
	(void)timer;
	for (unsigned n = 1; path_core_next(&path->core, clock_mono(), &shot); n++) {
		trace_io_send(path->io, 0, shot.hops, shot.token, path->size);
		if (n % SENDS_BEFORE_READING == 0)
			trace_io_drain(path->io);
	}
	if (path_core_settle(&path->core, clock_mono())) {
		path->ended = true;
		path->over = clock_mono();
		loop_timer_stop(path->loop, &path->timer);
		path->events->end(path->arg);
		return;
	}
	ns_t wake = path_core_wake(&path->core);
	if (wake != NS_NEVER)
		loop_timer_start(path->loop, &path->timer, wake, tick, path);
	else
		loop_timer_stop(path->loop, &path->timer);
}

struct path *path_start(struct loop *loop, const struct path_request *request,
			const struct path_events *events, void *arg, struct error *err)
{
	struct path *path = NEW(struct path);
	path->loop = loop;
	path->events = events;
	path->arg = arg;
	path->size = request->size;
	struct trace_io_request sockets = { .target = request->target, .method = request->method };
	if (request->interface) {
		snprintf(path->interface, sizeof path->interface, "%s", request->interface);
		sockets.interface = path->interface;
	}
	uint16_t usual = request->method == TRACE_TCP ? PORT_WEB : TRACE_PORT_DEFAULT;
	sockets.target.port = request->method == TRACE_ICMP ? 0 : request->port ? request->port : usual;
	path->io = trace_io_open(loop, &sockets, on_answer, path, err);
	if (!path->io) {
		free(path);
		return NULL;
	}
	path->begun = clock_mono() + STAMPS_WARM_UP;
	path_core_init(&path->core, request, path->begun);
	path->core.report = on_probe;
	path->core.arg = path;
	path->report.method = request->method;
	path->report.target = sockets.target;
	loop_timer_start(loop, &path->timer, path->begun, tick, path);
	return path;
}

const struct path_report *path_report(struct path *path)
{
	struct path_report *report = &path->report;
	report->source = trace_io_source(path->io);
	report->raw = trace_io_raw(path->io);
	report->flow_held = trace_io_holds_flow(path->io);
	report->took = (path->ended ? path->over : clock_mono()) - path->begun;
	path_core_report(&path->core, report);
	return report;
}

void path_pause(struct path *path, bool paused)
{
	path->core.paused = paused;
	if (!path->ended)
		loop_timer_start(path->loop, &path->timer, 0, tick, path);
}

void path_reset(struct path *path)
{
	path_core_reset(&path->core, clock_mono());
	path->begun = clock_mono();
	if (!path->ended)
		loop_timer_start(path->loop, &path->timer, 0, tick, path);
}

void path_free(struct path *path)
{
	if (!path)
		return;
	loop_timer_stop(path->loop, &path->timer);
	trace_io_close(path->io);
	path_core_release(&path->core);
	free(path);
}

/* --- reading --- */

size_t path_latest(const struct path_hop *hop, ns_t *out, size_t max)
{
	uint64_t kept = hop->numbered < PATH_HISTORY ? hop->numbered : PATH_HISTORY;
	size_t count = 0;
	for (uint64_t n = hop->numbered - kept; n < hop->numbered; n++)
		count += hop->history[n % PATH_HISTORY] != PATH_PENDING;
	size_t skip = count > max ? count - max : 0, written = 0;
	for (uint64_t n = hop->numbered - kept; n < hop->numbered; n++) {
		ns_t rtt = hop->history[n % PATH_HISTORY];
		if (rtt == PATH_PENDING)
			continue;
		if (skip)
			skip--;
		else
			out[written++] = rtt;
	}
	return written;
}

void path_stats(const struct path_hop *hop, struct rtt_stats *stats)
{
	ns_t samples[PATH_HISTORY];
	size_t count = path_latest(hop, samples, PATH_HISTORY), kept = 0;
	for (size_t i = 0; i < count; i++)
		if (samples[i] != NS_NONE)
			samples[kept++] = samples[i];
	rtt_stats_compute(stats, samples, kept);
}

double path_loss_percent(const struct path_hop *hop)
{
	uint64_t known = hop->sent - hop->waiting;
	return known && hop->answered <= known ? 100.0 * (double)(known - hop->answered) / (double)known : 0;
}
