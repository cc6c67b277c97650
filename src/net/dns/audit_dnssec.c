/* The audit's cases about signatures (Zonemaster: DNSSEC). */
#include "net/dns/audit_parts.h"
#include "net/dns/dnssec_lib.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, SHORT_LEFT = 12 * 3600, LONG_VALID = 180 * DAY, RSA_LEAST = 2048 };

static uint16_t tag_of(const struct rdata *ds)
{
	return (uint16_t)(ds->length < 2 ? 0 : ds->bytes[0] << 8 | ds->bytes[1]);
}

static void judge_digests(struct audit *audit)
{
	char where[32];
	for (size_t i = 0; i < audit->ds.count; i++) {
		unsigned digest = audit->ds.items[i].length > 3 ? audit->ds.items[i].bytes[3] : 0;
		snprintf(where, sizeof where, "DS %u", tag_of(&audit->ds.items[i]));
		if (digest == 1)
			audit_find(audit, AUDIT_WARNING, where, "use SHA-256, digest type 2 (RFC 8624)",
				   "its digest is SHA-1");
		else if (digest != 2 && digest != 4)
			audit_find(audit, AUDIT_ERROR, where, "use SHA-256, digest type 2 (RFC 8624)",
				   "its digest type, %u, is not to be used", digest);
	}
}

static void judge_ds_fits(struct audit *audit)
{
	char where[32];
	size_t good = 0;
	for (size_t i = 0; i < audit->ds.count; i++) {
		bool fits = false;
		for (size_t k = 0; k < audit->keys.count; k++)
			fits = fits ||
			       dnssec_ds_matches(&audit->ds.items[i], &audit->name, &audit->keys.items[k]);
		good += fits;
		snprintf(where, sizeof where, "DS %u", tag_of(&audit->ds.items[i]));
		if (!fits)
			audit_find(audit, AUDIT_WARNING, where,
				   "take it out at the parent, or publish its key",
				   "no key of the zone fits this DS");
	}
	if (audit->ds.count && !good)
		audit_find(audit, AUDIT_ERROR, NULL,
			   "give the parent the DS of a key that signs: validating resolvers answer SERVFAIL",
			   "no DS of the parent fits any key of the zone");
}

/* The first NSEC3PARAM, or NSEC3 of a negative answer. */
static void judge_nsec3(struct audit *audit)
{
	struct rrset set;
	rrset_take(audit_said_well(audit, (size_t)audit->reference, Q_NSEC3PARAM), DNS_ANSWER, &audit->name,
		   RR_NSEC3PARAM, &set);
	for (size_t i = 0; i < set.count; i++) {
		const struct rdata *data = &set.items[i];
		if (data->length < 5)
			continue;
		unsigned iterations = (unsigned)(data->bytes[2] << 8 | data->bytes[3]);
		if (iterations)
			audit_find(audit, iterations > DNSSEC_ITERATIONS_MAX ? AUDIT_ERROR : AUDIT_WARNING,
				   "NSEC3PARAM", "0 iterations (RFC 9276 3.1)", "%u iterations%s", iterations,
				   iterations > DNSSEC_ITERATIONS_MAX
				       ? ": resolvers take the zone for unsigned"
				       : " are of no use");
		if (data->bytes[4])
			audit_find(audit, AUDIT_NOTICE, "NSEC3PARAM", "no salt (RFC 9276 3.1)",
				   "a salt of %u octets is of no use", data->bytes[4]);
	}
	rrset_release(&set);
}

static void lifetime_judge(struct audit *audit, const struct rrset *signatures)
{
	for (size_t i = 0; i < signatures->count; i++) {
		const struct rdata *data = &signatures->items[i];
		char where[64], type[16];
		if (data->length < 18)
			continue;
		int64_t expiration = audit_number(data, 8), inception = audit_number(data, 12),
			left = expiration - audit->seconds;
		snprintf(where, sizeof where, "RRSIG %s",
			 dns_type_name((uint16_t)(data->bytes[0] << 8 | data->bytes[1]), type));
		if (left < 0)
			audit_find(audit, AUDIT_ERROR, where, "sign the zone again",
				   "it expired %lld hours ago", (long long)(-left / 3600));
		else if (left < SHORT_LEFT)
			audit_find(audit, AUDIT_WARNING, where, "sign earlier", "it expires in %lld hours",
				   (long long)(left / 3600));
		else if (expiration - inception > LONG_VALID)
			audit_find(audit, AUDIT_NOTICE, where,
				   "weeks are enough: a stolen answer can be replayed as long",
				   "it is valid for %lld days", (long long)((expiration - inception) / DAY));
		if (inception > audit->seconds)
			audit_find(audit, AUDIT_ERROR, where, "compare the clocks",
				   "it is not valid before %lld hours from now",
				   (long long)((inception - audit->seconds) / 3600));
	}
}

