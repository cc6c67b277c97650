/* The pure parts of the dns tools: transfers, EDNS words, whois text, prefixes, sets, bulk windows. */
#include "net/dns/bulk_parts.h"
#include "net/dns/transfer.h"
#include "ntsh/dns_compare.h"
#include "ntsh/dns_dig.h"
#include "ntsh/dns_reverse.h"
#include "ntsh/whois.h"
#include "wire/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- transfers --- */

/* A message whose answer holds SOA records of z.lab with these serials; 0 is an A record. */
static struct dns_message *zone_message(const uint32_t *serials, size_t count)
{
	static const uint8_t zone[] = { 1, 'z', 3, 'l', 'a', 'b', 0 };
	uint8_t wire[2048] = { 0, 1, 0x84, 0, 0, 0, 0, (uint8_t)count };
	size_t at = DNS_HEADER_SIZE;
	for (size_t i = 0; i < count; i++) {
		uint16_t length = serials[i] ? 22 : 4;
		memcpy(wire + at, zone, sizeof zone);
		at += sizeof zone;
		bytes_put_u16(wire + at, serials[i] ? 6 : 1);
		bytes_put_u16(wire + at + 2, 1);
		bytes_put_u32(wire + at + 4, 60);
		bytes_put_u16(wire + at + 8, length);
		if (serials[i])
			bytes_put_u32(wire + at + 12, serials[i]);
		at += 10u + length;
	}
	struct dns_message *message = dns_message_parse(wire, at, NULL);
	assert_non_null(message);
	return message;
}

static enum dns_transfer_step feed(struct dns_transfer *transfer, const uint32_t *serials, size_t count,
				   const char **why)
{
	struct dns_message *message = zone_message(serials, count);
	enum dns_transfer_step step = dns_transfer_take(transfer, message, why);
	dns_message_free(message);
	return step;
}

static void begin(struct dns_transfer *transfer, uint16_t type, uint32_t ours)
{
	struct dns_question question = { .type = type, .class_ = 1 };
	assert_int_equal(dns_name_parse("Z.lab.", &question.name, NULL), 0);
	dns_transfer_begin(transfer, &question, ours);
}

static void transfer_whole(void **state)
{
	(void)state;
	struct dns_transfer transfer;
	const char *why;
	begin(&transfer, 252, 0);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 7, 0, 0 }, 3, &why), DNS_TRANSFER_MORE);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 0 }, 1, &why), DNS_TRANSFER_MORE);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 0, 7 }, 2, &why), DNS_TRANSFER_DONE);
	assert_int_equal(transfer.records, 6);
	begin(&transfer, 252, 0);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 0, 7 }, 2, &why), DNS_TRANSFER_WRONG);
	assert_string_equal(why, "the transfer does not begin with the zone's SOA");
	begin(&transfer, 252, 0);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 7, 7, 0 }, 3, &why), DNS_TRANSFER_WRONG);
	begin(&transfer, 252, 0);
	assert_int_equal(feed(&transfer, NULL, 0, &why), DNS_TRANSFER_WRONG);
}

static void transfer_incremental(void **state)
{
	(void)state;
	struct dns_transfer transfer;
	const char *why;
	/* RFC 1995 7: from 5 to 6 and from 6 to 7, in pieces. */
	begin(&transfer, 251, 5);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 7, 5, 0 }, 3, &why), DNS_TRANSFER_MORE);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 6, 0, 0, 6 }, 4, &why), DNS_TRANSFER_MORE);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 0, 7, 0, 7 }, 4, &why), DNS_TRANSFER_DONE);
	assert_true(transfer.differences);
	/* The whole zone instead. */
	begin(&transfer, 251, 5);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 7, 0, 0, 7 }, 4, &why), DNS_TRANSFER_DONE);
	assert_false(transfer.differences);
	/* Nothing newer; and one that is. */
	begin(&transfer, 251, 7);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 7 }, 1, &why), DNS_TRANSFER_DONE);
	begin(&transfer, 251, 5);
	assert_int_equal(feed(&transfer, (const uint32_t[]){ 7 }, 1, &why), DNS_TRANSFER_MORE);
}

