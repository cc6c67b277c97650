/* The flow engine over frames that nobody made in good faith: link type, then for each frame two octets of length and the frame. */
#include "ntsh/flows.h"
#include "wire/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t links[] = { PACKET_LINK_ETHERNET, PACKET_LINK_RAW, PACKET_LINK_SLL,
					  PACKET_LINK_SLL2 };
	static const struct flows_events events = { 0 };
	struct bytes_reader reader = bytes_reader_of(data, size);
	uint32_t link = links[bytes_u8(&reader) % 4];
	struct flows *flows = flows_new(&events, NULL);
	ns_t time = NS_PER_S;
	while (reader.rest > 3) {
		uint16_t head = bytes_u16(&reader), length = head & 0x7ff;
		const uint8_t *frame = bytes_take(&reader, length < reader.rest ? length : reader.rest);
		uint32_t captured = (uint32_t)(reader.at - frame);
		struct packet packet;
		/* The high bits make time pass: nothing, a millisecond, a second, an hour. */
		static const ns_t steps[] = { NS_PER_US, NS_PER_MS, NS_PER_S, 3600 * NS_PER_S };
		time += steps[head >> 14];
		packet_decode(&packet, link, frame, captured, captured + (head >> 11 & 7));
		flows_packet(flows, &packet, time, NULL);
	}
	flows_finish(flows);
	flows_free(flows);
	return 0;
}