static void judge_lifetimes(struct audit *audit)
{
	static const enum audit_question questions[] = { Q_DNSKEY, Q_SOA };
	for (size_t q = 0; q < 2; q++) {
		struct rrset signatures;
		rrset_take(audit_said(audit, (size_t)audit->reference, questions[q]), DNS_ANSWER,
			   &audit->name, RR_RRSIG, &signatures);
		lifetime_judge(audit, &signatures);
		rrset_release(&signatures);
	}
}

static void judge_algorithms(struct audit *audit)
{
	char where[32], name[16];
	for (size_t i = 0; i < audit->keys.count; i++) {
		const struct rdata *key = &audit->keys.items[i];
		uint8_t algorithm = key->length > 3 ? key->bytes[3] : 0;
		snprintf(where, sizeof where, "DNSKEY %u", dnssec_key_tag(key));
		if (algorithm == 5 || algorithm == 7)
			audit_find(audit, AUDIT_WARNING, where, "use ECDSAP256SHA256 or ED25519 (RFC 8624)",
				   "%s rests on SHA-1", dnssec_algorithm_name(algorithm, name));
		else if (!dnssec_algorithm_known(algorithm))
			audit_find(audit, AUDIT_ERROR, where, "use ECDSAP256SHA256 or ED25519 (RFC 8624)",
				   "%s is not to be used", dnssec_algorithm_name(algorithm, name));
	}
}

static bool has_signature(const struct dns_message *message, enum dns_section section)
{
	for (size_t i = 0; message && i < message->counts[section]; i++)
		if (message->records[section][i].type == RR_RRSIG)
			return true;
	return false;
}

static void judge_processing(struct audit *audit)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count && audit->keys.count; i++) {
		const struct dns_message *message = audit_said_well(audit, i, Q_DNSKEY);
		if (message && message->counts[DNS_ANSWER] && !has_signature(message, DNS_ANSWER))
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "use a server that knows DNSSEC, with the signed zone",
				   "it gives keys without signatures");
	}
}

static void judge_both(struct audit *audit)
{
	if (audit->keys.count && !audit->ds.count && audit->name.length > 1)
		audit_find(audit, AUDIT_WARNING, NULL,
			   "give the parent a DS: until then nobody checks the signatures",
			   "the zone is signed, and its parent has no DS");
	if (!audit->keys.count && audit->ds.count)
		audit_find(audit, AUDIT_ERROR, NULL, "sign the zone, or have the DS taken out",
			   "the parent has a DS, and the zone is not signed");
}

static void set_judge(struct audit *audit, enum audit_question question, uint16_t type)
{
	char text[128];
	for (size_t i = 0; i < audit->server_count && audit->keys.count; i++) {
		const struct dns_message *message = audit_said_well(audit, i, question);
		struct dnssec_finding found;
		struct rrset keys;
		if (!message || !message->counts[DNS_ANSWER])
			continue;
		if (!rrset_take(audit_said_well(audit, i, Q_DNSKEY), DNS_ANSWER, &audit->name, RR_DNSKEY,
				&keys))
			rrset_copy(&audit->keys, &keys);
		if (dnssec_is_bogus(dnssec_verify_in(message, DNS_ANSWER, &audit->name, type, &keys,
						     &audit->name, audit->seconds, &found)))
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "sign the zone again", "%.250s", found.says);
		rrset_release(&keys);
	}
}

static void judge_key_signatures(struct audit *audit)
{
	set_judge(audit, Q_DNSKEY, RR_DNSKEY);
}

static void judge_soa_signatures(struct audit *audit)
{
	set_judge(audit, Q_SOA, RR_SOA);
}

static void judge_denial(struct audit *audit)
{
	char text[128];
	struct dns_name name;
	if (dns_name_parse(audit->nowhere, &name, NULL) < 0)
		return;
	for (size_t i = 0; i < audit->server_count && audit->keys.count; i++) {
		const struct dns_message *message = audit_said(audit, i, Q_NOWHERE);
		struct dnssec_finding found;
		if (!message || !message->aa ||
		    (message->rcode != 3 && (message->rcode || message->counts[DNS_ANSWER])))
			continue;
		if (dnssec_is_bogus(dnssec_deny(message, message->rcode == 3 ? DENY_NAME : DENY_TYPE, &name,
						RR_A, 0, &audit->keys, &audit->name, audit->seconds, &found)))
			audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
				   "sign the zone again, with NSEC or NSEC3",
				   "that a name does not exist is not proved: %.200s", found.says);
	}
}

