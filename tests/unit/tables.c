/* Every table of options, and every name, is sound: those of the commands, of the shell and of the program. */
#include "ntsh/command.h"
#include "ntsh/pages.h"
#include "opt/opt.h"
#include "shell/builtin.h"
#include "shell/find.h"
#include "shell/globals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void option_tables(void **state)
{
	(void)state;
	for (const struct command *const *at = command_registry; *at; at++) {
		const char *defect = opt_table_defect((*at)->options, (*at)->args_size);
		if (defect)
			fail_msg("%s: %s", (*at)->name, defect);
	}
	for (const struct builtin *const *at = builtin_registry; *at; at++) {
		const char *defect = opt_table_defect((*at)->options, (*at)->args_size);
		if (defect)
			fail_msg("%s: %s", (*at)->name, defect);
	}
	const char *defect = opt_table_defect(globals_table, sizeof(struct globals));
	if (!defect)
		defect = opt_table_defect(globals_common, sizeof(struct globals));
	if (defect)
		fail_msg("%s", defect);
}

static bool page_exists(const char *name)
{
	char file[64];
	snprintf(file, sizeof file, "%s", name);
	for (char *c = file; *c; c++)
		if (*c == ' ')
			*c = '_';
	for (size_t i = 0; i < page_count; i++)
		if (!strcmp(page_registry[i].name, file))
			return true;
	return false;
}

/* A built-in has a page, runs or is known to the parser, and takes no command's name. */
static void builtins(void **state)
{
	(void)state;
	const char *before = "";
	for (const struct builtin *const *at = builtin_registry; *at; at++) {
		const struct builtin *builtin = *at;
		if (!page_exists(builtin->name))
			fail_msg("help/%s.md is missing", builtin->name);
		assert_true(strcmp(before, builtin->name) < 0);
		before = builtin->name;
		assert_non_null(builtin->summary);
		assert_int_equal(strncmp(builtin->usage, builtin->name, strlen(builtin->name)), 0);
		if (builtin->raw)
			assert_true(builtin->args_size >= sizeof(struct option_list));
		for (const struct command *const *command = command_registry; *command; command++)
			assert_string_not_equal((*command)->name, builtin->name);
	}
}

static void found(const char *words, bool abbreviate, const char *name, int count)
{
	char copy[128];
	const char *argv[8];
	int argc = 0;
	strncpy(copy, words, sizeof copy - 1);
	copy[sizeof copy - 1] = '\0';
	for (char *rest = copy; rest && argc < 8;) {
		argv[argc++] = rest;
		rest = strchr(rest, ' ');
		if (rest)
			*rest++ = '\0';
	}
	struct found result;
	struct error err = ERROR_INIT;
	int failed = find_command(argc, argv, abbreviate, &result, &err);
	if (!name) {
		if (!failed || err.status != STATUS_USAGE)
			fail_msg("%s was found", words);
		return;
	}
	if (failed)
		fail_msg("%s: %s", words, err.message);
	assert_string_equal(result.command ? result.command->name : result.builtin->name, name);
	assert_int_equal(result.words, count);
}

static void names(void **state)
{
	(void)state;
	found("help", false, "help", 1);
	found("help me", false, "help", 1);
	found("hel", false, NULL, 0);
	found("hel", true, "help", 1);
	found("ex", true, NULL, 0); /* exit, expect, explain */
	found("expl x", true, "explain", 1);
	found("", true, NULL, 0);
	found("help", true, "help", 1);
	found("x", true, NULL, 0);
	found("helpp", false, NULL, 0);
}

struct listed {
	unsigned count;
	char last[64];
};

static void list(const char *word, const char *summary, void *arg)
{
	(void)summary;
	struct listed *listed = arg;
	listed->count++;
	assert_string_not_equal(listed->last, word);
	strncpy(listed->last, word, sizeof listed->last - 1);
}

static void next_words(void **state)
{
	(void)state;
	struct listed listed = { 0 };
	find_next_words(0, NULL, "expe", list, &listed);
	assert_int_equal(listed.count, 1);
	assert_string_equal(listed.last, "expect");
	listed = (struct listed){ 0 };
	find_next_words(0, NULL, "", list, &listed);
	assert_true(listed.count >= 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(option_tables),
		cmocka_unit_test(builtins),
		cmocka_unit_test(names),
		cmocka_unit_test(next_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
