/* One captured frame taken apart, without a copy: what its headers say, and where its layers begin.
 *
 * Everything points into the frame's bytes and lives as long as they do. Nothing is read beyond what was captured. Filling the
 * structure costs some ten nanoseconds, so that whoever counts flows can decode every packet. */
#ifndef NTSH_PACKET_H
#define NTSH_PACKET_H

#include "ntsh/addr.h"

#include <stdbool.h>
#include <stdint.h>

/* LINKTYPE_ numbers as they stand in files (https://www.tcpdump.org/linktypes.html). Other numbers can be had, but not be decoded. */
enum packet_link {
	PACKET_LINK_NULL = 0, /* BSD loopback: family in the byte order of the machine that captured */
	PACKET_LINK_ETHERNET = 1,
	PACKET_LINK_RAW = 101, /* IPv4 or IPv6, without any header before it */
	PACKET_LINK_LOOP = 108,
	PACKET_LINK_SLL = 113, /* Linux cooked: "any" */
	PACKET_LINK_IPV4 = 228,
	PACKET_LINK_IPV6 = 229,
	PACKET_LINK_SLL2 = 276,
};

enum packet_fault {
	PACKET_SOUND,
	PACKET_CUT,    /* captured with a length limit that ends within a header: nothing is wrong with the packet itself */
	PACKET_BROKEN, /* the packet contradicts itself, or ends within a header */
};

/* Which transport header was read in full (its fixed part): there is none in later fragments and in what is cut. */
enum packet_transport {
	PACKET_NO_TRANSPORT,
	PACKET_TCP,
	PACKET_UDP,
	PACKET_ICMP,   /* RFC 792 */
	PACKET_ICMPV6, /* RFC 4443 */
	PACKET_PORTS,  /* another protocol that begins with two ports: SCTP, UDP-Lite, DCCP */
};

/* Flags of TCP (RFC 9293 3.1, AE: RFC 9768). */
enum {
	PACKET_FIN = 1, PACKET_SYN = 2, PACKET_RST = 4, PACKET_PSH = 8,
	PACKET_ACK = 16, PACKET_URG = 32, PACKET_ECE = 64, PACKET_CWR = 128,
	PACKET_AE = 256,
};

enum { PACKET_NO_DIRECTION = 255 };

struct packet {
	const uint8_t *bytes;      /* the frame */
	uint32_t captured, length; /* bytes that are there, and that were on the wire */

	/* What kept us from reading on; wrong is a static sentence, NULL when the packet is sound. */
	const char *wrong;
	uint8_t fault; /* enum packet_fault */

	/* Link. */
	uint8_t direction;    /* cooked captures: PACKET_HOST 0, _BROADCAST 1, _MULTICAST 2, _OTHERHOST 3, _OUTGOING 4 */
	uint8_t vlan_count;   /* tags that were stepped over (802.1Q, 802.1ad) */
	uint8_t mac_length;   /* of the cooked address */
	uint16_t vlans[2];    /* TCI of the first two tags, the outer first: id in the low 12 bits, priority in the high 3 */
	uint16_t ethertype;   /* of the network layer, behind all tags; 0: none (802.2) */
	uint16_t mpls_labels; /* that were stepped over */
	uint32_t ifindex;     /* SLL2, else 0 */
	const uint8_t *mac_destination, *mac_source; /* 6 bytes each, or NULL */

	/* IP: ip_version 0 when there is none (then `network` is what the frame carries: ARP and others). */
	const uint8_t *network;
	const uint8_t *source, *destination; /* 4 or 16 bytes; NULL without IP */
	uint8_t ip_version;
	uint8_t protocol; /* behind the extension headers of IPv6 */
	uint8_t hops;
	uint8_t traffic_class;
	bool dont_fragment, more_fragments, is_fragment;
	uint8_t extensions;        /* number of IPv6 extension headers */
	uint32_t fragment_offset;  /* in bytes */
	uint32_t fragment_id;      /* IPv4: the identification field, always; IPv6: of the fragment header */
	uint32_t flow_label;       /* IPv6 */
	uint32_t ip_length;        /* header and payload as the header claims; that of the frame for segments not cut yet (TSO) */
	uint32_t ip_header_length; /* with extension headers */

	/* Transport. */
	const uint8_t *transport; /* where it begins; NULL without IP */
	uint8_t transport_kind;   /* enum packet_transport */
	uint8_t icmp_type, icmp_code;
	uint8_t options_length;  /* TCP: as captured */
	const uint8_t *options;  /* TCP, or NULL */
	uint16_t source_port, destination_port;
	uint16_t tcp_flags;
	uint16_t window;  /* as on the wire, not scaled */
	uint32_t seq, ack;

	/* What the last header that was read carries. */
	const uint8_t *payload;
	uint32_t payload_captured; /* bytes that are there */
	uint32_t payload_length;   /* bytes that the headers claim */
};

/* Takes a frame of a link type apart. Always fills *out; packets that cannot be read to their end have fault and wrong set, and
 * everything up to there. captured may be more than length in broken files: length counts. */
void packet_decode(struct packet *out, uint32_t link, const uint8_t *bytes, uint32_t captured, uint32_t length);

/* How a packet lies in another one. */
enum packet_inside {
	PACKET_INSIDE_NOTHING,
	PACKET_INSIDE_ICMP,   /* quoted by an ICMP error (RFC 792, RFC 4443): a packet that came the other way, cut short */
	PACKET_INSIDE_IPIP,   /* RFC 2003, RFC 2473, RFC 4213 */
	PACKET_INSIDE_GRE,    /* RFC 2784, RFC 2890, also with Ethernet inside (0x6558) and ERSPAN type II */
	PACKET_INSIDE_VXLAN,  /* RFC 7348, UDP port 4789 (and Linux' old 8472) */
	PACKET_INSIDE_GENEVE, /* RFC 8926, UDP port 6081 */
};

/* Takes the packet inside of a packet apart. *id (may be NULL): VNI or key, 0 without one. Returns how it lies there; *inner is only filled
 * when it is not PACKET_INSIDE_NOTHING. */
enum packet_inside packet_decode_inner(const struct packet *outer, struct packet *inner, uint32_t *id);

/* Options of a TCP header (RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413). */
struct packet_tcp_options {
	uint16_t mss;         /* 0: none */
	int8_t window_scale;  /* -1: none */
	bool sack_permitted, has_timestamps, malformed;
	uint8_t sack_count;   /* up to 4 */
	uint32_t ts_value, ts_echo;
	uint32_t sack[4][2];  /* left edge, right edge */
	const uint8_t *fast_open; /* cookie (RFC 7413, or experiment of RFC 6994), NULL: no such option */
	uint8_t fast_open_length;
};

/* Reads the options of a TCP packet; with others all are "none". */
void packet_tcp_options(const struct packet *packet, struct packet_tcp_options *out);

/* The addresses with their ports (0 without). AF_UNSPEC without IP. */
struct addr packet_source(const struct packet *packet);
struct addr packet_destination(const struct packet *packet);

/* Is the checksum right? 1 yes, 0 no, -1 not to be told: cut, fragment, none (UDP over IPv4). What this machine sent itself is often 0:
 * the card was to fill it in. */
int packet_ip_checksum(const struct packet *packet);
int packet_transport_checksum(const struct packet *packet);

#endif
