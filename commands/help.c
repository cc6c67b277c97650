/* What is there, and how is it used?
 * Without a name the overview by groups; with one the page, its usage and its options.
 * The pages are compiled in, so this works on any machine. */
#include "ntsh/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct help_args {
	struct option_list words;
	bool man;
};

static const struct option options[] = {
	{ STYLE_OPERAND, OPT_COMMAND, 0, "page", "COMMAND|TOPIC", "whose page; without it the list of all",
	  offsetof(struct help_args, words), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "man", NULL, "the page as the source of a man page",
	  offsetof(struct help_args, man), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "pages", KIND_NONE, "without a name: all pages, by group" },
	{ "pages[].name", KIND_TEXT, "command or topic, as it is written" },
	{ "pages[].group", KIND_TEXT, "shell, measure, diagnose, this machine, help or topics" },
	{ "pages[].summary", KIND_TEXT, "what it answers" },
	{ "name", KIND_TEXT, "with a name: the page's name" },
	{ "summary", KIND_TEXT, "what it answers" },
	{ "text", KIND_TEXT, "the page as Markdown, with --man as man(7) source" },
	{ NULL, KIND_NONE, NULL },
};

static const char *const groups[] = { "diagnose", "measure", "names", "packets", "this machine", "shell", "help", "topics" };

static const struct column columns[] = {
	{ .name = "name", .min_width = 22 },
	{ .name = "summary", .flexible = true },
};
static const struct table pages = {
	.name = "pages", .columns = columns, .column_count = 2, .no_heading = true
};

/* Pages of groups that nobody knows come last rather than getting lost. */
static size_t group_of(const struct help_entry *entry)
{
	size_t count = sizeof groups / sizeof *groups;
	for (size_t i = 0; i < count; i++)
		if (strcmp(groups[i], entry->group) == 0)
			return i;
	return count;
}

static bool is_listed(const struct help_entry *entry)
{
	return entry->summary[0] != '\0';
}

static void put_group(struct result *result, size_t group)
{
	struct help_entry entry;
	bool any = false;
	for (size_t i = 0; help_entry(i, &entry); i++) {
		if (!is_listed(&entry) || group_of(&entry) != group)
			continue;
		if (!any) {
			result_gap(result);
			result_line(result, TONE_STRONG,
				    group < sizeof groups / sizeof *groups ? groups[group] : "further pages");
		}
		any = true;
		result_row_open(result);
		result_put(result, "name", value_text(entry.name));
		result_put(result, "group", value_text(entry.group));
		result_put(result, "summary", value_text(entry.summary));
		result_row_close(result);
	}
}

static enum status overview(struct result *result)
{
	result_list_open(result, &pages);
	for (size_t group = 0; group <= sizeof groups / sizeof *groups; group++)
		put_group(result, group);
	result_list_close(result);
	result_gap(result);
	result_line(result, TONE_FAINT,
		    "help COMMAND shows its page, explain 'ERROR TEXT' what an error says");
	return STATUS_OK;
}

static void join(const struct option_list *words, char *buf, size_t size)
{
	buf[0] = '\0';
	for (size_t i = 0; i < words->count; i++) {
		size_t used = strlen(buf);
		snprintf(buf + used, size - used, "%s%s", i ? " " : "", words->items[i]);
	}
}

static enum status run(struct call *call, const void *given)
{
	const struct help_args *args = given;
	struct result *result = call->result;
	struct help_entry entry;
	char name[HELP_TEXT_MAX];
	if (!args->words.count)
		return overview(result);
	join(&args->words, name, sizeof name);
	if (help_find(name, &entry, call->error) < 0)
		return call->error->status;
	size_t length;
	char *text = args->man ? help_man(&entry, &length) : help_markdown(&entry, &length);
	result_put(result, "name", value_text(entry.name));
	result_put(result, "summary", value_text(entry.summary));
	result_put(result, "text", value_text_n(text, length));
	if (args->man)
		result_verbatim(result, text, length);
	else
		result_prose(result, text, length);
	free(text);
	return STATUS_OK;
}

const struct command command_help = {
	.name = "help",
	.summary = "what commands and topics there are, and how they are used",
	.options = options,
	.args_size = sizeof(struct help_args),
	.fields = fields,
	.run = run,
};
