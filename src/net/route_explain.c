#include "ntsh/route_explain.h"

#include "base/mem.h"
#include "net/route_lookup.h"
#include "ntsh/counters.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many routes are read without anybody noticing; larger tables are asked by look-ups. */
enum { SMALL_TABLE = 4000 };

const char *route_way(const struct route_decision *decision)
{
	if (error_is_set(&decision->error))
		return "refused";
	switch (decision->type) {
	case RTN_LOCAL:
		return "local";
	case RTN_BROADCAST:
		return "broadcast";
	case RTN_MULTICAST:
		return "multicast";
	default:
		return decision->gateway.family == AF_UNSPEC ? "link" : "gateway";
	}
}

char *route_decision_prefix(const struct route_decision *decision, char buf[PREFIX_TEXT_MAX])
{
	struct prefix prefix = { .addr = decision->prefix, .length = decision->prefix_length };
	prefix.addr.family = decision->destination.family;
	return prefix_format(&prefix, buf);
}

char *route_because(const struct route_decision *decision, char buf[EXPLAIN_SAYS_MAX])
{
	char table[16], protocol[16], prefix[PREFIX_TEXT_MAX], metric[64] = "";
	const char *in = route_table_name(decision->table, table);
	const char *by = route_protocol_name(decision->protocol, protocol);
	if (decision->metric && decision->metric != UINT32_MAX)
		snprintf(metric, sizeof metric, ", metric %u", decision->metric);
	if (!decision->has_match)
		snprintf(buf, EXPLAIN_SAYS_MAX, "table %s says so (made by %s%s)", in, by, metric);
	else if (!decision->prefix_length)
		snprintf(buf, EXPLAIN_SAYS_MAX, "only the default route of table %s covers it (made by %s%s)",
			 in, by, metric);
	else
		snprintf(buf, EXPLAIN_SAYS_MAX,
			 "%s in table %s is the narrowest route that covers it (made by %s%s)",
			 route_decision_prefix(decision, prefix), in, by, metric);
	return buf;
}

/* --- the rules --- */

/* What is not given is as the kernel takes it for such a question: UDP, of this user, from this machine itself. */
static void packet_make(const struct route_query *query, const struct route_decision *decision,
			struct rule_packet *out)
{
	*out = (struct rule_packet){ .to = query->destination,
				     .from = query->from,
				     .iif = query->iif ? query->iif : "lo",
				     .oif = query->oif,
				     .mark = query->mark,
				     .uid = query->has_uid ? query->uid : (uint32_t)getuid(),
				     .has_uid = true,
				     .tos = query->tos,
				     .ip_protocol = query->ip_protocol ? query->ip_protocol : IPPROTO_UDP,
				     .source_port = query->source_port,
				     .target_port = query->target_port };
	out->to.family = decision->destination.family;
}

/* Does this rule's table hold the route that won? */
static bool rule_decides(const struct route_rule *rule, const struct route_decision *decision)
{
	if (rule->action != FR_ACT_TO_TBL)
		return true;
	if (rule->table != decision->table || (error_is_set(&decision->error) && !decision->has_match))
		return false;
	return rule->suppress_length < 0 || !decision->has_match ||
	       decision->prefix_length > rule->suppress_length;
}

static void step_judge(struct route_step *step, const struct route_decision *decision, bool *decided)
{
	char table[16];
	const struct route_rule *rule = &step->rule;
	if (rule->action == FR_ACT_GOTO || rule->action == FR_ACT_NOP) {
		step->end = STEP_PASSED;
		snprintf(step->says, sizeof step->says,
			 rule->action == FR_ACT_GOTO ? "matches: goes on at rule %u"
						     : "matches: does nothing",
			 rule->goto_priority);
	} else if (rule_decides(rule, decision)) {
		step->end = STEP_DECIDED;
		*decided = true;
		snprintf(step->says, sizeof step->says, "matches, and decides");
	} else {
		step->end = STEP_NO_ROUTE;
		bool suppressed = rule->table == decision->table && rule->suppress_length >= 0;
		snprintf(step->says, sizeof step->says,
			 suppressed ? "matches, but the route in table %s is too wide for it"
				    : "matches, but table %s has no route to it",
			 route_table_name(rule->table, table));
	}
}

static int steps_make(const struct route_query *query, struct route_explanation *out, struct error *err)
{
	struct route_rule *rules;
	struct rule_packet packet;
	int count = rules_read(query->destination.family, &rules, err);
	if (count < 0)
		return -1;
	packet_make(query, &out->decision, &packet);
	bool decided = false;
	uint32_t go_to = 0;
	for (int i = 0; i < count && out->step_count < EXPLAIN_STEPS_MAX; i++) {
		struct route_step *step = &out->steps[out->step_count++];
		*step = (struct route_step){ .rule = rules[i], .end = STEP_NOT_REACHED };
		if (decided || rules[i].priority < go_to)
			continue;
		step->end = STEP_SKIPPED;
		if (!rule_matches(&rules[i], &packet)) {
			snprintf(step->says, sizeof step->says, "does not match");
			continue;
		}
		step_judge(step, &out->decision, &decided);
		if (rules[i].action == FR_ACT_GOTO)
			go_to = rules[i].goto_priority;
	}
	free(rules);
	return 0;
}

