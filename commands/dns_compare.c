/* Do all name servers say the same about NAME?
 * Asks every server at the same time, groups them by what they say, and marks what is different. */
#include "ntsh/dns_compare.h"
#include "ntsh/dns_ask.h"

#include <stdio.h>
#include <stdlib.h>

enum { TYPES_MAX = 16, TEXT_MAX = 1 << 16, DATA_MAX = 4096 };

/* clang-format off */
struct args {
	struct dns_ask ask;
	const char *name;
	bool authorities, configured;
};

static const struct args defaults = { .ask = DNS_ASK_DEFAULTS };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "name", .metavar = "NAME", AT(name), .flags = OPTION_REQUIRED,
	  .help = "a name, or an address to look up backwards" },
	DNS_ASK_OPTIONS(struct args),
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "authorities", AT(authorities), .help = "ask the zone's name servers, besides those given" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "configured", AT(configured), .help = "ask the servers of resolv.conf, besides those given" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "verdict", KIND_TEXT, "same, different, partial (some did not answer, the others agree) or nothing" },
	{ "summary", KIND_TEXT, "the same in a sentence" },
	{ "name", KIND_TEXT, "as asked" },
	{ "zone", KIND_TEXT, "whose authorities were asked" },
	{ "answer_count", KIND_COUNT, "how many different answers there are" },
	{ "servers", KIND_NONE, "each server" },
	{ "servers[].server", KIND_ENDPOINT, "its address" },
	{ "servers[].name", KIND_TEXT, "its name, when it has one" },
	{ "servers[].role", KIND_TEXT, "given, resolv.conf or authority" },
	{ "servers[].status", KIND_TEXT, "NOERROR, NXDOMAIN ... TIMEOUT" },
	{ "servers[].meaning", KIND_TEXT, "the same in words" },
	{ "servers[].answer", KIND_COUNT, "number of its answer: servers with the same number say the same; 1 is what most say" },
	{ "servers[].authoritative", KIND_FLAG, "it answers as an authority" },
	{ "servers[].time_ms", KIND_TIME, "how long it took" },
	{ "servers[].ttl", KIND_INTEGER, "how long its records may be kept" },
	{ "servers[].ttl_seconds", KIND_SECONDS, "the same, shown to people as a time" },
	{ "servers[].data", KIND_NONE, "its records" },
	{ "servers[].says", KIND_TEXT, "the same in one line" },
	{ "differences", KIND_NONE, "each answer that is not the one of most" },
	{ "differences[].answer", KIND_COUNT, "its number" },
	{ "differences[].status", KIND_TEXT, "NOERROR, NXDOMAIN ..." },
	{ "differences[].has", KIND_TEXT, "what it has and answer 1 has not" },
	{ "differences[].lacks", KIND_TEXT, "what answer 1 has and it has not" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "answer", .heading = "", .align = ALIGN_RIGHT },
	{ .name = "server", .heading = "server" },
	{ .name = "name", .heading = "name", .flexible = true },
	{ .name = "role", .heading = "role" },
	{ .name = "time_ms", .heading = "time", .align = ALIGN_RIGHT },
	{ .name = "ttl_seconds", .heading = "TTL", .align = ALIGN_RIGHT },
	{ .name = "status", .heading = "status" },
	{ .name = "says", .heading = "answer", .align = ALIGN_WHOLE },
};
static const struct table difference_table = { .name = "differences" };
static const struct table table = { .name = "servers", .columns = columns, .column_count = sizeof columns / sizeof columns[0] };
/* clang-format on */

static const struct dns_view *first_of_group(const struct dns_comparison *comparison, int group)
{
	for (size_t i = 0; i < comparison->count; i++)
		if (comparison->views[i].group == group)
			return &comparison->views[i];
	return NULL;
}

static void data_put(struct result *r, const struct dns_set *set)
{
	static struct value values[DATA_MAX];
	size_t count = set->count < DATA_MAX ? set->count : DATA_MAX;
	for (size_t i = 0; i < count; i++)
		values[i] = value_text(set->items[i]);
	result_put_list(r, "data", values, count);
}

static void row_emit(struct result *r, const struct dns_view *view)
{
	static char says[TEXT_MAX];
	dns_set_text(&view->set, NULL, says, sizeof says);
	result_row_open(r);
	result_put(r, "server", value_endpoint(&view->server->addr));
	result_put(r, "name", value_text(view->server->name[0] ? view->server->name : NULL));
	result_put(r, "role", value_text(dns_role_name(view->server->role)));
	result_put(r, "status", value_text(view->status));
	result_put(r, "meaning", value_text(view->meaning));
	result_put(r, "answer", view->group ? value_count((uint64_t)view->group) : value_none());
	result_put(r, "authoritative", value_flag(view->answered && view->authoritative));
	result_put(r, "time_ms", value_time(view->rtt));
	result_put(r, "ttl", view->set.count ? value_integer(view->ttl) : value_none());
	result_put(r, "ttl_seconds", view->set.count ? value_seconds(view->ttl) : value_none());
	data_put(r, &view->set);
	result_put(r, "says", value_text(view->set.count ? says : view->meaning));
	result_row_close(r);
}

