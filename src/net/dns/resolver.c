/* dns resolver: the report. */
#include "ntsh/dns_resolver.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/units.h"
#include "net/dns/etc.h"
#include "net/dns/lookup_parts.h"
#include "net/dns/program.h"
#include "ntsh/dns_dig.h"
#include "ntsh/netns.h"
#include "ntsh/resolve.h"
#include "sys/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETC_FILE_MAX = 16 << 20, TYPE_A = 1, TYPE_SOA = 6, TYPE_AAAA = 28, WINDOW = 32 };
#define PATIENCE (2 * NS_PER_S)

__attribute__((format(printf, 2, 3))) static void remark(struct resolver_report *report, const char *format,
							 ...)
{
	if (report->remark_count == RESOLVER_REMARKS_MAX)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(report->remarks[report->remark_count++], sizeof report->remarks[0], format, args);
	va_end(args);
}

static void etc_read(const char *file, struct buf *text)
{
	char path[256];
	(void)file_read(netns_etc_path(file, path), text);
}

/* --- the sources --- */

/* What differs from the usual: success returns, everything else goes on. */
static void action_text(const struct nss_service *service, char *buf, size_t size)
{
	static const char *const words[NSS_STATUSES] = { "SUCCESS", "NOTFOUND", "UNAVAIL", "TRYAGAIN" };
	size_t used = 0;
	buf[0] = '\0';
	for (int i = 0; i < NSS_STATUSES && used < size; i++)
		if (service->stop[i] != (i == NSS_SUCCESS))
			used += (size_t)snprintf(buf + used, size - used, "%s%s=%s", used ? " " : "",
						 words[i], service->stop[i] ? "return" : "continue");
}

static void addrs_text(const struct addr *addrs, size_t count, char *buf, size_t size)
{
	char text[ADDR_TEXT_MAX];
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 addr_format(&addrs[i], text));
}

static bool files_say(struct resolver_report *report, struct resolver_source *source, int family)
{
	struct buf text = BUF_INIT(ETC_FILE_MAX);
	struct addr addrs[LOOKUP_ADDRS_MAX];
	char list[120];
	bool named;
	etc_read("hosts", &text);
	size_t count =
	    hosts_find(buf_text(&text), text.length, report->name, family, addrs, LOOKUP_ADDRS_MAX, &named);
	buf_release(&text);
	addrs_text(addrs, count, list, sizeof list);
	if (count)
		snprintf(source->says, sizeof source->says, "the hosts file says %s", list);
	else
		snprintf(source->says, sizeof source->says,
			 named ? "the hosts file names it, but for the other address family"
			       : "the hosts file does not name it");
	return count > 0;
}

static void module_says(struct resolver_source *source, bool claims)
{
	const char *says = "a module that cannot be seen into from here";
	if (strncmp(source->name, "mdns", 4) == 0)
		says = claims ? "asks the local link (multicast DNS)" : "is for names under .local alone";
	else if (strcmp(source->name, "resolve") == 0)
		says = claims ? "systemd-resolved answers for every name"
			      : "systemd-resolved does not run here: skipped";
	else if (strcmp(source->name, "myhostname") == 0)
		says = claims ? "it is a name of this machine itself" : "is for this machine's own names";
	else if (strcmp(source->name, "files") == 0)
		says = "looks into the hosts file";
	else if (strcmp(source->name, "dns") == 0)
		says = "asks the servers of resolv.conf";
	snprintf(source->says, sizeof source->says, "%s", says);
}

