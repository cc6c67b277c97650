/* The judgement on this machine: every cause from its facts alone, its healthy twin, and old counters that are no fault. */
#include "diag/host.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct host_facts facts;
static struct host_diagnosis found;

static struct addr addr4(uint8_t last)
{
	return (struct addr){ .family = AF_INET, .bytes = { 192, 0, 2, last } };
}

/* A machine with one link, a gateway, a name server, some connections. */
static void machine(void)
{
	facts = (struct host_facts){ .interval = 2 * NS_PER_S,
				     .link_count = 1,
				     .gateway_count = 1,
				     .resolver_count = 1,
				     .routes_known = FACT_YES,
				     .arp_asked = true,
				     .received = 5000,
				     .sent = 5000 };
	facts.links[0] = (struct host_link){ .name = "eth0",
					     .kind = "physical",
					     .index = 2,
					     .addressed = true,
					     .global = true,
					     .up = true,
					     .running = true,
					     .mtu = 1500 };
	facts.gateways[0] = (struct host_gateway){ .family = AF_INET,
						   .addr = addr4(1),
						   .index = 2,
						   .interface = "eth0",
						   .mtu = 1500,
						   .hops = 1,
						   .neighbour = FACT_YES,
						   .sent = 5,
						   .answered = 5,
						   .big_sent = 3,
						   .big_answered = 3,
						   .big_bytes = 1500,
						   .rtt = NS_PER_MS,
						   .owners = 1 };
	facts.resolvers[0] = (struct host_resolver){
		.addr = addr4(53), .asked = true, .outcome = DNS_ANSWERED, .rtt = NS_PER_MS
	};
	facts.way4 = (struct host_way){ .addressed = true, .out = FACT_YES };
	facts.way6 = (struct host_way){ .out = FACT_NO };
	facts.moves.known = true;
	facts.sockets = (struct host_sockets){ .known = true, .established = 100, .ports = 28232 };
	facts.machine = (struct host_machine){ .pressure_known = FACT_YES,
					       .cpu_some = 5,
					       .lateness_samples = 80,
					       .lateness_p50 = 60 * NS_PER_US,
					       .lateness_p95 = NS_PER_MS,
					       .tcp_pages = 100,
					       .tcp_pages_pressure = 10000,
					       .tcp_pages_max = 20000,
					       .clock_synchronised = FACT_YES };
}

static void expect(const char *cause)
{
	host_judge(&facts, &found);
	if (strcmp(found.diagnosis.verdict.cause, cause))
		fail_msg("%s: %s, not %s", found.diagnosis.verdict.cause, found.diagnosis.verdict.summary,
			 cause);
	if (!strcmp(cause, "healthy"))
		assert_int_equal(found.diagnosis.also_count, 0);
	else if (strcmp(cause, "unknown"))
		assert_true(found.diagnosis.verdict.evidence_count > 0 &&
			    found.diagnosis.verdict.next_count > 0);
}

static bool remarked(const char *word)
{
	for (int i = 0; i < found.remark_count; i++)
		if (strstr(found.remarks[i], word))
			return true;
	return false;
}

static void loss(enum loss_place place, const char *name, const char *where, bool outgoing, uint64_t delta)
{
	struct host_loss *out = &facts.losses[facts.loss_count++];
	*out = (struct host_loss){ .delta = delta };
	out->counter = (struct loss_counter){
		.place = place, .outgoing = outgoing, .means = "it is lost", .value = delta
	};
	snprintf(out->counter.name, sizeof out->counter.name, "%s", name);
	snprintf(out->counter.where, sizeof out->counter.where, "%s", where);
}

static void healthy(void **state)
{
	(void)state;
	machine();
	expect("healthy");
	assert_int_equal(found.remark_count, 0);
	assert_true(found.diagnosis.verdict.ruled_out_count >= 15);
	/* what happened long ago, and what is hidden, is a remark */
	facts.moves.old_listen_overflows = 1074974;
	facts.links[0].fails_old = true;
	snprintf(facts.links[0].old, sizeof facts.links[0].old, "counted 5000 errors since boot: cable");
	facts.old_losses = 1000000;
	facts.rules_hidden = true;
	facts.machine.clock_synchronised = FACT_NO;
	facts.gateways[0].answered = facts.gateways[0].big_answered = 0; /* many do not answer ping */
	expect("healthy");
	assert_true(remarked("1074974") && remarked("5000 errors") && remarked("firewall") &&
		    remarked("clock") && remarked("ping"));
	/* a second link that is switched off, one that has never had a cable, and an idle bridge are nobody's loss */
	machine();
	facts.link_count = 3;
	facts.links[1] = (struct host_link){ .name = "eth1", .kind = "physical", .index = 3 };
	facts.links[2] = (struct host_link){ .name = "docker0",
					     .kind = "bridge",
					     .index = 4,
					     .up = true,
					     .addressed = true,
					     .global = true,
					     .health = IFACE_OFF };
	expect("healthy");
	/* a trickle of drops is the daily noise */
	loss(LOSS_CARD, "rx_dropped", "eth0", false, 12);
	loss(LOSS_QDISC, "fq_codel", "eth0 0:", true, 30);
	expect("healthy");
}

