/* What a point's JSON says, for the forms. */
#include "out/forms_parts.h"

#include <stdio.h>

enum { PATH_BYTES = 256, NESTING_MAX = 8 };

static const char *text_of(const struct json *json)
{
	return json && json->kind == JSON_TEXT ? json->text : NULL;
}

/* "rtt_ms.p99 < 50ms: 81.2 ms" of the first comparison that failed. */
static bool reason_of_check(const struct json *result, char buf[FORM_SENTENCE_MAX])
{
	const struct json *checks = json_member(result, "checks");
	for (size_t i = 0; checks && checks->kind == JSON_ARRAY && i < checks->count; i++) {
		const struct json *check = &checks->items[i], *passed = json_member(check, "passed");
		const char *side = text_of(json_member(check, "side"));
		if (!side || !passed || passed->kind != JSON_FALSE)
			continue;
		const char *operator= text_of(json_member(check, "operator"));
		const char *expected = text_of(json_member(check, "expected"));
		const char *measured = text_of(json_member(check, "measured"));
		snprintf(buf, FORM_SENTENCE_MAX, "%s%s%s%s%s: it is %s", side, operator? " " : "",
			 operator? operator: "", expected ? " " : "", expected ? expected : "",
			 measured ? measured : "not there");
		return true;
	}
	return false;
}

const char *point_reason(const struct point *point, char buf[FORM_SENTENCE_MAX])
{
	const struct json *result = json_member(point->tree, "result");
	const char *said = point->message && *point->message ? point->message : NULL;
	if (!said)
		said = text_of(json_member(json_member(point->tree, "error"), "message"));
	if (!said)
		said = text_of(json_member(json_member(result, "verdict"), "summary"));
	buf[0] = '\0';
	if (said)
		snprintf(buf, FORM_SENTENCE_MAX, "%s", said);
	else if (!reason_of_check(result, buf) && point->status)
		snprintf(buf, FORM_SENTENCE_MAX, "status %d", point->status);
	return buf;
}

static void numbers_below(const struct json *json, const char *path, unsigned depth, point_number_fn *fn,
			  void *arg)
{
	for (size_t i = 0; json->kind == JSON_OBJECT && i < json->count; i++) {
		const struct json *member = &json->items[i];
		char below[PATH_BYTES];
		if (snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", member->name) >=
		    (int)sizeof below)
			continue;
		if (member->kind == JSON_NUMBER)
			fn(below, member->number, arg);
		else if (member->kind == JSON_TRUE || member->kind == JSON_FALSE)
			fn(below, member->kind == JSON_TRUE, arg);
		else if (depth < NESTING_MAX)
			numbers_below(member, below, depth + 1, fn, arg);
	}
}

void point_numbers(const struct point *point, point_number_fn *fn, void *arg)
{
	const struct json *result = json_member(point->tree, "result");
	if (result)
		numbers_below(result, "", 0, fn, arg);
}
