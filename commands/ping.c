/* Does HOST answer, how fast, how steadily? Which of these hosts answer? Where on the way does it begin?
 * Each probe is shown when its fate is known; the end says what the numbers mean. */
#include "ntsh/path_show.h"
#include "ntsh/ping_show.h"
#include "ntsh/resolve.h"
#include "ntsh/sweep_show.h"

#include <string.h>
#include <unistd.h>

enum { COUNT_UNATTENDED = 5 };
/* --path: rounds when nobody watches, and hops. */
enum { PATH_UNATTENDED = 100, PATH_HOPS = 30, PATH_HEADERS_4 = 28, PATH_HEADERS_6 = 48 };
enum { PATTERN_MAX = 16, FLOOD_RATE = 1000 };
#define ADAPTIVE_GAP (10 * NS_PER_MS)
/* A flood does not wait longer for an answer. */
#define FLOOD_INTERVAL (10 * NS_PER_MS)
#define PATH_INTERVAL (100 * NS_PER_MS)

struct args {
	struct option_list targets;
	const char *interface;
	bool path, numeric, df, adaptive, flood;
	const char *pattern;
	int64_t count, size, tcp_port, udp_port, ttl, tos, rate, mark;
	ns_t interval, deadline, wait;
};

static const struct args defaults = { .count = -1, .size = 56 };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TARGET, 0, "target", "TARGET", "who is to answer: a host, or several: prefixes, ranges, @FILE",
	  ARG(targets), 0, 0, NULL, OPTION_REQUIRED | OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "probes to send; 0: until stopped (as at a terminal; else 5; several targets: each once)",
	  ARG(count), 0, INT32_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "D", "between two probes (1s; with --path 100ms)",
	  ARG(interval), NS_PER_MS, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_BYTES, 's', "size", "BYTES", "payload of a probe (56)", ARG(size), 0, 65000, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'w', "deadline", "D", "end after this time",
	  ARG(deadline), NS_PER_MS, 30 * 86400 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'W', "wait", "D", "a probe is lost after this time (else from the round trips seen)",
	  ARG(wait), NS_PER_MS, 60 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_INTERFACE, 'I', "device", "IF", "send by this interface", ARG(interface), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_PORT, 0, "tcp", "PORT", "TCP handshakes with this port instead of ICMP",
	  ARG(tcp_port), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_PORT, 0, "udp", "PORT", "UDP datagrams to this port: any answer counts, also that nobody listens there",
	  ARG(udp_port), 0, 0, NULL, 0, "tcp" },
	{ STYLE_DASH, OPT_FLAG, 0, "path", NULL, "the gateway, every hop and the target together: where loss and delay begin",
	  ARG(path), 0, 0, NULL, 0, "deadline" },
	{ STYLE_DASH, OPT_FLAG, 'n', "numeric", NULL, "no names of routers", ARG(numeric), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 't', "ttl", "N", "hop limit of the probes", ARG(ttl), 1, 255, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'Q', "tos", "N", "TOS byte, traffic class", ARG(tos), 0, 255, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'm', "mark", "N", "mark of the packets, for routing rules and filters (needs CAP_NET_ADMIN)",
	  ARG(mark), 1, UINT32_MAX, NULL, 0, "path" },
	{ STYLE_DASH, OPT_FLAG, 'D', "df", NULL, "do not let routers cut the packets", ARG(df), 0, 0, NULL, 0, "path" },
	{ STYLE_DASH, OPT_TEXT, 'p', "pattern", "HEX", "bytes that fill the payload, up to 16", ARG(pattern), 0, 0, NULL, 0, "path tcp" },
	{ STYLE_DASH, OPT_FLAG, 'A', "adaptive", NULL, "the next probe when the last is answered, 100 a second at most", ARG(adaptive), 0, 0, NULL, 0, "path flood" },
	{ STYLE_DASH, OPT_FLAG, 'f', "flood", NULL, "as -A, but up to --rate a second (1000)", ARG(flood), 0, 0, NULL, 0, "path adaptive" },
	{ STYLE_DASH, OPT_COUNT, 0, "rate", "PPS", "most packets a second: with --flood (1000); several targets, after the first 4096 (20000)",
	  ARG(rate), 1, 1000000, NULL, 0, NULL },
	OPTION_END,
};
/* clang-format on */

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "address", KIND_ADDRESS, "the address that is asked" },
	{ "probes", KIND_NONE, "each probe when its fate is known; late and double answers are rows, too" },
	{ "probes[].seq", KIND_COUNT, "its number, from 1" },
	{ "probes[].outcome", KIND_TEXT, "reply, lost, late, duplicate, unreachable or refused" },
	{ "probes[].sent", KIND_DATE, "when it left" },
	{ "probes[].rtt_ms", KIND_TIME, "its round trip" },
	{ "probes[].from", KIND_ADDRESS, "who answered" },
	{ "probes[].ttl", KIND_COUNT, "hop limit left in the answer" },
	{ "probes[].icmp_type", KIND_COUNT, "of an ICMP error" },
	{ "probes[].icmp_code", KIND_COUNT, "of an ICMP error" },
	{ "probes[].says", KIND_TEXT, "what happened, unless it was answered in time" },
	{ "method", KIND_TEXT, "ping socket, raw socket, TCP or UDP" },
	{ "port", KIND_COUNT, "the TCP or UDP port" },
	{ "clock", KIND_TEXT, "whose stamps the round trips come from: kernel, program or both" },
	{ "sent", KIND_COUNT, "probes whose fate is known" },
	{ "received", KIND_COUNT, "answered, late ones included" },
	{ "lost", KIND_COUNT, "not answered" },
	{ "loss_percent", KIND_PERCENT, "share of probes not answered" },
	{ "late", KIND_COUNT, "answered after they had been given up" },
	{ "duplicates", KIND_COUNT, "further answers to one probe" },
	{ "unreachable", KIND_COUNT, "ICMP errors that came instead" },
	{ "refused", KIND_COUNT, "not sent, because this machine refused" },
	{ "rtt_ms", KIND_NONE, "statistics of the round trips" },
	{ "rtt_ms.min", KIND_TIME, "shortest" },
	{ "rtt_ms.avg", KIND_TIME, "mean" },
	{ "rtt_ms.p50", KIND_TIME, "median" },
	{ "rtt_ms.p95", KIND_TIME, "95 of 100 are not longer" },
	{ "rtt_ms.p99", KIND_TIME, "99 of 100 are not longer" },
	{ "rtt_ms.max", KIND_TIME, "longest" },
	{ "jitter_ms", KIND_TIME, "mean difference between one round trip and the next" },
	{ "outages", KIND_NONE, "two lost probes in a row, or more" },
	{ "outages[].begin", KIND_DATE, "when the first lost probe was sent" },
	{ "outages[].end", KIND_DATE, "when the first answered one was sent; null when it goes on" },
	{ "outages[].duration_ms", KIND_TIME, "how long" },
	{ "outages[].lost", KIND_COUNT, "probes" },
	{ "dead_hop", KIND_ADDRESS, "who on our own link does not answer, when that is why nothing does" },
	{ "error_from", KIND_ADDRESS, "who sent the last ICMP error" },
	{ "error_says", KIND_TEXT, "what it, or this machine's refusal, means" },
	{ "verdict", KIND_TEXT,
	  "steady, unsteady, losses, outage, filtered, unreachable, refused, silent or nothing" },
	SWEEP_SHOW_FIELDS,
	{ "path", KIND_NONE, "with --path: the way under watch" },
	PATH_SHOW_FIELDS("path."),
	{ NULL, KIND_NONE, NULL },
};

