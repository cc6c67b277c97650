/* The judgements of route check that need all routes. */
#include "net/route_check_parts.h"

#include "ntsh/route.h"
#include "ntsh/route_explain.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- defaults --- */

static bool same_table(const struct check_default *a, const struct check_default *b)
{
	return a->family == b->family && a->table == b->table && a->tos == b->tos;
}

static void default_pair(struct check *check, const struct check_default *a, const struct check_default *b)
{
	char name[16];
	const char *table = route_table_name(a->table, name);
	bool advertised = a->protocol == RTPROT_RA && b->protocol == RTPROT_RA;
	if (a->metric == b->metric && advertised)
		check_report(check, ROUTE_NOTE, "duplicate-default", b->words, NULL,
			     "two routers advertise themselves with the same preference: the kernel takes "
			     "one that answers");
	else if (a->metric == b->metric)
		check_report(
		    check, ROUTE_BAD, "duplicate-default", b->words,
		    "remove one of them, or give it a higher metric (route del, route add ... metric N)",
		    "table %s has a second default route with metric %u (%s): the first one takes "
		    "everything, "
		    "and which is first depends on the order in which they were added",
		    table, a->metric, a->words);
	else if (a->ifindex != b->ifindex)
		check_report(check, ROUTE_NOTE, "standby-default",
			     a->metric < b->metric ? b->words : a->words, NULL,
			     "it only counts when %s goes away or its interface goes down: a gateway that "
			     "merely stops "
			     "answering does not switch over",
			     a->metric < b->metric ? a->words : b->words);
}

void check_defaults(struct check *check)
{
	bool any[2] = { false, false };
	for (size_t i = 0; i < check->default_count; i++) {
		const struct check_default *one = &check->defaults[i];
		any[one->family == AF_INET6] |= one->table == RT_TABLE_MAIN;
		for (size_t j = 0; j < i; j++)
			if (same_table(&check->defaults[j], one))
				default_pair(check, &check->defaults[j], one);
	}
	if (!any[0] && !any[1])
		check_report(check, ROUTE_NOTE, "no-default", "table main", NULL,
			     "there is no default route: only what the other routes cover can be reached");
}

/* --- gateways --- */

static bool is_own(const struct check *check, const struct addr *addr)
{
	for (size_t i = 0; i < check->ifaces.address_count; i++) {
		struct addr own = check->ifaces.addresses[i].addr;
		own.zone = addr->zone;
		if (addr_equal(&own, addr))
			return true;
	}
	return false;
}

/* On the link of its interface, by the kernel's own decision? */
static bool is_on_link(const struct check_gateway *gateway)
{
	struct route_query query = { .destination = gateway->addr,
				     .oif = routes_interface(gateway->ifindex) };
	struct route_decision decision;
	if (route_get(&query, &decision, NULL) < 0)
		return true;
	return !error_is_set(&decision.error) && decision.gateway.family == AF_UNSPEC;
}

void check_gateways(struct check *check)
{
	for (size_t i = 0; i < check->gateway_count; i++) {
		const struct check_gateway *gateway = &check->gateways[i];
		const struct iface *iface = iface_by_index(&check->ifaces, gateway->ifindex);
		char text[ADDR_TEXT_MAX];
		uint8_t mac[6];
		uint16_t state = 0;
		addr_format(&gateway->addr, text);
		if (!iface || !iface_is_running(iface))
			continue; /* said already: dead next hop */
		if (is_own(check, &gateway->addr)) {
			check_report(check, ROUTE_BAD, "gateway-is-self", gateway->words,
				     "name the router instead",
				     "the gateway %s is an address of this machine", text);
		} else if (neighbour_get(&gateway->addr, gateway->ifindex, &state, mac, NULL) == 0 &&
			   (state == NUD_FAILED || state == NUD_INCOMPLETE)) {
			check_report(check, ROUTE_BAD, "dead-gateway", gateway->words,
				     "is it the right address and interface, is the router up? (ntsh neigh, "
				     "ntsh ping)",
				     "the gateway %s does not answer on %s: %llu route%s lead%s nowhere",
				     text, iface->name, (unsigned long long)gateway->routes,
				     gateway->routes == 1 ? "" : "s", gateway->routes == 1 ? "s" : "");
		} else if (!gateway->onlink && !is_on_link(gateway)) {
			check_report(check, ROUTE_BAD, "gateway-off-link", gateway->words,
				     "give the interface an address of the gateway's network, or say onlink",
				     "the gateway %s is not on the link of %s: no connected route covers it",
				     text, iface->name);
		}
	}
}

