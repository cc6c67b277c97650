/* The judgement over synthetic evidence: one healthy set of facts, and what each situation changes in it. */
#include "diag/evidence.h"
#include "diag/judge.h"
#include "diag/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS NS_PER_MS

static struct facts facts;
static struct diagnosis found;

static void fill_series(struct series *series, unsigned count, ns_t rtt, unsigned lost_every)
{
	memcpy(series->method, "ICMP", 5);
	series->tried = series->kernel_stamped = true;
	series->ttl = 62;
	series->count = series->sent = series->answered = series->lost = 0;
	for (unsigned i = 0; i < count; i++) {
		bool lost = lost_every && i % lost_every == lost_every - 1;
		/* A little noise, so that no two samples are equal. */
		series_add(series, i * 20 * MS, lost ? NS_NONE : rtt + (i * 7919 % 100) * 1000, false);
		series->sent++;
		*(lost ? &series->lost : &series->answered) += 1;
	}
}

static struct attempt *add_attempt(ns_t rtt, ns_t think)
{
	struct attempt *a = &facts.attempts[facts.attempt_count++];
	attempt_init(a);
	a->ending = END_OK;
	a->stage = STAGE_DONE;
	a->status = 200;
	a->began = facts.attempt_count * 300 * MS;
	a->before_connect = a->before_request = 100000;
	a->connect = a->rtt = a->min_rtt = rtt;
	a->tls = rtt + 2 * MS;
	a->tls_network = rtt;
	a->tls_server = MS;
	a->tls_client = MS;
	a->tls_round_trips = 1;
	a->request_network = rtt;
	a->server = think;
	a->server_exact = a->stamped = a->acknowledged = true;
	a->wait = rtt + think;
	a->transfer = MS;
	a->total = 3 * rtt + think + 4 * MS;
	a->segments_in = a->segments_out = 6;
	a->data_segments_in = a->data_segments_out = 3;
	a->received_bytes = 4000;
	a->rcv_mss = 1448;
	return a;
}

static void add_requests(unsigned count, ns_t rtt, ns_t think)
{
	facts.attempt_count = 0;
	for (unsigned i = 0; i < count; i++)
		add_attempt(rtt, think);
}

static void set_distance(ns_t rtt)
{
	fill_series(&facts.icmp, 100, rtt, 0);
	fill_series(&facts.closed, 30, rtt, 0);
	fill_series(&facts.service, 8, rtt, 0);
	add_requests(5, rtt, 5 * MS);
}

/* A service 20 ms away that answers after 5 ms. */
static void healthy(void)
{
	facts_init(&facts);
	facts.kind = TARGET_URL;
	facts.talk = TALK_HTTPS;
	memcpy(facts.target, "https://www.example/", 21);
	memcpy(facts.host, "www.example", 12);
	facts.port = 443;
	facts.dns.verdict = DNS_OK;
	facts.dns.program_wait = 4 * MS;
	facts.dns.timeout = 5 * NS_PER_S;
	facts.dns.resolver_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		addr_parse(i ? "192.0.2.54" : "192.0.2.53", &facts.dns.resolvers[i].addr);
		facts.dns.resolvers[i].asked = facts.dns.resolvers[i].answered = 2;
		facts.dns.resolvers[i].rtt = facts.dns.resolvers[i].path_rtt = 4 * MS;
	}
	struct path *p = &facts.paths[facts.path_count++];
	facts.primary = 0;
	addr_parse("198.51.100.7", &p->addr);
	p->addr.port = 443;
	addr_parse("192.0.2.1", &p->gateway);
	addr_parse("192.0.2.10", &p->source);
	memcpy(p->interface, "eth0", 5);
	p->routed = p->link_up = p->carrier = p->next_hop_answers = FACT_YES;
	p->tries = p->connected = 9;
	p->first_connect = 20 * MS;
	facts.closed.port = 4;
	facts.machine.counters_known = true;
	facts.machine.lateness_samples = 100;
	facts.machine.lateness_p50 = 50000;
	facts.machine.lateness_p95 = 200000;
	set_distance(20 * MS);
}

/* Nothing connects. */
static void silent(void)
{
	struct path *p = &facts.paths[0];
	facts.primary = -1;
	facts.attempt_count = 0;
	p->tries = p->silent = 6;
	p->connected = 0;
	p->first_connect = NS_NONE;
	fill_series(&facts.service, 6, 0, 1);
}

