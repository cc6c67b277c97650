/* Possibilities as text for people: the list under Tab, the explanation under `?`. Pure. */
#ifndef SHELL_HINT_H
#define SHELL_HINT_H

#include "base/buf.h"
#include "shell/complete.h"

/* The screen it goes to. */
struct hint_screen {
	size_t columns, rows;
	bool color, utf8;
};

/* One line for each item, word and note in two columns; names without notes in as many columns as fit. What would fill more than the
 * screen is shown without notes, and cut if that is still too long. Lines end with "\r\n" (the terminal is in raw mode). */
void hint_list(struct buf *out, const struct complete *complete, const struct hint_screen *screen);

/* What `?` prints: how the command is used, then all that may come here, never cut. */
void hint_explain(struct buf *out, const struct complete *complete, const struct hint_screen *screen);

/* The usage line alone, with what is meant here, for a Tab that has nothing to offer. Nothing where there is nothing to say. */
void hint_usage(struct buf *out, const struct complete *complete, const struct hint_screen *screen);

#endif
