/* What routers add to their ICMP errors: labels of MPLS (RFC 4950), the interfaces a packet came by (RFC 5837). */
#ifndef NTSH_ICMP_H
#define NTSH_ICMP_H

#include "ntsh/addr.h"

enum { ICMP_MPLS_MAX = 8, ICMP_INTERFACES_MAX = 4, ICMP_INTERFACE_NAME_MAX = 64 };

/* One entry of a label stack (RFC 3032 2.1). */
struct icmp_mpls {
	uint32_t label;        /* 20 bits */
	uint8_t traffic_class; /* 3 bits */
	uint8_t ttl;
	bool bottom;
};

/* RFC 5837 4.1: which interface of the router it is about. */
enum icmp_interface_role {
	ICMP_INTERFACE_INCOMING,
	ICMP_INTERFACE_INCOMING_PART,
	ICMP_INTERFACE_OUTGOING,
	ICMP_INTERFACE_NEXT_HOP,
};

struct icmp_interface {
	enum icmp_interface_role role;
	uint32_t index;                     /* 0: not told */
	struct addr addr;                   /* AF_UNSPEC: not told */
	char name[ICMP_INTERFACE_NAME_MAX]; /* "": not told; bytes from the network */
	uint32_t mtu;                       /* 0: not told */
};

struct icmp_extensions {
	size_t mpls_count, interface_count;
	struct icmp_mpls mpls[ICMP_MPLS_MAX];
	struct icmp_interface interfaces[ICMP_INTERFACES_MAX];
};

/* "incoming", "incoming sub-interface", "outgoing", "next hop". */
const char *icmp_interface_role_name(enum icmp_interface_role role);

#endif
