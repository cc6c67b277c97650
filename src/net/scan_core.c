#include "net/scan_core.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
	LOSS_SHARE = 20, /* more than one of so many answers lost: too fast */
	ICMP_BURST = 5,  /* Linux lets 6 errors go at once, then one a second (icmp_ratelimit) */
	LIMITED_WAIT_MAX =
	    60, /* silent ports of a host that are asked again one a second (RFC 1812 4.3.2.8: ICMP is limited) */
};
static const double RATE_MIN = 50, MISSING_MAX = 0.001;

/* How far the pace may catch up after a pause. */
static const ns_t PACE_SLACK = 5 * NS_PER_MS;
static const ns_t ICMP_INTERVAL = 1050 * NS_PER_MS;

void scan_core_init(struct scan_core *core, uint64_t hosts, uint32_t ports, bool datagrams, double rate,
		    ns_t now)
{
	*core = (struct scan_core){
		.hosts = hosts,
		.ports = ports,
		.total = hosts * ports,
		.silent = hosts * ports,
		.datagrams = datagrams,
		.rate = rate,
		.pass = 1,
		.pass_began = now,
		.last_sent = now,
		.due = now,
		.srtt = NS_NONE,
	};
	core->slots = mem_alloc(core->total * sizeof *core->slots);
	core->host_flags = mem_alloc(hosts);
	core->outcomes = mem_alloc(64 * sizeof *core->outcomes);
	core->outcomes[0] = (struct scan_outcome){ .state = datagrams ? SCAN_OPEN_FILTERED : SCAN_FILTERED };
	core->outcome_count = 1;
}

void scan_core_release(struct scan_core *core)
{
	free(core->slots);
	free(core->host_flags);
	free(core->outcomes);
}

/* --- outcomes --- */

static bool outcome_equal(const struct scan_outcome *a, const struct scan_outcome *b)
{
	return a->state == b->state && a->reason == b->reason && a->icmp_type == b->icmp_type &&
	       a->icmp_code == b->icmp_code && a->errnum == b->errnum && a->from.family == b->from.family &&
	       addr_equal(&a->from, &b->from);
}

/* The latest come first: answers come in runs. When there are too many, who sent them is forgotten. */
static uint16_t outcome_number(struct scan_core *core, const struct scan_outcome *outcome)
{
	for (uint32_t i = core->outcome_count; i-- > 1;)
		if (outcome_equal(&core->outcomes[i], outcome))
			return (uint16_t)i;
	if (core->outcome_count > 1000 && outcome->from.family != AF_UNSPEC) {
		struct scan_outcome nameless = *outcome;
		nameless.from = (struct addr){ .family = AF_UNSPEC };
		return outcome_number(core, &nameless);
	}
	if (core->outcome_count >= SCAN_OUTCOMES_MAX)
		return 1;
	if ((core->outcome_count & 63) == 0)
		core->outcomes = mem_resize(core->outcomes, core->outcome_count + 64, sizeof *core->outcomes);
	core->outcomes[core->outcome_count] = *outcome;
	return (uint16_t)core->outcome_count++;
}

static int outcome_rank(const struct scan_outcome *outcome)
{
	switch (outcome->reason) {
	case SCAN_NO_RESPONSE:
	case SCAN_NOT_ASKED:
		return 0;
	case SCAN_NOT_SENT:
		return 1;
	case SCAN_ICMP:
		return outcome->state == SCAN_CLOSED ? 3 : 2;
	case SCAN_RESET:
		return 4;
	default:
		return 5;
	}
}

const struct scan_outcome *scan_core_outcome(const struct scan_core *core, uint64_t probe)
{
	static const struct scan_outcome unasked = { .state = SCAN_UNSENT, .reason = SCAN_NOT_ASKED };
	const struct scan_slot *slot = &core->slots[probe];
	return slot->outcome || slot->tries ? &core->outcomes[slot->outcome] : &unasked;
}

static void settle(struct scan_core *core, uint64_t probe, const struct scan_outcome *outcome)
{
	struct scan_slot *slot = &core->slots[probe];
	if (outcome_rank(outcome) <= outcome_rank(&core->outcomes[slot->outcome]))
		return;
	if (!slot->outcome)
		core->silent--;
	slot->outcome = outcome_number(core, outcome);
	core->host_flags[probe % core->hosts] |= SCAN_HOST_HEARD;
}

/* --- round trips --- */

