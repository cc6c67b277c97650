#include "wire/tcp.h"

#include "wire/bytes.h"
#include "wire/ip.h"

#include <netinet/in.h>
#include <string.h>

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WINDOW = 3,
	OPTION_SACK = 4,
	OPTION_STAMPS = 8
};

static char option_letter(uint8_t kind)
{
	switch (kind) {
	case OPTION_END:
		return 'E';
	case OPTION_NOP:
		return 'N';
	case OPTION_MSS:
		return 'M';
	case OPTION_WINDOW:
		return 'W';
	case OPTION_SACK:
		return 'S';
	case OPTION_STAMPS:
		return 'T';
	default:
		return '?';
	}
}

static void options_read(struct bytes_reader *reader, struct tcp_segment *out)
{
	for (size_t i = 0; reader->rest && i < sizeof out->options - 1; i++) {
		uint8_t kind = bytes_u8(reader);
		if (kind != OPTION_END && kind != OPTION_NOP) {
			uint8_t length = bytes_u8(reader);
			const uint8_t *value = length < 2 ? NULL : bytes_take(reader, length - 2u);
			if (!value || reader->short_)
				return;
			if (kind == OPTION_MSS && length == 4)
				out->mss = (uint16_t)(value[0] << 8 | value[1]);
		}
		out->options[i] = option_letter(kind);
		if (kind == OPTION_END)
			return;
	}
}

bool tcp_segment_read(const void *bytes, size_t length, struct tcp_segment *out)
{
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	*out = (struct tcp_segment){ 0 };
	out->source_port = bytes_u16(&reader);
	out->destination_port = bytes_u16(&reader);
	out->sequence = bytes_u32(&reader);
	out->acknowledgment = bytes_u32(&reader);
	size_t header = (size_t)(bytes_u8(&reader) >> 4) * 4;
	out->flags = bytes_u8(&reader);
	out->window = bytes_u16(&reader);
	bytes_u32(&reader);
	if (reader.short_ || header < 20)
		return false;
	if (reader.rest > header - 20)
		reader.rest = header - 20;
	options_read(&reader, out);
	return true;
}

void tcp_syn_build(const struct addr *from, const struct addr *to, uint32_t sequence, uint8_t *out)
{
	static const uint8_t head[TCP_SYN_SIZE] = {
		[12] = TCP_SYN_SIZE / 4 << 4,
		TCP_FLAG_SYN,
		0xfa,
		0xf0,
		0,
		0,
		0,
		0,
		/* MSS 1460, SACK permitted, timestamps, NOP, window scale 7 */
		OPTION_MSS,
		4,
		5,
		0xb4,
		OPTION_SACK,
		2,
		OPTION_STAMPS,
		10,
		0,
		0,
		0,
		1,
		0,
		0,
		0,
		0,
		OPTION_NOP,
		OPTION_WINDOW,
		3,
		7
	};
	memcpy(out, head, sizeof head);
	bytes_put_u16(out, from->port);
	bytes_put_u16(out + 2, to->port);
	bytes_put_u32(out + 4, sequence);
	uint32_t sum = ip_checksum_pseudo(from, to, IPPROTO_TCP, TCP_SYN_SIZE);
	bytes_put_u16(out + 16, ip_checksum_fold(ip_checksum_add(sum, out, TCP_SYN_SIZE)));
}
