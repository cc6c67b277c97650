#include "net/http_lib.h"

#include "base/dynlib.h"

#include <openssl/crypto.h>
#include <string.h>

struct http_lib curl;

#define SYMBOL(name) { "curl_" #name, &curl.name },

int http_lib_load(struct error *err)
{
	static const struct dynlib_symbol symbols[] = { HTTP_LIB(SYMBOL) };
	static bool loaded;
	if (loaded)
		return 0;
	if (dynlib_load(NTSH_SONAME_CURL, "libcurl4", symbols, sizeof symbols / sizeof symbols[0], err) < 0)
		return -1;
	/* libcurl starts OpenSSL, and OpenSSL reads its configuration and loads providers: a third of a millisecond that plain http need not
	 * pay. tls_lib_load makes up for it. */
	struct {
		__typeof__(&OPENSSL_init_crypto) init_crypto;
	} crypto;
	const struct dynlib_symbol starter = { "OPENSSL_init_crypto", &crypto.init_crypto };
	if (dynlib_load(NTSH_SONAME_CRYPTO, "libssl3", &starter, 1, NULL) == 0)
		crypto.init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
	if (code != CURLE_OK)
		return error_set(err, STATUS_CANNOT, "ECURL", NULL, "libcurl does not start: %s",
				 curl.easy_strerror(code));
	const curl_version_info_data *version = curl.version_info(CURLVERSION_NOW);
	curl.openssl = version->ssl_version && !strncmp(version->ssl_version, "OpenSSL/3", 9);
	loaded = true;
	return 0;
}
