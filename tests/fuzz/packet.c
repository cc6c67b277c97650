/* The packet decoder from outside in: any link type, packets inside of packets, options, checksums. The first two bytes choose the link
 * type and how much was cut off. */
#include "ntsh/packet.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a decoder points to must lie in what it was given. */
static void check(const struct packet *packet, const uint8_t *part, size_t length)
{
	if (part && (part < packet->bytes || part + length > packet->bytes + packet->captured))
		abort();
}

static void look(const struct packet *packet, unsigned depth)
{
	struct packet_tcp_options options;
	struct packet inner;
	uint32_t id;
	unsigned address = packet->ip_version == 4 ? 4 : 16;
	check(packet, packet->network, 0);
	check(packet, packet->source, address);
	check(packet, packet->destination, address);
	check(packet, packet->mac_source, 6);
	check(packet, packet->transport, 0);
	check(packet, packet->payload, packet->payload_captured);
	check(packet, packet->options, packet->options_length);
	if (packet->payload_captured > packet->payload_length ||
	    (packet->fault != PACKET_SOUND) != (packet->wrong != NULL))
		abort();
	packet_tcp_options(packet, &options);
	if (options.fast_open)
		check(packet, options.fast_open, options.fast_open_length);
	packet_ip_checksum(packet);
	packet_transport_checksum(packet);
	packet_source(packet);
	packet_destination(packet);
	if (depth < 4 && packet_decode_inner(packet, &inner, &id) != PACKET_INSIDE_NOTHING)
		look(&inner, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t links[] = { PACKET_LINK_ETHERNET,
					  PACKET_LINK_RAW,
					  PACKET_LINK_NULL,
					  PACKET_LINK_SLL,
					  PACKET_LINK_SLL2,
					  PACKET_LINK_LOOP,
					  147,
					  PACKET_LINK_ETHERNET };
	if (size < 2)
		return 0;
	uint32_t captured = (uint32_t)size - 2;
	uint8_t *bytes = malloc(captured + 1u);
	struct packet packet;
	memcpy(bytes, data + 2, captured);
	packet_decode(&packet, links[data[0] % 8], bytes, captured, captured + data[1]);
	look(&packet, 0);
	free(bytes);
	return 0;
}
