/* What both ways of running jobs do with them. */
#include "net/dns/bulk.h"

#include "base/mem.h"

#include <stdlib.h>

bool dns_exchange_is_silent(const struct dns_exchange *exchange)
{
	return exchange->outcome == DNS_TIMED_OUT || exchange->outcome == DNS_REFUSED_PORT ||
	       exchange->outcome == DNS_UNREACHABLE;
}

void dns_job_take(struct dns_job *job, const struct dns_exchange *exchange)
{
	job->exchange = *exchange;
	job->exchange.message = NULL;
	if (exchange->message) {
		job->rcode = exchange->message->rcode;
		job->answer_count = (uint32_t)exchange->message->counts[DNS_ANSWER];
	}
	/* In bulk they are the job's own already. */
	if (exchange->stray_count && exchange->strays != job->strays)
		job->strays = mem_dup(exchange->strays, exchange->stray_count * sizeof *exchange->strays);
	job->exchange.strays = job->strays;
	job->done = true;
}

void dns_job_abandon(struct dns_job *job)
{
	dns_query_cancel(job->query);
	job->query = NULL;
	job->exchange = (struct dns_exchange){ .outcome = DNS_TIMED_OUT,
					       .server = job->request.server,
					       .transport = job->request.transport,
					       .rtt = NS_NONE };
	error_set(&job->exchange.error, STATUS_BAD, "ETIMEDOUT", "give more time (-t)",
		  "no answer had come when the time was over");
}

const struct dns_message *dns_job_open(struct dns_job *job)
{
	if (!job->message && job->wire)
		job->message = dns_message_parse(job->wire, job->wire_length, NULL);
	return job->exchange.message = job->message;
}

void dns_job_close(struct dns_job *job)
{
	if (!job->wire)
		return;
	dns_message_free(job->message);
	job->message = NULL;
	job->exchange.message = NULL;
}

bool dns_job_is_good(const struct dns_job *job)
{
	return job->exchange.outcome == DNS_ANSWERED && job->rcode == 0 && job->answer_count > 0;
}

void dns_batch_release(struct dns_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		dns_message_free(jobs[i].message);
		free(jobs[i].wire);
		free(jobs[i].strays);
		jobs[i].message = NULL;
		jobs[i].wire = NULL;
		jobs[i].strays = NULL;
	}
}
