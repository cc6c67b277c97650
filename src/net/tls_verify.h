/* Verification that sees everything: the handshake goes on, and what is wrong is known afterwards. */
#ifndef NET_TLS_VERIFY_H
#define NET_TLS_VERIFY_H

#include "net/tls_lib.h"
#include "net/tls_trace.h"

/* What one connection's TLS is watched with. Must outlive its SSL_CTX. Zero it, then tls_watch_install. */
struct tls_watch {
	struct tls_trace trace;
	char name[256]; /* to verify; "": the chain only */
	SSL_CTX *ctx;
	bool own_authorities;       /* ca_file was given */
	SSL *ssl;                   /* seen in the first message */
	struct tls_handshake found; /* chain, names, faults: filled while verifying */
};

/* Hangs the watch into ctx: messages, verification, and the trusted certificates (ca_file, or the system's when NULL: its
 * directory of hashed names, from which only the needed one is read). Returns 0, or -1 with err (ca_file unreadable). */
int tls_watch_install(struct tls_watch *watch, SSL_CTX *ctx, const char *name, const char *ca_file,
		      struct error *err);

/* Fills out with all that is known: what was found, version, cipher, group, ALPN. ssl may be NULL or gone (watch->ssl NULL). */
void tls_watch_report(const struct tls_watch *watch, struct tls_handshake *out);

/* The error of OpenSSL's queue as words ("wrong version number"), or NULL. Clears the queue. */
const char *tls_error_text(void);

#endif
