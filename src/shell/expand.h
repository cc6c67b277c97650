/* Words as written into words as meant: quotes removed, variables replaced. */
#ifndef SHELL_EXPAND_H
#define SHELL_EXPAND_H

#include "shell/lex.h"

/* items ends with a NULL; offsets[i] is where in the text item i was written (for the caret). Zero it before use. */
struct words {
	char **items;
	size_t *offsets;
	int count, capacity;
};

/* Values of variables: name is "host", "1", "#", "?", or "1.rtt_ms.p99", a value of an earlier result. NULL: not set. The value is valid until the next call. */
typedef const char *expand_get_fn(const char *name, void *arg);

/* Where values come from. The parameters $1.. and $@ are argv[1..argc). unset explains the name of a variable that is not set: err's
 * hint (may be NULL). */
struct expand_env {
	expand_get_fn *get;
	void *arg;
	int argc;
	const char *const *argv;
	const char *(*nearest)(const char *name, void *arg);
};

/* Adds the word(s) that the slice means: none or several when an unquoted variable holds blanks. Returns 0, or -1 with err (a variable that is not
 * set) and *place. */
int expand_word(const char *text, struct slice slice, const struct expand_env *env, struct words *words,
		size_t *place, struct error *err);

/* Adds one word as it is. */
void words_add(struct words *words, const char *bytes, size_t length, size_t offset);
void words_release(struct words *words);

#endif