static void nobody_home(void)
{
	silent();
	fill_series(&facts.icmp, 50, 0, 1);
	fill_series(&facts.closed, 20, 0, 1);
}

static void icmp_error(uint8_t type, uint8_t code)
{
	nobody_home();
	struct path *p = &facts.paths[0];
	p->silent = 0;
	p->unreachable = p->tries;
	p->icmp_type = type;
	p->icmp_code = code;
	p->refused_after = 15 * MS;
	addr_parse("203.0.113.1", &p->icmp_from);
}

static void fail_all(enum ending ending, enum stage stage, ns_t total)
{
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		struct attempt *a = &facts.attempts[i];
		a->ending = ending;
		a->stage = stage;
		a->total = total;
		a->status = 0;
		a->server = a->transfer = NS_NONE;
		a->wait = total - 40 * MS;
		a->request_network = 20 * MS;
		memcpy(a->error, "it failed", 10);
	}
}

/* --- situations: dns --- */

static void far(void)
{
	set_distance(180 * MS);
}
static void resolver_slow(void)
{
	facts.dns.program_wait = facts.dns.resolvers[0].rtt = 900 * MS;
}
static void resolver_far(void)
{
	facts.dns.program_wait = facts.dns.resolvers[0].rtt = 190 * MS;
	facts.dns.resolvers[0].path_rtt = 185 * MS;
}
static void slow_dns_slow_server(void)
{
	resolver_slow();
	add_requests(5, 20 * MS, 300 * MS);
}
static void slow_server_slow_dns(void)
{
	facts.dns.program_wait = 300 * MS;
	add_requests(5, 20 * MS, 1800 * MS);
}
static void first_dead(void)
{
	facts.dns.dead_servers = 1;
	facts.dns.program_wait = 5004 * MS;
	facts.dns.resolvers[0].answered = 0;
	facts.dns.resolvers[0].timed_out = 2;
}
static void no_name(enum dns_verdict verdict)
{
	facts.dns.verdict = verdict;
	facts.path_count = facts.attempt_count = 0;
	facts.primary = -1;
	facts.icmp.count = facts.closed.count = facts.service.count = 0;
	facts.icmp.answered = facts.closed.answered = facts.icmp.sent = facts.closed.sent = 0;
}
static void nxdomain(void)
{
	no_name(DNS_NXDOMAIN);
}
static void nodata(void)
{
	no_name(DNS_NODATA);
}
static void servfail(void)
{
	no_name(DNS_SERVFAIL);
}
static void dns_refused(void)
{
	no_name(DNS_REFUSED);
}
static void dns_silent(void)
{
	no_name(DNS_SILENT);
}
static void dns_no_route(void)
{
	no_name(DNS_SILENT);
	facts.dns.way_known = true;
	facts.dns.way.addr = facts.dns.resolvers[0].addr;
	facts.dns.way.routed = FACT_NO;
}

/* --- client --- */

static void no_route(void)
{
	nobody_home();
	facts.paths[0].routed = FACT_NO;
	facts.paths[0].tries = facts.paths[0].silent = 0;
}
static void link_down(void)
{
	no_route();
	facts.machine.down_link = true;
	memcpy(facts.machine.down_link_name, "eth0", 5);
}
static void no_carrier(void)
{
	nobody_home();
	facts.paths[0].carrier = FACT_NO;
}
static void no_gateway(void)
{
	nobody_home();
	facts.paths[0].next_hop_answers = FACT_NO;
}
static void own_firewall(void)
{
	nobody_home();
	facts.machine.retransmit_failures = 6;
}
static void own_firewall_rejects(void)
{
	silent();
	icmp_error(3, 13);
	set_distance(20 * MS);
	facts.attempt_count = 0;
	facts.paths[0].refused_after = 100000;
	fill_series(&facts.service, 0, 0, 0);
}
static void out_of_ports(void)
{
	silent();
	facts.paths[0].silent = 0;
	facts.paths[0].local_failures = facts.paths[0].tries;
	facts.paths[0].errnum = EADDRNOTAVAIL;
}
static void clock_wrong(void)
{
	fail_all(END_TLS, STAGE_TLS, 60 * MS);
	facts.tls.certificate = CERT_NOT_YET;
	facts.tls.not_before = 1000 * NS_PER_S;
	facts.tls.not_after = 900000 * NS_PER_S;
	facts.tls.server_date = 500000 * NS_PER_S;
	facts.tls.local_date = 100 * NS_PER_S;
}
static void starved(void)
{
	facts.machine.lateness_p50 = 20 * MS;
	facts.machine.lateness_p95 = 120 * MS;
	facts.machine.pressure_known = FACT_YES;
	facts.machine.cpu_some = 90;
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		facts.attempts[i].before_request = 300 * MS;
		facts.attempts[i].total += 300 * MS;
	}
}

