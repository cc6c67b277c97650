/* Asking a person at the terminal before something is done that cannot be taken back. */
#ifndef NTSH_ASK_H
#define NTSH_ASK_H

#include "ntsh/loop.h"
#include "ntsh/result.h"

enum ask_answer {
	ASK_NOBODY, /* there is nobody to ask: no terminal, or a program reads (--json). Nothing was written */
	ASK_NO,     /* anything but yes, end of file, or Ctrl-C */
	ASK_YES,
};

/* Shows what was laid out so far, then "QUESTION [y/N] " on standard error, and waits for a line. */
enum ask_answer ask_yes(struct result *result, struct loop *loop, const char *question);

#endif
