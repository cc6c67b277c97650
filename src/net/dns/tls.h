/* DNS over TLS (RFC 7858): the layer between the socket and the messages. */
#ifndef NET_DNS_TLS_H
#define NET_DNS_TLS_H

#include "ntsh/dns.h"
#include "sys/socket.h"

struct dns_tls;

/* What to do about a certificate that is not the one demanded. */
#define DNS_TLS_HINT "give its name (+tls-hostname=) or the authority's certificate (+tls-ca=)"

/* Loads OpenSSL. NULL with err when it is missing or the request's file of certificates cannot be read. */
struct dns_tls *dns_tls_new(const struct dns_request *request, struct error *err);
void dns_tls_free(struct dns_tls *tls);

/* Goes on with the handshake. Returns 1 when it is done, 0 when it waits for the socket (*full: to write), -1 with err. When it is
 * done, version and what is wrong with the certificate are in exchange; what the request demands is the caller's business. */
int dns_tls_handshake(struct dns_tls *tls, int fd, bool *full, struct dns_exchange *exchange,
		      struct error *err);

/* Sends all of it. Returns 0, or -1 with errno. */
int dns_tls_send(struct dns_tls *tls, int fd, const uint8_t *bytes, size_t length);

/* As sys_socket_receive, decrypted: EAGAIN when there is no whole record yet. */
int dns_tls_receive(struct dns_tls *tls, int fd, uint8_t *buf, size_t size, struct sys_arrival *out);

#endif
