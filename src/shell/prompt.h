/* The conversation with a person at a terminal. */
#ifndef SHELL_PROMPT_H
#define SHELL_PROMPT_H

#include "shell/shell.h"

/* Reads and executes lines until `exit`, end of input or the loss of the terminal. shell->settings.interactive and
 * shell->abbreviations are set. Returns the status with which the program ends (shell->leave_status after exit, else $?). */
enum status prompt_run(struct shell *shell);

#endif
