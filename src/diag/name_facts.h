/* What `diagnose dns` has measured: the look-up as a program here makes it, each resolver asked in several ways, and the walk from the
 * root. The flow (name_flow.c) fills it, the rules (rules_name*.c) read it. */
#ifndef DIAG_NAME_FACTS_H
#define DIAG_NAME_FACTS_H

#include "ntsh/diagnose_dns.h"
#include "ntsh/dns.h"
#include "ntsh/dns_trace.h"
#include "ntsh/lookup.h"

/* The ways in which each resolver is asked. */
enum name_probe_kind {
	PROBE_A,
	PROBE_AAAA,
	PROBE_UNCHECKED, /* A with CD and DO: what does it have without checking signatures? */
	PROBE_LARGE,     /* the same, with room for 4096 octets */
	PROBE_PLAIN,     /* A without EDNS */
	PROBE_TCP,       /* A over TCP */
	PROBE_NOWHERE,   /* A of a name beside it that cannot exist */
	PROBE_ROOT,      /* SOA of the root: is it alive at all, whatever becomes of the name? */
	PROBE_SOA,       /* SOA of the name: whose zone is it, in the resolver's eyes? */
	PROBE_LATER, /* A once more, when the answer differs from the authority's: does its TTL count down? */
	PROBE_KINDS
};

struct name_probe {
	bool asked, done;
	enum dns_outcome outcome;
	struct error error;
	struct dns_message *message; /* NULL: none came */
	ns_t rtt;
	bool truncated; /* over UDP it was cut; how it went on over TCP is the outcome */
	bool tcp_connected;
};

struct name_server_facts {
	struct addr addr;
	struct name_probe probes[PROBE_KINDS];
	ns_t path_rtt; /* the TCP handshake, whatever its end; NS_NONE */
};

/* A sorted set of addresses. */
enum { NAME_ADDRS_MAX = 256 };
struct name_addrs {
	size_t count;
	struct addr addrs[NAME_ADDRS_MAX];
};

struct name_facts {
	const char *asked; /* by the user */
	const char *name;  /* what it stands for: a short name is what the search list makes of it */
	char nowhere[300]; /* the name that cannot exist */
	bool interrupted;
	bool looked_up;              /* the program's look-up has ended */
	struct lookup_result lookup; /* its arrays but for answers are gone */
	struct lookup_step *steps;   /* lookup.step_count of them, the facts' own */
	ns_t repeated;               /* the program's wait, asked again; NS_NONE */
	int server_count;
	struct name_server_facts servers[LOOKUP_SERVERS_MAX];
	char names[LOOKUP_SEARCH_MAX + 1][DNS_NAME_TEXT_MAX]; /* of the search list's walk */
	int name_count;
	struct name_addrs hosts; /* what the hosts file says of it */

	/* The authority, by the walk from the root. */
	const struct walk_result *trace; /* NULL: not walked */
	bool authority_known;            /* it gave a definite answer */
	struct name_addrs authority;     /* its addresses (A) */
	uint32_t authority_ttl;
	char child_ns[512], parent_ns[512]; /* the NS sets, when they differ; else "" */
	const struct dns_message
	    *authority_soa; /* its answer to SOA of the name, when a resolver differs; NULL not asked */
	enum walk_reply authority_aaaa; /* WALK_PENDING: not asked */
	bool root_is_resolver;          /* the "root servers" answer like a resolver: somebody intercepts */
};

/* The addresses of one type in an answer. */
void name_addrs_of(const struct dns_message *message, uint16_t type, struct name_addrs *out);
bool name_addrs_equal(const struct name_addrs *a, const struct name_addrs *b);
void name_addrs_add(struct name_addrs *set, const struct addr *addr);
/* "192.0.2.1, 192.0.2.2"; "nothing". */
char *name_addrs_text(const struct name_addrs *set, char *buf, size_t size);

/* The probe has an answer with that code. */
static inline bool name_answered(const struct name_probe *probe)
{
	return probe->done && probe->outcome == DNS_ANSWERED && probe->message;
}
static inline bool name_silent(const struct name_probe *probe)
{
	return probe->done && probe->outcome == DNS_TIMED_OUT;
}
static inline bool name_code_is(const struct name_probe *probe, unsigned rcode)
{
	return name_answered(probe) && probe->message->rcode == rcode;
}

/* The first server that answers at all; -1 none. */
int name_first_alive(const struct name_facts *facts);

/* Notes who is to act, in the verdict's evidence; party_of reads it back. */
struct verdict;
void name_responsible(struct verdict *verdict, enum dns_party party, const char *what);
enum dns_party name_party_of(const struct verdict *verdict);

/* Judges the facts. Pure. */
void name_judge(const struct name_facts *facts, struct dns_diagnosis *out);

#endif
