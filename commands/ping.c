/* Does HOST answer, how fast, how steadily?
 * Each probe is shown when its fate is known; the end says what the numbers mean. */
#include "ntsh/command.h"
#include "ntsh/ping_tally.h"
#include "ntsh/resolve.h"
#include "ntsh/route.h"

#include <unistd.h>

enum { COUNT_UNATTENDED = 5, SPARKLINE_MAX = 60, OUTAGES_MAX = 20 };
struct args {
	const char *host, *interface;
	int64_t count, size, tcp_port;
	ns_t interval, deadline, wait;
};

static const struct args defaults = { .count = -1, .size = 56, .interval = NS_PER_S };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "who is to answer", ARG(host), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "probes to send; 0: until stopped (as at a terminal; else 5)",
	  ARG(count), 0, INT32_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "D", "between two probes (1s)",
	  ARG(interval), NS_PER_MS, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_BYTES, 's', "size", "BYTES", "payload of a probe (56)", ARG(size), 0, 65000, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'w', "deadline", "D", "end after this time",
	  ARG(deadline), NS_PER_MS, 30 * 86400 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'W', "wait", "D", "a probe is lost after this time (else from the round trips seen)",
	  ARG(wait), NS_PER_MS, 60 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_INTERFACE, 'I', "device", "IF", "send by this interface", ARG(interface), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_PORT, 0, "tcp", "PORT", "TCP handshakes with this port instead of ICMP",
	  ARG(tcp_port), 0, 0, NULL, 0, NULL },
	OPTION_END,
};
/* clang-format on */

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "address", KIND_ADDRESS, "the address that is asked" },
	{ "probes", KIND_NONE, "each probe when its fate is known; late and double answers are rows, too" },
	{ "probes[].seq", KIND_COUNT, "its number, from 1" },
	{ "probes[].outcome", KIND_TEXT, "reply, lost, late, duplicate, unreachable or refused" },
	{ "probes[].sent", KIND_DATE, "when it left" },
	{ "probes[].rtt_ms", KIND_TIME, "its round trip" },
	{ "probes[].from", KIND_ADDRESS, "who answered" },
	{ "probes[].ttl", KIND_COUNT, "hop limit left in the answer" },
	{ "probes[].icmp_type", KIND_COUNT, "of an ICMP error" },
	{ "probes[].icmp_code", KIND_COUNT, "of an ICMP error" },
	{ "probes[].says", KIND_TEXT, "what happened, unless it was answered in time" },
	{ "method", KIND_TEXT, "ping socket, raw socket or TCP" },
	{ "port", KIND_COUNT, "the TCP port" },
	{ "clock", KIND_TEXT, "whose stamps the round trips come from: kernel, program or both" },
	{ "sent", KIND_COUNT, "probes whose fate is known" },
	{ "received", KIND_COUNT, "answered, late ones included" },
	{ "lost", KIND_COUNT, "not answered" },
	{ "loss_percent", KIND_PERCENT, "share of probes not answered" },
	{ "late", KIND_COUNT, "answered after they had been given up" },
	{ "duplicates", KIND_COUNT, "further answers to one probe" },
	{ "unreachable", KIND_COUNT, "ICMP errors that came instead" },
	{ "refused", KIND_COUNT, "not sent, because this machine refused" },
	{ "rtt_ms", KIND_NONE, "statistics of the round trips" },
	{ "rtt_ms.min", KIND_TIME, "shortest" },
	{ "rtt_ms.avg", KIND_TIME, "mean" },
	{ "rtt_ms.p50", KIND_TIME, "median" },
	{ "rtt_ms.p95", KIND_TIME, "95 of 100 are not longer" },
	{ "rtt_ms.p99", KIND_TIME, "99 of 100 are not longer" },
	{ "rtt_ms.max", KIND_TIME, "longest" },
	{ "jitter_ms", KIND_TIME, "mean difference between one round trip and the next" },
	{ "outages", KIND_NONE, "two lost probes in a row, or more" },
	{ "outages[].begin", KIND_DATE, "when the first lost probe was sent" },
	{ "outages[].end", KIND_DATE, "when the first answered one was sent; null when it goes on" },
	{ "outages[].duration_ms", KIND_TIME, "how long" },
	{ "outages[].lost", KIND_COUNT, "probes" },
	{ "dead_hop", KIND_ADDRESS, "who on our own link does not answer, when that is why nothing does" },
	{ "error_from", KIND_ADDRESS, "who sent the last ICMP error" },
	{ "error_says", KIND_TEXT, "what it, or this machine's refusal, means" },
	{ "verdict", KIND_TEXT,
	  "steady, unsteady, losses, outage, filtered, unreachable, refused, silent or nothing" },
	{ NULL, KIND_NONE, NULL },
};

