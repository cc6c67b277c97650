/* Commands: const structs that state what they need; the dispatcher meets it.
 *
 * commands/NAME.c exports `const struct command command_NAME`; the build writes the registry. */
#ifndef NTSH_COMMAND_H
#define NTSH_COMMAND_H

#include "ntsh/error.h"
#include "ntsh/loop.h"
#include "ntsh/option.h"
#include "ntsh/result.h"

#include <stdbool.h>

/* The options before the command's name (and their long forms after it). */
struct settings {
	int family;            /* AF_UNSPEC, AF_INET (-4) or AF_INET6 (-6) */
	const char *interface; /* -I, or NULL */
	const char *netns;     /* -n, or NULL: already entered when run() is called */
	ns_t timeout;          /* -t: of the whole command; NS_NEVER: none. The loop's deadline is already set */
	int verbose;           /* -v given this often */
	bool quiet;            /* -q */
	bool json;             /* -j */
	bool interactive;      /* a person is at the prompt: asking is allowed */
};

/* What a running command works with. All of it is borrowed for the time of run(). */
struct call {
	const struct command *command;
	const struct settings *settings;
	struct loop *loop;
	struct result *result;
	struct error *error; /* set it and return its status when the command cannot give an answer */
};

/* One member of the JSON result, for help/json.md and the check against it. path: "loss_percent", "probes[].seq",
 * "verdict.evidence[].says". */
struct field {
	const char *path;
	enum value_kind kind; /* KIND_NONE for objects, arrays and varying kinds */
	const char *meaning;
};

struct command {
	const char *name;    /* "dns dig" */
	const char *summary; /* one line, lower case, no full stop */
	const struct option *options;
	size_t args_size;    /* of the struct that the options fill */
	const void *defaults;/* initial content of that struct; NULL: zeroes */
	const struct field *fields; /* ends with a NULL path */
	/* Runs to its end. args points to args_size bytes. Returns the exit status; with an error, error->status. */
	enum status (*run)(struct call *call, const void *args);
};

/* Written by the build: all commands, by name, NULL at the end. */
extern const struct command *const command_registry[];

#endif
