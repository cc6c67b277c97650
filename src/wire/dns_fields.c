/* The kinds of field that record data is made of. */
#include "wire/dns_text.h"

#include "ntsh/addr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dns_sink_add(struct dns_sink *sink, const char *text, size_t length)
{
	if (sink->length + 1 < sink->size) {
		size_t room = sink->size - 1 - sink->length;
		memcpy(sink->text + sink->length, text, length < room ? length : room);
	}
	sink->length += length;
}

size_t dns_sink_end(struct dns_sink *sink)
{
	if (sink->size)
		sink->text[sink->length < sink->size ? sink->length : sink->size - 1] = '\0';
	return sink->length;
}

void dns_sink_char(struct dns_sink *sink, char c)
{
	dns_sink_add(sink, &c, 1);
}

void dns_sink_printf(struct dns_sink *sink, const char *format, ...)
{
	char text[128];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (length > 0)
		dns_sink_add(sink, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

bool dns_read_number(struct dns_cursor *cursor, unsigned octets, uint64_t *out)
{
	if (dns_cursor_left(cursor) < octets)
		return false;
	*out = 0;
	while (octets--)
		*out = *out << 8 | cursor->message[cursor->at++];
	return true;
}

bool dns_text_name(struct dns_cursor *cursor, struct dns_sink *sink)
{
	struct dns_name name;
	if (dns_name_read(cursor->message, cursor->end, &cursor->at, &name))
		return false;
	char text[DNS_NAME_TEXT_MAX];
	size_t length = dns_name_format(&name, text);
	dns_sink_add(sink, text, length);
	return true;
}

void dns_text_quoted(const uint8_t *bytes, size_t length, struct dns_sink *sink)
{
	dns_sink_char(sink, '"');
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < 0x20 || bytes[i] >= 0x7f) {
			dns_sink_printf(sink, "\\%03u", bytes[i]);
			continue;
		}
		if (bytes[i] == '"' || bytes[i] == '\\')
			dns_sink_char(sink, '\\');
		dns_sink_char(sink, (char)bytes[i]);
	}
	dns_sink_char(sink, '"');
}

bool dns_text_string(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t length;
	if (!dns_read_number(cursor, 1, &length) || length > dns_cursor_left(cursor))
		return false;
	dns_text_quoted(cursor->message + cursor->at, length, sink);
	cursor->at += length;
	return true;
}

bool dns_text_address(struct dns_cursor *cursor, int family, struct dns_sink *sink)
{
	size_t length = addr_length((sa_family_t)family);
	if (dns_cursor_left(cursor) < length)
		return false;
	struct addr addr = addr_from_bytes((sa_family_t)family, cursor->message + cursor->at);
	char text[ADDR_TEXT_MAX];
	addr_format(&addr, text);
	dns_sink_add(sink, text, strlen(text));
	cursor->at += length;
	return true;
}

void dns_text_hex(const uint8_t *bytes, size_t length, struct dns_sink *sink)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < length; i++) {
		dns_sink_char(sink, digits[bytes[i] >> 4]);
		dns_sink_char(sink, digits[bytes[i] & 15]);
	}
}

void dns_text_base64(const uint8_t *bytes, size_t length, struct dns_sink *sink)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < length; i += 3) {
		size_t have = length - i;
		uint32_t group = (uint32_t)bytes[i] << 16 | (have > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				 (have > 2 ? bytes[i + 2] : 0);
		char four[4] = { digits[group >> 18], digits[group >> 12 & 63],
				 have > 1 ? digits[group >> 6 & 63] : '=',
				 have > 2 ? digits[group & 63] : '=' };
		dns_sink_add(sink, four, 4);
	}
}

/* Octets that make a word of 56 characters. */
enum { HEX_WORD = 28, BASE64_WORD = 42 };

static void text_words(const uint8_t *bytes, size_t length, size_t word, struct dns_sink *sink,
		       void (*write)(const uint8_t *, size_t, struct dns_sink *))
{
	if (!sink->split)
		word = length;
	for (size_t i = 0; i < length; i += word) {
		if (i)
			dns_sink_char(sink, ' ');
		write(bytes + i, length - i < word ? length - i : word, sink);
	}
}

void dns_text_hex_words(const uint8_t *bytes, size_t length, struct dns_sink *sink)
{
	text_words(bytes, length, HEX_WORD, sink, dns_text_hex);
}

void dns_text_base64_words(const uint8_t *bytes, size_t length, struct dns_sink *sink)
{
	text_words(bytes, length, BASE64_WORD, sink, dns_text_base64);
}

void dns_text_base32hex(const uint8_t *bytes, size_t length, struct dns_sink *sink)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
	unsigned bits = 0, have = 0;
	for (size_t i = 0; i < length; i++) {
		bits = (bits << 8 | bytes[i]) & 0xfff;
		have += 8;
		while (have >= 5) {
			have -= 5;
			dns_sink_char(sink, digits[bits >> have & 31]);
		}
	}
	if (have)
		dns_sink_char(sink, digits[bits << (5 - have) & 31]);
}

bool dns_text_bitmap(struct dns_cursor *cursor, struct dns_sink *sink)
{
	int before = -1;
	while (dns_cursor_left(cursor)) {
		uint64_t window, length;
		if (!dns_read_number(cursor, 1, &window) || !dns_read_number(cursor, 1, &length) ||
		    length == 0 || length > 32 || length > dns_cursor_left(cursor) || (int)window <= before)
			return false;
		before = (int)window;
		for (unsigned bit = 0; bit < length * 8; bit++) {
			if (!(cursor->message[cursor->at + bit / 8] & 0x80 >> bit % 8))
				continue;
			char unknown[16];
			const char *type = dns_type_name((uint16_t)(window << 8 | bit), unknown);
			dns_sink_char(sink, ' ');
			dns_sink_add(sink, type, strlen(type));
		}
		cursor->at += length;
	}
	return true;
}
