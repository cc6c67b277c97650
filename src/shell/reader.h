/* Lines of a batch, bounded. */
#ifndef SHELL_READER_H
#define SHELL_READER_H

#include "base/buf.h"
#include "ntsh/loop.h"

enum { READER_LINE_MAX = 1 << 20, READER_CHUNK = 1 << 16 };

enum reader_end { READER_LINE, READER_EOF, READER_CANCELLED, READER_FAILED };

/* Zero it, then set loop and either fd, or fd = -1 and text. */
struct reader {
	struct loop *loop;
	int fd;
	const char *text; /* rest of a text that is there already */
	size_t text_length;
	char *chunk;
	size_t begin, end;
	bool eof;
	unsigned line; /* of the line read last, from 1 */
};

/* Appends the next line, without its newline, to line. A line without newline at the end counts. READER_FAILED: err is set (not readable; or
 * STATUS_USAGE: longer than READER_LINE_MAX). */
enum reader_end reader_next(struct reader *reader, struct buf *line, struct error *err);
void reader_release(struct reader *reader);

#endif
