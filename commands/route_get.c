/* Where would a packet to HOST go from here, and why?
 * Asks the kernel for its decision, then for what explains it: the rules that were tried, the routes that lost, the neighbour that gets the
 * packet first, and the way back. Several hosts (or a file of them) become one line each. */
#include "ntsh/command.h"
#include "ntsh/iface.h"
#include "ntsh/resolve.h"
#include "ntsh/route_explain.h"
#include "ntsh/targets.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct args {
	struct option_list hosts;
	const char *file, *iif, *oif, *protocol;
	struct addr from;
	int64_t mark, uid, tos, source_port, target_port;
	bool whole;
};

static const struct args defaults = { .uid = -1 };

/* clang-format off */
#define ARG(field) offsetof(struct args, field)
static const char *const protocols[] = { "tcp", "udp", "icmp", NULL };
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "where the packet is to go; several: one line each", ARG(hosts), 0, 0, NULL, OPTION_REPEAT, "file" },
	{ STYLE_DASH, OPT_FILE, 'f', "file", "FILE", "hosts, addresses and prefixes in a file, one line of answer for each", ARG(file), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_ADDRESS, 0, "from", "ADDRESS", "as if sent from this address", ARG(from), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_INTERFACE, 0, "iif", "IF", "as if it had come in there, to be forwarded", ARG(iif), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_INTERFACE, 0, "oif", "IF", "as if bound to this interface", ARG(oif), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_COUNT, 0, "mark", "N", "as if it carried this firewall mark", ARG(mark), 0, UINT32_MAX, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_COUNT, 0, "uid", "N", "as if a program of this user sent it", ARG(uid), 0, UINT32_MAX - 1, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_COUNT, 0, "tos", "N", "as if it carried this type of service", ARG(tos), 0, 255, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_TEXT, 0, "ipproto", "P", "as if it were tcp, udp or icmp (udp)", ARG(protocol), 0, 0, protocols, 0, NULL },
	{ STYLE_KEYWORD, OPT_PORT, 0, "sport", "PORT", "as if sent from this port", ARG(source_port), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_PORT, 0, "dport", "PORT", "as if sent to this port", ARG(target_port), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'a', "all", NULL, "read a large table to its end for the routes that lost", ARG(whole), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

#define DECISION_FIELDS(at) \
	{ at "host", KIND_TEXT, "as it was asked for" }, \
	{ at "destination", KIND_ADDRESS, "its address" }, \
	{ at "way", KIND_TEXT, "local, link, gateway, broadcast, multicast or refused" }, \
	{ at "interface", KIND_TEXT, "through which the packet leaves" }, \
	{ at "gateway", KIND_ADDRESS, "the next router; null on the link itself" }, \
	{ at "source", KIND_ADDRESS, "the address that this machine puts into the packet" }
static const struct field fields[] = {
	DECISION_FIELDS(""),
	{ "mtu", KIND_COUNT, "bytes of the largest packet: of the route if it says one, else of the interface" },
	{ "carrier", KIND_FLAG, "the interface is up and has a carrier" },
	{ "route", KIND_NONE, "the route that decided" },
	{ "route.prefix", KIND_TEXT, "which destinations it covers" },
	{ "route.type", KIND_TEXT, "unicast, local, blackhole, ..." },
	{ "route.table", KIND_TEXT, "the table it stands in" },
	{ "route.metric", KIND_COUNT, "its preference, lower wins" },
	{ "route.protocol", KIND_TEXT, "who made it: kernel, static, dhcp, ra, ..." },
	{ "route.scope", KIND_TEXT, "global, link or host" },
	{ "because", KIND_TEXT, "why that route, in words" },
	{ "rules", KIND_NONE, "the rules, in the order in which they are tried" },
	{ "rules[].priority", KIND_INTEGER, "its place; lower ones are tried first" },
	{ "rules[].selector", KIND_TEXT, "which packets it is for, in ip's words" },
	{ "rules[].action", KIND_TEXT, "what it does: lookup TABLE, blackhole, goto, ..." },
	{ "rules[].outcome", KIND_TEXT, "skipped, no route, passed, decided or not reached" },
	{ "rules[].says", KIND_TEXT, "the same in words" },
	{ "candidates", KIND_NONE, "the routes of the deciding table that cover the destination, the winner first" },
	{ "candidates[].route", KIND_TEXT, "the route in ip's words" },
	{ "candidates[].wins", KIND_FLAG, "it is the one that is used" },
	{ "candidates[].says", KIND_TEXT, "why it wins, or loses" },
	{ "candidates_complete", KIND_FLAG, "false: a large table; some of those that lose may be missing" },
	{ "neighbour", KIND_NONE, "who gets the packet on the link" },
	{ "neighbour.address", KIND_ADDRESS, "the gateway, or the destination itself" },
	{ "neighbour.state", KIND_TEXT, "none, incomplete, reachable, stale, delay, probe, failed, noarp, permanent" },
	{ "neighbour.mac", KIND_TEXT, "its link-layer address" },
	{ "neighbour.says", KIND_TEXT, "what the state means" },
	{ "back", KIND_NONE, "the way back, when that can be told" },
	{ "back.peer", KIND_ADDRESS, "from whom packets come back" },
	{ "back.comes_in_by", KIND_TEXT, "by which interface they are expected" },
	{ "back.answered_by", KIND_TEXT, "by which interface this machine would send to the peer; null: no way" },
	{ "back.rp_filter", KIND_INTEGER, "0 off, 1 strict, 2 loose, of that interface; null for IPv6" },
	{ "back.dropped", KIND_FLAG, "rp_filter drops such packets" },
	{ "back.says", KIND_TEXT, "the same in words" },
	{ "refusal", KIND_NONE, "why there is no way, when there is none" },
	{ "refusal.code", KIND_TEXT, "the error that a program gets" },
	{ "refusal.message", KIND_TEXT, "the same in words" },
	{ "hosts", KIND_NONE, "with several hosts: the decision for each" },
	DECISION_FIELDS("hosts[]."),
	{ "hosts[].prefix", KIND_TEXT, "the route that decided: its prefix" },
	{ "hosts[].table", KIND_TEXT, "the table it stands in" },
	{ "hosts[].metric", KIND_INTEGER, "its preference" },
	{ "hosts[].says", KIND_TEXT, "why there is no way, when there is none" },
	{ "refused", KIND_COUNT, "with several hosts: those without a way" },
	{ "count", KIND_COUNT, "with several hosts: how many" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column rule_columns[] = {
	{ .name = "priority", .heading = "rule", .align = ALIGN_RIGHT, .min_width = 7 }, { .name = "selector", .heading = "for packets" },
	{ .name = "action", .heading = "does" }, { .name = "says", .flexible = true },
};
static const struct column candidate_columns[] = { { .name = "route", .heading = "  routes of that table that cover it" }, { .name = "says", .flexible = true } };
static const struct column host_columns[] = {
	{ .name = "destination", .heading = "destination", .min_width = 15 }, { .name = "gateway", .heading = "via", .min_width = 15 },
	{ .name = "interface", .heading = "dev" }, { .name = "source", .heading = "src", .min_width = 15 },
	{ .name = "prefix", .heading = "route" }, { .name = "table", .heading = "table" }, { .name = "says", .flexible = true },
};
#define TABLE(variable, list, of) static const struct table variable = { .name = list, .columns = of, .column_count = sizeof of / sizeof *of }
TABLE(rule_table, "rules", rule_columns);
TABLE(candidate_table, "candidates", candidate_columns);
TABLE(host_table, "hosts", host_columns);

static const uint8_t numbers[] = { 6, 17, 1 }; /* of protocols */
static const char *const outcomes[] = { [STEP_SKIPPED] = "skipped", [STEP_NO_ROUTE] = "no route", [STEP_PASSED] = "passed",
	[STEP_DECIDED] = "decided", [STEP_NOT_REACHED] = "not reached" };
static const struct { const char *way, *says; } sentences[] = {
	{ "local", "{destination} is this machine: packets to it never leave it" },
	{ "broadcast", "{destination} is a broadcast address on the link of {interface}" },
	{ "multicast", "{destination} is a multicast group; packets leave by {interface}" },
	{ "link", "{destination} is on the link of {interface}: packets go straight to it" },
	{ "gateway", "{destination} is reached by {interface} through gateway {gateway}" },
};
/* clang-format on */

/* --- the answer --- */

static void sentence_show(struct result *result, const struct route_decision *decision)
{
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (strcmp(sentences[i].way, route_way(decision)) == 0)
			result_line(result, TONE_STRONG, sentences[i].says);
}

static void route_put(struct result *result, const struct route_decision *decision)
{
	char table[16], protocol[16], scope[16], prefix[PREFIX_TEXT_MAX], because[EXPLAIN_SAYS_MAX];
	result_open(result, "route");
	result_put(result, "prefix",
		   value_text(decision->has_match ? route_decision_prefix(decision, prefix) : NULL));
	result_put(result, "type", value_text(route_type_name(decision->type)));
	result_put(result, "table", value_text(route_table_name(decision->table, table)));
	result_put(result, "metric", value_count(decision->metric));
	result_put(result, "protocol", value_text(route_protocol_name(decision->protocol, protocol)));
	result_put(result, "scope", value_text(route_scope_name(decision->scope, scope)));
	result_close(result);
	result_put(result, "because", value_text(route_because(decision, because)));
	result_item(result, "because", TONE_PLAIN, "{because}");
}

static void rules_put(struct result *result, const struct route_explanation *found)
{
	char selector[256], action[64];
	result_gap(result);
	result_list_open(result, &rule_table);
	for (size_t i = 0; i < found->step_count; i++) {
		const struct route_step *step = &found->steps[i];
		result_row_open(result);
		result_put(result, "priority", value_integer(step->rule.priority));
		result_put(result, "selector", value_text(rule_selector_format(&step->rule, selector)));
		result_put(result, "action", value_text(rule_action_format(&step->rule, action)));
		result_put(result, "outcome", value_text(outcomes[step->end]));
		result_put(result, "says", value_text(step->end == STEP_NOT_REACHED ? "" : step->says));
		result_row_close(result);
	}
	result_list_close(result);
}

static void candidates_put(struct result *result, const struct route_explanation *found)
{
	char words[ROUTE_WORDS_MAX + 2];
	result_gap(result);
	result_list_open(result, &candidate_table);
	for (size_t i = 0; i < found->rival_count; i++) {
		/* Indented for people, so that the heading reads as a step below the rule. */
		snprintf(words, sizeof words, "%s%s", result_is_json(result) ? "" : "  ",
			 found->rivals[i].words);
		result_row_open(result);
		result_put(result, "route", value_text(words));
		result_put(result, "wins", value_flag(found->rivals[i].wins));
		result_put(result, "says", value_text(found->rivals[i].says));
		result_row_close(result);
	}
	result_list_close(result);
	result_put(result, "candidates_complete",
		   value_flag(!found->rivals_partly && !found->rivals_left_out));
	if (found->rivals_partly)
		result_note(result,
			    "a large table was asked by look-ups: some of the routes that lose may be "
			    "missing (-a reads it all)");
	result_gap(result);
}

static enum status refusal_show(struct result *result, const struct route_explanation *found)
{
	const struct route_decision *decision = &found->decision;
	result_open(result, "refusal");
	result_put(result, "code", value_text(decision->error.code));
	result_put(result, "message", value_text(decision->error.message));
	result_close(result);
	result_line(result, TONE_BAD, "{refusal.message}");
	if (decision->has_match)
		route_put(result, decision);
	result_item(result, "error", TONE_PLAIN,
		    "{refusal.code} is what a program gets that connects or sends");
	rules_put(result, found);
	candidates_put(result, found);
	return STATUS_BAD;
}

static void link_show(struct result *result, uint32_t path_mtu, const struct link_info *link)
{
	result_item(
	    result, "MTU", TONE_PLAIN,
	    path_mtu
		? "{mtu} bytes, set on the route or learned from the path; the interface would allow more"
		: "{mtu} bytes, that of the interface");
	if (!link->up || !link->running)
		result_item(result, "link", TONE_BAD,
			    link->up ? "{interface} has no carrier: cable, switch port or the other end"
				     : "{interface} is down");
}

/* Returns false when the first hop is known not to answer. */
static bool neighbour_put(struct result *result, const struct route_decision *decision)
{
	const struct addr *hop =
	    decision->gateway.family == AF_UNSPEC ? &decision->destination : &decision->gateway;
	uint8_t mac[6] = { 0 };
	uint16_t state;
	if (decision->type != RTN_UNICAST || neighbour_get(hop, decision->ifindex, &state, mac, NULL) < 0)
		return true;
	bool known = state && !(state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP));
	char text[3 * IFACE_MAC_MAX];
	result_open(result, "neighbour");
	result_put(result, "address", value_address(hop));
	result_put(result, "state", value_text(neighbour_state_name(state)));
	result_put(result, "mac", value_text(known ? iface_mac(mac, sizeof mac, text) : NULL));
	result_put(result, "says", value_text(neighbour_state_describe(state)));
	result_close(result);
	enum tone tone = state == NUD_FAILED ? TONE_BAD : state == NUD_INCOMPLETE ? TONE_WARN : TONE_PLAIN;
	result_item(result, "neighbour", tone,
		    "{neighbour.address} {neighbour.says}{neighbour.mac? ({neighbour.mac})}");
	return state != NUD_FAILED;
}

static void back_put(struct result *result, const struct route_back *back)
{
	if (!back->known)
		return;
	result_open(result, "back");
	result_put(result, "peer", value_address(&back->peer));
	result_put(result, "comes_in_by", value_text(back->expected));
	result_put(result, "answered_by", value_text(*back->interface ? back->interface : NULL));
	result_put(result, "rp_filter", back->rp_filter < 0 ? value_none() : value_integer(back->rp_filter));
	result_put(result, "dropped", value_flag(back->dropped));
	result_put(result, "says", value_text(back->says));
	result_close(result);
	bool same = strcmp(back->expected, back->interface) == 0;
	enum tone tone = back->dropped ? TONE_BAD : same ? TONE_PLAIN : TONE_WARN;
	result_item(result, "way back", tone, "{back.says}");
}

static void decision_put(struct result *result, const char *host, const struct route_decision *decision)
{
	result_put(result, "host", value_text(host));
	result_put(result, "destination", value_address(&decision->destination));
	result_put(result, "way", value_text(route_way(decision)));
	if (error_is_set(&decision->error))
		return;
	result_put(result, "interface", value_text(decision->interface));
	result_put(result, "gateway", value_address(&decision->gateway));
	result_put(result, "source", value_address(&decision->source));
}

static enum status one_show(struct result *result, const char *host, const struct route_explanation *found)
{
	const struct route_decision *decision = &found->decision;
	decision_put(result, host, decision);
	if (error_is_set(&decision->error))
		return refusal_show(result, found);
	struct link_info link = { .up = true, .running = true };
	(void)link_get(decision->ifindex, &link, NULL);
	result_put(result, "mtu", value_count(decision->mtu ? decision->mtu : link.mtu));
	result_put(result, "carrier", value_flag(link.up && link.running));
	sentence_show(result, decision);
	route_put(result, decision);
	if (decision->type != RTN_LOCAL && decision->source.family != AF_UNSPEC)
		result_item(result, "source", TONE_PLAIN, "{source}");
	bool answers = neighbour_put(result, decision);
	link_show(result, decision->mtu, &link);
	back_put(result, &found->back);
	rules_put(result, found);
	candidates_put(result, found);
	return link.up && link.running && answers && !found->back.dropped ? STATUS_OK : STATUS_BAD;
}

/* --- several --- */

static void host_row(struct result *result, const char *host, const struct route_decision *decision)
{
	char prefix[PREFIX_TEXT_MAX], table[16];
	bool refused = error_is_set(&decision->error);
	result_row_open(result);
	decision_put(result, host, decision);
	result_put(result, "prefix",
		   value_text(decision->has_match ? route_decision_prefix(decision, prefix) : NULL));
	result_put(
	    result, "table",
	    value_text(refused && !decision->has_match ? NULL : route_table_name(decision->table, table)));
	result_put(result, "metric", value_integer(decision->metric));
	result_put(result, "says", value_text(refused ? decision->error.message : ""));
	result_row_close(result);
}

static enum status several_show(struct call *call, const struct option_list *words, struct route_query *query)
{
	static const struct option_list none;
	struct targets *targets = targets_read(call->loop, words, &none, call->settings->family, call->error);
	if (!targets)
		return call->error->status;
	struct result *result = call->result;
	struct route_decision decision;
	uint64_t refused = 0, count = targets_count(targets), done = 0, failed = 0;
	result_list_open(result, &host_table);
	for (; done < count && !failed && !result_broken(result) && !loop_cancelled(call->loop); done++) {
		struct target target = targets_get(targets, done);
		query->destination = target.addr;
		failed = route_get(query, &decision, call->error) < 0;
		if (!failed)
			host_row(result, target.name, &decision);
		refused += !failed && error_is_set(&decision.error);
	}
	result_list_close(result);
	for (size_t i = 0; i < targets_failure_count(targets); i++, refused++)
		result_note(result, "%s", targets_failure(targets, i)->error.message);
	targets_free(targets);
	result_put(result, "count", value_count(done));
	result_put(result, "refused", value_count(refused));
	result_gap(result);
	result_line(result, refused ? TONE_BAD : TONE_GOOD,
		    refused ? "{refused} of {count} have no way" : "there is a way to each of the {count}");
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return failed ? call->error->status : refused ? STATUS_BAD : STATUS_OK;
}

/* --- the words --- */

static int query_make(const struct args *args, const struct settings *settings, struct route_query *query,
		      struct error *err)
{
	/* clang-format off */
	*query = (struct route_query){
		.from = args->from, .iif = args->iif, .oif = args->oif ? args->oif : settings->interface, .mark = (uint32_t)args->mark,
		.uid = (uint32_t)args->uid, .has_uid = args->uid >= 0, .tos = (uint8_t)args->tos,
		.source_port = (uint16_t)args->source_port, .target_port = (uint16_t)args->target_port,
	};
	/* clang-format on */
	for (size_t i = 0; args->protocol && protocols[i]; i++)
		if (strcmp(protocols[i], args->protocol) == 0)
			query->ip_protocol = numbers[i];
	if (args->protocol && !query->ip_protocol)
		return error_set(err, STATUS_USAGE, "EUSAGE", "the kernel takes tcp, udp and icmp",
				 "ipproto '%.60s' is none of them", args->protocol);
	if (!args->hosts.count && !args->file)
		return error_set(err, STATUS_USAGE, "EUSAGE", "HOST: where the packet is to go (see --help)",
				 "HOST is missing");
	return 0;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct route_query query;
	if (query_make(args, call->settings, &query, call->error) < 0)
		return call->error->status;
	if (args->file || args->hosts.count > 1) {
		char file[4096];
		struct option_list words = { .items = args->hosts.items, .count = args->hosts.count };
		const char *from_file[] = { file };
		snprintf(file, sizeof file, "@%s", args->file ? args->file : "");
		if (args->file)
			words = (struct option_list){ .items = from_file, .count = 1 };
		return several_show(call, &words, &query);
	}
	static struct route_explanation found;
	if (resolve_one(call->loop, args->hosts.items[0], call->settings->family, &query.destination,
			call->error) < 0 ||
	    route_explain(&query, args->whole, &found, call->error) < 0)
		return call->error->status;
	return one_show(call->result, args->hosts.items[0], &found);
}

const struct command command_route_get = {
	.name = "route get",
	.summary = "where a packet to a host would go from here, and why",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
