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
	uint16_t rcode;        /* of the answer, when there is one */
	uint32_t answer_count; /* records of its answer section */

	/* Inner state. */
	uint8_t *wire; /* of dns_bulk_run: the answer, decoded while it is open */
	uint32_t wire_length;
	struct dns_message *message;
	struct dns_stray *strays;
	struct dns_query *query;
	struct dns_batch *batch;
	struct bulk *bulk;
};

/* Runs all jobs to their end, at most `window` at a time. Returns LOOP_DONE, or why it ended early: what was not finished is
 * not `done` and holds DNS_TIMED_OUT and a sentence.
 * Jobs whose question cannot be asked at all end with DNS_FAILED and their error. */
enum loop_end dns_batch_run(struct loop *loop, struct dns_job *jobs, size_t count, size_t window);

/* The same for thousands over UDP: few sockets, many questions in one system call, a window for each server that grows as answers come
 * and shrinks when they are lost, questions asked again after a time that follows from the round trips seen (RFC 6298). What is cut goes on over
 * TCP by itself. An exchange's message is there only while its job is open. Jobs with another transport are not allowed. */
struct dns_bulk_report {
	uint64_t sent, received, strays; /* datagrams; those that belong to no question */
};
enum loop_end dns_bulk_run(struct loop *loop, struct dns_job *jobs, size_t count, size_t window,
                           struct dns_bulk_report *report, struct error *err);

/* The answer of a job that is done, or NULL; valid until it is closed. For jobs of both runs. */
const struct dns_message *dns_job_open(struct dns_job *job);
void dns_job_close(struct dns_job *job);

/* The job was answered with records. */
bool dns_job_is_good(const struct dns_job *job);

/* Gives back what the jobs hold, not the array. */
void dns_batch_release(struct dns_job *jobs, size_t count);

#endif
