#include "net/trace_core.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Queries of a hop that leave together: half of what a router of Linux answers at once. The others follow in groups. */
enum { TOGETHER = 3, LOOP_MAX = 16 };
#define GROUP_EVERY (100 * NS_PER_MS)

#define PATIENCE_MIN (250 * NS_PER_MS)
#define PATIENCE_KNOWN (100 * NS_PER_MS) /* for what is missing of a hop that is known */
#define PATIENCE_MAX NS_PER_S
#define PATIENCE_BLIND (400 * NS_PER_MS)
/* A second and a little: the limits of routers have one more answer for us by then. */
#define PACED (1050 * NS_PER_MS)
#define MEMBER_EVERY (5 * NS_PER_MS)

unsigned trace_flows_needed(size_t routers)
{
	static const unsigned needed[] = { 6, 6, 11, 16, 21, 27, 33, 38, 44, 51, 57, 63 };
	size_t last = sizeof needed / sizeof *needed - 1;
	return routers <= last ? needed[routers] : TRACE_CELLS_MAX + 1;
}

static struct trace_cell *cell_of(const struct trace_core *core, size_t hop, size_t cell)
{
	return &core->cells[hop * TRACE_CELLS_MAX + cell];
}

static unsigned cells_first(const struct trace_core *core)
{
	unsigned wanted = core->flows ? trace_flows_needed(1) : core->queries;
	return core->flows && wanted > core->flows ? core->flows : wanted;
}

void trace_core_init(struct trace_core *core, const struct trace_request *request, ns_t now)
{
	*core = (struct trace_core){
		.first = request->first,
		.max = request->max,
		.queries = request->queries,
		.flows = request->flows,
		.wait = request->wait,
		.began = now,
		.tries = request->once    ? 1
			 : request->flows ? TRACE_TRIES_FLOWS
					  : TRACE_TRIES,
		.tcp = request->method == TRACE_TCP,
		.next_token = 1,
		.hop_count = request->max - request->first + 1,
	};
	core->hops = mem_alloc(core->hop_count * sizeof *core->hops);
	core->cells = mem_alloc(core->hop_count * TRACE_CELLS_MAX * sizeof *core->cells);
	core->places = mem_alloc(TRACE_TOKENS * sizeof *core->places);
	for (size_t h = 0; h < core->hop_count; h++) {
		struct trace_hop *hop = &core->hops[h];
		hop->hops = core->first + (unsigned)h;
		hop->asked = cells_first(core);
		for (size_t c = 0; c < TRACE_CELLS_MAX; c++) {
			ns_t group = core->flows ? 0 : (ns_t)(c / TOGETHER) * GROUP_EVERY;
			hop->rtts[c] = NS_NONE;
			hop->members[c] = -1;
			cell_of(core, h, c)->due = c < hop->asked ? now + group : NS_NEVER;
		}
	}
}

void trace_core_release(struct trace_core *core)
{
	free(core->hops);
	free(core->cells);
	free(core->places);
	core->hops = NULL;
	core->cells = NULL;
	core->places = NULL;
}

/* --- the end of the way --- */

static bool router_ends(const struct trace_router *router)
{
	return router->kind == TRACE_REACHED || router->kind == TRACE_UNREACHABLE;
}

/* Nothing goes on from there: somebody answers for good, and no router passed anything on. */
static bool hop_ends(const struct trace_hop *hop)
{
	bool ends = false;
	for (size_t r = 0; r < hop->router_count; r++) {
		if (hop->routers[r].kind == TRACE_EXPIRED)
			return false;
		ends |= router_ends(&hop->routers[r]);
	}
	return ends;
}

/* Index of the hop where it ends; hop_count when it is not known to. */
static size_t end_find(const struct trace_core *core)
{
	size_t h = 0;
	while (h < core->hop_count && !hop_ends(&core->hops[h]))
		h++;
	return h;
}

static const struct addr *expired_at(const struct trace_core *core, size_t hop)
{
	const struct trace_hop *at = &core->hops[hop];
	return at->router_count && at->routers[0].kind == TRACE_EXPIRED ? &at->routers[0].addr : NULL;
}

