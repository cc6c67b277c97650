/* The audit's cases about parent against child, and server against server (Zonemaster: Basic, Delegation, Consistency). */
#include "net/dns/audit_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void judge_parent(struct audit *audit)
{
	if (!audit->parent && audit->name.length > 1)
		audit_find(audit, AUDIT_ERROR, NULL, "delegate the zone in its parent",
			   "no parent refers to the zone");
}

static void judge_working(struct audit *audit)
{
	if (audit->reference < 0)
		audit_find(audit, AUDIT_ERROR, NULL, "bring a server back, or correct the delegation",
			   "no server of the zone answers with authority");
}

static void judge_count(struct audit *audit)
{
	const struct rrset *sets[] = { &audit->parent_ns, &audit->ns };
	static const char *const whose[] = { "the parent names", "the zone itself names" };
	size_t families[2] = { 0, 0 };
	for (size_t s = 0; s < 2; s++)
		if (sets[s]->count == 1)
			audit_find(audit, AUDIT_ERROR, NULL, "two servers at least (RFC 1034 4.1, RFC 2182)",
				   "%s one name server only", whose[s]);
	for (size_t i = 0; i < audit->server_count; i++)
		families[audit->servers[i].addr.family == AF_INET6]++;
	if (audit->server_count && !families[0])
		audit_find(audit, AUDIT_WARNING, NULL, "most resolvers still need IPv4",
			   "no name server has an IPv4 address");
	if (audit->server_count && !families[1])
		audit_find(audit, AUDIT_NOTICE, NULL, "give the servers IPv6 addresses as well",
			   "no name server has an IPv6 address");
}

/* Two names with one address are one server. */
static void judge_distinct(struct audit *audit)
{
	for (size_t i = 0; i < audit->ns.count; i++) {
		struct dns_name a, b;
		struct audit_host *first =
		    rdata_name(&audit->ns.items[i], 0, &a) ? audit_host(audit, &a) : NULL;
		for (size_t k = 0; k < i && first; k++) {
			struct audit_host *second =
			    rdata_name(&audit->ns.items[k], 0, &b) ? audit_host(audit, &b) : NULL;
			for (size_t x = 0; second && x < first->count; x++)
				for (size_t y = 0; y < second->count; y++)
					if (addr_equal(&first->addrs[x], &second->addrs[y])) {
						char text[ADDR_TEXT_MAX];
						audit_find(audit, AUDIT_ERROR,
							   addr_format(&first->addrs[x], text),
							   "each name server needs an address of its own",
							   "%.100s and %.100s have the same address",
							   first->name, second->name);
					}
		}
	}
}

/* How large a referral with a long name and the glue for one server of each family is. */
static void judge_referral_size(struct audit *audit)
{
	enum { HEADER = 12, QUESTION = 255 + 4, RECORD = 12, A = 16, AAAA = 28, LIMIT = 512 };
	size_t size = HEADER + QUESTION + A + AAAA;
	for (size_t i = 0; i < audit->parent_ns.count; i++)
		/* Names below the zone share its labels. */
		size += RECORD + audit->parent_ns.items[i].length -
			(audit->parent_ns.items[i].length > audit->name.length ? audit->name.length - 2u : 0);
	if (size > LIMIT)
		audit_find(audit, AUDIT_WARNING, NULL, "fewer or shorter names of servers",
			   "a referral may need %zu octets, and does not fit into 512", size);
}

static void judge_authoritative(struct audit *audit)
{
	char text[128], code[16];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_SOA);
		if (!message || (message->aa && message->rcode == 0))
			continue;
		audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
			   "let it serve the zone, or take it out of the delegation", "lame: %s%s",
			   message->rcode ? "it answers " : "it is not authoritative for the zone",
			   message->rcode ? dns_rcode_name(message->rcode, code) : "");
	}
}

static void judge_ns_alias(struct audit *audit)
{
	const struct rrset *sets[] = { &audit->ns, &audit->parent_ns };
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++) {
			struct dns_name name;
			struct audit_host *host =
			    rdata_name(&sets[s]->items[i], 0, &name) ? audit_host(audit, &name) : NULL;
			if (host && host->alias)
				audit_find(audit, AUDIT_ERROR, host->name,
					   "name the host itself (RFC 2181 10.3)",
					   "a name server's name is an alias (CNAME)");
		}
}

static void judge_soa(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		const struct dns_message *message = audit_said_well(audit, i, Q_SOA);
		if (message && !message->counts[DNS_ANSWER])
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "load the zone as a whole", "it gives no SOA");
	}
}

static bool has_name(const struct rrset *set, const struct rdata *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].length == name->length &&
		    memcmp(set->items[i].bytes, name->bytes, name->length) == 0)
			return true;
	return false;
}

static void judge_names_match(struct audit *audit)
{
	char text[DNS_NAME_TEXT_MAX];
	struct dns_name name;
	for (size_t i = 0; i < audit->parent_ns.count && audit->ns.count; i++)
		if (!has_name(&audit->ns, &audit->parent_ns.items[i]) &&
		    rdata_name(&audit->parent_ns.items[i], 0, &name)) {
			dns_name_format(&name, text);
			audit_find(audit, AUDIT_WARNING, text,
				   "tell the registrar (the parent) the zone's own NS set",
				   "the parent names it, the zone itself does not");
		}
	for (size_t i = 0; i < audit->ns.count && audit->parent_ns.count; i++)
		if (!has_name(&audit->parent_ns, &audit->ns.items[i]) &&
		    rdata_name(&audit->ns.items[i], 0, &name)) {
			dns_name_format(&name, text);
			audit_find(audit, AUDIT_WARNING, text,
				   "tell the registrar (the parent) the zone's own NS set",
				   "the zone names it, its parent does not");
		}
}

