#include "net/sweep_core.h"

#include "base/mem.h"

#include <stdlib.h>

/* The least a silent host is waited for, the first and the second time; and as long as nobody has answered. */
#define PATIENCE_FIRST_TRY (100 * NS_PER_MS)
#define PATIENCE_SECOND_TRY (150 * NS_PER_MS)
#define PATIENCE_BLIND NS_PER_S
#define PATIENCE_MAX (3 * NS_PER_S)

enum { TRIES = 2, TIMES = 4 };

void sweep_core_init(struct sweep_core *core, const struct sweep_request *request, uint64_t count, ns_t mono)
{
	*core = (struct sweep_core){
		.count = count,
		.rounds = request->rounds,
		.rate = request->rate ? request->rate : SWEEP_RATE_USUAL,
		.interval = request->interval,
		.wait = request->wait,
		.began = mono,
		.tokens = SWEEP_BURST,
		.refilled = mono,
	};
	core->hosts = mem_alloc(count * sizeof *core->hosts);
	core->flight = mem_alloc(count * sizeof *core->flight);
	core->again = mem_alloc(count * sizeof *core->again);
	core->sums.count = count;
	core->sums.hosts = core->hosts;
	for (uint64_t i = 0; i < count; i++) {
		struct sweep_host *host = &core->hosts[i];
		host->best = host->worst = host->last = NS_NONE;
		host->hops = -1;
	}
}

void sweep_core_release(struct sweep_core *core)
{
	free(core->hosts);
	free(core->flight);
	free(core->again);
}

static uint64_t rounds_of(const struct sweep_core *core)
{
	return core->rounds ? core->rounds : 1;
}

static ns_t round_begins(const struct sweep_core *core)
{
	return core->began + (ns_t)core->round * core->interval;
}

static bool all_asked(const struct sweep_core *core)
{
	return core->round >= rounds_of(core);
}

static void refill(struct sweep_core *core, ns_t mono)
{
	core->tokens += (double)(mono - core->refilled) * (double)core->rate / (double)NS_PER_S;
	core->tokens = core->tokens > SWEEP_BURST ? SWEEP_BURST : core->tokens;
	core->refilled = mono;
}

uint64_t sweep_core_next(struct sweep_core *core, ns_t mono)
{
	refill(core, mono);
	if (core->tokens < 1)
		return UINT64_MAX;
	if (core->again_first != core->again_last) {
		core->tokens -= 1;
		return core->again[core->again_first++ % core->count];
	}
	/* A host whose last probe still waits when its next round begins: that one is lost. */
	if (all_asked(core) || mono < round_begins(core) || core->last - core->first == core->count)
		return UINT64_MAX;
	core->tokens -= 1;
	uint64_t host = core->next++;
	if (core->next == core->count) {
		core->next = 0;
		core->round++;
	}
	return host;
}

void sweep_core_postpone(struct sweep_core *core, uint64_t host, ns_t mono)
{
	core->again[core->again_last++ % core->count] = (uint32_t)host;
	core->tokens = 0;
	core->refilled = mono + NS_PER_MS;
}

static void lose(struct sweep_core *core, struct sweep_host *host)
{
	if (!host->waiting)
		return;
	host->waiting = false;
	host->lost++;
	if (host->state == SWEEP_UNKNOWN) {
		host->state = SWEEP_SILENT;
		core->sums.silent++;
	}
}

void sweep_core_sent(struct sweep_core *core, uint64_t index, ns_t mono, ns_t real)
{
	struct sweep_host *host = &core->hosts[index];
	lose(core, host);
	host->sent++;
	host->sent_mono = mono;
	host->sent_real = real;
	host->waiting = true;
	core->sums.sent++;
	core->flight[core->last++ % core->count] = (uint32_t)index;
}

static void state_set(struct sweep_core *core, struct sweep_host *host, enum sweep_state state)
{
	core->sums.silent -= host->state == SWEEP_SILENT;
	core->sums.unreachable -= host->state == SWEEP_UNREACHABLE;
	host->state = (uint8_t)state;
	core->sums.alive += state == SWEEP_ALIVE;
	core->sums.unreachable += state == SWEEP_UNREACHABLE;
	core->sums.refused += state == SWEEP_REFUSED;
}

