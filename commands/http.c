/* Where does an HTTP request spend its time, and whose time is it?
 * Every phase by the kernel's stamps: TLS and the wait are split into network and server. Several requests (-n) alternate
 * between new and kept connections and are compared by their medians; redirects are followed and shown. */
#include "ntsh/http.h"
#include "ntsh/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { REQUESTS_MAX = 1000 };

struct http_args {
	const char *url, *method, *data, *ca_file, *output;
	struct option_list headers;
	int64_t requests;
	bool insecure, http1, http2, location, verbose, direct;
};

static const struct http_args defaults = { .requests = 1, .location = true };

/* clang-format off */
#define AT(field) offsetof(struct http_args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_URL, 0, "url", "URL", "http:// or https://", AT(url), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_COUNT, 'n', "requests", "N", "ask so often, on new and kept connections in turn", AT(requests), 1, REQUESTS_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_TEXT, 'X', "request", "METHOD", "the method (else GET, or POST with -d)", AT(method), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_TEXT, 'H', "header", "HEADER", "add a header, 'Name: value'", AT(headers), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_TEXT, 'd', "data", "DATA", "send this body", AT(data), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'k', "insecure", NULL, "carry on after a bad certificate", AT(insecure), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FILE, 0, "cacert", "FILE", "trust the authorities in this file only", AT(ca_file), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "http1.1", NULL, "speak HTTP/1.1", AT(http1), 0, 0, NULL, 0, "http2" },
	{ STYLE_DASH, OPT_FLAG, 0, "http2", NULL, "speak HTTP/2", AT(http2), 0, 0, NULL, 0, "http1.1" },
	{ STYLE_DASH, OPT_FLAG, 'L', "location", NULL, "follow redirects (the default: --no-location does not)", AT(location), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "direct", NULL, "ignore the proxy that the environment names", AT(direct), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FILE, 'o', "output", "FILE", "write the body to a file", AT(output), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'v', "verbose", NULL, "show the response's headers", AT(verbose), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

/* In their order: the bar's label, the members of the result, where the value is. */
#define PHASE(label, field) { label, #field "_ms", #field "_at_ms", "phases." #field "_ms", "phases." #field "_at_ms", offsetof(struct http_phases, field) }
static const struct phase { const char *label, *name, *at, *bar, *bar_at; size_t offset; } phases[] = {
	PHASE("name look-up", resolve), PHASE("connect", connect), PHASE("proxy", proxy), PHASE("TLS: network", tls_network),
	PHASE("TLS: server", tls_server), PHASE("TLS: here", tls_client), PHASE("request", request),
	PHASE("wait: network", wait_network), PHASE("wait: server", wait_server), PHASE("transfer", transfer),
	PHASE("this machine", client),
};
enum { PHASE_COUNT = sizeof phases / sizeof phases[0] };

#define PHASE_FIELDS(in) \
	{ in "resolve_ms", KIND_TIME, "looking the name up" }, \
	{ in "connect_ms", KIND_TIME, "the TCP handshake, lost SYNs included" }, \
	{ in "proxy_ms", KIND_TIME, "until the proxy's tunnel stood" }, \
	{ in "tls_network_ms", KIND_TIME, "round trips of the TLS handshake" }, \
	{ in "tls_server_ms", KIND_TIME, "the server's part of the TLS handshake" }, \
	{ in "tls_client_ms", KIND_TIME, "this machine's part of the TLS handshake" }, \
	{ in "request_ms", KIND_TIME, "until the request had left" }, \
	{ in "wait_network_ms", KIND_TIME, "the network's part of the wait for the first byte" }, \
	{ in "wait_server_ms", KIND_TIME, "the server's part of the wait for the first byte" }, \
	{ in "transfer_ms", KIND_TIME, "from the first to the last byte of the response" }, \
	{ in "client_ms", KIND_TIME, "what is left: this machine's own work" }, \
	{ in "total_ms", KIND_TIME, "all of it (the parts of one exchange add up to it)" }, \
	{ in "exact", KIND_FLAG, "an acknowledgement of its own split the wait; else the round trip of TCP did" }

static const struct field fields[] = {
	{ "exchanges", KIND_NONE, "every exchange, redirects included" },
	{ "exchanges[].url", KIND_TEXT, "what was asked for" },
	{ "exchanges[].status", KIND_COUNT, "of the response; null: none came" },
	{ "exchanges[].connection", KIND_TEXT, "new or kept" },
	{ "exchanges[].reached", KIND_TEXT, "how far it came: resolve, connect, proxy, tls, request, wait, transfer, complete" },
	{ "exchanges[].error", KIND_TEXT, "why no further" },
	{ "exchanges[].ack_delayed", KIND_FLAG, "the server's kernel held its acknowledgement back" },
	PHASE_FIELDS("exchanges[]."),
	{ "url", KIND_TEXT, "of the last exchange" },
	{ "status", KIND_COUNT, "of the last response; null: none came" },
	{ "reason", KIND_TEXT, "the status's name" },
	{ "blame", KIND_TEXT, "who is to act on an error status" },
	{ "version", KIND_TEXT, "HTTP/1.1 or HTTP/2" },
	{ "address", KIND_ENDPOINT, "who was connected to" },
	{ "local", KIND_ENDPOINT, "our side" },
	{ "proxy", KIND_TEXT, "the proxy that was used" },
	{ "proxy_source", KIND_TEXT, "the environment variable that names it" },
	{ "location", KIND_TEXT, "where the last response leads to" },
	{ "redirects", KIND_COUNT, "how many were followed" },
	{ "body_bytes", KIND_BYTES, "of the last response" },
	{ "tls_version", KIND_TEXT, "TLSv1.3 ..." },
	{ "tls_cipher", KIND_TEXT, "the cipher suite" },
	{ "certificate_fault", KIND_TEXT, "what is wrong with the certificate" },
	{ "certificate_not_after", KIND_DATE, "end of the certificate" },
	{ "rtt_ms", KIND_TIME, "TCP's smoothed round trip at the end" },
	{ "min_rtt_ms", KIND_TIME, "TCP's smallest round trip" },
	{ "syn_retransmissions", KIND_COUNT, "SYNs sent again" },
	{ "retransmissions", KIND_COUNT, "segments of the last connection sent again, SYNs included" },
	{ "out_of_order", KIND_COUNT, "segments that came out of order" },
	{ "pauses", KIND_COUNT, "in the arrival of the last body" },
	{ "pause_ms", KIND_TIME, "their sum" },
	{ "pause_lossless_ms", KIND_TIME, "of those without loss or disorder: the server's" },
	{ "headers", KIND_NONE, "of the last response" },
	{ "headers[].name", KIND_TEXT, "as it came" },
	{ "headers[].value", KIND_TEXT, "as it came" },
	{ "remarks", KIND_NONE, "what the course and the connection's counters mean" },
	{ "remarks[].says", KIND_TEXT, "a sentence" },
	{ "phases", KIND_NONE, "the exchange; with -n the medians over new connections" },
	PHASE_FIELDS("phases."),
	{ "phases.resolve_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.connect_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.proxy_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.tls_network_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.tls_server_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.tls_client_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.request_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.wait_network_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.wait_server_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.transfer_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "phases.client_at_ms", KIND_TIME, "the sum of the phases before it" },
	{ "kept", KIND_NONE, "medians over kept connections (with -n)" },
	PHASE_FIELDS("kept."),
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ "status", "status", ALIGN_RIGHT, 0, false, false },
	{ "connection", "connection", ALIGN_LEFT, 0, false, false },
	{ "connect_ms", "connect", ALIGN_RIGHT, 9, false, false },
	{ "wait_network_ms", "network", ALIGN_RIGHT, 9, false, false },
	{ "wait_server_ms", "server", ALIGN_RIGHT, 9, false, false },
	{ "transfer_ms", "transfer", ALIGN_RIGHT, 9, false, false },
	{ "total_ms", "total", ALIGN_RIGHT, 9, false, false },
	{ "url", "URL", ALIGN_LEFT, 0, false, true },
};
/* clang-format on */
static const struct table shown = { "exchanges", columns, sizeof columns / sizeof columns[0],
				    NULL,        true,    false };
static const struct table hidden = { "exchanges", NULL, 0, NULL, false, false };
static const struct table head_shown = { "headers", NULL, 0, "  {name}: {value}", false, true };
static const struct table head_hidden = { "headers", NULL, 0, NULL, false, true };
static const struct table remarks_table = { "remarks", NULL, 0, "  {says}", false, true };
static const char *const REACHED[] = { "resolve", "connect", "proxy",    "tls",
				       "request", "wait",    "transfer", "complete" };

struct run {
	struct call *call;
	const struct http_args *args;
	struct http_body_file output;
};

static struct value text_or_none(const char *text)
{
	return text && *text ? value_text(text) : value_none();
}

static ns_t phase_value(const struct http_phases *all, const struct phase *phase)
{
	ns_t value;
	memcpy(&value, (const char *)all + phase->offset, sizeof value);
	return value;
}

static void put_phases(struct result *result, const struct http_phases *all, bool starts)
{
	ns_t begun = 0;
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		ns_t value = phase_value(all, &phases[i]);
		result_put(result, phases[i].name, value_time(value));
		if (starts)
			result_put(result, phases[i].at, value_time(begun));
		begun += value == NS_NONE ? 0 : value;
	}
	result_put(result, "total_ms", value_time(all->total));
	result_put(result, "exact", value_flag(all->exact));
}

