#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool buf_reserve(struct buf *buf, size_t more)
{
	if (buf->overflow || more > buf->max - buf->length) {
		buf->overflow = true;
		return false;
	}
	size_t needed = buf->length + more + 1;
	if (needed > buf->capacity) {
		size_t capacity = buf->capacity ? buf->capacity : 128;
		while (capacity < needed)
			capacity *= 2;
		buf->bytes = mem_resize(buf->bytes, capacity, 1);
		buf->capacity = capacity;
	}
	return true;
}

void buf_add_slowly(struct buf *buf, const void *bytes, size_t length)
{
	if (!length || !buf_reserve(buf, length))
		return;
	memcpy(buf->bytes + buf->length, bytes, length);
	buf->length += length;
	buf->bytes[buf->length] = '\0';
}

char *buf_room(struct buf *buf, size_t length)
{
	return buf_reserve(buf, length) ? buf->bytes + buf->length : NULL;
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_add_repeat(struct buf *buf, const char *text, size_t times)
{
	size_t length = text[0] && !text[1] ? 1 : strlen(text);
	size_t bytes;
	if (__builtin_mul_overflow(times, length, &bytes) || !bytes || !buf_reserve(buf, bytes))
		return;
	if (length == 1) {
		memset(buf->bytes + buf->length, *text, times);
		buf->length += times;
	}
	for (; length > 1 && times; times--, buf->length += length)
		memcpy(buf->bytes + buf->length, text, length);
	buf->bytes[buf->length] = '\0';
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int needed = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (needed > 0 && buf_reserve(buf, (size_t)needed)) {
		vsnprintf(buf->bytes + buf->length, (size_t)needed + 1, format, again);
		buf->length += (size_t)needed;
	}
	va_end(again);
}

const char *buf_text(const struct buf *buf)
{
	return buf->bytes ? buf->bytes : "";
}

void buf_clear(struct buf *buf)
{
	buf->length = 0;
	buf->overflow = false;
	if (buf->bytes)
		buf->bytes[0] = '\0';
}

void buf_release(struct buf *buf)
{
	free(buf->bytes);
	*buf = (struct buf)BUF_INIT(buf->max);
}