static void sources_fill(struct resolver_report *report, int family)
{
	struct buf text = BUF_INIT(ETC_FILE_MAX);
	struct nss_line line;
	bool over = false;
	etc_read("nsswitch.conf", &text);
	nss_line_parse(buf_text(&text), text.length, &line);
	buf_release(&text);
	snprintf(report->nsswitch, sizeof report->nsswitch, "%s", line.text);
	for (int i = 0; i < line.count && i < RESOLVER_SOURCES_MAX; i++) {
		struct resolver_source *source = &report->sources[report->source_count++];
		const struct nss_service *service = &line.services[i];
		bool claims = report->name && lookup_module_claims(service->name, report->name);
		snprintf(source->name, sizeof source->name, "%s", service->name);
		action_text(service, source->action, sizeof source->action);
		module_says(source, claims);
		if (!report->name)
			continue;
		bool files = strcmp(service->name, "files") == 0;
		bool has =
		    files ? files_say(report, source, family) : claims || strcmp(service->name, "dns") == 0;
		source->decides = !over && (has || service->stop[NSS_NOTFOUND]);
		if (over)
			snprintf(source->says, sizeof source->says,
				 "not asked: the look-up has ended before");
		over = over || source->decides;
	}
}

/* --- systemd-resolved --- */

static bool is_stub(const struct addr *addr)
{
	static const uint8_t prefix[] = { 127, 0, 0 };
	return addr->family == AF_INET && memcmp(addr->bytes, prefix, sizeof prefix) == 0 &&
	       (addr->bytes[3] == 53 || addr->bytes[3] == 54);
}

static void resolved_look(struct resolver_report *report)
{
	struct buf text = BUF_INIT(ETC_FILE_MAX);
	report->resolved = lookup_module_claims("resolve", "any.name");
	for (int i = 0; i < report->conf.server_count; i++)
		report->stub = report->stub || is_stub(&report->conf.servers[i]);
	if (file_read("/run/systemd/resolve/resolv.conf", &text) == 0)
		resolv_conf_parse(buf_text(&text), text.length, &report->upstream);
	buf_release(&text);
	if (report->stub && !report->resolved)
		remark(report, "resolv.conf leads to systemd-resolved (127.0.0.53), which does not run here");
}

/* --- the program --- */

struct waiting {
	struct resolver_report *report;
	bool done;
};

static const char *end_word(enum program_end end, bool last)
{
	switch (end) {
	case PROGRAM_FOUND:
		return "answered";
	case PROGRAM_NO_DATA:
		return "no such record";
	case PROGRAM_NO_NAME:
		return "no such name";
	case PROGRAM_TRY_LATER:
		return last ? "SERVFAIL" : "next server";
	case PROGRAM_NO_ANSWER:
		return "silent";
	default:
		return "next server";
	}
}

static void steps_copy(struct resolver_report *report, const struct lookup_result *result)
{
	report->step_count = result->step_count;
	report->steps = mem_resize(NULL, result->step_count + 1, sizeof *report->steps);
	for (size_t i = 0; i < result->step_count; i++) {
		const struct lookup_step *step = &result->steps[i];
		report->steps[i] =
		    (struct resolver_step){ .name = report->names[step->name],
					    .server = result->conf.servers[step->server],
					    .at = step->at,
					    .limit = step->limit,
					    .waited = step->waited,
					    .end = end_word((enum program_end)step->end, step->last) };
	}
}

static void looked_up(struct loop *loop, const struct lookup_result *result, void *arg)
{
	struct waiting *waiting = arg;
	struct resolver_report *report = waiting->report;
	(void)loop;
	report->lookup = *result;
	report->lookup.answers =
	    result->answer_count ? mem_dup(result->answers, result->answer_count * sizeof *result->answers)
				 : NULL;
	steps_copy(report, result);
	report->lookup.steps = NULL;
	waiting->done = true;
}

static int program_run(struct loop *loop, int family, struct resolver_report *report, struct error *err)
{
	struct waiting waiting = { .report = report };
	struct program_name names[LOOKUP_SEARCH_MAX + 1];
	report->name_count = program_names(&report->conf, report->name, names);
	for (int i = 0; i < report->name_count; i++)
		snprintf(report->names[i], sizeof report->names[i], "%s", names[i].text);
	struct lookup *lookup = lookup_start(loop, report->name, family, PATIENCE, looked_up, &waiting, err);
	if (!lookup)
		return -1;
	if (loop_run(loop, &waiting.done) != LOOP_DONE) {
		lookup_cancel(lookup);
		report->interrupted = true;
	}
	return 0;
}