void sweep_core_refused(struct sweep_core *core, uint64_t index, int errnum)
{
	struct sweep_host *host = &core->hosts[index];
	host->errnum = errnum;
	if (host->state == SWEEP_UNKNOWN)
		state_set(core, host, SWEEP_REFUSED);
}

void sweep_core_reply(struct sweep_core *core, uint64_t index, ns_t mono, ns_t real, int hops)
{
	struct sweep_host *host = &core->hosts[index];
	if (!host->sent)
		return;
	if (host->answered >= host->sent || (!host->waiting && !host->lost)) {
		host->duplicates++;
		core->sums.duplicates++;
		return;
	}
	ns_t by_mono = mono - host->sent_mono, by_real = real == NS_NONE ? 0 : real - host->sent_real;
	ns_t rtt = by_real > 0 && by_real <= by_mono + NS_PER_MS ? by_real : by_mono;
	if (!host->waiting)
		host->lost--; /* late: it was given up too early */
	host->waiting = false;
	host->answered++;
	host->hops = (int16_t)hops;
	host->last = rtt;
	host->total += rtt;
	host->best = host->best == NS_NONE || rtt < host->best ? rtt : host->best;
	host->worst = rtt > host->worst ? rtt : host->worst;
	core->sums.answered++;
	core->max_rtt = rtt > core->max_rtt ? rtt : core->max_rtt;
	if (host->state != SWEEP_ALIVE)
		state_set(core, host, SWEEP_ALIVE);
}

void sweep_core_unreachable(struct sweep_core *core, uint64_t index, uint8_t type, uint8_t code,
			    uint16_t reporter)
{
	struct sweep_host *host = &core->hosts[index];
	if (host->state == SWEEP_ALIVE || host->state == SWEEP_UNREACHABLE || !host->sent)
		return;
	host->waiting = false;
	host->icmp_type = type;
	host->icmp_code = code;
	host->reporter = reporter;
	state_set(core, host, SWEEP_UNREACHABLE);
}

static ns_t patience(const struct sweep_core *core, const struct sweep_host *host)
{
	if (core->wait)
		return core->wait;
	if (!core->sums.answered)
		return PATIENCE_BLIND;
	ns_t least = host->sent > 1 ? PATIENCE_SECOND_TRY : PATIENCE_FIRST_TRY;
	ns_t time = core->max_rtt * TIMES;
	return time < least ? least : time > PATIENCE_MAX ? PATIENCE_MAX : time;
}

bool sweep_core_settle(struct sweep_core *core, ns_t mono)
{
	for (; core->first != core->last; core->first++) {
		uint32_t index = core->flight[core->first % core->count];
		struct sweep_host *host = &core->hosts[index];
		if (!host->waiting)
			continue;
		if (mono - host->sent_mono < patience(core, host))
			break;
		if (!core->rounds && host->sent < TRIES) {
			host->waiting = false;
			host->lost++;
			core->again[core->again_last++ % core->count] = index;
		} else {
			lose(core, host);
		}
	}
	return all_asked(core) && core->first == core->last && core->again_first == core->again_last;
}

ns_t sweep_core_wake(const struct sweep_core *core, ns_t mono)
{
	ns_t wake = NS_NEVER;
	/* With a probe of every host in flight the first of them must be settled before more are sent. */
	bool full = core->last - core->first == core->count;
	bool more = core->again_first != core->again_last || (!all_asked(core) && !full);
	if (core->first != core->last) {
		const struct sweep_host *host = &core->hosts[core->flight[core->first % core->count]];
		wake = host->sent_mono + patience(core, host);
	}
	if (more) {
		ns_t at = core->again_first != core->again_last ? mono : round_begins(core);
		ns_t token = core->tokens >= 1
				 ? at
				 : core->refilled +
				       (ns_t)((1 - core->tokens) * (double)NS_PER_S / (double)core->rate) + 1;
		at = at > token ? at : token;
		wake = at < wake ? at : wake;
	}
	return wake;
}
