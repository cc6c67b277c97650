/* The prompt's pure parts: its text, where the caret's row is, bytes to keys, pastes, hints, the history's list. */
#include "base/buf.h"
#include "base/mem.h"
#include "shell/hint.h"
#include "shell/history_lines.h"
#include "shell/prompt_keys.h"
#include "shell/prompt_text.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void same(const wchar_t *a, const wchar_t *b)
{
	if (wcscmp(a, b) != 0)
		fail_msg("\"%ls\" is not \"%ls\"", a, b);
}

static void test_text(void **state)
{
	(void)state;
	wchar_t buf[PROMPT_TEXT_MAX];
	same(prompt_text(buf, NULL, 0, false, false), L"ntsh> ");
	same(prompt_text(buf, NULL, 2, false, false), L"ntsh [2]> ");
	same(prompt_text(buf, "blue", 0, false, false), L"ntsh blue> ");
	same(prompt_text(buf, "/run/netns/blue", 130, false, false), L"ntsh blue [130]> ");
	same(prompt_text(buf, "b\033[31m\xc3\xa9", 0, false, false), L"ntsh b?[31m?\?> ");
	same(prompt_text(buf, "blue", 1, true, true), L"...> ");
	prompt_text(buf, "a-name-that-is-far-too-long-to-be-shown-in-a-prompt-at-all-really", 255, false,
		    true);
	assert_int_equal(prompt_width(buf), strlen("ntsh a-name-that-is-far-too-long-to-b [255]> "));
	assert_non_null(wcsstr(buf, L"\033["));
	prompt_text(buf, "blue", 2, false, true);
	assert_int_equal(prompt_width(buf), strlen("ntsh blue [2]> "));
}

static void test_caret_row(void **state)
{
	(void)state;
	static const wchar_t text[] = L"0123456789";
	assert_int_equal(prompt_caret_row(6, text, 0, 10), 0);
	assert_int_equal(prompt_caret_row(6, text, 3, 10), 0);
	assert_int_equal(prompt_caret_row(6, text, 4, 10), 1);
	assert_int_equal(prompt_caret_row(6, text, 10, 10), 1);
	assert_int_equal(prompt_caret_row(6, text, 10, 4), 4);
	assert_int_equal(prompt_caret_row(6, text, 10, 0), 0);
	assert_int_equal(prompt_caret_row(6, L"a\nb\nc", 5, 80), 2);
	assert_int_equal(prompt_caret_row(6, L"\t\t", 2, 16), 1);
	assert_int_equal(prompt_caret_row(8, L"\x01", 1, 10), 1);
	if (MB_CUR_MAX > 1) /* a wide character does not fit into the last column */
		assert_int_equal(prompt_caret_row(9, L"\u6771", 1, 10), 1);
}

/* Feeds all bytes; characters come out as they are, P for a paste, ! for a byte that is none. */
static void feed(struct keys *keys, const char *bytes, wchar_t *out)
{
	size_t used = 0;
	for (; *bytes; bytes++) {
		enum keys_event event = keys_byte(keys, (unsigned char)*bytes);
		if (event == KEYS_BAD)
			out[used++] = L'!';
		while (keys_next(keys, &out[used]))
			used++;
		if (event == KEYS_PASTE)
			out[used++] = L'P';
	}
	out[used] = L'\0';
}

static void test_keys(void **state)
{
	(void)state;
	struct keys keys = KEYS_INIT;
	wchar_t out[256];
	feed(&keys, "abc", out);
	same(out, L"abc");
	feed(&keys, "\033[A\033[2Ax\033[20x\033\033[B", out);
	same(out, L"\033[A\033[2Ax\033[20x\033\033[B");
	assert_false(keys_held(&keys));
	feed(&keys, "\033", out);
	same(out, L"");
	assert_true(keys_held(&keys));
	assert_int_equal(keys_flush(&keys), KEYS_CHAR);
	assert_true(keys_next(&keys, out));
	assert_int_equal(out[0], L'\033');
	if (MB_CUR_MAX > 1) {
		feed(&keys, "h\xc3\xa9\xe6\x9d\xb1", out);
		same(out, L"h\u00e9\u6771");
		feed(&keys, "a\xff\xc3z", out);
		same(out, L"a!z");
	}
	keys_release(&keys);
}

