/* The language: text into a tree.
 *
 *     line    = element { (";" | newline | "&&" | "||") element }
 *     element = "!" TEXT
 *             | "expect" EXPRESSION
 *             | "repeat" N ["every" D] element
 *             | "watch" [D] element
 *             | "foreach" NAME "in" WORD... ["parallel" N] "do" element
 *             | WORD... ["|" TEXT]
 *     each with [">" FILE | ">>" FILE]
 *
 * A pipe belongs to the command it follows, also inside repeat, watch, foreach (each run has its own); a redirection takes
 * the output of the whole element. */
#ifndef SHELL_PARSE_H
#define SHELL_PARSE_H

#include "shell/lex.h"

enum node_kind { NODE_COMMAND, NODE_OUTSIDE, NODE_EXPECT, NODE_REPEAT, NODE_WATCH, NODE_FOREACH };

/* How an element follows the one before. */
enum join { JOIN_ALWAYS, JOIN_AND, JOIN_OR };

struct node {
	enum node_kind kind;
	enum join join;
	struct slice at; /* the whole element */
	struct slice *
	    words; /* COMMAND: all; REPEAT: count and perhaps interval; WATCH: perhaps interval; FOREACH: name,
	                         then the words */
	size_t count, capacity;
	struct slice text; /* OUTSIDE: the program's text; EXPECT: the expression */
	bool has_pipe, has_file, append;
	bool parallel; /* FOREACH: the last of words is how many at once */
	struct slice pipe, file;
	struct node *body; /* REPEAT, WATCH, FOREACH */
	struct node *next; /* further element of the line */
};

/* What a first word means to the language. */
enum keyword { KEYWORD_NONE, KEYWORD_EXPECT, KEYWORD_REPEAT, KEYWORD_WATCH, KEYWORD_FOREACH };

/* Tells the keyword that a word is (the prompt knows abbreviations; a batch does not). */
typedef enum keyword keyword_fn(const char *word, void *arg);
keyword_fn keyword_exact;

/* Parses text. *line is the first element, NULL for an empty line; free it with parse_free. Returns 0, or -1 with err
 * (STATUS_USAGE) and *place, where in the text it is wrong. */
int parse_line(const char *text, size_t length, keyword_fn *keyword, void *arg, struct node **line,
	       size_t *place, struct error *err);

void parse_free(struct node *line);

#endif
