/* URLs, redirects, proxies: pure text. */
#include "net/http_proxy.h"
#include "ntsh/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void good_urls(void **state)
{
	(void)state;
	static const struct { const char *text, *host, *path; uint16_t port; bool tls; } GOOD[] = {
		{ "http://example.com", "example.com", "/", 80, false },
		{ "HTTPS://Example.com:8443/a/b?c#d", "Example.com", "/a/b?c", 8443, true },
		{ "http://user:pw@h:1/x", "h", "/x", 1, false },
		{ "http://127.0.0.1?q", "127.0.0.1", "/?q", 80, false },
		{ "http://[::1]:65535/", "::1", "/", 65535, false },
		{ "https://h:/", "h", "/", 443, true },
		{ "http://b\xc3\xbc" "cher.example/", "b\xc3\xbc" "cher.example", "/", 80, false },
		{ "http://a_b.example./", "a_b.example.", "/", 80, false },
	};
	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
		struct http_url url;
		struct error err = ERROR_INIT;
		assert_int_equal(http_url_parse(GOOD[i].text, &url, &err), 0);
		assert_string_equal(url.host, GOOD[i].host);
		assert_string_equal(url.path, GOOD[i].path);
		assert_int_equal(url.port, GOOD[i].port);
		assert_int_equal(url.tls, GOOD[i].tls);
		http_url_release(&url);
	}
}

static void bad_urls_say_why(void **state)
{
	(void)state;
	static const struct { const char *text, *says; } BAD[] = {
		{ "", "empty" }, { "http://a b/", "space at character 9" }, { "http://h/\x01", "control character" },
		{ "http://h:70000/", "port 70000 does not exist" }, { "http://h:0/", "port 0" },
		{ "http://h:x/", "not a number" }, { "http:///p", "no host" }, { "http://:80/", "no host" },
		{ "ftp://h/", "scheme ftp:// is not supported" }, { "/etc/passwd", "file's path" },
		{ "h/p", "no scheme" }, { "http:/h", "two slashes" }, { "http://[::1/", "no closing bracket" },
		{ "http://[1.2.3.4]/", "not an IPv6 address" }, { "http://::1/", "brackets" },
		{ "http://a::b/", "brackets" }, { "http://[::1]x/", "other than a port" },
		{ "http://a..b/", "empty label" }, { "http://a,b/", "cannot have a ','" },
		{ "http://256.1.1.1/", "not an address" }, { "http://h\\x/", "backslash" },
		{ "http://h/%4", "hexadecimal" }, { "http://h:99999999999999999999/", "does not exist" },
	};
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct http_url url;
		struct error err = ERROR_INIT;
		assert_int_equal(http_url_parse(BAD[i].text, &url, &err), -1);
		if (!strstr(err.message, BAD[i].says))
			fail_msg("%s: %s", BAD[i].text, err.message);
		assert_int_equal(err.status, STATUS_USAGE);
		http_url_release(&url);
	}
}

static void redirects_resolve(void **state)
{
	(void)state;
	static const struct { const char *base, *reference, *result; } CASES[] = {
		{ "http://h/a/b?q", "c", "http://h/a/c" },
		{ "http://h/a/b?q", "/c?d", "http://h/c?d" },
		{ "http://h/a/b?q", "?d", "http://h/a/b?d" },
		{ "http://h/a/b", "//i/c", "http://i/c" },
		{ "http://h/a/b", "https://i:1/c", "https://i:1/c" },
		{ "http://h", "c", "http://h/c" },
		{ "http://h?x=/y", "c", "http://h/c" },
		{ "http://h/a", "", "http://h/a" },
	};
	char buf[64];
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		assert_int_equal(http_url_join(CASES[i].base, CASES[i].reference, buf, sizeof buf), 0);
		assert_string_equal(buf, CASES[i].result);
	}
	assert_int_equal(http_url_join("http://h/", "/a-path-too-long-for-it", buf, 16), -1);
	assert_int_equal(http_url_join("nothing", "x", buf, sizeof buf), -1);
}

static void proxies_are_read(void **state)
{
	(void)state;
	struct http_proxy proxy;
	assert_int_equal(http_proxy_parse("http://user:pw@proxy.example:3128/", &proxy), 0);
	assert_string_equal(proxy.scheme, "http");
	assert_string_equal(proxy.user, "user:pw@");
	assert_string_equal(proxy.host, "proxy.example");
	assert_int_equal(proxy.port, 3128);
	assert_int_equal(http_proxy_parse("[::1]:8080", &proxy), 0);
	assert_string_equal(proxy.host, "::1");
	assert_int_equal(http_proxy_parse("socks5://h", &proxy), 0);
	assert_string_equal(proxy.scheme, "socks5h");
	assert_int_equal(proxy.port, 1080);
	assert_int_equal(http_proxy_parse("gopher://h", &proxy), -1);
	assert_int_equal(http_proxy_parse("http://", &proxy), -1);
	assert_int_equal(http_proxy_parse("http://h:0", &proxy), -1);
	assert_int_equal(http_proxy_parse("http://[::1", &proxy), -1);
}

static void no_proxy_covers(void **state)
{
	(void)state;
	assert_true(http_proxy_excluded("*", "any.example"));
	assert_true(http_proxy_excluded("a.example, .b.example", "x.b.example"));
	assert_true(http_proxy_excluded("b.example", "B.Example"));
	assert_false(http_proxy_excluded("b.example", "ab.example"));
	assert_true(http_proxy_excluded("10.0.0.0/8", "10.200.3.4"));
	assert_false(http_proxy_excluded("10.0.0.0/9", "10.200.3.4"));
	assert_true(http_proxy_excluded("::1", "::1"));
	assert_false(http_proxy_excluded("", "a"));
	assert_false(http_proxy_excluded(NULL, "a"));
}

static void fields_are_taken_apart(void **state)
{
	(void)state;
	const char *cursor = "HTTP/1.1 200 OK\r\nA: b\r\nEmpty:\r\nno field\r\nX:  y z\r\n\r\n", *name, *value;
	size_t n, v;
	assert_true(http_field_next(&cursor, &name, &n, &value, &v));
	assert_true(n == 1 && v == 1 && *name == 'A' && *value == 'b');
	assert_true(http_field_next(&cursor, &name, &n, &value, &v));
	assert_true(n == 5 && v == 0);
	assert_true(http_field_next(&cursor, &name, &n, &value, &v));
	assert_true(n == 1 && v == 3 && !memcmp(value, "y z", 3));
	assert_false(http_field_next(&cursor, &name, &n, &value, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_urls),	    cmocka_unit_test(bad_urls_say_why),
		cmocka_unit_test(redirects_resolve), cmocka_unit_test(proxies_are_read),
		cmocka_unit_test(no_proxy_covers),  cmocka_unit_test(fields_are_taken_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
