/* Who holds each connection up: our program, the peer's, a buffer, loss, or the path?
 * Watches the connections for a while; the shares are the kernel's own accounting of its time. */
#include "ntsh/command.h"
#include "ntsh/owners.h"
#include "ntsh/socket_samples.h"

#include <stdio.h>

struct args {
	ns_t interval;
	int64_t looks;
	bool all, processes;
	struct option_list filter;
};

/* clang-format off */
static const struct args defaults = { .interval = 2 * NS_PER_S, .looks = 11 };
static const struct option options[] = {
	{ .style = STYLE_DASH, .type = OPT_DURATION, .letter = 'i', .name = "interval", .metavar = "D", .help = "watch for this long",
	  .offset = offsetof(struct args, interval), .min = 100 * NS_PER_MS, .max = 3600 * NS_PER_S },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'c', .name = "count", .metavar = "N", .help = "look so often in that time",
	  .offset = offsetof(struct args, looks), .min = 2, .max = 1000 },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'a', .name = "all", .help = "show connections that nobody holds up, too",
	  .offset = offsetof(struct args, all) },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'p', .name = "processes", .help = "the processes that hold them",
	  .offset = offsetof(struct args, processes) },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "filter", .metavar = "FILTER",
	  .help = "only what matches, in the words of ss", .offset = offsetof(struct args, filter), .flags = OPTION_REPEAT },
	OPTION_END,
};

static const struct field fields[] = {
	{ "watched_ms", KIND_TIME, "how long was watched" },
	{ "looks", KIND_COUNT, "how often the kernel was asked in that time" },
	{ "connections", KIND_NONE, "the connections that are held up, most first; with -a all" },
	{ "watched", KIND_COUNT, "connections that were seen" },
	{ "held_up", KIND_COUNT, "of them held up for a hundredth of the time or more" },
	{ "connections[].local", KIND_ENDPOINT, "our end" },
	{ "connections[].peer", KIND_ENDPOINT, "the other end" },
	{ "connections[].state", KIND_TEXT, "state at the end" },
	{ "connections[].process", KIND_TEXT, "who has it open (-p)" },
	{ "connections[].holder", KIND_TEXT, "reader, peer, buffer, loss, path or idle" },
	{ "connections[].says", KIND_TEXT, "the same in words" },
	{ "connections[].share_percent", KIND_PERCENT, "share of the time" },
	{ "connections[].reader_percent", KIND_PERCENT, "our program left received data unread" },
	{ "connections[].peer_percent", KIND_PERCENT, "the peer's window was full: its program does not read" },
	{ "connections[].buffer_percent", KIND_PERCENT, "our send buffer was too small" },
	{ "connections[].loss_percent", KIND_PERCENT, "lost segments were sent again" },
	{ "connections[].path_percent", KIND_PERCENT, "the congestion window was full: the path takes no more" },
	{ "connections[].idle_percent", KIND_PERCENT, "there was nothing to send and nothing to read" },
	{ "connections[].sent_bytes", KIND_BYTES, "acknowledged by the peer in that time" },
	{ "connections[].received_bytes", KIND_BYTES, "received in that time" },
	{ "connections[].retransmitted", KIND_COUNT, "segments sent again in that time" },
	{ "connections[].unread_bytes", KIND_BYTES, "not read by our program, at the end" },
	{ "connections[].unacknowledged_bytes", KIND_BYTES, "not acknowledged by the peer, at the end" },
	{ "connections[].notsent_bytes", KIND_BYTES, "of them not even sent" },
	{ "connections[].rtt_ms", KIND_TIME, "round trip at the end" },
	{ NULL, KIND_NONE, NULL },
};

#define L(n, h, flex) { n, h, ALIGN_LEFT, 0, false, flex }
#define R(n, h) { n, h, ALIGN_RIGHT, 0, false, false }
static const struct column columns[] = {
	L("local", "Local", false), L("peer", "Peer", false), L("says", "Held up by", false), R("share_percent", "Time"),
	R("unread_bytes", "Unread"), R("unacknowledged_bytes", "Unacked"), R("retransmitted", "Resent"), R("rtt_ms", "Round trip"),
	L("process", "Process", true),
};
/* clang-format on */

static double percent(double share)
{
	return (double)(int)(share * 1000 + 0.5) / 10;
}

static void process_put(struct result *result, const struct owners *owners, uint32_t inode)
{
	const struct owner *owner;
	char text[64];
	size_t count = owners_find(owners, inode, &owner);
	if (count)
		snprintf(text, sizeof text, "%s[%u]", owner->command, owner->pid);
	result_put(result, "process", value_text(count ? text : NULL));
}

