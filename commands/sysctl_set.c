/* How do I change a network setting, and take it back?
 * Writes the value, says what it was, and prints the command that restores it. */
#include "ntsh/command.h"
#include "ntsh/help.h"
#include "ntsh/sysctls.h"

#include <stdio.h>
#include <string.h>

struct args {
	const char *name;
	struct option_list values;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_SYSCTL, 0, "name", "NAME", "net.ipv4.tcp_sack, or tcp_sack", offsetof(struct args, name), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "value", "VALUE", "the new value; several words are one value", offsetof(struct args, values), 0, 0, NULL,
	  OPTION_REQUIRED | OPTION_REPEAT, NULL },
	OPTION_END,
};
/* clang-format on */

static const struct field fields[] = {
	{ "name", KIND_TEXT, "the setting" },
	{ "before", KIND_TEXT, "what it was" },
	{ "value", KIND_TEXT, "what it is now, as the kernel tells it" },
	{ "undo", KIND_TEXT, "the command that restores it" },
	{ "says", KIND_TEXT, "what it does; null: there is no entry for it" },
	{ NULL, KIND_NONE, NULL },
};

static void join(const struct option_list *words, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < words->count; i++)
		snprintf(out + strlen(out), size - strlen(out), "%s%s", i ? " " : "", words->items[i]);
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct help_entry help;
	struct sysctl_entry entry;
	struct result *result = call->result;
	char name[SYSCTL_NAME_MAX], value[SYSCTL_VALUE_MAX], before[SYSCTL_VALUE_MAX],
	    undo[SYSCTL_VALUE_MAX + 200];
	if (help_find("sysctls", &help, call->error) < 0)
		return call->error->status;
	bool known = sysctl_entry_find(help.page->begin, help.page->end, args->name, &entry, name);
	join(&args->values, value, sizeof value);
	if (sysctl_read(name, before, call->error) < 0 || sysctl_write(name, value, call->error) < 0 ||
	    sysctl_read(name, value, call->error) < 0)
		return call->error->status;
	snprintf(undo, sizeof undo, "ntsh sysctl set %s %s", name, before);
	result_put(result, "name", value_text(name));
	result_put(result, "before", value_text(before));
	result_put(result, "value", value_text(value));
	result_put(result, "undo", value_text(undo));
	result_put(result, "says", value_text(known ? entry.what : NULL));
	result_line(result, TONE_GOOD, "{name} = {value}");
	result_item(result, "before", TONE_PLAIN, "{before}");
	if (known)
		result_item(result, "does", TONE_PLAIN, "{says}");
	result_item(result, "undo", TONE_PLAIN, "{undo}");
	result_item(result, "keep", TONE_FAINT,
		    "a file in /etc/sysctl.d keeps it over a reboot: {name} = {value}");
	return STATUS_OK;
}

const struct command command_sysctl_set = {
	.name = "sysctl set",
	.summary = "change a network setting, and how to take it back",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
