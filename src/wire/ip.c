#include "wire/ip.h"

#include "ntsh/packet.h"
#include "wire/bytes.h"

#include <netinet/in.h>
#include <string.h>

/* Where the header can be read, the packet is one, however it goes on: quotations are cut anywhere. */
bool ip_read(const void *bytes, size_t length, struct ip_packet *out)
{
	struct packet packet;
	uint32_t there = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
	packet_decode(&packet, PACKET_LINK_RAW, bytes, there, there);
	*out = (struct ip_packet){ .version = packet.ip_version };
	if (!packet.transport)
		return false;
	out->hops = packet.hops;
	out->traffic_class = packet.traffic_class;
	out->protocol = packet.protocol;
	out->dont_fragment = packet.dont_fragment;
	out->fragment_offset = packet.fragment_offset;
	out->more_fragments = packet.more_fragments;
	out->total = packet.ip_length;
	out->source = packet_source(&packet);
	out->destination = packet_destination(&packet);
	out->source.port = out->destination.port = 0;
	out->payload = packet.transport;
	uint32_t header = (uint32_t)(packet.transport - packet.bytes), rest = there - header;
	uint32_t claimed = packet.ip_length > header ? packet.ip_length - header : 0;
	out->payload_length = claimed < rest ? claimed : rest;
	return true;
}

uint32_t ip_checksum_add(uint32_t sum, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t wide = sum;
	for (size_t i = 0; i + 1 < length; i += 2)
		wide += (uint64_t)(at[i] << 8 | at[i + 1]);
	if (length % 2)
		wide += (uint64_t)(at[length - 1] << 8);
	while (wide >> 32)
		wide = (wide & UINT32_MAX) + (wide >> 32);
	return (uint32_t)wide;
}

uint16_t ip_checksum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t ip_checksum_pseudo(const struct addr *source, const struct addr *destination, uint8_t protocol,
			    size_t length)
{
	uint8_t tail[8] = { 0 };
	bytes_put_u32(tail, (uint32_t)length);
	tail[7] = protocol;
	uint32_t sum = ip_checksum_add(0, source->bytes, addr_length(source->family));
	sum = ip_checksum_add(sum, destination->bytes, addr_length(destination->family));
	return ip_checksum_add(sum, tail, sizeof tail);
}

size_t ip_header_build(const struct addr *source, const struct addr *destination, uint8_t protocol, uint8_t hops,
		       size_t length, uint8_t *out)
{
	if (source->family == AF_INET6) {
		bytes_put_u32(out, 6u << 28);
		bytes_put_u16(out + 4, (uint16_t)length);
		out[6] = protocol;
		out[7] = hops;
		memcpy(out + 8, source->bytes, 16);
		memcpy(out + 24, destination->bytes, 16);
		return 40;
	}
	bytes_put_u32(out, 0x45000000u + (uint32_t)length + 20);
	bytes_put_u32(out + 4, 0x4000);
	bytes_put_u32(out + 8, (uint32_t)hops << 24 | (uint32_t)protocol << 16);
	memcpy(out + 12, source->bytes, 4);
	memcpy(out + 16, destination->bytes, 4);
	bytes_put_u16(out + 10, ip_checksum_fold(ip_checksum_add(0, out, 20)));
	return 20;
}
