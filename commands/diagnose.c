/* Is it the network or the server - and how do we know?
 * One target, one verdict: the cause that costs the user most, its evidence, what was ruled out, and what to type next.
 * The judgement is src/diag's; this file only shows it. */
#include "ntsh/diagnose.h"
#include "ntsh/command.h"

#include <stdio.h>
#include <string.h>

struct diagnose_args {
	const char *target, *ca_file;
	bool insecure;
	int64_t requests;
};

static const struct option options[] = {
	{ STYLE_DASH, OPT_FLAG, 'k', "insecure", NULL, "do not mind a bad certificate",
	  offsetof(struct diagnose_args, insecure), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FILE, 0, "ca", "FILE",
	  "trust the certificate authorities in this file instead of the system's",
	  offsetof(struct diagnose_args, ca_file), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'r', "requests", "N",
	  "make this many requests on new connections (otherwise: as many as tell)",
	  offsetof(struct diagnose_args, requests), 1, 30, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "target", "URL|HOST:PORT|NAME|ADDRESS", "what is slow, or fails",
	  offsetof(struct diagnose_args, target), 0, 0, NULL, OPTION_REQUIRED, NULL },
	OPTION_END,
};

#define VERDICT_FIELDS(at)                                                                                   \
	{ at ".class", KIND_TEXT, "healthy, client, dns, network, server or unknown" },                      \
	    { at ".cause", KIND_TEXT, "the cause, with its class: server.slow-response" },                   \
	    { at ".confidence", KIND_REAL, "how sure, 0 to 1" },                                             \
	    { at ".sure_percent", KIND_PERCENT, "the same in per cent" },                                    \
	    { at ".cost_ms", KIND_TIME, "what it costs the user; null when it makes the thing fail" },       \
	    { at ".fatal", KIND_FLAG, "it makes the thing fail" },                                           \
	    { at ".summary", KIND_TEXT, "one sentence" },                                                    \
	    { at ".where", KIND_TEXT, "the address, host or device at fault" },                              \
	    { at ".evidence", KIND_NONE, "what speaks for it" },                                             \
	    { at ".evidence[].id", KIND_TEXT, "name of the measurement" },                                   \
	    { at ".evidence[].value", KIND_NONE, "what was measured, when it has no unit" },                 \
	    { at ".evidence[].value_ms", KIND_TIME, "what was measured, a time" },                           \
	    { at ".evidence[].value_bytes", KIND_BYTES, "what was measured, an amount of data" },            \
	    { at ".evidence[].value_percent", KIND_PERCENT, "what was measured, a share" },                  \
	    { at ".evidence[].value_bps", KIND_BIT_RATE, "what was measured, a rate" },                      \
	    { at ".evidence[].baseline", KIND_NONE, "what it is compared with" },                            \
	    { at ".evidence[].baseline_ms", KIND_TIME, "the same, a time" },                                 \
	    { at ".evidence[].baseline_bytes", KIND_BYTES, "the same, an amount of data" },                  \
	    { at ".evidence[].baseline_percent", KIND_PERCENT, "the same, a share" },                        \
	    { at ".evidence[].baseline_bps", KIND_BIT_RATE, "the same, a rate" },                            \
	    { at ".evidence[].says", KIND_TEXT, "the sentence for people" },                                 \
	    { at ".evidence[].weight", KIND_REAL, "how much it counts, 0 to 1" },                            \
	    { at ".ruled_out", KIND_NONE, "what was tested and is not the cause" },                          \
	    { at ".ruled_out[].cause", KIND_TEXT, "the cause that it is not" },                              \
	    { at ".ruled_out[].because", KIND_TEXT, "why not" },                                             \
	{                                                                                                    \
		at ".next", KIND_NONE, "what to do next, as text; commands can be typed as they are"         \
	}

static const struct field fields[] = {
	{ "target", KIND_TEXT, "what was asked about" },
	{ "address", KIND_TEXT, "address and port that were used" },
	{ "requests", KIND_COUNT, "requests (or connections) that count as samples" },
	{ "failed", KIND_COUNT, "how many of them failed" },
	{ "round_trip_ms", KIND_TIME, "the path's least round trip" },
	{ "round_trips", KIND_COUNT, "how many of them the exchange needs" },
	{ "took_ms", KIND_TIME, "how long the diagnosis took" },
	{ "clock", KIND_TEXT, "which clocks the times come from" },
	{ "ledger", KIND_NONE, "where the wait of the median request went; the parts add up to the total" },
	{ "ledger.total_ms", KIND_TIME, "the whole wait of a program, name look-up included" },
	{ "ledger.dns_ms", KIND_TIME, "the name look-up" },
	{ "ledger.tcp_ms", KIND_TIME, "the TCP handshake" },
	{ "ledger.tls_network_ms", KIND_TIME, "round trips of the TLS handshake" },
	{ "ledger.tls_server_ms", KIND_TIME, "the server's part of the TLS handshake" },
	{ "ledger.request_network_ms", KIND_TIME, "the request's way, until acknowledged" },
	{ "ledger.server_ms", KIND_TIME, "the server's think time" },
	{ "ledger.transfer_network_ms", KIND_TIME, "the answer's way" },
	{ "ledger.transfer_server_ms", KIND_TIME, "the server's pauses in the answer" },
	{ "ledger.client_ms", KIND_TIME, "this machine's own time" },
	{ "ledger.stall_ms", KIND_TIME, "waiting for lost packets, or for an address family in vain" },
	{ "network_ms", KIND_TIME, "the ledger's round trips: handshakes and request" },
	{ "verdict", KIND_NONE, "the cause that costs most" },
	VERDICT_FIELDS("verdict"),
	{ "also", KIND_NONE, "further causes that were found, the costliest first" },
	VERDICT_FIELDS("also[]"),
	{ NULL, KIND_NONE, NULL },
};

