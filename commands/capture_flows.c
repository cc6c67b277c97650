/* Who talked with whom in this capture, where did the time of each exchange go, and what went wrong?
 * Each conversation is a row: handshake, way, server, transfer, what was sent again and why, how it ended and why.
 * People see the largest and the troubled ones; programs all. */
#include "ntsh/capture.h"
#include "ntsh/command.h"
#include "ntsh/flow_table.h"

#include <stdio.h>

struct args {
	const char *file;
	int64_t most;
	bool all;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_FILE, .name = "file", .metavar = "FILE", .help = "a pcap or pcapng file; - is standard input",
	  .offset = offsetof(struct args, file), .flags = OPTION_REQUIRED },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'm', .name = "most", .metavar = "N", .help = "show this many conversations, the most telling (20)",
	  .offset = offsetof(struct args, most), .min = 1, .max = 100000, .excludes = "all" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'a', .name = "all", .help = "show all conversations, as they end", .offset = offsetof(struct args, all) },
	OPTION_END,
};

static const struct args defaults = { .most = 20 };

static const struct field fields[] = {
	{ "file", KIND_TEXT, "what was read" },
	FLOW_ROW_FIELDS,
	FLOW_TOTAL_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	result_put(result, "file", value_text(args->file));
	bool rows = args->all || result_is_json(result);
	struct flow_table *table = flow_table_open(result, rows ? 0 : (size_t)args->most);
	enum status status = flow_table_read(table, call->loop, args->file, call->error);
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
