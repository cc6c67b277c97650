/* This machine's links, addresses, routes, gateways and name servers. */
#include "diag/host.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool carries_default(const struct host_facts *host, const struct host_link *link)
{
	for (unsigned i = 0; i < host->gateway_count; i++)
		if (host->gateways[i].index == link->index)
			return true;
	return false;
}

static unsigned running_links(const struct host_facts *host)
{
	unsigned running = 0;
	for (unsigned i = 0; i < host->link_count; i++)
		running += host->links[i].running && host->links[i].addressed;
	return running;
}

/* A link that is meant to carry packets and does not: one with an address, or with a default route. A bridge whose members are all gone
 * (containers that ended) is nobody's loss. */
static const struct host_link *down_link(const struct host_facts *host)
{
	const struct host_link *found = NULL;
	for (unsigned i = 0; i < host->link_count; i++) {
		const struct host_link *link = &host->links[i];
		bool meant =
		    carries_default(host, link) || (link->global && strcmp(link->kind, "bridge") != 0);
		bool fails = link->health == IFACE_BAD || !link->up;
		/* Without any link that works, one that is switched off or dead explains it, address or not. */
		if (link->running || !(meant || !running_links(host)) || !fails)
			continue;
		if (!found || (carries_default(host, link) && !carries_default(host, found)) ||
		    (link->global && !found->global))
			found = link;
	}
	return found;
}

static enum finding judge_link_down(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_link *link = down_link(host);
	if (!link && host->loopback_down) {
		verdict_where(verdict, "lo");
		verdict_evidence(verdict, "loopback", value_text("down"), value_text("up"), 1,
				 "lo is switched off: 127.0.0.1 and ::1 do not answer");
		verdict_next(verdict, "ip link set lo up");
		return verdict_found(
		    verdict, 2 * NS_PER_S, 0.97,
		    "the loopback interface is switched off: programs of this machine cannot talk "
		    "to each other");
	}
	if (!link)
		return verdict_clean(verdict, "links that are up and carry packets: %u", running_links(host));
	/* A link that goes down takes its routes along: without any default route left it is the reason. */
	bool fatal = carries_default(host, link) || !running_links(host) || !host->gateway_count;
	/* Beside links that work, one that somebody switched off was meant to be off. */
	if (!fatal && !link->up)
		return NOT_TESTED;
	verdict_where(verdict, "%s", link->name);
	verdict_evidence(verdict, "link_state", value_text(link->up ? "no carrier" : "down"),
			 value_text("up"), 1, "%s %s", link->name, link->up ? link->says : "is switched off");
	if (carries_default(host, link))
		verdict_evidence(verdict, "default_route", value_none(), value_none(), 0.9,
				 "a default route leads out of %s", link->name);
	verdict_next(verdict, "ntsh iface info %s", link->name);
	if (!link->up)
		verdict_next(verdict, "ip link set %s up", link->name);
	return verdict_found(
	    verdict, fatal ? NS_NEVER : NS_PER_S, fatal ? 0.97 : 0.8,
	    link->up ? "the link %s is up, but carries nothing" : "the link %s is switched off", link->name);
}

static enum finding judge_link_errors(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_link *worst = NULL;
	for (unsigned i = 0; i < host->link_count; i++) {
		const struct host_link *link = &host->links[i];
		if (link->running && (link->errors >= 3 || link->carrier_changes >= 2) &&
		    (!worst || link->errors > worst->errors))
			worst = link;
	}
	if (!worst)
		return host->link_count ? verdict_clean(verdict, "no link counted errors in %s",
							say_time(host->interval).text)
					: NOT_TESTED;
	verdict_where(verdict, "%s", worst->name);
	verdict_evidence(verdict, "link_errors", value_count(worst->errors), value_count(0), 1, "%s %s",
			 worst->name, worst->says);
	verdict_next(verdict, "ntsh iface stats %s --for 10s", worst->name);
	bool wired = !strcmp(worst->kind, "physical");
	if (wired)
		verdict_next(verdict, "check cable, optics and duplex of %s", worst->name);
	return verdict_found(verdict, 2 * NS_PER_S, 0.9,
			     !worst->errors ? "the link %s comes and goes"
			     : wired        ? "the link %s damages frames"
					    : "the link %s gets packets that it cannot take",
			     worst->name);
}

static enum finding no_link(struct verdict *verdict)
{
	verdict_evidence(verdict, "interfaces", value_count(0), value_none(), 1,
			 "there is no interface but the loopback");
	verdict_next(verdict, "ntsh netns   (is this the namespace that you meant?)");
	return verdict_found(verdict, NS_NEVER, 0.95, "this machine has no link to any network");
}

