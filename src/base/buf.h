/* A growing byte buffer that has its maximum from birth. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* bytes is always NUL-ended once something was added. overflow: something did not fit below max and was left out; further
 * additions are ignored. */
struct buf {
	char *bytes;
	size_t length, capacity, max;
	bool overflow;
};

#define BUF_INIT(limit)                                                                                      \
	{                                                                                                    \
		.max = (limit)                                                                               \
	}

/* buf_add when memory is needed, or when the maximum may be reached. */
void buf_add_slowly(struct buf *buf, const void *bytes, size_t length);

static inline void buf_add(struct buf *buf, const void *bytes, size_t length)
{
	if (buf->overflow || length >= buf->capacity - buf->length || length > buf->max - buf->length) {
		buf_add_slowly(buf, bytes, length);
		return;
	}
	memcpy(buf->bytes + buf->length, bytes, length);
	buf->length += length;
	buf->bytes[buf->length] = '\0';
}

/* Room for length more bytes behind what is there, to be written directly; buf's length does not change. NULL when it does not fit. */
char *buf_room(struct buf *buf, size_t length);

void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_repeat(struct buf *buf, const char *text, size_t times);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, "" when empty. Valid until the next change. */
const char *buf_text(const struct buf *buf);

void buf_clear(struct buf *buf);   /* empty, memory kept */
void buf_release(struct buf *buf); /* memory given back, max kept */

#endif
