/* expect: checks of the last command's result. */
#ifndef SHELL_EXPECT_H
#define SHELL_EXPECT_H

#include "shell/exec.h"

/* Evaluates node->text over the last result. Status 0, or 1 with what was expected and what was measured. */
int expect_run(struct shell *shell, const struct script *script, const struct node *node);

#endif
