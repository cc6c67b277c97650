/* Certificates as text and dates: all of it comes from the peer. */
#ifndef NET_TLS_CERT_H
#define NET_TLS_CERT_H

#include "net/tls_lib.h"
#include "ntsh/tls.h"

/* Describes one certificate. Needs tls_lib_load. */
void tls_cert_describe(X509 *cert, struct tls_certificate *out);

/* Fills the names it is valid for (subjectAltName; the common name when there are none). Returns how many. */
int tls_cert_names(X509 *cert, char names[][128], int max);

/* Where its issuer's certificate can be fetched (RFC 5280 4.2.2.1 caIssuers): false when it does not say. */
bool tls_cert_issuer_url(X509 *cert, char *buf, size_t size);

/* True when its key or signature is too weak to trust; why gets the reason. */
bool tls_cert_is_weak(X509 *cert, char *why, size_t size);

#endif
