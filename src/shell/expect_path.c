#include "shell/expect_path.h"

#include "base/mem.h"
#include "opt/opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 64 * 1024, VALUES_MAX = 100000, FIELDS_MAX = 1024 };

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/* --- bytes --- */

void expect_skip_blanks(struct expect_cursor *cursor)
{
	while (cursor->at < cursor->length && strchr(" \t\r\n", cursor->text[cursor->at]) &&
	       cursor->text[cursor->at])
		cursor->at++;
}

bool expect_take(struct expect_cursor *cursor, const char *word)
{
	size_t length = strlen(word);
	if (cursor->length - cursor->at < length || memcmp(cursor->text + cursor->at, word, length))
		return false;
	cursor->at += length;
	return true;
}

enum expect_operator expect_read_operator(struct expect_cursor *cursor)
{
	static const struct {
		const char *text;
		enum expect_operator operator;
	} operators[] = {
		{ "==", EXPECT_EQUAL },    { "!=", EXPECT_UNEQUAL },  { "<=", EXPECT_AT_MOST },
		{ ">=", EXPECT_AT_LEAST }, { "!~", EXPECT_NO_MATCH }, { "=", EXPECT_EQUAL },
		{ "<", EXPECT_LESS },      { ">", EXPECT_MORE },      { "~", EXPECT_MATCH },
	};
	expect_skip_blanks(cursor);
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
		if (expect_take(cursor, operators[i].text))
			return operators[i].operator;
	return EXPECT_NONE;
}

/* --- values --- */

static bool value_ends(const struct expect_cursor *cursor, bool filter)
{
	char c = cursor->text[cursor->at];
	if (filter)
		return c == ',' || c == ']';
	bool pair = cursor->at + 1 < cursor->length && cursor->text[cursor->at + 1] == c;
	return !c || strchr(" \t\r\n)", c) || (pair && (c == '&' || c == '|'));
}

static int value_variable(struct expect_cursor *cursor, struct buf *value)
{
	struct slice slice = { cursor->at, cursor->at };
	struct words words = { 0 };
	struct slice name;
	bool bad;
	size_t place = cursor->at;
	if (!cursor->input->env ||
	    !lex_variable(cursor->text, cursor->length, cursor->at, &name, &slice.end, &bad)) {
		buf_add_char(value, cursor->text[cursor->at++]);
		return 0;
	}
	int failed = expand_word(cursor->text, slice, cursor->input->env, &words, &place, cursor->err);
	for (int i = 0; i < words.count; i++)
		buf_printf(value, "%s%s", i ? " " : "", words.items[i]);
	words_release(&words);
	cursor->at = failed ? place : slice.end;
	return failed;
}

static int value_quoted(struct expect_cursor *cursor, struct buf *value)
{
	char quote = cursor->text[cursor->at];
	size_t begin = cursor->at++;
	while (cursor->at < cursor->length && cursor->text[cursor->at] != quote) {
		if (quote == '"' && cursor->text[cursor->at] == '$') {
			if (value_variable(cursor, value))
				return -1;
			continue;
		}
		if (quote == '"' && cursor->text[cursor->at] == '\\' && cursor->at + 1 < cursor->length)
			cursor->at++;
		buf_add_char(value, cursor->text[cursor->at++]);
	}
	if (expect_take(cursor, quote == '"' ? "\"" : "'"))
		return 0;
	cursor->at = begin;
	return error_set(cursor->err, STATUS_USAGE, "ESYNTAX", "close it", "this quote is not closed");
}

static int value_word(struct expect_cursor *cursor, bool filter, struct buf *value)
{
	while (cursor->at < cursor->length && !value_ends(cursor, filter)) {
		char c = cursor->text[cursor->at];
		int failed = 0;
		if (c == '\'' || c == '"')
			failed = value_quoted(cursor, value);
		else if (c == '$')
			failed = value_variable(cursor, value);
		else
			buf_add_char(value, cursor->text[cursor->at++]);
		if (failed)
			return -1;
	}
	return 0;
}

int expect_read_value(struct expect_cursor *cursor, bool filter, struct buf *value)
{
	expect_skip_blanks(cursor);
	size_t begin = cursor->at;
	if (value_word(cursor, filter, value))
		return -1;
	if (cursor->at == begin)
		return error_set(cursor->err, STATUS_USAGE, "ESYNTAX", "write: expect PATH OPERATOR VALUE",
				 "a value is missing");
	while (filter && value->length && value->bytes[value->length - 1] == ' ')
		value->bytes[--value->length] = '\0';
	size_t end = cursor->at;
	const char *digits = buf_text(value);
	if (filter || !*digits || digits[strspn(digits, "0123456789.-+")])
		return 0;
	expect_skip_blanks(cursor);
	bool unit = cursor->at < cursor->length && cursor->text[cursor->at] &&
		    strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%", cursor->text[cursor->at]);
	if (!unit)
		cursor->at = end;
	return unit ? value_word(cursor, false, value) : 0;
}

