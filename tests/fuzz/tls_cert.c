/* Certificates: whatever OpenSSL accepts as one must be described without a fault. */
#include "net/tls_cert.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tls_certificate cert;
	static char names[TLS_NAMES_MAX][128];
	char text[128];
	const unsigned char *at = data;
	if (tls_lib_load(NULL) < 0)
		return 0;
	X509 *x509 = ossl.d2i_X509(NULL, &at, (long)size);
	if (x509) {
		tls_cert_describe(x509, &cert);
		int count = tls_cert_names(x509, names, TLS_NAMES_MAX);
		for (int i = 0; i < count; i++)
			if (strnlen(names[i], sizeof names[i]) == sizeof names[i])
				abort();
		tls_cert_issuer_url(x509, text, sizeof text);
		tls_cert_is_weak(x509, text, sizeof text);
		ossl.X509_free(x509);
	}
	ossl.ERR_clear_error();
	return 0;
}
