/* The audit's course: find the zone, ask everybody everything, judge case by case. */
#include "net/dns/audit_parts.h"

#include "base/mem.h"
#include "net/dns/dnssec_lib.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WINDOW = 256, FINDINGS_MAX = 400, CASES_MAX = 96 };

const char *audit_severity_name(enum audit_severity severity)
{
	static const char *const names[] = { "info", "notice", "warning", "error" };
	return names[severity];
}

void audit_find(struct audit *audit, enum audit_severity severity, const char *where, const char *cure,
		const char *format, ...)
{
	struct audit_report *report = &audit->report;
	struct audit_case_result *result = &audit->results[report->case_count];
	if (!audit->found_now || severity > result->worst)
		result->worst = severity;
	audit->found_now = true;
	if (report->finding_count == FINDINGS_MAX)
		return;
	struct audit_finding *finding = &audit->findings[report->finding_count++];
	*finding = (struct audit_finding){ .id = audit->now->id, .severity = severity, .cure = cure };
	snprintf(finding->where, sizeof finding->where, "%.127s", where ? where : "");
	va_list args;
	va_start(args, format);
	vsnprintf(finding->says, sizeof finding->says, format, args);
	va_end(args);
	report->counts[severity]++;
}

const struct dns_message *audit_said(const struct audit *audit, size_t server, enum audit_question question)
{
	return audit->servers[server].jobs[question].exchange.outcome == DNS_ANSWERED
		   ? audit->servers[server].jobs[question].message
		   : NULL;
}

const struct dns_message *audit_said_well(const struct audit *audit, size_t server,
					  enum audit_question question)
{
	const struct dns_message *message = audit_said(audit, server, question);
	return message && message->aa && message->rcode == 0 ? message : NULL;
}

const char *audit_server_text(const struct audit *audit, size_t server, char buf[128])
{
	char addr[ADDR_TEXT_MAX];
	snprintf(buf, 128, "%.60s (%s)", audit->servers[server].name,
		 addr_format(&audit->servers[server].addr, addr));
	return buf;
}

