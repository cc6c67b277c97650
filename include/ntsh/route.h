/* Routes, links and neighbours of this machine, by rtnetlink. */
#ifndef NTSH_ROUTE_H
#define NTSH_ROUTE_H

#include "ntsh/addr.h"
#include "ntsh/error.h"

#include <stdint.h>

enum { IFACE_NAME_MAX = 16 };

struct route_query {
	struct addr destination;
	struct addr from;         /* AF_UNSPEC: none */
	const char *iif, *oif;    /* or NULL */
	uint32_t mark;
	uint32_t uid;             /* of the sending program, when has_uid; else ours */
	bool has_uid;
	uint8_t tos, ip_protocol; /* 0: any; IPPROTO_TCP, UDP or ICMP */
	uint16_t source_port, target_port;
};

/* The kernel's decision for one destination (RTM_GETROUTE). */
struct route_decision {
	struct addr destination, gateway /* AF_UNSPEC: on the link */, source;
	uint8_t type;             /* RTN_UNICAST, RTN_LOCAL, ... */
	uint32_t table, metric;
	uint32_t mtu;             /* set on the route, or learned for this destination; 0: that of the interface */
	uint8_t protocol, scope;
	int ifindex;
	char interface[IFACE_NAME_MAX];
	struct addr prefix;       /* the matching route (RTM_F_FIB_MATCH) */
	uint8_t prefix_length;
	bool has_match;           /* prefix is known */
	uint8_t match_type, match_tos; /* of that route */
	struct error error;       /* for unreachable, prohibit, blackhole, no route: what the kernel says */
};

/* Returns 0 when the kernel decided (error inside tells of a refusal), -1 with err when it could not be asked. */
int route_get(const struct route_query *query, struct route_decision *out, struct error *err);

/* "unicast", "main", "kernel", "link": ip's words. buf takes 16 bytes for numbers without a name. */
const char *route_type_name(uint8_t type);
const char *route_table_name(uint32_t table, char buf[16]);
const char *route_protocol_name(uint8_t protocol, char buf[16]);
const char *route_scope_name(uint8_t scope, char buf[16]);

/* What concerns a destination on its link. */
struct link_info {
	int ifindex;
	char name[IFACE_NAME_MAX];
	bool up, running, loopback; /* IFF_UP; carrier */
	uint32_t mtu;
	uint64_t rx_errors, tx_errors, rx_dropped, tx_dropped, carrier_changes;
};
int link_get(int ifindex, struct link_info *out, struct error *err);

/* Neighbour state (NUD_*) of an address on an interface; 0 when there is no entry. mac gets 6 bytes when known. */
int neighbour_get(const struct addr *addr, int ifindex, uint16_t *state, uint8_t mac[6], struct error *err);
const char *neighbour_state_name(uint16_t state);

/* The same as the end of a sentence about the neighbour: "answered within the last seconds". */
const char *neighbour_state_describe(uint16_t state);

/* True when the first machine on the way to target (the gateway, or the target itself on its link) is known not to answer
 * ARP or neighbour discovery: *hop is set then. Meant to be asked after something was sent there. */
bool route_hop_is_dead(const struct addr *target, struct addr *hop);

#endif