struct run {
	struct result *result;
	struct addr target;
	struct ping_tally tally;
	enum ping_method method;
	bool changed; /* from ICMP to TCP */
	bool done;
};

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct run *run = arg;
	struct result *result = run->result;
	bool error = probe->outcome == PING_UNREACHABLE;
	ping_tally_add(&run->tally, probe);
	result_row_open(result);
	result_put(result, "seq", value_count(probe->seq));
	result_put(result, "outcome", value_text(ping_outcome_name(probe->outcome)));
	result_put(result, "sent", value_date(probe->sent_real));
	result_put(result, "rtt_ms", value_time(error ? NS_NONE : probe->rtt));
	result_put(result, "from", value_address(&probe->from));
	result_put(result, "ttl", probe->ttl >= 0 ? value_count((uint64_t)probe->ttl) : value_none());
	result_put(result, "icmp_type", error ? value_count(probe->icmp_type) : value_none());
	result_put(result, "icmp_code", error ? value_count(probe->icmp_code) : value_none());
	result_put(result, "says", value_text(ping_probe_describe(probe)));
	result_row_close(result);
	run->done |= result_broken(result);
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	struct run *run = arg;
	if (method == PING_TCP)
		result_note(run->result, "measured by TCP handshakes: %s", because);
	if (run->method != PING_AUTO) {
		run->changed = true;
		ping_tally_release(&run->tally);
	}
	run->method = method;
}

static void on_end(void *arg)
{
	((struct run *)arg)->done = true;
}

static void stats_put(struct run *run, uint16_t port)
{
	struct result *result = run->result;
	const struct ping_tally *tally = &run->tally;
	struct rtt_stats stats;
	ping_tally_stats(tally, &stats);
	result_put(result, "method", value_text(ping_method_name(run->method)));
	result_put(result, "port", port ? value_count(port) : value_none());
	result_put(result, "clock", value_text(ping_tally_clock(tally)));
	result_put(result, "sent", value_count(tally->sent));
	result_put(result, "received", value_count(tally->received));
	result_put(result, "lost", value_count(tally->lost));
	result_put(result, "loss_percent", value_percent(ping_tally_loss(tally)));
	result_put(result, "late", value_count(tally->late));
	result_put(result, "duplicates", value_count(tally->duplicates));
	result_put(result, "unreachable", value_count(tally->unreachable));
	result_put(result, "refused", value_count(tally->refused));
	result_open(result, "rtt_ms");
	result_put(result, "min", value_time(stats.min));
	result_put(result, "avg", value_time(stats.mean));
	result_put(result, "p50", value_time(stats.p50));
	result_put(result, "p95", value_time(stats.p95));
	result_put(result, "p99", value_time(stats.p99));
	result_put(result, "max", value_time(stats.max));
	result_close(result);
	result_put(result, "jitter_ms", value_time(stats.jitter));
}

static void outages_put(struct run *run)
{
	static const struct table table = {
		.name = "outages",
		.line = "outage: {lost} lost from {begin}{duration_ms? for {duration_ms}}",
	};
	struct ping_outage outages[OUTAGES_MAX];
	struct result *result = run->result;
	size_t count = run->tally.received ? ping_tally_outages(&run->tally, outages, OUTAGES_MAX) : 0;
	result_list_open(result, &table);
	for (size_t i = 0; i < count && i < OUTAGES_MAX; i++) {
		ns_t begin = outages[i].begin, end = outages[i].end;
		result_row_open(result);
		result_put(result, "begin", value_date(begin));
		result_put(result, "end", value_date(end));
		result_put(result, "duration_ms", value_time(end == NS_NONE ? NS_NONE : end - begin));
		result_put(result, "lost", value_count(outages[i].lost));
		result_row_close(result);
	}
	result_list_close(result);
}

static void numbers_show(struct run *run)
{
	struct result *result = run->result;
	ns_t latest[SPARKLINE_MAX];
	size_t count = ping_tally_latest(&run->tally, latest, SPARKLINE_MAX);
	result_item(result, "answers", run->tally.lost ? TONE_WARN : TONE_PLAIN,
		    "{received} of {sent}, {loss_percent} lost{late?, {late} late}{duplicates?, {duplicates} "
		    "duplicates}{unreachable?, {unreachable} ICMP errors}{refused?, {refused} not sent}");
	if (!run->tally.received)
		return;
	result_item(
	    result, "round trip", TONE_PLAIN,
	    "min {rtt_ms.min}, avg {rtt_ms.avg}, p50 {rtt_ms.p50}, p95 {rtt_ms.p95}, p99 {rtt_ms.p99}, "
	    "max {rtt_ms.max}{jitter_ms?, jitter {jitter_ms}}");
	result_item(result, "measured", TONE_PLAIN, "by {method}{port? port {port}}, stamps of the {clock}");
	if (count > 1)
		result_sparkline(result, "over time", latest, count, "");
}

