/* What held the rate back, and what load does to the round trip. */
#include "ntsh/speed.h"

#include <string.h>

/* Shares from which a cause is named. */
static const double LIMITED_SHARE = 0.3, LOSS_SHARE = 0.0005, CPU_BUSY = 90, RATE_REACHED = 0.95,
		    IDLE_SHARE = 0.2;

static double share(ns_t part, ns_t whole)
{
	return part == NS_NONE || whole <= 0 ? 0 : (double)part / (double)whole;
}

static double retransmitted(const struct speed_result *result)
{
	const struct tcp_stats *stats = &result->stats;
	uint64_t mss = stats->snd_mss && stats->snd_mss != TCP_STATS_UNKNOWN ? stats->snd_mss : 1448;
	uint64_t bytes =
	    result->sent_bytes > result->received_bytes ? result->sent_bytes : result->received_bytes;
	double segments = (double)bytes / (double)mss;
	return result->retransmits > 0 && segments > 1 ? (double)result->retransmits / segments : 0;
}

/* The queue before the bottleneck is full: its delay shows that the link itself is. */
static bool queue_grew(const struct speed_result *result, const struct rtt_stats *idle)
{
	return idle && idle->count && result->loaded.count &&
	       result->loaded.p50 > idle->p50 + idle->p50 / 2 + 3 * NS_PER_MS;
}

enum speed_limit speed_limit_of(const struct speed_request *request, const struct speed_result *result,
				const struct rtt_stats *idle)
{
	const struct tcp_stats *stats = &result->stats;
	if (request->rate > 0 && result->rate >= request->rate * RATE_REACHED)
		return SPEED_LIMIT_RATE;
	if (request->udp)
		return result->lost                     ? SPEED_LIMIT_PATH
		       : result->cpu_percent > CPU_BUSY ? SPEED_LIMIT_SENDER
							: SPEED_LIMIT_UNKNOWN;
	if (result->cpu_percent > CPU_BUSY)
		return request->down ? SPEED_LIMIT_RECEIVER : SPEED_LIMIT_SENDER;
	if (!request->down && share(stats->rwnd_limited, result->took) > LIMITED_SHARE)
		return SPEED_LIMIT_RECEIVER;
	if (!request->down && share(stats->sndbuf_limited, result->took) > LIMITED_SHARE)
		return SPEED_LIMIT_WINDOW;
	if (queue_grew(result, idle))
		return SPEED_LIMIT_PATH;
	if (retransmitted(result) > LOSS_SHARE)
		return SPEED_LIMIT_LOSS;
	if (!request->down && stats->busy != NS_NONE && share(stats->busy, result->took) < IDLE_SHARE)
		return SPEED_LIMIT_SENDER;
	return SPEED_LIMIT_PATH;
}

const char *speed_limit_name(enum speed_limit limit)
{
	static const char *const names[] = {
		"unknown", "path", "loss", "receiver", "window", "sender", "rate"
	};
	return names[limit];
}

const char *speed_limit_text(enum speed_limit limit, bool down)
{
	switch (limit) {
	case SPEED_LIMIT_PATH:
		return "the path is full: its slowest link carries no more";
	case SPEED_LIMIT_LOSS:
		return "losses: what gets lost keeps TCP's congestion window small, the link could carry "
		       "more";
	case SPEED_LIMIT_RECEIVER:
		return down ? "this machine: it has no CPU left to receive faster"
			    : "the receiver: its window was full, it reads too slowly or has too small a "
			      "buffer";
	case SPEED_LIMIT_WINDOW:
		return "the send buffer of this machine: too small for this round trip (net.ipv4.tcp_wmem)";
	case SPEED_LIMIT_SENDER:
		return "the sender: it had no CPU left, or nothing to send";
	case SPEED_LIMIT_RATE:
		return "the rate that was asked for";
	default:
		return NULL;
	}
}

const char *speed_bloat_grade(const struct rtt_stats *idle, const struct rtt_stats *loaded)
{
	static const struct {
		ns_t below;
		const char *grade;
	} grades[] = { { 5 * NS_PER_MS, "A+" },  { 30 * NS_PER_MS, "A" },  { 60 * NS_PER_MS, "B" },
		       { 200 * NS_PER_MS, "C" }, { 400 * NS_PER_MS, "D" }, { NS_NEVER, "F" } };
	if (!idle->count || !loaded->count)
		return NULL;
	ns_t added = loaded->p50 - idle->p50;
	for (size_t i = 0;; i++)
		if (added < grades[i].below)
			return grades[i].grade;
}
