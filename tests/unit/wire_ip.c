/* IP and ICMP as bytes: checksums against known packets, quotations, extensions, every cut. */
#include "wire/icmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* RFC 1071 3: the example's sum is ddf2. */
static void checksum_of_the_rfc(void **state)
{
	(void)state;
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	assert_int_equal(ip_checksum_fold(ip_checksum_add(0, bytes, sizeof bytes)), (uint16_t)~0xddf2);
	/* an odd byte counts as the high half of a word */
	static const uint8_t odd[] = { 0x12, 0x34, 0x56 };
	assert_int_equal(ip_checksum_fold(ip_checksum_add(0, odd, sizeof odd)),
			 (uint16_t) ~(0x1234 + 0x5600));
}

static const uint8_t ipv4_header[] = { 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
				       0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };

static void checksum_of_a_header(void **state)
{
	(void)state;
	assert_int_equal(ip_checksum_fold(ip_checksum_add(0, ipv4_header, sizeof ipv4_header)), 0);
	uint8_t many[70000];
	memset(many, 0xff, sizeof many);
	assert_int_equal(ip_checksum_fold(ip_checksum_add(0, many, sizeof many)), 0);
}

static void checksum_of_udp_over_ipv6(void **state)
{
	(void)state;
	struct addr a, b;
	assert_int_equal(addr_parse("2001:db8::1", &a), 0);
	assert_int_equal(addr_parse("2001:db8::2", &b), 0);
	/* ports 1 and 2, length 9, one byte 'x' */
	uint8_t udp[] = { 0, 1, 0, 2, 0, 9, 0, 0, 'x' };
	uint32_t sum = ip_checksum_pseudo(&a, &b, 17, sizeof udp);
	uint16_t checksum = ip_checksum_fold(ip_checksum_add(sum, udp, sizeof udp));
	udp[6] = (uint8_t)(checksum >> 8);
	udp[7] = (uint8_t)checksum;
	assert_int_equal(ip_checksum_fold(ip_checksum_add(sum, udp, sizeof udp)), 0);
	/* 2*(2001+0db8) + 0001+0002 + 9+17 + 1+2+9+7800, by hand */
	uint32_t by_hand = 2 * (0x2001 + 0x0db8) + 3 + 9 + 17 + 1 + 2 + 9 + 0x7800;
	assert_int_equal(checksum, (uint16_t) ~((by_hand & 0xffff) + (by_hand >> 16)));
}

static void ipv4(void **state)
{
	(void)state;
	uint8_t bytes[200] = { 0 };
	memcpy(bytes, ipv4_header, sizeof ipv4_header);
	struct ip_packet packet;
	assert_true(ip_read(bytes, sizeof bytes, &packet));
	assert_int_equal(packet.protocol, 17);
	assert_int_equal(packet.hops, 64);
	assert_int_equal(packet.total, 0x73);
	assert_int_equal(packet.payload_length, 0x73 - 20); /* the rest is padding */
	assert_true(packet.dont_fragment);
	bytes[0] = 0x44; /* a header of 16 bytes */
	assert_false(ip_read(bytes, sizeof bytes, &packet));
	bytes[0] = 0x4f; /* of 60, in 40 */
	assert_false(ip_read(bytes, 40, &packet));
	assert_true(ip_read(bytes, 60, &packet));
	assert_int_equal(packet.payload_length, 0);
}

static void ipv6_with_extensions(void **state)
{
	(void)state;
	uint8_t bytes[80] = { 0x60 };
	bytes[5] = 40;
	bytes[6] = 0;   /* hop-by-hop */
	bytes[7] = 3;   /* hop limit */
	bytes[40] = 44; /* then a fragment header */
	bytes[48] = 17;
	bytes[50] = 0x01;
	bytes[51] = 0x01; /* offset 256, more */
	struct ip_packet packet;
	assert_true(ip_read(bytes, sizeof bytes, &packet));
	assert_int_equal(packet.protocol, 17);
	assert_int_equal(packet.fragment_offset, 256);
	assert_true(packet.more_fragments);
	assert_ptr_equal(packet.payload, bytes + 56);
	assert_int_equal(packet.payload_length, 24);
	for (size_t cut = 0; cut < sizeof bytes; cut++)
		ip_read(bytes, cut, &packet);
}