static enum finding judge_no_route(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_way *way4 = &host->way4, *way6 = &host->way6;
	bool out = way4->out == FACT_YES || way6->out == FACT_YES;
	if (down_link(host))
		return NOT_TESTED; /* a dead link takes its routes along */
	verdict_where(verdict, "this machine");
	if (!host->link_count)
		return no_link(verdict);
	if (way4->out == FACT_UNKNOWN && way6->out == FACT_UNKNOWN)
		return NOT_TESTED;
	/* IPv6 without a way out beside IPv4 costs nothing: programs are told at once, and take IPv4. */
	if (out && (way4->out == FACT_YES || !way4->addressed))
		return verdict_clean(verdict, "the kernel has a way out of the own links");
	if (way4->out == FACT_NO)
		verdict_evidence(verdict, "route", value_none(), value_none(), 1, "IPv4: %s", way4->refusal);
	if (way6->out == FACT_NO)
		verdict_evidence(verdict, "route6", value_none(), value_none(), 0.7, "IPv6: %s",
				 way6->refusal);
	verdict_next(verdict, "ntsh route");
	verdict_next(verdict, "ip route add default via GATEWAY   (or ask DHCP again)");
	if (out)
		return verdict_found(verdict, 3 * NS_PER_S, 0.75,
				     "IPv4 has no default route: only IPv6 leads out of the own links");
	return verdict_found(verdict, NS_NEVER, 0.87,
			     "there is no default route: only the networks on its own links can be reached");
}

/* Two default routes of one family with the same metric: the kernel takes the one that was added first, and who adds one does not know
 * which that is. (IPv6 joins them to one with several hops, and uses both.) */
static enum finding judge_two_defaults(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	char one[ADDR_TEXT_MAX], two[ADDR_TEXT_MAX];
	if (host->routes_known != FACT_YES || !host->gateway_count)
		return NOT_TESTED;
	for (unsigned i = 0; i < host->gateway_count; i++)
		for (unsigned j = i + 1; j < host->gateway_count; j++) {
			const struct host_gateway *a = &host->gateways[i], *b = &host->gateways[j];
			if (a->family != b->family || a->family != AF_INET || a->route == b->route ||
			    a->metric != b->metric)
				continue;
			verdict_where(verdict, "table main");
			verdict_evidence(verdict, "default_routes", value_count(2), value_count(1), 1,
					 "one leads to %s on %s, the other to %s on %s, both with metric %u",
					 addr_format(&a->addr, one), a->interface, addr_format(&b->addr, two),
					 b->interface, a->metric);
			verdict_next(verdict, "ntsh route check");
			verdict_next(verdict,
				     "ip route del default via %s dev %s   (or give it a metric of its own)",
				     two, b->interface);
			return verdict_found(
			    verdict, 3 * NS_PER_S, 0.85,
			    "there are two default routes with the same metric: which one counts is chance");
		}
	return verdict_clean(verdict, "no two default routes contradict each other");
}

static const struct host_gateway *dead_gateway(const struct host_facts *host)
{
	const struct host_gateway *dead = NULL;
	for (unsigned i = 0; i < host->gateway_count; i++) {
		const struct host_gateway *gateway = &host->gateways[i];
		if (gateway->neighbour == FACT_NO && (!dead || gateway->metric < dead->metric))
			dead = gateway;
	}
	return dead;
}

/* Another gateway that does the dead one's work: of its family, at least as preferred; or the one for the other family. */
static const struct host_gateway *other_way(const struct host_facts *host, const struct host_gateway *dead,
					    bool same_family)
{
	for (unsigned i = 0; i < host->gateway_count; i++) {
		const struct host_gateway *gateway = &host->gateways[i];
		if (gateway != dead && (gateway->family == dead->family) == same_family &&
		    gateway->neighbour == FACT_YES && (!same_family || gateway->metric <= dead->metric))
			return gateway;
	}
	return NULL;
}