static void links(void **state)
{
	(void)state;
	machine();
	facts.links[0].running = false;
	facts.links[0].health = IFACE_BAD;
	snprintf(facts.links[0].says, sizeof facts.links[0].says, "has no carrier: no cable");
	facts.gateways[0].neighbour = FACT_NO;
	facts.resolvers[0].outcome = DNS_TIMED_OUT;
	expect("client.link-down");
	assert_string_equal(found.diagnosis.verdict.where, "eth0");
	machine();
	facts.loopback_down = true;
	expect("client.link-down");
	assert_string_equal(found.diagnosis.verdict.where, "lo");
	/* switched off, and the default route went with it; another link works */
	machine();
	facts.link_count = 2;
	facts.links[1] = facts.links[0];
	facts.links[1].index = 3;
	facts.links[0].up = facts.links[0].running = false;
	facts.links[0].health = IFACE_OFF;
	facts.gateway_count = 0;
	expect("client.link-down");
	machine();
	facts.links[0].errors = 40;
	snprintf(facts.links[0].says, sizeof facts.links[0].says, "counted 40 errors just now: cable");
	expect("client.link-errors");
	machine();
	facts.gateway_count = 0;
	facts.way4.out = FACT_NO;
	expect("client.no-route");
	assert_true(found.diagnosis.verdict.cost == NS_NEVER);
	/* IPv4 alone has no way out; a machine of IPv6 only; a way by another table than main */
	facts.way6 = (struct host_way){ .addressed = true, .out = FACT_YES };
	expect("client.no-route");
	assert_true(found.diagnosis.verdict.cost < NS_NEVER);
	facts.way4.addressed = false;
	expect("healthy");
	facts.way4 = (struct host_way){ .addressed = true, .out = FACT_YES };
	expect("healthy");
	machine();
	facts.gateway_count = 2;
	facts.gateways[1] = facts.gateways[0];
	facts.gateways[1].addr = addr4(2);
	facts.gateways[1].route = 1;
	expect("client.duplicate-default-route");
	facts.gateways[1].metric = 100;
	expect("healthy");
	facts.gateways[1].metric = 0;
	facts.gateways[1].route = 0; /* two hops of one route */
	facts.gateways[0].hops = facts.gateways[1].hops = 2;
	expect("healthy");
}

static void gateways(void **state)
{
	(void)state;
	machine();
	facts.gateways[0].neighbour = FACT_NO;
	facts.gateways[0].answered = facts.gateways[0].big_answered = 0;
	facts.resolvers[0].outcome = DNS_TIMED_OUT;
	expect("client.gateway-unreachable");
	assert_true(found.diagnosis.verdict.cost == NS_NEVER);
	/* the gateway of IPv6 alone */
	machine();
	facts.gateway_count = 2;
	facts.gateways[1] = facts.gateways[0];
	facts.gateways[1].family = facts.gateways[1].addr.family = AF_INET6;
	facts.gateways[1].route = 1;
	facts.gateways[1].neighbour = FACT_NO;
	expect("client.gateway-unreachable");
	assert_true(found.diagnosis.verdict.cost < NS_NEVER);
	machine();
	facts.twin_count = 1;
	facts.twins[0] = (struct host_twin){ .addr = addr4(7), .interface = "eth0", .mac_known = true };
	expect("client.duplicate-address");
	machine();
	facts.gateways[0].owners = 2;
	expect("client.duplicate-address");
	machine();
	facts.gateways[0].big_answered = 0;
	expect("client.mtu");
	facts.gateways[0].answered = 1; /* it limits its answers */
	expect("healthy");
	facts.links[0].mtu = 600;
	expect("client.mtu");
}

static void resolvers(void **state)
{
	(void)state;
	machine();
	facts.resolvers[0].outcome = DNS_TIMED_OUT;
	expect("dns.resolver-unreachable");
	facts.resolver_count = 2;
	facts.resolvers[1] =
	    (struct host_resolver){ .addr = addr4(54), .outcome = DNS_ANSWERED, .rtt = NS_PER_MS };
	expect("dns.first-resolver-dead");
	facts.resolvers[0].outcome = DNS_ANSWERED;
	facts.resolvers[1].outcome = DNS_TIMED_OUT; /* the second one is only a reserve */
	expect("healthy");
}

