#include "net/dns/dnssec_lib.h"

#include "base/dynlib.h"
#include "ntsh/dns.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define SYMBOLS(X)                                                                                           \
	X(EVP_DigestVerifyInit)                                                                              \
	X(EVP_DigestVerify)                                                                                  \
	X(EVP_MD_CTX_new)                                                                                    \
	X(EVP_MD_CTX_free)                                                                                   \
	X(EVP_PKEY_free)                                                                                     \
	X(EVP_PKEY_new_raw_public_key)                                                                       \
	X(EVP_Digest)                                                                                        \
	X(EVP_sha1)                                                                                          \
	X(EVP_sha256)                                                                                        \
	X(EVP_sha384)                                                                                        \
	X(EVP_sha512)                                                                                        \
	X(d2i_PUBKEY)                                                                                        \
	X(ERR_clear_error)                                                                                   \
	X(OPENSSL_init_crypto)

#include <openssl/err.h>

#define MEMBER(name) __typeof__(&name) name;
static struct {
	SYMBOLS(MEMBER)
} evp;

#define SYMBOL(name) { #name, &evp.name },

int dnssec_lib_load(struct error *err)
{
	static const struct dynlib_symbol symbols[] = { SYMBOLS(SYMBOL) };
	static bool loaded;
	if (loaded)
		return 0;
	if (dynlib_load(NTSH_SONAME_CRYPTO, "libssl3", symbols, sizeof symbols / sizeof *symbols, err) < 0)
		return -1;
	/* Reading the system's configuration takes longer than a verification, and nothing here depends on it. */
	evp.OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	loaded = true;
	return 0;
}

enum { RSA_KEY_MAX = 1024, DER_MAX = RSA_KEY_MAX + 64, SIGNATURE_DER_MAX = 160 };

static const struct algorithm {
	uint8_t number;
	enum { KIND_UNSUPPORTED, KIND_RSA, KIND_EC, KIND_RAW } kind;
	unsigned octets; /* of a coordinate, or of the raw key */
} algorithms[] = {
	{ 1, KIND_UNSUPPORTED, 0 }, { 3, KIND_UNSUPPORTED, 0 },  { 5, KIND_RSA, 0 },
	{ 6, KIND_UNSUPPORTED, 0 }, { 7, KIND_RSA, 0 },          { 8, KIND_RSA, 0 },
	{ 10, KIND_RSA, 0 },        { 12, KIND_UNSUPPORTED, 0 }, { 13, KIND_EC, 32 },
	{ 14, KIND_EC, 48 },        { 15, KIND_RAW, 32 },        { 16, KIND_RAW, 57 },
};

static const struct algorithm *algorithm_of(uint8_t number)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

bool dnssec_algorithm_known(uint8_t algorithm)
{
	const struct algorithm *found = algorithm_of(algorithm);
	return found && found->kind != KIND_UNSUPPORTED;
}

const char *dnssec_algorithm_name(uint8_t algorithm, char buf[16])
{
	const char *name = dns_algorithm_name(algorithm);
	if (name)
		return name;
	snprintf(buf, 16, "algorithm %u", algorithm);
	return buf;
}

/* --- keys as SubjectPublicKeyInfo: OpenSSL reads all of them that way, whatever the machine's byte order --- */

struct der {
	uint8_t bytes[DER_MAX];
	size_t length;
};

/* Tag and length of what is `inner` octets long. */
static void der_head(struct der *der, uint8_t tag, size_t inner)
{
	uint8_t head[4] = { tag, (uint8_t)inner };
	size_t length = 2;
	if (inner > 255) {
		head[1] = 0x82;
		head[2] = (uint8_t)(inner >> 8);
		head[3] = (uint8_t)inner;
		length = 4;
	} else if (inner > 127) {
		head[1] = 0x81;
		head[2] = (uint8_t)inner;
		length = 3;
	}
	memcpy(der->bytes + der->length, head, length);
	der->length += length;
}

static void der_add(struct der *der, const void *bytes, size_t length)
{
	memcpy(der->bytes + der->length, bytes, length);
	der->length += length;
}

static void der_integer(struct der *der, const uint8_t *bytes, size_t length)
{
	static const uint8_t zero = 0;
	while (length > 1 && !*bytes) {
		bytes++;
		length--;
	}
	bool sign = *bytes & 0x80;
	der_head(der, 0x02, length + sign);
	if (sign)
		der_add(der, &zero, 1);
	der_add(der, bytes, length);
}

/* RFC 3110 2: the exponent's length in one octet, or in two behind a zero. */
static bool rsa_split(const uint8_t *key, size_t length, const uint8_t **exponent, size_t *exponent_length,
		      const uint8_t **modulus, size_t *modulus_length)
{
	size_t head = 1;
	if (length < 3 || length > RSA_KEY_MAX)
		return false;
	*exponent_length = key[0];
	if (!key[0]) {
		*exponent_length = (size_t)key[1] << 8 | key[2];
		head = 3;
	}
	if (!*exponent_length || *exponent_length + head >= length)
		return false;
	*exponent = key + head;
	*modulus = key + head + *exponent_length;
	*modulus_length = length - head - *exponent_length;
	return true;
}

