#include "diag/name_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A healthy look-up of www.site.corp, which each case then breaks. */
struct world {
	struct name_facts facts;
	struct lookup_answer answer;
	struct walk_result trace;
	struct walk_zone root, zone;
	const struct walk_zone *zones[2];
	struct walk_server server, other;
	struct walk_server servers[2];
};

static uint8_t *put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

/* An answer about www.site.corp with this code; last: the address 192.0.2.LAST, 0 none. */
static struct dns_message *answer(unsigned flags, unsigned rcode, uint8_t last, uint32_t ttl)
{
	static const uint8_t name[] = "\3www\4site\4corp";
	uint8_t wire[128] = { 0x12, 0x34 }, *at = put16(wire + 2, 0x8000 | flags | rcode);
	at = put16(put16(put16(put16(at, 1), last ? 1 : 0), 0), 0);
	memcpy(at, name, sizeof name);
	at = put16(put16(at + sizeof name, 1), 1);
	if (last) {
		at = put16(put16(put16(at, 0xc00c), 1), 1);
		at = put16(put16(put16(at, ttl >> 16), ttl & 0xffff), 4);
		memcpy(at, (uint8_t[]){ 192, 0, 2, last }, 4);
		at += 4;
	}
	struct dns_message *message = dns_message_parse(wire, (size_t)(at - wire), NULL);
	assert_non_null(message);
	return message;
}

static void probe(struct world *w, int server, enum name_probe_kind kind, struct dns_message *message)
{
	struct name_probe *p = &w->facts.servers[server].probes[kind];
	dns_message_free(p->message);
	*p = (struct name_probe){ .asked = true,
				  .done = true,
				  .outcome = message ? DNS_ANSWERED : DNS_TIMED_OUT,
				  .message = message,
				  .rtt = message ? NS_PER_MS : NS_NONE };
}

static void server_well(struct world *w, int server)
{
	for (int kind = PROBE_A; kind <= PROBE_ROOT; kind++)
		if (kind != PROBE_NOWHERE)
			probe(w, server, (enum name_probe_kind)kind, answer(0x0180, 0, 80, 300));
	probe(w, server, PROBE_NOWHERE, answer(0x0180, 3, 0, 0));
	w->facts.servers[server].addr =
	    addr_from_bytes(AF_INET, (uint8_t[]){ 10, 0, 0, (uint8_t)(server + 1) });
	w->facts.servers[server].path_rtt = NS_PER_MS;
}

static void server_dead(struct world *w, int server)
{
	server_well(w, server);
	for (int kind = PROBE_A; kind <= PROBE_ROOT; kind++)
		probe(w, server, (enum name_probe_kind)kind, NULL);
	w->facts.servers[server].path_rtt = NS_NONE;
}

static void world_make(struct world *w)
{
	struct addr here = addr_from_bytes(AF_INET, (uint8_t[]){ 192, 0, 2, 80 });
	*w = (struct world){ .facts = { .asked = "www.site.corp",
					.name = "www.site.corp",
					.looked_up = true,
					.repeated = NS_NONE } };
	snprintf(w->facts.nowhere, sizeof w->facts.nowhere, "nowhere.site.corp");
	w->facts.lookup = (struct lookup_result){
		.outcome = LOOKUP_OK,
		.source = LOOKUP_DNS,
		.addr_count = 1,
		.addrs = { here },
		.conf = { .timeout = 5 * NS_PER_S, .attempts = 2, .server_count = 1, .ndots = 1 },
		.program_wait = NS_PER_MS
	};
	w->facts.server_count = 1;
	server_well(w, 0);
	w->root = (struct walk_zone){ .name = ".", .parent = -1, .good = 1, .security = WALK_SECURE };
	w->servers[0] = (struct walk_server){ .name = "ns1.site.corp.", .reply = WALK_ANSWER, .addr = here };
	w->servers[1] = (struct walk_server){ .name = "ns2.site.corp.", .reply = WALK_ANSWER, .addr = here };
	w->zone = (struct walk_zone){ .name = "site.corp.",
				      .server_count = 2,
				      .servers = w->servers,
				      .good = 2,
				      .security = WALK_SECURE };
	w->zones[0] = &w->root;
	w->zones[1] = &w->zone;
	w->trace = (struct walk_result){ .name = "www.site.corp.",
					 .type = 1,
					 .zones = w->zones,
					 .zone_count = 2,
					 .reply = WALK_ANSWER,
					 .final_name = "www.site.corp.",
					 .final_zone = 1,
					 .security = WALK_SECURE };
	w->facts.trace = &w->trace;
	w->facts.authority_known = true;
	name_addrs_add(&w->facts.authority, &here);
}

