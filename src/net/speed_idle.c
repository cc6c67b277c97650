/* Round trips without load. */
#include "ntsh/speed.h"

#include "base/mem.h"

#include <stdlib.h>

enum { SAMPLES_MAX = 1000 };
static const ns_t INTERVAL = 50 * NS_PER_MS;

struct idle {
	ns_t samples[SAMPLES_MAX];
	size_t count;
	bool done;
};

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct idle *idle = arg;
	if (probe->rtt != NS_NONE && idle->count < SAMPLES_MAX)
		idle->samples[idle->count++] = probe->rtt;
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	(void)method;
	(void)because;
	(void)arg;
}

static void on_end(void *arg)
{
	((struct idle *)arg)->done = true;
}

void speed_idle(struct loop *loop, const struct addr *target, const char *interface, ns_t duration,
		struct rtt_stats *out)
{
	static const struct ping_events events = { on_probe, on_method, on_end };
	struct idle *idle = NEW(struct idle);
	struct ping_request request = { .target = *target,
					.interval = INTERVAL,
					.duration = duration,
					.size = 56,
					.interface = interface };
	request.target.port = 0;
	struct ping *ping = ping_start(loop, &request, &events, idle, NULL);
	if (ping)
		loop_run(loop, &idle->done);
	ping_free(ping);
	rtt_stats_compute(out, idle->samples, idle->count);
	free(idle);
}
