/* Where would a packet to HOST go from here, and why?
 * Asks the kernel for its decision, for the route behind it, and for the neighbour that gets the packet first. */
#include "ntsh/command.h"
#include "ntsh/resolve.h"
#include "ntsh/route.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

struct args {
	const char *host;
	struct addr from;
	const char *iif, *oif;
	int64_t mark;
};

static const struct option options[] = {
	{ .style = STYLE_OPERAND,
	  .type = OPT_HOST,
	  .name = "host",
	  .metavar = "HOST",
	  .help = "where the packet is to go",
	  .offset = offsetof(struct args, host),
	  .flags = OPTION_REQUIRED },
	{ .style = STYLE_KEYWORD,
	  .type = OPT_ADDRESS,
	  .name = "from",
	  .metavar = "ADDRESS",
	  .help = "as if sent from this address",
	  .offset = offsetof(struct args, from) },
	{ .style = STYLE_KEYWORD,
	  .type = OPT_INTERFACE,
	  .name = "iif",
	  .metavar = "IF",
	  .help = "as if it had come in there, to be forwarded",
	  .offset = offsetof(struct args, iif) },
	{ .style = STYLE_KEYWORD,
	  .type = OPT_INTERFACE,
	  .name = "oif",
	  .metavar = "IF",
	  .help = "as if bound to this interface",
	  .offset = offsetof(struct args, oif) },
	{ .style = STYLE_KEYWORD,
	  .type = OPT_COUNT,
	  .name = "mark",
	  .metavar = "N",
	  .help = "as if it carried this firewall mark",
	  .offset = offsetof(struct args, mark),
	  .max = UINT32_MAX },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was asked for" },
	{ "destination", KIND_ADDRESS, "its address" },
	{ "way", KIND_TEXT, "local, link, gateway, broadcast, multicast or refused" },
	{ "interface", KIND_TEXT, "through which the packet leaves" },
	{ "gateway", KIND_ADDRESS, "the next router; null on the link itself" },
	{ "source", KIND_ADDRESS, "the address that this machine puts into the packet" },
	{ "mtu", KIND_COUNT,
	  "bytes of the largest packet: of the route if it says one, else of the interface" },
	{ "carrier", KIND_FLAG, "the interface is up and has a carrier" },
	{ "route", KIND_NONE, "the route that decided" },
	{ "route.prefix", KIND_TEXT, "which destinations it covers" },
	{ "route.type", KIND_TEXT, "unicast, local, blackhole, ..." },
	{ "route.table", KIND_TEXT, "the table it stands in" },
	{ "route.metric", KIND_COUNT, "its preference, lower wins" },
	{ "route.protocol", KIND_TEXT, "who made it: kernel, static, dhcp, ra, ..." },
	{ "route.scope", KIND_TEXT, "global, link or host" },
	{ "neighbour", KIND_NONE, "who gets the packet on the link" },
	{ "neighbour.address", KIND_ADDRESS, "the gateway, or the destination itself" },
	{ "neighbour.state", KIND_TEXT,
	  "none, incomplete, reachable, stale, delay, probe, failed, noarp, permanent" },
	{ "neighbour.mac", KIND_TEXT, "its link-layer address" },
	{ "neighbour.says", KIND_TEXT, "what the state means" },
	{ "refusal", KIND_NONE, "why there is no way, when there is none" },
	{ "refusal.code", KIND_TEXT, "the error that a program gets" },
	{ "refusal.message", KIND_TEXT, "the same in words" },
	{ NULL, KIND_NONE, NULL },
};

static const char *way_of(const struct route_decision *decision)
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

/* --- the answer --- */

static void sentence_show(struct result *result, const struct route_decision *decision)
{
	switch (decision->type) {
	case RTN_LOCAL:
		result_line(result, TONE_STRONG,
			    "{destination} is this machine: packets to it never leave it");
		return;
	case RTN_BROADCAST:
		result_line(result, TONE_STRONG,
			    "{destination} is a broadcast address on the link of {interface}");
		return;
	case RTN_MULTICAST:
		result_line(result, TONE_STRONG,
			    "{destination} is a multicast group; packets leave by {interface}");
		return;
	default:
		break;
	}
	if (decision->gateway.family == AF_UNSPEC)
		result_line(result, TONE_STRONG,
			    "{destination} is on the link of {interface}: packets go straight to it");
	else
		result_line(result, TONE_STRONG,
			    "{destination} is reached by {interface} through gateway {gateway}");
}

