#include "net/path_core.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* SILENT_ENOUGH: answers missing in a row before a hop is asked more seldom, where nothing can be compared with. BEYOND: hops asked behind the last that answers, once the first
 * round has told how long the path is. */
enum { SILENT_ENOUGH = 5, BEYOND = 5, ROUND_FIRST = 1, COMPARE_LEAST = 20 };
static const double COMPARE_DEVIATIONS = 4, SHARE_LEAST = 0.05, CHANCE_LEAST = 1e-5;

#define PATIENCE_FIRST NS_PER_S
#define PATIENCE_MIN (250 * NS_PER_MS)
#define PATIENCE_END (100 * NS_PER_MS) /* at the end, for hops that may stay silent */
#define PATIENCE_MAX (10 * NS_PER_S)

static void counts_clear(struct path_hop *hop)
{
	*hop = (struct path_hop){ .hops = hop->hops,
				  .reply_hops = -1,
				  .last = NS_NONE,
				  .best = NS_NONE,
				  .worst = NS_NONE,
				  .paced = hop->paced };
}

void path_core_init(struct path_core *core, const struct path_request *request, ns_t now)
{
	memset(core, 0, sizeof *core);
	core->max = request->max;
	core->count = request->count;
	core->interval = request->interval;
	core->wait = request->wait;
	core->began = now;
	core->hop_count = core->reach = request->max;
	core->next_token = 1;
	core->oldest = 1;
	core->hops = mem_alloc(core->hop_count * sizeof *core->hops);
	core->paces = mem_alloc(core->hop_count * sizeof *core->paces);
	for (size_t h = 0; h < core->hop_count; h++) {
		core->hops[h].hops = (unsigned)h + 1;
		counts_clear(&core->hops[h]);
		core->paces[h].due = now;
	}
}

void path_core_release(struct path_core *core)
{
	free(core->hops);
	free(core->paces);
}

void path_core_reset(struct path_core *core, ns_t now)
{
	for (size_t h = 0; h < core->hop_count; h++) {
		counts_clear(&core->hops[h]);
		core->paces[h].rounds = 0;
	}
	for (size_t s = 0; s < PATH_SLOTS; s++)
		core->slots[s].token = 0;
	core->waiting = 0;
	core->oldest = core->newest + 1;
	core->began = now;
}

/* --- what is asked --- */

static bool hop_ends(const struct path_hop *hop)
{
	return hop->answered && hop->kind != TRACE_EXPIRED && hop->kind != TRACE_TOO_BIG;
}

/* Hops up to the target; else some behind the last that answers. */
static size_t reach_find(const struct path_core *core)
{
	size_t last = 0;
	for (size_t h = 0; h < core->hop_count; h++) {
		if (hop_ends(&core->hops[h]))
			return h + 1;
		if (core->hops[h].answered)
			last = h + 1;
	}
	size_t reach = last + BEYOND;
	return reach > core->hop_count ? core->hop_count : reach;
}

static bool round_over(const struct path_core *core, size_t h)
{
	return core->count && core->paces[h].rounds >= core->count;
}

/* A hop that limits what it sends is asked as long as the others are, but more seldom. */
static ns_t end_of(const struct path_core *core)
{
	return core->began + (ns_t)(core->count - 1) * core->interval + core->interval / 2;
}

static bool time_over(const struct path_core *core, ns_t now)
{
	return core->count && now > end_of(core);
}

static bool hop_asked(const struct path_core *core, size_t h, ns_t now)
{
	return h < core->reach && !round_over(core, h) && !(core->hops[h].paced && time_over(core, now));
}

/* In the first round all hops are asked at once; later ones are spread over the interval, so that no queue is filled by us. */
static ns_t due_next(const struct path_core *core, size_t h, ns_t now)
{
	if (core->hops[h].paced)
		return now + (core->interval > PATH_PACED ? core->interval : PATH_PACED);
	ns_t share = core->reach ? core->interval * (ns_t)h / (ns_t)core->reach : 0;
	ns_t next = core->began + (ns_t)core->paces[h].rounds * core->interval + share;
	/* A machine that slept does not send what it missed. */
	return next < now - core->interval ? now : next;
}

