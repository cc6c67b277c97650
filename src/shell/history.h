/* How `history` reaches the lines that the prompt keeps. */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include <stddef.h>

/* Gets one line, with its number as the user sees it (from 1). line is borrowed for the call. */
typedef void history_line_fn(unsigned number, const char *line, void *arg);

/* Calls fn for the newest lines (newest = SIZE_MAX: all), oldest first. history_arg is the prompt's own. */
typedef void history_each_fn(void *history_arg, size_t newest, history_line_fn *fn, void *arg);

#endif
