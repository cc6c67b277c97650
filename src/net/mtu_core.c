#include "net/mtu_core.h"

#include <string.h>

enum { SMALL = 100, SPREAD = 15, DESCENTS = 12 };
#define PATIENCE_MIN (200 * NS_PER_MS)
#define PATIENCE_BLIND (500 * NS_PER_MS)
#define PATIENCE_MAX NS_PER_S
/* The limits of routers have one more answer for us by then. */
#define PACED (1050 * NS_PER_MS)

static void ask(struct mtu_core *core, size_t size, unsigned hops, ns_t now)
{
	if (core->ask_count < MTU_ASKS)
		core->asks[core->ask_count++] =
		    (struct mtu_ask){ .size = size, .hops = hops, .due = now, .sent = now };
}

void mtu_core_init(struct mtu_core *core, const struct mtu_request *request, ns_t now)
{
	memset(core, 0, sizeof *core);
	core->max = request->max > MTU_HOPS_MAX ? MTU_HOPS_MAX : request->max;
	core->least = request->target.family == AF_INET6 ? MTU_LEAST_6 : MTU_LEAST_4;
	core->first = core->high = request->first;
	core->began = now;
	core->next_token = 1;
	/* The hops by small packets, and the largest packet at once. */
	for (unsigned hops = 1; hops <= core->max; hops++)
		ask(core, SMALL, hops, now);
	ask(core, SMALL, MTU_FAR, now);
	ask(core, core->high, MTU_FAR, now);
}

bool mtu_core_next(struct mtu_core *core, ns_t now, unsigned *hops, size_t *size, uint16_t *token)
{
	for (size_t i = 0; i < core->ask_count; i++) {
		struct mtu_ask *at = &core->asks[i];
		if (at->fate != MTU_WAITING || at->due > now || at->tries == MTU_TRIES)
			continue;
		at->due = NS_NEVER;
		at->sent = now;
		at->tokens[at->tries++] = *token = core->next_token++;
		*hops = at->hops;
		*size = at->size;
		core->report.sent++;
		return true;
	}
	return false;
}

/* --- answers --- */

static void step_add(struct mtu_core *core, const struct mtu_step *step)
{
	struct mtu_report *report = &core->report;
	for (size_t i = 0; i < report->step_count; i++)
		if (addr_equal(&report->steps[i].router, &step->router) &&
		    report->steps[i].mtu == step->mtu && report->steps[i].black_hole == step->black_hole)
			return;
	if (report->step_count < MTU_STEPS_MAX)
		report->steps[report->step_count++] = *step;
}

static struct mtu_ask *ask_of(struct mtu_core *core, uint16_t token)
{
	for (size_t i = 0; i < core->ask_count; i++)
		for (unsigned t = 0; t < core->asks[i].tries; t++)
			if (core->asks[i].tokens[t] == token)
				return &core->asks[i];
	return NULL;
}

/* A router names the MTU of the link behind it; old ones say 0 (RFC 1191 4), liars more than was sent. */
static void too_big(struct mtu_core *core, struct mtu_ask *at, const struct trace_answer *answer)
{
	at->fate = MTU_REPORTED;
	if (answer->mtu < core->least || answer->mtu >= at->size)
		return;
	struct mtu_step step = { .router = answer->from, .mtu = answer->mtu };
	step_add(core, &step);
	if (answer->mtu < core->high)
		core->high = answer->mtu;
}

static void hop_seen(struct mtu_core *core, const struct mtu_ask *at, const struct trace_answer *answer)
{
	struct mtu_report *report = &core->report;
	if (at->hops > MTU_HOPS_MAX)
		return;
	struct mtu_hop *hop = &report->hops[at->hops - 1];
	if (at->size > hop->mtu)
		hop->mtu = at->size;
	if (answer->kind == TRACE_EXPIRED)
		hop->router = answer->from;
}

void mtu_core_answer(struct mtu_core *core, const struct trace_answer *answer)
{
	struct mtu_ask *at = ask_of(core, answer->token);
	if (!answer->token || !at || at->fate != MTU_WAITING)
		return;
	if (answer->rtt != NS_NONE && answer->rtt > core->max_rtt && answer->kind != TRACE_REFUSED)
		core->max_rtt = answer->rtt;
	switch (answer->kind) {
	case TRACE_REACHED:
		at->fate = MTU_ANSWERED;
		core->report.answers = true;
		if (at->size > core->low)
			core->low = at->size;
		if (at->hops < MTU_FAR && (!core->report.distance || at->hops < core->report.distance))
			core->report.distance = at->hops;
		break;
	case TRACE_EXPIRED:
		at->fate = MTU_EXPIRED;
		hop_seen(core, at, answer);
		break;
	case TRACE_TOO_BIG:
		too_big(core, at, answer);
		break;
	case TRACE_REFUSED:
		at->fate = MTU_STOPPED;
		core->report.errnum = answer->errnum;
		break;
	default:
		at->fate = MTU_STOPPED;
		break;
	}
}

/* --- what next --- */

static const struct mtu_ask *asked(const struct mtu_core *core, size_t size, unsigned hops)
{
	for (size_t i = 0; i < core->ask_count; i++)
		if (core->asks[i].size == size && core->asks[i].hops == hops)
			return &core->asks[i];
	return NULL;
}

