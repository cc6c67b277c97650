/* Is the table of tracked connections full, and who fills it?
 * Count and limit, what was refused, and the entries by state and by peer. */
#include "ntsh/conntrack.h"
#include "ntsh/command.h"

#include <stdio.h>

struct args {
	ns_t interval;
	int64_t peers;
};

static const struct args defaults = { 500 * NS_PER_MS, 5 };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 'd', "for", "D", "how long to watch the counters (500ms)", offsetof(struct args, interval), 0, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'p', "peers", "N", "how many peers to name (5)", offsetof(struct args, peers), 0, CONNTRACK_PEERS_MAX, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "tracking", KIND_FLAG, "the kernel tracks connections here" },
	{ "count", KIND_COUNT, "entries now, in this namespace" },
	{ "max", KIND_COUNT, "how many there may be (net.netfilter.nf_conntrack_max)" },
	{ "fill_percent", KIND_PERCENT, "the same as a share" },
	{ "interval_ms", KIND_TIME, "between the two readings of the counters" },
	{ "counters", KIND_NONE, "what was refused or went wrong" },
	{ "counters[].name", KIND_TEXT, "the kernel's name" },
	{ "counters[].value", KIND_COUNT, "since the namespace was made" },
	{ "counters[].delta", KIND_COUNT, "in the interval" },
	{ "counters[].means", KIND_TEXT, "what it counts" },
	{ "entries", KIND_COUNT, "entries that were read" },
	{ "unreplied", KIND_COUNT, "of these, without any answer so far" },
	{ "natted", KIND_COUNT, "of these, with translated addresses" },
	{ "states", KIND_NONE, "the entries by protocol and state, the most first" },
	{ "states[].protocol", KIND_TEXT, "tcp, udp, icmp ..." },
	{ "states[].state", KIND_TEXT, "ESTABLISHED, SYN_SENT ...; replied or unreplied for those without states" },
	{ "states[].count", KIND_COUNT, "how many" },
	{ "sources", KIND_NONE, "who opened most of them" },
	{ "sources[].address", KIND_ADDRESS, "who" },
	{ "sources[].count", KIND_COUNT, "how many" },
	{ "targets", KIND_NONE, "who was asked most" },
	{ "targets[].address", KIND_ADDRESS, "who" },
	{ "targets[].count", KIND_COUNT, "how many" },
	{ "verdict", KIND_TEXT, "good, filling, full, refusing or off" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

enum { FILL_WATCH = 85, FILL_FULL = 98 }; /* SIGNALS 19 */

static const struct {
	size_t offset;
	const char *name, *means;
	bool loss;
} counters[] = {
	{ offsetof(struct conntrack_counters, drop), "drop", "packets dropped because the table was full",
	  true },
	{ offsetof(struct conntrack_counters, early_drop), "early_drop",
	  "entries thrown out to make room: the table is full", true },
	{ offsetof(struct conntrack_counters, insert_failed), "insert_failed",
	  "connections that could not be entered: two packets at once (DNS), or a clash of NAT", true },
	{ offsetof(struct conntrack_counters, error), "error", "damaged ICMP errors and the like", false },
	{ offsetof(struct conntrack_counters, invalid), "invalid", "packets that belong to no connection",
	  false },
	{ offsetof(struct conntrack_counters, chain_too_long), "chaintoolong", "a hash chain was too long",
	  true },
	{ offsetof(struct conntrack_counters, search_restart), "search_restart",
	  "look-ups that began again because the table changed", false },
};

static uint64_t counter_of(const struct conntrack *conntrack, size_t i)
{
	return *(const uint64_t *)((const char *)&conntrack->counters + counters[i].offset);
}

/* Returns how many packets or connections were refused in the interval. */
static uint64_t counters_put(struct result *result, const struct conntrack *before,
			     const struct conntrack *now)
{
	static const struct table table = { .name = "counters" };
	uint64_t refused = 0;
	result_list_open(result, &table);
	for (size_t i = 0; i < sizeof counters / sizeof counters[0] && now->has_counters; i++) {
		uint64_t value = counter_of(now, i), delta = value - counter_of(before, i);
		result_row_open(result);
		result_put(result, "name", value_text(counters[i].name));
		result_put(result, "value", value_count(value));
		result_put(result, "delta", value_count(delta));
		result_put(result, "means", value_text(counters[i].means));
		refused += counters[i].loss ? delta : 0;
		if (value && counters[i].loss)
			result_item(result, "refused", delta ? TONE_BAD : TONE_PLAIN,
				    "{name} {value}{delta? (+{delta} just now)}: {means}");
		else
			result_line_verbose(result, TONE_FAINT, "{name} {value}: {means}");
		result_row_close(result);
	}
	result_list_close(result);
	return refused;
}

static void peers_put(struct result *result, const char *name, const char *label,
		      const struct conntrack_peer *peers, size_t count, int64_t shown)
{
	const struct table table = { .name = name };
	result_list_open(result, &table);
	for (size_t i = 0; i < count && (int64_t)i < shown; i++) {
		result_row_open(result);
		result_put(result, "address", value_address(&peers[i].addr));
		result_put(result, "count", value_count(peers[i].count));
		result_item(result, label, TONE_PLAIN, "{address} {count}");
		result_row_close(result);
	}
	result_list_close(result);
}

static void summary_put(struct result *result, const struct conntrack_summary *summary, int64_t peers)
{
	static const struct table table = { .name = "states" };
	result_put(result, "entries", value_count(summary->entries));
	result_put(result, "unreplied", value_count(summary->unreplied));
	result_put(result, "natted", value_count(summary->natted));
	result_list_open(result, &table);
	for (size_t i = 0; i < summary->sum_count; i++) {
		result_row_open(result);
		result_put(result, "protocol", value_text(summary->sums[i].protocol));
		result_put(result, "state", value_text(summary->sums[i].state));
		result_put(result, "count", value_count(summary->sums[i].count));
		result_item(result, "states", TONE_PLAIN, "{protocol} {state} {count}");
		result_row_close(result);
	}
	result_list_close(result);
	peers_put(result, "sources", "from", summary->sources, summary->source_count, peers);
	peers_put(result, "targets", "to", summary->targets, summary->target_count, peers);
	if (summary->natted)
		result_item(result, "NAT", TONE_PLAIN, "{natted} entries have translated addresses");
	if (summary->changed)
		result_note(result, "the table changed while it was read: the sums are near, not exact");
	if (summary->peers_cut)
		result_note(result, "there are too many peers to count them all one by one");
}

static enum status verdict_show(struct result *result, double fill, uint64_t refused)
{
	const char *verdict = refused              ? "refusing"
			      : fill >= FILL_FULL  ? "full"
			      : fill >= FILL_WATCH ? "filling"
						   : "good";
	result_put(result, "verdict", value_text(verdict));
	if (refused)
		result_headline(result, TONE_BAD, "REFUSING",
				"connections are refused now: {count} of {max} entries are in use", NULL);
	else if (fill >= FILL_FULL)
		result_headline(result, TONE_BAD, "FULL",
				"{count} of {max} entries are in use: new connections will fail", NULL);
	else if (fill >= FILL_WATCH)
		result_headline(result, TONE_WARN, "FILLING",
				"{count} of {max} entries are in use ({fill_percent})", NULL);
	else
		result_headline(result, TONE_GOOD, "GOOD",
				"{count} of {max} entries are in use ({fill_percent})", NULL);
	return refused || fill >= FILL_FULL ? STATUS_BAD : STATUS_OK;
}

static uint64_t refused_between(const struct conntrack *before, const struct conntrack *now)
{
	uint64_t refused = 0;
	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
		refused += counters[i].loss ? counter_of(now, i) - counter_of(before, i) : 0;
	return refused;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct conntrack before, now;
	struct conntrack_summary summary;
	struct error err = ERROR_INIT;
	if (conntrack_read(&before, call->error) < 0)
		return call->error->status;
	result_put(result, "tracking", value_flag(before.loaded));
	if (!before.loaded) {
		result_put(result, "verdict", value_text("off"));
		result_line(result, TONE_GOOD,
			    "the kernel does not track connections here: nothing to fill up");
		return STATUS_OK;
	}
	int listed = conntrack_summarize(call->settings->family, &summary, &err);
	(void)loop_sleep(call->loop, args->interval);
	if (conntrack_read(&now, call->error) < 0)
		return call->error->status;
	double fill = conntrack_fill(&now);
	result_put(result, "count", now.has_count ? value_count(now.count) : value_none());
	result_put(result, "max", value_count(now.max));
	result_put(result, "fill_percent", fill < 0 ? value_none() : value_percent(fill));
	result_put(result, "interval_ms", value_time(now.at - before.at));
	enum status status = verdict_show(result, fill, refused_between(&before, &now));
	result_gap(result);
	(void)counters_put(result, &before, &now);
	if (listed == 0)
		summary_put(result, &summary, args->peers);
	else
		result_note(result, "%s%s%s", err.message, *err.hint ? "; " : "", err.hint);
	return status;
}

const struct command command_conntrack = {
	.name = "conntrack",
	.summary = "is the table of tracked connections full, and who fills it",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
