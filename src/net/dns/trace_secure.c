/* The chain of trust along the walk, from the anchors of the root to the answer: each link judged, the broken one named. */
#include "net/dns/trace_parts.h"

#include <stdio.h>
#include <string.h>

enum { SETS_MAX = 16 };

static void state(struct walk_zone_inner *zone, enum walk_security security, const char *says)
{
	zone->pub.security = security;
	snprintf(zone->pub.security_says, sizeof zone->pub.security_says, "%.255s", says);
}

static int64_t now_seconds(void)
{
	return clock_real() / NS_PER_S;
}

static void tags(const struct rrset *set, bool keys, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < set->count && used < size; i++) {
		const struct rdata *item = &set->items[i];
		if (item->length < 4)
			continue;
		unsigned tag = keys ? dnssec_key_tag(item) : (unsigned)(item->bytes[0] << 8 | item->bytes[1]);
		used += (size_t)snprintf(buf + used, size - used, "%s%u%s", used ? ", " : "", tag,
					 keys && item->bytes[1] & 1 ? "*" : "");
	}
}

/* What the zone publishes, whoever trusts it. */
static void describe(struct walk_zone_inner *zone)
{
	struct rrset set;
	for (size_t i = 0; i < zone->pub.server_count && !zone->pub.key_count; i++) {
		rrset_take(zone->servers[i].keys, DNS_ANSWER, &zone->name, RR_DNSKEY, &set);
		zone->pub.key_count = set.count;
		tags(&set, true, zone->pub.keys, sizeof zone->pub.keys);
		rrset_release(&set);
	}
	zone->pub.signed_ = zone->pub.key_count > 0;
	rrset_take(zone->referral, zone->ds_section, &zone->name, RR_DS, &set);
	zone->pub.ds_count = set.count;
	tags(&set, false, zone->pub.ds, sizeof zone->pub.ds);
	rrset_release(&set);
}

/* Some server whose keys fit the DS set makes the zone good; others that do not are told. */
static void keys_judge(struct walk_zone_inner *zone, const struct rrset *ds)
{
	struct dnssec_finding found, best = { .fault = DNSSEC_OK };
	bool any = false, good = false;
	for (size_t i = 0; i < zone->pub.server_count; i++) {
		struct walk_server *server = &zone->servers[i];
		struct rrset keys, signatures;
		if (!server->keys)
			continue;
		rrset_take(server->keys, DNS_ANSWER, &zone->name, RR_DNSKEY, &keys);
		rrset_take(server->keys, DNS_ANSWER, &zone->name, RR_RRSIG, &signatures);
		enum dnssec_fault fault =
		    dnssec_keys_verify(&zone->name, ds, &keys, &signatures, now_seconds(), &found);
		if (!any || (fault == DNSSEC_OK && !good))
			best = found;
		any = true;
		if (fault == DNSSEC_OK && !good) {
			good = true;
			rrset_copy(&keys, &zone->keys);
		} else if (dnssec_is_bogus(fault) && !server->says[0]) {
			snprintf(server->says, sizeof server->says, "%.199s", found.says);
		}
		rrset_release(&keys);
		rrset_release(&signatures);
	}
	if (!any)
		state(zone, WALK_INDETERMINATE, "no server told the zone's keys (DNSKEY)");
	else if (good)
		state(zone, WALK_SECURE, best.says);
	else
		state(zone, dnssec_is_bogus(best.fault) ? WALK_BOGUS : WALK_INSECURE, best.says);
}

/* The root's own keys, taken for what they claim to be. */
static void root_on_trust(struct walk_zone_inner *zone)
{
	if (!zone->pub.key_count) {
		state(zone, WALK_INSECURE, "this root has no keys");
		return;
	}
	struct rrset signatures;
	struct dnssec_finding found = { .fault = DNSSEC_NO_DNSKEY };
	for (size_t i = 0; i < zone->pub.server_count && found.fault; i++) {
		rrset_release(&zone->keys);
		rrset_take(zone->servers[i].keys, DNS_ANSWER, &zone->name, RR_DNSKEY, &zone->keys);
		rrset_take(zone->servers[i].keys, DNS_ANSWER, &zone->name, RR_RRSIG, &signatures);
		if (zone->keys.count)
			dnssec_verify(&zone->keys, &signatures, &zone->keys, &zone->name, now_seconds(),
				      &found);
		rrset_release(&signatures);
	}
	if (found.fault)
		state(zone, WALK_BOGUS, found.says);
	else
		state(zone, WALK_SECURE,
		      "its keys are taken on trust: the hints file holds no DS or DNSKEY of the root");
}

static void root_judge(struct walk *trace, struct walk_zone_inner *zone)
{
	if (trace->anchors.count)
		keys_judge(zone, &trace->anchors);
	else
		root_on_trust(zone);
}

