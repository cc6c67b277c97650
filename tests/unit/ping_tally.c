/* Counting a ping: losses, late and double answers, outages, whatever the order of the reports. */
#include "ntsh/ping_tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ping_tally tally;

static void add(uint64_t seq, enum ping_outcome outcome, ns_t rtt)
{
	struct ping_probe probe = {
		.seq = seq, .outcome = outcome, .sent_real = (ns_t)seq * NS_PER_S, .rtt = rtt
	};
	ping_tally_add(&tally, &probe);
}

static void outages(void **state)
{
	(void)state;
	/* + - + - - - + - - : the loss of 2 is reported after the answer of 3 */
	add(3, PING_REPLY, 30);
	add(1, PING_REPLY, 10);
	add(2, PING_LOST, NS_NONE);
	add(4, PING_LOST, NS_NONE);
	add(5, PING_LOST, NS_NONE);
	add(7, PING_REPLY, 70);
	add(6, PING_SEND_FAILED, NS_NONE);
	add(8, PING_LOST, NS_NONE);
	add(9, PING_LOST, NS_NONE);
	struct ping_outage out[4];
	assert_int_equal(ping_tally_outages(&tally, out, 4), 2);
	assert_true(out[0].begin == 4 * NS_PER_S && out[0].end == 7 * NS_PER_S && out[0].lost == 3);
	assert_true(out[1].begin == 8 * NS_PER_S && out[1].end == NS_NONE && out[1].lost == 2);
	assert_int_equal(ping_tally_outages(&tally, out, 0), 2);
	assert_int_equal(tally.sent, 9);
	assert_int_equal(tally.lost, 6);
	assert_int_equal(tally.refused, 1);
	struct rtt_stats stats;
	ping_tally_stats(&tally, &stats);
	assert_true(stats.count == 3 && stats.p50 == 30 && stats.max == 70);
	ns_t latest[3];
	assert_int_equal(ping_tally_latest(&tally, latest, 3), 3);
	assert_true(latest[0] == 70 && latest[1] == NS_NONE);
	ping_tally_release(&tally);
}

static void late_double_and_belated_errors(void **state)
{
	(void)state;
	add(1, PING_LOST, NS_NONE);
	add(2, PING_LOST, NS_NONE);
	add(3, PING_LOST, NS_NONE);
	add(1, PING_LATE, 5);
	add(2, PING_UNREACHABLE, NS_NONE);
	add(1, PING_DUPLICATE, 9);
	assert_int_equal(tally.sent, 3);
	assert_int_equal(tally.received, 1);
	assert_int_equal(tally.lost, 2);
	assert_int_equal(tally.late, 1);
	assert_int_equal(tally.duplicates, 1);
	assert_int_equal(tally.unreachable, 1);
	assert_int_equal(tally.last_error.seq, 2);
	struct ping_outage out;
	assert_int_equal(ping_tally_outages(&tally, &out, 1), 1);
	assert_int_equal(out.lost, 2);
	ping_tally_release(&tally);
}

static void a_million_and_more(void **state)
{
	(void)state;
	for (uint64_t seq = 1; seq <= 4500000; seq++)
		add(seq, PING_REPLY, 7);
	assert_int_equal(tally.received, 4500000);
	assert_true(tally.count <= 2000000 && tally.count >= 1000000);
	struct ping_outage out;
	assert_int_equal(ping_tally_outages(&tally, &out, 1), 0);
	ping_tally_release(&tally);
	assert_true(ping_tally_loss(&tally) == 0);
}

static enum ping_verdict verdict_of(const char *fates)
{
	for (uint64_t seq = 1; fates[seq - 1]; seq++) {
		char fate = fates[seq - 1];
		add(seq,
		    fate == '-'   ? PING_LOST
		    : fate == 'u' ? PING_UNREACHABLE
		    : fate == 'r' ? PING_SEND_FAILED
				  : PING_REPLY,
		    fate == '+'   ? 20 * NS_PER_MS
		    : fate == 's' ? 90 * NS_PER_MS
				  : NS_NONE);
	}
	enum ping_verdict verdict = ping_tally_verdict(&tally);
	ping_tally_release(&tally);
	return verdict;
}

static void verdicts(void **state)
{
	(void)state;
	assert_int_equal(verdict_of(""), PING_VERDICT_NOTHING);
	assert_int_equal(verdict_of("++++++++++"), PING_VERDICT_STEADY);
	assert_int_equal(verdict_of("+++++ss+++"), PING_VERDICT_UNSTEADY);
	assert_int_equal(verdict_of("+-++++-+++"), PING_VERDICT_LOSSES);
	assert_int_equal(verdict_of("+---+++-++"), PING_VERDICT_OUTAGE);
	assert_int_equal(verdict_of("---"), PING_VERDICT_SILENT);
	assert_int_equal(verdict_of("-u-"), PING_VERDICT_UNREACHABLE);
	assert_int_equal(verdict_of("rrr"), PING_VERDICT_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outages),
		cmocka_unit_test(late_double_and_belated_errors),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(a_million_and_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
