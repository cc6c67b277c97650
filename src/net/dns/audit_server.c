/* The audit's cases about each server: reachable, authoritative, well-behaved (Zonemaster: Connectivity, Nameserver, Address). */
#include "net/dns/audit_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct dns_exchange *exchange_of(const struct audit *audit, size_t server,
					      enum audit_question question)
{
	return &audit->servers[server].jobs[question].exchange;
}

/* No route from here for its family is our fault, not its. */
static bool is_out_of_reach(const struct audit *audit, size_t server)
{
	return strcmp(exchange_of(audit, server, Q_SOA)->error.code, "ENETUNREACH") == 0;
}

static void judge_udp(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++)
		if (exchange_of(audit, i, Q_SOA)->outcome != DNS_ANSWERED && !is_out_of_reach(audit, i))
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "bring it back, or take it out of the delegation",
				   "no answer over UDP: %.200s", exchange_of(audit, i, Q_SOA)->error.message);
}

static void judge_tcp(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++)
		if (exchange_of(audit, i, Q_SOA_TCP)->outcome != DNS_ANSWERED && audit_said(audit, i, Q_SOA))
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "open TCP port 53 (RFC 7766)", "no answer over TCP: %.200s",
				   exchange_of(audit, i, Q_SOA_TCP)->error.message);
}

/* One network that fails takes all servers along (RFC 2182 3.1). */
static void judge_prefixes(struct audit *audit)
{
	for (int family = 0; family < 2; family++) {
		sa_family_t wanted = family ? AF_INET6 : AF_INET;
		size_t octets = family ? 6 : 3, count = 0;
		const struct addr *first = NULL;
		bool same = true;
		for (size_t i = 0; i < audit->server_count; i++) {
			const struct addr *addr = &audit->servers[i].addr;
			if (addr->family != wanted)
				continue;
			count++;
			same = same && (!first || memcmp(first->bytes, addr->bytes, octets) == 0);
			first = first ? first : addr;
		}
		if (count > 1 && same)
			audit_find(audit, AUDIT_WARNING, family ? "IPv6" : "IPv4",
				   "put one server into another network (RFC 2182)",
				   "all name servers are in one network (/%d): what takes that down takes "
				   "the zone down",
				   family ? 48 : 24);
	}
}

static void judge_recursion(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_RECURSION);
		if (message && message->ra && message->rcode == 0 && message->counts[DNS_ANSWER] &&
		    !message->aa)
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "switch recursion off on authorities (RFC 5358)",
				   "it is an open resolver: it asked others for us");
	}
}

static void judge_edns(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_SOA);
		if (message && !message->has_edns)
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "use a server, or a firewall, that knows EDNS (RFC 6891)",
				   "its answers have no EDNS");
	}
}

static void judge_transfer(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_AXFR);
		if (message && message->rcode == 0 && message->counts[DNS_ANSWER])
			audit_find(audit, AUDIT_NOTICE, audit_server_text(audit, i, text),
				   "allow transfers to your secondaries alone",
				   "everybody may transfer the whole zone (AXFR)");
	}
}

static void judge_source(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++)
		for (int q = 0; q < QUESTIONS; q++) {
			const struct dns_exchange *exchange = exchange_of(audit, i, (enum audit_question)q);
			if (!exchange->stray_count ||
			    strncmp(exchange->strays[0].why, "another address", 15) != 0)
				continue;
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "answer from the address that was asked",
				   "its answers come from another address than the one that was asked");
			break;
		}
}

static void judge_aaaa(struct audit *audit)
{
	char text[128], code[16];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_AAAA);
		if (!audit_said(audit, i, Q_SOA))
			continue;
		if (!message)
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "answer AAAA with what there is, be it nothing (RFC 4074)",
				   "it does not answer questions for AAAA");
		else if (message->rcode)
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "answer AAAA with what there is, be it nothing (RFC 4074)",
				   "it answers %s to a question for AAAA",
				   dns_rcode_name(message->rcode, code));
	}
}

static void judge_names(struct audit *audit)
{
	const struct rrset *sets[] = { &audit->ns, &audit->parent_ns };
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++) {
			struct dns_name name;
			struct audit_host *host =
			    rdata_name(&sets[s]->items[i], 0, &name) ? audit_host(audit, &name) : NULL;
			if (host && !host->found)
				audit_find(audit, AUDIT_ERROR, host->name,
					   "give it an address, or take it out of the NS set",
					   "a name server's name has no address%s",
					   s ? " (the parent names it)" : "");
		}
}

