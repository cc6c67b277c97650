#include "wire/dns_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A message of one answer record, owner the root, type and data given in hex. */
static struct dns_message *with_record(uint16_t type, const char *hex, struct error *err)
{
	uint8_t wire[4096] = { 0x12, 0x34, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0 };
	wire[13] = (uint8_t)(type >> 8);
	wire[14] = (uint8_t)type;
	wire[16] = 1;
	wire[20] = 60;
	size_t length = 0;
	for (; hex[0] && hex[1]; hex += 2) {
		unsigned octet = 0;
		for (int i = 0; i < 2; i++)
			octet =
			    octet * 16 + (unsigned)(hex[i] <= '9' ? hex[i] - '0' : (hex[i] | 32) - 'a' + 10);
		wire[23 + length++] = (uint8_t)octet;
	}
	wire[21] = (uint8_t)(length >> 8);
	wire[22] = (uint8_t)length;
	return dns_message_parse(wire, 23 + length, err);
}

static const struct {
	uint16_t type;
	const char *hex, *text;
} rdata_table[] = {
	{ 1, "c0000201", "192.0.2.1" },
	{ 1, "c00002", "\\# 3 C00002" },
	{ 1, "", "\\# 0" },
	{ 28, "20010db8000000000000000000000001", "2001:db8::1" },
	{ 2, "0161026e7300", "a.ns." },
	{ 5, "0161026e73", "\\# 5 0161026E73" },
	{ 15, "000a046d61696c00", "10 mail." },
	{ 16, "0568656c6c6f00", "\"hello\" \"\"" },
	{ 16, "0461225c01", "\"a\\\"\\\\\\001\"" },
	{ 16, "", "\\# 0" },
	{ 16, "05616263", "\\# 4 05616263" },
	{ 6, "016100016200000000010000000200000003000000040000000500",
	  "\\# 27 016100016200000000010000000200000003"
	  "000000040000000500" },
	{ 6, "0161000162000000000100000002000000030000000400000005", "a. b. 1 2 3 4 5" },
	{ 33, "000000050fa0037369700100", "\\# 12 000000050FA0037369700100" },
	{ 33, "000000050fa00373697000", "0 5 4000 sip." },
	/* RFC 4034 5.4 */
	{ 43, "ec4505012bb183af5f22588179a53b0a98631fad1a292118",
	  "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118" },
	/* RFC 4034 4.3: host.example.com. A MX RRSIG NSEC TYPE1234 */
	{ 47,
	  "04686f7374076578616d706c6503636f6d00"
	  "0006400100000003041b000000000000000000000000000000000000000000000000000020",
	  "host.example.com. A MX RRSIG NSEC TYPE1234" },
	{ 47, "000000", "\\# 3 000000" },
	{ 47,
	  "000001400001"
	  "40",
	  "\\# 7 00000140000140" },
	/* RFC 5155 B.1: salt aabbccdd, hash of ai.example */
	{ 50,
	  "0101000c04aabbccdd14"
	  "8bd5c88f2e5b2f0a3a3bd27e7ad9a1c3d4e5f607"
	  "000140",
	  "1 1 12 AABBCCDD HFASH3PEBCNGKEHRQ9V7LMD1OFAEBTG7 A" },
	{ 51, "0100000000", "1 0 0 -" },
	{ 46, "000108020000e10068000000670000009ab6016100ff00",
	  "A 8 2 57600 20250416190744 20241004144728 39606 a. /wA=" },
	/* RFC 8659 4: CAA */
	{ 257,
	  "00056973737565"
	  "63612e6578616d706c652e6e6574",
	  "0 issue \"ca.example.net\"" },
	{ 256, "000a00016674703a2f2f61", "10 1 \"ftp://a\"" },
	/* RFC 9460 D.2 */
	{ 64,
	  "000103666f6f076578616d706c6503636f6d00"
	  "000300020035",
	  "1 foo.example.com. port=53" },
	{ 64,
	  "000103666f6f076578616d706c6503636f6d00"
	  "029b000568656c6c6f",
	  "1 foo.example.com. key667=\"hello\"" },
	{ 64,
	  "001003666f6f076578616d706c65036f726700"
	  "0000000400010004"
	  "00010009026832"
	  "0568332d3139"
	  "00040004c0000201",
	  "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1" },
	{ 64,
	  "001003666f6f076578616d706c65036f726700"
	  "0001000c"
	  "08665c6f6f2c626172"
	  "026832",
	  "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"" },
	/* keys out of order */
	{ 65,
	  "000100"
	  "000300020035"
	  "00010003026832",
	  "\\# 16 00010000030002003500010003026832" },
	{ 65, "000000", "0 ." },
	{ 52, "03010100ff", "3 1 1 00FF" },
	{ 44, "0402abcd", "4 2 ABCD" },
	{ 35,
	  "006400320173"
	  "00"
	  "00"
	  "00",
	  "100 50 \"s\" \"\" \"\" ." },
	{ 13,
	  "0161"
	  "0162",
	  "\"a\" \"b\"" },
	/* RFC 1876: 42 21 54 N 71 06 18 W -24m 30m */
	{ 29, "0033161389172dd070be15f000988d20", "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m" },
	{ 42,
	  "000115030ac0a820"
	  "00011c83"
	  "c0a826",
	  "\\# 15 000115030AC0A82000011C83C0A826" },
	{ 42,
	  "00011503c0a820"
	  "00011c83c0a826",
	  "1:192.168.32.0/21 !1:192.168.38.0/28" },
	{ 108, "00005e00532a", "00-00-5e-00-53-2a" },
	{ 104, "000a00144fffff20ee64", "10 14:4fff:ff20:ee64" },
	{ 65280, "deadbeef", "\\# 4 DEADBEEF" },
};

static void rdata_as_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rdata_table / sizeof rdata_table[0]; i++) {
		struct error err = ERROR_INIT;
		struct dns_message *message = with_record(rdata_table[i].type, rdata_table[i].hex, &err);
		assert_non_null(message);
		char text[1024];
		size_t needed = dns_record_text(message, &message->records[DNS_ANSWER][0], text, sizeof text);
		assert_string_equal(text, rdata_table[i].text);
		assert_int_equal(needed, strlen(text));
		dns_message_free(message);
	}
}

