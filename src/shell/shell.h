/* The shell itself: what a session knows, and how a line is carried out.
 *
 * One struct shell lives as long as the process. Lines come from a prompt, a batch or the command line; all of them
 * go through shell_execute_line. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "ntsh/command.h"
#include "out/out.h"
#include "shell/history.h"
#include "shell/results.h"
#include "shell/vars.h"

#include <stdbool.h>
#include <stddef.h>

struct forms;
struct guide;

struct shell {
	struct loop *loop;
	struct settings settings; /* of the session; a command's own long options override a copy */
	struct out_style style;   /* where results go now (redirections replace fd for a while) */
	struct vars vars;
	char *netns_text, *interface_text; /* behind settings, when `set` changed them; NULL: not */
	int status;         /* $?: 0..255; STATUS_... of our commands, anything of outside programs */
	int worst;          /* the worst status of all commands so far */
	bool keep_going;    /* -k */
	bool stops;         /* the lines come from a batch that ends at the first status that is not 0 */
	bool leaving;       /* `exit` was executed, or the terminal is gone: read no more lines */
	int leave_status;   /* valid with leaving */
	int terminated;     /* SIGTERM or SIGHUP that came in, 0: none */
	bool abbreviations; /* commands may be shortened: at the prompt only */
	bool keep_results;  /* somebody may `expect` later */
	unsigned depth;     /* of source inside source */
	ns_t deadline;      /* of what encloses the running command (watch -t), or NS_NEVER */
	uint64_t commands, checks, failed_checks; /* for the last line of a batch */
	unsigned stopped_line;                    /* where it ended early; 0: it did not */
	bool output_broken;                       /* the last command could not write what it had to say */
	struct results results;                   /* the last one is what `expect` looks into */
	struct guide *guide;                      /* where the guide was left; NULL: it was not used */
	struct forms *forms;                      /* TAP, JUnit, ...: NULL when only results are asked for */
	int points; /* in a process of `foreach ... parallel`: where its points go; else -1 */
	/* Parameters of a batch file: $0 is its name, $1.. its arguments. Borrowed. */
	int argc;
	const char *const *argv;
	/* Set by the prompt, which owns the lines; NULL: there is no history. */
	history_each_fn *history_each;
	void *history_arg;
};

/* Where a line came from: for "FILE:LINE:" in front of errors. name NULL: the prompt. */
struct origin {
	const char *name;
	unsigned line; /* of the text's first line, from 1 */
};

/* Parses text (one logical line: perhaps several commands, perhaps several lines inside quotes) and executes it. Errors
 * are printed here, a syntax error with the line and a caret. Returns the new $? (also in shell->status). Afterwards the
 * caller looks at shell->leaving. */
int shell_execute_line(struct shell *shell, const char *text, size_t length, const struct origin *origin);

/* True when text ends inside quotes, after a backslash, or after && || |: the prompt reads another line and appends it (with '\n'
 * between). */
bool shell_line_incomplete(const char *text, size_t length);

/* The whole program. */
int shell_main(int argc, char **argv);

#endif