static void put_status(struct result *result, int status)
{
	result_put(result, "status", status ? value_count((uint64_t)status) : value_none());
}

static void on_step(const struct http_step *step, void *arg)
{
	struct run *run = arg;
	struct result *result = run->call->result;
	const struct http_exchange *ex = step->exchange;
	struct http_phases measured;
	http_phases_of(ex, &measured);
	result_row_open(result);
	result_put(result, "url", value_text(step->url));
	put_status(result, ex->status);
	result_put(result, "connection", value_text(ex->reused ? "kept" : "new"));
	result_put(result, "reached", value_text(REACHED[ex->phase]));
	result_put(result, "error", text_or_none(ex->error.message));
	result_put(result, "ack_delayed", value_flag(ex->ack_delayed));
	put_phases(result, &measured, false);
	result_row_close(result);
	/* Only the last answer's body is wanted. */
	if (step->redirected && run->args->output && ftruncate(run->output.fd, 0) == 0)
		lseek(run->output.fd, 0, SEEK_SET);
	if (result_broken(result))
		loop_cancel(run->call->loop, LOOP_INTERRUPTED);
}

static int measure(struct run *run, struct http_summary *summary)
{
	const struct http_args *args = run->args;
	const struct settings *settings = run->call->settings;
	struct http_series series = {
		.request = { .url = args->url,
			     .method = args->method,
			     .headers = args->headers.items,
			     .header_count = args->headers.count,
			     .body = args->data,
			     .body_length = args->data ? strlen(args->data) : 0,
			     .version = args->http1   ? HTTP_1_1
					: args->http2 ? HTTP_2
						      : HTTP_ANY,
			     .family = settings->family,
			     .interface = settings->interface,
			     .ignore_proxy = args->direct,
			     .insecure = args->insecure,
			     .ca_file = args->ca_file,
			     .body_fn = args->output ? http_body_write : NULL,
			     .body_arg = &run->output },
		.count = (size_t)args->requests,
		.follow = args->location,
	};
	struct http_url url;
	/* Before libcurl is loaded, which takes longer than all the rest. */
	if (http_url_parse(args->url, &url, run->call->error) < 0)
		return -1;
	http_url_release(&url);
	struct http_client *client = http_client_new(run->call->loop, run->call->error);
	if (!client)
		return -1;
	int failed = http_series_run(client, &series, on_step, run, summary, run->call->error);
	http_client_free(client);
	return failed;
}

