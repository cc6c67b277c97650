/* What is wrong with the routes here, or will hurt one day?
 * Reads all tables and judges them: each finding is a sentence, the worst first, with what to do. No packet is sent. */
#include "ntsh/route_check.h"
#include "ntsh/command.h"

enum { FINDINGS_MAX = 400 };

/* clang-format off */
static const struct option options[] = { OPTION_END };

static const struct field fields[] = {
	{ "findings", KIND_NONE, "what was found, the worst first" },
	{ "findings[].severity", KIND_TEXT, "bad, warning or note" },
	{ "findings[].id", KIND_TEXT, "duplicate-default, dead-gateway, gateway-off-link, dead-nexthop, shadowed, way-back, rp-filter, blackhole, mtu, ..." },
	{ "findings[].where", KIND_TEXT, "the route, gateway or address it is about" },
	{ "findings[].says", KIND_TEXT, "what is wrong" },
	{ "findings[].todo", KIND_TEXT, "what to do about it" },
	{ "bad", KIND_COUNT, "findings that break something now" },
	{ "warnings", KIND_COUNT, "findings that will hurt" },
	{ "notes", KIND_COUNT, "findings that may be meant" },
	{ "left_out", KIND_COUNT, "further ones of the same kinds that are not listed" },
	{ "routes", KIND_COUNT, "routes read, all tables, both families" },
	{ "gateways", KIND_COUNT, "different gateways asked about" },
	{ "complete", KIND_FLAG, "false: the tables changed while they were read" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table table = { .name = "findings", .line = "{severity}: {where}" };
static const char *const severities[] = { [ROUTE_NOTE] = "note", [ROUTE_WARN] = "warning", [ROUTE_BAD] = "bad" };
/* clang-format on */

struct run {
	struct route_finding findings[FINDINGS_MAX];
	size_t count, of[3];
};

static void on_finding(const struct route_finding *finding, void *arg)
{
	struct run *run = arg;
	run->of[finding->severity]++;
	if (run->count < FINDINGS_MAX)
		run->findings[run->count++] = *finding;
}

static void finding_put(struct result *result, const struct route_finding *finding)
{
	result_row_open(result);
	result_put(result, "severity", value_text(severities[finding->severity]));
	result_put(result, "id", value_text(finding->id));
	result_put(result, "where", value_text(finding->where));
	result_put(result, "says", value_text(finding->says));
	result_put(result, "todo", value_text(finding->todo));
	result_line(result,
		    finding->severity == ROUTE_BAD    ? TONE_BAD
		    : finding->severity == ROUTE_WARN ? TONE_WARN
						      : TONE_PLAIN,
		    "    {says}");
	if (*finding->todo)
		result_line(result, TONE_FAINT, "    do: {todo}");
	result_row_close(result);
}

static enum status run(struct call *call, const void *arguments)
{
	(void)arguments;
	static struct run found;
	struct route_check_end end;
	struct result *result = call->result;
	found = (struct run){ .count = 0 };
	if (route_check(on_finding, &found, &end, call->error) < 0)
		return call->error->status;
	result_list_open(result, &table);
	for (int severity = ROUTE_BAD; severity >= ROUTE_NOTE; severity--)
		for (size_t i = 0; i < found.count; i++)
			if (found.findings[i].severity == (enum route_severity)severity)
				finding_put(result, &found.findings[i]);
	result_list_close(result);
	bool bad = found.of[ROUTE_BAD] || found.of[ROUTE_WARN];
	result_put(result, "bad", value_count(found.of[ROUTE_BAD]));
	result_put(result, "warnings", value_count(found.of[ROUTE_WARN]));
	result_put(result, "notes", value_count(found.of[ROUTE_NOTE]));
	result_put(result, "left_out", value_count(end.left_out));
	result_put(result, "routes", value_count(end.routes));
	result_put(result, "gateways", value_count(end.gateways));
	result_put(result, "complete", value_flag(!end.interrupted));
	result_gap(result);
	if (end.interrupted)
		result_line(result, TONE_WARN,
			    "the tables changed while they were read: ask again to be sure");
	result_line(result, bad ? TONE_BAD : TONE_GOOD,
		    bad ? "{routes} routes, {gateways} gateways: {bad} bad, {warnings} warnings{notes?, "
			  "{notes} notes}{left_out?, {left_out} more of the same kinds}"
			: "{routes} routes, {gateways} gateways: nothing is wrong{notes?; {notes} notes}");
	return bad ? STATUS_BAD : STATUS_OK;
}

const struct command command_route_check = {
	.name = "route check",
	.summary = "what is wrong with the routes, or will hurt one day",
	.options = options,
	.args_size = 1,
	.fields = fields,
	.run = run,
};
