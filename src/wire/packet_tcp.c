/* Options of TCP, and checksums over a whole packet. */
#include "wire/bytes.h"
#include "wire/ip.h"
#include "wire/packet.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

enum {
	OPTION_FAST_OPEN = 34,
	OPTION_EXPERIMENT = 254,
	EXPERIMENT_FAST_OPEN = 0xf989,
	TIMESTAMPS_ALIGNED = 0x0101080a
};

static void read_sack(struct packet_tcp_options *out, const uint8_t *at, unsigned length)
{
	for (; length >= 8 && out->sack_count < 4; at += 8, length -= 8) {
		out->sack[out->sack_count][0] = bytes_get_u32(at);
		out->sack[out->sack_count][1] = bytes_get_u32(at + 4);
		out->sack_count++;
	}
}

static void read_option(struct packet_tcp_options *out, uint8_t kind, const uint8_t *at, unsigned length)
{
	if (kind == TCPOPT_MAXSEG && length == 2) {
		out->mss = bytes_get_u16(at);
	} else if (kind == TCPOPT_WINDOW && length == 1) {
		out->window_scale = (int8_t)(at[0] < 14 ? at[0] : 14);
	} else if (kind == TCPOPT_SACK_PERMITTED && length == 0) {
		out->sack_permitted = true;
	} else if (kind == TCPOPT_SACK) {
		read_sack(out, at, length);
	} else if (kind == TCPOPT_TIMESTAMP && length == 8) {
		out->has_timestamps = true;
		out->ts_value = bytes_get_u32(at);
		out->ts_echo = bytes_get_u32(at + 4);
	} else if (kind == OPTION_FAST_OPEN) {
		out->fast_open = at;
		out->fast_open_length = (uint8_t)length;
	} else if (kind == OPTION_EXPERIMENT && length >= 2 && bytes_get_u16(at) == EXPERIMENT_FAST_OPEN) {
		out->fast_open = at + 2;
		out->fast_open_length = (uint8_t)(length - 2);
	}
}

void packet_tcp_options(const struct packet *packet, struct packet_tcp_options *out)
{
	*out = (struct packet_tcp_options){ .window_scale = -1 };
	if (!packet->options_length)
		return;
	const uint8_t *at = packet->options, *end = at + packet->options_length;
	/* How Linux, and nearly everybody, pads the only option of an established connection. */
	if (packet->options_length == 12 && bytes_get_u32(at) == TIMESTAMPS_ALIGNED) {
		read_option(out, TCPOPT_TIMESTAMP, at + 4, 8);
		return;
	}
	while (at < end && *at != TCPOPT_EOL) {
		if (*at == TCPOPT_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || at[1] < 2 || at[1] > end - at) {
			/* The captured bytes may end within an option; that is no fault of the packet. */
			out->malformed = packet->fault != PACKET_CUT;
			return;
		}
		read_option(out, at[0], at + 2, at[1] - 2u);
		at += at[1];
	}
}

int packet_ip_checksum(const struct packet *packet)
{
	if (packet->ip_version != 4 || packet->ip_header_length < 20 ||
	    packet->ip_header_length > packet_rest(packet, packet->network))
		return -1;
	return ip_checksum_fold(ip_checksum_add(0, packet->network, packet->ip_header_length)) == 0;
}

int packet_transport_checksum(const struct packet *packet)
{
	static const uint8_t fields[] = {
		[PACKET_TCP] = 16, [PACKET_UDP] = 6, [PACKET_ICMP] = 2, [PACKET_ICMPV6] = 2
	};
	uint8_t kind = packet->transport_kind;
	if (packet->is_fragment || packet->fault || !kind || kind > PACKET_ICMPV6 ||
	    packet->payload_captured < packet->payload_length)
		return -1;
	uint32_t length = (uint32_t)(packet->payload - packet->transport) + packet->payload_length;
	if (kind == PACKET_UDP && packet->ip_version == 4 && !bytes_get_u16(packet->transport + fields[kind]))
		return -1;
	struct addr source = packet_source(packet), destination = packet_destination(packet);
	uint32_t sum =
	    kind == PACKET_ICMP ? 0 : ip_checksum_pseudo(&source, &destination, packet->protocol, length);
	return ip_checksum_fold(ip_checksum_add(sum, packet->transport, length)) == 0;
}
