#include "net/tls_lib.h"

#include "base/dynlib.h"

struct tls_lib ossl;

#define SYMBOL(name) { #name, &ossl.name },

int tls_lib_load(struct error *err)
{
	static const struct dynlib_symbol ssl[] = { TLS_LIB_SSL(SYMBOL) };
	static const struct dynlib_symbol crypto[] = { TLS_LIB_CRYPTO(SYMBOL) };
	static bool loaded;
	if (loaded)
		return 0;
	if (dynlib_load(NTSH_SONAME_SSL, "libssl3", ssl, sizeof ssl / sizeof ssl[0], err) < 0 ||
	    dynlib_load(NTSH_SONAME_CRYPTO, "libssl3", crypto, sizeof crypto / sizeof crypto[0], err) < 0)
		return -1;
	/* The system's configuration (least version, security level, providers) counts whether or not OpenSSL was started without it
	 * before, and once. */
	ossl.OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ossl.CONF_modules_load_file(NULL, NULL,
				    CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE);
	ossl.ERR_clear_error();
	loaded = true;
	return 0;
}