static void paste_is(const char *bytes, const wchar_t *wanted)
{
	struct keys keys = KEYS_INIT;
	struct buf all = BUF_INIT(4096);
	wchar_t out[256];
	buf_printf(&all, "\033[200~%s\033[201~x", bytes);
	feed(&keys, buf_text(&all), out);
	same(out, L"Px");
	wchar_t *text = keys_paste_text(&keys);
	if (wanted)
		same(text, wanted);
	else
		assert_null(text);
	free(text);
	keys_paste_done(&keys);
	keys_release(&keys);
	buf_release(&all);
}

static void test_paste(void **state)
{
	(void)state;
	paste_is("abc", L"abc");
	paste_is("a\tb?", L"a\tb?");
	paste_is("one\r", L"one");
	paste_is("one\rtwo\r\r", L"one\ntwo");
	paste_is("one\r\ntwo\n", L"one\ntwo");
	paste_is("a\033[31mb\x07", L"a[31mb");
	paste_is("\033[201", L"[201");
	paste_is("\r\r", NULL);
	paste_is("", NULL);
	struct keys keys = KEYS_INIT;
	wchar_t out[16];
	feed(&keys, "\033[200~lost\003z", out);
	same(out, L"\003z");
	keys_release(&keys);
}

static void add(struct complete *complete, const char *text, const char *note, bool place)
{
	complete_add(complete, text, note);
	complete->items[complete->count - 1].place = place;
}

static void test_hints(void **state)
{
	(void)state;
	struct complete complete = { .partial = mem_strdup(""), .head = mem_strdup("") };
	struct hint_screen screen = { 30, 24, false, true };
	struct buf out = BUF_INIT(65536);
	add(&complete, "HOST", "name or address of the machine that is asked", true);
	add(&complete, "one", NULL, false);
	add(&complete, "two\033[31m", NULL, false);
	hint_list(&out, &complete, &screen);
	assert_string_equal(buf_text(&out), "  HOST  name or address of...\r\n  one        two\\e[31m\r\n");
	buf_clear(&out);
	for (int i = 0; i < 200; i++) {
		char name[16];
		snprintf(name, sizeof name, "name%03d", i);
		add(&complete, name, NULL, false);
	}
	screen.rows = 10;
	hint_list(&out, &complete, &screen);
	size_t lines = 0;
	for (const char *p = buf_text(&out); (p = strchr(p, '\n')); p++)
		lines++;
	assert_true(lines <= 8);
	assert_non_null(strstr(buf_text(&out), "202 in all"));
	buf_release(&out);
	complete_release(&complete);
}

struct seen {
	unsigned first, last;
	size_t count;
};

static void on_line(unsigned number, const char *line, void *arg)
{
	struct seen *seen = arg;
	(void)line;
	if (!seen->count++)
		seen->first = number;
	seen->last = number;
}

static void test_history(void **state)
{
	(void)state;
	struct history history = { .first_number = 1 };
	assert_int_equal(history_add(&history, "one", NULL), 0);
	history_add(&history, "one", NULL);
	history_add(&history, " secret", NULL);
	history_add(&history, "", NULL);
	assert_int_equal(history.count, 1);
	for (int i = 0; i < HISTORY_LINES_MAX + 10; i++) {
		char line[16];
		snprintf(line, sizeof line, "line %d", i);
		history_add(&history, line, NULL);
	}
	assert_int_equal(history.count, HISTORY_LINES_MAX);
	struct seen seen = { 0 };
	history_each(&history, 3, on_line, &seen);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.last, HISTORY_LINES_MAX + 11);
	seen = (struct seen){ 0 };
	history_each(&history, SIZE_MAX, on_line, &seen);
	assert_int_equal(seen.count, HISTORY_LINES_MAX);
	assert_int_equal(seen.first, 12);
	history_close(&history);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),  cmocka_unit_test(test_caret_row),
		cmocka_unit_test(test_keys),  cmocka_unit_test(test_paste),
		cmocka_unit_test(test_hints), cmocka_unit_test(test_history),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
