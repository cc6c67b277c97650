/* Text for a terminal: UTF-8, display width, escapes, distances between words. No locale is involved: it is the caller
 * who knows whether the reader's locale is UTF-8. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the code point at bytes (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF). Returns how many bytes
 * it takes, or 0 when they are no valid UTF-8 (the caller then steps over one byte) or length is 0. */
size_t text_decode(const char *bytes, size_t length, uint32_t *code_point);

/* Encodes a code point as UTF-8 (1 to 4 bytes). Returns how many; 0 for what is none. */
size_t text_encode(uint32_t code_point, char out[4]);

/* Columns that a code point takes on a terminal: 0 for combining marks, 2 for wide characters (Unicode East Asian Width W and
 * F), else 1. Control characters count 1: they never reach a terminal but escaped. */
unsigned text_code_point_width(uint32_t code_point);

/* Columns of a text; each invalid byte counts 1. */
size_t text_width(const char *bytes, size_t length);

/* How many bytes from the beginning fit into columns, never splitting a character or tearing a combining mark off. *used (may
 * be NULL): the columns they take. */
size_t text_fit(const char *bytes, size_t length, size_t columns, size_t *used);

/* True for what a terminal would act upon or a reader would be deceived by: C0, DEL, C1, direction marks and
 * overrides, zero-width and invisible characters, line and paragraph separators, tags. */
bool text_is_unsafe(uint32_t code_point);

/* The escape of the unit at bytes when it must not be shown raw ("\n", "\e", "\x9b", "\u202e", "\U000e0041"): written to out (NUL-ended),
 * its length returned; 0 when the unit can be shown as it is. *taken: bytes of the unit. utf8 false: everything beyond ASCII
 * is escaped. */
enum { TEXT_ESCAPE_MAX = 12 };
size_t text_escape_unit(const char *bytes, size_t length, bool utf8, char out[TEXT_ESCAPE_MAX],
			size_t *taken);

/* Adds the text, escaped. */
void text_add_escaped(struct buf *buf, const char *bytes, size_t length, bool utf8);

/* Damerau-Levenshtein distance (insert, delete, change, swap of neighbours: 1 each), ASCII case ignored, or limit + 1
 * when it is more than limit. Words longer than 64 bytes are too far from everything. */
unsigned text_distance(const char *a, const char *b, unsigned limit);

/* How far from each other two words of this length may be and still be taken for a slip: a third of it, at least 1. */
unsigned text_slip(const char *word);

#endif
