/* Points: what ended, and how, on its way to the output forms (out/forms.h). */
#ifndef SHELL_POINTS_H
#define SHELL_POINTS_H

#include "out/forms.h"
#include "shell/report.h"

/* Opens the forms that were asked for, and takes standard output for them. Returns 0, or -1 with err. */
int points_begin(struct shell *shell, enum form form, const char *junit, struct error *err);

/* True when somebody wants points: results are worth keeping then. */
bool points_wanted(const struct shell *shell);

/* Adds a point. words: the command as executed. json NULL: it left none. */
void points_add(struct shell *shell, const struct script *script, size_t offset, const struct point *point);

/* Writes what comes last. Returns the exit status of the process. */
int points_end(struct shell *shell, int worst);

/* --- between the processes of `foreach ... parallel` --- */

/* Sends the session's counts to the process that waits for us, behind all points. */
void points_send_counts(const struct shell *shell);

/* Takes what a child sent: points into our forms, counts into the session. bytes: whole lines. */
void points_receive(struct shell *shell, const char *bytes, size_t length);

#endif
