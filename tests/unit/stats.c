/* Saved counters and what they say: every spelling of the busy server's file, nstat's form, text cut anywhere, and the judgement. */
#include "ntsh/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char busy[] = "tests/cli/stats/netstat-busy-server.txt";

static const struct stats_finding *finding_of(const struct stats_finding *findings, size_t count,
					      const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(findings[i].id, id) == 0)
			return &findings[i];
	return NULL;
}

static void busy_server(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint64_t value;
	} wanted[] = {
		{ "Ip.InReceives", 2622551267 },
		{ "Ip.ReasmFails", 14 },
		{ "Ip.FragCreates", 19 },
		{ "Icmp.InErrors", 625 },
		{ "Icmp.InDestUnreachs", 278016 },
		{ "Icmp.InTimeExcds", 1150 },
		{ "Icmp.OutDestUnreachs", 4518312 },
		{ "Icmp.OutEchoReps", 7523896 },
		{ "IcmpMsg.OutType3", 4518312 },
		{ "Tcp.ActiveOpens", 54505140 },
		{ "Tcp.RetransSegs", 11283987 },
		{ "Tcp.OutSegs", 1514833839 },
		{ "Tcp.InErrs", 42597 },
		{ "Udp.NoPorts", 174249 },
		{ "Udp.InErrors", 9 },
		{ "TcpExt.SyncookiesFailed", 127969 },
		{ "TcpExt.PruneCalled", 4940 },
		{ "TcpExt.PAWSPassive", 202889 },
		{ "TcpExt.DelayedACKLost", 374984 },
		{ "TcpExt.ListenOverflows", 1074974 },
		{ "TcpExt.ListenDrops", 1074974 },
		{ "TcpExt.TCPHPHits", 641221625 },
		{ "TcpExt.TCPPureAcks", 423842097 },
		{ "TcpExt.TCPFACKReorder", 7595 },
		{ "TcpExt.TCPTSReorder", 2039 },
		{ "TcpExt.TCPDSACKUndo", 3216 },
		{ "TcpExt.TCPRcvCollapsed", 399047 },
		{ "TcpExt.TCPAbortOnData", 440968 },
		{ "TcpExt.TCPAbortOnTimeout", 236044 },
		{ "IpExt.InBcastPkts", 717562 },
		{ "TcpExt.TCPTimeouts", 4746713 },
		{ "TcpExt.TWKilled", 50505469 },
	};
	static struct stats_finding findings[STATS_FINDINGS_MAX];
	struct counters counters;
	unsigned unread = 99;
	assert_int_equal(stats_read_file(busy, &counters, &unread, NULL), 0);
	assert_int_equal(unread, 0);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (counters_get(&counters, wanted[i].name) != wanted[i].value)
			fail_msg("%s", wanted[i].name);
	size_t count = stats_judge(&counters, NULL, 0, findings);
	assert_string_equal(findings[0].id, "listen-overflow");
	static const char *const ids[] = { "retransmissions",   "syn-cookies-invalid", "pruned",
					   "collapsed",         "abort-data",          "abort-timeout",
					   "timestamp-rejected" };
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		assert_non_null(finding_of(findings, count, ids[i]));
	const struct stats_finding *loss = finding_of(findings, count, "retransmissions");
	assert_true(loss->share > 0.744 && loss->share < 0.746);
	assert_true(isnan(loss->rate) && isnan(loss->recent));
	counters_free(&counters);
}

static void forms(void **state)
{
	(void)state;
	struct counters counters = { 0 };
	stats_read_text("#kernel\nTcpExtListenDrops 4 0.0\nIcmp6OutMsgs 9 0.0\nUdpLite6InErrors 2 "
			"0.0\nMPTcpExtRmAddr 1 0\n"
			"Udp6InErrors 8 1.5\nIcmpMsgInType3 6 0\n",
			&counters, NULL);
	assert_int_equal(counters_get(&counters, "TcpExt.ListenDrops"), 4);
	assert_int_equal(counters_get(&counters, "Icmp6OutMsgs"), 9);
	assert_int_equal(counters_get(&counters, "UdpLite6InErrors"), 2);
	assert_int_equal(counters_get(&counters, "MPTcpExt.RmAddr"), 1);
	assert_int_equal(counters_get(&counters, "Udp6InErrors"), 8);
	assert_int_equal(counters_get(&counters, "IcmpMsg.InType3"), 6);
	counters_free(&counters);
	stats_read_text("Ip6:\n    12 total packets received\nUdp6:\n    3 packet receive errors\nUdpLite:\n "
			"   NoPorts: 16\n",
			&counters, NULL);
	assert_int_equal(counters_get(&counters, "Ip6InReceives"), 12);
	assert_int_equal(counters_get(&counters, "Udp6InErrors"), 3);
	assert_int_equal(counters_get(&counters, "UdpLite.NoPorts"), 16);
	counters_free(&counters);
}

static void cut_text(void **state)
{
	(void)state;
	static char text[8192];
	FILE *file = fopen(busy, "r");
	assert_non_null(file);
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	for (size_t cut = 0; cut < length; cut += 3) {
		char *copy = strndup(text, cut);
		struct counters counters = { 0 };
		stats_read_text(copy, &counters, NULL);
		counters_free(&counters);
		free(copy);
	}
}

static void rates(void **state)
{
	(void)state;
	static struct stats_finding findings[STATS_FINDINGS_MAX];
	static const char text[] = "TcpExtListenOverflows 50 0\nTcpPassiveOpens 950 0\n";
	struct counters now = { 0 }, before = { 0 }, grown;
	stats_read_text(text, &now, NULL);
	stats_read_text("TcpExtListenOverflows 30 0\nTcpPassiveOpens 900 0\n", &before, NULL);
	before.at = 0;
	now.at = 10 * NS_PER_S;
	size_t count = stats_judge(&now, &before, 100, findings);
	assert_int_equal(count, 1);
	assert_true(fabs(findings[0].rate - 0.5) < 1e-9 && fabs(findings[0].recent - 2) < 1e-9);
	assert_true(fabs(findings[0].share - 5) < 1e-9);
	assert_int_equal(findings[0].severity, STATS_BAD);
	stats_difference(&now, &before, &grown);
	assert_int_equal(counters_get(&grown, "TcpExt.ListenOverflows"), 20);
	counters_free(&grown);
	/* Nothing happened: nothing is found. */
	stats_difference(&now, &now, &grown);
	assert_int_equal(stats_judge(&grown, NULL, 0, findings), 0);
	counters_free(&grown);
	counters_free(&now);
	counters_free(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_server),
		cmocka_unit_test(forms),
		cmocka_unit_test(cut_text),
		cmocka_unit_test(rates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
