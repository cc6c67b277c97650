#include "net/ping_core.h"

#include <string.h>

void ping_core_init(struct ping_core *core, const struct ping_request *request, ns_t first_mono,
		    ping_probe_fn *report, void *arg)
{
	memset(core, 0, sizeof *core);
	core->count = request->count;
	core->interval = request->interval;
	core->adaptive = request->adaptive;
	core->least_gap = request->least_gap;
	core->fixed_timeout = request->timeout;
	core->first_mono = first_mono;
	core->oldest = 1;
	core->report = report;
	core->arg = arg;
}

static struct ping_slot *slot_of(struct ping_core *core, uint64_t seq)
{
	return &core->slots[seq % PING_SLOTS];
}

static const struct ping_slot *slot_waiting(const struct ping_core *core, uint64_t seq)
{
	const struct ping_slot *slot = &core->slots[seq % PING_SLOTS];
	return slot->seq == seq && slot->state == PING_WAITING ? slot : NULL;
}

static struct ping_probe probe_of(const struct ping_slot *slot, enum ping_outcome outcome)
{
	return (struct ping_probe){
		.seq = slot->seq,
		.outcome = outcome,
		.sent_real = slot->sent_real,
		.rtt = NS_NONE,
		.from = { .family = AF_UNSPEC },
		.ttl = -1,
	};
}

static void slot_end(struct ping_core *core, struct ping_slot *slot, enum ping_state state)
{
	if (slot->state == PING_WAITING)
		core->waiting--;
	slot->state = state;
	while (core->oldest <= core->sent && !slot_waiting(core, core->oldest))
		core->oldest++;
}

ns_t ping_core_timeout(const struct ping_core *core)
{
	if (core->fixed_timeout)
		return core->fixed_timeout;
	if (!core->replies)
		return PING_TIMEOUT_FIRST;
	/* Three times the worst that was seen: a queue that fills up doubles a round trip, but seldom at once more. */
	ns_t timeout = core->max_rtt * 3;
	return timeout < PING_TIMEOUT_MIN   ? PING_TIMEOUT_MIN
	       : timeout > PING_TIMEOUT_MAX ? PING_TIMEOUT_MAX
					    : timeout;
}

static bool all_sent(const struct ping_core *core)
{
	return core->stopped || (core->count && core->sent >= core->count);
}

static ns_t send_time(const struct ping_core *core)
{
	if (core->adaptive && core->sent)
		return core->last_mono + (core->waiting ? core->interval : core->least_gap);
	return core->first_mono + (ns_t)core->beats * core->interval;
}

bool ping_core_due(const struct ping_core *core, ns_t mono)
{
	return !all_sent(core) && mono >= send_time(core);
}

struct ping_slot *ping_core_begin(struct ping_core *core, ns_t mono, ns_t real)
{
	/* A machine that slept does not send what it missed. */
	if (!core->adaptive && core->interval > 0 && mono - send_time(core) > core->interval)
		core->beats = (uint64_t)((mono - core->first_mono) / core->interval);
	core->beats++;
	core->last_mono = mono;
	struct ping_slot *slot = slot_of(core, core->sent + 1);
	if (slot->state == PING_WAITING) {
		struct ping_probe lost = probe_of(slot, PING_LOST);
		slot_end(core, slot, PING_FREE);
		core->report(&lost, core->arg);
	}
	core->sent++;
	core->waiting++;
	*slot = (struct ping_slot){
		.seq = core->sent, .state = PING_WAITING, .sent_mono = mono, .sent_real = real
	};
	return slot;
}

void ping_core_failed(struct ping_core *core, struct ping_slot *slot, int errnum)
{
	struct ping_probe probe = probe_of(slot, PING_SEND_FAILED);
	probe.errnum = errnum;
	slot_end(core, slot, PING_ENDED);
	core->report(&probe, core->arg);
}

void ping_core_departed(struct ping_slot *slot, ns_t real)
{
	slot->sent_real = real;
	slot->departed = true;
}

struct ping_slot *ping_core_find(struct ping_core *core, uint16_t low)
{
	struct ping_slot *slot = slot_of(core, low); /* PING_SLOTS divides 65536 */
	return slot->state != PING_FREE && (uint16_t)slot->seq == low ? slot : NULL;
}