/* --- Consistency --- */

/* One field of the SOA as text: a name or a number. */
static void soa_field(const struct rrset *soa, int field, char *out, size_t size)
{
	struct dns_name mname, rname;
	out[0] = '\0';
	if (!soa->count || !rdata_name(&soa->items[0], 0, &mname) ||
	    !rdata_name(&soa->items[0], mname.length, &rname))
		return;
	size_t at = (size_t)mname.length + rname.length;
	char text[DNS_NAME_TEXT_MAX];
	if (field < 2) {
		dns_name_format(field ? &rname : &mname, text);
		snprintf(out, size, "%.150s", text);
	} else if (field == 2) {
		snprintf(out, size, "%u", audit_number(&soa->items[0], at));
	} else {
		snprintf(out, size, "%u %u %u %u", audit_number(&soa->items[0], at + 4),
			 audit_number(&soa->items[0], at + 8), audit_number(&soa->items[0], at + 12),
			 audit_number(&soa->items[0], at + 16));
	}
}

static void soa_compare(struct audit *audit, int field, enum audit_severity severity, const char *what,
			const char *cure)
{
	char mine[160], theirs[160], text[128];
	soa_field(&audit->soa, field, mine, sizeof mine);
	for (size_t i = 0; i < audit->server_count; i++) {
		struct rrset soa;
		if (!rrset_take(audit_said_well(audit, i, Q_SOA), DNS_ANSWER, &audit->name, RR_SOA, &soa))
			continue;
		soa_field(&soa, field, theirs, sizeof theirs);
		if (strcmp(mine, theirs) != 0)
			audit_find(audit, severity, audit_server_text(audit, i, text), cure,
				   "its %s is %.100s, that of %.60s is %.80s", what, theirs,
				   audit->servers[audit->reference].name, mine);
		rrset_release(&soa);
	}
}

static void judge_serial(struct audit *audit)
{
	soa_compare(audit, 2, AUDIT_WARNING, "serial",
		    "look at the transfers between the servers (NOTIFY, refresh)");
}

static void judge_rname(struct audit *audit)
{
	soa_compare(audit, 1, AUDIT_NOTICE, "mail address in the SOA", "let all servers have the same zone");
}

static void judge_timers(struct audit *audit)
{
	soa_compare(audit, 3, AUDIT_NOTICE, "timers in the SOA", "let all servers have the same zone");
}

static void judge_mname(struct audit *audit)
{
	soa_compare(audit, 0, AUDIT_NOTICE, "primary in the SOA", "let all servers have the same zone");
}

static void judge_ns_sets(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count; i++) {
		struct rrset ns;
		if (rrset_take(audit_said_well(audit, i, Q_NS), DNS_ANSWER, &audit->name, RR_NS, &ns) &&
		    audit->ns.count && !rrset_equal(&ns, &audit->ns))
			audit_find(audit, AUDIT_WARNING, audit_server_text(audit, i, text),
				   "let all servers have the same zone",
				   "its NS set differs from that of %.80s",
				   audit->servers[audit->reference].name);
		rrset_release(&ns);
	}
}

static bool host_has(const struct audit_host *host, const struct addr *addr)
{
	for (size_t i = 0; i < host->count; i++)
		if (addr_equal(&host->addrs[i], addr))
			return true;
	return false;
}

static void judge_glue(struct audit *audit)
{
	for (size_t i = 0; i < audit->zone->pub.server_count; i++) {
		const struct walk_server *server = &audit->zone->servers[i];
		struct dns_name name;
		char text[ADDR_TEXT_MAX];
		if (server->origin != WALK_GLUE || dns_name_parse(server->name, &name, NULL) < 0)
			continue;
		struct audit_host *host = audit_host(audit, &name);
		if (host && host->found && !host_has(host, &server->addr))
			audit_find(audit, AUDIT_ERROR, server->name,
				   "tell the registrar (the parent) the server's new address",
				   "the parent's glue says %s, and the name's own records do not",
				   addr_format(&server->addr, text));
	}
}

const struct audit_case audit_delegation_cases[] = {
	{ "BASIC01", "the parent refers to the zone", judge_parent, NEEDS_NOTHING },
	{ "BASIC02", "a server answers with authority", judge_working, NEEDS_NOTHING },
	{ "DELEGATION01", "there are two name servers at least", judge_count, NEEDS_NOTHING },
	{ "DELEGATION02", "each has an address of its own", judge_distinct, NEEDS_REFERENCE },
	{ "DELEGATION03", "a referral fits into 512 octets", judge_referral_size, NEEDS_PARENT },
	{ "DELEGATION04", "every server is authoritative", judge_authoritative, NEEDS_NOTHING },
	{ "DELEGATION05", "name servers' names are no aliases", judge_ns_alias, NEEDS_NOTHING },
	{ "DELEGATION06", "every server gives the SOA", judge_soa, NEEDS_NOTHING },
	{ "DELEGATION07", "parent and zone name the same servers", judge_names_match, NEEDS_PARENT },
	{ "CONSISTENCY01", "all servers have the same serial", judge_serial, NEEDS_REFERENCE },
	{ "CONSISTENCY02", "... the same mail address", judge_rname, NEEDS_REFERENCE },
	{ "CONSISTENCY03", "... the same timers", judge_timers, NEEDS_REFERENCE },
	{ "CONSISTENCY04", "... the same NS set", judge_ns_sets, NEEDS_REFERENCE },
	{ "CONSISTENCY05", "the parent's glue is right", judge_glue, NEEDS_PARENT },
	{ "CONSISTENCY06", "... the same primary", judge_mname, NEEDS_REFERENCE },
	{ NULL, NULL, NULL, NEEDS_NOTHING },
};