static void judge_signed(struct audit *audit)
{
	const struct dns_message *message =
	    audit->reference < 0 ? NULL : audit_said_well(audit, (size_t)audit->reference, Q_SOA);
	if (audit->ds.count && message && !has_signature(message, DNS_ANSWER))
		audit_find(audit, AUDIT_ERROR, NULL, "sign the zone, or have the DS taken out",
			   "the parent has a DS, and answers come without signatures");
}

static void judge_complete(struct audit *audit)
{
	struct rrset signatures;
	char name[16];
	rrset_take(audit_said_well(audit, (size_t)audit->reference, Q_DNSKEY), DNS_ANSWER, &audit->name,
		   RR_RRSIG, &signatures);
	for (size_t i = 0; i < audit->ds.count; i++) {
		bool signs = false;
		uint8_t algorithm = audit->ds.items[i].length > 2 ? audit->ds.items[i].bytes[2] : 0;
		for (size_t k = 0; k < signatures.count; k++)
			signs = signs ||
				(signatures.items[k].length > 2 && signatures.items[k].bytes[2] == algorithm);
		if (!signs && audit->keys.count)
			audit_find(audit, AUDIT_WARNING, NULL,
				   "each algorithm in the DS set must sign the keys (RFC 4035 2.2)",
				   "%s stands in the DS set and signs nothing",
				   dnssec_algorithm_name(algorithm, name));
	}
	rrset_release(&signatures);
}

static void judge_rsa(struct audit *audit)
{
	char where[32];
	for (size_t i = 0; i < audit->keys.count; i++) {
		const struct rdata *key = &audit->keys.items[i];
		if (key->length < 5 ||
		    (key->bytes[3] != 5 && key->bytes[3] != 7 && key->bytes[3] != 8 && key->bytes[3] != 10))
			continue;
		unsigned bits = dnssec_rsa_bits(key->bytes + 4, key->length - 4u);
		snprintf(where, sizeof where, "DNSKEY %u", dnssec_key_tag(key));
		if (bits < RSA_LEAST)
			audit_find(audit, bits < 1024 ? AUDIT_ERROR : AUDIT_WARNING, where,
				   "2048 bits or more, or ECDSAP256SHA256", "an RSA key of %u bits is short",
				   bits);
	}
}

/* --- CDS and CDNSKEY (RFC 7344, RFC 8078) --- */

static void child_set(const struct audit *audit, enum audit_question question, uint16_t type,
		      struct rrset *out)
{
	rrset_take(audit_said_well(audit, (size_t)audit->reference, question), DNS_ANSWER, &audit->name, type,
		   out);
}

static void judge_cds_same(struct audit *audit)
{
	static const struct {
		enum audit_question question;
		uint16_t type;
		const char *name;
	} kinds[] = { { Q_CDS, RR_CDS, "CDS" }, { Q_CDNSKEY, RR_CDNSKEY, "CDNSKEY" } };
	char text[128];
	for (size_t k = 0; k < 2; k++) {
		struct rrset mine, theirs;
		child_set(audit, kinds[k].question, kinds[k].type, &mine);
		for (size_t i = 0; i < audit->server_count; i++) {
			const struct dns_message *message = audit_said_well(audit, i, kinds[k].question);
			rrset_take(message, DNS_ANSWER, &audit->name, kinds[k].type, &theirs);
			if (message && !rrset_equal(&mine, &theirs))
				audit_find(audit, AUDIT_ERROR, audit_server_text(audit, i, text),
					   "let all servers have the same zone", "its %s set differs",
					   kinds[k].name);
			rrset_release(&theirs);
		}
		rrset_release(&mine);
	}
}

/* "Delete the DS" is algorithm 0. */
static bool is_deletion(const struct rdata *data)
{
	return data->length > 3 && data->bytes[2] == 0 && data->bytes[3] <= 3;
}

static void judge_cds(struct audit *audit)
{
	struct rrset cds;
	char where[32];
	child_set(audit, Q_CDS, RR_CDS, &cds);
	for (size_t i = 0; i < cds.count; i++) {
		bool fits = is_deletion(&cds.items[i]);
		for (size_t k = 0; k < audit->keys.count; k++)
			fits = fits || dnssec_ds_matches(&cds.items[i], &audit->name, &audit->keys.items[k]);
		snprintf(where, sizeof where, "CDS %u", tag_of(&cds.items[i]));
		if (!fits)
			audit_find(audit, AUDIT_ERROR, where, "publish the DS of a key that is there",
				   "it fits no key of the zone");
	}
	rrset_release(&cds);
	set_judge(audit, Q_CDS, RR_CDS);
}

