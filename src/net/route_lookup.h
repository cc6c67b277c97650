/* Single questions to the kernel's routing tables (RTM_GETROUTE with RTM_F_FIB_MATCH): which route does an address take? */
#ifndef NET_ROUTE_LOOKUP_H
#define NET_ROUTE_LOOKUP_H

#include "net/routes_read.h"
#include "ntsh/route.h"

struct netlink;

struct route_lookup {
	struct netlink *netlink;
	struct route_query query; /* what else the packet has: source, mark, interfaces ... */
	struct route found;       /* the last answer; its hops lie in hops */
	struct route_hops *hops;
	bool any;
};

/* query may be NULL: a plain packet. Returns 0, or -1 with errno. */
int route_lookup_open(struct route_lookup *lookup, const struct route_query *query);
void route_lookup_close(struct route_lookup *lookup);

/* Returns 0 with the route in found, or -1 with errno: the kernel's refusal. */
int route_lookup(struct route_lookup *lookup, const struct addr *addr);

/* The first address behind inner that still lies in outer: false when there is none. */
bool route_step_behind(const struct prefix *outer, const struct prefix *inner, struct addr *at);

/* Finds a route that is wider than inner and holds it: the narrowest one, unless the block around it is full of narrow routes. Returns 0,
 * or -1 when none was found. At most 6 questions for each bit of inner's length. */
int route_lookup_wider(struct route_lookup *lookup, const struct prefix *inner);

#endif
