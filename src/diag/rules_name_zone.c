/* diagnose dns: is it the zone or its parent? */
#include "diag/name_rules.h"

#include "diag/words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { EDE_EXPIRED = 7, EDE_NOT_YET = 8 };

/* --- what the zone and its parent do --- */

static enum finding judge_lame(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct walk_zone *zone = name_last_zone(facts);
	char text[ADDR_TEXT_MAX];
	if (!zone || facts->root_is_resolver || zone->parent < 0)
		return NOT_TESTED;
	size_t lame = 0, homeless = 0, dead = 0;
	bool all = !zone->good;
	for (size_t i = 0; i < zone->server_count; i++) {
		const struct walk_server *server = &zone->servers[i];
		bool silent = server->reply == WALK_SILENT || server->reply == WALK_PORT_CLOSED ||
			      server->reply == WALK_UNREACHABLE;
		homeless += server->reply == WALK_NO_ADDRESS;
		/* That all are dead is what judge_servfail is for. */
		if (!(silent && !all) &&
		    (!walk_reply_is_lame(server->reply) || (server->reply == WALK_SERVFAIL && all)))
			continue;
		dead += silent;
		if (!lame++)
			verdict_where(verdict, "%s", addr_format(&server->addr, text));
		verdict_evidence(verdict, "lame", value_none(), value_none(), 1, "%.80s (%s): %s",
				 server->name, addr_format(&server->addr, text),
				 walk_reply_word(server->reply));
	}
	if (!lame && !(homeless && all && homeless == zone->server_count))
		return verdict_clean(
		    verdict, "every server that %.80s is delegated to is an authority for it", zone->name);
	if (!lame) {
		verdict_where(verdict, "%.120s", zone->name);
		verdict_evidence(verdict, "no_address", value_count(homeless), value_none(), 1,
				 "%.100s: %.140s", zone->servers[0].name, zone->servers[0].says);
	}
	name_responsible(verdict, lame ? PARTY_OWNER : PARTY_PARENT,
			 lame ? "or whoever runs those servers" : "glue is missing there");
	verdict_next(verdict, "ntsh dns check %s", zone->name);
	verdict_next(verdict, "take the server out of the delegation, or let it serve the zone");
	return verdict_found(verdict, all && !name_works(facts) ? NS_NEVER : 20 * NS_PER_MS,
			     all            ? 0.96
			     : dead == lame ? 0.85
					    : 0.92,
			     all ? "lame delegation: no server that %.100s is delegated to serves it"
			     : dead == lame
				 ? "lame delegation: a server that %.100s is delegated to does not answer"
				 : "lame delegation: a server that %.100s is delegated to does not serve it",
			     zone->name);
}

static enum finding judge_mismatch(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct walk_zone *zone = name_last_zone(facts);
	if (!zone || !facts->authority_known)
		return NOT_TESTED;
	if (!facts->child_ns[0])
		return verdict_clean(verdict, "parent and child name the same servers for %.80s", zone->name);
	verdict_where(verdict, "%.120s", zone->name);
	verdict_evidence(verdict, "parent_ns", value_none(), value_none(), 1, "the parent names %.220s",
			 facts->parent_ns);
	verdict_evidence(verdict, "child_ns", value_none(), value_none(), 1, "the zone itself names %.220s",
			 facts->child_ns);
	name_responsible(verdict, PARTY_PARENT, "as told by the zone's owner");
	verdict_next(verdict, "ntsh dns check %s", zone->name);
	verdict_next(verdict, "give the registrar (the parent) the zone's own NS set");
	return verdict_found(verdict, 30 * NS_PER_MS, 0.93,
			     "delegation mismatch: the parent and %.100s name different servers", zone->name);
}

/* Which link, and so who. */
static enum dns_party bogus_party(const struct name_facts *facts)
{
	const char *says = facts->trace->security_says;
	if (strstr(says, "fits none of the keys") || strstr(says, "the parent proves neither") ||
	    strstr(says, "has no DNSKEY") || strstr(says, "which the parent's DS names"))
		return PARTY_PARENT;
	return PARTY_OWNER;
}

static bool clock_here_is_wrong(const struct name_facts *facts)
{
	const struct walk_result *trace = facts->trace;
	if (!trace->zone_count || trace->zones[0]->security != WALK_BOGUS)
		return false;
	const char *says = trace->zones[0]->security_says;
	return strstr(says, "expired") || strstr(says, "is not valid before");
}

