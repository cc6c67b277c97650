/* Proofs that something does not exist: NSEC (RFC 4035 5.4, RFC 6840 4) and NSEC3 (RFC 5155 8). */
#include "net/dns/dnssec.h"
#include "net/dns/dnssec_lib.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROOFS_MAX = 16, HASH = 20, HASHES_MAX = 128 };

/* One verified NSEC or NSEC3. */
struct proof {
	struct dns_name owner, next; /* next: of NSEC */
	uint8_t hash[HASH], next_hash[HASH];
	bool opt_out;
	uint8_t *types; /* the bitmap */
	size_t types_length;
};

struct denial {
	const struct dns_message *message;
	const struct rrset *keys;
	const struct dns_name *zone;
	int64_t now;
	struct dnssec_finding *out;
	bool nsec3;
	uint16_t iterations;
	uint8_t salt[255], salt_length;
	bool parameters_known;
	size_t count;
	struct proof proofs[PROOFS_MAX];
	enum dnssec_fault worst; /* of what did not verify */
	char why[256];
};

__attribute__((format(printf, 3, 4))) static enum dnssec_fault
conclude(struct denial *denial, enum dnssec_fault fault, const char *format, ...)
{
	va_list args;
	denial->out->fault = fault;
	va_start(args, format);
	vsnprintf(denial->out->says, sizeof denial->out->says, format, args);
	va_end(args);
	return fault;
}

bool dnssec_nsec3_hash(const struct dns_name *name, uint16_t iterations, const uint8_t *salt,
		       uint8_t salt_length, uint8_t out[HASH])
{
	uint8_t data[DNS_NAME_WIRE_MAX + 255];
	struct dns_name lower = *name;
	dns_name_lower(&lower);
	memcpy(data, lower.wire, lower.length);
	memcpy(data + lower.length, salt, salt_length);
	if (!dnssec_sha1(data, lower.length + (size_t)salt_length, out))
		return false;
	for (unsigned i = 0; i < iterations; i++) {
		memcpy(data, out, HASH);
		memcpy(data + HASH, salt, salt_length);
		if (!dnssec_sha1(data, HASH + (size_t)salt_length, out))
			return false;
	}
	return true;
}

static bool has_type(const struct proof *proof, uint16_t type)
{
	for (size_t at = 0; at + 2 <= proof->types_length;) {
		uint8_t window = proof->types[at], length = proof->types[at + 1];
		if (length > proof->types_length - at - 2)
			return false;
		if (window == type >> 8) {
			unsigned octet = (type & 0xffu) / 8;
			return octet < length && (proof->types[at + 2 + octet] & 0x80 >> type % 8);
		}
		at += 2u + length;
	}
	return false;
}

/* --- reading --- */

/* The hash in the first label of an NSEC3's owner (RFC 4648 7). */
static bool hash_read(const struct dns_name *owner, uint8_t out[HASH])
{
	unsigned bits = 0, have = 0, used = 0;
	if (owner->wire[0] != 32)
		return false;
	for (unsigned i = 1; i <= 32; i++) {
		uint8_t c = owner->wire[i];
		unsigned value;
		if (c >= '0' && c <= '9')
			value = c - 48u;
		else if ((c | 32) >= 'a' && (c | 32) <= 'v')
			value = (c | 32u) - 87u;
		else
			return false;
		bits = (bits << 5 | value) & 0xfff;
		have += 5;
		if (have >= 8) {
			have -= 8;
			out[used++] = (uint8_t)(bits >> have);
		}
	}
	return used == HASH;
}

static bool nsec_read(const struct rdata *data, struct proof *proof)
{
	size_t at = 0;
	if (dns_name_read(data->bytes, data->length, &at, &proof->next))
		return false;
	proof->types_length = data->length - at;
	proof->types = mem_dup(data->bytes + at, proof->types_length);
	return true;
}

static bool nsec3_read(struct denial *denial, const struct rdata *data, struct proof *proof)
{
	if (data->length < 6 || !hash_read(&proof->owner, proof->hash))
		return false;
	uint8_t salt_length = data->bytes[4];
	size_t at = 5u + salt_length;
	if (data->bytes[0] != 1 || at >= data->length || data->bytes[at] != HASH ||
	    data->length - at - 1 < HASH)
		return false;
	uint16_t iterations = (uint16_t)(data->bytes[2] << 8 | data->bytes[3]);
	bool same = iterations == denial->iterations && salt_length == denial->salt_length &&
		    memcmp(denial->salt, data->bytes + 5, salt_length) == 0;
	/* All of one answer have the same parameters (RFC 5155 8.2). */
	if (denial->parameters_known && !same)
		return false;
	denial->parameters_known = true;
	denial->iterations = iterations;
	denial->salt_length = salt_length;
	memcpy(denial->salt, data->bytes + 5, salt_length);
	proof->opt_out = data->bytes[1] & 1;
	memcpy(proof->next_hash, data->bytes + at + 1, HASH);
	at += 1 + HASH;
	proof->types_length = data->length - at;
	proof->types = mem_dup(data->bytes + at, proof->types_length);
	return true;
}

