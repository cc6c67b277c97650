/* Lines from files, pipes and text. */
#ifndef SHELL_BATCH_H
#define SHELL_BATCH_H

#include "shell/shell.h"

/* Executes the lines of FILE ("-": standard input) with parameters argv (argv[0] is its name), until its end, `exit`, an interruption, or - when
 * shell->stops - a status that is not 0. Errors are printed. Returns the last status. */
int batch_file(struct shell *shell, const char *file, int argc, const char *const *argv);

/* The same for text that is there already. name is for error messages. */
int batch_text(struct shell *shell, const char *name, const char *text);

/* The last line, on standard error: what ran, and how it went. */
void batch_summary(const struct shell *shell);

#endif
