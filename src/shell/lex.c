#include "shell/lex.h"

#include <string.h>

static int lex_fail(struct token *token, size_t place, struct error *err, const char *hint,
		    const char *message)
{
	token->at = (struct slice){ place, place + 1 };
	return error_set(err, STATUS_USAGE, "ESYNTAX", hint, "%s", message);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool name_byte(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (!first && c >= '0' && c <= '9');
}

/* "12.rtt_ms.p99", "1.answer[type=A].data": the value of an earlier result. A dot at the end is a full stop. */
static size_t result_end(const char *text, size_t length, size_t place, bool brace)
{
	size_t at = place, end = place;
	if (brace && at < length && text[at] == '-')
		at++;
	size_t digits = at;
	while (at < length && text[at] >= '0' && text[at] <= '9')
		at++;
	if (at == digits)
		return place;
	while (at + 1 < length && text[at] == '.' && name_byte(text[at + 1], true)) {
		at++;
		while (at < length && name_byte(text[at], false))
			at++;
		while (at < length && text[at] == '[' && memchr(text + at, ']', length - at))
			at = (size_t)((const char *)memchr(text + at, ']', length - at) - text) + 1;
		end = at;
	}
	return end;
}

bool lex_variable(const char *text, size_t length, size_t dollar, struct slice *name, size_t *end, bool *bad)
{
	size_t place = dollar + 1;
	*bad = false;
	bool brace = place < length && text[place] == '{';
	place += brace;
	*name = (struct slice){ place, place };
	size_t result = result_end(text, length, place, brace);
	if (result > place)
		place = result;
	else if (place < length &&
		 ((text[place] >= '0' && text[place] <= '9') || strchr("?#@", text[place])) && text[place])
		place++;
	else
		while (place < length && name_byte(text[place], place == name->begin))
			place++;
	name->end = place;
	*end = place;
	if (!brace)
		return name->end > name->begin;
	*bad = name->end == name->begin || place == length || text[place] != '}';
	*end = place + 1;
	return !*bad;
}

/* Behind one quoted part, escape or variable beginning at place; or place itself for an ordinary byte. */
static int lex_special(const struct lexer *lexer, size_t *place, struct token *token, struct error *err)
{
	const char *text = lexer->text;
	size_t begin = *place;
	if (text[begin] == '\\') {
		if (begin + 1 == lexer->length)
			return lex_fail(token, begin, err, "take it away, or quote it",
					"nothing follows the backslash");
		*place = begin + 2;
	} else if (text[begin] == '$') {
		struct slice name;
		bool bad;
		size_t end;
		if (lex_variable(text, lexer->length, begin, &name, &end, &bad))
			*place = end;
		else if (bad)
			return lex_fail(token, begin, err, "write ${name}", "this is no variable");
		else
			*place = begin + 1;
	} else if (text[begin] == '\'') {
		const char *close = memchr(text + begin + 1, '\'', lexer->length - begin - 1);
		if (!close)
			return lex_fail(token, begin, err, "close it", "this quote is not closed");
		*place = (size_t)(close - text) + 1;
	}
	return 0;
}

static int lex_double_quotes(const struct lexer *lexer, size_t *place, struct token *token, struct error *err)
{
	size_t begin = *place, at = begin + 1;
	while (at < lexer->length && lexer->text[at] != '"') {
		char c = lexer->text[at];
		if (c == '$' && lex_special(lexer, &at, token, err))
			return -1;
		if (c != '$')
			at += c == '\\' ? 2 : 1;
	}
	if (at >= lexer->length)
		return lex_fail(token, begin, err, "close it", "this quote is not closed");
	*place = at + 1;
	return 0;
}

/* Over one unit of text: a byte, an escape, a variable, a quoted part. */
static int lex_unit(const struct lexer *lexer, size_t *place, struct token *token, struct error *err)
{
	size_t begin = *place;
	if (lexer->text[begin] == '"')
		return lex_double_quotes(lexer, place, token, err);
	if (lex_special(lexer, place, token, err))
		return -1;
	if (*place == begin)
		(*place)++;
	return 0;
}

static bool lex_pair(const struct lexer *lexer, size_t place, char c)
{
	return place + 1 < lexer->length && lexer->text[place] == c && lexer->text[place + 1] == c;
}

static bool word_ends(const struct lexer *lexer, size_t place)
{
	char c = lexer->text[place];
	return blank(c) || c == '\n' || c == ';' || c == '|' || c == '>' || c == '<' ||
	       (c == '&' && lex_pair(lexer, place, '&'));
}

static void skip_blanks(struct lexer *lexer)
{
	while (lexer->place < lexer->length) {
		char c = lexer->text[lexer->place];
		if (blank(c)) {
			lexer->place++;
		} else if (c == '\\' && lexer->place + 1 < lexer->length &&
			   lexer->text[lexer->place + 1] == '\n') {
			lexer->place += 2;
		} else if (c == '#') {
			const char *newline =
			    memchr(lexer->text + lexer->place, '\n', lexer->length - lexer->place);
			lexer->place = newline ? (size_t)(newline - lexer->text) : lexer->length;
		} else {
			return;
		}
	}
}

static int lex_operator(struct lexer *lexer, struct token *token, struct error *err)
{
	size_t place = lexer->place, width = 1;
	switch (lexer->text[place]) {
	case ';':
	case '\n':
		token->kind = TOKEN_SEMICOLON;
		break;
	case '|':
		width = lex_pair(lexer, place, '|') ? 2 : 1;
		token->kind = width == 2 ? TOKEN_OR : TOKEN_PIPE;
		break;
	case '>':
		width = lex_pair(lexer, place, '>') ? 2 : 1;
		token->kind = width == 2 ? TOKEN_APPEND : TOKEN_INTO;
		break;
	case '&':
		width = 2;
		token->kind = TOKEN_AND;
		break;
	default:
		return lex_fail(token, place, err, "quote it if it belongs to a filter: '<'",
				"commands read no input from files");
	}
	lexer->place += width;
	token->at.end = lexer->place;
	return 0;
}

int lex_next(struct lexer *lexer, struct token *token, struct error *err)
{
	skip_blanks(lexer);
	size_t place = lexer->place;
	*token = (struct token){ TOKEN_END, { place, place } };
	if (place == lexer->length)
		return 0;
	if (word_ends(lexer, place))
		return lex_operator(lexer, token, err);
	while (place < lexer->length && !word_ends(lexer, place))
		if (lex_unit(lexer, &place, token, err))
			return -1;
	*token = (struct token){ TOKEN_WORD, { lexer->place, place } };
	lexer->place = place;
	if (token->at.end - token->at.begin == 1 && lexer->text[token->at.begin] == '&')
		return lex_fail(token, token->at.begin, err, "start a second ntsh",
				"there are no background jobs");
	return 0;
}

int lex_raw(struct lexer *lexer, bool operators_end, struct slice *slice, struct error *err)
{
	struct token token;
	while (lexer->place < lexer->length && blank(lexer->text[lexer->place]))
		lexer->place++;
	size_t place = lexer->place, end = place, open = 0;
	while (place < lexer->length) {
		char c = lexer->text[place];
		bool blank_before = place == lexer->place || blank(lexer->text[place - 1]);
		if (c == '\n' || (!open && (c == ';' || (c == '#' && blank_before))))
			break;
		if (operators_end && !open && (lex_pair(lexer, place, '&') || lex_pair(lexer, place, '|')))
			break;
		open += c == '(';
		open -= c == ')' && open;
		if (lex_unit(lexer, &place, &token, err)) {
			lexer->place = token.at.begin;
			*slice = token.at;
			return -1;
		}
		if (!blank(c))
			end = place;
	}
	*slice = (struct slice){ lexer->place, end };
	lexer->place = place;
	return 0;
}

size_t lex_binary(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n')
			continue;
		if (c == '\r' && (i + 1 == length || text[i + 1] == '\n'))
			continue;
		return i;
	}
	return length;
}

void lex_scan(struct lex_scan *scan, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = text[i], before = scan->before;
		scan->before = c;
		if (scan->comment) {
			scan->comment = c != '\n';
		} else if (scan->escape) {
			scan->escape = false;
			scan->word = c != '\n';
		} else if (scan->quote) {
			scan->escape = scan->quote == '"' && c == '\\';
			if (c == scan->quote)
				scan->quote = 0;
		} else if (c == '#' && !scan->word) {
			scan->comment = true;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			scan->word = false;
		} else if (c == ';' || c == '>') {
			scan->word = false;
			scan->pending = 0;
		} else if (c == '|' || (c == '&' && before == '&')) {
			scan->word = false;
			scan->pending = c;
		} else {
			scan->escape = c == '\\';
			scan->quote = c == '\'' || c == '"' ? c : 0;
			scan->word = true;
			scan->pending = 0;
		}
	}
}

bool lex_scan_open(const struct lex_scan *scan)
{
	return scan->escape || scan->quote || scan->pending;
}