/* --- network --- */

static void icmp_rate_limited(void)
{
	fill_series(&facts.icmp, 100, 20 * MS, 3);
	fill_series(&facts.closed, 60, 20 * MS, 0);
}
static void icmp_filtered(void)
{
	fill_series(&facts.icmp, 100, 0, 1);
}
static void icmp_filtered_slow(void)
{
	icmp_filtered();
	fill_series(&facts.closed, 30, 0, 1);
	add_requests(5, 20 * MS, 1800 * MS);
}
static void loss(void)
{
	fill_series(&facts.icmp, 100, 20 * MS, 20);
	fill_series(&facts.closed, 40, 20 * MS, 20);
	facts.attempts[1].out_of_order = 6;
	facts.attempts[2].retransmits = 1;
}
static void loss_and_late_answer(void)
{
	loss();
	facts.attempts[3].server += 260 * MS;
	facts.attempts[3].wait += 260 * MS;
	facts.attempts[3].total += 260 * MS;
}
static void loss_and_slow_server(void)
{
	add_requests(5, 20 * MS, 1800 * MS);
	loss();
}
static void one_ping_lost(void)
{
	fill_series(&facts.icmp, 100, 20 * MS, 90);
}
static void latency(void)
{
	set_distance(600 * MS);
}
static void jitter(void)
{
	for (size_t i = 0; i < facts.icmp.count; i++)
		facts.icmp.samples[i].rtt = 20 * MS + (ns_t)(i * 7919 % 101) * MS;
	facts.icmp.samples[1].rtt = 20 * MS;
}
static void congestion(void)
{
	for (size_t i = 0; i < facts.icmp.count; i++)
		facts.icmp.samples[i].rtt = 20 * MS + (ns_t)(i < 50 ? i : 100 - i) * 4 * MS;
	for (size_t i = 0; i < facts.icmp.count; i++)
		facts.icmp.samples[i].at = (ns_t)i * 100 * MS;
}
static void transfer(ns_t time, uint64_t bytes, ns_t loaded_rtt)
{
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		struct attempt *a = &facts.attempts[i];
		a->total += time - a->transfer;
		a->transfer = time;
		a->received_bytes = bytes;
		a->data_segments_in = bytes / 1448 + 1;
	}
	for (size_t i = 50; i < facts.icmp.count; i++) {
		facts.icmp.samples[i].loaded = true;
		facts.icmp.samples[i].rtt = loaded_rtt + (ns_t)(i % 10) * 10000;
	}
}
static void bandwidth(void)
{
	transfer(3000 * MS, 400000, 70 * MS);
}
static void bufferbloat(void)
{
	transfer(3000 * MS, 400000, 900 * MS);
}
static void large_download(void)
{
	transfer(1500 * MS, 20000000, 24 * MS);
}
static void reordering(void)
{
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		facts.attempts[i].data_segments_in = 100;
		facts.attempts[i].out_of_order = 30;
	}
	facts.machine.dsack_sent = 12;
}
static void slow_start_drop(void)
{
	facts.attempts[0].data_segments_in = 100;
	facts.attempts[0].out_of_order = 30;
}
static void rejected(void)
{
	icmp_error(3, 13);
}
static void rejected_by_port_unreachable(void)
{
	icmp_error(3, 3);
}
static void unreachable(void)
{
	icmp_error(3, 1);
}
static void circles(void)
{
	icmp_error(11, 0);
}
static void filtered_ack(void)
{
	silent();
	facts.witness.watched = facts.witness.ack_probed = true;
}
static void filtered_hops(void)
{
	silent();
	facts.hops.tried = true;
	facts.hops.service = 2;
	facts.hops.other = 5;
	addr_parse("203.0.113.9", &facts.hops.service_router);
}
static void filtered_all_tcp(void)
{
	silent();
	fill_series(&facts.closed, 30, 0, 1);
}
static void ipv6_broken(void)
{
	struct path *p = &facts.paths[facts.path_count++];
	*p = facts.paths[0];
	addr_parse("2001:db8::7", &p->addr);
	p->connected = 0;
	p->tries = p->silent = 2;
}
static void pmtu(void)
{
	fail_all(END_TIMED_OUT, STAGE_WAIT, 6000 * MS);
	struct attempt *small = add_attempt(20 * MS, 5 * MS);
	small->small_mss = true;
}
static void injected_ttl(void)
{
	fail_all(END_RESET, STAGE_WAIT, 62 * MS);
	facts.witness.ttl = 62;
	facts.witness.reset_ttl = 254;
}
static void injected_soon(void)
{
	fail_all(END_RESET, STAGE_WAIT, 50 * MS);
	for (unsigned i = 0; i < facts.attempt_count; i++)
		facts.attempts[i].wait = 4 * MS;
}

