/* UTF-8, widths, escapes, distances, and numbers with units. */
#include "base/text.h"
#include "base/markdown.h"
#include "base/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void decoding(void **state)
{
	(void)state;
	uint32_t code;
	assert_int_equal(text_decode("a", 1, &code), 1);
	assert_int_equal(text_decode("\xc3\xa9", 2, &code), 2);
	assert_int_equal(code, 0xe9);
	assert_int_equal(text_decode("\xf0\x9f\x98\x80", 4, &code), 4);
	assert_int_equal(code, 0x1f600);
	static const char *const bad[] = { "\x80",
					   "\xc0\xaf",
					   "\xc1\xbf",
					   "\xe0\x80\xaf",
					   "\xed\xa0\x80",
					   "\xf4\x90\x80\x80",
					   "\xf8\x88\x80\x80",
					   "\xc3",
					   "\xe2\x82",
					   "\xff" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(text_decode(bad[i], strlen(bad[i]), &code), 0);
	char out[4];
	for (uint32_t c = 1; c < 0x110000; c += 97) {
		size_t length = text_encode(c, out);
		if (c >= 0xd800 && c <= 0xdfff)
			assert_int_equal(length, 0);
		else
			assert_true(text_decode(out, length, &code) == length && code == c);
	}
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(text_width("abc", 3), 3);
	assert_int_equal(text_width("\xe4\xb8\xad\xe6\x96\x87", 6), 4); /* two ideographs */
	assert_int_equal(text_width("e\xcc\x81", 3), 1);                /* e and a combining accent */
	assert_int_equal(text_width("\xf0\x9f\x98\x80", 4), 2);         /* an emoji */
	assert_int_equal(text_width("\xff\xfe", 2), 2);
	size_t used;
	assert_int_equal(text_fit("\xe4\xb8\xad\xe6\x96\x87", 6, 3, &used), 3);
	assert_int_equal(used, 2);
	assert_int_equal(text_fit("e\xcc\x81x", 4, 1, &used), 3);
}

static void escaped(const char *bytes, size_t length, bool utf8, const char *expected)
{
	struct buf out = BUF_INIT(1000);
	text_add_escaped(&out, bytes, length, utf8);
	assert_string_equal(buf_text(&out), expected);
	buf_release(&out);
}

static void escapes(void **state)
{
	(void)state;
	escaped("\033[31mred", 8, true, "\\e[31mred");
	escaped("a\nb\r\t\0\x7f", 7, true, "a\\nb\\r\\t\\x00\\x7f");
	escaped("\xc2\x9b", 2, true, "\\u009b");                      /* C1 CSI in UTF-8 */
	escaped("\x9b", 1, true, "\\x9b");                            /* C1 CSI as a byte */
	escaped("\xe2\x80\xae", 3, true, "\\u202e");                  /* right-to-left override */
	escaped("\xe2\x80\x8b", 3, true, "\\u200b");                  /* zero-width space */
	escaped("\xf3\xa0\x81\x81", 4, true, "\\U000e0041");          /* tag */
	escaped("a\xc2\xad\xe3\x85\xa4", 6, true, "a\\u00ad\\u3164"); /* soft hyphen, Hangul filler */
	escaped("caf\xe9", 4, true, "caf\\xe9");
	escaped("caf\xc3\xa9", 5, true, "caf\xc3\xa9");
	escaped("caf\xc3\xa9", 5, false, "caf\\u00e9");
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(text_distance("ping", "ping", 3), 0);
	assert_int_equal(text_distance("pnig", "ping", 3), 1);
	assert_int_equal(text_distance("PING", "ping", 3), 0);
	assert_int_equal(text_distance("pin", "ping", 3), 1);
	assert_int_equal(text_distance("kitten", "sitting", 3), 3);
	assert_int_equal(text_distance("abc", "xyz", 2), 3);
}

static void reading(void **state)
{
	(void)state;
	int64_t n;
	assert_true(units_read_count("1.5k", &n) == 0 && n == 1500);
	assert_true(units_read_count("-3", &n) == 0 && n == -3);
	assert_true(units_read_count("9223372036854775807", &n) == 0 && n == INT64_MAX);
	assert_int_equal(units_read_count("9223372036854775808", &n), UNITS_RANGE);
	assert_int_equal(units_read_count("0x8000000000000000", &n), UNITS_RANGE);
	static const char *const bad[] = { "",    "-",  ".",  "1.5", "k",   "1kk",
					   "1e3", " 1", "1 ", "0x",  "0xg", "+1" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(units_read_count(bad[i], &n), UNITS_SYNTAX);
	assert_true(units_read_bytes("2KiB", &n) == 0 && n == 2048);
	assert_true(units_read_bytes("1M", &n) == 0 && n == 1048576);
	assert_true(units_read_duration("1.5s", &n) == 0 && n == 1500000000);
	assert_true(units_read_duration("1h30m", &n) == 0 && n == 5400 * NS_PER_S);
	assert_true(units_read_duration("2", &n) == 0 && n == 2 * NS_PER_S);
	assert_true(units_read_duration("100 us", &n) == 0 && n == 100000);
	assert_true(units_read_duration("2min", &n) == 0 && n == 120 * NS_PER_S);
	static const char *const bad_times[] = { "",     "s",  "1x",    "1s30m",   "1s1s",
						 "1m30", "ms", "1..5s", "5 apples" };
	for (size_t i = 0; i < sizeof bad_times / sizeof *bad_times; i++)
		assert_int_equal(units_read_duration(bad_times[i], &n), UNITS_SYNTAX);
	assert_int_equal(units_read_duration("99999999999d", &n), UNITS_RANGE);
}

static void times_for_people(void **state)
{
	(void)state;
	static const struct {
		ns_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 ms" },
		{ 999, "999 ns" },
		{ 480000, "480 us" },
		{ 480123, "480 us" },
		{ 999499, "999 us" },
		{ 999600, "1.00 ms" },
		{ 21345678, "21.3 ms" },
		{ 12000000, "12 ms" },
		{ 12034567, "12.0 ms" },
		{ 999999999, "1.00 s" },
		{ 1842000000, "1.84 s" },
		{ 2000000000, "2 s" },
		{ 59940000000, "59.9 s" },
		{ 59999999999, "1 min" },
		{ 123000000000, "2 min 3 s" },
		{ 3900 * NS_PER_S, "1 h 5 min" },
		{ 3599 * NS_PER_S + 600000000, "1 h" },
		{ 90000 * NS_PER_S, "1 d 1 h" },
		{ -21345678, "-21.3 ms" },
		{ INT64_MAX, "292 y 172 d" },
	};
	char buf[UNITS_TEXT_MAX];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(units_format_time(cases[i].ns, false, buf), cases[i].text);
	assert_string_equal(units_format_time(480000, true, buf), "480 \xc2\xb5s");
}

static void sizes_for_people(void **state)
{
	(void)state;
	char buf[UNITS_TEXT_MAX];
	assert_string_equal(units_format_bytes(0, buf), "0 B");
	assert_string_equal(units_format_bytes(512, buf), "512 B");
	assert_string_equal(units_format_bytes(1023, buf), "1023 B");
	assert_string_equal(units_format_bytes(1536, buf), "1.50 KiB");
	assert_string_equal(units_format_bytes(1024 * 1024 - 1, buf), "1.00 MiB");
	assert_string_equal(units_format_bytes(1500000, buf), "1.43 MiB");
	assert_string_equal(units_format_bytes(UINT64_MAX, buf), "16.0 EiB");
	assert_string_equal(units_format_count(1074974, buf), "1,074,974");
	assert_string_equal(units_format_count(999, buf), "999");
	assert_string_equal(units_format_count(UINT64_MAX, buf), "18,446,744,073,709,551,615");
	assert_string_equal(units_format_rate(12345678, "bit/s", buf), "12.3 Mbit/s");
	assert_string_equal(units_format_rate(999.7, "pkt/s", buf), "1 kpkt/s");
	assert_string_equal(units_format_rate(0, "bit/s", buf), "0 bit/s");
}

static void percents_for_people(void **state)
{
	(void)state;
	static const struct {
		double percent;
		const char *text;
	} cases[] = {
		{ 0, "0 %" },           { 100, "100 %" },          { 99.99, "99.99 %" }, { 0.75, "0.75 %" },
		{ 0.0001, "<0.001 %" }, { 99.99999, ">99.999 %" }, { 33.333, "33.3 %" }, { 97, "97 %" },
		{ 0.004, "0.004 %" },   { 99.5, "99.5 %" },        { 99.96, "99.96 %" }, { 150, "150 %" },
		{ 0.999, "1 %" },       { 2.5, "2.5 %" },
	};
	char buf[UNITS_TEXT_MAX];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(units_format_percent(cases[i].percent, buf), cases[i].text);
}

static void duration_words(void **state)
{
	(void)state;
	char buf[UNITS_TEXT_MAX];
	assert_string_equal(units_format_duration_word(500000000, buf), "500ms");
	assert_string_equal(units_format_duration_word(60 * NS_PER_S, buf), "1m");
	assert_string_equal(units_format_duration_word(90 * NS_PER_S, buf), "90s");
	assert_string_equal(units_format_duration_word(0, buf), "0s");
}

static void markdown_blocks(void **state)
{
	(void)state;
	static const char page[] = "# T\n<!-- no -->\none\ntwo\n\n- a\n  b\n- c\n1. d\n\n| x | `a|b` |\n| "
				   "--- | --- |\n| 1 | |\n```\n  code\n"
				   "```\n\n    indented\n\n      more\n\nend";
	static const struct {
		enum markdown_kind kind;
		const char *text;
	} expected[] = {
		{ MARKDOWN_HEADING, "T" },
		{ MARKDOWN_PARAGRAPH, "one two" },
		{ MARKDOWN_ITEM, "a b" },
		{ MARKDOWN_ITEM, "c" },
		{ MARKDOWN_ITEM, "d" },
		{ MARKDOWN_ROW, "x\x1f`a|b`" },
		{ MARKDOWN_ROW, "1\x1f" },
		{ MARKDOWN_CODE, "  code\n" },
		{ MARKDOWN_CODE, "indented\n\n  more\n" },
		{ MARKDOWN_PARAGRAPH, "end" },
	};
	struct markdown_reader reader;
	struct markdown_block block = { .text = BUF_INIT(1000) };
	markdown_begin(&reader, page, sizeof page - 1);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		assert_true(markdown_next(&reader, &block));
		assert_int_equal(block.kind, expected[i].kind);
		assert_string_equal(buf_text(&block.text), expected[i].text);
	}
	assert_false(markdown_next(&reader, &block));
	buf_release(&block.text);
}

static void markdown_spans(void **state)
{
	(void)state;
	static const char text[] = "a `b*` **c** *d* 2 * 3 `x";
	const char *at = text, *end = text + sizeof text - 1, *begin;
	enum markdown_style style;
	size_t length;
	struct buf seen = BUF_INIT(1000);
	while (markdown_span(&at, end, &style, &begin, &length))
		buf_printf(&seen, "%d[%.*s]", (int)style, (int)length, begin);
	assert_string_equal(buf_text(&seen), "0[a ]1[b*]0[ ]2[c]0[ ]3[d]0[ 2 ]0[* 3 ]0[`x]");
	buf_release(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding),         cmocka_unit_test(widths),
		cmocka_unit_test(escapes),          cmocka_unit_test(distances),
		cmocka_unit_test(reading),          cmocka_unit_test(times_for_people),
		cmocka_unit_test(sizes_for_people), cmocka_unit_test(percents_for_people),
		cmocka_unit_test(duration_words),   cmocka_unit_test(markdown_blocks),
		cmocka_unit_test(markdown_spans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
