/* diagnose dns: is the answer not the zone's? */
#include "diag/name_rules.h"

#include "diag/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TYPE_SOA = 6, EDE_FORGED = 4, EDE_BLOCKED = 15, EDE_FILTERED = 17 };

const struct walk_zone *name_last_zone(const struct name_facts *facts)
{
	const struct walk_result *trace = facts->trace;
	if (!trace || !trace->zone_count)
		return NULL;
	if (trace->final_zone >= 0)
		return trace->zones[trace->final_zone];
	for (size_t i = trace->zone_count; i-- > 0;)
		if (!trace->zones[i]->aside)
			return trace->zones[i];
	return NULL;
}

static uint32_t least_ttl(const struct dns_message *message)
{
	uint32_t least = UINT32_MAX;
	for (size_t i = 0; i < message->counts[DNS_ANSWER]; i++)
		if (message->records[DNS_ANSWER][i].ttl < least)
			least = message->records[DNS_ANSWER][i].ttl;
	return least;
}

static const struct dns_record *soa_of(const struct dns_message *message)
{
	for (int section = DNS_ANSWER; section <= DNS_AUTHORITY; section++)
		for (size_t i = 0; i < message->counts[section]; i++)
			if (message->records[section][i].type == TYPE_SOA)
				return &message->records[section][i];
	return NULL;
}

/* Primary, mail address and serial of a SOA. */
static bool soa_parts(const struct dns_message *message, const struct dns_record *soa, char names[600],
		      unsigned long *serial)
{
	char text[1200], mname[300], rname[300];
	if (!soa)
		return false;
	dns_record_text(message, soa, text, sizeof text);
	char *first = strchr(text, ' '), *second = first ? strchr(first + 1, ' ') : NULL;
	if (!second)
		return false;
	snprintf(mname, sizeof mname, "%.*s", (int)(first - text), text);
	snprintf(rname, sizeof rname, "%.*s", (int)(second - first - 1), first + 1);
	snprintf(names, 600, "%s %s", mname, rname);
	*serial = strtoul(second + 1, NULL, 10);
	return true;
}

static bool is_private(const struct addr *addr)
{
	const uint8_t *b = addr->bytes;
	if (addr->family == AF_INET6)
		return (b[0] & 0xfe) == 0xfc;
	return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168);
}

/* Everything that the resolver says is inside, nothing that the authority says. */
static bool leads_inside(const struct name_facts *facts, int server)
{
	struct name_addrs here;
	name_addrs_of(facts->servers[server].probes[PROBE_A].message, facts->trace->type, &here);
	for (size_t i = 0; i < here.count; i++)
		if (!is_private(&here.addrs[i]))
			return false;
	for (size_t i = 0; i < facts->authority.count; i++)
		if (is_private(&facts->authority.addrs[i]))
			return false;
	return here.count && facts->authority.count;
}

/* The resolver names another apex, another primary or a later serial than the authority does: it has a version of its own. */
static bool has_own_zone(const struct name_facts *facts, int server)
{
	const struct name_probe *probe = &facts->servers[server].probes[PROBE_SOA];
	const struct walk_zone *zone = name_last_zone(facts);
	char mine[600], theirs[600];
	unsigned long my_serial, their_serial;
	if (!name_answered(probe) || !zone)
		return false;
	const struct dns_record *soa = soa_of(probe->message);
	if (!soa)
		return false;
	if (strcasecmp(soa->name, zone->name) != 0 || probe->message->aa)
		return true;
	if (!facts->authority_soa ||
	    !soa_parts(facts->authority_soa, soa_of(facts->authority_soa), mine, &my_serial) ||
	    !soa_parts(probe->message, soa, theirs, &their_serial))
		return false;
	return strcasecmp(mine, theirs) != 0 || their_serial > my_serial;
}

static bool same_as_authority(const struct name_facts *facts, const struct name_probe *probe)
{
	struct name_addrs here;
	if (!name_answered(probe))
		return false;
	name_addrs_of(probe->message, facts->trace->type, &here);
	return name_addrs_equal(&here, &facts->authority);
}

