/* ICMP (RFC 792, 1191, 4884) and ICMPv6 (RFC 4443): one structure for both, told apart by the family. */
#ifndef WIRE_ICMP_H
#define WIRE_ICMP_H

#include "wire/ip.h"

enum { ICMP_HEADER_SIZE = 8 };

enum icmp_kind { ICMP_ECHO_ASKED, ICMP_ECHO_ANSWERED, ICMP_REPORT /* an error about a packet */, ICMP_OTHER };

struct icmp_message {
	enum icmp_kind kind;
	uint8_t type, code;
	uint16_t id, sequence;  /* of echoes */
	uint32_t mtu;           /* of "too big", else 0 */
	const uint8_t *payload; /* behind the 8 bytes of the header */
	size_t payload_length;
	const uint8_t *extension; /* RFC 4884 structure of an error, NULL when there is none */
	size_t extension_length;
};

/* Reads a message that begins at the ICMP header and may be cut. Returns false when it is shorter than its header. */
bool icmp_read(int family, const void *bytes, size_t length, struct icmp_message *out);

/* What an error is about, from its quotation. */
struct icmp_quote {
	struct ip_packet packet;
	uint16_t source_port, destination_port; /* TCP, UDP, UDP-Lite, SCTP, else 0 */
	uint16_t udp_checksum; /* meaningless unless it is UDP or UDP-Lite */
	uint32_t tcp_sequence;
	uint16_t echo_id, echo_sequence; /* ICMP echo */
};

/* Reads the packet that the payload of an error quotes. Returns false when it holds none, or not as far as ports or echo numbers. */
bool icmp_quote_read(const struct icmp_message *message, struct icmp_quote *out);

/* Writes the header of an echo request for payload_length bytes that stand behind it, checksum included (ICMPv6's is the
 * kernel's work: it knows the source address). message has ICMP_HEADER_SIZE + payload_length bytes. */
void icmp_echo_build(int family, uint16_t id, uint16_t sequence, uint8_t *message, size_t payload_length);

#endif
