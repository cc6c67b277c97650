/* Which packets does the kernel itself throw away, why, and what helps?
 * Listens to the kernel's own tracepoints for a while, counts, and says each reason in words. */
#include "ntsh/command.h"
#include "ntsh/drops.h"

#include <stdio.h>
#include <string.h>

enum { FLOWS_SHOWN = 5 };

static const ns_t TICK = 200 * NS_PER_MS;

struct args {
	ns_t duration;
	struct option_list words;
	bool all, devices;
};

static const struct args defaults = { .duration = 10 * NS_PER_S };

/* clang-format off */
#define AT(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 0, "for", "D", "listen so long (10s)", AT(duration), 10 * NS_PER_MS, 30 * 86400 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'a', "all", NULL, "show what is normal, too: packets that end so every day", AT(all), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'i', "interfaces", NULL, "tell the interface by which each packet came in (costs more)", AT(devices), 0, 0, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "filter", "FILTER", "words that must all fit: part of a reason or function, ip, ip6, arp, an address, :PORT, an interface", AT(words), 0, 0, NULL, OPTION_REPEAT, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "drops", KIND_NONE, "packets that were freed, by reason, place, protocol, interface and flow; the most first, normal ones last" },
	{ "drops[].count", KIND_COUNT, "packets" },
	{ "drops[].reason", KIND_TEXT, "the kernel's word for it" },
	{ "drops[].normal", KIND_FLAG, "nothing is wrong: packets end so every day" },
	{ "drops[].protocol", KIND_TEXT, "IPv4, IPv6, ARP ..." },
	{ "drops[].place", KIND_TEXT, "the kernel's function that freed them" },
	{ "drops[].interface", KIND_TEXT, "by which they came in; null: not known" },
	{ "drops[].source", KIND_ADDRESS, "whose packets; null: the kernel does not say" },
	{ "drops[].destination", KIND_ENDPOINT, "for whom; null: the kernel does not say" },
	{ "drops[].says", KIND_TEXT, "what the reason means" },
	{ "drops[].cure", KIND_TEXT, "what to do, or where to look" },
	{ "retransmissions", KIND_NONE, "what TCP sent again, by flow" },
	{ "retransmissions[].count", KIND_COUNT, "segments" },
	{ "retransmissions[].source", KIND_ENDPOINT, "who sent again" },
	{ "retransmissions[].destination", KIND_ENDPOINT, "to whom" },
	{ "states", KIND_NONE, "changes of state of TCP sockets" },
	{ "states[].count", KIND_COUNT, "how often" },
	{ "states[].change", KIND_TEXT, "SYN_SENT to ESTABLISHED ..." },
	{ "duration_ms", KIND_TIME, "how long it listened" },
	{ "dropped", KIND_COUNT, "packets dropped, without the normal ones" },
	{ "normal", KIND_COUNT, "packets that ended as they do every day" },
	{ "retransmitted", KIND_COUNT, "segments that TCP sent again" },
	{ "missed", KIND_COUNT, "events that were not seen, because there were too many" },
	{ "uncounted", KIND_COUNT, "events of so many kinds that they were not kept apart" },
	{ "top", KIND_TEXT, "the most frequent reason that is not normal" },
	{ "top_count", KIND_COUNT, "its packets" },
	{ "top_says", KIND_TEXT, "what it means" },
	{ "top_cure", KIND_TEXT, "what to do, or where to look" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static const char *protocol_name(uint16_t protocol, char buf[16])
{
	if (protocol == 0x0800 || protocol == 0x86dd)
		return protocol == 0x0800 ? "IPv4" : "IPv6";
	if (protocol == 0x0806)
		return "ARP";
	snprintf(buf, 16, protocol ? "0x%04x" : "none", protocol);
	return buf;
}

static void drop_put(struct result *result, const struct drop_count *drop)
{
	const struct drop_words *words = drop_words_find(drop->reason);
	char buf[16];
	result_row_open(result);
	result_put(result, "count", value_count(drop->count));
	result_put(result, "reason", value_text(drop->reason));
	result_put(result, "normal", value_flag(words && words->normal));
	result_put(result, "protocol", value_text(protocol_name(drop->protocol, buf)));
	result_put(result, "place", value_text(drop->place));
	result_put(result, "interface", value_text(*drop->device ? drop->device : NULL));
	result_put(result, "source", value_address(&drop->source));
	result_put(result, "destination", value_endpoint(&drop->destination));
	result_put(result, "says", value_text(words ? words->says : NULL));
	result_put(result, "cure", value_text(words ? words->cure : NULL));
	result_row_close(result);
}

static void drops_put(struct result *result, struct drops *drops, const struct args *args)
{
	static const struct column columns[] = {
		{ "count", "packets", ALIGN_RIGHT, 0, false, false },
		{ "reason", "reason", ALIGN_LEFT, 0, false, false },
		{ "protocol", "protocol", ALIGN_LEFT, 0, false, false },
		{ "place", "where", ALIGN_LEFT, 0, false, true },
		{ "interface", "came by", ALIGN_LEFT, 0, true, false },
		{ "source", "from", ALIGN_LEFT, 0, false, false },
		{ "destination", "to", ALIGN_LEFT, 0, false, false },
	};
	static const struct table shown = { .name = "drops", .columns = columns, .column_count = sizeof columns / sizeof columns[0] };
	const struct drop_count *rows;
	size_t count = drops_counts(drops, &rows);
	result_list_open(result, &shown);
	for (size_t i = 0; i < count; i++) {
		const struct drop_words *words = drop_words_find(rows[i].reason);
		bool normal = words && words->normal;
		if (!normal || args->all || result_is_json(result))
			drop_put(result, &rows[i]);
	}
	result_list_close(result);
}

/* One sentence for each reason that is not normal. */
static void reasons_show(struct result *result, struct drops *drops)
{
	const struct drop_count *rows;
	size_t count = drops_counts(drops, &rows);
	char text[600];
	for (size_t i = 0; i < count; i++) {
		const struct drop_words *words = drop_words_find(rows[i].reason);
		bool seen = !words || words->normal;
		for (size_t j = 0; j < i && !seen; j++)
			seen = strcmp(rows[j].reason, rows[i].reason) == 0;
		if (seen)
			continue;
		snprintf(text, sizeof text, "%s%s%s", words->says, words->cure ? "  ->  " : "", words->cure ? words->cure : "");
		result_item(result, rows[i].reason, TONE_PLAIN, text);
	}
}

static void resent_put(struct result *result, struct drops *drops)
{
	static const struct table table = { .name = "retransmissions", .line = "sent again: {count} from {source} to {destination}" };
	static const struct table hidden = { .name = "retransmissions" };
	const struct drop_count *rows;
	size_t count = drops_resent(drops, &rows);
	result_list_open(result, count <= FLOWS_SHOWN ? &table : &hidden);
	for (size_t i = 0; i < count; i++) {
		result_row_open(result);
		result_put(result, "count", value_count(rows[i].count));
		result_put(result, "source", value_endpoint(&rows[i].source));
		result_put(result, "destination", value_endpoint(&rows[i].destination));
		result_row_close(result);
	}
	result_list_close(result);
}

static void states_put(struct result *result, struct drops *drops)
{
	static const struct table table = { .name = "states" };
	const struct drop_count *rows;
	size_t count = drops_states(drops, &rows);
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++) {
		result_row_open(result);
		result_put(result, "count", value_count(rows[i].count));
		result_put(result, "change", value_text(rows[i].reason));
		result_row_close(result);
	}
	result_list_close(result);
}

