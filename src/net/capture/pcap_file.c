/* The classic format (draft-ietf-opsawg-pcap). */
#include "net/capture/file.h"

enum {
	MAGIC_MICRO = 0xa1b2c3d4,
	MAGIC_NANO = 0xa1b23c4d,
	MAGIC_LONG = 0xa1b2cd34, /* Kuznetzov's: eight bytes more in each record header */
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	RECORD_HEADER_LONG = 24,
	LINK_MASK = 0x03ffffff, /* the bits above tell about a frame check sequence */
	LINK_RAW_OLD = 12,
	LINK_RAW_OPENBSD = 14,
};

static int next_record(struct capture *capture, struct capture_frame *frame, struct error *err)
{
	struct source *source = &capture->source;
	uint32_t header = capture->record_header;
	if (!source_need(source, header))
		return capture_is_cut(capture, err);
	const uint8_t *at = source->at;
	uint32_t captured = capture_u32(capture, at + 8), length = capture_u32(capture, at + 12);
	if (captured > CAPTURE_FRAME_MAX)
		return capture_is_damaged(capture, err, "a packet of %u bytes", captured);
	if (!source_need(source, header + captured))
		return capture_is_cut(capture, err);
	at = source->at;
	source->at += header + captured;
	frame->time = capture_u32(capture, at) * NS_PER_S + capture_u32(capture, at + 4) * capture->fraction;
	frame->captured = captured;
	frame->length = length > captured ? length : captured;
	frame->link = capture->interfaces[0].link;
	frame->interface = 0;
	frame->bytes = at + header;
	return 1;
}

/* Sets the byte order in which the magic number is one of ours. */
static uint32_t magic_of(struct capture *capture)
{
	uint32_t magic = capture_u32(capture, capture->source.at);
	if (magic == MAGIC_MICRO || magic == MAGIC_NANO || magic == MAGIC_LONG)
		return magic;
	capture->swapped = true;
	magic = capture_u32(capture, capture->source.at);
	if (magic == MAGIC_MICRO || magic == MAGIC_NANO || magic == MAGIC_LONG)
		return magic;
	capture->swapped = false;
	return 0;
}

static uint32_t link_of(uint32_t field)
{
	uint32_t link = field & LINK_MASK;
	return link == LINK_RAW_OLD || link == LINK_RAW_OPENBSD ? PACKET_LINK_RAW : link;
}

int capture_begin_pcap(struct capture *capture, struct error *err)
{
	struct source *source = &capture->source;
	if (!source_need(source, 4))
		return 1;
	uint32_t magic = magic_of(capture);
	if (!magic)
		return 1;
	if (!source_need(source, FILE_HEADER)) {
		capture_is_cut(capture, err);
		return error_is_set(err) ? -1
					 : error_set(err, STATUS_CANNOT, "EFORMAT", NULL,
						     "the file ends within its header: it holds no packet");
	}
	const uint8_t *at = source->at;
	bool nano = magic == MAGIC_NANO, little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	struct capture_ticks *ticks;
	struct capture_interface *interface = capture_add_interface(capture, &ticks);
	capture->info = (struct capture_info){ .format = CAPTURE_PCAP,
					       .big_endian = little == capture->swapped,
					       .nanoseconds = nano,
					       .version_major = capture_u16(capture, at + 4),
					       .version_minor = capture_u16(capture, at + 6),
					       .sections = 1 };
	interface->snaplen = capture_u32(capture, at + 16);
	interface->link = link_of(capture_u32(capture, at + 20));
	interface->resolution = nano ? NS_PER_S : 1000000;
	capture->fraction = nano ? 1 : NS_PER_US;
	capture->record_header = magic == MAGIC_LONG ? RECORD_HEADER_LONG : RECORD_HEADER;
	capture->next = next_record;
	source->at += FILE_HEADER;
	return 0;
}
