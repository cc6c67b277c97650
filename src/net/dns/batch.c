#include "net/dns/bulk.h"

#include "base/mem.h"

#include <stdlib.h>

struct dns_batch {
	struct loop *loop;
	struct dns_job *jobs;
	size_t count, next, window, under_way;
	bool done;
};

static void batch_fill(struct dns_batch *batch);
static int job_start(struct dns_batch *batch, struct dns_job *job);

static void job_answered(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	(void)loop;
	struct dns_job *job = arg;
	job->query = NULL;
	if (dns_exchange_is_silent(exchange) && !exchange->truncated_first &&
	    job->silent < job->fallback_count) {
		job->request.server = job->fallback[job->silent++];
		if (job_start(job->batch, job) == 0)
			return;
	}
	dns_job_take(job, exchange);
	if (exchange->message)
		job->message = dns_message_parse(exchange->message->wire, exchange->message->length, NULL);
	job->exchange.message = job->message;
	job->batch->under_way--;
	batch_fill(job->batch);
}

/* Returns 0, or -1 when the question cannot be asked at all: the job is done then. */
static int job_start(struct dns_batch *batch, struct dns_job *job)
{
	struct error err = ERROR_INIT;
	job->batch = batch;
	job->query = dns_query_start(batch->loop, &job->request, job_answered, job, &err);
	if (job->query)
		return 0;
	job->done = true;
	job->exchange = (struct dns_exchange){ .outcome = DNS_FAILED,
					       .error = err,
					       .server = job->request.server,
					       .transport = job->request.transport,
					       .rtt = NS_NONE };
	return -1;
}

/* Keeps the window full. */
static void batch_fill(struct dns_batch *batch)
{
	while (batch->under_way < batch->window && batch->next < batch->count)
		if (job_start(batch, &batch->jobs[batch->next++]) == 0)
			batch->under_way++;
	batch->done = batch->under_way == 0 && batch->next == batch->count;
}

enum loop_end dns_batch_run(struct loop *loop, struct dns_job *jobs, size_t count, size_t window)
{
	struct dns_batch batch = { .loop = loop, .jobs = jobs, .count = count, .window = window };
	batch_fill(&batch);
	enum loop_end end = loop_run(loop, &batch.done);
	for (size_t i = 0; i < count; i++)
		if (!jobs[i].done)
			dns_job_abandon(&jobs[i]);
	return batch.done ? LOOP_DONE : end;
}
