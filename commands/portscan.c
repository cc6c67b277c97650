/* What listens there, and who says so?
 * Asks ports of hosts: open, closed or filtered, each with the reason and who gave it; what is alike is gathered. */
#include "ntsh/command.h"
#include "ntsh/ping.h"
#include "ntsh/route.h"
#include "ntsh/scan.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 25 };

/* clang-format off */
struct args {
	struct option_list targets, exclude;
	const char *ports, *rate, *resume;
	bool syn, connect, udp, all, banner;
};
static const struct args defaults = { .ports = "common" };
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TARGET, 0, "target", "TARGET", "a host, address, prefix, range (10.0.0.1-20) or @FILE", ARG(targets), 0, 0, NULL, OPTION_REQUIRED | OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_PORTS, 'p', "ports", "PORTS", "numbers, ranges, service names, all, or common (the default)", ARG(ports), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "syn", NULL, "half-open probes by raw socket (the default where allowed)", ARG(syn), 0, 0, NULL, 0, "connect udp" },
	{ STYLE_DASH, OPT_FLAG, 0, "connect", NULL, "whole handshakes (the default elsewhere)", ARG(connect), 0, 0, NULL, 0, "syn udp" },
	{ STYLE_DASH, OPT_FLAG, 'u', "udp", NULL, "UDP, with what the usual service of the port answers to", ARG(udp), 0, 0, NULL, 0, "syn connect" },
	{ STYLE_DASH, OPT_TEXT, 0, "rate", "PPS", "probes a second at most, or max (2000; UDP 500)", ARG(rate), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_TARGET, 0, "exclude", "TARGET", "never ask this one; may be repeated", ARG(exclude), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 'b', "banner", NULL, "connect to open ports: what they say first, HTTP servers, names in certificates", ARG(banner), 0, 0, NULL, 0, "udp" },
	{ STYLE_DASH, OPT_TEXT, 0, "resume", "FILE", "go on from FILE if it is there; keep the state in it when interrupted", ARG(resume), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'a', "all", NULL, "a row for every port", ARG(all), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "method", KIND_TEXT, "SYN, connect or UDP" },
	{ "rate_pps", KIND_PACKET_RATE, "probes a second at most; null: unlimited" },
	{ "ports", KIND_NONE, "open ports, others where they are few (--all: every one); hosts[].groups has them all" },
	{ "ports[].address", KIND_ADDRESS, "the host" },
	{ "ports[].port", KIND_INTEGER, "the port" },
	{ "ports[].protocol", KIND_TEXT, "tcp or udp" },
	{ "ports[].service", KIND_TEXT, "its name in /etc/services" },
	{ "ports[].state", KIND_TEXT, "open, closed, filtered, open with a bar and filtered (UDP: one of both), or not sent" },
	{ "ports[].reason", KIND_TEXT, "syn-ack, reset, udp reply, no response, icmp TYPE/CODE, an errno's name, or not asked (ended early)" },
	{ "ports[].from", KIND_ADDRESS, "who answered; null when nobody did" },
	{ "ports[].says", KIND_TEXT, "an ICMP error in words" },
	{ "ports[].banner", KIND_TEXT, "with --banner: the first line that the server says, or its HTTP status and Server" },
	{ "ports[].tls", KIND_TEXT, "with --banner: the version of TLS that it speaks" },
	{ "ports[].tls_names", KIND_TEXT, "with --banner: the names in its certificate" },
	{ "hosts", KIND_NONE, "hosts of which something came; all when there is but one" },
	{ "hosts[].address", KIND_ADDRESS, "the host" },
	{ "hosts[].name", KIND_TEXT, "as it was given, when it was looked up" },
	{ "hosts[].answered", KIND_FLAG, "the host itself answered, whatever it said" },
	{ "hosts[].open", KIND_COUNT, "open ports" },
	{ "hosts[].answers_every_port", KIND_FLAG, "nearly every port is open: a proxy, a firewall or a trap answers, not services" },
	{ "hosts[].system", KIND_TEXT, "a guess at the system behind" },
	{ "hosts[].ttl", KIND_COUNT, "TTL of its SYN-ACK on arrival" },
	{ "hosts[].hops", KIND_COUNT, "routers between, if the TTL began at a usual value" },
	{ "hosts[].window", KIND_COUNT, "window of its SYN-ACK" },
	{ "hosts[].options", KIND_TEXT, "order of its TCP options: M(SS) S(ACK) T(imestamps) N(OP) W(indow scale)" },
	{ "hosts[].groups", KIND_NONE, "its ports by how they ended" },
	{ "hosts[].groups[].state", KIND_TEXT, "as in ports" },
	{ "hosts[].groups[].reason", KIND_TEXT, "as in ports" },
	{ "hosts[].groups[].from", KIND_ADDRESS, "as in ports" },
	{ "hosts[].groups[].says", KIND_TEXT, "as in ports" },
	{ "hosts[].groups[].count", KIND_COUNT, "how many ports" },
	{ "hosts[].groups[].ports", KIND_TEXT, "which: 22,80,8000-8100" },
	{ "hosts_asked", KIND_COUNT, "addresses" },
	{ "hosts_answered", KIND_COUNT, "of them, that answered anything" },
	{ "ports_asked", KIND_COUNT, "ports of each" },
	{ "open", KIND_COUNT, "open ports in all" },
	{ "closed", KIND_COUNT, "closed ports" },
	{ "filtered", KIND_COUNT, "ports that a filter keeps silent, or an ICMP error speaks for" },
	{ "open_filtered", KIND_COUNT, "UDP ports without an answer: open or filtered" },
	{ "not_sent", KIND_COUNT, "probes that this machine refused, or that were not asked" },
	{ "sent", KIND_COUNT, "probes that were sent, repetitions included" },
	{ "recovered", KIND_COUNT, "answers that came only when asked again" },
	{ "passes", KIND_COUNT, "how often the silent ones were asked" },
	{ "rtt_ms", KIND_TIME, "round trip, smoothed" },
	{ "took_ms", KIND_TIME, "how long the scan took" },
	{ "complete", KIND_FLAG, "it came to its end" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column port_columns[] = {
	{ "address", "address", ALIGN_LEFT, 0, false, false },
	{ "port", "port", ALIGN_RIGHT, 5, false, false },
	{ "protocol", "protocol", ALIGN_LEFT, 0, false, false },
	{ "state", "state", ALIGN_LEFT, 0, false, false },
	{ "reason", "reason", ALIGN_LEFT, 0, false, false },
	{ "from", "from", ALIGN_LEFT, 0, true, false },
	{ "service", "service", ALIGN_LEFT, 0, false, false },
	{ "says", "", ALIGN_LEFT, 0, false, true },
	{ "tls", "tls", ALIGN_LEFT, 0, false, false },
	{ "tls_names", "names", ALIGN_LEFT, 0, false, false },
	{ "banner", "banner", ALIGN_LEFT, 0, false, false },
};

static const struct table hosts_table = { .name = "hosts",
	.line = "{address}{name? ({name})}: {open} open{answers_every_port?, but it answers nearly every port: a proxy, a firewall or a trap, "
		"not services}{system?; perhaps {system} (a guess: TTL {ttl}, window {window}, options {options})}" };
/* clang-format on */

struct run {
	struct call *call;
	const struct args *args;
	struct targets *targets;
	struct port_set ports;
	struct scan *scan;
	struct scan_totals totals;
	struct banner *banners;
	size_t banner_count, next_banner;
	bool done;
};

static void on_progress(const struct scan_progress *progress, void *arg)
{
	struct run *run = arg;
	double share = progress->todo ? (double)progress->done / (double)progress->todo : -1;
	result_progress(run->call->result, share, progress->remaining,
			progress->pass == 1 ? "asking every port" : "asking the silent ones again");
}

static void on_end(void *arg)
{
	((struct run *)arg)->done = true;
}

/* --- a host --- */

static void put_outcome(struct run *run, const struct scan_outcome *outcome, const struct addr *host)
{
	struct result *result = run->call->result;
	char reason[SCAN_REASON_MAX];
	bool icmp = outcome->reason == SCAN_ICMP;
	bool nobody = outcome->reason == SCAN_NO_RESPONSE || outcome->reason >= SCAN_NOT_SENT;
	const struct addr *from = nobody ? NULL : outcome->from.family == AF_UNSPEC ? host : &outcome->from;
	result_put(result, "state", value_text(scan_state_name(outcome->state)));
	result_put(result, "reason", value_text(scan_reason_text(outcome, reason)));
	result_put(result, "from", from ? value_address(from) : value_none());
	const char *says = icmp ? icmp_describe(host->family, outcome->icmp_type, outcome->icmp_code)
			   : outcome->reason == SCAN_NOT_SENT ? strerror(outcome->errnum)
							      : NULL;
	result_put(result, "says", value_text(says));
}

/* Banners come in the order of the rows. */
static void put_banner(struct run *run, const struct addr *addr, uint16_t port)
{
	struct result *result = run->call->result;
	const struct banner *banner = NULL;
	if (run->next_banner < run->banner_count)
		banner = &run->banners[run->next_banner];
	if (banner && (banner->addr.port != port || !addr_equal(&banner->addr, addr)))
		banner = NULL;
	run->next_banner += banner != NULL;
	result_put(result, "banner", banner && banner->text[0] ? value_text(banner->text) : value_none());
	result_put(result, "tls",
		   banner && banner->tls_version[0] ? value_text(banner->tls_version) : value_none());
	result_put(result, "tls_names",
		   banner && banner->tls_names[0] ? value_text(banner->tls_names) : value_none());
}

static void put_ports(struct run *run, uint64_t host, const struct scan_group *groups, size_t count)
{
	struct result *result = run->call->result;
	struct addr addr = targets_get(run->targets, host).addr;
	const char *protocol = run->totals.method == SCAN_UDP ? "udp" : "tcp";
	bool every = scan_answers_every_port(groups, count);
	for (uint32_t index = 0; index < run->totals.ports; index++) {
		const struct scan_outcome *outcome = scan_outcome_get(run->scan, host, index);
		uint32_t alike = 0;
		for (size_t i = 0; i < count; i++)
			alike += groups[i].outcome->state == outcome->state ? groups[i].count : 0;
		bool shown = outcome->state == SCAN_OPEN ? !every : alike <= SHOWN_MAX;
		if (!shown && !run->args->all)
			continue;
		uint16_t port = scan_port(run->scan, index);
		result_row_open(result);
		result_put(result, "address", value_address(&addr));
		result_put(result, "port", value_integer(port));
		result_put(result, "protocol", value_text(protocol));
		result_put(result, "service", value_text(port_service(port, protocol)));
		put_outcome(run, outcome, &addr);
		if (run->args->banner)
			put_banner(run, &addr, port);
		result_row_close(result);
	}
}

static void put_finger(struct run *run, uint64_t host)
{
	struct result *result = run->call->result;
	const struct scan_finger *finger = scan_finger_get(run->scan, host);
	bool known = finger && finger->ttl >= 0;
	result_put(result, "system", value_text(finger ? scan_guess(finger) : NULL));
	result_put(result, "ttl", known ? value_count((uint64_t)finger->ttl) : value_none());
	result_put(result, "hops", known ? value_count((uint64_t)scan_hops(finger->ttl)) : value_none());
	result_put(result, "window", finger ? value_count(finger->window) : value_none());
	result_put(result, "options", value_text(finger ? finger->options : NULL));
}

static void put_host(struct run *run, uint64_t host, const struct scan_group *groups, size_t count)
{
	static const struct table table = {
		.name = "groups", .line = "    {count} {state}: {reason}{from? from {from}}{says?, {says}}"
	};
	struct result *result = run->call->result;
	struct target target = targets_get(run->targets, host);
	uint64_t open = 0;
	for (size_t i = 0; i < count; i++)
		open += groups[i].outcome->state == SCAN_OPEN ? groups[i].count : 0;
	result_row_open(result);
	result_put(result, "address", value_address(&target.addr));
	result_put(result, "name", value_text(target.name));
	result_put(result, "answered", value_flag(scan_host_answered(run->scan, host)));
	result_put(result, "open", value_count(open));
	result_put(result, "answers_every_port", value_flag(scan_answers_every_port(groups, count)));
	put_finger(run, host);
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++) {
		result_row_open(result);
		put_outcome(run, groups[i].outcome, &target.addr);
		result_put(result, "count", value_count(groups[i].count));
		result_put(result, "ports", value_text(groups[i].ports));
		result_row_close(result);
	}
	result_list_close(result);
	result_row_close(result);
}

