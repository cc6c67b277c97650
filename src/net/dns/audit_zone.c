/* The audit's cases about the zone's own records: SOA, names, mail (Zonemaster: Syntax, Zone, Basic). */
#include "net/dns/audit_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HOUR = 3600, DAY = 86400 };

struct soa {
	struct dns_name mname, rname;
	uint32_t serial, refresh, retry, expire, minimum;
};

static bool soa_read(const struct audit *audit, struct soa *out)
{
	const struct rdata *data = &audit->soa.items[0];
	if (!audit->soa.count || !rdata_name(data, 0, &out->mname) ||
	    !rdata_name(data, out->mname.length, &out->rname))
		return false;
	size_t at = (size_t)out->mname.length + out->rname.length;
	out->serial = audit_number(data, at);
	out->refresh = audit_number(data, at + 4);
	out->retry = audit_number(data, at + 8);
	out->expire = audit_number(data, at + 12);
	out->minimum = audit_number(data, at + 16);
	return true;
}

/* RFC 952, RFC 1123 2.1: letters, digits, hyphens, and no hyphen at the ends of a label. */
static bool is_hostname(const struct dns_name *name, bool underscores)
{
	if (name->length <= 1)
		return false;
	for (size_t at = 0; name->wire[at]; at += 1u + name->wire[at]) {
		uint8_t length = name->wire[at];
		if (name->wire[at + 1] == '-' || name->wire[at + length] == '-')
			return false;
		for (unsigned i = 1; i <= length; i++) {
			uint8_t c = name->wire[at + i];
			if (!isalnum(c) && c != '-' && !(underscores && c == '_'))
				return false;
		}
	}
	return true;
}

static void text_of(const struct dns_name *name, char out[DNS_NAME_TEXT_MAX])
{
	dns_name_format(name, out);
}

static void judge_zone_letters(struct audit *audit)
{
	for (size_t at = 0; audit->name.wire[at]; at += 1u + audit->name.wire[at])
		for (unsigned i = 1; i <= audit->name.wire[at]; i++) {
			uint8_t c = audit->name.wire[at + i];
			if (isalnum(c) || c == '-' || c == '/')
				continue;
			audit_find(audit, AUDIT_ERROR, NULL, "use letters, digits and hyphens",
				   "the zone's name holds a character that host names may not have");
			return;
		}
}

static void judge_hyphen_ends(struct audit *audit)
{
	for (size_t at = 0; audit->name.wire[at]; at += 1u + audit->name.wire[at])
		if (audit->name.wire[at + 1] == '-' || audit->name.wire[at + audit->name.wire[at]] == '-')
			audit_find(audit, AUDIT_ERROR, NULL, "choose another name",
				   "a label of the zone's name begins or ends with a hyphen");
}

static void judge_hyphens_inside(struct audit *audit)
{
	for (size_t at = 0; audit->name.wire[at]; at += 1u + audit->name.wire[at]) {
		const uint8_t *label = audit->name.wire + at + 1;
		if (audit->name.wire[at] > 4 && label[2] == '-' && label[3] == '-' &&
		    strncasecmp((const char *)label, "xn", 2) != 0)
			audit_find(audit, AUDIT_ERROR, NULL, "only international names (xn--) have that",
				   "a label of the zone's name has hyphens at places 3 and 4");
	}
}

static void hostnames_judge(struct audit *audit, const struct rrset *set, size_t skip, const char *what)
{
	for (size_t i = 0; i < set->count; i++) {
		struct dns_name name;
		char text[DNS_NAME_TEXT_MAX];
		if (!rdata_name(&set->items[i], skip, &name) || is_hostname(&name, false))
			continue;
		text_of(&name, text);
		if (skip && strcmp(text, ".") == 0)
			continue; /* "no mail" (RFC 7505) */
		audit_find(audit, AUDIT_ERROR, text, "host names are letters, digits and hyphens",
			   "%s is no host name", what);
	}
}

static void judge_ns_names(struct audit *audit)
{
	hostnames_judge(audit, &audit->ns, 0, "a name server's name");
	hostnames_judge(audit, &audit->parent_ns, 0, "a name server's name at the parent");
}

static void judge_rname_at(struct audit *audit)
{
	struct soa soa;
	char text[DNS_NAME_TEXT_MAX];
	if (!soa_read(audit, &soa))
		return;
	text_of(&soa.rname, text);
	if (strchr(text, '@'))
		audit_find(audit, AUDIT_ERROR, text, "write a dot where the mail address has its @",
			   "the mail address in the SOA is written with an @");
}

static void judge_rname_letters(struct audit *audit)
{
	struct soa soa;
	struct dns_name domain;
	char text[DNS_NAME_TEXT_MAX];
	if (!soa_read(audit, &soa))
		return;
	text_of(&soa.rname, text);
	unsigned labels = dns_name_labels(&soa.rname);
	dns_name_suffix(&soa.rname, labels ? labels - 1 : 0, &domain);
	if (labels < 2 || !is_hostname(&domain, false))
		audit_find(audit, AUDIT_WARNING, text, "name a mailbox that somebody reads",
			   "the mail address in the SOA is none");
}

