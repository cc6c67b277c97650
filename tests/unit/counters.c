/* Protocol counters: pairs of lines, single lines, and text that is cut off anywhere. */
#include "net/counters_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char snmp[] = "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 18446744073709551615\n"
			   "Icmp: InMsgs\nIcmp: 7\nTcp: RtoMin MaxConn\nTcp: 200 -1\n";

static void pairs(void **state)
{
	(void)state;
	struct counters counters = { 0 };
	counters_read_pairs(snmp, &counters);
	assert_int_equal(counters.count, 6);
	assert_int_equal(counters_get(&counters, "Ip.DefaultTTL"), 64);
	assert_true(counters_get(&counters, "Ip.InReceives") == UINT64_MAX);
	assert_int_equal(counters_get(&counters, "Icmp.InMsgs"), 7);
	assert_int_equal(counters_get(&counters, "Tcp.RtoMin"), 200);
	assert_int_equal(counters_get(&counters, "Tcp.Nothing"), 0);
	counters_free(&counters);
}

static void lines(void **state)
{
	(void)state;
	struct counters counters = { 0 };
	counters_read_lines("Ip6InReceives                   \t42\n\nUdp6InErrors 3\nlonely\n", &counters);
	assert_int_equal(counters.count, 2);
	assert_int_equal(counters_get(&counters, "Ip6InReceives"), 42);
	assert_int_equal(counters_get(&counters, "Udp6InErrors"), 3);
	counters_free(&counters);
}

static void cut_text(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof snmp; length++) {
		char *text = strndup(snmp, length);
		struct counters counters = { 0 };
		counters_read_pairs(text, &counters);
		assert_true(counters.count <= 6);
		counters_free(&counters);
		free(text);
	}
}

static void this_machine(void **state)
{
	(void)state;
	struct counters counters;
	int64_t value;
	assert_int_equal(counters_read(&counters, NULL), 0);
	assert_true(counters.count > 50);
	assert_true(counters_get(&counters, "Ip.DefaultTTL") > 0);
	counters_free(&counters);
	assert_int_equal(sysctl_read_int("net.ipv4.ip_local_port_range", 1, &value), 0);
	assert_true(value > 1024);
	assert_int_equal(sysctl_read_int("net.ipv4.ip_local_port_range", 2, &value), -1);
	assert_int_equal(sysctl_read_int("net.ipv4.no_such_thing", 0, &value), -1);
	assert_int_equal(sysctl_read_int("../../etc/passwd", 0, &value), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
		cmocka_unit_test(lines),
		cmocka_unit_test(cut_text),
		cmocka_unit_test(this_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
