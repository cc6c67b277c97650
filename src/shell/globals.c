#include "shell/globals.h"

#include "base/mem.h"
#include "ntsh/command.h"

#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>

static const char *const color_words[] = { "auto", "always", "never", NULL };

#define AT(field) offsetof(struct globals, field)
#define DASH .style = STYLE_DASH

const struct option globals_table[] = {
	{ DASH, OPT_FLAG, 'j', "json", NULL, "print one JSON object on one line for each command", AT(json) },
	{ DASH, OPT_TEXT, 'n', "netns", "NAME|PID|PATH", "work inside this network namespace", AT(netns) },
	{ DASH, OPT_FLAG, '4', "ipv4", NULL, "use IPv4 only", AT(ipv4), .excludes = "ipv6" },
	{ DASH, OPT_FLAG, '6', "ipv6", NULL, "use IPv6 only", AT(ipv6), .excludes = "ipv4" },
	{ DASH, OPT_TEXT, 'I', "interface", "IF", "leave through this interface", AT(interface) },
	{ DASH, OPT_DURATION, 't', "timeout", "DURATION", "stop a whole command after this time", AT(timeout),
	  .min = NS_PER_MS, .max = 7 * 24 * 3600 * NS_PER_S },
	{ DASH, OPT_FLAG, 'k', "keep-going", NULL, "go on in a batch after a status that is not 0", AT(keep_going) },
	{ DASH, OPT_FLAG, 'q', "quiet", NULL, "print the answer only", AT(quiet) },
	{ DASH, OPT_FLAG, 'v', "verbose", NULL, "print more of what was measured", AT(verbose) },
	{ DASH, OPT_WORD, 0, "color", "WHEN", "colour the output: auto, always, never", AT(color),
	  .words = color_words },
	{ DASH, OPT_TEXT, 'c', "command", "TEXT", "execute the commands in TEXT", AT(text), .excludes = "file" },
	{ DASH, OPT_FILE, 'f', "file", "FILE", "execute the commands in FILE (- is standard input)", AT(file),
	  .excludes = "command" },
	{ DASH, OPT_FLAG, 0, "version", NULL, "print the version", AT(version) },
	{ DASH, OPT_FLAG, 'h', "help", NULL, "print this, or with a command its options", AT(help) },
	OPTION_END
};

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
	settings->verbose += globals->verbose;
	settings->quiet |= globals->quiet;
	settings->json |= globals->json;
	style->json = settings->json;
	style->quiet = settings->quiet;
	style->verbose = settings->verbose;
	if (globals->color)
		style->color = (enum out_color)globals->color;
}

/* Only those that make sense for one command. */
static bool global_follows(const struct option *option)
{
	static const char *const before_only[] = { "command", "file", "version", "help", "keep-going" };
	for (size_t i = 0; i < sizeof before_only / sizeof *before_only; i++)
		if (!strcmp(option->name, before_only[i]))
			return false;
	return true;
}

static bool table_has(const struct option *table, const char *name, char letter)
{
	for (; table->name; table++)
		if (table->style == STYLE_DASH &&
		    (letter ? table->letter == letter : !strcmp(table->name, name)))
			return true;
	return false;
}

struct option *globals_merge(const struct option *table, size_t args_size, size_t *offset, size_t *size)
{
	size_t count = 0;
	while (table[count].name)
		count++;
	size_t globals = sizeof globals_table / sizeof *globals_table;
	struct option *merged = mem_resize(NULL, count + globals, sizeof *merged);
	if (count)
		memcpy(merged, table, count * sizeof *merged);
	*offset = (args_size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	*size = *offset + sizeof(struct globals);
	for (const struct option *option = globals_table; option->name; option++) {
		if (!global_follows(option) || table_has(table, option->name, 0))
			continue;
		struct option *copy = &merged[count++];
		*copy = *option;
		copy->offset += *offset;
		copy->flags |= OPTION_HIDDEN;
		bool family = copy->letter == '4' || copy->letter == '6';
		if (!family || table_has(table, NULL, copy->letter))
			copy->letter = 0;
	}
	merged[count] = (struct option)OPTION_END;
	return merged;
}
