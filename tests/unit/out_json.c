/* JSON at its edges, and outputs that break. */
#include "screen.h"

#include "base/mem.h"
#include "out/schema.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool json_value(const char **at);

static bool json_string(const char **at)
{
	if (*(*at)++ != '"')
		return false;
	for (; **at != '"'; ++*at) {
		if ((unsigned char)**at < 0x20)
			return false;
		if (**at == '\\' && !*++*at)
			return false;
	}
	++*at;
	return true;
}

static bool json_list(const char **at, char end)
{
	++*at;
	if (**at == end) {
		++*at;
		return true;
	}
	for (;;) {
		if (end == '}' && (!json_string(at) || *(*at)++ != ':'))
			return false;
		if (!json_value(at))
			return false;
		char next = *(*at)++;
		if (next == end)
			return true;
		if (next != ',')
			return false;
	}
}

static bool json_value(const char **at)
{
	static const char *const words[] = { "null", "true", "false" };
	if (**at == '{' || **at == '[')
		return json_list(at, **at == '{' ? '}' : ']');
	if (**at == '"')
		return json_string(at);
	for (size_t i = 0; i < 3; i++) {
		if (strncmp(*at, words[i], strlen(words[i])) == 0) {
			*at += strlen(words[i]);
			return true;
		}
	}
	size_t length = strspn(*at, "-0123456789.");
	*at += length;
	return length > 0;
}

/* One value on one line. */
static void assert_json(const char *text)
{
	const char *at = text;
	if (!json_value(&at) || strcmp(at, "\n") != 0)
		fail_msg("not one line of JSON: %s (at %s)", text, at);
}

static void assert_result(const char *text, const char *expected)
{
	const char *begin = strstr(text, "\"result\":"), *end = strstr(text, ",\"notes\":");
	assert_true(begin && end);
	char *found = mem_strndup(begin + 9, (size_t)(end - begin - 9));
	assert_string_equal(found, expected);
	free(found);
}

static const struct out_style json_style = { .json = true };

static void json_values(void **state)
{
	(void)state;
	struct addr address;
	assert_int_equal(addr_parse_port("[2001:db8::1]:443", 0, &address), 0);
	struct screen s;
	screen_open(&s, json_style);
	struct result *r = s.result;
	result_put(r, "count", value_count(UINT64_MAX));
	result_put(r, "low", value_integer(INT64_MIN));
	result_put(r, "a_ms", value_time(2003100000));
	result_put(r, "b_ms", value_time(12345));
	result_put(r, "c_ms", value_time(-1));
	result_put(r, "d_ms", value_time(NS_NONE));
	result_put(r, "e_ms", value_time(INT64_MIN + 1));
	result_put(r, "nan", value_real((double)NAN));
	result_put(r, "third", value_real(1.0 / 3));
	result_put(r, "tiny", value_real(1e-9));
	result_put(r, "huge", value_real(1e22));
	result_put(r, "p_percent", value_percent(0.75));
	result_put(r, "r_bps", value_bit_rate(12345678));
	result_put(r, "when", value_date(1763680205123456789));
	result_put(r, "end", value_endpoint(&address));
	result_put(r, "yes", value_flag(true));
	const char *text = screen_close(&s);
	assert_json(text);
	assert_result(
	    text,
	    "{\"count\":18446744073709551615,\"low\":-9223372036854775808,\"a_ms\":2003.1,\"b_ms\":0.012345,"
	    "\"c_ms\":-0.000001,\"d_ms\":null,\"e_ms\":-9223372036854.775807,\"nan\":null,"
	    "\"third\":0.3333333333333333,\"tiny\":0.000000001,\"huge\":10000000000000000000000,"
	    "\"p_percent\":0.75,\"r_bps\":12345678,\"when\":\"2025-11-20T23:10:05.123456Z\","
	    "\"end\":\"[2001:db8::1]:443\",\"yes\":true}");
}

