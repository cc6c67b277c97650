/* diagnose route: why do packets (not) get to a host? Contract: DESIGN section 4. */
#ifndef NTSH_DIAGNOSE_ROUTE_H
#define NTSH_DIAGNOSE_ROUTE_H

#include "ntsh/diagnose.h"

struct diagnose_route_request {
	const char *host;      /* a name or an address */
	int family;            /* AF_UNSPEC: both, when the host has both */
	const char *interface; /* or NULL */
	uint16_t port;         /* TCP port that is asked as well; 0: 443 */
};

/* Asks the routing tables, then sends probes (pings small and large, handshakes, traces), at most 15 s long. Returns 0, or -1 with err when
 * there is no such host. out is filled completely; its ledger is none (total NS_NONE). */
int diagnose_route_run(struct loop *loop, const struct diagnose_route_request *request,
		       const struct diagnose_events *events, void *arg, struct diagnosis *out,
		       struct error *err);

#endif
