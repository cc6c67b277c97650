/* DNSSEC (RFC 4033 to 4035, 5155, 6840): signatures, delegation signers and proofs that something does not exist. Pure: octets and a time
 * in, a finding out, which names the link that is broken. No network, no cache. */
#ifndef NET_DNS_DNSSEC_H
#define NET_DNS_DNSSEC_H

#include "net/dns/rrset.h"

enum dnssec_fault {
	DNSSEC_OK,
	DNSSEC_UNSUPPORTED, /* only algorithms or digests that we do not know: as good as unsigned (RFC 4035 5.2) */
	DNSSEC_ITERATIONS,   /* NSEC3 with too many iterations: as good as unsigned (RFC 9276 3.2) */
	DNSSEC_NO_SIGNATURE, /* no RRSIG over the records at all */
	DNSSEC_MALFORMED, /* an RRSIG, DNSKEY or NSEC3 that cannot be read, or breaks a rule of RFC 4035 5.3.1 */
	DNSSEC_WRONG_SIGNER,  /* signed in the name of another zone */
	DNSSEC_NO_KEY,        /* no DNSKEY with the signature's key tag and algorithm */
	DNSSEC_BAD_SIGNATURE, /* key and data do not match it */
	DNSSEC_EXPIRED,
	DNSSEC_NOT_YET,
	DNSSEC_DS_MISMATCH, /* no DNSKEY of the zone has the digest of a DS */
	DNSSEC_NO_DNSKEY,   /* a DS, and no DNSKEY at all */
	DNSSEC_NO_PROOF,    /* NSEC or NSEC3 that would prove the absence are missing */
};

/* Validators give up beyond that (RFC 9276 asks for 0). */
enum { DNSSEC_ITERATIONS_MAX = 150 };

struct dnssec_finding {
	enum dnssec_fault fault;
	uint16_t key_tag; /* of the signature that decided */
	uint8_t algorithm;
	int64_t inception, expiration; /* seconds since 1970; 0 none */
	bool wildcard;                 /* the records come from a wildcard */
	unsigned labels;               /* of the signature */
	bool opt_out;                  /* an NSEC3 proof with opt-out */
	char says[256];                /* the link in a sentence, good or broken */
};

/* "expired", "no signature" ... static */
const char *dnssec_fault_name(enum dnssec_fault fault);

/* Is the fault one after which a validating resolver answers SERVFAIL? */
static inline bool dnssec_is_bogus(enum dnssec_fault fault)
{
	return fault > DNSSEC_ITERATIONS;
}

/* RFC 4034 appendix B. */
uint16_t dnssec_key_tag(const struct rdata *dnskey);

/* Verifies the set with one of the signatures (type RRSIG, same owner) by one of the zone's keys, at the time now (seconds since 1970).
 * The finding is of the first that holds, else of the one that came closest. */
enum dnssec_fault dnssec_verify(const struct rrset *set, const struct rrset *signatures,
				const struct rrset *keys, const struct dns_name *zone, int64_t now,
				struct dnssec_finding *out);

/* Verifies the set of owner and type in a section of the message. */
enum dnssec_fault dnssec_verify_in(const struct dns_message *message, enum dns_section section,
				   const struct dns_name *owner, uint16_t type, const struct rrset *keys,
				   const struct dns_name *zone, int64_t now, struct dnssec_finding *out);

/* True when the DS was made from that key of the zone. */
bool dnssec_ds_matches(const struct rdata *ds, const struct dns_name *zone, const struct rdata *dnskey);

/* Are the zone's keys what its DS set (already verified, or a trust anchor) says, and do they sign themselves? signatures: RRSIG at the
 * zone's name. */
enum dnssec_fault dnssec_keys_verify(const struct dns_name *zone, const struct rrset *ds,
				     const struct rrset *keys, const struct rrset *signatures, int64_t now,
				     struct dnssec_finding *out);

/* What is to be proved absent. */
enum dnssec_denial {
	DENY_NAME,   /* NXDOMAIN */
	DENY_TYPE,   /* NODATA */
	DENY_DS,     /* an unsigned delegation */
	DENY_CLOSER, /* nothing closer than the wildcard that was used */
};

/* Verifies the proof in the authority section. labels: of the wildcard's signature, for DENY_CLOSER. */
enum dnssec_fault dnssec_deny(const struct dns_message *message, enum dnssec_denial what,
			      const struct dns_name *name, uint16_t type, unsigned labels,
			      const struct rrset *keys, const struct dns_name *zone, int64_t now,
			      struct dnssec_finding *out);

/* The hash of a name (RFC 5155 5). Returns false when the parameters are not known. */
bool dnssec_nsec3_hash(const struct dns_name *name, uint16_t iterations, const uint8_t *salt,
		       uint8_t salt_length, uint8_t out[20]);

#endif