/* --- the wire, and c-ares --- */

static void wire_ask(struct loop *loop, int family, struct resolver_report *report)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA };
	const struct resolv_conf *conf = &report->conf;
	report->jobs = mem_alloc(2 * LOOKUP_SERVERS_MAX * sizeof *report->jobs);
	for (int i = 0; i < conf->server_count; i++)
		for (int t = 0; t < (report->name ? 2 : 1); t++) {
			if (report->name && ((t == 0 && family == AF_INET6) || (t == 1 && family == AF_INET)))
				continue;
			report->jobs[report->job_count++].request =
			    (struct dns_request){ .name = report->name ? report->name : ".",
						  .type = report->name ? types[t] : TYPE_SOA,
						  .server = conf->servers[i],
						  .recursion_desired = true,
						  .timeout = PATIENCE / 2,
						  .tries = 2 };
		}
	if (dns_batch_run(loop, report->jobs, report->job_count, WINDOW) == LOOP_INTERRUPTED)
		report->interrupted = true;
}

/* c-ares has time-outs of its own, which are not waited out. */
struct ares_asking {
	struct resolver_report *report;
	struct resolve *resolve;
	ns_t began;
	bool done;
};

static void ares_answered(struct loop *loop, const struct resolve_result *result, void *arg)
{
	struct ares_asking *asking = arg;
	struct resolver_report *report = asking->report;
	(void)loop;
	asking->resolve = NULL;
	asking->done = true;
	report->ares_error = result->error;
	for (size_t i = 0; i < result->count && report->ares_count < LOOKUP_ADDRS_MAX; i++)
		report->ares[report->ares_count++] = result->addrs[i];
}

static void ares_begin(struct loop *loop, int family, struct resolver_report *report,
		       struct ares_asking *asking)
{
	*asking = (struct ares_asking){ .report = report, .began = clock_mono() };
	asking->resolve =
	    resolve_start(loop, report->name, family, ares_answered, asking, &report->ares_error);
	asking->done = !asking->resolve;
}

static void ares_end(struct loop *loop, struct ares_asking *asking)
{
	ns_t until = asking->began + PATIENCE;
	while (!asking->done && clock_mono() < until && loop_sleep(loop, 10 * NS_PER_MS) == LOOP_DONE)
		continue;
	asking->report->ares_asked = asking->done;
	if (asking->done)
		return;
	resolve_cancel(asking->resolve);
	error_set(&asking->report->ares_error, STATUS_BAD, "ETIMEDOUT", NULL,
		  "it still waits for a dead server");
}

void resolver_answer_text(const struct dns_job *job, char *buf, size_t size)
{
	const struct dns_message *message = job->exchange.message;
	char code[16], data[ADDR_TEXT_MAX + 1024];
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER] && used < size; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		if (record->type != job->request.type)
			continue;
		dns_record_text(message, record, data, sizeof data);
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "", data);
	}
	if (!used && dns_exchange_is_good(&job->exchange))
		snprintf(buf, size, "only an alias");
	else if (!used)
		snprintf(buf, size, "%s",
			 job->exchange.outcome == DNS_ANSWERED && !message->rcode
			     ? "no such record"
			     : dns_exchange_status(&job->exchange, code));
}

/* --- what would surprise somebody --- */

static bool wire_has(const struct resolver_report *report, const struct addr *addr)
{
	for (size_t i = 0; i < report->job_count; i++) {
		const struct dns_message *message = report->jobs[i].exchange.message;
		for (size_t k = 0; message && k < message->counts[DNS_ANSWER]; k++) {
			const struct dns_record *record = &message->records[DNS_ANSWER][k];
			sa_family_t family = record->type == TYPE_A ? AF_INET : AF_INET6;
			if ((record->type != TYPE_A && record->type != TYPE_AAAA) ||
			    record->rdata_length != addr_length(family))
				continue;
			struct addr here = addr_from_bytes(family, record->rdata);
			if (addr_equal(&here, addr))
				return true;
		}
	}
	return false;
}