static void world_free(struct world *w)
{
	for (int i = 0; i < LOOKUP_SERVERS_MAX; i++)
		for (int k = 0; k < PROBE_KINDS; k++)
			dns_message_free(w->facts.servers[i].probes[k].message);
}

static void fails(struct world *w, enum lookup_outcome outcome)
{
	w->facts.lookup.outcome = outcome;
	w->facts.lookup.addr_count = 0;
}

/* --- the cases --- */

static void is_well(struct world *w)
{
	(void)w;
}

static void all_dead(struct world *w)
{
	server_dead(w, 0);
	fails(w, LOOKUP_NO_ANSWER);
}

static void only_its_name_server_is_dead(struct world *w)
{
	all_dead(w);
	w->facts.servers[0].path_rtt = NS_PER_MS;
}

static void first_dead(struct world *w)
{
	server_dead(w, 0);
	server_well(w, 1);
	w->facts.server_count = w->facts.lookup.conf.server_count = 2;
	w->facts.lookup.dead_servers = 1;
	w->facts.lookup.program_wait = 5 * NS_PER_S;
}

static void slow(struct world *w)
{
	w->facts.lookup.program_wait = w->facts.repeated = 700 * NS_PER_MS;
	w->facts.servers[0].probes[PROBE_A].rtt = 700 * NS_PER_MS;
}

static void slow_by_our_own_load(struct world *w)
{
	slow(w);
	w->facts.servers[0].probes[PROBE_A].rtt = NS_PER_MS;
}

static void slow_once(struct world *w)
{
	w->facts.lookup.program_wait = 700 * NS_PER_MS;
	w->facts.repeated = NS_PER_MS;
}

static void far(struct world *w)
{
	slow(w);
	w->facts.servers[0].path_rtt = 680 * NS_PER_MS;
}

static void refuses(struct world *w)
{
	probe(w, 0, PROBE_A, answer(0x0180, 5, 0, 0));
	fails(w, LOOKUP_REFUSED);
}

static void pinned(struct world *w)
{
	struct addr there = addr_from_bytes(AF_INET, (uint8_t[]){ 10, 9, 9, 9 });
	w->facts.lookup.source = LOOKUP_HOSTS;
	name_addrs_add(&w->facts.hosts, &there);
}

static void pinned_rightly(struct world *w)
{
	w->facts.lookup.source = LOOKUP_HOSTS;
	name_addrs_add(&w->facts.hosts, &w->facts.authority.addrs[0]);
}

static void does_not_exist(struct world *w)
{
	probe(w, 0, PROBE_A, answer(0x0180, 3, 0, 0));
	w->facts.authority.count = 0;
	w->trace.reply = WALK_NO_NAME;
	fails(w, LOOKUP_NXDOMAIN);
}

static void denied_from_memory(struct world *w)
{
	probe(w, 0, PROBE_A, answer(0x0180, 3, 0, 0));
	probe(w, 0, PROBE_TCP, answer(0x0180, 3, 0, 0));
	fails(w, LOOKUP_NXDOMAIN);
}

static void old_answer(struct world *w)
{
	probe(w, 0, PROBE_A, answer(0x0180, 0, 81, 250));
	probe(w, 0, PROBE_TCP, answer(0x0180, 0, 81, 250));
	probe(w, 0, PROBE_LATER, answer(0x0180, 0, 81, 248));
}

