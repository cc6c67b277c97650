#include "net/sockets/samples.h"

#include "net/tcp_info.h"

#include <string.h>

const char *blame_text(enum blame blame)
{
	static const char *const texts[BLAMES] = { "our program does not read",
						   "the peer does not read",
						   "our send buffer",
						   "loss",
						   "the path",
						   "nothing to send" };
	return texts[blame];
}

const char *blame_name(enum blame blame)
{
	static const char *const names[BLAMES] = { "reader", "peer", "buffer", "loss", "path", "idle" };
	return names[blame];
}

void sample_read(const struct socket_entry *entry, struct socket_sample *out)
{
	struct kernel_tcp_info info;
	size_t length = entry->tcp_info_length < sizeof info ? entry->tcp_info_length : sizeof info;
	memset(&info, 0, sizeof info);
	if (length)
		memcpy(&info, entry->tcp_info, length);
	*out = (struct socket_sample){
		.busy = info.busy_time,
		.rwnd_limited = info.rwnd_limited,
		.sndbuf_limited = info.sndbuf_limited,
		.bytes_acked = info.bytes_acked,
		.bytes_received = info.bytes_received,
		.bytes_sent = info.bytes_sent,
		.bytes_retrans = info.bytes_retrans,
		.total_retrans = info.total_retrans,
		.segs_out = info.segs_out,
		.data_segs_out = info.data_segs_out,
		.data_segs_in = info.data_segs_in,
		.rtt = info.rtt,
		.min_rtt = info.min_rtt,
		.rto = info.rto,
		.notsent = info.notsent_bytes,
		.snd_wnd = info.snd_wnd,
		.last_sent_ms = info.last_data_sent,
		.last_received_ms = info.last_data_recv,
		.last_ack_ms = info.last_ack_recv,
		.rcv_ooopack = info.rcv_ooopack,
		.receive_queue = entry->receive_queue,
		.send_queue = entry->send_queue,
		.state = entry->state,
		.ca_state = info.ca_state,
		.retransmits = info.retransmits,
		.probes = info.probes,
		.has_times = length >= offsetof(struct kernel_tcp_info, delivered),
		.has_window = length >= offsetof(struct kernel_tcp_info, rcv_wnd),
	};
}

/* The peer takes nothing: its window is closed, or it was when we had to probe. */
static bool is_shut_out(const struct socket_sample *sample)
{
	return sample->send_queue && (sample->probes || (sample->has_window && !sample->snd_wnd));
}

/* The send buffer is full, and all that is in it has left: the program could send more, the window would let it, there is no room. (The kernel's
 * own account of that, sndbuf_limited, begins only when slow start has ended: tcp_is_cwnd_limited.) */
static bool is_crammed(const struct socket_entry *entry, const struct socket_sample *sample)
{
	return entry->memory_count >= SOCKET_HAS_QUEUED && sample->send_queue && !sample->notsent &&
	       entry->memory.wmem_queued >= entry->memory.sndbuf;
}

/* TCP_CA_Recovery and later (include/uapi/linux/tcp.h), or a time-out that has fired. */
static bool is_in_loss(const struct socket_sample *sample)
{
	return sample->send_queue && !is_shut_out(sample) && (sample->ca_state >= 3 || sample->retransmits);
}

/* Bytes that the program has taken out of the socket so far. */
static uint64_t read_so_far(const struct socket_sample *sample)
{
	return sample->bytes_received > sample->receive_queue ? sample->bytes_received - sample->receive_queue
							      : 0;
}

/* The peer's data came after ours had left, and was read: it is the program's turn. (Who has never sent has the time of the handshake there, and
 * the request may come within the same tick.) */
static bool is_our_turn(const struct socket_sample *sample)
{
	bool later = sample->data_segs_out ? sample->last_received_ms < sample->last_sent_ms
					   : sample->last_received_ms <= sample->last_sent_ms;
	return sample->state == SOCKET_ESTABLISHED && sample->data_segs_in && !sample->receive_queue &&
	       !sample->send_queue && later;
}

/* A wait is over when something was sent. It counts when what was sent can only be the answer to it: nothing came in between, or one segment that
 * came after the answer. (The last word of a protocol may be the client's, as in HTTP/2, and then a later request would seem to have waited.) */
