/* Text for people: golden screens, at several widths. */
#include "screen.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *verdict_screen(struct screen *s, struct out_style style)
{
	screen_open(s, style);
	put_verdict(s->result);
	return screen_close(s);
}

static void verdict_at_80(void **state)
{
	(void)state;
	struct screen s;
	assert_string_equal(
	    verdict_screen(&s, (struct out_style)PLAIN(80)),
	    "SLOW SERVER   192.0.2.7:443 took 1.84 s of the 1.95 s to               97 % sure\n"
	    "              its first byte\n"
	    "\n"
	    "  where the wait went, median of 5 requests                               1.95 s\n"
	    "  name look-up        12 ms  ▍\n"
	    "  network             64 ms  █▋ 3 round trips of 21.3 ms\n"
	    "  TLS at the server    9 ms  ▎\n"
	    "  server thinking    1.84 s  ████████████████████████████████████████████████▏\n"
	    "  transfer            23 ms  ▋\n"
	    "\n"
	    "  because  its kernel acknowledged the request after 21.5 ms, the first byte\n"
	    "           came 1.84 s later, in 5 of 5 requests\n"
	    "           round trip 21.3 ms and steady (p99 22.0), 0 of 40 probes lost,\n"
	    "           0 retransmissions\n"
	    "  not      loss, bandwidth, DNS, TLS, this machine\n"
	    "  next     on the server:  ntsh diagnose service 443\n");
}

static void verdict_in_ascii(void **state)
{
	(void)state;
	struct screen s;
	struct out_style style = PLAIN(80);
	style.utf8 = false;
	const char *text = verdict_screen(&s, style);
	assert_non_null(
	    strstr(text, "  name look-up        12 ms  |\n"
			 "  network             64 ms  ## 3 round trips of 21.3 ms\n"
			 "  TLS at the server    9 ms  |\n"
			 "  server thinking    1.84 s  ################################################\n"));
	for (const char *p = text; *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p < 0x7f));
}

/* Without its SGR codes a coloured screen is the plain one. */
static void colour_only_adds(void **state)
{
	(void)state;
	struct screen plain, coloured;
	struct out_style style = PLAIN(80);
	verdict_screen(&plain, style);
	style.color = OUT_COLOR_ALWAYS;
	verdict_screen(&coloured, style);
	assert_non_null(strstr(coloured.text, "\033[31mSLOW SERVER\033[0m"));
	char *out = coloured.text;
	for (const char *p = coloured.text; *p;) {
		if (*p == '\033')
			p += strcspn(p, "m") + 1;
		else
			*out++ = *p++;
	}
	*out = '\0';
	assert_string_equal(coloured.text, plain.text);
}

static void quiet_is_the_answer_alone(void **state)
{
	(void)state;
	struct screen s;
	struct out_style style = PLAIN(0);
	style.quiet = true;
	assert_string_equal(
	    verdict_screen(&s, style),
	    "SLOW SERVER   192.0.2.7:443 took 1.84 s of the 1.95 s to its first byte  97 % sure\n");
	screen_open(&s, style);
	result_line(s.result, TONE_PLAIN, "one");
	result_line(s.result, TONE_PLAIN, "two");
	result_note(s.result, "%s", "three");
	assert_string_equal(screen_close(&s), "two\n");
}

/* --- tables --- */

static void table_fits(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, (struct out_style)PLAIN(40));
	put_hosts(s.result);
	assert_string_equal(screen_close(&s), "SEQ  HOST                            RTT\n"
					      "  9  a name of a host that is …   480 µs\n"
					      " 10  \\e[31m中文\\xff                    -\n"
					      " 11  b                           21.3 ms\n");
	struct out_style wide = PLAIN(0);
	wide.verbose = 1;
	screen_open(&s, wide);
	put_hosts(s.result);
	assert_string_equal(screen_close(&s),
			    "SEQ  HOST                                           RTT  TTL\n"
			    "  9  a name of a host that is too long.example   480 µs   64\n"
			    " 10  \\e[31m中文\\xff                                   -   64\n"
			    " 11  b                                          21.3 ms   64\n");
}

static void rows_through_lines(void **state)
{
	(void)state;
	static const struct table outer = { .name = "hops", .line = "{ttl}: {name}{lost? ({lost} lost)}" };
	static const struct table inner = { .name = "probes", .line = "     {from} after {rtt_ms}" };
	struct screen s;
	screen_open(&s, (struct out_style)PLAIN(80));
	result_list_open(s.result, &outer);
	for (unsigned i = 1; i < 3; i++) {
		result_row_open(s.result);
		result_put(s.result, "ttl", value_count(i));
		result_list_open(s.result, &inner);
		result_row_open(s.result);
		result_put(s.result, "from", value_text("x{y}"));
		result_put(s.result, "rtt_ms", value_time(NS_PER_MS * i));
		result_row_close(s.result);
		result_list_close(s.result);
		result_put(s.result, "name", value_text("hop"));
		result_put(s.result, "lost", value_count(i - 1));
		result_row_close(s.result);
	}
	result_list_close(s.result);
	assert_string_equal(screen_close(&s),
			    "1: hop\n     x{y} after 1 ms\n2: hop (1 lost)\n     x{y} after 2 ms\n");
}

