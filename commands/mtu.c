/* How large may a packet to HOST be, and who says so? Where do larger ones vanish without a word? */
#include "ntsh/mtu.h"
#include "ntsh/command.h"
#include "ntsh/names.h"
#include "ntsh/resolve.h"
#include "ntsh/route.h"
#include "ntsh/tcp.h"

#include <unistd.h>

enum { HOPS_USUAL = 30, ETHERNET = 1500, HEADERS_4 = 52, HEADERS_6 = 72 };
#define NAMES_PATIENCE (300 * NS_PER_MS)
#define CONNECT_PATIENCE (1500 * NS_PER_MS)

struct args {
	const char *host, *interface;
	bool numeric;
	int64_t max, size, port;
};

static const struct args defaults = { .max = HOPS_USUAL, .port = 443 };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "where the packets go to", ARG(host), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_COUNT, 'm', "max", "TTL", "go no further than this hop (30)", ARG(max), 1, MTU_HOPS_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_BYTES, 's', "size", "BYTES", "largest packet to try (the interface's MTU)", ARG(size), 68, 9216, NULL, 0, NULL },
	{ STYLE_DASH, OPT_PORT, 'p', "port", "PORT", "TCP port whose segment size is looked at (443)", ARG(port), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'n', "numeric", NULL, "no names of routers", ARG(numeric), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_INTERFACE, 'i', "device", "IF", "send by this interface", ARG(interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "address", KIND_ADDRESS, "the address that is asked" },
	{ "interface", KIND_TEXT, "through which packets leave" },
	{ "interface_mtu", KIND_INTEGER, "its MTU" },
	{ "cached_mtu", KIND_INTEGER, "what the kernel had for this destination before: learned, or set on the route; null: nothing" },
	{ "mtu", KIND_INTEGER, "the largest packet that gets to the host and is answered; null: not known" },
	{ "reached", KIND_FLAG, "the host answers small packets" },
	{ "steps", KIND_NONE, "where it gets narrower" },
	{ "steps[].hop", KIND_COUNT, "the router that says so; of a black hole: the last hop that larger packets reach" },
	{ "steps[].address", KIND_ADDRESS, "its address; null: nobody says so" },
	{ "steps[].mtu", KIND_INTEGER, "what gets through" },
	{ "steps[].black_hole", KIND_FLAG, "larger packets vanish without a word" },
	{ "steps[].says", KIND_TEXT, "in a sentence" },
	{ "hops", KIND_NONE, "the way" },
	{ "hops[].hop", KIND_COUNT, "TTL" },
	{ "hops[].address", KIND_ADDRESS, "the router; null: silent" },
	{ "hops[].name", KIND_TEXT, "its name" },
	{ "hops[].mtu", KIND_INTEGER, "the largest packet that gets there" },
	{ "tcp_port", KIND_INTEGER, "the TCP port that was tried" },
	{ "tcp_mss", KIND_INTEGER, "payload of a full segment to it; null: it does not answer" },
	{ "tcp_packet", KIND_INTEGER, "the packet that such a segment makes, with timestamps" },
	{ "sent", KIND_COUNT, "probes" },
	{ "took_ms", KIND_TIME, "all of it" },
	{ "verdict", KIND_TEXT, "full, narrower, black-hole or unknown" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ "hop", "HOP", ALIGN_RIGHT, 3, false, false },
	{ "address", "ROUTER", ALIGN_LEFT, 0, false, false },
	{ "name", "NAME", ALIGN_LEFT, 0, false, true },
	{ "mtu", "MTU", ALIGN_RIGHT, 5, false, false },
};
/* clang-format on */

struct run {
	struct result *result;
	struct names *names;
	bool done, searched, connected;
	struct tcp_connect *connect;
	uint64_t mss;
	uint32_t cached;
};

static void check_done(struct run *run)
{
	run->done = run->searched && run->connected;
}

static void on_end(void *arg)
{
	struct run *run = arg;
	run->searched = true;
	check_done(run);
}

static void on_connect(struct loop *loop, const struct tcp_connect_result *connect, void *arg)
{
	struct run *run = arg;
	(void)loop;
	run->connect = NULL;
	run->connected = true;
	if (connect->outcome == TCP_CONNECTED && connect->stats.snd_mss != TCP_STATS_UNKNOWN)
		run->mss = connect->stats.snd_mss;
	if (connect->fd >= 0)
		close(connect->fd);
	check_done(run);
}

/* What this machine knows before the first probe. Returns the largest packet to begin with. */
static size_t here_put(struct run *run, const struct args *args, const struct addr *target)
{
	struct result *result = run->result;
	struct route_query query = { .destination = *target, .oif = args->interface };
	struct route_decision route = { .mtu = 0 };
	struct link_info link = { .mtu = 0 };
	if (route_get(&query, &route, NULL) < 0 || error_is_set(&route.error) ||
	    link_get(route.ifindex, &link, NULL) < 0)
		link.mtu = 0;
	uint32_t cached = run->cached = route.mtu && route.mtu != link.mtu ? route.mtu : 0;
	result_put(result, "interface", value_text(*route.interface ? route.interface : NULL));
	result_put(result, "interface_mtu", link.mtu ? value_integer(link.mtu) : value_none());
	result_put(result, "cached_mtu", cached ? value_integer(cached) : value_none());
	size_t first = args->size ? (size_t)args->size : link.mtu ? link.mtu : ETHERNET;
	return link.mtu && first > link.mtu ? link.mtu : first > 9216 ? 9216 : first;
}

