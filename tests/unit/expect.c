/* `expect`: its language over a JSON result. */
#include "shell/expect_eval.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char document[] =
    "{\"loss_percent\":0.5,\"rtt_ms\":{\"min\":1.25,\"p99\":49.9},\"status\":\"NOERROR\",\"cached\":false,"
    "\"port\":null,\"size_bytes\":65536,\"rate_bps\":100000000,\"names\":[\"a\",\"b\"],\"ttl\":300,"
    "\"answer\":[{\"type\":\"A\",\"address\":\"192.0.2.1\",\"ttl\":300},{\"type\":\"AAAA\",\"address\":"
    "\"2001:db8::1\",\"ttl\":60},{\"type\":\"A\",\"address\":\"192.0.2.2\",\"ttl\":200}],\"empty\":[],"
    "\"seen\":\"2026-11-20T23:10:05.123456Z\"}";

static const struct field fields[] = {
	{ "loss_percent", KIND_PERCENT, "" },
	{ "rtt_ms.min", KIND_TIME, "" },
	{ "rtt_ms.p99", KIND_TIME, "" },
	{ "status", KIND_TEXT, "" },
	{ "cached", KIND_FLAG, "" },
	{ "port", KIND_COUNT, "" },
	{ "ttl", KIND_SECONDS, "" },
	{ "answer", KIND_NONE, "" },
	{ "answer[].type", KIND_TEXT, "" },
	{ "missing", KIND_COUNT, "" },
	{ .path = NULL },
};

struct seen {
	unsigned checks;
	char measured[128], expected[128];
};

static void remember(const struct expect_check *check, void *arg)
{
	struct seen *seen = arg;
	seen->checks++;
	snprintf(seen->measured, sizeof seen->measured, "%s", check->measured);
	snprintf(seen->expected, sizeof seen->expected, "%s", check->expected);
}

static const char *variable(const char *name, void *arg)
{
	(void)arg;
	return !strcmp(name, "limit") ? "1%" : NULL;
}

/* 1: holds, 0: does not, -1: wrong. */
static int evaluate(const char *text, const struct field *known, struct seen *seen, size_t *place,
		    struct error *err)
{
	struct json *json = json_read(document, strlen(document), NULL);
	assert_non_null(json);
	struct expand_env env = { .get = variable };
	struct expect_input input = { json, known, "dns dig", &env, remember, seen };
	bool passed;
	int failed = expect_evaluate(text, strlen(text), &input, &passed, place, err);
	json_free(json);
	return failed ? -1 : passed;
}

static const struct {
	const char *text;
	int verdict;
} verdicts[] = {
	{ "loss_percent < 1", 1 },
	{ "loss_percent < 1%", 1 },
	{ "loss_percent < $limit", 1 },
	{ "loss_percent<0.5", 0 },
	{ "loss_percent <= 0.5", 1 },
	{ "rtt_ms.p99 < 50ms", 1 },
	{ "rtt_ms.p99 < 50 ms", 1 },
	{ "rtt_ms.p99 < 49", 0 },
	{ "rtt_ms.p99 < 0.04s", 0 },
	{ "rtt_ms.min >= 1250us", 1 },
	{ "status == NOERROR", 1 },
	{ "status = 'NOERROR'", 1 },
	{ "status != NOERROR", 0 },
	{ "status ~ ^NO", 1 },
	{ "status !~ ^NO", 0 },
	{ "status ~ \"^(NOERROR|NXDOMAIN)$\"", 1 },
	{ "cached == false", 1 },
	{ "cached", 0 },
	{ "!cached", 1 },
	{ "cached == yes", 0 },
	{ "port == none", 1 },
	{ "port != none", 0 },
	{ "port", 0 },
	{ "size_bytes == 64K", 1 },
	{ "size_bytes > 1MiB", 0 },
	{ "rate_bps >= 100Mbit/s", 1 },
	{ "rate_bps > 0.1G", 0 },
	{ "ttl == 5m", 1 },
	{ "count(answer) == 3", 1 },
	{ "count(answer[type=A]) >= 2", 1 },
	{ "count( answer[type = A, ttl > 250] ) == 1", 1 },
	{ "count(answer[type=MX])", 0 },
	{ "count(empty) == 0", 1 },
	{ "count(names) == 2", 1 },
	{ "answer[0].address == 192.0.2.1", 1 },
	{ "answer[-1].address == 192.0.2.2", 1 },
	{ "answer[9].address == 192.0.2.2", 0 },
	{ "answer[type=AAAA].address == 2001:db8::1", 1 },
	{ "answer[].ttl <= 300", 1 },
	{ "answer[].ttl < 300", 0 },
	{ "answer[type=A].address ~ ^192", 1 },
	{ "empty[].x == 1", 0 },
	{ "missing == 1", 0 },
	{ "missing != 1", 0 },
	{ "names[1] == b", 1 },
	{ "status == NOERROR && count(answer[type=A]) >= 2", 1 },
	{ "status == X || loss_percent < 1", 1 },
	{ "status == X || loss_percent > 1", 0 },
	{ "status == NOERROR || nothing_known", 1 },
	{ "(status == X || cached == false) && ttl > 1", 1 },
	{ "!(status == X) && !cached", 1 },
	{ "status == X && missing || ttl == 300", 1 },
	{ "seen > 2026-11-20", 1 },
};

