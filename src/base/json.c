#include "base/json.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 400 };

struct reader {
	const char *bytes;
	size_t length, at;
	unsigned depth;
};

static bool read_value(struct reader *reader, struct json *out);

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->length) {
		char c = reader->bytes[reader->at];
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return;
		reader->at++;
	}
}

static bool take(struct reader *reader, char c)
{
	if (reader->at == reader->length || reader->bytes[reader->at] != c)
		return false;
	reader->at++;
	return true;
}

static bool read_hex4(struct reader *reader, uint32_t *out)
{
	*out = 0;
	if (reader->length - reader->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = reader->bytes[reader->at++];
		uint32_t digit;
		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
		*out = *out << 4 | digit;
	}
	return true;
}

/* \uXXXX, or two of them for what lies beyond the first plane. A lone surrogate becomes U+FFFD. */
static bool read_unicode(struct reader *reader, struct buf *text)
{
	uint32_t code, low;
	if (!read_hex4(reader, &code))
		return false;
	if (code >= 0xd800 && code < 0xdc00 && reader->length - reader->at >= 6 &&
	    reader->bytes[reader->at] == '\\' && reader->bytes[reader->at + 1] == 'u') {
		reader->at += 2;
		if (!read_hex4(reader, &low))
			return false;
		code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
						     : 0xfffd;
	}
	char encoded[4];
	size_t size = text_encode(code, encoded);
	if (!size)
		size = text_encode(0xfffd, encoded);
	buf_add(text, encoded, size);
	return true;
}

static bool read_escape(struct reader *reader, struct buf *text)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	if (reader->at == reader->length)
		return false;
	char c = reader->bytes[reader->at++];
	if (c == 'u')
		return read_unicode(reader, text);
	const char *name = c ? strchr(names, c) : NULL;
	if (name)
		buf_add_char(text, bytes[name - names]);
	return name;
}

static bool read_text(struct reader *reader, char **out, size_t *length)
{
	struct buf text = BUF_INIT(reader->length + 1);
	bool good = take(reader, '"');
	while (good && !take(reader, '"')) {
		if (reader->at == reader->length || (unsigned char)reader->bytes[reader->at] < 0x20)
			good = false;
		else if (take(reader, '\\'))
			good = read_escape(reader, &text);
		else
			buf_add_char(&text, reader->bytes[reader->at++]);
	}
	if (good) {
		*length = text.length;
		*out = mem_dup(buf_text(&text), text.length + 1);
	}
	buf_release(&text);
	return good;
}

static size_t read_digits(struct reader *reader)
{
	size_t begin = reader->at;
	while (reader->at < reader->length && reader->bytes[reader->at] >= '0' &&
	       reader->bytes[reader->at] <= '9')
		reader->at++;
	return reader->at - begin;
}

static bool read_number(struct reader *reader, struct json *out)
{
	size_t begin = reader->at;
	take(reader, '-');
	size_t first = reader->at, digits = read_digits(reader);
	if (!digits || (digits > 1 && reader->bytes[first] == '0'))
		return false;
	if (take(reader, '.') && !read_digits(reader))
		return false;
	if (take(reader, 'e') || take(reader, 'E')) {
		if (!take(reader, '+'))
			take(reader, '-');
		if (!read_digits(reader))
			return false;
	}
	out->length = reader->at - begin;
	if (out->length > NUMBER_MAX)
		return false;
	out->kind = JSON_NUMBER;
	out->text = mem_strndup(reader->bytes + begin, out->length);
	out->number = strtod(out->text, NULL);
	return true;
}

static struct json *add_item(struct json *parent, size_t *capacity)
{
	if (parent->count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 4;
		parent->items = mem_resize(parent->items, *capacity, sizeof *parent->items);
	}
	struct json *item = &parent->items[parent->count++];
	*item = (struct json){ 0 };
	return item;
}

static bool read_items(struct reader *reader, struct json *out, bool object)
{
	char end = object ? '}' : ']';
	size_t capacity = 0, length;
	out->kind = object ? JSON_OBJECT : JSON_ARRAY;
	reader->at++;
	skip_blanks(reader);
	if (take(reader, end))
		return true;
	do {
		struct json *item = add_item(out, &capacity);
		skip_blanks(reader);
		if (object && !read_text(reader, &item->name, &length))
			return false;
		skip_blanks(reader);
		if ((object && !take(reader, ':')) || !read_value(reader, item))
			return false;
		skip_blanks(reader);
	} while (take(reader, ','));
	return take(reader, end);
}

static bool read_word(struct reader *reader, const char *word, enum json_kind kind, struct json *out)
{
	size_t length = strlen(word);
	if (reader->length - reader->at < length || memcmp(reader->bytes + reader->at, word, length))
		return false;
	reader->at += length;
	out->kind = kind;
	return true;
}

static bool read_value(struct reader *reader, struct json *out)
{
	skip_blanks(reader);
	if (reader->at == reader->length)
		return false;
	bool good;
	switch (reader->bytes[reader->at]) {
	case '{':
	case '[':
		if (reader->depth == JSON_DEPTH_MAX)
			return false;
		reader->depth++;
		good = read_items(reader, out, reader->bytes[reader->at] == '{');
		reader->depth--;
		return good;
	case '"':
		out->kind = JSON_TEXT;
		return read_text(reader, &out->text, &out->length);
	case 't':
		return read_word(reader, "true", JSON_TRUE, out);
	case 'f':
		return read_word(reader, "false", JSON_FALSE, out);
	case 'n':
		return read_word(reader, "null", JSON_NULL, out);
	default:
		return read_number(reader, out);
	}
}

static void json_clear(struct json *json)
{
	for (size_t i = 0; i < json->count; i++)
		json_clear(&json->items[i]);
	free(json->items);
	free(json->name);
	free(json->text);
}

struct json *json_read(const char *bytes, size_t length, size_t *place)
{
	struct reader reader = { bytes, length, 0, 0 };
	struct json *json = NEW(struct json);
	bool good = read_value(&reader, json);
	skip_blanks(&reader);
	if (good && reader.at == length)
		return json;
	if (place)
		*place = reader.at;
	json_free(json);
	return NULL;
}

void json_free(struct json *json)
{
	if (json)
		json_clear(json);
	free(json);
}

const struct json *json_member(const struct json *json, const char *name)
{
	if (!json || json->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = json->count; i-- > 0;)
		if (!strcmp(json->items[i].name, name))
			return &json->items[i];
	return NULL;
}
