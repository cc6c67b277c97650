/* diagnose dns: is it this host, the resolver, or the network between? */
#include "diag/name_rules.h"

#include "diag/words.h"

#include <stdio.h>
#include <string.h>

/* A look-up from a resolver's cache takes its round trip; a person does not notice less than this on top. */
#define NOTICEABLE (60 * NS_PER_MS)

bool name_works(const struct name_facts *facts)
{
	return facts->looked_up && facts->lookup.outcome == LOOKUP_OK && facts->lookup.addr_count;
}

bool name_asked_dns(const struct name_facts *facts)
{
	return facts->looked_up && facts->lookup.source != LOOKUP_LITERAL &&
	       facts->lookup.source != LOOKUP_HOSTS;
}

void name_where_server(const struct name_facts *facts, int server, struct verdict *verdict)
{
	char text[ADDR_TEXT_MAX];
	if (server >= 0 && server < facts->server_count)
		verdict_where(verdict, "%s", addr_format(&facts->servers[server].addr, text));
	else
		verdict_where(verdict, "/etc/resolv.conf");
}

bool name_truncated_then_failed(const struct name_facts *facts, int *server)
{
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_probe *probe = &facts->servers[i].probes[PROBE_A];
		*server = i;
		if (probe->done && probe->truncated && probe->outcome != DNS_ANSWERED)
			return true;
	}
	for (size_t i = 0; i < facts->lookup.answer_count; i++)
		if (facts->lookup.answers[i].tcp_failed) {
			for (*server = 0; *server < facts->server_count - 1; ++*server)
				if (addr_equal(&facts->servers[*server].addr,
					       &facts->lookup.answers[i].server))
					break;
			return true;
		}
	return false;
}

/* How each server behaved, as evidence. */
static void say_servers(const struct name_facts *facts, struct verdict *verdict)
{
	char text[ADDR_TEXT_MAX];
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_server_facts *server = &facts->servers[i];
		const struct name_probe *probe = &server->probes[PROBE_A];
		addr_format(&server->addr, text);
		if (name_answered(probe))
			verdict_evidence(
			    verdict, "resolver_rtt", value_time(probe->rtt), value_time(server->path_rtt),
			    0.6, "name server %d, %s, answers in %s", i + 1, text, say_time(probe->rtt).text);
		else if (probe->done)
			verdict_evidence(verdict, "resolver_silent", value_none(), value_none(), 0.9,
					 "name server %d, %s: %.150s", i + 1, text, probe->error.message);
	}
}

/* --- this host --- */

static void truth_of(const struct name_facts *facts, struct name_addrs *truth)
{
	*truth = (struct name_addrs){ .count = 0 };
	if (facts->authority_known)
		*truth = facts->authority;
	for (int i = 0; i < facts->server_count && !truth->count; i++)
		name_addrs_of(facts->servers[i].probes[PROBE_A].message, 1, truth);
}

static enum finding judge_hosts(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	struct name_addrs truth;
	char pinned[200], real[200];
	if (!facts->looked_up)
		return NOT_TESTED;
	if (facts->lookup.source != LOOKUP_HOSTS || !facts->hosts.count)
		return verdict_clean(verdict, "the hosts file does not name it");
	truth_of(facts, &truth);
	if (!truth.count)
		return verdict_clean(verdict, "the hosts file names it, and DNS does not say otherwise");
	bool inside = true;
	for (size_t i = 0; i < facts->hosts.count; i++) {
		bool here = false;
		for (size_t k = 0; k < truth.count; k++)
			here = here || addr_equal(&facts->hosts.addrs[i], &truth.addrs[k]);
		inside = inside && here;
	}
	if (inside)
		return verdict_clean(verdict, "the hosts file says the same as DNS");
	name_addrs_text(&facts->hosts, pinned, sizeof pinned);
	name_addrs_text(&truth, real, sizeof real);
	verdict_where(verdict, "/etc/hosts");
	verdict_evidence(verdict, "hosts_file", value_none(), value_none(), 1, "the hosts file says %s",
			 pinned);
	verdict_evidence(verdict, "dns_answer", value_none(), value_none(), 0.9, "%s says %s",
			 facts->authority_known ? "the authority" : "the resolver", real);
	name_responsible(verdict, PARTY_HOST, "the hosts file");
	verdict_next(verdict, "look at the line in /etc/hosts, and remove it when nobody needs it any more");
	verdict_next(verdict, "ntsh dns resolver %s", facts->name);
	return verdict_found(verdict, NS_NEVER, 0.96,
			     "the hosts file of this machine pins %.100s to %.60s; DNS says %.60s",
			     facts->name, pinned, real);
}

