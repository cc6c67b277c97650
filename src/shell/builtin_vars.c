/* set, unset: variables and settings. */
#include "base/buf.h"
#include "base/mem.h"
#include "shell/builtins.h"
#include "shell/settings.h"
#include "shell/shell.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 1 << 20, SHOWN_MAX = 512 };

static const struct option words_table[] = { { STYLE_OPERAND, OPT_TEXT, 0, "name", "NAME",
					       "a variable, or a setting: see \"set\" alone", 0,
					       .flags = OPTION_REPEAT },
					     OPTION_END };

static const struct column setting_columns[] = {
	{ "name", "setting", ALIGN_LEFT, 0, false, false },
	{ "value", "value", ALIGN_LEFT, 0, false, false },
	{ "values", "can be", ALIGN_LEFT, 0, false, false },
	{ "meaning", "meaning", ALIGN_LEFT, 0, false, true },
};
static const struct table settings_list = { .name = "settings",
					    .columns = setting_columns,
					    .column_count = 4 };

static const struct column variable_columns[] = {
	{ "name", "variable", ALIGN_LEFT, 0, false, false },
	{ "value", "value", ALIGN_LEFT, 0, false, true },
};
static const struct table variables_list = { .name = "variables",
					     .columns = variable_columns,
					     .column_count = 2 };

static void list_settings(const struct shell *shell, struct result *result)
{
	char shown[SHOWN_MAX];
	result_list_open(result, &settings_list);
	for (const struct setting *setting = settings_table; setting->name; setting++) {
		setting->show(shell, shown, sizeof shown);
		result_row_open(result);
		result_put(result, "name", value_text(setting->name));
		result_put(result, "value", value_text(shown));
		result_put(result, "values", value_text(setting->values));
		result_put(result, "meaning", value_text(setting->meaning));
		result_row_close(result);
	}
	result_list_close(result);
}

static void list_variables(const struct shell *shell, struct result *result)
{
	if (shell->vars.count)
		result_gap(result);
	result_list_open(result, &variables_list);
	for (size_t i = 0; i < shell->vars.count; i++) {
		result_row_open(result);
		result_put(result, "name", value_text(shell->vars.items[i].name));
		result_put(result, "value", value_text(shell->vars.items[i].value));
		result_row_close(result);
	}
	result_list_close(result);
}

static enum status show_one(const struct shell *shell, struct call *call, const char *name)
{
	char shown[SHOWN_MAX];
	const struct setting *setting = settings_find(name);
	const char *value = setting ? shown : vars_get(&shell->vars, name);
	if (setting)
		setting->show(shell, shown, sizeof shown);
	if (!value) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "\"set\" lists what is set", "%s is not set",
			  name);
		return STATUS_USAGE;
	}
	result_put(call->result, "name", value_text(name));
	result_put(call->result, "value", value_text(value));
	result_line(call->result, TONE_PLAIN, "{value}");
	return STATUS_OK;
}

static enum status change_one(struct shell *shell, struct call *call, const char *name, const char *value)
{
	const struct setting *setting = settings_find(name);
	int failed = setting ? setting->change(shell, value, call->error)
			     : vars_set(&shell->vars, name, value, call->error);
	if (failed)
		return call->error->status;
	result_put(call->result, "name", value_text(name));
	result_put(call->result, "value", value_text(value));
	return STATUS_OK;
}

/* NAME VALUE..., NAME = VALUE..., NAME=VALUE... */
static enum status set_run(struct shell *shell, struct call *call, const void *args)
{
	const struct option_list *words = args;
	if (!words->count) {
		list_settings(shell, call->result);
		list_variables(shell, call->result);
		return STATUS_OK;
	}
	const char *equals = strchr(words->items[0], '=');
	if (words->count == 1 && !equals)
		return show_one(shell, call, words->items[0]);
	char *name = mem_strndup(words->items[0],
				 equals ? (size_t)(equals - words->items[0]) : strlen(words->items[0]));
	struct buf value = BUF_INIT(VALUE_MAX);
	buf_add_text(&value, equals ? equals + 1 : "");
	size_t first = !equals && words->count > 2 && !strcmp(words->items[1], "=") ? 2 : 1;
	for (size_t i = first; i < words->count; i++) {
		if (i > first || equals)
			buf_add_char(&value, ' ');
		buf_add_text(&value, words->items[i]);
	}
	enum status status = change_one(shell, call, name, buf_text(&value));
	buf_release(&value);
	free(name);
	return status;
}

static enum status unset_run(struct shell *shell, struct call *call, const void *args)
{
	const struct option_list *words = args;
	if (!words->count) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "write: unset NAME...", "a name is missing");
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < words->count; i++) {
		const struct setting *setting = settings_find(words->items[i]);
		if (!setting)
			vars_unset(&shell->vars, words->items[i]);
		else if (setting->change(shell, NULL, call->error))
			return call->error->status;
	}
	return STATUS_OK;
}

static const struct field set_fields[] = {
	{ "name", KIND_TEXT, "the variable or setting that was shown or changed" },
	{ "value", KIND_TEXT, "its value" },
	{ "settings", KIND_NONE, "all settings, when no name was given" },
	{ "settings[].name", KIND_TEXT, "name of the setting" },
	{ "settings[].value", KIND_TEXT, "its value" },
	{ "settings[].values", KIND_TEXT, "what it can be" },
	{ "settings[].meaning", KIND_TEXT, "what it does" },
	{ "variables", KIND_NONE, "all variables, when no name was given" },
	{ "variables[].name", KIND_TEXT, "name of the variable" },
	{ "variables[].value", KIND_TEXT, "its value" },
	{ .path = NULL },
};

const struct builtin builtin_set = {
	.name = "set",
	.summary = "show or change variables and settings",
	.usage = "set [NAME [VALUE...]]",
	.options = words_table,
	.args_size = sizeof(struct option_list),
	.raw = true,
	.fields = set_fields,
	.run = set_run,
};

static const struct field no_fields[] = { { .path = NULL } };

const struct builtin builtin_unset = {
	.name = "unset",
	.summary = "forget variables, give settings their default",
	.usage = "unset NAME...",
	.options = words_table,
	.args_size = sizeof(struct option_list),
	.raw = true,
	.fields = no_fields,
	.run = unset_run,
};