static enum status path_run(struct call *call, const struct args *args, const char *host)
{
	struct path_show how = {
		.host = host, .numeric = args->numeric, .unattended = PATH_UNATTENDED, .member = "path"
	};
	struct path_request request = {
		.method = args->tcp_port   ? TRACE_TCP
			  : args->udp_port ? TRACE_UDP
					   : TRACE_ICMP,
		.port = (uint16_t)(args->udp_port ? args->udp_port : args->tcp_port),
		.max = PATH_HOPS,
		.count = args->count > 0 ? (uint64_t)args->count : 0,
		.interval = args->interval ? args->interval : PATH_INTERVAL,
		.wait = args->wait,
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	if (resolve_one(call->loop, host, call->settings->family, &request.target, call->error) < 0)
		return call->error->status;
	bool ipv6 = request.target.family == AF_INET6;
	request.size = (size_t)args->size + (ipv6 ? PATH_HEADERS_6 : PATH_HEADERS_4);
	result_put(call->result, "host", value_text(host));
	result_put(call->result, "address", value_address(&request.target));
	return path_show_run(call, &request, &how);
}

static enum status sweep_run(struct call *call, const struct args *args)
{
	struct sweep_request request = {
		.rounds = args->count > 0 ? (uint64_t)args->count : 0,
		.interval = args->interval ? args->interval : NS_PER_S,
		.wait = args->wait,
		.size = (size_t)args->size,
		.rate = (uint64_t)args->rate,
		.interface = args->interface ? args->interface : call->settings->interface,
		.hops = (int)args->ttl,
		.traffic_class = (int)args->tos,
	};
	if (args->tcp_port || args->udp_port || args->path) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "name one host", "%s takes one target",
			  args->path       ? "--path"
			  : args->tcp_port ? "--tcp"
					   : "--udp");
		return STATUS_USAGE;
	}
	return sweep_show_run(call, &request, &args->targets);
}

