/* The cryptography of DNSSEC: OpenSSL's EVP, loaded on first use. */
#ifndef NET_DNS_DNSSEC_LIB_H
#define NET_DNS_DNSSEC_LIB_H

#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns 0, or -1 with err (STATUS_CANNOT) when OpenSSL 3 is not installed. Again is free. */
int dnssec_lib_load(struct error *err);

/* Algorithm numbers of DNSKEY and RRSIG (IANA; RFC 8624). */
bool dnssec_algorithm_known(uint8_t algorithm);
const char *dnssec_algorithm_name(uint8_t algorithm, char buf[16]); /* "ECDSAP256SHA256" */

enum dnssec_crypto { CRYPTO_GOOD, CRYPTO_BAD, CRYPTO_UNSUPPORTED, CRYPTO_BAD_KEY };

/* Verifies signature over data with the public key of a DNSKEY (RFC 3110, 5702, 6605, 8080). */
enum dnssec_crypto dnssec_crypto_verify(uint8_t algorithm, const uint8_t *key, size_t key_length,
					const uint8_t *signature, size_t signature_length,
					const uint8_t *data, size_t length);

/* Digest of a DS (RFC 4034 5.1.4, 4509, 6605): out takes 64 bytes. Returns its length, 0 for a type that is not known. */
size_t dnssec_digest(uint8_t digest_type, const uint8_t *data, size_t length, uint8_t out[64]);

/* SHA-1 for NSEC3 (RFC 5155 5): out takes 20 bytes. */
bool dnssec_sha1(const uint8_t *data, size_t length, uint8_t out[20]);

/* Bits of an RSA key's modulus, 0 when the key is none. */
unsigned dnssec_rsa_bits(const uint8_t *key, size_t length);

#endif
