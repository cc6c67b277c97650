/* What -h prints. */
#ifndef SHELL_USAGE_H
#define SHELL_USAGE_H

#include "shell/builtin.h"

/* The usage and the options of call->command, or of builtin when that is not NULL. */
enum status usage_show(struct call *call, const struct builtin *builtin);

/* Those of the program. */
enum status usage_show_program(struct call *call);

#endif