static void totals_put(struct result *result, struct drops *drops, ns_t took)
{
	struct drops_totals totals;
	const struct drop_count *rows;
	drops_totals(drops, &totals);
	bool any = drops_counts(drops, &rows) && totals.dropped;
	const struct drop_words *words = any ? drop_words_find(rows[0].reason) : NULL;
	result_put(result, "duration_ms", value_time(took));
	result_put(result, "dropped", value_count(totals.dropped));
	result_put(result, "normal", value_count(totals.normal));
	result_put(result, "retransmitted", value_count(totals.resent));
	result_put(result, "missed", value_count(totals.overrun));
	result_put(result, "uncounted", value_count(totals.uncounted));
	result_put(result, "top", value_text(any ? rows[0].reason : NULL));
	result_put(result, "top_count", any ? value_count(rows[0].count) : value_none());
	result_put(result, "top_says", value_text(words ? words->says : NULL));
	result_put(result, "top_cure", value_text(words ? words->cure : NULL));
	if (any)
		result_line(result, TONE_WARN,
			    "{dropped} packets dropped in {duration_ms}; most ({top_count}): {top}{top_says?, {top_says}}");
	else
		result_line(result, TONE_GOOD, "nothing was dropped in {duration_ms}{normal?: {normal} packets ended as they do every day}");
	result_gap(result);
}

static void remarks_put(struct result *result, const struct call *call, uint64_t missed)
{
	if (call->settings->netns)
		result_note(result, "the kernel's trace does not tell namespaces apart: these are the drops of the whole machine");
	if (missed)
		result_line(result, TONE_WARN, "{missed} events were not seen: there were more than could be read");
}

static void wait_for(struct call *call, ns_t duration)
{
	ns_t begin = clock_mono(), left = duration;
	while (left > 0) {
		result_progress(call->result, 1 - (double)left / (double)duration, left, "listening to the kernel");
		if (loop_sleep(call->loop, left < TICK ? left : TICK) != LOOP_DONE && loop_cancelled(call->loop) != LOOP_DONE)
			break;
		left = duration - (clock_mono() - begin);
	}
	result_progress(call->result, -1, NS_NONE, NULL);
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct drops_request request = { args->words.items, args->words.count, args->devices };
	struct drops *drops = drops_start(call->loop, &request, call->error);
	if (!drops)
		return call->error->status;
	ns_t begin = clock_mono();
	wait_for(call, args->duration);
	ns_t took = clock_mono() - begin;
	drops_stop(drops);
	struct drops_totals totals;
	drops_totals(drops, &totals);
	totals_put(call->result, drops, took);
	drops_put(call->result, drops, args);
	if (totals.dropped)
		result_gap(call->result);
	reasons_show(call->result, drops);
	resent_put(call->result, drops);
	states_put(call->result, drops);
	remarks_put(call->result, call, totals.overrun);
	drops_free(drops);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return totals.dropped ? STATUS_BAD : STATUS_OK;
}

const struct command command_drops = {
	.name = "drops",
	.summary = "packets that the kernel throws away, why, and what helps",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
