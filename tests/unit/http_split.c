/* The split of a wait, of a handshake, of an exchange; the arrival of a body. */
#include "net/http_arrival.h"
#include "net/split.h"
#include "net/tls_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define MS(n) ((ns_t)((n) * 1000000))

static const struct split_path clean = { MS(20), MS(20.5), MS(1), false };

static void an_own_acknowledgement_is_exact(void **state)
{
	(void)state;
	struct split split = split_wait(MS(100), MS(121), MS(421), &clean);
	assert_true(split.exact && !split.piggybacked && !split.ack_delayed);
	assert_int_equal(split.network, MS(21));
	assert_int_equal(split.server, MS(300));
}

static void an_acknowledgement_with_the_answer_is_not(void **state)
{
	(void)state;
	struct split with = split_wait(MS(100), MS(130), MS(130), &clean);
	assert_true(with.piggybacked && !with.exact);
	assert_int_equal(with.network, MS(20));
	assert_int_equal(with.server, MS(10));
	struct split never = split_wait(MS(100), NS_NONE, MS(130), &clean);
	assert_true(never.piggybacked);
	assert_int_equal(never.server, MS(10));
	/* Faster than the smallest round trip seen: never negative. */
	struct split fast = split_wait(MS(100), NS_NONE, MS(110), &clean);
	assert_int_equal(fast.server, 0);
	assert_int_equal(fast.network, MS(10));
}

static void a_held_back_acknowledgement_is_the_servers(void **state)
{
	(void)state;
	struct split split = split_wait(MS(100), MS(161), MS(420), &clean);
	assert_true(split.ack_delayed && !split.exact);
	assert_int_equal(split.network, MS(20));
	assert_int_equal(split.server, MS(300));
}

static void a_late_acknowledgement_is_the_networks(void **state)
{
	(void)state;
	/* Something was lost and sent again. */
	struct split_path lossy = clean;
	lossy.retransmitted = true;
	struct split lost = split_wait(MS(100), MS(160), MS(460), &lossy);
	assert_true(lost.exact);
	assert_int_equal(lost.network, MS(60));
	/* More than any peer holds back: a queue. */
	struct split queue = split_wait(MS(100), MS(500), MS(800), &clean);
	assert_int_equal(queue.network, MS(400));
	/* Within what this path varies by anyway. */
	struct split_path wild = { MS(20), MS(60), MS(40), false };
	struct split varied = split_wait(MS(0), MS(150), MS(200), &wild);
	assert_false(varied.ack_delayed);
	assert_int_equal(varied.network, MS(150));
}

static void without_an_answer_there_is_no_split(void **state)
{
	(void)state;
	struct split split = split_wait(MS(100), MS(120), NS_NONE, &clean);
	assert_true(split.network == NS_NONE && split.server == NS_NONE);
}

/* --- a handshake --- */

static void record(struct tls_trace *trace, bool wrote, uint8_t type, uint16_t length, ns_t now)
{
	uint8_t header[5] = { type, 3, 3, (uint8_t)(length >> 8), (uint8_t)length };
	tls_trace_message(trace, wrote, 256, header, sizeof header, now);
}

static void hello(struct tls_trace *trace, bool wrote, uint8_t kind, bool retry, ns_t now)
{
	static const uint8_t random[32] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c };
	uint8_t message[64] = { kind };
	if (retry)
		memcpy(message + 6, random, sizeof random);
	tls_trace_message(trace, wrote, 22, message, sizeof message, now);
}

static void a_handshake_is_divided(void **state)
{
	(void)state;
	struct tls_trace trace = { .base = 0 };
	struct tls_handshake out = { .complete = true };
	struct tcp_stamps stamps = { .enabled = true,
				     .count = 2,
				     .stamps = { { 204, MS(1), MS(21) }, { 304, MS(74), NS_NONE } } };
	tls_trace_begin(&trace, 0);
	record(&trace, true, 22, 200, MS(0.5));
	hello(&trace, true, 1, false, MS(0.5));
	tls_trace_arrived(&trace, MS(71)); /* 20 on the way, 50 of reckoning */
	record(&trace, false, 22, 90, MS(72));
	hello(&trace, false, 2, false, MS(72));
	tls_trace_arrived(&trace, MS(73));
	record(&trace, false, 23, 900, MS(73));
	record(&trace, true, 23, 95, MS(74));
	tls_trace_finish(&trace, MS(75));
	tls_trace_split(&trace, &stamps, &clean, 0, &out);
	assert_true(out.happened && !out.hello_retry);
	assert_int_equal(out.round_trips, 1);
	assert_int_equal(out.hello_acked, MS(21));
	assert_int_equal(out.server_hello, MS(71));
	assert_int_equal(out.server, MS(50));
	assert_int_equal(out.network, MS(22)); /* the round trip, and the rest of the flight */
	assert_int_equal(out.client, MS(3));
	assert_int_equal(out.network + out.server + out.client, out.ended - out.began);
}