static const char *step_says(const struct mtu_step *step)
{
	if (!step->black_hole)
		return step->hops ? "hop {hop} ({address}) says that the link behind it takes {mtu} bytes"
				  : "{address} says that a link takes {mtu} bytes";
	if (step->way_back)
		return "packets over {mtu} bytes get to the last router, but no answer of that size comes "
		       "back: a black hole at the target, or on the "
		       "way back";
	return step->hops
		   ? "packets over {mtu} bytes vanish behind hop {hop} without a word: a black hole"
		   : "packets over {mtu} bytes vanish before the first router that answers: a black hole";
}

static void steps_put(struct result *result, const struct mtu_report *report)
{
	static const struct table table = { .name = "steps" };
	result_list_open(result, &table);
	for (size_t i = 0; i < report->step_count; i++) {
		const struct mtu_step *step = &report->steps[i];
		result_row_open(result);
		result_put(result, "hop", step->hops ? value_count(step->hops) : value_none());
		result_put(result, "address", value_address(&step->router));
		result_put(result, "black_hole", value_flag(step->black_hole));
		result_put(result, "mtu", value_integer((int64_t)step->mtu));
		result_line(result, step->black_hole ? TONE_BAD : TONE_PLAIN, step_says(step));
		result_row_close(result);
	}
	result_list_close(result);
}

static void hops_put(struct run *run, const struct mtu_report *report, const struct addr *target)
{
	static const struct table table = { .name = "hops",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof *columns };
	struct result *result = run->result;
	result_list_open(result, &table);
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct mtu_hop *hop = &report->hops[h];
		const struct addr *addr = h + 1 == report->distance ? target : &hop->router;
		const char *name =
		    run->names && addr->family != AF_UNSPEC ? names_get(run->names, addr) : NULL;
		result_row_open(result);
		result_put(result, "hop", value_count(h + 1));
		result_put(result, "address", value_address(addr));
		result_put(result, "name", value_text(name));
		result_put(result, "mtu", value_integer((int64_t)hop->mtu));
		result_row_close(result);
	}
	result_list_close(result);
}

static enum status verdict_put(struct result *result, const struct mtu_report *report, size_t first)
{
	bool hole = false;
	for (size_t i = 0; i < report->step_count; i++)
		hole |= report->steps[i].black_hole;
	const char *verdict = !report->answers      ? "unknown"
			      : hole                ? "black-hole"
			      : report->mtu < first ? "narrower"
						    : "full";
	result_put(result, "verdict", value_text(verdict));
	if (!report->answers)
		result_line(result, TONE_BAD,
			    "{host} does not answer: the largest packet that gets there is not known");
	else
		result_line(result, hole ? TONE_BAD : TONE_GOOD,
			    "packets of {mtu} bytes get to {host} and back");
	return report->answers && !hole ? STATUS_OK : STATUS_BAD;
}

static void tcp_put(struct run *run, const struct args *args, const struct mtu_report *report, int family)
{
	struct result *result = run->result;
	uint64_t packet = run->mss ? run->mss + (family == AF_INET6 ? HEADERS_6 : HEADERS_4) : 0;
	result_put(result, "tcp_port", value_integer(args->port));
	result_put(result, "tcp_mss", run->mss ? value_integer((int64_t)run->mss) : value_none());
	result_put(result, "tcp_packet", packet ? value_integer((int64_t)packet) : value_none());
	if (!packet)
		return;
	result_line(result, report->mtu && packet > report->mtu ? TONE_WARN : TONE_PLAIN,
		    "TCP port {tcp_port}: segments of {tcp_mss} bytes, packets of {tcp_packet}");
}

static enum status measured(struct call *call, struct run *run, const struct args *args,
			    const struct mtu_request *request)
{
	struct result *result = run->result;
	struct mtu *mtu = mtu_start(call->loop, request, on_end, run, call->error);
	if (!mtu)
		return call->error->status;
	struct tcp_connect_request connect = { .target = request->target,
					       .interface = request->interface,
					       .timeout = CONNECT_PATIENCE };
	connect.target.port = (uint16_t)args->port;
	run->connect = tcp_connect_start(call->loop, &connect, on_connect, run, NULL);
	run->connected = !run->connect;
	enum loop_end end = loop_run(call->loop, &run->done);
	tcp_connect_cancel(run->connect);
	const struct mtu_report *report = mtu_report(mtu);
	for (size_t h = 0; run->names && h < report->hop_count; h++)
		names_want(run->names, &report->hops[h].router);
	if (run->names && end == LOOP_DONE)
		names_wait(run->names, NAMES_PATIENCE);
	result_put(result, "mtu", report->mtu ? value_integer((int64_t)report->mtu) : value_none());
	result_put(result, "reached", value_flag(report->answers));
	result_put(result, "sent", value_count(report->sent));
	result_put(result, "took_ms", value_time(report->took));
	hops_put(run, report, &request->target);
	result_gap(result);
	enum status status = verdict_put(result, report, request->first);
	steps_put(result, report);
	tcp_put(run, args, report, request->target.family);
	if (run->cached)
		result_line(result, TONE_PLAIN, "the kernel had {cached_mtu} for this destination");
	mtu_free(mtu);
	return end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : status;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = { .result = call->result };
	struct mtu_request request = {
		.max = (unsigned)args->max,
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	if (resolve_one(call->loop, args->host, call->settings->family, &request.target, call->error) < 0)
		return call->error->status;
	result_put(run.result, "host", value_text(args->host));
	result_put(run.result, "address", value_address(&request.target));
	request.first = here_put(&run, args, &request.target);
	run.names = args->numeric ? NULL : names_new(call->loop);
	enum status status = measured(call, &run, args, &request);
	names_free(run.names);
	return status;
}

const struct command command_mtu = {
	.name = "mtu",
	.summary = "the largest packet that gets to a host, and where larger ones vanish",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
