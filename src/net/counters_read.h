/* The text of /proc/net/snmp, netstat and snmp6 (proc(5)). */
#ifndef NET_COUNTERS_READ_H
#define NET_COUNTERS_READ_H

#include "ntsh/counters.h"

#include <stdbool.h>

/* Adds one counter, named GROUP SEPARATOR NAME (length bytes). Ignored when there are absurdly many. */
void counter_keep(struct counters *out, const char *group, const char *separator, const char *name, size_t length,
		  uint64_t value);

/* Adds what text (NUL-ended) holds. Pairs of lines: "Ip: Forwarding DefaultTTL", "Ip: 1 64" give "Ip.Forwarding". A name
 * without a value, and a value without a name, are left out. */
void counters_read_pairs(const char *text, struct counters *out);

/* Adds lines of the form "Ip6InReceives 12", under the file's own word. */
void counters_read_lines(const char *text, struct counters *out);

/* The file of a sysctl: its dots are slashes; an interface's own dot is written as a slash (sysctl(8)). False for what is no name. */
bool sysctl_path(const char *name, char *path, size_t size);

#endif
