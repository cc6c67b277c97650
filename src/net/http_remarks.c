/* What an exchange's counters say, in sentences. Pure. */
#include "ntsh/http.h"

#include <stdarg.h>
#include <stdio.h>

struct remarks {
	char (*lines)[HTTP_REMARK_MAX];
	int count;
};

static void remark(struct remarks *remarks, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void remark(struct remarks *remarks, const char *format, ...)
{
	va_list args;
	if (remarks->count == HTTP_REMARKS_MAX)
		return;
	va_start(args, format);
	vsnprintf(remarks->lines[remarks->count++], HTTP_REMARK_MAX, format, args);
	va_end(args);
}

/* Whole microseconds below 10 ms, else tenths of a ms. */
static const char *ms_text(ns_t ns, char buf[32])
{
	if (ns == NS_NONE)
		snprintf(buf, 32, "unknown");
	else if (ns < 10 * NS_PER_MS)
		snprintf(buf, 32, "%lld.%03lld ms", (long long)(ns / NS_PER_MS),
			 (long long)(ns % NS_PER_MS / NS_PER_US));
	else
		snprintf(buf, 32, "%lld.%lld ms", (long long)(ns / NS_PER_MS),
			 (long long)(ns % NS_PER_MS / (100 * NS_PER_US)));
	return buf;
}

static uint64_t risen(uint64_t before, uint64_t after)
{
	if (before == TCP_STATS_UNKNOWN || after == TCP_STATS_UNKNOWN || after < before)
		return 0;
	return after - before;
}

static void remark_path(struct remarks *remarks, const struct http_exchange *ex)
{
	const struct tcp_stats *after = &ex->after;
	char rtt[32], least[32];
	if (!after->at)
		return;
	if (after->min_rtt != NS_NONE)
		remark(remarks, "TCP round trip %s (smallest %s), segments of %llu bytes, path MTU %llu",
		       ms_text(after->rtt, rtt), ms_text(after->min_rtt, least),
		       (unsigned long long)after->snd_mss, (unsigned long long)after->pmtu);
	uint64_t again = after->total_retrans - (ex->reused && ex->before.at ? ex->before.total_retrans : 0);
	if (!ex->reused && ex->syn_retransmits <= again)
		again -= ex->syn_retransmits;
	if (again && after->total_rto_time != NS_NONE && after->total_rto_time > 0)
		remark(remarks, "%llu segment%s had to be sent again; time-outs cost %s",
		       (unsigned long long)again, again == 1 ? "" : "s", ms_text(after->total_rto_time, rtt));
	else if (again)
		remark(remarks, "%llu segment%s had to be sent again", (unsigned long long)again,
		       again == 1 ? "" : "s");
	const struct tcp_stats *before = ex->reused && ex->before.at ? &ex->before : &ex->connect.stats;
	uint64_t disorder = risen(before->at ? before->rcv_ooopack : 0, after->rcv_ooopack);
	if (disorder)
		remark(remarks, "%llu segment%s came out of order: loss or reordering on the way to here",
		       (unsigned long long)disorder, disorder == 1 ? "" : "s");
	if (after->rwnd_limited != NS_NONE && after->rwnd_limited > 10 * NS_PER_MS)
		remark(remarks, "sending waited %s for the server to read",
		       ms_text(after->rwnd_limited, rtt));
}

static void remark_connect(struct remarks *remarks, const struct http_exchange *ex)
{
	if (ex->reused)
		return;
	if (ex->syn_retransmits)
		remark(remarks,
		       "the SYN had to be sent %llu times: the first ones, or their answers, were lost",
		       (unsigned long long)ex->syn_retransmits + 1);
	if (ex->other_family_failed)
		remark(remarks, "%s was tried first and did not connect: programs lose 250 ms or more to it",
		       ex->connect.peer.family == AF_INET ? "IPv6" : "IPv4");
}

static void remark_wait(struct remarks *remarks, const struct http_exchange *ex)
{
	char text[32], other[32];
	if (ex->first_byte == NS_NONE && ex->request_sent != NS_NONE && ex->phase == HTTP_WAIT) {
		if (ex->ack_stamped)
			remark(
			    remarks,
			    "the server's kernel acknowledged the request after %s: the network delivered it",
			    ms_text(ex->request_acked - ex->request_sent, text));
		else
			remark(remarks, "the request was never acknowledged: it, or its acknowledgement, is "
					"lost on the way");
	}
	if (ex->ack_delayed)
		remark(remarks, "the server's kernel held its acknowledgement back (delayed ACK): the round "
				"trip of TCP was taken instead");
	if (ex->first_byte != NS_NONE && ex->ack_stamped && !ex->ack_delayed && !ex->ack_piggybacked)
		remark(remarks,
		       "the server's kernel acknowledged the request after %s, the first byte came %s later",
		       ms_text(ex->request_acked - ex->request_sent, text),
		       ms_text(ex->first_byte - ex->request_acked, other));
	if (ex->stalled_on_large)
		remark(remarks, "full-size segments were sent again and again and never acknowledged, small "
				"ones were: the "
				"path seems to drop large packets (MTU)");
	if (ex->stalled_on_hole)
		remark(remarks, "data arrived behind a gap that was never filled: large packets to here seem "
				"to be lost (MTU)");
}

static void remark_body(struct remarks *remarks, const struct http_exchange *ex)
{
	const struct http_arrival *arrival = &ex->arrival;
	char all[32], longest[32];
	if (!arrival->gaps)
		return;
	const char *why = arrival->gap_time_lossless == arrival->gap_time
			      ? "nothing was lost or out of order, so it was the server that paused"
			  : arrival->gap_time_lossless * 2 > arrival->gap_time
			      ? "most of them without loss: the server paused"
			      : "with loss or disorder on the way";
	remark(remarks, "the body came with %llu pause%s of %s together (longest %s): %s",
	       (unsigned long long)arrival->gaps, arrival->gaps == 1 ? "" : "s",
	       ms_text(arrival->gap_time, all), ms_text(arrival->longest_gap, longest), why);
}

int http_remarks(const struct http_exchange *ex, char out[HTTP_REMARKS_MAX][HTTP_REMARK_MAX])
{
	struct remarks remarks = { .lines = out };
	remark_connect(&remarks, ex);
	remark_wait(&remarks, ex);
	remark_body(&remarks, ex);
	remark_path(&remarks, ex);
	return remarks.count;
}
