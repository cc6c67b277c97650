#include "net/dns/dnssec.h"

#include "base/buf.h"
#include "net/dns/dnssec_lib.h"
#include "wire/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	FLAG_ZONE = 0x0100,
	FLAG_REVOKED = 0x0080,
	RRSIG_FIXED = 18,
	/* An answer may hold any number of signatures and keys with one tag: what we compute for it is bounded (CVE-2023-50387). */
	VERIFY_MAX = 16,
	SIGNED_MAX = 1 << 20,
};

struct signature {
	uint16_t covers, key_tag;
	uint8_t algorithm, labels;
	uint32_t original_ttl;
	int64_t expiration, inception;
	struct dns_name signer;
	const uint8_t *bytes;
	size_t length;
	const struct rdata *rdata;
};

const char *dnssec_fault_name(enum dnssec_fault fault)
{
	static const char *const names[] = {
		[DNSSEC_OK] = "good",
		[DNSSEC_UNSUPPORTED] = "unknown algorithm",
		[DNSSEC_ITERATIONS] = "too many NSEC3 iterations",
		[DNSSEC_NO_SIGNATURE] = "no signature",
		[DNSSEC_MALFORMED] = "malformed",
		[DNSSEC_WRONG_SIGNER] = "wrong signer",
		[DNSSEC_NO_KEY] = "no such key",
		[DNSSEC_BAD_SIGNATURE] = "bad signature",
		[DNSSEC_EXPIRED] = "expired",
		[DNSSEC_NOT_YET] = "not yet valid",
		[DNSSEC_DS_MISMATCH] = "DS mismatch",
		[DNSSEC_NO_DNSKEY] = "no DNSKEY",
		[DNSSEC_NO_PROOF] = "no proof",
	};
	return names[fault];
}

__attribute__((format(printf, 3, 4))) static enum dnssec_fault
finding(struct dnssec_finding *out, enum dnssec_fault fault, const char *format, ...)
{
	va_list args;
	out->fault = fault;
	va_start(args, format);
	vsnprintf(out->says, sizeof out->says, format, args);
	va_end(args);
	return fault;
}

uint16_t dnssec_key_tag(const struct rdata *dnskey)
{
	return dns_key_tag(dnskey->bytes, dnskey->length);
}

/* RFC 4034 3.1.5: serial arithmetic on 32 bits, brought near now. */
static int64_t near(uint32_t stamp, int64_t now)
{
	return now + (int32_t)(stamp - (uint32_t)now);
}

static bool signature_read(const struct rdata *rdata, int64_t now, struct signature *out)
{
	struct bytes_reader reader = bytes_reader_of(rdata->bytes, rdata->length);
	out->covers = bytes_u16(&reader);
	out->algorithm = bytes_u8(&reader);
	out->labels = bytes_u8(&reader);
	out->original_ttl = bytes_u32(&reader);
	out->expiration = near(bytes_u32(&reader), now);
	out->inception = near(bytes_u32(&reader), now);
	out->key_tag = bytes_u16(&reader);
	size_t at = RRSIG_FIXED;
	if (reader.short_ || dns_name_read(rdata->bytes, rdata->length, &at, &out->signer))
		return false;
	out->bytes = rdata->bytes + at;
	out->length = rdata->length - at;
	out->rdata = rdata;
	return out->length > 0;
}

/* RFC 4034 3.1.8.1: the RRSIG's data without the signature, then each record. */
static bool signed_data(const struct rrset *set, const struct signature *signature, struct buf *out)
{
	struct dns_name owner = set->owner;
	unsigned labels = dns_name_labels(&owner);
	if (signature->labels < labels) {
		dns_name_suffix(&set->owner, signature->labels, &owner);
		if (!dns_name_prepend("*", 1, &owner, &owner))
			return false;
	}
	buf_add(out, signature->rdata->bytes, RRSIG_FIXED);
	struct dns_name signer = signature->signer;
	dns_name_lower(&signer);
	buf_add(out, signer.wire, signer.length);
	for (size_t i = 0; i < set->count; i++) {
		uint8_t fixed[10];
		bytes_put_u16(fixed, set->type);
		bytes_put_u16(fixed + 2, set->class_);
		bytes_put_u32(fixed + 4, signature->original_ttl);
		bytes_put_u16(fixed + 8, set->items[i].length);
		buf_add(out, owner.wire, owner.length);
		buf_add(out, fixed, sizeof fixed);
		buf_add(out, set->items[i].bytes, set->items[i].length);
	}
	return !out->overflow;
}

static bool key_fits(const struct rdata *key, const struct signature *signature)
{
	return key->length > 4 && key->bytes[3] == signature->algorithm && key->bytes[2] == 3 &&
	       (key->bytes[0] << 8 & FLAG_ZONE) && dnssec_key_tag(key) == signature->key_tag;
}

/* "www.example. A" */
static const char *set_name(const struct rrset *set, char buf[128])
{
	char name[DNS_NAME_TEXT_MAX], type[16];
	dns_name_format(&set->owner, name);
	snprintf(buf, 128, "%.100s %s", name, dns_type_name(set->type, type));
	return buf;
}

