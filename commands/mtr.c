/* How does every router on the way to HOST fare, now and over time?
 * A live screen at a terminal; a report, or a row for each probe, for programs. */
#include "ntsh/path_show.h"
#include "ntsh/resolve.h"

enum { HOPS_USUAL = 30, UNATTENDED = 10 };

struct args {
	const char *host, *interface;
	bool report, numeric, udp, tcp, icmp;
	int64_t count, port, max, size;
	ns_t interval, wait;
};

static const struct args defaults = { .max = HOPS_USUAL, .interval = NS_PER_S };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "where the way leads to", ARG(host), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_FLAG, 'r', "report", NULL, "no live screen: the table at the end", ARG(report), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "rounds (until stopped on a live screen, else 10)", ARG(count), 1, INT32_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "D", "of a round: each hop is asked once in it (1s)",
	  ARG(interval), 10 * NS_PER_MS, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'n', "numeric", NULL, "no names of routers", ARG(numeric), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'I', "icmp", NULL, "ICMP echo requests (the usual)", ARG(icmp), 0, 0, NULL, 0, "udp tcp port" },
	{ STYLE_DASH, OPT_FLAG, 'u', "udp", NULL, "UDP datagrams", ARG(udp), 0, 0, NULL, 0, "icmp tcp" },
	{ STYLE_DASH, OPT_FLAG, 'T', "tcp", NULL, "TCP SYNs", ARG(tcp), 0, 0, NULL, 0, "icmp udp" },
	{ STYLE_DASH, OPT_PORT, 'P', "port", "PORT", "destination port (33434; with --tcp 443)", ARG(port), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'm', "max", "TTL", "go no further than this hop (30)", ARG(max), 1, 255, NULL, 0, NULL },
	{ STYLE_DASH, OPT_BYTES, 's', "size", "BYTES", "of the whole packet (60, IPv6 80)", ARG(size), 36, 9000, NULL, 0, "tcp" },
	{ STYLE_DASH, OPT_DURATION, 'w', "wait", "D", "a probe is lost after this time (else from the round trips seen)",
	  ARG(wait), NS_PER_MS, 60 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_INTERFACE, 0, "device", "IF", "send by this interface", ARG(interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "address", KIND_ADDRESS, "the address that is asked" },
	{ "probes", KIND_NONE, "each probe when its fate is known; not with --report" },
	{ "probes[].hop", KIND_COUNT, "TTL" },
	{ "probes[].seq", KIND_COUNT, "its number at this hop, from 1" },
	{ "probes[].address", KIND_ADDRESS, "who answered; null: lost" },
	{ "probes[].rtt_ms", KIND_TIME, "its round trip" },
	{ "probes[].late", KIND_FLAG, "answered after it had been given up" },
	PATH_SHOW_FIELDS(""),
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct path_show how = { .host = args->host,
				 .numeric = args->numeric,
				 .report = args->report,
				 .rows = !args->report,
				 .icmp_only = args->icmp,
				 .unattended = UNATTENDED };
	struct path_request request = {
		.method = args->udp   ? TRACE_UDP
			  : args->tcp ? TRACE_TCP
				      : TRACE_ICMP,
		.port = (uint16_t)args->port,
		.max = (unsigned)args->max,
		.count = (uint64_t)args->count,
		.interval = args->interval,
		.wait = args->wait,
		.size = (size_t)args->size,
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	if (resolve_one(call->loop, args->host, call->settings->family, &request.target, call->error) < 0)
		return call->error->status;
	result_put(call->result, "host", value_text(args->host));
	result_put(call->result, "address", value_address(&request.target));
	return path_show_run(call, &request, &how);
}

const struct command command_mtr = {
	.name = "mtr",
	.summary = "every hop of a path over time: loss, round trips, history",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