static void answers_add(struct socket_watched *watched, const struct socket_sample *before,
			const struct socket_sample *sample, bool is_first)
{
	bool turn = is_our_turn(sample);
	if (!is_first && watched->pending && sample->data_segs_out != before->data_segs_out) {
		uint32_t came = sample->data_segs_in - before->data_segs_in;
		if (came == 0 || (came == 1 && turn)) {
			watched->answers++;
			watched->thought += watched->pending;
			if (watched->pending > watched->think)
				watched->think = watched->pending;
		}
	}
	/* A tick is the least that the kernel tells. */
	watched->pending =
	    turn ? (ns_t)(sample->last_received_ms ? sample->last_received_ms : 1) * NS_PER_MS : 0;
}

void watched_add(struct socket_watched *watched, const struct socket_entry *entry,
		 const struct socket_sample *sample, ns_t now, bool first_look)
{
	const struct socket_sample before = watched->last;
	bool is_first = !watched->samples++;
	if (is_first) {
		watched->first = *sample;
		watched->began = now;
		watched->is_new = !first_look;
	}
	watched->last = *sample;
	watched->ended = now;
	watched->entry = *entry;
	/* The peer's FIN takes a place in the sequence, and counts as one byte. */
	uint32_t nothing = sample->state == SOCKET_CLOSE_WAIT;
	watched->unread += !is_first && sample->receive_queue > nothing && before.receive_queue > nothing &&
			   read_so_far(sample) == read_so_far(&before);
	watched->in_loss += is_in_loss(sample);
	watched->shut_out += is_shut_out(sample);
	watched->crammed += is_crammed(entry, sample);
	watched->backlogged += sample->send_queue && sample->notsent;
	if (sample->state == SOCKET_LISTEN) {
		watched->queued += sample->receive_queue > 0;
		watched->full += sample->receive_queue > sample->send_queue;
		if (sample->receive_queue > watched->queue_most)
			watched->queue_most = sample->receive_queue;
		return;
	}
	answers_add(watched, &before, sample, is_first);
}

/* The part of the interval that a counter of microseconds has grown by. */
static double grown(uint64_t first, uint64_t last, ns_t over)
{
	double share = last > first ? (double)(last - first) * (double)NS_PER_US / (double)over : 0;
	return share > 1 ? 1 : share;
}

static double take(double *rest, double share)
{
	if (share > *rest)
		share = *rest;
	*rest -= share;
	return share;
}

void watched_judge(struct socket_watched *watched)
{
	double *shares = watched->shares;
	ns_t over = watched->ended - watched->began;
	for (int i = 0; i < BLAMES; i++)
		shares[i] = 0;
	shares[BLAME_IDLE] = 1;
	watched->holder = BLAME_IDLE;
	if (over <= 0 || watched->samples < 2)
		return;
	const struct socket_sample *first = &watched->first, *last = &watched->last;
	double looks = watched->samples, rest = 1;
	double busy = grown(first->busy, last->busy, over);
	double peer = take(&busy, grown(first->rwnd_limited, last->rwnd_limited, over));
	double buffer = take(&busy, grown(first->sndbuf_limited, last->sndbuf_limited, over));
	/* What is left of the busy time: the peer's when its window was shut, loss while that was repaired, the path's while more was ready than the
	 * congestion window let out. The rest are ACKs on their way: that holds up nobody. */
	peer += take(&busy, busy * (double)watched->shut_out / looks);
	double loss = take(&busy, busy * (double)watched->in_loss / looks);
	buffer += take(&busy, busy * (double)watched->crammed / looks);
	double path = take(&busy, busy * (double)watched->backlogged / looks);
	shares[BLAME_PEER] = take(&rest, peer);
	shares[BLAME_BUFFER] = take(&rest, buffer);
	shares[BLAME_LOSS] = take(&rest, loss);
	shares[BLAME_PATH] = take(&rest, path);
	shares[BLAME_READER] = take(&rest, (double)watched->unread / (looks - 1));
	shares[BLAME_IDLE] = rest;
	double most = 0.01;
	for (int i = 0; i < BLAME_IDLE; i++) {
		if (shares[i] >= most) {
			most = shares[i];
			watched->holder = (enum blame)i;
		}
	}
}
