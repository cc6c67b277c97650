/* A witness on a raw socket: it sees each TCP segment that one host sends to us, with its TTL - what no TCP socket tells. Needs
 * CAP_NET_RAW. */
#ifndef NTSH_WITNESS_H
#define NTSH_WITNESS_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

/* A segment as it arrived (RFC 9293 3.1). */
struct witness_segment {
	ns_t at; /* CLOCK_REALTIME, the kernel's stamp where there is one */
	int ttl; /* -1 unknown */
	uint16_t from_port, to_port;
	uint32_t seq, ack;
	uint16_t window; /* not scaled */
	bool syn, ack_set, rst, fin;
	size_t payload;
};

typedef void witness_fn(const struct witness_segment *segment, void *arg);
struct witness;

/* Watches what peer sends to this machine from now on. Returns NULL with err when that is not allowed. */
struct witness *witness_start(struct loop *loop, const struct addr *peer, const char *interface,
			      witness_fn *fn, void *arg, struct error *err);

/* Sends one ACK that belongs to no connection, from local (address and port) to the peer's port: a listener answers it with RST
 * (RFC 9293 3.10.7.2) whatever its queue; a filter does not. Returns 0, or -1 with errno. */
int witness_send_stray_ack(struct witness *witness, const struct addr *local, uint16_t port);

void witness_free(struct witness *witness);

/* Reads a segment from the bytes of a TCP header and what follows. Pure. Returns 0, or -1 when they are too few. */
int witness_parse(const uint8_t *bytes, size_t length, struct witness_segment *out);

#endif
