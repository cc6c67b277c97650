/* Which sockets are there, in which state, whose are they, and who can reach them?
 * What the kernel's tables hold now, with the filters of the ss that people know; the columns are named for what they are in each state. */
#include "ntsh/ask.h"
#include "ntsh/command.h"
#include "ntsh/netns.h"
#include "ntsh/sockets_show.h"
#include "ntsh/sockets_summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct args {
	bool tcp, udp, raw, unix_, packet;
	bool all, listening, numeric, resolve, processes, extended, info, memory, timers, summary, no_header;
	bool kill, yes;
	const char *netns;
	struct option_list filter;
};

/* clang-format off */
#define FLAG(l, n, member, text) \
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = l, .name = n, .help = text, .offset = offsetof(struct args, member) }
static const struct option options[] = {
	FLAG('t', "tcp", tcp, "TCP sockets"),
	FLAG('u', "udp", udp, "UDP sockets"),
	FLAG('w', "raw", raw, "raw sockets"),
	FLAG('x', "unix", unix_, "unix sockets"),
	FLAG('0', "packet", packet, "packet sockets"),
	FLAG('l', "listening", listening, "only those that wait for somebody: listeners and unconnected ones"),
	FLAG('a', "all", all, "in every state (else: connected ones, without time-wait)"),
	FLAG('n', "numeric", numeric, "no names of services"),
	FLAG('r', "resolve", resolve, "names of hosts, too"),
	FLAG('p', "processes", processes, "the processes that hold them"),
	FLAG('e', "extended", extended, "user, inode, cookie, mark, cgroup"),
	FLAG('i', "info", info, "what TCP knows about each connection"),
	FLAG('m', "memory", memory, "memory of the socket's buffers"),
	FLAG('o', "options", timers, "the timer that runs"),
	FLAG('s', "summary", summary, "only numbers: how many in which state"),
	FLAG('H', "no-header", no_header, "no headings"),
	FLAG('K', "kill", kill, "end the sockets that are shown (asks at a terminal)"),
	FLAG(0, "yes", yes, "with -K: do not ask"),
	{ .style = STYLE_DASH, .type = OPT_TEXT, .letter = 'N', .name = "net", .metavar = "NAME", .help = "in this network namespace",
	  .offset = offsetof(struct args, netns) },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "filter", .metavar = "FILTER",
	  .help = "[state STATE] [EXPRESSION]: state established dport = :443", .offset = offsetof(struct args, filter),
	  .flags = OPTION_REPEAT },
	OPTION_END,
};

static const struct field fields[] = {
	{ "listeners", KIND_NONE, "TCP sockets that wait for connections" },
	{ "connections", KIND_NONE, "TCP sockets in every other state" },
	{ "datagram", KIND_NONE, "UDP and raw sockets" },
	{ "unix", KIND_NONE, "unix sockets" },
	{ "packet", KIND_NONE, "packet sockets" },
	SOCKET_ROW_FIELDS
	SOCKET_STATES_FIELDS,
	{ "killed", KIND_COUNT, "sockets that were ended (-K)" },
	{ NULL, KIND_NONE, NULL },
};

#define ADDRESSES { "local", "Local", ALIGN_LEFT, 21, false, false }, { "peer", "Peer", ALIGN_LEFT, 21, false, false }
#define PROCESS { "process", "Process", ALIGN_LEFT, 0, false, true }
static const struct column columns[][9] = {
	{ { "state", "State", ALIGN_LEFT, 0, false, false }, { "accept_queue", "Accept queue", ALIGN_RIGHT, 0, false, false },
	  { "accept_queue_limit", "Limit", ALIGN_RIGHT, 0, false, false }, { "local", "Local", ALIGN_LEFT, 21, false, false },
	  { "reach", "Reachable by", ALIGN_LEFT, 0, false, true }, PROCESS },
	{ { "state", "State", ALIGN_LEFT, 10, false, false }, { "unread_bytes", "Unread", ALIGN_RIGHT, 6, false, false },
	  { "unacknowledged_bytes", "Unacked", ALIGN_RIGHT, 7, false, false }, ADDRESSES, PROCESS },
	{ { "proto", "Proto", ALIGN_LEFT, 0, false, false }, { "state", "State", ALIGN_LEFT, 0, false, false },
	  { "unread_bytes", "Unread", ALIGN_RIGHT, 6, false, false }, { "unsent_bytes", "Unsent", ALIGN_RIGHT, 0, false, false },
	  ADDRESSES, { "reach", "Reachable by", ALIGN_LEFT, 0, false, true }, PROCESS },
	{ { "type", "Type", ALIGN_LEFT, 0, false, false }, { "state", "State", ALIGN_LEFT, 0, false, false },
	  { "accept_queue", "Accept queue", ALIGN_RIGHT, 0, false, false }, { "unread_bytes", "Unread", ALIGN_RIGHT, 6, false, false },
	  { "path", "Path", ALIGN_LEFT, 0, false, true }, { "peer_path", "Peer", ALIGN_LEFT, 0, false, false }, PROCESS },
	{ { "type", "Type", ALIGN_LEFT, 0, false, false }, { "protocol", "EtherType", ALIGN_RIGHT, 0, false, false },
	  { "interface", "Interface", ALIGN_LEFT, 0, false, false }, { "unread_bytes", "Unread", ALIGN_RIGHT, 6, false, false }, PROCESS },
};
static const char *const section_names[] = { "listeners", "connections", "datagram", "unix", "packet" };
/* clang-format on */

