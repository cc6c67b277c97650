/* Packets in words: whatever the bytes, the lines hold nothing that a terminal would act upon. The first two bytes choose the link type
 * and how much was cut off. */
#include "ntsh/packet_line.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((text[i] < 0x20 || text[i] > 0x7e) && text[i] != '\n')
			abort();
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
	static const struct packet_line_style style = {
		.time = PACKET_TIME_RELATIVE, .link_header = true, .verbose = 1, .dump = PACKET_DUMP_TEXT
	};
	static struct packet_lines *lines;
	if (!lines)
		lines = packet_lines_new(&style);
	if (size < 2)
		return 0;
	uint32_t captured = (uint32_t)size - 2;
	uint8_t *bytes = malloc(captured + 1u);
	memcpy(bytes, data + 2, captured);
	struct capture_frame frame = {
		.bytes = bytes, .captured = captured, .length = captured + data[1], .link = links[data[0] % 8]
	};
	struct packet packet;
	packet_decode(&packet, frame.link, frame.bytes, frame.captured, frame.length);
	packet_lines_add(lines, &frame, &packet, "eth0");
	size_t length;
	const char *text = packet_lines_text(lines, &length);
	check(text, length);
	packet_lines_clear(lines);
	free(bytes);
	return 0;
}
