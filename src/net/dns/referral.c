#include "net/dns/referral.h"

enum { RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5 };

const char *walk_reply_word(enum walk_reply reply)
{
	static const char *const words[] = {
		[WALK_PENDING] = "no answer yet",
		[WALK_ANSWER] = "answer",
		[WALK_ALIAS] = "alias",
		[WALK_NO_DATA] = "no such record",
		[WALK_NO_NAME] = "no such name",
		[WALK_REFERRAL] = "referral",
		[WALK_UPWARD] = "lame: refers upwards",
		[WALK_NOT_AUTHORITATIVE] = "lame: not authoritative",
		[WALK_REFUSED] = "lame: refuses",
		[WALK_SERVFAIL] = "lame: SERVFAIL",
		[WALK_ERROR] = "error",
		[WALK_SILENT] = "silent",
		[WALK_PORT_CLOSED] = "port closed",
		[WALK_UNREACHABLE] = "unreachable",
		[WALK_MALFORMED] = "malformed answer",
		[WALK_LOCAL] = "no route from here",
		[WALK_NO_ADDRESS] = "no address",
	};
	return words[reply];
}

const char *walk_security_word(enum walk_security security)
{
	static const char *const words[] = { "not judged", "signed", "unsigned", "bogus" };
	return words[security];
}

static bool has(const struct dns_message *message, enum dns_section section, const struct dns_name *name,
		uint16_t type)
{
	for (size_t i = 0; i < message->counts[section]; i++) {
		const struct dns_record *record = &message->records[section][i];
		struct dns_name owner;
		if ((record->type != type && type != RR_ANY) || record->class_ != 1)
			continue;
		rrset_owner(record, &owner);
		if (dns_name_equal(&owner, name))
			return true;
	}
	return false;
}

/* Where a CNAME of the name leads, or a DNAME above it (RFC 6672 2.2). */
static bool alias_of(const struct dns_message *message, const struct dns_name *name, struct dns_name *target)
{
	struct rrset set;
	rrset_take(message, DNS_ANSWER, name, RR_CNAME, &set);
	bool found = set.count && rdata_name(&set.items[0], 0, target);
	rrset_release(&set);
	return found;
}

/* The deepest owner of an NS set in the authority section that the name lies in. */
static bool delegation_of(const struct dns_message *message, const struct dns_name *name,
			  struct dns_name *cut)
{
	bool found = false;
	for (size_t i = 0; i < message->counts[DNS_AUTHORITY]; i++) {
		const struct dns_record *record = &message->records[DNS_AUTHORITY][i];
		struct dns_name owner;
		if (record->type != RR_NS || record->class_ != 1)
			continue;
		rrset_owner(record, &owner);
		if (!dns_name_within(name, &owner) ||
		    (found && dns_name_labels(&owner) <= dns_name_labels(cut)))
			continue;
		*cut = owner;
		found = true;
	}
	return found;
}

static bool has_soa(const struct dns_message *message)
{
	for (size_t i = 0; i < message->counts[DNS_AUTHORITY]; i++)
		if (message->records[DNS_AUTHORITY][i].type == RR_SOA)
			return true;
	return false;
}

static enum walk_reply judge_records(const struct dns_message *message, const struct dns_name *zone,
				     const struct dns_name *name, uint16_t type, struct dns_name *cut,
				     struct dns_name *target)
{
	if (has(message, DNS_ANSWER, name, type))
		return message->aa ? WALK_ANSWER : WALK_NOT_AUTHORITATIVE;
	if (alias_of(message, name, target))
		return message->aa ? WALK_ALIAS : WALK_NOT_AUTHORITATIVE;
	if (!has_soa(message) && delegation_of(message, name, cut)) {
		if (dns_name_within(cut, zone) && !dns_name_equal(cut, zone))
			return WALK_REFERRAL;
		return message->aa ? WALK_NO_DATA : WALK_UPWARD;
	}
	return message->aa ? WALK_NO_DATA : WALK_NOT_AUTHORITATIVE;
}

enum walk_reply referral_judge(const struct dns_message *message, const struct dns_name *zone,
			       const struct dns_name *name, uint16_t type, struct dns_name *cut,
			       struct dns_name *target)
{
	*cut = *target = (struct dns_name){ .length = 1 };
	switch (message->rcode) {
	case 0:
		return judge_records(message, zone, name, type, cut, target);
	case RCODE_NXDOMAIN:
		/* The code is about the end of the chain (RFC 6604). */
		if (alias_of(message, name, target))
			return message->aa ? WALK_ALIAS : WALK_NOT_AUTHORITATIVE;
		return message->aa ? WALK_NO_NAME : WALK_NOT_AUTHORITATIVE;
	case RCODE_SERVFAIL:
		return WALK_SERVFAIL;
	case RCODE_REFUSED:
		return WALK_REFUSED;
	default:
		return WALK_ERROR;
	}
}

static bool signer_of(const struct dns_message *message, enum dns_section section, struct dns_name *apex)
{
	for (size_t i = 0; i < message->counts[section]; i++) {
		const struct dns_record *record = &message->records[section][i];
		enum { FIXED = 18 };
		if (record->type != RR_RRSIG || record->rdata_length <= FIXED)
			continue;
		size_t at = (size_t)(record->rdata - message->wire) + FIXED;
		size_t end = (size_t)(record->rdata - message->wire) + record->rdata_length;
		if (!dns_name_read(message->wire, end, &at, apex)) {
			dns_name_lower(apex);
			return true;
		}
	}
	return false;
}

bool referral_apex(const struct dns_message *message, const struct dns_name *zone,
		   const struct dns_name *name, struct dns_name *apex)
{
	bool found = signer_of(message, DNS_ANSWER, apex) || signer_of(message, DNS_AUTHORITY, apex);
	for (int section = DNS_ANSWER; section <= DNS_AUTHORITY && !found; section++)
		for (size_t i = 0; i < message->counts[section] && !found; i++) {
			const struct dns_record *record = &message->records[section][i];
			if (record->type != RR_SOA && (record->type != RR_NS || section != DNS_AUTHORITY))
				continue;
			rrset_owner(record, apex);
			found = true;
		}
	return found && dns_name_within(apex, zone) && dns_name_within(name, apex);
}