static void json_strings(void **state)
{
	(void)state;
	static const char hostile[] = "q\" b\\ \n\t\033[31m \x7f \xc2\x9b \x9b \xe2\x80\xae \xf3\xa0\x81\x81 "
				      "caf\xc3\xa9 \xed\xa0\x80 \xf0\x9f\x98\x80";
	struct screen s;
	screen_open(&s, json_style);
	result_put(s.result, "t", value_text_n(hostile, sizeof hostile - 1));
	result_put(s.result, "nul", value_text_n("a\0b", 3));
	result_put(s.result, "empty", value_text(""));
	const char *text = screen_close(&s);
	assert_json(text);
	assert_result(text, "{\"t\":\"q\\\" b\\\\ \\n\\t\\u001b[31m \\u007f \\u009b \\\\x9b \\u202e "
			    "\\udb40\\udc41 caf\xc3\xa9 "
			    "\\\\xed\\\\xa0\\\\x80 \xf0\x9f\x98\x80\",\"nul\":\"a\\u0000b\",\"empty\":\"\"}");
}

static void json_envelope(void **state)
{
	(void)state;
	struct screen s;
	struct error err = ERROR_INIT;
	error_set(&err, STATUS_CANNOT, "EPERM", NULL, "no \"raw\" sockets");
	screen_open(&s, json_style);
	result_note(s.result, "first %d", 1);
	result_note(s.result, "second");
	const char *text = screen_close_with(&s, STATUS_CANNOT, &err);
	assert_json(text);
	assert_non_null(
	    strstr(text, "{\"command\":\"no such command\",\"argv\":[\"test\",\"a b\"],\"started\":\"20"));
	assert_non_null(strstr(text, "\"result\":{},\"notes\":[\"first 1\",\"second\"],\"elapsed_ms\":"));
	assert_non_null(strstr(text, ",\"status\":3,\"error\":{\"code\":\"EPERM\",\"message\":\"no "
				     "\\\"raw\\\" sockets\",\"hint\":null}}"));
}

/* An interruption may come at any depth: what is open is closed. Text mode must survive it as well. */
static void closed_at_any_depth(void **state)
{
	(void)state;
	static const struct table list = { .name = "list", .line = "x" };
	for (int json = 0; json < 2; json++) {
		for (unsigned steps = 0; steps < 12; steps++) {
			struct screen s;
			screen_open(&s, (struct out_style){ .json = json });
			for (unsigned i = 0; i < steps; i++) {
				if (i % 3 == 0)
					result_open(s.result, "object");
				else if (i % 3 == 1)
					result_list_open(s.result, i % 2 ? &list : &hosts);
				else
					result_row_open(s.result);
				if (i % 3 != 1)
					result_put(s.result, "n", value_count(i));
			}
			const char *text = screen_close_with(&s, STATUS_INTERRUPTED, NULL);
			if (json)
				assert_json(text);
			if (json)
				assert_non_null(strstr(text, "\"status\":130"));
		}
	}
}

static void live_rows_are_lines(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, json_style);
	result_put(s.result, "target", value_text("x"));
	result_live(s.result);
	result_list_open(s.result, &hosts);
	for (unsigned i = 0; i < 2; i++)
		put_host(s.result, i, "h", NS_PER_MS);
	result_list_close(s.result);
	result_put(s.result, "count", value_count(2));
	char *text = s.text;
	screen_close(&s);
	char *lines[3];
	for (int i = 0; i < 3; i++) {
		lines[i] = text;
		text = strchr(text, '\n') + 1;
	}
	assert_string_equal(text, "");
	assert_ptr_equal(strstr(lines[0], "{\"row\":{\"seq\":0,\"host\":\"h\",\"rtt_ms\":1,"), lines[0]);
	assert_ptr_equal(strstr(lines[1], "{\"row\":{\"seq\":1,"), lines[1]);
	assert_json(lines[2]);
	assert_result(lines[2], "{\"target\":\"x\",\"count\":2}");
}

static void kept_json_is_the_same(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, json_style);
	put_verdict(s.result);
	put_hosts(s.result);
	char *whole = mem_strdup(screen_close(&s));
	screen_open(&s, (struct out_style)PLAIN(80));
	result_keep_json(s.result);
	put_verdict(s.result);
	put_hosts(s.result);
	result_finish(s.result, STATUS_OK, NULL);
	size_t length;
	const char *kept = result_json(s.result, &length);
	assert_non_null(kept);
	assert_json(kept);
	const char *a = strstr(whole, "\"result\""), *b = strstr(kept, "\"result\"");
	assert_memory_equal(a, b, (size_t)(strstr(a, "\"elapsed_ms\"") - a));
	result_free(s.result);
	close(s.fd);
	free(whole);
}