static void judge_mname_letters(struct audit *audit)
{
	struct soa soa;
	char text[DNS_NAME_TEXT_MAX];
	if (!soa_read(audit, &soa) || is_hostname(&soa.mname, false))
		return;
	text_of(&soa.mname, text);
	audit_find(audit, AUDIT_WARNING, text, "name the primary server there",
		   "the primary server in the SOA is no host name");
}

static void mx_take(const struct audit *audit, struct rrset *out)
{
	rrset_take(audit_said_well(audit, (size_t)audit->reference, Q_MX), DNS_ANSWER, &audit->name, RR_MX,
		   out);
}

static void judge_mx_names(struct audit *audit)
{
	struct rrset mx;
	mx_take(audit, &mx);
	hostnames_judge(audit, &mx, 2, "a mail server's name");
	rrset_release(&mx);
}

/* --- Zone --- */

static bool names_server(const struct rrset *ns, const struct dns_name *name)
{
	for (size_t i = 0; i < ns->count; i++) {
		struct dns_name here;
		if (rdata_name(&ns->items[i], 0, &here) && dns_name_equal(&here, name))
			return true;
	}
	return false;
}

static void judge_master(struct audit *audit)
{
	struct soa soa;
	char text[DNS_NAME_TEXT_MAX];
	if (!soa_read(audit, &soa))
		return;
	text_of(&soa.mname, text);
	struct audit_host *host = audit_host(audit, &soa.mname);
	if (host && !host->found)
		audit_find(audit, AUDIT_WARNING, text,
			   "name a server that exists: dynamic updates and secondaries go there",
			   "the primary server in the SOA has no address");
	else if (!names_server(&audit->ns, &soa.mname))
		audit_find(audit, AUDIT_NOTICE, text, "fine for a hidden primary",
			   "the primary server in the SOA is not among the name servers");
}

static void judge_refresh(struct audit *audit)
{
	struct soa soa;
	if (soa_read(audit, &soa) && soa.refresh < 4 * HOUR)
		audit_find(audit, AUDIT_NOTICE, "SOA", "4 hours or more, with NOTIFY for changes",
			   "refresh is %u s, which is short", soa.refresh);
}

static void judge_retry(struct audit *audit)
{
	struct soa soa;
	if (soa_read(audit, &soa) && soa.retry >= soa.refresh)
		audit_find(audit, AUDIT_WARNING, "SOA", "retry must be less than refresh",
			   "retry (%u s) is not less than refresh (%u s)", soa.retry, soa.refresh);
}

static void judge_retry_least(struct audit *audit)
{
	struct soa soa;
	if (soa_read(audit, &soa) && soa.retry < HOUR)
		audit_find(audit, AUDIT_NOTICE, "SOA", "one hour or more", "retry is %u s, which is short",
			   soa.retry);
}

static void judge_expire(struct audit *audit)
{
	struct soa soa;
	if (!soa_read(audit, &soa))
		return;
	if (soa.expire < soa.refresh)
		audit_find(audit, AUDIT_ERROR, "SOA", "expire must be many times refresh",
			   "expire (%u s) is less than refresh (%u s): secondaries drop the zone", soa.expire,
			   soa.refresh);
	else if (soa.expire < 7 * DAY)
		audit_find(audit, AUDIT_WARNING, "SOA",
			   "a week or more: so long the zone survives a dead primary",
			   "expire is %u s, less than a week", soa.expire);
}

static void judge_minimum(struct audit *audit)
{
	struct soa soa;
	if (!soa_read(audit, &soa))
		return;
	if (soa.minimum > DAY)
		audit_find(audit, AUDIT_WARNING, "SOA", "5 minutes to a day (RFC 2308 5)",
			   "negative answers are kept for %u s: a new name is not seen for that long",
			   soa.minimum);
	else if (soa.minimum < 5 * 60)
		audit_find(audit, AUDIT_NOTICE, "SOA", "5 minutes to a day (RFC 2308 5)",
			   "negative answers are kept for %u s only: typing errors come back to your servers",
			   soa.minimum);
}

static void judge_master_alias(struct audit *audit)
{
	struct soa soa;
	struct audit_host *host = soa_read(audit, &soa) ? audit_host(audit, &soa.mname) : NULL;
	if (host && host->alias)
		audit_find(audit, AUDIT_WARNING, host->name, "name the host itself",
			   "the primary server in the SOA is an alias (CNAME)");
}

static void judge_mx_alias(struct audit *audit)
{
	struct rrset mx;
	mx_take(audit, &mx);
	for (size_t i = 0; i < mx.count; i++) {
		struct dns_name name;
		struct audit_host *host =
		    rdata_name(&mx.items[i], 2, &name) && name.length > 1 ? audit_host(audit, &name) : NULL;
		if (host && host->alias)
			audit_find(audit, AUDIT_ERROR, host->name,
				   "let the MX name the host itself (RFC 2181 10.3)",
				   "a mail server is an alias (CNAME)");
		else if (host && !host->found)
			audit_find(audit, AUDIT_ERROR, host->name, "give it an address, or take it out",
				   "a mail server has no address");
	}
	rrset_release(&mx);
}

