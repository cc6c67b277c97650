/* Which way do packets take to HOST, router by router, and where does it end?
 * All hops are asked at once; the end says in sentences what they mean. */
#include "ntsh/command.h"
#include "ntsh/resolve.h"
#include "ntsh/route.h"
#include "ntsh/trace_show.h"

/* BEYOND: hops behind a TCP answer at which another method is tried. */
enum { HOPS_USUAL = 30, QUERIES_USUAL = 3, BEYOND = 3 };

/* For names that were asked for while the trace ran. */
#define NAMES_PATIENCE (300 * NS_PER_MS)

struct args {
	const char *host, *interface;
	bool udp, icmp, tcp, udplite, numeric;
	int64_t port, first, max, queries, flows;
	ns_t wait;
};

static const struct args defaults = { .first = 1, .max = HOPS_USUAL, .queries = QUERIES_USUAL };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "where the way leads to", ARG(host), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_FLAG, 'U', "udp", NULL, "UDP datagrams to a port where nobody listens (the usual)",
	  ARG(udp), 0, 0, NULL, 0, "icmp tcp udplite" },
	{ STYLE_DASH, OPT_FLAG, 'I', "icmp", NULL, "ICMP echo requests", ARG(icmp), 0, 0, NULL, 0, "udp tcp udplite port" },
	{ STYLE_DASH, OPT_FLAG, 'T', "tcp", NULL, "TCP SYNs: the way that connections take", ARG(tcp), 0, 0, NULL, 0, "udp icmp udplite" },
	{ STYLE_DASH, OPT_FLAG, 0, "udplite", NULL, "UDP-Lite datagrams", ARG(udplite), 0, 0, NULL, 0, "udp icmp tcp" },
	{ STYLE_DASH, OPT_PORT, 'p', "port", "PORT", "destination port (33434; with --tcp 443)", ARG(port), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'f', "first", "TTL", "begin at this hop (1)", ARG(first), 1, 255, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'm', "max", "TTL", "go no further than this hop (30)", ARG(max), 1, 255, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'q', "queries", "N", "probes of each hop (3)", ARG(queries), 1, TRACE_CELLS_MAX, NULL, 0, "flows" },
	{ STYLE_DASH, OPT_DURATION, 'w', "wait", "D", "a probe is lost after this time (else from the round trips seen)",
	  ARG(wait), NS_PER_MS, 60 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'n', "numeric", NULL, "no names of routers", ARG(numeric), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 0, "flows", "N", "find all equal-cost members, with at most N flows",
	  ARG(flows), 1, TRACE_CELLS_MAX, NULL, 0, "queries" },
	{ STYLE_DASH, OPT_INTERFACE, 'i', "device", "IF", "send by this interface", ARG(interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "address", KIND_ADDRESS, "the address that is traced" },
	{ "method", KIND_TEXT, "UDP, ICMP, TCP or UDP-Lite" },
	{ "port", KIND_INTEGER, "destination port; null with ICMP" },
	{ "source", KIND_ADDRESS, "our address on this way" },
	{ "raw", KIND_FLAG, "raw sockets were open to this user: quoted packets are seen whole" },
	{ "flow_held", KIND_FLAG, "all probes of a flow look the same to balancers" },
	{ "clock", KIND_TEXT, "whose stamps the round trips come from: kernel, program or both" },
	{ "hops", KIND_NONE, "the way, up to where it ends" },
	{ "hops[].hop", KIND_COUNT, "TTL" },
	{ "hops[].address", KIND_ADDRESS, "the router that answered first; null: silent" },
	{ "hops[].name", KIND_TEXT, "its name" },
	{ "hops[].rtt_ms", KIND_TIME, "shortest round trip" },
	{ "hops[].worst_ms", KIND_TIME, "longest" },
	{ "hops[].rtts_ms", KIND_NONE, "round trip of each probe (of each flow with --flows), null for lost ones" },
	{ "hops[].answered", KIND_COUNT, "probes answered" },
	{ "hops[].asked", KIND_COUNT, "probes that count: queries, or flows" },
	{ "hops[].sent", KIND_COUNT, "probes sent, repeated ones included" },
	{ "hops[].complete", KIND_FLAG, "with --flows: no further member is there, 95 % sure" },
	{ "hops[].says", KIND_TEXT, "what is special about it" },
	{ "hops[].routers", KIND_NONE, "all that answered at this hop" },
	{ "hops[].routers[].address", KIND_ADDRESS, "who" },
	{ "hops[].routers[].name", KIND_TEXT, "its name" },
	{ "hops[].routers[].answers", KIND_COUNT, "how often" },
	{ "hops[].routers[].flows", KIND_NONE, "numbers of the flows that pass here, from 1" },
	{ "hops[].routers[].kind", KIND_TEXT, "expired, reached, unreachable, too-big" },
	{ "hops[].routers[].icmp_type", KIND_COUNT, "of its ICMP error" },
	{ "hops[].routers[].icmp_code", KIND_COUNT, "of its ICMP error" },
	{ "hops[].routers[].reply_ttl", KIND_COUNT, "TTL on which its answer arrived" },
	{ "hops[].routers[].hops_back", KIND_COUNT, "hops of the way back, as that TTL shows" },
	{ "hops[].routers[].quote", KIND_NONE, "the packet as this router saw it; null without raw sockets" },
	{ "hops[].routers[].quote.source", KIND_ENDPOINT, "its source" },
	{ "hops[].routers[].quote.destination", KIND_ENDPOINT, "its destination" },
	{ "hops[].routers[].quote.ttl", KIND_COUNT, "its TTL" },
	{ "hops[].routers[].quote.traffic_class", KIND_COUNT, "its TOS byte" },
	{ "hops[].routers[].quote.rewritten", KIND_FLAG, "it is not as it was sent" },
	{ "hops[].routers[].mpls", KIND_NONE, "label stack (RFC 4950), outermost first" },
	{ "hops[].routers[].mpls[].label", KIND_COUNT, "label" },
	{ "hops[].routers[].mpls[].traffic_class", KIND_COUNT, "its three bits" },
	{ "hops[].routers[].mpls[].ttl", KIND_COUNT, "its TTL" },
	{ "hops[].routers[].interfaces", KIND_NONE, "interfaces that the router names (RFC 5837)" },
	{ "hops[].routers[].interfaces[].role", KIND_TEXT, "incoming, outgoing, next hop" },
	{ "hops[].routers[].interfaces[].name", KIND_TEXT, "its name" },
	{ "hops[].routers[].interfaces[].index", KIND_COUNT, "its index" },
	{ "hops[].routers[].interfaces[].address", KIND_ADDRESS, "its address" },
	{ "hops[].routers[].interfaces[].mtu_bytes", KIND_BYTES, "its MTU" },
	{ "paths", KIND_NONE, "with --flows: the different ways that flows take" },
	{ "paths[].flows", KIND_COUNT, "how many flows take it" },
	{ "paths[].routers", KIND_NONE, "its routers, null where it is not known" },
	{ "paths[].drawing", KIND_TEXT, "the same as one text" },
	{ "end", KIND_TEXT, "reached, unreachable, loop, silent, refused or cut" },
	{ "end_hop", KIND_COUNT, "the hop where that is; null when nobody says so" },
	{ "loop_length", KIND_COUNT, "routers of a loop" },
	{ "dead_hop", KIND_ADDRESS, "who on our own link does not answer, when nothing does" },
	{ "took_ms", KIND_TIME, "from the first probe until all was known" },
	{ "findings", KIND_NONE, "what it means, the end first" },
	{ "findings[].kind", KIND_TEXT, "end, loop, loss, icmp-limit, silent-hops, delay, asymmetry, rewriting, mpls, members, proxy or bad-path" },
	{ "findings[].fault", KIND_FLAG, "something is wrong; else it is a remark" },
	{ "findings[].hop", KIND_COUNT, "where it begins" },
	{ "findings[].address", KIND_ADDRESS, "who" },
	{ "findings[].says", KIND_TEXT, "in a sentence" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ "hop", "HOP", ALIGN_RIGHT, 3, false, false },
	{ "address", "ROUTER", ALIGN_LEFT, 0, false, false },
	{ "name", "NAME", ALIGN_LEFT, 0, false, true },
	{ "rtt_ms", "BEST", ALIGN_RIGHT, 8, false, false },
	{ "worst_ms", "WORST", ALIGN_RIGHT, 8, false, false },
	{ "answered", "ANSWERED", ALIGN_RIGHT, 0, false, false },
	{ "asked", "OF", ALIGN_LEFT, 0, false, false },
};
/* clang-format on */

