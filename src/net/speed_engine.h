/* A test between its control connection (speed.c) and its data streams (speed_stream.c). */
#ifndef NET_SPEED_ENGINE_H
#define NET_SPEED_ENGINE_H

#include "net/iperf.h"

#include "base/buf.h"

struct speed_stream {
	struct speed *speed;
	struct tcp_connect *connect;
	int fd;     /* -1: none */
	bool ready; /* UDP: the server answered */
	uint64_t bytes;
	uint32_t packets; /* UDP, sent */
	struct iperf_datagrams datagrams;
};

struct speed {
	struct loop *loop;
	struct speed_request request;
	const struct speed_events *events;
	void *arg;
	char interface[16];
	char cookie[IPERF_COOKIE];
	/* control */
	struct tcp_connect *connect;
	int control;
	struct buf inbox; /* of the message under way */
	bool awaits_results;
	unsigned denied; /* how often the server was busy */
	struct loop_timer timer, pace, patience;
	/* data */
	struct speed_stream streams[SPEED_STREAMS_MAX];
	unsigned ready;
	bool running;
	ns_t began;
	double cpu_began;
	uint8_t *block;
	struct ping *ping;
	ns_t *samples;
	size_t sample_count;
	struct iperf_sums theirs;
	struct speed_result result;
};

/* Opens the streams; speed_fail is called when one does not come about. */
void speed_streams_open(struct speed *speed);
/* Lets the bytes flow; the end adds them up. */
void speed_streams_run(struct speed *speed);
void speed_streams_stop(struct speed *speed);
void speed_streams_close(struct speed *speed);
uint64_t speed_streams_bytes(const struct speed *speed);

/* Ends the test with an error; the speed may be gone afterwards. */
void speed_fail(struct speed *speed, enum status status, const char *code, const char *hint,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
