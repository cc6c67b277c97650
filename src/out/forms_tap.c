/* Test Anything Protocol, version 14 (testanything.org). */
#include "out/forms_parts.h"

#include <inttypes.h>

/* # and \ mean something in a description; a line break would end it. */
static void add_description(struct buf *line, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			buf_add_char(line, '\\');
		buf_add_char(line, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	}
}

/* A YAML single-quoted scalar. */
static void add_quoted(struct buf *line, const char *name, const char *text)
{
	buf_printf(line, "  %s: '", name);
	for (; *text; text++) {
		if (*text == '\'')
			buf_add_char(line, '\'');
		buf_add_char(line, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	}
	buf_add_text(line, "'\n");
}

void tap_begin(int fd)
{
	static const char version[] = "TAP version 14\n";
	out_write(fd, version, sizeof version - 1);
}

void tap_point(int fd, uint64_t number, const struct point *point)
{
	struct buf line = BUF_INIT(FORM_TEXT_MAX);
	char reason[FORM_SENTENCE_MAX];
	buf_printf(&line, "%sok %" PRIu64 " - %s", point->status ? "not " : "", number,
		   point->check ? "expect " : "");
	add_description(&line, point->what);
	buf_add_char(&line, '\n');
	if (point->status) {
		buf_add_text(&line, "  ---\n");
		add_quoted(&line, "message", point_reason(point, reason));
		if (*point->where)
			add_quoted(&line, "at", point->where);
		buf_printf(&line, "  status: %d\n  elapsed_ms: %.3f\n  ...\n", point->status,
			   (double)point->elapsed / NS_PER_MS);
	}
	out_write(fd, line.bytes, line.length);
	buf_release(&line);
}

void tap_end(int fd, uint64_t count)
{
	struct buf line = BUF_INIT(64);
	buf_printf(&line, "1..%" PRIu64 "\n", count);
	out_write(fd, line.bytes, line.length);
	buf_release(&line);
}
