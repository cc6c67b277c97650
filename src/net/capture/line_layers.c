/* Below a packet's line: a line for each layer, and its bytes. */
#include "net/capture/line.h"
#include "wire/bytes.h"

#include <net/ethernet.h>
#include <netinet/in.h>

enum { DUMP_ROW = 16, DEPTH_MAX = 4 };

static void begin(struct pen *pen, unsigned depth, const char *name)
{
	for (unsigned i = 0; i <= depth; i++)
		pen_text(pen, "    ");
	pen_text(pen, name);
}

static void checksum(struct pen *pen, int right)
{
	if (right >= 0)
		pen_text(pen, right ? ", checksum right" : ", checksum WRONG (or left to the card)");
}

static void link_layer(struct pen *pen, const struct packet *packet, unsigned depth)
{
	if (packet->mac_destination) {
		begin(pen, depth, "Ethernet ");
		pen_mac(pen, packet->mac_source);
		pen_text(pen, " > ");
		pen_mac(pen, packet->mac_destination);
	} else if (packet->direction != PACKET_NO_DIRECTION) {
		begin(pen, depth, "Linux cooked");
		if (packet->mac_source) {
			pen_text(pen, ", from ");
			pen_mac(pen, packet->mac_source);
		}
		if (packet->ifindex)
			pen_printf(pen, ", interface %u", packet->ifindex);
	} else {
		return;
	}
	const char *name = line_ethertype(packet->ethertype);
	for (unsigned i = 0; i < packet->vlan_count && i < 2; i++)
		pen_printf(pen, ", vlan %u priority %u", packet->vlans[i] & 0xfff, packet->vlans[i] >> 13);
	pen_printf(pen, ", type 0x%04x", packet->ethertype);
	if (name)
		pen_printf(pen, " (%s)", name);
	pen_printf(pen, ", %u bytes", packet->length);
	if (packet->captured < packet->length)
		pen_printf(pen, ", %u captured", packet->captured);
	pen_char(pen, '\n');
}

static void ip_layer(struct pen *pen, const struct packet *packet, unsigned depth)
{
	char buf[24];
	if (!packet->ip_version)
		return;
	bool four = packet->ip_version == 4;
	begin(pen, depth, four ? "IPv4 " : "IPv6 ");
	pen_printf(pen, four ? "ttl %u" : "hop limit %u", packet->hops);
	pen_printf(pen, ", dscp %u, ecn %u", packet->traffic_class >> 2, packet->traffic_class & 3);
	if (four)
		pen_printf(pen, ", id %u%s", packet->fragment_id, packet->dont_fragment ? ", DF" : "");
	else
		pen_printf(pen, ", flow 0x%05x", packet->flow_label);
	if (packet->is_fragment)
		pen_printf(pen, ", fragment at %u%s", packet->fragment_offset,
			   packet->more_fragments ? ", MF" : "");
	if (packet->extensions)
		pen_printf(pen, ", %u extension headers", packet->extensions);
	else if (four && packet->ip_header_length > 20)
		pen_printf(pen, ", %u bytes of options", packet->ip_header_length - 20);
	pen_printf(pen, ", protocol %u (%s), length %u", packet->protocol, packet_protocol_name(packet, buf),
		   packet->ip_length);
	checksum(pen, packet_ip_checksum(packet));
	pen_char(pen, '\n');
}

static void transport_layer(struct pen *pen, const struct packet *packet, unsigned depth)
{
	switch (packet->transport_kind) {
	case PACKET_TCP:
		begin(pen, depth, "TCP ");
		pen_printf(pen, "%u > %u, seq %u, ack %u, window %u, header %u", packet->source_port,
			   packet->destination_port, packet->seq, packet->ack, packet->window,
			   20u + packet->options_length);
		if (packet->tcp_flags & PACKET_URG)
			pen_printf(pen, ", urgent %u", bytes_get_u16(packet->transport + 18));
		break;
	case PACKET_UDP:
		begin(pen, depth, "UDP ");
		pen_printf(pen, "%u > %u, length %u", packet->source_port, packet->destination_port,
			   packet->payload_length + 8);
		break;
	case PACKET_ICMP:
	case PACKET_ICMPV6:
		begin(pen, depth, packet->transport_kind == PACKET_ICMP ? "ICMP " : "ICMPv6 ");
		pen_printf(pen, "type %u, code %u, length %u", packet->icmp_type, packet->icmp_code,
			   packet->payload_length + 8);
		break;
	default:
		return;
	}
	checksum(pen, packet_transport_checksum(packet));
	pen_char(pen, '\n');
}

void line_layers(struct packet_lines *lines, const struct packet *packet, unsigned depth)
{
	struct packet inner;
	link_layer(&lines->pen, packet, depth);
	ip_layer(&lines->pen, packet, depth);
	transport_layer(&lines->pen, packet, depth);
	if (depth < DEPTH_MAX && packet_decode_inner(packet, &inner, NULL) != PACKET_INSIDE_NOTHING)
		line_layers(lines, &inner, depth + 1);
}

static void dump_row(struct pen *pen, const uint8_t *at, unsigned offset, unsigned length, bool text)
{
	pen_text(pen, "        0x");
	pen_hex(pen, offset, 4);
	pen_text(pen, ": ");
	for (unsigned i = 0; i < DUMP_ROW && (i < length || text); i++) {
		if (i % 2 == 0)
			pen_char(pen, ' ');
		if (i < length)
			pen_hex(pen, at[i], 2);
		else
			pen_text(pen, "  ");
	}
	if (text) {
		pen_text(pen, "  ");
		for (unsigned i = 0; i < length; i++)
			pen_char(pen, at[i] >= 0x20 && at[i] < 0x7f ? (char)at[i] : '.');
	}
	pen_char(pen, '\n');
}

/* The payload as text, its own line breaks kept. */
static void dump_text(struct pen *pen, const struct packet *packet)
{
	const uint8_t *at = packet->payload, *end = at + packet->payload_captured;
	while (at < end) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);
		size_t shown = length && at[length - 1] == '\r' ? length - 1 : length;
		pen_text(pen, "        ");
		pen_escaped(pen, at, shown, SIZE_MAX);
		pen_char(pen, '\n');
		at += length + (newline != NULL);
	}
}

void line_dump(struct packet_lines *lines, const struct packet *packet)
{
	const uint8_t *at = lines->style.dump_link ? packet->bytes : packet->network;
	const uint8_t *end = packet->bytes + packet->captured;
	if (lines->style.dump == PACKET_DUMP_TEXT) {
		dump_text(&lines->pen, packet);
		return;
	}
	for (unsigned offset = 0; at < end; at += DUMP_ROW, offset += DUMP_ROW) {
		unsigned length = end - at < DUMP_ROW ? (unsigned)(end - at) : DUMP_ROW;
		dump_row(&lines->pen, at, offset, length, lines->style.dump == PACKET_DUMP_BOTH);
	}
}
