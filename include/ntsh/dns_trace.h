/* The walk from the root to the authorities of a name: all servers of every zone on the way, what each of them says, and whether the
 * signatures hold. Our own iteration: no resolver is in between. */
#ifndef NTSH_DNS_TRACE_H
#define NTSH_DNS_TRACE_H

#include "ntsh/dns.h"
#include "ntsh/loop.h"

/* What an answer is to the one who walks. */
enum trace_reply {
	TRACE_PENDING,           /* not asked, or no answer yet */
	TRACE_ANSWER,            /* authoritative: the records that were asked for */
	TRACE_ALIAS,             /* authoritative: a CNAME (or DNAME) instead */
	TRACE_NO_DATA,           /* authoritative: the name has none */
	TRACE_NO_NAME,           /* authoritative: NXDOMAIN */
	TRACE_REFERRAL,          /* to servers of a zone below */
	TRACE_UPWARD,            /* lame: a referral to the zone itself or above it */
	TRACE_NOT_AUTHORITATIVE, /* lame: records or nothing, without AA */
	TRACE_REFUSED,           /* lame */
	TRACE_SERVFAIL,          /* lame */
	TRACE_ERROR,             /* another response code */
	TRACE_SILENT,
	TRACE_PORT_CLOSED,
	TRACE_UNREACHABLE,
	TRACE_MALFORMED,
	TRACE_LOCAL,      /* this machine could not ask: no route for the family */
	TRACE_NO_ADDRESS, /* the name server's name has no address */
};

/* Static: "referral", "lame: refuses" ... */
const char *trace_reply_word(enum trace_reply reply);
static inline bool trace_reply_is_good(enum trace_reply reply)
{
	return reply >= TRACE_ANSWER && reply <= TRACE_REFERRAL;
}
static inline bool trace_reply_is_lame(enum trace_reply reply)
{
	return reply >= TRACE_UPWARD && reply <= TRACE_ERROR;
}

enum trace_ability { TRACE_UNKNOWN, TRACE_CAN, TRACE_CANNOT };
enum trace_origin { TRACE_HINT, TRACE_GLUE, TRACE_LOOKED_UP };

struct trace_server {
	const char *name; /* as in the NS record */
	struct addr addr; /* AF_UNSPEC: none is known */
	enum trace_origin origin;
	enum trace_reply reply;
	char says[200]; /* what is wrong with it; "" nothing */
	ns_t rtt;       /* NS_NONE */
	bool kernel_stamped;
	int tries;
	enum trace_ability edns, tcp;
	ns_t tcp_time; /* until it took the connection */
	bool truncated;
	size_t stray_count; /* messages that were no answer, and what was wrong with the first */
	const char *stray_why;
	const struct dns_message *message; /* to the question */
	const struct dns_message *keys;    /* to DNSKEY of the zone; NULL: not asked, or nothing came */
};

enum trace_security { TRACE_INDETERMINATE, TRACE_SECURE, TRACE_INSECURE, TRACE_BOGUS };
const char *trace_security_word(enum trace_security security); /* "signed" */

struct trace_zone {
	const char *name;  /* "example." */
	const char *asked; /* the name that was asked there */
	int parent;        /* index of the zone that refers to it; -1: the root */
	bool aside;        /* only to find the address of a name server */
	bool again;        /* visited before: asked for another name (CNAME) */
	bool hidden;       /* its parent's servers serve it, too: no referral shows the cut */
	size_t server_count;
	const struct trace_server *servers;
	size_t good, lame, dead;
	ns_t fastest; /* NS_NONE */
	size_t ds_count, key_count;
	char ds[96];   /* key tags of the DS set: "20326, 38696" */
	char keys[96]; /* key tags of the DNSKEY set, those with the SEP flag marked by '*' */
	bool signed_;  /* its servers give signatures */
	enum trace_security security;
	char security_says[256]; /* the link that decides */
	char differs[200];       /* how the servers contradict each other; "" they do not */
};

struct trace_resolver {
	struct addr addr;
	enum dns_outcome outcome;
	struct error error;
	ns_t rtt;
	const struct dns_message *message;
	bool same;      /* as the authority */
	uint64_t lasts; /* seconds that its answer may still be kept */
	char says[300];
};

enum { TRACE_RESOLVERS_MAX = 3 };

struct trace_result {
	const char *name; /* asked for */
	uint16_t type;
	const struct trace_zone *const *zones; /* in the order of the walk */
	size_t zone_count;
	enum trace_reply reply; /* how it ended: TRACE_ANSWER, TRACE_NO_DATA, TRACE_NO_NAME, else it failed */
	const struct dns_message *message; /* the last one, NULL none */
	const char *final_name;            /* after CNAMEs */
	int final_zone;                    /* -1 none */
	int final_server;
	size_t alias_count;
	enum trace_security security;
	char security_says[256];
	char summary[400];
	struct trace_resolver resolvers[TRACE_RESOLVERS_MAX];
	size_t resolver_count;
	size_t queries;
	ns_t took;
	bool interrupted;
};

struct trace_request {
	const char *name;
	uint16_t type;
	int family; /* AF_UNSPEC: both */
	const char *interface;
	const char *
	    root_file; /* hints of another root, with its DS or DNSKEY as trust anchors when it is signed; NULL: the built-in one */
	ns_t timeout;     /* of each try; 0: 1.5 s */
	int tries;        /* 0: 2 */
	bool no_resolver; /* do not ask the servers of resolv.conf */
	bool no_probes;   /* no TCP connections, no DNSKEY: only the walk */
	ns_t budget;      /* 0: 20 s */
};

struct trace;

/* Walks to the end, running the loop. Returns the trace (trace_free), or NULL with err when nothing can be asked: no such file, a
 * name that is none. What failed on the way is in the result. */
struct trace *trace_run(struct loop *loop, const struct trace_request *request, struct error *err);
const struct trace_result *trace_result(const struct trace *trace);
void trace_free(struct trace *trace);

#endif
