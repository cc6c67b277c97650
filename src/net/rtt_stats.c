/* Statistics over round trips: whole nanoseconds, nearest-rank percentiles. */
#include "ntsh/ping.h"

#include "base/mem.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	ns_t left = *(const ns_t *)a, right = *(const ns_t *)b;
	return left < right ? -1 : left > right;
}

/* The smallest sample that at least this share of all samples does not exceed: always a value that was measured. */
static ns_t percentile(const ns_t *sorted, size_t count, size_t percent)
{
	size_t rank = (count * percent + 99) / 100;
	return sorted[rank ? rank - 1 : 0];
}

static uint64_t square_root(unsigned __int128 value)
{
	/* Bit by bit, from the highest even power of two: exact, and without floating point. */
	unsigned __int128 root = 0, bit = (unsigned __int128)1 << 126;
	while (bit > value)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		if (value >= root + bit) {
			value -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return (uint64_t)root;
}

void rtt_stats_compute(struct rtt_stats *stats, const ns_t *samples, size_t count)
{
	*stats = (struct rtt_stats){
		.min = NS_NONE,
		.max = NS_NONE,
		.mean = NS_NONE,
		.p50 = NS_NONE,
		.p90 = NS_NONE,
		.p95 = NS_NONE,
		.p99 = NS_NONE,
		.stddev = NS_NONE,
		.jitter = NS_NONE,
	};
	if (!count)
		return;
	__int128 sum = 0, steps = 0;
	ns_t *sorted = mem_resize(NULL, count, sizeof *sorted);
	for (size_t i = 0; i < count; i++) {
		sorted[i] = samples[i];
		sum += samples[i];
		if (i)
			steps += samples[i] > samples[i - 1] ? samples[i] - samples[i - 1]
							     : samples[i - 1] - samples[i];
	}
	qsort(sorted, count, sizeof *sorted, compare);
	stats->count = count;
	stats->min = sorted[0];
	stats->max = sorted[count - 1];
	stats->mean = (ns_t)(sum / (__int128)count);
	stats->p50 = percentile(sorted, count, 50);
	stats->p90 = percentile(sorted, count, 90);
	stats->p95 = percentile(sorted, count, 95);
	stats->p99 = percentile(sorted, count, 99);
	if (count > 1)
		stats->jitter = (ns_t)(steps / (__int128)(count - 1));
	unsigned __int128 squares = 0;
	for (size_t i = 0; i < count; i++) {
		__int128 away = samples[i] - stats->mean;
		squares += (unsigned __int128)(away * away);
	}
	stats->stddev = (ns_t)square_root(squares / count);
	free(sorted);
}
