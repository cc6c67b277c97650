/* Is this zone well: delegated, served, signed, and set up as it should be?
 * The cases are Zonemaster's; each finding has a severity, a sentence and a cure. */
#include "ntsh/command.h"
#include "ntsh/dns_audit.h"

#include <stdio.h>

struct args {
	const char *name, *root;
	ns_t timeout;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_NAME, .name = "name", .metavar = "NAME", .help = "the zone, or a name in it",
	  .offset = offsetof(struct args, name), .flags = OPTION_REQUIRED },
	{ .style = STYLE_DASH, .type = OPT_FILE, .name = "root", .metavar = "FILE",
	  .help = "root hints of another root; DS or DNSKEY of '.' in it are its trust anchors", .offset = offsetof(struct args, root) },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .name = "wait", .metavar = "D", .help = "how long to wait for each answer (1.2 s)",
	  .offset = offsetof(struct args, timeout), .min = 10 * NS_PER_MS, .max = 30 * NS_PER_S },
	OPTION_END,
};

static const struct field fields[] = {
	{ "zone", KIND_TEXT, "the zone that was checked" },
	{ "parent", KIND_TEXT, "the zone that refers to it" },
	{ "summary", KIND_TEXT, "what was found, in a sentence" },
	{ "errors", KIND_COUNT, "findings that break something" },
	{ "warnings", KIND_COUNT, "findings that will, or break it for some" },
	{ "notices", KIND_COUNT, "findings that could be better" },
	{ "infos", KIND_COUNT, "what is worth knowing" },
	{ "name_servers", KIND_COUNT, "names in the NS set" },
	{ "addresses", KIND_COUNT, "addresses of theirs that were asked" },
	{ "security", KIND_TEXT, "signed, unsigned, bogus or not judged" },
	{ "security_says", KIND_TEXT, "the link that decides" },
	{ "findings", KIND_NONE, "the most severe first" },
	{ "findings[].id", KIND_TEXT, "the case: DELEGATION01 ..." },
	{ "findings[].severity", KIND_TEXT, "error, warning, notice or info" },
	{ "findings[].where", KIND_TEXT, "the server, name or record" },
	{ "findings[].says", KIND_TEXT, "one sentence" },
	{ "findings[].cure", KIND_TEXT, "what to do" },
	{ "cases", KIND_NONE, "every case, and how it ended" },
	{ "cases[].id", KIND_TEXT, "the case" },
	{ "cases[].title", KIND_TEXT, "what should hold" },
	{ "cases[].state", KIND_TEXT, "good, found or not tested" },
	{ "cases[].worst", KIND_TEXT, "the severity of its worst finding" },
	{ "cases[].why_not", KIND_TEXT, "why it was not tested" },
	{ "tested", KIND_COUNT, "cases that were tested" },
	{ "known", KIND_COUNT, "cases that there are" },
	{ "queries", KIND_COUNT, "questions that were sent" },
	{ "took_ms", KIND_TIME, "how long it took" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static void findings_emit(struct result *r, const struct audit_report *report, bool verbose)
{
	static const struct table table = { .name = "findings" };
	static const enum tone tones[] = { TONE_FAINT, TONE_PLAIN, TONE_WARN, TONE_BAD };
	result_list_open(r, &table);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct audit_finding *finding = &report->findings[i];
		const char *severity = audit_severity_name(finding->severity);
		result_row_open(r);
		result_put(r, "id", value_text(finding->id));
		result_put(r, "severity", value_text(severity));
		result_put(r, "where", value_text(finding->where[0] ? finding->where : NULL));
		result_put(r, "says", value_text(finding->says));
		result_put(r, "cure", value_text(finding->cure));
		if (finding->severity != AUDIT_INFO || verbose)
			result_item(r, severity, tones[finding->severity],
				    "{where?{where}: }{says}{cure? - {cure}} ({id})");
		result_row_close(r);
	}
	result_list_close(r);
}

static void cases_emit(struct result *r, const struct audit_report *report, bool verbose)
{
	static const struct table table = { .name = "cases" };
	static const char *const states[] = { "good", "found", "not tested" };
	result_gap(r);
	result_list_open(r, &table);
	for (size_t i = 0; i < report->case_count; i++) {
		const struct audit_case_result *one = &report->cases[i];
		result_row_open(r);
		result_put(r, "id", value_text(one->id));
		result_put(r, "title", value_text(one->title));
		result_put(r, "state", value_text(states[one->state]));
		result_put(r, "worst",
			   value_text(one->state == AUDIT_FOUND ? audit_severity_name(one->worst) : NULL));
		result_put(r, "why_not", value_text(one->why_not));
		if (verbose)
			result_item(r, states[one->state], TONE_FAINT, "{id} {title}{why_not? ({why_not})}");
		result_row_close(r);
	}
	result_list_close(r);
}

static enum status show(struct call *call, const struct audit_report *report)
{
	struct result *r = call->result;
	size_t errors = report->counts[AUDIT_ERROR], warnings = report->counts[AUDIT_WARNING];
	char summary[300];
	snprintf(summary, sizeof summary, "%.180s has %zu error%s and %zu warning%s", report->zone, errors,
		 errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
	result_put(r, "zone", value_text(report->zone));
	result_put(r, "parent", value_text(report->parent));
	result_put(r, "summary", value_text(summary));
	result_put(r, "errors", value_count(errors));
	result_put(r, "warnings", value_count(warnings));
	result_put(r, "notices", value_count(report->counts[AUDIT_NOTICE]));
	result_put(r, "infos", value_count(report->counts[AUDIT_INFO]));
	result_put(r, "name_servers", value_count(report->server_count));
	result_put(r, "addresses", value_count(report->address_count));
	result_put(r, "security", value_text(report->security));
	result_put(r, "security_says", value_text(report->security_says[0] ? report->security_says : NULL));
	result_put(r, "tested", value_count(report->tested));
	result_put(r, "known", value_count(report->case_count));
	result_put(r, "queries", value_count(report->queries));
	result_put(r, "took_ms", value_time(report->took));
	enum tone tone = errors ? TONE_BAD : warnings || report->interrupted ? TONE_WARN : TONE_GOOD;
	const char *badge = report->interrupted ? "STOPPED"
			    : errors            ? "ERRORS"
			    : warnings          ? "WARNINGS"
						: "GOOD";
	result_headline(r, tone, badge, report->interrupted ? "{summary} so far" : "{summary}",
			"{tested} of {known} cases");
	findings_emit(r, report, call->settings->verbose > 0);
	cases_emit(r, report, call->settings->verbose > 0);
	result_line(r, TONE_FAINT,
		    "{name_servers} name servers at {addresses} addresses, {queries} questions in {took_ms}; "
		    "{security}");
	return errors || warnings ? STATUS_BAD : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct audit_request request = { .name = args->name,
					 .family = call->settings->family,
					 .interface = call->settings->interface,
					 .root_file = args->root,
					 .timeout = args->timeout };
	struct audit *audit = audit_run(call->loop, &request, call->error);
	if (!audit)
		return call->error->status;
	enum status status = show(call, audit_report(audit));
	audit_free(audit);
	if (loop_cancelled(call->loop) != LOOP_INTERRUPTED)
		return status;
	error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
	return STATUS_INTERRUPTED;
}

const struct command command_dns_check = {
	.name = "dns check",
	.summary = "is this zone delegated, served and signed as it should be",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
