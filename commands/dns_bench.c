/* How fast and how reliably do these name servers answer?
 * The same questions go to all of them in turn; each question is sent once, so that a loss is a loss. */
#include "ntsh/dns_bench.h"
#include "ntsh/dns_ask.h"

#include <stdio.h>
#include <stdlib.h>

enum { QUESTIONS_MAX = 100000, NAMES_MAX = 64, CODES = 24 };

/* clang-format off */
struct args {
	struct dns_ask ask;
	struct option_list names;
	int64_t count, window;
	bool fresh, authorities;
};

static const struct args defaults = { .ask = DNS_ASK_DEFAULTS, .count = 100, .window = 4 };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "name", .metavar = "NAME", AT(names), .flags = OPTION_REQUIRED | OPTION_REPEAT,
	  .help = "names to ask for, in turn" },
	DNS_ASK_OPTIONS(struct args),
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'n', .name = "count", .metavar = "N", AT(count), .min = 1, .max = QUESTIONS_MAX,
	  .help = "questions to each server (100)" },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'w', .name = "window", .metavar = "N", AT(window), .min = 1, .max = 200,
	  .help = "under way at the same time to each server (4)" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "fresh", AT(fresh), .help = "put a new label before each name, so that no cache can answer" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "authorities", AT(authorities), .help = "ask the name servers of the first name's zone, too" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "summary", KIND_TEXT, "the fastest server that answers everything, in a sentence" },
	{ "best", KIND_ENDPOINT, "that server" },
	{ "count", KIND_COUNT, "questions to each server" },
	{ "servers", KIND_NONE, "each server, the fastest first" },
	{ "servers[].server", KIND_ENDPOINT, "its address" },
	{ "servers[].name", KIND_TEXT, "its name, when it has one" },
	{ "servers[].role", KIND_TEXT, "given, resolv.conf or authority" },
	{ "servers[].asked", KIND_COUNT, "questions sent" },
	{ "servers[].answered", KIND_COUNT, "answers that came" },
	{ "servers[].failed", KIND_COUNT, "answers that are neither NOERROR nor NXDOMAIN" },
	{ "servers[].refused", KIND_COUNT, "nobody listens, or not reachable" },
	{ "servers[].loss_percent", KIND_PERCENT, "share of questions without any answer" },
	{ "servers[].min_ms", KIND_TIME, "shortest time" },
	{ "servers[].median_ms", KIND_TIME, "median" },
	{ "servers[].p95_ms", KIND_TIME, "95 of 100 are not longer" },
	{ "servers[].p99_ms", KIND_TIME, "99 of 100 are not longer" },
	{ "servers[].max_ms", KIND_TIME, "longest" },
	{ "servers[].codes", KIND_NONE, "answers by their code" },
	{ "servers[].codes[].code", KIND_TEXT, "NOERROR, SERVFAIL ..." },
	{ "servers[].codes[].count", KIND_COUNT, "how many" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "server", .heading = "server" },
	{ .name = "name", .heading = "name", .flexible = true },
	{ .name = "answered", .heading = "answers", .align = ALIGN_RIGHT },
	{ .name = "loss_percent", .heading = "lost", .align = ALIGN_RIGHT },
	{ .name = "failed", .heading = "failed", .align = ALIGN_RIGHT },
	{ .name = "refused", .heading = "refused", .align = ALIGN_RIGHT },
	{ .name = "median_ms", .heading = "median", .align = ALIGN_RIGHT },
	{ .name = "p95_ms", .heading = "p95", .align = ALIGN_RIGHT },
	{ .name = "p99_ms", .heading = "p99", .align = ALIGN_RIGHT },
	{ .name = "max_ms", .heading = "longest", .align = ALIGN_RIGHT },
};
static const struct table table = { .name = "servers", .columns = columns, .column_count = sizeof columns / sizeof columns[0] };
/* clang-format on */

struct place {
	const struct dns_server *server;
	const struct dns_bench_server *figures;
};

/* Who answers most comes first; of those that answer as much, the faster one. */
static int place_order(const void *a, const void *b)
{
	const struct dns_bench_server *x = ((const struct place *)a)->figures,
				      *y = ((const struct place *)b)->figures;
	double better = dns_bench_loss(x) - dns_bench_loss(y);
	if (better < -1 || better > 1)
		return better < 0 ? -1 : 1;
	if (x->good != y->good)
		return x->good > y->good ? -1 : 1;
	return x->rtt.p50 < y->rtt.p50 ? -1 : x->rtt.p50 > y->rtt.p50;
}

static void codes_put(struct result *r, const struct dns_bench_server *figures)
{
	static const struct table codes = { .name = "codes" };
	char buf[16];
	result_list_open(r, &codes);
	for (uint16_t code = 0; code < CODES; code++) {
		if (!figures->codes[code])
			continue;
		result_row_open(r);
		result_put(r, "code", value_text(dns_rcode_name(code, buf)));
		result_put(r, "count", value_count(figures->codes[code]));
		result_row_close(r);
	}
	result_list_close(r);
}