static void judge_cdnskey(struct audit *audit)
{
	struct rrset cdnskey;
	char where[32];
	child_set(audit, Q_CDNSKEY, RR_CDNSKEY, &cdnskey);
	for (size_t i = 0; i < cdnskey.count; i++) {
		const struct rdata *data = &cdnskey.items[i];
		bool fits = data->length > 3 && data->bytes[3] == 0;
		for (size_t k = 0; k < audit->keys.count; k++)
			fits = fits || (audit->keys.items[k].length == data->length &&
					memcmp(audit->keys.items[k].bytes, data->bytes, data->length) == 0);
		snprintf(where, sizeof where, "CDNSKEY %u", dnssec_key_tag(data));
		if (!fits)
			audit_find(audit, AUDIT_ERROR, where, "publish a key that is there",
				   "it is none of the zone's keys");
	}
	rrset_release(&cdnskey);
	set_judge(audit, Q_CDNSKEY, RR_CDNSKEY);
}

/* The parent takes a CDS only when a key that its present DS names has signed it (RFC 7344 4.1). */
static void judge_cds_trust(struct audit *audit)
{
	struct rrset cds, signatures;
	bool trusted = false;
	child_set(audit, Q_CDS, RR_CDS, &cds);
	rrset_take(audit_said_well(audit, (size_t)audit->reference, Q_CDS), DNS_ANSWER, &audit->name,
		   RR_RRSIG, &signatures);
	for (size_t s = 0; s < signatures.count; s++)
		for (size_t i = 0; i < audit->ds.count; i++)
			trusted = trusted ||
				  (signatures.items[s].length > 18 &&
				   tag_of(&audit->ds.items[i]) ==
				       (signatures.items[s].bytes[16] << 8 | signatures.items[s].bytes[17]));
	if (cds.count && audit->ds.count && !trusted)
		audit_find(audit, AUDIT_WARNING, "CDS",
			   "sign the CDS set with the key that the parent's DS names",
			   "no key of the DS set signs it: the parent will not take it");
	rrset_release(&cds);
	rrset_release(&signatures);
}

static void judge_chain(struct audit *audit)
{
	if (audit->walked->security == WALK_BOGUS)
		audit_find(audit, AUDIT_ERROR, NULL, "ntsh dns trace shows every link",
			   "the chain of signatures is broken: %.220s", audit->walked->security_says);
}

const struct audit_case audit_dnssec_cases[] = {
	{ "DNSSEC01", "DS digests are to be used", judge_digests, NEEDS_KEYS },
	{ "DNSSEC02", "the DS set fits the keys", judge_ds_fits, NEEDS_KEYS },
	{ "DNSSEC03", "NSEC3 without iterations and salt", judge_nsec3, NEEDS_REFERENCE },
	{ "DNSSEC04", "signatures live neither too short nor too long", judge_lifetimes, NEEDS_REFERENCE },
	{ "DNSSEC05", "key algorithms are to be used", judge_algorithms, NEEDS_KEYS },
	{ "DNSSEC06", "every server gives signatures with keys", judge_processing, NEEDS_KEYS },
	{ "DNSSEC07", "keys here, DS there", judge_both, NEEDS_KEYS },
	{ "DNSSEC08", "the signatures over the keys hold", judge_key_signatures, NEEDS_KEYS },
	{ "DNSSEC09", "the signatures over the SOA hold", judge_soa_signatures, NEEDS_KEYS },
	{ "DNSSEC10", "what does not exist is proved not to", judge_denial, NEEDS_KEYS },
	{ "DNSSEC11", "a DS there, signatures here", judge_signed, NEEDS_KEYS },
	{ "DNSSEC13", "every algorithm in the DS set signs", judge_complete, NEEDS_REFERENCE },
	{ "DNSSEC14", "RSA keys are long enough", judge_rsa, NEEDS_KEYS },
	{ "DNSSEC15", "all servers have the same CDS and CDNSKEY", judge_cds_same, NEEDS_REFERENCE },
	{ "DNSSEC16", "the CDS set fits the keys", judge_cds, NEEDS_REFERENCE },
	{ "DNSSEC17", "the CDNSKEY set fits the keys", judge_cdnskey, NEEDS_REFERENCE },
	{ "DNSSEC18", "the CDS set is signed by a key that the parent trusts", judge_cds_trust,
	  NEEDS_REFERENCE },
	{ "CHAIN01", "the chain from the root holds", judge_chain, NEEDS_NOTHING },
	{ NULL, NULL, NULL, NEEDS_NOTHING },
};