static void names_both_ways(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out; /* out NULL: no name */
	} table[] = {
		{ ".", "." },
		{ "a", "a." },
		{ "a.", "a." },
		{ "A.b.C", "A.b.C." },
		{ "a\\.b.c", "a\\.b.c." },
		{ "\\065", "A." },
		{ "a b", "a\\032b." },
		{ "\\000\\255", "\\000\\255." },
		{ "a@b;c", "a\\@b\\;c." },
		{ "", NULL },
		{ "..", NULL },
		{ ".a", NULL },
		{ "a..b", NULL },
		{ "a\\", NULL },
		{ "\\25", NULL },
		{ "\\256", NULL },
		{ "caf\xc3\xa9", "caf\\195\\169." },
		{ "0123456789012345678901234567890123456789012345678901234567890123", NULL },
		{ "012345678901234567890123456789012345678901234567890123456789012",
		  "012345678901234567890123456789012345678901234567890123456789012." },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct dns_name name;
		struct error err = ERROR_INIT;
		char text[DNS_NAME_TEXT_MAX];
		assert_int_equal(dns_name_parse(table[i].in, &name, &err), table[i].out ? 0 : -1);
		assert_int_equal(err.status, table[i].out ? STATUS_OK : STATUS_USAGE);
		if (!table[i].out)
			continue;
		dns_name_format(&name, text);
		assert_string_equal(text, table[i].out);
	}
}

static void longest_name(void **state)
{
	(void)state;
	/* Three labels of 63, one of 61: 64 * 3 + 62 + 1 = 255 octets. */
	char text[300];
	memset(text, 'x', sizeof text);
	text[63] = text[127] = text[191] = '.';
	text[191 + 62] = '\0';
	struct dns_name name;
	struct error err = ERROR_INIT;
	assert_int_equal(dns_name_parse(text, &name, &err), 0);
	assert_int_equal(name.length, 255);
	text[191 + 62] = '.';
	text[191 + 63] = '\0';
	assert_int_equal(dns_name_parse(text, &name, &err), 0);
	assert_int_equal(name.length, 255);
	text[191 + 62] = 'x';
	assert_int_equal(dns_name_parse(text, &name, &err), -1);
}

static const uint8_t header[] = { 0x12, 0x34, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0 };

static void bad_names_on_the_wire(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[8];
		size_t length;
		const char *why;
	} table[] = {
		{ { 0xc0, 12, 0, 1, 0, 1 }, 6, "compression pointer goes forward" },
		{ { 0xc0, 20, 0, 1, 0, 1 }, 6, "compression pointer goes forward" },
		{ { 1, 'a', 0xc0, 12, 0, 1, 0, 1 }, 8, "round in a loop" },
		{ { 0xc0 }, 1, "pointer is cut off" },
		{ { 0x40, 1 }, 2, "unknown type" },
		{ { 5, 'a', 'b' }, 3, "label runs past the end" },
		{ { 1, 'a' }, 2, "name runs past the end" },
		{ { 0, 0, 1 }, 3, "cut off" },
		{ { 0, 0, 1, 0, 1, 7 }, 6, "left over" },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		uint8_t wire[64];
		memcpy(wire, header, sizeof header);
		memcpy(wire + sizeof header, table[i].bytes, table[i].length);
		struct error err = ERROR_INIT;
		assert_null(dns_message_parse(wire, sizeof header + table[i].length, &err));
		assert_non_null(strstr(err.message, table[i].why));
	}
}

