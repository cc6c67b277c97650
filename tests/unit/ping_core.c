/* The ping without a network: what is sent when, lost, late, double, unreachable. */
#include "net/ping_core.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS NS_PER_MS

static struct ping_core core;
static struct ping_probe seen[10000];
static size_t seen_count;

static void report(const struct ping_probe *probe, void *arg)
{
	(void)arg;
	seen[seen_count++] = *probe;
}

static void begin(uint64_t count, ns_t interval, ns_t timeout)
{
	struct ping_request request = { .count = count, .interval = interval, .timeout = timeout };
	seen_count = 0;
	ping_core_init(&core, &request, 0, report, NULL);
}

/* REALTIME is 1,000 s ahead of MONOTONIC here. */
static struct ping_slot *sent(ns_t mono)
{
	assert_true(ping_core_due(&core, mono));
	return ping_core_begin(&core, mono, mono + 1000 * NS_PER_S);
}

static void reply(uint16_t low, ns_t mono, bool stamped)
{
	struct ping_arrival arrival = {
		.mono = mono, .real = mono + 1000 * NS_PER_S, .stamped = stamped, .rtt = NS_NONE
	};
	struct ping_slot *slot = ping_core_find(&core, low);
	assert_non_null(slot);
	ping_core_reply(&core, slot, &arrival);
}

static void a_reply(void **state)
{
	(void)state;
	begin(1, 1000 * MS, 0);
	struct ping_slot *slot = sent(0);
	slot->stamp_id = 7;
	ping_core_departed(ping_core_find_stamp(&core, 7), 1000 * NS_PER_S + 1 * MS);
	assert_null(ping_core_find_stamp(&core, 7));
	reply(1, 21 * MS, true);
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0].outcome, PING_REPLY);
	assert_true(seen[0].rtt == 20 * MS && seen[0].kernel_stamped);
	assert_true(ping_core_finished(&core));
	assert_true(ping_core_next(&core) == NS_NEVER);
}

static void lost_then_late_then_double(void **state)
{
	(void)state;
	begin(2, 1000 * MS, 500 * MS);
	sent(0);
	assert_true(ping_core_next(&core) == 500 * MS);
	ping_core_expire(&core, 499 * MS);
	assert_int_equal(seen_count, 0);
	ping_core_expire(&core, 500 * MS);
	assert_int_equal(seen[0].outcome, PING_LOST);
	assert_true(seen[0].rtt == NS_NONE);
	reply(1, 700 * MS, false);
	assert_int_equal(seen[1].outcome, PING_LATE);
	assert_true(seen[1].rtt == 700 * MS && !seen[1].kernel_stamped);
	reply(1, 701 * MS, false);
	assert_int_equal(seen[2].outcome, PING_DUPLICATE);
	assert_false(ping_core_finished(&core));
	assert_false(ping_core_due(&core, 999 * MS));
	sent(1000 * MS);
	reply(2, 1001 * MS, false);
	assert_true(ping_core_finished(&core));
}

static void timeout_follows_what_was_seen(void **state)
{
	(void)state;
	begin(0, 100 * MS, 0);
	sent(0);
	assert_true(ping_core_timeout(&core) == PING_TIMEOUT_FIRST);
	reply(1, 1 * MS, false);
	assert_true(ping_core_timeout(&core) == PING_TIMEOUT_MIN);
	sent(100 * MS);
	reply(2, 700 * MS, false);
	assert_true(ping_core_timeout(&core) == 1800 * MS);
	/* the next wake-up belongs to the send that is due, not to a probe that has its answer */
	assert_true(ping_core_next(&core) == 200 * MS);
}

