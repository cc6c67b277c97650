/* Many DNS questions at once: a window of them under way, their exchanges kept. */
#ifndef NTSH_DNS_BATCH_H
#define NTSH_DNS_BATCH_H

#include "ntsh/dns.h"

struct dns_job {
	/* In: what to ask, and of whom next when a server does not answer at all (further servers of resolv.conf; may be NULL). The
	 * request's server is the first. All borrowed until the batch has run. */
	struct dns_request request;
	const struct addr *fallback;
	size_t fallback_count;
	void *arg; /* the owner's */

	/* Out, valid once `done`; exchange.message and exchange.strays are the job's own. */
	bool done;
	struct dns_exchange exchange;
	size_t silent; /* servers that were asked in vain before this one */

	/* Inner state. */
	struct dns_message *message;
	struct dns_stray *strays;
	struct dns_query *query;
	struct dns_batch *batch;
};

/* Runs all jobs to their end, at most `window` at a time. Returns LOOP_DONE, or why it ended early: what was not finished is
 * not `done` and holds DNS_TIMED_OUT and a sentence.
 * Jobs whose question cannot be asked at all end with DNS_FAILED and their error. */
enum loop_end dns_batch_run(struct loop *loop, struct dns_job *jobs, size_t count, size_t window);

/* Gives back what the jobs hold, not the array. */
void dns_batch_release(struct dns_job *jobs, size_t count);

#endif