/* --- paths --- */

static void found_add(struct expect_found *found, const struct json *value)
{
	if (found->count == VALUES_MAX)
		return;
	if (found->count == found->capacity) {
		found->capacity = found->capacity ? found->capacity * 2 : 8;
		found->values = mem_resize(found->values, found->capacity, sizeof *found->values);
	}
	found->values[found->count++] = value;
}

static void normal_add(struct expect_found *found, const char *text, size_t length)
{
	size_t used = strlen(found->normal);
	snprintf(found->normal + used, sizeof found->normal - used, "%.*s", (int)length, text);
}

static int path_name(struct expect_cursor *cursor, struct expect_found *found)
{
	size_t begin = cursor->at;
	while (cursor->at < cursor->length && cursor->text[cursor->at] &&
	       strchr(name_bytes, cursor->text[cursor->at]))
		cursor->at++;
	size_t length = cursor->at - begin;
	if (!length || length >= EXPECT_NORMAL_MAX)
		return error_set(cursor->err, STATUS_USAGE, "ESYNTAX", "write: expect PATH OPERATOR VALUE",
				 "the name of a measured value is missing");
	char name[EXPECT_NORMAL_MAX];
	memcpy(name, cursor->text + begin, length);
	name[length] = '\0';
	if (found->normal[0])
		normal_add(found, ".", 1);
	normal_add(found, name, length);
	size_t kept = 0;
	for (size_t i = 0; i < found->count; i++) {
		const struct json *member = json_member(found->values[i], name);
		if (member)
			found->values[kept++] = member;
	}
	found->count = kept;
	found->bracket = false;
	return 0;
}

/* The members of the lists that were found so far take the lists' place. */
static void found_spread(struct expect_found *found)
{
	struct expect_found spread = { 0 };
	for (size_t i = 0; i < found->count; i++)
		for (size_t j = 0; found->values[i]->kind == JSON_ARRAY && j < found->values[i]->count; j++)
			found_add(&spread, &found->values[i]->items[j]);
	free(found->values);
	found->values = spread.values;
	found->count = spread.count;
	found->capacity = spread.capacity;
	found->bracket = true;
	normal_add(found, "[]", 2);
}

static void path_index(struct expect_found *found, long index)
{
	size_t kept = 0;
	for (size_t i = 0; i < found->count; i++) {
		const struct json *list = found->values[i];
		long place = index < 0 ? index + (long)list->count : index;
		if (list->kind == JSON_ARRAY && place >= 0 && (size_t)place < list->count)
			found->values[kept++] = &list->items[place];
	}
	found->count = kept;
	found->bracket = true;
	normal_add(found, "[]", 2);
}

/* NAME OPERATOR VALUE: what it does not hold for is dropped. */
static int path_condition(struct expect_cursor *cursor, struct expect_found *found)
{
	struct expect_found name = { 0 };
	struct buf value = BUF_INIT(VALUE_MAX);
	expect_skip_blanks(cursor);
	size_t begin = cursor->at;
	int failed = path_name(cursor, &name);
	enum expect_operator operator= failed ? EXPECT_NONE : expect_read_operator(cursor);
	if (!failed && operator== EXPECT_NONE)
		failed = error_set(cursor->err, STATUS_USAGE, "ESYNTAX", "write [NAME=VALUE], [0] or []",
				   "an operator is missing in the filter");
	if (!failed)
		failed = expect_read_value(cursor, true, &value);
	size_t kept = 0;
	for (size_t i = 0; !failed && cursor->live && i < found->count; i++) {
		const struct json *member = json_member(found->values[i], name.normal);
		enum value_kind kind = expect_name_kind(name.normal, strlen(name.normal));
		int holds =
		    member ? expect_compare(member, kind, operator, buf_text(&value), cursor->err) : 0;
		if (holds < 0) {
			cursor->at = begin;
			failed = -1;
		} else if (holds) {
			found->values[kept++] = found->values[i];
		}
	}
	found->count = kept;
	buf_release(&value);
	return failed;
}