static const struct table evidence_table = { .name = "evidence" };
static const struct table ruled_out_table = { .name = "ruled_out" };
static const struct table also_table = { .name = "also" };

/* --- members --- */

static const char *value_suffix(enum value_kind kind)
{
	switch (kind) {
	case KIND_TIME:
		return "_ms";
	case KIND_BYTES:
		return "_bytes";
	case KIND_PERCENT:
		return "_percent";
	case KIND_BIT_RATE:
		return "_bps";
	default:
		return "";
	}
}

static void put_measured(struct result *result, const char *name, const struct value *value)
{
	char full[32];
	if (value->kind == KIND_NONE)
		return;
	snprintf(full, sizeof full, "%s%s", name, value_suffix(value->kind));
	result_put(result, full, *value);
}

static void put_scalars(struct result *result, const struct verdict *verdict)
{
	bool fatal = verdict->cost == NS_NEVER;
	result_put(result, "class", value_text(cause_class_name(verdict->class_)));
	result_put(result, "cause", value_text(verdict->cause));
	result_put(result, "confidence", value_real(verdict->confidence));
	result_put(result, "sure_percent", value_percent((double)(int)(verdict->confidence * 100 + 0.5)));
	result_put(result, "cost_ms", fatal ? value_none() : value_time(verdict->cost));
	result_put(result, "fatal", value_flag(fatal));
	result_put(result, "summary", value_text(verdict->summary));
	result_put(result, "where", value_text(verdict->where));
}

static void put_evidence(struct result *result, const struct verdict *verdict, const char *label)
{
	result_list_open(result, &evidence_table);
	for (int i = 0; i < verdict->evidence_count; i++) {
		const struct evidence *evidence = &verdict->evidence[i];
		result_row_open(result);
		result_put(result, "id", value_text(evidence->id));
		put_measured(result, "value", &evidence->value);
		put_measured(result, "baseline", &evidence->baseline);
		result_put(result, "says", value_text(evidence->says));
		result_put(result, "weight", value_real(evidence->weight));
		if (label)
			result_item(result, i ? "" : label, TONE_PLAIN, "{says}");
		result_row_close(result);
	}
	result_list_close(result);
}

static void put_ruled_out(struct result *result, const struct verdict *verdict, bool verbose)
{
	result_list_open(result, &ruled_out_table);
	for (int i = 0; i < verdict->ruled_out_count; i++) {
		result_row_open(result);
		result_put(result, "cause", value_text(verdict->ruled_out[i].cause));
		result_put(result, "because", value_text(verdict->ruled_out[i].because));
		if (verbose)
			result_item(result, i ? "" : "not", TONE_FAINT, "{cause}: {because}");
		result_row_close(result);
	}
	result_list_close(result);
}

static void put_next(struct result *result, const struct verdict *verdict)
{
	struct value values[NEXT_MAX];
	for (int i = 0; i < verdict->next_count; i++)
		values[i] = value_text(verdict->next[i]);
	result_put_list(result, "next", values, (size_t)verdict->next_count);
}

static void put_ledger(struct result *result, const struct ledger *ledger)
{
	result_open(result, "ledger");
	result_put(result, "total_ms", value_time(ledger->total));
	result_put(result, "dns_ms", value_time(ledger->dns));
	result_put(result, "tcp_ms", value_time(ledger->tcp));
	result_put(result, "tls_network_ms", value_time(ledger->tls_network));
	result_put(result, "tls_server_ms", value_time(ledger->tls_server));
	result_put(result, "request_network_ms", value_time(ledger->request_network));
	result_put(result, "server_ms", value_time(ledger->server));
	result_put(result, "transfer_network_ms", value_time(ledger->transfer_network));
	result_put(result, "transfer_server_ms", value_time(ledger->transfer_server));
	result_put(result, "client_ms", value_time(ledger->client));
	result_put(result, "stall_ms", value_time(ledger->stall));
	result_close(result);
	result_put(result, "network_ms",
		   value_time(ledger->tcp + ledger->tls_network + ledger->request_network));
}

/* --- for people --- */

static void show_next(struct result *result, const struct verdict *verdict)
{
	for (int i = 0; i < verdict->next_count; i++) {
		char template[2 * SAYS_MAX];
		size_t used = 0;
		for (const char *p = verdict->next[i]; *p && used + 2 < sizeof template; p++) {
			template[used++] = *p;
			if (*p == '{') /* a literal brace is doubled in a template */
				template[used++] = '{';
		}
		template[used] = '\0';
		result_item(result, "next", TONE_PLAIN, template);
	}
}

