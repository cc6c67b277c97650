#include "ntsh/dns_bench.h"

#include "base/mem.h"
#include "wire/dns_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

double dns_bench_loss(const struct dns_bench_server *server)
{
	size_t lost = server->asked - server->answered - server->refused;
	return server->asked ? 100.0 * (double)lost / (double)server->asked : 0;
}

/* A label that no cache has seen before the name. NULL when that makes it too long. */
static char *fresh_name(const char *name)
{
	uint64_t random = (uint64_t)clock_real();
	char text[DNS_NAME_TEXT_MAX + 24];
	struct dns_name checked;
	(void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
	snprintf(text, sizeof text, "ntsh-%012llx.%s", (unsigned long long)(random & 0xffffffffffff), name);
	return dns_name_parse(text, &checked, NULL) == 0 ? mem_strdup(text) : NULL;
}

static void take(struct dns_bench_server *out, const struct dns_job *job, ns_t *samples, size_t *sample_count)
{
	const struct dns_exchange *exchange = &job->exchange;
	out->asked++;
	if (exchange->outcome == DNS_REFUSED_PORT || exchange->outcome == DNS_UNREACHABLE)
		out->refused++;
	if (exchange->outcome != DNS_ANSWERED)
		return;
	if (exchange->rtt != NS_NONE)
		samples[(*sample_count)++] = exchange->rtt;
	out->answered++;
	out->good += job->rcode == 0 || job->rcode == 3;
	out->codes[job->rcode < 24 ? job->rcode : 23]++;
}

static void figures(const struct dns_job *jobs, size_t count, size_t stride, struct dns_bench_server *out)
{
	ns_t *samples = mem_alloc((count + 1) * sizeof *samples), began = NS_NEVER, ended = 0;
	size_t sample_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct dns_exchange *exchange = &jobs[i * stride].exchange;
		if (!jobs[i * stride].done)
			continue;
		take(out, &jobs[i * stride], samples, &sample_count);
		began = exchange->began && exchange->began < began ? exchange->began : began;
		ended = exchange->ended > ended ? exchange->ended : ended;
	}
	rtt_stats_compute(&out->rtt, samples, sample_count);
	out->took = ended > began ? ended - began : NS_NONE;
	free(samples);
}

enum loop_end dns_bench_run(struct loop *loop, const struct dns_bench_request *bench,
			    const struct dns_servers *servers, struct dns_bench_server *out,
			    struct error *err)
{
	size_t count = bench->count * servers->count;
	struct dns_job *jobs = mem_alloc(count * sizeof *jobs);
	char **made = mem_alloc(bench->count * sizeof *made);
	enum loop_end end = LOOP_DONE;
	for (size_t i = 0; i < bench->count; i++) {
		const char *name = bench->names[i % bench->name_count];
		made[i] = bench->fresh ? fresh_name(name) : mem_strdup(name);
		if (!made[i])
			end = LOOP_IDLE;
	}
	for (size_t i = 0; i < count; i++) {
		jobs[i].request = bench->request;
		jobs[i].request.name = made[i / servers->count];
		jobs[i].request.type = bench->type;
		jobs[i].request.server = servers->items[i % servers->count].addr;
		jobs[i].request.tries = 1;
	}
	if (end == LOOP_DONE)
		end = dns_batch_run(loop, jobs, count, bench->window * servers->count);
	else
		error_set(err, STATUS_USAGE, "EUSAGE", NULL,
			  "the names are too long for a label before them");
	for (size_t s = 0; s < servers->count; s++) {
		out[s] = (struct dns_bench_server){ 0 };
		figures(jobs + s, bench->count, servers->count, &out[s]);
	}
	dns_batch_release(jobs, count);
	free(jobs);
	for (size_t i = 0; i < bench->count; i++)
		free(made[i]);
	free(made);
	return end;
}
