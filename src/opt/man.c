/* Man pages (man(7)) from the same Markdown. */
#include "base/markdown.h"
#include "base/mem.h"
#include "base/text.h"
#include "ntsh/clock.h"
#include "opt/pages.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAN_MAX = 4 * 1024 * 1024 };

/* ASCII only: everything else by its Unicode name, so that any roff and any locale can show it. A '.' or "'" at the
 * beginning of a line would be a request. */
static void add_roff(struct buf *out, const char *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		uint32_t code = '?';
		size_t taken = text_decode(bytes + at, length - at, &code);
		bool line_begins = !out->length || out->bytes[out->length - 1] == '\n';
		if (code > 0x7e)
			buf_printf(out, "\\[u%04X]", code);
		else if (code == '\\')
			buf_add_text(out, "\\e");
		else if (code == '-')
			buf_add_text(out, "\\-");
		else if ((code == '.' || code == '\'') && line_begins)
			buf_printf(out, "\\&%c", (char)code);
		else if (code == '\n' || code >= ' ')
			buf_add_char(out, (char)code);
		at += taken ? taken : 1;
	}
}

static void add_spans(struct buf *out, const char *bytes, size_t length)
{
	const char *at = bytes, *begin;
	enum markdown_style style;
	size_t span;
	while (markdown_span(&at, bytes + length, &style, &begin, &span)) {
		buf_add_text(out, style == MARKDOWN_PLAIN      ? ""
				  : style == MARKDOWN_EMPHASIS ? "\\fI"
							       : "\\fB");
		if (style == MARKDOWN_PLAIN && (!out->length || out->bytes[out->length - 1] == '\n'))
			while (span && *begin == ' ')
				begin++, span--;
		add_roff(out, begin, span);
		buf_add_text(out, style == MARKDOWN_PLAIN ? "" : "\\fR");
	}
	buf_add_char(out, '\n');
}

/* The first cell is a tag; the others are its text. */
static void add_row(struct buf *out, const struct markdown_block *block)
{
	const char *text = buf_text(&block->text), *end = text + block->text.length;
	const char *cell = memchr(text, MARKDOWN_CELL, block->text.length);
	buf_add_text(out, ".TP\n");
	add_spans(out, text, (size_t)((cell ? cell : end) - text));
	while (cell) {
		const char *next = memchr(cell + 1, MARKDOWN_CELL, (size_t)(end - cell - 1));
		add_spans(out, cell + 1, (size_t)((next ? next : end) - cell - 1));
		cell = next;
	}
}

static void add_heading(struct buf *out, const struct markdown_block *block)
{
	const char *text = buf_text(&block->text), *bar = strstr(text, " | ");
	size_t length = bar ? (size_t)(bar - text) : block->text.length;
	struct buf upper = BUF_INIT(4096);
	buf_add(&upper, text, length);
	for (size_t i = 0; block->level <= 2 && i < upper.length; i++)
		upper.bytes[i] = (char)toupper((unsigned char)upper.bytes[i]);
	buf_add_text(out, block->level <= 2 ? ".SH " : ".SS ");
	add_roff(out, buf_text(&upper), upper.length);
	buf_add_char(out, '\n');
	buf_release(&upper);
}

static void add_block(struct buf *out, const struct markdown_block *block)
{
	const char *text = buf_text(&block->text);
	switch (block->kind) {
	case MARKDOWN_HEADING:
		add_heading(out, block);
		break;
	case MARKDOWN_PARAGRAPH:
		buf_add_text(out, ".PP\n");
		add_spans(out, text, block->text.length);
		break;
	case MARKDOWN_ITEM:
		if (block->number)
			buf_printf(out, ".IP %u. 4\n", block->number);
		else
			buf_add_text(out, ".IP \\(bu 2\n");
		add_spans(out, text, block->text.length);
		break;
	case MARKDOWN_CODE:
		buf_add_text(out, ".PP\n.RS 4\n.nf\n");
		add_roff(out, text, block->text.length);
		buf_add_text(out, ".fi\n.RE\n");
		break;
	case MARKDOWN_ROW:
		add_row(out, block);
		break;
	}
}

/* "ntsh-dns-dig"; the program's own page is "ntsh". */
static void add_name(struct buf *out, const struct help_entry *entry, bool upper)
{
	bool own = strcmp(entry->name, "ntsh") == 0;
	buf_add_text(out, own ? "" : upper ? "NTSH\\-" : "ntsh\\-");
	for (const char *p = entry->name; *p; p++) {
		if (*p == ' ' || *p == '-')
			buf_add_text(out, "\\-");
		else
			buf_add_char(out, upper ? (char)toupper((unsigned char)*p) : *p);
	}
}

static void add_head(struct buf *out, const struct help_entry *entry)
{
	buf_add_text(out, ".TH \"");
	add_name(out, entry, true);
	buf_printf(out, "\" \"%s\" \"\" \"ntsh " NTSH_VERSION "\"\n.SH NAME\n", entry->topic ? "7" : "1");
	add_name(out, entry, false);
}

char *help_man(const struct help_entry *entry, size_t *length)
{
	struct buf out = BUF_INIT(MAN_MAX);
	struct markdown_reader reader;
	struct markdown_block block = { .text = BUF_INIT(MAN_MAX) };
	size_t size;
	char *page = help_markdown(entry, &size);
	add_head(&out, entry);
	buf_add_text(&out, " \\- ");
	add_roff(&out, entry->summary, strlen(entry->summary));
	buf_add_text(&out, entry->command ? "\n.SH SYNOPSIS\n" : "\n.SH DESCRIPTION\n");
	markdown_begin(&reader, page, size);
	/* The first heading is the name, which stands above; the first paragraph of a command is its usage. */
	bool title = true, usage = entry->command;
	while (markdown_next(&reader, &block)) {
		if (title) {
			title = false;
			continue;
		}
		add_block(&out, &block);
		if (usage)
			buf_add_text(&out, ".SH DESCRIPTION\n");
		usage = false;
	}
	buf_release(&block.text);
	free(page);
	*length = out.length;
	return out.bytes;
}
