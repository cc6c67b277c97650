#include "net/dns/dnssec.h"
#include "net/dns/dnssec_lib.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Answers of real servers, signed by BIND's tools and by Knot (tests/unit/dnssec/make.py). */
#define FOLDER "tests/unit/dnssec/"

enum { MESSAGE_SPACE = 8192, DAY = 86400 };

static int64_t made(void)
{
	long long at = 0;
	FILE *file = fopen(FOLDER "made", "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lld", &at), 1);
	fclose(file);
	return at;
}

static size_t bytes_of(const char *name, uint8_t bytes[MESSAGE_SPACE])
{
	char path[256];
	snprintf(path, sizeof path, FOLDER "%s", name);
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is not there", path);
	size_t length = fread(bytes, 1, MESSAGE_SPACE, file);
	fclose(file);
	return length;
}

static struct dns_message *message_of(const char *name)
{
	uint8_t bytes[MESSAGE_SPACE];
	struct error err = ERROR_INIT;
	size_t length = bytes_of(name, bytes);
	struct dns_message *message = dns_message_parse(bytes, length, &err);
	assert_non_null(message);
	return message;
}

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	assert_int_equal(dns_name_parse(text, &name, NULL), 0);
	return name;
}

/* A zone of the folder with its keys. */
struct zone {
	struct dns_name name;
	struct dns_message *message;
	struct rrset keys, signatures;
};

static struct zone zone_of(const char *zone)
{
	char text[64];
	snprintf(text, sizeof text, "%s.example", zone);
	struct zone out = { .name = name_of(text) };
	snprintf(text, sizeof text, "%s.apex.DNSKEY", zone);
	out.message = message_of(text);
	assert_true(rrset_take(out.message, DNS_ANSWER, &out.name, RR_DNSKEY, &out.keys) >= 1);
	rrset_take(out.message, DNS_ANSWER, &out.name, RR_RRSIG, &out.signatures);
	return out;
}

static void zone_end(struct zone *zone)
{
	rrset_release(&zone->keys);
	rrset_release(&zone->signatures);
	dns_message_free(zone->message);
}

static const char *const every[] = { "rsasha1", "rsasha256", "rsasha512", "p256", "p384",      "ed25519",
				     "ed448",   "nsec3",     "optout",    "knot", "iterations" };
enum { EVERY = sizeof every / sizeof *every };

static enum dnssec_fault verify_www(const struct zone *zone, const char *short_, int64_t now,
				    struct dnssec_finding *out)
{
	char text[64];
	snprintf(text, sizeof text, "%s.www.A", short_);
	struct dns_message *message = message_of(text);
	snprintf(text, sizeof text, "www.%s.example", short_);
	struct dns_name owner = name_of(text);
	enum dnssec_fault fault =
	    dnssec_verify_in(message, DNS_ANSWER, &owner, RR_A, &zone->keys, &zone->name, now, out);
	dns_message_free(message);
	return fault;
}

static void test_every_algorithm_verifies(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVERY; i++) {
		struct zone zone = zone_of(every[i]);
		struct dnssec_finding found;
		if (verify_www(&zone, every[i], made(), &found))
			fail_msg("%s: %s", every[i], found.says);
		assert_non_null(strstr(found.says, "is signed by key"));
		if (dnssec_verify(&zone.keys, &zone.signatures, &zone.keys, &zone.name, made(), &found))
			fail_msg("%s: %s", every[i], found.says);
		zone_end(&zone);
	}
}

static void test_times(void **state)
{
	(void)state;
	struct zone zone = zone_of("p256");
	struct dnssec_finding found;
	assert_int_equal(verify_www(&zone, "p256", made() + 365 * DAY, &found), DNSSEC_EXPIRED);
	assert_non_null(strstr(found.says, "www.p256.example. A expired on"));
	assert_int_equal(verify_www(&zone, "p256", made() - 365 * DAY, &found), DNSSEC_NOT_YET);
	assert_int_equal(verify_www(&zone, "p256", found.inception, &found), DNSSEC_OK);
	assert_int_equal(verify_www(&zone, "p256", found.inception - 1, &found), DNSSEC_NOT_YET);
	assert_int_equal(verify_www(&zone, "p256", found.expiration, &found), DNSSEC_OK);
	assert_int_equal(verify_www(&zone, "p256", found.expiration + 1, &found), DNSSEC_EXPIRED);
	zone_end(&zone);
}

