/* What can this machine, kernel and user do, and which command would grant what is missing?
 * Everything is tried for real, never guessed from a version. */
#include "ntsh/command.h"
#include "ntsh/machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ABILITIES_MAX = 64 };

static const struct option options[] = { OPTION_END };

static const struct field fields[] = {
	{ "program", KIND_TEXT, "this program's own file" },
	{ "abilities", KIND_NONE, "what was tried" },
	{ "abilities[].id", KIND_TEXT, "its name for scripts" },
	{ "abilities[].state", KIND_TEXT, "yes, partly or no" },
	{ "abilities[].what", KIND_TEXT, "what it is" },
	{ "abilities[].detail", KIND_TEXT, "what was seen" },
	{ "abilities[].used_by", KIND_TEXT, "commands that want it" },
	{ "abilities[].grant", KIND_TEXT,
	  "the command that grants it; null when nothing is missing, or nothing would" },
	{ "grants", KIND_NONE, "the commands, for the missing ones; all capabilities in one" },
	{ "grants[].what", KIND_TEXT, "what it grants" },
	{ "grants[].command", KIND_TEXT, "to be run as root" },
	{ "tried", KIND_COUNT, "how many" },
	{ "missing", KIND_COUNT, "how many of them are not there at all" },
	{ "limited", KIND_COUNT, "how many are there in part" },
	{ "broken", KIND_TEXT, "the first missing one without which common commands do not work" },
	{ NULL, KIND_NONE, NULL },
};

static const char *state_name(enum ability_state state)
{
	return state == ABILITY_YES ? "yes" : state == ABILITY_PARTLY ? "partly" : "no";
}

/* What an ordinary user needs for ping, dns, http and diagnose. */
static bool is_needed(const struct ability *ability)
{
	static const char *const needed[] = { "timestamps", "resolver", "libcares", "libcurl", "openssl" };
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (!strcmp(ability->id, needed[i]))
			return true;
	return false;
}

static void rows_put(struct result *result, const struct ability *abilities, size_t count)
{
	static const struct column columns[] = {
		{ .name = "state", .heading = "" },
		{ .name = "what", .heading = "ability" },
		{ .name = "detail", .heading = "what was seen", .flexible = true },
		{ .name = "used_by", .heading = "used by", .verbose = true },
	};
	static const struct table table = { .name = "abilities",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof columns[0] };
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++) {
		const struct ability *ability = &abilities[i];
		result_row_open(result);
		result_put(result, "id", value_text(ability->id));
		result_put(result, "state", value_text(state_name(ability->state)));
		result_put(result, "what", value_text(ability->what));
		result_put(result, "detail", value_text(ability->detail));
		result_put(result, "used_by", value_text(ability->used_by));
		result_put(result, "grant", value_text(*ability->grant ? ability->grant : NULL));
		result_row_close(result);
	}
	result_list_close(result);
}

static void grant_put(struct result *result, const char *what, const char *command)
{
	result_row_open(result);
	result_put(result, "what", value_text(what));
	result_put(result, "command", value_text(command));
	result_row_close(result);
}

/* The grants again, below the table, where they can be copied. Capabilities in one command, because each setcap replaces
 * what the one before gave. */
static void grants_put(struct result *result, const struct ability *abilities, size_t count,
		       const char *program)
{
	static const struct column columns[] = { { .name = "what" }, { .name = "command" } };
	static const struct table table = {
		.name = "grants", .columns = columns, .column_count = 2, .no_heading = true
	};
	char all[1024];
	machine_grant_all(abilities, count, program, all, sizeof all);
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++)
		if (*abilities[i].grant && strncmp(abilities[i].grant, "setcap ", 7))
			grant_put(result, abilities[i].what, abilities[i].grant);
	if (*all)
		grant_put(result, "what needs a privilege", all);
	result_list_close(result);
}

static enum status run(struct call *call, const void *arguments)
{
	(void)arguments;
	struct ability abilities[ABILITIES_MAX];
	struct result *result = call->result;
	char program[256];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	snprintf(program + (length > 0 ? length : 0), sizeof program - (size_t)(length > 0 ? length : 0),
		 "%s", length > 0 ? "" : "ntsh");
	size_t count = machine_abilities(abilities, ABILITIES_MAX, program);
	uint64_t missing = 0, limited = 0;
	const char *broken = NULL;
	for (size_t i = 0; i < count; i++) {
		missing += abilities[i].state == ABILITY_NO;
		limited += abilities[i].state == ABILITY_PARTLY;
		if (abilities[i].state == ABILITY_NO && is_needed(&abilities[i]) && !broken)
			broken = abilities[i].what;
	}
	result_put(result, "program", value_text(program));
	result_put(result, "tried", value_count(count));
	result_put(result, "missing", value_count(missing));
	result_put(result, "limited", value_count(limited));
	result_put(result, "broken", value_text(broken));
	if (broken)
		result_headline(result, TONE_BAD, "BROKEN",
				"{broken} is missing: common commands will not work", NULL);
	else if (missing || limited)
		result_headline(
		    result, TONE_GOOD, "READY",
		    "the common commands work; {missing} of {tried} abilities are missing, {limited} limited",
		    NULL);
	else
		result_headline(result, TONE_GOOD, "READY", "this user can do all that ntsh knows", NULL);
	result_gap(result);
	rows_put(result, abilities, count);
	result_gap(result);
	if (missing || limited)
		result_line(result, TONE_STRONG, "What would grant the rest (as root):");
	grants_put(result, abilities, count, program);
	return broken ? STATUS_BAD : STATUS_OK;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "what this machine, kernel and user can do, and what grants the rest",
	.options = options,
	.fields = fields,
	.run = run,
};