/* --- shadowed --- */

static int prefix_compare(const void *left, const void *right)
{
	const struct check_prefix *a = left, *b = right;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	int bytes = memcmp(a->bytes, b->bytes, sizeof a->bytes);
	return bytes ? bytes : (int)a->length - (int)b->length;
}

static bool prefix_there(const struct check *check, const struct check_prefix *wanted)
{
	return bsearch(wanted, check->prefixes, check->prefix_count, sizeof *wanted, prefix_compare) != NULL;
}

/* Both halves of it have routes of their own: nothing is left for it. */
void check_shadowed(struct check *check)
{
	if (check->prefix_count)
		qsort(check->prefixes, check->prefix_count, sizeof *check->prefixes, prefix_compare);
	for (size_t i = 0; i < check->prefix_count; i++) {
		const struct check_prefix *whole = &check->prefixes[i];
		struct check_prefix half = *whole;
		if (whole->type == RTN_THROW || whole->length >= (whole->family == AF_INET ? 32 : 128) ||
		    (i && prefix_compare(whole, whole - 1) == 0))
			continue;
		half.length++;
		if (!prefix_there(check, &half))
			continue;
		half.bytes[whole->length / 8] |= (uint8_t)(0x80 >> whole->length % 8);
		if (!prefix_there(check, &half))
			continue;
		struct prefix prefix = { .addr = addr_from_bytes(whole->family, whole->bytes),
					 .length = whole->length };
		char text[PREFIX_TEXT_MAX], name[16];
		check_report(check, ROUTE_NOTE, "shadowed", prefix_format(&prefix, text), NULL,
			     "it is never used in table %s: both halves of it have routes of their own%s",
			     route_table_name(whole->table, name),
			     whole->length ? "" : " (VPN clients take all traffic that way)");
	}
}

/* --- the way back --- */

/* An address outside that the default route of the family covers. */
static bool outside(sa_family_t family, struct route_query *query)
{
	static const char *const addresses[] = { "203.0.113.77", "198.51.100.77", "192.0.2.77",
						 "2001:db8:ffff::77", "2001:db9:ffff::77" };
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct route_decision decision;
		*query = (struct route_query){ 0 };
		if (addr_parse(addresses[i], &query->destination) == 0 &&
		    query->destination.family == family && route_get(query, &decision, NULL) == 0 &&
		    !error_is_set(&decision.error) && decision.has_match && !decision.prefix_length)
			return true;
	}
	return false;
}

static void way_back(struct check *check, const struct check_default *one,
		     const struct iface_address *address)
{
	struct route_query query;
	struct route_decision decision;
	char text[ADDR_TEXT_MAX], todo[256], gateway[ADDR_TEXT_MAX];
	const char *name = routes_interface(one->ifindex);
	if (address->index != one->ifindex || address->addr.family != one->family ||
	    addr_is_link_local(&address->addr) || addr_is_loopback(&address->addr) ||
	    !outside(one->family, &query))
		return;
	query.from = address->addr;
	if (route_get(&query, &decision, NULL) < 0 || error_is_set(&decision.error) ||
	    decision.ifindex == one->ifindex)
		return;
	addr_format(&address->addr, text);
	snprintf(todo, sizeof todo,
		 "ip route add default via %s dev %s table 100; ip rule add from %s lookup 100",
		 addr_format(&one->gateway, gateway), name, text);
	check_report(
	    check, ROUTE_WARN, "way-back", text, todo,
	    "who reaches %s by %s from outside is answered by %s: routers and firewalls on the way drop such "
	    "answers",
	    text, name, decision.interface);
	if (one->family == AF_INET && route_rp_filter(name) == 1)
		check_report(
		    check, ROUTE_BAD, "rp-filter", name,
		    "the rule above, or net.ipv4.conf.IF.rp_filter = 2 (loose)",
		    "rp_filter is strict on %s: packets from outside that come in there are dropped, as "
		    "the way back leads by %s",
		    name, decision.interface);
}

void check_ways_back(struct check *check)
{
	for (size_t i = 0; i < check->default_count; i++) {
		bool first = check->defaults[i].ifindex > 0;
		for (size_t j = 0; j < i && first; j++)
			first = check->defaults[j].ifindex != check->defaults[i].ifindex ||
				check->defaults[j].family != check->defaults[i].family;
		for (size_t j = 0; first && j < check->ifaces.address_count; j++)
			way_back(check, &check->defaults[i], &check->ifaces.addresses[j]);
	}
}
