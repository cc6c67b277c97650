/* Why does this name (not) resolve, and who has to act?
 * The program's look-up, each resolver asked in several ways, and the walk from the root, laid side by side. */
#include "ntsh/diagnose_dns.h"
#include "ntsh/command.h"
#include "ntsh/diagnose_show.h"

struct args {
	const char *name, *root;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_DASH, .type = OPT_FILE, .name = "root", .metavar = "FILE",
	  .help = "root hints of another root; DS or DNSKEY of '.' in it are its trust anchors", .offset = offsetof(struct args, root) },
	{ .style = STYLE_OPERAND, .type = OPT_HOST, .name = "name", .metavar = "NAME",
	  .help = "the name, written as the program that fails writes it", .offset = offsetof(struct args, name), .flags = OPTION_REQUIRED },
	OPTION_END,
};

static const struct field fields[] = {
	{ "name", KIND_TEXT, "the name that was asked about" },
	{ "responsible", KIND_TEXT, "who has to act: this host's configuration, the resolver, the network between, the parent zone or the zone's owner" },
	{ "authority", KIND_TEXT, "what the walk from the root found: addresses, or how it ended" },
	{ "security", KIND_TEXT, "the chain of signatures: signed, unsigned, bogus or not judged, and the link that decides" },
	{ "requests", KIND_COUNT, "look-ups that count as samples" },
	{ "failed", KIND_COUNT, "how many of them failed" },
	{ "round_trip_ms", KIND_TIME, "to the resolver's host" },
	{ "round_trips", KIND_COUNT, "always 1: a look-up is one" },
	{ "took_ms", KIND_TIME, "how long the diagnosis took" },
	DIAGNOSIS_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static void show(struct call *call, const struct dns_diagnosis *found)
{
	struct result *r = call->result;
	const struct diagnosis *diagnosis = &found->diagnosis;
	result_put(r, "name", value_text(diagnosis->target));
	result_put(r, "responsible", value_text(dns_party_name(found->party)));
	result_put(r, "authority", value_text(found->authority[0] ? found->authority : NULL));
	result_put(r, "security", value_text(found->security[0] ? found->security : NULL));
	result_put(r, "requests", value_count((uint64_t)diagnosis->attempts));
	result_put(r, "failed", value_count((uint64_t)diagnosis->failed));
	result_put(r, "round_trip_ms", value_time(diagnosis->round_trip));
	result_put(r, "round_trips", value_count(1));
	result_put(r, "took_ms", value_time(diagnosis->took));
	diagnosis_show(r, diagnosis, call->settings->verbose > 0);
	result_line_verbose(r, TONE_FAINT,
			    "the authority says {authority}; signatures: {security}; measured in {took_ms}");
}

static enum status run(struct call *call, const void *given)
{
	static const struct diagnose_events events = { .step = diagnosis_on_step };
	static struct dns_diagnosis found;
	const struct args *args = given;
	struct diagnose_dns_request request = { .name = args->name,
						.family = call->settings->family,
						.interface = call->settings->interface,
						.root_file = args->root };
	if (diagnose_dns_run(call->loop, &request, &events, call, &found, call->error) < 0)
		return call->error->status;
	result_progress(call->result, 1, NS_NONE, NULL);
	show(call, &found);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED) {
		error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
		return STATUS_INTERRUPTED;
	}
	return found.diagnosis.verdict.class_ == CLASS_HEALTHY ? STATUS_OK : STATUS_BAD;
}

const struct command command_diagnose_dns = {
	.name = "diagnose dns",
	.summary = "why a name does (not) resolve, and who has to act",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
