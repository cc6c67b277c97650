/* Packets inside of packets: quoted by ICMP errors, and carried by tunnels. */
#include "wire/bytes.h"
#include "wire/packet.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

enum {
	PORT_VXLAN = 4789,
	PORT_VXLAN_OLD = 8472,
	PORT_GENEVE = 6081,
	TUNNEL_HEADER = 8,
	GRE_ETHERNET = 0x6558,
	GRE_ERSPAN = 0x88be,
	GRE_CHECKSUM = 0x8000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 7,
	ICMPV6_ERROR_MAX = 127,
};

static bool quotes(const struct packet *packet)
{
	if (packet->transport_kind == PACKET_ICMPV6)
		return packet->icmp_type && packet->icmp_type <= ICMPV6_ERROR_MAX;
	return packet->transport_kind == PACKET_ICMP &&
	       (packet->icmp_type == ICMP_DEST_UNREACH || packet->icmp_type == ICMP_SOURCE_QUENCH ||
		packet->icmp_type == ICMP_REDIRECT || packet->icmp_type == ICMP_TIME_EXCEEDED ||
		packet->icmp_type == ICMP_PARAMETERPROB);
}

static enum packet_inside carry(const struct packet *outer, struct packet *inner, uint32_t skip,
				uint16_t ethertype, enum packet_inside how)
{
	if (outer->payload_captured <= skip || outer->payload_length <= skip)
		return PACKET_INSIDE_NOTHING;
	const uint8_t *at = outer->payload + skip;
	uint32_t captured = outer->payload_captured - skip, length = outer->payload_length - skip;
	if (ethertype == GRE_ETHERNET) {
		packet_decode(inner, PACKET_LINK_ETHERNET, at, captured, length);
		return how;
	}
	if (ethertype != ETHERTYPE_IP && ethertype != ETHERTYPE_IPV6)
		return PACKET_INSIDE_NOTHING;
	packet_decode(inner, PACKET_LINK_RAW, at, captured, length);
	return how;
}

static enum packet_inside read_gre(const struct packet *outer, struct packet *inner, uint32_t *id)
{
	struct bytes_reader reader = bytes_reader_of(outer->payload, outer->payload_captured);
	uint16_t flags = bytes_u16(&reader), ethertype = bytes_u16(&reader);
	if (flags & GRE_VERSION)
		return PACKET_INSIDE_NOTHING;
	if (flags & GRE_CHECKSUM)
		bytes_u32(&reader);
	if (flags & GRE_KEY)
		*id = bytes_u32(&reader);
	if (flags & GRE_SEQUENCE)
		bytes_u32(&reader);
	if (ethertype == GRE_ERSPAN) {
		bytes_u64(&reader);
		ethertype = GRE_ETHERNET;
	}
	if (reader.short_)
		return PACKET_INSIDE_NOTHING;
	return carry(outer, inner, (uint32_t)(reader.at - outer->payload), ethertype, PACKET_INSIDE_GRE);
}

static enum packet_inside read_udp_tunnel(const struct packet *outer, struct packet *inner, uint32_t *id)
{
	const uint8_t *at = outer->payload;
	if (outer->payload_captured < TUNNEL_HEADER)
		return PACKET_INSIDE_NOTHING;
	if (outer->destination_port == PORT_GENEVE && at[0] >> 6 == 0) {
		*id = bytes_get_u32(at + 4) >> 8;
		return carry(outer, inner, TUNNEL_HEADER + (at[0] & 63) * 4u, bytes_get_u16(at + 2),
			     PACKET_INSIDE_GENEVE);
	}
	bool vxlan = outer->destination_port == PORT_VXLAN || outer->destination_port == PORT_VXLAN_OLD;
	if (!vxlan || !(at[0] & 8))
		return PACKET_INSIDE_NOTHING;
	*id = bytes_get_u32(at + 4) >> 8;
	return carry(outer, inner, TUNNEL_HEADER, GRE_ETHERNET, PACKET_INSIDE_VXLAN);
}

/* RFC 792: the quotation is cut by the router, not by who captured. Its length is what its own header claims. */
static enum packet_inside read_quote(const struct packet *outer, struct packet *inner)
{
	if (!outer->payload_captured)
		return PACKET_INSIDE_NOTHING;
	packet_decode(inner, PACKET_LINK_RAW, outer->payload, outer->payload_captured, UINT32_MAX / 2);
	if (inner->fault == PACKET_BROKEN && !inner->ip_version)
		return PACKET_INSIDE_NOTHING;
	return PACKET_INSIDE_ICMP;
}

enum packet_inside packet_decode_inner(const struct packet *outer, struct packet *inner, uint32_t *id)
{
	uint32_t unused;
	if (!id)
		id = &unused;
	*id = 0;
	if (!outer->ip_version || outer->fragment_offset)
		return PACKET_INSIDE_NOTHING;
	if (outer->transport_kind == PACKET_UDP)
		return read_udp_tunnel(outer, inner, id);
	if (quotes(outer))
		return read_quote(outer, inner);
	if (outer->protocol == IPPROTO_IPIP)
		return carry(outer, inner, 0, ETHERTYPE_IP, PACKET_INSIDE_IPIP);
	if (outer->protocol == IPPROTO_IPV6)
		return carry(outer, inner, 0, ETHERTYPE_IPV6, PACKET_INSIDE_IPIP);
	if (outer->protocol == IPPROTO_GRE)
		return read_gre(outer, inner, id);
	return PACKET_INSIDE_NOTHING;
}
