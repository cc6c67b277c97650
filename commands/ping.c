/* Does HOST answer, how fast, how steadily?
 * Each probe is shown when its fate is known; the end says what the numbers mean: steady, lossy, with outages, filtered,
 * unreachable and by whose word. */
#include "ntsh/command.h"
#include "ntsh/ping_tally.h"
#include "ntsh/resolve.h"
#include "ntsh/route.h"

#include <linux/neighbour.h>
#include <string.h>
#include <unistd.h>

enum { COUNT_UNATTENDED = 5, SPARKLINE_MAX = 60, OUTAGES_MAX = 20 };

struct args {
	const char *host, *interface;
	int64_t count, size, tcp_port;
	ns_t interval, deadline, wait;
};

static const struct args defaults = { .count = -1, .size = 56, .interval = NS_PER_S };

static const struct option options[] = {
	{ .style = STYLE_OPERAND,
	  .type = OPT_HOST,
	  .name = "host",
	  .metavar = "HOST",
	  .help = "who is to answer",
	  .offset = offsetof(struct args, host),
	  .flags = OPTION_REQUIRED },
	{ .letter = 'c',
	  .type = OPT_COUNT,
	  .name = "count",
	  .metavar = "N",
	  .help = "probes to send; 0: until stopped (as at a terminal; else 5)",
	  .offset = offsetof(struct args, count),
	  .max = INT32_MAX },
	{ .letter = 'i',
	  .type = OPT_DURATION,
	  .name = "interval",
	  .metavar = "D",
	  .help = "between two probes (1s)",
	  .offset = offsetof(struct args, interval),
	  .min = NS_PER_MS,
	  .max = 3600 * NS_PER_S },
	{ .letter = 's',
	  .type = OPT_BYTES,
	  .name = "size",
	  .metavar = "BYTES",
	  .help = "payload of a probe (56)",
	  .offset = offsetof(struct args, size),
	  .max = 65000 },
	{ .letter = 'w',
	  .type = OPT_DURATION,
	  .name = "deadline",
	  .metavar = "D",
	  .help = "end after this time",
	  .offset = offsetof(struct args, deadline),
	  .min = NS_PER_MS,
	  .max = 30 * 86400 * NS_PER_S },
	{ .letter = 'W',
	  .type = OPT_DURATION,
	  .name = "wait",
	  .metavar = "D",
	  .help = "a probe is lost after this time (else from the round trips seen)",
	  .offset = offsetof(struct args, wait),
	  .min = NS_PER_MS,
	  .max = 60 * NS_PER_S },
	{ .letter = 'I',
	  .type = OPT_INTERFACE,
	  .name = "device",
	  .metavar = "IF",
	  .help = "send by this interface",
	  .offset = offsetof(struct args, interface) },
	{ .type = OPT_PORT,
	  .name = "tcp",
	  .metavar = "PORT",
	  .help = "TCP handshakes with this port instead of ICMP",
	  .offset = offsetof(struct args, tcp_port) },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "address", KIND_ADDRESS, "the address that is asked" },
	{ "probes", KIND_NONE,
	  "each probe when its fate is known; a late or double answer is a row of its own" },
	{ "probes[].seq", KIND_COUNT, "its number, from 1" },
	{ "probes[].outcome", KIND_TEXT, "reply, lost, late, duplicate, unreachable or refused" },
	{ "probes[].sent", KIND_DATE, "when it left" },
	{ "probes[].rtt_ms", KIND_TIME, "its round trip" },
	{ "probes[].from", KIND_ADDRESS, "who answered" },
	{ "probes[].ttl", KIND_COUNT, "hop limit left in the answer" },
	{ "probes[].payload_bytes", KIND_BYTES, "payload of the answer" },
	{ "probes[].icmp_type", KIND_COUNT, "of an ICMP error" },
	{ "probes[].icmp_code", KIND_COUNT, "of an ICMP error" },
	{ "probes[].path_mtu", KIND_COUNT, "what a \"too big\" error allows" },
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
	{ "icmp_lost", KIND_COUNT, "ICMP probes in vain before TCP took over" },
	{ "rtt_ms", KIND_NONE, "statistics of the round trips" },
	{ "rtt_ms.min", KIND_TIME, "shortest" },
	{ "rtt_ms.avg", KIND_TIME, "mean" },
	{ "rtt_ms.p50", KIND_TIME, "median" },
	{ "rtt_ms.p95", KIND_TIME, "95 of 100 are not longer" },
	{ "rtt_ms.p99", KIND_TIME, "99 of 100 are not longer" },
	{ "rtt_ms.max", KIND_TIME, "longest" },
	{ "rtt_ms.stddev", KIND_TIME, "standard deviation" },
	{ "jitter_ms", KIND_TIME, "mean difference between one round trip and the next" },
	{ "outages", KIND_NONE, "two lost probes in a row, or more" },
	{ "outages[].begin", KIND_DATE, "when the first lost probe was sent" },
	{ "outages[].end", KIND_DATE, "when the first answered one was sent; null when it goes on" },
	{ "outages[].duration_ms", KIND_TIME, "how long" },
	{ "outages[].lost", KIND_COUNT, "probes" },
	{ "outage_count", KIND_COUNT, "how many" },
	{ "longest_outage_begin", KIND_DATE, "begin of the one that lost most probes" },
	{ "longest_outage_ms", KIND_TIME, "its duration; null when it goes on" },
	{ "dead_hop", KIND_ADDRESS, "who on our own link does not answer, when that is why nothing does" },
	{ "dead_hop_interface", KIND_TEXT, "on which interface" },
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
	uint64_t icmp_lost;
	bool changed; /* from ICMP to TCP */
	bool done;
};

