/* The walk from the root to the authorities of a name: all servers of every zone on the way, what each of them says, and whether the
 * signatures hold. Our own iteration: no resolver is in between. */
#ifndef NTSH_DNS_TRACE_H
#define NTSH_DNS_TRACE_H

#include "ntsh/dns.h"
#include "ntsh/loop.h"

/* What an answer is to the one who walks. */
enum walk_reply {
	WALK_PENDING,           /* not asked, or no answer yet */
	WALK_ANSWER,            /* authoritative: the records that were asked for */
	WALK_ALIAS,             /* authoritative: a CNAME (or DNAME) instead */
	WALK_NO_DATA,           /* authoritative: the name has none */
	WALK_NO_NAME,           /* authoritative: NXDOMAIN */
	WALK_REFERRAL,          /* to servers of a zone below */
	WALK_UPWARD,            /* lame: a referral to the zone itself or above it */
	WALK_NOT_AUTHORITATIVE, /* lame: records or nothing, without AA */
	WALK_REFUSED,           /* lame */
	WALK_SERVFAIL,          /* lame */
	WALK_ERROR,             /* another response code */
	WALK_SILENT,
	WALK_PORT_CLOSED,
	WALK_UNREACHABLE,
	WALK_MALFORMED,
	WALK_LOCAL,      /* this machine could not ask: no route for the family */
	WALK_NO_ADDRESS, /* the name server's name has no address */
};

/* Static: "referral", "lame: refuses" ... */
const char *walk_reply_word(enum walk_reply reply);
static inline bool walk_reply_is_good(enum walk_reply reply)
{
	return reply >= WALK_ANSWER && reply <= WALK_REFERRAL;
}
static inline bool walk_reply_is_lame(enum walk_reply reply)
{
	return reply >= WALK_UPWARD && reply <= WALK_ERROR;
}

enum walk_ability { WALK_UNKNOWN, WALK_CAN, WALK_CANNOT };
enum walk_origin { WALK_HINT, WALK_GLUE, WALK_LOOKED_UP };

struct walk_server {
	const char *name; /* as in the NS record */
	struct addr addr; /* AF_UNSPEC: none is known */
	enum walk_origin origin;
	enum walk_reply reply;
	char says[200]; /* what is wrong with it; "" nothing */
	ns_t rtt;       /* NS_NONE */
	bool kernel_stamped;
	int tries;
	enum walk_ability edns, tcp;
	ns_t tcp_time; /* until it took the connection */
	bool truncated;
	size_t stray_count; /* messages that were no answer, and what was wrong with the first */
	const char *stray_why;
	const struct dns_message *message; /* to the question */
	const struct dns_message *keys;    /* to DNSKEY of the zone; NULL: not asked, or nothing came */
};

enum walk_security { WALK_INDETERMINATE, WALK_SECURE, WALK_INSECURE, WALK_BOGUS };
const char *walk_security_word(enum walk_security security); /* "signed" */

struct walk_zone {
	const char *name;  /* "example." */
	const char *asked; /* the name that was asked there */
	int parent;        /* index of the zone that refers to it; -1: the root */
	bool aside;        /* only to find the address of a name server */
	bool again;        /* visited before: asked for another name (CNAME) */
	bool hidden;       /* its parent's servers serve it, too: no referral shows the cut */
	size_t server_count;
	const struct walk_server *servers;
	size_t good, lame, dead;
	ns_t fastest; /* NS_NONE */
	size_t ds_count, key_count;
	char ds[96];   /* key tags of the DS set: "20326, 38696" */
	char keys[96]; /* key tags of the DNSKEY set, those with the SEP flag marked by '*' */
	bool signed_;  /* its servers give signatures */
	enum walk_security security;
	char security_says[256]; /* the link that decides */
	char differs[200];       /* how the servers contradict each other; "" they do not */
};

struct walk_resolver {
	struct addr addr;
	enum dns_outcome outcome;
	struct error error;
	ns_t rtt;
	const struct dns_message *message;
	bool same;      /* as the authority */
	uint64_t lasts; /* seconds that its answer may still be kept */
	char says[300];
};

enum { WALK_RESOLVERS_MAX = 3 };

struct walk_result {
	const char *name; /* asked for */
	uint16_t type;
	const struct walk_zone *const *zones; /* in the order of the walk */
	size_t zone_count;
	enum walk_reply reply; /* how it ended: WALK_ANSWER, WALK_NO_DATA, WALK_NO_NAME, else it failed */
	const struct dns_message *message; /* the last one, NULL none */
	const char *final_name;            /* after CNAMEs */
	int final_zone;                    /* -1 none */
	int final_server;
	size_t alias_count;
	enum walk_security security;
	char security_says[256];
	char summary[400];
	struct walk_resolver resolvers[WALK_RESOLVERS_MAX];
	size_t resolver_count;
	size_t queries;
	ns_t took;
	bool interrupted;
};

struct walk_request {
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

struct walk;

/* Walks to the end, running the loop. Returns the trace (walk_free), or NULL with err when nothing can be asked: no such file, a
 * name that is none. What failed on the way is in the result. */
struct walk *walk_run(struct loop *loop, const struct walk_request *request, struct error *err);
const struct walk_result *walk_result(const struct walk *trace);

/* Compares the NS set in the child's answer with the one that the parent gave in its referral to that zone. Returns true, with both as
 * text, when they differ; false when they are the same or one of them is not known. */
bool walk_ns_differs(const struct walk *trace, size_t zone, const struct dns_message *child, char parent_text[512],
		      char child_text[512]);
void walk_free(struct walk *trace);

#endif
