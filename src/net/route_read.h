/* rtnetlink answers (rtnetlink(7)) as our structs: bounded, for bytes that nobody vouches for. */
#ifndef NET_ROUTE_READ_H
#define NET_ROUTE_READ_H

#include "ntsh/route.h"

#include <linux/netlink.h>
#include <stdbool.h>

struct neighbour_entry {
	uint16_t state; /* NUD_*, 0: none */
	bool has_mac;
	uint8_t mac[6];
};

/* Each takes one whole message, ignores other types and what is too short, and fills what it finds. */

/* RTM_NEWROUTE as the answer for one destination: type, interface, gateway, source, table, MTU. */
void route_read_decision(const struct nlmsghdr *message, struct route_decision *out);

/* RTM_NEWROUTE of the route that matched (RTM_F_FIB_MATCH): prefix, metric, protocol, scope, table. */
void route_read_match(const struct nlmsghdr *message, struct route_decision *out);

/* RTM_NEWROUTE of a dump: as route_read_match, when it is of out's type, covers its destination, and is narrower than the match it
 * has so far. */
void route_read_cover(const struct nlmsghdr *message, struct route_decision *out);

/* RTM_NEWLINK. */
void route_read_link(const struct nlmsghdr *message, struct link_info *out);

/* RTM_NEWNEIGH. */
void route_read_neighbour(const struct nlmsghdr *message, struct neighbour_entry *out);

/* RTA_VIA, a gateway of the other family (RFC 5549): family, then address. AF_UNSPEC for NULL and nonsense. */
struct nlattr;
struct addr route_read_via(const struct nlattr *attribute);

#endif
