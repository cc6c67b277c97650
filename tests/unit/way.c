/* The rules of diagnose route over facts that no network was needed for: each cause, and the healthy twin of all. */
#include "diag/way.h"
#include "diag/rank.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/ip_icmp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct way_facts facts;
static struct way_path *path;
static struct diagnosis found;

static void healthy(const struct matter *matter, struct verdict *out)
{
	(void)matter;
	verdict_healthy(out);
}

static int begin(void **state)
{
	(void)state;
	static const struct addr host = { .family = AF_INET, .bytes = { 10, 0, 3, 2 } };
	static const struct addr gateway = { .family = AF_INET, .bytes = { 10, 0, 1, 2 } };
	static const struct addr source = { .family = AF_INET, .bytes = { 10, 0, 1, 1 } };
	memset(&facts, 0, sizeof facts);
	facts.host = "10.0.3.2";
	facts.path_count = 1;
	path = &facts.paths[0];
	path->addr = host;
	path->next_hop = gateway;
	path->neighbour = NUD_REACHABLE;
	path->link_known = true;
	path->link.up = path->link.running = true;
	path->link.mtu = 1500;
	struct route_decision *decision = &path->explained.decision;
	decision->destination = host;
	decision->gateway = gateway;
	decision->source = source;
	decision->type = RTN_UNICAST;
	decision->table = RT_TABLE_MAIN;
	decision->ifindex = 2;
	snprintf(decision->interface, sizeof decision->interface, "eth0");
	path->icmp = path->tcp = (struct way_series){ .sent = 12, .answered = 12, .least = NS_PER_MS };
	path->large = (struct way_series){ .sent = 4, .answered = 4, .least = NS_PER_MS };
	path->large_bytes = 1500;
	return 0;
}

static void silent(void)
{
	path->icmp.answered = path->tcp.answered = path->large.answered = 0;
}

static void expect_cause(const char *cause)
{
	static const struct rule *const tables[] = { rules_way, rules_way_path };
	struct matter matter = { .way = &facts };
	memset(&found, 0, sizeof found);
	rank(&matter, tables, 2, healthy, &found);
	assert_string_equal(found.verdict.cause, cause);
}

static void nothing_is_wrong(void **state)
{
	(void)state;
	expect_cause("healthy");
	assert_true(found.verdict.ruled_out_count >= 8);
	assert_int_equal(found.also_count, 0);
	/* A filtered port, or a host that answers no pings, is none of the way's business. */
	path->tcp.answered = 0;
	expect_cause("healthy");
	path->tcp.answered = 12;
	path->icmp.answered = path->large.answered = 0;
	expect_cause("healthy");
}

static void this_machine(void **state)
{
	(void)state;
	silent();
	path->link.running = false;
	expect_cause("client.link-down");
	begin(NULL);
	silent();
	path->icmp.refused = 12;
	path->icmp.errnum = EPERM;
	expect_cause("client.firewall");
	begin(NULL);
	silent();
	path->neighbour = NUD_FAILED;
	expect_cause("client.gateway-unreachable");
	/* A standby would work, but nobody switches to it. */
	snprintf(path->elsewhere_by, sizeof path->elsewhere_by, "eth1");
	path->elsewhere = (struct way_series){ .sent = 4, .answered = 4 };
	path->standby = true;
	expect_cause("client.gateway-unreachable");
	path->standby = false;
	expect_cause("client.wrong-route");
	path->equal_default = true;
	expect_cause("client.duplicate-default-route");
	begin(NULL);
	silent();
	path->explained.back.known = true;
	path->explained.back.rp_filter = 1;
	path->rp_drops = 12;
	expect_cause("client.rp-filter");
	begin(NULL);
	path->explained.decision.error.status = STATUS_BAD;
	path->icmp.sent = path->tcp.sent = path->large.sent = 0;
	silent();
	expect_cause("client.no-route");
}

static void the_network(void **state)
{
	(void)state;
	static const struct addr router = { .family = AF_INET, .bytes = { 10, 0, 2, 2 } };
	silent();
	expect_cause("network.filtered");
	path->icmp.errors = 3;
	path->icmp.icmp_from = router;
	path->icmp.icmp_type = ICMP_DEST_UNREACH;
	path->icmp.icmp_code = ICMP_PKT_FILTERED;
	expect_cause("network.rejected");
	assert_string_equal(found.verdict.where, "10.0.2.2");
	path->icmp.icmp_code = ICMP_HOST_UNREACH;
	expect_cause("network.unreachable");
	path->icmp.icmp_type = ICMP_TIME_EXCEEDED;
	path->icmp.icmp_code = 0;
	expect_cause("network.routing-loop");
	begin(NULL);
	path->large.answered = 0;
	expect_cause("network.pmtu-blackhole");
	path->large.too_big = true;
	expect_cause("healthy");
	begin(NULL);
	path->icmp.answered = path->tcp.answered = 8;
	expect_cause("network.loss");
	begin(NULL);
	path->on_link = true;
	path->large.answered = 0;
	expect_cause("client.mtu");
	begin(NULL);
	facts.path_count = 2;
	facts.paths[1] = facts.paths[0];
	facts.paths[1].addr.family = AF_INET6;
	facts.paths[1].icmp.answered = facts.paths[1].tcp.answered = 0;
	expect_cause("network.ipv6-broken");
	assert_true(found.verdict.cost == 250 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_is_wrong, begin),
		cmocka_unit_test_setup(this_machine, begin),
		cmocka_unit_test_setup(the_network, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
