/* IP, and the transport headers above it. */
#include "wire/packet.h"

#include "wire/bytes.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

/* More extension headers than any real packet has. */
enum {
	EXTENSIONS_MAX = 16,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	ICMP_HEADER = 8
};

enum { PROTOCOL_MOBILITY = 135, PROTOCOL_UDPLITE = 136, PROTOCOL_HIP = 139, PROTOCOL_SHIM6 = 140 };

void packet_ends_early(struct packet *packet, const char *wrong)
{
	packet->fault = packet->captured < packet->length ? PACKET_CUT : PACKET_BROKEN;
	packet->wrong = wrong;
}

void packet_is_broken(struct packet *packet, const char *wrong)
{
	packet->fault = PACKET_BROKEN;
	packet->wrong = wrong;
}

/* The payload begins at `at`; claimed bytes of it were on the wire. Padding and trailers are cut off. */
static void set_payload(struct packet *packet, const uint8_t *at, uint32_t claimed)
{
	uint32_t there = packet_rest(packet, at);
	packet->payload = at;
	packet->payload_length = claimed;
	packet->payload_captured = there < claimed ? there : claimed;
}

static bool step_over_header(struct packet *packet, uint32_t size, const char *wrong)
{
	if (packet->payload_captured >= size) {
		set_payload(packet, packet->payload + size, packet->payload_length - size);
		return true;
	}
	if (packet->payload_length < size)
		packet_is_broken(packet, wrong);
	else
		packet_ends_early(packet, wrong);
	return false;
}

static void read_tcp(struct packet *packet)
{
	const uint8_t *at = packet->payload;
	if (!step_over_header(packet, TCP_HEADER, "ends within its TCP header"))
		return;
	packet->source_port = bytes_get_u16(at);
	packet->destination_port = bytes_get_u16(at + 2);
	packet->seq = bytes_get_u32(at + 4);
	packet->ack = bytes_get_u32(at + 8);
	packet->tcp_flags = bytes_get_u16(at + 12) & 0x1ff;
	packet->window = bytes_get_u16(at + 14);
	packet->transport_kind = PACKET_TCP;
	uint32_t header = (at[12] >> 4) * 4u;
	if (header == TCP_HEADER)
		return;
	if (header < TCP_HEADER) {
		packet_is_broken(packet, "says that its TCP header is shorter than 20 bytes");
		return;
	}
	uint32_t options = header - TCP_HEADER;
	packet->options = packet->payload;
	packet->options_length =
	    (uint8_t)(packet->payload_captured < options ? packet->payload_captured : options);
	if (!step_over_header(packet, options, "ends within its TCP options"))
		set_payload(packet, packet->payload + packet->payload_captured,
			    packet->payload_length > options ? packet->payload_length - options : 0);
}

static void read_udp(struct packet *packet)
{
	const uint8_t *at = packet->payload;
	if (!step_over_header(packet, UDP_HEADER, "ends within its UDP header"))
		return;
	packet->source_port = bytes_get_u16(at);
	packet->destination_port = bytes_get_u16(at + 2);
	packet->transport_kind = PACKET_UDP;
	uint32_t length = bytes_get_u16(at + 4);
	/* 0: a jumbogram (RFC 2675), or a large datagram before it is cut (GSO). The first of several fragments claims more than it holds. */
	if (!length)
		return;
	if (length < UDP_HEADER)
		packet_is_broken(packet, "says that its UDP length is less than 8 bytes");
	else if (length - UDP_HEADER < packet->payload_length)
		set_payload(packet, packet->payload, length - UDP_HEADER);
	else if (length - UDP_HEADER > packet->payload_length && !packet->more_fragments)
		packet_is_broken(packet, "says that its UDP length is more than the IP packet holds");
}

static void read_icmp(struct packet *packet, enum packet_transport kind)
{
	const uint8_t *at = packet->payload;
	if (!step_over_header(packet, ICMP_HEADER, "ends within its ICMP header"))
		return;
	packet->icmp_type = at[0];
	packet->icmp_code = at[1];
	packet->transport_kind = (uint8_t)kind;
}