static void judge_upward(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_UPWARD);
		bool refers = message && message->rcode == 0 && !message->aa &&
			      message->counts[DNS_AUTHORITY] &&
			      message->records[DNS_AUTHORITY][0].type == RR_NS && audit->name.length > 1;
		if (refers)
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "refuse what is not yours (REFUSED)",
				   "it refers upwards, to the root: an amplifier for attacks");
	}
}

static void judge_case(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *plain = audit_said_well(audit, i, Q_SOA),
					 *mixed = audit_said(audit, i, Q_CASE);
		if (!plain || !plain->counts[DNS_ANSWER])
			continue;
		struct rrset a, b;
		rrset_take(plain, DNS_ANSWER, &audit->name, RR_SOA, &a);
		rrset_take(mixed, DNS_ANSWER, &audit->name, RR_SOA, &b);
		if (!mixed || !rrset_equal(&a, &b))
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "names are the same in upper and lower case (RFC 4343)",
				   "the name in mixed case gets another answer");
		rrset_release(&a);
		rrset_release(&b);
	}
}

static void judge_case_kept(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *mixed = audit_said(audit, i, Q_CASE);
		if (mixed && mixed->counts[DNS_QUESTION] &&
		    strcmp(mixed->records[DNS_QUESTION][0].name, audit->mixed) != 0)
			audit_find(audit, AUDIT_NOTICE, audit_server_text(audit, i, text),
				   "copy the question as it came (0x20 depends on it)",
				   "it changes the case of the name in the question");
	}
}

static void judge_cut_edns(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_SMALL);
		if (message && message->tc && !message->has_edns)
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "keep the OPT record in cut answers (RFC 6891 7)",
				   "a cut answer loses its EDNS");
	}
}

static void judge_newer(struct audit *audit, enum audit_question question)
{
	enum { BADVERS = 16 };
	char text[128], code[16];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *plain = audit_said(audit, i, Q_SOA),
					 *message = audit_said(audit, i, question);
		if (!plain || !plain->has_edns)
			continue;
		if (!message)
			audit_find(
			    audit, AUDIT_WARNING, audit_server_text(audit, i, text),
			    "answer BADVERS (RFC 6891 6.1.3): let firewalls pass what they do not know",
			    "it does not answer questions with a newer EDNS version");
		else if (message->rcode != BADVERS)
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "answer BADVERS (RFC 6891 6.1.3)",
				   "it answers %s to a question with a newer EDNS version",
				   dns_rcode_name(message->rcode, code));
	}
}

static void judge_edns_version(struct audit *audit)
{
	judge_newer(audit, Q_EDNS1);
}

static void judge_edns_both(struct audit *audit)
{
	judge_newer(audit, Q_BOTH);
}

static void judge_edns_option(struct audit *audit)
{
	char text[128], code[16];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *plain = audit_said(audit, i, Q_SOA),
					 *message = audit_said(audit, i, Q_OPTION);
		if (!plain || !plain->has_edns)
			continue;
		if (!message)
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "ignore unknown options (RFC 6891 6.1.2): let firewalls pass them",
				   "it does not answer questions with an EDNS option that it does not know");
		else if (message->rcode != plain->rcode)
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "ignore unknown options (RFC 6891 6.1.2)",
				   "it answers %s to a question with an EDNS option that it does not know",
				   dns_rcode_name(message->rcode, code));
	}
}

static void judge_version(struct audit *audit)
{
	char text[128], version[80];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_VERSION);
		if (!message || message->rcode || !message->counts[DNS_ANSWER])
			continue;
		dns_record_text(message, &message->records[DNS_ANSWER][0], version, sizeof version);
		audit_find(audit, AUDIT_INFO, audit_server_text(audit, i, text), "hide it where that matters",
			   "it tells its version: %s", version);
	}
}

/* RFC 6890 and its registry, the common ones. */
static const char *special_of(const struct addr *addr)
{
	const uint8_t *b = addr->bytes;
	if (addr->family == AF_INET6)
		return addr_is_loopback(addr) || addr_is_link_local(addr) ? "this host or link alone"
		       : (b[0] & 0xfe) == 0xfc                            ? "a private network (fc00::/7)"
		       : b[0] == 0x20 && b[1] == 1 && b[2] == 0xd && b[3] == 0xb8
			   ? "documentation (2001:db8::/32)"
			   : NULL;
	return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168)
		   ? "a private network (RFC 1918)"
	       : b[0] == 127 || b[0] == 0           ? "this host alone"
	       : b[0] == 100 && (b[1] & 0xc0) == 64 ? "a provider's inside (100.64.0.0/10)"
	       : b[0] == 169 && b[1] == 254         ? "this link alone"
	       : (b[0] == 192 && b[1] == 0 && b[2] == 2) || (b[0] == 198 && b[1] == 51 && b[2] == 100) ||
		       (b[0] == 203 && b[1] == 0 && b[2] == 113)
		   ? "documentation"
	       : b[0] >= 224 ? "multicast, or reserved"
			     : NULL;
}