static enum finding judge_gateway(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_gateway *dead = dead_gateway(host);
	char text[ADDR_TEXT_MAX], other_text[ADDR_TEXT_MAX];
	if (!host->gateway_count || down_link(host))
		return NOT_TESTED;
	if (!dead) {
		for (unsigned i = 0; i < host->gateway_count; i++)
			if (host->gateways[i].neighbour == FACT_YES)
				return verdict_clean(verdict, "the gateway %s answers on its link",
						     addr_format(&host->gateways[i].addr, text));
		return NOT_TESTED;
	}
	addr_format(&dead->addr, text);
	verdict_where(verdict, "%s on %s", text, dead->interface);
	verdict_evidence(verdict, "neighbour", value_text("FAILED"), value_text("REACHABLE"), 1,
			 "%s gets no answer from the gateway %s on %s",
			 dead->family == AF_INET6 ? "neighbour discovery" : "ARP", text, dead->interface);
	const struct host_gateway *reserve = other_way(host, dead, true),
				  *other = other_way(host, dead, false);
	if (reserve)
		verdict_evidence(verdict, "other_gateway", value_none(), value_none(), 0.5,
				 "the gateway %s works: part of the traffic, or the reserve, is lost",
				 addr_format(&reserve->addr, other_text));
	else if (other)
		verdict_evidence(verdict, "other_family", value_none(), value_none(), 0.5,
				 "the gateway %s works: only %s is cut off",
				 addr_format(&other->addr, other_text),
				 dead->family == AF_INET6 ? "IPv6" : "IPv4");
	verdict_next(verdict, "ntsh neigh %s", dead->interface);
	verdict_next(verdict, "is the gateway switched on, in the same VLAN, and is its address right?");
	/* Programs try the other family after a quarter of a second (RFC 8305), when a name has both; IPv4 alone has most. */
	ns_t cost = reserve ? 3 * NS_PER_S : other && dead->family == AF_INET6 ? NS_PER_S : NS_NEVER;
	const char *rest = reserve || !other          ? ""
			   : dead->family == AF_INET6 ? ": IPv6 fails, IPv4 works"
						      : ": IPv4 fails";
	return verdict_found(verdict, cost, 0.96, "the gateway %s does not answer on %s%s", text,
			     dead->interface, rest);
}

static enum finding judge_duplicate_address(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	char text[ADDR_TEXT_MAX], mac[3 * IFACE_MAC_MAX];
	if (host->twin_count) {
		const struct host_twin *twin = &host->twins[0];
		addr_format(&twin->addr, text);
		verdict_where(verdict, "%s on %s", text, twin->interface);
		verdict_evidence(verdict, "owner", value_none(), value_none(), 1,
				 twin->mac_known ? "%s answers ARP for %s, which is ours"
						 : "%sduplicate address detection found %s in use (RFC 4862)",
				 twin->mac_known ? iface_mac(twin->mac, 6, mac) : "", text);
		verdict_next(verdict, "ntsh neigh --probe %s   (who is it?)", twin->interface);
		verdict_next(verdict, "take the address from one of the two, or give it out by DHCP");
		/* What breaks behind it (names, connections) is its work. */
		return verdict_found(verdict, NS_NEVER, 0.97,
				     "another machine has the address %s, too: connections break at random",
				     text);
	}
	for (unsigned i = 0; i < host->gateway_count; i++) {
		const struct host_gateway *gateway = &host->gateways[i];
		if (gateway->owners < 2)
			continue;
		addr_format(&gateway->addr, text);
		verdict_where(verdict, "%s on %s", text, gateway->interface);
		verdict_evidence(verdict, "owners", value_count(gateway->owners), value_count(1), 1,
				 "%u machines answer ARP for the gateway %s", gateway->owners, text);
		verdict_next(verdict, "ntsh neigh --probe %s   (who are they?)", gateway->interface);
		return verdict_found(verdict, 10 * NS_PER_S, 0.8,
				     "two machines claim to be the gateway %s (unless it is a cluster that "
				     "does so on purpose)",
				     text);
	}
	return host->arp_asked ? verdict_clean(verdict, "nobody else answers for our addresses") : NOT_TESTED;
}

enum { MINIMUM_MTU6 = 1280 }; /* RFC 8200 5 */

static enum finding judge_mtu(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	bool tested = false;
	char text[ADDR_TEXT_MAX];
	for (unsigned i = 0; i < host->gateway_count; i++) {
		const struct host_gateway *gateway = &host->gateways[i];
		if (gateway->answered < 3 || gateway->big_sent < 2)
			continue;
		tested = true;
		if (gateway->big_answered)
			continue;
		addr_format(&gateway->addr, text);
		verdict_where(verdict, "%s", gateway->interface);
		verdict_evidence(verdict, "large_packets", value_count(0), value_count(gateway->big_sent), 1,
				 "of %u packets of %u bytes to the gateway %s none was answered",
				 gateway->big_sent, gateway->big_bytes, text);
		verdict_evidence(verdict, "small_packets", value_count(gateway->answered),
				 value_count(gateway->sent), 0.9, "of %u small ones %u were", gateway->sent,
				 gateway->answered);
		verdict_next(verdict, "ntsh iface info %s", gateway->interface);
		verdict_next(verdict,
			     "ip link set %s mtu 1500   (or what the other machines of that link have)",
			     gateway->interface);
		return verdict_found(verdict, 10 * NS_PER_S, 0.88,
				     "the MTU of %s is %u, but the link does not carry packets of that size",
				     gateway->interface, gateway->mtu);
	}
	for (unsigned i = 0; i < host->link_count; i++) {
		const struct host_link *link = &host->links[i];
		if (!link->running || link->mtu >= MINIMUM_MTU6 || !carries_default(host, link))
			continue;
		verdict_where(verdict, "%s", link->name);
		verdict_evidence(
		    verdict, "mtu", value_count(link->mtu), value_count(MINIMUM_MTU6), 1,
		    "the MTU of %s is %u: below 1280 there is no IPv6, and tunnels and DNS suffer",
		    link->name, link->mtu);
		verdict_next(verdict,
			     "ip link set %s mtu 1500   (or what the other machines of that link have)",
			     link->name);
		return verdict_found(verdict, 2 * NS_PER_S, 0.8, "the MTU of %s is only %u", link->name,
				     link->mtu);
	}
	return tested ? verdict_clean(verdict, "the gateway answers packets of the full MTU") : NOT_TESTED;
}

