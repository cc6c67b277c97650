#include "net/tls_cert.h"

#include "ntsh/addr.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void name_format(const X509_NAME *name, char *buf, size_t size)
{
	buf[0] = '\0';
	BIO *memory = name ? ossl.BIO_new(ossl.BIO_s_mem()) : NULL;
	if (!memory)
		return;
	/* RFC 2253, but with UTF-8 left whole: what is unfit for a terminal is the renderer's business. */
	ossl.X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	int got = ossl.BIO_read(memory, buf, (int)size - 1);
	buf[got > 0 ? got : 0] = '\0';
	ossl.BIO_free(memory);
}

static ns_t time_read(const ASN1_TIME *when)
{
	struct tm tm;
	if (!when || !ossl.ASN1_TIME_to_tm(when, &tm))
		return NS_NONE;
	time_t seconds = timegm(&tm);
	/* RFC 5280's "no end" (year 9999) and other far ends do not fit 64 bits of ns. */
	const time_t most = INT64_MAX / NS_PER_S - 1;
	return (seconds > most ? most : seconds < 0 ? 0 : seconds) * NS_PER_S;
}

static void key_describe(EVP_PKEY *key, char *buf, size_t size)
{
	char group[40];
	size_t length;
	const char *type = key ? ossl.EVP_PKEY_get0_type_name(key) : NULL;
	if (!type)
		snprintf(buf, size, "unknown");
	else if (!strcmp(type, "EC") && ossl.EVP_PKEY_get_group_name(key, group, sizeof group, &length))
		snprintf(buf, size, "EC %s",
			 !strcmp(group, "prime256v1")  ? "P-256"
			 : !strcmp(group, "secp384r1") ? "P-384"
			 : !strcmp(group, "secp521r1") ? "P-521"
						       : group);
	else if (!strncmp(type, "ED", 2) || !strncmp(type, "Ed", 2))
		snprintf(buf, size, "%s", type);
	else
		snprintf(buf, size, "%s %d", type, ossl.EVP_PKEY_get_bits(key));
}

void tls_cert_describe(X509 *cert, struct tls_certificate *out)
{
	memset(out, 0, sizeof *out);
	name_format(ossl.X509_get_subject_name(cert), out->subject, sizeof out->subject);
	name_format(ossl.X509_get_issuer_name(cert), out->issuer, sizeof out->issuer);
	out->not_before = time_read(ossl.X509_get0_notBefore(cert));
	out->not_after = time_read(ossl.X509_get0_notAfter(cert));
	key_describe(ossl.X509_get0_pubkey(cert), out->key, sizeof out->key);
	const char *signature = ossl.OBJ_nid2ln(ossl.X509_get_signature_nid(cert));
	snprintf(out->signature, sizeof out->signature, "%s", signature ? signature : "unknown");
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (ossl.X509_digest(cert, ossl.EVP_sha256(), digest, &length))
		for (unsigned i = 0; i < length && i < 32; i++)
			snprintf(out->fingerprint_sha256 + 2 * i, 3, "%02x", digest[i]);
	out->self_signed = ossl.X509_self_signed(cert, 0) == 1;
}

/* A name with a NUL inside is an attack ("good.example\0.evil.example"): shown with what follows marked. */
static void text_copy(char *buf, size_t size, const uint8_t *bytes, int length)
{
	size_t used = 0;
	for (int i = 0; i < length && used + 1 < size; i++)
		buf[used++] = bytes[i] ? (char)bytes[i] : '?';
	buf[used] = '\0';
}

static bool general_name_text(const GENERAL_NAME *name, char buf[128])
{
	if (name->type != GEN_DNS && name->type != GEN_IPADD)
		return false;
	const ASN1_STRING *string = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
	const uint8_t *bytes = ossl.ASN1_STRING_get0_data(string);
	int length = ossl.ASN1_STRING_length(string);
	if (name->type == GEN_DNS) {
		text_copy(buf, 128, bytes, length);
		return true;
	}
	if (length != 4 && length != 16)
		return false;
	struct addr addr = addr_from_bytes(length == 4 ? AF_INET : AF_INET6, bytes);
	char text[ADDR_TEXT_MAX];
	snprintf(buf, 128, "%s", addr_format(&addr, text));
	return true;
}

int tls_cert_names(X509 *cert, char names[][128], int max)
{
	int count = 0;
	GENERAL_NAMES *list = ossl.X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int total = list ? ossl.OPENSSL_sk_num((const OPENSSL_STACK *)list) : 0;
	for (int i = 0; i < total && count < max; i++)
		if (general_name_text(ossl.OPENSSL_sk_value((const OPENSSL_STACK *)list, i), names[count]))
			count++;
	if (list)
		ossl.GENERAL_NAMES_free(list);
	X509_NAME *subject = ossl.X509_get_subject_name(cert);
	if (!count && max > 0 && subject &&
	    ossl.X509_NAME_get_text_by_NID(subject, NID_commonName, names[0], 128) > 0)
		count = 1;
	return count;
}

bool tls_cert_issuer_url(X509 *cert, char *buf, size_t size)
{
	bool found = false;
	AUTHORITY_INFO_ACCESS *list = ossl.X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
	int total = list ? ossl.OPENSSL_sk_num((const OPENSSL_STACK *)list) : 0;
	for (int i = 0; i < total && !found; i++) {
		const ACCESS_DESCRIPTION *entry = ossl.OPENSSL_sk_value((const OPENSSL_STACK *)list, i);
		found =
		    ossl.OBJ_obj2nid(entry->method) == NID_ad_ca_issuers && entry->location->type == GEN_URI;
		if (found) {
			const ASN1_STRING *uri = entry->location->d.uniformResourceIdentifier;
			text_copy(buf, size, ossl.ASN1_STRING_get0_data(uri), ossl.ASN1_STRING_length(uri));
		}
	}
	if (list)
		ossl.AUTHORITY_INFO_ACCESS_free(list);
	return found;
}

bool tls_cert_is_weak(X509 *cert, char *why, size_t size)
{
	EVP_PKEY *key = ossl.X509_get0_pubkey(cert);
	const char *type = key ? ossl.EVP_PKEY_get0_type_name(key) : NULL;
	int bits = key ? ossl.EVP_PKEY_get_bits(key) : 0;
	int least = type && (!strcmp(type, "RSA") || !strcmp(type, "RSA-PSS") || !strcmp(type, "DSA")) ? 2048
		    : type && !strcmp(type, "EC")                                                      ? 224
												       : 0;
	if (least && bits < least) {
		snprintf(why, size, "its %s key has only %d bits", type, bits);
		return true;
	}
	const char *signature = ossl.OBJ_nid2ln(ossl.X509_get_signature_nid(cert));
	bool broken = signature && (strstr(signature, "md5") || strstr(signature, "MD5") ||
				    strstr(signature, "sha1") || strstr(signature, "SHA1"));
	/* Nobody checks the signature of a root. */
	if (broken && ossl.X509_self_signed(cert, 0) != 1) {
		snprintf(why, size, "it is signed with %s, which can be forged", signature);
		return true;
	}
	return false;
}
