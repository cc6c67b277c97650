#include "shell/tail.h"

#include "base/mem.h"
#include "shell/parse.h"

#include <stdlib.h>
#include <string.h>

enum { TAIL_WORDS_MAX = 4096 };

struct reader {
	struct tail *tail;
	struct lexer lexer; /* its text ends at the cursor */
	bool file;          /* the next word is the file of a redirection */
};

static void tail_forget(struct reader *reader)
{
	struct tail *tail = reader->tail;
	for (int i = 0; i < tail->count; i++)
		free(tail->words[i]);
	tail->count = 0;
	tail->opener = TAIL_OPENER_NONE;
}

/* A word without its quotes; variables stay as they were typed. Returns the quote that is still open at the end, or 0. */
static char tail_unquote(const char *text, size_t length, char **out)
{
	char *plain = mem_alloc(length + 1), quote = 0;
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else if (c != '\\' || quote == '\'')
			plain[used++] = c;
		else if (i + 1 < length)
			plain[used++] = text[++i];
	}
	plain[used] = '\0';
	*out = plain;
	return quote;
}

/* Where in text a variable's name begins that reaches to its end, behind $ or ${. Returns length when there is none. */
static size_t tail_variable(const char *text, size_t length)
{
	char quote = 0;
	size_t dollar = length;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (quote == '\'' && c != '\'')
			continue;
		if (c == '\\')
			i++;
		else if (c == '$')
			dollar = i;
		else if (c == '\'' || c == '"')
			quote = quote == c ? 0 : quote ? quote : c;
	}
	if (dollar == length)
		return length;
	size_t name = dollar + 1;
	if (name < length && text[name] == '{')
		name++;
	for (size_t i = name; i < length; i++) {
		char c = text[i] & ~0x20;
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (!(c >= 'A' && c <= 'Z') && text[i] != '_' && !(digit && i > name))
			return length;
	}
	return name;
}

static void tail_end(struct reader *reader, enum tail_place place, size_t start)
{
	struct tail *tail = reader->tail;
	const char *text = reader->lexer.text + start;
	size_t length = reader->lexer.length - start, name = tail_variable(text, length);
	tail->start = start;
	tail->place = place;
	if (name < length || (length && text[length - 1] == '$') ||
	    (length > 1 && text[length - 1] == '{' && text[length - 2] == '$')) {
		tail->quote = tail_unquote(text, length, &tail->partial);
		free(tail->partial);
		tail->place = TAIL_VARIABLE;
		tail->partial = mem_strndup(text + name, length - name);
		return;
	}
	tail->quote = tail_unquote(text, length, &tail->partial);
}

/* Takes "repeat N [every D]", "watch [D]" and "foreach NAME in WORD... do" off the front, once they are complete. */
static void tail_take_off(struct reader *reader)
{
	struct tail *tail = reader->tail;
	char **words = tail->words;
	int count = tail->count;
	enum keyword keyword = keyword_exact(words[0], NULL);
	enum tail_opener opener = TAIL_OPENER_NONE;
	if (keyword == KEYWORD_REPEAT && count == 2)
		opener = TAIL_OPENER_REPEAT;
	else if (keyword == KEYWORD_WATCH && count == 1)
		opener = TAIL_OPENER_WATCH;
	else if (keyword != KEYWORD_FOREACH || count < 4 || strcmp(words[count - 1], "do") != 0)
		return;
	tail_forget(reader);
	tail->opener = opener;
}

static void tail_word(struct reader *reader, struct slice at)
{
	struct tail *tail = reader->tail;
	char *word;
	tail_unquote(reader->lexer.text + at.begin, at.end - at.begin, &word);
	if (reader->file) {
		reader->file = false;
		free(word);
		return;
	}
	/* What may stand between an opener and its command. */
	bool every = tail->opener == TAIL_OPENER_REPEAT && strcmp(word, "every") == 0;
	bool pause = tail->opener == TAIL_OPENER_EVERY ||
		     (tail->opener == TAIL_OPENER_WATCH && strchr("0123456789.$", word[0]));
	tail->opener = every ? TAIL_OPENER_EVERY : TAIL_OPENER_NONE;
	if (every || pause || tail->count == TAIL_WORDS_MAX) {
		free(word);
		return;
	}
	if ((tail->count & (tail->count - 1)) == 0)
		tail->words =
		    mem_resize(tail->words, tail->count ? (size_t)tail->count * 2 : 1, sizeof *tail->words);
	tail->words[tail->count++] = word;
	tail_take_off(reader);
}

/* Text that is not ours: for an outside program, or an expression. Returns true when the cursor is inside. */
static bool tail_raw(struct reader *reader, size_t from, bool operators_end, enum tail_place place)
{
	struct slice slice;
	reader->lexer.place = from;
	bool open = lex_raw(&reader->lexer, operators_end, &slice, NULL) < 0;
	if (!open && reader->lexer.place < reader->lexer.length &&
	    reader->lexer.text[reader->lexer.place] != '#')
		return false;
	bool comment = !open && reader->lexer.place < reader->lexer.length;
	size_t start = reader->lexer.length;
	while (start > from && !strchr(" \t\n", reader->lexer.text[start - 1]))
		start--;
	tail_end(reader, comment ? TAIL_COMMENT : place, open ? slice.begin : start);
	return true;
}

/* One token. Returns true when the cursor is reached. */
static bool tail_step(struct reader *reader)
{
	struct lexer *lexer = &reader->lexer;
	size_t before = lexer->place;
	struct token token;
	bool failed = lex_next(lexer, &token, NULL) < 0;
	if (memchr(lexer->text + before, '#', lexer->place - before) && lexer->place == lexer->length &&
	    token.kind == TOKEN_END) {
		tail_end(reader, TAIL_COMMENT, lexer->length);
		return true;
	}
	bool first = reader->tail->count == 0 && !reader->file;
	if (first && !failed && token.kind == TOKEN_WORD && lexer->text[token.at.begin] == '!')
		return tail_raw(reader, token.at.begin + 1, true, TAIL_OUTSIDE);
	if (failed || token.kind == TOKEN_END ||
	    (token.kind == TOKEN_WORD && token.at.end == lexer->length)) {
		size_t start = failed ? lexer->place : token.at.begin;
		bool bad = failed && strchr("<&", lexer->text[start]);
		tail_end(reader, bad ? TAIL_COMMENT : reader->file ? TAIL_FILE : TAIL_WORD, start);
		return true;
	}
	switch (token.kind) {
	case TOKEN_WORD:
		tail_word(reader, token.at);
		if (reader->tail->count == 1 && keyword_exact(reader->tail->words[0], NULL) == KEYWORD_EXPECT)
			return tail_raw(reader, token.at.end, false, TAIL_EXPRESSION);
		return false;
	case TOKEN_INTO:
	case TOKEN_APPEND:
		reader->file = true;
		return false;
	case TOKEN_PIPE:
		return tail_raw(reader, token.at.end, true, TAIL_OUTSIDE);
	default:
		reader->file = false;
		tail_forget(reader);
		return false;
	}
}

void tail_read(struct tail *tail, const char *line, size_t cursor)
{
	*tail = (struct tail){ 0 };
	struct reader reader = { .tail = tail, .lexer = { line, cursor, 0 } };
	while (!tail_step(&reader))
		;
}

void tail_release(struct tail *tail)
{
	for (int i = 0; i < tail->count; i++)
		free(tail->words[i]);
	free(tail->words);
	free(tail->partial);
	*tail = (struct tail){ 0 };
}
