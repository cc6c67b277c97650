/* Editing one line at the terminal. Two kinds: libedit (prompt_edit.c), and the terminal's own line discipline where libedit is
 * missing or the terminal cannot move its cursor (prompt_plain.c). While a line is being typed the loop runs. */
#ifndef SHELL_PROMPT_EDIT_H
#define SHELL_PROMPT_EDIT_H

#include "base/buf.h"
#include "ntsh/error.h"
#include "shell/history_lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct loop;

/* What a key does to the line so far. Zeroed before; insert and show are the receiver's to free. */
struct edit_reply {
	size_t remove_from; /* bytes from here up to the caret go away; SIZE_MAX: none */
	char *insert;       /* then this is inserted at the caret */
	char *show;         /* printed below (whole lines), then prompt and line again */
	bool bell;
};

/* caret: in bytes. columns, rows: the terminal's. */
typedef void edit_key_fn(void *arg, const char *line, size_t caret, struct edit_reply *reply);

struct edit_hooks {
	void *arg;
	edit_key_fn *complete; /* Tab */
	edit_key_fn *explain;  /* ? */
	const struct history *history;
	const int *terminated; /* a signal that wants the shell to end came in when this is not 0 */
};

enum edit_end {
	EDIT_LINE,        /* Enter */
	EDIT_INTERRUPTED, /* Ctrl-C: forget the line */
	EDIT_END,         /* Ctrl-D on an empty line */
	EDIT_GONE,        /* no terminal any more, or a signal wants the end */
};

struct edit;

/* Returns NULL with err when libedit cannot be had. */
struct edit *edit_new(struct loop *loop, const struct edit_hooks *hooks, struct error *err);
void edit_free(struct edit *edit);

/* Reads one line (without its newline) and appends it to line. The terminal is in its usual mode before and after. */
enum edit_end edit_read(struct edit *edit, const wchar_t *prompt, struct buf *line);

/* The same without libedit: no keys but those of the terminal. */
enum edit_end edit_plain_read(struct loop *loop, const int *terminated, const wchar_t *prompt,
			      struct buf *line);

/* The terminal's size; 80 by 24 when it does not say. */
void edit_size(size_t *columns, size_t *rows);

#endif
