/* The judgement over synthetic evidence: one healthy set of facts, and what each situation changes in it. */
#include "diagnose_situations.h"

#include <setjmp.h>

#include <cmocka.h>

static const struct situation {
	const char *name;
	void (*change)(void);
	const char *cause, *also;
} situations[] = {
	{ "all is well", NULL, "healthy", NULL },
	{ "far away", far, "healthy", NULL },
	{ "far resolver", resolver_far, "healthy", NULL },
	{ "ICMP rate-limited", icmp_rate_limited, "healthy", NULL },
	{ "ICMP filtered", icmp_filtered, "healthy", NULL },
	{ "one ping lost", one_ping_lost, "healthy", NULL },
	{ "large download", large_download, "healthy", NULL },
	{ "drop in slow start", slow_start_drop, "healthy", NULL },
	{ "404 of a path of ours", status_404_of_our_path, "healthy", NULL },
	{ "slow resolver", resolver_slow, "dns.resolver-slow", NULL },
	{ "slow DNS outweighs", slow_dns_slow_server, "dns.resolver-slow", "server.slow-response" },
	{ "slow server outweighs", slow_server_slow_dns, "server.slow-response", "dns.resolver-slow" },
	{ "dead first resolver", first_dead, "dns.first-resolver-dead", NULL },
	{ "NXDOMAIN", nxdomain, "dns.nxdomain", NULL },
	{ "no address", nodata, "dns.nxdomain", NULL },
	{ "SERVFAIL", servfail, "dns.servfail", NULL },
	{ "REFUSED", dns_refused, "dns.refused", NULL },
	{ "no name server", dns_silent, "dns.resolver-unreachable", NULL },
	{ "no route to the name server", dns_no_route, "client.no-route", "dns.resolver-unreachable" },
	{ "no route", no_route, "client.no-route", NULL },
	{ "link down", link_down, "client.link-down", NULL },
	{ "no carrier", no_carrier, "client.link-down", NULL },
	{ "no gateway", no_gateway, "client.gateway-unreachable", NULL },
	{ "own firewall drops", own_firewall, "client.firewall", NULL },
	{ "own firewall rejects", own_firewall_rejects, "client.firewall", NULL },
	{ "out of ports", out_of_ports, "client.port-exhaustion", NULL },
	{ "clock wrong", clock_wrong, "client.clock-skew", "server.tls-certificate" },
	{ "starved", starved, "client.starved", NULL },
	{ "loss", loss, "network.loss", NULL },
	{ "loss makes an answer late", loss_and_late_answer, "network.loss", NULL },
	{ "loss beside a slow server", loss_and_slow_server, "server.slow-response", "network.loss" },
	{ "very far", latency, "network.latency", NULL },
	{ "jitter", jitter, "network.jitter", NULL },
	{ "congestion", congestion, "network.congestion", NULL },
	{ "narrow link", bandwidth, "network.bandwidth", NULL },
	{ "bufferbloat", bufferbloat, "network.bufferbloat", "network.bandwidth" },
	{ "reordering", reordering, "network.reordering", NULL },
	{ "rejected", rejected, "network.rejected", NULL },
	{ "rejected by port unreachable", rejected_by_port_unreachable, "network.rejected", NULL },
	{ "refused by a middlebox", refused_by_another, "network.rejected", NULL },
	{ "unreachable", unreachable, "network.unreachable", NULL },
	{ "silence everywhere", nobody_home, "network.unreachable", NULL },
	{ "routing loop", circles, "network.routing-loop", NULL },
	{ "filter, by stray ACK", filtered_ack, "network.filtered", NULL },
	{ "filter, by hops", filtered_hops, "network.filtered", NULL },
	{ "filter for all but ICMP", filtered_all_tcp, "network.filtered", NULL },
	{ "broken IPv6", ipv6_broken, "network.ipv6-broken", NULL },
	{ "MTU black hole", pmtu, "network.pmtu-blackhole", NULL },
	{ "forged reset, by TTL", injected_ttl, "network.reset-injected", NULL },
	{ "forged reset, by time", injected_soon, "network.reset-injected", NULL },
	{ "reset, the request's moment unknown", reset_learned_late, "server.reset", NULL },
	{ "slow server", slow_server, "server.slow-response", NULL },
	{ "slow server by 75 ms", slow_server_50, "server.slow-response", NULL },
	{ "slow server behind filtered ICMP", icmp_filtered_slow, "server.slow-response", NULL },
	{ "host too busy to acknowledge", late_ack, "server.slow-response", NULL },
	{ "refused", refused, "server.refused", NULL },
	{ "full queue, by stray ACK", overflow_ack, "server.listen-overflow", NULL },
	{ "full queue, by hops", overflow_hops, "server.listen-overflow", NULL },
	{ "queue full now and then", overflow_sometimes, "server.listen-overflow", NULL },
	{ "queue full at the last ACK", hangs_half_open, "server.listen-overflow", NULL },
	{ "server hangs", hangs, "server.not-responding", NULL },
	{ "server resets", resets, "server.reset", NULL },
	{ "server closes", closes, "server.reset", NULL },
	{ "503", status_503, "server.http-error", NULL },
	{ "expired certificate", expired, "server.tls-certificate", NULL },
	{ "slow TLS", slow_tls, "server.slow-tls", NULL },
	{ "slow transfer", pauses, "server.slow-transfer", NULL },
	{ "one slow answer", one_slow_answer, "server.flapping", NULL },
	{ "one failure", one_failure, "server.flapping", NULL },
	{ "ended early", nothing_known, "unknown", NULL },
};