static enum finding found_bogus_here(const struct name_facts *facts, struct verdict *verdict)
{
	const char *says = facts->trace->security_says;
	bool fails = !name_works(facts), clock = clock_here_is_wrong(facts);
	enum dns_party party = clock ? PARTY_HOST : bogus_party(facts);
	int server = name_first_alive(facts);
	verdict_where(verdict, "%.120s", name_last_zone(facts)->name);
	verdict_evidence(verdict, "broken_link", value_none(), value_none(), 1, "%.240s", says);
	if (server >= 0 && name_code_is(&facts->servers[server].probes[PROBE_UNCHECKED], 0) && fails)
		verdict_evidence(verdict, "unchecked", value_none(), value_none(), 1,
				 "without checking signatures (CD) the resolver gives an answer");
	if (!fails)
		verdict_evidence(verdict, "not_validated", value_none(), value_none(), 0.7,
				 "the resolver of this machine does not check; others answer SERVFAIL");
	name_responsible(verdict, party,
			 clock ? "its clock"
			 : party == PARTY_PARENT
			     ? "the DS does not fit: the zone's owner must give it the right one"
			     : NULL);
	verdict_next(verdict, "ntsh dns trace %s", facts->name);
	verdict_next(verdict, clock ? "set the clock of this machine" : "ntsh dns check %s", facts->name);
	return verdict_found(verdict, fails ? NS_NEVER : 10 * NS_PER_MS, fails ? 0.97 : 0.93,
			     "DNSSEC is broken: %.200s", says);
}

static enum finding judge_bogus(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	int server = name_first_alive(facts);
	if (facts->trace && facts->trace->security == WALK_BOGUS && !facts->root_is_resolver)
		return found_bogus_here(facts, verdict);
	if (server < 0 || !facts->trace)
		return NOT_TESTED;
	const struct name_probe *checked = &facts->servers[server].probes[PROBE_A];
	const struct name_probe *unchecked = &facts->servers[server].probes[PROBE_UNCHECKED];
	if (!name_code_is(checked, 2) || !name_code_is(unchecked, 0) ||
	    !unchecked->message->counts[DNS_ANSWER])
		return facts->trace->security == WALK_INDETERMINATE
			   ? NOT_TESTED
			   : verdict_clean(verdict, "the chain of signatures holds (%s)",
					   walk_security_word(facts->trace->security));
	int code = checked->message->ede_code;
	bool clock = code == EDE_EXPIRED || code == EDE_NOT_YET;
	name_where_server(facts, server, verdict);
	verdict_evidence(verdict, "unchecked", value_none(), value_none(), 1,
			 "it answers SERVFAIL, and without checking signatures (CD) it answers");
	if (code >= 0)
		verdict_evidence(verdict, "ede", value_count((uint64_t)code), value_none(), 0.9,
				 "it says: %s%s%s", dns_ede_meaning(code),
				 checked->message->ede_text[0] ? ": " : "", checked->message->ede_text);
	if (facts->trace->security == WALK_SECURE)
		verdict_evidence(verdict, "chain", value_none(), value_none(), 0.9,
				 "judged from here the chain of signatures holds");
	name_responsible(verdict, PARTY_RESOLVER, clock ? "its clock" : "its clock or its trust anchor");
	verdict_next(verdict, "on %s: compare its clock, and its root trust anchor", verdict->where);
	verdict_next(verdict, "ntsh dns trace %s", facts->name);
	return verdict_found(verdict, NS_NEVER, 0.93,
			     "name server %s takes the zone's signatures for bogus%s", verdict->where,
			     facts->trace->security == WALK_SECURE ? ", wrongly" : "");
}

static bool only_ipv6(const struct walk_zone *zone)
{
	for (size_t i = 0; i < zone->server_count; i++)
		if (zone->servers[i].addr.family == AF_INET)
			return false;
	return zone->server_count > 0;
}