/* Why nothing answers, as far as it is known. */
static void silence_show(struct run *run)
{
	struct result *result = run->result;
	const struct ping_probe *error = &run->tally.last_error;
	struct addr hop;
	result_put(result, "dead_hop", value_address(route_hop_is_dead(&run->target, &hop) ? &hop : NULL));
	result_put(result, "error_from", value_address(&error->from));
	result_put(result, "error_says", value_text(error->seq ? ping_probe_describe(error) : NULL));
	result_line(result, TONE_BAD,
		    run->tally.unreachable ? "{host} is unreachable: {error_from} says {error_says}"
		    : run->tally.refused   ? "{host}: this machine refused to send: {error_says}"
					   : "{host} does not answer");
	result_line(result, TONE_BAD,
		    "{dead_hop?{dead_hop} does not answer on its link: off, elsewhere, filtered}");
}

static void verdict_show(struct run *run)
{
	static const char *const says[] = {
		[PING_VERDICT_NOTHING] = "ended before the fate of any probe was known",
		[PING_VERDICT_STEADY] = "{host} answers, and steadily: {rtt_ms.p50}",
		[PING_VERDICT_UNSTEADY] =
		    "{host} answers, but 1 of 20 takes {rtt_ms.p95}, the median {rtt_ms.p50}",
		[PING_VERDICT_LOSSES] =
		    "{host} answers, but {lost} of {sent} were lost, one here and one there",
		[PING_VERDICT_OUTAGE] =
		    "{host} answers, but {lost} of {sent} were lost, most of them in a row",
	};
	struct result *result = run->result;
	enum ping_verdict verdict = ping_tally_verdict(&run->tally);
	bool filtered = run->changed && run->tally.received;
	if (filtered)
		result_line(result, TONE_WARN, "ICMP is filtered, but TCP port {port} answers");
	if (run->tally.sent && !run->tally.received)
		silence_show(run);
	else
		result_line(result, verdict == PING_VERDICT_STEADY ? TONE_GOOD : TONE_WARN, says[verdict]);
	bool steady = verdict == PING_VERDICT_STEADY;
	result_put(result, "verdict",
		   value_text(filtered && steady ? "filtered" : ping_verdict_name(verdict)));
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = { .result = call->result };
	static const struct ping_events events = { on_probe, on_method, on_end };
	static const struct table table = {
		.name = "probes",
		.line = "seq {seq}{rtt_ms?  {rtt_ms}}{ttl?  ttl {ttl}}{from?  from {from}}{says?  {says}}",
		.live = true,
	};
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool watched = !call->settings->json && (call->settings->interactive || terminal);
	struct ping_request request = {
		.method = args->tcp_port ? PING_TCP : PING_AUTO,
		.tcp_port = (uint16_t)args->tcp_port,
		.count = args->count >= 0 ? (uint64_t)args->count
			 : watched        ? 0
					  : COUNT_UNATTENDED,
		.interval = args->interval,
		.timeout = args->wait,
		.duration = args->deadline,
		.size = (size_t)args->size,
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	if (resolve_one(call->loop, args->host, call->settings->family, &run.target, call->error) < 0)
		return call->error->status;
	result_put(run.result, "host", value_text(args->host));
	result_put(call->result, "address", value_address(&run.target));
	request.target = run.target;
	struct ping *ping = ping_start(call->loop, &request, &events, &run, call->error);
	if (!ping)
		return call->error->status;
	if (!request.count)
		result_live(run.result);
	result_list_open(run.result, &table);
	enum loop_end end = loop_run(call->loop, &run.done);
	result_list_close(run.result);
	stats_put(&run, ping_port(ping));
	ping_free(ping);
	result_gap(run.result);
	outages_put(&run);
	if (run.tally.sent)
		numbers_show(&run);
	verdict_show(&run);
	bool answered = run.tally.received;
	ping_tally_release(&run.tally);
	return end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : answered ? STATUS_OK : STATUS_BAD;
}

const struct command command_ping = {
	.name = "ping",
	.summary = "does it answer, how fast, how steadily",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