static void a_retry_is_a_second_turn(void **state)
{
	(void)state;
	struct tls_trace trace = { .base = 0 };
	struct tls_handshake out = { .complete = true };
	struct tcp_stamps stamps = { .enabled = false };
	uint8_t alert[2] = { 2, 40 };
	tls_trace_begin(&trace, 0);
	record(&trace, true, 22, 200, MS(1));
	tls_trace_arrived(&trace, MS(21));
	record(&trace, false, 22, 90, MS(21));
	hello(&trace, false, 2, true, MS(21));
	record(&trace, true, 22, 200, MS(22));
	tls_trace_arrived(&trace, MS(52));
	record(&trace, false, 21, 2, MS(52));
	tls_trace_message(&trace, false, 21, alert, sizeof alert, MS(52));
	tls_trace_finish(&trace, MS(52));
	tls_trace_split(&trace, &stamps, &clean, 0, &out);
	assert_true(out.hello_retry);
	assert_int_equal(out.round_trips, 2);
	assert_int_equal(out.network, MS(40));
	assert_int_equal(out.server, MS(10));
	assert_string_equal(out.alert, "handshake_failure (40) received");
}

/* --- an exchange --- */

static struct http_exchange plain_exchange(void)
{
	struct http_exchange ex = { .began = 0,
				    .resolved = MS(5),
				    .connect_began = MS(5),
				    .connected = MS(25),
				    .tls_began = NS_NONE,
				    .tls_done = NS_NONE,
				    .request_sent = MS(26),
				    .request_acked = MS(46),
				    .first_byte = MS(346),
				    .last_byte = MS(400),
				    .ended = MS(401),
				    .phase = HTTP_COMPLETE };
	ex.before = (struct tcp_stats){ .at = 1, .rtt = MS(20), .rttvar = MS(2), .min_rtt = MS(20) };
	ex.after = ex.before;
	return ex;
}

static void phases_add_up(void **state)
{
	(void)state;
	struct http_exchange ex = plain_exchange();
	struct http_phases out;
	http_phases_of(&ex, &out);
	assert_true(out.exact);
	assert_int_equal(out.resolve, MS(5));
	assert_int_equal(out.connect, MS(20));
	assert_int_equal(out.wait_network, MS(20));
	assert_int_equal(out.wait_server, MS(300));
	assert_int_equal(out.transfer, MS(54));
	assert_int_equal(out.client, MS(1));
	assert_true(out.tls_network == NS_NONE && out.proxy == NS_NONE);
	assert_int_equal(out.total, MS(401));
}

static void medians_leave_out_what_did_not_happen(void **state)
{
	(void)state;
	struct http_exchange ex = plain_exchange();
	struct http_phases all[3], middle;
	for (int i = 0; i < 3; i++) {
		ex.last_byte = MS(360 + 20 * i);
		ex.resolved = i == 1 ? NS_NONE : MS(5);
		http_phases_of(&ex, &all[i]);
	}
	http_phases_median(all, 3, &middle);
	assert_int_equal(middle.transfer, MS(34));
	assert_int_equal(middle.resolve, MS(5));
	assert_true(middle.proxy == NS_NONE);
	http_phases_median(all, 0, &middle);
	assert_true(middle.total == NS_NONE && !middle.exact);
}

static void pauses_without_disorder_are_the_servers(void **state)
{
	(void)state;
	struct arrival_watch watch;
	struct tcp_stats stats = { .min_rtt = MS(20), .rtt = MS(22), .rcv_ooopack = 0, .total_retrans = 0 };
	arrival_begin(&watch);
	arrival_read(&watch, MS(0), &stats);
	arrival_read(&watch, MS(24), &stats);  /* little more than a round trip: no gap */
	arrival_read(&watch, MS(124), &stats); /* a pause of the server */
	stats.rcv_ooopack = 3;
	arrival_read(&watch, MS(224), &stats); /* a hole that was filled */
	assert_int_equal(watch.seen.reads, 4);
	assert_int_equal(watch.seen.gaps, 2);
	assert_int_equal(watch.seen.gap_time, MS(200));
	assert_int_equal(watch.seen.gap_time_lossless, MS(100));
	assert_int_equal(watch.seen.longest_gap, MS(100));
}

static void stamps_are_found_by_their_bytes(void **state)
{
	(void)state;
	struct tcp_stamps stamps = { .enabled = true,
				     .count = 3,
				     .stamps = { { 0xfffffff0, 1, 2 }, { 99, 3, 4 }, { 499, 5, 6 } } };
	assert_int_equal(tcp_stamps_find(&stamps, 0xffffff00)->sent, 1);
	assert_int_equal(tcp_stamps_find(&stamps, 99)->sent, 3);
	assert_int_equal(tcp_stamps_find(&stamps, 100)->sent, 5);
	assert_null(tcp_stamps_find(&stamps, 500));
	assert_int_equal(tcp_stamps_last(&stamps)->last_byte, 499);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_own_acknowledgement_is_exact),
		cmocka_unit_test(an_acknowledgement_with_the_answer_is_not),
		cmocka_unit_test(a_held_back_acknowledgement_is_the_servers),
		cmocka_unit_test(a_late_acknowledgement_is_the_networks),
		cmocka_unit_test(without_an_answer_there_is_no_split),
		cmocka_unit_test(a_handshake_is_divided),
		cmocka_unit_test(a_retry_is_a_second_turn),
		cmocka_unit_test(phases_add_up),
		cmocka_unit_test(medians_leave_out_what_did_not_happen),
		cmocka_unit_test(pauses_without_disorder_are_the_servers),
		cmocka_unit_test(stamps_are_found_by_their_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
