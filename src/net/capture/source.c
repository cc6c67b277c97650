#include "net/capture/source.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void on_readable(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	*(bool *)arg = true;
}

/* False when the loop was cancelled first. A regular file cannot be watched, and is always readable. */
static bool wait_readable(struct source *source)
{
	bool readable = false;
	struct error unused = ERROR_INIT;
	if (!source->loop ||
	    loop_watch(source->loop, source->fd, EPOLLIN, on_readable, &readable, &unused) < 0)
		return true;
	loop_run(source->loop, &readable);
	loop_unwatch(source->loop, source->fd);
	return readable;
}

static ssize_t read_plain(struct source *source, uint8_t *out, size_t size)
{
	ssize_t got;
	if (!wait_readable(source))
		return 0;
	do
		got = read(source->fd, out, size);
	while (got < 0 && errno == EINTR);
	return got;
}

static enum capture_packing packing_of(const uint8_t *bytes, size_t length)
{
	static const uint8_t gzip[] = { 0x1f, 0x8b }, zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	if (length >= sizeof gzip && memcmp(bytes, gzip, sizeof gzip) == 0)
		return CAPTURE_GZIP;
	if (length >= sizeof zstd && memcmp(bytes, zstd, sizeof zstd) == 0)
		return CAPTURE_ZSTD;
	return CAPTURE_PLAIN;
}

int source_open(struct source *source, int fd, struct loop *loop, const char *path, struct error *err)
{
	*source = (struct source){ .fd = fd, .loop = loop, .buffer = mem_resize(NULL, SOURCE_BUFFER, 1) };
	source->at = source->filled = source->buffer;
	source_need(source, 4);
	size_t length = (size_t)(source->filled - source->at);
	if (source->read_error)
		return error_errno(err, source->read_error, NULL, "%s cannot be read", path);
	source->packing = packing_of(source->at, length);
	if (source->packing == CAPTURE_PLAIN)
		return 0;
	source->unpacker = unpacker_open(source->packing, fd, source->at, length, err);
	source->filled = source->at;
	source->end = false;
	return source->unpacker ? 0 : -1;
}

void source_close(struct source *source)
{
	if (source->unpacker)
		unpacker_close(source->unpacker);
	if (source->fd > STDIN_FILENO)
		close(source->fd);
	free(source->buffer);
}

bool source_fill(struct source *source, size_t length)
{
	size_t rest = (size_t)(source->filled - source->at);
	if (length > SOURCE_PIECE_MAX)
		return false;
	memmove(source->buffer, source->at, rest);
	source->consumed += (uint64_t)(source->at - source->buffer);
	source->at = source->buffer;
	source->filled = source->buffer + rest;
	while (rest < length && !source->end) {
		size_t room = SOURCE_BUFFER - rest;
		ssize_t got = source->unpacker ? unpacker_read(source->unpacker, source->filled, room)
					       : read_plain(source, source->filled, room);
		if (got < 0)
			source->read_error = errno;
		source->end = got <= 0;
		rest += got > 0 ? (size_t)got : 0;
		source->filled = source->buffer + rest;
	}
	return rest >= length;
}

bool source_skip(struct source *source, uint64_t length)
{
	while (length) {
		if (!source_need(source, 1))
			return false;
		size_t there = (size_t)(source->filled - source->at);
		size_t step = length < there ? (size_t)length : there;
		source->at += step;
		length -= step;
	}
	return true;
}
