/* Domain names: as labels on the wire (RFC 1035 3.1, 4.1.4) and as text (RFC 1035 5.1, RFC 4343 2.1). */
#ifndef WIRE_DNS_NAME_H
#define WIRE_DNS_NAME_H

#include "ntsh/dns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DNS_NAME_WIRE_MAX = 255, DNS_LABEL_MAX = 63 };

/* An absolute name without compression: labels with their length octets, the root's 0 last. */
struct dns_name {
	uint8_t length;
	uint8_t wire[DNS_NAME_WIRE_MAX];
};

/* Reads the name at *offset of the message and moves *offset behind it (behind the first pointer, if there is one). The name's own
 * bytes must end at or before `end`; pointers may go anywhere before the name, only backwards. Returns NULL, or what is wrong
 * (static). */
const char *dns_name_read(const uint8_t *message, size_t end, size_t *offset, struct dns_name *out);

/* Writes the name as text with its final dot, as dig does: '\' before what means something in a zone file, \DDD for what cannot be
 * printed. Returns the length. */
size_t dns_name_format(const struct dns_name *name, char out[DNS_NAME_TEXT_MAX]);

/* Reads text (with or without the final dot; "." is the root). Returns 0, or -1 with err (STATUS_USAGE): an empty label, a label beyond
 * 63 octets, a name beyond 255, a broken escape. */
int dns_name_parse(const char *text, struct dns_name *out, struct error *err);

/* Equal without regard to ASCII case (RFC 4343 3). */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* Number of labels, the root not counted. */
unsigned dns_name_labels(const struct dns_name *name);

#endif
