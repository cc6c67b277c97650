/* The walk's inner parts: zones and servers as they become known, the questions that are under way, and the judging of signatures. */
#ifndef NET_DNS_TRACE_PARTS_H
#define NET_DNS_TRACE_PARTS_H

#include "net/dns/dnssec.h"
#include "net/dns/referral.h"
#include "ntsh/dns_trace.h"
#include "ntsh/tcp.h"

/* Bounds of a walk, whatever the servers say. */
enum {
	TRACE_ZONES_MAX = 64,
	TRACE_SERVERS_MAX = 48, /* addresses of one zone */
	TRACE_NAMES_MAX = 24,   /* name servers of one zone */
	TRACE_ALIASES_MAX = 12,
	TRACE_DEPTH_MAX = 4, /* of name servers whose names need name servers whose names ... */
};

struct trace_zone_inner;

enum trace_what { ASK_QUESTION, ASK_KEYS, ASKS };

struct trace_ask {
	struct trace_zone_inner *zone;
	size_t server;
	enum trace_what what;
	struct dns_query *query;
	bool plain;   /* without EDNS: the second attempt */
	bool counted; /* the walk waits for it */
};

struct trace_dial {
	struct trace_zone_inner *zone;
	size_t server;
	struct tcp_connect *connect;
};

struct trace_zone_inner {
	struct trace_zone pub;
	struct trace *trace;
	struct dns_name name, asked;
	uint16_t type;
	struct rrset ns;                    /* as the parent gives it */
	const struct dns_message *referral; /* the parent's message; the parent owns it */
	enum dns_section ds_section;        /* where the DS set stands in it */
	struct dns_message *own;            /* ... unless it was asked for: a hidden cut */
	struct trace_server servers[TRACE_SERVERS_MAX];
	struct trace_ask asks[TRACE_SERVERS_MAX][ASKS];
	struct trace_dial dials[TRACE_SERVERS_MAX];
	struct dns_name cuts[TRACE_SERVERS_MAX], targets[TRACE_SERVERS_MAX]; /* of the replies */
	size_t pending;               /* questions under way that the walk waits for */
	int first;                    /* the server whose good reply came first, -1 none */
	char *names[TRACE_NAMES_MAX]; /* of all its name servers */
	bool named[TRACE_NAMES_MAX];  /* an address is known, or was looked for */
	size_t name_count;
	struct rrset keys;                /* verified, when the zone is secure */
	struct trace_zone_inner *keys_of; /* visited again: the first visit */
};

struct trace {
	struct loop *loop;
	struct trace_request request;
	struct trace_result result;
	struct trace_zone_inner *zones[TRACE_ZONES_MAX];
	const struct trace_zone *public[TRACE_ZONES_MAX];
	struct dns_name name;
	size_t under_way; /* everything that has not ended */
	bool wake;
	struct loop_timer waker;
	ns_t began, deadline;
	struct rrset anchors; /* DS set of the root */
	bool anchors_are_keys;
	struct dns_query *to_resolver[TRACE_RESOLVERS_MAX];
	struct dns_message *resolver_messages[TRACE_RESOLVERS_MAX];
	char *final_name;
};

/* --- trace_hints.c --- */

/* The root zone as the first of the trace, with the built-in servers and anchors, or those of the file. Returns 0, or -1 with err. */
int trace_hints(struct trace *trace, struct error *err);

/* Reads hints: lines "NAME [TTL] [IN] TYPE DATA" with A, AAAA, NS, DS and DNSKEY of the root; the rest is left out. */
int trace_hints_parse(const char *text, size_t length, struct trace_zone_inner *root, struct rrset *anchors,
		      struct error *err);

/* --- trace_zone.c --- */

/* A new zone at the end of the walk, or NULL when there are too many. */
struct trace_zone_inner *trace_zone_add(struct trace *trace, const struct dns_name *name, int parent,
					bool aside);
void trace_zone_free(struct trace_zone_inner *zone);

/* Takes the NS set and the glue of a referral to the zone. */
void trace_zone_refer(struct trace_zone_inner *zone, const struct dns_message *referral);

/* A server, unless that address is there already. Returns it, or NULL. */
struct trace_server *trace_server_add(struct trace_zone_inner *zone, const char *name,
				      const struct addr *addr, enum trace_origin origin);

/* The same servers, to be asked for another name. */
void trace_zone_repeat(struct trace_zone_inner *zone, struct trace_zone_inner *before);

/* The zone nearest to the name that is known so far. Zones found aside count for asides alone. */
struct trace_zone_inner *trace_zone_nearest(struct trace *trace, const struct dns_name *name, bool aside);

/* Sums the servers up, once they have all answered. */
void trace_zone_sum(struct trace_zone_inner *zone);

/* --- trace_ask.c --- */

/* Asks all servers of the zone from number `from` on; probes: for DNSKEY and a TCP connection as well. */
void trace_zone_ask(struct trace_zone_inner *zone, size_t from, const struct dns_name *name, uint16_t type,
		    bool probes);
/* Cancels what is under way. */
void trace_zone_hang_up(struct trace_zone_inner *zone);

/* Runs the loop until ready(zone) or the deadline. Returns ready(zone). */
bool trace_wait(struct trace *trace, bool (*ready)(const struct trace_zone_inner *zone),
		const struct trace_zone_inner *zone);

/* One more question to a server of the zone, run to its end. The message is the caller's; NULL when none came. */
struct dns_message *trace_ask_one(struct trace *trace, const struct addr *server, const struct dns_name *name,
				  uint16_t type);

/* --- trace_secure.c --- */

/* Judges the chain of all zones from the root down, and the final answer. */
void trace_secure(struct trace *trace);

/* --- trace_compare.c --- */

void trace_resolvers_ask(struct trace *trace);
/* After the walk: each resolver's answer beside the authority's. */
void trace_resolvers_compare(struct trace *trace);

#endif