/* --- while it runs --- */

static const char *const outcomes[] = {
	[PING_REPLY] = "reply",
	[PING_LOST] = "lost",
	[PING_LATE] = "late",
	[PING_DUPLICATE] = "duplicate",
	[PING_UNREACHABLE] = "unreachable",
	[PING_SEND_FAILED] = "refused",
};

static const char *probe_says(const struct ping_probe *probe)
{
	switch (probe->outcome) {
	case PING_LOST:
		return "LOST: no answer";
	case PING_LATE:
		return "(late: it had been given up)";
	case PING_DUPLICATE:
		return "(answered before: a duplicate)";
	case PING_UNREACHABLE:
		return icmp_describe(probe->from.family, probe->icmp_type, probe->icmp_code);
	case PING_SEND_FAILED:
		return strerror(probe->errnum);
	default:
		return NULL;
	}
}

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct run *run = arg;
	struct result *result = run->result;
	bool error = probe->outcome == PING_UNREACHABLE;
	ping_tally_add(&run->tally, probe);
	result_row_open(result);
	result_put(result, "seq", value_count(probe->seq));
	result_put(result, "outcome", value_text(outcomes[probe->outcome]));
	result_put(result, "sent", value_date(probe->sent_real));
	result_put(result, "rtt_ms", value_time(error ? NS_NONE : probe->rtt));
	result_put(result, "from", value_address(&probe->from));
	result_put(result, "ttl", probe->ttl >= 0 ? value_count((uint64_t)probe->ttl) : value_none());
	result_put(result, "payload_bytes",
		   probe->rtt != NS_NONE && !error ? value_bytes(probe->bytes) : value_none());
	result_put(result, "icmp_type", error ? value_count(probe->icmp_type) : value_none());
	result_put(result, "icmp_code", error ? value_count(probe->icmp_code) : value_none());
	result_put(result, "path_mtu", probe->icmp_mtu ? value_count(probe->icmp_mtu) : value_none());
	result_put(result, "says", value_text(probe_says(probe)));
	result_row_close(result);
	if (result_broken(result))
		run->done = true;
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	struct run *run = arg;
	if (run->method != PING_AUTO) {
		run->changed = true;
		run->icmp_lost = run->tally.lost;
		ping_tally_release(&run->tally);
		result_note(run->result, "%s", because);
	} else if (method == PING_TCP) {
		result_note(run->result, "measured by TCP handshakes: %s", because);
	}
	run->method = method;
}

static void on_end(void *arg)
{
	((struct run *)arg)->done = true;
}

static void on_deadline(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	((struct run *)arg)->done = true;
}

/* --- what it means --- */

static void stats_put(struct run *run, uint16_t port)
{
	static const char *const methods[] = { "", "ping socket", "raw socket", "TCP" };
	struct result *result = run->result;
	const struct ping_tally *tally = &run->tally;
	struct rtt_stats stats;
	ping_tally_stats(tally, &stats);
	result_put(result, "method", value_text(run->method ? methods[run->method] : NULL));
	result_put(result, "port", port ? value_count(port) : value_none());
	result_put(result, "clock",
		   value_text(tally->kernel_stamped && tally->user_stamped ? "both"
			      : tally->kernel_stamped                      ? "kernel"
			      : tally->user_stamped                        ? "program"
									   : NULL));
	result_put(result, "sent", value_count(tally->sent));
	result_put(result, "received", value_count(tally->received));
	result_put(result, "lost", value_count(tally->lost));
	result_put(result, "loss_percent", value_percent(ping_tally_loss(tally)));
	result_put(result, "late", value_count(tally->late));
	result_put(result, "duplicates", value_count(tally->duplicates));
	result_put(result, "unreachable", value_count(tally->unreachable));
	result_put(result, "refused", value_count(tally->refused));
	result_put(result, "icmp_lost", value_count(run->icmp_lost));
	result_open(result, "rtt_ms");
	result_put(result, "min", value_time(stats.min));
	result_put(result, "avg", value_time(stats.mean));
	result_put(result, "p50", value_time(stats.p50));
	result_put(result, "p95", value_time(stats.p95));
	result_put(result, "p99", value_time(stats.p99));
	result_put(result, "max", value_time(stats.max));
	result_put(result, "stddev", value_time(stats.stddev));
	result_close(result);
	result_put(result, "jitter_ms", value_time(stats.jitter));
}

