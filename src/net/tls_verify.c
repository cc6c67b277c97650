#include "net/tls_verify.h"

#include "net/tls_cert.h"
#include "ntsh/addr.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum tls_fault fault_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TLS_FAULT_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TLS_FAULT_NOT_YET_VALID;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return TLS_FAULT_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_UNTRUSTED:
		return TLS_FAULT_UNKNOWN_ISSUER;
	case X509_V_ERR_CERT_REVOKED:
		return TLS_FAULT_REVOKED;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return TLS_FAULT_WEAK;
	default:
		return TLS_FAULT_OTHER;
	}
}

static void fault_add(struct tls_handshake *found, enum tls_fault fault, int depth, const char *detail)
{
	if (detail && (!found->fault_detail[0] || fault <= found->fault))
		snprintf(found->fault_detail, sizeof found->fault_detail, "%s", detail);
	if (found->faults & 1u << fault)
		return;
	found->faults |= 1u << fault;
	found->fault_depth[fault] = depth < 0 || depth >= TLS_CHAIN_MAX ? 0 : depth;
	if (found->fault == TLS_FAULT_NONE || fault < found->fault)
		found->fault = fault;
}

/* Called for each certificate and each error; going on after errors is what makes all of them known. */
static int on_verify(int good, X509_STORE_CTX *store)
{
	struct tls_watch *watch = ossl.X509_STORE_CTX_get_ex_data(store, 0);
	if (good)
		return 1;
	int error = ossl.X509_STORE_CTX_get_error(store);
	int depth = ossl.X509_STORE_CTX_get_error_depth(store);
	enum tls_fault fault = fault_of(error);
	fault_add(&watch->found, fault, depth,
		  fault == TLS_FAULT_OTHER ? ossl.X509_verify_cert_error_string(error) : NULL);
	return 1;
}

/* Without its issuer a chain is either cut short by the server or made by an authority unknown here. What the last certificate
 * says about where to fetch its issuer decides: private authorities rarely publish theirs. */
static void missing_issuer(struct tls_watch *watch, const OPENSSL_STACK *chain, int count)
{
	struct tls_handshake *found = &watch->found;
	if (!(found->faults & 1u << TLS_FAULT_UNKNOWN_ISSUER) ||
	    (found->faults & 1u << TLS_FAULT_SELF_SIGNED))
		return;
	char url[128];
	X509 *last = ossl.OPENSSL_sk_value(chain, count - 1);
	if (ossl.X509_self_signed(last, 0) == 1 || !tls_cert_issuer_url(last, url, sizeof url))
		return;
	if (count > 1 && found->chain_count > 1)
		return;
	found->faults &= ~(1u << TLS_FAULT_UNKNOWN_ISSUER);
	if (found->fault == TLS_FAULT_UNKNOWN_ISSUER)
		found->fault = TLS_FAULT_NONE;
	fault_add(found, TLS_FAULT_INCOMPLETE_CHAIN, count - 1, url);
}

static void chain_describe(struct tls_watch *watch, X509_STORE_CTX *store)
{
	struct tls_handshake *found = &watch->found;
	const OPENSSL_STACK *sent = (const OPENSSL_STACK *)ossl.X509_STORE_CTX_get0_untrusted(store);
	X509 *leaf = ossl.X509_STORE_CTX_get0_cert(store);
	int count = sent ? ossl.OPENSSL_sk_num(sent) : 0;
	char why[128];
	for (int i = 0; i < count && found->chain_count < TLS_CHAIN_MAX; i++) {
		X509 *cert = ossl.OPENSSL_sk_value(sent, i);
		tls_cert_describe(cert, &found->chain[found->chain_count]);
		if (tls_cert_is_weak(cert, why, sizeof why))
			fault_add(found, TLS_FAULT_WEAK, found->chain_count, why);
		found->chain_count++;
	}
	if (!leaf)
		return;
	found->name_count = tls_cert_names(leaf, found->names, TLS_NAMES_MAX);
	if (count)
		missing_issuer(watch, sent, count);
	if (!watch->name[0])
		return;
	struct addr addr;
	int good = addr_parse(watch->name, &addr) == 0 ? ossl.X509_check_ip_asc(leaf, watch->name, 0)
						       : ossl.X509_check_host(leaf, watch->name, 0, 0, NULL);
	if (good != 1)
		fault_add(found, TLS_FAULT_NAME_MISMATCH, 0, NULL);
}

static void verify(struct tls_watch *watch, X509_STORE_CTX *store)
{
	memset(&watch->found, 0, sizeof watch->found);
	ossl.X509_STORE_CTX_set_ex_data(store, 0, watch);
	ossl.X509_STORE_CTX_set_verify_cb(store, on_verify);
	ossl.X509_verify_cert(store);
}

/* True when the directory holds authorities by the hash of their names ("5ad8a5d6.0") and the bundle lies in it: then c_rehash or
 * update-ca-certificates made both from the same files, and reading the bundle would add nothing but 100 ms. */