static void row_emit(struct result *r, const struct place *place)
{
	const struct dns_bench_server *figures = place->figures;
	const struct rtt_stats *rtt = &figures->rtt;
	result_row_open(r);
	result_put(r, "server", value_endpoint(&place->server->addr));
	result_put(r, "name", value_text(place->server->name[0] ? place->server->name : NULL));
	result_put(r, "role", value_text(dns_role_name(place->server->role)));
	result_put(r, "asked", value_count(figures->asked));
	result_put(r, "answered", value_count(figures->answered));
	result_put(r, "failed", value_count(figures->answered - figures->good));
	result_put(r, "refused", value_count(figures->refused));
	result_put(r, "loss_percent", value_percent(dns_bench_loss(figures)));
	result_put(r, "min_ms", value_time(rtt->min));
	result_put(r, "median_ms", value_time(rtt->p50));
	result_put(r, "p95_ms", value_time(rtt->p95));
	result_put(r, "p99_ms", value_time(rtt->p99));
	result_put(r, "max_ms", value_time(rtt->max));
	codes_put(r, figures);
	result_row_close(r);
}

static enum status show(struct call *call, const struct args *args, const struct dns_servers *servers,
			const struct dns_bench_server *figures)
{
	struct result *r = call->result;
	struct place places[DNS_SERVERS_MAX] = { { servers->items, figures } };
	char summary[256], addr[ADDR_TEXT_MAX];
	bool all_good = true;
	for (size_t i = 0; i < servers->count; i++) {
		places[i] = (struct place){ &servers->items[i], &figures[i] };
		all_good &= figures[i].asked && figures[i].good == figures[i].asked;
	}
	qsort(places, servers->count, sizeof *places, place_order);
	const struct dns_bench_server *best = places[0].figures;
	if (!best->good)
		snprintf(summary, sizeof summary, "no server answers");
	else
		snprintf(summary, sizeof summary, "%s is the best of %zu: %zu of %zu answered",
			 addr_format(&places[0].server->addr, addr), servers->count, best->answered,
			 best->asked);
	result_put(r, "summary", value_text(summary));
	result_put(r, "best", best->good ? value_endpoint(&places[0].server->addr) : value_none());
	result_put(r, "count", value_count((uint64_t)args->count));
	result_line(r, best->good ? TONE_STRONG : TONE_BAD, "{summary}");
	result_gap(r);
	result_list_open(r, &table);
	for (size_t i = 0; i < servers->count; i++)
		row_emit(r, &places[i]);
	result_list_close(r);
	return all_good ? STATUS_OK : STATUS_BAD;
}

static int servers_find(struct call *call, const struct args *args, const char *name,
			struct dns_servers *servers)
{
	int family = call->settings->family;
	if (dns_servers_given(call->loop, &args->ask.servers, (uint16_t)args->ask.port, family, servers,
			      call->error) < 0)
		return -1;
	if (args->authorities && dns_servers_authorities(call->loop, name, family, servers, call->error) < 0)
		return -1;
	return servers->count ? 0 : dns_servers_configured(servers, call->error);
}

static int names_make(const struct args *args, char *names[NAMES_MAX], size_t *count, struct error *err)
{
	*count = 0;
	if (args->names.count > NAMES_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE", NULL, "more than %d names", NAMES_MAX);
	while (*count < args->names.count) {
		names[*count] = dns_ask_name(args->names.items[*count], err);
		if (!names[*count])
			return -1;
		(*count)++;
	}
	return 0;
}

static enum status bench(struct call *call, const struct args *args, char *const *names, size_t name_count)
{
	struct dns_servers servers = { 0 };
	struct dns_bench_server figures[DNS_SERVERS_MAX];
	uint16_t type = 1, types[NAMES_MAX];
	enum status status = STATUS_BAD;
	bool typed = args->ask.types.count + args->ask.dashed_types.count > 0;
	if (typed && dns_ask_types(&args->ask, types, NAMES_MAX, call->error) > 0)
		type = types[0];
	if (!error_is_set(call->error) && servers_find(call, args, names[0], &servers) == 0) {
		struct dns_bench_request request = { .request = dns_ask_request(&args->ask, call),
						     .names = (const char *const *)names,
						     .name_count = name_count,
						     .type = type,
						     .count = (size_t)args->count,
						     .window = (size_t)args->window,
						     .fresh = args->fresh };
		enum loop_end end = dns_bench_run(call->loop, &request, &servers, figures, call->error);
		if (!error_is_set(call->error))
			status = show(call, args, &servers, figures);
		if (end == LOOP_INTERRUPTED)
			error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
	}
	dns_servers_release(&servers);
	return error_is_set(call->error) ? call->error->status : status;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	char *names[NAMES_MAX];
	size_t count;
	enum status status = names_make(args, names, &count, call->error) < 0
				 ? call->error->status
				 : bench(call, args, names, count);
	while (count)
		free(names[--count]);
	return status;
}

const struct command command_dns_bench = {
	.name = "dns bench",
	.summary = "how fast and how reliably name servers answer",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
