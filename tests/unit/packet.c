/* The packet decoder: layers, lengths, faults, packets inside of packets. */
#include "ntsh/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A frame in the making. */
struct frame {
	uint8_t bytes[512];
	uint32_t length;
};

static void add(struct frame *frame, const void *bytes, size_t length)
{
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += (uint32_t)length;
}

/* Octets in hexadecimal; blanks are for the eye. */
static void hex(struct frame *frame, const char *text)
{
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		char pair[3] = { text[0], text[1], 0 };
		uint8_t octet = (uint8_t)strtoul(pair, NULL, 16);
		add(frame, &octet, 1);
		text++;
	}
}

#define MACS "020000000001 020000000002"
#define IP4(total, fragment, protocol)                                                                       \
	"45 00 " total " 1234 " fragment " 40 " protocol " 0000 0a000001 0a000002 "
#define TCP "01bb c000 00000010 00000020 50 18 01f6 0000 0000 "
#define UDP(length) "0035 c001 " length " 0000 "
#define IP6(length, next)                                                                                    \
	"60012345 " length next " 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "

/* Decodes an exact copy, so that the sanitizer sees a step too far. */
static struct packet decode(const struct frame *frame, uint32_t link, uint32_t captured)
{
	struct packet packet;
	uint8_t *copy = malloc(captured ? captured : 1);
	memcpy(copy, frame->bytes, captured);
	packet_decode(&packet, link, copy, captured, frame->length);
	free(copy);
	return packet;
}

static struct packet decode_hex(uint32_t link, const char *text)
{
	static struct frame frame;
	frame.length = 0;
	hex(&frame, text);
	struct packet packet;
	packet_decode(&packet, link, frame.bytes, frame.length, frame.length);
	return packet;
}

static void test_tcp(void **state)
{
	(void)state;
	struct packet packet =
	    decode_hex(PACKET_LINK_ETHERNET, MACS "0800" IP4("002b", "4000", "06") TCP "616263 000000");
	assert_int_equal(packet.fault, PACKET_SOUND);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	assert_int_equal(packet.source_port, 443);
	assert_int_equal(packet.destination_port, 0xc000);
	assert_int_equal(packet.seq, 16);
	assert_int_equal(packet.ack, 32);
	assert_int_equal(packet.tcp_flags, PACKET_PSH | PACKET_ACK);
	assert_int_equal(packet.window, 502);
	assert_int_equal(packet.payload_length, 3);
	assert_int_equal(packet.payload_captured, 3);
	assert_memory_equal(packet.payload, "abc", 3);
	assert_true(packet.dont_fragment);
	assert_int_equal(packet.hops, 64);
	assert_int_equal(packet.fragment_id, 0x1234);
	char text[ADDR_TEXT_MAX];
	struct addr source = packet_source(&packet);
	assert_string_equal(addr_format_port(&source, text), "10.0.0.1:443");
}