struct run {
	struct result *result;
	const struct args *args;
	struct names *names;
	struct trace *trace, *other; /* other: by ICMP beside TCP, to see a proxy */
	unsigned running;
	bool done;
};

static void on_seen(const struct addr *addr, void *arg)
{
	struct run *run = arg;
	if (run->names)
		names_want(run->names, addr);
}

static void on_end(void *arg)
{
	struct run *run = arg;
	run->done = --run->running == 0;
}

static enum trace_method method_of(const struct args *args)
{
	return args->icmp ? TRACE_ICMP : args->tcp ? TRACE_TCP : args->udplite ? TRACE_UDPLITE : TRACE_UDP;
}

static void report_put(struct run *run, const struct trace_report *report)
{
	static const struct table hops = { .name = "hops",
					   .columns = columns,
					   .column_count = sizeof columns / sizeof *columns };
	struct trace_finding findings[TRACE_FINDINGS_MAX];
	struct result *result = run->result;
	result_put(result, "method", value_text(trace_method_name(report->method)));
	result_put(result, "port", report->target.port ? value_integer(report->target.port) : value_none());
	struct addr source = report->source;
	source.port = 0;
	result_put(result, "source", value_address(&source));
	result_put(result, "raw", value_flag(report->raw));
	result_put(result, "flow_held", value_flag(report->flow_held));
	bool kernel = report->kernel_stamped, program = report->user_stamped;
	result_put(result, "clock",
		   value_text(kernel && program ? "both"
			      : kernel          ? "kernel"
			      : program         ? "program"
						: NULL));
	result_line(result, TONE_FAINT, "to {address} by {method}{port? port {port}}, from {source}");
	result_list_open(result, &hops);
	for (size_t h = 0; h < report->hop_count; h++)
		trace_show_hop(result, report, &report->hops[h], run->names);
	result_list_close(result);
	if (report->several_flows)
		result_gap(result);
	trace_show_paths(result, report);
	result_put(result, "end", value_text(trace_end_name(report->end)));
	result_put(result, "end_hop", report->end_hops ? value_count(report->end_hops) : value_none());
	result_put(result, "loop_length",
		   report->loop_length ? value_count(report->loop_length) : value_none());
	result_put(result, "took_ms", value_time(report->took));
	struct addr dead;
	bool here = !report->hop_count && route_hop_is_dead(&report->target, &dead);
	result_put(result, "dead_hop", value_address(here ? &dead : NULL));
	result_gap(result);
	size_t count =
	    trace_judge(report, run->other ? trace_report(run->other) : NULL, findings, TRACE_FINDINGS_MAX);
	trace_show_findings(result, findings, count);
	if (here)
		result_line(result, TONE_BAD,
			    "{dead_hop} does not answer on its link: off, elsewhere, filtered");
	if (!report->flow_held)
		result_note(result,
			    "each probe is a flow of its own: balancers may send them different ways");
}

