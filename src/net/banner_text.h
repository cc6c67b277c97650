/* Reading what servers say first. Pure; every byte is the network's. */
#ifndef NET_BANNER_TEXT_H
#define NET_BANNER_TEXT_H

#include "ntsh/banner.h"
#include "ntsh/tls.h"

/* The first line, without its end. */
void banner_line(const char *bytes, size_t length, char out[BANNER_TEXT_MAX]);

/* Of an answer to HTTP: the status line and what Server says; of anything else its first line. */
void banner_http(const char *bytes, size_t length, char out[BANNER_TEXT_MAX]);

/* An alert record (RFC 8446 5.1), nothing at all, or a server's complaint that it speaks HTTPS. */
bool banner_suggests_tls(const char *bytes, size_t length);

bool banner_port_is_tls(uint16_t port);

/* The names of the certificate, or its subject, as far as they fit. */
void banner_names(const struct tls_handshake *shake, char out[BANNER_NAMES_MAX]);

#endif
