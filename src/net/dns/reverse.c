#include "ntsh/dns_reverse.h"

#include "base/mem.h"
#include "ntsh/dns_dig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_AAAA = 28, WINDOW = 500, SINGLE = 64 };

/* --- what is asked for --- */

static int too_many(const char *text, struct error *err)
{
	return error_set(err, STATUS_USAGE, "EUSAGE", "ask for a part of it",
			 "%.100s: more than %d addresses", text, DNS_REVERSE_MAX);
}

static void address_add(struct addr **list, size_t *count, const struct addr *addr)
{
	if ((*count & (*count - 1)) == 0)
		*list = mem_resize(*list, *count ? 2 * *count : 1, sizeof **list);
	(*list)[(*count)++] = *addr;
}

/* The address `add` further on. */
static struct addr address_plus(struct addr addr, uint32_t add)
{
	uint64_t carry = add;
	for (size_t i = addr_length(addr.family); i-- > 0 && carry; carry >>= 8) {
		carry += addr.bytes[i];
		addr.bytes[i] = (uint8_t)carry;
	}
	return addr;
}

static void host_bits_clear(struct addr *addr, unsigned prefix)
{
	for (unsigned i = 0; i < addr_length(addr->family); i++)
		if (8 * i >= prefix)
			addr->bytes[i] = 0;
		else if (8 * (i + 1) > prefix)
			addr->bytes[i] &= (uint8_t)(0xff << (8 * (i + 1) - prefix));
}

int dns_reverse_expand(const char *text, struct addr **list, size_t *count, struct error *err)
{
	char host[ADDR_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct addr addr;
	snprintf(host, sizeof host, "%.*s", (int)(length < sizeof host ? length : sizeof host - 1), text);
	char *end = NULL;
	unsigned long prefix = slash ? strtoul(slash + 1, &end, 10) : 0;
	if (addr_parse(host, &addr) < 0 ||
	    (slash && (slash[1] < '0' || slash[1] > '9' || *end || prefix > addr_length(addr.family) * 8)))
		return error_set(err, STATUS_USAGE, "EUSAGE", "write 192.0.2.1, 192.0.2.0/24 or 2001:db8::1",
				 "'%.100s' is no address and no prefix", text);
	if (!slash) {
		address_add(list, count, &addr);
		return *count > DNS_REVERSE_MAX ? too_many(text, err) : 0;
	}
	unsigned host_bits = (unsigned)(addr_length(addr.family) * 8 - prefix);
	if (host_bits > 16)
		return too_many(text, err);
	host_bits_clear(&addr, (unsigned)prefix);
	uint32_t all = (uint32_t)1 << host_bits;
	bool edges = addr.family == AF_INET && host_bits > 1;
	if (*count + all > DNS_REVERSE_MAX)
		return too_many(text, err);
	for (uint32_t i = edges; i < all - edges; i++) {
		struct addr one = address_plus(addr, i);
		address_add(list, count, &one);
	}
	return 0;
}

/* --- questions --- */

struct asking {
	struct loop *loop;
	const struct dns_request *request;
	const struct dns_servers *servers;
	struct addr fallback[DNS_SERVERS_MAX];
	struct error *err;
};

static void job_fill(const struct asking *asking, struct dns_job *job, const char *name, uint16_t type)
{
	job->request = *asking->request;
	job->request.name = name;
	job->request.type = type;
	job->request.server = asking->servers->items[0].addr;
	job->fallback = asking->fallback;
	job->fallback_count = asking->servers->count - 1;
}

static enum loop_end run(const struct asking *asking, struct dns_job *jobs, size_t count)
{
	struct dns_bulk_report report;
	if (count <= SINGLE || asking->request->transport != DNS_UDP)
		return dns_batch_run(asking->loop, jobs, count, SINGLE);
	return dns_bulk_run(asking->loop, jobs, count, WINDOW, &report, asking->err);
}

static void names_take(struct dns_job *job, struct dns_reverse *out)
{
	char buf[16];
	const struct dns_message *message = dns_job_open(job);
	snprintf(out->status, sizeof out->status, "%.15s", dns_exchange_status(&job->exchange, buf));
	snprintf(out->meaning, sizeof out->meaning, "%.255s", dns_exchange_meaning(&job->exchange));
	out->answered = job->exchange.outcome == DNS_ANSWERED;
	out->rtt = job->exchange.rtt;
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER] && out->count < DNS_REVERSE_NAMES_MAX;
	     i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		if (record->type != TYPE_PTR)
			continue;
		out->names = mem_resize(out->names, out->count + 1, sizeof *out->names);
		struct dns_reverse_name *name = &out->names[out->count++];
		*name = (struct dns_reverse_name){ .confirmed = false };
		/* A malformed one is hex (RFC 3597), and then no name. */
		if (dns_record_text(message, record, name->name, sizeof name->name) >= sizeof name->name)
			name->name[0] = '\0';
	}
	dns_job_close(job);
}

