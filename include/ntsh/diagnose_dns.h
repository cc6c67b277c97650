/* Why does this name (not) resolve - and who has to do something about it? DESIGN section 4. */
#ifndef NTSH_DIAGNOSE_DNS_H
#define NTSH_DIAGNOSE_DNS_H

#include "ntsh/diagnose.h"

struct diagnose_dns_request {
	const char *name;
	int family;
	const char *interface;
	const char *root_file; /* as for dns trace; NULL: the built-in root */
	ns_t budget;           /* 0: 7.5 s */
};

/* Who is to act. */
enum dns_party { PARTY_NONE, PARTY_HOST, PARTY_RESOLVER, PARTY_NETWORK, PARTY_PARENT, PARTY_OWNER };
const char *dns_party_name(enum dns_party party); /* "the zone's owner"; NULL for none */

struct dns_diagnosis {
	struct diagnosis diagnosis; /* its ledger holds the look-up alone */
	enum dns_party party;
	char authority[300]; /* what the walk from the root found */
	char security[300];
	bool authority_known;
};

/* Runs to the end or until cancelled. Returns 0, or -1 with err when nothing can be asked. */
int diagnose_dns_run(struct loop *loop, const struct diagnose_dns_request *request,
		     const struct diagnose_events *events, void *arg, struct dns_diagnosis *out,
		     struct error *err);

#endif