bool path_core_next(struct path_core *core, ns_t now, struct path_shot *out)
{
	if (core->paused)
		return false;
	for (size_t h = 0; h < core->reach; h++) {
		struct path_pace *pace = &core->paces[h];
		if (pace->due > now || !hop_asked(core, h, now))
			continue;
		struct path_hop *hop = &core->hops[h];
		struct path_slot *slot = &core->slots[core->next_token % PATH_SLOTS];
		if (slot->token && !slot->lost) {
			slot->lost = true;
			core->waiting--;
			core->hops[slot->hop].waiting--;
		}
		pace->rounds++;
		pace->due = due_next(core, h, now);
		hop->sent++;
		hop->waiting++;
		hop->history[hop->numbered % PATH_HISTORY] = PATH_PENDING;
		*slot = (struct path_slot){ .token = (uint16_t)core->next_token,
					    .hop = (uint8_t)h,
					    .number = hop->numbered++,
					    .sent = now };
		*out = (struct path_shot){ .hops = hop->hops, .token = slot->token };
		core->newest++;
		core->waiting++;
		core->next_token = core->next_token == UINT16_MAX ? 1 : core->next_token + 1;
		return true;
	}
	return false;
}

/* --- answers --- */

static struct path_router *router_of(struct path_hop *hop, const struct addr *addr, bool *fresh)
{
	for (size_t r = 0; r < hop->router_count; r++)
		if (addr_equal(&hop->routers[r].addr, addr))
			return &hop->routers[r];
	*fresh = true;
	size_t place = hop->router_count < PATH_ROUTERS_MAX ? hop->router_count++ : PATH_ROUTERS_MAX - 1;
	hop->routers[place] = (struct path_router){ .addr = *addr };
	return &hop->routers[place];
}

static void history_set(struct path_hop *hop, uint64_t number, ns_t rtt)
{
	if (hop->numbered - number <= PATH_HISTORY)
		hop->history[number % PATH_HISTORY] = rtt;
}

static void rtt_add(struct path_hop *hop, ns_t rtt)
{
	if (rtt == NS_NONE)
		return;
	hop->last = rtt;
	hop->best = hop->best == NS_NONE || rtt < hop->best ? rtt : hop->best;
	hop->worst = rtt > hop->worst ? rtt : hop->worst;
	hop->total += rtt;
	hop->timed++;
}

static void tell(const struct path_core *core, const struct path_slot *slot,
		 const struct trace_answer *answer)
{
	struct path_probe probe = { .hops = core->hops[slot->hop].hops,
				    .number = slot->number + 1,
				    .rtt = NS_NONE };
	if (answer) {
		probe.from = answer->from;
		probe.rtt = answer->rtt;
		probe.kind = answer->kind;
		probe.late = slot->lost;
	}
	if (core->report)
		core->report(&probe, core->arg);
}

static void refuse(struct path_core *core, struct path_slot *slot, int errnum)
{
	struct path_hop *hop = &core->hops[slot->hop];
	hop->refused++;
	hop->errnum = errnum;
	if (slot->lost)
		return;
	slot->lost = true;
	hop->waiting--;
	core->waiting--;
	history_set(hop, slot->number, NS_NONE);
	tell(core, slot, NULL);
}