uint32_t audit_number(const struct rdata *data, size_t at)
{
	if (data->length < at + 4)
		return 0;
	const uint8_t *b = data->bytes + at;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* --- asking --- */

static void server_add(struct audit *audit, const char *name, const struct addr *addr)
{
	if (audit->server_count == AUDIT_SERVERS_MAX || addr->family == AF_UNSPEC)
		return;
	for (size_t i = 0; i < audit->server_count; i++)
		if (addr_equal(&audit->servers[i].addr, addr))
			return;
	audit->servers[audit->server_count++] = (struct audit_server){ .name = name, .addr = *addr };
}

static void request_make(const struct audit *audit, enum audit_question question, struct dns_request *request)
{
	static const uint16_t types[QUESTIONS] = {
		[Q_SOA] = RR_SOA,     [Q_SOA_TCP] = RR_SOA,     [Q_NS] = RR_NS,
		[Q_A] = RR_A,         [Q_AAAA] = RR_AAAA,       [Q_MX] = RR_MX,
		[Q_TXT] = RR_TXT,     [Q_WWW] = RR_A,           [Q_DNSKEY] = RR_DNSKEY,
		[Q_CDS] = RR_CDS,     [Q_CDNSKEY] = RR_CDNSKEY, [Q_NSEC3PARAM] = RR_NSEC3PARAM,
		[Q_NOWHERE] = RR_A,   [Q_CASE] = RR_SOA,        [Q_RECURSION] = RR_SOA,
		[Q_UPWARD] = RR_NS,   [Q_AXFR] = 252,           [Q_SMALL] = RR_DNSKEY,
		[Q_VERSION] = RR_TXT, [Q_EDNS1] = RR_SOA,       [Q_OPTION] = RR_SOA,
		[Q_BOTH] = RR_SOA,
	};
	/* Code 65001 is for experiments (RFC 6891 9). */
	static const uint8_t unknown[] = { 0xfd, 0xe9, 0, 0 };
	bool newer = question == Q_EDNS1 || question == Q_BOTH,
	     option = question == Q_OPTION || question == Q_BOTH;
	const char *name = audit->zone->pub.name;
	*request = (struct dns_request){
		.name = question == Q_NOWHERE     ? audit->nowhere
			: question == Q_CASE      ? audit->mixed
			: question == Q_WWW       ? audit->www
			: question == Q_RECURSION ? audit->parent ? audit->parent->pub.name : "."
			: question == Q_UPWARD    ? "."
			: question == Q_VERSION   ? "version.bind."
						  : name,
		.type = types[question],
		.class_ = question == Q_VERSION ? 3 : 1,
		.transport = question == Q_SOA_TCP || question == Q_AXFR ? DNS_TCP : DNS_UDP,
		.recursion_desired = question == Q_RECURSION,
		.dnssec_ok = question != Q_SOA_TCP && question != Q_AXFR && question != Q_VERSION &&
			     question != Q_RECURSION,
		.ignore_truncation = question == Q_SMALL,
		.no_edns = question == Q_AXFR,
		.edns_version = newer,
		.options = option ? unknown : NULL,
		.options_length = option ? sizeof unknown : 0,
		.udp_size = question == Q_SMALL ? 512 : 0,
		.timeout = audit->request.timeout,
		.tries = 2,
		.interface = audit->request.interface,
	};
}

/* Asks the servers from number `from` on. */
static void servers_ask(struct audit *audit, size_t from)
{
	if (!audit->jobs)
		audit->jobs = mem_alloc(AUDIT_SERVERS_MAX * QUESTIONS * sizeof *audit->jobs);
	for (size_t i = from; i < audit->server_count; i++) {
		audit->servers[i].jobs = audit->jobs + i * QUESTIONS;
		for (int q = 0; q < QUESTIONS; q++) {
			struct dns_request *request = &audit->servers[i].jobs[q].request;
			request_make(audit, (enum audit_question)q, request);
			request->server = audit->servers[i].addr;
		}
	}
	size_t count = (audit->server_count - from) * QUESTIONS;
	audit->report.queries += count;
	if (dns_batch_run(audit->loop, audit->jobs + from * QUESTIONS, count, WINDOW) == LOOP_INTERRUPTED)
		audit->report.interrupted = true;
	for (size_t i = from; i < audit->server_count && audit->reference < 0; i++) {
		const struct dns_message *message = audit_said_well(audit, i, Q_SOA);
		if (message && message->counts[DNS_ANSWER])
			audit->reference = (int)i;
	}
}

static void walk_aside(struct audit *audit, const char *name, uint16_t type, struct walk **out)
{
	struct walk_request request = { .name = name,
					.type = type,
					.family = audit->request.family,
					.interface = audit->request.interface,
					.root_file = audit->request.root_file,
					.timeout = audit->request.timeout / 2,
					.tries = 2,
					.no_resolver = true,
					.no_probes = true,
					.budget = 3 * NS_PER_S };
	*out = audit->report.interrupted ? NULL : walk_run(audit->loop, &request, NULL);
	if (*out)
		audit->report.queries += walk_result(*out)->queries;
}

static void addrs_take(struct audit_host *host, const struct dns_message *message, uint16_t type)
{
	sa_family_t family = type == RR_A ? AF_INET : AF_INET6;
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		host->alias =
		    host->alias || (record->type == RR_CNAME && strcasecmp(record->name, host->name) == 0);
		if (record->type == type && record->rdata_length == addr_length(family) &&
		    host->count < AUDIT_HOST_ADDRS)
			host->addrs[host->count++] = addr_from_bytes(family, record->rdata);
	}
}

static void host_inside(struct audit *audit, struct audit_host *host)
{
	static const uint16_t types[] = { RR_A, RR_AAAA };
	struct dns_job jobs[2] = { { .done = false } };
	for (int t = 0; t < 2; t++)
		jobs[t].request = (struct dns_request){ .name = host->name,
							.type = types[t],
							.server = audit->servers[audit->reference].addr,
							.timeout = audit->request.timeout,
							.tries = 2,
							.interface = audit->request.interface };
	if (dns_batch_run(audit->loop, jobs, 2, 2) == LOOP_INTERRUPTED)
		audit->report.interrupted = true;
	audit->report.queries += 2;
	for (int t = 0; t < 2; t++) {
		addrs_take(host, jobs[t].message, types[t]);
		host->exists = host->exists || (jobs[t].message && jobs[t].message->rcode == 0);
	}
	dns_batch_release(jobs, 2);
}

static void host_outside(struct audit *audit, struct audit_host *host)
{
	static const uint16_t types[] = { RR_A, RR_AAAA };
	for (int t = 0; t < 2; t++) {
		struct walk *walk;
		walk_aside(audit, host->name, types[t], &walk);
		if (!walk)
			continue;
		const struct walk_result *result = walk_result(walk);
		host->alias = host->alias || result->alias_count;
		host->exists = host->exists || result->reply == WALK_ANSWER || result->reply == WALK_NO_DATA;
		if (result->reply == WALK_ANSWER)
			addrs_take(host, result->message, types[t]);
		walk_free(walk);
	}
}