/* When the name that is found in the end was first asked for. */
static ns_t search_cost(const struct name_facts *facts)
{
	const struct lookup_result *lookup = &facts->lookup;
	ns_t at = 0;
	if (!lookup->step_count || !facts->steps)
		return 0;
	int last = facts->steps[lookup->step_count - 1].name;
	for (size_t i = 0; i < lookup->step_count; i++)
		if (facts->steps[i].name == last) {
			at = facts->steps[i].at;
			break;
		}
	return last == 0 ? 0 : at;
}

/* A server that is silent whatever it is asked is another matter. */
static bool some_server_is_dead(const struct name_facts *facts)
{
	for (int i = 0; i < facts->server_count; i++) {
		bool any = false;
		for (int k = 0; k < PROBE_KINDS; k++)
			any = any || (facts->servers[i].probes[k].done &&
				      !name_silent(&facts->servers[i].probes[k]));
		if (!any)
			return true;
	}
	return false;
}

static enum finding judge_search_detour(const struct name_facts *facts, struct verdict *verdict)
{
	ns_t cost = search_cost(facts);
	if (!name_works(facts) || cost < NOTICEABLE || some_server_is_dead(facts) ||
	    (facts->repeated != NS_NONE && facts->repeated < NOTICEABLE))
		return verdict_clean(verdict, "the search list costs no time that counts");
	verdict_where(verdict, "/etc/resolv.conf");
	verdict_evidence(verdict, "search_detour", value_time(cost), value_time(facts->lookup.program_wait),
			 1,
			 "%s went by with names that the search list makes of it, before %.80s was asked for",
			 say_time(cost).text, facts->lookup.found_as);
	verdict_evidence(verdict, "names", value_count((uint64_t)facts->name_count), value_none(), 0.5,
			 "%d names are tried, with ndots:%d", facts->name_count, facts->lookup.conf.ndots);
	name_responsible(verdict, PARTY_HOST, "search list and ndots in resolv.conf");
	verdict_next(verdict, "write the name with a final dot, or lower ndots in /etc/resolv.conf");
	verdict_next(verdict, "ntsh dns resolver %s", facts->asked);
	return verdict_found(verdict, cost, 0.92,
			     "the search list costs %s before %.120s is asked for at all",
			     say_time(cost).text, facts->asked);
}

static enum finding judge_search(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct lookup_result *lookup = &facts->lookup;
	struct name_addrs as_is, made = { .count = 0 };
	char a[160], b[160];
	if (!name_asked_dns(facts) || !lookup->conf.search_count)
		return NOT_TESTED;
	size_t length = strlen(facts->asked);
	bool other = lookup->found_as[0] && strncmp(lookup->found_as, facts->asked, length) == 0 &&
		     lookup->found_as[length] && strcmp(lookup->found_as + length, ".") != 0;
	int alive = name_first_alive(facts);
	if (!other || alive < 0 || !strchr(facts->asked, '.'))
		return judge_search_detour(facts, verdict);
	name_addrs_of(facts->servers[alive].probes[PROBE_A].message, 1, &as_is);
	for (size_t i = 0; i < lookup->addr_count; i++)
		if (lookup->addrs[i].family == AF_INET)
			name_addrs_add(&made, &lookup->addrs[i]);
	if (!as_is.count || name_addrs_equal(&as_is, &made))
		return judge_search_detour(facts, verdict);
	name_addrs_text(&made, a, sizeof a);
	name_addrs_text(&as_is, b, sizeof b);
	verdict_where(verdict, "/etc/resolv.conf");
	verdict_evidence(verdict, "found_as", value_none(), value_none(), 1, "a program gets %s, of %.120s",
			 a, lookup->found_as);
	verdict_evidence(verdict, "as_is", value_none(), value_none(), 1, "the name as it is written is %s",
			 b);
	name_responsible(verdict, PARTY_HOST, "search list and ndots in resolv.conf");
	verdict_next(verdict, "write the name with a final dot: %s.", facts->asked);
	verdict_next(verdict, "ntsh dns resolver %s", facts->asked);
	return verdict_found(verdict, NS_NEVER, 0.95,
			     "the search list makes %.110s of it, which is another host (%.40s)",
			     lookup->found_as, a);
}