static void filters(void **state)
{
	(void)state;
	machine();
	facts.resolvers[0].errnum = EPERM;
	facts.resolvers[0].outcome = DNS_FAILED;
	expect("client.firewall");
	machine();
	loss(LOSS_NETFILTER, "drop", "inet filter input, handle 4", false, 300);
	facts.losses[0].counter.wanted = true;
	expect("healthy");
	assert_true(remarked("may be its duty"));
	facts.gateways[0].answered = facts.gateways[0].big_answered = 0;
	facts.resolvers[0].outcome = DNS_TIMED_OUT;
	expect("client.firewall");
	/* rules that do not count, or that this user may not read */
	machine();
	facts.rules_hidden = true;
	facts.vanished_in = 300;
	expect("healthy");
	facts.gateways[0].answered = facts.gateways[0].big_answered = 0;
	facts.resolvers[0].outcome = DNS_TIMED_OUT;
	expect("client.firewall");
	facts.vanished_in = 0; /* nothing came: that is no firewall here */
	expect("dns.resolver-unreachable");
	machine();
	facts.vanished_out = 20;
	expect("client.firewall");
	machine();
	facts.moves.rp_filter = 50;
	expect("client.rp-filter");
	machine();
	facts.tracking_before = facts.tracking = (struct conntrack){
		.loaded = true, .has_count = true, .count = 90, .max = 100, .counters.drop = 7000
	};
	expect("healthy");
	assert_true(remarked("90 %"));
	facts.tracking.count = 97;
	expect("client.conntrack-full");
	facts.tracking.counters.drop += 5;
	expect("client.conntrack-full");
	assert_true(found.diagnosis.verdict.cost == NS_NEVER);
}

static void sockets(void **state)
{
	(void)state;
	machine();
	facts.sockets.destination_count = 1;
	facts.sockets.destinations[0] =
	    (struct host_destination){ .peer = addr4(9), .ports = 28230, .time_wait = 28000 };
	expect("client.port-exhaustion");
	facts.sockets.destinations[0].ports = 20000;
	expect("healthy");
	facts.sockets.close_wait = 400;
	facts.sockets.leak_count = 1;
	facts.sockets.leaks[0] = (struct host_leak){ .pid = 7, .command = "leaky", .count = 400 };
	expect("client.socket-leak");
	assert_non_null(strstr(found.diagnosis.verdict.where, "leaky"));
	facts.sockets.leaks[0].count = 3;
	expect("healthy");
	assert_true(remarked("leaky"));
	facts.moves.listen_overflows = 4;
	expect("server.listen-overflow");
	facts.moves.listen_overflows = 0;
	facts.sockets.listener_count = 1;
	facts.sockets.listeners[0] =
	    (struct host_listener){ .local = addr4(8), .waiting = 129, .limit = 128 };
	expect("server.listen-overflow");
	machine();
	facts.moves.cookies_sent = 900;
	facts.moves.request_cookies = 900;
	expect("server.syn-flood");
	machine();
	facts.sockets.syn_recv = 900;
	expect("server.syn-flood");
	facts.sockets.established = 5000; /* a busy server */
	expect("healthy");
}

static void buffers(void **state)
{
	(void)state;
	machine();
	loss(LOSS_SOCKET, "Udp.RcvbufErrors", "", false, 900);
	loss(LOSS_SOCKET, "drops", "UDP 0.0.0.0:514", false, 900);
	facts.losses[1].counter.hint = true;
	expect("client.drops");
	assert_string_equal(found.diagnosis.verdict.where, "UDP 0.0.0.0:514");
	machine();
	loss(LOSS_QDISC, "fq_codel", "eth0 0:", true, 3000);
	expect("client.drops");
	machine();
	facts.moves.pruned = 200;
	expect("client.memory-pressure");
	machine();
	facts.machine.tcp_pages = 15000;
	expect("client.memory-pressure");
	machine();
	facts.machine.lateness_p50 = 40 * NS_PER_MS;
	facts.machine.lateness_p95 = 120 * NS_PER_MS;
	facts.machine.cpu_some = 90;
	expect("client.starved");
	machine();
	facts.machine.time_squeeze = 5000;
	expect("client.starved");
	/* a busy machine on which we were on time all the same */
	machine();
	facts.machine.cpu_some = 95;
	facts.machine.time_squeeze = 20;
	expect("healthy");
}

static void several(void **state)
{
	(void)state;
	machine();
	facts.moves.rp_filter = 50;
	facts.links[0].errors = 40;
	facts.twin_count = 1;
	facts.twins[0] = (struct host_twin){ .addr = addr4(7), .interface = "eth0" };
	expect("client.duplicate-address");
	assert_int_equal(found.diagnosis.also_count, 2);
	facts.interrupted = true;
	machine();
	facts.interrupted = true;
	expect("unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy),   cmocka_unit_test(links),   cmocka_unit_test(gateways),
		cmocka_unit_test(resolvers), cmocka_unit_test(filters), cmocka_unit_test(sockets),
		cmocka_unit_test(buffers),   cmocka_unit_test(several),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