/* What one of the parent's messages says about the zone's DS. */
static enum dnssec_fault delegation_judge(const struct walk_zone_inner *zone,
					  const struct walk_zone_inner *parent,
					  const struct dns_message *referral, struct dnssec_finding *found,
					  struct rrset *ds)
{
	if (rrset_take(referral, zone->ds_section, &zone->name, RR_DS, ds))
		return dnssec_verify_in(referral, zone->ds_section, &zone->name, RR_DS, &parent->keys,
					&parent->name, now_seconds(), found);
	return dnssec_deny(referral, DENY_DS, &zone->name, RR_DS, 0, &parent->keys, &parent->name,
			   now_seconds(), found);
}

static bool refers_to(const struct walk_zone_inner *parent, size_t server, const struct dns_name *cut)
{
	return parent->servers[server].reply == WALK_REFERRAL && dns_name_equal(&parent->cuts[server], cut);
}

/* The first of the parent's servers whose referral holds; else the finding of the one that was followed. */
static enum dnssec_fault delegation_best(struct walk_zone_inner *zone, const struct walk_zone_inner *parent,
					 struct dnssec_finding *found, struct rrset *ds)
{
	enum dnssec_fault fault = delegation_judge(zone, parent, zone->referral, found, ds);
	for (size_t i = 0; i < parent->pub.server_count && dnssec_is_bogus(fault) && !zone->own; i++) {
		struct dnssec_finding other;
		struct rrset other_ds;
		if (!refers_to(parent, i, &zone->name))
			continue;
		if (!dnssec_is_bogus(
			delegation_judge(zone, parent, parent->servers[i].message, &other, &other_ds))) {
			rrset_release(ds);
			*ds = other_ds;
			*found = other;
			return other.fault;
		}
		rrset_release(&other_ds);
	}
	return fault;
}

static void child_judge(struct walk_zone_inner *zone, const struct walk_zone_inner *parent)
{
	struct dnssec_finding found;
	struct rrset ds;
	if (parent->pub.security != WALK_SECURE) {
		state(zone, parent->pub.security,
		      parent->pub.security == WALK_INSECURE ? "a zone above is not signed"
		      : parent->pub.security == WALK_BOGUS  ? "the chain is broken above"
							    : "the chain is not known above");
		return;
	}
	if (!zone->referral) {
		state(zone, WALK_INDETERMINATE, "the parent did not tell whether there is a DS");
		return;
	}
	enum dnssec_fault fault = delegation_best(zone, parent, &found, &ds);
	if (dnssec_is_bogus(fault) && !zone->referral->edns_do)
		state(zone, WALK_INDETERMINATE, "the parent's server does not give signatures (no EDNS)");
	else if (dnssec_is_bogus(fault) && !ds.count && !zone->own) {
		char says[256];
		snprintf(says, sizeof says, "the parent proves neither a DS nor its absence: %.190s",
			 found.says);
		state(zone, WALK_BOGUS, says);
	} else if (dnssec_is_bogus(fault))
		state(zone, WALK_BOGUS, found.says);
	else if (!ds.count || fault)
		state(zone, WALK_INSECURE, found.says);
	else
		keys_judge(zone, &ds);
	rrset_release(&ds);
}

static void zone_judge(struct walk *trace, struct walk_zone_inner *zone)
{
	const struct walk_zone_inner *of = zone->keys_of;
	if (of) {
		zone->pub.security = of->pub.security;
		memcpy(zone->pub.security_says, of->pub.security_says, sizeof zone->pub.security_says);
		rrset_copy(&of->keys, &zone->keys);
		return;
	}
	describe(zone);
	if (zone->pub.parent < 0)
		root_judge(trace, zone);
	else
		child_judge(zone, trace->zones[zone->pub.parent]);
}

/* --- the answer --- */

/* A CNAME made from a DNAME of the same answer needs no signature of its own (RFC 6672 5.3.1). */
static bool made_from_dname(const struct dns_message *message, const struct dns_name *owner)
{
	for (size_t i = 0; i < message->counts[DNS_ANSWER]; i++) {
		struct dns_name dname;
		if (message->records[DNS_ANSWER][i].type != RR_DNAME)
			continue;
		rrset_owner(&message->records[DNS_ANSWER][i], &dname);
		if (dns_name_within(owner, &dname) && !dns_name_equal(owner, &dname))
			return true;
	}
	return false;
}

