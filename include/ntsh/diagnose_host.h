/* What is wrong with this machine's network? */
#ifndef NTSH_DIAGNOSE_HOST_H
#define NTSH_DIAGNOSE_HOST_H

#include "ntsh/diagnose.h"

enum { HOST_REMARKS_MAX = 16 };

struct host_request {
	ns_t interval; /* how long counters are watched; 0: 2 s */
};

struct host_diagnosis {
	struct diagnosis diagnosis;
	int remark_count;
	char remarks[HOST_REMARKS_MAX][SAYS_MAX]; /* what is no fault now, and worth knowing: old counters, what could not be seen */
	unsigned links, running, gateways, resolvers;
	uint64_t received, sent, lost; /* packets in the interval */
	ns_t interval;
};

/* Looks at links, addresses, routes, gateways, resolvers, connection tracking, sockets, counters and load over an interval, and judges. It sends a few
 * packets: echo requests to the gateways, ARP questions for the own addresses and the gateways, one DNS question to each resolver. Returns 0, or -1
 * with err when not even the interfaces can be read. */
int diagnose_host_run(struct loop *loop, const struct host_request *request, const struct diagnose_events *events, void *arg,
		      struct host_diagnosis *out, struct error *err);

#endif
