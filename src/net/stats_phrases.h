/* The sentences of netstat -s (net-tools), of today and of twenty years ago, and the counters that they tell. */
#ifndef NET_STATS_PHRASES_H
#define NET_STATS_PHRASES_H

#include <stddef.h>

/* section: "Ip", "Icmp", "Tcp", "Udp", "TcpExt"; direction: "In" or "Out" inside an ICMP histogram, else "". text: the line without its number ('#'
 * stands there) and in small letters, without a full stop at its end. Returns the counter's name within its section, or NULL. */
const char *stats_phrase_find(const char *section, const char *direction, const char *text);

#endif
