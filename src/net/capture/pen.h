/* Writes text fast: numbers, addresses, what came from the network (escaped). The memory grows as needed. */
#ifndef NET_CAPTURE_PEN_H
#define NET_CAPTURE_PEN_H

#include "ntsh/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PEN_NAMES = 1024, PEN_NAME_MAX = 48 };

/* Address to text, kept: the same few addresses come again and again. */
struct pen_name {
	uint8_t address[16];
	uint8_t length; /* of the text; 0: nothing kept */
	char text[PEN_NAME_MAX];
};

struct pen {
	char *start, *at, *end;
	struct pen_name *names; /* PEN_NAMES of them, IPv6 */
};

void pen_init(struct pen *pen);
void pen_release(struct pen *pen);

/* Makes room for length bytes more. */
void pen_grow(struct pen *pen, size_t length);

static inline void pen_room(struct pen *pen, size_t length)
{
	if ((size_t)(pen->end - pen->at) < length)
		pen_grow(pen, length);
}

static inline void pen_add(struct pen *pen, const char *text, size_t length)
{
	pen_room(pen, length);
	memcpy(pen->at, text, length);
	pen->at += length;
}

static inline void pen_text(struct pen *pen, const char *text)
{
	pen_add(pen, text, strlen(text));
}

static inline void pen_char(struct pen *pen, char c)
{
	pen_room(pen, 1);
	*pen->at++ = c;
}

void pen_number(struct pen *pen, uint64_t number);
void pen_number_padded(struct pen *pen, uint32_t number, unsigned digits);
void pen_hex(struct pen *pen, uint64_t number,
	     unsigned digits); /* digits 0: as many as it takes, behind 0x */
void pen_printf(struct pen *pen, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 4 or 16 bytes in network order. */
void pen_ipv4(struct pen *pen, const uint8_t *address);
void pen_ipv6(struct pen *pen, const uint8_t *address);
void pen_mac(struct pen *pen, const uint8_t *address);

/* Bytes of others: what is not printable ASCII is escaped as in C. At most `most` of them; an ellipsis tells that there were more. */
void pen_escaped(struct pen *pen, const uint8_t *bytes, size_t length, size_t most);

#endif
