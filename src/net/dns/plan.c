/* The words of `dns dig` become questions. */
#include "ntsh/dns_dig.h"

#include "base/mem.h"
#include "ntsh/resolve.h"
#include "wire/dns_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_A = 1, TYPE_AAAA = 28, TYPE_PTR = 12, TYPE_IXFR = 251, TYPE_AXFR = 252, TYPES_MAX = 64 };

/* "HOST:PORT" or a name alone: where the host ends, and the port (fallback when there is none). A port that is none must not become
 * part of a name to look up. */
static int port_split(const char *text, uint16_t fallback, size_t *host_length, uint16_t *port,
		      struct error *err)
{
	const char *colon = strchr(text, ':');
	*host_length = colon ? (size_t)(colon - text) : strlen(text);
	*port = fallback;
	if (!colon)
		return 0;
	char *end;
	unsigned long number = strtoul(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end || number < 1 || number > UINT16_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "write ADDRESS, NAME, ADDRESS:PORT or [IPv6]:PORT; a port is 1 to 65535",
				 "'@%.100s' is no server", text);
	*port = (uint16_t)number;
	return 0;
}

static int server_find(struct loop *loop, const struct dns_plan *plan, const char *text, struct addr *out,
		       struct error *err)
{
	uint16_t fallback = plan->port ? plan->port : 53;
	if (addr_parse_port(text, fallback, out) == 0)
		return 0;
	size_t length;
	uint16_t port;
	if (port_split(text, fallback, &length, &port, err) < 0)
		return -1;
	char *host = mem_strndup(text, length);
	int failed = resolve_one(loop, host, plan->family, out, err);
	if (failed && err) {
		char inner[ERROR_MESSAGE_MAX];
		memcpy(inner, err->message, sizeof inner);
		snprintf(err->message, sizeof err->message, "the server's own name: %.480s", inner);
	}
	free(host);
	out->port = port;
	return failed;
}

static int servers_find(struct loop *loop, struct dns_plan *plan, struct addr *servers, struct error *err)
{
	if (plan->servers.count == 0) {
		if (resolv_conf_read(&plan->conf, err) < 0)
			return -1;
		for (int i = 0; plan->port && i < plan->conf.server_count; i++)
			plan->conf.servers[i].port = plan->port;
		servers[0] = plan->conf.servers[0];
		return 0;
	}
	for (size_t i = 0; i < plan->servers.count; i++)
		if (server_find(loop, plan, plan->servers.items[i], &servers[i], err) < 0)
			return -1;
	return 0;
}

static int type_read(const char *text, uint16_t *out, struct error *err)
{
	int type = dns_type_parse(text);
	if (type < 0)
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "write A, AAAA, MX ... or TYPE and its number (TYPE65)",
				 "'%.60s' is no DNS type", text);
	if (type == TYPE_AXFR || type == TYPE_IXFR)
		return error_set(err, STATUS_USAGE, "EUSAGE", "ask for SOA to compare serials",
				 "zone transfers (%s) are no single question", text);
	*out = (uint16_t)type;
	return 0;
}