/* --- EDNS --- */

static void edns_words(void **state)
{
	(void)state;
	uint8_t out[DNS_OPTIONS_MAX];
	struct error err = ERROR_INIT;
	struct dns_edns_words subnet = { .subnet = "10.255.255.255/20" };
	static const uint8_t expected[] = { 0, 8, 0, 7, 0, 1, 20, 0, 10, 255, 240 };
	assert_int_equal(dns_edns_build(&subnet, out, &err), sizeof expected);
	assert_memory_equal(out, expected, sizeof expected);
	subnet.subnet = "0";
	assert_int_equal(dns_edns_build(&subnet, out, &err), 8);
	subnet.subnet = "2001:db8::/129";
	assert_int_equal(dns_edns_build(&subnet, out, &err), -1);
	struct dns_edns_words cookie = { .cookie = "" };
	assert_int_equal(dns_edns_build(&cookie, out, &err), 12);
	cookie.cookie = "0102030405060708";
	assert_int_equal(dns_edns_build(&cookie, out, &err), 12);
	assert_int_equal(out[11], 8);
	const char *texts[] = { "NSID", "65001:00ff" };
	struct dns_edns_words others = { .others = { texts, 2 } };
	assert_int_equal(dns_edns_build(&others, out, &err), 4 + 6);
	texts[1] = "65001:0";
	assert_int_equal(dns_edns_build(&others, out, &err), -1);
	struct dns_edns_words large = { .padding = 400, .cookie = "", .others = { texts, 1 } };
	assert_int_equal(dns_edns_build(&large, out, &err), 404 + 12 + 4);
}

static void option_texts(void **state)
{
	(void)state;
	static const struct {
		uint16_t code;
		const char *data;
		uint16_t length;
		const char *text;
	} table[] = {
		{ 8, "\0\1\24\30\12\1\20", 7, "10.1.16.0/20, the answer holds for /24" },
		{ 8, "\0\3\0\0", 4, "00030000" },
		{ 10, "\1\2\3\4\5\6\7\10", 8, "0102030405060708 (only ours: the server has none)" },
		{ 15, "\0\22no", 4, "18 prohibited for this client: no" },
		{ 11, "\0\144", 2, "10.0 s" },
		{ 9, "\0\0\16\20", 4, "3600 s" },
		{ 3, "ns1", 3, "\"ns1\"" },
		{ 65001, "\377", 1, "FF" },
		{ 5, "\10\15", 2, "8 13" },
	};
	char text[128];
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct dns_option option = { table[i].code, table[i].length, (const uint8_t *)table[i].data };
		assert_int_equal(dns_option_text(&option, text, sizeof text), strlen(table[i].text));
		assert_string_equal(text, table[i].text);
	}
}

/* --- whois --- */

static void whois_texts(void **state)
{
	(void)state;
	static struct whois_reading reading;
	static const char good[] =
	    "% note: x\nDomain Name: A.LAB\r\n  Registrar WHOIS Server: whois.reg.lab\r\nRegistrar: R\n"
	    "Name Server: n1\nName Server: n1\nName Server: n2\n";
	whois_read(good, sizeof good - 1, &reading);
	assert_int_equal(reading.fact_count, 4);
	assert_string_equal(reading.facts[0].label, "name");
	assert_int_equal(reading.facts[0].value_length, 5);
	assert_string_equal(reading.referral, "whois.reg.lab");
	assert_false(reading.missing);
	static const char *const referrals[][2] = {
		{ "ReferralServer: whois://w.lab:4343/x\n", "w.lab" },
		{ "refer: -rf\n", "" },
		{ "refer: a b\n", "" },
		{ "refer: ../x\n", "" },
		{ "ReferralServer: rwhois://w.lab\n", "" },
		{ "whois:\n", "" },
		{ "refer: w:99999\n", "" },
	};
	for (size_t i = 0; i < sizeof referrals / sizeof referrals[0]; i++) {
		whois_read(referrals[i][0], strlen(referrals[i][0]), &reading);
		assert_string_equal(reading.referral, referrals[i][1]);
	}
	whois_read("ReferralServer: whois://w.lab:4343/x\n", 37, &reading);
	assert_int_equal(reading.referral_port, 4343);
	static const char none[] = "No match for \"X.LAB\".\n>>> Last update <<<\n";
	whois_read(none, sizeof none - 1, &reading);
	assert_true(reading.missing);
}

