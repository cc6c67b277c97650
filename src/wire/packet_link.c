/* Link layers: Ethernet with its tags, Linux cooked captures, and none at all. */
#include "wire/bytes.h"
#include "wire/packet.h"

#include <net/ethernet.h>
#include <string.h>

enum {
	ETHERTYPE_LEAST = 0x600, /* below: an IEEE 802.3 length */
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	PPP_IPV4 = 0x21,
	PPP_IPV6 = 0x57,
	SLL_LLC = 4,
	TAGS_MAX = 8,
	LABELS_MAX = 16,
};

static bool is_tag(uint16_t ethertype)
{
	return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ || ethertype == ETHERTYPE_QINQ_OLD;
}

static bool read_tags(struct packet *packet)
{
	while (is_tag(packet->ethertype)) {
		if (packet_rest(packet, packet->network) < 4) {
			packet_ends_early(packet, "ends within a VLAN tag");
			return false;
		}
		if (packet->vlan_count == TAGS_MAX) {
			packet_is_broken(packet, "has more VLAN tags than any network uses");
			return false;
		}
		if (packet->vlan_count < 2)
			packet->vlans[packet->vlan_count] = bytes_get_u16(packet->network);
		packet->vlan_count++;
		packet->ethertype = bytes_get_u16(packet->network + 2);
		packet->network += 4;
	}
	return true;
}

static bool read_labels(struct packet *packet)
{
	bool bottom = false;
	while (!bottom) {
		if (packet_rest(packet, packet->network) < 4) {
			packet_ends_early(packet, "ends within its MPLS labels");
			return false;
		}
		if (packet->mpls_labels == LABELS_MAX) {
			packet_is_broken(packet, "has more MPLS labels than any network uses");
			return false;
		}
		bottom = packet->network[2] & 1;
		packet->mpls_labels++;
		packet->network += 4;
	}
	if (packet_rest(packet, packet->network) < 1) {
		packet_ends_early(packet, "ends behind its MPLS labels");
		return false;
	}
	uint8_t nibble = *packet->network >> 4;
	packet->ethertype = nibble == 4 ? ETHERTYPE_IP : nibble == 6 ? ETHERTYPE_IPV6 : 0;
	return true;
}

static bool read_pppoe(struct packet *packet)
{
	if (packet_rest(packet, packet->network) < 8) {
		packet_ends_early(packet, "ends within its PPPoE header");
		return false;
	}
	uint16_t protocol = bytes_get_u16(packet->network + 6);
	if (protocol != PPP_IPV4 && protocol != PPP_IPV6)
		return true;
	packet->ethertype = protocol == PPP_IPV4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;
	packet->network += 8;
	return true;
}

/* What may stand between the ethertype and the network layer. */
static bool read_shims(struct packet *packet)
{
	if (is_tag(packet->ethertype) && !read_tags(packet))
		return false;
	if (packet->ethertype == ETHERTYPE_MPLS || packet->ethertype == ETHERTYPE_MPLS_MULTICAST)
		return read_labels(packet);
	if (packet->ethertype == ETHERTYPE_PPPOE)
		return read_pppoe(packet);
	if (packet->ethertype < ETHERTYPE_LEAST)
		packet->ethertype = 0;
	return true;
}

static bool read_ethernet(struct packet *packet)
{
	if (packet->captured < 14) {
		packet_ends_early(packet, "ends within its Ethernet header");
		return false;
	}
	packet->mac_destination = packet->bytes;
	packet->mac_source = packet->bytes + 6;
	packet->ethertype = bytes_get_u16(packet->bytes + 12);
	packet->network = packet->bytes + 14;
	if (packet->ethertype == ETHERTYPE_IP || packet->ethertype == ETHERTYPE_IPV6)
		return true;
	return read_shims(packet);
}

static void note_cooked_address(struct packet *packet, const uint8_t *address, unsigned length)
{
	packet->mac_length = (uint8_t)(length < 8 ? length : 8);
	if (length == 6)
		packet->mac_source = address;
}

static bool read_sll(struct packet *packet)
{
	const uint8_t *at = packet->bytes;
	if (packet->captured < 16) {
		packet_ends_early(packet, "ends within its cooked header");
		return false;
	}
	packet->direction = (uint8_t)bytes_get_u16(at);
	note_cooked_address(packet, at + 6, bytes_get_u16(at + 4));
	packet->ethertype = bytes_get_u16(at + 14);
	packet->network = at + 16;
	return read_shims(packet);
}

static bool read_sll2(struct packet *packet)
{
	const uint8_t *at = packet->bytes;
	if (packet->captured < 20) {
		packet_ends_early(packet, "ends within its cooked header");
		return false;
	}
	packet->ethertype = bytes_get_u16(at);
	packet->ifindex = bytes_get_u32(at + 4);
	packet->direction = at[10];
	note_cooked_address(packet, at + 12, at[11]);
	packet->network = at + 20;
	return read_shims(packet);
}

/* The family is in the byte order of whoever captured, and the numbers of IPv6 differ between the systems: the version tells. */
static bool read_loopback(struct packet *packet)
{
	if (packet->captured < 5) {
		packet_ends_early(packet, "ends within its loopback header");
		return false;
	}
	packet->network = packet->bytes + 4;
	uint8_t version = *packet->network >> 4;
	packet->ethertype = version == 4 ? ETHERTYPE_IP : version == 6 ? ETHERTYPE_IPV6 : 0;
	return true;
}

bool packet_read_link(struct packet *packet, uint32_t link)
{
	switch (link) {
	case PACKET_LINK_ETHERNET:
		return read_ethernet(packet);
	case PACKET_LINK_SLL:
		return read_sll(packet);
	case PACKET_LINK_SLL2:
		return read_sll2(packet);
	case PACKET_LINK_NULL:
	case PACKET_LINK_LOOP:
		return read_loopback(packet);
	default:
		packet->network = packet->bytes;
		return true;
	}
}
