#include "base/text.h"

#include <stdio.h>
#include <string.h>

size_t text_decode(const char *bytes, size_t length, uint32_t *code_point)
{
	if (!length)
		return 0;
	const unsigned char *b = (const unsigned char *)bytes;
	if (b[0] < 0x80) {
		*code_point = b[0];
		return 1;
	}
	size_t needed = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
	if (b[0] < 0xc2 || b[0] > 0xf4 || needed > length)
		return 0;
	uint32_t code = b[0] & (0xffu >> (needed + 1));
	for (size_t i = 1; i < needed; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (b[i] & 0x3f);
	}
	if ((needed == 3 && code < 0x800) || (needed == 4 && code < 0x10000) || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*code_point = code;
	return needed;
}

size_t text_encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	size_t needed = code >= 0x10000 ? 4 : code >= 0x800 ? 3 : 2;
	for (size_t i = needed - 1; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	out[0] = (char)(lead[needed] | code);
	return needed;
}

size_t text_width(const char *bytes, size_t length)
{
	size_t columns = 0;
	for (size_t at = 0; at < length;) {
		if ((unsigned char)bytes[at] < 0x80) {
			uint64_t eight = 0;
			if (length - at >= sizeof eight)
				memcpy(&eight, bytes + at, sizeof eight);
			bool plain = length - at >= sizeof eight && !(eight & 0x8080808080808080u);
			columns += plain ? sizeof eight : 1;
			at += plain ? sizeof eight : 1;
			continue;
		}
		uint32_t code;
		size_t taken = text_decode(bytes + at, length - at, &code);
		columns += taken ? text_code_point_width(code) : 1;
		at += taken ? taken : 1;
	}
	return columns;
}

size_t text_fit(const char *bytes, size_t length, size_t columns, size_t *used)
{
	size_t at = 0, width = 0;
	while (at < length) {
		uint32_t code;
		size_t taken = text_decode(bytes + at, length - at, &code);
		size_t more = taken ? text_code_point_width(code) : 1;
		if (width + more > columns)
			break;
		width += more;
		at += taken ? taken : 1;
	}
	if (used)
		*used = width;
	return at;
}

bool text_is_unsafe(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return true;
	if (c < 0xad)
		return false;
	/* Soft hyphen, joiners and fillers that take no ink (Unicode Default_Ignorable_Code_Point, without the variation selectors
	 * that emoji use), direction marks, separators, annotations, tags. */
	return c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x17b4 ||
	       c == 0x17b5 || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xfeff || c == 0xffa0 ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static size_t escape_ascii(unsigned char byte, char out[TEXT_ESCAPE_MAX])
{
	char letter = 0;
	switch (byte) {
	case '\n':
		letter = 'n';
		break;
	case '\r':
		letter = 'r';
		break;
	case '\t':
		letter = 't';
		break;
	case 0x1b:
		letter = 'e';
		break;
	}
	if (letter)
		return (size_t)snprintf(out, TEXT_ESCAPE_MAX, "\\%c", letter);
	return (size_t)snprintf(out, TEXT_ESCAPE_MAX, "\\x%02x", byte);
}

size_t text_escape_unit(const char *bytes, size_t length, bool utf8, char out[TEXT_ESCAPE_MAX], size_t *taken)
{
	unsigned char first = (unsigned char)bytes[0];
	*taken = 1;
	if (first >= 0x20 && first < 0x7f)
		return 0;
	if (first < 0x80)
		return escape_ascii(first, out);
	uint32_t code;
	size_t used = text_decode(bytes, length, &code);
	if (!used)
		return escape_ascii(first, out);
	*taken = used;
	if (utf8 && !text_is_unsafe(code))
		return 0;
	return (size_t)snprintf(out, TEXT_ESCAPE_MAX, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
}

/* Are the eight bytes at `at` all printable ASCII? */
static bool is_plain_word(const char *at)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t word;
	memcpy(&word, at, sizeof word);
	uint64_t low = (word | tops) - 0x20 * ones; /* a top bit is cleared where a byte is below 0x20 */
	uint64_t deletes = (word ^ 0x7f * ones) + 0x7f * ones; /* a top bit is cleared where a byte is 0x7f */
	return !(word & tops) && !(~low & tops) && !(~deletes & tops);
}

void text_add_escaped(struct buf *buf, const char *bytes, size_t length, bool utf8)
{
	size_t start = 0, at = 0;
	while (at < length) {
		while (length - at >= 8 && is_plain_word(bytes + at))
			at += 8;
		while (at < length && bytes[at] >= 0x20 && bytes[at] < 0x7f)
			at++;
		if (at == length)
			break;
		char escape[TEXT_ESCAPE_MAX];
		size_t taken;
		size_t escaped = text_escape_unit(bytes + at, length - at, utf8, escape, &taken);
		if (escaped) {
			buf_add(buf, bytes + start, at - start);
			buf_add(buf, escape, escaped);
			start = at + taken;
		}
		at += taken;
	}
	buf_add(buf, bytes + start, at - start);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

enum { DISTANCE_WORD_MAX = 64 };

unsigned text_distance(const char *a, const char *b, unsigned limit)
{
	size_t rows = strlen(a), columns = strlen(b);
	if (rows > DISTANCE_WORD_MAX || columns > DISTANCE_WORD_MAX)
		return limit + 1;
	unsigned cells[3][DISTANCE_WORD_MAX + 1];
	for (unsigned j = 0; j <= columns; j++)
		cells[0][j] = j;
	for (size_t i = 1; i <= rows; i++) {
		unsigned *now = cells[i % 3], *before = cells[(i + 2) % 3], *earlier = cells[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= columns; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);
			unsigned best = before[j - 1] + !same;
			if (before[j] + 1 < best)
				best = before[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) && earlier[j - 2] + 1 < best)
				best = earlier[j - 2] + 1;
			now[j] = best;
		}
	}
	unsigned distance = cells[rows % 3][columns];
	return distance > limit ? limit + 1 : distance;
}

unsigned text_slip(const char *word)
{
	unsigned third = (unsigned)(strlen(word) / 3);
	return third ? third : 1;
}
