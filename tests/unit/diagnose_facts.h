/* A healthy set of facts, and ways to spoil it. */
#ifndef DIAGNOSE_FACTS_H
#define DIAGNOSE_FACTS_H

#include "diag/evidence.h"
#include "diag/judge.h"
#include "diag/ledger.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

#endif