static bool known(const struct denial *denial, const struct dns_name *owner)
{
	for (size_t i = 0; i < denial->count; i++)
		if (dns_name_equal(&denial->proofs[i].owner, owner))
			return true;
	return false;
}

static void proof_take(struct denial *denial, const struct dns_name *owner, uint16_t type)
{
	struct rrset set, signatures;
	struct dnssec_finding found;
	if (denial->count == PROOFS_MAX || known(denial, owner))
		return;
	rrset_take(denial->message, DNS_AUTHORITY, owner, type, &set);
	rrset_take(denial->message, DNS_AUTHORITY, owner, RR_RRSIG, &signatures);
	struct proof *proof = &denial->proofs[denial->count];
	*proof = (struct proof){ .owner = *owner };
	enum dnssec_fault fault =
	    dnssec_verify(&set, &signatures, denial->keys, denial->zone, denial->now, &found);
	/* One that came out of a wildcard proves nothing about the names beside it. */
	if (fault == DNSSEC_OK && found.wildcard)
		fault = DNSSEC_MALFORMED;
	bool read =
	    fault == DNSSEC_OK && set.count == 1 &&
	    (type == RR_NSEC ? nsec_read(&set.items[0], proof) : nsec3_read(denial, &set.items[0], proof));
	if (read) {
		denial->nsec3 = type == RR_NSEC3;
		denial->out->key_tag = found.key_tag;
		denial->out->algorithm = found.algorithm;
		denial->out->inception = found.inception;
		denial->out->expiration = found.expiration;
		denial->count++;
	} else if (fault > denial->worst) {
		denial->worst = fault;
		memcpy(denial->why, found.says, sizeof denial->why);
	}
	rrset_release(&set);
	rrset_release(&signatures);
}

static void proofs_collect(struct denial *denial)
{
	const struct dns_message *message = denial->message;
	for (size_t i = 0; i < message->counts[DNS_AUTHORITY]; i++) {
		const struct dns_record *record = &message->records[DNS_AUTHORITY][i];
		struct dns_name owner;
		if (record->class_ != 1 || (record->type != RR_NSEC && record->type != RR_NSEC3))
			continue;
		/* The two are not mixed: the first kind counts. */
		if (denial->count && denial->nsec3 != (record->type == RR_NSEC3))
			continue;
		rrset_owner(record, &owner);
		proof_take(denial, &owner, record->type);
	}
}

/* --- NSEC --- */

static const struct proof *nsec_match(const struct denial *denial, const struct dns_name *name)
{
	for (size_t i = 0; i < denial->count; i++)
		if (dns_name_equal(&denial->proofs[i].owner, name))
			return &denial->proofs[i];
	return NULL;
}

/* An NSEC at a delegation or DNAME above the name speaks of the parent's side only (RFC 6840 4.1). */
static bool is_ancestor_cut(const struct proof *proof, const struct dns_name *name)
{
	bool cut = (has_type(proof, RR_NS) && !has_type(proof, RR_SOA)) || has_type(proof, RR_DNAME);
	return cut && dns_name_within(name, &proof->owner);
}

static const struct proof *nsec_cover(const struct denial *denial, const struct dns_name *name)
{
	for (size_t i = 0; i < denial->count; i++) {
		const struct proof *proof = &denial->proofs[i];
		bool last = dns_name_compare(&proof->next, &proof->owner) <= 0;
		bool after = dns_name_compare(name, &proof->owner) > 0;
		bool before = dns_name_compare(name, &proof->next) < 0;
		if ((last ? after || before : after && before) && !is_ancestor_cut(proof, name))
			return proof;
	}
	return NULL;
}

/* The longest ancestor that exists, told by the NSEC that covers the name: *.that is to be absent, too. */
static bool nsec_wildcard(const struct proof *cover, const struct dns_name *name, struct dns_name *out)
{
	unsigned a = dns_name_common(name, &cover->owner), b = dns_name_common(name, &cover->next);
	dns_name_suffix(name, a > b ? a : b, out);
	return dns_name_prepend("*", 1, out, out);
}