void scan_core_rtt(struct scan_core *core, ns_t rtt)
{
	/* RFC 6298 2. */
	if (core->srtt == NS_NONE) {
		core->srtt = rtt;
		core->rttvar = rtt / 2;
	} else {
		ns_t difference = core->srtt > rtt ? core->srtt - rtt : rtt - core->srtt;
		core->rttvar += (difference - core->rttvar) / 4;
		core->srtt += (rtt - core->srtt) / 8;
	}
	if (rtt > core->rtt_max)
		core->rtt_max = rtt;
}

ns_t scan_core_wait(const struct scan_core *core)
{
	if (core->srtt == NS_NONE)
		return core->rate > 0 ? SCAN_WAIT_UNKNOWN : SCAN_WAIT_UNKNOWN_FAST;
	ns_t wait = core->srtt + 4 * core->rttvar;
	if (wait < core->rtt_max + core->rtt_max / 4)
		wait = core->rtt_max + core->rtt_max / 4;
	return wait < SCAN_WAIT_MIN ? SCAN_WAIT_MIN : wait > SCAN_WAIT_MAX ? SCAN_WAIT_MAX : wait;
}

/* --- passes --- */

/* The last pass is for hosts of which something is known, or where it costs nothing: that a host with anything to say lost every answer
 * of two passes is less likely than one port lost thrice. */
static bool is_due(const struct scan_core *core, uint64_t probe)
{
	if (core->slots[probe].outcome)
		return false;
	uint8_t flags = core->host_flags[probe % core->hosts];
	return core->pass < SCAN_PASSES || core->total <= SCAN_FEW || core->ports == 1 ||
	       (flags & SCAN_HOST_ANSWERED);
}

static void slow_down(struct scan_core *core, ns_t now)
{
	double seconds = (double)(now - core->pass_began) / 1e9;
	double rate = core->rate > 0 ? core->rate : seconds > 0 ? (double)core->pass_sent / seconds : 0;
	if (!core->pass_recovered || core->pass_recovered * LOSS_SHARE < core->answered || rate <= RATE_MIN)
		return;
	core->rate = rate / 2 > RATE_MIN ? rate / 2 : RATE_MIN;
	core->slowed = true;
}

/* Closed UDP ports tell so by ICMP, of which most systems send one a second: the rest of them is asked at that pace. */
static bool wait_for_icmp(struct scan_core *core)
{
	if (!core->datagrams || !core->reached)
		return false;
	if (core->closed_by_icmp >= ICMP_BURST && core->silent)
		core->icmp_limited = true;
	if (!core->icmp_limited)
		return false;
	if (core->silent > LIMITED_WAIT_MAX * core->reached)
		return false;
	core->rate = 1e9 / (double)ICMP_INTERVAL * (double)core->reached;
	return true;
}

/* How many more would answer if asked again, when each try fails as often as those so far: the share that had to be asked again,
 * once for each pass. */
static double missing(const struct scan_core *core)
{
	double expected = (double)core->answered;
	for (unsigned i = 0; i < core->pass && expected > 0; i++)
		expected *= (double)core->recovered / (double)core->answered;
	return expected;
}

static void pass_end(struct scan_core *core, ns_t now)
{
	bool limited = wait_for_icmp(core);
	bool more = limited ? core->pass == 1 || core->pass_recovered
			    : core->pass < SCAN_PASSES || missing(core) > MISSING_MAX;
	if (!more || core->pass >= SCAN_PASSES_MAX) {
		core->done = true;
		return;
	}
	if (core->pass > 1 && !core->datagrams)
		slow_down(core, now);
	core->pass++;
	core->cursor = 0;
	core->pass_sent = core->pass_recovered = 0;
	core->pass_began = core->due = now;
}

enum scan_next scan_core_next(struct scan_core *core, ns_t now, uint64_t *what, ns_t *when)
{
	while (!core->done) {
		if (!core->silent)
			break;
		while (core->cursor < core->total && !is_due(core, core->cursor))
			core->cursor++;
		if (core->cursor < core->total) {
			*when = core->resume;
			if (core->rate > 0 && core->due > *when)
				*when = core->due;
			if (core->window && core->flying >= core->window)
				*when = NS_NEVER;
			*what = core->cursor;
			return *when > now ? SCAN_LATER : SCAN_SEND;
		}
		*when =
		    core->window ? (core->flying ? NS_NEVER : now) : core->last_sent + scan_core_wait(core);
		if (*when > now && core->pass_sent)
			return SCAN_LATER;
		pass_end(core, now);
	}
	core->done = true;
	return SCAN_DONE;
}