struct audit_host *audit_host(struct audit *audit, const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX];
	dns_name_format(name, text);
	for (size_t i = 0; i < audit->host_count; i++)
		if (strcasecmp(audit->hosts[i].name, text) == 0)
			return &audit->hosts[i];
	if (audit->host_count == AUDIT_HOSTS_MAX)
		return NULL;
	struct audit_host *host = &audit->hosts[audit->host_count++];
	*host = (struct audit_host){ .count = 0 };
	memcpy(host->name, text, sizeof text);
	if (dns_name_within(name, &audit->name) && audit->reference >= 0)
		host_inside(audit, host);
	/* Below a cut the reference only refers. */
	if (!host->count && !host->alias)
		host_outside(audit, host);
	host->found = host->count > 0;
	return host;
}

bool audit_reverse(struct audit *audit, const struct addr *addr, struct dns_name *out)
{
	char text[ADDR_TEXT_MAX];
	struct walk *walk;
	struct rrset set;
	walk_aside(audit, addr_reverse_name(addr, text), RR_PTR, &walk);
	bool found = false;
	if (walk && walk_result(walk)->reply == WALK_ANSWER) {
		struct dns_name owner;
		dns_name_parse(walk_result(walk)->final_name, &owner, NULL);
		rrset_take(walk_result(walk)->message, DNS_ANSWER, &owner, RR_PTR, &set);
		found = set.count && rdata_name(&set.items[0], 0, out);
		rrset_release(&set);
	}
	walk_free(walk);
	return found;
}

/* --- collecting --- */

static int zone_find(struct audit *audit, struct error *err)
{
	struct walk_request request = { .name = audit->request.name,
					.type = RR_SOA,
					.family = audit->request.family,
					.interface = audit->request.interface,
					.root_file = audit->request.root_file,
					.timeout = audit->request.timeout,
					.tries = 2,
					.no_resolver = true };
	audit->walk = walk_run(audit->loop, &request, err);
	if (!audit->walk)
		return -1;
	audit->walked = walk_result(audit->walk);
	audit->report.queries = audit->walked->queries;
	audit->report.interrupted = audit->walked->interrupted;
	int index = audit->walked->final_zone;
	for (int i = (int)audit->walked->zone_count - 1; i >= 0 && index < 0; i--)
		if (!audit->walked->zones[i]->aside)
			index = i;
	audit->zone = audit->walk->zones[index];
	while (audit->zone->keys_of)
		audit->zone = audit->zone->keys_of;
	if (audit->zone->pub.parent >= 0)
		audit->parent = audit->walk->zones[audit->zone->pub.parent];
	audit->name = audit->zone->name;
	if (audit->zone->pub.parent < 0 && audit->walked->final_zone < 0)
		return error_set(
		    err, STATUS_BAD, "ENOZONE", "is the root reachable from here? ntsh dns trace NAME",
		    "no zone could be found for %.200s: %.200s", audit->request.name, audit->walked->summary);
	return 0;
}

static void mixed_case(const char *text, char *out, size_t size)
{
	size_t i = 0;
	for (; text[i] && i + 1 < size; i++)
		out[i] = (char)(i & 1 ? toupper((unsigned char)text[i]) : tolower((unsigned char)text[i]));
	out[i] = '\0';
}

static void child_servers_add(struct audit *audit)
{
	size_t before = audit->server_count;
	for (size_t i = 0; i < audit->ns.count; i++) {
		struct dns_name name;
		struct audit_host *host =
		    rdata_name(&audit->ns.items[i], 0, &name) ? audit_host(audit, &name) : NULL;
		for (size_t k = 0; host && k < host->count; k++)
			server_add(audit, host->name, &host->addrs[k]);
	}
	/* Those that only the child names. */
	if (audit->server_count > before)
		servers_ask(audit, before);
}

static void sets_take(struct audit *audit)
{
	size_t reference = (size_t)audit->reference;
	if (audit->reference >= 0) {
		rrset_take(audit_said(audit, reference, Q_SOA), DNS_ANSWER, &audit->name, RR_SOA,
			   &audit->soa);
		rrset_take(audit_said(audit, reference, Q_NS), DNS_ANSWER, &audit->name, RR_NS, &audit->ns);
		rrset_take(audit_said(audit, reference, Q_DNSKEY), DNS_ANSWER, &audit->name, RR_DNSKEY,
			   &audit->keys);
	}
	rrset_copy(&audit->zone->ns, &audit->parent_ns);
	rrset_take(audit->zone->referral, audit->zone->ds_section, &audit->name, RR_DS, &audit->ds);
}

