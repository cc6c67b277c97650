/* The words of `dns dig` become questions. */
#include "ntsh/dns_dig.h"

#include "base/mem.h"
#include "net/dns/etc.h"
#include "net/dns/idn.h"
#include "net/dns/server.h"
#include "net/dns/transfer.h"
#include "sys/file.h"
#include "wire/dns_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TYPE_A = 1, TYPE_AAAA = 28, TYPE_PTR = 12, TYPE_IXFR = 251, TYPES_MAX = 64, FILE_MAX = 1 << 28 };

static int servers_find(struct loop *loop, struct dns_plan *plan, struct error *err)
{
	plan->server_count = plan->servers.count ? plan->servers.count : 1;
	plan->server_addrs = mem_alloc(plan->server_count * sizeof *plan->server_addrs);
	if (plan->servers.count == 0) {
		if (resolv_conf_read(&plan->conf, err) < 0)
			return -1;
		/* Of these ports, 53 is what the file means by saying nothing. */
		uint16_t port = plan->port ? plan->port : dns_transport_port(plan->request.transport);
		for (int i = 0; i < plan->conf.server_count; i++)
			plan->conf.servers[i].port = port;
		plan->server_addrs[0] = plan->conf.servers[0];
		return 0;
	}
	plan->server_names = mem_alloc(plan->servers.count * sizeof *plan->server_names);
	uint16_t port = plan->port ? plan->port : dns_transport_port(plan->request.transport);
	for (size_t i = 0; i < plan->servers.count; i++)
		if (dns_server_find(loop, plan->servers.items[i], port, plan->family, &plan->server_addrs[i],
				    &plan->server_names[i], err) < 0)
			return -1;
	return 0;
}

/* A type, or dig's IXFR=SERIAL. */
static int type_take(struct dns_plan *plan, const char *text, uint16_t *out, struct error *err)
{
	if (strncasecmp(text, "IXFR=", 5) != 0)
		return dns_type_read(text, out, err);
	char *end;
	unsigned long serial = strtoul(text + 5, &end, 10);
	if (text[5] < '0' || text[5] > '9' || *end || serial > UINT32_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE", "a serial is 0 to 4294967295",
				 "'%.60s' is no DNS type", text);
	*out = TYPE_IXFR;
	plan->request.serial = (uint32_t)serial;
	return 0;
}

/* Returns how many, or -1 with err. */
static int types_read(struct dns_plan *plan, uint16_t types[TYPES_MAX], struct error *err)
{
	size_t count = 0;
	for (int list = 0; list < 2; list++)
		for (size_t i = 0; i < plan->types[list].count; i++) {
			if (count == TYPES_MAX)
				return error_set(err, STATUS_USAGE, "EUSAGE", NULL, "more than %d types",
						 TYPES_MAX);
			if (type_take(plan, plan->types[list].items[i], &types[count++], err) < 0)
				return -1;
		}
	return (int)count;
}

static const char *made_keep(struct dns_plan *plan, char *text)
{
	if ((plan->made_count & (plan->made_count - 1)) == 0)
		plan->made =
		    mem_resize(plan->made, plan->made_count ? 2 * plan->made_count : 1, sizeof *plan->made);
	return plan->made[plan->made_count++] = text;
}

/* The name to ask for, and whether it was an address. NULL with err. */
static const char *name_make(struct dns_plan *plan, const char *text, bool *reverse, struct error *err)
{
	struct addr addr;
	struct dns_name name;
	char buf[ADDR_TEXT_MAX];
	*reverse = addr_parse(text, &addr) == 0;
	if (*reverse)
		return made_keep(plan, mem_strdup(addr_reverse_name(&addr, buf)));
	if (dns_idn_is_needed(text)) {
		char *ascii = dns_idn_to_ascii(text, err);
		if (!ascii)
			return NULL;
		text = made_keep(plan, ascii);
	}
	return dns_name_parse(text, &name, err) < 0 ? NULL : text;
}

static void job_add(struct dns_plan *plan, const char *name, uint16_t type, int class_, size_t server)
{
	if ((plan->job_count & (plan->job_count - 1)) == 0)
		plan->jobs =
		    mem_resize(plan->jobs, plan->job_count ? 2 * plan->job_count : 1, sizeof *plan->jobs);
	struct dns_job *job = &plan->jobs[plan->job_count++];
	*job = (struct dns_job){ .request = plan->request };
	job->request.name = name;
	job->request.type = type;
	job->request.class_ = (uint16_t)class_;
	job->request.server = plan->server_addrs[server];
	if (plan->servers.count == 0) {
		job->fallback = plan->conf.servers + 1;
		job->fallback_count = (size_t)plan->conf.server_count - 1;
	} else if (!job->request.tls_name && dns_server_is_name(plan->servers.items[server])) {
		job->request.tls_name = plan->server_names[server];
	}
}

struct shape {
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
	size_t count = shape->type_count ? shape->type_count : reverse || plan->only_a ? 1 : 2;
	for (size_t t = 0; t < count; t++)
		for (size_t s = 0; s < plan->server_count; s++)
			job_add(plan, name, types[t], shape->class_, s);
	return 0;
}