static const char *date(int64_t seconds, char buf[24])
{
	struct tm broken;
	time_t at = (time_t)seconds;
	if (!gmtime_r(&at, &broken) || !strftime(buf, 24, "%Y-%m-%d %H:%M", &broken))
		snprintf(buf, 24, "?");
	return buf;
}

static enum dnssec_fault check_time(const struct signature *signature, const char *what, int64_t now,
				    struct dnssec_finding *out)
{
	char text[24];
	if (now > signature->expiration)
		return finding(out, DNSSEC_EXPIRED, "the signature over %s expired on %s UTC", what,
			       date(signature->expiration, text));
	if (now < signature->inception)
		return finding(out, DNSSEC_NOT_YET, "the signature over %s is not valid before %s UTC", what,
			       date(signature->inception, text));
	return finding(out, DNSSEC_OK, "%s is signed by key %u, until %s UTC", what, signature->key_tag,
		       date(signature->expiration, text));
}

static enum dnssec_fault check_crypto(const struct rrset *set, const struct signature *signature,
				      const struct rrset *keys, const char *what, unsigned *budget,
				      struct dnssec_finding *out)
{
	struct buf data = BUF_INIT(SIGNED_MAX);
	enum dnssec_crypto end = CRYPTO_BAD;
	bool found = false;
	bool complete = signed_data(set, signature, &data);
	for (size_t i = 0; i < keys->count && complete && end != CRYPTO_GOOD && *budget; i++) {
		const struct rdata *key = &keys->items[i];
		if (!key_fits(key, signature))
			continue;
		if (key->bytes[1] & FLAG_REVOKED && set->type != RR_DNSKEY)
			continue;
		found = true;
		--*budget;
		end = dnssec_crypto_verify(signature->algorithm, key->bytes + 4, key->length - 4u,
					   signature->bytes, signature->length, (const uint8_t *)data.bytes,
					   data.length);
	}
	buf_release(&data);
	if (!found)
		return finding(out, DNSSEC_NO_KEY, "%s is signed by key %u, which the zone does not publish",
			       what, signature->key_tag);
	if (end == CRYPTO_BAD_KEY)
		return finding(out, DNSSEC_MALFORMED, "key %u, which signs %s, is no valid key",
			       signature->key_tag, what);
	if (end != CRYPTO_GOOD)
		return finding(out, DNSSEC_BAD_SIGNATURE,
			       "the signature over %s by key %u does not fit the records", what,
			       signature->key_tag);
	return finding(out, DNSSEC_OK, "%s is signed by key %u", what, signature->key_tag);
}

static enum dnssec_fault check_one(const struct rrset *set, const struct rdata *rdata,
				   const struct rrset *keys, const struct dns_name *zone, int64_t now,
				   unsigned *budget, struct dnssec_finding *out)
{
	char what[128], text[16], signer[DNS_NAME_TEXT_MAX];
	struct signature signature;
	set_name(set, what);
	*out = (struct dnssec_finding){ .fault = DNSSEC_MALFORMED };
	if (!signature_read(rdata, now, &signature))
		return finding(out, DNSSEC_MALFORMED, "a signature over %s cannot be read", what);
	out->key_tag = signature.key_tag;
	out->algorithm = signature.algorithm;
	out->inception = signature.inception;
	out->expiration = signature.expiration;
	out->labels = signature.labels;
	/* The asterisk of a wildcard that was asked for by its own name does not count (RFC 4034 3.1.3). */
	unsigned labels = dns_name_labels(&set->owner);
	if (labels && set->owner.wire[0] == 1 && set->owner.wire[1] == '*')
		labels--;
	out->wildcard = signature.labels < labels;
	if (!dns_name_equal(&signature.signer, zone)) {
		dns_name_format(&signature.signer, signer);
		return finding(out, DNSSEC_WRONG_SIGNER,
			       "%s is signed in the name of %.100s, not of its zone", what, signer);
	}
	if (signature.labels > labels || !dns_name_within(&set->owner, zone))
		return finding(out, DNSSEC_MALFORMED,
			       "a signature over %s breaks the rules of RFC 4035 5.3.1", what);
	if (!dnssec_algorithm_known(signature.algorithm))
		return finding(out, DNSSEC_UNSUPPORTED, "%s is signed with %s, which is not supported", what,
			       dnssec_algorithm_name(signature.algorithm, text));
	enum dnssec_fault fault = check_crypto(set, &signature, keys, what, budget, out);
	return fault == DNSSEC_OK ? check_time(&signature, what, now, out) : fault;
}

