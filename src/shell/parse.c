#include "shell/parse.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { NEST_MAX = 16, KEYWORD_BYTES = 32 };

struct parser {
	struct lexer lexer;
	struct token token; /* the next one, read already */
	keyword_fn *keyword;
	void *arg;
	unsigned depth;
	size_t *place;
	struct error *err;
};

static int parse_element(struct parser *parser, struct node *node, struct node *outer);

static int advance(struct parser *parser)
{
	if (!lex_next(&parser->lexer, &parser->token, parser->err))
		return 0;
	*parser->place = parser->token.at.begin;
	return -1;
}

static int syntax(struct parser *parser, const char *hint, const char *message)
{
	*parser->place = parser->token.at.begin;
	return error_set(parser->err, STATUS_USAGE, "ESYNTAX", hint, "%s", message);
}

static void add_word(struct node *node, struct slice word)
{
	if (node->count == node->capacity) {
		node->capacity = node->capacity ? node->capacity * 2 : 4;
		node->words = mem_resize(node->words, node->capacity, sizeof *node->words);
	}
	node->words[node->count++] = word;
}

static bool token_is(const struct parser *parser, const char *word)
{
	size_t length = parser->token.at.end - parser->token.at.begin;
	return parser->token.kind == TOKEN_WORD && length == strlen(word) &&
	       !memcmp(parser->lexer.text + parser->token.at.begin, word, length);
}

enum keyword keyword_exact(const char *word, void *arg)
{
	(void)arg;
	static const char *const words[] = { "expect", "repeat", "watch", "foreach" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(word, words[i]))
			return (enum keyword)(KEYWORD_EXPECT + i);
	return KEYWORD_NONE;
}

/* A quoted word is never a keyword, and neither is one whose -h is asked for. */
static enum keyword keyword_here(struct parser *parser)
{
	char word[KEYWORD_BYTES];
	size_t length = parser->token.at.end - parser->token.at.begin;
	if (length >= sizeof word)
		return KEYWORD_NONE;
	memcpy(word, parser->lexer.text + parser->token.at.begin, length);
	word[length] = '\0';
	enum keyword keyword = parser->keyword(word, parser->arg);
	if (keyword != KEYWORD_NONE) {
		struct lexer ahead = parser->lexer;
		struct token next;
		if (lex_next(&ahead, &next, NULL) || next.kind != TOKEN_WORD)
			return keyword;
		size_t size = next.at.end - next.at.begin;
		const char *bytes = ahead.text + next.at.begin;
		if ((size == 2 && !memcmp(bytes, "-h", 2)) || (size == 6 && !memcmp(bytes, "--help", 6)))
			return KEYWORD_NONE;
	}
	return keyword;
}

/* > FILE and >> FILE go to the outermost element. */
static int parse_redirection(struct parser *parser, struct node *outer)
{
	if (outer->has_file)
		return syntax(parser, "give one file", "output goes into a file already");
	outer->append = parser->token.kind == TOKEN_APPEND;
	if (advance(parser))
		return -1;
	if (parser->token.kind != TOKEN_WORD)
		return syntax(parser, "write > FILE", "a file's name is missing");
	outer->has_file = true;
	outer->file = parser->token.at;
	return advance(parser);
}

static int parse_pipe(struct parser *parser, struct node *node)
{
	size_t pipe = parser->token.at.begin;
	while (parser->lexer.place < parser->lexer.length &&
	       strchr(" \t\r\n", parser->lexer.text[parser->lexer.place]))
		parser->lexer.place++;
	node->has_pipe = true;
	if (lex_raw(&parser->lexer, true, &node->pipe, parser->err)) {
		*parser->place = node->pipe.begin;
		return -1;
	}
	if (node->pipe.begin == node->pipe.end) {
		*parser->place = pipe;
		return error_set(parser->err, STATUS_USAGE, "ESYNTAX", "write | PROGRAM",
				 "a program's name is missing");
	}
	return advance(parser);
}

static int parse_words(struct parser *parser, struct node *node, struct node *outer)
{
	for (;;) {
		switch (parser->token.kind) {
		case TOKEN_WORD:
			add_word(node, parser->token.at);
			if (advance(parser))
				return -1;
			break;
		case TOKEN_INTO:
		case TOKEN_APPEND:
			if (parse_redirection(parser, outer))
				return -1;
			break;
		case TOKEN_PIPE:
			if (outer->has_file)
				return syntax(parser, "leave one of the two out",
					      "output goes into a file already");
			return parse_pipe(parser, node);
		default:
			return 0;
		}
	}
}

static int parse_raw(struct parser *parser, struct node *node, size_t from, bool operators_end,
		     const char *hint, const char *missing)
{
	parser->lexer.place = from;
	if (lex_raw(&parser->lexer, operators_end, &node->text, parser->err)) {
		*parser->place = node->text.begin;
		return -1;
	}
	if (node->text.begin == node->text.end) {
		parser->token.at.begin = node->text.begin;
		return syntax(parser, hint, missing);
	}
	return advance(parser);
}

static int parse_body(struct parser *parser, struct node *node, struct node *outer, const char *hint)
{
	if (parser->token.kind != TOKEN_WORD)
		return syntax(parser, hint, "a command is missing");
	if (++parser->depth > NEST_MAX)
		return syntax(parser, "write a script that calls ntsh --json", "this is nested too deep");
	node->body = NEW(struct node);
	int result = parse_element(parser, node->body, outer);
	parser->depth--;
	return result;
}

