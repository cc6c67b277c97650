#include "shell/prompt_bindings.h"

#include <stddef.h>

/* What hands expect that know bash, where libedit differs; and keys of terminals that terminfo does not tell about. */
const struct prompt_binding prompt_bindings_usual[] = {
	{ L"^R", L"em-inc-search-prev", false },
	{ L"^S", L"em-inc-search-next", false },
	{ L"^W", L"ed-delete-prev-word", false },
	{ L"^U", L"vi-kill-line-prev", false },
	{ L"\\e[A", L"ed-prev-history", false },
	{ L"\\e[B", L"ed-next-history", false },
	{ L"\\e[C", L"ed-next-char", false },
	{ L"\\e[D", L"ed-prev-char", false },
	{ L"\\e[3~", L"ed-delete-next-char", false },
	{ L"\\e[1~", L"ed-move-to-beg", false },
	{ L"\\e[4~", L"ed-move-to-end", false },
	{ L"\\e[H", L"ed-move-to-beg", false },
	{ L"\\e[F", L"ed-move-to-end", false },
	{ L"\\eOH", L"ed-move-to-beg", false },
	{ L"\\eOF", L"ed-move-to-end", false },
	{ L"\\e[1;5C", L"em-next-word", false },
	{ L"\\e[1;5D", L"ed-prev-word", false },
	/* libedit's own command line: an empty one crashes it (3.1-20221030). As does vi's : */
	{ L"\\ex", L"ed-unassigned", false },
	{ L"\\eX", L"ed-unassigned", false },
	{ NULL, NULL, false },
};

const struct prompt_binding prompt_bindings_ours[] = {
	{ L"\t", L"ntsh-complete", false },         { L"?", L"ntsh-explain", false },
	{ PROMPT_LATER_KEY, L"ntsh-later", false }, { PROMPT_LATER_KEY, L"ntsh-later", true },
	{ L":", L"ed-unassigned", true },           { NULL, NULL, false },
};