/* --- server --- */

static void slow_server(void)
{
	add_requests(5, 20 * MS, 1840 * MS);
}
static void slow_server_50(void)
{
	add_requests(8, 20 * MS, 75 * MS);
}
static void late_ack(void)
{
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		facts.attempts[i].request_network = 1020 * MS;
		facts.attempts[i].wait = 1025 * MS;
		facts.attempts[i].total += 1000 * MS;
	}
}
static void refused(void)
{
	silent();
	facts.paths[0].silent = 0;
	facts.paths[0].refused = facts.paths[0].tries;
	facts.paths[0].refused_after = 20 * MS;
	fill_series(&facts.service, 6, 20 * MS, 0);
}
static void refused_by_another(void)
{
	refused();
	facts.witness.refuse_ttl = 250;
	facts.witness.closed_ttl = 62;
}
static void overflow_ack(void)
{
	filtered_ack();
	facts.witness.ack_answered = true;
}
static void overflow_hops(void)
{
	filtered_hops();
	facts.hops.service = 5;
}
static void overflow_sometimes(void)
{
	facts.paths[0].tries = 14;
	facts.paths[0].connected = 12;
	facts.paths[0].late = 5;
	facts.paths[0].silent = 2;
	fill_series(&facts.service, 14, 20 * MS, 2);
	facts.attempts[0].syn_retransmits = 1;
	facts.attempts[0].connect = 1020 * MS;
	facts.attempts[0].total += 1000 * MS;
}
static void hangs(void)
{
	fail_all(END_TIMED_OUT, STAGE_WAIT, 11000 * MS);
}
static void hangs_half_open(void)
{
	hangs();
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		facts.attempts[i].acknowledged = false;
		facts.attempts[i].retransmits = 5;
		facts.attempts[i].data_segments_in = 0;
		facts.attempts[i].sent_bytes = 300;
	}
}
static void resets(void)
{
	fail_all(END_RESET, STAGE_WAIT, 62 * MS);
	facts.witness.ttl = facts.witness.reset_ttl = 62;
}
static void closes(void)
{
	fail_all(END_PROTOCOL, STAGE_WAIT, 62 * MS);
}
static void status_503(void)
{
	for (unsigned i = 0; i < facts.attempt_count; i++)
		facts.attempts[i].status = 503;
}
static void status_404_of_our_path(void)
{
	facts.kind = TARGET_SERVICE;
	for (unsigned i = 0; i < facts.attempt_count; i++)
		facts.attempts[i].status = 404;
}
static void expired(void)
{
	fail_all(END_TLS, STAGE_TLS, 60 * MS);
	facts.tls.certificate = CERT_EXPIRED;
	memcpy(facts.tls.text, "it expired", 11);
}
static void slow_tls(void)
{
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		facts.attempts[i].tls_server = 700 * MS;
		facts.attempts[i].tls += 699 * MS;
		facts.attempts[i].total += 699 * MS;
	}
}
static void pauses(void)
{
	transfer(2000 * MS, 40000, 20 * MS);
	for (unsigned i = 0; i < facts.attempt_count; i++) {
		struct attempt *a = &facts.attempts[i];
		a->data_segments_in = 60;
		a->gaps = 10;
		a->gap_time = a->gap_lossless = 1900 * MS;
		a->longest_gap = 200 * MS;
	}
}
static void one_slow_answer(void)
{
	struct attempt *a = &facts.attempts[3];
	a->server = 1500 * MS;
	a->wait = 1520 * MS;
	a->total += 1495 * MS;
}
static void one_failure(void)
{
	facts.attempts[2].ending = END_RESET;
	facts.attempts[2].stage = STAGE_WAIT;
	facts.attempts[2].server = NS_NONE;
}
static void nothing_known(void)
{
	nobody_home();
	facts.paths[0].tries = facts.paths[0].silent = 0;
	facts.interrupted = true;
}

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