static void connection_put(struct result *result, const struct socket_watched *watched,
			   const struct owners *owners)
{
	const struct socket_sample *first = &watched->first, *last = &watched->last;
	result_put(result, "local", value_endpoint(&watched->entry.local));
	result_put(result, "peer", value_endpoint(&watched->entry.peer));
	result_put(result, "state", value_text(socket_state_name(last->state)));
	if (owners)
		process_put(result, owners, watched->entry.inode);
	result_put(result, "holder", value_text(blame_name(watched->holder)));
	result_put(result, "says", value_text(blame_text(watched->holder)));
	result_put(result, "share_percent", value_percent(percent(watched->shares[watched->holder])));
	for (int i = 0; i < BLAMES; i++) {
		char name[32];
		snprintf(name, sizeof name, "%s_percent", blame_name((enum blame)i));
		result_put(result, name, value_percent(percent(watched->shares[i])));
	}
	result_put(result, "sent_bytes", value_bytes(last->bytes_acked - first->bytes_acked));
	result_put(result, "received_bytes", value_bytes(last->bytes_received - first->bytes_received));
	result_put(result, "retransmitted", value_count(last->total_retrans - first->total_retrans));
	result_put(result, "unread_bytes", value_bytes(last->receive_queue));
	result_put(result, "unacknowledged_bytes", value_bytes(last->send_queue));
	result_put(result, "notsent_bytes", value_bytes(last->notsent));
	result_put(result, "rtt_ms", last->rtt ? value_time((ns_t)last->rtt * NS_PER_US) : value_none());
}

static void answer_show(struct call *call, const struct args *args, const struct socket_watch_result *seen,
			const struct owners *owners)
{
	const struct socket_watched *all = seen->items;
	size_t count = seen->count;
	struct result *result = call->result;
	struct table table = { .name = "connections",
			       .columns = columns,
			       .column_count = sizeof columns / sizeof *columns - !owners };
	size_t held = 0;
	for (size_t i = 0; i < count; i++)
		held += all[i].holder != BLAME_IDLE;
	result_put(result, "watched", value_count(count));
	result_put(result, "held_up", value_count(held));
	result_line(
	    result, held ? TONE_STRONG : TONE_GOOD,
	    held ? "{held_up} of {watched} connections are held up"
		 : "none of {watched} connections is held up: there is nothing to send and nothing to read");
	result_gap(result);
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++) {
		if (all[i].holder == BLAME_IDLE && !args->all)
			continue;
		result_row_open(result);
		connection_put(result, &all[i], owners);
		result_row_close(result);
	}
	result_list_close(result);
}

static void on_progress(double fraction, void *arg)
{
	struct call *call = arg;
	result_progress(call->result, fraction, NS_NONE, "watching the connections");
}

static enum status show(struct call *call, const struct args *args, const struct socket_watch_result *seen)
{
	struct owners *owners = args->processes ? owners_scan(NULL, 0, call->error) : NULL;
	if (args->processes && !owners)
		return call->error->status;
	result_put(call->result, "watched_ms", value_time(seen->took));
	result_put(call->result, "looks", value_count(seen->looks));
	answer_show(call, args, seen, owners);
	owners_free(owners);
	return loop_cancelled(call->loop) == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct socket_watch_result seen;
	struct socket_filter *filter =
	    socket_filter_parse(args->filter.items, args->filter.count, call->error);
	if (!filter)
		return call->error->status;
	unsigned named = socket_filter_states(filter);
	struct socket_watch_request request = {
		.query = { .kinds = 1 << SOCKET_TCP,
			   .states = { [SOCKET_TCP] = named ? named : STATES_USUAL },
			   .family = call->settings->family,
			   .filter = filter },
		.interval = args->interval,
		.looks = (unsigned)args->looks,
		.progress = on_progress,
		.arg = call,
	};
	int bad = socket_filter_resolve(call->loop, filter, request.query.family, call->error);
	if (bad == 0)
		bad = socket_watch_run(call->loop, &request, &seen, call->error);
	socket_filter_free(filter);
	result_progress(call->result, 1, NS_NONE, NULL);
	if (bad < 0)
		return call->error->status;
	enum status status = show(call, args, &seen);
	socket_watch_free(&seen);
	return status;
}

const struct command command_ss_blame = {
	.name = "ss blame",
	.summary = "who holds each connection up, and for how much of the time",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
