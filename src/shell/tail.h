/* A line that is still being typed, as completion and `?` need it. */
#ifndef SHELL_TAIL_H
#define SHELL_TAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Where in the language the cursor stands. */
enum tail_place {
	TAIL_WORD,       /* a word of a command of ours */
	TAIL_VARIABLE,   /* inside $name or ${name: words are those before, partial is the name so far */
	TAIL_FILE,       /* the file of a redirection */
	TAIL_OUTSIDE,    /* inside text for an outside program (after ! or |) */
	TAIL_EXPRESSION, /* inside `expect` */
	TAIL_COMMENT,    /* nothing to complete */
};

/* What stands directly before, when words is empty: something else than a command may follow. */
enum tail_opener {
	TAIL_OPENER_NONE,
	TAIL_OPENER_REPEAT, /* "repeat N": or "every" */
	TAIL_OPENER_EVERY,  /* "repeat N every": a duration, and no command */
	TAIL_OPENER_WATCH,  /* "watch": or a duration */
};

/* words: those of the innermost simple command before the cursor's word, quotes removed ("repeat 3 every 1s", "watch 2s", "foreach x in a do"
 * in front are already taken off; variables stand as they were typed). partial: the cursor's word so far, quotes removed,
 * "" between words. start: where in the line that word begins, with its quote. quote: ' or " when it is open, else 0. */
struct tail {
	enum tail_place place;
	char **words;
	int count;
	char *partial;
	size_t start;
	char quote;
	enum tail_opener opener;
};

/* Looks at line[0..cursor). Never fails: what is nonsense is TAIL_COMMENT. */
void tail_read(struct tail *tail, const char *line, size_t cursor);
void tail_release(struct tail *tail);

#endif