/* One line for each answer that is not the one of most. */
static void differences_emit(struct result *r, const struct dns_comparison *comparison,
			     const struct dns_view *most)
{
	static char has[TEXT_MAX], lacks[TEXT_MAX];
	result_list_open(r, &difference_table);
	for (int group = 2; group <= comparison->group_count; group++) {
		const struct dns_view *view = first_of_group(comparison, group);
		dns_set_text(&view->set, &most->set, has, sizeof has);
		dns_set_text(&most->set, &view->set, lacks, sizeof lacks);
		result_row_open(r);
		result_put(r, "answer", value_count((uint64_t)group));
		result_put(r, "status", value_text(view->status));
		result_put(r, "has", value_text(*has ? has : NULL));
		result_put(r, "lacks", value_text(*lacks ? lacks : NULL));
		result_item(
		    r, "differs", TONE_BAD,
		    "answer {answer} from answer 1: {status}{has?, has {has}}{lacks?, lacks {lacks}}");
		result_row_close(r);
	}
	result_list_close(r);
}

static enum status show(struct call *call, const struct args *args, const struct dns_servers *servers,
			const struct dns_comparison *comparison)
{
	struct result *r = call->result;
	char summary[1600];
	size_t silent = comparison->count - comparison->answered;
	const struct dns_view *most = first_of_group(comparison, 1);
	const char *verdict = !most                         ? "nothing"
			      : comparison->group_count > 1 ? "different"
			      : silent                      ? "partial"
							    : "same";
	if (!most)
		snprintf(summary, sizeof summary, "no server answers (%zu asked)", comparison->count);
	else if (comparison->group_count > 1)
		snprintf(summary, sizeof summary, "%d different answers from %zu servers for %.1024s",
			 comparison->group_count, comparison->answered, args->name);
	else
		snprintf(summary, sizeof summary, "%zu of %zu servers say the same about %.1024s: %.200s",
			 comparison->answered, comparison->count, args->name, most->status);
	result_put(r, "verdict", value_text(verdict));
	result_put(r, "summary", value_text(summary));
	result_put(r, "name", value_text(args->name));
	result_put(r, "zone", value_text(servers->zone[0] ? servers->zone : NULL));
	result_put(r, "answer_count", value_count((uint64_t)comparison->group_count));
	bool good = most && comparison->group_count == 1 && !silent;
	result_headline(r,
			good                                   ? TONE_GOOD
			: most && comparison->group_count == 1 ? TONE_WARN
							       : TONE_BAD,
			"{verdict}", "{summary}", NULL);
	result_list_open(r, &table);
	for (size_t i = 0; i < comparison->count; i++)
		row_emit(r, &comparison->views[i]);
	result_list_close(r);
	result_gap(r);
	differences_emit(r, comparison, most);
	return good ? STATUS_OK : STATUS_BAD;
}

static int servers_find(struct call *call, const struct args *args, const char *name,
			struct dns_servers *servers)
{
	int family = call->settings->family;
	bool given = args->ask.servers.count > 0;
	if (dns_servers_given(call->loop, &args->ask.servers, (uint16_t)args->ask.port, family, servers,
			      call->error) < 0)
		return -1;
	if ((!given || args->configured) && dns_servers_configured(servers, call->error) < 0)
		return -1;
	if (given && !args->authorities)
		return 0;
	struct error err = ERROR_INIT;
	if (dns_servers_authorities(call->loop, name, family, servers, &err) == 0)
		return 0;
	/* Without them there is still something to compare, unless they were asked for. */
	if (args->authorities) {
		*call->error = err;
		return -1;
	}
	result_note(call->result, "the zone's own servers were not asked: %s", err.message);
	return 0;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	uint16_t types[TYPES_MAX];
	struct dns_servers servers = { 0 };
	struct dns_comparison comparison = { 0 };
	struct dns_request request = dns_ask_request(&args->ask, call);
	int type_count = dns_ask_types(&args->ask, types, TYPES_MAX, call->error);
	char *name = type_count < 0 ? NULL : dns_ask_name(args->name, call->error);
	enum status status = STATUS_BAD;
	if (name && servers_find(call, args, name, &servers) == 0) {
		enum loop_end end = dns_compare_run(call->loop, &request, name, types, (size_t)type_count,
						    &servers, &comparison);
		status = show(call, args, &servers, &comparison);
		if (end == LOOP_INTERRUPTED)
			error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
	}
	if (error_is_set(call->error))
		status = call->error->status;
	dns_comparison_release(&comparison);
	dns_servers_release(&servers);
	free(name);
	return status;
}

const struct command command_dns_compare = {
	.name = "dns compare",
	.summary = "do all name servers say the same about a name",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
