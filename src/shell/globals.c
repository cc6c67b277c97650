#include "shell/globals.h"

#include "ntsh/command.h"

#include <sys/socket.h>

const char *const globals_color_words[] = { "auto", "always", "never", NULL };

#define AT(field) offsetof(struct globals, field)
#define DASH .style = STYLE_DASH

/* clang-format off */
/* Those that make sense for one command, and are understood after its name too. */
#define COMMON_OPTIONS \
	{ DASH, OPT_FLAG, 'j', "json", NULL, "print one JSON object on one line for each command", AT(json) }, \
	{ DASH, OPT_TEXT, 'n', "netns", "NAME|PID|PATH", "work inside this network namespace", AT(netns) }, \
	{ DASH, OPT_FLAG, '4', "ipv4", NULL, "use IPv4 only", AT(ipv4), .excludes = "ipv6" }, \
	{ DASH, OPT_FLAG, '6', "ipv6", NULL, "use IPv6 only", AT(ipv6), .excludes = "ipv4" }, \
	{ DASH, OPT_TEXT, 'I', "interface", "IF", "leave through this interface", AT(interface) }, \
	{ DASH, OPT_DURATION, 't', "timeout", "DURATION", "stop a whole command after this time", AT(timeout), \
	  .min = NS_PER_MS, .max = GLOBALS_TIMEOUT_MAX }, \
	{ DASH, OPT_FLAG, 'q', "quiet", NULL, "print the answer only", AT(quiet) }, \
	{ DASH, OPT_FLAG, 'v', "verbose", NULL, "print more of what was measured", AT(verbose), \
	  .flags = OPTION_REPEAT }, \
	{ DASH, OPT_WORD, 0, "color", "WHEN", "colour the output: auto, always, never", AT(color), \
	  .words = globals_color_words }

const struct option globals_table[] = {
	COMMON_OPTIONS,
	{ DASH, OPT_FLAG, 'k', "keep-going", NULL, "go on in a batch after a status that is not 0", AT(keep_going) },
	{ DASH, OPT_TEXT, 'c', "command", "TEXT", "execute the commands in TEXT", AT(text), .excludes = "file" },
	{ DASH, OPT_FILE, 'f', "file", "FILE", "execute the commands in FILE (- is standard input)", AT(file),
	  .excludes = "command" },
	{ DASH, OPT_FLAG, 0, "tap", NULL, "print a line of TAP for each command and check instead of results", AT(tap),
	  .excludes = "json nagios prometheus" },
	{ DASH, OPT_FILE, 0, "junit", "FILE", "write JUnit XML with a test case for each command and check", AT(junit) },
	{ DASH, OPT_FLAG, 0, "nagios", NULL, "print one line for Nagios, and end with its exit status", AT(nagios),
	  .excludes = "json tap prometheus" },
	{ DASH, OPT_FLAG, 0, "prometheus", NULL, "print the numbers of all results as Prometheus text", AT(prometheus),
	  .excludes = "json tap nagios" },
	{ DASH, OPT_FLAG, 0, "version", NULL, "print the version", AT(version) },
	{ DASH, OPT_FLAG, 'h', "help", NULL, "print this; after a command its options", AT(help) },
	OPTION_END
};

const struct option globals_common[] = { COMMON_OPTIONS, OPTION_END };
/* clang-format on */

void globals_apply(const struct globals *globals, struct settings *settings, struct out_style *style)
{
	if (globals->ipv4)
		settings->family = AF_INET;
	if (globals->ipv6)
		settings->family = AF_INET6;
	if (globals->interface)
		settings->interface = globals->interface;
	if (globals->netns)
		settings->netns = globals->netns;
	if (globals->timeout)
		settings->timeout = globals->timeout;
	settings->verbose += (int)globals->verbose.count;
	settings->quiet |= globals->quiet;
	settings->json |= globals->json;
	style->json = settings->json;
	style->quiet = settings->quiet;
	style->verbose = settings->verbose;
	if (globals->color)
		style->color = (enum out_color)globals->color;
}