/* How many hops repeat with this length from hop on; 0 when something contradicts. */
static size_t loop_repeats(const struct trace_core *core, size_t hop, size_t length)
{
	size_t same = 0;
	for (size_t h = hop; h + length < core->hop_count; h++) {
		const struct addr *a = expired_at(core, h), *b = expired_at(core, h + length);
		if (!a || !b)
			continue;
		if (!addr_equal(a, b))
			return 0;
		same++;
	}
	return same;
}

/* Routers that come again and again. Returns the first hop of the circle, hop_count when there is none. */
static size_t loop_find(const struct trace_core *core, size_t *length)
{
	for (size_t h = 0; h + 2 < core->hop_count; h++)
		for (size_t l = 2; l <= LOOP_MAX && h + l < core->hop_count && expired_at(core, h); l++) {
			const struct addr *again = expired_at(core, h + l);
			if (!again || !addr_equal(expired_at(core, h), again) || !loop_repeats(core, h, l))
				continue;
			*length = l;
			return h;
		}
	return core->hop_count;
}

/* Hops from here on do not matter. */
static size_t hops_that_matter(const struct trace_core *core)
{
	size_t length, end = end_find(core);
	if (end < core->hop_count)
		return end + 1;
	size_t loop = loop_find(core, &length);
	return loop < core->hop_count && loop + 2 * length < core->hop_count ? loop + 2 * length
									     : core->hop_count;
}

/* --- sending --- */

bool trace_core_next(struct trace_core *core, ns_t now, struct trace_shot *out)
{
	size_t matter = hops_that_matter(core);
	for (; core->cursor < matter * TRACE_CELLS_MAX; core->cursor++) {
		size_t h = core->cursor / TRACE_CELLS_MAX, c = core->cursor % TRACE_CELLS_MAX;
		struct trace_cell *cell = &core->cells[core->cursor];
		if (cell->due > now || core->next_token >= TRACE_TOKENS)
			continue;
		bool alone = core->split && cell->tries;
		cell->due = NS_NEVER;
		cell->sent = now;
		cell->tries++;
		core->hops[h].sent++;
		core->places[core->next_token] = (struct trace_place){ (uint8_t)h, (uint8_t)c };
		*out = (struct trace_shot){
			.flow = alone         ? 1 + (unsigned)h % (TRACE_FLOWS_MAX - 1)
				: core->flows ? (unsigned)c
					      : 0,
			.hops = core->first + (unsigned)h,
			.token = (uint16_t)core->next_token++,
		};
		return true;
	}
	core->cursor = 0;
	return false;
}

/* --- answers --- */

static struct trace_router *router_find(struct trace_hop *hop, const struct addr *addr, bool *fresh)
{
	for (size_t r = 0; r < hop->router_count; r++)
		if (addr_equal(&hop->routers[r].addr, addr))
			return &hop->routers[r];
	if (hop->router_count == TRACE_ROUTERS_MAX)
		return NULL;
	*fresh = true;
	struct trace_router *router = &hop->routers[hop->router_count++];
	*router = (struct trace_router){ .addr = *addr };
	return router;
}

static void members_more(struct trace_core *core, size_t h, ns_t now)
{
	struct trace_hop *hop = &core->hops[h];
	unsigned wanted = trace_flows_needed(hop->router_count);
	wanted = wanted > core->flows ? core->flows : wanted;
	for (unsigned more = 1; hop->asked < wanted; more++, hop->asked++)
		cell_of(core, h, hop->asked)->due = now + (ns_t)more * MEMBER_EVERY;
	/* Where they lead to: each flow that told members apart is asked at the next hop as well. */
	if (hop->router_count > 1 && h + 1 < core->hop_count && !hop_ends(hop)) {
		struct trace_hop *behind = &core->hops[h + 1];
		for (unsigned more = 1; behind->asked < hop->asked; more++, behind->asked++)
			cell_of(core, h + 1, behind->asked)->due = now + (ns_t)more * MEMBER_EVERY;
	}
}

