/* What do the kernel's counters say?
 * Findings, the worst first, each a sentence with its rates since boot and since the last look; also from a saved netstat -s or nstat. */
#include "ntsh/stats.h"
#include "ntsh/command.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct args {
	const char *file;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_FILE, 'F', "file", "FILE", "a saved output of netstat -s or nstat instead of this machine (-: standard input)",
	  offsetof(struct args, file), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "source", KIND_TEXT, "this machine, or the file" },
	{ "uptime_s", KIND_REAL, "seconds since boot; null for a file" },
	{ "last_look_s", KIND_REAL, "seconds since the last look; null when there was none" },
	{ "findings", KIND_NONE, "what stands out, the worst first" },
	{ "findings[].severity", KIND_TEXT, "bad, warning or note" },
	{ "findings[].id", KIND_TEXT, "listen-overflow, retransmissions, ..." },
	{ "findings[].counter", KIND_TEXT, "the counter it rests on: explain tells more" },
	{ "findings[].value", KIND_COUNT, "its value" },
	{ "findings[].share_percent", KIND_PERCENT, "of what it is compared with; null: with nothing" },
	{ "findings[].per_second", KIND_REAL, "its rate since boot; null: unknown" },
	{ "findings[].recent_per_second", KIND_REAL, "its rate since the last look; null: there was none" },
	{ "findings[].says", KIND_TEXT, "the finding as a sentence" },
	{ "findings[].rates", KIND_TEXT, "the rates in words" },
	{ "findings[].todo", KIND_TEXT, "where to look, what to change" },
	{ "counters", KIND_NONE, "all counters that are not 0" },
	{ "counters[].name", KIND_TEXT, "the kernel's name: TcpExt.ListenOverflows" },
	{ "counters[].value", KIND_COUNT, "its value" },
	{ "counters[].per_second", KIND_REAL, "its rate since boot; null: unknown" },
	{ "counters[].recent", KIND_COUNT, "how much it grew since the last look; null: there was none" },
	{ "bad", KIND_COUNT, "findings that cost users something" },
	{ "warnings", KIND_COUNT, "findings to look at" },
	{ "notes", KIND_COUNT, "findings that may be normal" },
	{ "unread", KIND_COUNT, "lines of the file that were not understood" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table finding_table = { .name = "findings", .line = "{severity}: {says}" };
static const struct table json_counters = { .name = "counters" };
static const struct column columns[] = {
	{ .name = "name", .heading = "counter", .min_width = 32 }, { .name = "value", .heading = "value", .align = ALIGN_RIGHT, .min_width = 16 },
	{ .name = "per_second", .heading = "a second since boot", .align = ALIGN_RIGHT }, { .name = "recent", .heading = "since the last look", .align = ALIGN_RIGHT },
};
static const struct table counter_table = { .name = "counters", .columns = columns, .column_count = sizeof columns / sizeof *columns };
static const char *const severities[] = { [STATS_NOTE] = "note", [STATS_WARN] = "warning", [STATS_BAD] = "bad" };
/* clang-format on */

/* --- rates in words --- */

static void rate_format(double rate, char out[64])
{
	if (rate >= 1)
		snprintf(out, 64, "%.3g a second", rate);
	else if (rate >= 1.0 / 60)
		snprintf(out, 64, "%.2g a minute", rate * 60);
	else if (rate >= 1.0 / 3600)
		snprintf(out, 64, "%.2g an hour", rate * 3600);
	else
		snprintf(out, 64, "%.2g a day", rate * 86400);
}

static void rates_format(const struct stats_finding *finding, char out[160])
{
	char boot[64], recent[64];
	out[0] = '\0';
	if (!isnan(finding->rate)) {
		rate_format(finding->rate, boot);
		snprintf(out, 160, "%s since boot", boot);
	}
	if (isnan(finding->recent))
		return;
	size_t used = strlen(out);
	rate_format(finding->recent, recent);
	if (finding->recent > 0)
		snprintf(out + used, 160 - used, ", %s since the last look: it goes on", recent);
	else
		snprintf(out + used, 160 - used, ", none since the last look");
}

/* --- parts of the answer --- */

static void finding_put(struct result *result, const struct stats_finding *finding)
{
	char rates[160];
	rates_format(finding, rates);
	result_row_open(result);
	result_put(result, "severity", value_text(severities[finding->severity]));
	result_put(result, "id", value_text(finding->id));
	result_put(result, "counter", value_text(finding->counter));
	result_put(result, "value", value_count(finding->value));
	result_put(result, "share_percent", value_percent(finding->share));
	result_put(result, "per_second", value_real(finding->rate));
	result_put(result, "recent_per_second", value_real(finding->recent));
	result_put(result, "says", value_text(finding->says));
	result_put(result, "rates", value_text(rates));
	result_put(result, "todo", value_text(finding->todo));
	result_line(result, finding->recent > 0 ? TONE_WARN : TONE_FAINT, "    {counter}{rates?, {rates}}");
	if (*finding->todo)
		result_line(result, TONE_FAINT, "    look at: {todo}");
	result_row_close(result);
}

/* In text with -v only. */
static void counters_put(struct call *call, const struct counters *now, const struct counters *before,
			 double boot)
{
	struct result *result = call->result;
	result_list_open(result, call->settings->verbose ? &counter_table : &json_counters);
	for (size_t i = 0; i < now->count; i++) {
		const struct counter *counter = &now->items[i];
		uint64_t was = before ? counters_get(before, counter->name) : 0;
		if (!counter->value)
			continue;
		result_row_open(result);
		result_put(result, "name", value_text(counter->name));
		result_put(result, "value", value_count(counter->value));
		result_put(result, "per_second", value_real(boot > 0 ? (double)counter->value / boot : NAN));
		result_put(result, "recent",
			   before && counter->value >= was ? value_count(counter->value - was)
							   : value_none());
		result_row_close(result);
	}
	result_list_close(result);
}

static void summary_show(struct result *result, const size_t of[3], bool file)
{
	result_put(result, "bad", value_count(of[STATS_BAD]));
	result_put(result, "warnings", value_count(of[STATS_WARN]));
	result_put(result, "notes", value_count(of[STATS_NOTE]));
	result_gap(result);
	if (of[STATS_BAD] || of[STATS_WARN])
		result_line(result, of[STATS_BAD] ? TONE_BAD : TONE_WARN,
			    "{bad} bad, {warnings} warnings, {notes} notes in {source}");
	else
		result_line(result, TONE_GOOD, "nothing stands out in {source}{notes?; {notes} notes}");
	if (!file && !of[STATS_BAD] && !of[STATS_WARN] && !of[STATS_NOTE])
		result_line(result, TONE_FAINT, "-v shows all counters");
	else
		result_line(result, TONE_FAINT,
			    "explain COUNTER tells what a counter means; -v shows them all");
}

static enum status show(struct call *call, const struct counters *now, const struct counters *before,
			double boot, bool file)
{
	static struct stats_finding findings[STATS_FINDINGS_MAX];
	size_t count = stats_judge(now, before, boot, findings), of[3] = { 0 };
	struct result *result = call->result;
	result_list_open(result, &finding_table);
	for (size_t i = 0; i < count; i++) {
		finding_put(result, &findings[i]);
		of[findings[i].severity]++;
	}
	result_list_close(result);
	counters_put(call, now, before, boot);
	summary_show(result, of, file);
	return of[STATS_BAD] || of[STATS_WARN] ? STATUS_BAD : STATUS_OK;
}

static enum status run_file(struct call *call, const char *path)
{
	struct counters counters;
	unsigned unread = 0;
	if (stats_read_file(path, &counters, &unread, call->error) < 0)
		return call->error->status;
	result_put(call->result, "source", value_text(path));
	result_put(call->result, "uptime_s", value_none());
	result_put(call->result, "last_look_s", value_none());
	result_put(call->result, "unread", value_count(unread));
	if (unread)
		result_note(call->result, "%u lines were not understood", unread);
	enum status status = show(call, &counters, NULL, 0, true);
	counters_free(&counters);
	return status;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct counters now, before;
	ns_t age = 0;
	if (args->file)
		return run_file(call, args->file);
	bool looked = stats_last_load(&before, &age) == 0;
	if (stats_read(&now, call->error) < 0) {
		counters_free(&before);
		return call->error->status;
	}
	before.at = now.at - age;
	double boot = stats_uptime();
	result_put(call->result, "source", value_text("this machine"));
	result_put(call->result, "uptime_s", value_real(boot));
	result_put(call->result, "last_look_s", value_real(looked ? (double)age / 1e9 : NAN));
	result_put(call->result, "unread", value_count(0));
	enum status status = show(call, &now, looked ? &before : NULL, boot, false);
	stats_last_save(&now);
	counters_free(&now);
	counters_free(&before);
	return status;
}

const struct command command_stats = {
	.name = "stats",
	.summary = "what the kernel's counters say, the worst first",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
