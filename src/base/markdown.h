/* The Markdown of the help pages: headings, paragraphs, lists, `code`, **strong**, *emphasis*, ``` blocks, tables; comments on a line of
 * their own are skipped. Read piece by piece, never
 * failing: what is no markup is text. */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include "base/buf.h"

#include <stddef.h>

enum markdown_kind {
	MARKDOWN_HEADING,   /* level 1 to 6 */
	MARKDOWN_PARAGRAPH, /* its lines joined by blanks */
	MARKDOWN_ITEM,      /* of a list; level is the depth from 0, number > 0 for "1." */
	MARKDOWN_CODE, /* the lines between the fences, or indented by four blanks, with their newlines */
	MARKDOWN_ROW,  /* of a table: cells separated by MARKDOWN_CELL; level 1 for the heading row */
};

enum { MARKDOWN_CELL = 0x1f };

struct markdown_block {
	enum markdown_kind kind;
	unsigned level, number;
	bool first; /* follows an empty line, or is the first of its list or table */
	struct buf text;
};

struct markdown_reader {
	const char *at, *end;
	bool after_gap;
	enum markdown_kind last;
};

void markdown_begin(struct markdown_reader *reader, const char *bytes, size_t length);

/* Reads the next block into *block, whose buffer is used again; begin with one that has BUF_INIT, and release it at the end. Returns false
 * at the end. */
bool markdown_next(struct markdown_reader *reader, struct markdown_block *block);

/* Spans of a paragraph, item, heading or cell. */
enum markdown_style { MARKDOWN_PLAIN, MARKDOWN_IS_CODE, MARKDOWN_STRONG, MARKDOWN_EMPHASIS };

/* Takes the span at *at (up to end); its bytes are *begin, *length. Returns false at the end. */
bool markdown_span(const char **at, const char *end, enum markdown_style *style, const char **begin,
		   size_t *length);

#endif
