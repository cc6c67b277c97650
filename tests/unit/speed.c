/* What held a rate back, by the numbers that each cause leaves; grades; the texts of iperf3. */
#include "net/iperf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct speed_request request;
static struct speed_result result;
static struct rtt_stats idle;

static void begin(void)
{
	request = (struct speed_request){ .streams = 1, .duration = 5 * NS_PER_S };
	result = (struct speed_result){ .took = 5 * NS_PER_S,
					.sent_bytes = 100000000,
					.received_bytes = 100000000,
					.rate = 160e6,
					.cpu_percent = 10 };
	result.stats = (struct tcp_stats){ .snd_mss = 1448, .busy = 5 * NS_PER_S };
	idle = (struct rtt_stats){ .count = 20, .p50 = 20 * NS_PER_MS };
	result.loaded = (struct rtt_stats){ .count = 50, .p50 = 21 * NS_PER_MS };
}

static void limits(void **state)
{
	(void)state;
	begin();
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_PATH);
	result.retransmits = 500;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_LOSS);
	/* A full queue loses, too: its delay shows which comes first. */
	result.loaded.p50 = 200 * NS_PER_MS;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_PATH);
	result.stats.rwnd_limited = 3 * NS_PER_S;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_RECEIVER);
	result.stats.rwnd_limited = 0;
	result.stats.sndbuf_limited = 3 * NS_PER_S;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_WINDOW);
	result.cpu_percent = 99;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_SENDER);
	request.down = true;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_RECEIVER);
	request.rate = 160e6;
	assert_int_equal(speed_limit_of(&request, &result, &idle), SPEED_LIMIT_RATE);
}

static void grades(void **state)
{
	(void)state;
	begin();
	assert_string_equal(speed_bloat_grade(&idle, &result.loaded), "A+");
	result.loaded.p50 = 320 * NS_PER_MS;
	assert_string_equal(speed_bloat_grade(&idle, &result.loaded), "D");
	result.loaded.p50 = 2 * NS_PER_S;
	assert_string_equal(speed_bloat_grade(&idle, &result.loaded), "F");
	result.loaded.count = 0;
	assert_null(speed_bloat_grade(&idle, &result.loaded));
}

static void texts(void **state)
{
	(void)state;
	char text[4096];
	struct iperf_sums sums;
	begin();
	request.streams = 2;
	result.retransmits = 7;
	size_t length = iperf_results_write(&result, &request, text, sizeof text);
	assert_true(length && strlen(text) == length);
	assert_int_equal(iperf_results_read(text, length, &sums), 0);
	assert_int_equal(sums.bytes, 100000000);
	assert_int_equal(sums.retransmits, 14);
	assert_true(iperf_params_write(&request, text, sizeof text) > 0);
	assert_non_null(strstr(text, "\"parallel\":2"));
	assert_int_equal(iperf_results_read("{}", 2, &sums), -1);
	assert_int_equal(iperf_results_write(&result, &request, text, 20), 0);
}

static void datagrams(void **state)
{
	(void)state;
	struct iperf_datagrams all = { 0 };
	/* 1, 2, 5, 3: one lost, one late. */
	for (int i = 0; i < 4; i++) {
		static const uint8_t numbers[] = { 1, 2, 5, 3 };
		uint8_t bytes[12] = { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, numbers[i] };
		iperf_datagram_take(&all, bytes, sizeof bytes, NS_PER_S + i * 16 * NS_PER_MS);
	}
	assert_true(all.received == 4 && all.highest == 5 && all.late == 1);
	assert_true(all.jitter_s > 0.001 && all.jitter_s < 0.016);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(grades),
		cmocka_unit_test(texts),
		cmocka_unit_test(datagrams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