/* Rows that come after the widths have settled, with remarks between them. */
static void many_rows(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, (struct out_style)PLAIN(30));
	result_list_open(s.result, &hosts);
	for (unsigned i = 0; i < 250; i++)
		put_host(s.result, i, i == 200 ? "much wider than all the others were" : "host", NS_PER_MS);
	result_list_close(s.result);
	const char *text = screen_close(&s);
	size_t lines = 0;
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		assert_true(text_width(p, strcspn(p, "\n")) <= 30);
		lines++;
	}
	assert_int_equal(lines, 251);
}

/* A number that is wider than its column is not cut while another column has room. */
static void late_wide_cells(void **state)
{
	(void)state;
	static const struct column columns[] = { { .name = "a_ms", .heading = "A", .align = ALIGN_RIGHT },
						 { .name = "b", .heading = "B", .flexible = true } };
	static const struct table list = {
		.name = "list", .columns = columns, .column_count = 2, .live = true
	};
	static const ns_t times[] = { 2000000, 44912345, 3000000 };
	struct screen s;
	screen_open(&s, (struct out_style)PLAIN(20));
	result_list_open(s.result, &list);
	for (size_t i = 0; i < 3; i++) {
		result_row_open(s.result);
		result_put(s.result, "a_ms", value_time(times[i]));
		result_put(s.result, "b", value_text("abcdefghijklmno"));
		result_row_close(s.result);
	}
	result_list_close(s.result);
	assert_string_equal(screen_close(&s), "   A  B\n"
					      "2 ms  abcdefghijklm…\n"
					      "44.9 ms  abcdefghij…\n"
					      "3 ms  abcdefghijklm…\n");
}

/* --- everything, at every width --- */

static void put_everything(struct result *r)
{
	static const ns_t rtts[] = { 20, 21, NS_NONE, 22, 90, 20, 20 };
	static const char page[] =
	    "# Title\nA *paragraph* with `code` and **words** that goes on and on, until it is longer than a "
	    "line.\n\n"
	    "- item one that is long enough to be wrapped on a narrow screen\n  - deeper\n1. first\n\n"
	    "| a | b |\n| --- | --- |\n| `--option VALUE` | what it does, in more words than fit |\n| x | y "
	    "|\n\n"
	    "```\n$ ntsh ping -c 3 192.0.2.1 --with-many-options and-more-words\n```\n";
	put_verdict(r);
	put_hosts(r);
	result_put(
	    r, "long",
	    value_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	result_line(r, TONE_WARN, "    {long} and {long}");
	result_sparkline(r, "round trips", rtts, sizeof rtts / sizeof *rtts, "20 to 90 ns");
	result_prose(r, page, sizeof page - 1);
	result_note(r, "a remark that is longer than the narrowest of the screens that are tried here");
}

static void nothing_is_wider_than_the_terminal(void **state)
{
	(void)state;
	for (unsigned width = 40; width < 140; width++) {
		struct screen s;
		screen_open(&s, (struct out_style)PLAIN(width));
		put_everything(s.result);
		for (const char *p = screen_close(&s); *p; p += strcspn(p, "\n") + 1)
			if (text_width(p, strcspn(p, "\n")) > width)
				fail_msg("at %u columns: %.*s", width, (int)strcspn(p, "\n"), p);
	}
}

static void sparkline(void **state)
{
	(void)state;
	static const ns_t rtts[] = { 20, 21, NS_NONE, 22, 90, 20, 20 };
	struct screen s;
	struct out_style style = PLAIN(80);
	screen_open(&s, style);
	result_sparkline(s.result, "rtt", rtts, 7, "all");
	assert_string_equal(screen_close(&s), "  rtt      ▁▁!▁█▁▁  all\n");
	style.utf8 = false;
	screen_open(&s, style);
	result_sparkline(s.result, "rtt", rtts, 7, "all");
	assert_string_equal(screen_close(&s), "  rtt      __!_#__  all\n");
}

static void waterfall(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, (struct out_style)PLAIN(40));
	result_put(s.result, "total_ms", value_time(100));
	result_put(s.result, "half_ms", value_time(50));
	result_put(s.result, "none_ms", value_none());
	result_bars_open(s.result, "total_ms");
	result_bar(s.result, "one", "half_ms", NULL, NULL);
	result_bar(s.result, "two", "half_ms", "half_ms", NULL);
	result_bar(s.result, "none", "none_ms", "half_ms", "not measured");
	result_bars_close(s.result);
	assert_string_equal(screen_close(&s), "  one    50 ns  ████████████\n"
					      "  two    50 ns              ████████████\n"
					      "  none       -  not measured\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_at_80),
		cmocka_unit_test(verdict_in_ascii),
		cmocka_unit_test(colour_only_adds),
		cmocka_unit_test(quiet_is_the_answer_alone),
		cmocka_unit_test(table_fits),
		cmocka_unit_test(rows_through_lines),
		cmocka_unit_test(many_rows),
		cmocka_unit_test(late_wide_cells),
		cmocka_unit_test(nothing_is_wider_than_the_terminal),
		cmocka_unit_test(sparkline),
		cmocka_unit_test(waterfall),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
