/* ICMP, ICMPv6 and ARP in a line. */
#include "net/capture/line.h"
#include "ntsh/ping.h"
#include "wire/bytes.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

enum {
	ARP_FIXED = 8,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	ARP_IPV4_SIZE = 28,
	MLD2_REPORT = 143,
	LINK_ADDRESS_SOURCE = 1,
	LINK_ADDRESS_TARGET = 2,
};

/* The packet that an error is about. */
static void quote(struct packet_lines *lines, const struct packet *packet)
{
	struct packet inner;
	struct pen *pen = &lines->pen;
	char buf[24];
	if (packet_decode_inner(packet, &inner, NULL) != PACKET_INSIDE_ICMP || !inner.source)
		return;
	pen_text(pen, ", about ");
	line_address(lines, &inner, inner.source);
	bool ports = inner.source_port || inner.destination_port;
	if (ports) {
		pen_char(pen, ':');
		pen_number(pen, inner.source_port);
	}
	pen_text(pen, " > ");
	line_address(lines, &inner, inner.destination);
	if (ports) {
		pen_char(pen, ':');
		pen_number(pen, inner.destination_port);
	}
	pen_char(pen, ' ');
	pen_text(pen, packet_protocol_name(&inner, buf));
	if (inner.transport_kind == PACKET_TCP) {
		pen_text(pen, " seq ");
		pen_number(pen, inner.seq);
	}
}

static void echo(struct pen *pen, const struct packet *packet)
{
	pen_text(pen, ", id ");
	pen_number(pen, bytes_get_u16(packet->transport + 4));
	pen_text(pen, ", seq ");
	pen_number(pen, bytes_get_u16(packet->transport + 6));
}

static void length(struct pen *pen, const struct packet *packet)
{
	pen_text(pen, ", length ");
	pen_number(pen, packet->payload_length + 8);
}

static void number_unknown(struct pen *pen, const struct packet *packet, const char *says)
{
	pen_text(pen, says);
	if (strstr(says, "unknown"))
		pen_printf(pen, " %u, code %u", packet->icmp_type, packet->icmp_code);
}

void line_icmp(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	pen_text(pen, "ICMP ");
	number_unknown(pen, packet, icmp_describe(AF_INET, packet->icmp_type, packet->icmp_code));
	if (packet->icmp_type == ICMP_ECHO || packet->icmp_type == ICMP_ECHOREPLY)
		echo(pen, packet);
	else if (packet->icmp_type == ICMP_DEST_UNREACH && packet->icmp_code == ICMP_FRAG_NEEDED)
		pen_printf(pen, ", mtu %u", bytes_get_u16(packet->transport + 6));
	else if (packet->icmp_type == ICMP_REDIRECT)
		pen_printf(pen, ", use %u.%u.%u.%u", packet->transport[4], packet->transport[5],
			   packet->transport[6], packet->transport[7]);
	length(pen, packet);
	quote(lines, packet);
}

static const char *icmpv6_word(uint8_t type)
{
	static const char *const words[] = { "multicast listener query", "multicast listener report",
					     "multicast listener done",  "router solicitation",
					     "router advertisement",     "neighbor solicitation",
					     "neighbor advertisement",   "redirect" };
	if (type >= MLD_LISTENER_QUERY && type <= ND_REDIRECT)
		return words[type - MLD_LISTENER_QUERY];
	return type == MLD2_REPORT ? "multicast listener report v2" : NULL;
}

/* The link-layer address among the options behind the target (RFC 4861 4.6). */
static void link_address(struct pen *pen, const struct packet *packet, size_t at)
{
	/* payload begins behind the first 8 octets of the message */
	while (at + 8 <= packet->payload_captured) {
		const uint8_t *option = packet->payload + at;
		if (!option[1])
			return;
		if ((option[0] == LINK_ADDRESS_SOURCE || option[0] == LINK_ADDRESS_TARGET) &&
		    option[1] == 1) {
			pen_text(pen, option[0] == LINK_ADDRESS_SOURCE ? ", from " : ", is at ");
			pen_mac(pen, option + 2);
		}
		at += option[1] * 8u;
	}
}

static void neighbour(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	if (packet->payload_captured < 16)
		return;
	pen_text(pen, packet->icmp_type == ND_NEIGHBOR_SOLICIT ? ", who has " : ", ");
	pen_ipv6(pen, packet->payload);
	link_address(pen, packet, 16);
}

static void router(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	if (packet->icmp_type == ND_ROUTER_ADVERT && packet->payload_captured >= 8) {
		pen_printf(pen, ", hop limit %u, lifetime %u s", packet->transport[4],
			   bytes_get_u16(packet->transport + 6));
		link_address(pen, packet, 8);
	} else if (packet->icmp_type == ND_ROUTER_SOLICIT) {
		link_address(pen, packet, 0);
	}
}

void line_icmpv6(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	const char *word = icmpv6_word(packet->icmp_type);
	pen_text(pen, "ICMP6 ");
	number_unknown(pen, packet,
		       word ? word : icmp_describe(AF_INET6, packet->icmp_type, packet->icmp_code));
	if (packet->icmp_type == ICMP6_ECHO_REQUEST || packet->icmp_type == ICMP6_ECHO_REPLY)
		echo(pen, packet);
	else if (packet->icmp_type == ICMP6_PACKET_TOO_BIG)
		pen_printf(pen, ", mtu %u", bytes_get_u32(packet->transport + 4));
	else if (packet->icmp_type == ND_NEIGHBOR_SOLICIT || packet->icmp_type == ND_NEIGHBOR_ADVERT)
		neighbour(lines, packet);
	else
		router(lines, packet);
	length(pen, packet);
	quote(lines, packet);
}

static void arp_ipv4(struct pen *pen, const uint8_t *at, uint16_t operation)
{
	const uint8_t *sender_mac = at + 8, *sender = at + 14, *target = at + 24;
	if (operation == ARP_REQUEST) {
		bool announces = memcmp(sender, target, 4) == 0;
		pen_text(pen, announces ? "Announcement " : "Request who-has ");
		pen_ipv4(pen, target);
		pen_text(pen, announces ? " is-at " : " tell ");
		if (announces)
			pen_mac(pen, sender_mac);
		else
			pen_ipv4(pen, sender);
		return;
	}
	if (operation == ARP_REPLY)
		pen_text(pen, "Reply ");
	else
		pen_printf(pen, "operation %u ", operation);
	pen_ipv4(pen, sender);
	pen_text(pen, " is-at ");
	pen_mac(pen, sender_mac);
}

void line_arp(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	const uint8_t *at = packet->network;
	pen_text(pen, "ARP, ");
	if (packet->payload_captured < ARP_FIXED) {
		pen_text(pen,
			 packet->captured < packet->length ? "[cut]" : "[BROKEN: it ends within its header]");
	} else if (at[4] == 6 && at[5] == 4 && packet->payload_captured >= ARP_IPV4_SIZE) {
		arp_ipv4(pen, at, bytes_get_u16(at + 6));
	} else {
		pen_printf(pen, "hardware type %u, protocol 0x%04x, operation %u", bytes_get_u16(at),
			   bytes_get_u16(at + 2), bytes_get_u16(at + 6));
	}
	pen_text(pen, ", length ");
	pen_number(pen, packet->payload_length);
}
