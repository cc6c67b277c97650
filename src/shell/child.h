/* Outside programs: text for /bin/sh, with our variables in its environment. */
#ifndef SHELL_CHILD_H
#define SHELL_CHILD_H

#include "shell/shell.h"

#include <sys/types.h>

/* A program that was started and not yet waited for. It shares our process group: Ctrl-C reaches it as it reaches us, Ctrl-Z
 * stops both, and whoever started ntsh continues both. */
struct child {
	pid_t pid;
	int pidfd; /* -1: this kernel has none */
	bool done;
	bool reader; /* it reads what we write */
};

/* Starts `/bin/sh -c TEXT` in the shell's namespace, reading input (-1: ours) and writing output (-1: ours). With an input it ignores
 * Ctrl-C unless it wants it: our command is stopped by it, and the program still gets the partial result. Returns 0, or -1 with
 * err (STATUS_CANNOT). */
int child_start(struct shell *shell, struct child *child, const char *text, size_t length, int input,
		int output, struct error *err);

/* Waits for its end, then takes the terminal back. Whether to obey Ctrl-C is the program's business, but a reader without the screen
 * is ended by it, or - stopping: our command was stopped already - when it goes on for two seconds. SIGTERM or SIGHUP to us, and
 * the deadline, end it. *interrupted (may be NULL): Ctrl-C came meanwhile. Returns its status as sh does: 128 + the signal that killed it. */
int child_wait(struct shell *shell, struct child *child, bool stopping, bool *interrupted);

#endif