/* Every octet of records and signature counts: none may change without being noticed. */
static void test_one_octet_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVERY; i++) {
		struct zone zone = zone_of(every[i]);
		char text[64];
		snprintf(text, sizeof text, "%s.www.A", every[i]);
		struct dns_message *message = message_of(text);
		snprintf(text, sizeof text, "www.%s.example", every[i]);
		struct dns_name owner = name_of(text);
		struct rrset set, signatures;
		struct dnssec_finding found;
		rrset_take(message, DNS_ANSWER, &owner, RR_A, &set);
		rrset_take(message, DNS_ANSWER, &owner, RR_RRSIG, &signatures);
		assert_int_equal(set.count, 2);
		set.items[0].bytes[3] ^= 1;
		assert_int_equal(dnssec_verify(&set, &signatures, &zone.keys, &zone.name, made(), &found),
				 DNSSEC_BAD_SIGNATURE);
		set.items[0].bytes[3] ^= 1;
		struct rdata *signature = &signatures.items[0];
		for (size_t at = 2; at < signature->length; at += 7) {
			signature->bytes[at] ^= 0x40;
			assert_int_not_equal(
			    dnssec_verify(&set, &signatures, &zone.keys, &zone.name, made(), &found),
			    DNSSEC_OK);
			signature->bytes[at] ^= 0x40;
		}
		assert_int_equal(dnssec_verify(&set, &signatures, &zone.keys, &zone.name, made(), &found),
				 DNSSEC_OK);
		rrset_release(&set);
		rrset_release(&signatures);
		dns_message_free(message);
		zone_end(&zone);
	}
}

static void test_broken_links_are_named(void **state)
{
	(void)state;
	struct zone zone = zone_of("p256"), other = zone_of("p384");
	struct dnssec_finding found;
	struct rrset none = { .type = RR_RRSIG };
	assert_int_equal(dnssec_verify(&zone.keys, &none, &zone.keys, &zone.name, made(), &found),
			 DNSSEC_NO_SIGNATURE);
	assert_int_equal(verify_www(&other, "p256", made(), &found), DNSSEC_WRONG_SIGNER);
	struct zone mixed = zone;
	mixed.keys = other.keys;
	assert_int_equal(verify_www(&mixed, "p256", made(), &found), DNSSEC_NO_KEY);
	assert_non_null(strstr(found.says, "which the zone does not publish"));
	zone_end(&zone);
	zone_end(&other);
}

/* A DS of the given digest made from the zone's key with the SEP flag (or from the first). */
static void ds_make(const struct zone *zone, uint8_t digest, struct rrset *out)
{
	uint8_t data[4096], ds[4 + 64];
	const struct rdata *key = &zone->keys.items[0];
	for (size_t i = 0; i < zone->keys.count; i++)
		if (zone->keys.items[i].bytes[1] & 1)
			key = &zone->keys.items[i];
	memcpy(data, zone->name.wire, zone->name.length);
	memcpy(data + zone->name.length, key->bytes, key->length);
	size_t length = dnssec_digest(digest, data, zone->name.length + (size_t)key->length, ds + 4);
	uint16_t tag = dnssec_key_tag(key);
	ds[0] = (uint8_t)(tag >> 8);
	ds[1] = (uint8_t)tag;
	ds[2] = key->bytes[3];
	ds[3] = digest;
	*out = (struct rrset){ .owner = zone->name, .type = RR_DS, .class_ = 1 };
	rrset_add(out, ds, 4 + length);
}

