/* pcapng (draft-ietf-opsawg-pcapng). libpcap reads it too, but refuses files whose interfaces differ in link type or length
 * limit, and keeps names, drops and comments to itself. */
#include "base/mem.h"
#include "net/capture/file.h"

#include <stdlib.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OLD = 2,
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	BLOCK_LEAST = 12,
	OPTION_END_ = 0,
};

struct option_reader {
	const struct capture *capture;
	const uint8_t *at, *end;
};

/* The next option: false at the end, or when the rest is malformed. */
static bool next_option(struct option_reader *reader, uint16_t *code, const uint8_t **value, uint16_t *length)
{
	if (reader->end - reader->at < 4)
		return false;
	*code = capture_u16(reader->capture, reader->at);
	*length = capture_u16(reader->capture, reader->at + 2);
	*value = reader->at + 4;
	size_t padded = (*length + 3u) & ~3u;
	if (*code == OPTION_END_ || padded > (size_t)(reader->end - *value))
		return false;
	reader->at = *value + padded;
	return true;
}

static uint64_t option_u64(const struct capture *capture, const uint8_t *value)
{
	uint64_t number;
	memcpy(&number, value, sizeof number);
	return capture->swapped ? __builtin_bswap64(number) : number;
}

static void set_resolution(struct capture_interface *interface, struct capture_ticks *ticks, uint8_t code)
{
	unsigned exponent = code & 0x7f;
	ticks->per_second = 1;
	ticks->shift = 0;
	if (code & 0x80) {
		ticks->per_second = 0;
		ticks->shift = exponent < 62 ? exponent : 62;
		interface->resolution = (int64_t)1 << ticks->shift;
		return;
	}
	for (unsigned i = 0; i < exponent && i < 18; i++)
		ticks->per_second *= 10;
	interface->resolution = (int64_t)ticks->per_second;
}

static ns_t to_ns(const struct capture_ticks *ticks, uint64_t stamp)
{
	uint64_t seconds, rest;
	if (ticks->per_second) {
		seconds = stamp / ticks->per_second;
		rest = stamp % ticks->per_second;
		rest = (uint64_t)((unsigned __int128)rest * (uint64_t)NS_PER_S / ticks->per_second);
	} else {
		seconds = stamp >> ticks->shift;
		rest = stamp & (((uint64_t)1 << ticks->shift) - 1);
		rest = (uint64_t)((unsigned __int128)rest * (uint64_t)NS_PER_S >> ticks->shift);
	}
	/* Beyond what 63 bits of nanoseconds hold there is no stamp, only damage. */
	__int128 ns = ((__int128)seconds + ticks->offset) * NS_PER_S + (__int128)rest;
	return ns < 0 || ns >= INT64_MAX ? 0 : (ns_t)ns;
}

static void read_section(struct capture *capture, const uint8_t *body, const uint8_t *end)
{
	struct option_reader reader = { capture, body + 16, end };
	uint16_t code, length;
	const uint8_t *value;
	capture->info.sections++;
	capture->section_base = capture->interface_count;
	if (capture->info.sections > 1)
		return;
	capture->info.version_major = capture_u16(capture, body + 4);
	capture->info.version_minor = capture_u16(capture, body + 6);
	while (next_option(&reader, &code, &value, &length))
		if (code >= 2 && code <= 4 && !capture->texts[code - 2])
			capture->texts[code - 2] = mem_strndup((const char *)value, length);
	capture->info.hardware = capture->texts[0];
	capture->info.os = capture->texts[1];
	capture->info.application = capture->texts[2];
}

static int read_interface(struct capture *capture, const uint8_t *body, const uint8_t *end, struct error *err)
{
	struct capture_ticks *ticks;
	struct capture_interface *interface = end - body >= 8 ? capture_add_interface(capture, &ticks) : NULL;
	if (!interface)
		return capture_is_damaged(capture, err,
					  end - body < 8 ? "an interface block that is too short"
							 : "more interfaces than any machine has");
	struct option_reader reader = { capture, body + 8, end };
	uint16_t code, length;
	const uint8_t *value;
	interface->link = capture_u16(capture, body);
	interface->snaplen = capture_u32(capture, body + 4);
	while (next_option(&reader, &code, &value, &length)) {
		if (code == 2 && !interface->name)
			interface->name = mem_strndup((const char *)value, length);
		else if (code == 9 && length >= 1)
			set_resolution(interface, ticks, *value);
		else if (code == 14 && length >= 8)
			ticks->offset = (int64_t)option_u64(capture, value);
	}
	capture->info.nanoseconds |= interface->resolution >= NS_PER_S;
	return 0;
}

static void read_statistics(struct capture *capture, const uint8_t *body, const uint8_t *end)
{
	if (end - body < 12)
		return;
	size_t index = capture->section_base + capture_u32(capture, body);
	if (index >= capture->interface_count)
		return;
	struct option_reader reader = { capture, body + 12, end };
	struct capture_interface *interface = &capture->interfaces[index];
	uint16_t code, length;
	const uint8_t *value;
	uint64_t drops = 0;
	while (next_option(&reader, &code, &value, &length)) {
		if ((code == 5 || code == 7) && length == 8) {
			drops += option_u64(capture, value);
			interface->drops_known = true;
		}
	}
	interface->drops = drops;
}