/* --- what the winner beat --- */

static bool is_winner(const struct route_decision *decision, const struct route *route)
{
	if (route->destination.length != decision->prefix_length || route->metric != decision->metric ||
	    route->type != decision->match_type || route->tos != decision->match_tos)
		return false;
	for (size_t i = 0; i < route->hop_count; i++)
		if (route->hops[i].ifindex == decision->ifindex &&
		    (route->hop_count > 1 || addr_equal(&route->hops[i].gateway, &decision->gateway)))
			return true;
	return !route->hop_count || error_is_set(&decision->error) || decision->type == RTN_LOCAL;
}

static bool is_down(const struct route *route)
{
	bool down = route->hop_count > 0;
	for (size_t i = 0; i < route->hop_count; i++)
		down &= (route->hops[i].flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) != 0;
	return down;
}

static void rival_judge(const struct route_decision *decision, const struct route *route,
			struct route_rival *rival)
{
	char *says = rival->says;
	size_t size = sizeof rival->says;
	unsigned length = route->destination.length;
	rival->wins = is_winner(decision, route);
	if (rival->wins && length)
		snprintf(says, size, "wins: the narrowest prefix that covers it");
	else if (rival->wins)
		snprintf(says, size, "wins: no narrower route covers it");
	else if (is_down(route) && length >= decision->prefix_length)
		snprintf(says, size, "does not count: its interface is down or has no carrier");
	else if (length < decision->prefix_length)
		snprintf(says, size, "loses: it is wider (/%u against /%u)", length, decision->prefix_length);
	else if (route->tos)
		snprintf(says, size, "does not count: it is for packets of TOS 0x%02x only", route->tos);
	else if (route->metric > decision->metric)
		snprintf(says, size, "loses: metric %u is higher than %u", route->metric, decision->metric);
	else if (route->from.length)
		snprintf(says, size, "does not count: it is for packets from another prefix");
	else
		snprintf(says, size, "loses: the kernel took its equal, which stands before it");
}

static bool on_rival(const struct route *route, void *arg)
{
	struct route_explanation *out = arg;
	if (out->rival_count == EXPLAIN_RIVALS_MAX) {
		out->rivals_left_out++;
		return true;
	}
	struct route_rival *rival = &out->rivals[out->rival_count++];
	*rival = (struct route_rival){ 0 };
	route_words(route, rival->words, sizeof rival->words);
	rival_judge(&out->decision, route, rival);
	bool same = !rival->wins && route->destination.length == out->decision.prefix_length;
	rival->equal = same && route->metric == out->decision.metric;
	rival->standby = same && route->metric > out->decision.metric;
	if (route->hop_count && route->hops[0].ifindex)
		snprintf(rival->interface, sizeof rival->interface, "%s",
			 routes_interface(route->hops[0].ifindex));
	return true;
}

/* The dump comes widest first: the winner and its nearest rivals are turned to the front. Only one wins. */
static void rivals_order(struct route_explanation *out)
{
	for (size_t i = 0, j = out->rival_count; i + 1 < j; i++) {
		j--;
		struct route_rival swap = out->rivals[i];
		out->rivals[i] = out->rivals[j];
		out->rivals[j] = swap;
	}
	for (size_t i = 0; i < out->rival_count; i++) {
		if (!out->rivals[i].wins)
			continue;
		struct route_rival winner = out->rivals[i];
		memmove(out->rivals + 1, out->rivals, i * sizeof winner);
		out->rivals[0] = winner;
		for (size_t k = 1; k < out->rival_count; k++)
			out->rivals[k].wins = false;
		return;
	}
}

/* In a large table the next wider route is found beside the last one: whatever is wider and covers that, covers its neighbourhood as well. */
static void rivals_by_lookup(const struct route_query *query, struct route_explanation *out)
{
	struct prefix inner = { .addr = out->decision.prefix, .length = out->decision.prefix_length };
	struct route_lookup lookup;
	if (route_lookup_open(&lookup, query) < 0)
		return;
	if (route_lookup(&lookup, &query->destination) == 0)
		on_rival(&lookup.found, out);
	out->rivals_partly = out->rival_count > 0;
	while (inner.length && out->rival_count < EXPLAIN_RIVALS_MAX &&
	       route_lookup_wider(&lookup, &inner) == 0) {
		inner = lookup.found.destination;
		if (lookup.found.table == out->decision.table)
			on_rival(&lookup.found, out);
	}
	route_lookup_close(&lookup);
}

