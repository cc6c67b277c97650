/* The routing tables of this namespace by rtnetlink: streamed dumps, one exact prefix, rules, nexthop objects, changes. */
#ifndef NTSH_ROUTES_H
#define NTSH_ROUTES_H

#include "ntsh/addr.h"
#include "ntsh/error.h"
#include "ntsh/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROUTE_HOPS_MAX = 512, PREFIX_TEXT_MAX = ADDR_TEXT_MAX + 8 };

/* An address block: family AF_UNSPEC means "not given"; length in bits. */
struct prefix {
	struct addr addr;
	uint8_t length;
};

/* Reads "10.0.0.0/8", "10.1.2.3" (a host), "2001:db8::/32", "default" (of family; AF_UNSPEC: IPv4). Bits behind the length are cleared.
 * Returns 0, or -1 when it is none. */
int prefix_parse(const char *text, sa_family_t family, struct prefix *out);

/* "10.0.0.0/8". Returns buf. */
char *prefix_format(const struct prefix *prefix, char buf[PREFIX_TEXT_MAX]);

/* True when inner lies in outer, or is the same. */
bool prefix_holds(const struct prefix *outer, const struct prefix *inner);
bool prefix_equal(const struct prefix *a, const struct prefix *b);

/* One next hop. */
struct route_hop {
	struct addr gateway; /* AF_UNSPEC: on the link; may be of the other family (RFC 5549) */
	int ifindex;         /* 0: none */
	uint32_t weight;     /* from 1 */
	uint8_t flags;       /* RTNH_F_* */
};

/* One route, as the kernel tells it (RTM_NEWROUTE). hops point into the reader's memory: borrowed during the call. */
struct route {
	struct prefix destination, from; /* from: IPv6 source routing, length 0: none */
	uint8_t type, protocol, scope, tos;
	uint32_t table, metric, flags;   /* RTM_F_*, RTNH_F_* */
	struct addr source;              /* preferred source; AF_UNSPEC: none */
	uint32_t nexthop_id;             /* of a nexthop object, 0: none */
	uint32_t mtu, advmss, window, rtt, initcwnd, initrwnd, hoplimit; /* metrics; 0: not set */
	bool mtu_locked;
	int32_t expires;                 /* seconds left (IPv6); 0: for ever */
	uint8_t preference;              /* ICMPV6_ROUTER_PREF_*, IPv6 */
	const struct route_hop *hops;
	size_t hop_count, hops_left_out; /* none for blackholes and the like */
};

/* What to show; zeroes: every route. The kernel filters by table, protocol, type and interface, the rest is done here. */
struct route_filter {
	int family;                /* AF_UNSPEC: both */
	uint32_t table;            /* RT_TABLE_*; 0: all */
	int type, protocol, scope; /* -1: any */
	struct prefix exact, match, root; /* this one; those that hold it; those inside it. family AF_UNSPEC: any */
	struct addr via, source;   /* AF_UNSPEC: any */
	int ifindex;               /* 0: any */
	int64_t metric;            /* -1: any */
	uint32_t nexthop_id;       /* 0: any */
	uint64_t most;             /* give up when the kernel tells more than so many (nothing is passed on then); 0: never */
};
#define ROUTE_FILTER_ALL { .type = -1, .protocol = -1, .scope = -1, .metric = -1 }

/* Takes a route; false: no more are wanted. */
typedef bool route_fn(const struct route *route, void *arg);

struct routes_end {
	uint64_t seen, shown; /* told by the kernel; passed on */
	bool interrupted;     /* the tables changed while they were read, in each try: the list mixes moments */
	bool gave_up;         /* the table is larger than the filter's most */
	bool looked_up;       /* an exact prefix was answered by look-ups: routes that lose to this one were not looked for */
};

/* Streams the routes that pass the filter. A dump that changed under the reader begins again as long as nothing of it was passed on
 * (up to 256 KiB are held back for that). The filter's exact prefix in large tables is answered by one kernel look-up (RTM_F_FIB_MATCH) when
 * that can tell; whole: never. Returns 0, or -1 with err. */
int routes_dump(const struct route_filter *filter, bool whole, route_fn *fn, void *arg, struct routes_end *end,
		struct error *err);