enum section { LISTENERS, CONNECTIONS, DATAGRAM, UNIX, PACKET, SECTIONS, NONE = SECTIONS };

/* One listing on its way. */
struct view {
	struct call *call;
	const struct args *args;
	struct owners *owners;      /* -p */
	struct socket_names *paths; /* of unix peers */
	struct names *hosts;        /* -r */
	struct socket_show show;
	enum section open;
	struct table table;
	struct column columns[9];
	uint64_t shown, full;
	struct socket_list doomed; /* -K: what can be ended */
};

static enum section section_of(const struct socket_entry *entry)
{
	switch (entry->kind) {
	case SOCKET_TCP:
		return entry->state == SOCKET_LISTEN ? LISTENERS : CONNECTIONS;
	case SOCKET_UNIX:
		return UNIX;
	case SOCKET_PACKET:
		return PACKET;
	default:
		return DATAGRAM;
	}
}

static bool is_column_wanted(const struct view *view, const char *name)
{
	return strcmp(name, "process") != 0 || view->args->processes;
}

/* Sockets come by section: a new one begins a new table. */
static void section_open(struct view *view, enum section section)
{
	if (section == view->open)
		return;
	if (view->open != NONE)
		result_list_close(view->call->result);
	view->open = section;
	if (section == NONE)
		return;
	size_t count = 0;
	for (const struct column *column = columns[section]; column->name; column++) {
		if (!is_column_wanted(view, column->name))
			continue;
		view->columns[count] = *column;
		if (!view->args->numeric && strcmp(column->name, "local") == 0)
			view->columns[count].name = "local_name";
		if (!view->args->numeric && strcmp(column->name, "peer") == 0)
			view->columns[count].name = "peer_name";
		count++;
	}
	view->table = (struct table){ .name = section_names[section],
				      .columns = view->columns,
				      .column_count = count,
				      .no_heading = view->args->no_header };
	result_gap(view->call->result);
	result_list_open(view->call->result, &view->table);
}

/* --- the listing --- */

static bool on_socket(const struct socket_entry *entry, void *arg)
{
	struct view *view = arg;
	struct result *result = view->call->result;
	section_open(view, section_of(entry));
	socket_row(result, entry, &view->show);
	view->shown++;
	view->full += socket_accept_queue_full(entry);
	if (view->args->kill && entry->kind <= SOCKET_UDP)
		socket_list_add(&view->doomed, entry);
	/* A look at the signals costs as much as a row. */
	return view->shown % 256 || (!result_broken(result) && loop_cancelled(view->call->loop) == LOOP_DONE);
}

static bool on_host(const struct socket_entry *entry, void *arg)
{
	struct view *view = arg;
	names_want(view->hosts, &entry->local);
	names_want(view->hosts, &entry->peer);
	return true;
}

/* Listeners come first: TCP is asked twice, and each time the kernel walks one of its tables only. */
static int list(struct view *view, const struct sockets_query *query, struct sockets_report *report)
{
	struct sockets_query part = *query;
	struct error *err = view->call->error;
	unsigned listen = 1 << SOCKET_LISTEN;
	if (view->args->resolve) {
		view->hosts = names_new(view->call->loop);
		if (sockets_list(&part, on_host, NULL, view, NULL, err) < 0)
			return -1;
		names_wait(view->hosts, 3 * NS_PER_S);
		view->show.hosts = view->hosts;
	}
	part.kinds &= 1 << SOCKET_TCP;
	part.states[SOCKET_TCP] &= listen;
	if (sockets_list(&part, on_socket, NULL, view, report, err) < 0)
		return -1;
	struct sockets_report rest = *report;
	part = *query;
	part.states[SOCKET_TCP] &= ~listen;
	int bad = sockets_list(&part, on_socket, NULL, view, &rest, err);
	report->changed |= rest.changed;
	report->missing |= rest.missing;
	report->from_proc |= rest.from_proc;
	return bad;
}

