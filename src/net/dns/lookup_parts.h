/* The judging parts of a look-up, apart from its course. */
#ifndef NET_DNS_LOOKUP_PARTS_H
#define NET_DNS_LOOKUP_PARTS_H

#include "net/dns/program.h"

struct lookup_addrs {
	size_t count;
	struct addr addrs[LOOKUP_ADDRS_MAX];
};

/* A name that could be looked up at all: at most 253 octets, no empty label, no blanks. Returns 0, or -1 with err (STATUS_USAGE). */
int lookup_name_check(const char *name, struct error *err);

/* True when the nsswitch module (not files, not dns) answers for this name itself. */
bool lookup_module_claims(const char *module, const char *name);

/* What the exchange says, for people (answer) and for the schedule (the return value); addrs: the addresses in it. */
void lookup_answer_fill(struct lookup_answer *answer, const struct dns_exchange *exchange,
			struct lookup_addrs *addrs);
struct program_reply lookup_reply_of(const struct dns_exchange *exchange, bool use_vc);

enum lookup_outcome lookup_outcome_of(enum program_end end, size_t addr_count,
				      const struct lookup_answer *answers, size_t answer_count);

/* Why there is no address, as a finished sentence. */
void lookup_explain(struct error *err, enum lookup_outcome outcome, const char *name,
		    const struct resolv_conf *conf, const struct lookup_answer *answers, size_t answer_count);

#endif
