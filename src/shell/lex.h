/* The words of a line. Pure: bytes in, slices of the same bytes out; expansion reads the slices again. */
#ifndef SHELL_LEX_H
#define SHELL_LEX_H

#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Part of the text, by place. */
struct slice {
	size_t begin, end;
};

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_SEMICOLON, /* ; or the end of a line */
	TOKEN_AND,       /* && */
	TOKEN_OR,        /* || */
	TOKEN_PIPE,      /* | */
	TOKEN_INTO,      /* > */
	TOKEN_APPEND,    /* >> */
};

struct token {
	enum token_kind kind;
	struct slice at;
};

struct lexer {
	const char *text;
	size_t length, place;
};

/* Reads the next token. Returns 0, or -1 with err (STATUS_USAGE) and token->at.begin where the error is. */
int lex_next(struct lexer *lexer, struct token *token, struct error *err);

/* How far text for an outside program, or an expression, goes from the lexer's place: to an unquoted ; or end of line, and if
 * operators_end also to && or ||, outside parentheses. Comments end it. The slice comes without surrounding blanks; the lexer stands behind it. */
int lex_raw(struct lexer *lexer, bool operators_end, struct slice *slice, struct error *err);

/* What stands at a $: the name's slice (or that of a value of an earlier result, "1.rtt_ms.p99"), and how far it reaches (both braces). Returns false where $ is just a character. A ${ without a
 * good name and } is an error: *bad. */
bool lex_variable(const char *text, size_t length, size_t dollar, struct slice *name, size_t *end, bool *bad);

/* Finds bytes that are no text (NUL, control characters but for tab, newline and a carriage return before a newline). Returns length when there are
 * none. */
size_t lex_binary(const char *text, size_t length);

/* State between the pieces of a line that arrive one after the other: is the line finished? Zero it before use. */
struct lex_scan {
	char quote;  /* ' or " while open */
	bool escape; /* after a backslash */
	bool comment;
	bool word;    /* inside a word: a # here is a character */
	char pending; /* '&' or '|' when such an operator was last and nothing followed */
	char before;  /* the byte before */
};
void lex_scan(struct lex_scan *scan, const char *text, size_t length);

/* True when what was scanned (without its last newline) needs a further line. */
bool lex_scan_open(const struct lex_scan *scan);

#endif