static bool is_also(const char *cause)
{
	for (int i = 0; i < found.also_count; i++)
		if (!strcmp(found.also[i].cause, cause))
			return true;
	return false;
}

static void check_verdict(const char *name, const struct verdict *verdict)
{
	bool healthy_or_unknown = verdict->class_ == CLASS_HEALTHY || verdict->class_ == CLASS_UNKNOWN;
	if (!verdict->summary[0] || verdict->confidence < 0 || verdict->confidence > 1 ||
	    (!healthy_or_unknown && (!verdict->evidence_count || !verdict->next_count || !verdict->where[0])))
		fail_msg("%s: %s is not complete: '%s'", name, verdict->cause, verdict->summary);
}

static void each_situation(void **state)
{
	(void)state;
	unsigned wrong = 0;
	for (size_t i = 0; i < sizeof situations / sizeof *situations; i++) {
		const struct situation *s = &situations[i];
		healthy();
		if (s->change)
			s->change();
		memset(&found, 0, sizeof found);
		judge(&facts, &found);
		check_verdict(s->name, &found.verdict);
		assert_int_equal(ledger_parts(&found.ledger), found.ledger.total);
		if (strcmp(found.verdict.cause, s->cause) || (s->also && !is_also(s->also))) {
			print_message("%s: %s (%s), not %s%s%s\n", s->name, found.verdict.cause,
				      found.verdict.summary, s->cause, s->also ? " and also " : "",
				      s->also ? s->also : "");
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static ns_t random_time(void)
{
	switch (rand() % 6) {
	case 0:
		return NS_NONE;
	case 1:
		return 0;
	case 2:
		return -(rand() % 1000000);
	default:
		return (ns_t)rand() * (rand() % 8);
	}
}

static void random_attempt(struct attempt *a)
{
	attempt_init(a);
	a->ending = (enum ending)(rand() % (END_PROTOCOL + 1));
	a->stage = (enum stage)(rand() % (STAGE_DONE + 1));
	a->reused = rand() % 5 == 0;
	a->small_mss = rand() % 7 == 0;
	a->cut = rand() % 9 == 0;
	ns_t *times[] = { &a->total,
			  &a->before_connect,
			  &a->connect,
			  &a->rtt,
			  &a->tls,
			  &a->tls_network,
			  &a->tls_server,
			  &a->tls_client,
			  &a->before_request,
			  &a->request_network,
			  &a->server,
			  &a->wait,
			  &a->transfer,
			  &a->gap_time,
			  &a->gap_lossless,
			  &a->min_rtt };
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		*times[i] = random_time();
	a->gap_time = a->gap_time < 0 ? 0 : a->gap_time;
	a->gap_lossless = a->gap_lossless < 0 ? 0 : a->gap_lossless;
	a->gaps = (uint64_t)(rand() % 12);
	a->syn_retransmits = (uint64_t)(rand() % 2);
	a->retransmits = (uint64_t)(rand() % 3);
	a->server_exact = rand() % 2;
	a->acknowledged = rand() % 2;
}

/* Whatever was measured, every millisecond is given to somebody, once. */
static void ledger_adds_up(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 20000; round++) {
		healthy();
		facts.dns.program_wait = random_time();
		facts.attempt_count = (unsigned)(rand() % 6);
		for (unsigned i = 0; i < facts.attempt_count; i++)
			random_attempt(&facts.attempts[i]);
		facts.icmp.count = (size_t)(rand() % 30);
		memset(&found, 0, sizeof found);
		judge(&facts, &found);
		const struct ledger *l = &found.ledger;
		const ns_t parts[] = { l->dns,
				       l->tcp,
				       l->tls_network,
				       l->tls_server,
				       l->request_network,
				       l->server,
				       l->transfer_network,
				       l->transfer_server,
				       l->client,
				       l->stall };
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
			assert_true(parts[i] >= 0);
		assert_int_equal(ledger_parts(l), l->total);
	}
}

static void loss_lowers_confidence(void **state)
{
	(void)state;
	healthy();
	slow_server();
	memset(&found, 0, sizeof found);
	judge(&facts, &found);
	double sure = found.verdict.confidence;
	facts.attempt_count = 1;
	memset(&found, 0, sizeof found);
	judge(&facts, &found);
	assert_true(found.verdict.confidence < sure);
	healthy();
	slow_server();
	loss();
	memset(&found, 0, sizeof found);
	judge(&facts, &found);
	assert_true(found.verdict.confidence < sure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_situation),
		cmocka_unit_test(ledger_adds_up),
		cmocka_unit_test(loss_lowers_confidence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
