/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and the checksum that IP, ICMP, UDP and TCP share (RFC 1071). */
#ifndef WIRE_IP_H
#define WIRE_IP_H

#include "ntsh/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_packet {
	uint8_t version;       /* 4 or 6 */
	uint8_t hops;          /* TTL or hop limit */
	uint8_t traffic_class; /* TOS byte */
	uint8_t protocol;      /* of the payload, behind IPv6 extension headers */
	bool dont_fragment;
	uint32_t fragment_offset; /* in bytes; 0 for a whole packet or the first piece */
	bool more_fragments;
	size_t total; /* length that the header claims, header included */
	struct addr source, destination;
	const uint8_t *payload; /* into the bytes that were read */
	size_t payload_length; /* what is there, padding cut off: less than claimed when the packet was cut */
};

/* Reads the header(s) of a packet that may be cut (a quotation in an ICMP error). Returns false when it is neither IPv4 nor IPv6,
 * or too short for its header. */
bool ip_read(const void *bytes, size_t length, struct ip_packet *out);

/* Writes the header of a packet that holds length bytes of the protocol: IPv4 (20 bytes, not to be fragmented, checksum included) or
 * IPv6 (40), by the family of both addresses. Returns its size. */
size_t ip_header_build(const struct addr *source, const struct addr *destination, uint8_t protocol, uint8_t hops,
		       size_t length, uint8_t *out);

/* One's complement sum, to be continued: begin with 0, end with ip_checksum_fold. Pieces before the last must be of even length. */
uint32_t ip_checksum_add(uint32_t sum, const void *bytes, size_t length);

/* The checksum to be put into the header (over a range with a right checksum in it: 0). */
uint16_t ip_checksum_fold(uint32_t sum);

/* Sum over the pseudo header (RFC 793 3.1, RFC 8200 8.1) of both addresses (of one family). */
uint32_t ip_checksum_pseudo(const struct addr *source, const struct addr *destination, uint8_t protocol,
			    size_t length);

#endif
