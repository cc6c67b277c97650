/* The JSON reader. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void good(void **state)
{
	(void)state;
	static const char text[] =
	    " {\"a\":[1,-2.5e3,true,false,null,{}],\"b\":\"x\\n\\u00e9\\ud83d\\ude00\",\"a\":2} ";
	struct json *json = json_read(text, strlen(text), NULL);
	assert_non_null(json);
	assert_int_equal(json->kind, JSON_OBJECT);
	assert_int_equal(json->items[0].kind, JSON_ARRAY);
	assert_int_equal(json->items[0].count, 6);
	assert_true(json->items[0].items[1].number == -2500);
	assert_string_equal(json->items[0].items[1].text, "-2.5e3");
	assert_string_equal(json_member(json, "b")->text, "x\n\xc3\xa9\xf0\x9f\x98\x80");
	assert_true(json_member(json, "a")->number == 2);
	assert_null(json_member(json, "c"));
	json_free(json);
}

static void nul_in_text(void **state)
{
	(void)state;
	struct json *json = json_read("\"a\\u0000b\"", 10, NULL);
	assert_non_null(json);
	assert_int_equal(json->length, 3);
	assert_memory_equal(json->text, "a\0b", 4);
	json_free(json);
}

static void bad(void **state)
{
	(void)state;
	static const char *const rows[] = { "",    "{",         "[1,]", "{\"a\"}",    "{\"a\":}",
					    "01",  "1.",        "-",    "\"a",        "\"\\x\"",
					    "tru", "1 2",       "[1",   "{a:1}",      "\"\n\"",
					    "+1",  "\"\\u12\"", "nul",  "{\"a\":1,}", "1e" };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (json_read(rows[i], strlen(rows[i]), NULL))
			fail_msg("%s", rows[i]);
}

static void deep(void **state)
{
	(void)state;
	char text[2 * (JSON_DEPTH_MAX + 1)];
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	struct json *json = json_read(text, 2 * JSON_DEPTH_MAX, NULL);
	assert_non_null(json);
	json_free(json);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_null(json_read(text, sizeof text, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(nul_in_text),
		cmocka_unit_test(bad),
		cmocka_unit_test(deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