static void put_tcp(struct result *result, const struct http_exchange *last)
{
	const struct tcp_stats *after = &last->after;
	bool known = after->at != 0;
	result_put(result, "rtt_ms", value_time(known ? after->rtt : NS_NONE));
	result_put(result, "min_rtt_ms", value_time(known ? after->min_rtt : NS_NONE));
	result_put(result, "syn_retransmissions", value_count(last->syn_retransmits));
	result_put(result, "retransmissions", known ? value_count(after->total_retrans) : value_none());
	known = known && after->rcv_ooopack != TCP_STATS_UNKNOWN;
	result_put(result, "out_of_order", known ? value_count(after->rcv_ooopack) : value_none());
	result_put(result, "pauses", value_count(last->arrival.gaps));
	result_put(result, "pause_ms", value_time(last->arrival.gap_time));
	result_put(result, "pause_lossless_ms", value_time(last->arrival.gap_time_lossless));
}

static void put_answer(struct result *result, const struct http_summary *summary)
{
	const struct http_exchange *last = &summary->last;
	const struct tls_handshake *tls = &last->tls;
	result_put(result, "url", value_text(summary->url));
	put_status(result, last->status);
	result_put(result, "reason", text_or_none(http_status_reason(last->status)));
	result_put(result, "blame", text_or_none(http_status_blame(last->status)));
	result_put(result, "version",
		   text_or_none(!last->status             ? NULL
				: last->version == HTTP_2 ? "HTTP/2"
							  : "HTTP/1.1"));
	result_put(result, "address", value_endpoint(&last->connect.peer));
	result_put(result, "local", value_endpoint(&last->connect.local));
	result_put(result, "proxy", text_or_none(last->proxy));
	result_put(result, "proxy_source", text_or_none(last->proxy_source));
	result_put(result, "location", text_or_none(last->location));
	result_put(result, "redirects", value_count(summary->redirects));
	result_put(result, "body_bytes", value_bytes(last->body_bytes));
	result_put(result, "tls_version", text_or_none(tls->version));
	result_put(result, "tls_cipher", text_or_none(tls->cipher));
	result_put(result, "certificate_fault", text_or_none(tls->fault_text));
	result_put(result, "certificate_not_after",
		   tls->chain_count ? value_date(tls->chain[0].not_after) : value_none());
	put_tcp(result, last);
}