static enum finding found_servfail(const struct name_facts *facts, int server, struct verdict *verdict)
{
	const struct walk_zone *zone = name_last_zone(facts);
	const struct name_probe *probe = &facts->servers[server].probes[PROBE_A];
	char reason[200] = "it does not say why", text[ADDR_TEXT_MAX];
	enum dns_party party = PARTY_RESOLVER;
	if (facts->authority_known && zone && only_ipv6(zone)) {
		snprintf(reason, sizeof reason,
			 "the zone's servers answer us, over IPv6 alone: can the resolver use IPv6?");
	} else if (facts->authority_known) {
		snprintf(reason, sizeof reason,
			 "the zone's servers answer us: the resolver itself is in trouble");
	} else if (zone && zone->parent >= 0 && !zone->good) {
		party = zone->dead == zone->server_count ? PARTY_OWNER : PARTY_OWNER;
		snprintf(reason, sizeof reason, "no server of %.80s %s", zone->name,
			 zone->lame ? "has the zone: they answer SERVFAIL" : "can be reached");
		for (size_t i = 0; i < zone->server_count && i < 3; i++)
			verdict_evidence(verdict, "authority", value_none(), value_none(), 0.9,
					 "%.80s (%s): %s", zone->servers[i].name,
					 addr_format(&zone->servers[i].addr, text),
					 walk_reply_word(zone->servers[i].reply));
	}
	if (name_answered(probe) && probe->message->ede_code >= 0)
		verdict_evidence(verdict, "ede", value_count((uint64_t)probe->message->ede_code),
				 value_none(), 0.9, "it says: %s%s%s",
				 dns_ede_meaning(probe->message->ede_code),
				 probe->message->ede_text[0] ? ": " : "", probe->message->ede_text);
	verdict_evidence(verdict, "reason", value_none(), value_none(), 1, "%s", reason);
	name_responsible(verdict, party, party == PARTY_OWNER ? "its servers" : NULL);
	verdict_next(verdict, "ntsh dns trace %s", facts->name);
	verdict_next(verdict, "ntsh dns dig %s @%s +cd", facts->name, verdict->where);
	return verdict_found(verdict, NS_NEVER, 0.94, "the name server fails to look %.100s up: %s",
			     facts->name, reason);
}

static enum finding judge_servfail(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct walk_zone *zone = name_last_zone(facts);
	int alive = name_first_alive(facts), unused;
	if (!name_asked_dns(facts) || alive < 0)
		return NOT_TESTED;
	bool says = facts->lookup.outcome == LOOKUP_SERVFAIL;
	/* Resolvers may be silent for long before they say so. */
	bool silent = facts->lookup.outcome == LOOKUP_NO_ANSWER &&
		      !name_truncated_then_failed(facts, &unused) &&
		      name_silent(&facts->servers[alive].probes[PROBE_PLAIN]);
	if (!says && !silent)
		return verdict_clean(verdict, "the name server does not fail");
	const struct name_probe *unchecked = &facts->servers[alive].probes[PROBE_UNCHECKED];
	if ((facts->trace && facts->trace->security == WALK_BOGUS) || name_code_is(unchecked, 0))
		return NOT_TESTED;
	/* judge_lame speaks for those. */
	if (zone && !zone->good && zone->parent >= 0)
		for (size_t i = 0; i < zone->server_count; i++)
			if ((walk_reply_is_lame(zone->servers[i].reply) &&
			     zone->servers[i].reply != WALK_SERVFAIL) ||
			    zone->servers[i].reply == WALK_NO_ADDRESS)
				return NOT_TESTED;
	name_where_server(facts, alive, verdict);
	verdict_evidence(verdict, "rcode", value_text(says ? "SERVFAIL" : "TIMEOUT"), value_none(), 1,
			 says ? "the name server answers SERVFAIL: it could not find out"
			      : "the name server answers other questions, and is silent about this name");
	return found_servfail(facts, alive, verdict);
}

const struct rule rules_name_zone[] = {
	{ "dns.dnssec-bogus", CLASS_DNS, AT_NAME, "RFC 4035 5, RFC 8914; SIGNALS 42", judge_bogus },
	{ "dns.lame-delegation", CLASS_DNS, AT_NAME, "RFC 1912 2.8, RFC 9499", judge_lame },
	{ "dns.servfail", CLASS_DNS, AT_PATH, "RFC 1035 4.1.1, RFC 8914; SIGNALS 42", judge_servfail },
	{ "dns.delegation-mismatch", CLASS_DNS, AT_BODY, "RFC 1034 4.2.2", judge_mismatch },
	{ NULL, CLASS_UNKNOWN, AT_NAME, NULL, NULL },
};
