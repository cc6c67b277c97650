/* How many sockets are there: by state, by peer, by process, and how many ports are left for new connections?
 * One pass over the kernel's tables and one over /proc; what runs short is said first. */
#include "ntsh/command.h"
#include "ntsh/sockets_show.h"

#include <stdio.h>

struct args {
	int64_t top;
	struct option_list filter;
};

/* clang-format off */
static const struct args defaults = { .top = 10 };
static const struct option options[] = {
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'c', .name = "count", .metavar = "N",
	  .help = "show at most this many peers, destinations and processes", .offset = offsetof(struct args, top), .min = 1, .max = 1000000 },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "filter", .metavar = "FILTER",
	  .help = "only what matches, in the words of ss", .offset = offsetof(struct args, filter), .flags = OPTION_REPEAT },
	OPTION_END,
};

static const struct field fields[] = {
	{ "tcp", KIND_COUNT, "TCP sockets, time-wait included" },
	{ "listening", KIND_COUNT, "of them in LISTEN" },
	{ "others", KIND_COUNT, "UDP, raw, unix and packet sockets" },
	{ "ports", KIND_COUNT, "local ports that a connection to any one destination can have" },
	{ "port_low", KIND_INTEGER, "first of them (net.ipv4.ip_local_port_range)" },
	{ "port_high", KIND_INTEGER, "last of them" },
	{ "without_process", KIND_COUNT, "TCP sockets whose process was not seen" },
	SOCKET_STATES_FIELDS,
	{ "destinations", KIND_NONE, "where this machine connects to, those with the fewest ports left first" },
	{ "destinations[].local", KIND_ADDRESS, "our address" },
	{ "destinations[].peer", KIND_ENDPOINT, "theirs, with the port" },
	{ "destinations[].used", KIND_COUNT, "local ports in use for it" },
	{ "destinations[].time_wait", KIND_COUNT, "of them in time-wait" },
	{ "destinations[].left", KIND_COUNT, "local ports left" },
	{ "destinations[].used_percent", KIND_PERCENT, "share of the ports in use" },
	{ "peers", KIND_NONE, "hosts with connections, most first" },
	{ "peers[].peer", KIND_ADDRESS, "the host" },
	{ "peers[].count", KIND_COUNT, "TCP sockets with it" },
	{ "peers[].established", KIND_COUNT, "of them established" },
	{ "peers[].time_wait", KIND_COUNT, "in time-wait" },
	{ "peers[].close_wait", KIND_COUNT, "in close-wait: our program has not closed" },
	{ "peers[].syn", KIND_COUNT, "not yet connected: syn-sent and syn-recv" },
	{ "processes", KIND_NONE, "processes with sockets, most TCP sockets first" },
	{ "processes[].name", KIND_TEXT, "the process" },
	{ "processes[].pid", KIND_INTEGER, "its number" },
	{ "processes[].tcp", KIND_COUNT, "its TCP sockets" },
	{ "processes[].established", KIND_COUNT, "of them established" },
	{ "processes[].listening", KIND_COUNT, "in LISTEN" },
	{ "processes[].close_wait", KIND_COUNT, "in close-wait: the peer has closed, the program has not" },
	{ "processes[].close_wait_ms", KIND_TIME, "since when nothing came on the oldest of those; null: none" },
	{ "processes[].others", KIND_COUNT, "its UDP, raw, unix and packet sockets" },
	{ NULL, KIND_NONE, NULL },
};

#define L(n, h) { n, h, ALIGN_LEFT, 0, false, false }
#define R(n, h) { n, h, ALIGN_RIGHT, 0, false, false }
static const struct column destination_columns[] = { L("peer", "Connections to"), L("local", "From"), R("used", "Ports used"),
	R("time_wait", "Time-wait"), R("left", "Left") };
static const struct column peer_columns[] = { L("peer", "Peer"), R("count", "Sockets"), R("established", "Established"),
	R("time_wait", "Time-wait"), R("close_wait", "Close-wait"), R("syn", "Connecting") };
static const struct column process_columns[] = { L("name", "Process"), R("pid", "PID"), R("tcp", "TCP"), R("established", "Established"),
	R("listening", "Listening"), R("close_wait", "Close-wait"), R("others", "Others") };
/* clang-format on */

#define TABLE(list, shown)                                                                                   \
	{                                                                                                    \
		.name = (list), .columns = (shown), .column_count = sizeof(shown) / sizeof *(shown)          \
	}
static const struct table destinations_table = TABLE("destinations", destination_columns);
static const struct table peers_table = TABLE("peers", peer_columns);
static const struct table processes_table = TABLE("processes", process_columns);

/* From here on a program notices that ports run out: connect(2) searches long, then fails (ip(7)). */
static const double PORTS_SHORT = 90;

static void destinations_show(struct result *result, const struct sockets_summary *summary, size_t top)
{
	uint64_t ports = sockets_summary_ports(summary);
	result_gap(result);
	result_list_open(result, &destinations_table);
	for (size_t i = 0; i < summary->destination_count && i < top; i++) {
		const struct socket_destination *one = &summary->destinations[i];
		double share = ports ? 100 * (double)one->ports / (double)ports : 100;
		result_row_open(result);
		result_put(result, "peer", value_endpoint(&one->peer));
		result_put(result, "local", value_address(&one->local));
		result_put(result, "used", value_count(one->ports));
		result_put(result, "time_wait", value_count(one->time_wait));
		result_put(result, "left", value_count(ports > one->ports ? ports - one->ports : 0));
		result_put(result, "used_percent", value_percent(share));
		if (share >= PORTS_SHORT)
			result_line(result, TONE_BAD,
				    "    {used_percent} of the local ports are taken: new connections to it "
				    "will fail with EADDRNOTAVAIL");
		result_row_close(result);
	}
	result_list_close(result);
}

