/* Which sockets open, close, and change their state, while we look?
 * Compares one look at the kernel's table with the next, and prints each change as it is seen, until Ctrl-C. */
#include "ntsh/command.h"
#include "ntsh/owners.h"
#include "ntsh/socket_changes.h"

#include <stdio.h>

struct args {
	ns_t interval;
	int64_t looks;
	bool processes;
	struct option_list filter;
};

/* clang-format off */
static const struct args defaults = { .interval = NS_PER_S };
static const struct option options[] = {
	{ .style = STYLE_DASH, .type = OPT_DURATION, .letter = 'i', .name = "interval", .metavar = "D", .help = "look so often",
	  .offset = offsetof(struct args, interval), .min = 50 * NS_PER_MS, .max = 3600 * NS_PER_S },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'c', .name = "count", .metavar = "N", .help = "end after N looks (else: Ctrl-C)",
	  .offset = offsetof(struct args, looks), .min = 1, .max = 1000000000 },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'p', .name = "processes", .help = "the process that opened it",
	  .offset = offsetof(struct args, processes) },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "filter", .metavar = "FILTER",
	  .help = "only what matches, in the words of ss", .offset = offsetof(struct args, filter), .flags = OPTION_REPEAT },
	OPTION_END,
};

static const struct field fields[] = {
	{ "changes", KIND_NONE, "what changed; a row as soon as it is seen" },
	{ "changes[].at", KIND_DATE, "when it was seen" },
	{ "changes[].change", KIND_TEXT, "opened, closed or changed" },
	{ "changes[].proto", KIND_TEXT, "tcp, udp or raw" },
	{ "changes[].local", KIND_ENDPOINT, "our end" },
	{ "changes[].peer", KIND_ENDPOINT, "the other end; null when not connected" },
	{ "changes[].state", KIND_TEXT, "its state; of a closed one the last that was seen" },
	{ "changes[].before", KIND_TEXT, "state before the change" },
	{ "changes[].seen_ms", KIND_TIME, "for how long it was seen before" },
	{ "changes[].process", KIND_TEXT, "who has it open (-p)" },
	{ "sockets", KIND_COUNT, "how many there are at the end" },
	{ "opened", KIND_COUNT, "how many were seen to open" },
	{ "closed", KIND_COUNT, "how many were seen to close" },
	{ "changed", KIND_COUNT, "how many changes of state were seen" },
	{ NULL, KIND_NONE, NULL },
};

#define L(n, h, width) { n, h, ALIGN_LEFT, width, false, false }
static const struct column columns[] = {
	L("change", "Change", 7), L("proto", "Proto", 5), L("local", "Local", 21), L("peer", "Peer", 21), L("before", "Was", 10),
	L("state", "State", 10), { "seen_ms", "For", ALIGN_RIGHT, 7, false, false }, { "process", "Process", ALIGN_LEFT, 0, false, true },
};
/* clang-format on */

static const char *const change_names[] = { "opened", "closed", "changed" };

struct view {
	struct call *call;
	struct owners *owners; /* of this look, -p */
	bool processes;
	uint64_t sockets, counts[3];
};

static void process_put(struct view *view, const struct socket_entry *entry)
{
	const struct owner *owner;
	char text[64];
	if (!view->owners)
		view->owners = owners_scan(NULL, 0, NULL);
	size_t count = view->owners ? owners_find(view->owners, entry->inode, &owner) : 0;
	if (count)
		snprintf(text, sizeof text, "%s[%u]", owner->command, owner->pid);
	result_put(view->call->result, "process", value_text(count ? text : NULL));
}

static void on_change(const struct socket_change *change, void *arg)
{
	struct view *view = arg;
	struct result *result = view->call->result;
	const struct socket_entry *entry = &change->entry;
	bool alone = !entry->peer.port && addr_is_any(&entry->peer);
	view->counts[change->kind]++;
	result_row_open(result);
	result_put(result, "at", value_date(clock_real()));
	result_put(result, "change", value_text(change_names[change->kind]));
	result_put(result, "proto", value_text(socket_kind_name(entry->kind)));
	result_put(result, "local", value_endpoint(&entry->local));
	result_put(result, "peer", alone ? value_none() : value_endpoint(&entry->peer));
	result_put(result, "before",
		   value_text(change->kind == SOCKET_CHANGED ? socket_state_name(change->before) : NULL));
	result_put(result, "state", value_text(socket_state_name(entry->state)));
	result_put(result, "seen_ms", change->seen ? value_time(change->seen) : value_none());
	if (view->processes)
		process_put(view, entry);
	result_row_close(result);
}

static void on_look(uint64_t sockets, uint64_t changes, void *arg)
{
	struct view *view = arg;
	char text[64];
	(void)changes;
	owners_free(view->owners);
	view->owners = NULL;
	view->sockets = sockets;
	snprintf(text, sizeof text, "watching %llu sockets", (unsigned long long)sockets);
	result_progress(view->call->result, -1, NS_NONE, text);
	if (result_broken(view->call->result))
		loop_cancel(view->call->loop, LOOP_INTERRUPTED);
}

static enum status watch(struct call *call, const struct args *args, const struct socket_filter *filter)
{
	struct table table = { .name = "changes",
			       .columns = columns,
			       .column_count = sizeof columns / sizeof *columns - !args->processes,
			       .live = true };
	struct view view = { .call = call, .processes = args->processes };
	struct socket_changes_request request = { .query = { .kinds = 1 << SOCKET_TCP | 1 << SOCKET_UDP |
								      1 << SOCKET_RAW,
							     .family = call->settings->family,
							     .filter = filter },
						  .interval = args->interval,
						  .looks = (uint64_t)args->looks };
	unsigned named = socket_filter_states(filter);
	for (int kind = 0; kind < SOCKET_KINDS; kind++)
		request.query.states[kind] = named ? named : STATES_ALL;
	result_live(call->result);
	result_list_open(call->result, &table);
	int bad = socket_changes_run(call->loop, &request, on_change, on_look, &view, call->error);
	result_list_close(call->result);
	result_progress(call->result, 1, NS_NONE, NULL);
	result_put(call->result, "sockets", value_count(view.sockets));
	result_put(call->result, "opened", value_count(view.counts[SOCKET_OPENED]));
	result_put(call->result, "closed", value_count(view.counts[SOCKET_CLOSED]));
	result_put(call->result, "changed", value_count(view.counts[SOCKET_CHANGED]));
	result_line(call->result, TONE_STRONG,
		    "{opened} opened, {closed} closed, {changed} changed their state; {sockets} now");
	owners_free(view.owners);
	if (bad < 0)
		return call->error->status;
	return loop_cancelled(call->loop) == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct socket_filter *filter =
	    socket_filter_parse(args->filter.items, args->filter.count, call->error);
	if (!filter)
		return call->error->status;
	enum status status =
	    socket_filter_resolve(call->loop, filter, call->settings->family, call->error) < 0
		? call->error->status
		: watch(call, args, filter);
	socket_filter_free(filter);
	return status;
}

const struct command command_ss_watch = {
	.name = "ss watch",
	.summary = "sockets that open, close and change their state, as it happens",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