static void too_much_is_not_kept(void **state)
{
	(void)state;
	struct screen s;
	size_t length;
	screen_open(&s, (struct out_style)PLAIN(80));
	result_keep_json(s.result);
	result_list_open(s.result, &hosts);
	for (unsigned i = 0; i < 30000; i++)
		put_host(s.result, i, "host.example.com", NS_PER_MS);
	result_list_close(s.result);
	result_finish(s.result, STATUS_OK, NULL);
	assert_null(result_json(s.result, &length));
	result_free(s.result);
	close(s.fd);
}

/* --- outputs that break --- */

static enum status write_to(int fd, bool json, struct error *err)
{
	struct out_style style = { .fd = fd, .json = json };
	struct result *r = result_new(&style, "x", 0, NULL);
	result_list_open(r, &hosts);
	for (unsigned i = 0; i < 3000; i++)
		put_host(r, i, "host.example.com", NS_PER_MS);
	result_list_close(r);
	bool broken = result_broken(r);
	enum status status = result_finish(r, STATUS_OK, err);
	assert_true(broken || status == STATUS_OK);
	result_free(r);
	return status;
}

static void broken_outputs(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (int json = 0; json < 2; json++) {
		struct error err = ERROR_INIT;
		int full = open("/dev/full", O_WRONLY);
		assert_int_equal(write_to(full, json, &err), STATUS_CANNOT);
		assert_string_equal(err.code, "ENOSPC");
		assert_string_equal(err.message, "the output cannot be written: No space left on device");
		close(full);
		error_clear(&err);
		assert_int_equal(write_to(full, json, &err), STATUS_CANNOT);
		assert_string_equal(err.code, "EBADF");
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		close(ends[0]);
		error_clear(&err);
		assert_int_equal(write_to(ends[1], json, &err), STATUS_CANNOT);
		assert_false(error_is_set(&err));
		close(ends[1]);
	}
}

static void bounded_escapes(void **state)
{
	(void)state;
	char buf[8];
	assert_string_equal(out_escape(buf, sizeof buf, "abc\033def", 7, true), "abc\\ede");
	assert_string_equal(out_escape(buf, sizeof buf, "abcde\033x", 7, true), "abcde\\e");
	assert_string_equal(out_escape(buf, sizeof buf, "abcdef\033", 7, true), "abcdef");
	assert_string_equal(out_escape(buf, sizeof buf, "abcdef\xc3\xa9", 8, true), "abcdef");
	assert_string_equal(out_escape(buf, 1, "abc", 3, true), "");
}

static void schema_paths(void **state)
{
	(void)state;
	static const struct field fields[] = {
		{ "a", KIND_TEXT, "x" },   { "list[].n", KIND_COUNT, "x" }, { "counters.*", KIND_COUNT, "x" },
		{ "any", KIND_NONE, "x" }, { NULL, KIND_NONE, NULL },
	};
	assert_true(schema_allows(fields, "a", KIND_TEXT));
	assert_true(schema_allows(fields, "a", KIND_NONE));
	assert_false(schema_allows(fields, "a", KIND_COUNT));
	assert_true(schema_allows(fields, "list[].n", KIND_COUNT));
	assert_true(schema_allows(fields, "counters.TcpExtListenDrops", KIND_COUNT));
	assert_false(schema_allows(fields, "counters", KIND_COUNT));
	assert_true(schema_allows(fields, "any", KIND_TIME));
	assert_false(schema_allows(fields, "b", KIND_TEXT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_values),          cmocka_unit_test(json_strings),
		cmocka_unit_test(json_envelope),        cmocka_unit_test(closed_at_any_depth),
		cmocka_unit_test(live_rows_are_lines),  cmocka_unit_test(kept_json_is_the_same),
		cmocka_unit_test(too_much_is_not_kept), cmocka_unit_test(broken_outputs),
		cmocka_unit_test(bounded_escapes),      cmocka_unit_test(schema_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
