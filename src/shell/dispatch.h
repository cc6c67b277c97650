/* From a command's words to its status. */
#ifndef SHELL_DISPATCH_H
#define SHELL_DISPATCH_H

#include "shell/expand.h"
#include "shell/report.h"

/* Finds the command that the words name and runs it with the rest: options, settings, namespace, deadline, result, error
 * line. Returns its status. script is for error places (NULL: none). */
int dispatch_words(struct shell *shell, const struct words *words, const struct script *script);

/* Prints err as the outcome of something that did not get as far as a command: the line, and with --json the object. name: of the
 * built-in that failed, or NULL. Returns err's status. */
int dispatch_failure(struct shell *shell, const char *name, const struct words *words,
		     const struct script *script, size_t offset, struct error *err);

/* True when Ctrl-C (or SIGTERM) came while the running command ran; the signal is then used up. */
bool dispatch_interrupted(struct shell *shell);

/* The style for results that go to fd, with the session's wishes. */
struct out_style dispatch_style(const struct shell *shell, int fd);

/* When a command that starts now must end: by the session's timeout and by what encloses it. */
ns_t dispatch_deadline(const struct shell *shell, ns_t timeout);

#endif
