/* rtnetlink answers: bytes of messages, one after the other, through every reader. */
#include "net/route_read.h"
#include "net/routes_read.h"
#include "sys/netlink.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was read can be shown. */
static void show_all(const struct nlmsghdr *message)
{
	static struct route_hops hops;
	static struct nexthop nexthop;
	struct route route;
	struct route_rule rule;
	char text[512], flags[96], action[64];
	if (route_read(message, &route, &hops)) {
		if (route.hop_count > ROUTE_HOPS_MAX || route.destination.length > 128)
			abort();
		route_words(&route, text, sizeof text);
		route_flags_format(route.hop_count ? route.hops[0].flags : 0, route.flags, flags);
	}
	if (rule_read(message, &rule)) {
		struct rule_packet packet = { .to = { .family = rule.family } };
		(void)rule_matches(&rule, &packet);
		rule_selector_format(&rule, text);
		rule_action_format(&rule, action);
	}
	if (nexthop_read(message, &nexthop) && nexthop.member_count > 64)
		abort();
}

static void read_all(const struct nlmsghdr *message)
{
	show_all(message);
	for (int family = 0; family < 2; family++) {
		struct route_decision decision = { .destination = { .family = family ? AF_INET6 : AF_INET } };
		struct link_info link = { 0 };
		struct neighbour_entry neighbour = { 0 };
		route_read_decision(message, &decision);
		route_read_match(message, &decision);
		decision.type = RTN_UNICAST;
		route_read_cover(message, &decision);
		route_read_link(message, &link);
		route_read_neighbour(message, &neighbour);
		if (decision.prefix_length > 128 || strlen(link.name) >= sizeof link.name)
			abort();
	}
	const struct nlattr *table[4], *inner[4];
	if (netlink_attributes(message, 4, table, 3))
		netlink_nested(table[1], inner, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own size, aligned: the address sanitizer sees each step beyond the end. */
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	const uint8_t *at = bytes;
	const struct nlmsghdr *message;
	while ((message = netlink_message_next(&at, &size)))
		read_all(message);
	free(bytes);
	return 0;
}