static void forged_answer(struct world *w)
{
	old_answer(w);
	probe(w, 0, PROBE_LATER, answer(0x0180, 0, 81, 250));
}

static void forged_on_the_way(struct world *w)
{
	forged_answer(w);
	probe(w, 0, PROBE_TCP, answer(0x0180, 0, 80, 300));
}

static void balanced(struct world *w)
{
	old_answer(w);
	probe(w, 0, PROBE_LATER, answer(0x0180, 0, 80, 300));
}

static void redirected(struct world *w)
{
	probe(w, 0, PROBE_NOWHERE, answer(0x0180, 0, 66, 0));
}

static void bogus(struct world *w)
{
	probe(w, 0, PROBE_A, answer(0x0180, 2, 0, 0));
	w->trace.security = WALK_BOGUS;
	snprintf(w->trace.security_says, sizeof w->trace.security_says,
		 "the signature over www.site.corp. A expired on 2020-02-01 UTC");
	fails(w, LOOKUP_SERVFAIL);
}

static void wrong_ds(struct world *w)
{
	bogus(w);
	snprintf(w->trace.security_says, sizeof w->trace.security_says,
		 "the DS at the parent (key 1) fits none of the keys of site.corp.");
}

static void bogus_in_the_resolvers_eyes(struct world *w)
{
	probe(w, 0, PROBE_A, answer(0x0180, 2, 0, 0));
	fails(w, LOOKUP_SERVFAIL);
}

static void resolver_fails(struct world *w)
{
	for (int kind = PROBE_A; kind <= PROBE_TCP; kind++)
		probe(w, 0, (enum name_probe_kind)kind, answer(0x0180, 2, 0, 0));
	fails(w, LOOKUP_SERVFAIL);
}

static void authorities_are_dead(struct world *w)
{
	resolver_fails(w);
	w->facts.authority_known = false;
	w->trace.final_zone = -1;
	w->zone.good = 0;
	w->zone.dead = 2;
	w->servers[0].reply = w->servers[1].reply = WALK_SILENT;
}

static void authorities_are_lame(struct world *w)
{
	authorities_are_dead(w);
	w->zone.dead = 0;
	w->zone.lame = 2;
	w->servers[0].reply = w->servers[1].reply = WALK_REFUSED;
}

static void one_is_lame(struct world *w)
{
	w->servers[1].reply = WALK_NOT_AUTHORITATIVE;
	w->zone.good = w->zone.lame = 1;
}

static void parent_differs(struct world *w)
{
	snprintf(w->facts.parent_ns, sizeof w->facts.parent_ns, "ns1.site.corp., ns9.site.corp.");
	snprintf(w->facts.child_ns, sizeof w->facts.child_ns, "ns1.site.corp., ns2.site.corp.");
}

static void servers_differ(struct world *w)
{
	snprintf(w->zone.differs, sizeof w->zone.differs, "192.0.2.1 and 192.0.2.2 give different records");
}

static void aaaa_is_dropped(struct world *w)
{
	probe(w, 0, PROBE_AAAA, NULL);
	w->facts.authority_aaaa = WALK_ANSWER;
	w->facts.lookup.program_wait = 15 * NS_PER_S;
}

static void tcp_is_dropped(struct world *w)
{
	probe(w, 0, PROBE_A, NULL);
	w->facts.servers[0].probes[PROBE_A].truncated = true;
	probe(w, 0, PROBE_TCP, NULL);
	fails(w, LOOKUP_NO_ANSWER);
}

static void large_is_lost(struct world *w)
{
	probe(w, 0, PROBE_LARGE, NULL);
	w->facts.servers[0].probes[PROBE_PLAIN].truncated = true;
}

