/* What route check has read, and the way findings go out. */
#ifndef NET_ROUTE_CHECK_PARTS_H
#define NET_ROUTE_CHECK_PARTS_H

#include "ntsh/iface.h"
#include "ntsh/route_check.h"
#include "ntsh/routes.h"

enum { CHECK_DEFAULTS_MAX = 64, CHECK_GATEWAYS_MAX = 1024, CHECK_KIND_MAX = 20, CHECK_KINDS = 16 };

/* What a prefix needs to be compared with others: 28 bytes, as there may be a million. */
struct check_prefix {
	uint32_t table;
	uint8_t family, length, type;
	uint8_t bytes[16];
};

struct check_default {
	uint32_t table, metric;
	sa_family_t family;
	uint8_t tos, protocol;
	int ifindex;
	struct addr gateway;
	char words[256];
};

struct check_gateway {
	struct addr addr;
	int ifindex;
	bool onlink;
	uint64_t routes;
	char words[256]; /* one of them */
};

struct check {
	route_finding_fn *fn;
	void *arg;
	struct route_check_end *end;
	struct {
		const char *id;
		unsigned count;
	} kinds[CHECK_KINDS];
	struct ifaces ifaces;
	struct check_prefix *prefixes;
	size_t prefix_count, prefix_capacity;
	struct check_default defaults[CHECK_DEFAULTS_MAX];
	size_t default_count;
	struct check_gateway gateways[CHECK_GATEWAYS_MAX];
	size_t gateway_count;
};

/* Passes a finding on, at most 20 of one kind. */
void check_report(struct check *check, enum route_severity severity, const char *id, const char *where,
		  const char *todo, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The judgements that need all routes. */
void check_defaults(struct check *check);
void check_gateways(struct check *check);
void check_shadowed(struct check *check);
void check_ways_back(struct check *check);

#endif
