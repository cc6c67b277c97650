/* Is it the look-up? */
#include "diag/rules.h"
#include "diag/words.h"

#include <stdio.h>

/* A look-up from a resolver's cache takes its round trip; a person does not notice less than this on top. */
#define NOTICEABLE (60 * NS_PER_MS)

static bool dns_asked(const struct facts *facts)
{
	return facts->dns.verdict != DNS_LITERAL && !facts->dns.from_hosts;
}

static void say_resolvers(const struct facts *facts, struct verdict *verdict)
{
	char text[ADDR_TEXT_MAX];
	for (unsigned i = 0; i < facts->dns.resolver_count; i++) {
		const struct resolver_fact *r = &facts->dns.resolvers[i];
		addr_format(&r->addr, text);
		if (r->answered)
			verdict_evidence(verdict, "resolver_rtt", value_time(r->rtt), value_time(r->path_rtt),
					 0.7, "name server %u, %s, answered in %s", i + 1, text,
					 say_time(r->rtt).text);
		else if (r->port_closed)
			verdict_evidence(verdict, "resolver_silent", value_count(r->asked), value_none(), 0.9,
					 "name server %u, %s: nobody listens at its port 53", i + 1, text);
		else if (r->unreachable)
			verdict_evidence(verdict, "resolver_silent", value_count(r->asked), value_none(), 0.9,
					 "name server %u, %s cannot be reached", i + 1, text);
		else if (r->asked)
			verdict_evidence(verdict, "resolver_silent", value_count(r->asked), value_none(), 0.9,
					 "name server %u, %s, answered none of %u questions", i + 1, text,
					 r->asked);
	}
}

static void where_resolver(const struct facts *facts, unsigned index, struct verdict *verdict)
{
	char text[ADDR_TEXT_MAX];
	if (index < facts->dns.resolver_count)
		verdict_where(verdict, "%s", addr_format(&facts->dns.resolvers[index].addr, text));
	else
		verdict_where(verdict, "/etc/resolv.conf");
}

static enum finding judge_unreachable(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (!dns_asked(facts))
		return NOT_TESTED;
	if (facts->dns.verdict != DNS_SILENT)
		return verdict_clean(verdict, "the name server answers");
	where_resolver(facts, 0, verdict);
	say_resolvers(facts, verdict);
	if (facts->dns.no_resolver)
		verdict_evidence(verdict, "resolv_conf", value_none(), value_none(), 0.8,
				 "/etc/resolv.conf names no server, so this machine itself is asked");
	verdict_next(verdict, "ntsh route get %s", verdict->where);
	verdict_next(verdict, "ntsh dns dig %s @%s", facts->host, verdict->where);
	verdict_next(verdict, "ntsh dns dig %s @%s +tcp", facts->host, verdict->where);
	return verdict_found(verdict, NS_NEVER, 0.96,
			     "no name server answers: the name %s cannot be looked up", facts->host);
}

static enum finding judge_nxdomain(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (!dns_asked(facts))
		return NOT_TESTED;
	bool empty = facts->dns.verdict == DNS_NODATA;
	if (facts->dns.verdict != DNS_NXDOMAIN && !empty)
		return NOT_TESTED;
	where_resolver(facts, 0, verdict);
	say_resolvers(facts, verdict);
	verdict_evidence(verdict, "rcode", value_text(empty ? "NOERROR" : "NXDOMAIN"), value_none(), 1,
			 empty ? "the name exists, but has no address" : "the name server says NXDOMAIN");
	verdict_next(verdict, "ntsh dns dig %s ANY", facts->host);
	verdict_next(verdict, "check the spelling, and the search list in /etc/resolv.conf");
	return verdict_found(verdict, NS_NEVER, empty ? 0.93 : 0.97,
			     empty ? "the name %s has no address" : "the name %s does not exist",
			     facts->host);
}

static enum finding judge_servfail(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (facts->dns.verdict != DNS_SERVFAIL)
		return NOT_TESTED;
	where_resolver(facts, 0, verdict);
	say_resolvers(facts, verdict);
	verdict_evidence(verdict, "rcode", value_text("SERVFAIL"), value_none(), 1,
			 "the name server answers SERVFAIL: it could not find out%s%s",
			 facts->dns.ede[0] ? ", it says: " : "", facts->dns.ede);
	verdict_next(verdict, "ntsh dns dig %s +cdflag   (an answer now means: DNSSEC)", facts->host);
	verdict_next(verdict, "ask the name's own servers: ntsh dns dig %s @SERVER +norecurse", facts->host);
	return verdict_found(verdict, NS_NEVER, 0.96, "the name server fails to look up %s (SERVFAIL)",
			     facts->host);
}

