/* What the shell itself does: variables, control, checks. Each has a page help/NAME.md. */
#ifndef SHELL_BUILTIN_H
#define SHELL_BUILTIN_H

#include "ntsh/command.h"

struct shell;

/* A plain built-in has run. The parser knows the others (repeat, watch, foreach, expect) by name: their run is NULL. options
 * describes the words for -h, `?` and completion. */
struct builtin {
	const char *name;
	const char *summary;
	const char *usage;            /* "repeat N [every DURATION] COMMAND" */
	const struct option *options; /* ends with OPTION_END; never NULL */
	const void *defaults;         /* initial content of the argument struct; NULL: zeroes */
	size_t args_size;             /* of the struct that the options fill */
	bool raw;                     /* args is a struct option_list of all words, whatever they look like */
	const struct field *fields;   /* of its JSON result; NULL: it prints none */
	enum status (*run)(struct shell *shell, struct call *call, const void *args);
};

/* All, by name, ended by a NULL. */
extern const struct builtin *const builtin_registry[];

#endif
