/* The lines that were typed: in memory for the arrow keys, in a file for the next run.
 *
 * The file is $XDG_STATE_HOME/ntsh/history (~/.local/state/ntsh/history), mode 0600, one entry a line, newest last; a newline
 * inside an entry is written as \n, a backslash as \\. Several shells append to it at once. */
#ifndef SHELL_HISTORY_LINES_H
#define SHELL_HISTORY_LINES_H

#include "ntsh/error.h"
#include "shell/history.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	HISTORY_LINES_MAX = 2000,           /* entries kept, in memory and in the file */
	HISTORY_LINE_MAX = 16 * 1024,       /* longer lines are not kept in the file */
	HISTORY_FILE_MAX = 2 * 1024 * 1024, /* of a file, only so much of its end is read */
};

/* lines[0] is the oldest; numbers go on when old ones are forgotten. session: index of the first line of this run. */
struct history {
	char **lines;
	size_t count, session;
	unsigned first_number;
	char *path; /* NULL: not kept across runs */
};

/* Loads the file, and creates its folder (0700) when it is missing. Returns 0, or -1 with err: the history then lives in memory
 * only. Call history_close in either case. */
int history_open(struct history *history, struct error *err);

/* Takes a line over: in memory and, when there is one, in the file. Not taken: empty lines, lines that begin with a space, the
 * same line again. Returns 0, or -1 with err when the file cannot be written any more (it is then no longer tried). */
int history_add(struct history *history, const char *line, struct error *err);

/* history_each_fn for struct shell. */
void history_each(void *history, size_t newest, history_line_fn *fn, void *arg);

void history_close(struct history *history);

/* --- its file; for history_lines.c and tests --- */

/* Path of the file from the environment (HOME, XDG_STATE_HOME: an absolute one counts), or NULL with err. To be freed. */
char *history_file_path(struct error *err);

/* Reads the last HISTORY_LINES_MAX entries into history (which is empty); a file that has grown to twice of that is cut. No file
 * is not an error. Returns 0, or -1 with err. */
int history_file_load(struct history *history, struct error *err);

/* Appends one entry. Returns 0, or -1 with err. */
int history_file_append(const char *path, const char *line, struct error *err);

#endif
