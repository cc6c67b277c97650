#include "ntsh/diagnose_show.h"

#include <stddef.h>
#include <stdio.h>

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

/* The ledger's parts, and the bars of those that have one of their own. */
static const struct {
	const char *name, *label;
	size_t offset;
} parts[] = {
	{ "dns_ms", "name look-up", offsetof(struct ledger, dns) },
	{ "tcp_ms", NULL, offsetof(struct ledger, tcp) },
	{ "tls_network_ms", NULL, offsetof(struct ledger, tls_network) },
	{ "request_network_ms", NULL, offsetof(struct ledger, request_network) },
	{ "stall_ms", "stalls", offsetof(struct ledger, stall) },
	{ "tls_server_ms", "TLS at the server", offsetof(struct ledger, tls_server) },
	{ "server_ms", "server thinking", offsetof(struct ledger, server) },
	{ "transfer_network_ms", "transfer", offsetof(struct ledger, transfer_network) },
	{ "transfer_server_ms", "server pausing", offsetof(struct ledger, transfer_server) },
	{ "client_ms", "this machine", offsetof(struct ledger, client) },
};
enum { PARTS = sizeof parts / sizeof *parts };

static ns_t part_of(const struct ledger *ledger, int part)
{
	return *(const ns_t *)((const char *)ledger + parts[part].offset);
}

static void put_ledger(struct result *result, const struct ledger *ledger)
{
	if (ledger->total == NS_NONE) {
		result_put(result, "ledger", value_none());
		result_put(result, "network_ms", value_none());
		return;
	}
	result_open(result, "ledger");
	result_put(result, "total_ms", value_time(ledger->total));
	for (int i = 0; i < PARTS; i++)
		result_put(result, parts[i].name, value_time(part_of(ledger, i)));
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

static void show_ledger(struct result *result, const struct diagnosis *found)
{
	const struct ledger *l = &found->ledger;
	if (l->total <= 0)
		return;
	result_gap(result);
	result_line(result, TONE_FAINT,
		    found->attempts > 1 && found->mean
			? "where the wait went, mean of {requests} requests\t{ledger.total_ms}"
		    : found->attempts > 1
			? "where the wait went, median of {requests} requests\t{ledger.total_ms}"
			: "where the wait went\t{ledger.total_ms}");
	result_bars_open(result, "ledger.total_ms");
	for (int i = 0; i < PARTS; i++) {
		char path[64];
		if (i == 1 && l->tcp + l->tls_network + l->request_network > 0)
			result_bar(result, "network", "network_ms", NULL,
				   found->round_trips > 1 ? "{round_trips} round trips of {round_trip_ms}"
							  : NULL);
		if (!parts[i].label || part_of(l, i) <= 0)
			continue;
		snprintf(path, sizeof path, "ledger.%s", parts[i].name);
		result_bar(result, parts[i].label, path, NULL, NULL);
	}
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

void diagnosis_show(struct result *result, const struct diagnosis *found, bool verbose)
{
	put_ledger(result, &found->ledger);
	show_verdict(result, found, verbose);
	show_also(result, found);
}

/* --- while it runs --- */

void diagnosis_on_step(double fraction, const char *doing, void *call)
{
	result_progress(((struct call *)call)->result, fraction, NS_NONE, doing);
}

void diagnosis_on_finding(const char *what, void *call)
{
	const struct call *running = call;
	if (running->settings->verbose)
		result_note(running->result, "%s", what);
}
