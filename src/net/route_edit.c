#include "ntsh/route_edit.h"

#include "ntsh/ask.h"
#include "ntsh/route.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* --- what is there now --- */

struct search {
	const struct route_edit *edit;
	struct route_plan *plan;
	size_t others; /* of the same prefix and table, with another metric */
	char other[ROUTE_EDIT_WORDS_MAX];
};

static bool hops_fit(const struct route *wanted, const struct route *route)
{
	for (size_t i = 0; i < wanted->hop_count; i++) {
		bool any = false;
		for (size_t j = 0; j < route->hop_count; j++) {
			const struct route_hop *a = &wanted->hops[i], *b = &route->hops[j];
			any |= (!a->ifindex || a->ifindex == b->ifindex) &&
			       (a->gateway.family == AF_UNSPEC || (a->gateway.family == b->gateway.family &&
								   !memcmp(a->gateway.bytes, b->gateway.bytes,
									   addr_length(a->gateway.family))));
		}
		if (!any)
			return false;
	}
	return true;
}

/* The kernel's own comparison for RTM_DELROUTE: what was not given fits everything. */
static bool removal_fits(const struct route *wanted, const struct route *route)
{
	return wanted->tos == route->tos && (!wanted->metric || wanted->metric == route->metric) &&
	       (!wanted->type || wanted->type == route->type) &&
	       (!wanted->protocol || wanted->protocol == route->protocol) &&
	       (wanted->scope == RT_SCOPE_NOWHERE || wanted->scope == route->scope) &&
	       (!wanted->nexthop_id || wanted->nexthop_id == route->nexthop_id) && hops_fit(wanted, route);
}

static bool on_same_prefix(const struct route *route, void *arg)
{
	struct search *search = arg;
	const struct route *wanted = &search->edit->route;
	struct route_plan *plan = search->plan;
	if (search->edit->remove) {
		if (plan->found || !removal_fits(wanted, route)) {
			route_words(route, search->other, sizeof search->other);
			search->others++;
			return true;
		}
		plan->found = true;
		route_words(route, plan->words, sizeof plan->words);
		return true;
	}
	/* IPv6 gives a route without a metric 1024 (IP6_RT_PRIO_USER). */
	uint32_t metric =
	    !wanted->metric && wanted->destination.addr.family == AF_INET6 ? 1024 : wanted->metric;
	if (route->metric == metric && route->tos == wanted->tos) {
		route_words(route, plan->same, sizeof plan->same);
	} else {
		route_words(route, search->other, sizeof search->other);
		search->others++;
	}
	return true;
}

/* --- what will change --- */

static void now_format(const struct route_edit *edit, char *buf, size_t size)
{
	struct route_query query = { .destination = edit->route.destination.addr };
	struct route_decision decision;
	char gateway[ADDR_TEXT_MAX];
	*buf = '\0';
	if (edit->route.table != RT_TABLE_MAIN || route_get(&query, &decision, NULL) < 0)
		return;
	if (error_is_set(&decision.error))
		snprintf(buf, size, "nowhere");
	else if (decision.gateway.family != AF_UNSPEC)
		snprintf(buf, size, "by %s through %s", decision.interface,
			 addr_format(&decision.gateway, gateway));
	else
		snprintf(buf, size, "by %s", decision.interface);
}

static void add_says(const struct search *search, struct route_plan *plan)
{
	char now[ADDR_TEXT_MAX + 40], prefix[PREFIX_TEXT_MAX];
	const struct route_edit *edit = search->edit;
	char *says = plan->says;
	size_t size = sizeof plan->says;
	prefix_format(&edit->route.destination, prefix);
	now_format(edit, now, sizeof now);
	if (*plan->same && edit->replace)
		snprintf(says, size, "takes the place of: %.200s", plan->same);
	else if (*plan->same)
		snprintf(says, size,
			 "the kernel will refuse it (File exists): the table holds %.200s already",
			 plan->same);
	else if (search->others)
		snprintf(says, size, "stands beside %zu of the same prefix (%.150s): the lowest metric wins",
			 search->others, search->other);
	else if (*now)
		snprintf(says, size, "packets to %s go %s", prefix, now);
	else
		snprintf(says, size, "a further route in a table that rules must choose (ntsh route rules)");
}