/* One line of a file: NAME [CLASS] [TYPE...]. */
static int line_jobs(struct dns_plan *plan, struct etc_line line, const struct shape *shape,
		     struct error *err)
{
	char name[DNS_NAME_TEXT_MAX], word[32];
	uint16_t types[TYPES_MAX];
	struct shape own = { types, 0, shape->class_ };
	if (!etc_word_next(&line, name, sizeof name) || *name == ';')
		return 0;
	while (etc_word_next(&line, word, sizeof word) && own.type_count < TYPES_MAX) {
		int class_ = dns_class_parse(word);
		if (class_ >= 0 && dns_type_parse(word) < 0)
			own.class_ = class_;
		else if (dns_type_read(word, &types[own.type_count++], err) < 0)
			return -1;
	}
	if (!own.type_count) {
		own.types = shape->types;
		own.type_count = shape->type_count;
	}
	return name_jobs(plan, made_keep(plan, mem_strdup(name)), &own, err);
}

static int file_jobs(struct dns_plan *plan, const struct shape *shape, struct error *err)
{
	struct buf text = BUF_INIT(FILE_MAX);
	const char *path = strcmp(plan->file, "-") == 0 ? "/dev/stdin" : plan->file;
	if (file_read(path, &text) < 0 || text.overflow) {
		int errnum = text.overflow ? EFBIG : errno;
		buf_release(&text);
		error_errno(err, errnum, NULL, "the names in %s cannot be read", plan->file);
		err->status = STATUS_USAGE;
		return -1;
	}
	const char *at = buf_text(&text), *end = at + text.length;
	struct etc_line line;
	size_t number = 0;
	int failed = 0;
	while (!failed && etc_line_next(&at, end, &line)) {
		number++;
		failed = line_jobs(plan, line, shape, err);
	}
	buf_release(&text);
	if (failed && err) {
		char inner[ERROR_MESSAGE_MAX];
		memcpy(inner, err->message, sizeof inner);
		snprintf(err->message, sizeof err->message, "%.100s, line %zu: %.380s", plan->file, number,
			 inner);
	}
	return failed;
}

/* "example.org IN MX", as dig takes it: a class among the bare words is no name, unless it is the only one. */
static bool is_class(const struct dns_plan *plan, int list, size_t i)
{
	const char *text = plan->names[list].items[i];
	return list == 0 && plan->names[0].count > 1 &&
	       (!strcasecmp(text, "IN") || !strcasecmp(text, "CH") || !strcasecmp(text, "HS"));
}

static int jobs_build(struct dns_plan *plan, const struct shape *shape, struct error *err)
{
	for (int list = 0; list < 3; list++)
		for (size_t i = 0; i < plan->names[list].count; i++)
			if (!is_class(plan, list, i) &&
			    name_jobs(plan, plan->names[list].items[i], shape, err) < 0)
				return -1;
	if (plan->file && file_jobs(plan, shape, err) < 0)
		return -1;
	if (!plan->job_count)
		return error_set(err, STATUS_USAGE, "EUSAGE", "dns dig NAME [TYPE] [@SERVER]",
				 plan->file ? "there is no name in the file" : "NAME is missing");
	return 0;
}

bool dns_plan_is_transfer(const struct dns_plan *plan)
{
	return plan->job_count && dns_type_is_transfer(plan->jobs[0].request.type);
}

static int transfers_check(const struct dns_plan *plan, struct error *err)
{
	for (size_t i = 1; i < plan->job_count; i++)
		if (dns_type_is_transfer(plan->jobs[i].request.type) != dns_plan_is_transfer(plan))
			return error_set(err, STATUS_USAGE, "EUSAGE", "ask for them apart",
					 "zone transfers cannot be asked for together with other types");
	return 0;
}

int dns_plan_build(struct loop *loop, struct dns_plan *plan, struct error *err)
{
	uint16_t types[TYPES_MAX];
	int class_ = plan->class_ ? dns_class_parse(plan->class_) : 1;
	for (size_t i = 0; i < plan->names[0].count && !plan->class_; i++)
		if (is_class(plan, 0, i))
			class_ = dns_class_parse(plan->names[0].items[i]);
	if (class_ < 0)
		return error_set(err, STATUS_USAGE, "EUSAGE", "write IN, CH, HS, ANY or CLASS and its number",
				 "'%.60s' is no DNS class", plan->class_);
	if (plan->names[0].count + plan->names[1].count + plan->names[2].count == 0 && !plan->file)
		return error_set(err, STATUS_USAGE, "EUSAGE", "dns dig NAME [TYPE] [@SERVER]",
				 "NAME is missing");
	int type_count = types_read(plan, types, err);
	if (type_count < 0)
		return -1;
	struct shape shape = { types, (size_t)type_count, class_ };
	if (servers_find(loop, plan, err) < 0 || jobs_build(plan, &shape, err) < 0)
		return -1;
	return transfers_check(plan, err);
}

void dns_plan_release(struct dns_plan *plan)
{
	dns_batch_release(plan->jobs, plan->job_count);
	free(plan->jobs);
	for (size_t i = 0; i < plan->made_count; i++)
		free(plan->made[i]);
	free(plan->made);
	for (size_t i = 0; plan->server_names && i < plan->servers.count; i++)
		free(plan->server_names[i]);
	free(plan->server_names);
	free(plan->server_addrs);
}