static enum loop_end backward(const struct asking *asking, const struct addr *addrs, size_t count,
			      struct dns_reverse *out)
{
	struct dns_job *jobs = mem_alloc(count * sizeof *jobs);
	char(*names)[ADDR_TEXT_MAX] = mem_alloc(count * sizeof *names);
	for (size_t i = 0; i < count; i++) {
		out[i] = (struct dns_reverse){ .addr = addrs[i], .rtt = NS_NONE };
		job_fill(asking, &jobs[i], addr_reverse_name(&addrs[i], names[i]), TYPE_PTR);
	}
	enum loop_end end = run(asking, jobs, count);
	for (size_t i = 0; i < count; i++)
		names_take(&jobs[i], &out[i]);
	dns_batch_release(jobs, count);
	free(jobs);
	free(names);
	return end;
}

static void forward_take(struct dns_job *job, const struct addr *addr, struct dns_reverse_name *name)
{
	const struct dns_message *message = dns_job_open(job);
	size_t used = strlen(name->forward);
	char text[ADDR_TEXT_MAX];
	name->failed |= job->exchange.outcome != DNS_ANSWERED || job->rcode == 2 || job->rcode == 5;
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		bool four = record->type == TYPE_A && record->rdata_length == 4;
		if (!four && (record->type != TYPE_AAAA || record->rdata_length != 16))
			continue;
		struct addr found = addr_from_bytes(four ? AF_INET : AF_INET6, record->rdata);
		struct addr plain = *addr;
		plain.zone = 0;
		name->confirmed |= addr_equal(&found, &plain);
		addr_format(&found, text);
		if (used + strlen(text) + 3 < sizeof name->forward)
			used += (size_t)snprintf(name->forward + used, sizeof name->forward - used, "%s%s",
						 used ? ", " : "", text);
	}
	dns_job_close(job);
}

/* One question for each name, for the family that matters. */
static enum loop_end forward(const struct asking *asking, struct dns_reverse *out, size_t count)
{
	size_t all = 0, at = 0;
	for (size_t i = 0; i < count; i++)
		all += out[i].count;
	if (!all)
		return LOOP_DONE;
	struct dns_job *jobs = mem_alloc(all * sizeof *jobs);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < out[i].count; k++)
			job_fill(asking, &jobs[at++], out[i].names[k].name,
				 out[i].addr.family == AF_INET ? TYPE_A : TYPE_AAAA);
	enum loop_end end = run(asking, jobs, all);
	at = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < out[i].count; k++)
			forward_take(&jobs[at++], &out[i].addr, &out[i].names[k]);
	dns_batch_release(jobs, all);
	free(jobs);
	return end;
}

enum loop_end dns_reverse_run(struct loop *loop, const struct dns_request *request,
			      const struct dns_servers *servers, const struct addr *addrs, size_t count,
			      struct dns_reverse **out, struct error *err)
{
	struct asking asking = { .loop = loop, .request = request, .servers = servers, .err = err };
	for (size_t i = 1; i < servers->count; i++)
		asking.fallback[i - 1] = servers->items[i].addr;
	*out = mem_alloc(count * sizeof **out);
	enum loop_end end = backward(&asking, addrs, count, *out);
	return end == LOOP_DONE ? forward(&asking, *out, count) : end;
}

void dns_reverse_release(struct dns_reverse *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(results[i].names);
	free(results);
}