static enum finding judge_refused(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (facts->dns.verdict != DNS_REFUSED)
		return NOT_TESTED;
	where_resolver(facts, 0, verdict);
	say_resolvers(facts, verdict);
	verdict_evidence(verdict, "rcode", value_text("REFUSED"), value_none(), 1,
			 "the name server refuses to answer this machine");
	verdict_next(verdict, "ntsh dns dig %s @%s", facts->host, verdict->where);
	verdict_next(verdict, "on the name server: is this client in its access list?");
	return verdict_found(verdict, NS_NEVER, 0.96,
			     "the name server refuses to look up %s for this machine", facts->host);
}

static enum finding judge_first_dead(const struct matter *matter, struct verdict *verdict)
{
	const struct dns_facts *dns = &matter->facts->dns;
	if (!dns_asked(matter->facts) || dns->verdict != DNS_OK || dns->resolver_count < 2)
		return NOT_TESTED;
	if (!dns->dead_servers)
		return verdict_clean(verdict, "the first name server answers");
	where_resolver(matter->facts, 0, verdict);
	say_resolvers(matter->facts, verdict);
	verdict_evidence(verdict, "program_wait", value_time(dns->program_wait), value_time(dns->timeout), 1,
			 "a program here waits %s for it before it asks the next",
			 say_time(dns->timeout).text);
	verdict_next(verdict, "ntsh dns dig %s @%s", matter->facts->host, verdict->where);
	verdict_next(verdict, "until it is back: put the working server first in /etc/resolv.conf");
	return verdict_found(verdict, dns->program_wait, 0.96,
			     "the first name server, %s, is dead: every look-up takes %s", verdict->where,
			     say_time(dns->program_wait).text);
}

/* What the look-up costs on top of the way to the resolver. */
static ns_t slowness(const struct dns_facts *dns)
{
	ns_t path = 0;
	for (unsigned i = 0; i < dns->resolver_count; i++)
		if (dns->resolvers[i].answered && dns->resolvers[i].path_rtt != NS_NONE) {
			path = dns->resolvers[i].path_rtt;
			break;
		}
	return dns->program_wait == NS_NONE ? 0 : dns->program_wait - path;
}

static enum finding judge_slow(const struct matter *matter, struct verdict *verdict)
{
	const struct dns_facts *dns = &matter->facts->dns;
	if (!dns_asked(matter->facts) || dns->verdict != DNS_OK || dns->dead_servers)
		return NOT_TESTED;
	ns_t cost = slowness(dns);
	bool far = dns->program_wait > 2 * NOTICEABLE && cost < NOTICEABLE;
	if (cost < NOTICEABLE ||
	    (matter->ledger->total > 0 && cost < matter->ledger->total / 10 && cost < 250 * NS_PER_MS))
		return verdict_clean(verdict,
				     far ? "the look-up took %s, the way to the resolver and back"
					 : "the look-up took %s",
				     say_time(dns->program_wait).text);
	where_resolver(matter->facts, 0, verdict);
	say_resolvers(matter->facts, verdict);
	verdict_evidence(verdict, "look_up", value_time(dns->program_wait), value_none(), 1,
			 "the look-up took %s", say_time(dns->program_wait).text);
	double confidence = 0.93;
	if (dns->repeated != NS_NONE && dns->repeated < dns->program_wait / 3) {
		verdict_evidence(verdict, "look_up_again", value_time(dns->repeated), value_none(), 0.5,
				 "asked again it took %s: then it came from the resolver's cache",
				 say_time(dns->repeated).text);
		confidence = 0.85;
	} else if (dns->repeated != NS_NONE) {
		verdict_evidence(verdict, "look_up_again", value_time(dns->repeated), value_none(), 0.7,
				 "asked again it took %s", say_time(dns->repeated).text);
		confidence = 0.96;
	}
	verdict_next(verdict, "ntsh dns dig %s @%s", matter->facts->host, verdict->where);
	verdict_next(verdict, "compare with another resolver: ntsh dns dig %s @ADDRESS", matter->facts->host);
	return verdict_found(verdict, cost, confidence, "the look-up of %s took %s", matter->facts->host,
			     say_time(dns->program_wait).text);
}

const struct rule rules_dns[] = {
	{ "dns.resolver-unreachable", CLASS_DNS, AT_NAME, "resolv.conf(5); SIGNALS 39", judge_unreachable },
	{ "dns.nxdomain", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1, RFC 2308", judge_nxdomain },
	{ "dns.servfail", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1, RFC 8914; SIGNALS 42", judge_servfail },
	{ "dns.refused", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1", judge_refused },
	{ "dns.first-resolver-dead", CLASS_DNS, AT_NAME, "resolv.conf(5); SIGNALS 39", judge_first_dead },
	{ "dns.resolver-slow", CLASS_DNS, AT_NAME, "SIGNALS 39", judge_slow },
	{ NULL, CLASS_UNKNOWN, AT_NAME, NULL, NULL },
};
