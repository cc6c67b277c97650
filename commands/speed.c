/* How much goes through, in both directions, what holds it back, and what it does to the round trip?
 * Tests against an iperf3 server, or measures the download of a URL. */
#include "ntsh/speed.h"
#include "ntsh/command.h"
#include "ntsh/dial.h"
#include "ntsh/http.h"
#include "ntsh/resolve.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
struct args {
	const char *target;
	int64_t port, streams, rate;
	ns_t duration;
	bool udp, up, down;
};
static const struct args defaults = { .port = SPEED_PORT, .streams = 1, .duration = 5 * NS_PER_S };
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TEXT, 0, "target", "HOST|URL", "where an iperf3 server runs (iperf3 -s), or what to download", ARG(target), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_PORT, 'p', "port", "PORT", "of the iperf3 server (5201)", ARG(port), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 't', "time", "D", "of each direction, or of the download (5s)", ARG(duration), NS_PER_S, 600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'P', "parallel", "N", "streams at once (1)", ARG(streams), 1, SPEED_STREAMS_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'u', "udp", NULL, "UDP instead of TCP", ARG(udp), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'b', "bandwidth", "BPS", "bits a second at most: 10M (UDP: 10M; TCP: unlimited)", ARG(rate), 8000, 100000000000, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "up", NULL, "to the server only", ARG(up), 0, 0, NULL, 0, "down" },
	{ STYLE_DASH, OPT_FLAG, 'R', "down", NULL, "from the server only", ARG(down), 0, 0, NULL, 0, "up" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "target", KIND_TEXT, "as it was given" },
	{ "address", KIND_ENDPOINT, "the server" },
	{ "protocol", KIND_TEXT, "TCP or UDP" },
	{ "idle_rtt_ms", KIND_TIME, "median round trip without load" },
	{ "tests", KIND_NONE, "each direction" },
	{ "tests[].direction", KIND_TEXT, "up: to the server; down: from it" },
	{ "tests[].rate_bps", KIND_BIT_RATE, "what arrived" },
	{ "tests[].took_ms", KIND_TIME, "how long" },
	{ "tests[].sent_bytes", KIND_BYTES, "by the sender's count" },
	{ "tests[].received_bytes", KIND_BYTES, "by the receiver's count" },
	{ "tests[].retransmits", KIND_COUNT, "TCP segments that the sender repeated" },
	{ "tests[].packets", KIND_COUNT, "UDP datagrams" },
	{ "tests[].lost", KIND_COUNT, "of them, lost" },
	{ "tests[].loss_percent", KIND_PERCENT, "their share" },
	{ "tests[].jitter_ms", KIND_TIME, "UDP, RFC 3550" },
	{ "tests[].rtt_ms", KIND_TIME, "median round trip under this load" },
	{ "tests[].rtt_p95_ms", KIND_TIME, "95 of 100 are not longer" },
	{ "tests[].grade", KIND_TEXT, "for what the load adds to the round trip: A+, A, B, C, D, F" },
	{ "tests[].limit", KIND_TEXT, "path, loss, receiver, window, sender, rate or unknown" },
	{ "tests[].says", KIND_TEXT, "the limit in words" },
	{ "tests[].cpu_percent", KIND_PERCENT, "of one processor, by this program" },
	{ "url", KIND_TEXT, "what was downloaded" },
	{ "status", KIND_COUNT, "its HTTP status" },
	{ "rate_bps", KIND_BIT_RATE, "of the download, first byte to last" },
	{ "received_bytes", KIND_BYTES, "of its body" },
	{ "took_ms", KIND_TIME, "first byte to last" },
	{ "first_byte_ms", KIND_TIME, "until the first byte" },
	{ "rtt_ms", KIND_TIME, "TCP's round trip" },
	{ "out_of_order", KIND_COUNT, "segments that came out of order: losses, or several paths" },
	{ "paused_ms", KIND_TIME, "the server's pauses, without any loss" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table tests_table = { .name = "tests", .live = true,
	.line = "{direction}  {rate_bps} in {took_ms}{retransmits?, {retransmits} retransmitted}{lost?, {loss_percent} lost}{jitter_ms?, jitter "
		"{jitter_ms}}{rtt_ms?; round trip {rtt_ms}, p95 {rtt_p95_ms}}{grade?, bufferbloat {grade}}{says?; limited by {says}}" };
/* clang-format on */

struct run {
	struct call *call;
	const struct args *args;
	struct rtt_stats idle;
	struct speed_result speed;
	uint64_t bytes;
	ns_t began;
	bool done, down;
};

static void on_progress(double fraction, double rate, void *arg)
{
	struct run *run = arg;
	char text[60];
	snprintf(text, sizeof text, "%s, %.4g Mbit/s", run->down ? "down" : "up", rate / 1e6);
	result_progress(run->call->result, fraction, NS_NONE, text);
}

static void on_end(const struct speed_result *result, const struct error *err, void *arg)
{
	struct run *run = arg;
	run->speed = *result;
	if (err)
		*run->call->error = *err;
	run->done = true;
}

static struct value count_or_none(bool known, uint64_t count)
{
	return known ? value_count(count) : value_none();
}

static void put_test(struct run *run, const struct speed_request *request)
{
	struct result *result = run->call->result;
	const struct speed_result *speed = &run->speed;
	enum speed_limit limit = speed_limit_of(request, speed, &run->idle);
	bool udp = request->udp;
	result_row_open(result);
	result_put(result, "direction", value_text(request->down ? "down" : "up"));
	result_put(result, "rate_bps", value_bit_rate(speed->rate));
	result_put(result, "took_ms", value_time(speed->took));
	result_put(result, "sent_bytes", value_bytes(speed->sent_bytes));
	result_put(result, "received_bytes", value_bytes(speed->received_bytes));
	result_put(result, "retransmits",
		   count_or_none(!udp && speed->retransmits >= 0, (uint64_t)speed->retransmits));
	result_put(result, "packets", count_or_none(udp, speed->packets));
	result_put(result, "lost", count_or_none(udp, speed->lost));
	result_put(result, "loss_percent",
		   udp && speed->packets ? value_percent(100.0 * (double)speed->lost / (double)speed->packets)
					 : value_none());
	result_put(result, "jitter_ms", value_time(udp ? speed->jitter : NS_NONE));
	result_put(result, "rtt_ms", value_time(speed->loaded.p50));
	result_put(result, "rtt_p95_ms", value_time(speed->loaded.p95));
	result_put(result, "grade", value_text(speed_bloat_grade(&run->idle, &speed->loaded)));
	result_put(result, "limit", value_text(speed_limit_name(limit)));
	result_put(result, "says", value_text(speed_limit_text(limit, request->down)));
	result_put(result, "cpu_percent", value_percent(speed->cpu_percent < 100 ? speed->cpu_percent : 100));
	result_row_close(result);
}

/* Returns 0 when the test came to its end. */
static int test(struct run *run, struct speed_request *request)
{
	static const struct speed_events events = { on_progress, on_end };
	run->done = false;
	run->down = request->down;
	struct speed *speed = speed_start(run->call->loop, request, &events, run, run->call->error);
	if (!speed)
		return -1;
	enum loop_end end = loop_run(run->call->loop, &run->done);
	result_progress(run->call->result, -1, NS_NONE, NULL);
	if (end != LOOP_DONE) {
		speed_cancel(speed);
		return -1;
	}
	if (error_is_set(run->call->error))
		return -1;
	put_test(run, request);
	return 0;
}

static enum status run_tests(struct run *run, const char *host, uint16_t port)
{
	struct call *call = run->call;
	const struct args *args = run->args;
	static const ns_t idle_time = NS_PER_S;
	static const double udp_rate = 10e6;
	struct speed_request request = { .udp = args->udp,
					 .streams = (unsigned)args->streams,
					 .duration = args->duration,
					 .rate = args->rate  ? (double)args->rate
						 : args->udp ? udp_rate
							     : 0,
					 .interface = call->settings->interface };
	if (resolve_one(call->loop, host, call->settings->family, &request.target, call->error) < 0)
		return call->error->status;
	request.target.port = port;
	result_put(call->result, "address", value_endpoint(&request.target));
	result_put(call->result, "protocol", value_text(args->udp ? "UDP" : "TCP"));
	result_progress(call->result, -1, NS_NONE, "round trip without load");
	speed_idle(call->loop, &request.target, request.interface, idle_time, &run->idle);
	result_put(call->result, "idle_rtt_ms", value_time(run->idle.p50));
	result_line(call->result, TONE_PLAIN, "{address}: round trip {idle_rtt_ms} without load");
	result_list_open(call->result, &tests_table);
	int failed = 0;
	for (int down = 0; down < 2 && !failed; down++) {
		request.down = down;
		request.again = down && !args->down;
		if (!(down ? args->up : args->down))
			failed = test(run, &request);
	}
	result_list_close(call->result);
	if (error_is_set(call->error))
		return call->error->status;
	return !failed                                          ? STATUS_OK
	       : loop_cancelled(call->loop) == LOOP_INTERRUPTED ? STATUS_INTERRUPTED
								: STATUS_BAD;
}

/* --- a download --- */

static int on_body(const char *bytes, size_t length, void *arg)
{
	struct run *run = arg;
	(void)bytes;
	ns_t now = clock_mono();
	if (!run->bytes)
		run->began = now;
	run->bytes += length;
	double seconds = (double)(now - run->began) / 1e9;
	if (seconds > 0)
		on_progress(seconds * 1e9 / (double)run->args->duration, (double)run->bytes * 8 / seconds,
			    run);
	return now - run->began > run->args->duration ? -1 : 0;
}

static void on_step(const struct http_step *step, void *arg)
{
	struct run *run = arg;
	if (step->redirected)
		run->bytes = 0;
}

static void put_download(struct run *run, const struct http_summary *summary)
{
	struct result *result = run->call->result;
	const struct http_exchange *exchange = &summary->last;
	ns_t end = exchange->last_byte != NS_NONE ? exchange->last_byte : clock_mono();
	ns_t took = run->bytes && end > run->began ? end - run->began : NS_NONE;
	double rate = took > 0 ? (double)run->bytes * 8e9 / (double)took : 0;
	uint64_t disorder = exchange->after.rcv_ooopack;
	result_put(result, "url", value_text(summary->url));
	result_put(result, "status", count_or_none(exchange->status > 0, (uint64_t)exchange->status));
	result_put(result, "rate_bps", rate > 0 ? value_bit_rate(rate) : value_none());
	result_put(result, "received_bytes", value_bytes(run->bytes));
	result_put(result, "took_ms", value_time(took));
	result_put(
	    result, "first_byte_ms",
	    value_time(exchange->first_byte == NS_NONE ? NS_NONE : exchange->first_byte - exchange->began));
	result_put(result, "rtt_ms", value_time(exchange->after.rtt));
	result_put(result, "out_of_order", count_or_none(disorder != TCP_STATS_UNKNOWN, disorder));
	result_put(result, "paused_ms", value_time(exchange->arrival.gap_time_lossless));
	if (exchange->status >= 400)
		result_line(result, TONE_BAD, "HTTP {status}: what came is an error page");
	result_line(result, TONE_STRONG,
		    "{rate_bps?{rate_bps}: }{received_bytes}{took_ms? in {took_ms}}, the first byte after "
		    "{first_byte_ms}");
	result_line(result, TONE_PLAIN,
		    "round trip {rtt_ms}{out_of_order?, {out_of_order} segments out of order: losses hold it "
		    "back}{paused_ms?, the server paused {paused_ms}}");
}

static enum status run_download(struct run *run)
{
	struct call *call = run->call;
	struct http_summary summary;
	struct http_series series = { .request = { .url = run->args->target,
						   .family = call->settings->family,
						   .interface = call->settings->interface,
						   .body_fn = on_body,
						   .body_arg = run,
						   .timeout = run->args->duration + 30 * NS_PER_S },
				      .count = 1,
				      .follow = true };
	struct http_client *client = http_client_new(call->loop, call->error);
	if (!client)
		return call->error->status;
	run->down = true;
	int failed = http_series_run(client, &series, on_step, run, &summary, call->error);
	result_progress(call->result, -1, NS_NONE, NULL);
	/* Enough was received: that the rest was left is our own doing. */
	if (failed && run->bytes && clock_mono() - run->began > run->args->duration)
		error_clear(call->error);
	put_download(run, &summary);
	bool good = run->bytes && summary.last.status < 400;
	http_summary_release(&summary);
	http_client_free(client);
	if (error_is_set(call->error))
		return call->error->status;
	return loop_cancelled(call->loop) == LOOP_INTERRUPTED ? STATUS_INTERRUPTED
	       : good                                         ? STATUS_OK
							      : STATUS_BAD;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = { .call = call, .args = args };
	char host[DIAL_HOST_MAX];
	struct addr addr;
	uint16_t port = (uint16_t)args->port, named;
	result_put(call->result, "target", value_text(args->target));
	if (strstr(args->target, "://"))
		return run_download(&run);
	bool bare = !strchr(args->target, ':') || addr_parse(args->target, &addr) == 0;
	if (dial_target_read(args->target, bare ? "5201" : NULL, host, &named, call->error) < 0)
		return call->error->status;
	return run_tests(&run, host, bare ? port : named);
}

const struct command command_speed = {
	.name = "speed",
	.summary = "how much goes through, what holds it back, and what load does to the round trip",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