/* --- the whole --- */

static void each_host(struct run *run,
		      void (*show)(struct run *, uint64_t, const struct scan_group *, size_t))
{
	struct scan_group groups[SCAN_GROUPS_MAX];
	for (uint64_t host = 0; host < run->totals.hosts && !result_broken(run->call->result); host++) {
		if (run->totals.hosts > 1 && !run->args->all && !scan_host_heard(run->scan, host))
			continue;
		size_t count = scan_groups_get(run->scan, host, groups);
		show(run, host, groups, count);
		scan_groups_free(groups, count);
	}
}

static void put_totals(struct run *run, bool complete)
{
	struct result *result = run->call->result;
	const struct scan_totals *totals = &run->totals;
	result_put(result, "hosts_asked", value_count(totals->hosts));
	result_put(result, "hosts_answered", value_count(totals->hosts_answered));
	result_put(result, "ports_asked", value_count(totals->ports));
	result_put(result, "open", value_count(totals->states[SCAN_OPEN]));
	result_put(result, "closed", value_count(totals->states[SCAN_CLOSED]));
	result_put(result, "filtered", value_count(totals->states[SCAN_FILTERED]));
	result_put(result, "open_filtered", value_count(totals->states[SCAN_OPEN_FILTERED]));
	result_put(result, "not_sent", value_count(totals->states[SCAN_UNSENT]));
	result_put(result, "sent", value_count(totals->sent));
	result_put(result, "recovered", value_count(totals->recovered));
	result_put(result, "passes", value_count(totals->passes));
	result_put(result, "rtt_ms", value_time(totals->rtt));
	result_put(result, "took_ms", value_time(totals->took));
	result_put(result, "complete", value_flag(complete));
}

