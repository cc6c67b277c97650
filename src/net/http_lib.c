#include "net/http_lib.h"

#include "base/dynlib.h"

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
	CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
	if (code != CURLE_OK)
		return error_set(err, STATUS_CANNOT, "ECURL", NULL, "libcurl does not start: %s",
				 curl.easy_strerror(code));
	const curl_version_info_data *version = curl.version_info(CURLVERSION_NOW);
	curl.openssl = version->ssl_version && !strncmp(version->ssl_version, "OpenSSL/3", 9);
	loaded = true;
	return 0;
}
