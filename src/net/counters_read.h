/* The text of /proc/net/snmp, netstat and snmp6 (proc(5)). */
#ifndef NET_COUNTERS_READ_H
#define NET_COUNTERS_READ_H

#include "ntsh/counters.h"

/* Adds what text (NUL-ended) holds. Pairs of lines: "Ip: Forwarding DefaultTTL", "Ip: 1 64" give "Ip.Forwarding". A name
 * without a value, and a value without a name, are left out. */
void counters_read_pairs(const char *text, struct counters *out);

/* Adds lines of the form "Ip6InReceives 12", under the file's own word. */
void counters_read_lines(const char *text, struct counters *out);

#endif
