/* The guide: `diagnose` alone, at a terminal. Asks what hurts, says what it is about to do and why, runs that diagnosis, and offers what to do
 * next by number. Each step is a command that could be typed as well, and is shown as one. */
#ifndef SHELL_GUIDE_H
#define SHELL_GUIDE_H

#include "shell/expand.h"
#include "shell/shell.h"

/* True when these words ask for the guide, and a person is there to be asked. */
bool guide_wanted(const struct shell *shell, const struct words *words);

/* Runs it until the person has had enough. Where it was left is remembered for the next time. Returns the status of the last diagnosis. */
int guide_run(struct shell *shell);

/* What is remembered (shell->guide), given back. */
void guide_release(struct shell *shell);

#endif