static void remarks(struct run *run, bool complete)
{
	struct result *result = run->call->result;
	if (!complete)
		result_note(result,
			    "the scan was ended early: what had not answered by then counts as silent");
	if (run->totals.slowed)
		result_note(result, "answers got lost, so the pace was lowered to %.0f probes a second",
			    run->totals.rate_limit);
	if (run->totals.icmp_limited)
		result_note(
		    result,
		    "ICMP errors come at a limited rate: ports without an answer may be closed as well");
	struct addr only = targets_get(run->targets, 0).addr, hop;
	char text[ADDR_TEXT_MAX];
	if (run->totals.hosts == 1 && !run->totals.hosts_answered && route_hop_is_dead(&only, &hop))
		result_note(result, "%s does not answer on its link: off, elsewhere, filtered",
			    addr_format(&hop, text));
	for (size_t i = 0; i < targets_failure_count(run->targets); i++)
		result_note(result, "not scanned: %s", targets_failure(run->targets, i)->error.message);
}

static void show(struct run *run, bool complete)
{
	struct table ports = { .name = "ports",
			       .columns = port_columns,
			       .column_count = sizeof port_columns / sizeof port_columns[0] -
					       (run->args->banner ? 0 : 3) };
	struct result *result = run->call->result;
	scan_settle(run->scan);
	scan_totals_get(run->scan, &run->totals);
	result_put(result, "method", value_text(scan_method_name(run->totals.method)));
	result_put(result, "rate_pps",
		   run->totals.rate_limit > 0 ? value_packet_rate(run->totals.rate_limit) : value_none());
	result_list_open(result, &ports);
	each_host(run, put_ports);
	result_list_close(result);
	result_gap(result);
	result_list_open(result, &hosts_table);
	each_host(run, put_host);
	result_list_close(result);
	put_totals(run, complete);
	result_gap(result);
	result_item(
	    result, "found", run->totals.states[SCAN_OPEN] ? TONE_GOOD : TONE_WARN,
	    "{open} open, {closed} closed, {filtered} filtered{open_filtered?, {open_filtered} open or "
	    "filtered}{not_sent?, {not_sent} not sent}; {hosts_answered} of {hosts_asked} hosts answered");
	result_item(
	    result, "measured", TONE_PLAIN,
	    "by {method}: {sent} probes in {took_ms}{rate_pps?, at most {rate_pps}}{rtt_ms?, round trip "
	    "{rtt_ms}}{recovered?, {recovered} answers only when asked again}");
	remarks(run, complete);
}