static bool bundle_adds_nothing(void)
{
	const char *dir = getenv("SSL_CERT_DIR"), *file = getenv("SSL_CERT_FILE");
	char *where = realpath(dir ? dir : ossl.X509_get_default_cert_dir(), NULL);
	char *bundle = realpath(file ? file : ossl.X509_get_default_cert_file(), NULL);
	size_t length = where ? strlen(where) : 0;
	bool inside = where && bundle && !strncmp(bundle, where, length) && bundle[length] == '/' &&
		      !strchr(bundle + length + 1, '/');
	bool hashed = false;
	DIR *list = inside ? opendir(where) : NULL;
	for (struct dirent *entry; !hashed && list && (entry = readdir(list));)
		hashed = strspn(entry->d_name, "0123456789abcdef") == 8 && !strcmp(entry->d_name + 8, ".0");
	if (list)
		closedir(list);
	free(where);
	free(bundle);
	return hashed;
}

/* The authorities' directory did not know the issuer: read the bundle too (its hundred and more certificates cost 100 ms, which is why it
 * does not come first). */
static void verify_with_bundle(struct tls_watch *watch, X509_STORE_CTX *first)
{
	const uint32_t unknown = 1u << TLS_FAULT_UNKNOWN_ISSUER | 1u << TLS_FAULT_SELF_SIGNED;
	if (watch->own_authorities || !(watch->found.faults & unknown) || bundle_adds_nothing() ||
	    ossl.SSL_CTX_set_default_verify_file(watch->ctx) != 1)
		return;
	X509_STORE_CTX *again = ossl.X509_STORE_CTX_new();
	if (again && ossl.X509_STORE_CTX_init(again, ossl.SSL_CTX_get_cert_store(watch->ctx),
					      ossl.X509_STORE_CTX_get0_cert(first),
					      ossl.X509_STORE_CTX_get0_untrusted(first))) {
		ossl.X509_VERIFY_PARAM_set1(ossl.X509_STORE_CTX_get0_param(again),
					    ossl.X509_STORE_CTX_get0_param(first));
		verify(watch, again);
	}
	ossl.X509_STORE_CTX_free(again);
	ossl.ERR_clear_error();
}

static int on_chain(X509_STORE_CTX *store, void *arg)
{
	struct tls_watch *watch = arg;
	verify(watch, store);
	verify_with_bundle(watch, store);
	chain_describe(watch, store);
	if (watch->found.fault != TLS_FAULT_NONE)
		tls_fault_format(&watch->found, watch->found.fault, watch->name, clock_real(),
				 watch->found.fault_text);
	/* The verdict is ours, and the one who asked decides what to do about it. */
	ossl.X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

static void on_message(int wrote, int version, int content_type, const void *bytes, size_t length, SSL *ssl,
		       void *arg)
{
	struct tls_watch *watch = arg;
	(void)version;
	watch->ssl = ssl;
	tls_trace_message(&watch->trace, wrote != 0, content_type, bytes, length, clock_real());
}

int tls_watch_install(struct tls_watch *watch, SSL_CTX *ctx, const char *name, const char *ca_file,
		      struct error *err)
{
	snprintf(watch->name, sizeof watch->name, "%s", name ? name : "");
	size_t length = strlen(watch->name);
	if (length && watch->name[length - 1] == '.')
		watch->name[length - 1] = '\0';
	watch->ctx = ctx;
	watch->own_authorities = ca_file != NULL;
	tls_trace_begin(&watch->trace, clock_real());
	ossl.SSL_CTX_set_msg_callback(ctx, on_message);
	ossl.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, watch);
	ossl.SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	ossl.SSL_CTX_set_cert_verify_callback(ctx, on_chain, watch);
	int loaded = ca_file ? ossl.SSL_CTX_load_verify_locations(ctx, ca_file, NULL)
			     : ossl.SSL_CTX_set_default_verify_dir(ctx);
	ossl.ERR_clear_error();
	if (loaded != 1 && ca_file)
		return error_set(err, STATUS_CANNOT, "ECAFILE", "it must hold certificates in PEM form",
				 "no certificates could be read from %s", ca_file);
	return 0;
}

void tls_watch_report(const struct tls_watch *watch, struct tls_handshake *out)
{
	*out = watch->found;
	SSL *ssl = watch->ssl;
	out->happened = watch->trace.hello_sent;
	if (!ssl)
		return;
	out->complete = ossl.SSL_is_init_finished(ssl) == 1;
	const SSL_CIPHER *cipher = ossl.SSL_get_current_cipher(ssl);
	if (cipher) {
		snprintf(out->version, sizeof out->version, "%s", ossl.SSL_get_version(ssl));
		snprintf(out->cipher, sizeof out->cipher, "%s", ossl.SSL_CIPHER_get_name(cipher));
	}
	long id = ossl.SSL_ctrl(ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, NULL);
	const char *group = id > 0 ? ossl.SSL_group_to_name(ssl, (int)id) : NULL;
	snprintf(out->group, sizeof out->group, "%s", group ? group : "");
	const unsigned char *alpn = NULL;
	unsigned alpn_length = 0;
	ossl.SSL_get0_alpn_selected(ssl, &alpn, &alpn_length);
	if (alpn)
		snprintf(out->alpn, sizeof out->alpn, "%.*s", (int)alpn_length, (const char *)alpn);
	out->resumed = out->complete && ossl.SSL_session_reused(ssl) == 1;
}

const char *tls_error_text(void)
{
	unsigned long error = ossl.ERR_peek_last_error();
	const char *text = error ? ossl.ERR_reason_error_string(error) : NULL;
	ossl.ERR_clear_error();
	return text;
}
