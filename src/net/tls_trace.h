/* The course of a TLS handshake: who spoke when, up to which byte. Filled by OpenSSL's message callback and by the event
 * loop; pure, so that it is tested without either. */
#ifndef NET_TLS_TRACE_H
#define NET_TLS_TRACE_H

#include "net/split.h"
#include "ntsh/tls.h"

enum { TLS_TRACE_TURNS = 6 };

/* One flight of ours and what came back. Stamps are CLOCK_REALTIME where they come from the kernel. */
struct tls_turn {
	uint32_t last_byte; /* of our flight: offset since the trace began */
	ns_t wrote;         /* CLOCK_REALTIME of our process */
	ns_t first, last;   /* arrival of the first and the last record of the answer; NS_NONE: none */
};

struct tls_trace {
	bool finished;
	ns_t began, ended; /* CLOCK_REALTIME */
	ns_t event;        /* arrival stamp of what is being read now */
	uint64_t written;  /* bytes of all records */
	uint32_t base;     /* stream offset at which the first record begins */
	int turn_count;
	struct tls_turn turns[TLS_TRACE_TURNS];
	ns_t server_hello;
	bool hello_sent, hello_retry;
	ns_t record; /* arrival of the record read last: kept up after the handshake, for its user */
	char alert[96];
};

void tls_trace_begin(struct tls_trace *trace, ns_t now_real);

/* The loop: data came; stamp as the kernel gives it, or the clock. */
void tls_trace_arrived(struct tls_trace *trace, ns_t stamp);

/* The message callback of OpenSSL (SSL_CTX_set_msg_callback(3)), without its SSL. */
void tls_trace_message(struct tls_trace *trace, bool wrote, int content_type, const uint8_t *bytes,
		       size_t length, ns_t now_real);

void tls_trace_finish(struct tls_trace *trace, ns_t now_real);

/* Divides the time: fills began to round_trips, hello_retry and alert of out. real_offset brings stamps onto the monotonic axis. */
void tls_trace_split(const struct tls_trace *trace, const struct tcp_stamps *stamps,
		     const struct split_path *path, ns_t real_offset, struct tls_handshake *out);

#endif
