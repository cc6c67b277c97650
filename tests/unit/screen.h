/* A result written into memory, and the same values for the tests of both renderings. */
#ifndef TESTS_UNIT_SCREEN_H
#define TESTS_UNIT_SCREEN_H

#include "out/out.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLAIN(columns)                                                                                       \
	{                                                                                                    \
		.utf8 = true, .width = (columns), .color = OUT_COLOR_NEVER                                   \
	}

struct screen {
	int fd;
	struct result *result;
	char text[262144];
};

static inline void screen_open(struct screen *s, struct out_style style)
{
	static const char *const argv[] = { "test", "a b" };
	s->fd = memfd_create("screen", 0);
	style.fd = s->fd;
	s->result = result_new(&style, "no such command", 2, argv);
}

static inline const char *screen_close_with(struct screen *s, enum status status, struct error *err)
{
	result_finish(s->result, status, err);
	result_free(s->result);
	ssize_t got = pread(s->fd, s->text, sizeof s->text - 1, 0);
	s->text[got > 0 ? got : 0] = '\0';
	close(s->fd);
	return s->text;
}

static inline const char *screen_close(struct screen *s)
{
	return screen_close_with(s, STATUS_OK, NULL);
}

static inline void put_verdict(struct result *r)
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
	result_headline(r, TONE_BAD, "SLOW SERVER",
			"{target} took {server_ms} of the {total_ms} to its first byte",
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
		    "its kernel acknowledged the request after 21.5 ms, the first byte came {server_ms} "
		    "later, in 5 of 5 "
		    "requests");
	result_item(r, "because", TONE_PLAIN,
		    "round trip 21.3 ms and steady (p99 22.0), 0 of 40 probes lost, 0 retransmissions");
	result_item(r, "not", TONE_PLAIN, "loss, bandwidth, DNS, TLS, this machine");
	result_item(r, "next", TONE_PLAIN, "on the server:  ntsh diagnose service 443");
	result_close(r);
}

static const struct column host_columns[] = {
	{ .name = "seq", .heading = "SEQ", .align = ALIGN_RIGHT },
	{ .name = "host", .heading = "HOST", .flexible = true },
	{ .name = "rtt_ms", .heading = "RTT", .align = ALIGN_RIGHT },
	{ .name = "ttl", .heading = "TTL", .align = ALIGN_RIGHT, .verbose = true },
};
static const struct table hosts = { .name = "hosts", .columns = host_columns, .column_count = 4 };

static inline void put_host(struct result *r, unsigned seq, const char *host, ns_t rtt)
{
	result_row_open(r);
	result_put(r, "seq", value_count(seq));
	result_put(r, "host", value_text(host));
	result_put(r, "rtt_ms", value_time(rtt));
	result_put(r, "ttl", value_count(64));
	result_put(r, "unseen", value_flag(true));
	result_row_close(r);
}

static inline void put_hosts(struct result *r)
{
	result_list_open(r, &hosts);
	put_host(r, 9, "a name of a host that is too long.example", 480000);
	put_host(r, 10, "\033[31m\xe4\xb8\xad\xe6\x96\x87\xff", NS_NONE);
	put_host(r, 11, "b", 21345678);
	result_list_close(r);
}

#endif
