/* Which counters move now, and is that bad?
 * Reads them again and again: each interval shows what stands out in it, and the traffic that it is to be compared with. */
#include "ntsh/command.h"
#include "ntsh/stats.h"

struct args {
	ns_t interval;
	int64_t count;
};
static const struct args defaults = { .interval = 2 * NS_PER_S };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "D", "between two readings (2s)", offsetof(struct args, interval), 50 * NS_PER_MS, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "end after so many intervals", offsetof(struct args, count), 1, INT32_MAX, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "intervals", KIND_NONE, "each interval when it ends" },
	{ "intervals[].at", KIND_DATE, "when it ended" },
	{ "intervals[].in_pps", KIND_PACKET_RATE, "packets received, IPv4 and IPv6" },
	{ "intervals[].out_pps", KIND_PACKET_RATE, "packets sent" },
	{ "intervals[].connections_per_second", KIND_REAL, "TCP connections opened and accepted" },
	{ "intervals[].retransmitted_percent", KIND_PERCENT, "of the TCP segments that were sent" },
	{ "intervals[].findings", KIND_NONE, "what stands out in it, the worst first" },
	{ "intervals[].findings[].severity", KIND_TEXT, "bad, warning or note" },
	{ "intervals[].findings[].id", KIND_TEXT, "as in stats" },
	{ "intervals[].findings[].counter", KIND_TEXT, "the counter it rests on" },
	{ "intervals[].findings[].value", KIND_COUNT, "how much it grew" },
	{ "intervals[].findings[].says", KIND_TEXT, "the finding as a sentence" },
	{ "count", KIND_COUNT, "intervals" },
	{ "bad", KIND_COUNT, "intervals in which something bad or to be looked at happened" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table interval_table = { .name = "intervals", .live = true,
	.line = "{at}  in {in_pps}, out {out_pps}, {connections_per_second} connections a second{retransmitted_percent?, {retransmitted_percent} retransmitted}" };
static const struct table finding_table = { .name = "findings", .line = "    {severity}: {says}" };
static const char *const severities[] = { [STATS_NOTE] = "note", [STATS_WARN] = "warning", [STATS_BAD] = "bad" };
/* clang-format on */

static double rate(const struct counters *grown, const char *a, const char *b, double seconds)
{
	return (double)(counters_get(grown, a) + counters_get(grown, b)) / seconds;
}

/* Returns true when something happened that is more than a note. */
static bool interval_put(struct result *result, const struct counters *grown, double seconds)
{
	static struct stats_finding findings[STATS_FINDINGS_MAX];
	size_t count = stats_judge(grown, NULL, 0, findings);
	uint64_t sent = counters_get(grown, "Tcp.OutSegs"), again = counters_get(grown, "Tcp.RetransSegs");
	bool bad = false;
	result_row_open(result);
	result_put(result, "at", value_date(clock_real()));
	result_put(result, "in_pps",
		   value_packet_rate(rate(grown, "Ip.InReceives", "Ip6InReceives", seconds)));
	result_put(result, "out_pps",
		   value_packet_rate(rate(grown, "Ip.OutRequests", "Ip6OutRequests", seconds)));
	result_put(result, "connections_per_second",
		   value_real(rate(grown, "Tcp.ActiveOpens", "Tcp.PassiveOpens", seconds)));
	result_put(result, "retransmitted_percent",
		   sent ? value_percent(100 * (double)again / (double)sent) : value_none());
	result_list_open(result, &finding_table);
	for (size_t i = 0; i < count; i++) {
		result_row_open(result);
		result_put(result, "severity", value_text(severities[findings[i].severity]));
		result_put(result, "id", value_text(findings[i].id));
		result_put(result, "counter", value_text(findings[i].counter));
		result_put(result, "value", value_count(findings[i].value));
		result_put(result, "says", value_text(findings[i].says));
		result_row_close(result);
		bad |= findings[i].severity != STATS_NOTE;
	}
	result_list_close(result);
	result_row_close(result);
	return bad;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct counters before, now, grown;
	uint64_t count = 0, bad = 0;
	if (stats_read(&before, call->error) < 0)
		return call->error->status;
	enum loop_end end = LOOP_DONE;
	enum status failed = STATUS_OK;
	result_live(result);
	result_list_open(result, &interval_table);
	while (!failed && (!args->count || count < (uint64_t)args->count) && !result_broken(result)) {
		end = loop_sleep(call->loop, args->interval);
		if (end == LOOP_INTERRUPTED || end == LOOP_TIMEOUT)
			break;
		failed = stats_read(&now, call->error) < 0 ? call->error->status : STATUS_OK;
		if (failed)
			break;
		stats_difference(&now, &before, &grown);
		bad += interval_put(result, &grown, (double)(now.at - before.at) / 1e9);
		count++;
		counters_free(&grown);
		counters_free(&before);
		before = now;
	}
	result_list_close(result);
	counters_free(&before);
	result_put(result, "count", value_count(count));
	result_put(result, "bad", value_count(bad));
	result_gap(result);
	result_line(result, bad ? TONE_WARN : TONE_GOOD,
		    bad ? "something stood out in {bad} of {count} intervals"
			: "nothing stood out in {count} intervals");
	return failed ? failed : end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : bad ? STATUS_BAD : STATUS_OK;
}

const struct command command_stats_watch = {
	.name = "stats watch",
	.summary = "which counters move now, and is that bad",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