/* Returns how many, or -1 with err. */
static int types_read(const struct dns_plan *plan, uint16_t types[TYPES_MAX], struct error *err)
{
	size_t count = 0;
	for (int list = 0; list < 2; list++)
		for (size_t i = 0; i < plan->types[list].count; i++) {
			if (count == TYPES_MAX)
				return error_set(err, STATUS_USAGE, "EUSAGE", NULL, "more than %d types",
						 TYPES_MAX);
			if (type_read(plan->types[list].items[i], &types[count++], err) < 0)
				return -1;
		}
	return (int)count;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* The name to ask for, and whether it was an address. NULL with err. */
static const char *name_make(struct dns_plan *plan, const char *text, bool *reverse, struct error *err)
{
	struct addr addr;
	struct dns_name name;
	char buf[ADDR_TEXT_MAX];
	*reverse = addr_parse(text, &addr) == 0;
	if (*reverse) {
		plan->made = mem_resize(plan->made, plan->made_count + 1, sizeof *plan->made);
		return plan->made[plan->made_count++] = mem_strdup(addr_reverse_name(&addr, buf));
	}
	if (!is_ascii(text)) {
		error_set(err, STATUS_USAGE, "EUSAGE", "write it in its ASCII form: xn--...",
			  "'%.200s' is an international name", text);
		return NULL;
	}
	return dns_name_parse(text, &name, err) < 0 ? NULL : text;
}

static void job_add(struct dns_plan *plan, const char *name, uint16_t type, int class_,
		    const struct addr *server)
{
	struct dns_job *job = &plan->jobs[plan->job_count++];
	job->request = plan->request;
	job->request.name = name;
	job->request.type = type;
	job->request.class_ = (uint16_t)class_;
	job->request.server = *server;
	if (plan->servers.count == 0) {
		job->fallback = plan->conf.servers + 1;
		job->fallback_count = (size_t)plan->conf.server_count - 1;
	}
}

struct shape {
	const struct addr *servers;
	size_t server_count;
	const uint16_t *types;
	size_t type_count;
	int class_;
};

static int name_jobs(struct dns_plan *plan, const char *text, const struct shape *shape, struct error *err)
{
	static const uint16_t forward[] = { TYPE_A, TYPE_AAAA }, backward[] = { TYPE_PTR };
	bool reverse;
	const char *name = name_make(plan, text, &reverse, err);
	if (!name)
		return -1;
	const uint16_t *types = shape->type_count ? shape->types : reverse ? backward : forward;
	size_t count = shape->type_count ? shape->type_count : reverse ? 1 : 2;
	for (size_t t = 0; t < count; t++)
		for (size_t s = 0; s < shape->server_count; s++)
			job_add(plan, name, types[t], shape->class_, &shape->servers[s]);
	return 0;
}

static int jobs_build(struct dns_plan *plan, const struct shape *shape, struct error *err)
{
	size_t names = plan->names[0].count + plan->names[1].count;
	size_t per_name = (shape->type_count ? shape->type_count : 2) * shape->server_count;
	plan->jobs = mem_resize(NULL, names * per_name, sizeof *plan->jobs);
	memset(plan->jobs, 0, names * per_name * sizeof *plan->jobs);
	for (int list = 0; list < 2; list++)
		for (size_t i = 0; i < plan->names[list].count; i++)
			if (name_jobs(plan, plan->names[list].items[i], shape, err) < 0)
				return -1;
	return 0;
}

int dns_plan_build(struct loop *loop, struct dns_plan *plan, struct error *err)
{
	uint16_t types[TYPES_MAX];
	int class_ = plan->class_ ? dns_class_parse(plan->class_) : 1;
	if (class_ < 0)
		return error_set(err, STATUS_USAGE, "EUSAGE", "write IN, CH, HS, ANY or CLASS and its number",
				 "'%.60s' is no DNS class", plan->class_);
	if (plan->names[0].count + plan->names[1].count == 0)
		return error_set(err, STATUS_USAGE, "EUSAGE", "dns dig NAME [TYPE] [@SERVER]",
				 "NAME is missing");
	int type_count = types_read(plan, types, err);
	if (type_count < 0)
		return -1;
	size_t server_count = plan->servers.count ? plan->servers.count : 1;
	struct addr *servers = mem_alloc(server_count * sizeof *servers);
	struct shape shape = { servers, server_count, types, (size_t)type_count, class_ };
	int failed = servers_find(loop, plan, servers, err);
	if (!failed)
		failed = jobs_build(plan, &shape, err);
	free(servers);
	return failed;
}

void dns_plan_release(struct dns_plan *plan)
{
	dns_batch_release(plan->jobs, plan->job_count);
	free(plan->jobs);
	for (size_t i = 0; i < plan->made_count; i++)
		free(plan->made[i]);
	free(plan->made);
}
