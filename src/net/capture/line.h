/* A packet's line: what the parts of its composer share. Each writes on from where the one before ended. */
#ifndef NET_CAPTURE_LINE_H
#define NET_CAPTURE_LINE_H

#include "net/capture/pen.h"
#include "ntsh/packet_line.h"

/* First sequence number that was seen in each direction of a connection: numbers are shown relative to it. */
struct line_flow {
	uint64_t key; /* 0: a free place */
	uint32_t base[2];
};

struct line_flows {
	struct line_flow *flows;
	size_t count, capacity; /* a power of two */
};

struct packet_lines {
	struct packet_line_style style;
	struct pen pen;
	size_t summary, summary_length; /* offsets into the pen's text */
	struct line_flows flows;
	ns_t first, before; /* stamps of packets; NS_NONE: none yet */
	int64_t second;     /* whose text is kept */
	char second_text[24];
};

/* The network layer and all above it: "IP 10.0.0.1:443 > ...". depth: how many packets it lies inside of. */
void line_network(struct packet_lines *lines, const struct packet *packet, unsigned depth);

/* "10.0.0.1", or its name. */
void line_address(struct packet_lines *lines, const struct packet *packet, const uint8_t *address);

void line_tcp(struct packet_lines *lines, const struct packet *packet);
void line_tcp_options(struct pen *pen, const struct packet *packet);
void line_icmp(struct packet_lines *lines, const struct packet *packet);
void line_icmpv6(struct packet_lines *lines, const struct packet *packet);
void line_arp(struct packet_lines *lines, const struct packet *packet);

/* What a UDP or TCP payload is, when it is known: ": DNS ..." Returns false (and writes nothing) when it is not. */
bool line_udp_payload(struct pen *pen, const struct packet *packet);
bool line_tcp_payload(struct pen *pen, const struct packet *packet);

/* Each reads one protocol's message and writes its words; false: it is none. wire: bytes that were there before the capture cut them. */
bool line_dns(struct pen *pen, const uint8_t *bytes, size_t length, size_t wire);
bool line_dhcp(struct pen *pen, const uint8_t *bytes, size_t length);
bool line_dhcpv6(struct pen *pen, const uint8_t *bytes, size_t length);
bool line_ntp(struct pen *pen, const uint8_t *bytes, size_t length);
bool line_quic(struct pen *pen, const uint8_t *bytes, size_t length);
bool line_tls(struct pen *pen, const uint8_t *bytes, size_t length);
bool line_http(struct pen *pen, const uint8_t *bytes, size_t length);

/* -v, -x: lines below. */
void line_layers(struct packet_lines *lines, const struct packet *packet, unsigned depth);
void line_dump(struct packet_lines *lines, const struct packet *packet);

/* The numbers' bases of the packet's connection: [0] of this packet's direction. False: they are to be shown as they are, for this packet
 * is the first of its connection. */
bool line_flow_bases(struct line_flows *flows, const struct packet *packet, uint32_t base[2]);
void line_flows_release(struct line_flows *flows);

/* Name of an IP protocol or an ethertype; NULL when it has none. */
const char *line_ip_protocol(uint8_t protocol);
const char *line_ethertype(uint16_t ethertype);

#endif
