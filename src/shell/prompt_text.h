/* What the prompt says, and where its cells fall on the screen. Pure. */
#ifndef SHELL_PROMPT_TEXT_H
#define SHELL_PROMPT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum { PROMPT_TEXT_MAX = 256 };

/* Marks around what takes no cells (libedit's EL_PROMPT_ESC). */
#define PROMPT_MARK L'\1'

/* "ntsh> ", "ntsh blue [1]> ": the namespace when it is not the default one (netns: a name, a path or a process id; NULL), the
 * status when it is not 0. continued: the line goes on ("...> "). Returns buf. */
wchar_t *prompt_text(wchar_t buf[PROMPT_TEXT_MAX], const char *netns, int status, bool continued, bool color);

/* Cells that the prompt takes. */
size_t prompt_width(const wchar_t *prompt);

/* How many rows below the prompt's first cell the caret stands, when text[0..caret) is shown behind width cells of prompt on a
 * terminal of columns. Control characters show as ^X, as libedit does. */
size_t prompt_caret_row(size_t width, const wchar_t *text, size_t caret, size_t columns);

#endif
