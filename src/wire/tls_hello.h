/* The first messages of TLS as bytes: what is readable before all is encrypted (RFC 8446 4.1, 5.1; RFC 6066 3; RFC 7301). */
#ifndef WIRE_TLS_HELLO_H
#define WIRE_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TLS_CHANGE_CIPHER = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION = 23,
	TLS_RECORD_HEADER = 5,
};

/* Parts point into the bytes that were read; lengths are 0 for what is not there. */
struct tls_hello {
	bool client;                /* ClientHello; else ServerHello */
	const uint8_t *name, *alpn; /* server name; ProtocolNameList without its length */
	size_t name_length, alpn_length;
	uint16_t version; /* the highest offered, or the one chosen: 0x304 for TLS 1.3 */
	bool whole;       /* all of it was there */
};

/* Does a TLS record begin here? type and length of its content go to *type, *length (both may be NULL). */
bool tls_record_peek(const uint8_t *bytes, size_t there, uint8_t *type, size_t *length);

/* Reads a hello that begins in the record at bytes; what is cut off is missing in out. Returns false when it is none. */
bool tls_hello_read(const uint8_t *bytes, size_t there, struct tls_hello *out);

/* The fatal or warning alert in clear text at bytes: its code, or -1. */
int tls_alert_read(const uint8_t *bytes, size_t there);

/* "handshake failure"; NULL for an unknown code. */
const char *tls_alert_text(int code);

#endif
