/* What `diagnose service` is made of: facts from what was seen, the verdict when no rule finds a cause, the ledger. */
#ifndef DIAG_SERVICE_H
#define DIAG_SERVICE_H

#include "diag/rank.h"
#include "diag/service_facts.h"
#include "ntsh/socket_samples.h"

/* Sums the watched connections up: facts, and the clients in out (to which facts point). */
void service_facts_sum(struct service_facts *facts, const struct socket_watch_result *seen,
		       struct service_diagnosis *out);

otherwise_fn service_otherwise;

/* Where the connections' time went that somebody waited: the mean of those that waited at all. */
void service_ledger(const struct service_facts *facts, struct ledger *out);

#endif