/* Does another method get past the place where TCP was answered in the target's name? */
static enum loop_end other_run(struct call *call, struct run *run, const struct trace_request *request,
			       const struct trace_report *report)
{
	static const struct trace_events events = { NULL, on_end };
	struct trace_request other = *request;
	other.method = TRACE_ICMP;
	other.queries = 1;
	other.flows = 0;
	other.once = true;
	other.first = report->end_hops;
	other.max = report->end_hops + BEYOND > 255 ? 255 : report->end_hops + BEYOND;
	run->other = trace_start(call->loop, &other, &events, run, NULL);
	if (!run->other)
		return LOOP_DONE;
	run->running = 1;
	run->done = false;
	return loop_run(call->loop, &run->done);
}

static enum status traced(struct call *call, struct run *run, const struct trace_request *request)
{
	static const struct trace_events events = { on_seen, on_end };
	run->running = 1;
	run->trace = trace_start(call->loop, request, &events, run, call->error);
	if (!run->trace)
		return call->error->status;
	enum loop_end end = loop_run(call->loop, &run->done);
	const struct trace_report *report = trace_report(run->trace);
	if (end == LOOP_DONE && request->method == TRACE_TCP && report->end == TRACE_END_REACHED)
		end = other_run(call, run, request, report);
	size_t missing = run->names && end == LOOP_DONE ? names_wait(run->names, NAMES_PATIENCE) : 0;
	report_put(run, report);
	if (missing)
		result_note(run->result, "the names of %zu routers did not come in time", missing);
	if (end == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return report->end == TRACE_END_REACHED ? STATUS_OK : STATUS_BAD;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = { .result = call->result, .args = args };
	struct trace_request request = {
		.method = method_of(args),
		.port = (uint16_t)args->port,
		.first = (unsigned)args->first,
		.max = (unsigned)args->max,
		.queries = (unsigned)args->queries,
		.flows = (unsigned)args->flows,
		.wait = args->wait,
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	if (args->max < args->first) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "raise -m or lower -f",
			  "the last hop (%d) comes before the first (%d)", (int)args->max, (int)args->first);
		return STATUS_USAGE;
	}
	if (resolve_one(call->loop, args->host, call->settings->family, &request.target, call->error) < 0)
		return call->error->status;
	result_put(run.result, "host", value_text(args->host));
	result_put(run.result, "address", value_address(&request.target));
	run.names = args->numeric ? NULL : names_new(call->loop);
	enum status status = traced(call, &run, &request);
	trace_free(run.trace);
	trace_free(run.other);
	names_free(run.names);
	return status;
}

const struct command command_traceroute = {
	.name = "traceroute",
	.summary = "the way to a host, hop by hop, and where it ends",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
