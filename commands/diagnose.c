/* Is it the network or the server - and how do we know?
 * One target, one verdict: the cause that costs the user most, its evidence, what was ruled out, and what to type next.
 * The judgement is src/diag's; this file only shows it. */
#include "ntsh/command.h"
#include "ntsh/diagnose_show.h"

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

static const struct field fields[] = {
	{ "target", KIND_TEXT, "what was asked about" },
	{ "address", KIND_TEXT, "address and port that were used" },
	{ "requests", KIND_COUNT, "requests (or connections) that count as samples" },
	{ "failed", KIND_COUNT, "how many of them failed" },
	{ "round_trip_ms", KIND_TIME, "the path's least round trip" },
	{ "round_trips", KIND_COUNT, "how many of them the exchange needs before its first byte" },
	{ "took_ms", KIND_TIME, "how long the diagnosis took" },
	{ "clock", KIND_TEXT, "which clocks the times come from" },
	DIAGNOSIS_FIELDS,
	{ NULL, KIND_NONE, NULL },
};

static enum status run(struct call *call, const void *given)
{
	static const struct diagnose_events events = { .step = diagnosis_on_step,
						       .finding = diagnosis_on_finding };
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
	diagnosis_show(result, &found, settings->verbose > 0);
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