static int path_bracket(struct expect_cursor *cursor, struct expect_found *found)
{
	size_t begin = cursor->at - 1;
	expect_skip_blanks(cursor);
	size_t digits = cursor->at;
	bool negative = expect_take(cursor, "-");
	long index = 0;
	size_t first = cursor->at;
	while (cursor->at < cursor->length && cursor->text[cursor->at] >= '0' &&
	       cursor->text[cursor->at] <= '9' && index < FIELDS_MAX * FIELDS_MAX)
		index = index * 10 + (cursor->text[cursor->at++] - '0');
	bool number = cursor->at > first;
	expect_skip_blanks(cursor);
	if (number && expect_take(cursor, "]")) {
		path_index(found, negative ? -index : index);
		return 0;
	}
	cursor->at = digits;
	found_spread(found);
	if (expect_take(cursor, "]"))
		return 0;
	do {
		if (path_condition(cursor, found))
			return -1;
	} while (expect_take(cursor, ","));
	if (expect_take(cursor, "]"))
		return 0;
	cursor->at = begin;
	return error_set(cursor->err, STATUS_USAGE, "ESYNTAX", "close it", "this bracket is not closed");
}

/* --- what the command documents --- */

static bool field_matches(const char *path, const char *normal)
{
	size_t length = strlen(normal);
	return !strncmp(path, normal, length) &&
	       (!path[length] || path[length] == '.' || path[length] == '[');
}

static bool path_known(const struct expect_found *found, const struct field *fields)
{
	for (; fields->path; fields++)
		if (field_matches(fields->path, found->normal))
			return true;
	return false;
}

/* "there are loss_percent, rtt_ms, ...": the outermost members, as many as fit. */
static void hint_members(char *hint, size_t size, const struct field *fields)
{
	size_t used = (size_t)snprintf(hint, size, "there are");
	bool first = true;
	for (; fields->path; fields++) {
		size_t length = strlen(fields->path);
		if (strpbrk(fields->path, ".["))
			continue;
		if (used + length + sizeof ", ..." >= size) {
			snprintf(hint + used, size - used, " ...");
			return;
		}
		used += (size_t)snprintf(hint + used, size - used, "%s %s", first ? "" : ",", fields->path);
		first = false;
	}
}

static int path_unknown(struct expect_cursor *cursor, const struct expect_found *found, size_t begin)
{
	const char *paths[FIELDS_MAX];
	size_t count = 0;
	for (const struct field *field = cursor->input->fields; field->path && count + 1 < FIELDS_MAX;
	     field++)
		paths[count++] = field->path;
	paths[count] = NULL;
	char hint[ERROR_HINT_MAX];
	const char *near = opt_nearest(found->normal, paths);
	if (near)
		snprintf(hint, sizeof hint, "did you mean %.200s?", near);
	else
		hint_members(hint, sizeof hint, cursor->input->fields);
	cursor->at = begin;
	return error_set(cursor->err, STATUS_USAGE, "EUSAGE", hint, "the result of %s has no %s",
			 cursor->input->command, found->normal);
}

/* The unit: as documented, else by the names, the innermost first. */
static enum value_kind path_kind(const struct expect_found *found, const struct field *fields)
{
	for (; fields && fields->path; fields++)
		if (!strcmp(fields->path, found->normal) && fields->kind != KIND_NONE)
			return fields->kind;
	size_t end = strlen(found->normal);
	while (end) {
		size_t begin = end;
		while (begin && found->normal[begin - 1] != '.')
			begin--;
		size_t length = end - begin;
		while (length > 2 && !memcmp(found->normal + begin + length - 2, "[]", 2))
			length -= 2;
		enum value_kind kind = expect_name_kind(found->normal + begin, length);
		if (kind != KIND_NONE)
			return kind;
		end = begin ? begin - 1 : 0;
	}
	return KIND_NONE;
}

int expect_read_path(struct expect_cursor *cursor, struct expect_found *found)
{
	*found = (struct expect_found){ 0 };
	expect_skip_blanks(cursor);
	size_t begin = cursor->at;
	const struct field *fields = cursor->input->fields;
	if (cursor->live && cursor->input->result)
		found_add(found, cursor->input->result);
	if (path_name(cursor, found))
		return -1;
	for (;;) {
		if (expect_take(cursor, ".")) {
			if (path_name(cursor, found))
				return -1;
		} else if (expect_take(cursor, "[")) {
			if (path_bracket(cursor, found))
				return -1;
		} else {
			break;
		}
	}
	if (cursor->live && !found->count && fields && fields->path && !path_known(found, fields))
		return path_unknown(cursor, found, begin);
	found->kind = path_kind(found, fields);
	return 0;
}
