/* Reader of the extension structure in ICMP errors (RFC 4884 7 and 8). */
#ifndef WIRE_ICMP_EXTENSIONS_H
#define WIRE_ICMP_EXTENSIONS_H

#include "ntsh/icmp.h"

/* Reads the structure at bytes, which may be cut: what is whole is taken, what is unknown is skipped. Returns false, with *out empty, when it is none
 * (version, checksum). */
bool icmp_extensions_read(const void *bytes, size_t length, struct icmp_extensions *out);

#endif
