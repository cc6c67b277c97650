/* Help pages on a terminal. */
#include "base/markdown.h"
#include "base/mem.h"
#include "base/text.h"
#include "out/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROSE_INDENT = 2, PROSE_MOST = 100, CELL_MOST = 34, CELL_LEAST = 14, CELL_GAP = 2, COLUMNS_MAX = 8 };

/* Text without its marks, and beside each byte how it is to be shown. */
struct styled {
	struct buf text, styles;
};

static void styled_release(struct styled *s)
{
	buf_release(&s->text);
	buf_release(&s->styles);
}

static void styled_add(const struct result *r, struct styled *s, const char *bytes, size_t length)
{
	const char *at = bytes, *end = bytes + length, *begin;
	enum markdown_style style;
	size_t span;
	while (markdown_span(&at, end, &style, &begin, &span)) {
		text_add_escaped(&s->text, begin, span, r->style.utf8);
		while (s->styles.length < s->text.length)
			buf_add_char(&s->styles, (char)('0' + style));
	}
}

static size_t prose_width(const struct result *r)
{
	unsigned width = render_width(r);
	return !width ? PAGE_DEFAULT : width < PROSE_MOST ? width : PROSE_MOST;
}

static const char *style_code(const struct result *r, char style)
{
	return style == '0' + MARKDOWN_PLAIN || style == '0' + MARKDOWN_EMPHASIS
		   ? ""
		   : render_tone(r, TONE_STRONG);
}

/* Adds bytes from..from+length, changing the tone where the style changes. */
static void add_styled(const struct result *r, struct buf *line, const struct styled *s, size_t from,
		       size_t length)
{
	for (size_t i = from; i < from + length;) {
		size_t j = i;
		while (j < from + length && s->styles.bytes[j] == s->styles.bytes[i])
			j++;
		const char *code = style_code(r, s->styles.bytes[i]);
		buf_add_text(line, code);
		buf_add(line, s->text.bytes + i, j - i);
		buf_add_text(line, *code ? "\033[0m" : "");
		i = j;
	}
}

/* Wraps under a prefix (its width is indent). */
static void show_styled(struct result *r, const char *prefix, size_t indent, const struct styled *s)
{
	size_t width = prose_width(r), at = 0;
	size_t room = width > indent + 10 ? width - indent : 10;
	bool first = true;
	do {
		size_t next, length = render_break(buf_text(&s->text) + at, room, &next);
		buf_clear(&r->line);
		if (first)
			buf_add_text(&r->line, prefix);
		else
			buf_add_repeat(&r->line, " ", indent);
		add_styled(r, &r->line, s, at, length);
		render_line(r, buf_text(&r->line), r->line.length, true);
		at += next;
		first = false;
	} while (at < s->text.length);
}

static void show_text(struct result *r, const char *prefix, size_t indent, const char *bytes, size_t length)
{
	struct styled s = { BUF_INIT(LINE_MAX_BYTES), BUF_INIT(LINE_MAX_BYTES) };
	styled_add(r, &s, bytes, length);
	show_styled(r, prefix, indent, &s);
	styled_release(&s);
}

/* What stands before the first "|" of a heading is its title; the rest are names that `explain` knows it by. */
static void show_heading(struct result *r, const struct markdown_block *block)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	const char *bar = strstr(buf_text(&block->text), " | ");
	text_add_escaped(&text, buf_text(&block->text),
			 bar ? (size_t)(bar - block->text.bytes) : block->text.length, r->style.utf8);
	r->gap_due = true;
	render_wrapped(r, TONE_STRONG, "", 0, buf_text(&text), true);
	buf_release(&text);
}

static void show_item(struct result *r, const struct markdown_block *block)
{
	char prefix[64];
	unsigned level = block->level < 8 ? block->level : 8;
	int indent = (int)(PROSE_INDENT + 2 * level);
	if (block->number)
		snprintf(prefix, sizeof prefix, "%*s%u. ", indent, "", block->number);
	else
		snprintf(prefix, sizeof prefix, "%*s%s ", indent, "", r->style.utf8 ? "\xe2\x80\xa2" : "-");
	show_text(r, prefix, text_width(prefix, strlen(prefix)), buf_text(&block->text), block->text.length);
}

static void show_code(struct result *r, const struct markdown_block *block)
{
	const char *at = buf_text(&block->text);
	while (*at) {
		size_t length = strcspn(at, "\n");
		struct buf line = BUF_INIT(LINE_MAX_BYTES);
		text_add_escaped(&line, at, length, r->style.utf8);
		if (length)
			render_wrapped(r, *at == '$' ? TONE_STRONG : TONE_PLAIN, "      ", 6, buf_text(&line),
				       true);
		else
			r->gap_due = true;
		buf_release(&line);
		at += length + (at[length] == '\n');
	}
}

/* The rows of one table, gathered so that their columns align. */
struct grid {
	struct styled (*cells)[COLUMNS_MAX];
	bool *headings;
	size_t rows, columns;
	size_t widths[COLUMNS_MAX];
};

static void grid_add(struct result *r, struct grid *grid, const struct markdown_block *block)
{
	grid->cells = mem_resize(grid->cells, grid->rows + 1, sizeof *grid->cells);
	grid->headings = mem_resize(grid->headings, grid->rows + 1, sizeof *grid->headings);
	grid->headings[grid->rows] = block->level == 1;
	struct styled *row = grid->cells[grid->rows++];
	const char *at = buf_text(&block->text), *end = at + block->text.length;
	for (size_t c = 0; c < COLUMNS_MAX; c++)
		row[c] = (struct styled){ BUF_INIT(LINE_MAX_BYTES), BUF_INIT(LINE_MAX_BYTES) };
	for (size_t c = 0; c < COLUMNS_MAX && at <= end; c++) {
		const char *bar = memchr(at, MARKDOWN_CELL, (size_t)(end - at));
		styled_add(r, &row[c], at, (size_t)((bar ? bar : end) - at));
		size_t width = text_width(buf_text(&row[c].text), row[c].text.length);
		if (width > grid->widths[c])
			grid->widths[c] = width;
		if (c >= grid->columns)
			grid->columns = c + 1;
		at = bar ? bar + 1 : end + 1;
	}
}

