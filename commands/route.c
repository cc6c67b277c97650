/* Which routes does this machine have?
 * Streams the tables, as many rows as there are in the memory of one; ip's words choose among them. An exact prefix of a large table is one
 * kernel look-up. */
#include "ntsh/route.h"
#include "ntsh/command.h"
#include "ntsh/routes.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

struct args {
	bool show, list, all;
	const char *prefix, *exact, *match, *root, *table, *interface, *protocol, *scope, *type;
	struct addr via, source;
	int64_t metric, nexthop;
};

static const struct args defaults = { .metric = -1 };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
#define WORD(type, name, metavar, help, field, words) \
	{ STYLE_KEYWORD, type, 0, name, metavar, help, ARG(field), 0, 0, words, 0, NULL }
static const char *const tables[] = { "main", "local", "default", "all", NULL };
static const char *const protocols[] = { "kernel", "boot", "static", "dhcp", "ra", "bird", "zebra", "bgp", "ospf", NULL };
static const char *const scopes[] = { "global", "link", "host", NULL };
static const char *const types[] = { "unicast", "local", "broadcast", "multicast", "blackhole", "unreachable", "prohibit", "throw", NULL };
static const struct option options[] = {
	{ STYLE_KEYWORD, OPT_FLAG, 0, "show", NULL, "the routes (so does route alone)", ARG(show), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_FLAG, 0, "list", NULL, "the same", ARG(list), 0, 0, NULL, OPTION_HIDDEN, NULL },
	WORD(OPT_TEXT, "table", "T", "of this table: a name, a number, or all (main)", table, tables),
	WORD(OPT_TEXT, "exact", "PREFIX", "of exactly this prefix", exact, NULL),
	WORD(OPT_TEXT, "match", "PREFIX", "that hold this prefix: those that an address in it can take", match, NULL),
	WORD(OPT_TEXT, "root", "PREFIX", "inside this prefix", root, NULL),
	WORD(OPT_INTERFACE, "dev", "IF", "by this interface", interface, NULL),
	WORD(OPT_ADDRESS, "via", "ADDRESS", "through this gateway", via, NULL),
	WORD(OPT_TEXT, "proto", "P", "made by: kernel, static, dhcp, ra, bird", protocol, protocols),
	WORD(OPT_TEXT, "scope", "S", "of scope global, link or host", scope, scopes),
	WORD(OPT_TEXT, "type", "TYPE", "of this type: unicast, blackhole, unreachable", type, types),
	WORD(OPT_ADDRESS, "src", "ADDRESS", "with this preferred source", source, NULL),
	{ STYLE_KEYWORD, OPT_COUNT, 0, "metric", "N", "with this metric", ARG(metric), 0, UINT32_MAX, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_COUNT, 0, "nhid", "ID", "that use this nexthop object", ARG(nexthop), 1, UINT32_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'a', "all", NULL, "with an exact prefix: read the whole table, however large", ARG(all), 0, 0, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "prefix", "PREFIX", "of exactly this prefix (default, 10.0.0.0/8, 2001:db8::/32)", ARG(prefix), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "routes", KIND_NONE, "the routes, in the kernel's order" },
	{ "routes[].prefix", KIND_TEXT, "which destinations it covers" },
	{ "routes[].gateway", KIND_ADDRESS, "the next router; null on the link itself" },
	{ "routes[].interface", KIND_TEXT, "by which interface; null when packets leave by none" },
	{ "routes[].protocol", KIND_TEXT, "who made it: kernel, static, dhcp, ra, ..." },
	{ "routes[].metric", KIND_INTEGER, "its preference, lower wins" },
	{ "routes[].source", KIND_ADDRESS, "the source address that it prefers" },
	{ "routes[].table", KIND_TEXT, "the table it stands in" },
	{ "routes[].remarks", KIND_TEXT, "what is unusual about it, in ip's words: type, scope, dead, linkdown, mtu, ..." },
	{ "routes[].type", KIND_TEXT, "unicast, local, blackhole, ..." },
	{ "routes[].scope", KIND_TEXT, "global, link or host" },
	{ "routes[].flags", KIND_TEXT, "dead, linkdown, onlink, offload, ..." },
	{ "routes[].tos", KIND_INTEGER, "the type of service it is for; 0: any" },
	{ "routes[].from", KIND_TEXT, "the source prefix it is for (IPv6)" },
	{ "routes[].mtu", KIND_COUNT, "MTU set on it, or null" },
	{ "routes[].nexthop_id", KIND_COUNT, "the nexthop object it uses, or null" },
	{ "routes[].expires_s", KIND_COUNT, "seconds until it vanishes (IPv6), or null" },
	{ "routes[].hops", KIND_NONE, "the next hops, when there are several" },
	{ "routes[].hops[].gateway", KIND_ADDRESS, "the next router" },
	{ "routes[].hops[].interface", KIND_TEXT, "by which interface" },
	{ "routes[].hops[].weight", KIND_COUNT, "its share" },
	{ "routes[].hops[].flags", KIND_TEXT, "dead, linkdown, onlink, ..." },
	{ "count", KIND_COUNT, "routes shown" },
	{ "table_shown", KIND_TEXT, "the table that was asked for" },
	{ "complete", KIND_FLAG, "false: the tables changed while they were read, in each try; the list mixes moments" },
	{ "looked_up", KIND_FLAG, "the exact prefix was looked up: only the route that wins is shown" },
	{ NULL, KIND_NONE, NULL },
};

