/* The pages hold what they promise: each can be shown, names no command that does not exist, and every name in a topic finds its
 * entry. */
#include "base/buf.h"
#include "ntsh/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

/* The first one or two words behind "ntsh " are a page's name; an option or a placeholder is no name. */
static bool names_a_page(const char *at, const char *end)
{
	struct help_entry *entry = calloc(1, sizeof *entry);
	char name[64];
	size_t length = 0, words = 0;
	bool known = at == end || !is_word(*at);
	while (!known && at < end && words < 2 && length + 1 < sizeof name) {
		while (at < end && is_word(*at) && length + 2 < sizeof name)
			name[length++] = *at++;
		name[length] = '\0';
		known = help_find(name, entry, NULL) == 0;
		words++;
		if (at < end && *at == ' ')
			name[length++] = *at++;
	}
	free(entry);
	return known;
}

static void commands_that_pages_name_exist(void **state)
{
	(void)state;
	bool good = true;
	for (size_t i = 0; i < page_count; i++) {
		const struct page *page = &page_registry[i];
		for (const char *at = page->begin; at < page->end;) {
			const char *found = memmem(at, (size_t)(page->end - at), "ntsh ", 5);
			if (!found)
				break;
			at = found + 5;
			/* A prompt ("ntsh blue [1]>") is no command. */
			const char *close = memchr(at, '`', (size_t)(page->end - at));
			if (close && close > at && close[-1] == '>')
				continue;
			bool code = found > page->begin &&
				    (found[-1] == '`' || (found[-1] == ' ' && found[-2] == '$'));
			if (code && !names_a_page(at, page->end)) {
				print_message("%s names a command that does not exist: ntsh %.20s\n",
					      page->name, at);
				good = false;
			}
		}
	}
	assert_true(good);
}

static void pages_can_be_shown(void **state)
{
	(void)state;
	struct help_entry *entry = calloc(1, sizeof *entry);
	for (size_t i = 0; help_entry(i, entry); i++) {
		size_t length;
		char *markdown = help_markdown(entry, &length);
		assert_true(length > strlen(entry->name));
		free(markdown);
		char *man = help_man(entry, &length);
		assert_int_equal(strlen(man), length);
		for (const char *p = man; *p; p++)
			assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
		free(man);
		assert_true(entry->summary[0] && entry->group[0]);
	}
	free(entry);
}

/* Every name of every entry finds this entry (perhaps among others). */
static void check_names(const char *heading, size_t length, const char *begin)
{
	struct explanation found[8];
	char hint[256], name[256];
	for (const char *at = heading, *end = heading + length; at < end;) {
		const char *bar = memmem(at, (size_t)(end - at), " | ", 3);
		size_t size = (size_t)((bar ? bar : end) - at);
		assert_true(size < sizeof name);
		memcpy(name, at, size);
		name[size] = '\0';
		size_t count = explain_find(name, found, 8, hint, sizeof hint);
		bool there = false;
		for (size_t i = 0; i < count; i++)
			there |= found[i].begin == begin;
		if (!there)
			fail_msg("'%s' does not find its own entry", name);
		at = bar ? bar + 3 : end;
	}
}

static void names_find_their_entries(void **state)
{
	(void)state;
	size_t entries = 0;
	for (size_t i = 0; i < page_count; i++) {
		const struct page *page = &page_registry[i];
		if (strncmp(page->name, "topics/", 7) != 0)
			continue;
		for (const char *at = page->begin; at < page->end; entries++) {
			at = memmem(at, (size_t)(page->end - at), "\n### ", 5);
			if (!at)
				break;
			at += 5;
			const char *newline = memchr(at, '\n', (size_t)(page->end - at));
			assert_non_null(newline);
			check_names(at, (size_t)(newline - at), newline + 1);
		}
	}
	assert_true(entries > 80);
}

static void hostile_questions(void **state)
{
	(void)state;
	struct explanation found[8];
	char hint[64], long_text[5000];
	static const char *const texts[] = { "",         " ",        "'", "|",
					     "\xff\xfe", "\033[31m", "0", "99999999999999999999",
					     "a" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(explain_find(texts[i], found, 8, hint, sizeof hint), 0);
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_int_equal(explain_find(long_text, found, 8, hint, sizeof hint), 0);
	assert_int_equal(explain_find("502", found, 0, hint, sizeof hint), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_that_pages_name_exist),
		cmocka_unit_test(pages_can_be_shown),
		cmocka_unit_test(names_find_their_entries),
		cmocka_unit_test(hostile_questions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
