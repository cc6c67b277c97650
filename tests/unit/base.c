/* base: addresses, buffers, dates, errors. */
#include "base/buf.h"
#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void check_address(const char *text, const char *formatted)
{
	struct addr addr;
	char buf[ADDR_TEXT_MAX];
	assert_int_equal(addr_parse(text, &addr), 0);
	assert_string_equal(addr_format(&addr, buf), formatted);
}

static void test_addr_parse(void **state)
{
	(void)state;
	struct addr addr;
	check_address("192.0.2.1", "192.0.2.1");
	check_address("2001:DB8:0::1", "2001:db8::1");
	check_address("[::1]", "::1");
	check_address("fe80::1%lo", "fe80::1%lo");
	check_address("::ffff:192.0.2.1", "::ffff:192.0.2.1");
	static const char *const bad[] = { "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::1%nosuchif0", "[192.0.2.1]", "host",
		                           "1.2.3.4 ", "fe80::1%", "fe80::1%99999999999", ":::", "1:2:3:4:5:6:7:8:9" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(addr_parse(bad[i], &addr), -1);
}

static void test_addr_port(void **state)
{
	(void)state;
	struct addr addr;
	char buf[ADDR_TEXT_MAX];
	assert_int_equal(addr_parse_port("192.0.2.1:80", 443, &addr), 0);
	assert_string_equal(addr_format_port(&addr, buf), "192.0.2.1:80");
	assert_int_equal(addr_parse_port("2001:db8::1", 443, &addr), 0);
	assert_string_equal(addr_format_port(&addr, buf), "[2001:db8::1]:443");
	assert_int_equal(addr_parse_port("[2001:db8::1]:53", 443, &addr), 0);
	assert_int_equal(addr.port, 53);
	static const char *const bad[] = { "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:", "192.0.2.1:-1", "[::1]:x", ":80",
		                           "[192.0.2.1]:80", "192.0.2.1:80x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(addr_parse_port(bad[i], 443, &addr), -1);
}

static void test_addr_sockaddr(void **state)
{
	(void)state;
	struct addr addr, back;
	struct sockaddr_storage storage;
	assert_int_equal(addr_parse_port("[fe80::1%lo]:53", 0, &addr), 0);
	socklen_t length = addr_to_sockaddr(&addr, &storage);
	assert_int_equal(length, sizeof(struct sockaddr_in6));
	back = addr_from_sockaddr((struct sockaddr *)&storage, length);
	assert_true(addr_equal(&addr, &back));
	assert_int_equal(back.port, 53);
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&storage, 4).family, AF_UNSPEC);
}

static void test_addr_kinds(void **state)
{
	(void)state;
	struct addr addr;
	char buf[ADDR_TEXT_MAX];
	addr_parse("127.3.2.1", &addr);
	assert_true(addr_is_loopback(&addr));
	addr_parse("::1", &addr);
	assert_true(addr_is_loopback(&addr));
	addr_parse("febf::1", &addr);
	assert_true(addr_is_link_local(&addr));
	addr_parse("239.1.1.1", &addr);
	assert_true(addr_is_multicast(&addr));
	addr_parse("240.1.1.1", &addr);
	assert_false(addr_is_multicast(&addr));
	addr_parse("192.0.2.1", &addr);
	assert_string_equal(addr_reverse_name(&addr, buf), "1.2.0.192.in-addr.arpa");
	addr_parse("2001:db8::567:89ab", &addr);
	assert_string_equal(addr_reverse_name(&addr, buf),
	                    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

static void test_buf_maximum(void **state)
{
	(void)state;
	struct buf buf = BUF_INIT(5);
	assert_string_equal(buf_text(&buf), "");
	buf_add_text(&buf, "abc");
	buf_printf(&buf, "%d", 12);
	assert_false(buf.overflow);
	buf_add_char(&buf, 'x');
	assert_true(buf.overflow);
	assert_string_equal(buf_text(&buf), "abc12");
	buf_clear(&buf);
	buf_add_repeat(&buf, "-", 3);
	assert_string_equal(buf_text(&buf), "---");
	buf_release(&buf);
}

static void test_clock_format(void **state)
{
	(void)state;
	char buf[CLOCK_TEXT_MAX];
	assert_string_equal(clock_format_rfc3339(0, buf), "1970-01-01T00:00:00.000000Z");
	assert_string_equal(clock_format_rfc3339(1795216205 * NS_PER_S + 123456789, buf), "2026-11-20T23:10:05.123456Z");
	assert_string_equal(clock_format_rfc3339(-1, buf), "1969-12-31T23:59:59.999999Z");
}

static void test_error_text(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_false(error_is_set(&err));
	assert_int_equal(error_errno(&err, EPERM, "grant it", "raw socket for %s", "ping"), -1);
	assert_string_equal(err.code, "EPERM");
	assert_string_equal(err.message, "raw socket for ping: Operation not permitted");
	assert_int_equal(err.status, STATUS_CANNOT);
	assert_int_equal(error_set(NULL, STATUS_USAGE, "EUSAGE", NULL, "nobody listens"), -1);
	assert_string_equal(error_errno_name(99999), "EUNKNOWN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr_parse),   cmocka_unit_test(test_addr_port),
		cmocka_unit_test(test_addr_sockaddr), cmocka_unit_test(test_addr_kinds),
		cmocka_unit_test(test_buf_maximum),  cmocka_unit_test(test_clock_format),
		cmocka_unit_test(test_error_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