/* Every set of the answer section that is of the zone. */
static enum dnssec_fault records_verify(const struct walk_zone_inner *zone, const struct dns_message *message,
					struct dnssec_finding *found)
{
	struct dns_name before = { .length = 0 };
	uint16_t type_before = 0;
	*found = (struct dnssec_finding){ .fault = DNSSEC_OK };
	size_t sets = 0;
	for (size_t i = 0; i < message->counts[DNS_ANSWER] && sets < SETS_MAX; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		struct dns_name owner;
		rrset_owner(record, &owner);
		if (record->type == RR_RRSIG || !dns_name_within(&owner, &zone->name) ||
		    (record->type == type_before && dns_name_equal(&owner, &before)) ||
		    (record->type == RR_CNAME && made_from_dname(message, &owner)))
			continue;
		before = owner;
		type_before = record->type;
		sets++;
		enum dnssec_fault fault = dnssec_verify_in(message, DNS_ANSWER, &owner, record->type,
							   &zone->keys, &zone->name, now_seconds(), found);
		if (fault == DNSSEC_OK && found->wildcard)
			fault = dnssec_deny(message, DENY_CLOSER, &owner, record->type, found->labels,
					    &zone->keys, &zone->name, now_seconds(), found);
		if (fault)
			return fault;
	}
	return found->fault;
}

static enum dnssec_fault answer_verify(const struct walk_zone_inner *zone, const struct walk_server *server,
				       const struct dns_name *name, struct dnssec_finding *found)
{
	enum dnssec_fault fault = records_verify(zone, server->message, found);
	if (fault || server->reply == WALK_ANSWER || server->reply == WALK_ALIAS)
		return fault;
	return dnssec_deny(server->message, server->reply == WALK_NO_NAME ? DENY_NAME : DENY_TYPE, name,
			   zone->type, 0, &zone->keys, &zone->name, now_seconds(), found);
}

/* One zone that answered: good when one of its servers gives an answer that holds. */
static enum walk_security answers_judge(struct walk_zone_inner *zone, char says[256])
{
	struct dnssec_finding found, best = { .fault = DNSSEC_NO_SIGNATURE };
	bool any = false;
	for (size_t i = 0; i < zone->pub.server_count; i++) {
		struct walk_server *server = &zone->servers[i];
		if (!walk_reply_is_good(server->reply) || server->reply == WALK_REFERRAL)
			continue;
		answer_verify(zone, server, &zone->asked, &found);
		if (dnssec_is_bogus(found.fault) && !server->says[0])
			snprintf(server->says, sizeof server->says, "%.199s", found.says);
		if (!any || (best.fault && !found.fault))
			best = found;
		any = true;
	}
	snprintf(says, 256, "%.255s", best.says);
	return !any                          ? WALK_INDETERMINATE
	       : dnssec_is_bogus(best.fault) ? WALK_BOGUS
	       : best.fault                  ? WALK_INSECURE
					     : WALK_SECURE;
}

static bool gives_an_answer(const struct walk_zone_inner *zone)
{
	return !zone->pub.aside && zone->first >= 0 && zone->servers[zone->first].reply != WALK_REFERRAL;
}

/* Its servers serve a zone below as well, whose data they gave. */
static bool speaks_for_hidden(const struct walk *trace, const struct walk_zone_inner *zone)
{
	for (size_t i = 0; i < trace->result.zone_count; i++)
		if (trace->zones[i]->pub.hidden && trace->zones[trace->zones[i]->pub.parent] == zone)
			return true;
	return false;
}

static void result_worsen(struct walk_result *result, enum walk_security security, const char *says,
			  bool first)
{
	static const int rank[] = {
		[WALK_SECURE] = 0, [WALK_INSECURE] = 1, [WALK_INDETERMINATE] = 2, [WALK_BOGUS] = 3
	};
	if (!first && rank[security] <= rank[result->security])
		return;
	result->security = security;
	snprintf(result->security_says, sizeof result->security_says, "%.255s", says);
}

/* The zone at which the chain broke, for people. */
static void broken_link(const struct walk *trace, struct walk_zone_inner *zone, char says[256])
{
	while (zone->keys_of)
		zone = zone->keys_of;
	while (zone->pub.parent >= 0 && trace->zones[zone->pub.parent]->pub.security == zone->pub.security)
		zone = trace->zones[zone->pub.parent];
	snprintf(says, 256, "%.90s: %.160s", zone->pub.name, zone->pub.security_says);
}

void walk_secure(struct walk *trace)
{
	struct walk_result *result = &trace->result;
	bool first = true;
	result->security = WALK_INDETERMINATE;
	if (trace->request.no_probes)
		return;
	for (size_t i = 0; i < result->zone_count; i++)
		if (!trace->zones[i]->pub.aside)
			zone_judge(trace, trace->zones[i]);
	for (size_t i = 0; i < result->zone_count; i++) {
		struct walk_zone_inner *zone = trace->zones[i];
		char says[256];
		if (!gives_an_answer(zone) || speaks_for_hidden(trace, zone))
			continue;
		enum walk_security security = zone->pub.security;
		if (security == WALK_SECURE)
			security = answers_judge(zone, says);
		else
			broken_link(trace, zone, says);
		result_worsen(result, security, says, first);
		first = false;
	}
	if (first && result->zone_count) {
		struct walk_zone_inner *last = trace->zones[result->zone_count - 1];
		if (last->pub.security == WALK_BOGUS)
			broken_link(trace, last, result->security_says);
		result->security = last->pub.security;
	}
}
