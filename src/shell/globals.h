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
	bool tap, nagios, prometheus;
	struct option_list verbose; /* given this often */
	const char *netns, *interface, *text, *file, *junit;
	ns_t timeout; /* 0: not given */
	int color;    /* enum out_color */
};

/* The longest -t, and the words of --color in the order of enum out_color. */
#define GLOBALS_TIMEOUT_MAX (7 * 24 * 3600 * NS_PER_S)
extern const char *const globals_color_words[];

/* All; and those that count after the command's name as well. */
extern const struct option globals_table[], globals_common[];

/* Takes them over into the session. Text is borrowed. */
void globals_apply(const struct globals *globals, struct settings *settings, struct out_style *style);

#endif
