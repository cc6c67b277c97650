/* What a trace is, without a network: which probe leaves when, what a hop is known to be, when it is over. All times are handed in
 * (CLOCK_MONOTONIC).
 *
 * Each TTL is asked once at once. A router with the limits of Linux (icmp_ratelimit: 6 errors at once, then 1 a second for each destination)
 * may owe us nothing at that moment: a hop that stays silent is asked again after the round trips seen, and for the last time
 * when a second has passed - then it may speak, unless it never does. */
#ifndef NET_TRACE_CORE_H
#define NET_TRACE_CORE_H

#include "net/trace_io.h"

/* Members of a group share one limit: more tries when flows are asked. */
enum { TRACE_TRIES = 3, TRACE_TRIES_FLOWS = 6, TRACE_TOKENS = 65536 };

struct trace_cell {
	ns_t sent, due; /* due: NS_NEVER when nothing is to be sent */
	uint8_t tries;
	bool answered, over;
};

struct trace_place {
	uint8_t hop, cell; /* indices */
};

struct trace_core {
	unsigned first, max, queries, flows;
	ns_t wait, began, max_rtt;
	unsigned tries; /* of a silent hop */
	bool tcp;       /* a host answers one SYN of a flow at a time */
	bool split;     /* some answers do not say which probe they mean: flows of their own do */
	uint32_t next_token;
	size_t hop_count;
	unsigned answers, refusals;
	struct trace_hop *hops;
	struct trace_cell *cells;   /* hop_count x TRACE_CELLS_MAX */
	struct trace_place *places; /* of each token */
	size_t cursor;
};

struct trace_shot {
	unsigned flow, hops;
	uint16_t token;
};

void trace_core_init(struct trace_core *core, const struct trace_request *request, ns_t now);
void trace_core_release(struct trace_core *core);

/* The next probe that is due. Returns false when there is none now. */
bool trace_core_next(struct trace_core *core, ns_t now, struct trace_shot *out);

/* Takes an answer in. Returns the router when it is new at its hop, else NULL. */
const struct trace_router *trace_core_answer(struct trace_core *core, const struct trace_answer *answer,
					     ns_t now);

/* Gives up what waited long enough, decides what is asked again. Returns true when all is known. */
bool trace_core_settle(struct trace_core *core, ns_t now);

/* When trace_core_settle or trace_core_next will have something to do. */
ns_t trace_core_wake(const struct trace_core *core);

/* Fills in end, end_hops, loop_length, hop_count, hops. */
void trace_core_report(const struct trace_core *core, bool stopped, struct trace_report *out);

/* Flows to be tried before one may be 95 % sure that a hop has no more than `routers` members (MDA, Augustin et al. 2007, table 1). */
unsigned trace_flows_needed(size_t routers);

#endif