static void judge_mx_there(struct audit *audit)
{
	struct rrset mx;
	mx_take(audit, &mx);
	if (!mx.count)
		audit_find(audit, AUDIT_INFO, NULL, "none is needed without mail; 'MX 0 .' says so",
			   "the zone has no MX record");
	rrset_release(&mx);
}

static void judge_one_soa(struct audit *audit)
{
	if (audit->soa.count > 1)
		audit_find(audit, AUDIT_ERROR, NULL, "one SOA only", "the zone has %zu SOA records",
			   audit->soa.count);
}

/* RFC 7208 3.2, 4.5: one record that begins with the version. */
static void judge_spf(struct audit *audit)
{
	struct rrset txt;
	size_t found = 0;
	rrset_take(audit_said_well(audit, (size_t)audit->reference, Q_TXT), DNS_ANSWER, &audit->name, RR_TXT,
		   &txt);
	for (size_t i = 0; i < txt.count; i++) {
		const struct rdata *data = &txt.items[i];
		bool spf = data->length > 6 && strncasecmp((const char *)data->bytes + 1, "v=spf1", 6) == 0;
		bool ends = spf && (data->bytes[0] == 6 || data->bytes[7] == ' ');
		found += ends;
		if (spf && !ends)
			audit_find(audit, AUDIT_WARNING, "TXT", "v=spf1, a blank, then the mechanisms",
				   "an SPF record cannot be read");
	}
	if (found > 1)
		audit_find(audit, AUDIT_ERROR, "TXT", "join them in one (RFC 7208 3.2)",
			   "the zone has %zu SPF records: none of them counts", found);
	rrset_release(&txt);
}

static void judge_apex_alias(struct audit *audit)
{
	struct rrset set;
	rrset_take(audit_said(audit, (size_t)audit->reference, Q_A), DNS_ANSWER, &audit->name, RR_CNAME,
		   &set);
	if (set.count)
		audit_find(audit, AUDIT_ERROR, NULL,
			   "use addresses there, or what your provider has for it (ALIAS, HTTPS)",
			   "the zone's own name is an alias (CNAME): SOA, NS and MX are hidden by it");
	rrset_release(&set);
}

static void judge_www(struct audit *audit)
{
	const struct dns_message *message = audit_said(audit, (size_t)audit->reference, Q_WWW);
	if (!message || message->rcode || !message->counts[DNS_ANSWER])
		audit_find(audit, AUDIT_INFO, audit->www, NULL, "there is no address for www");
}

const struct audit_case audit_zone_cases[] = {
	{ "BASIC03", "www has an address", judge_www, NEEDS_REFERENCE },
	{ "SYNTAX01", "no illegal characters in the zone's name", judge_zone_letters, NEEDS_NOTHING },
	{ "SYNTAX02", "no hyphen at the ends of its labels", judge_hyphen_ends, NEEDS_NOTHING },
	{ "SYNTAX03", "no double hyphen at places 3 and 4", judge_hyphens_inside, NEEDS_NOTHING },
	{ "SYNTAX04", "name servers have host names", judge_ns_names, NEEDS_NOTHING },
	{ "SYNTAX05", "no @ in the SOA's mail address", judge_rname_at, NEEDS_REFERENCE },
	{ "SYNTAX06", "the SOA's mail address is one", judge_rname_letters, NEEDS_REFERENCE },
	{ "SYNTAX07", "the SOA's primary is a host name", judge_mname_letters, NEEDS_REFERENCE },
	{ "SYNTAX08", "mail servers have host names", judge_mx_names, NEEDS_REFERENCE },
	{ "ZONE01", "the SOA's primary can be found", judge_master, NEEDS_REFERENCE },
	{ "ZONE02", "refresh is long enough", judge_refresh, NEEDS_REFERENCE },
	{ "ZONE03", "retry is less than refresh", judge_retry, NEEDS_REFERENCE },
	{ "ZONE04", "retry is long enough", judge_retry_least, NEEDS_REFERENCE },
	{ "ZONE05", "expire is long enough", judge_expire, NEEDS_REFERENCE },
	{ "ZONE06", "negative TTL is sane", judge_minimum, NEEDS_REFERENCE },
	{ "ZONE07", "the SOA's primary is no alias", judge_master_alias, NEEDS_REFERENCE },
	{ "ZONE08", "mail servers are no aliases and have addresses", judge_mx_alias, NEEDS_REFERENCE },
	{ "ZONE09", "there is an MX record", judge_mx_there, NEEDS_REFERENCE },
	{ "ZONE10", "there is one SOA", judge_one_soa, NEEDS_REFERENCE },
	{ "ZONE11", "at most one SPF record, and it can be read", judge_spf, NEEDS_REFERENCE },
	{ "APEX01", "the zone's own name is no alias", judge_apex_alias, NEEDS_REFERENCE },
	{ NULL, NULL, NULL, NEEDS_NOTHING },
};