static void test_delegation_signers(void **state)
{
	(void)state;
	static const uint8_t digests[] = { 1, 2, 4 };
	for (size_t i = 0; i < EVERY * sizeof digests; i++) {
		struct zone zone = zone_of(every[i / sizeof digests]);
		struct rrset ds, nothing = { .type = RR_DNSKEY };
		struct dnssec_finding found;
		ds_make(&zone, digests[i % sizeof digests], &ds);
		if (dnssec_keys_verify(&zone.name, &ds, &zone.keys, &zone.signatures, made(), &found))
			fail_msg("%s: %s", every[i / sizeof digests], found.says);
		assert_int_equal(
		    dnssec_keys_verify(&zone.name, &ds, &nothing, &zone.signatures, made(), &found),
		    DNSSEC_NO_DNSKEY);
		ds.items[0].bytes[9] ^= 1;
		assert_int_equal(
		    dnssec_keys_verify(&zone.name, &ds, &zone.keys, &zone.signatures, made(), &found),
		    DNSSEC_DS_MISMATCH);
		ds.items[0].bytes[3] = 99;
		assert_int_equal(
		    dnssec_keys_verify(&zone.name, &ds, &zone.keys, &zone.signatures, made(), &found),
		    DNSSEC_UNSUPPORTED);
		rrset_release(&ds);
		zone_end(&zone);
	}
}

/* RFC 4034 5.4: a known key, its tag and its DS. */
static void test_known_key(void **state)
{
	(void)state;
	static const uint8_t key[] = {
		0x01, 0x00, 0x03, 0x05, 0x01, 0x03, 0x9e, 0x8a, 0x24, 0x74, 0x18, 0xe3, 0x18, 0x90, 0x3b,
		0x21, 0x5a, 0x84, 0x8a, 0xcf, 0xd5, 0xf3, 0x7f, 0x02, 0x6b, 0xd4, 0x06, 0x2d, 0xb2, 0x6c,
		0x77, 0x4c, 0x69, 0x09, 0x68, 0xd5, 0xd5, 0x6d, 0xf8, 0xbf, 0xda, 0x91, 0xe6, 0xf3, 0x6d,
		0x9a, 0x27, 0x98, 0x88, 0xf4, 0x13, 0x33, 0x35, 0x7c, 0x5e, 0x60, 0x29, 0x99, 0x0d, 0x10,
		0xfd, 0xf5, 0x66, 0x30, 0x62, 0xa5, 0x12, 0x76, 0x33, 0x26, 0x98, 0x0a, 0x61, 0x5d, 0xdb,
		0xf1, 0x7a, 0x05, 0xdd, 0xfc, 0xce, 0x7e, 0x5f, 0xb3, 0xab, 0xcc, 0xa0, 0x5a, 0x31, 0xb0,
		0x95, 0x74, 0x52, 0xd4, 0x52, 0x1e, 0x83, 0x87, 0x07, 0x89, 0x06, 0x31, 0x15, 0xbf, 0x97,
		0xf6, 0xc3, 0x08, 0xcc, 0xf5, 0x7c, 0xdc, 0x9c, 0xe7, 0xfe, 0x10, 0xf6, 0xed, 0x1b, 0xd0,
		0xcc, 0x06, 0x60, 0x03, 0x8c, 0x50, 0xdc, 0xdb, 0x0f, 0xeb, 0x96, 0x3c, 0x2f, 0x17
	};
	static const uint8_t digest[] = { 0x2b, 0xb1, 0x83, 0xaf, 0x5f, 0x22, 0x58, 0x81, 0x79, 0xa5,
					  0x3b, 0x0a, 0x98, 0x63, 0x1f, 0xad, 0x1a, 0x29, 0x21, 0x18 };
	uint8_t ds[24] = { 60485 >> 8, 60485 & 0xff, 5, 1 };
	memcpy(ds + 4, digest, sizeof digest);
	struct rdata key_data = { (uint8_t *)(uintptr_t)key, sizeof key }, ds_data = { ds, sizeof ds };
	struct dns_name zone = name_of("dskey.example.com");
	assert_int_equal(dnssec_key_tag(&key_data), 60485);
	assert_true(dnssec_ds_matches(&ds_data, &zone, &key_data));
	assert_int_equal(dnssec_rsa_bits(key + 4, sizeof key - 4), 1024);
}

