/* Situations: what each changes in the healthy set of facts. */
#ifndef DIAGNOSE_SITUATIONS_H
#define DIAGNOSE_SITUATIONS_H

#include "diagnose_facts.h"

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
	facts.paths[0].icmp_from = facts.paths[0].source;
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

/* The program was not run when the request left, so the wait begins late. */
static void reset_learned_late(void)
{
	injected_soon();
	for (unsigned i = 0; i < facts.attempt_count; i++)
		facts.attempts[i].before_request = 18 * MS;
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

#endif
