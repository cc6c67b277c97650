/* Bytes that are the answer themselves: the one way around the renderers. */
#include "base/text.h"
#include "out/render.h"

#include <unistd.h>

enum { ESCAPED_MAX = 1 << 20 };

void result_stream_open(struct result *r)
{
	if (r->json || r->stream_fd)
		return;
	sink_flush(r->sink);
	r->stream_fd = r->style.fd + 1;
	r->stream_tty = r->tty;
	r->sink->fd = r->style.fd = STDERR_FILENO;
	r->tty = isatty(STDERR_FILENO);
	if (!r->tty)
		r->style.color = OUT_COLOR_NEVER;
}

/* Keeps what a program behind a terminal's line discipline would show: lines and columns. */
static void add_for_terminal(struct buf *out, const char *bytes, size_t length, bool utf8)
{
	for (size_t begin = 0, at = 0; at <= length; at++) {
		bool kept = at < length && (bytes[at] == '\n' || bytes[at] == '\t' ||
					    (bytes[at] == '\r' && at + 1 < length && bytes[at + 1] == '\n'));
		if (!kept && at < length)
			continue;
		text_add_escaped(out, bytes + begin, at - begin, utf8);
		if (at < length && bytes[at] != '\r')
			buf_add_char(out, bytes[at]);
		begin = at + 1;
	}
}

void result_stream(struct result *r, const void *bytes, size_t length)
{
	if (r->json || r->sink->error)
		return;
	if (!r->stream_tty) {
		r->sink->error = sink_write_fd(r->stream_fd - 1, bytes, length);
		return;
	}
	struct buf text = BUF_INIT(ESCAPED_MAX);
	add_for_terminal(&text, bytes, length, r->style.utf8);
	r->sink->error = sink_write_fd(r->stream_fd - 1, buf_text(&text), text.length);
	buf_release(&text);
}