static void judge_special(struct audit *audit)
{
	char text[128];
	/* Below a private root that is what is to be expected. */
	enum audit_severity severity = audit->request.root_file ? AUDIT_INFO : AUDIT_ERROR;
	for (size_t i = 0; i < audit->server_count; i++) {
		const char *special = special_of(&audit->servers[i].addr);
		if (special)
			audit_find(audit, severity, audit_server_text(audit, i, text),
				   "use an address that everybody can reach", "its address is for %s",
				   special);
	}
}

enum { REVERSES_MAX = 8 };

static void judge_reverse(struct audit *audit)
{
	char text[128];
	struct dns_name name;
	for (size_t i = 0; i < audit->server_count && i < REVERSES_MAX; i++)
		if (!audit_reverse(audit, &audit->servers[i].addr, &name))
			audit_find(audit, AUDIT_NOTICE, audit_server_text(audit, i, text), "add a PTR record",
				   "its address has no name (PTR)");
}

static void judge_reverse_same(struct audit *audit)
{
	char text[128], other[DNS_NAME_TEXT_MAX];
	struct dns_name name;
	for (size_t i = 0; i < audit->server_count && i < REVERSES_MAX; i++) {
		if (!audit_reverse(audit, &audit->servers[i].addr, &name))
			continue;
		dns_name_format(&name, other);
		if (strcasecmp(other, audit->servers[i].name) != 0)
			audit_find(audit, AUDIT_INFO, audit_server_text(audit, i, text),
				   "let the PTR name the server", "its address has another name: %.150s",
				   other);
	}
}

const struct audit_case audit_server_cases[] = {
	{ "CONNECTIVITY01", "every server answers over UDP", judge_udp, NEEDS_NOTHING },
	{ "CONNECTIVITY02", "every server answers over TCP", judge_tcp, NEEDS_NOTHING },
	{ "CONNECTIVITY04", "the servers are not all in one network", judge_prefixes, NEEDS_NOTHING },
	{ "NAMESERVER01", "no server is an open resolver", judge_recursion, NEEDS_PARENT },
	{ "NAMESERVER02", "every server knows EDNS", judge_edns, NEEDS_NOTHING },
	{ "NAMESERVER03", "the zone cannot be transferred by everybody", judge_transfer, NEEDS_NOTHING },
	{ "NAMESERVER04", "answers come from the address that was asked", judge_source, NEEDS_NOTHING },
	{ "NAMESERVER05", "AAAA is answered", judge_aaaa, NEEDS_NOTHING },
	{ "NAMESERVER06", "name servers' names have addresses", judge_names, NEEDS_NOTHING },
	{ "NAMESERVER07", "no server refers upwards", judge_upward, NEEDS_NOTHING },
	{ "NAMESERVER08", "names are the same in upper and lower case", judge_case, NEEDS_NOTHING },
	{ "NAMESERVER09", "the question comes back as it was", judge_case_kept, NEEDS_NOTHING },
	{ "NAMESERVER10", "a newer EDNS version is answered with BADVERS", judge_edns_version,
	  NEEDS_NOTHING },
	{ "NAMESERVER11", "unknown EDNS options are ignored", judge_edns_option, NEEDS_NOTHING },
	{ "NAMESERVER13", "cut answers keep EDNS", judge_cut_edns, NEEDS_NOTHING },
	{ "NAMESERVER14", "... both at once", judge_edns_both, NEEDS_NOTHING },
	{ "NAMESERVER15", "servers do not tell their version", judge_version, NEEDS_NOTHING },
	{ "ADDRESS01", "the servers' addresses can be reached by everybody", judge_special, NEEDS_NOTHING },
	{ "ADDRESS02", "the servers' addresses have names", judge_reverse, NEEDS_NOTHING },
	{ "ADDRESS03", "... which are the servers'", judge_reverse_same, NEEDS_NOTHING },
	{ NULL, NULL, NULL, NEEDS_NOTHING },
};
