/* A parsed filter, shared by what parses, matches and compiles it. */
#ifndef NET_SOCKETS_FILTER_H
#define NET_SOCKETS_FILTER_H

#include "ntsh/addr.h"
#include "ntsh/socket_filter.h"

#include <stdint.h>

enum filter_op { FILTER_CONDITION, FILTER_NOT, FILTER_AND, FILTER_OR };

enum filter_field {
	FIELD_SRC,
	FIELD_DST,
	FIELD_SPORT,
	FIELD_DPORT,
	FIELD_DEV,
	FIELD_MARK,
	FIELD_CGROUP,
	FIELD_AUTOBOUND,
};

/* How a number compares; a condition with NE is the negation of the one with EQ. */
enum filter_compare { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

enum { FILTER_ADDRESSES_MAX = 16, FILTER_NODES_MAX = 512, FILTER_DEPTH_MAX = 64, PORT_ANY = -1 };

struct filter_condition {
	enum filter_field field;
	enum filter_compare compare;
	int family; /* AF_INET, AF_INET6, AF_UNIX, AF_PACKET that the address belongs to; AF_UNSPEC: any */
	int32_t port;
	/* FIELD_SRC, FIELD_DST: any of them. prefix: how many bits must agree. None, and any: every address. */
	struct addr addresses[FILTER_ADDRESSES_MAX];
	size_t address_count;
	unsigned prefix;
	bool any;
	char *name; /* a host to look up, an interface, a cgroup, a pattern of paths, a packet protocol */
	uint32_t number, mask;
	uint64_t id;
};

struct filter_node {
	enum filter_op op;
	uint16_t left, right; /* indexes of nodes; FILTER_NOT: left only */
	struct filter_condition *condition;
};

struct socket_filter {
	unsigned states;
	struct filter_node nodes[FILTER_NODES_MAX];
	size_t node_count;
	int root; /* -1: holds for everything */
};

#endif
