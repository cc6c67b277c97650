#include "base/markdown.h"

#include <string.h>

enum { CODE_INDENT = 4 };

/* A line without its newline. */
struct line {
	const char *begin;
	size_t length, indent;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct line line_at(const struct markdown_reader *reader)
{
	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	struct line line = { .begin = reader->at,
			     .length = (size_t)((newline ? newline : reader->end) - reader->at) };
	while (line.length && (line.begin[line.length - 1] == '\r' || line.begin[line.length - 1] == ' '))
		line.length--;
	while (line.indent < line.length && line.begin[line.indent] == ' ')
		line.indent++;
	return line;
}

static void skip_line(struct markdown_reader *reader)
{
	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	reader->at = newline ? newline + 1 : reader->end;
}

static const char *text_of(const struct line *line)
{
	return line->begin + line->indent;
}

static size_t text_length(const struct line *line)
{
	return line->length - line->indent;
}

static bool is_fence(const struct line *line)
{
	return text_length(line) >= 3 && memcmp(text_of(line), "```", 3) == 0;
}

static unsigned heading_level(const struct line *line)
{
	size_t level = 0;
	while (level < line->length && line->begin[level] == '#')
		level++;
	return level && level <= 6 && level < line->length && line->begin[level] == ' ' ? (unsigned)level : 0;
}

/* Bytes of a list mark with its blank ("- ", "12. "), or 0. */
static size_t item_mark(const struct line *line, unsigned *number)
{
	const char *text = text_of(line);
	size_t length = text_length(line), digits = 0;
	*number = 0;
	if (length >= 2 && (*text == '-' || *text == '*') && text[1] == ' ')
		return 2;
	while (digits < length && digits < 4 && is_digit(text[digits]))
		*number = *number * 10 + (unsigned)(text[digits++] - '0');
	return digits && digits + 1 < length && text[digits] == '.' && text[digits + 1] == ' ' ? digits + 2
											       : 0;
}

static bool is_row(const struct line *line)
{
	return text_length(line) >= 2 && *text_of(line) == '|';
}

/* "| --- | :-: |" */
static bool is_ruler(const struct line *line)
{
	bool dash = false;
	if (!is_row(line))
		return false;
	for (size_t i = line->indent; i < line->length; i++) {
		dash |= line->begin[i] == '-';
		if (!strchr("|-: ", line->begin[i]))
			return false;
	}
	return dash;
}

void markdown_begin(struct markdown_reader *reader, const char *bytes, size_t length)
{
	*reader = (struct markdown_reader){ .at = bytes, .end = bytes + length, .after_gap = true };
}

static void read_code(struct markdown_reader *reader, struct markdown_block *block)
{
	block->kind = MARKDOWN_CODE;
	skip_line(reader);
	while (reader->at < reader->end) {
		struct line line = line_at(reader);
		skip_line(reader);
		if (is_fence(&line))
			return;
		buf_add(&block->text, line.begin, line.length);
		buf_add_char(&block->text, '\n');
	}
}

/* Lines that are indented by four blanks, with the empty lines between them. */
static bool is_indented(const struct line *line)
{
	return text_length(line) && line->indent >= CODE_INDENT;
}

static void read_indented(struct markdown_reader *reader, struct markdown_block *block)
{
	block->kind = MARKDOWN_CODE;
	size_t gap = 0;
	while (reader->at < reader->end) {
		struct line line = line_at(reader);
		if (text_length(&line) && !is_indented(&line))
			break;
		skip_line(reader);
		gap += !text_length(&line);
		if (!text_length(&line))
			continue;
		buf_add_repeat(&block->text, "\n", gap);
		buf_add(&block->text, line.begin + CODE_INDENT, line.length - CODE_INDENT);
		buf_add_char(&block->text, '\n');
		gap = 0;
	}
	reader->after_gap = gap > 0;
}

static void read_row(struct markdown_reader *reader, struct markdown_block *block, const struct line *line)
{
	block->kind = MARKDOWN_ROW;
	const char *at = text_of(line) + 1, *end = line->begin + line->length;
	if (end > at && end[-1] == '|')
		end--;
	bool code = false, blank_before = true;
	for (; at < end; at++) {
		/* A bar inside `code`, or behind a backslash, is text. */
		code ^= *at == '`';
		if (*at == '\\' && at + 1 < end && at[1] == '|')
			at++;
		else if (*at == '|' && !code) {
			while (block->text.length && block->text.bytes[block->text.length - 1] == ' ')
				block->text.bytes[--block->text.length] = '\0';
			buf_add_char(&block->text, MARKDOWN_CELL);
			blank_before = true;
			continue;
		}
		if (*at == ' ' && blank_before)
			continue;
		blank_before = false;
		buf_add_char(&block->text, *at);
	}
	while (block->text.length && block->text.bytes[block->text.length - 1] == ' ')
		block->text.bytes[--block->text.length] = '\0';
	skip_line(reader);
	struct line next = line_at(reader);
	block->level = 0;
	if (reader->at < reader->end && is_ruler(&next)) {
		block->level = 1;
		skip_line(reader);
	}
}

/* "<!-- ... -->" on one line. */
static bool is_comment(const struct line *line)
{
	return text_length(line) >= 7 && memcmp(text_of(line), "<!--", 4) == 0;
}

static bool begins_block(const struct line *line)
{
	unsigned number;
	return !text_length(line) || is_fence(line) || heading_level(line) || item_mark(line, &number) ||
	       is_row(line);
}

/* Adds the rest of a paragraph or item: the lines up to the next block. */
static void read_lines(struct markdown_reader *reader, struct markdown_block *block)
{
	while (reader->at < reader->end) {
		struct line line = line_at(reader);
		if (begins_block(&line))
			return;
		if (block->text.length)
			buf_add_char(&block->text, ' ');
		buf_add(&block->text, text_of(&line), text_length(&line));
		skip_line(reader);
	}
}

static void read_block(struct markdown_reader *reader, struct markdown_block *block, const struct line *line)
{
	unsigned number;
	size_t mark = item_mark(line, &number);
	bool after_gap = reader->after_gap;
	reader->after_gap = false;
	if (is_fence(line)) {
		read_code(reader, block);
	} else if (after_gap && is_indented(line) && reader->last != MARKDOWN_ITEM) {
		read_indented(reader, block);
	} else if (is_row(line)) {
		read_row(reader, block, line);
	} else if (heading_level(line)) {
		block->kind = MARKDOWN_HEADING;
		block->level = heading_level(line);
		size_t skip = block->level + strspn(line->begin + block->level, " ");
		if (skip < line->length)
			buf_add(&block->text, line->begin + skip, line->length - skip);
		skip_line(reader);
	} else {
		block->kind = mark ? MARKDOWN_ITEM : MARKDOWN_PARAGRAPH;
		block->level = mark ? (unsigned)(line->indent / 2) : 0;
		block->number = number;
		buf_add(&block->text, text_of(line) + mark, text_length(line) - mark);
		skip_line(reader);
		read_lines(reader, block);
	}
}

bool markdown_next(struct markdown_reader *reader, struct markdown_block *block)
{
	while (reader->at < reader->end) {
		struct line line = line_at(reader);
		if (text_length(&line) && !is_comment(&line))
			break;
		reader->after_gap = true;
		skip_line(reader);
	}
	if (reader->at >= reader->end)
		return false;
	buf_clear(&block->text);
	block->level = block->number = 0;
	struct line line = line_at(reader);
	bool after_gap = reader->after_gap;
	read_block(reader, block, &line);
	block->first = after_gap || block->kind != reader->last;
	reader->last = block->kind;
	return true;
}

/* Bytes of the mark at text, with its style; 0 when it marks nothing. A lone * between blanks is a star. */
static size_t mark_at(const char *text, const char *end, enum markdown_style *style)
{
	size_t left = (size_t)(end - text);
	*style = MARKDOWN_IS_CODE;
	if (*text == '`')
		return 1;
	*style = MARKDOWN_STRONG;
	if (left > 2 && text[0] == '*' && text[1] == '*' && text[2] != ' ')
		return 2;
	*style = MARKDOWN_EMPHASIS;
	return left > 2 && text[0] == '*' && text[1] != ' ' && text[1] != '*' ? 1 : 0;
}

bool markdown_span(const char **at, const char *end, enum markdown_style *style, const char **begin,
		   size_t *length)
{
	if (*at >= end)
		return false;
	const char *text = *at, *close = NULL;
	size_t mark = mark_at(text, end, style);
	if (mark)
		close = memmem(text + mark, (size_t)(end - text) - mark, text, mark);
	if (close && close > text + mark) {
		*begin = text + mark;
		*length = (size_t)(close - *begin);
		*at = close + mark;
		return true;
	}
	*style = MARKDOWN_PLAIN;
	*begin = text;
	const char *p = text + 1;
	while (p < end && *p != '`' && *p != '*')
		p++;
	*length = (size_t)(p - text);
	*at = p;
	return true;
}