static bool wire_answers(const struct resolver_report *report)
{
	for (size_t i = 0; i < report->job_count; i++)
		if (dns_exchange_is_good(&report->jobs[i].exchange))
			return true;
	return false;
}

static void remarks_on_conf(struct resolver_report *report)
{
	const struct resolv_conf *conf = &report->conf;
	if (conf->missing)
		remark(report, "%s names no server: libc then asks this machine itself (127.0.0.1)",
		       report->conf_path);
	if (conf->ignored_servers)
		remark(report, "resolv.conf names %d servers more than libc reads: only the first %d count",
		       conf->ignored_servers, LOOKUP_SERVERS_MAX);
	if (conf->rotate && conf->server_count > 1)
		remark(
		    report,
		    "rotate: each look-up begins with another server, so a dead one hits every %d. look-up",
		    conf->server_count);
	if (conf->ndots > 1 && conf->search_count)
		remark(report,
		       "ndots:%d: names with fewer than %d dots go through the search list first, %d "
		       "questions before the right one",
		       conf->ndots, conf->ndots, conf->search_count);
}

static void remarks_on_answer(struct resolver_report *report)
{
	const struct lookup_result *lookup = &report->lookup;
	char text[ADDR_TEXT_MAX], wait[UNITS_TEXT_MAX];
	size_t length = strlen(report->name);
	if (lookup->source == LOOKUP_HOSTS && lookup->addr_count && !wire_has(report, &lookup->addrs[0]))
		remark(report,
		       wire_answers(report)
			   ? "the hosts file pins %.100s to %s, and DNS says something else"
			   : "%.100s comes from the hosts file alone (%s): DNS does not have it",
		       report->name, addr_format(&lookup->addrs[0], text));
	if (lookup->source == LOOKUP_DNS && lookup->addr_count && lookup->found_as[0] &&
	    strncmp(lookup->found_as, report->name, length) == 0 && lookup->found_as[length] &&
	    strcmp(lookup->found_as + length, ".") != 0)
		remark(report, "the search list made %.120s of it", lookup->found_as);
	if (lookup->dead_servers) {
		if (lookup->program_wait == NS_NEVER)
			snprintf(wait, sizeof wait, "for ever");
		else
			units_format_time(lookup->program_wait, true, wait);
		remark(report, "%d of %d servers are silent: a program here waits %s", lookup->dead_servers,
		       lookup->conf.server_count, wait);
	}
	if (report->ares_asked && (report->ares_count > 0) != (lookup->addr_count > 0))
		remark(report, report->ares_count
				   ? "a program that uses c-ares finds it, one that uses libc does not"
				   : "a program that uses libc finds it, one that uses c-ares does not");
}

int resolver_report_make(struct loop *loop, const char *name, int family, struct resolver_report *out,
			 struct error *err)
{
	*out = (struct resolver_report){ .name = name };
	if (name && lookup_name_check(name, err) < 0)
		return -1;
	netns_etc_path("resolv.conf", out->conf_path);
	if (resolv_conf_read(&out->conf, err) < 0)
		return -1;
	sources_fill(out, family);
	resolved_look(out);
	struct ares_asking asking = { .done = true };
	if (name)
		ares_begin(loop, family, out, &asking);
	int failed = name ? program_run(loop, family, out, err) : 0;
	if (!failed && !out->interrupted)
		wire_ask(loop, family, out);
	if (name)
		ares_end(loop, &asking);
	if (failed)
		return -1;
	remarks_on_conf(out);
	if (name)
		remarks_on_answer(out);
	return 0;
}

void resolver_report_release(struct resolver_report *report)
{
	dns_batch_release(report->jobs, report->job_count);
	free(report->jobs);
	free(report->steps);
	free((void *)(uintptr_t)report->lookup.answers);
}