/* RFC 5155 appendix A. */
static void test_known_hash(void **state)
{
	(void)state;
	static const uint8_t salt[] = { 0xaa, 0xbb, 0xcc, 0xdd };
	/* 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom */
	static const uint8_t expected[] = { 0x06, 0x53, 0x68, 0xab, 0xee, 0xd7, 0xec, 0x6e, 0x9f, 0xeb,
					    0xa9, 0x6b, 0x8c, 0x8b, 0xc3, 0xe8, 0xb7, 0x91, 0xf7, 0x16 };
	uint8_t hash[20];
	struct dns_name name = name_of("EXAMPLE");
	assert_true(dnssec_nsec3_hash(&name, 12, salt, 4, hash));
	assert_memory_equal(hash, expected, 20);
}

struct denial_case {
	const char *question; /* of the file */
	enum dnssec_denial what;
	uint16_t type;
	enum dnssec_fault nsec, nsec3, optout;
};

static const struct denial_case denials[] = {
	{ "nope.A", DENY_NAME, RR_A, 0, 0, 0 },
	{ "a.b.nope.A", DENY_NAME, RR_A, 0, 0, 0 },
	{ "zzz.A", DENY_NAME, RR_A, 0, 0, 0 },
	{ "www.TXT", DENY_TYPE, RR_TXT, 0, 0, 0 },
	{ "www.TXT", DENY_TYPE, RR_A, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF },
	{ "www.TXT", DENY_NAME, RR_A, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF },
	{ "wild.A", DENY_TYPE, RR_A, 0, 0, 0 },
	{ "ent.deep.A", DENY_TYPE, RR_A, 0, 0, 0 },
	{ "ent.deep.A", DENY_NAME, RR_A, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF },
	{ "x.wild.MX", DENY_TYPE, RR_MX, 0, 0, 0 },
	{ "x.wild.MX", DENY_TYPE, RR_TXT, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF },
	{ "x.wild.A", DENY_CLOSER, RR_A, 0, 0, 0 },
	{ "plain.DS", DENY_DS, RR_DS, 0, 0, 0 },
	{ "www.DS", DENY_DS, RR_DS, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF },
	{ "nope.A", DENY_TYPE, RR_A, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF, DNSSEC_NO_PROOF },
};

static void deny(const char *short_, const struct denial_case *denial, enum dnssec_fault expected)
{
	struct zone zone = zone_of(short_);
	struct dnssec_finding found;
	char text[96], name[64];
	snprintf(name, sizeof name, "%s", denial->question);
	*strrchr(name, '.') = '\0';
	snprintf(text, sizeof text, "%s.%s.example", name, short_);
	struct dns_name asked = name_of(text);
	for (char *c = name; *c; c++)
		*c = *c == '.' ? '_' : *c;
	snprintf(text, sizeof text, "%s.%s%s", short_, name, strrchr(denial->question, '.'));
	struct dns_message *message = message_of(text);
	enum dnssec_fault fault =
	    dnssec_deny(message, denial->what, &asked, denial->type, dns_name_labels(&zone.name) + 1,
			&zone.keys, &zone.name, made(), &found);
	if (fault != expected)
		fail_msg("%s for %d: %s: %s", text, denial->what, dnssec_fault_name(fault), found.says);
	if (expected == DNSSEC_OK) {
		assert_int_equal(dnssec_deny(message, denial->what, &asked, denial->type,
					     dns_name_labels(&zone.name) + 1, &zone.keys, &zone.name,
					     made() + 365 * DAY, &found),
				 DNSSEC_EXPIRED);
		struct rrset none = { .type = RR_DNSKEY };
		assert_int_equal(dnssec_deny(message, denial->what, &asked, denial->type,
					     dns_name_labels(&zone.name) + 1, &none, &zone.name, made(),
					     &found),
				 DNSSEC_NO_KEY);
	}
	dns_message_free(message);
	zone_end(&zone);
}

static void test_denials(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof denials / sizeof *denials; i++) {
		deny("p256", &denials[i], denials[i].nsec);
		deny("nsec3", &denials[i], denials[i].nsec3);
		deny("knot", &denials[i], denials[i].nsec3);
		deny("optout", &denials[i], denials[i].optout);
	}
}

