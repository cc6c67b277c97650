/* The output layer: golden screens and JSON. */
#include "base/mem.h"
#include "out/out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct screen {
	int fd;
	struct result *result;
	char text[262144];
};

static void screen_open(struct screen *s, struct out_style style)
{
	static const char *const argv[] = { "test", "a b" };
	s->fd = memfd_create("screen", 0);
	style.fd = s->fd;
	s->result = result_new(&style, "no such command", 2, argv);
}

static const char *screen_close_with(struct screen *s, enum status status, struct error *err)
{
	result_finish(s->result, status, err);
	result_free(s->result);
	ssize_t got = pread(s->fd, s->text, sizeof s->text - 1, 0);
	s->text[got > 0 ? got : 0] = '\0';
	close(s->fd);
	return s->text;
}

static const char *screen_close(struct screen *s)
{
	return screen_close_with(s, STATUS_OK, NULL);
}

static void put_verdict(struct result *r)
{
	result_put(r, "target", value_text("192.0.2.7:443"));
	result_open(r, "verdict");
	result_put(r, "confidence_percent", value_percent(97));
	result_close(r);
	result_open(r, "ledger");
	result_put(r, "total_ms", value_time(1950 * NS_PER_MS));
	result_put(r, "dns_ms", value_time(12 * NS_PER_MS));
	result_put(r, "network_ms", value_time(64 * NS_PER_MS));
	result_put(r, "tls_server_ms", value_time(9 * NS_PER_MS));
	result_put(r, "server_ms", value_time(1842 * NS_PER_MS));
	result_put(r, "transfer_ms", value_time(23 * NS_PER_MS));
	result_put(r, "rtt_ms", value_time(21300 * NS_PER_US));
	result_put(r, "round_trips", value_count(3));
	result_headline(r, TONE_BAD, "SLOW SERVER", "{target} took {server_ms} of the {total_ms} to its first byte",
	                "{verdict.confidence_percent} sure");
	result_gap(r);
	result_line(r, TONE_PLAIN, "  where the wait went, median of 5 requests\t{total_ms}");
	result_bars_open(r, "total_ms");
	result_bar(r, "name look-up", "dns_ms", NULL, NULL);
	result_bar(r, "network", "network_ms", NULL, "{round_trips} round trips of {rtt_ms}");
	result_bar(r, "TLS at the server", "tls_server_ms", NULL, NULL);
	result_bar(r, "server thinking", "server_ms", NULL, NULL);
	result_bar(r, "transfer", "transfer_ms", NULL, NULL);
	result_bars_close(r);
	result_gap(r);
	result_item(r, "because", TONE_PLAIN,
	            "its kernel acknowledged the request after 21.5 ms, the first byte came {server_ms} later, in 5 of 5 "
	            "requests");
	result_item(r, "because", TONE_PLAIN,
	            "round trip 21.3 ms and steady (p99 22.0), 0 of 40 probes lost, 0 retransmissions");
	result_item(r, "not", TONE_PLAIN, "loss, bandwidth, DNS, TLS, this machine");
	result_item(r, "next", TONE_PLAIN, "on the server:  ntsh diagnose service 443");
	result_close(r);
}

static void verdict_fits_80_columns(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, (struct out_style){ .utf8 = true, .width = 80, .color = OUT_COLOR_NEVER });
	put_verdict(s.result);
	print_message("%s", screen_close(&s));
}

static void verdict_json(void **state)
{
	(void)state;
	struct screen s;
	screen_open(&s, (struct out_style){ .json = true });
	put_verdict(s.result);
	print_message("%s", screen_close(&s));
}

static void table(void **state)
{
	(void)state;
	static const struct column columns[] = { { .name = "seq", .heading = "SEQ", .align = ALIGN_RIGHT },
		                                 { .name = "host", .heading = "HOST", .flexible = true },
		                                 { .name = "rtt_ms", .heading = "RTT", .align = ALIGN_RIGHT } };
	static const struct table hosts = { .name = "hosts", .columns = columns, .column_count = 3 };
	for (int json = 0; json < 2; json++) {
		struct screen s;
		screen_open(&s, (struct out_style){ .json = json, .width = 40, .utf8 = true });
		result_list_open(s.result, &hosts);
		for (int i = 0; i < 3; i++) {
			result_row_open(s.result);
			result_put(s.result, "seq", value_count((uint64_t)i));
			result_put(s.result, "host", value_text(i == 1 ? "a\033[31mb\xff" : "a long name of a host that is long.example"));
			result_put(s.result, "rtt_ms", value_time(i == 2 ? NS_NONE : i * 21345678 + 480));
			result_row_close(s.result);
		}
		result_list_close(s.result);
		result_note(s.result, "a remark");
		result_line(s.result, TONE_PLAIN, "done");
		print_message("%s", screen_close(&s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_fits_80_columns),
		cmocka_unit_test(verdict_json),
		cmocka_unit_test(table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