static void test_tags_and_labels(void **state)
{
	(void)state;
	struct packet packet =
	    decode_hex(PACKET_LINK_ETHERNET, MACS "88a8 2064 8100 0007 0800" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet.vlan_count, 2);
	assert_int_equal(packet.vlans[0], 0x2064);
	assert_int_equal(packet.vlans[1], 7);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	packet =
	    decode_hex(PACKET_LINK_ETHERNET, MACS "8847 00010040 00011140" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet.mpls_labels, 2);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	packet =
	    decode_hex(PACKET_LINK_ETHERNET, MACS "8864 1100 0001 002a 0021" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	packet = decode_hex(PACKET_LINK_ETHERNET, MACS "0026 4242 03");
	assert_int_equal(packet.ethertype, 0);
	assert_int_equal(packet.fault, PACKET_SOUND);
}

static void test_cooked(void **state)
{
	(void)state;
	struct packet packet = decode_hex(
	    PACKET_LINK_SLL2, "0800 0000 00000003 0001 04 06 0200000000010000" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet.ifindex, 3);
	assert_int_equal(packet.direction, 4);
	assert_int_equal(packet.mac_source[5], 1);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	packet = decode_hex(PACKET_LINK_SLL,
			    "0000 0001 0006 0200000000010000 8100 0005 0800" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet.direction, 0);
	assert_int_equal(packet.vlans[0], 5);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	packet = decode_hex(PACKET_LINK_NULL, "02000000" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
	packet = decode_hex(PACKET_LINK_RAW, IP6("0014", "06") TCP);
	assert_int_equal(packet.transport_kind, PACKET_TCP);
}

static void test_ipv6_extensions(void **state)
{
	(void)state;
	struct packet packet =
	    decode_hex(PACKET_LINK_ETHERNET,
		       MACS "86dd" IP6("0020", "00") "2c00 010400000000"
						     "1100 0001 cafebabe" UDP("0010") "6162636465666768");
	assert_int_equal(packet.fault, PACKET_SOUND);
	assert_int_equal(packet.extensions, 2);
	assert_int_equal(packet.flow_label, 0x12345);
	assert_true(packet.is_fragment && packet.more_fragments);
	assert_int_equal(packet.fragment_id, 0xcafebabe);
	assert_int_equal(packet.transport_kind, PACKET_UDP);
	assert_int_equal(packet.payload_length, 8);
	assert_int_equal(packet.ip_header_length, 56);
	packet = decode_hex(PACKET_LINK_RAW, IP6("0010", "2c") "1100 0010 cafebabe"
							       "6162636465666768");
	assert_int_equal(packet.fragment_offset, 16);
	assert_int_equal(packet.transport_kind, PACKET_NO_TRANSPORT);
	assert_int_equal(packet.protocol, 17);
	assert_int_equal(packet.payload_length, 8);
	struct frame endless = { .length = 0 };
	hex(&endless, IP6("00a0", "00"));
	for (int i = 0; i < 20; i++)
		hex(&endless, "0000 010400000000");
	packet = decode(&endless, PACKET_LINK_RAW, endless.length);
	assert_int_equal(packet.fault, PACKET_BROKEN);
}

static void test_fragments(void **state)
{
	(void)state;
	struct packet packet =
	    decode_hex(PACKET_LINK_RAW, IP4("0024", "2000", "11") UDP("0800") "0102030405060708");
	assert_int_equal(packet.fault, PACKET_SOUND);
	assert_int_equal(packet.source_port, 53);
	packet = decode_hex(PACKET_LINK_RAW, IP4("001c", "0001", "11") "0102030405060708");
	assert_int_equal(packet.fragment_offset, 8);
	assert_int_equal(packet.transport_kind, PACKET_NO_TRANSPORT);
	assert_int_equal(packet.source_port, 0);
	assert_int_equal(packet.payload_length, 8);
}

static void test_faults(void **state)
{
	(void)state;
	static const struct {
		const char *frame, *wrong;
	} broken[] = {
		{ "35"
		  "00 0028 0000 4000 4006 0000 0a000001 0a000002" TCP,
		  "is neither IPv4 nor IPv6" },
		{ "43"
		  "00 0028 0000 4000 4006 0000 0a000001 0a000002" TCP,
		  "has an impossible IPv4 header length" },
		{ "4f"
		  "00 0028 0000 4000 4006 0000 0a000001 0a000002" TCP,
		  "has an impossible IPv4 header length" },
		{ IP4("0100", "4000", "06") TCP, "claims more bytes than were on the wire" },
		{ IP4("001c", "4000", "06") "01bb c000 00000010", "ends within its TCP header" },
		{ IP4("0028", "4000", "06") "01bb c000 00000010 00000020 40 18 01f6 0000 0000",
		  "says that its TCP header is shorter than 20 bytes" },
		{ IP4("0028", "4000", "06") "01bb c000 00000010 00000020 60 18 01f6 0000 0000",
		  "ends within its TCP options" },
		{ IP4("001c", "4000", "11") UDP("0007"), "says that its UDP length is less than 8 bytes" },
		{ IP4("001c", "4000", "11") UDP("0009"),
		  "says that its UDP length is more than the IP packet holds" },
		{ "", "is empty" },
	};
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct packet packet = decode_hex(PACKET_LINK_RAW, broken[i].frame);
		assert_int_equal(packet.fault, PACKET_BROKEN);
		assert_string_equal(packet.wrong, broken[i].wrong);
	}
	/* Cut at each length: never broken, never beyond what is there. */
	struct frame frame = { .length = 0 };
	hex(&frame, MACS
	    "8100 0001 86dd" IP6("0022", "00") "0600 010400000000"
					       "01bb c000 00000010 00000020 60 18 01f6 0000 0000 01010101"
					       "6162");
	for (uint32_t captured = 0; captured < frame.length; captured++) {
		struct packet packet = decode(&frame, PACKET_LINK_ETHERNET, captured);
		assert_int_equal(packet.fault, captured < frame.length - 2 ? PACKET_CUT : PACKET_SOUND);
		assert_true(packet.payload_captured <= captured);
	}
	assert_int_equal(decode(&frame, PACKET_LINK_ETHERNET, frame.length).payload_length, 2);
}

/* A segment before the card cuts it (TSO) has no length in its header. */
static void test_large_segments(void **state)
{
	(void)state;
	struct packet packet = decode_hex(PACKET_LINK_RAW, IP4("0000", "4000", "06") TCP "61626364");
	assert_int_equal(packet.fault, PACKET_SOUND);
	assert_int_equal(packet.payload_length, 4);
	packet = decode_hex(PACKET_LINK_RAW, IP6("0000", "06") TCP "61626364");
	assert_int_equal(packet.payload_length, 4);
}

static void test_tcp_options(void **state)
{
	(void)state;
	struct packet_tcp_options options;
	struct packet packet = decode_hex(
	    PACKET_LINK_RAW, IP4("003c", "4000", "06") "01bb c000 00000010 00000020 a0 12 01f6 0000 0000"
						       "020405b4 0402 080a 00000001 00000002 01 030307");
	packet_tcp_options(&packet, &options);
	assert_int_equal(options.mss, 1460);
	assert_int_equal(options.window_scale, 7);
	assert_true(options.sack_permitted && options.has_timestamps && !options.malformed);
	assert_int_equal(options.ts_value, 1);
	assert_int_equal(options.ts_echo, 2);
	packet = decode_hex(PACKET_LINK_RAW,
			    IP4("0034", "4000", "06") "01bb c000 00000010 00000020 80 10 01f6 0000 0000"
						      "0101 050a 00000064 000000c8");
	packet_tcp_options(&packet, &options);
	assert_int_equal(options.sack_count, 1);
	assert_int_equal(options.sack[0][1], 200);
	packet = decode_hex(PACKET_LINK_RAW,
			    IP4("002c", "4000", "06") "01bb c000 00000010 00000020 60 10 01f6 0000 0000"
						      "01 080a 00");
	packet_tcp_options(&packet, &options);
	assert_true(options.malformed && !options.has_timestamps);
}

static void test_inside(void **state)
{
	(void)state;
	struct packet inner;
	uint32_t id;
	struct packet packet =
	    decode_hex(PACKET_LINK_RAW,
		       IP4("0038", "0000", "01") "0303 0000 00000000" IP4("05dc", "4000", "11") UDP("05c8"));
	assert_int_equal(packet_decode_inner(&packet, &inner, &id), PACKET_INSIDE_ICMP);
	assert_int_equal(inner.source_port, 53);
	assert_int_equal(inner.fault, PACKET_SOUND);
	assert_int_equal(inner.payload_length, 0x5c0);
	assert_int_equal(inner.payload_captured, 0);
	packet = decode_hex(PACKET_LINK_RAW, IP4("005a", "0000", "11") "c000 12b5 0046 0000"
								       "08000000 00002a00" MACS
								       "0800" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet_decode_inner(&packet, &inner, &id), PACKET_INSIDE_VXLAN);
	assert_int_equal(id, 42);
	assert_int_equal(inner.transport_kind, PACKET_TCP);
	packet = decode_hex(PACKET_LINK_RAW,
			    IP4("0044", "0000", "2f") "2000 0800 00000007" IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet_decode_inner(&packet, &inner, &id), PACKET_INSIDE_GRE);
	assert_int_equal(id, 7);
	assert_int_equal(inner.transport_kind, PACKET_TCP);
	packet = decode_hex(PACKET_LINK_RAW, IP4("003c", "0000", "04") IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet_decode_inner(&packet, &inner, NULL), PACKET_INSIDE_IPIP);
	packet = decode_hex(PACKET_LINK_RAW, IP4("0028", "4000", "06") TCP);
	assert_int_equal(packet_decode_inner(&packet, &inner, NULL), PACKET_INSIDE_NOTHING);
}

static void test_checksums(void **state)
{
	(void)state;
	/* ping -c1, captured. */
	struct packet packet =
	    decode_hex(PACKET_LINK_RAW, "4500001c000100004001 66de 0a000001 0a000002 0800 f7fd 0001 0001");
	assert_int_equal(packet_ip_checksum(&packet), 1);
	assert_int_equal(packet_transport_checksum(&packet), 1);
	packet =
	    decode_hex(PACKET_LINK_RAW, "4500001c000100004001 66df 0a000001 0a000002 0800 f7fc 0001 0001");
	assert_int_equal(packet_ip_checksum(&packet), 0);
	assert_int_equal(packet_transport_checksum(&packet), 0);
	packet = decode_hex(PACKET_LINK_RAW, IP4("001c", "4000", "11") UDP("0008"));
	assert_int_equal(packet_transport_checksum(&packet), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_tags_and_labels),
		cmocka_unit_test(test_cooked),
		cmocka_unit_test(test_ipv6_extensions),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_large_segments),
		cmocka_unit_test(test_tcp_options),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_checksums),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
