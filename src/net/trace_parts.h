/* What the files of trace_io share. */
#ifndef NET_TRACE_PARTS_H
#define NET_TRACE_PARTS_H

#include "net/trace_io.h"
#include "ntsh/tcp.h"
#include "ntsh/witness.h"
#include "wire/icmp.h"

enum { TRACE_PACKET_MAX = 9216, TRACE_BUFFER = 10240 };

/* A probe that was sent. */
struct trace_sent {
	uint16_t token; /* 0: free */
	uint8_t flow, hops;
	bool departed; /* real is the kernel's stamp */
	bool answered;
	uint32_t stamp_id;
	ns_t mono, real;
	struct trace_io *io;
	struct tcp_connect *connect; /* TCP without privilege */
};

/* The socket of a flow. Raw sockets are shared by all flows: fd is the same then. */
struct trace_flow {
	int fd; /* -1: not opened yet, or none needed */
	bool owned;
	int holder;    /* a bound TCP socket that keeps the port ours; -1 */
	uint16_t port; /* source port, or ICMP identifier */
};

struct trace_io {
	struct loop *loop;
	struct trace_io_request request;
	trace_answer_fn *answer;
	void *arg;
	struct addr source;
	uint32_t magic; /* begins each payload */
	int raw_fd;     /* raw ICMP, -1 without the privilege */
	int tcp_fd;     /* raw TCP for sending, -1 */
	struct witness *witness;
	unsigned flow_count;
	struct trace_flow flows[TRACE_FLOWS_MAX];
	uint32_t
	    stamps[TRACE_FLOWS_MAX]; /* ids given out by the socket of each flow; shared ones count at 0 */
	unsigned farthest[TRACE_FLOWS_MAX]; /* highest TTL at which a router answered */
	struct trace_sent *sent;
	uint8_t packet[TRACE_PACKET_MAX];
	uint8_t buffer[TRACE_BUFFER];
};

/* --- trace_io.c --- */
struct trace_sent *trace_sent_find(struct trace_io *io, uint16_t token); /* NULL: not ours, or forgotten */
struct trace_answer trace_answer_at(enum trace_kind kind, const struct addr *from, int reply_hops);
/* Fills in flow and times, then hands it on. real: arrival, CLOCK_REALTIME. */
void trace_answer_give(struct trace_io *io, struct trace_answer *answer, ns_t real, bool stamped);
/* Which probe an answer without a mark belongs to: the only one of its flow that waits (alone), or the lowest beyond the farthest
 * router. 0: cannot be told. */
uint16_t trace_sent_guess(const struct trace_io *io, unsigned flow, bool alone);

/* --- trace_receive.c --- */
void trace_raw_ready(struct loop *loop, int fd, uint32_t events, void *arg);
void trace_flow_ready(struct loop *loop, int fd, uint32_t events, void *arg);
void trace_stamps_take(struct trace_io *io, int fd);

/* --- trace_send.c --- */
/* Opens the socket of a flow. Returns 0, or -1 with err. */
int trace_flow_open(struct trace_io *io, unsigned flow, struct error *err);
/* Returns 0 or the errno. */
int trace_send_udp(struct trace_io *io, const struct trace_sent *sent, size_t size);
int trace_send_icmp(struct trace_io *io, const struct trace_sent *sent, size_t size);
int trace_send_tcp(struct trace_io *io, const struct trace_sent *sent);

/* --- trace_connect.c --- */
int trace_send_connect(struct trace_io *io, struct trace_sent *sent);
void trace_segment_take(const struct witness_segment *segment, void *arg);

static inline int trace_protocol(const struct trace_io *io)
{
	switch (io->request.method) {
	case TRACE_ICMP:
		return io->request.target.family == AF_INET6 ? 58 : 1; /* IPPROTO_ICMPV6, IPPROTO_ICMP */
	case TRACE_TCP:
		return 6;
	case TRACE_UDPLITE:
		return 136;
	default:
		return 17;
	}
}

#endif
