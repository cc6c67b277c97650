/* Run on the server: is my service slow, or the network to its clients?
 * Watches the service's sockets, counters and process for a few seconds, and sends nothing. The judgement is src/diag's. */
#include "ntsh/diagnose_service.h"
#include "ntsh/command.h"
#include "ntsh/diagnose_show.h"

struct args {
	int64_t port;
	ns_t interval;
	int64_t top;
};

/* clang-format off */
static const struct args defaults = { .interval = 3 * NS_PER_S, .top = 10 };
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_PORT, .name = "port", .metavar = "PORT", .help = "the service: a port or its name",
	  .offset = offsetof(struct args, port), .flags = OPTION_REQUIRED },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .letter = 'i', .name = "interval", .metavar = "D", .help = "watch for this long",
	  .offset = offsetof(struct args, interval), .min = NS_PER_S / 2, .max = 3600 * NS_PER_S },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'c', .name = "count", .metavar = "N", .help = "show at most this many clients",
	  .offset = offsetof(struct args, top), .min = 1, .max = SERVICE_CLIENTS_MAX },
	OPTION_END,
};

static const struct field fields[] = {
	{ "port", KIND_INTEGER, "the service" },
	{ "process", KIND_TEXT, "who listens; null: nobody, or hidden from this user" },
	{ "watched_ms", KIND_TIME, "how long was watched" },
	{ "looks", KIND_COUNT, "how often the kernel was asked in that time" },
	{ "connections", KIND_COUNT, "connections that were seen" },
	{ "unaccepted", KIND_COUNT, "clients that are connected, and that the program has not accepted" },
	{ "accept_queue", KIND_COUNT, "the longest accept queue that was seen" },
	{ "accept_queue_limit", KIND_COUNT, "how many may wait in it" },
	{ "half_open", KIND_COUNT, "most connections in SYN-RECV at once" },
	{ "close_wait", KIND_COUNT, "connections that stayed in CLOSE-WAIT all the time" },
	{ "requests", KIND_COUNT, "always 1: one service was judged" },
	{ "round_trip_ms", KIND_TIME, "always null: each client has its own" },
	{ "round_trips", KIND_COUNT, "always 0" },
	{ "clients", KIND_NONE, "the clients, by address, those that wait most first" },
	{ "clients[].client", KIND_ADDRESS, "its address" },
	{ "clients[].connections", KIND_COUNT, "its connections" },
	{ "clients[].holder", KIND_TEXT, "program, reader, peer, buffer, loss, path or idle" },
	{ "clients[].says", KIND_TEXT, "the same in words" },
	{ "clients[].share_percent", KIND_PERCENT, "share of the time, on the connection that fares worst" },
	{ "clients[].think_ms", KIND_TIME, "longest wait for an answer of the program that was seen" },
	{ "clients[].pending_ms", KIND_TIME, "since when it waits for an answer, or has had the last word" },
	{ "clients[].rtt_ms", KIND_TIME, "round trip, of the slowest of its connections" },
	{ "clients[].min_rtt_ms", KIND_TIME, "least round trip of the same" },
	{ "clients[].retransmitted", KIND_COUNT, "segments sent to it again" },
	{ "clients[].sent_bytes", KIND_BYTES, "sent to it and acknowledged" },
	{ "clients[].received_bytes", KIND_BYTES, "received from it" },
	{ "clients[].unread_bytes", KIND_BYTES, "received from it and not read" },
	{ "clients_seen", KIND_COUNT, "how many clients there were" },
	DIAGNOSIS_FIELDS,
	{ NULL, KIND_NONE, NULL },
};

#define L(n, h, flex) { n, h, ALIGN_LEFT, 0, false, flex }
#define R(n, h) { n, h, ALIGN_RIGHT, 0, false, false }
static const struct column columns[] = {
	L("client", "Client", false), R("connections", "Connections"), L("says", "Waits for", true), R("share_percent", "Time"),
	R("think_ms", "Answer"), R("rtt_ms", "Round trip"), R("retransmitted", "Resent"), R("unread_bytes", "Unread"),
};
/* clang-format on */

static void clients_show(struct result *result, const struct service_diagnosis *found, size_t top)
{
	static const struct table table = { .name = "clients",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof *columns };
	result_gap(result);
	result_list_open(result, &table);
	for (size_t i = 0; i < found->client_count && i < top; i++) {
		const struct service_client *client = &found->clients[i];
		result_row_open(result);
		result_put(result, "client", value_address(&client->addr));
		result_put(result, "connections", value_count(client->connections));
		result_put(result, "holder", value_text(client->holder));
		result_put(result, "says", value_text(client->says));
		result_put(result, "share_percent",
			   value_percent((double)(int)(client->share * 1000 + 0.5) / 10));
		result_put(result, "think_ms", client->think ? value_time(client->think) : value_none());
		result_put(result, "pending_ms",
			   client->pending ? value_time(client->pending) : value_none());
		result_put(result, "rtt_ms", value_time(client->rtt));
		result_put(result, "min_rtt_ms", value_time(client->min_rtt));
		result_put(result, "retransmitted", value_count(client->retransmitted));
		result_put(result, "sent_bytes", value_bytes(client->sent_bytes));
		result_put(result, "received_bytes", value_bytes(client->received_bytes));
		result_put(result, "unread_bytes", value_bytes(client->unread_bytes));
		result_row_close(result);
	}
	result_list_close(result);
	result_put(result, "clients_seen", value_count(found->clients_seen));
	if (found->clients_seen > top)
		result_line(result, TONE_FAINT, "{clients_seen} clients in all; -c shows more");
}

static enum status run(struct call *call, const void *arguments)
{
	static const struct diagnose_events events = { .step = diagnosis_on_step };
	static struct service_diagnosis found;
	const struct args *args = arguments;
	struct result *result = call->result;
	struct diagnose_service_request request = { .port = (uint16_t)args->port,
						    .family = call->settings->family,
						    .interval = args->interval };
	if (diagnose_service_run(call->loop, &request, &events, call, &found, call->error))
		return call->error->status;
	result_progress(result, 1, NS_NONE, NULL);
	result_put(result, "port", value_integer(found.port));
	result_put(result, "process", value_text(found.process[0] ? found.process : NULL));
	result_put(result, "watched_ms", value_time(found.watched));
	result_put(result, "looks", value_count(found.looks));
	result_put(result, "connections", value_count(found.connections));
	result_put(result, "unaccepted", value_count(found.unaccepted));
	result_put(result, "accept_queue", value_count(found.queue));
	result_put(result, "accept_queue_limit", value_count(found.queue_limit));
	result_put(result, "half_open", value_count(found.half_open));
	result_put(result, "close_wait", value_count(found.close_wait));
	result_put(result, "requests", value_count((uint64_t)found.found.attempts));
	result_put(result, "round_trip_ms", value_time(found.found.round_trip));
	result_put(result, "round_trips", value_count((uint64_t)found.found.round_trips));
	diagnosis_show(result, &found.found, call->settings->verbose > 0);
	if (found.client_count)
		clients_show(result, &found, (size_t)args->top);
	result_line_verbose(result, TONE_FAINT, "watched for {watched_ms}, {looks} looks");
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return found.found.verdict.class_ == CLASS_HEALTHY ? STATUS_OK : STATUS_BAD;
}

const struct command command_diagnose_service = {
	.name = "diagnose service",
	.summary = "run on the server: is my service slow, or the network to its clients",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