/* Destination unreachable, port, quoting a UDP datagram. */
static size_t unreachable(uint8_t *bytes, size_t quoted)
{
	memset(bytes, 0, 8 + quoted);
	bytes[0] = 3;
	bytes[1] = 3;
	memcpy(bytes + 8, ipv4_header, sizeof ipv4_header);
	bytes[8 + 20 + 1] = 53;
	bytes[8 + 20 + 3] = 99;
	return 8 + quoted;
}

static void quotation(void **state)
{
	(void)state;
	uint8_t bytes[256];
	size_t length = unreachable(bytes, 28);
	struct icmp_message message;
	struct icmp_quote quote;
	assert_true(icmp_read(AF_INET, bytes, length, &message));
	assert_int_equal(message.kind, ICMP_REPORT);
	assert_true(icmp_quote_read(&message, &quote));
	assert_int_equal(quote.source_port, 53);
	assert_int_equal(quote.destination_port, 99);
	assert_int_equal(quote.packet.destination.bytes[3], 0xc7);
	for (size_t cut = 0; cut < length; cut++) {
		bool whole = icmp_read(AF_INET, bytes, cut, &message);
		assert_int_equal(whole, cut >= 8);
		if (whole)
			assert_int_equal(icmp_quote_read(&message, &quote), cut >= 8 + 20 + 8);
	}
	/* a later fragment has no ports */
	bytes[8 + 7] = 5;
	assert_true(icmp_read(AF_INET, bytes, length, &message));
	assert_false(icmp_quote_read(&message, &quote));
}

static void extensions(void **state)
{
	(void)state;
	uint8_t bytes[256];
	size_t length = unreachable(bytes, 128 + 8);
	struct icmp_message message;
	bytes[8 + 128] = 0x20; /* version 2 */
	for (int words = 0; words <= 32; words += 32) {
		bytes[5] = (uint8_t)words; /* without the length of RFC 4884, and with it */
		assert_true(icmp_read(AF_INET, bytes, length, &message));
		assert_ptr_equal(message.extension, bytes + 8 + 128);
		assert_int_equal(message.extension_length, 8);
		assert_int_equal(message.payload_length, 128);
	}
	bytes[5] = 7; /* RFC 4884 4.1: never less than 128 bytes */
	bytes[8 + 28] = 0x20;
	assert_true(icmp_read(AF_INET, bytes, length, &message));
	assert_null(message.extension);
	bytes[5] = 255; /* beyond the end */
	assert_true(icmp_read(AF_INET, bytes, length, &message));
	assert_null(message.extension);
	bytes[5] = 0;
	bytes[8 + 128] = 0x10; /* version 1 is data */
	assert_true(icmp_read(AF_INET, bytes, length, &message));
	assert_null(message.extension);
}

static void echo(void **state)
{
	(void)state;
	uint8_t bytes[8 + 5] = "        abcde";
	icmp_echo_build(AF_INET, 0x1234, 0xfffe, bytes, 5);
	assert_int_equal(ip_checksum_fold(ip_checksum_add(0, bytes, sizeof bytes)), 0);
	struct icmp_message message;
	assert_true(icmp_read(AF_INET, bytes, sizeof bytes, &message));
	assert_int_equal(message.kind, ICMP_ECHO_ASKED);
	assert_int_equal(message.id, 0x1234);
	assert_int_equal(message.sequence, 0xfffe);
	icmp_echo_build(AF_INET6, 1, 2, bytes, 5);
	assert_int_equal(bytes[0], 128);
	assert_true(icmp_read(AF_INET6, bytes, sizeof bytes, &message));
	assert_int_equal(message.kind, ICMP_ECHO_ASKED);
}

static void too_big(void **state)
{
	(void)state;
	uint8_t four[] = { 3, 4, 0, 0, 0, 0, 0x05, 0x78 }, six[] = { 2, 0, 0, 0, 0, 0, 0x05, 0x00 };
	struct icmp_message message;
	assert_true(icmp_read(AF_INET, four, sizeof four, &message));
	assert_int_equal(message.mtu, 1400);
	assert_true(icmp_read(AF_INET6, six, sizeof six, &message));
	assert_int_equal(message.mtu, 1280);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_of_the_rfc),
		cmocka_unit_test(checksum_of_a_header),
		cmocka_unit_test(checksum_of_udp_over_ipv6),
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6_with_extensions),
		cmocka_unit_test(quotation),
		cmocka_unit_test(extensions),
		cmocka_unit_test(echo),
		cmocka_unit_test(too_big),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
