#include "shell/usage.h"

#include "opt/opt.h"
#include "shell/globals.h"

#include <stdio.h>

enum { USAGE_MAX = 2048, LABEL_MAX = 128 };

static const struct column columns[] = {
	{ "option", NULL, ALIGN_LEFT, 0, false, false },
	{ "help", NULL, ALIGN_LEFT, 0, false, true },
};

static const struct table options_table = {
	.name = "options", .columns = columns, .column_count = 2, .no_heading = true
};

static void show_options(struct result *result, const struct option *table)
{
	char label[LABEL_MAX];
	if (!table->name)
		return;
	result_gap(result);
	result_list_open(result, &options_table);
	for (; table->name; table++) {
		if (table->flags & OPTION_HIDDEN)
			continue;
		result_row_open(result);
		result_put(result, "option", value_text(opt_label(label, sizeof label, table)));
		result_put(result, "help", value_text(table->help));
		result_row_close(result);
	}
	result_list_close(result);
}

static void show_name(struct result *result, const char *name)
{
	result_gap(result);
	result_put(result, "name", value_text(name));
}

enum status usage_show(struct call *call, const struct builtin *builtin)
{
	char usage[USAGE_MAX];
	const char *name = builtin ? builtin->name : call->command->name;
	const struct option *table = builtin ? builtin->options : call->command->options;
	const char *text = builtin ? builtin->usage : opt_usage(usage, sizeof usage, name, table);
	result_put(call->result, "usage", value_text(text));
	result_put(call->result, "summary", value_text(builtin ? builtin->summary : call->command->summary));
	result_line(call->result, TONE_STRONG, "{usage}");
	result_line(call->result, TONE_PLAIN, "{summary}");
	show_options(call->result, table);
	show_name(call->result, name);
	result_line(call->result, TONE_FAINT, "help {name} tells more");
	return STATUS_OK;
}

enum status usage_show_program(struct call *call)
{
	static const char *const lines[] = {
		"ntsh [OPTION...]                 the interactive shell",
		"ntsh [OPTION...] COMMAND [ARG...]  one command",
		"ntsh [OPTION...] -c TEXT         the commands in TEXT",
		"ntsh [OPTION...] -f FILE [ARG...]  a batch file",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		result_line(call->result, TONE_PLAIN, lines[i]);
	show_options(call->result, globals_table);
	result_gap(call->result);
	result_line(call->result, TONE_FAINT, "\"ntsh help\" lists the commands");
	return STATUS_OK;
}
