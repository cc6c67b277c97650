/* Does a connection come about, and if not, who is in the way?
 * Tells what happens SYN by SYN, joins input and output with a connection, waits for one, or keeps trying. */
#include "ntsh/command.h"
#include "ntsh/dial.h"
#include "ntsh/resolve.h"

#include <string.h>
#include <unistd.h>

enum { ADDRESSES_MAX = 8 };

/* clang-format off */
struct args {
	const char *target, *port, *join;
	int64_t listen, count;
	ns_t timeout, patience, interval;
	bool watch, tls;
};
static const struct args defaults = { .timeout = 10 * NS_PER_S, .patience = NS_PER_S, .interval = NS_PER_S };
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TEXT, 0, "target", "HOST:PORT", "where to", ARG(target), 0, 0, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "port", "PORT", "the port when it is not in HOST:PORT; - joins input and output", ARG(port), 0, 0, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "join", "-", "join standard input and output with the connection", ARG(join), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_PORT, 'l', "listen", "PORT", "wait for connections instead", ARG(listen), 0, 0, NULL, 0, "watch tls" },
	{ STYLE_DASH, OPT_FLAG, 0, "watch", NULL, "keep trying, and explain each failure", ARG(watch), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "attempts (--watch) or connections (--listen); 0: until stopped", ARG(count), 0, INT32_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "D", "between the beginnings of two attempts (1s)", ARG(interval), 10 * NS_PER_MS, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'w', "wait", "D", "for the handshake (10s)", ARG(timeout), NS_PER_MS, 600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'b', "banner", "D", "for the server to speak first (1s)", ARG(patience), 0, 600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "tls", NULL, "shake hands by TLS as well", ARG(tls), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "port", KIND_INTEGER, "the port" },
	{ "events", KIND_NONE, "what happened, in its order" },
	{ "events[].after_ms", KIND_TIME, "since the first SYN" },
	{ "events[].event", KIND_TEXT, "syn, connected, failed, banner, closed, silent or tls" },
	{ "events[].says", KIND_TEXT, "in words" },
	{ "attempts", KIND_NONE, "of --watch" },
	{ "attempts[].number", KIND_COUNT, "from 1" },
	{ "attempts[].began", KIND_DATE, "when" },
	{ "attempts[].address", KIND_ENDPOINT, "where to" },
	{ "attempts[].outcome", KIND_TEXT, "as in outcome" },
	{ "attempts[].took_ms", KIND_TIME, "until the answer" },
	{ "attempts[].syns", KIND_COUNT, "SYNs that were sent" },
	{ "attempts[].says", KIND_TEXT, "what happened, in words" },
	{ "succeeded", KIND_COUNT, "attempts of --watch that connected" },
	{ "failed", KIND_COUNT, "attempts of --watch that did not" },
	{ "connections", KIND_NONE, "of --listen" },
	{ "connections[].number", KIND_COUNT, "from 1" },
	{ "connections[].began", KIND_DATE, "when it was accepted" },
	{ "connections[].peer", KIND_ENDPOINT, "who connected" },
	{ "outcome", KIND_TEXT, "connected, refused, unreachable, reset, filtered, queue full, no answer, not sent or tls (its handshake or certificate)" },
	{ "address", KIND_ENDPOINT, "who was asked last" },
	{ "says", KIND_TEXT, "what that means" },
	{ "syns", KIND_COUNT, "SYNs that were sent" },
	{ "connect_ms", KIND_TIME, "from the first SYN to the answer" },
	{ "rtt_ms", KIND_TIME, "the kernel's round trip of the handshake" },
	{ "banner", KIND_TEXT, "what the server said first" },
	{ "banner_ms", KIND_TIME, "how long after the handshake" },
	{ "tls_version", KIND_TEXT, "TLSv1.3 ..." },
	{ "tls_fault", KIND_TEXT, "what is wrong with the certificate" },
	{ "sent_bytes", KIND_BYTES, "joined: bytes to the peer" },
	{ "received_bytes", KIND_BYTES, "joined: bytes from the peer" },
	{ "took_ms", KIND_TIME, "joined: how long" },
	{ "ended", KIND_TEXT, "joined: how it ended" },
	{ "received", KIND_TEXT, "joined, with --json only: the first 4096 bytes from the peer" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table events_table = { .name = "events", .line = "{after_ms}  {says}", .live = true };
static const struct table attempts_table = { .name = "attempts", .line = "{number}  {took_ms}  {outcome}: {says}", .live = true };
static const struct table connections_table = { .name = "connections", .line = "{number}  connection from {peer}", .live = true };
/* clang-format on */

struct run {
	struct call *call;
	const struct args *args;
	struct result *result;
	bool joins, done;
	ns_t before; /* attempts at earlier addresses */
	char host[DIAL_HOST_MAX];
	struct dial_result dialled;
	struct relay_result relayed;
	int accepted;
	uint64_t connections;
};

static bool interrupted(const struct run *run)
{
	return loop_cancelled(run->call->loop) == LOOP_INTERRUPTED;
}

static void on_event(ns_t after, const char *kind, const char *text, size_t length, void *arg)
{
	struct run *run = arg;
	result_row_open(run->result);
	result_put(run->result, "after_ms", value_time(after + run->before));
	result_put(run->result, "event", value_text(kind));
	result_put(run->result, "says", value_text_n(text, length));
	result_row_close(run->result);
}

static void on_dialled(const struct dial_result *result, void *arg)
{
	struct run *run = arg;
	run->dialled = *result;
	run->done = true;
}

/* Returns 0 when the attempt came to an end. */
static int dial(struct run *run, const struct addr *target)
{
	static const struct dial_events told = { on_event, on_dialled }, silent = { NULL, on_dialled };
	const struct args *args = run->args;
	struct dial_request request = {
		.target = *target,
		.interface = run->call->settings->interface,
		.timeout = args->timeout,
		.patience = args->watch || run->joins ? 0 : args->patience,
		.tls_name = args->tls ? run->host : NULL,
	};
	run->done = false;
	struct dial *dial =
	    dial_start(run->call->loop, &request, args->watch ? &silent : &told, run, run->call->error);
	if (!dial)
		return -1;
	if (loop_run(run->call->loop, &run->done) == LOOP_DONE)
		return 0;
	dial_cancel(dial);
	return -1;
}

static void put_outcome(struct run *run)
{
	struct result *result = run->result;
	const struct dial_result *dialled = &run->dialled;
	const struct tcp_connect_result *connect = &dialled->connect;
	char says[DIAL_TEXT_MAX];
	result_put(result, "outcome", value_text(dial_outcome(dialled)));
	result_put(result, "address", value_endpoint(&connect->peer));
	result_put(result, "says", value_text(dial_text(dialled, says)));
	result_put(result, "syns", value_count(dialled->syns));
	result_put(result, "connect_ms", value_time(connect->ended - connect->began));
	result_put(result, "rtt_ms", value_time(connect->rtt));
	result_put(result, "banner",
		   dialled->banner_length
		       ? value_text_n((const char *)dialled->banner, dialled->banner_length)
		       : value_none());
	result_put(result, "banner_ms", value_time(dialled->banner_after));
	result_put(result, "tls_version",
		   value_text(dialled->shake.complete ? dialled->shake.version : NULL));
	result_put(result, "tls_fault", value_text(dialled->shake.fault ? dialled->shake.fault_text : NULL));
}

static int on_received(const uint8_t *bytes, size_t length, void *arg)
{
	struct run *run = arg;
	result_stream(run->result, bytes, length);
	return result_broken(run->result) ? -1 : 0;
}

static void on_relayed(const struct relay_result *result, void *arg)
{
	struct run *run = arg;
	run->relayed = *result;
	run->done = true;
}

static void join(struct run *run, int fd)
{
	static const struct relay_events events = { on_received, on_relayed };
	static const char *const ends[] = { "both sides ended it", "reset", "the output was closed" };
	struct result *result = run->result;
	run->done = false;
	struct relay *relay =
	    relay_start(run->call->loop, fd, run->joins ? STDIN_FILENO : -1, &events, run, run->call->error);
	if (!relay)
		return;
	bool over = loop_run(run->call->loop, &run->done) == LOOP_DONE;
	if (!over)
		relay_stop(relay, &run->relayed);
	result_put(result, "sent_bytes", value_bytes(run->relayed.sent_bytes));
	result_put(result, "received_bytes", value_bytes(run->relayed.received_bytes));
	result_put(result, "took_ms", value_time(run->relayed.took));
	result_put(result, "ended", value_text(over ? ends[run->relayed.end] : "this side stopped"));
	if (result_is_json(result))
		result_put(result, "received",
			   value_text_n((const char *)run->relayed.head, run->relayed.head_length));
	result_line(result, run->relayed.end == RELAY_RESET ? TONE_BAD : TONE_FAINT,
		    "{sent_bytes} sent, {received_bytes} received in {took_ms}: {ended}");
}

static enum status run_connect(struct run *run, const struct addr *addrs, size_t count)
{
	ns_t base = clock_mono();
	int good = 0, failed = 0;
	result_list_open(run->result, &events_table);
	for (size_t i = 0; i < count && !failed && !good; i++) {
		run->before = i ? clock_mono() - base : 0;
		failed = dial(run, &addrs[i]);
		good = !failed && run->dialled.connect.outcome == TCP_CONNECTED;
	}
	result_list_close(run->result);
	if (failed)
		return interrupted(run) ? STATUS_INTERRUPTED : STATUS_BAD;
	put_outcome(run);
	good = dial_is_good(&run->dialled);
	if (good && run->joins) {
		join(run, run->dialled.connect.fd);
		good = run->relayed.end != RELAY_RESET;
	}
	if (run->dialled.connect.fd >= 0)
		close(run->dialled.connect.fd);
	return good ? STATUS_OK : STATUS_BAD;
}

static void attempt_put(struct run *run, uint64_t number, ns_t began)
{
	struct result *result = run->result;
	const struct tcp_connect_result *connect = &run->dialled.connect;
	char says[DIAL_TEXT_MAX];
	result_row_open(result);
	result_put(result, "number", value_count(number));
	result_put(result, "began", value_date(began));
	result_put(result, "address", value_endpoint(&connect->peer));
	result_put(result, "outcome", value_text(dial_outcome(&run->dialled)));
	result_put(result, "took_ms", value_time(connect->ended - connect->began));
	result_put(result, "syns", value_count(run->dialled.syns));
	result_put(result, "says", value_text(dial_text(&run->dialled, says)));
	result_row_close(result);
}

static enum status run_watch(struct run *run, const struct addr *addrs, size_t count)
{
	uint64_t good = 0, number = 0;
	if (!run->args->count)
		result_live(run->result);
	result_list_open(run->result, &attempts_table);
	while (!run->args->count || number < (uint64_t)run->args->count) {
		ns_t began = clock_mono(), date = clock_real();
		if (dial(run, &addrs[number % count]) < 0)
			break;
		number++;
		good += dial_is_good(&run->dialled);
		attempt_put(run, number, date);
		if (run->dialled.connect.fd >= 0)
			close(run->dialled.connect.fd);
		ns_t rest = began + run->args->interval - clock_mono();
		bool last = run->args->count && number == (uint64_t)run->args->count;
		if (result_broken(run->result) ||
		    (!last && rest > 0 && loop_sleep(run->call->loop, rest) != LOOP_DONE))
			break;
	}
	result_list_close(run->result);
	result_gap(run->result);
	result_put(run->result, "succeeded", value_count(good));
	result_put(run->result, "failed", value_count(number - good));
	result_line(run->result, good == number ? TONE_GOOD : TONE_BAD,
		    "{succeeded} attempts connected, {failed} did not");
	bool fine = number && dial_is_good(&run->dialled);
	return interrupted(run) ? STATUS_INTERRUPTED : fine ? STATUS_OK : STATUS_BAD;
}

static void on_accepted(int fd, const struct addr *peer, void *arg)
{
	struct run *run = arg;
	result_row_open(run->result);
	result_put(run->result, "number", value_count(++run->connections));
	result_put(run->result, "began", value_date(clock_real()));
	result_put(run->result, "peer", value_endpoint(peer));
	result_row_close(run->result);
	bool wanted = run->joins && run->accepted < 0;
	if (wanted)
		run->accepted = fd;
	else
		close(fd);
	run->done |= wanted || result_broken(run->result) ||
		     (run->args->count && run->connections == (uint64_t)run->args->count);
}

static enum status run_listen(struct run *run)
{
	run->accepted = -1;
	struct dial_listener *listener =
	    dial_listen(run->call->loop, (uint16_t)run->args->listen, run->call->settings->family,
			on_accepted, run, run->call->error);
	if (!listener)
		return run->call->error->status;
	if (!run->args->count && !run->joins)
		result_live(run->result);
	result_progress(run->result, -1, NS_NONE, "waiting for connections");
	result_list_open(run->result, &connections_table);
	enum loop_end end = loop_run(run->call->loop, &run->done);
	result_list_close(run->result);
	result_progress(run->result, -1, NS_NONE, NULL);
	dial_listener_free(listener);
	if (run->accepted >= 0) {
		join(run, run->accepted);
		close(run->accepted);
	}
	bool good = end == LOOP_DONE && run->relayed.end != RELAY_RESET;
	return interrupted(run) ? STATUS_INTERRUPTED : good ? STATUS_OK : STATUS_BAD;
}

static enum status usage(struct call *call, const char *what)
{
	error_set(call->error, STATUS_USAGE, "EUSAGE", "connect HOST:PORT [-], or connect --listen PORT [-]",
		  "%s", what);
	return STATUS_USAGE;
}

static enum status run(struct call *call, const void *arguments)
{
	static struct run run;
	const struct args *args = arguments;
	const char *port = args->port && strcmp(args->port, "-") != 0 ? args->port : NULL;
	const char *join_word = args->port && !port ? args->port : args->join;
	struct addr addrs[ADDRESSES_MAX];
	uint16_t number;
	size_t count = 0;
	bool alone = args->listen && args->target && strcmp(args->target, "-") == 0;
	run = (struct run){ .call = call, .args = args, .result = call->result, .joins = join_word || alone };
	if (join_word && strcmp(join_word, "-") != 0)
		return usage(call, "a third word can only be -, which joins input and output");
	if ((args->listen && args->target && !alone) || (!args->listen && !args->target))
		return usage(call, args->listen ? "--listen takes no target" : "there is no HOST:PORT");
	if (run.joins)
		result_stream_open(call->result);
	if (args->listen) {
		result_put(call->result, "port", value_integer(args->listen));
		return run_listen(&run);
	}
	if (dial_target_read(args->target, port, run.host, &number, call->error) < 0 ||
	    (args->tls && tls_prepare(call->error) < 0) ||
	    resolve_all(call->loop, run.host, call->settings->family, addrs, ADDRESSES_MAX, &count,
			call->error) < 0)
		return call->error->status;
	for (size_t i = 0; i < count; i++)
		addrs[i].port = number;
	result_put(call->result, "host", value_text(run.host));
	result_put(call->result, "port", value_integer(number));
	enum status status = args->watch ? run_watch(&run, addrs, count) : run_connect(&run, addrs, count);
	return error_is_set(call->error) ? call->error->status : status;
}

const struct command command_connect = {
	.name = "connect",
	.summary = "what happens to a TCP connection, step by step; joins it, waits for one",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