/* What ss lists by default: the states depend on the kind. */
static void query_fill(struct sockets_query *query, const struct call *call, const struct args *args,
		       unsigned named)
{
	const bool wanted[SOCKET_KINDS] = { args->tcp, args->udp, args->raw, args->unix_, args->packet };
	bool every = true;
	for (int kind = 0; kind < SOCKET_KINDS; kind++)
		every &= !wanted[kind];
	for (int kind = 0; kind < SOCKET_KINDS; kind++) {
		unsigned usual = kind == SOCKET_PACKET ? 1 << SOCKET_CLOSE : STATES_USUAL;
		query->kinds |= every || wanted[kind] ? 1u << kind : 0;
		query->states[kind] = named                        ? named
				      : args->all || args->summary ? STATES_ALL
				      : args->listening            ? STATES_LISTENING
								   : usual;
		/* Unconnected TCP sockets wait for nobody. */
		if (kind == SOCKET_TCP && args->listening && !named)
			query->states[kind] = 1 << SOCKET_LISTEN;
	}
	query->family = call->settings->family;
	if (query->family != AF_UNSPEC && every)
		query->kinds = 1 << SOCKET_TCP | 1 << SOCKET_UDP | 1 << SOCKET_RAW;
	query->want =
	    (args->info ? SOCKETS_INFO : 0) | (args->memory || query->kinds != 1 ? SOCKETS_MEMORY : 0);
}

static enum status totals(struct call *call, const struct sockets_query *query)
{
	struct sockets_summary summary;
	if (sockets_summarize(query, false, &summary, call->error) < 0)
		return call->error->status;
	sockets_states_show(call->result, &summary);
	sockets_summary_free(&summary);
	return STATUS_OK;
}

/* -K: what was shown is what is meant, so the question comes behind it. */
static enum status kill_all(struct view *view)
{
	struct call *call = view->call;
	char question[80];
	uint64_t killed = 0;
	snprintf(question, sizeof question, "End these %zu sockets?", view->doomed.count);
	enum ask_answer answer =
	    view->args->yes || !view->doomed.count ? ASK_YES : ask_yes(call->result, call->loop, question);
	if (answer == ASK_NOBODY) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "add --yes to end them",
			  "-K ends %zu sockets, and there is nobody to ask", view->doomed.count);
		return STATUS_USAGE;
	}
	bool bad = false;
	for (size_t i = 0; answer == ASK_YES && i < view->doomed.count && !bad; i++) {
		bad = sockets_kill(&view->doomed.items[i], call->error) < 0;
		killed += !bad;
	}
	result_put(call->result, "killed", value_count(killed));
	result_gap(call->result);
	result_line(call->result, killed ? TONE_STRONG : TONE_PLAIN, "{killed} sockets were ended");
	return bad ? call->error->status : STATUS_OK;
}

static enum status show(struct view *view, const struct sockets_query *query)
{
	struct sockets_report report = { .changed = false };
	struct call *call = view->call;
	if (view->args->processes && !(view->owners = owners_scan(NULL, 0, call->error)))
		return call->error->status;
	if (query->kinds & 1 << SOCKET_UNIX && !(view->paths = socket_names_read(NULL)))
		return STATUS_CANNOT;
	view->show = (struct socket_show){ .numeric = view->args->numeric,
					   .extended = view->args->extended,
					   .timers = view->args->timers,
					   .memory = view->args->memory,
					   .info = view->args->info,
					   .owners = view->owners,
					   .paths = view->paths };
	int bad = list(view, query, &report);
	section_open(view, NONE);
	if (bad < 0)
		return call->error->status;
	if (!view->shown)
		result_line(call->result, TONE_PLAIN, "no socket is in such a state, or none matches");
	sockets_remarks(call->result, &report, view->owners);
	if (view->full)
		result_note(call->result,
			    "%llu listeners are not accepted from fast enough: ntsh diagnose service PORT",
			    (unsigned long long)view->full);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return view->args->kill ? kill_all(view) : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct view view = { .call = call, .args = args, .open = NONE };
	struct sockets_query query = { .kinds = 0 };
	struct socket_filter *filter =
	    socket_filter_parse(args->filter.items, args->filter.count, call->error);
	if (!filter)
		return call->error->status;
	bool entered = args->netns && netns_enter(args->netns, call->error) == 0;
	enum status status = STATUS_CANNOT;
	if ((args->netns && !entered) ||
	    socket_filter_resolve(call->loop, filter, call->settings->family, call->error) < 0) {
		status = call->error->status;
	} else {
		query_fill(&query, call, args, socket_filter_states(filter));
		query.filter = filter;
		status = args->summary ? totals(call, &query) : show(&view, &query);
	}
	if (entered)
		netns_leave(NULL);
	owners_free(view.owners);
	socket_names_free(view.paths);
	names_free(view.hosts);
	free(view.doomed.items);
	socket_filter_free(filter);
	return status;
}

const struct command command_ss = {
	.name = "ss",
	.summary = "sockets: in which state, whose, and who can reach them",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
