#include "net/tcp_info.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define REACHES(length, field)                                                                               \
	((length) >= offsetof(struct kernel_tcp_info, field) + sizeof(((struct kernel_tcp_info *)0)->field))
#define COUNT(field) (REACHES(length, field) ? (uint64_t)info->field : TCP_STATS_UNKNOWN)
#define MICROSECONDS(field) (REACHES(length, field) ? microseconds(info->field) : NS_NONE)

static ns_t microseconds(uint64_t us)
{
	return us > (uint64_t)INT64_MAX / NS_PER_US ? NS_NONE : (ns_t)us * NS_PER_US;
}

/* The kernel starts min_rtt at all ones and rtt at 0, which both mean "no sample yet". */
static ns_t sample_or_none(uint32_t us)
{
	return us == 0 || us == UINT32_MAX ? NS_NONE : (ns_t)us * NS_PER_US;
}

void tcp_stats_fill(struct tcp_stats *out, const void *bytes, size_t length)
{
	struct kernel_tcp_info whole = { 0 };
	const struct kernel_tcp_info *info = &whole;
	memset(out, 0, sizeof *out);
	memcpy(&whole, bytes, length < sizeof whole ? length : sizeof whole);
	out->at = clock_mono();
	out->unacked = TCP_STATS_UNKNOWN;
	out->state = info->state;
	out->rtt = sample_or_none(info->rtt);
	out->rttvar = MICROSECONDS(rttvar);
	out->min_rtt = REACHES(length, min_rtt) ? sample_or_none(info->min_rtt) : NS_NONE;
	out->rto = MICROSECONDS(rto);
	out->total_retrans = COUNT(total_retrans);
	out->retransmits = info->retransmits;
	out->lost = COUNT(lost);
	out->reordering = COUNT(reordering);
	out->reord_seen = COUNT(reord_seen);
	out->bytes_sent = COUNT(bytes_sent);
	out->bytes_acked = COUNT(bytes_acked);
	out->bytes_retrans = COUNT(bytes_retrans);
	out->bytes_received = COUNT(bytes_received);
	out->segs_out = COUNT(segs_out);
	out->segs_in = COUNT(segs_in);
	out->data_segs_out = COUNT(data_segs_out);
	out->data_segs_in = COUNT(data_segs_in);
	out->rcv_ooopack = COUNT(rcv_ooopack);
	out->dsack_dups = COUNT(dsack_dups);
	out->snd_mss = COUNT(snd_mss);
	out->rcv_mss = COUNT(rcv_mss);
	out->advmss = COUNT(advmss);
	out->pmtu = COUNT(pmtu);
	out->snd_cwnd = COUNT(snd_cwnd);
	out->snd_ssthresh = COUNT(snd_ssthresh);
	out->rcv_space = COUNT(rcv_space);
	out->snd_wnd = COUNT(snd_wnd);
	out->rcv_wnd = COUNT(rcv_wnd);
	out->notsent_bytes = COUNT(notsent_bytes);
	out->delivery_rate = COUNT(delivery_rate);
	out->pacing_rate = COUNT(pacing_rate);
	out->busy = MICROSECONDS(busy_time);
	out->rwnd_limited = MICROSECONDS(rwnd_limited);
	out->sndbuf_limited = MICROSECONDS(sndbuf_limited);
	out->total_rto = COUNT(total_rto);
	out->total_rto_recoveries = COUNT(total_rto_recoveries);
	out->total_rto_time =
	    REACHES(length, total_rto_time) ? (ns_t)info->total_rto_time * NS_PER_MS : NS_NONE;
}

/* tcpi_unacked counts segments; the bytes are what the send queue holds (tcp(7) SIOCOUTQ) less what was never sent. */
static uint64_t bytes_in_flight(int fd, const struct tcp_stats *stats)
{
	int queued;
	if (stats->notsent_bytes == TCP_STATS_UNKNOWN || ioctl(fd, SIOCOUTQ, &queued) < 0 || queued < 0)
		return TCP_STATS_UNKNOWN;
	uint64_t all = (uint64_t)queued;
	return all > stats->notsent_bytes ? all - stats->notsent_bytes : 0;
}

int tcp_stats_read(int fd, struct tcp_stats *out)
{
	struct kernel_tcp_info info;
	socklen_t length = sizeof info;
	memset(&info, 0, sizeof info);
	if (getsockopt(fd, IPPROTO_TCP, 11 /* TCP_INFO, by number: linux/tcp.h and netinet/tcp.h clash */,
		       &info, &length) < 0)
		return -1;
	tcp_stats_fill(out, &info, length);
	out->unacked = bytes_in_flight(fd, out);
	return 0;
}