static void show_bars(struct result *result, const struct http_phases *all)
{
	result_gap(result);
	result_bars_open(result, "phases.total_ms");
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		ns_t value = phase_value(all, &phases[i]);
		/* What is left over has no place of its own, and is worth a line only when it counts. */
		bool rest = i == PHASE_COUNT - 1;
		if (value != NS_NONE && (!rest || value > all->total / 50))
			result_bar(result, phases[i].label, phases[i].bar, rest ? NULL : phases[i].bar_at,
				   NULL);
	}
	result_bars_close(result);
	result_gap(result);
}

static void show_answer(struct result *result, const struct http_summary *summary)
{
	const struct http_exchange *last = &summary->last;
	bool good = last->phase == HTTP_COMPLETE && last->status < 400;
	result_gap(result);
	if (last->status)
		result_headline(result, good ? TONE_GOOD : TONE_BAD, "{status} {reason}",
				"{url}   {version}, {body_bytes} from {address}", "{phases.total_ms}");
	if (last->status >= 400)
		result_item(result, "whose", TONE_BAD, "{blame}");
	/* A refusal at once needs no picture. */
	if (last->phase > HTTP_CONNECT || summary->fresh.total > NS_PER_S / 10)
		show_bars(result, &summary->fresh);
	if (summary->kept_count && summary->fresh_count)
		result_item(result, "kept", TONE_PLAIN,
			    "{kept.total_ms} on a kept connection, {phases.total_ms} on a new one (medians)");
	if (last->proxy[0])
		result_item(result, "proxy", TONE_WARN,
			    "{proxy}, named by {proxy_source}: the times are those of the way through it");
	if (last->location[0])
		result_item(result, "leads to", TONE_PLAIN, "{location}");
	if (last->tls.fault_text[0])
		result_item(result, "certificate", TONE_BAD, "{certificate_fault}");
	if (last->tls.version[0])
		result_item(result, "TLS", TONE_FAINT,
			    "{tls_version}, {tls_cipher}, certificate until {certificate_not_after}");
}

static void put_headers(struct run *run, const char *head)
{
	struct result *result = run->call->result;
	const char *name, *value;
	size_t name_length, value_length;
	bool show = run->args->verbose || run->call->settings->verbose > 0;
	result_gap(result);
	result_list_open(result, show ? &head_shown : &head_hidden);
	while (http_field_next(&head, &name, &name_length, &value, &value_length)) {
		result_row_open(result);
		result_put(result, "name", value_text_n(name, name_length));
		result_put(result, "value", value_text_n(value, value_length));
		result_row_close(result);
	}
	result_list_close(result);
}

static void put_remarks(struct result *result, const struct http_exchange *last)
{
	char remarks[HTTP_REMARKS_MAX][HTTP_REMARK_MAX];
	int count = http_remarks(last, remarks);
	result_gap(result);
	result_list_open(result, &remarks_table);
	for (int i = 0; i < count; i++) {
		result_row_open(result);
		result_put(result, "says", value_text(remarks[i]));
		result_row_close(result);
	}
	result_list_close(result);
}

static void finish(struct run *run, const struct http_summary *summary)
{
	struct result *result = run->call->result;
	put_answer(result, summary);
	result_open(result, "phases");
	put_phases(result, &summary->fresh, true);
	result_close(result);
	if (summary->kept_count) {
		result_open(result, "kept");
		put_phases(result, &summary->kept, false);
		result_close(result);
	}
	show_answer(result, summary);
	put_headers(run, summary->last.headers);
	put_remarks(result, &summary->last);
}

static enum status run(struct call *call, const void *given)
{
	const struct http_args *args = given;
	struct run run = { .call = call, .args = args, .output = { -1, 0 } };
	struct http_summary summary = { .url = NULL };
	if (args->output)
		run.output.fd = open(args->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (args->output && run.output.fd < 0) {
		error_errno(call->error, errno, NULL, "%s cannot be written", args->output);
		return STATUS_CANNOT;
	}
	result_list_open(call->result, args->requests > 1 ? &shown : &hidden);
	int failed = measure(&run, &summary);
	result_list_close(call->result);
	if (summary.url)
		finish(&run, &summary);
	int status = summary.last.status;
	http_summary_release(&summary);
	if (run.output.fd >= 0)
		close(run.output.fd);
	if (run.output.errnum)
		failed =
		    error_errno(call->error, run.output.errnum, NULL, "%s cannot be written", args->output);
	if (failed)
		return error_is_set(call->error) ? call->error->status : STATUS_BAD;
	return status < 400 ? STATUS_OK : STATUS_BAD;
}

const struct command command_http = {
	.name = "http",
	.summary = "where an HTTP request spends its time, and whose time it is",
	.options = options,
	.args_size = sizeof(struct http_args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