/* Puts the outages; returns how many there are. */
static size_t outages_put(struct run *run)
{
	static const struct table table = {
		.name = "outages",
		.line = "no answer since {begin}{end? for {duration_ms}}: {lost} probes",
	};
	struct ping_outage outages[OUTAGES_MAX];
	const struct ping_outage *longest = NULL;
	struct result *result = run->result;
	size_t count = ping_tally_outages(&run->tally, outages, OUTAGES_MAX);
	result_list_open(result, &table);
	for (size_t i = 0; i < count && i < OUTAGES_MAX; i++) {
		const struct ping_outage *outage = &outages[i];
		result_row_open(result);
		result_put(result, "begin", value_date(outage->begin));
		result_put(result, "end", value_date(outage->end));
		result_put(result, "duration_ms",
			   value_time(outage->end == NS_NONE ? NS_NONE : outage->end - outage->begin));
		result_put(result, "lost", value_count(outage->lost));
		result_row_close(result);
		if (!longest || outage->lost > longest->lost)
			longest = outage;
	}
	result_list_close(result);
	bool over = longest && longest->end != NS_NONE;
	result_put(result, "outage_count", value_count(count));
	result_put(result, "longest_outage_begin", value_date(longest ? longest->begin : NS_NONE));
	result_put(result, "longest_outage_ms", value_time(over ? longest->end - longest->begin : NS_NONE));
	return count;
}

static void numbers_show(struct run *run)
{
	ns_t latest[SPARKLINE_MAX];
	struct result *result = run->result;
	size_t count = ping_tally_latest(&run->tally, latest, SPARKLINE_MAX);
	result_item(result, "answers", run->tally.lost ? TONE_WARN : TONE_PLAIN,
		    "{received} of {sent}, {loss_percent} lost{late?, {late} late}{duplicates?, {duplicates} "
		    "duplicates}{unreachable?, {unreachable} ICMP errors}{refused?, {refused} not sent}");
	if (!run->tally.received)
		return;
	result_item(
	    result, "round trip", TONE_PLAIN,
	    "min {rtt_ms.min}, avg {rtt_ms.avg}, p50 {rtt_ms.p50}, p95 {rtt_ms.p95}, p99 {rtt_ms.p99}, max "
	    "{rtt_ms.max}{jitter_ms?, jitter {jitter_ms}}");
	result_item(result, "measured", TONE_PLAIN, "by {method}{port? port {port}}, stamps of the {clock}");
	if (count > 1)
		result_sparkline(result, "over time", latest, count, "");
}

/* When nothing answers: the machine on our own link that should have taken the packets and does not, if it is that. */
static void first_hop_put(struct run *run)
{
	struct route_query query = { .destination = run->target };
	struct route_decision decision;
	uint8_t mac[6];
	uint16_t state = 0;
	const struct addr *hop = NULL;
	if (!run->tally.received && route_get(&query, &decision, NULL) == 0 &&
	    !error_is_set(&decision.error)) {
		hop = decision.gateway.family == AF_UNSPEC ? &decision.destination : &decision.gateway;
		if (neighbour_get(hop, decision.ifindex, &state, mac, NULL) < 0 ||
		    !(state & (NUD_FAILED | NUD_INCOMPLETE)))
			hop = NULL;
	}
	result_put(run->result, "dead_hop", value_address(hop));
	result_put(run->result, "dead_hop_interface", value_text(hop ? decision.interface : NULL));
}

static void unanswered_show(struct run *run, enum ping_verdict verdict)
{
	struct result *result = run->result;
	const struct ping_probe *error = &run->tally.last_error;
	first_hop_put(run);
	result_put(result, "error_from", value_address(&error->from));
	result_put(result, "error_says", value_text(error->seq ? probe_says(error) : NULL));
	if (verdict == PING_VERDICT_UNREACHABLE)
		result_line(result, TONE_BAD, "{host} is unreachable: {error_from} says {error_says}");
	else if (verdict == PING_VERDICT_REFUSED)
		result_line(result, TONE_BAD, "nothing was sent, because this machine refused: {error_says}");
	else
		result_line(result, TONE_BAD, "{host} does not answer{port? TCP port {port}}");
	result_line(
	    result, TONE_BAD,
	    "{dead_hop?{dead_hop} does not answer on the link of {dead_hop_interface}: it is off, elsewhere, "
	    "or filtered}");
}

