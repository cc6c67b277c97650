/* Which network settings differ from the kernel's defaults?
 * Compares each setting that the topic explains, of every interface, with its default. */
#include "ntsh/command.h"
#include "ntsh/help.h"
#include "ntsh/sysctls.h"

#include <string.h>

/* clang-format off */
static const struct option options[] = { OPTION_END };

static const struct field fields[] = {
	{ "settings", KIND_NONE, "what differs from the kernel's default" },
	{ "settings[].name", KIND_TEXT, "its name" },
	{ "settings[].value", KIND_TEXT, "what it is here and now" },
	{ "settings[].default", KIND_TEXT, "the kernel's default" },
	{ "settings[].unit", KIND_TEXT, "of the value" },
	{ "settings[].says", KIND_TEXT, "what it does" },
	{ "count", KIND_COUNT, "how many differ" },
	{ "compared", KIND_COUNT, "how many were compared" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "name", .heading = "setting", .min_width = 34 }, { .name = "value", .heading = "value" },
	{ .name = "default", .heading = "default" }, { .name = "unit", .heading = "unit" }, { .name = "says", .flexible = true },
};
static const struct table table = { .name = "settings", .columns = columns, .column_count = sizeof columns / sizeof *columns };
/* clang-format on */

struct changed {
	struct result *result;
	const struct page *page;
	uint64_t count, compared;
};

static void on_name(const char *name, void *arg)
{
	struct changed *changed = arg;
	struct sysctl_entry entry;
	char full[SYSCTL_NAME_MAX], value[SYSCTL_VALUE_MAX];
	if (!sysctl_entry_find(changed->page->begin, changed->page->end, name, &entry, full) ||
	    sysctl_read(name, value, NULL) < 0)
		return;
	/* What an interface has is its own business as long as it only repeats "all": the same change is told once. */
	changed->compared++;
	if (sysctl_is_default(&entry, value) || strcmp(name, entry.name) != 0)
		return;
	changed->count++;
	result_row_open(changed->result);
	result_put(changed->result, "name", value_text(name));
	result_put(changed->result, "value", value_text(value));
	result_put(changed->result, "default", value_text(entry.defaults[0]));
	result_put(changed->result, "unit", value_text(entry.unit));
	result_put(changed->result, "says", value_text(entry.what));
	result_row_close(changed->result);
}

static enum status run(struct call *call, const void *arguments)
{
	(void)arguments;
	struct help_entry help;
	if (help_find("sysctls", &help, call->error) < 0)
		return call->error->status;
	struct changed changed = { .result = call->result, .page = help.page };
	result_list_open(changed.result, &table);
	sysctl_names("*", on_name, &changed);
	result_list_close(changed.result);
	result_put(changed.result, "count", value_count(changed.count));
	result_put(changed.result, "compared", value_count(changed.compared));
	result_gap(changed.result);
	result_line(changed.result, TONE_STRONG,
		    changed.count ? "{count} of {compared} settings differ from the kernel's defaults"
				  : "all {compared} settings are at the kernel's defaults");
	return STATUS_OK;
}

const struct command command_sysctl_changed = {
	.name = "sysctl changed",
	.summary = "which network settings differ from the kernel's defaults",
	.options = options,
	.args_size = 1,
	.fields = fields,
	.run = run,
};
