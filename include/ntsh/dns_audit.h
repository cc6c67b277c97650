/* The audit of a zone: what its parent, its servers, its records and its signatures do, case by case of Zonemaster's list
 * (https://doc.zonemaster.net, "Test case specifications"). */
#ifndef NTSH_DNS_AUDIT_H
#define NTSH_DNS_AUDIT_H

#include "ntsh/dns.h"
#include "ntsh/loop.h"

enum audit_severity { AUDIT_INFO, AUDIT_NOTICE, AUDIT_WARNING, AUDIT_ERROR };
const char *audit_severity_name(enum audit_severity severity); /* "warning" */

struct audit_finding {
	const char *id;      /* of the case: "DELEGATION01" */
	enum audit_severity severity;
	char where[128];     /* the server or record; "" the zone */
	char says[300];      /* one sentence */
	const char *cure;    /* static; NULL none */
};

/* How a case ended. */
enum audit_state { AUDIT_GOOD, AUDIT_FOUND, AUDIT_NOT_TESTED };

struct audit_case_result {
	const char *id, *title;
	enum audit_state state;
	enum audit_severity worst;
	const char *why_not; /* not tested: because */
};

struct audit_report {
	const char *zone, *parent;
	size_t server_count, address_count;
	const struct audit_finding *findings; /* the most severe first */
	size_t finding_count;
	const struct audit_case_result *cases;
	size_t case_count, tested;
	size_t counts[AUDIT_ERROR + 1];
	const char *security, *security_says;
	size_t queries;
	ns_t took;
	bool interrupted;
};

struct audit_request {
	const char *name;      /* a zone, or a name in it */
	int family;
	const char *interface;
	const char *root_file; /* as for dns trace */
	ns_t timeout;          /* of each try; 0: 1.2 s */
};

struct audit;

/* Runs to its end. Returns the audit, or NULL with err: nothing can be asked, or no zone could be found. */
struct audit *audit_run(struct loop *loop, const struct audit_request *request, struct error *err);
const struct audit_report *audit_report(const struct audit *audit);
void audit_free(struct audit *audit);

#endif
