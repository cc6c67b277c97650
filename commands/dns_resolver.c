/* What does a program on this machine experience when it looks NAME up?
 * The sources, the names, every question with its time-out as libc sends them - and what the servers say when asked directly. */
#include "ntsh/dns_resolver.h"
#include "ntsh/command.h"
#include "ntsh/dns_dig.h"

#include <stdio.h>
#include <string.h>

struct args {
	const char *name;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_HOST, .name = "name", .metavar = "NAME",
	  .help = "the name, written as the program would write it; without it: the configuration", .offset = offsetof(struct args, name) },
	OPTION_END,
};

static const struct field fields[] = {
	{ "name", KIND_TEXT, "the name that was asked about" },
	{ "outcome", KIND_TEXT, "found, NXDOMAIN, NODATA, SERVFAIL, REFUSED, no answer or failed; null without a name" },
	{ "summary", KIND_TEXT, "what a program gets, in a sentence" },
	{ "source", KIND_TEXT, "literal, hosts, dns or other" },
	{ "found_as", KIND_TEXT, "the name that answered, after the search list" },
	{ "addresses", KIND_NONE, "what a program gets" },
	{ "program_wait_ms", KIND_TIME, "how long a program waits, time-outs included; null for ever" },
	{ "waits_for_ever", KIND_FLAG, "libc has no time-out here (TCP)" },
	{ "dead_servers", KIND_COUNT, "servers that are waited for in vain" },
	{ "nsswitch", KIND_TEXT, "the hosts line of nsswitch.conf" },
	{ "sources", KIND_NONE, "its sources in order" },
	{ "sources[].name", KIND_TEXT, "files, dns, resolve, mdns4 ..." },
	{ "sources[].action", KIND_TEXT, "what stands in brackets behind it" },
	{ "sources[].says", KIND_TEXT, "what it does for this name" },
	{ "sources[].decides", KIND_FLAG, "the look-up ends here" },
	{ "resolv_conf", KIND_TEXT, "the file's path" },
	{ "settings", KIND_TEXT, "its servers and options in one line" },
	{ "servers", KIND_NONE, "its servers, those that libc uses" },
	{ "search", KIND_NONE, "its search list" },
	{ "ndots", KIND_COUNT, "names with that many dots are tried as they are first" },
	{ "timeout_ms", KIND_TIME, "how long libc waits for the first server each time" },
	{ "attempts", KIND_COUNT, "how often it goes through the servers" },
	{ "rotate", KIND_FLAG, "option" },
	{ "edns0", KIND_FLAG, "option" },
	{ "trust_ad", KIND_FLAG, "option" },
	{ "use_vc", KIND_FLAG, "option: TCP only" },
	{ "single_request", KIND_FLAG, "option: A and AAAA one after the other" },
	{ "single_request_reopen", KIND_FLAG, "option: each from a socket of its own" },
	{ "no_aaaa", KIND_FLAG, "option: AAAA is not asked" },
	{ "systemd_resolved", KIND_FLAG, "it runs here" },
	{ "stub", KIND_FLAG, "resolv.conf leads to systemd-resolved's stub" },
	{ "upstream", KIND_NONE, "the servers that systemd-resolved asks" },
	{ "names", KIND_NONE, "the names that libc tries, in order" },
	{ "steps", KIND_NONE, "what libc sends, and how long it waits" },
	{ "steps[].at_ms", KIND_TIME, "since the look-up began" },
	{ "steps[].name", KIND_TEXT, "the name in the question" },
	{ "steps[].server", KIND_ADDRESS, "to whom" },
	{ "steps[].limit_ms", KIND_TIME, "its time-out; null over TCP" },
	{ "steps[].waited_ms", KIND_TIME, "how long it waits; null for ever" },
	{ "steps[].end", KIND_TEXT, "answered, silent, next server, no such name ..." },
	{ "wire", KIND_NONE, "each server asked directly, for the name as it is" },
	{ "wire[].server", KIND_ADDRESS, "who was asked" },
	{ "wire[].name", KIND_TEXT, "for what: without a name the root's SOA" },
	{ "wire[].type", KIND_TEXT, "the type" },
	{ "wire[].status", KIND_TEXT, "NOERROR, NXDOMAIN ... TIMEOUT" },
	{ "wire[].time_ms", KIND_TIME, "from question to answer" },
	{ "wire[].says", KIND_TEXT, "the data, or the status" },
	{ "c_ares", KIND_NONE, "what a program that uses c-ares gets" },
	{ "c_ares_error", KIND_TEXT, "or why it gets nothing" },
	{ "remarks", KIND_NONE, "what may be a surprise" },
	{ "remarks[].text", KIND_TEXT, "a sentence" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static const char *const outcomes[] = { "found",   "NXDOMAIN",  "NODATA", "SERVFAIL",
					"REFUSED", "no answer", "failed" };
static const char *const sources[] = { "literal", "hosts", "dns", "other" };

static void addrs_put(struct result *r, const char *name, const struct addr *addrs, size_t count)
{
	struct value values[LOOKUP_ADDRS_MAX];
	for (size_t i = 0; i < count; i++)
		values[i] = value_address(&addrs[i]);
	result_put_list(r, name, values, count);
}

static void conf_put(struct result *r, const struct resolver_report *report)
{
	const struct resolv_conf *conf = &report->conf;
	struct value search[LOOKUP_SEARCH_MAX];
	char settings[1024];
	resolv_conf_format(conf, settings, sizeof settings);
	for (int i = 0; i < conf->search_count; i++)
		search[i] = value_text(conf->search[i]);
	result_put(r, "nsswitch", value_text(report->nsswitch));
	result_put(r, "resolv_conf", value_text(report->conf_path));
	result_put(r, "settings", value_text(settings));
	addrs_put(r, "servers", conf->servers, (size_t)conf->server_count);
	result_put_list(r, "search", search, (size_t)conf->search_count);
	result_put(r, "ndots", value_count((uint64_t)conf->ndots));
	result_put(r, "timeout_ms", value_time(conf->timeout));
	result_put(r, "attempts", value_count((uint64_t)conf->attempts));
	result_put(r, "rotate", value_flag(conf->rotate));
	result_put(r, "edns0", value_flag(conf->edns0));
	result_put(r, "trust_ad", value_flag(conf->trust_ad));
	result_put(r, "use_vc", value_flag(conf->use_vc));
	result_put(r, "single_request", value_flag(conf->single_request));
	result_put(r, "single_request_reopen", value_flag(conf->single_request_reopen));
	result_put(r, "no_aaaa", value_flag(conf->no_aaaa));
	result_put(r, "systemd_resolved", value_flag(report->resolved));
	result_put(r, "stub", value_flag(report->stub));
	addrs_put(r, "upstream", report->upstream.servers,
		  report->upstream.missing ? 0 : (size_t)report->upstream.server_count);
}

static void answer_put(struct result *r, const struct resolver_report *report)
{
	const struct lookup_result *lookup = &report->lookup;
	bool stopped = report->interrupted && !lookup->nsswitch[0];
	bool ok = lookup->outcome == LOOKUP_OK && lookup->addr_count, ever = lookup->program_wait == NS_NEVER;
	char summary[700], list[300] = "", text[ADDR_TEXT_MAX];
	for (size_t i = 0; i < lookup->addr_count && strlen(list) < 200; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
			 addr_format(&lookup->addrs[i], text));
	if (ok)
		snprintf(summary, sizeof summary, "a program here gets %s for %.255s%s", list, report->name,
			 lookup->source == LOOKUP_HOSTS     ? ", from the hosts file"
			 : lookup->source == LOOKUP_OTHER   ? ", as far as can be seen from here"
			 : lookup->source == LOOKUP_LITERAL ? ": it is an address"
							    : "");
	else if (stopped)
		snprintf(summary, sizeof summary, "stopped before the look-up was done");
	else
		snprintf(summary, sizeof summary, "a program here gets nothing: %.500s",
			 lookup->error.message);
	result_put(r, "outcome", value_text(stopped ? NULL : outcomes[lookup->outcome]));
	result_put(r, "summary", value_text(summary));
	result_put(r, "source", value_text(sources[lookup->source]));
	result_put(r, "found_as", value_text(lookup->found_as[0] ? lookup->found_as : NULL));
	addrs_put(r, "addresses", lookup->addrs, lookup->addr_count);
	result_put(r, "program_wait_ms", ever ? value_none() : value_time(lookup->program_wait));
	result_put(r, "waits_for_ever", value_flag(ever));
	result_put(r, "dead_servers", value_count((uint64_t)lookup->dead_servers));
	result_headline(r, ok ? lookup->dead_servers ? TONE_WARN : TONE_GOOD : TONE_BAD,
			ok        ? "FOUND"
			: stopped ? "STOPPED"
				  : "{outcome}",
			"{summary}", ever ? "waits for ever" : "waits {program_wait_ms}");
}

static void remarks_emit(struct result *r, const struct resolver_report *report)
{
	static const struct table table = { .name = "remarks" };
	result_list_open(r, &table);
	for (int i = 0; i < report->remark_count; i++) {
		result_row_open(r);
		result_put(r, "text", value_text(report->remarks[i]));
		result_item(r, "mind", TONE_WARN, "{text}");
		result_row_close(r);
	}
	result_list_close(r);
}

static void sources_emit(struct result *r, const struct resolver_report *report)
{
	static const struct table table = { .name = "sources" };
	result_item(r, "order", TONE_PLAIN, "{nsswitch} (nsswitch.conf)");
	result_list_open(r, &table);
	for (int i = 0; i < report->source_count; i++) {
		const struct resolver_source *source = &report->sources[i];
		result_row_open(r);
		result_put(r, "name", value_text(source->name));
		result_put(r, "action", value_text(source->action[0] ? source->action : NULL));
		result_put(r, "says", value_text(source->says));
		result_put(r, "decides", value_flag(source->decides));
		result_item(r, "", source->decides ? TONE_STRONG : TONE_FAINT,
			    "{name}: {says}{action? [{action}]}");
		result_row_close(r);
	}
	result_list_close(r);
	result_item(r, "settings", TONE_PLAIN, "{settings} ({resolv_conf})");
	if (report->stub)
		result_item(r, "", TONE_FAINT, "127.0.0.53 is systemd-resolved, which asks others for it");
}

static void steps_emit(struct result *r, const struct resolver_report *report)
{
	static const struct column columns[] = {
		{ .name = "at_ms", .heading = "libc asks at", .align = ALIGN_RIGHT },
		{ .name = "server", .heading = "server" },
		{ .name = "limit_ms", .heading = "time-out", .align = ALIGN_RIGHT },
		{ .name = "waited_ms", .heading = "waits", .align = ALIGN_RIGHT },
		{ .name = "end", .heading = "end" },
		{ .name = "name", .heading = "for", .flexible = true },
	};
	static const struct table table = { .name = "steps", .columns = columns, .column_count = 6 };
	struct value names[RESOLVER_NAMES_MAX];
	for (int i = 0; i < report->name_count; i++)
		names[i] = value_text(report->names[i]);
	result_put_list(r, "names", names, (size_t)report->name_count);
	result_list_open(r, &table);
	for (size_t i = 0; i < report->step_count; i++) {
		const struct resolver_step *step = &report->steps[i];
		bool ever = step->waited == NS_NEVER;
		result_row_open(r);
		result_put(r, "at_ms", value_time(step->at));
		result_put(r, "server", value_address(&step->server));
		result_put(r, "limit_ms", value_time(step->limit));
		result_put(r, "waited_ms", ever ? value_none() : value_time(step->waited));
		result_put(r, "end", value_text(step->end));
		result_put(r, "name", value_text(step->name));
		result_row_close(r);
	}
	result_list_close(r);
}

static void wire_emit(struct result *r, const struct resolver_report *report)
{
	static const struct column columns[] = {
		{ .name = "server", .heading = "asked directly" },
		{ .name = "type", .heading = "type" },
		{ .name = "status", .heading = "status" },
		{ .name = "time_ms", .heading = "time", .align = ALIGN_RIGHT },
		{ .name = "says", .heading = "says", .flexible = true },
	};
	static const struct table table = { .name = "wire", .columns = columns, .column_count = 5 };
	char says[1024], status[16], type[16];
	result_list_open(r, &table);
	for (size_t i = 0; i < report->job_count; i++) {
		const struct dns_job *job = &report->jobs[i];
		resolver_answer_text(job, says, sizeof says);
		result_row_open(r);
		result_put(r, "server", value_address(&job->request.server));
		result_put(r, "name", value_text(job->request.name));
		result_put(r, "type", value_text(dns_type_name(job->request.type, type)));
		result_put(r, "status", value_text(dns_exchange_status(&job->exchange, status)));
		result_put(r, "time_ms", value_time(job->exchange.rtt));
		result_put(r, "says", value_text(says));
		result_row_close(r);
	}
	result_list_close(r);
	addrs_put(r, "c_ares", report->ares, report->ares_count);
	result_put(r, "c_ares_error",
		   value_text(error_is_set(&report->ares_error) ? report->ares_error.message : NULL));
}

/* Without a name the servers themselves are the question. */
static enum status servers_show(struct result *r, const struct resolver_report *report)
{
	size_t alive = 0;
	char summary[160];
	for (size_t i = 0; i < report->job_count; i++)
		alive += report->jobs[i].exchange.outcome == DNS_ANSWERED;
	snprintf(summary, sizeof summary, "%zu of %zu name servers of resolv.conf answer", alive,
		 report->job_count);
	result_put(r, "summary", value_text(summary));
	result_headline(r,
			alive == report->job_count ? TONE_GOOD
			: alive                    ? TONE_WARN
						   : TONE_BAD,
			alive ? "RESOLVER" : "NO RESOLVER", "{summary}", NULL);
	return alive == report->job_count ? STATUS_OK : STATUS_BAD;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *r = call->result;
	static struct resolver_report report;
	enum status status = STATUS_BAD;
	if (resolver_report_make(call->loop, args->name, call->settings->family, &report, call->error) < 0) {
		resolver_report_release(&report);
		return call->error->status;
	}
	result_put(r, "name", value_text(report.name));
	conf_put(r, &report);
	if (report.name) {
		answer_put(r, &report);
		status =
		    report.lookup.outcome == LOOKUP_OK && report.lookup.addr_count ? STATUS_OK : STATUS_BAD;
	} else {
		status = servers_show(r, &report);
	}
	remarks_emit(r, &report);
	sources_emit(r, &report);
	result_gap(r);
	steps_emit(r, &report);
	result_gap(r);
	wire_emit(r, &report);
	if (report.interrupted)
		status = STATUS_INTERRUPTED;
	resolver_report_release(&report);
	if (status == STATUS_INTERRUPTED)
		error_set(call->error, status, "EINTR", NULL, "interrupted");
	return status;
}

const struct command command_dns_resolver = {
	.name = "dns resolver",
	.summary = "how a program on this machine looks a name up, and what it gets",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
