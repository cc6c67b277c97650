/* TCP in a line. */
#include "net/capture/line.h"
#include "wire/bytes.h"

#include <netinet/tcp.h>

enum { OPTION_MPTCP = 30, OPTION_FAST_OPEN = 34 };

const char *packet_tcp_flags(uint16_t flags, char buf[12])
{
	static const char letters[] = "FSRP.UEWe";
	char *at = buf;
	for (unsigned i = 0; i < sizeof letters - 1; i++)
		if (i != 4 && flags >> i & 1)
			*at++ = letters[i];
	if (flags & PACKET_ACK)
		*at++ = '.';
	if (at == buf)
		return "none";
	*at = '\0';
	return buf;
}

static void sack_blocks(struct pen *pen, const uint8_t *at, unsigned length)
{
	pen_text(pen, "sack ");
	pen_number(pen, length / 8);
	for (unsigned i = 0; i + 8 <= length; i += 8) {
		pen_text(pen, " {");
		pen_number(pen, bytes_get_u32(at + i));
		pen_char(pen, ':');
		pen_number(pen, bytes_get_u32(at + i + 4));
		pen_char(pen, '}');
	}
}

static void option(struct pen *pen, uint8_t kind, const uint8_t *at, unsigned length)
{
	if (kind == TCPOPT_TIMESTAMP && length == 8) {
		pen_text(pen, "TS val ");
		pen_number(pen, bytes_get_u32(at));
		pen_text(pen, " ecr ");
		pen_number(pen, bytes_get_u32(at + 4));
	} else if (kind == TCPOPT_MAXSEG && length == 2) {
		pen_text(pen, "mss ");
		pen_number(pen, bytes_get_u16(at));
	} else if (kind == TCPOPT_WINDOW && length == 1) {
		pen_text(pen, "wscale ");
		pen_number(pen, at[0]);
	} else if (kind == TCPOPT_SACK_PERMITTED) {
		pen_text(pen, "sackOK");
	} else if (kind == TCPOPT_SACK) {
		sack_blocks(pen, at, length);
	} else {
		pen_text(pen, kind == OPTION_MPTCP ? "mptcp" : kind == OPTION_FAST_OPEN ? "tfo" : "opt-");
		if (kind != OPTION_MPTCP && kind != OPTION_FAST_OPEN)
			pen_number(pen, kind);
		pen_char(pen, length ? ' ' : '-');
		for (unsigned i = 0; i < length; i++)
			pen_hex(pen, at[i], 2);
	}
}

void line_tcp_options(struct pen *pen, const struct packet *packet)
{
	const uint8_t *at = packet->options, *end = at ? at + packet->options_length : at;
	while (at < end) {
		if (at > packet->options)
			pen_char(pen, ',');
		if (*at <= TCPOPT_NOP) {
			pen_text(pen, *at ? "nop" : "eol");
			if (!*at++)
				return;
			continue;
		}
		if (end - at < 2 || at[1] < 2 || at[1] > end - at) {
			pen_text(pen, packet->fault == PACKET_CUT ? "..." : "malformed");
			return;
		}
		option(pen, at[0], at + 2, at[1] - 2u);
		at += at[1];
	}
}

static void numbers(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	uint32_t base[2] = { 0, 0 }, length = packet->payload_length;
	uint16_t flags = packet->tcp_flags;
	if (!lines->style.absolute)
		line_flow_bases(&lines->flows, packet, base);
	if (length || flags & (PACKET_SYN | PACKET_FIN | PACKET_RST)) {
		pen_text(pen, ", seq ");
		pen_number(pen, packet->seq - base[0]);
		if (length) {
			pen_char(pen, ':');
			pen_number(pen, (uint32_t)(packet->seq - base[0] + length));
		}
	}
	if (flags & PACKET_ACK) {
		pen_text(pen, ", ack ");
		pen_number(pen, (uint32_t)(packet->ack - base[1]));
	}
	pen_text(pen, ", win ");
	pen_number(pen, packet->window);
}

void line_tcp(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	char flags[12];
	pen_text(pen, "Flags [");
	pen_text(pen, packet_tcp_flags(packet->tcp_flags, flags));
	pen_char(pen, ']');
	numbers(lines, packet);
	if (packet->options_length) {
		pen_text(pen, ", options [");
		line_tcp_options(pen, packet);
		pen_char(pen, ']');
	}
	pen_text(pen, ", length ");
	pen_number(pen, packet->payload_length);
	if (packet->payload_captured)
		line_tcp_payload(pen, packet);
}
