/* Which routes and rules change, and when?
 * Shows each change the moment the kernel tells it, until it is stopped; a route that comes and goes is called flapping. */
#include "ntsh/command.h"
#include "ntsh/route.h"
#include "ntsh/routes.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { FLAPPERS_MAX = 64, FLAPS = 6, WORDS_MAX = 256 };

struct args {
	int64_t count;
	const char *table;
};

/* clang-format off */
static const char *const tables[] = { "main", "local", "all", NULL };
static const struct option options[] = {
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "end after so many changes", offsetof(struct args, count), 1, INT32_MAX, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_TEXT, 0, "table", "T", "only routes of this table (all)", offsetof(struct args, table), 0, 0, tables, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "changes", KIND_NONE, "what changed, each when it happened" },
	{ "changes[].at", KIND_DATE, "when" },
	{ "changes[].change", KIND_TEXT, "added, replaced, removed, or lost (notifications were dropped)" },
	{ "changes[].what", KIND_TEXT, "route or rule" },
	{ "changes[].words", KIND_TEXT, "the route or the rule, in ip's words" },
	{ "changes[].says", KIND_TEXT, "what that means" },
	{ "count", KIND_COUNT, "changes seen" },
	{ "lost", KIND_COUNT, "times at which the kernel dropped notifications" },
	{ "flapping", KIND_COUNT, "prefixes that changed again and again" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table table = { .name = "changes", .line = "{at}  {change} {what}  {words}{says?  ({says})}", .live = true };
/* clang-format on */

struct flapper {
	struct prefix prefix;
	uint32_t table;
	unsigned changes;
};

struct run {
	struct result *result;
	uint32_t table; /* 0: all */
	uint64_t count, lost, most;
	struct flapper flappers[FLAPPERS_MAX];
	size_t flapper_next, flapping;
	bool done;
};

static void change_put(struct run *run, const char *change, const char *what, const char *words,
		       const char *says)
{
	struct result *result = run->result;
	result_row_open(result);
	result_put(result, "at", value_date(clock_real()));
	result_put(result, "change", value_text(change));
	result_put(result, "what", value_text(what));
	result_put(result, "words", value_text(words));
	result_put(result, "says", value_text(says));
	result_row_close(result);
	run->count++;
	run->done = result_broken(result) || (run->most && run->count >= run->most);
}

/* The last prefixes that changed are remembered in a ring. */
static bool is_flapping(struct run *run, const struct route *route)
{
	struct flapper *found = NULL;
	for (size_t i = 0; i < FLAPPERS_MAX && !found; i++)
		if (run->flappers[i].table == route->table && run->flappers[i].changes &&
		    prefix_equal(&run->flappers[i].prefix, &route->destination))
			found = &run->flappers[i];
	if (!found) {
		found = &run->flappers[run->flapper_next++ % FLAPPERS_MAX];
		*found = (struct flapper){ .prefix = route->destination, .table = route->table };
	}
	run->flapping += ++found->changes == FLAPS;
	return found->changes >= FLAPS;
}

static const char *const words_of[] = {
	[ROUTE_ADDED] = "added", [ROUTE_REPLACED] = "replaced", [ROUTE_REMOVED] = "removed"
};

static void on_route(enum route_change change, const struct route *route, void *arg)
{
	struct run *run = arg;
	char words[WORDS_MAX];
	if (run->done || (run->table && run->table != route->table))
		return;
	bool flapping = is_flapping(run, route), wide = !route->destination.length;
	const char *says = flapping                          ? "it flaps: it changes again and again"
			   : wide && change == ROUTE_REMOVED ? "a default route is gone"
			   : wide                            ? "a default route"
							     : "";
	change_put(run, words_of[change], "route", route_words(route, words, sizeof words), says);
}

static void on_rule(enum route_change change, const struct route_rule *rule, void *arg)
{
	struct run *run = arg;
	char words[WORDS_MAX + 96], selector[WORDS_MAX], action[64];
	if (run->done)
		return;
	snprintf(words, sizeof words, "%u: %s %s", rule->priority, rule_selector_format(rule, selector),
		 rule_action_format(rule, action));
	change_put(run, words_of[change], "rule", words, "");
}

static void on_lost(void *arg)
{
	struct run *run = arg;
	run->lost++;
	change_put(run, "lost", "notifications", "",
		   "more changed than could be told: look at the tables again");
}

static enum status run(struct call *call, const void *arguments)
{
	static const struct routes_events events = { on_route, on_rule, on_lost };
	const struct args *args = arguments;
	struct run run = { .result = call->result, .most = (uint64_t)args->count };
	if (args->table && strcmp(args->table, "all") != 0 && route_table_number(args->table, &run.table) < 0)
		return (error_set(call->error, STATUS_USAGE, "EUSAGE",
				  "main, local, all, a name in /etc/iproute2/rt_tables, or a number",
				  "there is no table '%.100s'", args->table),
			STATUS_USAGE);
	struct routes_watch *watch = routes_watch(call->loop, &events, &run, call->error);
	if (!watch)
		return call->error->status;
	result_live(run.result);
	result_list_open(run.result, &table);
	result_progress(run.result, -1, NS_NONE, "watching routes and rules; Ctrl-C ends it");
	enum loop_end end = loop_run(call->loop, &run.done);
	result_list_close(run.result);
	routes_watch_free(watch);
	result_put(run.result, "count", value_count(run.count));
	result_put(run.result, "lost", value_count(run.lost));
	result_put(run.result, "flapping", value_count(run.flapping));
	result_gap(run.result);
	result_line(run.result, run.flapping || run.lost ? TONE_WARN : TONE_STRONG,
		    run.count ? "{count} changes{flapping?, {flapping} prefixes flap}{lost?, {lost} times "
				"more than could be told}"
			      : "nothing changed");
	return end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : run.lost ? STATUS_BAD : STATUS_OK;
}

const struct command command_route_watch = {
	.name = "route watch",
	.summary = "which routes and rules change, and when",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
