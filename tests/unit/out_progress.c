/* The progress line: drawn seldom, gone before anything else is written. */
#include "screen.h"

#include "ntsh/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int real_stderr;

/* From here on standard error is a file in memory, and so is standard output: the same one, as on a terminal. */
static void terminal_open(struct screen *s, bool progress)
{
	struct out_style style = PLAIN(80);
	style.progress = progress;
	screen_open(s, style);
	real_stderr = dup(STDERR_FILENO);
	dup2(s->fd, STDERR_FILENO);
}

static const char *terminal_close(struct screen *s)
{
	result_finish(s->result, STATUS_OK, NULL);
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	result_free(s->result);
	ssize_t got = pread(s->fd, s->text, sizeof s->text - 1, 0);
	s->text[got > 0 ? got : 0] = '\0';
	close(s->fd);
	return s->text;
}

static void it_goes_before_output_comes(void **state)
{
	(void)state;
	struct screen s;
	terminal_open(&s, true);
	result_progress(s.result, 0.421, 2100 * NS_PER_MS, "probe\0331");
	result_line(s.result, TONE_PLAIN, "found");
	assert_string_equal(terminal_close(&s), "\r\033[Kprobe\\e1  42 %  3 s left\r\033[Kfound\n");
	terminal_open(&s, true);
	result_progress(s.result, -1, NS_NONE, "waiting");
	assert_string_equal(terminal_close(&s), "\r\033[Kwaiting\r\033[K");
	terminal_open(&s, false);
	result_progress(s.result, -1, NS_NONE, "waiting");
	assert_string_equal(terminal_close(&s), "");
}

static void it_is_drawn_seldom(void **state)
{
	(void)state;
	struct screen s;
	ns_t begin = clock_mono(), now = begin;
	terminal_open(&s, true);
	size_t calls = 0;
	for (; now - begin < 250 * NS_PER_MS; now = clock_mono(), calls++)
		result_progress(s.result, -1, NS_NONE, "x");
	size_t drawn = 0;
	for (const char *p = terminal_close(&s); (p = strstr(p, "Kx")); p++)
		drawn++;
	assert_true(calls > 100);
	/* The first, and one for every 100 ms that passed. */
	assert_true(drawn >= 1 && drawn <= 1 + (size_t)((now - begin) / (100 * NS_PER_MS)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_before_output_comes),
		cmocka_unit_test(it_is_drawn_seldom),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