static void test_too_many_iterations(void **state)
{
	(void)state;
	struct denial_case denial = { "nope.A", DENY_NAME, RR_A, 0, 0, 0 };
	deny("iterations", &denial, DNSSEC_ITERATIONS);
}

static void test_referrals(void **state)
{
	(void)state;
	static const char *const zones[] = { "p256", "nsec3", "optout", "knot" };
	for (size_t i = 0; i < 4; i++) {
		struct zone zone = zone_of(zones[i]);
		struct dnssec_finding found;
		char text[64];
		snprintf(text, sizeof text, "%s.x_plain.A", zones[i]);
		struct dns_message *message = message_of(text);
		snprintf(text, sizeof text, "plain.%s.example", zones[i]);
		struct dns_name cut = name_of(text);
		if (dnssec_deny(message, DENY_DS, &cut, RR_DS, 0, &zone.keys, &zone.name, made(), &found))
			fail_msg("%s: %s", zones[i], found.says);
		assert_int_equal(found.opt_out, i == 2);
		dns_message_free(message);
		snprintf(text, sizeof text, "%s.x_secure.A", zones[i]);
		message = message_of(text);
		snprintf(text, sizeof text, "secure.%s.example", zones[i]);
		cut = name_of(text);
		assert_int_equal(dnssec_verify_in(message, DNS_AUTHORITY, &cut, RR_DS, &zone.keys, &zone.name,
						  made(), &found),
				 DNSSEC_OK);
		assert_int_not_equal(
		    dnssec_deny(message, DENY_DS, &cut, RR_DS, 0, &zone.keys, &zone.name, made(), &found),
		    DNSSEC_OK);
		dns_message_free(message);
		zone_end(&zone);
	}
}

static void test_wildcards_are_seen(void **state)
{
	(void)state;
	struct zone zone = zone_of("p256");
	struct dnssec_finding found;
	struct dns_message *message = message_of("p256.x_wild.A");
	struct dns_name owner = name_of("x.wild.p256.example");
	assert_int_equal(
	    dnssec_verify_in(message, DNS_ANSWER, &owner, RR_A, &zone.keys, &zone.name, made(), &found),
	    DNSSEC_OK);
	assert_true(found.wildcard);
	assert_int_equal(found.labels, 3);
	dns_message_free(message);
	zone_end(&zone);
}

static void test_order(void **state)
{
	(void)state;
	/* RFC 4034 6.1 */
	static const char *const sorted[] = { "example.",         "a.example.",      "yljkjljk.a.example.",
					      "Z.a.example.",     "zABC.a.EXAMPLE.", "z.example.",
					      "\\001.z.example.", "*.z.example.",    "\\200.z.example." };
	for (size_t i = 0; i < 9; i++)
		for (size_t k = 0; k < 9; k++) {
			struct dns_name a = name_of(sorted[i]), b = name_of(sorted[k]);
			int order = dns_name_compare(&a, &b);
			assert_int_equal(order < 0 ? -1 : order > 0, i < k ? -1 : i > k);
		}
	struct dns_name name = name_of("a.b.example"), zone = name_of("B.EXAMPLE"), root = name_of("."), out;
	assert_true(dns_name_within(&name, &zone));
	assert_true(dns_name_within(&name, &root));
	assert_false(dns_name_within(&zone, &name));
	dns_name_suffix(&name, 0, &out);
	assert_true(dns_name_equal(&out, &root));
	dns_name_suffix(&name, 2, &out);
	assert_true(dns_name_equal(&out, &zone));
	dns_name_suffix(&name, 9, &out);
	assert_true(dns_name_equal(&out, &name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_known_key),
		cmocka_unit_test(test_known_hash),
		cmocka_unit_test(test_every_algorithm_verifies),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_one_octet_changed),
		cmocka_unit_test(test_broken_links_are_named),
		cmocka_unit_test(test_delegation_signers),
		cmocka_unit_test(test_denials),
		cmocka_unit_test(test_too_many_iterations),
		cmocka_unit_test(test_referrals),
		cmocka_unit_test(test_wildcards_are_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