/* The interface's name, from a small cache; "-" for 0, "if17" for one that is gone. */
const char *routes_interface(int ifindex);

/* "dead linkdown onlink pervasive offload notify ...": flags of a hop and of a route, "" for none. Returns buf. */
char *route_flags_format(uint8_t hop_flags, uint32_t route_flags, char buf[96]);

/* --- names to numbers: ip's words, those of /etc/iproute2, and bare numbers. Return 0, or -1. --- */
int route_table_number(const char *text, uint32_t *out);
int route_protocol_number(const char *text, int *out);
int route_scope_number(const char *text, int *out);
int route_type_number(const char *text, int *out);

/* --- rules (RTM_GETRULE, ip-rule(8)) --- */

struct route_rule {
	sa_family_t family;
	uint32_t priority, table, mark, mask;
	uint8_t action;            /* FR_ACT_* */
	uint8_t tos, ip_protocol;
	bool invert, l3mdev;
	struct prefix from, to;    /* AF_UNSPEC: any */
	char iif[16], oif[16];     /* "": any */
	uint32_t uid_first, uid_last; /* first > last: any */
	uint16_t source_port[2], target_port[2]; /* 0: any */
	int suppress_length;       /* routes with prefixes of at most this length do not count; -1: none */
	uint32_t goto_priority;
	uint8_t protocol;          /* who made it */
};

enum { ROUTE_RULES_MAX = 4096 };
/* All rules of a family (AF_UNSPEC: both), in the order in which they are tried. *out to be freed. Returns how many, or -1 with err. */
int rules_read(int family, struct route_rule **out, struct error *err);

/* What a packet looks like to a rule. Returns true when the rule matches; l3mdev rules never do here. */
struct rule_packet {
	struct addr from, to;
	const char *iif, *oif;
	uint32_t mark, uid;
	bool has_uid;
	uint8_t tos, ip_protocol;
	uint16_t source_port, target_port;
};
bool rule_matches(const struct route_rule *rule, const struct rule_packet *packet);

/* "from 10.0.0.0/8 fwmark 0x5" ("from all" for none), and "lookup main", "blackhole", "goto 1000". Return buf. */
char *rule_selector_format(const struct route_rule *rule, char buf[256]);
char *rule_action_format(const struct route_rule *rule, char buf[64]);

/* --- nexthop objects (RTM_GETNEXTHOP, Linux 5.3) --- */

struct nexthop {
	uint32_t id;
	struct route_hop hop;
	bool blackhole, group;
	uint16_t member_count;
	struct { uint32_t id; uint16_t weight; } members[64];
};
typedef void nexthop_fn(const struct nexthop *nexthop, void *arg);
/* Returns 0 (also when the kernel has none of them), or -1 with err. */
int nexthops_read(nexthop_fn *fn, void *arg, struct error *err);

/* --- what changes --- */

enum route_change { ROUTE_ADDED, ROUTE_REPLACED, ROUTE_REMOVED };
struct routes_events {
	void (*route)(enum route_change change, const struct route *route, void *arg);
	void (*rule)(enum route_change change, const struct route_rule *rule, void *arg);
	void (*lost)(void *arg); /* the kernel dropped notifications: what is known is stale */
};
struct routes_watch;
/* Reports changes from now on, in the loop. Returns NULL with err. */
struct routes_watch *routes_watch(struct loop *loop, const struct routes_events *events, void *arg,
				  struct error *err);
void routes_watch_free(struct routes_watch *watch);

/* --- changing --- */

/* A route to add or remove; type RTN_UNSPEC: unicast. hop_count 0: no next hop (then type says what happens). */
struct route_edit {
	struct route route;
	struct route_hop hops[8];
	bool replace, append; /* instead of NLM_F_EXCL */
	bool remove;
};
/* Does it. Returns 0, or -1 with err: the kernel's refusal explained, with what to do about it. */
int route_change(const struct route_edit *edit, struct error *err);

/* "10.0.0.0/8 via 192.0.2.1 dev eth0 proto static metric 100": the words that `route add` would take. Returns buf. */
char *route_words(const struct route *route, char *buf, size_t size);

#endif