struct ping_slot *ping_core_find_stamp(struct ping_core *core, uint32_t stamp_id)
{
	/* Stamps come at once: the newest probes are the likely ones. */
	for (uint64_t seq = core->sent; seq >= core->oldest && seq + PING_SLOTS > core->sent; seq--) {
		struct ping_slot *slot = slot_of(core, seq);
		if (slot_waiting(core, seq) && !slot->departed && slot->stamp_id == stamp_id)
			return slot;
	}
	return NULL;
}

static void rtt_set(struct ping_probe *probe, const struct ping_slot *slot,
		    const struct ping_arrival *arrival)
{
	ns_t mono = arrival->mono - slot->sent_mono, real = arrival->real - slot->sent_real;
	if (arrival->rtt != NS_NONE) {
		probe->rtt = arrival->rtt;
		probe->kernel_stamped = arrival->rtt_kernel;
	} else if (real > 0 && real <= mono + NS_PER_MS) {
		probe->rtt = real;
		probe->kernel_stamped = slot->departed && arrival->stamped;
	} else {
		/* The clock was set meanwhile. */
		probe->rtt = mono;
	}
}

static void arrival_set(struct ping_probe *probe, const struct ping_slot *slot,
			const struct ping_arrival *arrival)
{
	probe->from = arrival->from;
	probe->ttl = arrival->ttl;
	probe->bytes = arrival->bytes;
	rtt_set(probe, slot, arrival);
}

void ping_core_reply(struct ping_core *core, struct ping_slot *slot, const struct ping_arrival *arrival)
{
	enum ping_outcome outcome = slot->state == PING_WAITING    ? PING_REPLY
				    : slot->state == PING_GIVEN_UP ? PING_LATE
								   : PING_DUPLICATE;
	struct ping_probe probe = probe_of(slot, outcome);
	arrival_set(&probe, slot, arrival);
	core->replies++;
	if (outcome != PING_DUPLICATE) {
		slot_end(core, slot, PING_ENDED);
		if (probe.rtt > core->max_rtt)
			core->max_rtt = probe.rtt;
	}
	core->report(&probe, core->arg);
}

void ping_core_unreachable(struct ping_core *core, struct ping_slot *slot, const struct ping_arrival *arrival,
			   uint8_t type, uint8_t code, uint32_t mtu)
{
	/* Each probe gets one such report: it may come after the probe was given up, not after a reply. */
	if (slot->unreachable || slot->state == PING_ENDED || slot->state == PING_FREE)
		return;
	struct ping_probe probe = probe_of(slot, PING_UNREACHABLE);
	arrival_set(&probe, slot, arrival);
	probe.icmp_type = type;
	probe.icmp_code = code;
	probe.icmp_mtu = mtu;
	slot->unreachable = true;
	slot_end(core, slot, slot->state == PING_WAITING ? PING_GIVEN_UP : slot->state);
	core->report(&probe, core->arg);
}

void ping_core_expire(struct ping_core *core, ns_t mono)
{
	ns_t timeout = ping_core_timeout(core);
	for (uint64_t seq = core->oldest; seq <= core->sent; seq++) {
		const struct ping_slot *waiting = slot_waiting(core, seq);
		if (!waiting)
			continue;
		if (mono - waiting->sent_mono < timeout)
			return;
		struct ping_slot *slot = slot_of(core, seq);
		struct ping_probe probe = probe_of(slot, PING_LOST);
		slot_end(core, slot, PING_GIVEN_UP);
		core->report(&probe, core->arg);
	}
}

ns_t ping_core_next(const struct ping_core *core)
{
	ns_t next = all_sent(core) ? NS_NEVER : send_time(core);
	for (uint64_t seq = core->oldest; seq <= core->sent; seq++) {
		const struct ping_slot *slot = slot_waiting(core, seq);
		if (!slot)
			continue;
		ns_t deadline = slot->sent_mono + ping_core_timeout(core);
		return deadline < next ? deadline : next;
	}
	return next;
}

bool ping_core_finished(const struct ping_core *core)
{
	return all_sent(core) && !core->waiting;
}

void ping_core_forget(struct ping_core *core)
{
	for (size_t i = 0; i < PING_SLOTS; i++)
		core->slots[i].state = PING_FREE;
	core->oldest = core->sent + 1;
	core->waiting = 0;
}