static void route_put(struct result *result, const struct route_decision *decision)
{
	char table[16], protocol[16], scope[16], text[ADDR_TEXT_MAX], prefix[ADDR_TEXT_MAX + 8];
	static const char *const all[] = { "0.0.0.0", "::" };
	bool ipv6 = decision->destination.family == AF_INET6;
	snprintf(prefix, sizeof prefix, "%s/%u",
		 decision->prefix_length ? addr_format(&decision->prefix, text) : all[ipv6],
		 decision->prefix_length);
	result_open(result, "route");
	result_put(result, "prefix", value_text(decision->has_match ? prefix : NULL));
	result_put(result, "type", value_text(route_type_name(decision->type)));
	result_put(result, "table", value_text(route_table_name(decision->table, table)));
	result_put(result, "metric", value_count(decision->metric));
	result_put(result, "protocol", value_text(route_protocol_name(decision->protocol, protocol)));
	result_put(result, "scope", value_text(route_scope_name(decision->scope, scope)));
	result_close(result);
}

static void because_show(struct result *result, const struct route_decision *decision)
{
	if (!decision->has_match)
		result_item(result, "because", TONE_PLAIN,
			    "table {route.table} says so (made by {route.protocol})");
	else if (!decision->prefix_length)
		result_item(
		    result, "because", TONE_PLAIN,
		    "only the default route of table {route.table} covers it (made by {route.protocol})");
	else
		result_item(result, "because", TONE_PLAIN,
			    "{route.prefix} in table {route.table} is the narrowest route that covers it "
			    "(made by {route.protocol})");
	if (decision->metric && decision->metric != UINT32_MAX)
		result_item(result, "because", TONE_PLAIN, "its metric is {route.metric}: lower ones win");
}

static enum status refusal_show(struct result *result, const struct route_decision *decision)
{
	result_open(result, "refusal");
	result_put(result, "code", value_text(decision->error.code));
	result_put(result, "message", value_text(decision->error.message));
	result_close(result);
	result_line(result, TONE_BAD, "{refusal.message}");
	if (decision->has_match) {
		route_put(result, decision);
		because_show(result, decision);
	}
	result_item(result, "error", TONE_PLAIN,
		    "{refusal.code} is what a program gets that connects or sends");
	return STATUS_BAD;
}

static void link_show(struct result *result, const struct route_decision *decision,
		      const struct link_info *link)
{
	if (decision->mtu)
		result_item(
		    result, "MTU", TONE_PLAIN,
		    "{mtu} bytes, set on the route or learned from the path; the interface would allow more");
	else
		result_item(result, "MTU", TONE_PLAIN, "{mtu} bytes, that of the interface");
	if (!link->up)
		result_item(result, "link", TONE_BAD, "{interface} is down");
	else if (!link->running)
		result_item(result, "link", TONE_BAD,
			    "{interface} has no carrier: cable, switch port or the other end");
}

/* --- the neighbour --- */

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
	char text[24];
	snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	result_open(result, "neighbour");
	result_put(result, "address", value_address(hop));
	result_put(result, "state", value_text(neighbour_state_name(state)));
	result_put(result, "mac", value_text(known ? text : NULL));
	result_put(result, "says", value_text(neighbour_state_describe(state)));
	result_close(result);
	enum tone tone = state == NUD_FAILED ? TONE_BAD : state == NUD_INCOMPLETE ? TONE_WARN : TONE_PLAIN;
	result_item(result, "neighbour", tone, "{neighbour.address} {neighbour.says}");
	if (known)
		result_item(result, "neighbour", TONE_FAINT, "its MAC address is {neighbour.mac}");
	return state != NUD_FAILED;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct route_query query = {
		.from = args->from, .iif = args->iif, .oif = args->oif, .mark = (uint32_t)args->mark
	};
	struct route_decision decision;
	if (!query.oif)
		query.oif = call->settings->interface;
	if (resolve_one(call->loop, args->host, call->settings->family, &query.destination, call->error) <
		0 ||
	    route_get(&query, &decision, call->error) < 0)
		return call->error->status;
	result_put(result, "host", value_text(args->host));
	result_put(result, "destination", value_address(&decision.destination));
	result_put(result, "way", value_text(way_of(&decision)));
	if (error_is_set(&decision.error))
		return refusal_show(result, &decision);
	struct link_info link = { .up = true, .running = true };
	(void)link_get(decision.ifindex, &link, NULL);
	result_put(result, "interface", value_text(decision.interface));
	result_put(result, "gateway", value_address(&decision.gateway));
	result_put(result, "source", value_address(&decision.source));
	result_put(result, "mtu", value_count(decision.mtu ? decision.mtu : link.mtu));
	result_put(result, "carrier", value_flag(link.up && link.running));
	route_put(result, &decision);
	sentence_show(result, &decision);
	if (decision.type != RTN_LOCAL)
		result_item(result, "source", TONE_PLAIN, "{source}");
	because_show(result, &decision);
	bool answers = neighbour_put(result, &decision);
	link_show(result, &decision, &link);
	return link.up && link.running && answers ? STATUS_OK : STATUS_BAD;
}

const struct command command_route_get = {
	.name = "route get",
	.summary = "where a packet to a host would go from here, and why",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