/* --- the way to the resolver --- */

static enum finding judge_unreachable(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	if (!name_asked_dns(facts))
		return NOT_TESTED;
	if (name_first_alive(facts) >= 0)
		return verdict_clean(verdict, "the name server answers");
	if (!facts->server_count || facts->lookup.outcome != LOOKUP_NO_ANSWER)
		return NOT_TESTED;
	const struct name_server_facts *first = &facts->servers[0];
	const struct name_probe *probe = &first->probes[PROBE_A];
	bool closed = probe->outcome == DNS_REFUSED_PORT, up = first->path_rtt != NS_NONE;
	bool routeless = strcmp(probe->error.code, "ENETUNREACH") == 0 && !up;
	bool own = routeless || strcmp(probe->error.code, "EPERM") == 0 || facts->lookup.conf.missing;
	name_where_server(facts, 0, verdict);
	say_servers(facts, verdict);
	if (up && !closed)
		verdict_evidence(verdict, "host_answers", value_time(first->path_rtt), value_none(), 0.8,
				 "its host answers at another port, in %s", say_time(first->path_rtt).text);
	if (facts->lookup.conf.missing)
		verdict_evidence(verdict, "resolv_conf", value_none(), value_none(), 0.9,
				 "resolv.conf names no server, so this machine itself is asked");
	if (facts->authority_known)
		verdict_evidence(verdict, "authority", value_none(), value_none(), 0.6,
				 "the name's own servers can be reached, and answer");
	name_responsible(verdict,
			 own            ? PARTY_HOST
			 : closed || up ? PARTY_RESOLVER
					: PARTY_NETWORK,
			 routeless ? "it has no route there"
			 : own     ? "resolv.conf or the firewall"
			 : closed  ? "nobody listens there"
			 : up      ? "its host is up and its name server is silent"
				   : "nothing comes back from there");
	verdict_next(verdict, "ntsh ping %s", verdict->where);
	verdict_next(verdict, "ntsh dns dig %s @%s +tcp", facts->name, verdict->where);
	verdict_next(verdict, "ntsh diagnose route %s", verdict->where);
	return verdict_found(verdict, NS_NEVER, 0.97, "no name server answers: %.150s cannot be looked up",
			     facts->name);
}

static bool wholly_silent(const struct name_server_facts *server)
{
	for (int k = 0; k < PROBE_KINDS; k++)
		if (server->probes[k].done && !name_silent(&server->probes[k]))
			return false;
	return true;
}

/* Nobody listens there: programs notice at once, and go on. */
static bool wholly_closed(const struct name_server_facts *server)
{
	return server->probes[PROBE_A].outcome == DNS_REFUSED_PORT &&
	       server->probes[PROBE_ROOT].outcome == DNS_REFUSED_PORT;
}

