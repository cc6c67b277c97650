/* What is wrong with the routes of this namespace, or will hurt one day. */
#ifndef NTSH_ROUTE_CHECK_H
#define NTSH_ROUTE_CHECK_H

#include "ntsh/error.h"

#include <stdbool.h>

#include <stddef.h>
#include <stdint.h>

enum route_severity { ROUTE_NOTE, ROUTE_WARN, ROUTE_BAD };

struct route_finding {
	enum route_severity severity;
	const char *id;  /* "duplicate-default", "dead-gateway", "gateway-off-link", "dead-nexthop", "shadowed", "way-back", "rp-filter",
			  * "blackhole", "mtu", "no-default", "standby-default" */
	char where[256]; /* the route, gateway or address it is about */
	char says[400];
	char todo[256];  /* what to do; "" when nothing */
};

/* Takes a finding; worst ones are not sorted to the front. */
typedef void route_finding_fn(const struct route_finding *finding, void *arg);

struct route_check_end {
	uint64_t routes, gateways, defaults, left_out; /* read; asked for; found; findings beyond 20 of one kind */
	bool interrupted; /* the tables changed while they were read */
};

/* Looks at all tables of both families. No packet is sent: gateways are judged by what the neighbour table knows. Returns 0, or -1 with err. */
int route_check(route_finding_fn *fn, void *arg, struct route_check_end *end, struct error *err);

#endif