bool path_core_answer(struct path_core *core, const struct trace_answer *answer)
{
	struct path_slot *slot = &core->slots[answer->token % PATH_SLOTS];
	bool fresh = false;
	if (!answer->token || slot->token != answer->token)
		return false;
	if (answer->kind == TRACE_REFUSED) {
		refuse(core, slot, answer->errnum);
		return false;
	}
	struct path_hop *hop = &core->hops[slot->hop];
	struct path_router *router = router_of(hop, &answer->from, &fresh);
	router->answers++;
	hop->latest = (size_t)(router - hop->routers);
	hop->kind = answer->kind;
	hop->icmp_type = answer->icmp_type;
	hop->icmp_code = answer->icmp_code;
	hop->reply_hops = answer->reply_hops;
	hop->answered++;
	if (!slot->lost) {
		hop->waiting--;
		core->waiting--;
	}
	core->paces[slot->hop].silent = 0;
	core->answers++;
	rtt_add(hop, answer->rtt);
	history_set(hop, slot->number, answer->rtt);
	if (answer->rtt != NS_NONE && answer->rtt > core->max_rtt)
		core->max_rtt = answer->rtt;
	bool counts = slot->sent >= core->paces[slot->hop].since;
	hop->judged_answered += counts;
	hop->judged_sent += counts && !slot->judged;
	tell(core, slot, answer);
	slot->token = 0;
	if (hop_ends(hop))
		core->reach = reach_find(core);
	return fresh;
}

/* --- time --- */

static ns_t patience(const struct path_core *core, const struct path_slot *slot)
{
	if (core->wait)
		return core->wait;
	const struct path_hop *hop = &core->hops[slot->hop];
	bool ending = core->ending;
	if (!core->answers)
		return PATIENCE_FIRST;
	ns_t seen = hop->worst == NS_NONE ? core->max_rtt : hop->worst;
	ns_t time = seen * 3, least = ending ? PATIENCE_END : PATIENCE_MIN;
	if (hop->worst == NS_NONE && !ending)
		least = PATIENCE_FIRST;
	return time < least ? least : time > PATIENCE_MAX ? PATIENCE_MAX : time;
}

/* Answers that no limit of ICMP errors holds back: echo replies, and those of TCP. */
static bool answers_freely(const struct path_hop *hop)
{
	return hop->answered && hop->kind == TRACE_REACHED && !hop->icmp_type;
}

static double known_of(const struct path_hop *hop)
{
	return (double)(hop->sent - hop->waiting);
}

/* Share of probes lost, never quite 0 or 1. */
static double lost_share(const struct path_hop *hop)
{
	return (known_of(hop) - (double)hop->answered + 1) / (known_of(hop) + 2);
}

/* Would chance make a hop that loses as much as this one behind it fall silent so often in a row? */
static bool run_is_chance(unsigned silent, double share)
{
	double chance = 1;
	share = share < SHARE_LEAST ? SHARE_LEAST : share;
	for (unsigned i = 0; i < silent; i++)
		chance *= share;
	return chance > CHANCE_LEAST;
}

/* Does this hop lose clearly more (COMPARE_DEVIATIONS) than one behind it? */
static bool loses_more(const struct path_hop *hop, const struct path_hop *behind)
{
	double a = known_of(hop), b = known_of(behind), difference = lost_share(hop) - lost_share(behind);
	double both = (lost_share(hop) * a + lost_share(behind) * b) / (a + b);
	return a >= COMPARE_LEAST && b >= COMPARE_LEAST && difference > 0 &&
	       difference * difference >
		   COMPARE_DEVIATIONS * COMPARE_DEVIATIONS * both * (1 - both) * (1 / a + 1 / b);
}

/* Does this hop leave out what those behind it do not? What is lost up to it is lost behind it as well, so each hop behind bounds its
 * loss. When nobody behind it answers without a limit there is nothing to compare with: all may have fallen silent at once for
 * having been asked too fast. */
static bool limits_itself(const struct path_core *core, size_t h)
{
	const struct path_hop *hop = &core->hops[h];
	unsigned silent = core->paces[h].silent;
	bool free_answers = false;
	if (answers_freely(hop))
		return false;
	for (size_t behind = h + 1; behind < core->reach; behind++) {
		const struct path_hop *other = &core->hops[behind];
		free_answers |= answers_freely(other);
		if (!other->answered)
			continue;
		if ((!core->paces[behind].silent && !run_is_chance(silent, lost_share(other))) ||
		    loses_more(hop, other))
			return true;
	}
	return silent >= SILENT_ENOUGH && !free_answers;
}

