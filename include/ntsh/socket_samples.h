/* Connections watched over an interval: who holds each of them up, by the kernel's own accounting of its time
 * (tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited: net/ipv4/tcp_output.c, tcp_chrono) and by samples of the queues. */
#ifndef NTSH_SOCKET_SAMPLES_H
#define NTSH_SOCKET_SAMPLES_H

#include "ntsh/loop.h"
#include "ntsh/sockets.h"

/* Who holds it up. */
enum blame {
	BLAME_READER, /* our program does not read what has come */
	BLAME_PEER,   /* the peer's window: its program does not read, or its buffer is small */
	BLAME_BUFFER, /* our send buffer: it is smaller than what would be in flight */
	BLAME_LOSS,   /* lost segments are sent again, or waited for */
	BLAME_PATH,   /* the congestion window: the path carries no more, or is being found out */
	BLAME_IDLE,   /* nobody: there is nothing to send and nothing to read */
	BLAMES,
};
/* "our program does not read", "the peer does not read", "our send buffer", "loss", "the path", "nothing to send". */
const char *blame_text(enum blame blame);
/* "reader", "peer", "buffer", "loss", "path", "idle": for members. */
const char *blame_name(enum blame blame);

/* One look at a connection: numbers of TCP_INFO in the kernel's units (microseconds, milliseconds where the name says so). */
struct socket_sample {
	uint64_t busy, rwnd_limited, sndbuf_limited, bytes_acked, bytes_received, bytes_sent, bytes_retrans;
	uint32_t total_retrans, segs_out, data_segs_out, data_segs_in, rtt, min_rtt, rto, notsent, snd_wnd;
	uint32_t last_sent_ms, last_received_ms, last_ack_ms, rcv_ooopack;
	uint32_t receive_queue, send_queue;
	uint8_t state, ca_state, retransmits, probes;
	bool has_times; /* the kernel keeps busy, rwnd_limited, sndbuf_limited (Linux 4.10) */
	bool has_window; /* snd_wnd (Linux 5.4) */
};

/* What was seen of one connection. */
struct socket_watched {
	struct socket_entry entry;        /* as it was last, without what leads into messages */
	struct socket_sample first, last;
	ns_t began, ended;                /* CLOCK_MONOTONIC of the first and last look */
	unsigned samples;
	unsigned unread;                  /* looks with unread bytes, none of which was read since the look before */
	unsigned in_loss;                 /* looks in recovery, or after a time-out */
	unsigned shut_out;                /* looks with something to send and the peer's window closed */
	unsigned crammed;                 /* looks with a full send buffer and nothing unsent in it */
	unsigned backlogged;              /* looks with something written and not sent */
	unsigned queued, full;            /* LISTEN: looks with connections in the accept queue, and with a full one */
	uint32_t queue_most;              /* LISTEN: the longest accept queue seen */
	unsigned answers;                 /* waits of the peer that ended with an answer of our program, as far as looks tell */
	ns_t think;                       /* the longest of them */
	ns_t thought;                     /* all of them together */
	ns_t pending;                     /* a wait that goes on at the last look (data came, nothing has left since), 0 none */
	bool is_new;                      /* opened after the first look */
	bool gone;                        /* closed before the last look */
	double shares[BLAMES];            /* of the watched time; they add up to 1 */
	enum blame holder;                /* the largest that is not idle; BLAME_IDLE when all are below a hundredth */
};

struct socket_watch_result {
	struct socket_watched *items; /* the least idle first */
	size_t count;
	unsigned looks;
	ns_t took;
	struct sockets_report report;
	uint64_t states_most[SOCKET_STATES]; /* sockets in each state, the most at one look (those without TCP_INFO, too) */
	uint64_t half_open_peers;            /* addresses seen in SYN-RECV */
};

struct socket_watch_request {
	struct sockets_query query; /* TCP; want is set here. TIME-WAIT and SYN-RECV are only counted */
	ns_t interval;              /* how long to watch */
	unsigned looks;             /* at least 2; the interval is divided by them */
	void (*progress)(double fraction, void *arg); /* may be NULL */
	void *arg;
};

/* Looks again and again over the interval; Ctrl-C ends it early with what was seen. Returns 0, or -1 with err. Free with
 * socket_watch_free. */
int socket_watch_run(struct loop *loop, const struct socket_watch_request *request, struct socket_watch_result *out,
		     struct error *err);
void socket_watch_free(struct socket_watch_result *result);

#endif
