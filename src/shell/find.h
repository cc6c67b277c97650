/* From words to what they name. */
#ifndef SHELL_FIND_H
#define SHELL_FIND_H

#include "ntsh/command.h"
#include "shell/builtin.h"

/* What the first words of a command line name. One of the two is set. */
struct found {
	const struct command *command;
	const struct builtin *builtin;
	int words; /* how many words the name took: "dns dig" 2 */
};

/* The longest name that argv begins with. abbreviate: each word may be a unique prefix (an exact word always wins).
 * Returns 0, or -1 with err (STATUS_USAGE): unknown, with the nearest names in the hint, or ambiguous, with the choices. */
int find_command(int argc, const char *const *argv, bool abbreviate, struct found *found, struct error *err);

/* Calls fn for each possible next word of a name that begins with the words argv[0..argc) and continues with prefix: "dns" + "d"
 * gives "dig". summary is that of the command, or NULL for the first word of a family ("dns"). Each word once. */
typedef void find_word_fn(const char *word, const char *summary, void *arg);
void find_next_words(int argc, const char *const *argv, const char *prefix, find_word_fn *fn, void *arg);

#endif
