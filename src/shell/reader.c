#include "shell/reader.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void reader_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	*(bool *)arg = true;
}

/* Ctrl-C must end a wait for the next line of a pipe. A regular file is always ready, and cannot be watched. */
static enum loop_end reader_wait(struct reader *reader)
{
	bool ready = false;
	if (loop_watch(reader->loop, reader->fd, EPOLLIN, reader_ready, &ready, NULL))
		return LOOP_DONE;
	enum loop_end end = loop_run(reader->loop, &ready);
	loop_unwatch(reader->loop, reader->fd);
	return end;
}

static enum reader_end reader_fill(struct reader *reader, struct error *err)
{
	if (reader->fd < 0) {
		reader->eof = true;
		return READER_EOF;
	}
	if (!reader->chunk)
		reader->chunk = mem_alloc(READER_CHUNK);
	ssize_t got;
	do {
		enum loop_end end = reader_wait(reader);
		if (end != LOOP_DONE && end != LOOP_IDLE)
			return READER_CANCELLED;
		got = read(reader->fd, reader->chunk, READER_CHUNK);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0) {
		error_errno(err, errno, NULL, "it cannot be read");
		return READER_FAILED;
	}
	reader->begin = 0;
	reader->end = (size_t)got;
	reader->eof = !got;
	return got ? READER_LINE : READER_EOF;
}

/* What is at hand: from the text or from the chunk. */
static const char *reader_rest(const struct reader *reader, size_t *length)
{
	if (reader->fd < 0) {
		*length = reader->text_length;
		return reader->text;
	}
	*length = reader->end - reader->begin;
	return reader->chunk + reader->begin;
}

static void reader_skip(struct reader *reader, size_t length)
{
	if (reader->fd < 0) {
		reader->text += length;
		reader->text_length -= length;
	} else {
		reader->begin += length;
	}
}

enum reader_end reader_next(struct reader *reader, struct buf *line, struct error *err)
{
	bool any = false;
	reader->line++;
	for (;;) {
		size_t length;
		const char *rest = reader_rest(reader, &length);
		const char *newline = length ? memchr(rest, '\n', length) : NULL;
		size_t take = newline ? (size_t)(newline - rest) : length;
		buf_add(line, rest, take);
		any |= take > 0;
		reader_skip(reader, take + (newline != NULL));
		if (line->overflow) {
			error_set(err, STATUS_USAGE, "EUSAGE", "is this a text file?",
				  "this line is longer than %d MiB", READER_LINE_MAX >> 20);
			return READER_FAILED;
		}
		if (newline)
			return READER_LINE;
		enum reader_end end = reader->eof ? READER_EOF : reader_fill(reader, err);
		if (end == READER_EOF)
			return any ? READER_LINE : READER_EOF;
		if (end != READER_LINE)
			return end;
	}
}

void reader_release(struct reader *reader)
{
	free(reader->chunk);
	reader->chunk = NULL;
}