static int parse_repeat(struct parser *parser, struct node *node, struct node *outer)
{
	static const char hint[] = "write: repeat N [every DURATION] COMMAND";
	if (parser->token.kind != TOKEN_WORD)
		return syntax(parser, hint, "the number of times is missing");
	add_word(node, parser->token.at);
	if (advance(parser))
		return -1;
	if (token_is(parser, "every")) {
		if (advance(parser))
			return -1;
		if (parser->token.kind != TOKEN_WORD)
			return syntax(parser, hint, "a duration is missing");
		add_word(node, parser->token.at);
		if (advance(parser))
			return -1;
	}
	return parse_body(parser, node, outer, hint);
}

/* No command begins with a digit or a dollar. */
static int parse_watch(struct parser *parser, struct node *node, struct node *outer)
{
	if (parser->token.kind == TOKEN_WORD &&
	    strchr("0123456789.$", parser->lexer.text[parser->token.at.begin])) {
		add_word(node, parser->token.at);
		if (advance(parser))
			return -1;
	}
	return parse_body(parser, node, outer, "write: watch [DURATION] COMMAND");
}

static int parse_foreach(struct parser *parser, struct node *node, struct node *outer)
{
	size_t marked = 0;
	static const char hint[] = "write: foreach NAME in WORD... [parallel N] do COMMAND";
	if (parser->token.kind != TOKEN_WORD)
		return syntax(parser, hint, "the variable's name is missing");
	add_word(node, parser->token.at);
	if (advance(parser))
		return -1;
	if (!token_is(parser, "in"))
		return syntax(parser, hint, "\"in\" is missing");
	if (advance(parser))
		return -1;
	while (parser->token.kind == TOKEN_WORD && !token_is(parser, "do")) {
		/* "parallel" is a word like others unless a number and "do" follow. */
		if (token_is(parser, "parallel"))
			marked = node->count;
		add_word(node, parser->token.at);
		if (advance(parser))
			return -1;
	}
	if (marked && node->count == marked + 2) {
		node->words[marked] = node->words[marked + 1];
		node->count--;
		node->parallel = true;
	}
	if (!token_is(parser, "do"))
		return syntax(parser, hint, "\"do\" is missing");
	if (advance(parser))
		return -1;
	return parse_body(parser, node, outer, hint);
}

static int parse_control(struct parser *parser, struct node *node, struct node *outer, enum keyword keyword)
{
	size_t behind = parser->token.at.end;
	if (keyword == KEYWORD_EXPECT) {
		node->kind = NODE_EXPECT;
		return parse_raw(parser, node, behind, false, "write: expect PATH OPERATOR VALUE",
				 "an expression is missing");
	}
	if (advance(parser))
		return -1;
	switch (keyword) {
	case KEYWORD_REPEAT:
		node->kind = NODE_REPEAT;
		return parse_repeat(parser, node, outer);
	case KEYWORD_WATCH:
		node->kind = NODE_WATCH;
		return parse_watch(parser, node, outer);
	default:
		node->kind = NODE_FOREACH;
		return parse_foreach(parser, node, outer);
	}
}

/* outer: the element that redirections belong to. */
static int parse_element(struct parser *parser, struct node *node, struct node *outer)
{
	node->at.begin = parser->token.at.begin;
	int result;
	enum keyword keyword;
	if (parser->lexer.text[parser->token.at.begin] == '!') {
		node->kind = NODE_OUTSIDE;
		result = parse_raw(parser, node, parser->token.at.begin + 1, true, "write: !PROGRAM [ARG...]",
				   "a program's name is missing");
	} else if ((keyword = keyword_here(parser)) != KEYWORD_NONE) {
		result = parse_control(parser, node, outer, keyword);
	} else {
		result = parse_words(parser, node, outer);
	}
	node->at.end = parser->token.at.begin;
	return result;
}

/* Joins: over empty commands, and newlines after an operator. */
static int parse_join(struct parser *parser, enum join *join)
{
	*join = JOIN_ALWAYS;
	if (parser->token.kind == TOKEN_AND || parser->token.kind == TOKEN_OR) {
		*join = parser->token.kind == TOKEN_AND ? JOIN_AND : JOIN_OR;
		do {
			if (advance(parser))
				return -1;
		} while (parser->token.kind == TOKEN_SEMICOLON &&
			 parser->lexer.text[parser->token.at.begin] == '\n');
		if (parser->token.kind != TOKEN_WORD)
			return syntax(parser, "write it, or take the operator away", "a command is missing");
	}
	while (parser->token.kind == TOKEN_SEMICOLON)
		if (advance(parser))
			return -1;
	return 0;
}

static int parse_elements(struct parser *parser, struct node **line)
{
	enum join join = JOIN_ALWAYS;
	struct node **end = line;
	if (advance(parser))
		return -1;
	while (parser->token.kind == TOKEN_SEMICOLON)
		if (advance(parser))
			return -1;
	while (parser->token.kind != TOKEN_END) {
		if (parser->token.kind != TOKEN_WORD)
			return syntax(parser, "begin with a command", "a command is missing");
		struct node *node = NEW(struct node);
		node->join = join;
		*end = node;
		end = &node->next;
		if (parse_element(parser, node, node) || parse_join(parser, &join))
			return -1;
	}
	return 0;
}

int parse_line(const char *text, size_t length, keyword_fn *keyword, void *arg, struct node **line,
	       size_t *place, struct error *err)
{
	struct parser parser = {
		.lexer = { text, length, 0 }, .keyword = keyword, .arg = arg, .place = place, .err = err
	};
	*line = NULL;
	*place = 0;
	if (!parse_elements(&parser, line))
		return 0;
	parse_free(*line);
	*line = NULL;
	return -1;
}

void parse_free(struct node *line)
{
	while (line) {
		struct node *next = line->next;
		parse_free(line->body);
		free(line->words);
		free(line);
		line = next;
	}
}