static enum finding judge_first_dead(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct lookup_result *lookup = &facts->lookup;
	int alive = name_first_alive(facts), dead = -1, closed = -1;
	if (!name_asked_dns(facts) || facts->server_count < 2 || alive < 0)
		return NOT_TESTED;
	for (int i = facts->server_count - 1; i >= 0; i--) {
		if (wholly_silent(&facts->servers[i]))
			dead = i;
		if (wholly_closed(&facts->servers[i]))
			closed = i;
	}
	if (dead < 0 && closed < 0)
		return verdict_clean(verdict, "every name server of resolv.conf answers");
	if ((dead < 0 || !lookup->dead_servers) && closed != 0)
		return verdict_clean(verdict, "the name server that is dead is not waited for");
	bool waits = dead >= 0 && lookup->dead_servers;
	int which = waits ? dead : closed;
	name_where_server(facts, which, verdict);
	say_servers(facts, verdict);
	if (waits)
		verdict_evidence(
		    verdict, "program_wait",
		    value_time(lookup->program_wait == NS_NEVER ? NS_NONE : lookup->program_wait),
		    value_time(lookup->conf.timeout), 1,
		    "a program here waits %s for it before it asks the next",
		    say_time(lookup->conf.timeout).text);
	bool up = !waits || facts->servers[which].path_rtt != NS_NONE;
	name_responsible(verdict, up ? PARTY_RESOLVER : PARTY_NETWORK,
			 "or whoever wrote it into resolv.conf");
	verdict_next(verdict, "ntsh dns dig %s @%s", facts->name, verdict->where);
	verdict_next(verdict, "until it is back: put a working server first in /etc/resolv.conf");
	if (!waits)
		return verdict_found(
		    verdict, NS_PER_MS, 0.95,
		    "name server %d, %s, is dead: nobody listens there, so programs go on at once", which + 1,
		    verdict->where);
	return verdict_found(verdict, lookup->program_wait, 0.97,
			     "name server %d, %s, is dead: every look-up takes %s", which + 1, verdict->where,
			     say_time(lookup->program_wait).text);
}

static enum finding judge_refused(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	if (!name_asked_dns(facts))
		return NOT_TESTED;
	int server = -1;
	for (int i = facts->server_count - 1; i >= 0; i--)
		if (name_code_is(&facts->servers[i].probes[PROBE_A], 5))
			server = i;
	if (server < 0)
		return verdict_clean(verdict, "no name server refuses");
	name_where_server(facts, server, verdict);
	say_servers(facts, verdict);
	verdict_evidence(verdict, "rcode", value_text("REFUSED"), value_none(), 1,
			 "it answers, and refuses this machine (REFUSED)");
	name_responsible(verdict, PARTY_RESOLVER, "its access list");
	verdict_next(verdict, "ntsh dns dig %s @%s", facts->name, verdict->where);
	verdict_next(verdict, "on the name server: is this client in its access list?");
	return verdict_found(verdict, name_works(facts) ? NS_PER_MS : NS_NEVER, 0.97,
			     "name server %s refuses to look names up for this machine", verdict->where);
}

static enum finding judge_slow(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	const struct lookup_result *lookup = &facts->lookup;
	int alive = name_first_alive(facts);
	if (!name_asked_dns(facts) || !name_works(facts) || lookup->dead_servers || alive < 0)
		return NOT_TESTED;
	const struct name_server_facts *server = &facts->servers[alive];
	if (name_silent(&server->probes[PROBE_AAAA]))
		return NOT_TESTED;
	ns_t wait = lookup->program_wait;
	if (facts->repeated != NS_NONE && facts->repeated < wait)
		wait = facts->repeated;
	/* A busy moment of this machine is no slow resolver: asked directly it must be slow as well. */
	const struct name_probe *a = &server->probes[PROBE_A], *aaaa = &server->probes[PROBE_AAAA];
	ns_t direct = name_answered(aaaa) && aaaa->rtt > a->rtt ? aaaa->rtt : a->rtt;
	if (name_answered(a) && direct != NS_NONE && direct < wait)
		wait = direct;
	ns_t path = server->path_rtt == NS_NONE ? 0 : server->path_rtt;
	if (wait - path < NOTICEABLE)
		return lookup->program_wait - path < NOTICEABLE
			   ? verdict_clean(verdict, "the look-up takes %s", say_time(wait).text)
			   : verdict_clean(verdict, "the first look-up took %s, from its cache it takes %s",
					   say_time(lookup->program_wait).text, say_time(wait).text);
	name_where_server(facts, alive, verdict);
	verdict_evidence(verdict, "look_up", value_time(lookup->program_wait), value_time(server->path_rtt),
			 1, "the look-up took %s", say_time(lookup->program_wait).text);
	if (facts->repeated != NS_NONE)
		verdict_evidence(verdict, "look_up_again", value_time(facts->repeated), value_none(), 0.9,
				 "asked again it took %s", say_time(facts->repeated).text);
	if (path)
		verdict_evidence(verdict, "path_rtt", value_time(path), value_none(), 0.8,
				 "its host is %s away", say_time(path).text);
	if (facts->authority_known)
		verdict_evidence(verdict, "walk", value_time(facts->trace->took), value_none(), 0.6,
				 "our own walk from the root to the authority took %s",
				 say_time(facts->trace->took).text);
	name_responsible(verdict, PARTY_RESOLVER, NULL);
	verdict_next(verdict, "ntsh dns bench @%s", verdict->where);
	verdict_next(verdict, "ntsh dns trace %s", facts->name);
	return verdict_found(verdict, wait - path, 0.93, "name server %s is slow: the look-up takes %s",
			     verdict->where, say_time(wait).text);
}