enum { PREFIX, GATEWAY, INTERFACE, PROTOCOL, METRIC, SOURCE, TABLE, REMARKS, TYPE, SCOPE, FLAGS, TOS, FROM, MTU, NEXTHOP, EXPIRES, MEMBERS };
static const char *const names[MEMBERS] = { "prefix", "gateway", "interface", "protocol", "metric", "source", "table", "remarks", "type",
	"scope", "flags", "tos", "from", "mtu", "nexthop_id", "expires_s" };

#define COLUMNS_BEFORE \
	{ .name = "prefix", .heading = "destination", .min_width = 18 }, { .name = "gateway", .heading = "via", .min_width = 15 }, { .name = "interface", .heading = "dev" }, \
	{ .name = "protocol", .heading = "proto" }, { .name = "metric", .heading = "metric", .align = ALIGN_RIGHT }, \
	{ .name = "source", .heading = "src" }
static const struct column columns[] = { COLUMNS_BEFORE, { .name = "remarks", .flexible = true } };
static const struct column columns_all[] = { COLUMNS_BEFORE, { .name = "table", .heading = "table" }, { .name = "remarks", .flexible = true } };
static const struct table one_table = { .name = "routes", .columns = columns, .column_count = sizeof columns / sizeof *columns };
static const struct table all_tables = { .name = "routes", .columns = columns_all, .column_count = sizeof columns_all / sizeof *columns_all };
static const struct table hops = { .name = "hops", .line = "    nexthop{gateway? via {gateway}} dev {interface} weight {weight}{flags?  {flags}}" };
/* clang-format on */

struct run {
	struct result *result;
	const struct loop *loop;
	uint64_t seen;
	bool cut; /* stopped before the end */
	struct member members[MEMBERS];
	int protocol_shown, interface_shown; /* what the members say already; -1: nothing yet */
	int64_t table_shown;
	char prefix[PREFIX_TEXT_MAX], from[PREFIX_TEXT_MAX], flags[96], remarks[256], protocol[16], table[16],
	    scope[16];
};

/* --- one route --- */

static void remark(char *out, size_t size, const char *format, const char *word, uint32_t number)
{
	size_t used = strlen(out);
	if (used)
		snprintf(out + used, size - used, ", ");
	used = strlen(out);
	if (used < size)
		snprintf(out + used, size - used, format, word, number);
}

static void remarks_make(struct run *run, const struct route *route)
{
	char *out = run->remarks;
	size_t size = sizeof run->remarks;
	*out = '\0';
	if (route->type != RTN_UNICAST)
		remark(out, size, "%s", route_type_name(route->type), 0);
	if (*run->flags)
		remark(out, size, "%s", run->flags, 0);
	if (route->tos)
		remark(out, size, "%s 0x%02x", "tos", route->tos);
	if (route->from.length)
		remark(out, size, "from %s", run->from, 0);
	if (route->mtu)
		remark(out, size, "%s %u", route->mtu_locked ? "mtu lock" : "mtu", route->mtu);
	if (route->nexthop_id)
		remark(out, size, "%s %u", "nhid", route->nexthop_id);
	if (route->expires > 0)
		remark(out, size, "%s in %u s", "expires", (uint32_t)route->expires);
	if (route->hop_count > 1)
		remark(out, size, "%.0s%u next hops", "",
		       (uint32_t)(route->hop_count + route->hops_left_out));
}