static void peers_show(struct result *result, const struct sockets_summary *summary, size_t top)
{
	result_gap(result);
	result_list_open(result, &peers_table);
	for (size_t i = 0; i < summary->peer_count && i < top; i++) {
		const struct socket_peer *peer = &summary->peers[i];
		result_row_open(result);
		result_put(result, "peer", value_address(&peer->peer));
		result_put(result, "count", value_count(peer->total));
		result_put(result, "established", value_count(peer->states[SOCKET_ESTABLISHED]));
		result_put(result, "time_wait", value_count(peer->states[SOCKET_TIME_WAIT]));
		result_put(result, "close_wait", value_count(peer->states[SOCKET_CLOSE_WAIT]));
		result_put(result, "syn",
			   value_count(peer->states[SOCKET_SYN_SENT] + peer->states[SOCKET_SYN_RECV]));
		result_row_close(result);
	}
	result_list_close(result);
}

static void processes_show(struct result *result, const struct sockets_summary *summary, size_t top)
{
	result_gap(result);
	result_list_open(result, &processes_table);
	for (size_t i = 0; i < summary->process_count && i < top; i++) {
		const struct socket_process *process = &summary->processes[i];
		uint64_t leaked = process->states[SOCKET_CLOSE_WAIT];
		result_row_open(result);
		result_put(result, "name", value_text(process->command));
		result_put(result, "pid", value_integer(process->pid));
		result_put(result, "tcp", value_count(process->total));
		result_put(result, "established", value_count(process->states[SOCKET_ESTABLISHED]));
		result_put(result, "listening", value_count(process->states[SOCKET_LISTEN]));
		result_put(result, "close_wait", value_count(leaked));
		result_put(result, "close_wait_ms", value_time(process->oldest_close_wait));
		result_put(result, "others", value_count(process->others));
		/* A close takes a moment; a minute is a leak (tcp(7): CLOSE_WAIT has no time-out). */
		if (leaked && process->oldest_close_wait >= 60 * NS_PER_S)
			result_line(result, TONE_WARN,
				    "    {close_wait} of its connections were closed by the peer and not by "
				    "it, the oldest at least "
				    "{close_wait_ms} ago: it does not call close()");
		result_row_close(result);
	}
	result_list_close(result);
}

static void counts_put(struct result *result, const struct sockets_summary *summary)
{
	uint64_t tcp = 0, others = 0;
	for (int kind = 0; kind < SOCKET_KINDS; kind++)
		for (unsigned state = 0; state < SOCKET_STATES; state++)
			*(kind == SOCKET_TCP ? &tcp : &others) += summary->counts[kind][state];
	result_put(result, "tcp", value_count(tcp));
	result_put(result, "listening", value_count(summary->counts[SOCKET_TCP][SOCKET_LISTEN]));
	result_put(result, "others", value_count(others));
	result_put(result, "ports", value_count(sockets_summary_ports(summary)));
	result_put(result, "port_low", value_integer(summary->port_low));
	result_put(result, "port_high", value_integer(summary->port_high));
	result_put(result, "without_process", value_count(summary->without_process));
	result_line(result, TONE_STRONG,
		    "{tcp} TCP sockets, {listening} of them listening, and {others} others");
}

static void all_show(struct call *call, const struct sockets_summary *summary, size_t top)
{
	struct result *result = call->result;
	char grant[ERROR_HINT_MAX];
	counts_put(result, summary);
	result_gap(result);
	sockets_states_show(result, summary);
	if (summary->destination_count) {
		destinations_show(result, summary, top);
		result_line(result, TONE_FAINT,
			    "each destination can have {ports} connections, one for each local port from "
			    "{port_low} to {port_high}");
	}
	if (summary->peer_count)
		peers_show(result, summary, top);
	if (summary->process_count)
		processes_show(result, summary, top);
	if (summary->hidden)
		result_note(result, "%zu processes hide their sockets from this user; to see them: %s",
			    summary->hidden, owners_grant(grant, sizeof grant));
	if (summary->report.changed)
		result_note(
		    result,
		    "the table changed while it was read, in each of ten tries: the numbers are not exact");
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct sockets_query query = { .kinds = SOCKET_ALL_KINDS, .family = call->settings->family };
	struct sockets_summary summary;
	struct socket_filter *filter =
	    socket_filter_parse(args->filter.items, args->filter.count, call->error);
	if (!filter)
		return call->error->status;
	unsigned named = socket_filter_states(filter);
	for (int kind = 0; kind < SOCKET_KINDS; kind++)
		query.states[kind] = named ? named : STATES_ALL;
	query.filter = filter;
	int bad = socket_filter_resolve(call->loop, filter, query.family, call->error);
	if (bad == 0)
		bad = sockets_summarize(&query, true, &summary, call->error);
	socket_filter_free(filter);
	if (bad < 0)
		return call->error->status;
	all_show(call, &summary, (size_t)args->top);
	sockets_summary_free(&summary);
	return STATUS_OK;
}

const struct command command_ss_summary = {
	.name = "ss summary",
	.summary = "sockets counted: by state, peer and process, and the ports that are left",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