/* The zone's servers contradict each other, and one of them says the same. */
static bool same_as_another_authority(const struct name_facts *facts, const struct name_probe *probe)
{
	const struct walk_zone *zone = name_last_zone(facts);
	struct name_addrs here, there;
	name_addrs_of(probe->message, facts->trace->type, &here);
	for (size_t i = 0; zone && i < zone->server_count; i++) {
		if (zone->servers[i].reply != WALK_ANSWER || !zone->servers[i].message)
			continue;
		name_addrs_of(zone->servers[i].message, facts->trace->type, &there);
		if (here.count && name_addrs_equal(&here, &there))
			return true;
	}
	return false;
}

enum name_difference name_difference(const struct name_facts *facts, int server)
{
	const struct name_probe *probes = facts->servers[server].probes;
	const struct name_probe *first = &probes[PROBE_A], *later = &probes[PROBE_LATER];
	if (!facts->authority_known || !name_answered(first) || same_as_authority(facts, first) ||
	    (first->message->rcode != 0 && first->message->rcode != 3) ||
	    same_as_another_authority(facts, first))
		return DIFFERENCE_NONE;
	bool denied = first->message->rcode == 3 || !first->message->counts[DNS_ANSWER];
	/* Its cache was renewed meanwhile; or the zone's servers balance, and each question gets another answer. */
	if (same_as_authority(facts, later))
		return denied ? DIFFERENCE_DENIED : DIFFERENCE_NONE;
	if (same_as_authority(facts, &probes[PROBE_TCP]) && facts->authority.count && name_answered(later))
		return DIFFERENCE_ON_WIRE;
	if (has_own_zone(facts, server))
		return DIFFERENCE_INSIDE;
	if (denied)
		return DIFFERENCE_DENIED;
	if (name_answered(later) && later->message->counts[DNS_ANSWER] &&
	    least_ttl(later->message) < least_ttl(first->message))
		return leads_inside(facts, server) ? DIFFERENCE_INSIDE : DIFFERENCE_CACHED;
	return DIFFERENCE_FORGED;
}

static int first_with(const struct name_facts *facts, enum name_difference what)
{
	for (int i = 0; i < facts->server_count; i++)
		if (name_difference(facts, i) == what)
			return i;
	return -1;
}

static void say_difference(const struct name_facts *facts, int server, struct verdict *verdict)
{
	const struct name_probe *probe = &facts->servers[server].probes[PROBE_A];
	struct name_addrs here;
	char text[200], name[ADDR_TEXT_MAX];
	name_where_server(facts, server, verdict);
	name_addrs_of(probe->message, facts->trace->type, &here);
	verdict_evidence(verdict, "resolver_says", value_none(), value_none(), 1, "name server %s says %s",
			 addr_format(&facts->servers[server].addr, name),
			 name_addrs_text(&here, text, sizeof text));
	verdict_evidence(verdict, "authority_says", value_none(), value_none(), 1,
			 "the authority of %.80s says %s", name_last_zone(facts)->name,
			 name_addrs_text(&facts->authority, text, sizeof text));
}

static enum finding judge_stale(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	char left[UNITS_TEXT_MAX];
	if (!facts->authority_known || name_first_alive(facts) < 0)
		return NOT_TESTED;
	int server = first_with(facts, DIFFERENCE_CACHED);
	if (server < 0)
		return verdict_clean(verdict,
				     "no resolver holds an answer that the authority no longer gives");
	uint32_t ttl = least_ttl(facts->servers[server].probes[PROBE_LATER].message);
	units_format_seconds(ttl, left);
	say_difference(facts, server, verdict);
	verdict_evidence(verdict, "ttl_left", value_seconds(ttl), value_none(), 1,
			 "its TTL counts down: it comes from a cache, for %s more", left);
	name_responsible(verdict, PARTY_RESOLVER, "its cache");
	verdict_next(verdict, "wait %s, or have the cache flushed for %s", left, facts->name);
	verdict_next(verdict, "ntsh dns compare %s", facts->name);
	return verdict_found(verdict, 10 * NS_PER_S, 0.94,
			     "name server %s still gives an old answer from its cache, for %s more",
			     verdict->where, left);
}