static void collect(struct audit *audit)
{
	const char *name = audit->zone->pub.name;
	bool root = strcmp(name, ".") == 0;
	mixed_case(name, audit->mixed, sizeof audit->mixed);
	snprintf(audit->nowhere, sizeof audit->nowhere, "ntsh-no-such-name.%.900s", root ? "" : name);
	snprintf(audit->www, sizeof audit->www, "www.%.900s", root ? "" : name);
	for (size_t i = 0; i < audit->zone->pub.server_count; i++)
		server_add(audit, audit->zone->servers[i].name, &audit->zone->servers[i].addr);
	servers_ask(audit, 0);
	sets_take(audit);
	child_servers_add(audit);
}

/* --- judging --- */

static void judge(struct audit *audit, const struct audit_case *one)
{
	struct audit_case_result *result = &audit->results[audit->report.case_count];
	const char *why =
	    one->needs == NEEDS_REFERENCE && audit->reference < 0 ? "no server answers with authority"
	    : one->needs == NEEDS_PARENT && (!audit->parent || !audit->parent_ns.count)
		? "no referral from the parent was seen"
	    : one->needs == NEEDS_KEYS && !audit->keys.count && !audit->ds.count ? "the zone is not signed"
	    : audit->report.interrupted                                          ? "interrupted"
										 : NULL;
	*result = (struct audit_case_result){
		.id = one->id, .title = one->title, .why_not = why, .state = AUDIT_NOT_TESTED
	};
	audit->now = one;
	audit->found_now = false;
	if (!why) {
		one->judge(audit);
		result->state = audit->found_now ? AUDIT_FOUND : AUDIT_GOOD;
		audit->report.tested++;
	}
	audit->report.case_count++;
}

static int by_severity(const void *a, const void *b)
{
	const struct audit_finding *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void judge_all(struct audit *audit)
{
	static const struct audit_case *const tables[] = { audit_delegation_cases, audit_server_cases,
							   audit_zone_cases, audit_dnssec_cases };
	struct audit_report *report = &audit->report;
	audit->findings = mem_alloc(FINDINGS_MAX * sizeof *audit->findings);
	audit->results = mem_alloc(CASES_MAX * sizeof *audit->results);
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct audit_case *one = tables[t]; one->id && report->case_count < CASES_MAX;
		     one++)
			judge(audit, one);
	qsort(audit->findings, report->finding_count, sizeof *audit->findings, by_severity);
	report->findings = audit->findings;
	report->cases = audit->results;
	report->zone = audit->zone->pub.name;
	report->parent = audit->parent ? audit->parent->pub.name : NULL;
	report->server_count = audit->ns.count ? audit->ns.count : audit->parent_ns.count;
	report->address_count = audit->server_count;
	report->security = walk_security_word(audit->walked->security);
	report->security_says = audit->walked->security_says;
}

struct audit *audit_run(struct loop *loop, const struct audit_request *request, struct error *err)
{
	struct audit *audit = NEW(struct audit);
	ns_t began = clock_mono();
	audit->loop = loop;
	audit->request = *request;
	audit->reference = -1;
	audit->seconds = clock_real() / NS_PER_S;
	audit->hosts = mem_alloc(AUDIT_HOSTS_MAX * sizeof *audit->hosts);
	if (audit->request.timeout <= 0)
		audit->request.timeout = 1200 * NS_PER_MS;
	(void)dnssec_lib_load(NULL);
	if (zone_find(audit, err) < 0) {
		audit_free(audit);
		return NULL;
	}
	collect(audit);
	judge_all(audit);
	audit->report.took = clock_mono() - began;
	return audit;
}

const struct audit_report *audit_report(const struct audit *audit)
{
	return &audit->report;
}

void audit_free(struct audit *audit)
{
	struct rrset *sets[] = { &audit->soa, &audit->ns, &audit->keys, &audit->parent_ns, &audit->ds };
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		rrset_release(sets[i]);
	if (audit->jobs)
		dns_batch_release(audit->jobs, audit->server_count * QUESTIONS);
	free(audit->jobs);
	free(audit->hosts);
	free(audit->findings);
	free(audit->results);
	walk_free(audit->walk);
	free(audit);
}
