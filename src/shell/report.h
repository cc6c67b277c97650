/* How the shell says what is wrong: one line on standard error, and the place in what was written. */
#ifndef SHELL_REPORT_H
#define SHELL_REPORT_H

#include "shell/shell.h"

/* The text that is being executed. */
struct script {
	const struct origin *origin;
	const char *text;
	size_t length;
};

#define NOWHERE SIZE_MAX

/* "ntsh: FILE:LINE: COMMAND: MESSAGE; HINT", then, when offset is a place in the script, its line with a caret below. script NULL: a single
 * command from the command line; command NULL: the language itself. */
void report_error(const struct shell *shell, const struct script *script, size_t offset, const char *command,
		  const struct error *err);

/* The line around offset, at most width columns of it, escaped, and the caret, into buf as two lines. Pure. */
struct buf;
void report_excerpt(struct buf *buf, const char *text, size_t length, size_t offset, size_t width, bool utf8);

#endif