static int begin(struct run *run, struct scan_request *request)
{
	static const struct scan_events events = { on_progress, on_end };
	const struct args *args = run->args;
	struct call *call = run->call;
	request->rate = args->udp ? SCAN_RATE_DEFAULT / 4 : SCAN_RATE_DEFAULT;
	if ((args->rate && scan_rate_read(args->rate, &request->rate, call->error) < 0) ||
	    port_set_read(args->ports, &run->ports, call->error) < 0)
		return -1;
	run->targets =
	    targets_read(call->loop, &args->targets, &args->exclude, call->settings->family, call->error);
	if (!run->targets)
		return -1;
	request->targets = run->targets;
	run->scan = scan_start(call->loop, request, &events, run, call->error);
	if (!run->scan || !args->resume)
		return run->scan ? 0 : -1;
	int resumed = scan_resume(run->scan, args->resume, call->error);
	if (resumed > 0)
		result_note(call->result, "goes on from %s", args->resume);
	return resumed < 0 ? -1 : 0;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = { .call = call, .args = args };
	struct scan_request request = {
		.ports = &run.ports,
		.method = args->syn       ? SCAN_SYN
			  : args->connect ? SCAN_CONNECT
			  : args->udp     ? SCAN_UDP
					  : SCAN_AUTO,
		.interface = call->settings->interface,
	};
	enum loop_end end = LOOP_IDLE;
	if (begin(&run, &request) == 0) {
		end = loop_run(call->loop, &run.done);
		bool complete = run.done;
		if (complete && args->banner) {
			result_progress(call->result, -1, NS_NONE, "listening to open ports");
			run.banners = scan_banners(run.scan, &run.banner_count);
		}
		result_progress(call->result, -1, NS_NONE, NULL);
		show(&run, complete);
		if (args->resume && !complete && scan_save(run.scan, args->resume, call->error) == 0)
			result_note(call->result, "what is known is kept in %s", args->resume);
	}
	free(run.banners);
	bool open = run.totals.states[SCAN_OPEN];
	scan_free(run.scan);
	targets_free(run.targets);
	if (error_is_set(call->error))
		return call->error->status;
	return end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : open ? STATUS_OK : STATUS_BAD;
}

const struct command command_portscan = {
	.name = "portscan",
	.summary = "which ports are open, closed or filtered, and who says so",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