static void holds_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		struct error err = ERROR_INIT;
		struct seen seen = { 0 };
		size_t place;
		int verdict = evaluate(verdicts[i].text, NULL, &seen, &place, &err);
		if (!strncmp(verdicts[i].text, "ttl", 3))
			verdict = evaluate(verdicts[i].text, fields, &seen, &place, &err);
		if (verdict != verdicts[i].verdict)
			fail_msg("%s: %d %s", verdicts[i].text, verdict, err.message);
	}
}

static void wrong_words(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
		size_t place;
	} rows[] = {
		{ "loss_percnt < 1", "has no loss_percnt", 0 },
		{ "status == NOERROR && lost < 1", "has no lost", 21 },
		{ "loss_percent < ", "a value is missing", 15 },
		{ "< 1", "is missing", 0 },
		{ "loss_percent < abc", "a number was measured", 0 },
		{ "loss_percent < 5ms", "a number was measured", 0 },
		{ "status < 1", "text has no order", 0 },
		{ "cached < 1", "this is a flag", 0 },
		{ "status ~ '('", "\"(\"", 0 },
		{ "(status == NOERROR", "a ) is missing", 18 },
		{ "count(answer", "a ) is missing", 12 },
		{ "answer[type=A", "not closed", 6 },
		{ "answer[type] == 1", "operator is missing", 11 },
		{ "status == NOERROR echo", "does not belong", 18 },
		{ "status == 'x", "not closed", 10 },
		{ "status == NOERROR && ", "is missing", 21 },
		{ "answer == 1", "a list or an object", 0 },
		{ "loss_percent < $nothing", "$nothing is not set", 15 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err = ERROR_INIT;
		struct seen seen = { 0 };
		size_t place;
		if (evaluate(rows[i].text, fields, &seen, &place, &err) != -1)
			fail_msg("%s: no error", rows[i].text);
		assert_int_equal(err.status, STATUS_USAGE);
		if (!strstr(err.message, rows[i].says) || place != rows[i].place)
			fail_msg("%s: at %zu: %s", rows[i].text, place, err.message);
	}
}

static void near_path(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct seen seen = { 0 };
	size_t place;
	assert_int_equal(evaluate("rtt_ms.p98 < 1", fields, &seen, &place, &err), -1);
	assert_non_null(strstr(err.hint, "rtt_ms.p99"));
}

static void measured_text(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct seen seen = { 0 };
	size_t place;
	assert_int_equal(evaluate("rtt_ms.p99 < 10ms", fields, &seen, &place, &err), 0);
	assert_string_equal(seen.measured, "49.9 ms");
	assert_string_equal(seen.expected, "10ms");
	assert_int_equal(evaluate("missing > 10", fields, &seen, &place, &err), 0);
	assert_string_equal(seen.measured, "nothing");
	assert_int_equal(evaluate("answer[].ttl > 100", fields, &seen, &place, &err), 0);
	assert_string_equal(seen.measured, "60 (1 of 3)");
	seen.checks = 0;
	assert_int_equal(evaluate("ttl == 1 && ttl == 300", fields, &seen, &place, &err), 0);
	assert_int_equal(seen.checks, 1);
}

static void deep(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct seen seen = { 0 };
	size_t place;
	char text[4096];
	memset(text, '(', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(evaluate(text, fields, &seen, &place, &err), -1);
	assert_non_null(strstr(err.message, "too deep"));
	memset(text, '!', sizeof text - 1);
	assert_int_equal(evaluate(text, fields, &seen, &place, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_or_not),  cmocka_unit_test(wrong_words), cmocka_unit_test(near_path),
		cmocka_unit_test(measured_text), cmocka_unit_test(deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
