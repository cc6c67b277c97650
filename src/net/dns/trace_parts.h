/* The walk's inner parts: zones and servers as they become known, the questions that are under way, and the judging of signatures. */
#ifndef NET_DNS_TRACE_PARTS_H
#define NET_DNS_TRACE_PARTS_H

#include "net/dns/dnssec.h"
#include "net/dns/referral.h"
#include "ntsh/dns_trace.h"
#include "ntsh/tcp.h"

/* Bounds of a walk, whatever the servers say. */
enum {
	WALK_ZONES_MAX = 64,
	WALK_SERVERS_MAX = 48, /* addresses of one zone */
	WALK_NAMES_MAX = 24,   /* name servers of one zone */
	WALK_ALIASES_MAX = 12,
	WALK_DEPTH_MAX = 4, /* of name servers whose names need name servers whose names ... */
};

struct walk_zone_inner;

enum walk_what { ASK_QUESTION, ASK_KEYS, ASKS };

struct walk_ask {
	struct walk_zone_inner *zone;
	size_t server;
	enum walk_what what;
	struct dns_query *query;
	bool plain;   /* without EDNS: the second attempt */
	bool counted; /* the walk waits for it */
};

struct walk_dial {
	struct walk_zone_inner *zone;
	size_t server;
	struct tcp_connect *connect;
};

struct walk_zone_inner {
	struct walk_zone pub;
	struct walk *trace;
	struct dns_name name, asked;
	uint16_t type;
	struct rrset ns;                    /* as the parent gives it */
	const struct dns_message *referral; /* the parent's message; the parent owns it */
	enum dns_section ds_section;        /* where the DS set stands in it */
	struct dns_message *own;            /* ... unless it was asked for: a hidden cut */
	struct walk_server servers[WALK_SERVERS_MAX];
	struct walk_ask asks[WALK_SERVERS_MAX][ASKS];
	struct walk_dial dials[WALK_SERVERS_MAX];
	struct dns_name cuts[WALK_SERVERS_MAX], targets[WALK_SERVERS_MAX]; /* of the replies */
	size_t pending;              /* questions under way that the walk waits for */
	int first;                   /* the server whose good reply came first, -1 none */
	char *names[WALK_NAMES_MAX]; /* of all its name servers */
	bool named[WALK_NAMES_MAX];  /* an address is known, or was looked for */
	size_t name_count;
	struct rrset keys;               /* verified, when the zone is secure */
	struct walk_zone_inner *keys_of; /* visited again: the first visit */
};

struct walk {
	struct loop *loop;
	struct walk_request request;
	struct walk_result result;
	struct walk_zone_inner *zones[WALK_ZONES_MAX];
	const struct walk_zone *public[WALK_ZONES_MAX];
	struct dns_name name;
	size_t under_way; /* everything that has not ended */
	bool wake;
	struct loop_timer waker;
	ns_t began, deadline;
	struct rrset anchors; /* DS set of the root */
	bool anchors_are_keys;
	struct dns_query *to_resolver[WALK_RESOLVERS_MAX];
	struct dns_message *resolver_messages[WALK_RESOLVERS_MAX];
	char *final_name;
};

/* --- walk_hints.c --- */

/* The root zone as the first of the trace, with the built-in servers and anchors, or those of the file. Returns 0, or -1 with err. */
int walk_hints(struct walk *trace, struct error *err);

/* Reads hints: lines "NAME [TTL] [IN] TYPE DATA" with A, AAAA, NS, DS and DNSKEY of the root; the rest is left out. */
int walk_hints_parse(const char *text, size_t length, struct walk_zone_inner *root, struct rrset *anchors,
		     struct error *err);

/* --- walk_zone.c --- */

/* A new zone at the end of the walk, or NULL when there are too many. */
struct walk_zone_inner *walk_zone_add(struct walk *trace, const struct dns_name *name, int parent,
				      bool aside);
void walk_zone_free(struct walk_zone_inner *zone);

/* Takes the NS set and the glue of a referral to the zone. */
void walk_zone_refer(struct walk_zone_inner *zone, const struct dns_message *referral);

/* A server, unless that address is there already. Returns it, or NULL. */
struct walk_server *walk_server_add(struct walk_zone_inner *zone, const char *name, const struct addr *addr,
				    enum walk_origin origin);

/* The same servers, to be asked for another name. */
void walk_zone_repeat(struct walk_zone_inner *zone, struct walk_zone_inner *before);

/* The zone nearest to the name that is known so far. Zones found aside count for asides alone. */
struct walk_zone_inner *walk_zone_nearest(struct walk *trace, const struct dns_name *name, bool aside);

/* Sums the servers up, once they have all answered. */
void walk_zone_sum(struct walk_zone_inner *zone);

/* --- walk_ask.c --- */

/* Asks all servers of the zone from number `from` on; probes: for DNSKEY and a TCP connection as well. */
void walk_zone_ask(struct walk_zone_inner *zone, size_t from, const struct dns_name *name, uint16_t type,
		   bool probes);
/* Cancels what is under way. */
void walk_zone_hang_up(struct walk_zone_inner *zone);

/* Runs the loop until ready(zone) or the deadline. Returns ready(zone). */
bool walk_wait(struct walk *trace, bool (*ready)(const struct walk_zone_inner *zone),
	       const struct walk_zone_inner *zone);

/* One more question to a server of the zone, run to its end. The message is the caller's; NULL when none came. */
struct dns_message *walk_ask_one(struct walk *trace, const struct addr *server, const struct dns_name *name,
				 uint16_t type);

/* --- walk_secure.c --- */

/* Judges the chain of all zones from the root down, and the final answer. */
void walk_secure(struct walk *trace);

/* --- walk_compare.c --- */

void walk_resolvers_ask(struct walk *trace);
/* After the walk: each resolver's answer beside the authority's. */
void walk_resolvers_compare(struct walk *trace);

#endif
