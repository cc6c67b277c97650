#include "out/json.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most strings are short and plain: they are written in one go. */
enum { SMALL_MAX = 64 };

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void add_code_point(struct buf *out, uint32_t code)
{
	if (code > 0xffff)
		buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
	else
		buf_printf(out, "\\u%04x", code);
}

/* One unit that is not plain ASCII; returns its length. */
static size_t add_unit(struct buf *out, const char *bytes, size_t length)
{
	static const char short_escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	uint32_t code;
	for (size_t i = 0; i < sizeof short_escapes - 1; i += 2) {
		if (*bytes == short_escapes[i]) {
			char escape[2] = { '\\', short_escapes[i + 1] };
			buf_add(out, escape, 2);
			return 1;
		}
	}
	size_t taken = text_decode(bytes, length, &code);
	if (!taken) {
		buf_printf(out, "\\\\x%02x", (unsigned char)*bytes);
		return 1;
	}
	if (text_is_unsafe(code))
		add_code_point(out, code);
	else
		buf_add(out, bytes, taken);
	return taken;
}

void json_add_string(struct buf *out, const char *bytes, size_t length)
{
	size_t at = 0;
	while (at < length && is_plain((unsigned char)bytes[at]))
		at++;
	char small[SMALL_MAX];
	if (at == length && length <= SMALL_MAX - 2) {
		small[0] = small[length + 1] = '"';
		memcpy(small + 1, bytes, length);
		buf_add(out, small, length + 2);
		return;
	}
	buf_add_char(out, '"');
	buf_add(out, bytes, at);
	while (at < length) {
		at += add_unit(out, bytes + at, length - at);
		size_t plain = at;
		while (plain < length && is_plain((unsigned char)bytes[plain]))
			plain++;
		buf_add(out, bytes + at, plain - at);
		at = plain;
	}
	buf_add_char(out, '"');
}

static void add_unsigned(struct buf *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_add(out, digits + at, sizeof digits - at);
}

static void add_integer(struct buf *out, int64_t number)
{
	if (number < 0)
		buf_add_char(out, '-');
	add_unsigned(out, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void json_add_ms(struct buf *out, ns_t ns)
{
	if (ns < 0)
		buf_add_char(out, '-');
	uint64_t amount = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	add_unsigned(out, amount / 1000000);
	unsigned rest = (unsigned)(amount % 1000000);
	if (!rest)
		return;
	char digits[7] = ".000000";
	size_t length = sizeof digits;
	for (size_t i = 6; i > 0; i--, rest /= 10)
		digits[i] = (char)('0' + rest % 10);
	while (digits[length - 1] == '0')
		length--;
	buf_add(out, digits, length);
}

static void trim_zeros(char *number, int length)
{
	while (number[length - 1] == '0')
		length--;
	number[length - (number[length - 1] == '.')] = '\0';
}

static void add_real(struct buf *out, double real)
{
	char text[400];
	if (!isfinite(real)) {
		buf_add_text(out, "null");
		return;
	}
	if (fabs(real) < 1e15 && real >= -9e15 && (double)(int64_t)real >= real &&
	    (double)(int64_t)real <= real) {
		add_integer(out, (int64_t)real);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, real);
		double back = strtod(text, NULL);
		if (back >= real && back <= real)
			break;
	}
	if (strchr(text, 'e')) {
		if (fabs(real) >= 1)
			snprintf(text, sizeof text, "%.0f", real);
		else
			trim_zeros(text, snprintf(text, sizeof text, "%.20f", real));
	}
	buf_add_text(out, text);
}

static void add_text(struct buf *out, const char *text)
{
	json_add_string(out, text, strlen(text));
}

void json_add_value(struct buf *out, const struct value *value)
{
	char buf[ADDR_TEXT_MAX];
	switch (value->kind) {
	case KIND_NONE:
		buf_add_text(out, "null");
		break;
	case KIND_TEXT:
		json_add_string(out, value->text.bytes, value->text.length);
		break;
	case KIND_COUNT:
	case KIND_SECONDS:
	case KIND_BYTES:
		add_unsigned(out, value->count);
		break;
	case KIND_INTEGER:
		add_integer(out, value->integer);
		break;
	case KIND_REAL:
	case KIND_PERCENT:
	case KIND_BIT_RATE:
	case KIND_PACKET_RATE:
		add_real(out, value->real);
		break;
	case KIND_FLAG:
		buf_add_text(out, value->flag ? "true" : "false");
		break;
	case KIND_TIME:
		json_add_ms(out, value->ns);
		break;
	case KIND_DATE:
		add_text(out, clock_format_rfc3339(value->ns, buf));
		break;
	case KIND_ADDRESS:
		add_text(out, addr_format(&value->addr, buf));
		break;
	case KIND_ENDPOINT:
		add_text(out, addr_format_port(&value->addr, buf));
		break;
	}
}