void scan_core_sent(struct scan_core *core, uint64_t probe, ns_t now)
{
	struct scan_slot *slot = &core->slots[probe];
	slot->sent = (uint32_t)(now / NS_PER_US);
	if (slot->tries < UINT8_MAX)
		slot->tries++;
	core->cursor = probe + 1;
	core->flying++;
	core->sent++;
	core->pass_sent++;
	core->last_sent = now;
	if (core->rate > 0) {
		if (core->due < now - PACE_SLACK)
			core->due = now - PACE_SLACK;
		core->due += (ns_t)(1e9 / core->rate);
	}
}

void scan_core_unsent(struct scan_core *core, const uint64_t *probes, size_t count, ns_t resume)
{
	for (size_t i = 0; i < count; i++)
		core->slots[probes[i]].tries--;
	core->cursor = probes[0];
	core->flying -= count;
	core->sent -= count;
	core->pass_sent -= count;
	core->resume = resume;
}

void scan_core_refused(struct scan_core *core, uint64_t probe, int errnum)
{
	struct scan_outcome outcome = { .state = SCAN_UNSENT, .reason = SCAN_NOT_SENT, .errnum = errnum };
	core->cursor = probe + 1;
	settle(core, probe, &outcome);
}

void scan_core_landed(struct scan_core *core)
{
	core->flying--;
}

/* --- answers --- */

static void host_answered(struct scan_core *core, uint64_t host)
{
	if (core->host_flags[host] & SCAN_HOST_ANSWERED)
		return;
	core->host_flags[host] |= SCAN_HOST_ANSWERED;
	core->reached++;
}

void scan_core_known(struct scan_core *core, uint64_t probe, const struct scan_outcome *outcome)
{
	settle(core, probe, outcome);
	if (outcome->from.family == AF_UNSPEC && outcome->reason != SCAN_NOT_SENT)
		host_answered(core, probe % core->hosts);
}

/* The last hop, or this host itself, cannot reach the host: true of all its ports, when it was said twice. */
static bool is_host_unreachable(const struct scan_outcome *outcome, bool six)
{
	return outcome->reason == SCAN_ICMP && outcome->from.family != AF_UNSPEC &&
	       (six ? outcome->icmp_type == 1 && outcome->icmp_code == 3
		    : outcome->icmp_type == 3 && outcome->icmp_code == 1);
}

static void host_unreachable(struct scan_core *core, uint64_t host, const struct scan_outcome *outcome)
{
	uint8_t *flags = &core->host_flags[host];
	if (*flags & (SCAN_HOST_ANSWERED | SCAN_HOST_UNREACHABLE))
		return;
	if (!(*flags & SCAN_HOST_HINTED)) {
		*flags |= SCAN_HOST_HINTED;
		return;
	}
	*flags |= SCAN_HOST_UNREACHABLE;
	for (uint32_t port = 0; port < core->ports; port++)
		settle(core, scan_core_probe(core, host, port), outcome);
}

static void note_rtt(struct scan_core *core, const struct scan_slot *slot, ns_t now)
{
	ns_t rtt = (ns_t)(uint32_t)((uint32_t)(now / NS_PER_US) - slot->sent) * NS_PER_US;
	/* RFC 6298 3 (Karn): only where it is known which try was answered. */
	if (slot->tries == 1)
		scan_core_rtt(core, rtt);
}

void scan_core_answer(struct scan_core *core, uint64_t probe, const struct scan_outcome *outcome, ns_t now)
{
	struct scan_slot *slot = &core->slots[probe];
	uint64_t host = probe % core->hosts;
	if (!slot->tries)
		return;
	bool first = !slot->outcome;
	bool own = outcome->from.family == AF_UNSPEC;
	settle(core, probe, outcome);
	if (own)
		host_answered(core, host);
	if (first) {
		core->answered++;
		if (own)
			note_rtt(core, slot, now);
		if (slot->tries > 1) {
			slot->recovered = true;
			core->recovered++;
			core->pass_recovered++;
		}
		core->closed_by_icmp += outcome->reason == SCAN_ICMP && outcome->state == SCAN_CLOSED;
	}
	/* IPv6 numbers are told from IPv4's by the sender. */
	if (is_host_unreachable(outcome, outcome->from.family == AF_INET6))
		host_unreachable(core, host, outcome);
}