static int filtered(const struct name_facts *facts, int *code)
{
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_probe *probe = &facts->servers[i].probes[PROBE_A];
		if (!name_answered(probe))
			continue;
		*code = probe->message->ede_code;
		if (*code == EDE_FORGED || (*code >= EDE_BLOCKED && *code <= EDE_FILTERED))
			return i;
	}
	return -1;
}

static int nowhere_server(const struct name_facts *facts)
{
	for (int i = 0; i < facts->server_count && facts->nowhere[0]; i++) {
		const struct name_probe *probe = &facts->servers[i].probes[PROBE_NOWHERE];
		if (name_code_is(probe, 0) && probe->message->counts[DNS_ANSWER])
			return i;
	}
	return -1;
}

static enum finding found_redirect(const struct name_facts *facts, int server, struct verdict *verdict)
{
	struct name_addrs where;
	char text[200];
	name_addrs_of(facts->servers[server].probes[PROBE_NOWHERE].message,
		      facts->trace ? facts->trace->type : 1, &where);
	name_addrs_text(&where, text, sizeof text);
	name_where_server(facts, server, verdict);
	verdict_evidence(verdict, "nowhere", value_none(), value_none(), 1,
			 "%.120s, which cannot exist, is %s there", facts->nowhere, text);
	bool lie = facts->authority_known && !facts->authority.count;
	if (lie)
		verdict_evidence(verdict, "authority_says", value_none(), value_none(), 0.9,
				 "the authority says that %.120s does not exist", facts->name);
	name_responsible(verdict, PARTY_RESOLVER, "it redirects names that do not exist");
	verdict_next(verdict, "use another name server, or switch its redirection off");
	verdict_next(verdict, "ntsh dns dig %s @%s", facts->nowhere, verdict->where);
	return verdict_found(verdict, lie ? NS_NEVER : 2 * NS_PER_MS, 0.95,
			     "name server %s redirects names that do not exist to %.80s", verdict->where,
			     text);
}

static enum finding judge_hijacked(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	int code = -1, server = filtered(facts, &code);
	if (server >= 0) {
		const struct dns_message *message = facts->servers[server].probes[PROBE_A].message;
		name_where_server(facts, server, verdict);
		verdict_evidence(verdict, "ede", value_count((uint64_t)code), value_none(), 1,
				 "it says itself: %s%s%s", dns_ede_meaning(code),
				 message->ede_text[0] ? ", " : "", message->ede_text);
		name_responsible(verdict, PARTY_RESOLVER, "its filter");
		verdict_next(verdict, "ask the operator of %s why", verdict->where);
		return verdict_found(verdict, NS_NEVER, 0.96, "name server %s blocks or forges %.120s: %s",
				     verdict->where, facts->name, dns_ede_meaning(code));
	}
	server = first_with(facts, DIFFERENCE_ON_WIRE);
	if (server >= 0) {
		say_difference(facts, server, verdict);
		verdict_evidence(verdict, "tcp", value_none(), value_none(), 1,
				 "over TCP the same server says what the authority says");
		name_responsible(verdict, PARTY_NETWORK, "somebody on the way answers over UDP");
		verdict_next(verdict, "ntsh dns dig %s @%s +tcp", facts->name, verdict->where);
		return verdict_found(verdict, NS_NEVER, 0.95,
				     "somebody on the way to %s forges its answers over UDP", verdict->where);
	}
	server = first_with(facts, DIFFERENCE_FORGED);
	if (server >= 0) {
		say_difference(facts, server, verdict);
		verdict_evidence(verdict, "ttl", value_none(), value_none(), 0.8,
				 "its TTL does not count down: it is no cached answer");
		name_responsible(verdict, PARTY_RESOLVER, "or somebody on the way to it");
		verdict_next(verdict, "ntsh dns dig %s @%s +dnssec", facts->name, verdict->where);
		verdict_next(verdict, "ntsh dns trace %s", facts->name);
		return verdict_found(verdict, NS_NEVER, 0.9,
				     "name server %s answers with something that is not the zone's",
				     verdict->where);
	}
	server = nowhere_server(facts);
	if (server >= 0)
		return found_redirect(facts, server, verdict);
	if (facts->root_is_resolver) {
		verdict_evidence(verdict, "root", value_none(), value_none(), 1,
				 "what the root servers' addresses answer comes from a resolver");
		name_responsible(verdict, PARTY_NETWORK, "it intercepts DNS");
		return verdict_found(verdict, NS_PER_MS, 0.9,
				     "somebody on the way intercepts all DNS questions");
	}
	return name_first_alive(facts) < 0
		   ? NOT_TESTED
		   : verdict_clean(verdict, "names that cannot exist do not, and nobody forges answers");
}