static enum finding judge_tcp(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	int server;
	if (!name_asked_dns(facts) || name_first_alive(facts) < 0)
		return NOT_TESTED;
	if (!name_truncated_then_failed(facts, &server))
		return verdict_clean(verdict, "no answer was cut and then not to be had over TCP");
	const struct name_probe *probe = &facts->servers[server].probes[PROBE_A];
	if (!probe->truncated || probe->outcome == DNS_ANSWERED)
		probe = &facts->servers[server].probes[PROBE_PLAIN];
	bool closed = probe->outcome == DNS_REFUSED_PORT || probe->tcp_connected;
	name_where_server(facts, server, verdict);
	verdict_evidence(verdict, "truncated", value_flag(true), value_none(), 1,
			 "the answer does not fit into one UDP message: it came cut (TC)");
	verdict_evidence(verdict, "tcp", value_none(), value_none(), 1, "%.200s", probe->error.message);
	name_responsible(verdict, closed ? PARTY_RESOLVER : PARTY_NETWORK,
			 closed ? "it does not serve TCP" : "TCP port 53 is dropped on the way");
	verdict_next(verdict, "ntsh dns dig %s @%s +tcp", facts->name, verdict->where);
	verdict_next(verdict, "ntsh connect %s:53", verdict->where);
	return verdict_found(verdict, name_works(facts) ? facts->lookup.conf.timeout : NS_NEVER, 0.96,
			     "the answer is too large for UDP, and TCP port 53 of %s cannot be used",
			     verdict->where);
}

static enum finding judge_large(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	if (!name_asked_dns(facts))
		return NOT_TESTED;
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_server_facts *server = &facts->servers[i];
		const struct name_probe *plain = &server->probes[PROBE_PLAIN],
					*tcp = &server->probes[PROBE_TCP];
		bool lost =
		    name_silent(&server->probes[PROBE_LARGE]) && !server->probes[PROBE_LARGE].truncated;
		size_t size = name_answered(tcp)     ? tcp->message->length
			      : name_answered(plain) ? plain->message->length
						     : 0;
		if (!lost || !(name_answered(plain) || plain->truncated || name_answered(tcp)))
			continue;
		/* Small ones with EDNS are lost as well: then it is not the size. */
		if (name_answered(&server->probes[PROBE_NOWHERE]) == false)
			continue;
		name_where_server(facts, i, verdict);
		verdict_evidence(verdict, "large", value_none(), value_none(), 1,
				 "with room for 4096 octets nothing comes back");
		verdict_evidence(verdict, "small", value_bytes(size), value_none(), 1,
				 plain->truncated ? "without it the answer comes cut, and over TCP"
						  : "without it the answer comes");
		verdict_evidence(verdict, "other_answers", value_none(), value_none(), 0.8,
				 "a small answer from the same server comes with EDNS, too");
		name_responsible(verdict, PARTY_NETWORK, "large UDP packets or fragments are dropped");
		verdict_next(verdict, "ntsh mtu %s", verdict->where);
		verdict_next(verdict, "ntsh dns dig %s @%s +dnssec +bufsize=4096", facts->name,
			     verdict->where);
		verdict_next(verdict,
			     "let the name server answer with at most 1232 octets (edns-buffer-size)");
		return verdict_found(verdict, name_works(facts) ? facts->lookup.conf.timeout : NS_NEVER, 0.93,
				     "large answers of %s are lost on the way, small ones come",
				     verdict->where);
	}
	return verdict_clean(verdict, "large answers come as well");
}