static void read_ports(struct packet *packet)
{
	const uint8_t *at = packet->payload;
	if (packet->payload_captured < 4)
		return;
	packet->source_port = bytes_get_u16(at);
	packet->destination_port = bytes_get_u16(at + 2);
	packet->transport_kind = PACKET_PORTS;
}

static void read_transport(struct packet *packet)
{
	packet->transport = packet->payload;
	if (packet->fragment_offset)
		return;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		read_tcp(packet);
		break;
	case IPPROTO_UDP:
		read_udp(packet);
		break;
	case IPPROTO_ICMP:
		if (packet->ip_version == 4)
			read_icmp(packet, PACKET_ICMP);
		break;
	case IPPROTO_ICMPV6:
		if (packet->ip_version == 6)
			read_icmp(packet, PACKET_ICMPV6);
		break;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case PROTOCOL_UDPLITE:
		read_ports(packet);
		break;
	}
}

/* The frame's bytes from `at` to its end on the wire. */
static uint32_t wire_rest(const struct packet *packet, const uint8_t *at)
{
	return packet->length - (uint32_t)(at - packet->bytes);
}

static void read_ipv4(struct packet *packet)
{
	const uint8_t *at = packet->network;
	if (packet_rest(packet, at) < IPV4_HEADER) {
		packet_ends_early(packet, "ends within its IPv4 header");
		return;
	}
	uint32_t header = (at[0] & 15) * 4u, total = bytes_get_u16(at + 2);
	uint16_t fragment = bytes_get_u16(at + 6);
	packet->ip_version = 4;
	packet->traffic_class = at[1];
	packet->fragment_id = bytes_get_u16(at + 4);
	packet->dont_fragment = fragment & 0x4000;
	packet->more_fragments = fragment & 0x2000;
	packet->fragment_offset = (fragment & 0x1fffu) * 8;
	packet->is_fragment = packet->more_fragments || packet->fragment_offset;
	packet->hops = at[8];
	packet->protocol = at[9];
	packet->source = at + 12;
	packet->destination = at + 16;
	packet->ip_header_length = header;
	if (!total) /* a large segment before it is cut (TSO, BIG TCP) */
		total = wire_rest(packet, at);
	packet->ip_length = total;
	if (at[0] >> 4 != 4 || header < IPV4_HEADER || header > total) {
		packet_is_broken(packet, at[0] >> 4 != 4 ? "is called IPv4 but has another version"
							 : "has an impossible IPv4 header length");
		set_payload(packet, at, 0);
	} else if (header > packet_rest(packet, at)) {
		packet_ends_early(packet, "ends within its IPv4 options");
		set_payload(packet, at, 0);
	} else {
		if (total > wire_rest(packet, at))
			packet_is_broken(packet, "claims more bytes than were on the wire");
		set_payload(packet, at + header, total - header);
		read_transport(packet);
	}
}

static bool is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_AH || protocol == PROTOCOL_MOBILITY ||
	       protocol == PROTOCOL_HIP || protocol == PROTOCOL_SHIM6;
}

static uint32_t extension_length(uint8_t protocol, uint8_t length)
{
	if (protocol == IPPROTO_FRAGMENT)
		return 8;
	return protocol == IPPROTO_AH ? (length + 2u) * 4 : (length + 1u) * 8;
}

/* Steps over what stands between the header and the payload (RFC 8200 4). False: it ends there. */
static bool read_extensions(struct packet *packet)
{
	while (is_extension(packet->protocol)) {
		const uint8_t *at = packet->payload;
		if (packet->extensions == EXTENSIONS_MAX) {
			packet_is_broken(packet, "has more extension headers than any real packet");
			return false;
		}
		if (packet->payload_captured < 8) {
			step_over_header(packet, 8, "ends within an extension header");
			return false;
		}
		uint8_t kind = packet->protocol;
		if (!step_over_header(packet, extension_length(kind, at[1]),
				      "ends within an extension header"))
			return false;
		packet->protocol = at[0];
		packet->extensions++;
		packet->ip_header_length = (uint32_t)(packet->payload - packet->network);
		if (kind != IPPROTO_FRAGMENT)
			continue;
		uint16_t fragment = bytes_get_u16(at + 2);
		packet->is_fragment = true;
		packet->fragment_offset = fragment & 0xfff8u;
		packet->more_fragments = fragment & 1;
		packet->fragment_id = bytes_get_u32(at + 4);
		if (packet->fragment_offset)
			return true;
	}
	return true;
}

