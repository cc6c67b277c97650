/* OpenSSL, loaded on first use (libcurl brings the same one with it). */
#ifndef NET_TLS_LIB_H
#define NET_TLS_LIB_H

#include "ntsh/error.h"

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define TLS_LIB_SSL(X)                                                                                       \
	X(TLS_client_method)                                                                                 \
	X(SSL_CTX_new)                                                                                       \
	X(SSL_CTX_free)                                                                                      \
	X(SSL_CTX_ctrl)                                                                                      \
	X(SSL_CTX_set_msg_callback)                                                                          \
	X(SSL_CTX_set_cert_verify_callback)                                                                  \
	X(SSL_CTX_set_default_verify_dir) X(SSL_CTX_set_default_verify_file) X(SSL_CTX_get_cert_store)       \
	    X(SSL_CTX_set_verify) X(SSL_CTX_load_verify_locations) X(SSL_new) X(SSL_free) X(SSL_ctrl)        \
		X(SSL_set_bio) X(SSL_set_connect_state) X(SSL_do_handshake) X(SSL_get_error)                 \
		    X(SSL_set_alpn_protos) X(SSL_get0_alpn_selected) X(SSL_get_version)                      \
			X(SSL_get_current_cipher) X(SSL_CIPHER_get_name) X(SSL_session_reused)               \
			    X(SSL_group_to_name) X(SSL_is_init_finished) X(SSL_read) X(SSL_write)

#define TLS_LIB_CRYPTO(X)                                                                                    \
	X(X509_verify_cert)                                                                                  \
	X(X509_STORE_CTX_set_verify_cb)                                                                      \
	X(X509_STORE_CTX_get_error)                                                                          \
	X(X509_STORE_CTX_get_error_depth)                                                                    \
	X(X509_STORE_CTX_set_ex_data)                                                                        \
	X(X509_STORE_CTX_get_ex_data)                                                                        \
	X(X509_STORE_CTX_set_error) X(X509_STORE_CTX_new) X(X509_STORE_CTX_init) X(X509_STORE_CTX_free) X(   \
	    X509_STORE_CTX_get0_param) X(X509_VERIFY_PARAM_set1) X(X509_STORE_CTX_get0_cert)                 \
	    X(X509_STORE_CTX_get0_untrusted) X(X509_check_host) X(X509_check_ip_asc) X(                      \
		X509_get_subject_name) X(X509_get_issuer_name) X(X509_NAME_print_ex) X(X509_NAME_cmp)        \
		X(X509_NAME_get_text_by_NID) X(X509_get0_notBefore) X(X509_get0_notAfter) X(ASN1_TIME_to_tm) \
		    X(X509_get0_pubkey) X(EVP_PKEY_get_bits) X(EVP_PKEY_get0_type_name)                      \
			X(EVP_PKEY_get_group_name) X(X509_get_signature_nid) X(OBJ_nid2ln) X(OBJ_obj2nid)    \
			    X(X509_digest) X(EVP_sha256) X(X509_self_signed) X(X509_get_ext_d2i)             \
				X(GENERAL_NAMES_free) X(AUTHORITY_INFO_ACCESS_free)                          \
				    X(X509_get_default_cert_dir) X(X509_get_default_cert_file)               \
					X(OPENSSL_init_crypto) X(CONF_modules_load_file) X(OPENSSL_sk_num)   \
					    X(OPENSSL_sk_value) X(ASN1_STRING_get0_data)                     \
						X(ASN1_STRING_length) X(BIO_new) X(BIO_s_mem) X(BIO_read)    \
						    X(BIO_write) X(BIO_free) X(d2i_X509) X(X509_free)        \
							X(ERR_get_error) X(ERR_peek_last_error)              \
							    X(ERR_clear_error) X(ERR_reason_error_string)    \
								X(X509_verify_cert_error_string)

#define TLS_LIB_MEMBER(name) __typeof__(&name) name;
struct tls_lib {
	TLS_LIB_SSL(TLS_LIB_MEMBER)
	TLS_LIB_CRYPTO(TLS_LIB_MEMBER)
};
#undef TLS_LIB_MEMBER

/* Valid after tls_lib_load returned 0. */
extern struct tls_lib ossl;

/* Returns 0, or -1 with err (STATUS_CANNOT) when OpenSSL 3 is not installed. Again is free. */
int tls_lib_load(struct error *err);

#endif
