#include "shell/report.h"

#include "base/buf.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXCERPT_WIDTH = 72, EXCERPT_MAX = 4096, PREFIX_MAX = 512, NAME_WIDTH = 200 };

void report_excerpt(struct buf *buf, const char *text, size_t length, size_t offset, size_t width, bool utf8)
{
	if (offset > length)
		offset = length;
	size_t begin = offset, end = offset;
	while (begin > 0 && text[begin - 1] != '\n' && offset - begin < width * 2 / 3)
		begin--;
	while (begin < offset && ((unsigned char)text[begin] & 0xc0) == 0x80)
		begin++;
	while (end < length && text[end] != '\n' && text[end] != '\r' && end - begin < width)
		end++;
	bool cut_left = begin > 0 && text[begin - 1] != '\n';
	bool cut_right = end < length && text[end] != '\n' && text[end] != '\r';
	while (cut_right && end > offset && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	struct buf before = BUF_INIT(EXCERPT_MAX);
	buf_add_text(&before, cut_left ? "  ..." : "  ");
	text_add_escaped(&before, text + begin, offset - begin, utf8);
	buf_add_text(buf, buf_text(&before));
	text_add_escaped(buf, text + offset, end - offset, utf8);
	buf_add_text(buf, cut_right ? "...\n" : "\n");
	buf_add_repeat(buf, " ", text_width(buf_text(&before), before.length));
	buf_add_text(buf, "^\n");
	buf_release(&before);
}

void report_error(const struct shell *shell, const struct script *script, size_t offset, const char *command,
		  const struct error *err)
{
	char prefix[PREFIX_MAX] = "";
	if (script && script->origin->name) {
		unsigned line = script->origin->line;
		for (size_t i = 0; i < script->length && offset != NOWHERE && i < offset; i++)
			line += script->text[i] == '\n';
		snprintf(prefix, sizeof prefix, "%.*s:%u%s%s", NAME_WIDTH, script->origin->name, line,
			 command ? ": " : "", command ? command : "");
		command = prefix;
	}
	out_error(&shell->style, command, err);
	if (!script || offset == NOWHERE || !script->length)
		return;
	struct buf lines = BUF_INIT(EXCERPT_MAX * 2);
	report_excerpt(&lines, script->text, script->length, offset, EXCERPT_WIDTH, shell->style.utf8);
	if (write(STDERR_FILENO, lines.bytes, lines.length) < 0) {
		/* standard error is gone: nobody is left to be told */
	}
	buf_release(&lines);
}
