#include "wire/ip.h"

#include "wire/bytes.h"

#include <netinet/in.h>
#include <string.h>

/* More extension headers than any real packet has. */
enum { IPV6_EXTENSIONS_MAX = 8 };

static bool ipv4_read(struct bytes_reader *reader, size_t length, struct ip_packet *out)
{
	size_t header = (size_t)(bytes_u8(reader) & 15) * 4;
	out->traffic_class = bytes_u8(reader);
	out->total = bytes_u16(reader);
	bytes_u16(reader);
	uint16_t fragment = bytes_u16(reader);
	out->hops = bytes_u8(reader);
	out->protocol = bytes_u8(reader);
	bytes_u16(reader);
	const uint8_t *source = bytes_take(reader, 4), *destination = bytes_take(reader, 4);
	if (!destination || header < 20 || header > length)
		return false;
	bytes_take(reader, header - 20);
	out->dont_fragment = fragment & 0x4000;
	out->more_fragments = fragment & 0x2000;
	out->fragment_offset = (fragment & 0x1fffu) * 8;
	out->source = addr_from_bytes(AF_INET, source);
	out->destination = addr_from_bytes(AF_INET, destination);
	return true;
}

/* Steps over what stands between the header and the payload. */
static void ipv6_extensions(struct bytes_reader *reader, struct ip_packet *out)
{
	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		uint8_t kind = out->protocol;
		if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_DSTOPTS &&
		    kind != IPPROTO_FRAGMENT)
			return;
		struct bytes_reader ahead = *reader;
		uint8_t next = bytes_u8(&ahead), size = bytes_u8(&ahead);
		uint16_t fragment = bytes_u16(&ahead);
		size_t length = kind == IPPROTO_FRAGMENT ? 8 : (size_t)(size + 1) * 8;
		if (ahead.short_ || !bytes_take(reader, length))
			return;
		if (kind == IPPROTO_FRAGMENT) {
			out->fragment_offset = fragment & 0xfff8u;
			out->more_fragments = fragment & 1;
		}
		out->protocol = next;
	}
}

static bool ipv6_read(struct bytes_reader *reader, struct ip_packet *out)
{
	uint32_t first = bytes_u32(reader);
	out->traffic_class = (uint8_t)(first >> 20);
	out->total = (size_t)bytes_u16(reader) + 40;
	out->protocol = bytes_u8(reader);
	out->hops = bytes_u8(reader);
	const uint8_t *source = bytes_take(reader, 16), *destination = bytes_take(reader, 16);
	if (!destination)
		return false;
	out->dont_fragment = true;
	out->source = addr_from_bytes(AF_INET6, source);
	out->destination = addr_from_bytes(AF_INET6, destination);
	ipv6_extensions(reader, out);
	return true;
}

bool ip_read(const void *bytes, size_t length, struct ip_packet *out)
{
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	*out = (struct ip_packet){ 0 };
	if (!length)
		return false;
	out->version = *reader.at >> 4;
	bool whole = out->version == 4   ? ipv4_read(&reader, length, out)
		     : out->version == 6 ? ipv6_read(&reader, out)
					 : false;
	if (!whole)
		return false;
	out->payload = reader.at;
	out->payload_length = reader.rest;
	/* Ethernet pads small packets. A total of 0 is a large segment before it is cut (TSO). */
	size_t header = length - reader.rest;
	if (out->total >= header && out->total < length)
		out->payload_length = out->total - header;
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