enum dnssec_fault dnssec_verify(const struct rrset *set, const struct rrset *signatures,
				const struct rrset *keys, const struct dns_name *zone, int64_t now,
				struct dnssec_finding *out)
{
	char what[128];
	unsigned budget = VERIFY_MAX;
	bool any = false;
	for (size_t i = 0; i < signatures->count && budget; i++) {
		struct dnssec_finding one;
		const struct rdata *rdata = &signatures->items[i];
		if (rdata->length < 2 || (rdata->bytes[0] << 8 | rdata->bytes[1]) != set->type)
			continue;
		check_one(set, rdata, keys, zone, now, &budget, &one);
		/* The later a check that fails, the closer it came. */
		if (!any || one.fault == DNSSEC_OK || one.fault > out->fault)
			*out = one;
		any = true;
		if (one.fault == DNSSEC_OK)
			return DNSSEC_OK;
	}
	if (any)
		return out->fault;
	*out = (struct dnssec_finding){ .fault = DNSSEC_NO_SIGNATURE };
	return finding(out, DNSSEC_NO_SIGNATURE, "%s comes without a signature", set_name(set, what));
}

enum dnssec_fault dnssec_verify_in(const struct dns_message *message, enum dns_section section,
				   const struct dns_name *owner, uint16_t type, const struct rrset *keys,
				   const struct dns_name *zone, int64_t now, struct dnssec_finding *out)
{
	struct rrset set, signatures;
	rrset_take(message, section, owner, type, &set);
	rrset_take(message, section, owner, RR_RRSIG, &signatures);
	enum dnssec_fault fault = dnssec_verify(&set, &signatures, keys, zone, now, out);
	rrset_release(&set);
	rrset_release(&signatures);
	return fault;
}

bool dnssec_ds_matches(const struct rdata *ds, const struct dns_name *zone, const struct rdata *dnskey)
{
	uint8_t data[DNS_NAME_WIRE_MAX + 4096], digest[64];
	if (ds->length < 5 || dnskey->length < 5 || dnskey->length > 4096 ||
	    ds->bytes[2] != dnskey->bytes[3] || !(dnskey->bytes[0] << 8 & FLAG_ZONE))
		return false;
	if ((ds->bytes[0] << 8 | ds->bytes[1]) != dnssec_key_tag(dnskey))
		return false;
	struct dns_name owner = *zone;
	dns_name_lower(&owner);
	memcpy(data, owner.wire, owner.length);
	memcpy(data + owner.length, dnskey->bytes, dnskey->length);
	size_t length = dnssec_digest(ds->bytes[3], data, owner.length + (size_t)dnskey->length, digest);
	return length && length + 4 == ds->length && memcmp(ds->bytes + 4, digest, length) == 0;
}

/* A DS of which both the algorithm and the digest are known. */
static bool ds_usable(const struct rdata *ds)
{
	return ds->length > 4 && dnssec_algorithm_known(ds->bytes[2]) &&
	       (ds->bytes[3] == 1 || ds->bytes[3] == 2 || ds->bytes[3] == 4);
}

static void tags_list(const struct rrset *set, bool keys, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < set->count && i < 8 && used < size; i++) {
		const struct rdata *item = &set->items[i];
		if (item->length < 5)
			continue;
		unsigned tag = keys ? dnssec_key_tag(item) : (unsigned)(item->bytes[0] << 8 | item->bytes[1]);
		used += (size_t)snprintf(buf + used, size - used, "%s%u", used ? ", " : "", tag);
	}
}

enum dnssec_fault dnssec_keys_verify(const struct dns_name *zone, const struct rrset *ds,
				     const struct rrset *keys, const struct rrset *signatures, int64_t now,
				     struct dnssec_finding *out)
{
	char name[DNS_NAME_TEXT_MAX], tags[64], have[64];
	dns_name_format(zone, name);
	*out = (struct dnssec_finding){ .fault = DNSSEC_OK };
	tags_list(ds, false, tags, sizeof tags);
	tags_list(keys, true, have, sizeof have);
	bool usable = false;
	for (size_t i = 0; i < ds->count; i++)
		usable = usable || ds_usable(&ds->items[i]);
	if (!usable)
		return finding(out, DNSSEC_UNSUPPORTED,
			       "no DS of %.100s uses an algorithm and digest that are known", name);
	if (!keys->count)
		return finding(out, DNSSEC_NO_DNSKEY,
			       "the parent has a DS for key %s of %.100s, which has no DNSKEY", tags, name);
	struct rrset entry = { .owner = keys->owner, .type = RR_DNSKEY, .class_ = 1 };
	for (size_t d = 0; d < ds->count; d++)
		for (size_t k = 0; k < keys->count; k++)
			if (ds_usable(&ds->items[d]) &&
			    dnssec_ds_matches(&ds->items[d], zone, &keys->items[k]))
				rrset_add(&entry, keys->items[k].bytes, keys->items[k].length);
	if (!entry.count)
		return finding(out, DNSSEC_DS_MISMATCH,
			       "the DS at the parent (key %s) fits none of the keys of %.80s (%s)", tags,
			       name, have);
	enum dnssec_fault fault = dnssec_verify(keys, signatures, &entry, zone, now, out);
	rrset_release(&entry);
	if (fault == DNSSEC_NO_KEY)
		return finding(out, fault,
			       "the keys of %.100s are not signed by key %s, which the parent's DS names",
			       name, tags);
	return fault;
}
