/* Who talked with whom in this capture, where did the time of each exchange go, and what went wrong?
 * Each conversation is a row: handshake, way, server, transfer, what was sent again and why, how it ended and why.
 * People see the largest and the troubled ones; programs all. */
#include "ntsh/command.h"
#include "ntsh/flow_table.h"

#include <stdio.h>

struct args {
	const char *interface;
	struct option_list words;
	ns_t duration;
	int64_t most;
	bool all;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_DASH, .type = OPT_TEXT, .letter = 'i', .name = "on", .metavar = "IF", .help = "capture on this interface (any: all) instead of reading a file",
	  .offset = offsetof(struct args, interface) },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .name = "for", .metavar = "D", .help = "capture for this long (until Ctrl-C)",
	  .offset = offsetof(struct args, duration), .min = NS_PER_MS, .max = 24 * 3600 * NS_PER_S },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "file", .metavar = "FILE|FILTER", .help = "a pcap or pcapng file (-: standard input), then words of a pcap filter",
	  .offset = offsetof(struct args, words), .flags = OPTION_REPEAT },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'm', .name = "most", .metavar = "N", .help = "show this many conversations, the most telling (20)",
	  .offset = offsetof(struct args, most), .min = 1, .max = 100000, .excludes = "all" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'a', .name = "all", .help = "show all conversations, as they end", .offset = offsetof(struct args, all) },
	OPTION_END,
};

static const struct args defaults = { .most = 20 };

static const struct field fields[] = {
	{ "file", KIND_TEXT, "what was read; null: live" },
	{ "interface", KIND_TEXT, "where it was captured; null: a file" },
	{ "filter", KIND_TEXT, "which packets count; null: all" },
	FLOW_ROW_FIELDS,
	FLOW_TOTAL_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct packet_feed feed = { .duration = args->duration };
	if (packet_feed_words(&feed, args->interface, &args->words, call->error) < 0)
		return call->error->status;
	result_put(result, "file", value_text(feed.file));
	result_put(result, "interface", value_text(feed.interface));
	result_put(result, "filter", value_text(feed.filter[0] ? feed.filter : NULL));
	if (args->interface)
		result_progress(result, -1, NS_NONE, "capturing; Ctrl-C ends");
	bool rows = args->all || result_is_json(result);
	struct flow_table *table = flow_table_open(result, rows ? 0 : (size_t)args->most);
	enum status status = flow_table_read(table, call->loop, &feed, call->error);
	flow_table_close(table);
	return status;
}

const struct command command_capture_flows = {
	.name = "capture flows",
	.summary = "conversations of a capture, with their time split and what went wrong",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