static struct value number_or_none(uint32_t number)
{
	return number ? value_count(number) : value_none();
}

/* Members keep their value from row to row: what most rows share is worked out once. */
static void shared_members_fill(struct run *run, const struct route *route, int ifindex)
{
	struct member *members = run->members;
	if (run->interface_shown != ifindex)
		members[INTERFACE].value = value_text(ifindex ? routes_interface(ifindex) : NULL);
	if (run->protocol_shown != route->protocol)
		members[PROTOCOL].value = value_text(route_protocol_name(route->protocol, run->protocol));
	if (run->table_shown != route->table)
		members[TABLE].value = value_text(route_table_name(route->table, run->table));
	run->interface_shown = ifindex;
	run->protocol_shown = route->protocol;
	run->table_shown = route->table;
}

/* In place: a value that is returned is copied twice, a million times. */
static void member_address(struct member *member, const struct addr *addr)
{
	bool there = addr && addr->family != AF_UNSPEC;
	member->value.kind = there ? KIND_ADDRESS : KIND_NONE;
	if (there)
		member->value.addr = *addr;
}

static void members_fill(struct run *run, const struct route *route)
{
	const struct route_hop *hop = route->hop_count == 1 ? route->hops : NULL;
	struct member *members = run->members;
	*run->flags = '\0';
	*run->from = '\0';
	if ((hop && hop->flags) || route->flags)
		route_flags_format(hop ? hop->flags : 0, route->flags, run->flags);
	if (route->from.length)
		prefix_format(&route->from, run->from);
	remarks_make(run, route);
	shared_members_fill(run, route, hop ? hop->ifindex : 0);
	members[PREFIX].value = value_text(prefix_format(&route->destination, run->prefix));
	member_address(&members[GATEWAY], hop ? &hop->gateway : NULL);
	members[METRIC].value.kind = KIND_INTEGER;
	members[METRIC].value.integer = route->metric;
	member_address(&members[SOURCE], &route->source);
	members[REMARKS].value = value_text(run->remarks);
	if (!result_is_json(run->result))
		return;
	members[TYPE].value = value_text(route_type_name(route->type));
	members[SCOPE].value = value_text(route_scope_name(route->scope, run->scope));
	members[FLAGS].value = value_text(run->flags);
	members[TOS].value = value_integer(route->tos);
	members[FROM].value = value_text(*run->from ? run->from : NULL);
	members[MTU].value = number_or_none(route->mtu);
	members[NEXTHOP].value = number_or_none(route->nexthop_id);
	members[EXPIRES].value = number_or_none(route->expires > 0 ? (uint32_t)route->expires : 0);
}

/* Several next hops stand under their route. */
static void multipath_show(struct run *run, const struct route *route)
{
	struct result *result = run->result;
	result_row_open(result);
	for (size_t i = 0; i < MEMBERS; i++)
		result_put(result, run->members[i].name, run->members[i].value);
	result_list_open(result, &hops);
	for (size_t i = 0; i < route->hop_count; i++) {
		char flags[96];
		result_row_open(result);
		result_put(result, "gateway", value_address(&route->hops[i].gateway));
		result_put(result, "interface", value_text(routes_interface(route->hops[i].ifindex)));
		result_put(result, "weight", value_count(route->hops[i].weight));
		result_put(result, "flags", value_text(route_flags_format(route->hops[i].flags, 0, flags)));
		result_row_close(result);
	}
	result_list_close(result);
	result_row_close(result);
}

static bool on_route(const struct route *route, void *arg)
{
	struct run *run = arg;
	members_fill(run, route);
	if (route->hop_count > 1)
		multipath_show(run, route);
	else
		result_row(run->result, run->members, MEMBERS);
	/* A look now and then: Ctrl-C must not wait for the end of a million. */
	run->cut = ++run->seen % 4096 == 0 && loop_cancelled(run->loop) != LOOP_DONE;
	return !run->cut && !result_broken(run->result);
}

/* --- the words --- */

