#include "ntsh/dns_servers.h"

#include "base/mem.h"
#include "net/dns/server.h"
#include "ntsh/dns_batch.h"
#include "ntsh/lookup.h"
#include "wire/dns_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_AAAA = 28, NAMES_MAX = 24 };

const char *dns_role_name(enum dns_role role)
{
	static const char *const words[] = { "given", "resolv.conf", "authority" };
	return words[role];
}

void dns_servers_release(struct dns_servers *servers)
{
	free(servers->items);
	*servers = (struct dns_servers){ 0 };
}

static void add(struct dns_servers *out, const struct addr *addr, enum dns_role role, const char *name)
{
	for (size_t i = 0; i < out->count; i++)
		if (addr_equal(&out->items[i].addr, addr) && out->items[i].addr.port == addr->port)
			return;
	if (out->count == DNS_SERVERS_MAX)
		return;
	out->items = mem_resize(out->items, out->count + 1, sizeof *out->items);
	struct dns_server *server = &out->items[out->count++];
	*server = (struct dns_server){ .addr = *addr, .role = role };
	snprintf(server->name, sizeof server->name, "%s", name ? name : "");
}

int dns_servers_given(struct loop *loop, const struct option_list *texts, uint16_t port, int family,
		      struct dns_servers *out, struct error *err)
{
	for (size_t i = 0; i < texts->count; i++) {
		struct addr addr;
		char *name;
		int failed =
		    dns_server_find(loop, texts->items[i], port ? port : 53, family, &addr, &name, err);
		if (!failed)
			add(out, &addr, DNS_ROLE_GIVEN, name);
		free(name);
		if (failed)
			return -1;
	}
	return 0;
}

int dns_servers_configured(struct dns_servers *out, struct error *err)
{
	struct resolv_conf conf;
	if (resolv_conf_read(&conf, err) < 0)
		return -1;
	for (int i = 0; i < conf.server_count; i++)
		add(out, &conf.servers[i], DNS_ROLE_CONFIGURED, NULL);
	return 0;
}

/* One question to the configured servers, one after the other. NULL with err, or the answer: release the job. */
static const struct dns_message *ask(struct loop *loop, struct dns_job *job, const char *name, uint16_t type,
				     struct error *err)
{
	struct resolv_conf conf;
	*job = (struct dns_job){ 0 };
	if (resolv_conf_read(&conf, err) < 0)
		return NULL;
	job->request = (struct dns_request){ .name = name,
					     .type = type,
					     .server = conf.servers[0],
					     .recursion_desired = true,
					     .timeout = 2 * NS_PER_S,
					     .tries = 2 };
	job->fallback = conf.servers + 1;
	job->fallback_count = (size_t)conf.server_count - 1;
	dns_batch_run(loop, job, 1, 1);
	job->fallback = NULL;
	const struct dns_message *message = dns_job_open(job);
	if (!message)
		*err = job->exchange.error;
	return message;
}

/* The owner of the SOA record in the answer, or in the authority section: the zone. */
static bool zone_of(const struct dns_message *message, char zone[DNS_NAME_TEXT_MAX])
{
	for (int section = DNS_ANSWER; section <= DNS_AUTHORITY; section++)
		for (size_t i = 0; i < message->counts[section]; i++)
			if (message->records[section][i].type == TYPE_SOA) {
				memcpy(zone, message->records[section][i].name, DNS_NAME_TEXT_MAX);
				return true;
			}
	return false;
}

static int zone_find(struct loop *loop, const char *name, char zone[DNS_NAME_TEXT_MAX], struct error *err)
{
	struct dns_job job;
	const struct dns_message *message = ask(loop, &job, name, TYPE_SOA, err);
	bool found = message && zone_of(message, zone);
	if (message && !found)
		error_set(err, STATUS_BAD, "ENOZONE", "name the servers: @SERVER",
			  "the zone of %.200s cannot be found: %s does not tell its SOA", name,
			  job.exchange.message->rcode ? dns_rcode_meaning(message->rcode) : "the resolver");
	dns_batch_release(&job, 1);
	return found ? 0 : -1;
}

/* The zone's name servers, at most max. Returns how many, or -1 with err. */
static int names_find(struct loop *loop, const char *zone, char (*names)[DNS_NAME_TEXT_MAX], int max,
		      struct error *err)
{
	struct dns_job job;
	const struct dns_message *message = ask(loop, &job, zone, TYPE_NS, err);
	int count = message ? 0 : -1;
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER] && count < max; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		if (record->type == TYPE_NS)
			dns_record_text(message, record, names[count++], DNS_NAME_TEXT_MAX);
	}
	if (count == 0) {
		count = -1;
		error_set(err, STATUS_BAD, "ENONS", "name the servers: @SERVER",
			  "the resolver names no name server of the zone %.200s", zone);
	}
	dns_batch_release(&job, 1);
	return count;
}

static void addresses_take(const struct dns_message *message, const char *name, struct dns_servers *out)
{
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		bool four = record->type == TYPE_A && record->rdata_length == 4;
		bool six = record->type == TYPE_AAAA && record->rdata_length == 16;
		if (!four && !six)
			continue;
		struct addr addr = addr_from_bytes(four ? AF_INET : AF_INET6, record->rdata);
		addr.port = 53;
		add(out, &addr, DNS_ROLE_AUTHORITY, name);
	}
}

int dns_servers_authorities(struct loop *loop, const char *name, int family, struct dns_servers *out,
			    struct error *err)
{
	static char names[NAMES_MAX][DNS_NAME_TEXT_MAX];
	struct resolv_conf conf;
	struct dns_job jobs[2 * NAMES_MAX];
	if (resolv_conf_read(&conf, err) < 0 || zone_find(loop, name, out->zone, err) < 0)
		return -1;
	int count = names_find(loop, out->zone, names, NAMES_MAX, err);
	size_t job_count = 0, before = out->count;
	for (int i = 0; i < count; i++)
		for (int six = 0; six < 2; six++) {
			if (family != AF_UNSPEC && family != (six ? AF_INET6 : AF_INET))
				continue;
			struct dns_request request = { .name = names[i],
						       .type = six ? TYPE_AAAA : TYPE_A,
						       .server = conf.servers[0],
						       .recursion_desired = true,
						       .timeout = 2 * NS_PER_S,
						       .tries = 2 };
			jobs[job_count++] = (struct dns_job){ .request = request,
							      .fallback = conf.servers + 1,
							      .fallback_count = (size_t)conf.server_count - 1,
							      .arg = names[i] };
		}
	if (count < 0)
		return -1;
	dns_batch_run(loop, jobs, job_count, job_count);
	for (size_t i = 0; i < job_count; i++)
		addresses_take(dns_job_open(&jobs[i]), jobs[i].arg, out);
	dns_batch_release(jobs, job_count);
	if (out->count == before)
		return error_set(err, STATUS_BAD, "ENOADDRESS", "name the servers: @SERVER",
				 "no name server of the zone %.200s has an address", out->zone);
	return 0;
}