static void read_ipv6(struct packet *packet)
{
	const uint8_t *at = packet->network;
	if (packet_rest(packet, at) < IPV6_HEADER) {
		packet_ends_early(packet, "ends within its IPv6 header");
		return;
	}
	uint32_t first = bytes_get_u32(at), length = bytes_get_u16(at + 4);
	packet->ip_version = 6;
	packet->traffic_class = (uint8_t)(first >> 20);
	packet->flow_label = first & 0xfffff;
	packet->protocol = at[6];
	packet->hops = at[7];
	packet->source = at + 8;
	packet->destination = at + 24;
	packet->dont_fragment = true;
	packet->ip_header_length = IPV6_HEADER;
	/* 0: a jumbogram (RFC 2675), which is also what a large segment is before it is cut (BIG TCP). */
	if (!length && packet->protocol != IPPROTO_NONE)
		length = wire_rest(packet, at) - IPV6_HEADER;
	packet->ip_length = length + IPV6_HEADER;
	set_payload(packet, at + IPV6_HEADER, length);
	if (first >> 28 != 6) {
		packet_is_broken(packet, "is called IPv6 but has another version");
		return;
	}
	if (packet->ip_length > wire_rest(packet, at))
		packet_is_broken(packet, "claims more bytes than were on the wire");
	if (read_extensions(packet))
		read_transport(packet);
	else
		packet->transport = packet->payload;
}

void packet_read_network(struct packet *packet)
{
	set_payload(packet, packet->network, wire_rest(packet, packet->network));
	if (packet->ethertype == ETHERTYPE_IP)
		read_ipv4(packet);
	else if (packet->ethertype == ETHERTYPE_IPV6)
		read_ipv6(packet);
}

void packet_read_bare_ip(struct packet *packet)
{
	if (!packet->captured) {
		packet_ends_early(packet, "is empty");
		return;
	}
	uint8_t version = *packet->bytes >> 4;
	packet->ethertype = version == 4 ? ETHERTYPE_IP : version == 6 ? ETHERTYPE_IPV6 : 0;
	if (!packet->ethertype)
		packet_is_broken(packet, "is neither IPv4 nor IPv6");
	packet_read_network(packet);
}

void packet_decode(struct packet *out, uint32_t link, const uint8_t *bytes, uint32_t captured,
		   uint32_t length)
{
	*out = (struct packet){ .bytes = bytes,
				.captured = captured < length ? captured : length,
				.length = length,
				.direction = PACKET_NO_DIRECTION,
				.network = bytes,
				.payload = bytes };
	if (link == PACKET_LINK_RAW || link == PACKET_LINK_IPV4 || link == PACKET_LINK_IPV6)
		packet_read_bare_ip(out);
	else if (packet_read_link(out, link))
		packet_read_network(out);
	else
		set_payload(out, out->network, 0);
}

struct addr packet_source(const struct packet *packet)
{
	struct addr addr = { .family = AF_UNSPEC };
	if (packet->source)
		addr = addr_from_bytes(packet->ip_version == 4 ? AF_INET : AF_INET6, packet->source);
	addr.port = packet->source_port;
	return addr;
}

struct addr packet_destination(const struct packet *packet)
{
	struct addr addr = { .family = AF_UNSPEC };
	if (packet->destination)
		addr = addr_from_bytes(packet->ip_version == 4 ? AF_INET : AF_INET6, packet->destination);
	addr.port = packet->destination_port;
	return addr;
}