static void finish(struct mtu_core *core)
{
	core->phase = MTU_DONE;
	core->ask_count = 0;
	core->report.mtu = core->low;
	core->report.exact = core->report.answers;
}

static void begin(struct mtu_core *core, enum mtu_phase phase)
{
	core->phase = phase;
	core->ask_count = 0;
}

static void search(struct mtu_core *core, ns_t now)
{
	begin(core, MTU_SEARCH);
	size_t span = core->high - core->low - 1, count = span < SPREAD ? span : SPREAD;
	for (size_t i = 1; i <= count; i++)
		ask(core, core->low + (span * i + count - 1) / count, MTU_FAR, now);
}

static void locate(struct mtu_core *core, ns_t now)
{
	begin(core, MTU_LOCATE);
	unsigned last = core->report.distance ? core->report.distance : core->max;
	for (unsigned hops = 1; hops < last; hops++)
		if (core->report.hops[hops - 1].router.family != AF_UNSPEC)
			ask(core, core->high, hops, now);
	if (!core->ask_count)
		finish(core);
}

/* The largest packet was asked for. Passed: that is it. Reported: again with what was reported. Silence: search. */
static void descend(struct mtu_core *core, size_t size, ns_t now)
{
	const struct mtu_ask *far = asked(core, size, MTU_FAR);
	if (!core->report.answers || core->low >= core->high || (far && far->fate == MTU_ANSWERED)) {
		finish(core);
		return;
	}
	if (far && far->fate == MTU_REPORTED && core->high < size && core->report.step_count < DESCENTS) {
		begin(core, MTU_DESCEND);
		ask(core, core->high, MTU_FAR, now);
		return;
	}
	search(core, now);
}

static void searched(struct mtu_core *core, ns_t now)
{
	for (size_t i = 0; i < core->ask_count; i++)
		if (core->asks[i].fate != MTU_ANSWERED && core->asks[i].size > core->low &&
		    core->asks[i].size < core->high)
			core->high = core->asks[i].size;
	if (core->high - core->low > 1)
		search(core, now);
	else
		locate(core, now);
}

static void located(struct mtu_core *core)
{
	struct mtu_report *report = &core->report;
	struct mtu_step hole = { .black_hole = true, .mtu = core->low };
	unsigned known = 0;
	bool reported = false;
	for (size_t i = 0; i < core->ask_count; i++) {
		reported |= core->asks[i].fate == MTU_REPORTED;
		if (core->asks[i].fate == MTU_EXPIRED && core->asks[i].hops > hole.hops)
			hole.hops = core->asks[i].hops;
		known = core->asks[i].hops > known ? core->asks[i].hops : known;
	}
	hole.way_back = hole.hops == known && report->distance == known + 1;
	for (size_t i = 0; i < report->step_count; i++)
		reported |= report->steps[i].mtu == core->low;
	if (!reported)
		step_add(core, &hole);
	finish(core);
}

static void advance(struct mtu_core *core, ns_t now)
{
	switch (core->phase) {
	case MTU_LOOK:
	case MTU_DESCEND: {
		size_t size = core->asks[core->ask_count - 1].size;
		descend(core, size, now);
		break;
	}
	case MTU_SEARCH:
		searched(core, now);
		break;
	case MTU_LOCATE:
		located(core);
		break;
	case MTU_DONE:
		break;
	}
}

static ns_t patience(const struct mtu_core *core, const struct mtu_ask *at)
{
	ns_t time = core->max_rtt * 3, least = core->max_rtt ? PATIENCE_MIN : PATIENCE_BLIND;
	time = time < least ? least : time > PATIENCE_MAX ? PATIENCE_MAX : time;
	/* Echo replies are not limited; what routers say is. */
	bool limited = at->hops < MTU_FAR && at->tries == MTU_TRIES - 1;
	return limited && time < PACED ? PACED : time;
}

/* Hops behind the target, or that never speak, are not worth a third try. */
static bool matters(const struct mtu_core *core, const struct mtu_ask *at)
{
	return !core->report.distance || at->hops == MTU_FAR || at->hops < core->report.distance;
}

bool mtu_core_settle(struct mtu_core *core, ns_t now)
{
	bool waiting = false;
	for (size_t i = 0; i < core->ask_count; i++) {
		struct mtu_ask *at = &core->asks[i];
		if (at->fate != MTU_WAITING)
			continue;
		if (!matters(core, at)) {
			at->fate = MTU_SILENT;
			continue;
		}
		if (at->due == NS_NEVER && now - at->sent >= patience(core, at)) {
			if (at->tries < MTU_TRIES)
				at->due = now;
			else
				at->fate = MTU_SILENT;
		}
		waiting |= at->fate == MTU_WAITING;
	}
	if (!waiting && core->phase != MTU_DONE)
		advance(core, now);
	return core->phase == MTU_DONE;
}

ns_t mtu_core_wake(const struct mtu_core *core)
{
	ns_t wake = NS_NEVER;
	for (size_t i = 0; i < core->ask_count; i++) {
		const struct mtu_ask *at = &core->asks[i];
		if (at->fate != MTU_WAITING)
			continue;
		ns_t time = at->due != NS_NEVER ? at->due : at->sent + patience(core, at);
		wake = time < wake ? time : wake;
	}
	return wake;
}
