#include "ntsh/ping_tally.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { MARKS_MAX = 2000000 };

/* The place for the probe's mark; NULL for one that is kept no more. */
static struct ping_mark *mark_of(struct ping_tally *tally, uint64_t seq)
{
	if (!tally->count)
		tally->base = 1; /* not seq: answers come in any order */
	if (seq < tally->base)
		return NULL;
	if (seq - tally->base >= MARKS_MAX) {
		size_t half = tally->count / 2;
		memmove(tally->marks, tally->marks + half, (tally->count - half) * sizeof *tally->marks);
		tally->count -= half;
		tally->base += half;
		if (seq - tally->base >= MARKS_MAX)
			return NULL;
	}
	size_t place = (size_t)(seq - tally->base);
	if (place >= tally->capacity) {
		size_t capacity = tally->capacity ? tally->capacity : 64;
		while (capacity <= place)
			capacity *= 2;
		tally->marks = mem_resize(tally->marks, capacity, sizeof *tally->marks);
		tally->capacity = capacity;
	}
	while (tally->count <= place)
		tally->marks[tally->count++] = (struct ping_mark){ .rtt = NS_NONE };
	return &tally->marks[place];
}

static void answered(struct ping_tally *tally, const struct ping_probe *probe)
{
	struct ping_mark *mark = mark_of(tally, probe->seq);
	tally->received++;
	if (probe->kernel_stamped)
		tally->kernel_stamped = true;
	else
		tally->user_stamped = true;
	if (mark)
		*mark = (struct ping_mark){ .sent = probe->sent_real, .rtt = probe->rtt };
}

/* False when this probe was counted as lost before (an ICMP error that came after the time-out). */
static bool unanswered(struct ping_tally *tally, const struct ping_probe *probe)
{
	struct ping_mark *mark = mark_of(tally, probe->seq);
	if (mark && mark->sent)
		return false;
	if (mark)
		mark->sent = probe->sent_real;
	tally->sent++;
	tally->lost++;
	return true;
}

void ping_tally_add(struct ping_tally *tally, const struct ping_probe *probe)
{
	switch (probe->outcome) {
	case PING_REPLY:
		tally->sent++;
		answered(tally, probe);
		break;
	case PING_LATE:
		tally->late++;
		tally->lost--;
		answered(tally, probe);
		break;
	case PING_DUPLICATE:
		tally->duplicates++;
		break;
	case PING_LOST:
		unanswered(tally, probe);
		break;
	case PING_UNREACHABLE:
		unanswered(tally, probe);
		tally->unreachable++;
		tally->last_error = *probe;
		break;
	case PING_SEND_FAILED:
		unanswered(tally, probe);
		tally->refused++;
		tally->last_error = *probe;
		break;
	}
}

void ping_tally_release(struct ping_tally *tally)
{
	free(tally->marks);
	*tally = (struct ping_tally){ 0 };
}

double ping_tally_loss(const struct ping_tally *tally)
{
	return tally->sent ? 100.0 * (double)tally->lost / (double)tally->sent : 0;
}

void ping_tally_stats(const struct ping_tally *tally, struct rtt_stats *stats)
{
	ns_t *rtts = mem_resize(NULL, tally->count, sizeof *rtts);
	size_t count = 0;
	for (size_t i = 0; i < tally->count; i++)
		if (tally->marks[i].rtt != NS_NONE)
			rtts[count++] = tally->marks[i].rtt;
	rtt_stats_compute(stats, rtts, count);
	free(rtts);
}

size_t ping_tally_latest(const struct ping_tally *tally, ns_t *out, size_t max)
{
	size_t begin = tally->count > max ? tally->count - max : 0, count = 0;
	for (size_t i = begin; i < tally->count; i++)
		if (tally->marks[i].sent)
			out[count++] = tally->marks[i].rtt;
	return count;
}

size_t ping_tally_outages(const struct ping_tally *tally, struct ping_outage *out, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < tally->count;) {
		size_t begin = i;
		while (i < tally->count && tally->marks[i].rtt == NS_NONE && tally->marks[i].sent)
			i++;
		if (i - begin >= PING_OUTAGE_MIN) {
			bool over = i < tally->count && tally->marks[i].sent;
			if (count < max)
				out[count] =
				    (struct ping_outage){ .begin = tally->marks[begin].sent,
							  .end = over ? tally->marks[i].sent : NS_NONE,
							  .lost = i - begin };
			count++;
		}
		if (i == begin)
			i++;
	}
	return count;
}

/* One in twenty takes twice as long as half of them, by an amount that somebody could notice. */
static bool is_unsteady(const struct ping_tally *tally)
{
	struct rtt_stats stats;
	ping_tally_stats(tally, &stats);
	return stats.count > 1 && stats.p95 > 2 * stats.p50 + 2 * NS_PER_MS;
}

enum ping_verdict ping_tally_verdict(const struct ping_tally *tally)
{
	if (!tally->sent)
		return PING_VERDICT_NOTHING;
	if (!tally->received)
		return tally->unreachable              ? PING_VERDICT_UNREACHABLE
		       : tally->refused == tally->sent ? PING_VERDICT_REFUSED
						       : PING_VERDICT_SILENT;
	if (!tally->lost)
		return is_unsteady(tally) ? PING_VERDICT_UNSTEADY : PING_VERDICT_STEADY;
	struct ping_outage outages[32];
	size_t count = ping_tally_outages(tally, outages, 32);
	uint64_t in_a_row = 0;
	for (size_t i = 0; i < count && i < 32; i++)
		in_a_row += outages[i].lost;
	return in_a_row * 2 > tally->lost ? PING_VERDICT_OUTAGE : PING_VERDICT_LOSSES;
}

const char *ping_verdict_name(enum ping_verdict verdict)
{
	static const char *const names[] = {
		[PING_VERDICT_NOTHING] = "nothing",   [PING_VERDICT_STEADY] = "steady",
		[PING_VERDICT_UNSTEADY] = "unsteady", [PING_VERDICT_LOSSES] = "losses",
		[PING_VERDICT_OUTAGE] = "outage",     [PING_VERDICT_UNREACHABLE] = "unreachable",
		[PING_VERDICT_REFUSED] = "refused",   [PING_VERDICT_SILENT] = "silent",
	};
	return names[verdict];
}

const char *ping_tally_clock(const struct ping_tally *tally)
{
	if (tally->kernel_stamped && tally->user_stamped)
		return "both";
	return tally->kernel_stamped ? "kernel" : tally->user_stamped ? "program" : NULL;
}