/* Two resolvers that contradict each other, though nothing else explains it. */
static bool resolvers_differ(const struct name_facts *facts, int *a, int *b)
{
	struct name_addrs first, other;
	*a = -1;
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_probe *probe = &facts->servers[i].probes[PROBE_A];
		if (!name_code_is(probe, 0) && !name_code_is(probe, 3))
			continue;
		name_addrs_of(probe->message, facts->trace ? facts->trace->type : 1, &other);
		if (*a < 0) {
			*a = i;
			first = other;
		} else if (!name_addrs_equal(&first, &other)) {
			*b = i;
			return true;
		}
	}
	return false;
}

static enum finding judge_inconsistent(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct walk_zone *zone = name_last_zone(facts);
	int a, b, inside = first_with(facts, DIFFERENCE_INSIDE);
	char text[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	if (zone && zone->differs[0] && facts->authority_known) {
		verdict_where(verdict, "%.120s", zone->name);
		verdict_evidence(verdict, "authorities", value_none(), value_none(), 1, "%.200s",
				 zone->differs);
		name_responsible(verdict, PARTY_OWNER, "its servers are not in step");
		verdict_next(verdict, "ntsh dns check %s", zone->name);
		verdict_next(verdict, "compare the serials: ntsh dns compare %s SOA", zone->name);
		return verdict_found(
		    verdict, 5 * NS_PER_S, 0.95,
		    "the servers of %.100s contradict each other: who asks gets one answer or the other",
		    zone->name);
	}
	if (inside >= 0) {
		say_difference(facts, inside, verdict);
		verdict_evidence(verdict, "own_zone", value_none(), value_none(), 0.9,
				 "it has a zone of its own for that name: split horizon");
		name_responsible(verdict, PARTY_RESOLVER, "its own zone, perhaps on purpose");
		verdict_next(verdict, "ntsh dns dig %s SOA @%s", facts->name, verdict->where);
		bool denied = !name_works(facts);
		return verdict_found(verdict, denied ? NS_NEVER : NS_PER_S, 0.9,
				     "split horizon: name server %s has its own version of the zone",
				     verdict->where);
	}
	if (resolvers_differ(facts, &a, &b) && first_with(facts, DIFFERENCE_CACHED) < 0 &&
	    first_with(facts, DIFFERENCE_FORGED) < 0) {
		addr_format(&facts->servers[a].addr, text);
		addr_format(&facts->servers[b].addr, other);
		name_where_server(facts, b, verdict);
		verdict_evidence(verdict, "resolvers", value_none(), value_none(), 1,
				 "name servers %s and %s give different answers", text, other);
		name_responsible(verdict, PARTY_RESOLVER, NULL);
		verdict_next(verdict, "ntsh dns compare %s @%s @%s", facts->name, text, other);
		return verdict_found(verdict, 3 * NS_PER_S, 0.9,
				     "the name servers of this machine contradict each other");
	}
	return name_first_alive(facts) < 0 ? NOT_TESTED
					   : verdict_clean(verdict, "everybody gives the same answer");
}

static enum finding found_denied(const struct name_facts *facts, int server, struct verdict *verdict)
{
	const struct dns_record *soa = soa_of(facts->servers[server].probes[PROBE_A].message);
	char left[UNITS_TEXT_MAX];
	say_difference(facts, server, verdict);
	if (soa) {
		units_format_seconds(soa->ttl, left);
		verdict_evidence(verdict, "negative_ttl", value_seconds(soa->ttl), value_none(), 1,
				 "it remembers that there was no such name, for %s more (negative cache)",
				 left);
	}
	name_responsible(verdict, PARTY_RESOLVER, "its negative cache");
	verdict_next(verdict, "wait, or have the cache flushed for %s", facts->name);
	verdict_next(verdict, "the zone's owner: a smaller negative TTL (SOA minimum)");
	return verdict_found(
	    verdict, NS_NEVER, 0.93,
	    "the name exists by now, but name server %s remembers that it did not (negative cache)",
	    verdict->where);
}

static enum finding judge_nxdomain(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	enum lookup_outcome outcome = facts->lookup.outcome;
	if (!name_asked_dns(facts) || (outcome != LOOKUP_NXDOMAIN && outcome != LOOKUP_NODATA))
		return NOT_TESTED;
	int server = first_with(facts, DIFFERENCE_DENIED), alive = name_first_alive(facts);
	/* Its cache was renewed while we asked. */
	if (server < 0 && facts->authority_known && facts->authority.count && outcome == LOOKUP_NXDOMAIN &&
	    strchr(facts->asked, '.') && alive >= 0 &&
	    same_as_authority(facts, &facts->servers[alive].probes[PROBE_A]))
		server = alive;
	if (server >= 0)
		return found_denied(facts, server, verdict);
	if (first_with(facts, DIFFERENCE_INSIDE) >= 0)
		return NOT_TESTED;
	const struct walk_zone *zone = name_last_zone(facts);
	bool empty = outcome == LOOKUP_NODATA, short_ = !strchr(facts->asked, '.');
	name_where_server(facts, alive, verdict);
	verdict_evidence(verdict, "rcode", value_text(empty ? "NOERROR" : "NXDOMAIN"), value_none(), 1,
			 empty ? "the name exists, but has no address" : "the name server says NXDOMAIN");
	if (facts->authority_known && zone)
		verdict_evidence(verdict, "authority", value_none(), value_none(), 1,
				 "so does the authority of %.120s", zone->name);
	if (short_ && facts->name_count > 1)
		verdict_evidence(verdict, "search_list", value_count((uint64_t)facts->name_count),
				 value_none(), 0.9,
				 "none of the %d names that the search list makes of it exists: %.80s ...",
				 facts->name_count, facts->names[0]);
	name_responsible(verdict,
			 short_  ? PARTY_HOST
			 : empty ? PARTY_OWNER
				 : PARTY_OWNER,
			 short_ ? "the spelling, or the search list in resolv.conf"
				: "if the spelling is right");
	verdict_next(verdict, "check the spelling%s",
		     short_ ? ", and the search list in /etc/resolv.conf" : "");
	verdict_next(verdict, "ntsh dns trace %s", facts->name);
	return verdict_found(verdict, NS_NEVER, facts->authority_known ? 0.97 : 0.92,
			     empty ? "the name %.150s exists, but has no address"
				   : "the name %.150s does not exist",
			     facts->asked);
}

const struct rule rules_name_answer[] = {
	{ "dns.hijacked", CLASS_DNS, AT_NAME, "RFC 8914 4.5, 4.16 to 4.18; RFC 4924 2.5.2", judge_hijacked },
	{ "dns.nxdomain", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1, RFC 2308 5", judge_nxdomain },
	{ "dns.stale-cache", CLASS_DNS, AT_ANSWER, "RFC 1034 5.3.3, RFC 2181 5.2", judge_stale },
	{ "dns.inconsistent-answers", CLASS_DNS, AT_ANSWER, "RFC 1034 4.3.5; SIGNALS 41",
	  judge_inconsistent },
	{ NULL, CLASS_UNKNOWN, AT_NAME, NULL, NULL },
};
