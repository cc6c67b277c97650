/* Routes, rules and nexthop objects out of rtnetlink messages (rtnetlink(7)): bounded, for bytes that nobody vouches for. */
#ifndef NET_ROUTES_READ_H
#define NET_ROUTES_READ_H

#include "ntsh/routes.h"

#include <linux/netlink.h>

/* Room for the hops that a struct route points to. */
struct route_hops {
	struct route_hop items[ROUTE_HOPS_MAX];
};

/* RTM_NEWROUTE or RTM_DELROUTE. Returns false when it is none, or makes no sense; cached clones (RTM_F_CLONED) are none. */
bool route_read(const struct nlmsghdr *message, struct route *out, struct route_hops *hops);

/* RTM_NEWRULE or RTM_DELRULE. */
bool rule_read(const struct nlmsghdr *message, struct route_rule *out);

/* RTM_NEWNEXTHOP. */
bool nexthop_read(const struct nlmsghdr *message, struct nexthop *out);

#endif
