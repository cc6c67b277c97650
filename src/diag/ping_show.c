#include "ntsh/ping_show.h"

#include "ntsh/ping_tally.h"
#include "ntsh/resolve.h"
#include "ntsh/route.h"

#include <stdio.h>

enum { LINE_PICTURE = 30, SPARKLINE_MAX = 60, OUTAGES_MAX = 20 };

struct run {
	struct result *result;
	struct addr target;
	struct ping_tally tally;
	enum ping_method method;
	bool changed; /* from ICMP to TCP */
	bool done;
};

/* The line that moves: what the last minute looked like, in short. */
static void line_show(struct run *run)
{
	ns_t latest[LINE_PICTURE];
	char picture[4 * LINE_PICTURE + 1];
	struct rtt_stats stats;
	char text[256], p50[24], p95[24];
	size_t count = ping_tally_latest(&run->tally, latest, LINE_PICTURE);
	ping_tally_stats(&run->tally, &stats);
	if (run->tally.received)
		snprintf(text, sizeof text, "%s  p50 %s  p95 %s  %.1f %% lost",
			 result_spark_text(run->result, latest, count, LINE_PICTURE, picture),
			 result_value_text(run->result, value_time(stats.p50), p50, sizeof p50),
			 result_value_text(run->result, value_time(stats.p95), p95, sizeof p95),
			 ping_tally_loss(&run->tally));
	else
		snprintf(text, sizeof text, "no answer yet");
	result_progress(run->result, -1, NS_NONE, text);
}

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
	if (run->tally.sent > 1)
		line_show(run);
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

enum status ping_show_run(struct call *call, struct ping_request *request, const char *host)
{
	struct run run = { .result = call->result };
	static const struct ping_events events = { on_probe, on_method, on_end };
	static const struct table table = {
		.name = "probes",
		.line = "seq {seq}{rtt_ms?  {rtt_ms}}{ttl?  ttl {ttl}}{from?  from {from}}{says?  {says}}",
		.live = true,
	};
	if (resolve_one(call->loop, host, call->settings->family, &run.target, call->error) < 0)
		return call->error->status;
	result_put(run.result, "host", value_text(host));
	result_put(call->result, "address", value_address(&run.target));
	request->target = run.target;
	struct ping *ping = ping_start(call->loop, request, &events, &run, call->error);
	if (!ping)
		return call->error->status;
	if (!request->count)
		result_live(run.result);
	result_list_open(run.result, &table);
	enum loop_end end = loop_run(call->loop, &run.done);
	result_progress(run.result, 0, NS_NONE, NULL);
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
