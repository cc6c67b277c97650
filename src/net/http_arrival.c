#include "net/http_arrival.h"

static const ns_t GAP_LEAST = 10 * NS_PER_MS;

void arrival_begin(struct arrival_watch *watch)
{
	*watch = (struct arrival_watch){ .last = NS_NONE };
}

static uint64_t known(uint64_t count)
{
	return count == TCP_STATS_UNKNOWN ? 0 : count;
}

void arrival_read(struct arrival_watch *watch, ns_t now, const struct tcp_stats *stats)
{
	struct http_arrival *seen = &watch->seen;
	uint64_t disorder = known(stats->rcv_ooopack) + known(stats->total_retrans);
	ns_t rtt = stats->min_rtt != NS_NONE ? stats->min_rtt : stats->rtt != NS_NONE ? stats->rtt : 0;
	/* Between the flights of slow start lies a round trip at most. */
	ns_t least = rtt + rtt / 4 > GAP_LEAST ? rtt + rtt / 4 : GAP_LEAST;
	seen->reads++;
	if (watch->last != NS_NONE && now > watch->last) {
		ns_t gap = now - watch->last;
		if (gap > seen->longest_gap)
			seen->longest_gap = gap;
		if (gap > least) {
			seen->gaps++;
			seen->gap_time += gap;
			if (disorder == watch->disorder)
				seen->gap_time_lossless += gap;
		}
	}
	watch->last = now;
	watch->disorder = disorder;
}
