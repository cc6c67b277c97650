/* The tree at work. */
#ifndef SHELL_EXEC_H
#define SHELL_EXEC_H

#include "shell/expand.h"
#include "shell/parse.h"
#include "shell/report.h"

/* Executes a line's elements. Returns the status of the last one; a batch without -k stops at the first that is not 0. */
int exec_line(struct shell *shell, const struct script *script, const struct node *line);

/* One element with its redirection. */
int exec_element(struct shell *shell, const struct script *script, const struct node *node);

/* repeat, watch, foreach (exec_control.c). */
int exec_repeat(struct shell *shell, const struct script *script, const struct node *node);
int exec_watch(struct shell *shell, const struct script *script, const struct node *node);
int exec_foreach(struct shell *shell, const struct script *script, const struct node *node);

/* foreach with `parallel N`: words[from..] of a list already expanded, each in a process of its own, at most width at once. What they print
 * appears whole and in the order of the words (exec_parallel.c). */
int exec_parallel(struct shell *shell, const struct script *script, const struct node *node, const char *name,
		  const struct words *words, size_t width);

/* Expands the slices [from, to) of node->words. Returns 0, or the status after the error was reported. */
int exec_expand(struct shell *shell, const struct script *script, const struct node *node, size_t from,
		size_t to, struct words *words);

/* How $name gets its value in this shell. Static storage behind it. */
struct expand_env exec_env(struct shell *shell);

#endif