unsigned dnssec_rsa_bits(const uint8_t *key, size_t length)
{
	const uint8_t *exponent, *modulus;
	size_t exponent_length, modulus_length;
	if (!rsa_split(key, length, &exponent, &exponent_length, &modulus, &modulus_length))
		return 0;
	while (modulus_length && !*modulus) {
		modulus++;
		modulus_length--;
	}
	unsigned bits = (unsigned)modulus_length * 8;
	for (uint8_t top = modulus_length ? *modulus : 0; top && !(top & 0x80); top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static EVP_PKEY *key_from_der(const struct der *der)
{
	const unsigned char *at = der->bytes;
	return evp.d2i_PUBKEY(NULL, &at, (long)der->length);
}

static EVP_PKEY *rsa_key(const uint8_t *key, size_t length)
{
	static const uint8_t rsa_encryption[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
						  0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
	const uint8_t *exponent, *modulus;
	size_t exponent_length, modulus_length;
	struct der numbers = { .length = 0 }, inner = { .length = 0 }, spki = { .length = 0 };
	if (!rsa_split(key, length, &exponent, &exponent_length, &modulus, &modulus_length))
		return NULL;
	der_integer(&numbers, modulus, modulus_length);
	der_integer(&numbers, exponent, exponent_length);
	der_head(&inner, 0x30, numbers.length);
	der_add(&inner, numbers.bytes, numbers.length);
	struct der bits = { .length = 0 };
	der_head(&bits, 0x03, inner.length + 1);
	der_add(&bits, "", 1);
	der_add(&bits, inner.bytes, inner.length);
	der_head(&spki, 0x30, sizeof rsa_encryption + bits.length);
	der_add(&spki, rsa_encryption, sizeof rsa_encryption);
	der_add(&spki, bits.bytes, bits.length);
	return key_from_der(&spki);
}

static EVP_PKEY *ec_key(const uint8_t *key, size_t length, unsigned octets)
{
	static const uint8_t p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
					0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
					0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
	static const uint8_t p384[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
					0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
					0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04 };
	struct der spki = { .length = 0 };
	if (length != 2 * (size_t)octets)
		return NULL;
	if (octets == 32)
		der_add(&spki, p256, sizeof p256);
	else
		der_add(&spki, p384, sizeof p384);
	der_add(&spki, key, length);
	return key_from_der(&spki);
}

static EVP_PKEY *key_make(const struct algorithm *algorithm, const uint8_t *key, size_t length)
{
	switch (algorithm->kind) {
	case KIND_RSA:
		return rsa_key(key, length);
	case KIND_EC:
		return ec_key(key, length, algorithm->octets);
	case KIND_RAW:
		if (length != algorithm->octets)
			return NULL;
		return evp.EVP_PKEY_new_raw_public_key(
		    algorithm->octets == 32 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, NULL, key, length);
	default:
		return NULL;
	}
}

static const EVP_MD *hash_of(uint8_t algorithm)
{
	switch (algorithm) {
	case 5:
	case 7:
		return evp.EVP_sha1();
	case 8:
	case 13:
		return evp.EVP_sha256();
	case 14:
		return evp.EVP_sha384();
	case 10:
		return evp.EVP_sha512();
	default:
		return NULL;
	}
}

/* RFC 6605 4: r and s side by side, where OpenSSL wants a sequence of integers. */
static bool ec_signature(const uint8_t *signature, size_t length, unsigned octets, struct der *out)
{
	struct der numbers = { .length = 0 };
	if (length != 2 * (size_t)octets)
		return false;
	der_integer(&numbers, signature, octets);
	der_integer(&numbers, signature + octets, octets);
	der_head(out, 0x30, numbers.length);
	der_add(out, numbers.bytes, numbers.length);
	return true;
}

enum dnssec_crypto dnssec_crypto_verify(uint8_t number, const uint8_t *key, size_t key_length,
					const uint8_t *signature, size_t signature_length,
					const uint8_t *data, size_t length)
{
	const struct algorithm *algorithm = algorithm_of(number);
	struct der converted = { .length = 0 };
	if (!algorithm || algorithm->kind == KIND_UNSUPPORTED || dnssec_lib_load(NULL) < 0)
		return CRYPTO_UNSUPPORTED;
	if (algorithm->kind == KIND_EC) {
		if (!ec_signature(signature, signature_length, algorithm->octets, &converted))
			return CRYPTO_BAD;
		signature = converted.bytes;
		signature_length = converted.length;
	}
	EVP_PKEY *public = key_make(algorithm, key, key_length);
	enum dnssec_crypto end = CRYPTO_BAD_KEY;
	if (public) {
		EVP_MD_CTX *context = evp.EVP_MD_CTX_new();
		end = CRYPTO_UNSUPPORTED;
		if (context && evp.EVP_DigestVerifyInit(context, NULL, hash_of(number), NULL, public) == 1)
			end = evp.EVP_DigestVerify(context, signature, signature_length, data, length) == 1
				  ? CRYPTO_GOOD
				  : CRYPTO_BAD;
		evp.EVP_MD_CTX_free(context);
		evp.EVP_PKEY_free(public);
	}
	evp.ERR_clear_error();
	return end;
}

size_t dnssec_digest(uint8_t digest_type, const uint8_t *data, size_t length, uint8_t out[64])
{
	if (dnssec_lib_load(NULL) < 0)
		return 0;
	const EVP_MD *hash = digest_type == 1   ? evp.EVP_sha1()
			     : digest_type == 2 ? evp.EVP_sha256()
			     : digest_type == 4 ? evp.EVP_sha384()
						: NULL;
	unsigned int written = 0;
	if (!hash || evp.EVP_Digest(data, length, out, &written, hash, NULL) != 1)
		return 0;
	return written;
}

bool dnssec_sha1(const uint8_t *data, size_t length, uint8_t out[20])
{
	unsigned int written = 0;
	return dnssec_lib_load(NULL) == 0 &&
	       evp.EVP_Digest(data, length, out, &written, evp.EVP_sha1(), NULL) == 1 && written == 20;
}
