#include "shell/expect_eval.h"

#include "shell/expect_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, TEXT_MAX = 64 * 1024, COUNT_DIGITS = 24 };

static int read_expression(struct expect_cursor *cursor, bool *holds);

static int fail(struct expect_cursor *cursor, const char *hint, const char *message)
{
	return error_set(cursor->err, STATUS_USAGE, "ESYNTAX", hint, "%s", message);
}

static bool is_true(const struct json *value)
{
	switch (value->kind) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_TRUE:
		return true;
	case JSON_NUMBER:
		return value->number != 0;
	case JSON_TEXT:
		return value->length > 0;
	default:
		return value->count > 0;
	}
}

/* --- one comparison --- */

struct comparison {
	size_t begin, end; /* of the side, in the text */
	struct expect_found found;
	struct json number; /* what count(...) makes */
	char digits[COUNT_DIGITS];
	enum expect_operator operator;
	struct buf expected;
};

/* In place of the values their number. */
static void comparison_count(struct comparison *comparison)
{
	struct expect_found *found = &comparison->found;
	size_t count = found->bracket ? found->count : 0;
	for (size_t i = 0; !found->bracket && i < found->count; i++)
		count += found->values[i]->count;
	snprintf(comparison->digits, sizeof comparison->digits, "%zu", count);
	comparison->number = (struct json){ .kind = JSON_NUMBER,
					    .text = comparison->digits,
					    .length = strlen(comparison->digits),
					    .number = (double)count };
	free(found->values);
	found->values = NULL;
	found->count = 0;
	found->kind = KIND_NONE;
}

static int comparison_side(struct expect_cursor *cursor, struct comparison *comparison, bool *counted)
{
	expect_skip_blanks(cursor);
	comparison->begin = cursor->at;
	*counted = expect_take(cursor, "count");
	expect_skip_blanks(cursor);
	*counted = *counted && expect_take(cursor, "(");
	if (!*counted)
		cursor->at = comparison->begin;
	if (expect_read_path(cursor, &comparison->found))
		return -1;
	expect_skip_blanks(cursor);
	if (*counted && !expect_take(cursor, ")"))
		return fail(cursor, "write count(PATH)", "a ) is missing");
	comparison->end = cursor->at;
	while (comparison->end > comparison->begin && strchr(" \t\n", cursor->text[comparison->end - 1]))
		comparison->end--;
	if (*counted)
		comparison_count(comparison);
	return 0;
}

static void comparison_report(const struct expect_cursor *cursor, const struct comparison *comparison,
			      const struct json *value, bool passed, size_t values)
{
	if (!cursor->input->check)
		return;
	struct buf side = BUF_INIT(TEXT_MAX), measured = BUF_INIT(TEXT_MAX);
	buf_add(&side, cursor->text + comparison->begin, comparison->end - comparison->begin);
	if (value)
		expect_show(&measured, value, comparison->found.kind);
	else
		buf_add_text(&measured, "nothing");
	if (values > 1)
		buf_printf(&measured, passed ? " (and all of %zu)" : " (1 of %zu)", values);
	struct expect_check check = { buf_text(&side), expect_operator_text(comparison->operator),
				      buf_text(&comparison->expected), buf_text(&measured), passed };
	cursor->input->check(&check, cursor->input->arg);
	buf_release(&side);
	buf_release(&measured);
}

/* All values must hold, and there must be one. */
static int comparison_judge(struct expect_cursor *cursor, const struct comparison *comparison, bool counted,
			    bool *holds)
{
	const struct json *only = &comparison->number;
	const struct json *const *values =
	    counted ? &only : (const struct json *const *)comparison->found.values;
	size_t count = counted ? 1 : comparison->found.count;
	const struct json *shown = count ? values[0] : NULL;
	*holds = count > 0;
	for (size_t i = 0; i < count && *holds; i++) {
		int one = comparison->operator== EXPECT_NONE
			      ? is_true(values[i])
			      : expect_compare(values[i], comparison->found.kind, comparison->operator,
					       buf_text(&comparison->expected), cursor->err);
		if (one < 0) {
			cursor->at = comparison->begin;
			return -1;
		}
		shown = values[i];
		*holds = one;
	}
	comparison_report(cursor, comparison, shown, *holds, count);
	return 0;
}

static int read_comparison(struct expect_cursor *cursor, bool *holds)
{
	struct comparison comparison = { .expected = BUF_INIT(TEXT_MAX) };
	bool counted;
	int failed = comparison_side(cursor, &comparison, &counted);
	if (!failed) {
		comparison.operator= expect_read_operator(cursor);
		if (comparison.operator!= EXPECT_NONE)
			failed = expect_read_value(cursor, false, &comparison.expected);
	}
	if (!failed && cursor->live)
		failed = comparison_judge(cursor, &comparison, counted, holds);
	free(comparison.found.values);
	buf_release(&comparison.expected);
	return failed;
}

/* --- joined --- */

static int read_unit(struct expect_cursor *cursor, bool *holds)
{
	expect_skip_blanks(cursor);
	if (cursor->depth == DEPTH_MAX)
		return fail(cursor, "write several expects", "this is nested too deep");
	int failed;
	cursor->depth++;
	if (expect_take(cursor, "!")) {
		failed = read_unit(cursor, holds);
		*holds = !*holds;
	} else if (expect_take(cursor, "(")) {
		failed = read_expression(cursor, holds);
		expect_skip_blanks(cursor);
		if (!failed && !expect_take(cursor, ")"))
			failed = fail(cursor, "close it", "a ) is missing");
	} else {
		failed = read_comparison(cursor, holds);
	}
	cursor->depth--;
	return failed;
}

static int read_and(struct expect_cursor *cursor, bool *holds)
{
	bool live = cursor->live;
	int failed = read_unit(cursor, holds);
	while (!failed && (expect_skip_blanks(cursor), expect_take(cursor, "&&"))) {
		bool further = false;
		cursor->live = live && *holds;
		failed = read_unit(cursor, &further);
		*holds = *holds && further;
	}
	cursor->live = live;
	return failed;
}

static int read_expression(struct expect_cursor *cursor, bool *holds)
{
	bool live = cursor->live;
	int failed = read_and(cursor, holds);
	while (!failed && (expect_skip_blanks(cursor), expect_take(cursor, "||"))) {
		bool further = false;
		cursor->live = live && !*holds;
		failed = read_and(cursor, &further);
		*holds = *holds || further;
	}
	cursor->live = live;
	return failed;
}

int expect_evaluate(const char *text, size_t length, const struct expect_input *input, bool *passed,
		    size_t *place, struct error *err)
{
	struct expect_cursor cursor = { text, length, 0, input, true, 0, err };
	*passed = false;
	int failed = read_expression(&cursor, passed);
	expect_skip_blanks(&cursor);
	if (!failed && cursor.at < length)
		failed = fail(&cursor,
			      "&& and || join comparisons; a further command belongs on a line of its own",
			      "this does not belong to the comparison");
	*place = cursor.at;
	return failed;
}