/* A packet of size captured bytes at `at`. Returns 1, or -1. */
static int give(struct capture *capture, struct capture_frame *frame, size_t index, const uint8_t *at,
		const uint8_t *end, uint32_t captured, uint32_t length, struct error *err)
{
	index += capture->section_base;
	if (index >= capture->interface_count)
		return capture_is_damaged(capture, err,
					  "a packet of an interface that the file does not describe");
	if (captured > CAPTURE_FRAME_MAX || captured > (size_t)(end - at))
		return capture_is_damaged(capture, err, "a packet of %u bytes", captured);
	frame->bytes = at;
	frame->captured = captured;
	frame->length = length > captured ? length : captured;
	frame->interface = (uint32_t)index;
	frame->link = capture->interfaces[index].link;
	return 1;
}

static int give_packet(struct capture *capture, struct capture_frame *frame, const uint8_t *body,
		       const uint8_t *end, bool old, struct error *err)
{
	if (end - body < 20)
		return capture_is_damaged(capture, err, "a packet block that is too short");
	size_t index = old ? capture_u16(capture, body) : capture_u32(capture, body);
	uint64_t stamp = (uint64_t)capture_u32(capture, body + 4) << 32 | capture_u32(capture, body + 8);
	int given = give(capture, frame, index, body + 20, end, capture_u32(capture, body + 12),
			 capture_u32(capture, body + 16), err);
	if (given > 0)
		frame->time = to_ns(&capture->ticks[frame->interface], stamp);
	return given;
}

static int give_simple(struct capture *capture, struct capture_frame *frame, const uint8_t *body,
		       const uint8_t *end, struct error *err)
{
	if (end - body < 4)
		return capture_is_damaged(capture, err, "a packet block that is too short");
	uint32_t length = capture_u32(capture, body), captured = length, there = (uint32_t)(end - body) - 4;
	size_t first = capture->section_base;
	uint32_t limit = first < capture->interface_count ? capture->interfaces[first].snaplen : 0;
	if (limit && captured > limit)
		captured = limit;
	frame->time = NS_NONE;
	return give(capture, frame, 0, body + 4, end, captured < there ? captured : there, length, err);
}

/* What is in a block that is there as a whole. 1: a packet; 0: nothing to show. */
static int read_block(struct capture *capture, struct capture_frame *frame, uint32_t type,
		      const uint8_t *body, const uint8_t *end, struct error *err)
{
	switch (type) {
	case BLOCK_SECTION:
		read_section(capture, body, end);
		return 0;
	case BLOCK_INTERFACE:
		return read_interface(capture, body, end, err);
	case BLOCK_STATISTICS:
		read_statistics(capture, body, end);
		return 0;
	case BLOCK_PACKET:
	case BLOCK_PACKET_OLD:
		return give_packet(capture, frame, body, end, type == BLOCK_PACKET_OLD, err);
	default:
		return give_simple(capture, frame, body, end, err);
	}
}

static bool is_known(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_STATISTICS ||
	       type == BLOCK_PACKET || type == BLOCK_PACKET_OLD || type == BLOCK_PACKET_SIMPLE;
}

/* A section header tells the byte order of all that follows, its own length included. Returns whether its magic number is right. */
static bool set_byte_order(struct capture *capture, const uint8_t *at)
{
	capture->swapped = false;
	if (capture_u32(capture, at + 8) == BYTE_ORDER_MAGIC)
		return true;
	capture->swapped = true;
	return capture_u32(capture, at + 8) == BYTE_ORDER_MAGIC;
}

static int next_packet(struct capture *capture, struct capture_frame *frame, struct error *err)
{
	struct source *source = &capture->source;
	for (;;) {
		if (!source_need(source, BLOCK_LEAST))
			return capture_is_cut(capture, err);
		uint32_t type = capture_u32(capture, source->at);
		if (type == BLOCK_SECTION && !set_byte_order(capture, source->at))
			return capture_is_damaged(capture, err, "a section in no known byte order");
		uint32_t length = capture_u32(capture, source->at + 4);
		bool known = is_known(type);
		if (length % 4 || length < BLOCK_LEAST || (type == BLOCK_SECTION && length < 28) ||
		    (known && length > SOURCE_PIECE_MAX))
			return capture_is_damaged(capture, err, "a block of %u bytes", length);
		if (!known) {
			if (!source_skip(source, length))
				return capture_is_cut(capture, err);
			continue;
		}
		if (!source_need(source, length))
			return capture_is_cut(capture, err);
		const uint8_t *block = source->at;
		int got = read_block(capture, frame, type, block + 8, block + length - 4, err);
		if (got < 0)
			return got;
		source->at += length;
		if (got > 0)
			return got;
	}
}

int capture_begin_pcapng(struct capture *capture)
{
	struct source *source = &capture->source;
	capture->swapped = false;
	if (!source_need(source, BLOCK_LEAST) || capture_u32(capture, source->at) != BLOCK_SECTION ||
	    !set_byte_order(capture, source->at))
		return 1;
	bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	capture->info.format = CAPTURE_PCAPNG;
	capture->info.big_endian = little == capture->swapped;
	capture->next = next_packet;
	return 0;
}
