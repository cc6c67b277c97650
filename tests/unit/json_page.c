/* help/json.md and the commands' tables of fields say the same, both ways. On a difference the section that the code implies is
 * printed, to be pasted into the page. */
#include "base/markdown.h"
#include "ntsh/command.h"
#include "ntsh/pages.h"
#include "shell/builtin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const kind_words[] = {
	[KIND_NONE] = "object",
	[KIND_TEXT] = "text",
	[KIND_COUNT] = "count",
	[KIND_INTEGER] = "integer",
	[KIND_REAL] = "real",
	[KIND_FLAG] = "flag",
	[KIND_TIME] = "time",
	[KIND_SECONDS] = "seconds",
	[KIND_DATE] = "date",
	[KIND_BYTES] = "bytes",
	[KIND_PERCENT] = "percent",
	[KIND_BIT_RATE] = "bit-rate",
	[KIND_PACKET_RATE] = "packet-rate",
	[KIND_ADDRESS] = "address",
	[KIND_ENDPOINT] = "endpoint",
};

static const struct page *page_named(const char *name)
{
	for (size_t i = 0; i < page_count; i++)
		if (strcmp(page_registry[i].name, name) == 0)
			return &page_registry[i];
	return NULL;
}

/* What prints a JSON object: commands, and the shell's own. */
struct documented {
	const char *name;
	const struct field *fields;
};

/* By index; false behind the last. Built-ins without fields print no object, or an empty one. */
static bool documented_at(size_t index, struct documented *out)
{
	size_t commands = 0;
	while (command_registry[commands])
		commands++;
	if (index < commands) {
		*out = (struct documented){ command_registry[index]->name, command_registry[index]->fields };
		return true;
	}
	const struct builtin *builtin = builtin_registry[index - commands];
	if (builtin)
		*out = (struct documented){ builtin->name, builtin->fields };
	return builtin;
}

static const struct command *command_named(const char *name)
{
	for (const struct command *const *at = command_registry; *at; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
	return NULL;
}

/* The rows of the section of that name, in the form "`path` US type US meaning" with newlines between. */
static void section_rows(const char *name, struct buf *rows)
{
	const struct page *page = page_named("json");
	assert_non_null(page);
	struct markdown_reader reader;
	struct markdown_block block = { .text = BUF_INIT(1 << 20) };
	bool inside = false;
	markdown_begin(&reader, page->begin, (size_t)(page->end - page->begin));
	while (markdown_next(&reader, &block)) {
		if (block.kind == MARKDOWN_HEADING)
			inside = strcmp(buf_text(&block.text), name) == 0;
		else if (inside && block.kind == MARKDOWN_ROW && !block.level)
			buf_printf(rows, "%s\n", buf_text(&block.text));
	}
	buf_release(&block.text);
}

static void expected_rows(const struct documented *command, struct buf *rows)
{
	for (const struct field *field = command->fields; field && field->path; field++)
		buf_printf(rows, "`%s`%c%s%c%s\n", field->path, MARKDOWN_CELL, kind_words[field->kind],
			   MARKDOWN_CELL, field->meaning);
}

static void print_section(const struct documented *command)
{
	print_message("help/json.md must hold, and does not:\n\n## %s\n\n| path | type | meaning |\n| --- | "
		      "--- | --- |\n",
		      command->name);
	for (const struct field *field = command->fields; field && field->path; field++)
		print_message("| `%s` | %s | %s |\n", field->path, kind_words[field->kind], field->meaning);
	print_message("\n");
}

static void every_command_is_documented(void **state)
{
	(void)state;
	bool good = true;
	struct documented at;
	for (size_t i = 0; documented_at(i, &at); i++) {
		struct buf rows = BUF_INIT(1 << 20), expected = BUF_INIT(1 << 20);
		section_rows(at.name, &rows);
		expected_rows(&at, &expected);
		if (strcmp(buf_text(&rows), buf_text(&expected)) != 0) {
			print_section(&at);
			good = false;
		}
		buf_release(&rows);
		buf_release(&expected);
	}
	assert_true(good);
}

/* True when a page has this name in its front matter or file name: a built-in. */
static bool is_page(const char *name)
{
	char file[128] = "";
	strncat(file, name, sizeof file - 1);
	for (char *p = file; *p; p++)
		*p = *p == ' ' ? '_' : *p;
	return page_named(file) != NULL;
}

static void nothing_else_is_documented(void **state)
{
	(void)state;
	const struct page *page = page_named("json");
	struct markdown_reader reader;
	struct markdown_block block = { .text = BUF_INIT(1 << 20) };
	bool inside = false, good = true;
	markdown_begin(&reader, page->begin, (size_t)(page->end - page->begin));
	while (markdown_next(&reader, &block)) {
		if (block.kind != MARKDOWN_HEADING)
			continue;
		const char *name = buf_text(&block.text);
		if (inside && block.level == 2 && !command_named(name) && !is_page(name)) {
			print_message("help/json.md documents '%s', which does not exist\n", name);
			good = false;
		}
		inside |= block.level == 1 && strcmp(name, "Commands") == 0;
	}
	buf_release(&block.text);
	assert_true(inside);
	assert_true(good);
}

/* The unit at the end of a name agrees with its kind (DESIGN section 3). */
static void names_end_in_their_units(void **state)
{
	(void)state;
	static const struct {
		enum value_kind kind;
		const char *end;
	} units[] = { { KIND_TIME, "_ms" },
		      { KIND_BYTES, "_bytes" },
		      { KIND_PERCENT, "_percent" },
		      { KIND_BIT_RATE, "_bps" },
		      { KIND_PACKET_RATE, "_pps" } };
	bool good = true;
	struct documented at;
	for (size_t i = 0; documented_at(i, &at); i++) {
		for (const struct field *field = at.fields; field && field->path; field++) {
			for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
				/* "rtt_ms.p99": the unit may stand in the object's name. */
				bool ends = strstr(field->path, units[u].end) != NULL;
				if (field->kind == units[u].kind && !ends) {
					print_message("%s: %s must end in %s\n", at.name, field->path,
						      units[u].end);
					good = false;
				}
			}
		}
	}
	assert_true(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_documented),
		cmocka_unit_test(nothing_else_is_documented),
		cmocka_unit_test(names_end_in_their_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
