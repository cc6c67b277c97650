/* What keys do, as libedit's `bind` knows it. */
#ifndef SHELL_PROMPT_BINDINGS_H
#define SHELL_PROMPT_BINDINGS_H

#include <stdbool.h>
#include <wchar.h>

/* alternate: in vi's command mode. Tables end with a NULL. */
struct prompt_binding {
	const wchar_t *keys, *function;
	bool alternate;
};

/* A key of no other use: libedit calls ntsh-later for it once it has redrawn. */
#define PROMPT_LATER_KEY L"\x1d"

/* Before .editrc, which has the last word on them. For the emacs keys. */
extern const struct prompt_binding prompt_bindings_usual[];

/* After .editrc (its `bind -v` has begun new maps): what the prompt cannot do without. */
extern const struct prompt_binding prompt_bindings_ours[];

#endif