static void remove_says(const struct search *search, struct route_plan *plan)
{
	char prefix[PREFIX_TEXT_MAX];
	prefix_format(&search->edit->route.destination, prefix);
	if (!plan->found)
		snprintf(plan->says, sizeof plan->says, "the table has no such route%s%.200s",
			 search->others ? "; the same prefix has: " : "", search->other);
	else if (search->others)
		snprintf(plan->says, sizeof plan->says, "the same prefix keeps %.200s", search->other);
	else if (!search->edit->route.destination.length)
		snprintf(
		    plan->says, sizeof plan->says,
		    "WITHOUT IT there is no default route: whatever no other route covers is unreachable");
	else
		snprintf(plan->says, sizeof plan->says,
			 "packets to %s will take the next wider route, or none", prefix);
}

int route_plan_make(const struct route_edit *edit, struct route_plan *out, struct error *err)
{
	memset(out, 0, sizeof *out);
	struct search search = { .edit = edit, .plan = out };
	struct route_filter filter = ROUTE_FILTER_ALL;
	struct routes_end end;
	filter.table = edit->route.table;
	filter.exact = edit->route.destination;
	route_words(&edit->route, out->words, sizeof out->words);
	if (routes_dump(&filter, true, on_same_prefix, &search, &end, err) < 0)
		return -1;
	if (edit->remove)
		remove_says(&search, out);
	else
		add_says(&search, out);
	if (!edit->remove && *out->same && edit->replace)
		snprintf(out->undo, sizeof out->undo, "ntsh route add --yes --replace %s", out->same);
	else
		snprintf(out->undo, sizeof out->undo, "ntsh route %s --yes %s", edit->remove ? "add" : "del",
			 out->words);
	return 0;
}

/* --- the course --- */

static enum status apply(struct call *call, const struct route_edit *edit)
{
	struct result *result = call->result;
	if (route_change(edit, call->error) < 0) {
		result_put(result, "done", value_flag(false));
		return call->error->status;
	}
	result_put(result, "done", value_flag(true));
	result_line(result, TONE_GOOD, edit->remove ? "removed: {route}" : "added: {route}");
	result_item(result, "undo", TONE_PLAIN, "{undo}");
	return STATUS_OK;
}

enum status route_edit_run(struct call *call, const struct option_list *words, bool remove, bool replace,
			   bool yes)
{
	static struct route_edit edit;
	static struct route_plan plan;
	struct result *result = call->result;
	if (route_edit_read(words, call->settings->family, remove, &edit, call->error) < 0)
		return call->error->status;
	edit.replace = replace;
	if (route_plan_make(&edit, &plan, call->error) < 0)
		return call->error->status;
	result_put(result, "route", value_text(plan.words));
	result_put(result, "existing", value_text(*plan.same ? plan.same : NULL));
	result_put(result, "says", value_text(plan.says));
	result_put(result, "undo", value_text(plan.undo));
	if (yes)
		return apply(call, &edit);
	result_line(result, TONE_STRONG, remove ? "would remove: {route}" : "would add: {route}");
	result_item(result, "now", TONE_PLAIN, "{says}");
	switch (ask_yes(result, call->loop, remove ? "Remove it?" : "Add it?")) {
	case ASK_YES:
		return apply(call, &edit);
	case ASK_NO:
		result_put(result, "done", value_flag(false));
		result_line(result, TONE_PLAIN, "nothing was changed");
		return STATUS_BAD;
	default:
		result_put(result, "done", value_flag(false));
		result_item(result, "next", TONE_PLAIN, "nothing was changed: -y (--yes) does it");
		return STATUS_OK;
	}
}