static const struct {
	void (*breaks)(struct world *w);
	const char *cause;
	enum dns_party party;
	bool fatal;
} cases[] = {
	{ is_well, "healthy", PARTY_NONE, false },
	{ slow_once, "healthy", PARTY_NONE, false },
	{ slow_by_our_own_load, "healthy", PARTY_NONE, false },
	{ far, "healthy", PARTY_NONE, false },
	{ pinned_rightly, "healthy", PARTY_NONE, false },
	{ balanced, "healthy", PARTY_NONE, false },
	{ all_dead, "dns.resolver-unreachable", PARTY_NETWORK, true },
	{ only_its_name_server_is_dead, "dns.resolver-unreachable", PARTY_RESOLVER, true },
	{ first_dead, "dns.first-resolver-dead", PARTY_NETWORK, false },
	{ slow, "dns.resolver-slow", PARTY_RESOLVER, false },
	{ refuses, "dns.refused", PARTY_RESOLVER, true },
	{ pinned, "dns.hosts-file", PARTY_HOST, true },
	{ does_not_exist, "dns.nxdomain", PARTY_OWNER, true },
	{ denied_from_memory, "dns.nxdomain", PARTY_RESOLVER, true },
	{ old_answer, "dns.stale-cache", PARTY_RESOLVER, false },
	{ forged_answer, "dns.hijacked", PARTY_RESOLVER, true },
	{ forged_on_the_way, "dns.hijacked", PARTY_NETWORK, true },
	{ redirected, "dns.hijacked", PARTY_RESOLVER, false },
	{ bogus, "dns.dnssec-bogus", PARTY_OWNER, true },
	{ wrong_ds, "dns.dnssec-bogus", PARTY_PARENT, true },
	{ bogus_in_the_resolvers_eyes, "dns.dnssec-bogus", PARTY_RESOLVER, true },
	{ resolver_fails, "dns.servfail", PARTY_RESOLVER, true },
	{ authorities_are_dead, "dns.servfail", PARTY_OWNER, true },
	{ authorities_are_lame, "dns.lame-delegation", PARTY_OWNER, true },
	{ one_is_lame, "dns.lame-delegation", PARTY_OWNER, false },
	{ parent_differs, "dns.delegation-mismatch", PARTY_PARENT, false },
	{ servers_differ, "dns.inconsistent-answers", PARTY_OWNER, false },
	{ aaaa_is_dropped, "dns.aaaa-broken", PARTY_NETWORK, false },
	{ tcp_is_dropped, "dns.tcp-blocked", PARTY_NETWORK, true },
	{ large_is_lost, "dns.large-answers-lost", PARTY_NETWORK, false },
};

static void test_causes(void **state)
{
	(void)state;
	struct world *w = calloc(1, sizeof *w);
	struct dns_diagnosis *found = calloc(1, sizeof *found);
	assert_non_null(w);
	assert_non_null(found);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		world_make(w);
		cases[i].breaks(w);
		memset(found, 0, sizeof *found);
		name_judge(&w->facts, found);
		const struct verdict *verdict = &found->diagnosis.verdict;
		if (strcmp(verdict->cause, cases[i].cause) != 0)
			fail_msg("case %zu: %s instead of %s: %s", i, verdict->cause, cases[i].cause,
				 verdict->summary);
		if (found->party != cases[i].party)
			fail_msg("case %zu (%s): %s is to act", i, cases[i].cause,
				 dns_party_name(found->party));
		assert_int_equal(verdict->cost == NS_NEVER, cases[i].fatal);
		assert_true(verdict->summary[0] && verdict->confidence > 0.5);
		world_free(w);
	}
	free(found);
	free(w);
}

static void test_addresses(void **state)
{
	(void)state;
	struct name_addrs a = { .count = 0 }, b = { .count = 0 };
	char text[64];
	assert_string_equal(name_addrs_text(&a, text, sizeof text), "nothing");
	for (int i = 0; i < 9; i++) {
		struct addr up = addr_from_bytes(AF_INET, (uint8_t[]){ 192, 0, 2, (uint8_t)i });
		struct addr down = addr_from_bytes(AF_INET, (uint8_t[]){ 192, 0, 2, (uint8_t)(8 - i) });
		name_addrs_add(&a, &up);
		name_addrs_add(&b, &down);
		name_addrs_add(&b, &down);
	}
	assert_true(name_addrs_equal(&a, &b));
	assert_int_equal(b.count, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_addresses), cmocka_unit_test(test_causes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
