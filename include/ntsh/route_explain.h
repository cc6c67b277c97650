/* Why the kernel routes a packet as it does: rules tried, the table, the route that won, what it beat, and the way back. */
#ifndef NTSH_ROUTE_EXPLAIN_H
#define NTSH_ROUTE_EXPLAIN_H

#include "ntsh/route.h"
#include "ntsh/routes.h"

enum { EXPLAIN_STEPS_MAX = 512, EXPLAIN_RIVALS_MAX = 16, EXPLAIN_SAYS_MAX = 160, ROUTE_WORDS_MAX = 256 };

enum route_step_end {
	STEP_SKIPPED,  /* the rule does not match this packet */
	STEP_NO_ROUTE, /* its table has no route that counts */
	STEP_PASSED,   /* goto, nop */
	STEP_DECIDED,
	STEP_NOT_REACHED, /* behind the one that decided */
};

/* A rule, in the order in which they are tried. */
struct route_step {
	struct route_rule rule;
	enum route_step_end end;
	char says[EXPLAIN_SAYS_MAX];
};

/* A route that covers the destination, in the table that decided; the winner is the first. */
struct route_rival {
	char words[ROUTE_WORDS_MAX]; /* ip's */
	bool wins;
	bool equal, standby;          /* not the winner, but of its prefix: with its metric, or with a higher one */
	char interface[IFACE_NAME_MAX]; /* of its first next hop, "" none */
	char says[EXPLAIN_SAYS_MAX];
};

/* Would an answer come through? A packet from peer that comes in by the interface is held against the route back to peer. */
struct route_back {
	bool known;
	struct addr peer;
	char expected[IFACE_NAME_MAX],
	    interface[IFACE_NAME_MAX]; /* comes in by; would be answered by ("": no way) */
	int rp_filter;                 /* 0 off, 1 strict, 2 loose; -1 there is none (IPv6) */
	bool dropped;                  /* rp_filter drops such a packet */
	char says[2 * EXPLAIN_SAYS_MAX];
};

struct route_explanation {
	struct route_decision decision;
	struct route_step steps[EXPLAIN_STEPS_MAX];
	size_t step_count;
	struct route_rival rivals[EXPLAIN_RIVALS_MAX];
	size_t rival_count, rivals_left_out;
	bool rivals_partly; /* a large table: found by look-ups, which may miss some */
	struct route_back back;
};

/* Asks for the decision as route_get does, then for what explains it. whole: read a large table to its end. Returns 0, or -1 with err. */
int route_explain(const struct route_query *query, bool whole, struct route_explanation *out,
		  struct error *err);

/* "local", "link", "gateway", "broadcast", "multicast" or "refused": the kind of decision. */
const char *route_way(const struct route_decision *decision);

/* "10.0.0.0/8 in table main is the narrowest route that covers it (made by static)". Returns buf. */
char *route_because(const struct route_decision *decision, char buf[EXPLAIN_SAYS_MAX]);

/* The prefix of the route that decided (has_match). Returns buf. */
char *route_decision_prefix(const struct route_decision *decision, char buf[PREFIX_TEXT_MAX]);

/* Effective rp_filter of an interface: the larger of conf/all and conf/IF (ip-sysctl). 0 when it cannot be read. */
int route_rp_filter(const char *interface);

#endif