static void errors(void **state)
{
	(void)state;
	begin(3, 10 * MS, 100 * MS);
	struct ping_arrival arrival = { .mono = 5 * MS, .rtt = NS_NONE };
	struct ping_slot *slot = sent(0);
	ping_core_unreachable(&core, slot, &arrival, 3, 1, 0);
	ping_core_unreachable(&core, slot, &arrival, 3, 1, 0);
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0].outcome, PING_UNREACHABLE);
	ping_core_failed(&core, sent(10 * MS), ENETUNREACH);
	assert_int_equal(seen[1].outcome, PING_SEND_FAILED);
	assert_int_equal(seen[1].errnum, ENETUNREACH);
	slot = sent(20 * MS);
	ping_core_expire(&core, 200 * MS);
	assert_int_equal(seen[2].outcome, PING_LOST);
	ping_core_unreachable(&core, slot, &arrival, 3, 1, 0); /* ARP gave up after we did */
	assert_int_equal(seen[3].outcome, PING_UNREACHABLE);
	assert_true(ping_core_finished(&core));
}

static void no_drift_and_no_burst(void **state)
{
	(void)state;
	begin(0, 100 * MS, 50 * MS);
	sent(0);
	ping_core_expire(&core, 99 * MS);
	sent(103 * MS);
	ping_core_expire(&core, 160 * MS);
	assert_true(ping_core_next(&core) == 200 * MS);
	/* the machine slept */
	sent(10045 * MS);
	assert_false(ping_core_due(&core, 10046 * MS));
	ping_core_expire(&core, 10099 * MS);
	assert_true(ping_core_next(&core) == 10100 * MS);
}

static void clock_was_set(void **state)
{
	(void)state;
	begin(0, 10 * MS, 0);
	sent(0);
	struct ping_arrival arrival = {
		.mono = 3 * MS, .real = 900 * NS_PER_S, .stamped = true, .rtt = NS_NONE
	};
	ping_core_reply(&core, ping_core_find(&core, 1), &arrival);
	assert_true(seen[0].rtt == 3 * MS && !seen[0].kernel_stamped);
}

static void numbers_wrap(void **state)
{
	(void)state;
	begin(0, 1, NS_PER_S);
	for (ns_t i = 0; i < 66000; i++) {
		sent(i);
		if (i >= PING_SLOTS)
			seen_count = 0; /* the oldest was given up to make room */
	}
	struct ping_slot *slot = ping_core_find(&core, (uint16_t)66000);
	assert_non_null(slot);
	assert_int_equal(slot->seq, 66000);
	assert_null(ping_core_find(&core, 60000));
	assert_int_equal(core.waiting, PING_SLOTS);
	ping_core_forget(&core);
	assert_int_equal(core.waiting, 0);
	assert_null(ping_core_find(&core, (uint16_t)66000));
}

static void statistics(void **state)
{
	(void)state;
	struct rtt_stats stats;
	rtt_stats_compute(&stats, NULL, 0);
	assert_true(stats.p50 == NS_NONE && stats.jitter == NS_NONE && stats.count == 0);
	ns_t one = 5;
	rtt_stats_compute(&stats, &one, 1);
	assert_true(stats.p99 == 5 && stats.stddev == 0 && stats.jitter == NS_NONE);
	ns_t samples[100];
	for (int i = 0; i < 100; i++)
		samples[i] =
		    (i % 2 ? 100 - i : i + 1) * MS; /* 1, 99, 3, 97 ... : every number from 1 to 100 but */
	rtt_stats_compute(&stats, samples, 100);
	assert_true(samples[0] == 1 * MS && samples[1] == 99 * MS);
	assert_true(stats.min == 1 * MS && stats.max == 99 * MS);
	assert_true(stats.mean == 50 * MS && stats.p50 == 49 * MS && stats.p95 == 95 * MS &&
		    stats.p99 == 99 * MS);
	assert_true(stats.jitter > 48 * MS && stats.jitter < 51 * MS);
	ns_t two[] = { 10, 14 };
	rtt_stats_compute(&stats, two, 2);
	assert_true(stats.stddev == 2 && stats.jitter == 4 && stats.mean == 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply),
		cmocka_unit_test(lost_then_late_then_double),
		cmocka_unit_test(timeout_follows_what_was_seen),
		cmocka_unit_test(errors),
		cmocka_unit_test(no_drift_and_no_burst),
		cmocka_unit_test(clock_was_set),
		cmocka_unit_test(numbers_wrap),
		cmocka_unit_test(statistics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