static void query_and_its_answer(void **state)
{
	(void)state;
	struct dns_request request = { .name = "www.Example.",
				       .type = 28,
				       .recursion_desired = true,
				       .dnssec_ok = true,
				       .nsid = true,
				       .udp_size = 1400 };
	uint8_t wire[DNS_QUERY_MAX];
	struct dns_question question;
	struct error err = ERROR_INIT;
	size_t length = dns_query_build(&request, 0xbeef, wire, &question, &err);
	assert_int_equal(length, 12 + 13 + 4 + 11 + 4);
	struct dns_message *message = dns_message_parse(wire, length, &err);
	assert_non_null(message);
	assert_true(message->rd && message->has_edns && message->edns_do && !message->qr);
	assert_int_equal(message->edns_udp_size, 1400);
	assert_string_equal(dns_answer_mismatch(message, 0xbeef, &question), "a query, not an answer");
	dns_message_free(message);

	wire[2] |= 0x80;
	wire[13] = 'W'; /* case does not matter */
	message = dns_message_parse(wire, length, &err);
	assert_null(dns_answer_mismatch(message, 0xbeef, &question));
	assert_string_equal(dns_answer_mismatch(message, 0xbee0, &question), "another id");
	question.type = 1;
	assert_string_equal(dns_answer_mismatch(message, 0xbeef, &question), "another type in the question");
	question.type = 28;
	assert_int_equal(dns_name_parse("www.example.org", &question.name, &err), 0);
	assert_string_equal(dns_answer_mismatch(message, 0xbeef, &question), "another name in the question");
	dns_message_free(message);
}

static void edns_in_the_answer(void **state)
{
	(void)state;
	/* BADVERS (16) with EDE 22 "down" and NSID "ns1". */
	static const uint8_t wire[] = { 0,  1,   0x80, 0,   0,   0, 0, 0, 0,  0,   0,   1,  0, 0,
					41, 4,   0xd0, 1,   0,   0, 0, 0, 17, 0,   15,  0,  6, 0,
					22, 'd', 'o',  'w', 'n', 0, 3, 0, 3,  'n', 's', '1' };
	struct error err = ERROR_INIT;
	struct dns_message *message = dns_message_parse(wire, sizeof wire, &err);
	assert_non_null(message);
	assert_int_equal(message->rcode, 16);
	assert_int_equal(message->ede_code, 22);
	assert_string_equal(message->ede_text, "down");
	assert_string_equal(message->nsid, "ns1");
	assert_int_equal(message->counts[DNS_ADDITIONAL], 0);
	assert_string_equal(dns_ede_meaning(22), "no reachable authority");
	dns_message_free(message);
	for (size_t length = 0; length < sizeof wire; length++) {
		error_clear(&err);
		assert_null(dns_message_parse(wire, length, &err));
		assert_true(error_is_set(&err));
	}
}

static void words(void **state)
{
	(void)state;
	char buf[16];
	assert_int_equal(dns_type_parse("aaaa"), 28);
	assert_int_equal(dns_type_parse("TYPE65535"), 65535);
	assert_int_equal(dns_type_parse("TYPE65536"), -1);
	assert_int_equal(dns_type_parse("TYPE"), -1);
	assert_int_equal(dns_type_parse("www"), -1);
	assert_string_equal(dns_type_name(65, buf), "HTTPS");
	assert_string_equal(dns_type_name(65280, buf), "TYPE65280");
	assert_string_equal(dns_class_name(3, buf), "CH");
	assert_string_equal(dns_rcode_name(3, buf), "NXDOMAIN");
	assert_string_equal(dns_rcode_name(3333, buf), "RCODE3333");
	for (const char *const *word = dns_type_words; *word; word++)
		assert_true(dns_type_parse(*word) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_as_text),
		cmocka_unit_test(names_both_ways),
		cmocka_unit_test(longest_name),
		cmocka_unit_test(bad_names_on_the_wire),
		cmocka_unit_test(query_and_its_answer),
		cmocka_unit_test(edns_in_the_answer),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
