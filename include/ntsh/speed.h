/* How much goes through: tests against an iperf3 server, with what held the rate back. */
#ifndef NTSH_SPEED_H
#define NTSH_SPEED_H

#include "ntsh/ping.h"
#include "ntsh/tcp.h"

enum { SPEED_STREAMS_MAX = 16, SPEED_PORT = 5201 };

struct speed_request {
	struct addr target; /* with port */
	bool udp, down;     /* down: the server sends */
	unsigned streams;   /* 1 to SPEED_STREAMS_MAX */
	ns_t duration;
	double rate;           /* bits a second: of UDP, and a cap of TCP; 0: none (TCP only) */
	const char *interface; /* or NULL */
	bool again;            /* a test of ours has just ended there: a refusal is waited out */
};

/* What held the rate back. */
enum speed_limit {
	SPEED_LIMIT_UNKNOWN,
	SPEED_LIMIT_PATH,     /* the link is full: the queue grows, or it is what is left */
	SPEED_LIMIT_LOSS,     /* losses hold the congestion window down */
	SPEED_LIMIT_RECEIVER, /* the receiver's window was full */
	SPEED_LIMIT_WINDOW,   /* the sender's buffer is too small for the round trip */
	SPEED_LIMIT_SENDER,   /* the sender had nothing to send, or no CPU for it */
	SPEED_LIMIT_RATE,     /* the rate that was asked for was reached */
};

struct speed_result {
	ns_t took;
	uint64_t sent_bytes, received_bytes; /* by the ends that know */
	double rate;                         /* bits a second that arrived */
	int64_t retransmits;                 /* of the sender; -1 unknown */
	uint64_t packets, lost, late;        /* UDP */
	ns_t jitter;                         /* UDP; NS_NONE */
	struct tcp_stats stats;              /* of our first stream at the end (TCP) */
	ns_t stream_rtt;                     /* of its first samples */
	double cpu_percent;                  /* of this process */
	struct rtt_stats loaded;             /* round trips while it ran; count 0: none measured */
	enum speed_limit limit;
};

struct speed_events {
	void (*progress)(double fraction, double rate, void *arg); /* a few times a second; may be NULL */
	void (*end)(const struct speed_result *result, const struct error *err,
		    void *arg); /* err: NULL when it went well */
};

struct speed;
struct speed *speed_start(struct loop *loop, const struct speed_request *request,
			  const struct speed_events *events, void *arg, struct error *err);
void speed_cancel(struct speed *speed); /* NULL is ignored */

/* Round trips of a host for so long, for the idle line to compare with. count is 0 when nothing answered. */
void speed_idle(struct loop *loop, const struct addr *target, const char *interface, ns_t duration,
		struct rtt_stats *out);

/* --- judging: pure --- */

/* What held back a result; idle: round trips without load (may have count 0). */
enum speed_limit speed_limit_of(const struct speed_request *request, const struct speed_result *result,
				const struct rtt_stats *idle);
const char *speed_limit_name(enum speed_limit limit);
const char *speed_limit_text(enum speed_limit limit, bool down);

/* A to F for what load adds to the round trip (A+ below 5 ms, A 30, B 60, C 200, D 400); NULL when it was not measured. */
const char *speed_bloat_grade(const struct rtt_stats *idle, const struct rtt_stats *loaded);

#endif