static int rivals_make(const struct route_query *query, bool whole, struct route_explanation *out,
		       struct error *err)
{
	if (!out->decision.has_match)
		return 0;
	struct route_filter filter = ROUTE_FILTER_ALL;
	struct routes_end end;
	filter.table = out->decision.table;
	filter.match = (struct prefix){ .addr = query->destination,
					.length = (uint8_t)(addr_length(query->destination.family) * 8) };
	filter.match.addr.zone = 0;
	filter.most = whole ? 0 : SMALL_TABLE;
	if (routes_dump(&filter, true, on_rival, out, &end, err) < 0)
		return -1;
	if (end.gave_up) {
		out->rival_count = 0;
		rivals_by_lookup(query, out);
	} else {
		rivals_order(out);
	}
	return 0;
}

/* --- the way back --- */

int route_rp_filter(const char *interface)
{
	int64_t all = 0, own = 0;
	char name[64], dotted[IFACE_NAME_MAX];
	snprintf(dotted, sizeof dotted, "%s", interface);
	for (char *at = dotted; *at; at++)
		if (*at == '.')
			*at = '/'; /* as sysctl(8) writes an interface's own dot */
	snprintf(name, sizeof name, "net.ipv4.conf.%s.rp_filter", dotted);
	(void)sysctl_read_int("net.ipv4.conf.all.rp_filter", 0, &all);
	(void)sysctl_read_int(name, 0, &own);
	return (int)(all > own ? all : own);
}

static void back_judge(struct route_back *back, bool reachable)
{
	char peer[ADDR_TEXT_MAX];
	static const char *const modes[] = { "off", "strict", "loose" };
	addr_format(&back->peer, peer);
	bool same = reachable && strcmp(back->expected, back->interface) == 0;
	back->dropped = (back->rp_filter == 1 && !same) || (back->rp_filter == 2 && !reachable);
	bool filtered = back->rp_filter > 0;
	const char *mode = filtered && back->rp_filter <= 2 ? modes[back->rp_filter] : "";
	const char *before = filtered ? "; rp_filter (" : "", *behind = filtered ? ")" : "";
	const char *verdict = !filtered ? "" : back->dropped ? " DROPS it" : " lets it in";
	if (same)
		snprintf(back->says, sizeof back->says,
			 "a packet from %s comes in by %s, and answers leave there%s%s%s%s", peer,
			 back->expected, before, mode, behind, verdict);
	else if (reachable)
		snprintf(back->says, sizeof back->says,
			 "a packet from %s comes in by %s, but answers leave by %s%s%s%s%s", peer,
			 back->expected, back->interface, before, mode, behind, verdict);
	else
		snprintf(back->says, sizeof back->says,
			 "a packet from %s comes in by %s, but there is no way back%s%s%s%s", peer,
			 back->expected, before, mode, behind, verdict);
}

/* Of several next hops any may take the answer: the one that is expected, when it is among them (so does rp_filter compare). */
static void equal_hops(const struct route_query *reverse, struct route_back *back)
{
	struct route_lookup lookup;
	if (route_lookup_open(&lookup, reverse) < 0)
		return;
	if (route_lookup(&lookup, &reverse->destination) == 0)
		for (size_t i = 0; i < lookup.found.hop_count; i++)
			if (strcmp(routes_interface(lookup.found.hops[i].ifindex), back->expected) == 0)
				memcpy(back->interface, back->expected, sizeof back->interface);
	route_lookup_close(&lookup);
}

static void back_make(const struct route_query *query, struct route_explanation *out)
{
	const struct route_decision *decision = &out->decision;
	struct route_back *back = &out->back;
	if (error_is_set(&decision->error) || decision->type != RTN_UNICAST ||
	    (query->iif && query->from.family == AF_UNSPEC))
		return;
	struct route_query reverse = { .destination = query->iif ? query->from : query->destination };
	if (!query->iif)
		reverse.from = decision->source;
	int64_t marked = 0;
	if (sysctl_read_int("net.ipv4.conf.all.src_valid_mark", 0, &marked) == 0 && marked)
		reverse.mark = query->mark;
	struct route_decision answer;
	if (route_get(&reverse, &answer, NULL) < 0)
		return;
	back->known = true;
	back->peer = reverse.destination;
	snprintf(back->expected, sizeof back->expected, "%s", query->iif ? query->iif : decision->interface);
	bool reachable = !error_is_set(&answer.error);
	snprintf(back->interface, sizeof back->interface, "%s", reachable ? answer.interface : "");
	if (reachable)
		equal_hops(&reverse, back);
	back->rp_filter = reverse.destination.family == AF_INET ? route_rp_filter(back->expected) : -1;
	back_judge(back, reachable);
}

int route_explain(const struct route_query *query, bool whole, struct route_explanation *out,
		  struct error *err)
{
	memset(out, 0, sizeof *out);
	if (route_get(query, &out->decision, err) < 0 || steps_make(query, out, err) < 0 ||
	    rivals_make(query, whole, out, err) < 0)
		return -1;
	back_make(query, out);
	return 0;
}
