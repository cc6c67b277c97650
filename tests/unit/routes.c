/* Routes without a kernel: address blocks, messages cut anywhere, rules against packets, words and numbers. */
#include "net/routes_read.h"
#include "ntsh/route.h"
#include "sys/netlink.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	assert_int_equal(prefix_parse(text, AF_UNSPEC, &prefix), 0);
	return prefix;
}

static void prefixes(void **state)
{
	(void)state;
	char text[PREFIX_TEXT_MAX];
	static const char *const good[][2] = {
		{ "10.1.2.3/8", "10.0.0.0/8" },
		{ "192.0.2.7", "192.0.2.7/32" },
		{ "2001:db8::1/33", "2001:db8::/33" },
		{ "default", "0.0.0.0/0" },
		{ "10.255.255.255/31", "10.255.255.254/31" },
		{ "::/0", "::/0" },
	};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct prefix prefix = prefix_of(good[i][0]);
		assert_string_equal(prefix_format(&prefix, text), good[i][1]);
	}
	static const char *const bad[] = { "10.0.0.0/33", "::/129",      "10/8",        "",     "/8",
					   "10.0.0.0/",   "10.0.0.0/-1", "10.0.0.0/8x", "route" };
	struct prefix prefix;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(prefix_parse(bad[i], AF_UNSPEC, &prefix), -1);
	assert_int_equal(prefix_parse("10.0.0.0/8", AF_INET6, &prefix), -1);
	struct prefix outer = prefix_of("10.64.0.0/10"), inner = prefix_of("10.127.0.0/16");
	assert_true(prefix_holds(&outer, &inner));
	assert_false(prefix_holds(&inner, &outer));
	inner = prefix_of("10.128.0.0/16");
	assert_false(prefix_holds(&outer, &inner));
	outer = prefix_of("::/0");
	assert_false(prefix_holds(&outer, &inner));
}

/* Corpus of the fuzzer: what a kernel really sent. */
static struct nlmsghdr *message_of(const char *name)
{
	static _Alignas(8) uint8_t bytes[4096];
	char path[256];
	snprintf(path, sizeof path, "tests/fuzz/corpus/netlink_route/%s", name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_true(fread(bytes, 1, sizeof bytes, file) > NLMSG_HDRLEN);
	fclose(file);
	return (struct nlmsghdr *)bytes;
}

static void messages(void **state)
{
	(void)state;
	static struct route_hops hops;
	struct route route;
	assert_true(route_read(message_of("multipath"), &route, &hops));
	assert_int_equal(route.hop_count, 2);
	assert_int_equal(route.hops[0].weight, 3);
	assert_int_equal(route.hops[1].flags, RTNH_F_ONLINK);
	assert_true(route_read(message_of("via_inet6_metrics"), &route, &hops));
	assert_int_equal(route.hops[0].gateway.family, AF_INET6);
	assert_int_equal(route.mtu, 1300);
	assert_true(route.mtu_locked);
	assert_int_equal(route.initcwnd, 20);
	assert_true(route_read(message_of("route_nhid"), &route, &hops));
	assert_int_equal(route.nexthop_id, 9);
	assert_true(route_read(message_of("route6_expires"), &route, &hops));
	assert_true(route.expires > 0 && route.expires <= 500);
	static struct nexthop nexthop;
	assert_true(nexthop_read(message_of("nexthop_group"), &nexthop));
	assert_true(nexthop.group);
	assert_int_equal(nexthop.member_count, 2);
	assert_int_equal(nexthop.members[0].weight, 2);
}

static void cut_messages(void **state)
{
	(void)state;
	static struct route_hops hops;
	static const char *const names[] = { "multipath", "via_inet6_metrics", "multipath6" };
	for (size_t i = 0; i < 3; i++) {
		uint32_t length = message_of(names[i])->nlmsg_len;
		for (uint32_t cut = NLMSG_HDRLEN; cut < length; cut++) {
			struct nlmsghdr *copy = malloc(cut);
			struct route route;
			memcpy(copy, message_of(names[i]), cut);
			copy->nlmsg_len = cut;
			if (route_read(copy, &route, &hops))
				assert_true(route.hop_count <= 2);
			free(copy);
		}
	}
}

static void rules(void **state)
{
	(void)state;
	struct route_rule rule;
	char text[256], action[64];
	assert_true(rule_read(message_of("rule_mark_iif"), &rule));
	assert_string_equal(rule_selector_format(&rule, text),
			    "from 10.0.0.0/8 to 192.0.2.0/25 fwmark 0x5/0xff iif v0");
	struct rule_packet packet = { .iif = "v0", .mark = 0x105 };
	packet.from = prefix_of("10.9.9.9").addr;
	packet.to = prefix_of("192.0.2.127").addr;
	assert_true(rule_matches(&rule, &packet));
	packet.mark = 0x106;
	assert_false(rule_matches(&rule, &packet));
	packet.mark = 5;
	packet.to = prefix_of("192.0.2.128").addr;
	assert_false(rule_matches(&rule, &packet));
	packet.to = prefix_of("192.0.2.1").addr;
	packet.iif = NULL;
	assert_false(rule_matches(&rule, &packet));
	assert_true(rule_read(message_of("rule_uid_ports"), &rule));
	assert_string_equal(rule_selector_format(&rule, text),
			    "not from all uidrange 5-99 ipproto 6 sport 5 dport 80-90");
	assert_string_equal(rule_action_format(&rule, action), "lookup main suppress_prefixlength 0");
	packet = (struct rule_packet){ .to = packet.to,
				       .uid = 7,
				       .has_uid = true,
				       .ip_protocol = 6,
				       .source_port = 5,
				       .target_port = 90 };
	assert_false(rule_matches(&rule, &packet)); /* inverted */
	packet.target_port = 91;
	assert_true(rule_matches(&rule, &packet));
}

static void words(void **state)
{
	(void)state;
	char text[512];
	static struct route_hops hops;
	struct route route;
	assert_true(route_read(message_of("multipath"), &route, &hops));
	route_words(&route, text, sizeof text);
	assert_non_null(strstr(text, "10.1.0.0/16 nexthop via 192.0.2.1"));
	uint32_t table;
	int number;
	assert_int_equal(route_table_number("main", &table), 0);
	assert_int_equal(table, RT_TABLE_MAIN);
	assert_int_equal(route_table_number("4294967295", &table), 0);
	assert_int_equal(route_table_number("mian", &table), -1);
	assert_int_equal(route_protocol_number("dhcp", &number), 0);
	assert_int_equal(number, RTPROT_DHCP);
	assert_int_equal(route_protocol_number("256", &number), -1);
	assert_int_equal(route_scope_number("link", &number), 0);
	assert_int_equal(number, RT_SCOPE_LINK);
	assert_int_equal(route_type_number("blackhole", &number), 0);
	assert_int_equal(number, RTN_BLACKHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes), cmocka_unit_test(messages), cmocka_unit_test(cut_messages),
		cmocka_unit_test(rules),    cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
