/* The audit's inner parts. */
#ifndef NET_DNS_AUDIT_PARTS_H
#define NET_DNS_AUDIT_PARTS_H

#include "net/dns/trace_parts.h"
#include "ntsh/dns_audit.h"
#include "ntsh/dns_batch.h"

enum { AUDIT_SERVERS_MAX = 32, AUDIT_HOSTS_MAX = 32, AUDIT_HOST_ADDRS = 8 };

/* What every server of the zone is asked. */
enum audit_question {
	Q_SOA,
	Q_SOA_TCP,
	Q_NS,
	Q_A,
	Q_AAAA,
	Q_MX,
	Q_TXT,
	Q_WWW,
	Q_DNSKEY,
	Q_CDS,
	Q_CDNSKEY,
	Q_NSEC3PARAM,
	Q_NOWHERE,   /* a name that does not exist */
	Q_CASE,      /* SOA, the name written in mixed case */
	Q_RECURSION, /* SOA of the parent, recursion desired */
	Q_UPWARD,    /* NS of the root */
	Q_AXFR,
	Q_SMALL,   /* DNSKEY with room for 512 octets */
	Q_VERSION, /* version.bind, class CH */
	Q_EDNS1,   /* SOA, EDNS version 1, which nobody knows */
	Q_OPTION,  /* SOA, with an EDNS option that nobody knows */
	Q_BOTH,
	QUESTIONS
};

struct audit_server {
	const char *name;
	struct addr addr;
	struct dns_job *jobs; /* QUESTIONS of them */
};

/* A name that the zone points to, looked up at the zone's own servers, or from the root. */
struct audit_host {
	char name[DNS_NAME_TEXT_MAX];
	bool alias, found, exists;
	size_t count;
	struct addr addrs[AUDIT_HOST_ADDRS];
};

struct audit_case;

struct audit {
	struct loop *loop;
	struct audit_request request;
	struct audit_report report;
	struct walk *walk;
	const struct walk_result *walked;
	struct walk_zone_inner *zone, *parent;
	struct dns_name name;
	char nowhere[DNS_NAME_TEXT_MAX], mixed[DNS_NAME_TEXT_MAX], www[DNS_NAME_TEXT_MAX];
	size_t server_count;
	struct audit_server servers[AUDIT_SERVERS_MAX];
	struct dns_job *jobs;
	int reference; /* a server that answers with authority; -1 none */
	struct rrset soa, ns, keys, parent_ns, ds;
	size_t host_count;
	struct audit_host *hosts;
	struct audit_finding *findings;
	struct audit_case_result *results;
	const struct audit_case *now; /* being judged */
	bool found_now;
	int64_t seconds; /* of the clock */
};

/* One row of the list: judge calls audit_find for what is wrong. */
struct audit_case {
	const char *id, *title;
	void (*judge)(struct audit *audit);
	enum { NEEDS_NOTHING, NEEDS_REFERENCE, NEEDS_PARENT, NEEDS_KEYS } needs;
};
extern const struct audit_case audit_zone_cases[], audit_server_cases[], audit_delegation_cases[],
    audit_dnssec_cases[]; /* each ends with a NULL id */

/* Adds a finding to the case that is being judged. where and cure may be NULL. */
void audit_find(struct audit *audit, enum audit_severity severity, const char *where, const char *cure,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* What the server said to the question, NULL when nothing. */
const struct dns_message *audit_said(const struct audit *audit, size_t server, enum audit_question question);
/* The same, when it spoke with authority and without error. */
const struct dns_message *audit_said_well(const struct audit *audit, size_t server,
					  enum audit_question question);

/* "ns1.example. (192.0.2.1)" */
const char *audit_server_text(const struct audit *audit, size_t server, char buf[128]);

/* Looks a host up (once); never NULL but when there are too many. */
struct audit_host *audit_host(struct audit *audit, const struct dns_name *name);

/* The name of an address; false when it has none. */
bool audit_reverse(struct audit *audit, const struct addr *addr, struct dns_name *out);

/* A 32-bit number of an item's data. */
uint32_t audit_number(const struct rdata *data, size_t at);

#endif
