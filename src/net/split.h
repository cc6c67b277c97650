/* Whose time was it? One question put to a peer, and its answer, divided between the network and the server. */
#ifndef NET_SPLIT_H
#define NET_SPLIT_H

#include "ntsh/tcp.h"

/* What the path was like when the question left. NS_NONE where unknown. */
struct split_path {
	ns_t rtt_min, rtt_recent, rtt_variation;
	bool retransmitted; /* something was sent again while the answer was awaited */
};

struct split {
	ns_t network, server; /* they add up to first - sent; NS_NONE without an answer */
	bool exact;           /* an acknowledgement of its own tells them apart */
	bool piggybacked;     /* the acknowledgement came with the answer */
	bool ack_delayed;     /* it came late because the peer's kernel held it back (RFC 1122 4.2.3.2) */
};

/* sent: the question's last byte left; acked: it was acknowledged (NS_NONE: never seen); first: the answer's first byte came. All
 * on one axis. Never negative. */
struct split split_wait(ns_t sent, ns_t acked, ns_t first, const struct split_path *path);

/* The path as TCP_INFO showed it before and after. On a connection that was used before, the recent round trip is left out: the kernel's
 * samples contain acknowledgements that the peer held back. */
struct split_path split_path_of(const struct tcp_stats *before, const struct tcp_stats *after, bool reused);

#endif
