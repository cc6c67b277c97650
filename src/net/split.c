#include "net/split.h"

/* Linux holds an acknowledgement back for 40 ms (TCP_DELACK_MIN, give or take a tick), others up to 200 ms (RFC 1122 allows 500). */
static const ns_t DELAYED_LEAST = 34 * NS_PER_MS;
static const ns_t DELAYED_LINUX = 50 * NS_PER_MS;
static const ns_t DELAYED_MOST = 210 * NS_PER_MS;

/* An acknowledgement that took this long without a retransmission: held back by the peer, or slowed by the path? The timer of
 * Linux is recognised by its value; the others must stand out from what the path does anyway. */
static bool is_delayed_ack(ns_t took, const struct split_path *path, ns_t expected)
{
	ns_t excess = took - expected;
	if (path->retransmitted || excess < DELAYED_LEAST || excess > DELAYED_MOST)
		return false;
	return excess <= DELAYED_LINUX ||
	       (path->rtt_variation != NS_NONE && excess > 4 * path->rtt_variation);
}

struct split split_wait(ns_t sent, ns_t acked, ns_t first, const struct split_path *path)
{
	struct split split = { .network = NS_NONE, .server = NS_NONE };
	if (sent == NS_NONE || first == NS_NONE)
		return split;
	ns_t wait = first > sent ? first - sent : 0;
	ns_t expected = path->rtt_recent != NS_NONE ? path->rtt_recent : path->rtt_min;
	/* The smallest round trip stands in where no acknowledgement tells: what a busy path added cannot be told from thinking. */
	ns_t least = path->rtt_min != NS_NONE ? path->rtt_min : expected != NS_NONE ? expected : 0;
	ns_t network;
	if (acked == NS_NONE || acked >= first) {
		split.piggybacked = true;
		network = least;
	} else {
		network = acked > sent ? acked - sent : 0;
		split.ack_delayed = expected != NS_NONE && is_delayed_ack(network, path, expected);
		split.exact = !split.ack_delayed;
		if (split.ack_delayed)
			network = least;
	}
	split.network = network < wait ? network : wait;
	split.server = wait - split.network;
	return split;
}

struct split_path split_path_of(const struct tcp_stats *before, const struct tcp_stats *after, bool reused)
{
	bool sampled = before->at != 0;
	return (struct split_path){
		.rtt_min = after->at && after->min_rtt != NS_NONE ? after->min_rtt
			   : sampled                              ? before->min_rtt
								  : NS_NONE,
		.rtt_recent = sampled && !reused ? before->rtt : NS_NONE,
		.rtt_variation = sampled && !reused ? before->rttvar : NS_NONE,
		.retransmitted = sampled && after->at && after->total_retrans > before->total_retrans,
	};
}
