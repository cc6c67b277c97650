#include "shell/settings.h"

#include "base/mem.h"
#include "base/units.h"
#include "ntsh/netns.h"
#include "opt/opt.h"
#include "shell/globals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { VERBOSE_MAX = 9 };

static const char *const switch_words[] = { "off", "on", NULL };
static const char *const family_words[] = { "any", "4", "6", NULL };

/* value's place in words; the first is the default. */
static int read_word(const char *value, const char *const *words, int *index, struct error *err)
{
	char hint[ERROR_HINT_MAX];
	size_t used = (size_t)snprintf(hint, sizeof hint, "it is one of");
	*index = 0;
	if (!value)
		return 0;
	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], value)) {
			*index = i;
			return 0;
		}
		used += (size_t)snprintf(hint + used, sizeof hint - used, "%s %s", i ? "," : "", words[i]);
	}
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "\"%s\" is no value for this", value);
}

static int change_switch(bool *on, const char *value, struct error *err)
{
	int index;
	if (read_word(value, switch_words, &index, err))
		return -1;
	*on = index;
	return 0;
}

static int change_json(struct shell *shell, const char *value, struct error *err)
{
	int result = change_switch(&shell->settings.json, value, err);
	shell->style.json = shell->settings.json;
	return result;
}

static void show_json(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", switch_words[shell->settings.json]);
}

static int change_quiet(struct shell *shell, const char *value, struct error *err)
{
	int result = change_switch(&shell->settings.quiet, value, err);
	shell->style.quiet = shell->settings.quiet;
	return result;
}

static void show_quiet(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", switch_words[shell->settings.quiet]);
}

static int change_keep_going(struct shell *shell, const char *value, struct error *err)
{
	int result = change_switch(&shell->keep_going, value, err);
	shell->stops = !shell->settings.interactive && !shell->keep_going;
	return result;
}

static void show_keep_going(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", switch_words[shell->keep_going]);
}

static int change_verbose(struct shell *shell, const char *value, struct error *err)
{
	int64_t level = 0;
	if (value && opt_read_count(value, 0, VERBOSE_MAX, &level, err))
		return -1;
	shell->settings.verbose = shell->style.verbose = (int)level;
	return 0;
}

static void show_verbose(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%d", shell->settings.verbose);
}

static int change_color(struct shell *shell, const char *value, struct error *err)
{
	int index;
	if (read_word(value, globals_color_words, &index, err))
		return -1;
	shell->style.color = (enum out_color)index;
	return 0;
}

static void show_color(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", globals_color_words[shell->style.color]);
}

static int change_family(struct shell *shell, const char *value, struct error *err)
{
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
	int index;
	if (read_word(value, family_words, &index, err))
		return -1;
	shell->settings.family = families[index];
	return 0;
}

static void show_family(const struct shell *shell, char *buf, size_t size)
{
	int family = shell->settings.family;
	snprintf(buf, size, "%s", family_words[family == AF_INET6 ? 2 : family == AF_INET]);
}

static int change_interface(struct shell *shell, const char *value, struct error *err)
{
	(void)err;
	free(shell->interface_text);
	shell->interface_text = mem_strdup(value && *value ? value : NULL);
	shell->settings.interface = shell->interface_text;
	return 0;
}

static void show_interface(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", shell->settings.interface ? shell->settings.interface : "any");
}

static int change_netns(struct shell *shell, const char *value, struct error *err)
{
	char *name = mem_strdup(value && *value && strcmp(value, "default") ? value : NULL);
	if (name ? netns_enter(name, err) : netns_current() ? netns_leave(err) : 0) {
		free(name);
		return -1;
	}
	free(shell->netns_text);
	shell->netns_text = name;
	shell->settings.netns = name;
	return 0;
}

static void show_netns(const struct shell *shell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", shell->settings.netns ? shell->settings.netns : "default");
}

static int change_timeout(struct shell *shell, const char *value, struct error *err)
{
	ns_t timeout = NS_NEVER;
	if (value && strcmp(value, "none") &&
	    opt_read_duration(value, NS_PER_MS, GLOBALS_TIMEOUT_MAX, &timeout, err))
		return -1;
	shell->settings.timeout = timeout;
	return 0;
}

static void show_timeout(const struct shell *shell, char *buf, size_t size)
{
	char word[UNITS_TEXT_MAX];
	bool never = shell->settings.timeout == NS_NEVER;
	snprintf(buf, size, "%s", never ? "none" : units_format_duration_word(shell->settings.timeout, word));
}

/* clang-format off */
const struct setting settings_table[] = {
	{ "color", "auto|always|never", "colour in the output", globals_color_words, change_color, show_color },
	{ "family", "any|4|6", "address family of all commands", family_words, change_family, show_family },
	{ "interface", "IF", "the interface to leave through", NULL, change_interface, show_interface },
	{ "json", "on|off", "one JSON object on one line for each command", switch_words, change_json, show_json },
	{ "keep_going", "on|off", "a batch goes on after a status that is not 0", switch_words, change_keep_going,
	  show_keep_going },
	{ "netns", "NAME|PID|PATH|default", "the network namespace to work in", NULL, change_netns, show_netns },
	{ "quiet", "on|off", "print the answer only", switch_words, change_quiet, show_quiet },
	{ "timeout", "DURATION|none", "longest time of a whole command", NULL, change_timeout, show_timeout },
	{ "verbose", "0..9", "how much is printed of what was measured", NULL, change_verbose, show_verbose },
	{ .name = NULL },
};
/* clang-format on */

const struct setting *settings_find(const char *name)
{
	for (const struct setting *setting = settings_table; setting->name; setting++)
		if (!strcmp(setting->name, name))
			return setting;
	return NULL;
}
