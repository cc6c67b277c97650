/* Why do packets (not) get to HOST?
 * Asks the routing tables, then pings, handshakes and traces: the verdict names the cause and the place, with its proof. */
#include "ntsh/diagnose_route.h"
#include "ntsh/command.h"
#include "ntsh/diagnose_show.h"

struct args {
	const char *host;
	int64_t port;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "where packets should get", offsetof(struct args, host), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_PORT, 'p', "port", "PORT", "the TCP port that is asked beside ICMP (443)", offsetof(struct args, port), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "target", KIND_TEXT, "what was asked about" },
	{ "address", KIND_TEXT, "the address that the verdict is about" },
	{ "requests", KIND_COUNT, "probes sent" },
	{ "failed", KIND_COUNT, "how many of them were not answered" },
	{ "round_trip_ms", KIND_TIME, "the least round trip; null: nothing answered" },
	{ "round_trips", KIND_COUNT, "always 0 here" },
	{ "took_ms", KIND_TIME, "how long the diagnosis took" },
	{ "clock", KIND_TEXT, "which clocks the times come from" },
	DIAGNOSIS_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static enum status run(struct call *call, const void *arguments)
{
	static const struct diagnose_events events = { .step = diagnosis_on_step,
						       .finding = diagnosis_on_finding };
	static struct diagnosis found;
	const struct args *args = arguments;
	struct result *result = call->result;
	struct diagnose_route_request request = { .host = args->host,
						  .family = call->settings->family,
						  .interface = call->settings->interface,
						  .port = (uint16_t)args->port };
	if (diagnose_route_run(call->loop, &request, &events, call, &found, call->error))
		return call->error->status;
	result_progress(result, 1, NS_NONE, NULL);
	result_put(result, "target", value_text(found.target));
	result_put(result, "address", value_text(found.address));
	result_put(result, "requests", value_count((uint64_t)found.attempts));
	result_put(result, "failed", value_count((uint64_t)found.failed));
	result_put(result, "round_trip_ms", value_time(found.round_trip));
	result_put(result, "round_trips", value_count((uint64_t)found.round_trips));
	result_put(result, "took_ms", value_time(found.took));
	result_put(result, "clock", value_text(found.clock));
	diagnosis_show(result, &found, call->settings->verbose > 0);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return found.verdict.class_ == CLASS_HEALTHY ? STATUS_OK : STATUS_BAD;
}

const struct command command_diagnose_route = {
	.name = "diagnose route",
	.summary = "why do packets get to a host, or not",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
