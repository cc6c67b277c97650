/* What a connection has lived through, in one line. */
#include "base/units.h"
#include "net/tcp_info.h"
#include "ntsh/sockets.h"

#include <string.h>

/* The line as far as it is written. What does not fit is left out. */
struct line {
	char *at, *end;
	bool utf8;
};

static void put(struct line *line, const char *text, size_t length)
{
	if (length > (size_t)(line->end - line->at))
		length = (size_t)(line->end - line->at);
	if (length)
		memcpy(line->at, text, length);
	line->at += length;
}

static void put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static void put_number(struct line *line, uint64_t number)
{
	char buf[UNITS_TEXT_MAX];
	put_text(line, units_format_count(number, buf));
}

static void put_time(struct line *line, ns_t ns)
{
	char buf[UNITS_TEXT_MAX];
	put_text(line, units_format_time(ns, line->utf8, buf));
}

static void put_bytes(struct line *line, uint64_t bytes)
{
	char buf[UNITS_TEXT_MAX];
	put_text(line, units_format_bytes(bytes, buf));
}

static void put_percent(struct line *line, uint64_t part, uint64_t whole)
{
	char buf[UNITS_TEXT_MAX];
	put_text(line, units_format_percent(whole ? 100.0 * (double)part / (double)whole : 0, buf));
}

static bool known(uint64_t count)
{
	return count && count != TCP_STATS_UNKNOWN;
}

/* "  LABEL NUMBER", nothing for zero. */
static void put_count(struct line *line, const char *label, uint64_t count)
{
	if (!known(count))
		return;
	put_text(line, label);
	put_number(line, count);
}

static void put_amount(struct line *line, const char *label, uint64_t bytes)
{
	if (!known(bytes))
		return;
	put_text(line, label);
	put_bytes(line, bytes);
}

static void put_rate(struct line *line, const char *label, uint64_t bytes_per_second)
{
	char buf[UNITS_TEXT_MAX];
	if (!known(bytes_per_second))
		return;
	put_text(line, label);
	put_text(line, units_format_rate(8 * (double)bytes_per_second, "bit/s", buf));
}

static void put_round_trip(struct line *line, const struct tcp_stats *stats)
{
	if (stats->rtt == NS_NONE)
		return;
	put_text(line, "  rtt ");
	put_time(line, stats->rtt);
	if (stats->min_rtt != NS_NONE) {
		put_text(line, " (least ");
		put_time(line, stats->min_rtt);
		put_text(line, ")");
	}
	put_text(line, "  rto ");
	put_time(line, stats->rto);
}

static void put_windows(struct line *line, const struct tcp_stats *stats)
{
	put_count(line, "  cwnd ", stats->snd_cwnd);
	if (stats->snd_ssthresh < 0x7fffffff)
		put_count(line, " ssthresh ", stats->snd_ssthresh);
	put_amount(line, "  mss ", stats->snd_mss);
	put_amount(line, "  peer's window ", stats->snd_wnd);
}

static void put_loss(struct line *line, const struct tcp_stats *stats)
{
	if (known(stats->total_retrans)) {
		put_count(line, "  retransmitted ", stats->total_retrans);
		put_text(line, " of ");
		put_number(line, stats->data_segs_out == TCP_STATS_UNKNOWN ? stats->segs_out
									   : stats->data_segs_out);
		put_text(line, " segments (");
		put_percent(line, stats->total_retrans,
			    stats->data_segs_out == TCP_STATS_UNKNOWN ? stats->segs_out
								      : stats->data_segs_out);
		put_text(line, ")");
	}
	put_count(line, "  lost ", stats->lost);
	put_count(line, "  time-outs ", stats->total_rto);
	put_count(line, "  reordered ", stats->reord_seen);
	put_count(line, "  needless ", stats->dsack_dups);
	put_count(line, "  out of order ", stats->rcv_ooopack);
}

static void put_limits(struct line *line, const struct tcp_stats *stats)
{
	if (stats->busy == NS_NONE || stats->busy <= 0)
		return;
	put_text(line, "  busy ");
	put_time(line, stats->busy);
	if (stats->rwnd_limited > 0) {
		put_text(line, ", peer's window ");
		put_percent(line, (uint64_t)stats->rwnd_limited, (uint64_t)stats->busy);
	}
	if (stats->sndbuf_limited > 0) {
		put_text(line, ", send buffer ");
		put_percent(line, (uint64_t)stats->sndbuf_limited, (uint64_t)stats->busy);
	}
}

size_t socket_info_text(const struct socket_entry *entry, bool utf8, char buf[SOCKET_INFO_TEXT_MAX])
{
	struct line line = { buf, buf + SOCKET_INFO_TEXT_MAX - 1, utf8 };
	struct tcp_stats stats;
	put(&line, entry->congestion, entry->congestion_length);
	if (socket_tcp_stats(entry, &stats)) {
		put_round_trip(&line, &stats);
		put_windows(&line, &stats);
		put_amount(&line, "  sent ",
			   stats.bytes_sent == TCP_STATS_UNKNOWN ? stats.bytes_acked : stats.bytes_sent);
		put_amount(&line, "  received ", stats.bytes_received);
		put_amount(&line, "  not sent ", stats.notsent_bytes);
		put_loss(&line, &stats);
		put_limits(&line, &stats);
		put_rate(&line, "  delivered at ", stats.delivery_rate);
		put_rate(&line, "  paced at ", stats.pacing_rate);
	}
	*line.at = '\0';
	return (size_t)(line.at - buf);
}
