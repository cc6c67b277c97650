/* TCP segments (RFC 9293) of our own making, and what comes back to them. */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include "ntsh/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tcp_flag { TCP_FLAG_FIN = 1, TCP_FLAG_SYN = 2, TCP_FLAG_RST = 4, TCP_FLAG_PSH = 8, TCP_FLAG_ACK = 16 };

enum { TCP_OPTION_ORDER_MAX = 16 };

struct tcp_segment {
	uint16_t source_port, destination_port, window;
	uint32_t sequence, acknowledgment;
	uint8_t flags;
	uint16_t mss;                       /* 0: none */
	char options[TCP_OPTION_ORDER_MAX]; /* their order: M S T N W E, ? for others */
};

/* Reads a segment that begins at the TCP header; options may be cut. Returns false when it is shorter than its header. */
bool tcp_segment_read(const void *bytes, size_t length, struct tcp_segment *out);

/* A SYN as Linux sends it: MSS, SACK permitted, timestamps, window scale. out takes TCP_SYN_SIZE bytes; the addresses, with their
 * ports, go into the checksum. */
enum { TCP_SYN_SIZE = 40 };
void tcp_syn_build(const struct addr *from, const struct addr *to, uint32_t sequence, uint8_t *out);

#endif