static enum finding judge_aaaa(const struct matter *matter, struct verdict *verdict)
{
	const struct name_facts *facts = matter->name;
	char code[16];
	if (!name_asked_dns(facts))
		return NOT_TESTED;
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_probe *a = &facts->servers[i].probes[PROBE_A];
		const struct name_probe *aaaa = &facts->servers[i].probes[PROBE_AAAA];
		if (!name_code_is(a, 0) || !a->message->counts[DNS_ANSWER] || !aaaa->done ||
		    name_code_is(aaaa, 0))
			continue;
		bool silent = name_silent(aaaa);
		bool owner = facts->authority_aaaa != WALK_PENDING && facts->authority_aaaa != WALK_ANSWER;
		const char *says = silent                ? "is not answered"
				   : name_answered(aaaa) ? dns_rcode_name(aaaa->message->rcode, code)
							 : "fails";
		name_where_server(facts, i, verdict);
		verdict_evidence(verdict, "aaaa", value_none(), value_none(), 1, "the question for AAAA: %s",
				 says);
		verdict_evidence(verdict, "a", value_time(a->rtt), value_none(), 0.9,
				 "the question for A is answered in %s", say_time(a->rtt).text);
		if (facts->authority_aaaa != WALK_PENDING)
			verdict_evidence(verdict, "authority_aaaa", value_none(), value_none(), 0.9,
					 owner ? "the zone's own server does not answer it either"
					       : "the zone's own server answers it");
		name_responsible(verdict,
				 owner    ? PARTY_OWNER
				 : silent ? PARTY_NETWORK
					  : PARTY_RESOLVER,
				 owner ? "its servers mishandle AAAA" : "or the resolver: AAAA is dropped");
		verdict_next(verdict, "ntsh dns dig %s AAAA @%s", facts->name, verdict->where);
		verdict_next(verdict, "until then: 'options no-aaaa' in /etc/resolv.conf (glibc 2.36)");
		ns_t cost =
		    silent && facts->lookup.program_wait != NS_NEVER ? facts->lookup.program_wait : NS_PER_MS;
		return verdict_found(verdict, name_works(facts) ? cost : NS_NEVER, 0.95,
				     "AAAA of %.100s is broken (%s) while A is fine: look-ups take %s",
				     facts->name, says, say_time(facts->lookup.program_wait).text);
	}
	return verdict_clean(verdict, "AAAA is answered as A is");
}

const struct rule rules_name[] = {
	{ "dns.hosts-file", CLASS_DNS, AT_MACHINE, "hosts(5), nsswitch.conf(5)", judge_hosts },
	{ "dns.search-list", CLASS_DNS, AT_LINK, "resolv.conf(5)", judge_search },
	{ "dns.resolver-unreachable", CLASS_DNS, AT_NAME, "resolv.conf(5); SIGNALS 39", judge_unreachable },
	{ "dns.first-resolver-dead", CLASS_DNS, AT_NAME, "resolv.conf(5); SIGNALS 39", judge_first_dead },
	{ "dns.refused", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1", judge_refused },
	{ "dns.resolver-slow", CLASS_DNS, AT_NAME, "SIGNALS 39", judge_slow },
	{ "dns.tcp-blocked", CLASS_DNS, AT_CONNECT, "RFC 7766 5", judge_tcp },
	{ "dns.large-answers-lost", CLASS_DNS, AT_SEGMENTS, "RFC 6891 6.2.5, DNS flag day 2020",
	  judge_large },
	{ "dns.aaaa-broken", CLASS_DNS, AT_ANSWER, "RFC 4074", judge_aaaa },
	{ NULL, CLASS_UNKNOWN, AT_NAME, NULL, NULL },
};