static void pace_down(struct path_core *core, size_t h, ns_t now)
{
	struct path_hop *hop = &core->hops[h];
	struct path_pace *pace = &core->paces[h];
	if (hop->paced || core->interval >= PATH_PACED || !hop->answered || !limits_itself(core, h))
		return;
	hop->paced = true;
	/* What was asked too fast tells nothing. */
	hop->judged_sent = hop->judged_answered = 0;
	pace->since = now;
	pace->due = now + PATH_PACED;
}

static void give_up(struct path_core *core, struct path_slot *slot, ns_t now)
{
	struct path_hop *hop = &core->hops[slot->hop];
	slot->lost = true;
	slot->judged = slot->sent >= core->paces[slot->hop].since;
	hop->waiting--;
	core->waiting--;
	hop->judged_sent += slot->judged;
	core->paces[slot->hop].silent++;
	history_set(hop, slot->number, NS_NONE);
	tell(core, slot, NULL);
	pace_down(core, slot->hop, now);
}

/* The first probe in the order of sending that still waits; NULL when none does. */
static struct path_slot *next_waiting(struct path_core *core, uint64_t *number)
{
	for (; *number <= core->newest; ++*number) {
		uint16_t token = (uint16_t)((*number - 1) % UINT16_MAX + 1);
		struct path_slot *slot = &core->slots[token % PATH_SLOTS];
		if (slot->token == token && !slot->lost)
			return slot;
	}
	return NULL;
}

bool path_core_settle(struct path_core *core, ns_t now)
{
	uint64_t number = core->oldest;
	bool asking = !core->count;
	for (size_t h = 0; h < core->reach; h++)
		asking |= hop_asked(core, h, now);
	core->ending = !asking;
	struct path_slot *slot = next_waiting(core, &number);
	core->oldest = number;
	for (; slot; number++, slot = next_waiting(core, &number))
		if (now - slot->sent >= patience(core, slot))
			give_up(core, slot, now);
	/* The first round has told how long the path is. */
	if (now - core->began >= PATIENCE_FIRST || core->answers)
		core->reach = core->paces[0].rounds > ROUND_FIRST ? reach_find(core) : core->reach;
	return !asking && !core->waiting;
}

ns_t path_core_wake(struct path_core *core)
{
	ns_t wake = NS_NEVER;
	uint64_t number = core->oldest;
	for (struct path_slot *slot = next_waiting(core, &number); slot;
	     number++, slot = next_waiting(core, &number)) {
		ns_t at = slot->sent + patience(core, slot);
		wake = at < wake ? at : wake;
	}
	bool asking = false;
	for (size_t h = 0; h < core->reach && !core->paused && !core->ending; h++) {
		if (!hop_asked(core, h, core->paces[h].due))
			continue;
		asking = true;
		wake = core->paces[h].due < wake ? core->paces[h].due : wake;
	}
	/* Hops that are asked seldom have had their last probe: the end is theirs as well. */
	if (!asking && core->count && !core->paused && !core->ending && end_of(core) + 1 < wake)
		wake = end_of(core) + 1;
	return wake;
}

void path_core_report(const struct path_core *core, struct path_report *out)
{
	size_t last = 0;
	out->hops = core->hops;
	out->reached = out->ended_by_other = false;
	out->rounds = 0;
	for (size_t h = 0; h < core->hop_count; h++) {
		out->rounds = core->paces[h].rounds > out->rounds ? core->paces[h].rounds : out->rounds;
		if (core->hops[h].answered)
			last = h + 1;
		if (!hop_ends(&core->hops[h]))
			continue;
		out->reached = core->hops[h].kind == TRACE_REACHED;
		out->ended_by_other = !out->reached;
		break;
	}
	out->hop_count = last;
}
