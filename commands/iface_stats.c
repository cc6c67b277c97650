/* What does each interface carry now, and what does it lose?
 * Two readings an interval apart: rates for everything that moves, and every error counter with its meaning. */
#include "ntsh/command.h"
#include "ntsh/iface.h"

#include <stdio.h>
#include <string.h>

struct args {
	const char *interface;
	ns_t interval;
};

static const struct args defaults = { NULL, NS_PER_S };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 'd', "for", "D", "how long to count (1s)", offsetof(struct args, interval), NS_PER_MS * 10, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_INTERFACE, 0, "interface", "IF", "only this one", offsetof(struct args, interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "interval_ms", KIND_TIME, "between the two readings" },
	{ "interfaces", KIND_NONE, "those asked for" },
	{ "interfaces[].name", KIND_TEXT, "its name" },
	{ "interfaces[].state", KIND_TEXT, "up, down, no carrier, lower down or dormant" },
	{ "interfaces[].health", KIND_TEXT, "good, off, warn or bad, in the interval" },
	{ "interfaces[].says", KIND_TEXT, "what is wrong with it" },
	{ "interfaces[].rx_bps", KIND_BIT_RATE, "received" },
	{ "interfaces[].tx_bps", KIND_BIT_RATE, "sent" },
	{ "interfaces[].rx_pps", KIND_PACKET_RATE, "received" },
	{ "interfaces[].tx_pps", KIND_PACKET_RATE, "sent" },
	{ "interfaces[].errors", KIND_COUNT, "damaged or not sent in the interval" },
	{ "interfaces[].drops", KIND_COUNT, "dropped in the interval" },
	{ "interfaces[].counters", KIND_NONE, "every counter of the kernel that this kernel has" },
	{ "interfaces[].counters[].interface", KIND_TEXT, "its interface" },
	{ "interfaces[].counters[].name", KIND_TEXT, "the kernel's name" },
	{ "interfaces[].counters[].class", KIND_TEXT, "traffic, error, drop, or detail of one of those" },
	{ "interfaces[].counters[].value", KIND_COUNT, "since boot" },
	{ "interfaces[].counters[].delta", KIND_COUNT, "in the interval" },
	{ "interfaces[].counters[].rate", KIND_REAL, "a second" },
	{ "interfaces[].counters[].means", KIND_TEXT, "what it counts" },
	{ "moving", KIND_COUNT, "error and drop counters that moved in the interval" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

struct pair {
	const struct ifaces *ifaces;
	const struct iface *before, *now;
	double seconds;
};

static double rate(const struct pair *pair, enum iface_counter counter)
{
	return (double)iface_delta(pair->before, pair->now, counter) / pair->seconds;
}

static uint64_t sum(const struct pair *pair, enum iface_counter_class class_)
{
	uint64_t total = 0;
	for (unsigned i = 0; i < IFACE_COUNTERS; i++)
		if (iface_counters[i].class_ == class_)
			total += iface_delta(pair->before, pair->now, i);
	return total;
}

/* In JSON all of them; for people those that moved, and with the one interface also the old ones. */
static uint64_t counters_put(struct result *result, const struct pair *pair)
{
	static const char *const classes[] = { "traffic", "error", "drop", "detail" };
	static const struct table table = { .name = "counters" };
	uint64_t moving = 0;
	result_list_open(result, &table);
	for (unsigned i = 0; i < pair->now->counter_count; i++) {
		const struct iface_counter_info *info = &iface_counters[i];
		uint64_t delta = iface_delta(pair->before, pair->now, i);
		result_row_open(result);
		result_put(result, "interface", value_text(pair->now->name));
		result_put(result, "name", value_text(info->name));
		result_put(result, "class", value_text(classes[info->class_]));
		result_put(result, "value", value_count(pair->now->counters[i]));
		result_put(result, "delta", value_count(delta));
		result_put(result, "rate", value_real(rate(pair, i)));
		result_put(result, "means", value_text(info->means));
		moving += delta && info->class_ != COUNTER_TRAFFIC;
		result_row_close(result);
	}
	result_list_close(result);
	return moving;
}

static void row_put(struct result *result, const struct pair *pair, enum iface_health health,
		    const char *says)
{
	static const char *const names[] = { "good", "off", "warn", "bad" };
	result_put(result, "name", value_text(pair->now->name));
	result_put(result, "state", value_text(iface_state(pair->now)));
	result_put(result, "health", value_text(names[health]));
	result_put(result, "says", value_text(*says ? says : NULL));
	result_put(result, "rx_bps", value_bit_rate(8 * rate(pair, IFACE_RX_BYTES)));
	result_put(result, "tx_bps", value_bit_rate(8 * rate(pair, IFACE_TX_BYTES)));
	result_put(result, "rx_pps", value_packet_rate(rate(pair, IFACE_RX_PACKETS)));
	result_put(result, "tx_pps", value_packet_rate(rate(pair, IFACE_TX_PACKETS)));
	result_put(result, "errors", value_count(sum(pair, COUNTER_ERROR)));
	result_put(result, "drops", value_count(sum(pair, COUNTER_DROP)));
}

static bool is_wanted(const struct args *args, const struct iface *iface)
{
	return !args->interface || !strcmp(args->interface, iface->name);
}

static struct pair pair_of(const struct ifaces *before, const struct ifaces *now, const struct iface *iface)
{
	return (struct pair){ now, iface_by_index(before, iface->index), iface,
			      (double)(now->at - before->at) / 1e9 };
}

static enum iface_health rows_put(struct result *result, const struct args *args, const struct ifaces *before,
				  const struct ifaces *now, uint64_t *moving)
{
	static const struct column columns[] = {
		{ .name = "name", .heading = "interface" },
		{ .name = "state", .heading = "state", .flexible = true },
		{ .name = "rx_bps", .heading = "received", .align = ALIGN_RIGHT },
		{ .name = "tx_bps", .heading = "sent", .align = ALIGN_RIGHT },
		{ .name = "rx_pps", .heading = "", .align = ALIGN_RIGHT },
		{ .name = "tx_pps", .heading = "", .align = ALIGN_RIGHT },
		{ .name = "errors", .heading = "errors", .align = ALIGN_RIGHT },
		{ .name = "drops", .heading = "drops", .align = ALIGN_RIGHT },
	};
	static const struct table table = { .name = "interfaces",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof columns[0] };
	enum iface_health worst = IFACE_GOOD;
	result_list_open(result, &table);
	for (size_t i = 0; i < now->count; i++) {
		if (!is_wanted(args, &now->items[i]))
			continue;
		struct pair pair = pair_of(before, now, &now->items[i]);
		char says[IFACE_DETAIL_MAX];
		enum iface_health health = iface_judge(now, pair.before, pair.now, NULL, says);
		worst = health > worst ? health : worst;
		result_row_open(result);
		row_put(result, &pair, health, says);
		*moving += counters_put(result, &pair);
		result_row_close(result);
	}
	result_list_close(result);
	return worst;
}

/* --- for people: the counters, and what is wrong --- */

static void counter_show(struct result *result, const struct pair *pair, unsigned i)
{
	const struct iface_counter_info *info = &iface_counters[i];
	uint64_t delta = iface_delta(pair->before, pair->now, i);
	char line[256];
	if (info->class_ == COUNTER_TRAFFIC || !pair->now->counters[i])
		return;
	snprintf(line, sizeof line, "%s +%llu (%.3g a second), %llu since boot: %s", info->name,
		 (unsigned long long)delta, rate(pair, i), (unsigned long long)pair->now->counters[i],
		 info->means);
	if (!delta)
		snprintf(line, sizeof line, "%s +0, %llu since boot: %s", info->name,
			 (unsigned long long)pair->now->counters[i], info->means);
	result_item(result, pair->now->name, delta ? TONE_WARN : TONE_FAINT, line);
}

static void counters_show(struct result *result, const struct args *args, const struct ifaces *before,
			  const struct ifaces *now)
{
	for (size_t i = 0; i < now->count; i++) {
		struct pair pair = pair_of(before, now, &now->items[i]);
		char says[IFACE_DETAIL_MAX];
		if (!is_wanted(args, pair.now))
			continue;
		if (iface_judge(now, pair.before, pair.now, NULL, says) >= IFACE_WARN)
			result_item(result, pair.now->name, TONE_BAD, says);
		for (unsigned c = 0; c < pair.now->counter_count; c++)
			if (args->interface || iface_delta(pair.before, pair.now, c))
				counter_show(result, &pair, c);
	}
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct ifaces before, now;
	uint64_t moving = 0;
	if (ifaces_read(&before, call->error) < 0)
		return call->error->status;
	result_progress(result, -1, args->interval, "counting packets");
	(void)loop_sleep(call->loop, args->interval);
	result_progress(result, 1, NS_NONE, NULL);
	if (ifaces_read(&now, call->error) < 0) {
		ifaces_free(&before);
		return call->error->status;
	}
	result_put(result, "interval_ms", value_time(now.at - before.at));
	enum iface_health worst = rows_put(result, args, &before, &now, &moving);
	result_put(result, "moving", value_count(moving));
	result_gap(result);
	counters_show(result, args, &before, &now);
	result_line(result, TONE_PLAIN,
		    moving ? "{moving} error counters moved in {interval_ms}"
			   : "no error and no drop was counted in {interval_ms}");
	ifaces_free(&before);
	ifaces_free(&now);
	return worst == IFACE_BAD ? STATUS_BAD : STATUS_OK;
}

const struct command command_iface_stats = {
	.name = "iface stats",
	.summary = "what each interface carries now, and what it loses",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