static void bar(struct result *result, ns_t value, const char *label, const char *name, const char *note)
{
	if (value > 0)
		result_bar(result, label, name, NULL, note);
}

static void show_ledger(struct result *result, const struct diagnosis *found)
{
	const struct ledger *l = &found->ledger;
	if (l->total <= 0)
		return;
	result_gap(result);
	result_line(result, TONE_FAINT,
		    found->attempts > 1
			? "where the wait went, median of {requests} requests\t{ledger.total_ms}"
			: "where the wait went\t{ledger.total_ms}");
	result_bars_open(result, "ledger.total_ms");
	bar(result, l->dns, "name look-up", "ledger.dns_ms", NULL);
	bar(result, l->tcp + l->tls_network + l->request_network, "network", "network_ms",
	    found->round_trips > 1 ? "{round_trips} round trips of {round_trip_ms} with the transfer" : NULL);
	bar(result, l->stall, "stalls", "ledger.stall_ms", NULL);
	bar(result, l->tls_server, "TLS at the server", "ledger.tls_server_ms", NULL);
	bar(result, l->server, "server thinking", "ledger.server_ms", NULL);
	bar(result, l->transfer_network, "transfer", "ledger.transfer_network_ms", NULL);
	bar(result, l->transfer_server, "server pausing", "ledger.transfer_server_ms", NULL);
	bar(result, l->client, "this machine", "ledger.client_ms", NULL);
	result_bars_close(result);
}

static void show_verdict(struct result *result, const struct diagnosis *found, bool verbose)
{
	const struct verdict *verdict = &found->verdict;
	result_open(result, "verdict");
	put_scalars(result, verdict);
	result_headline(result,
			verdict->class_ == CLASS_HEALTHY   ? TONE_GOOD
			: verdict->class_ == CLASS_UNKNOWN ? TONE_WARN
							   : TONE_BAD,
			cause_badge(verdict->cause), "{summary}",
			verdict->class_ == CLASS_UNKNOWN ? NULL : "{sure_percent} sure");
	show_ledger(result, found);
	result_gap(result);
	put_evidence(result, verdict, "because");
	put_ruled_out(result, verdict, verbose);
	char out[512];
	if (!verbose && *diagnose_ruled_out(verdict, out, sizeof out))
		result_item(result, "not", TONE_FAINT, out);
	put_next(result, verdict);
	show_next(result, verdict);
	result_close(result);
}

static void show_also(struct result *result, const struct diagnosis *found)
{
	result_list_open(result, &also_table);
	for (int i = 0; i < found->also_count; i++) {
		result_row_open(result);
		put_scalars(result, &found->also[i]);
		result_item(result, i ? "" : "also", TONE_WARN, "{summary} ({cause}, {sure_percent} sure)");
		put_evidence(result, &found->also[i], NULL);
		put_ruled_out(result, &found->also[i], false);
		put_next(result, &found->also[i]);
		result_row_close(result);
	}
	result_list_close(result);
}

static void on_step(double fraction, const char *doing, void *arg)
{
	struct call *call = arg;
	result_progress(call->result, fraction, NS_NONE, doing);
}

static void on_finding(const char *what, void *arg)
{
	struct call *call = arg;
	if (call->settings->verbose)
		result_note(call->result, "%s", what);
}

static enum status run(struct call *call, const void *given)
{
	static const struct diagnose_events events = { .step = on_step, .finding = on_finding };
	const struct diagnose_args *args = given;
	const struct settings *settings = call->settings;
	static struct diagnosis found;
	struct diagnose_request request = { .target = args->target,
					    .family = settings->family,
					    .interface = settings->interface,
					    .insecure = args->insecure,
					    .ca_file = args->ca_file,
					    .requests = (int)args->requests };
	if (diagnose_run(call->loop, &request, &events, call, &found, call->error))
		return call->error->status;
	result_progress(call->result, 1, NS_NONE, NULL);
	struct result *result = call->result;
	result_put(result, "target", value_text(found.target));
	result_put(result, "address", value_text(found.address));
	result_put(result, "requests", value_count((uint64_t)found.attempts));
	result_put(result, "failed", value_count((uint64_t)found.failed));
	result_put(result, "round_trip_ms", value_time(found.round_trip));
	result_put(result, "round_trips", value_count((uint64_t)found.round_trips));
	result_put(result, "took_ms", value_time(found.took));
	result_put(result, "clock", value_text(found.clock));
	put_ledger(result, &found.ledger);
	show_verdict(result, &found, settings->verbose > 0);
	show_also(result, &found);
	result_line_verbose(result, TONE_FAINT, "measured at {address} in {took_ms}, by {clock}");
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return found.verdict.class_ == CLASS_HEALTHY ? STATUS_OK : STATUS_BAD;
}

const struct command command_diagnose = {
	.name = "diagnose",
	.summary = "is it the network or the server, and how do we know",
	.options = options,
	.args_size = sizeof(struct diagnose_args),
	.fields = fields,
	.run = run,
};