/* --- name servers --- */

static enum finding judge_resolver(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	char text[ADDR_TEXT_MAX];
	unsigned answered = 0;
	for (unsigned i = 0; i < host->resolver_count; i++)
		answered += host->resolvers[i].outcome == DNS_ANSWERED;
	if (!host->resolver_count)
		return NOT_TESTED;
	const struct host_resolver *first = &host->resolvers[0];
	addr_format(&first->addr, text);
	if (answered)
		return answered == host->resolver_count || first->outcome == DNS_ANSWERED
			   ? verdict_clean(verdict, "the name server %s answers", text)
			   : NOT_TESTED;
	verdict_where(verdict, "%s", text);
	if (host->resolver_missing)
		verdict_evidence(verdict, "resolv_conf", value_none(), value_none(), 1,
				 "resolv.conf names no server, so that programs ask 127.0.0.1");
	for (unsigned i = 0; i < host->resolver_count; i++) {
		addr_format(&host->resolvers[i].addr, text);
		verdict_evidence(verdict, "resolver", value_none(), value_none(), 0.9, "%s: %s", text,
				 host->resolvers[i].error);
	}
	verdict_next(verdict, "ntsh diagnose dns NAME");
	return verdict_found(verdict, NS_NEVER, host->resolver_missing ? 0.95 : 0.9,
			     host->resolver_missing
				 ? "no name server is configured: names cannot be looked up"
				 : "no name server of resolv.conf answers: names cannot be looked up");
}

static enum finding judge_first_resolver(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	char text[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	if (host->resolver_count < 2)
		return NOT_TESTED;
	const struct host_resolver *first = &host->resolvers[0], *next = NULL;
	for (unsigned i = 1; i < host->resolver_count && !next; i++)
		next = host->resolvers[i].outcome == DNS_ANSWERED ? &host->resolvers[i] : NULL;
	if (first->outcome == DNS_ANSWERED || !next)
		return NOT_TESTED;
	addr_format(&first->addr, text);
	verdict_where(verdict, "%s", text);
	verdict_evidence(verdict, "resolver", value_none(), value_none(), 1, "%s: %s", text, first->error);
	verdict_evidence(verdict, "next_resolver", value_time(next->rtt), value_none(), 0.6, "%s answers",
			 addr_format(&next->addr, other));
	verdict_next(verdict, "ntsh diagnose dns NAME");
	return verdict_found(verdict, 5 * NS_PER_S, 0.93,
			     "the first name server %s does not answer: every look-up waits for it first",
			     text);
}

const struct rule rules_host[] = {
	{ "client.link-down", CLASS_CLIENT, AT_MACHINE, "IFF_UP, carrier (rtnetlink(7))", judge_link_down },
	{ "client.no-route", CLASS_CLIENT, AT_MACHINE, "RTM_GETROUTE of table main", judge_no_route },
	{ "client.duplicate-default-route", CLASS_CLIENT, AT_MACHINE, "ip-route(8): metric",
	  judge_two_defaults },
	{ "client.gateway-unreachable", CLASS_CLIENT, AT_LINK, "RFC 826, RFC 4861; SIGNALS 22",
	  judge_gateway },
	{ "client.duplicate-address", CLASS_CLIENT, AT_LINK, "RFC 5227, RFC 4862 5.4; SIGNALS 22",
	  judge_duplicate_address },
	{ "client.link-errors", CLASS_CLIENT, AT_LINK, "SIGNALS 49", judge_link_errors },
	{ "client.mtu", CLASS_CLIENT, AT_LINK, "RFC 1122 3.3.2, RFC 4821", judge_mtu },
	{ "dns.resolver-unreachable", CLASS_DNS, AT_NAME, "resolv.conf(5)", judge_resolver },
	{ "dns.first-resolver-dead", CLASS_DNS, AT_NAME, "resolv.conf(5); SIGNALS 39", judge_first_resolver },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
