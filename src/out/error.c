#include "base/text.h"
#include "out/out.h"
#include "out/sink.h"

#include <string.h>
#include <unistd.h>

char *out_escape(char *buf, size_t size, const char *bytes, size_t length, bool utf8)
{
	size_t used = 0;
	if (!size)
		return buf;
	for (size_t at = 0; at < length;) {
		char escape[TEXT_ESCAPE_MAX];
		size_t taken, escaped = text_escape_unit(bytes + at, length - at, utf8, escape, &taken);
		size_t more = escaped ? escaped : taken;
		if (used + more >= size)
			break;
		memcpy(buf + used, escaped ? escape : bytes + at, more);
		used += more;
		at += taken;
	}
	buf[used] = '\0';
	return buf;
}

static void add_escaped(struct buf *line, const struct out_style *style, const char *text)
{
	text_add_escaped(line, text, strlen(text), style->utf8);
}

/* The text, and a caret under its wrong place. */
static void add_place(struct buf *line, const struct out_style *style, const struct error *err)
{
	struct buf before = BUF_INIT(4 * ERROR_TEXT_MAX);
	text_add_escaped(&before, err->text, err->at, style->utf8);
	buf_add_text(line, "  ");
	buf_add(line, buf_text(&before), before.length);
	add_escaped(line, style, err->text + err->at);
	buf_add_text(line, "\n  ");
	buf_add_repeat(line, " ", text_width(buf_text(&before), before.length));
	buf_add_text(line, "^\n");
	buf_release(&before);
}

void out_error(const struct out_style *style, const char *command, const struct error *err)
{
	struct buf line = BUF_INIT(16384);
	bool colored =
	    style->color == OUT_COLOR_ALWAYS || (style->color == OUT_COLOR_AUTO && isatty(STDERR_FILENO));
	buf_add_text(&line, colored ? "\033[31m" : "");
	buf_add_text(&line, "ntsh: ");
	if (command) {
		add_escaped(&line, style, command);
		buf_add_text(&line, ": ");
	}
	buf_add_text(&line, colored ? "\033[0m" : "");
	add_escaped(&line, style, err->message);
	if (err->hint[0]) {
		buf_add_text(&line, "; ");
		add_escaped(&line, style, err->hint);
	}
	buf_add_char(&line, '\n');
	if (err->text[0])
		add_place(&line, style, err);
	sink_write_fd(STDERR_FILENO, buf_text(&line), line.length);
	buf_release(&line);
}
