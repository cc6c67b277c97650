/* What is this network setting, and is it at its default?
 * One name: value, default, unit, what it does, when to touch it. A pattern, or nothing: a list. */
#include "ntsh/command.h"
#include "ntsh/help.h"
#include "ntsh/sysctls.h"

#include <string.h>

struct args {
	const char *name;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_SYSCTL, 0, "name", "NAME|PATTERN", "net.ipv4.tcp_sack, tcp_sack, 'net.ipv4.tcp_*'; nothing: all that are explained",
	  offsetof(struct args, name), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

#define SETTING_FIELDS(at) \
	{ at "name", KIND_TEXT, "its name" }, \
	{ at "value", KIND_TEXT, "what it is here and now" }, \
	{ at "default", KIND_TEXT, "the kernel's default; null: worked out by the kernel, or not known" }, \
	{ at "unit", KIND_TEXT, "of the value; null: not known" }, \
	{ at "changed", KIND_FLAG, "it differs from the default" }, \
	{ at "says", KIND_TEXT, "what it does; null: there is no entry for it" }
static const struct field fields[] = {
	SETTING_FIELDS(""),
	{ "when", KIND_TEXT, "when to touch it" },
	{ "settings", KIND_NONE, "with a pattern, or without a name: each setting" },
	SETTING_FIELDS("settings[]."),
	{ "count", KIND_COUNT, "with a pattern, or without a name: how many" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "name", .heading = "setting", .min_width = 34 }, { .name = "value", .heading = "value", .min_width = 10 },
	{ .name = "default", .heading = "default", .min_width = 8 }, { .name = "unit", .heading = "unit" }, { .name = "says", .flexible = true },
};
static const struct table table = { .name = "settings", .columns = columns, .column_count = sizeof columns / sizeof *columns };
/* clang-format on */

struct list {
	struct result *result;
	const struct page *page;
	uint64_t count;
};

static void setting_put(struct result *result, const char *name, const char *value,
			const struct sysctl_entry *entry)
{
	result_put(result, "name", value_text(name));
	result_put(result, "value", value_text(value));
	result_put(result, "default", value_text(entry && entry->default_count ? entry->defaults[0] : NULL));
	result_put(result, "unit", value_text(entry ? entry->unit : NULL));
	result_put(result, "changed", value_flag(entry && !sysctl_is_default(entry, value)));
	result_put(result, "says", value_text(entry ? entry->what : NULL));
}

static void row_put(struct list *list, const char *name, const struct sysctl_entry *entry)
{
	char value[SYSCTL_VALUE_MAX];
	if (sysctl_read(name, value, NULL) < 0)
		return;
	list->count++;
	result_row_open(list->result);
	setting_put(list->result, name, value, entry);
	result_row_close(list->result);
}

static void on_name(const char *name, void *arg)
{
	struct list *list = arg;
	struct sysctl_entry entry;
	char full[SYSCTL_NAME_MAX];
	bool known = sysctl_entry_find(list->page->begin, list->page->end, name, &entry, full);
	row_put(list, name, known ? &entry : NULL);
}

static enum status list_show(struct call *call, const struct page *page, const char *pattern)
{
	struct list list = { .result = call->result, .page = page };
	struct sysctl_entry entry;
	result_list_open(list.result, &table);
	if (pattern)
		sysctl_names(pattern, on_name, &list);
	for (const char *at = page->begin; !pattern && sysctl_entry_next(&at, page->end, &entry);)
		row_put(&list, entry.name, &entry);
	result_list_close(list.result);
	result_put(list.result, "count", value_count(list.count));
	result_gap(list.result);
	result_line(
	    list.result, TONE_FAINT,
	    list.count
		? "{count} settings; sysctl NAME tells more, sysctl changed what differs from the defaults"
		: "there is no such setting under net.");
	return list.count ? STATUS_OK : STATUS_BAD;
}

static enum status one_show(struct call *call, const struct page *page, const char *given)
{
	struct sysctl_entry entry;
	char name[SYSCTL_NAME_MAX], value[SYSCTL_VALUE_MAX];
	struct result *result = call->result;
	bool known = sysctl_entry_find(page->begin, page->end, given, &entry, name);
	if (sysctl_read(name, value, NULL) < 0) {
		/* A part of names, perhaps: tcp_keepalive. Or one that this kernel does not have any more. */
		if (!known)
			return list_show(call, page, given);
		return sysctl_read(name, value, call->error) < 0 ? call->error->status : STATUS_OK;
	}
	setting_put(result, name, value, known ? &entry : NULL);
	result_put(result, "when", value_text(known ? entry.when : NULL));
	result_line(result, TONE_STRONG, "{name} = {value}");
	if (known && entry.default_count)
		result_item(result, "default", TONE_PLAIN, "{default}{changed? : it was changed}");
	else
		result_item(result, "default", TONE_PLAIN,
			    known ? "worked out by the kernel, from the memory or the machine"
				  : "not known here");
	if (known) {
		result_item(result, "unit", TONE_PLAIN, "{unit}");
		result_item(result, "does", TONE_PLAIN, "{says}");
		result_item(result, "touch it", TONE_PLAIN, "{when}");
	}
	return STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct help_entry help;
	if (help_find("sysctls", &help, call->error) < 0)
		return call->error->status;
	if (!args->name || strpbrk(args->name, "*?["))
		return list_show(call, help.page, args->name);
	return one_show(call, help.page, args->name);
}

const struct command command_sysctl = {
	.name = "sysctl",
	.summary = "network settings: value, default, unit, what they do",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
