/* Which rules choose the routing table?
 * Lists them in the order in which they are tried, and says which of them are not the usual three. */
#include "ntsh/command.h"
#include "ntsh/route.h"
#include "ntsh/routes.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = { OPTION_END };

static const struct field fields[] = {
	{ "rules", KIND_NONE, "the rules, in the order in which they are tried" },
	{ "rules[].family", KIND_TEXT, "ipv4 or ipv6" },
	{ "rules[].priority", KIND_INTEGER, "its place; lower ones are tried first" },
	{ "rules[].selector", KIND_TEXT, "which packets it is for, in ip's words" },
	{ "rules[].action", KIND_TEXT, "what it does: lookup TABLE, blackhole, goto, ..." },
	{ "rules[].protocol", KIND_TEXT, "who made it" },
	{ "rules[].usual", KIND_FLAG, "every Linux has it" },
	{ "rules[].routes", KIND_COUNT, "routes in its table" },
	{ "rules[].says", KIND_TEXT, "what is unusual about it" },
	{ "own", KIND_COUNT, "rules that are not the usual ones" },
	{ "count", KIND_COUNT, "all of them" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "family", .heading = "family" }, { .name = "priority", .heading = "rule", .align = ALIGN_RIGHT },
	{ .name = "selector", .heading = "for packets" }, { .name = "action", .heading = "does" },
	{ .name = "routes", .heading = "routes", .align = ALIGN_RIGHT }, { .name = "says", .flexible = true },
};
static const struct table table = { .name = "rules", .columns = columns, .column_count = sizeof columns / sizeof *columns };
/* clang-format on */

/* The three that every namespace begins with (IPv6 has no table default). */
static bool is_usual(const struct route_rule *rule)
{
	uint32_t wanted = rule->priority == 0       ? RT_TABLE_LOCAL
			  : rule->priority == 32766 ? RT_TABLE_MAIN
			  : rule->priority == 32767 ? RT_TABLE_DEFAULT
						    : 0;
	char selector[256];
	return wanted && rule->table == wanted && rule->action == FR_ACT_TO_TBL &&
	       rule->suppress_length < 0 && strcmp(rule_selector_format(rule, selector), "from all") == 0;
}

static bool count_route(const struct route *route, void *arg)
{
	(void)route;
	++*(uint64_t *)arg;
	return true;
}

/* Routes in the rule's table: as many as there are, but no table is read for longer than a moment. */
static uint64_t routes_in(const struct route_rule *rule, bool *more)
{
	struct route_filter filter = ROUTE_FILTER_ALL;
	struct routes_end end = { 0 };
	uint64_t count = 0;
	filter.family = rule->family;
	filter.table = rule->table;
	filter.most = 10000;
	(void)routes_dump(&filter, true, count_route, &count, &end, NULL);
	*more = end.gave_up;
	return count;
}

static void rule_put(struct result *result, const struct route_rule *rule)
{
	char selector[256], action[64], protocol[16];
	bool looks_up = rule->action == FR_ACT_TO_TBL && !rule->l3mdev, more = false, usual = is_usual(rule);
	uint64_t routes = looks_up ? routes_in(rule, &more) : 0;
	const char *says = looks_up && !routes && !usual ? "its table is empty: the rule changes nothing"
			   : more                        ? "a large table: so many and more"
			   : usual                       ? ""
							 : "not one of the usual three";
	result_row_open(result);
	result_put(result, "family", value_text(rule->family == AF_INET ? "ipv4" : "ipv6"));
	result_put(result, "priority", value_integer(rule->priority));
	result_put(result, "selector", value_text(rule_selector_format(rule, selector)));
	result_put(result, "action", value_text(rule_action_format(rule, action)));
	result_put(result, "protocol", value_text(route_protocol_name(rule->protocol, protocol)));
	result_put(result, "usual", value_flag(usual));
	result_put(result, "routes", looks_up ? value_count(routes) : value_none());
	result_put(result, "says", value_text(says));
	result_row_close(result);
}

static enum status run(struct call *call, const void *arguments)
{
	(void)arguments;
	struct result *result = call->result;
	struct route_rule *rules;
	int count = rules_read(call->settings->family, &rules, call->error);
	if (count < 0)
		return call->error->status;
	uint64_t own = 0;
	result_list_open(result, &table);
	for (int i = 0; i < count; i++) {
		rule_put(result, &rules[i]);
		own += !is_usual(&rules[i]);
	}
	result_list_close(result);
	free(rules);
	result_put(result, "own", value_count(own));
	result_put(result, "count", value_count((uint64_t)count));
	result_gap(result);
	result_line(
	    result, own ? TONE_STRONG : TONE_GOOD,
	    own ? "{own} of {count} rules are not the usual ones: for some packets another table than main "
		  "decides (route get HOST from A mark M ... tells which)"
		: "only the usual rules: table local, then table main decides for every packet");
	return STATUS_OK;
}

const struct command command_route_rules = {
	.name = "route rules",
	.summary = "which rules choose the routing table",
	.options = options,
	.args_size = 1,
	.fields = fields,
	.run = run,
};
