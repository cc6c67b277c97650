/* How a body arrives: gaps, and which of them the network cannot be blamed for. Pure. */
#ifndef NET_HTTP_ARRIVAL_H
#define NET_HTTP_ARRIVAL_H

#include "ntsh/http.h"

struct arrival_watch {
	struct http_arrival seen;
	ns_t last;         /* when the last read was, CLOCK_MONOTONIC; NS_NONE before the first */
	uint64_t disorder; /* rcv_ooopack + retransmissions at the last read */
};

void arrival_begin(struct arrival_watch *watch);

/* Data came at `now`, while the connection's counters were stats. */
void arrival_read(struct arrival_watch *watch, ns_t now, const struct tcp_stats *stats);

#endif
