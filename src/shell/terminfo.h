/* Whether the system knows a terminal. */
#ifndef SHELL_TERMINFO_H
#define SHELL_TERMINFO_H

#include <stdbool.h>

/* True when terminfo(5) has an entry of this name, in one of the folders where Debian's ncurses looks. */
bool terminfo_known(const char *term);

#endif