/* The bitmap of what matches the name: does it deny the type? */
static enum dnssec_fault deny_by_types(struct denial *denial, const struct proof *proof, uint16_t type,
				       bool ds)
{
	bool delegation = has_type(proof, RR_NS) && !has_type(proof, RR_SOA);
	if (has_type(proof, type))
		return conclude(denial, DNSSEC_NO_PROOF, "the %s says that the type does exist",
				denial->nsec3 ? "NSEC3" : "NSEC");
	if (!ds && has_type(proof, RR_CNAME))
		return conclude(denial, DNSSEC_NO_PROOF, "the %s says that there is a CNAME",
				denial->nsec3 ? "NSEC3" : "NSEC");
	if (ds && has_type(proof, RR_SOA))
		return conclude(denial, DNSSEC_NO_PROOF, "the proof comes from the child's side of the cut");
	if (ds && !delegation)
		return conclude(denial, DNSSEC_NO_PROOF, "the proof does not say that there is a delegation");
	if (!ds && delegation && type != RR_DS)
		return conclude(denial, DNSSEC_NO_PROOF, "the proof comes from the parent's side of the cut");
	return conclude(denial, DNSSEC_OK,
			ds ? "%s proves that there is no DS"
			   : "%s proves that the name has no record of this type",
			denial->nsec3 ? "NSEC3" : "NSEC");
}

static enum dnssec_fault nsec_deny_type(struct denial *denial, const struct dns_name *name, uint16_t type,
					bool ds)
{
	struct dns_name wildcard;
	const struct proof *match = nsec_match(denial, name);
	if (match)
		return deny_by_types(denial, match, type, ds);
	const struct proof *cover = nsec_cover(denial, name);
	if (!cover)
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC matches or covers the name");
	/* The next name is below it: it is an empty non-terminal. */
	if (dns_name_within(&cover->next, name))
		return conclude(denial, DNSSEC_OK, "NSEC proves that the name itself has no records");
	if (!nsec_wildcard(cover, name, &wildcard))
		return conclude(denial, DNSSEC_NO_PROOF, "the name is too long for a wildcard proof");
	match = nsec_match(denial, &wildcard);
	if (!match)
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC speaks for the wildcard that would match");
	return deny_by_types(denial, match, type, ds);
}

static enum dnssec_fault nsec_deny_name(struct denial *denial, const struct dns_name *name)
{
	struct dns_name wildcard;
	const struct proof *cover = nsec_cover(denial, name);
	if (!cover)
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC covers the name");
	if (dns_name_within(&cover->next, name))
		return conclude(denial, DNSSEC_NO_PROOF,
				"NSEC says that there are names below it, so it exists");
	if (nsec_wildcard(cover, name, &wildcard) && !nsec_cover(denial, &wildcard))
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC denies the wildcard that would match");
	return conclude(denial, DNSSEC_OK, "NSEC proves that the name does not exist");
}

/* --- NSEC3 --- */

struct closest {
	const struct proof *encloser; /* matches the closest ancestor that exists */
	struct dns_name name;         /* that ancestor */
	const struct proof *cover;    /* covers the next closer name; NULL: none does */
};

static const struct proof *nsec3_find(const struct denial *denial, const struct dns_name *name, bool cover)
{
	uint8_t hash[HASH];
	if (!dnssec_nsec3_hash(name, denial->iterations, denial->salt, denial->salt_length, hash))
		return NULL;
	for (size_t i = 0; i < denial->count; i++) {
		const struct proof *proof = &denial->proofs[i];
		int from = memcmp(hash, proof->hash, HASH), to = memcmp(hash, proof->next_hash, HASH);
		bool last = memcmp(proof->next_hash, proof->hash, HASH) <= 0;
		if (!cover ? from == 0 : last ? from > 0 || to < 0 : from > 0 && to < 0)
			return proof;
	}
	return NULL;
}

/* RFC 5155 8.3. */
static bool closest_find(const struct denial *denial, const struct dns_name *name, struct closest *out)
{
	unsigned most = dns_name_labels(name), least = dns_name_labels(denial->zone);
	*out = (struct closest){ .encloser = NULL };
	for (unsigned labels = most; labels + 1 > least; labels--) {
		struct dns_name ancestor, closer;
		dns_name_suffix(name, labels, &ancestor);
		const struct proof *match = nsec3_find(denial, &ancestor, false);
		if (!match) {
			if (labels == 0)
				break;
			continue;
		}
		/* Below a delegation or a DNAME this zone has no say (RFC 5155 8.3). */
		if (labels < most &&
		    (has_type(match, RR_DNAME) || (has_type(match, RR_NS) && !has_type(match, RR_SOA))))
			return false;
		out->encloser = match;
		out->name = ancestor;
		dns_name_suffix(name, labels + 1, &closer);
		out->cover = labels < most ? nsec3_find(denial, &closer, true) : NULL;
		return true;
	}
	return false;
}

