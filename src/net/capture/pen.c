#include "net/capture/pen.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_SIZE = 128 * 1024 };

static const char hex_digits[] = "0123456789abcdef";

/* "0" to "255", each with its length. */
static struct {
	char text[3];
	uint8_t length;
} octets[256];

static void fill_octets(void)
{
	for (unsigned i = 0; i < 256; i++) {
		char text[8];
		octets[i].length = (uint8_t)snprintf(text, sizeof text, "%u", i);
		memcpy(octets[i].text, text, sizeof octets[i].text);
	}
}

void pen_init(struct pen *pen)
{
	if (!octets[0].length)
		fill_octets();
	pen->start = pen->at = mem_alloc(FIRST_SIZE);
	pen->end = pen->start + FIRST_SIZE;
	pen->names = mem_alloc(PEN_NAMES * sizeof *pen->names);
}

void pen_release(struct pen *pen)
{
	free(pen->start);
	free(pen->names);
}

void pen_grow(struct pen *pen, size_t length)
{
	size_t used = (size_t)(pen->at - pen->start), size = (size_t)(pen->end - pen->start);
	while (size - used < length)
		size *= 2;
	pen->start = mem_resize(pen->start, size, 1);
	pen->at = pen->start + used;
	pen->end = pen->start + size;
}

void pen_number(struct pen *pen, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	pen_add(pen, digits + at, sizeof digits - at);
}

void pen_number_padded(struct pen *pen, uint32_t number, unsigned digits)
{
	pen_room(pen, digits);
	for (unsigned i = digits; i-- > 0; number /= 10)
		pen->at[i] = (char)('0' + number % 10);
	pen->at += digits;
}

void pen_hex(struct pen *pen, uint64_t number, unsigned digits)
{
	pen_room(pen, 20);
	if (!digits) {
		pen_add(pen, "0x", 2);
		for (digits = 1; digits < 16 && number >> 4 * digits; digits++)
			;
	}
	while (digits-- > 0)
		*pen->at++ = hex_digits[number >> 4 * digits & 15];
}

void pen_printf(struct pen *pen, const char *format, ...)
{
	va_list args;
	char text[512];
	va_start(args, format);
	int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	pen_add(pen, text, length < (int)sizeof text ? (size_t)length : sizeof text - 1);
}

void pen_ipv4(struct pen *pen, const uint8_t *address)
{
	pen_room(pen, 16);
	char *at = pen->at;
	for (unsigned i = 0; i < 4; i++) {
		memcpy(at, octets[address[i]].text, 3);
		at += octets[address[i]].length;
		*at++ = '.';
	}
	pen->at = at - 1;
}

void pen_ipv6(struct pen *pen, const uint8_t *address)
{
	uint64_t high, low;
	memcpy(&high, address, 8);
	memcpy(&low, address + 8, 8);
	uint64_t hash = (high ^ low * 0x9e3779b97f4a7c15u) * 0xc2b2ae3d27d4eb4fu;
	struct pen_name *name = &pen->names[hash >> 54];
	if (!name->length || memcmp(name->address, address, 16) != 0) {
		struct addr addr = addr_from_bytes(AF_INET6, address);
		char text[ADDR_TEXT_MAX];
		size_t length = strlen(addr_format(&addr, text));
		if (length > PEN_NAME_MAX)
			length = PEN_NAME_MAX;
		memcpy(name->address, address, 16);
		memcpy(name->text, text, length);
		name->length = (uint8_t)length;
	}
	pen_add(pen, name->text, name->length);
}

void pen_mac(struct pen *pen, const uint8_t *address)
{
	for (unsigned i = 0; i < 6; i++) {
		if (i)
			pen_char(pen, ':');
		pen_hex(pen, address[i], 2);
	}
}

static void escape(struct pen *pen, uint8_t byte)
{
	static const char letters[] = "\nn\rr\tt\\\\";
	pen_char(pen, '\\');
	for (size_t i = 0; i < sizeof letters - 1; i += 2) {
		if ((uint8_t)letters[i] == byte) {
			pen_char(pen, letters[i + 1]);
			return;
		}
	}
	pen_char(pen, 'x');
	pen_hex(pen, byte, 2);
}

void pen_escaped(struct pen *pen, const uint8_t *bytes, size_t length, size_t most)
{
	size_t shown = length < most ? length : most;
	pen_room(pen, shown + 4);
	for (size_t i = 0; i < shown; i++) {
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\')
			pen_char(pen, (char)bytes[i]);
		else
			escape(pen, bytes[i]);
	}
	if (shown < length)
		pen_text(pen, "...");
}