/* "ff00" into bytes. Returns how many, 0 with err when it is none. */
static size_t pattern_read(const char *text, uint8_t out[PATTERN_MAX], struct error *err)
{
	size_t digits = strlen(text);
	bool good = digits > 0 && digits % 2 == 0 && digits <= 2 * PATTERN_MAX &&
		    strspn(text, "0123456789abcdefABCDEF") == digits;
	if (!good) {
		error_set(err, STATUS_USAGE, "EUSAGE", "give up to 16 bytes as hexadecimal digits: ff00",
			  "'%.40s' is no pattern", text);
		return 0;
	}
	for (size_t i = 0; i < digits; i++) {
		int digit = text[i] <= '9' ? text[i] - '0' : (text[i] | 32) - 'a' + 10;
		out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
	}
	return digits / 2;
}

static enum status host_run(struct call *call, const struct args *args, const char *host)
{
	uint8_t pattern[PATTERN_MAX];
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool watched = !call->settings->json && (call->settings->interactive || terminal);
	struct ping_request request = {
		.method = args->tcp_port   ? PING_TCP
			  : args->udp_port ? PING_UDP
					   : PING_AUTO,
		.tcp_port = (uint16_t)(args->udp_port ? args->udp_port : args->tcp_port),
		.count = args->count >= 0 ? (uint64_t)args->count
			 : watched        ? 0
					  : COUNT_UNATTENDED,
		.interval = args->interval ? args->interval : NS_PER_S,
		.timeout = args->wait,
		.duration = args->deadline,
		.size = (size_t)args->size,
		.hops = (int)args->ttl,
		.traffic_class = (int)args->tos,
		.dont_fragment = args->df,
		.mark = (uint32_t)args->mark,
		.adaptive = args->adaptive || args->flood,
		.least_gap =
		    args->adaptive ? ADAPTIVE_GAP : NS_PER_S / (args->rate ? args->rate : FLOOD_RATE),
		.interface = args->interface ? args->interface : call->settings->interface,
	};
	if (args->flood && !args->interval)
		request.interval = FLOOD_INTERVAL;
	if (args->pattern) {
		request.pattern = pattern;
		request.pattern_length = pattern_read(args->pattern, pattern, call->error);
		if (!request.pattern_length)
			return call->error->status;
	}
	return ping_show_run(call, &request, host);
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct target_word word;
	const char *first = args->targets.items[0];
	if (args->targets.count > 1)
		return sweep_run(call, args);
	if (target_word_read(first, &word, call->error) < 0)
		return call->error->status;
	if (word.kind == TARGET_FILE || (word.kind == TARGET_ADDRESSES && word.count > 1))
		return sweep_run(call, args);
	return args->path ? path_run(call, args, first) : host_run(call, args, first);
}

const struct command command_ping = {
	.name = "ping",
	.summary = "does it answer, how fast, how steadily",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