/* --- reverse --- */

static void prefixes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
		const char *first, *last;
	} table[] = {
		{ "192.0.2.7", 1, "192.0.2.7", "192.0.2.7" },
		{ "192.0.2.77/24", 254, "192.0.2.1", "192.0.2.254" },
		{ "192.0.2.7/31", 2, "192.0.2.6", "192.0.2.7" },
		{ "192.0.2.7/32", 1, "192.0.2.7", "192.0.2.7" },
		{ "10.1.255.0/23", 510, "10.1.254.1", "10.1.255.254" },
		{ "2001:db8::ff/120", 256, "2001:db8::", "2001:db8::ff" },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct addr *list = NULL;
		size_t count = 0;
		char text[ADDR_TEXT_MAX];
		assert_int_equal(dns_reverse_expand(table[i].text, &list, &count, NULL), 0);
		assert_int_equal(count, table[i].count);
		assert_string_equal(addr_format(&list[0], text), table[i].first);
		assert_string_equal(addr_format(&list[count - 1], text), table[i].last);
		free(list);
	}
	static const char *const bad[] = { "10.0.0.0/8",   "2001:db8::/64", "x",
					   "192.0.2.0/33", "192.0.2.0/",    "192.0.2.0/x" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct addr *list = NULL;
		size_t count = 0;
		assert_int_equal(dns_reverse_expand(bad[i], &list, &count, NULL), -1);
		free(list);
	}
}

static void sets(void **state)
{
	(void)state;
	char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
	char *one[] = { a, b, d }, *two[] = { a, c, d };
	struct dns_set x = { one, 3 }, y = { two, 3 };
	char text[32];
	assert_false(dns_set_equal(&x, &y));
	assert_true(dns_set_equal(&x, &x));
	assert_string_equal(dns_set_text(&x, &y, text, sizeof text), "b");
	assert_string_equal(dns_set_text(&y, NULL, text, sizeof text), "a, c, d");
	assert_string_equal(dns_set_text(&y, NULL, text, 5), "a, c");
	assert_string_equal(dns_set_text(&y, &y, text, sizeof text), "");
}

/* --- bulk --- */

static void windows(void **state)
{
	(void)state;
	struct bulk_server server = { .window = 128, .srtt = NS_NONE };
	for (int i = 0; i < 1000; i++)
		bulk_server_answered(&server, 20 * NS_PER_MS, true, 1000);
	assert_int_equal(server.window, 1000);
	assert_int_equal(server.srtt, 20 * NS_PER_MS);
	bulk_server_lost(&server, NS_PER_S);
	bulk_server_lost(&server, NS_PER_S + NS_PER_MS);
	assert_int_equal(server.window, 667);
	/* A queue builds up: no more of it. */
	struct bulk_server slow = { .window = 128, .srtt = NS_NONE };
	bulk_server_answered(&slow, NS_PER_MS, true, 1000);
	for (int i = 0; i < 160; i++)
		bulk_server_answered(&slow, 50 * NS_PER_MS, true, 1000);
	assert_in_range(slow.window, 129, 140);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfer_whole), cmocka_unit_test(transfer_incremental),
		cmocka_unit_test(edns_words),     cmocka_unit_test(option_texts),
		cmocka_unit_test(whois_texts),    cmocka_unit_test(prefixes),
		cmocka_unit_test(sets),           cmocka_unit_test(windows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
