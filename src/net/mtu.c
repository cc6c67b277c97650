/* Life of a search for the path's MTU: the machine, driven in the loop. */
#include "base/mem.h"
#include "net/mtu_core.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

enum { SENDS_BEFORE_READING = 16 };
#define STAMPS_WARM_UP NS_PER_MS

struct mtu {
	struct loop *loop;
	struct trace_io *io;
	struct mtu_core core;
	struct loop_timer timer;
	void (*end)(void *arg);
	void *arg;
	ns_t began;
	char interface[IF_NAMESIZE];
};

static void tick(struct loop *loop, struct loop_timer *timer, void *arg);

static void on_answer(const struct trace_answer *answer, void *arg)
{
	struct mtu *mtu = arg;
	mtu_core_answer(&mtu->core, answer);
	loop_timer_start(mtu->loop, &mtu->timer, 0, tick, mtu);
}

static void send_due(struct mtu *mtu)
{
	unsigned hops;
	size_t size;
	uint16_t token;
	for (unsigned n = 1; mtu_core_next(&mtu->core, clock_mono(), &hops, &size, &token); n++) {
		trace_io_send(mtu->io, 0, hops, token, size);
		if (n % SENDS_BEFORE_READING == 0)
			trace_io_drain(mtu->io);
	}
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct mtu *mtu = arg;
	send_due(mtu);
	if (mtu_core_settle(&mtu->core, clock_mono())) {
		mtu->core.report.took = clock_mono() - mtu->began;
		loop_timer_stop(loop, timer);
		mtu->end(mtu->arg);
		return;
	}
	loop_timer_start(loop, timer, mtu_core_wake(&mtu->core), tick, mtu);
}

struct mtu *mtu_start(struct loop *loop, const struct mtu_request *request, void (*end)(void *arg), void *arg,
		      struct error *err)
{
	struct mtu *mtu = NEW(struct mtu);
	mtu->loop = loop;
	mtu->end = end;
	mtu->arg = arg;
	struct trace_io_request sockets = { .target = request->target,
					    .method = TRACE_ICMP,
					    .mtu_probe = true };
	sockets.target.port = 0;
	if (request->interface) {
		snprintf(mtu->interface, sizeof mtu->interface, "%s", request->interface);
		sockets.interface = mtu->interface;
	}
	mtu->io = trace_io_open(loop, &sockets, on_answer, mtu, err);
	if (!mtu->io) {
		free(mtu);
		return NULL;
	}
	mtu->began = clock_mono() + STAMPS_WARM_UP;
	mtu_core_init(&mtu->core, request, mtu->began);
	loop_timer_start(loop, &mtu->timer, mtu->began, tick, mtu);
	return mtu;
}

/* The MTU up to each hop: that of the steps before it. */
static void hops_fill(struct mtu_report *report, size_t first)
{
	size_t mtu = first;
	report->hop_count = report->distance;
	for (unsigned h = 0; !report->distance && h < MTU_HOPS_MAX; h++)
		if (report->hops[h].router.family != AF_UNSPEC)
			report->hop_count = h + 1;
	for (size_t i = 0; i < report->step_count; i++)
		for (unsigned h = 0; h < MTU_HOPS_MAX && !report->steps[i].hops; h++)
			if (addr_equal(&report->hops[h].router, &report->steps[i].router))
				report->steps[i].hops = h + 1;
	for (size_t h = 0; h < report->hop_count; h++) {
		for (size_t i = 0; i < report->step_count; i++)
			if (report->steps[i].hops == h && report->steps[i].mtu < mtu)
				mtu = report->steps[i].mtu;
		report->hops[h].mtu = mtu;
	}
	if (report->distance && report->mtu && report->mtu < report->hops[report->distance - 1].mtu)
		report->hops[report->distance - 1].mtu = report->mtu;
}

const struct mtu_report *mtu_report(struct mtu *mtu)
{
	hops_fill(&mtu->core.report, mtu->core.first);
	return &mtu->core.report;
}

void mtu_free(struct mtu *mtu)
{
	if (!mtu)
		return;
	loop_timer_stop(mtu->loop, &mtu->timer);
	trace_io_close(mtu->io);
	free(mtu);
}