static const char *verdict_show(struct run *run, enum ping_verdict verdict, size_t outages)
{
	struct result *result = run->result;
	if (run->changed && run->tally.received)
		result_line(result, TONE_WARN, "ICMP is filtered, but TCP port {port} answers");
	switch (verdict) {
	case PING_VERDICT_NOTHING:
		result_line(result, TONE_PLAIN, "ended before the fate of any probe was known");
		return "nothing";
	case PING_VERDICT_STEADY:
		result_line(result, TONE_GOOD, "{host} answers, and steadily: {rtt_ms.p50}");
		return run->changed ? "filtered" : "steady";
	case PING_VERDICT_UNSTEADY:
		result_line(result, TONE_WARN,
			    "every probe was answered, but not steadily: half of them within {rtt_ms.p50}, "
			    "one in twenty "
			    "only after {rtt_ms.p95}");
		return "unsteady";
	case PING_VERDICT_LOSSES:
		result_line(result, TONE_BAD, "{lost} of {sent} lost, one here and one there");
		return "losses";
	case PING_VERDICT_OUTAGE:
		result_line(
		    result, TONE_BAD,
		    outages == 1
			? "{lost} of {sent} lost in one outage{longest_outage_ms? of {longest_outage_ms}}, "
			  "from {longest_outage_begin}"
			: "{lost} of {sent} lost in {outage_count} outages, the longest"
			  "{longest_outage_ms? of {longest_outage_ms}} from {longest_outage_begin}");
		return "outage";
	default:
		unanswered_show(run, verdict);
		return verdict == PING_VERDICT_UNREACHABLE ? "unreachable"
		       : verdict == PING_VERDICT_REFUSED   ? "refused"
							   : "silent";
	}
}

static enum status summary_show(struct run *run, uint16_t port)
{
	enum ping_verdict verdict = ping_tally_verdict(&run->tally);
	stats_put(run, port);
	result_gap(run->result);
	size_t outages = outages_put(run);
	if (verdict != PING_VERDICT_NOTHING)
		numbers_show(run);
	result_put(run->result, "verdict", value_text(verdict_show(run, verdict, outages)));
	return run->tally.received ? STATUS_OK : STATUS_BAD;
}

/* --- the command --- */

static int64_t count_of(const struct call *call, const struct args *args)
{
	if (args->count >= 0)
		return args->count;
	bool watched = !call->settings->json &&
		       (call->settings->interactive || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)));
	return watched ? 0 : COUNT_UNATTENDED;
}

static enum status ping_run(struct call *call, const struct args *args, struct run *run)
{
	static const struct ping_events events = { on_probe, on_method, on_end };
	static const struct table table = {
		.name = "probes",
		.line = "seq {seq}{rtt_ms?  {rtt_ms}}{ttl?  ttl {ttl}}{from?  from {from}}{says?  {says}}",
		.live = true,
	};
	struct ping_request request = {
		.target = run->target,
		.method = args->tcp_port ? PING_TCP : PING_AUTO,
		.tcp_port = (uint16_t)args->tcp_port,
		.count = (uint64_t)count_of(call, args),
		.interval = args->interval,
		.timeout = args->wait,
		.size = (size_t)args->size,
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	struct ping *ping = ping_start(call->loop, &request, &events, run, call->error);
	if (!ping)
		return call->error->status;
	struct loop_timer deadline = { 0 };
	if (args->deadline)
		loop_timer_start(call->loop, &deadline, clock_mono() + args->deadline, on_deadline, run);
	if (!request.count)
		result_live(run->result);
	result_list_open(run->result, &table);
	enum loop_end end = loop_run(call->loop, &run->done);
	result_list_close(run->result);
	loop_timer_stop(call->loop, &deadline);
	enum status status = summary_show(run, ping_port(ping));
	ping_free(ping);
	/* Ctrl-C is how an endless ping ends well. */
	return end == LOOP_INTERRUPTED && request.count ? STATUS_INTERRUPTED : status;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = { .result = call->result };
	if (resolve_one(call->loop, args->host, call->settings->family, &run.target, call->error) < 0)
		return call->error->status;
	result_put(call->result, "host", value_text(args->host));
	result_put(call->result, "address", value_address(&run.target));
	enum status status = ping_run(call, args, &run);
	ping_tally_release(&run.tally);
	return status;
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
