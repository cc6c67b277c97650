/* Target lists and sets of ports: what the words mean, in which order, without what is excluded or named twice. */
#include "ntsh/targets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct error err;

static struct targets *read_words(const char *words, const char *excludes, int family)
{
	static char copies[2][400];
	static const char *items[2][40];
	struct option_list lists[2] = { { items[0], 0 }, { items[1], 0 } };
	const char *texts[2] = { words, excludes };
	error_clear(&err);
	for (int i = 0; i < 2; i++) {
		snprintf(copies[i], sizeof copies[i], "%s", texts[i]);
		for (char *save, *word = strtok_r(copies[i], " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			items[i][lists[i].count++] = word;
	}
	struct loop *loop = loop_new(NULL);
	struct targets *targets = targets_read(loop, &lists[0], &lists[1], family, &err);
	loop_free(loop);
	return targets;
}

/* All addresses of the list, in its order. */
static void expect(const char *words, const char *excludes, int family, const char *wanted)
{
	char all[2000] = "", text[ADDR_TEXT_MAX];
	struct targets *targets = read_words(words, excludes, family);
	if (!targets)
		fail_msg("'%s': %s", words, err.message);
	assert_true(targets_count(targets) < 50);
	for (uint64_t i = 0; i < targets_count(targets); i++) {
		struct target target = targets_get(targets, i);
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "",
			 addr_format(&target.addr, text));
		assert_true(targets_find(targets, &target.addr) == i);
	}
	assert_string_equal(all, wanted);
	targets_free(targets);
}

static void words(void **state)
{
	(void)state;
	expect("10.0.0.7", "", AF_UNSPEC, "10.0.0.7");
	expect("10.0.0.9/30", "", AF_UNSPEC, "10.0.0.8 10.0.0.9 10.0.0.10 10.0.0.11");
	expect("10.0.0.254-10.0.1.1", "", AF_UNSPEC, "10.0.0.254 10.0.0.255 10.0.1.0 10.0.1.1");
	expect("10.0.0.1-3", "", AF_UNSPEC, "10.0.0.1 10.0.0.2 10.0.0.3");
	expect("2001:db8::fe-100", "", AF_UNSPEC, "2001:db8::fe 2001:db8::ff 2001:db8::100");
	expect("2001:db8::/127 10.0.0.1", "", AF_UNSPEC, "2001:db8:: 2001:db8::1 10.0.0.1");
	expect("2001:db8::/127 10.0.0.1", "", AF_INET, "10.0.0.1");
	expect("255.255.255.254/31 0.0.0.0", "", AF_UNSPEC, "255.255.255.254 255.255.255.255 0.0.0.0");
	expect("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", "", AF_UNSPEC,
	       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void order_doubles_and_excludes(void **state)
{
	(void)state;
	expect("10.0.0.3 10.0.0.1-5 10.0.0.2", "", AF_UNSPEC, "10.0.0.3 10.0.0.1 10.0.0.2 10.0.0.4 10.0.0.5");
	expect("10.0.0.0/29", "10.0.0.0 10.0.0.4-6 10.0.0.7", AF_UNSPEC, "10.0.0.1 10.0.0.2 10.0.0.3");
	expect("10.0.0.5 10.0.0.5", "", AF_UNSPEC, "10.0.0.5");
	expect("10.0.0.0/30 10.0.0.1-6", "10.0.0.2/31", AF_UNSPEC,
	       "10.0.0.0 10.0.0.1 10.0.0.4 10.0.0.5 10.0.0.6");
	assert_null(read_words("10.0.0.0/30", "10.0.0.0/8", AF_UNSPEC));
	assert_string_equal(err.message, "all targets are excluded");
}

static void a_large_list_costs_nothing(void **state)
{
	(void)state;
	char text[ADDR_TEXT_MAX];
	struct targets *targets = read_words("10.0.0.0/8 2001:db8::/96", "10.0.0.0/16", AF_UNSPEC);
	assert_true(targets_count(targets) == (1u << 24) - (1u << 16) + ((uint64_t)1 << 32));
	struct target first = targets_get(targets, 0),
		      last = targets_get(targets, targets_count(targets) - 1);
	assert_string_equal(addr_format(&first.addr, text), "10.1.0.0");
	assert_string_equal(addr_format(&last.addr, text), "2001:db8::ffff:ffff");
	assert_true(addr_parse("10.0.0.1", &first.addr) == 0);
	assert_true(targets_find(targets, &first.addr) == UINT64_MAX);
	assert_true(addr_parse("10.1.0.9", &first.addr) == 0 && targets_find(targets, &first.addr) == 9);
	targets_free(targets);
}

static void bad_words(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"10.0.0.0/33",  "10.0.0.0/",     "10.0.0.0/-1",          "2001:db8::/64", "10.0.0.9-3",
		"10.0.0.1-300", "10.0.0.1-x",    "10.0.0.1-2001:db8::1", "x/24",          "@",
		"10.0.0.1-",    "::-ffff:ffff::"
	};
	struct target_word word;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		error_clear(&err);
		if (target_word_read(bad[i], &word, &err) == 0 || err.status != STATUS_USAGE || !err.hint[0])
			fail_msg("'%s' is taken", bad[i]);
	}
	static const char *const names[] = { "my-host-20", "host.example", "a-1-2" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_true(target_word_read(names[i], &word, &err) == 0 && word.kind == TARGET_NAME);
}

static void files(void **state)
{
	(void)state;
	char path[] = "/tmp/targets-XXXXXX", word[40];
	static const char text[] = "# hosts\n10.0.0.1, 10.0.0.4-5\t10.0.0.9 # last\n\n10.0.0.1\n";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1);
	snprintf(word, sizeof word, "@%s", path);
	expect(word, "10.0.0.5", AF_UNSPEC, "10.0.0.1 10.0.0.4 10.0.0.9");
	assert_true(write(fd, "@other\n", 7) == 7);
	assert_null(read_words(word, "", AF_UNSPEC));
	assert_null(read_words("@/nonexistent/file", "", AF_UNSPEC));
	assert_string_equal(err.code, "ENOENT");
	close(fd);
	unlink(path);
}

static void names_are_looked_up(void **state)
{
	(void)state;
	struct targets *targets = read_words("localhost 10.0.0.1", "", AF_INET);
	assert_non_null(targets);
	struct target target = targets_get(targets, 0);
	assert_true(addr_is_loopback(&target.addr));
	assert_string_equal(target.name, "localhost");
	assert_null(targets_get(targets, 1).name);
	targets_free(targets);
}

static void ports(void **state)
{
	(void)state;
	struct port_set set;
	assert_int_equal(port_set_read("22,80-82,https,80", &set, &err), 0);
	assert_int_equal(set.count, 5);
	assert_int_equal(port_set_next(&set, 0), 22);
	assert_int_equal(port_set_next(&set, 23), 80);
	assert_int_equal(port_set_next(&set, 83), 443);
	assert_int_equal(port_set_next(&set, 444), 0);
	assert_int_equal(port_set_read("all", &set, &err), 0);
	assert_true(set.count == 65535 && !port_set_has(&set, 0) && port_set_next(&set, 65535) == 65535);
	assert_int_equal(port_set_read("-3,65534-", &set, &err), 0);
	assert_int_equal(set.count, 5);
	assert_int_equal(port_set_read("common,1", &set, &err), 0);
	assert_true(set.count > 100 && port_set_has(&set, 1) && port_set_has(&set, 443));
	static const char *const bad[] = { "",
					   "0",
					   "65536",
					   "9-3",
					   "80,",
					   ",80",
					   "nosuchservice",
					   "1-70000",
					   "80-x",
					   "-1-2",
					   "99999999999999999999" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (port_set_read(bad[i], &set, &err) == 0)
			fail_msg("'%s' is taken", bad[i]);
	assert_string_equal(port_service(22, "tcp"), "ssh");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(order_doubles_and_excludes),
		cmocka_unit_test(a_large_list_costs_nothing),
		cmocka_unit_test(bad_words),
		cmocka_unit_test(files),
		cmocka_unit_test(names_are_looked_up),
		cmocka_unit_test(ports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