static void refusal_take(struct trace_core *core, struct trace_cell *cell, struct trace_hop *hop, int errnum)
{
	cell->over = true;
	core->refusals++;
	bool fresh = false;
	static const struct addr nobody = { .family = AF_UNSPEC };
	if (hop->router_count)
		return;
	struct trace_router *router = router_find(hop, &nobody, &fresh);
	router->kind = TRACE_REFUSED;
	router->errnum = errnum;
}

static void router_fill(struct trace_router *router, const struct trace_answer *answer)
{
	router->answers++;
	router->flows |= (uint64_t)1 << (answer->flow % TRACE_FLOWS_MAX);
	router->kind = answer->kind;
	router->reply_hops = answer->reply_hops;
	router->icmp_type = answer->icmp_type;
	router->icmp_code = answer->icmp_code;
	router->mtu = answer->mtu;
	router->tcp_reset = answer->tcp_reset;
	router->quote = answer->quote;
	router->extensions = answer->extensions;
}

const struct trace_router *trace_core_answer(struct trace_core *core, const struct trace_answer *answer,
					     ns_t now)
{
	if (!answer->token || answer->token >= core->next_token) {
		core->split |= !answer->token;
		return NULL;
	}
	struct trace_place place = core->places[answer->token];
	struct trace_hop *hop = &core->hops[place.hop];
	struct trace_cell *cell = cell_of(core, place.hop, place.cell);
	if (cell->answered)
		return NULL;
	if (answer->kind == TRACE_REFUSED) {
		refusal_take(core, cell, hop, answer->errnum);
		return NULL;
	}
	bool fresh = false;
	struct trace_router *router = router_find(hop, &answer->from, &fresh);
	if (!router)
		return NULL;
	router_fill(router, answer);
	cell->answered = cell->over = true;
	cell->due = NS_NEVER;
	hop->answered++;
	if (!answer->untimed && place.cell >= hop->heard)
		hop->heard = place.cell + 1u;
	hop->rtts[place.cell] = answer->rtt;
	hop->members[place.cell] = (int8_t)(router - hop->routers);
	core->answers++;
	if (answer->rtt != NS_NONE && answer->rtt > core->max_rtt)
		core->max_rtt = answer->rtt;
	if (core->flows)
		members_more(core, place.hop, now);
	return fresh ? router : NULL;
}

/* --- time --- */

static ns_t patience(const struct trace_core *core, unsigned times, ns_t least)
{
	if (core->wait)
		return core->wait;
	if (!core->answers)
		return PATIENCE_BLIND;
	ns_t time = core->max_rtt * times;
	return time < least ? least : time > PATIENCE_MAX ? PATIENCE_MAX : time;
}

/* Is this cell the one that speaks for its silent hop, or a flow of its own? */
static bool cell_is_repeated(const struct trace_core *core, const struct trace_hop *hop, size_t c)
{
	if (hop->answered)
		return core->flows > 0;
	return c == 0;
}

/* When something is to be done about a cell that waits: asked again, or given up (repeat false). */
static ns_t cell_deadline(const struct trace_core *core, const struct trace_hop *hop, size_t c,
			  const struct trace_cell *cell, bool *repeat)
{
	unsigned tries = hop->answered ? core->tries : core->tries < TRACE_TRIES ? core->tries : TRACE_TRIES;
	*repeat = cell_is_repeated(core, hop, c) && cell->tries < tries;
	if (!*repeat)
		return cell->sent +
		       (hop->answered ? patience(core, 3, PATIENCE_KNOWN) : patience(core, 2, PATIENCE_MIN));
	ns_t soon = cell->sent + patience(core, 2, PATIENCE_MIN);
	ns_t paced = core->flows && hop->answered ? cell->sent + PACED : core->began + PACED;
	return cell->tries == 1 && !hop->answered ? soon : paced > soon ? paced : soon;
}

