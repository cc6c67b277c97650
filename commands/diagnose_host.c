/* What is wrong with this machine's network?
 * One look at everything between the wire and the programs, over an interval; the judgement is src/diag's. */
#include "ntsh/diagnose_host.h"
#include "ntsh/command.h"
#include "ntsh/diagnose_show.h"

struct args {
	ns_t interval;
};

static const struct args defaults = { 2 * NS_PER_S };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 'd', "for", "D", "how long to watch the counters (2s)", offsetof(struct args, interval), NS_PER_S, 600 * NS_PER_S, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "interval_ms", KIND_TIME, "how long it watched" },
	{ "links", KIND_COUNT, "interfaces but the loopback" },
	{ "running", KIND_COUNT, "of these, how many carry packets" },
	{ "gateways", KIND_COUNT, "default gateways" },
	{ "resolvers", KIND_COUNT, "name servers of resolv.conf" },
	{ "received", KIND_COUNT, "packets that came in meanwhile" },
	{ "sent", KIND_COUNT, "packets that went out meanwhile" },
	{ "lost", KIND_COUNT, "packets that died in this machine meanwhile, also by its firewall" },
	{ "remarks", KIND_NONE, "what is no fault now, and worth knowing, as text" },
	DIAGNOSIS_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static void remarks_put(struct result *result, const struct host_diagnosis *found)
{
	struct value values[HOST_REMARKS_MAX];
	for (int i = 0; i < found->remark_count; i++)
		values[i] = value_text(found->remarks[i]);
	result_put_list(result, "remarks", values, (size_t)found->remark_count);
	if (result_is_json(result))
		return;
	for (int i = 0; i < found->remark_count; i++)
		result_note(result, "%s", found->remarks[i]);
}

static enum status run(struct call *call, const void *arguments)
{
	static const struct diagnose_events events = { .step = diagnosis_on_step };
	static struct host_diagnosis found;
	const struct args *args = arguments;
	struct result *result = call->result;
	struct host_request request = { .interval = args->interval };
	if (diagnose_host_run(call->loop, &request, &events, call, &found, call->error) < 0)
		return call->error->status;
	result_progress(result, 1, NS_NONE, NULL);
	result_put(result, "interval_ms", value_time(found.interval));
	result_put(result, "links", value_count(found.links));
	result_put(result, "running", value_count(found.running));
	result_put(result, "gateways", value_count(found.gateways));
	result_put(result, "resolvers", value_count(found.resolvers));
	result_put(result, "received", value_count(found.received));
	result_put(result, "sent", value_count(found.sent));
	result_put(result, "lost", value_count(found.lost));
	diagnosis_show(result, &found.diagnosis, call->settings->verbose > 0);
	remarks_put(result, &found);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return found.diagnosis.verdict.class_ == CLASS_HEALTHY ? STATUS_OK : STATUS_BAD;
}

const struct command command_diagnose_host = {
	.name = "diagnose host",
	.summary = "what is wrong with this machine's network",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
