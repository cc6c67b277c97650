/* The options before the command's name. */
#ifndef SHELL_GLOBALS_H
#define SHELL_GLOBALS_H

#include "ntsh/option.h"
#include "out/out.h"

#include <stdbool.h>

struct shell;

/* What the table fills. */
struct globals {
	bool json, ipv4, ipv6, keep_going, quiet, help, version;
	bool verbose;
	const char *netns, *interface, *text, *file;
	ns_t timeout; /* 0: not given */
	int color;    /* enum out_color */
};

extern const struct option globals_table[];

/* Takes them over into the session. Text is borrowed. */
void globals_apply(const struct globals *globals, struct settings *settings, struct out_style *style);

/* A command's table with the global options in their long form, and -4 and -6, behind it: what is understood after the
 * command's name. The command's own names and letters win. *offset: where a struct globals lies in the argument block, whose size
 * becomes *size. The table is the caller's to free. */
struct option *globals_merge(const struct option *table, size_t args_size, size_t *offset, size_t *size);

#endif