static void cell_settle(struct trace_core *core, size_t h, size_t c, ns_t now)
{
	struct trace_cell *cell = cell_of(core, h, c);
	bool repeat;
	if (cell->over || cell->due != NS_NEVER || !cell->tries ||
	    now < cell_deadline(core, &core->hops[h], c, cell, &repeat))
		return;
	if (repeat)
		cell->due = now;
	else
		cell->over = true;
}

/* A host that shakes hands does so once for a flow: its other SYNs were not lost. */
static void handshakes_forget(struct trace_core *core, size_t h)
{
	struct trace_hop *hop = &core->hops[h];
	const struct trace_router *router = &hop->routers[0];
	if (!core->tcp || core->flows || !hop_ends(hop) || hop->answered == hop->asked ||
	    router->kind != TRACE_REACHED || router->tcp_reset || router->icmp_type)
		return;
	unsigned kept = 0;
	for (size_t c = 0; c < hop->asked; c++) {
		ns_t rtt = hop->rtts[c];
		int8_t member = hop->members[c];
		hop->rtts[c] = NS_NONE;
		hop->members[c] = -1;
		cell_of(core, h, c)->over = cell_of(core, h, c)->answered = true;
		cell_of(core, h, c)->due = NS_NEVER;
		if (member < 0)
			continue;
		hop->rtts[kept] = rtt;
		hop->members[kept++] = member;
	}
	hop->asked = hop->heard = kept;
}

bool trace_core_settle(struct trace_core *core, ns_t now)
{
	size_t matter = hops_that_matter(core);
	bool all = true;
	for (size_t h = 0; h < matter; h++) {
		handshakes_forget(core, h);
		struct trace_hop *hop = &core->hops[h];
		for (size_t c = 0; c < hop->asked; c++) {
			cell_settle(core, h, c, now);
			all &= cell_of(core, h, c)->over;
		}
		hop->complete = core->flows && hop->answered >= trace_flows_needed(hop->router_count);
	}
	return all;
}

ns_t trace_core_wake(const struct trace_core *core)
{
	ns_t wake = NS_NEVER;
	size_t matter = hops_that_matter(core);
	for (size_t h = 0; h < matter; h++)
		for (size_t c = 0; c < core->hops[h].asked; c++) {
			const struct trace_cell *cell = cell_of(core, h, c);
			bool repeat;
			if (cell->over)
				continue;
			ns_t at = cell->due != NS_NEVER || !cell->tries
				      ? cell->due
				      : cell_deadline(core, &core->hops[h], c, cell, &repeat);
			wake = at < wake ? at : wake;
		}
	return wake;
}

/* --- the report --- */

static size_t last_answered(const struct trace_core *core)
{
	size_t count = core->hop_count;
	while (count && !core->hops[count - 1].answered)
		count--;
	return count;
}

void trace_core_report(const struct trace_core *core, bool stopped, struct trace_report *out)
{
	size_t length = 0, end = end_find(core), loop = loop_find(core, &length);
	out->hops = core->hops;
	out->end_hops = 0;
	out->loop_length = 0;
	if (end < core->hop_count) {
		bool reached = false;
		for (size_t r = 0; r < core->hops[end].router_count; r++)
			reached |= core->hops[end].routers[r].kind == TRACE_REACHED;
		out->end = reached ? TRACE_END_REACHED : TRACE_END_UNREACHABLE;
		out->end_hops = core->hops[end].hops;
		out->hop_count = end + 1;
		return;
	}
	out->hop_count = last_answered(core);
	if (loop < core->hop_count) {
		out->end = TRACE_END_LOOP;
		out->end_hops = core->hops[loop].hops;
		out->loop_length = (unsigned)length;
		out->hop_count = loop + 2 * length < out->hop_count ? loop + 2 * length : out->hop_count;
	} else if (core->refusals && !core->answers) {
		out->end = TRACE_END_REFUSED;
	} else {
		out->end = stopped || out->hop_count == core->hop_count ? TRACE_END_CUT : TRACE_END_SILENT;
	}
}