static size_t grid_column(const struct grid *grid, size_t c)
{
	return grid->widths[c] < CELL_MOST ? grid->widths[c] : CELL_MOST;
}

/* On a narrow screen the cells of a row stand under each other. */
static bool grid_is_stacked(const struct result *r, const struct grid *grid)
{
	size_t before = PROSE_INDENT;
	for (size_t c = 0; c + 1 < grid->columns; c++)
		before += grid_column(grid, c) + CELL_GAP;
	return before + CELL_LEAST > prose_width(r);
}

static void show_stacked(struct result *r, const struct grid *grid, const struct styled *cells)
{
	for (size_t c = 0; c < grid->columns; c++)
		if (cells[c].text.length)
			show_styled(r, c ? "    " : "  ", c ? 4 : 2, &cells[c]);
}

/* A cell that is wider than its column ends the line; what follows stands below, in its own column. */
static void show_columns(struct result *r, const struct grid *grid, const struct styled *cells)
{
	struct buf prefix = BUF_INIT(LINE_MAX_BYTES);
	size_t column = PROSE_INDENT, used = PROSE_INDENT, last = grid->columns - 1;
	buf_add_repeat(&prefix, " ", PROSE_INDENT);
	for (size_t c = 0; c < last; c++) {
		size_t width = text_width(buf_text(&cells[c].text), cells[c].text.length);
		if (width > grid_column(grid, c)) {
			show_styled(r, buf_text(&prefix), used, &cells[c]);
			buf_clear(&prefix);
			used = 0;
		} else {
			add_styled(r, &prefix, &cells[c], 0, cells[c].text.length);
			used += width;
		}
		column += grid_column(grid, c) + CELL_GAP;
		buf_add_repeat(&prefix, " ", column - used);
		used = column;
	}
	while (!cells[last].text.length && prefix.length && prefix.bytes[prefix.length - 1] == ' ')
		prefix.bytes[--prefix.length] = '\0';
	if (cells[last].text.length)
		show_styled(r, buf_text(&prefix), used, &cells[last]);
	else if (prefix.length)
		render_line(r, buf_text(&prefix), prefix.length, true);
	buf_release(&prefix);
}

static void grid_show_row(struct result *r, const struct grid *grid, size_t row)
{
	if (grid_is_stacked(r, grid))
		show_stacked(r, grid, grid->cells[row]);
	else
		show_columns(r, grid, grid->cells[row]);
}

static void mark_heading(struct styled *cells)
{
	for (size_t c = 0; c < COLUMNS_MAX; c++)
		if (cells[c].styles.length)
			memset(cells[c].styles.bytes, '0' + MARKDOWN_STRONG, cells[c].styles.length);
}

static void grid_flush(struct result *r, struct grid *grid)
{
	for (size_t i = 0; i < grid->rows; i++) {
		if (grid->headings[i])
			mark_heading(grid->cells[i]);
		grid_show_row(r, grid, i);
		for (size_t c = 0; c < COLUMNS_MAX; c++)
			styled_release(&grid->cells[i][c]);
	}
	free(grid->cells);
	free(grid->headings);
	*grid = (struct grid){ 0 };
}

static void show_block(struct result *r, struct grid *grid, const struct markdown_block *block)
{
	if (block->kind != MARKDOWN_ROW)
		grid_flush(r, grid);
	/* What belongs to a heading follows it closely. */
	if (block->first && block->kind != MARKDOWN_HEADING && r->something_shown && !grid->rows &&
	    !r->after_heading)
		r->gap_due = true;
	r->after_heading = block->kind == MARKDOWN_HEADING;
	switch (block->kind) {
	case MARKDOWN_HEADING:
		show_heading(r, block);
		break;
	case MARKDOWN_PARAGRAPH:
		show_text(r, "  ", PROSE_INDENT, buf_text(&block->text), block->text.length);
		break;
	case MARKDOWN_ITEM:
		show_item(r, block);
		break;
	case MARKDOWN_CODE:
		show_code(r, block);
		break;
	case MARKDOWN_ROW:
		grid_add(r, grid, block);
		break;
	}
}

void result_prose(struct result *r, const char *markdown, size_t length)
{
	if (!render_text(r))
		return;
	struct markdown_reader reader;
	struct markdown_block block = { .text = BUF_INIT(LINE_MAX_BYTES) };
	struct grid grid = { 0 };
	render_settle(r);
	r->after_heading = false;
	markdown_begin(&reader, markdown, length);
	while (markdown_next(&reader, &block))
		show_block(r, &grid, &block);
	grid_flush(r, &grid);
	buf_release(&block.text);
}

void result_verbatim(struct result *r, const char *text, size_t length)
{
	if (!render_text(r))
		return;
	render_settle(r);
	for (size_t at = 0; at < length;) {
		const char *newline = memchr(text + at, '\n', length - at);
		size_t line = (size_t)((newline ? newline : text + length) - (text + at));
		buf_clear(&r->line);
		text_add_escaped(&r->line, text + at, line, r->style.utf8);
		render_line(r, buf_text(&r->line), r->line.length, true);
		at += line + 1;
	}
}