static int prefix_word(const char *text, int family, struct prefix *out, struct error *err)
{
	if (!text || prefix_parse(text, (sa_family_t)family, out) == 0)
		return 0;
	return error_set(
	    err, STATUS_USAGE, "EUSAGE",
	    "write default, 10.0.0.0/8 or 2001:db8::/32; or route show, get, rules, check, watch, add, del",
	    "'%.100s' is no address block%s", text,
	    family == AF_INET    ? " of IPv4"
	    : family == AF_INET6 ? " of IPv6"
				 : "");
}

static int number_word(const char *text, const char *what, int (*read)(const char *, int *), int *out,
		       struct error *err)
{
	if (!text || read(text, out) == 0)
		return 0;
	return error_set(err, STATUS_USAGE, "EUSAGE", "a name of ip's, one in /etc/iproute2, or a number",
			 "there is no %s '%.100s'", what, text);
}

static int filter_make(const struct args *args, const struct settings *settings, struct route_filter *filter,
		       struct error *err)
{
	const char *interface = args->interface ? args->interface : settings->interface;
	*filter = (struct route_filter)ROUTE_FILTER_ALL;
	filter->family = settings->family;
	filter->table = RT_TABLE_MAIN;
	filter->via = args->via;
	filter->source = args->source;
	filter->metric = args->metric;
	filter->nexthop_id = (uint32_t)args->nexthop;
	filter->ifindex = interface ? (int)if_nametoindex(interface) : 0;
	if (args->table && strcmp(args->table, "all") == 0)
		filter->table = 0;
	else if (args->table && route_table_number(args->table, &filter->table) < 0)
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "main, local, default, all, a name in /etc/iproute2/rt_tables, or a number",
				 "there is no table '%.100s'", args->table);
	if (prefix_word(args->exact ? args->exact : args->prefix, settings->family, &filter->exact, err) <
		0 ||
	    prefix_word(args->match, settings->family, &filter->match, err) < 0 ||
	    prefix_word(args->root, settings->family, &filter->root, err) < 0 ||
	    number_word(args->protocol, "route protocol", route_protocol_number, &filter->protocol, err) <
		0 ||
	    number_word(args->scope, "scope", route_scope_number, &filter->scope, err) < 0 ||
	    number_word(args->type, "route type", route_type_number, &filter->type, err) < 0)
		return -1;
	return 0;
}

static void end_show(struct result *result, const struct routes_end *end, const struct route_filter *filter,
		     bool cut)
{
	char table[16];
	result_put(result, "count", value_count(end->shown));
	result_put(result, "table_shown",
		   value_text(filter->table ? route_table_name(filter->table, table) : "all"));
	result_put(result, "complete", value_flag(!end->interrupted && !cut));
	result_put(result, "looked_up", value_flag(end->looked_up));
	result_gap(result);
	if (end->interrupted)
		result_line(result, TONE_BAD,
			    "the tables changed while they were read: this list mixes moments, and may miss "
			    "routes or show some twice");
	if (cut)
		result_line(result, TONE_BAD, "stopped: this list is not whole");
	if (!end->shown)
		result_line(result, TONE_STRONG,
			    filter->table ? "table {table_shown} has no such route"
					  : "no table has such a route");
	else if (end->shown == 1)
		result_line(result, TONE_FAINT, filter->table ? "1 route of table {table_shown}" : "1 route");
	else
		result_line(result, TONE_FAINT,
			    filter->table ? "{count} routes of table {table_shown}"
					  : "{count} routes of all tables");
	if (end->looked_up && end->shown)
		result_line(result, TONE_FAINT,
			    "looked up in a large table: routes of the same prefix that lose to this one are "
			    "not shown (-a reads it all)");
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct run run = {
		.result = call->result,
		.loop = call->loop,
		.protocol_shown = -1,
		.interface_shown = -1,
		.table_shown = -1,
	};
	struct route_filter filter;
	struct routes_end end;
	if (filter_make(args, call->settings, &filter, call->error) < 0)
		return call->error->status;
	for (size_t i = 0; i < MEMBERS; i++)
		run.members[i] = (struct member){ names[i], value_none() };
	result_list_open(run.result, filter.table ? &one_table : &all_tables);
	int failed = routes_dump(&filter, args->all, on_route, &run, &end, call->error);
	result_list_close(run.result);
	if (failed)
		return call->error->status;
	end_show(run.result, &end, &filter, run.cut);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return end.shown && !end.interrupted ? STATUS_OK : STATUS_BAD;
}

const struct command command_route = {
	.name = "route",
	.summary = "which routes this machine has",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