static const struct proof *nsec3_wildcard(const struct denial *denial, const struct closest *closest,
					  bool cover)
{
	struct dns_name wildcard;
	if (!dns_name_prepend("*", 1, &closest->name, &wildcard))
		return NULL;
	return nsec3_find(denial, &wildcard, cover);
}

static enum dnssec_fault nsec3_deny_type(struct denial *denial, const struct dns_name *name, uint16_t type,
					 bool ds)
{
	struct closest closest;
	const struct proof *match = nsec3_find(denial, name, false);
	if (match)
		return deny_by_types(denial, match, type, ds);
	if (!closest_find(denial, name, &closest) || !closest.cover)
		return conclude(denial, DNSSEC_NO_PROOF,
				"no NSEC3 matches the name, and none proves its closest encloser");
	if (ds || type == RR_DS) {
		denial->out->opt_out = closest.cover->opt_out;
		if (closest.cover->opt_out)
			return conclude(denial, DNSSEC_OK,
					"NSEC3 with opt-out: the delegation is not signed");
	}
	match = nsec3_wildcard(denial, &closest, false);
	if (!match)
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC3 speaks for the wildcard that would match");
	return deny_by_types(denial, match, type, ds);
}

static enum dnssec_fault nsec3_deny_name(struct denial *denial, const struct dns_name *name)
{
	struct closest closest;
	if (!closest_find(denial, name, &closest))
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC3 proves the closest encloser");
	if (!closest.cover)
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC3 covers the next closer name");
	denial->out->opt_out = closest.cover->opt_out;
	if (!nsec3_wildcard(denial, &closest, true))
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC3 denies the wildcard that would match");
	return conclude(denial, DNSSEC_OK, "NSEC3 proves that the name does not exist");
}

/* Nothing between the name and the wildcard that answered for it (RFC 4035 5.3.4, RFC 5155 8.8). */
static enum dnssec_fault deny_closer(struct denial *denial, const struct dns_name *name, unsigned labels)
{
	struct dns_name closer;
	dns_name_suffix(name, labels + 1, &closer);
	bool covered =
	    denial->nsec3 ? nsec3_find(denial, &closer, true) != NULL : nsec_cover(denial, name) != NULL;
	return covered
		   ? conclude(denial, DNSSEC_OK, "%s proves that only the wildcard matches",
			      denial->nsec3 ? "NSEC3" : "NSEC")
		   : conclude(
			 denial, DNSSEC_NO_PROOF,
			 "the answer comes from a wildcard, and nothing proves that no closer name exists");
}

static enum dnssec_fault decide(struct denial *denial, enum dnssec_denial what, const struct dns_name *name,
				uint16_t type, unsigned labels)
{
	if (!denial->count && denial->worst)
		return conclude(denial, denial->worst, "%s", denial->why);
	if (!denial->count)
		return conclude(denial, DNSSEC_NO_PROOF, "no NSEC or NSEC3 is in the answer");
	if (denial->nsec3 && denial->iterations > DNSSEC_ITERATIONS_MAX)
		return conclude(denial, DNSSEC_ITERATIONS,
				"NSEC3 with %u iterations: validators take the zone for unsigned",
				denial->iterations);
	switch (what) {
	case DENY_NAME:
		return denial->nsec3 ? nsec3_deny_name(denial, name) : nsec_deny_name(denial, name);
	case DENY_TYPE:
	case DENY_DS:
		return denial->nsec3 ? nsec3_deny_type(denial, name, type, what == DENY_DS)
				     : nsec_deny_type(denial, name, type, what == DENY_DS);
	default:
		return deny_closer(denial, name, labels);
	}
}

enum dnssec_fault dnssec_deny(const struct dns_message *message, enum dnssec_denial what,
			      const struct dns_name *name, uint16_t type, unsigned labels,
			      const struct rrset *keys, const struct dns_name *zone, int64_t now,
			      struct dnssec_finding *out)
{
	struct denial *denial = NEW(struct denial);
	*out = (struct dnssec_finding){ .fault = DNSSEC_NO_PROOF };
	denial->message = message;
	denial->keys = keys;
	denial->zone = zone;
	denial->now = now;
	denial->out = out;
	proofs_collect(denial);
	enum dnssec_fault fault = decide(denial, what, name, type, labels);
	for (size_t i = 0; i < denial->count; i++)
		free(denial->proofs[i].types);
	free(denial);
	return fault;
}
