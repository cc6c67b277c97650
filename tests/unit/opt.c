/* Option tables: every style, every type, and the sentences for what is wrong. */
#include "opt/opt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const colors[] = { "red", "green", "blue", NULL };
static const char *const types[] = { "A", "AAAA", "MX", NULL };
static const char *const any[] = { "any", NULL };

struct args {
	bool verbose, four, six, tcp;
	int64_t count, bytes, interval, port, bufsize;
	int color, answer;
	struct addr from;
	const char *interface, *host, *url, *type, *name, *cookie;
	struct option_list headers, names, servers, louder;
};

#define AT(member) .offset = offsetof(struct args, member)

static const struct option table[] = {
	{ STYLE_DASH, OPT_FLAG, 'v', "verbose", .help = "more", AT(verbose) },
	{ STYLE_DASH, OPT_FLAG, 'l', "louder", .help = "louder", AT(louder), .flags = OPTION_REPEAT },
	{ STYLE_DASH, OPT_FLAG, '4', "ipv4", .help = "IPv4", AT(four), .excludes = "ipv6" },
	{ STYLE_DASH, OPT_FLAG, '6', "ipv6", .help = "IPv6", AT(six) },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "how many", AT(count), .min = 1, .max = 1000000 },
	{ STYLE_DASH, OPT_BYTES, 's', "size", "BYTES", "payload", AT(bytes) },
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "DURATION", "between", AT(interval), .min = 1000000,
	  .max = 60000000000 },
	{ STYLE_DASH, OPT_PORT, 'p', "port", "PORT", "which", AT(port) },
	{ STYLE_DASH, OPT_WORD, 0, "color", "COLOR", "which", AT(color), .words = colors },
	{ STYLE_DASH, OPT_INTERFACE, 'I', "interface", "IF", "through", AT(interface), .words = any },
	{ STYLE_DASH, OPT_TEXT, 'H', "header", "TEXT", "header", AT(headers), .flags = OPTION_REPEAT },
	{ STYLE_DASH, OPT_URL, 'u', "url", "URL", "url", AT(url) },
	{ STYLE_DASH, OPT_HOST, 0, "gateway", "HOST", "gateway", AT(host) },
	{ STYLE_PLUS, OPT_FLAG, 0, "tcp", .help = "by TCP", AT(tcp) },
	{ STYLE_PLUS, OPT_COUNT, 0, "bufsize", "N", "size", AT(bufsize), .max = 65535 },
	{ STYLE_PLUS, OPT_SWITCH, 0, "answer", .help = "show it", AT(answer) },
	{ STYLE_PLUS, OPT_TEXT, 0, "cookie", "HEX", "cookie", AT(cookie), .flags = OPTION_BARE },
	{ STYLE_AT, OPT_HOST, 0, "server", "SERVER", "ask it", AT(servers), .flags = OPTION_REPEAT },
	{ STYLE_KEYWORD, OPT_ADDRESS, 0, "from", "ADDRESS", "source", AT(from) },
	{ STYLE_OPERAND, OPT_NAME, 0, "name", "NAME", "names", AT(names),
	  .flags = OPTION_REPEAT | OPTION_REQUIRED },
	{ STYLE_OPERAND, OPT_DNS_TYPE, 0, "type", "TYPE", "type", AT(type), .words = types },
	OPTION_END,
};

static struct args got;
static struct opt_store store;
static struct error err;
static bool help;
static int bad_word;

/* Splits words at '|' and parses them. */
static int parse(const char *words)
{
	static char copy[1024];
	const char *argv[64];
	int argc = 0;
	opt_store_release(&store);
	memset(&got, 0, sizeof got);
	got.answer = -1;
	error_clear(&err);
	snprintf(copy, sizeof copy, "%s", words);
	for (char *word = copy, *bar; *words && word; word = bar) {
		bar = strchr(word, '|');
		if (bar)
			*bar++ = '\0';
		argv[argc++] = word;
	}
	return opt_parse(table, &got, argc, argv, &store, &help, &bad_word, &err);
}

static void assert_said(const char *words, const char *message, const char *hint)
{
	assert_int_equal(parse(words), -1);
	assert_int_equal(err.status, STATUS_USAGE);
	assert_string_equal(err.message, message);
	assert_string_equal(err.hint, hint);
}

static void dashes(void **state)
{
	(void)state;
	assert_int_equal(parse("x|-v|-c|5|-i500ms|--size=1.5k|--port|https"), 0);
	assert_true(got.verbose);
	assert_int_equal(got.count, 5);
	assert_int_equal(got.interval, 500000000);
	assert_int_equal(got.bytes, 1536);
	assert_int_equal(got.port, 443);
	assert_int_equal(parse("-vc7|x|--no-verbose"), 0);
	assert_false(got.verbose);
	assert_int_equal(got.count, 7);
	assert_int_equal(parse("-c0x10|x|-lll"), 0);
	assert_int_equal(got.count, 16);
	assert_int_equal(got.louder.count, 3);
	assert_int_equal(parse("-i|2|x"), 0);
	assert_int_equal(got.interval, 2000000000);
	assert_int_equal(parse("--color|GREEN|x|-H|a: b|-H|-v"), 0);
	assert_int_equal(got.color, 1);
	assert_int_equal(got.headers.count, 2);
	assert_string_equal(got.headers.items[1], "-v");
	assert_false(got.verbose);
}

/* Switches tell "not given" from "no"; bare texts "given" from "with a value". */
static void switches(void **state)
{
	(void)state;
	assert_int_equal(parse("x"), 0);
	assert_int_equal(got.answer, -1);
	assert_null(got.cookie);
	assert_int_equal(parse("x|+answer|+cookie"), 0);
	assert_int_equal(got.answer, 1);
	assert_string_equal(got.cookie, "");
	assert_int_equal(parse("x|+noanswer|+cookie=00ff"), 0);
	assert_int_equal(got.answer, 0);
	assert_string_equal(got.cookie, "00ff");
	assert_int_equal(parse("x|+cookie=00ff|+nocookie"), 0);
	assert_null(got.cookie);
	assert_int_equal(parse("x|+answer=1"), -1);
}

static void other_styles(void **state)
{
	(void)state;
	assert_int_equal(
	    parse("+tcp|+bufsize=1232|@192.0.2.1|@ns.example|www.example|from|192.0.2.9|mx|other.example"),
	    0);
	assert_true(got.tcp);
	assert_int_equal(got.bufsize, 1232);
	assert_int_equal(got.servers.count, 2);
	assert_string_equal(got.servers.items[1], "ns.example");
	assert_int_equal(got.from.bytes[3], 9);
	assert_int_equal(got.names.count, 2);
	assert_string_equal(got.names.items[1], "other.example");
	assert_string_equal(got.type, "mx");
	assert_int_equal(parse("+tcp|+notcp|x|TYPE65"), 0);
	assert_false(got.tcp);
	assert_string_equal(got.type, "TYPE65");
	assert_int_equal(parse("--|-v|+tcp|from"), 0);
	assert_int_equal(got.names.count, 3);
	assert_false(got.verbose);
}

static void many_in_a_list(void **state)
{
	(void)state;
	assert_int_equal(parse("n1|b|c|d|e|f|g|h|i|j|k"), 0);
	assert_int_equal(got.names.count, 11);
	assert_string_equal(got.names.items[0], "n1");
	assert_string_equal(got.names.items[10], "k");
}

static void what_is_wrong(void **state)
{
	(void)state;
	assert_said("x|-p|70000", "port 70000 is out of range", "a port is 1 to 65535");
	assert_said("x|-p|0", "port 0 is out of range", "a port is 1 to 65535");
	assert_said("x|-c|0", "-c 0 is out of range", "N is 1 to 1000000");
	assert_said("x|--count=99999999999999999999", "--count 99999999999999999999 is out of range",
		    "N is 1 to 1000000");
	assert_said("x|-i|2h", "-i 2h is out of range", "DURATION is 1ms to 1m");
	assert_said("x|-i|fast", "-i: 'fast' is not a duration", "write 500ms, 2s or 1m (1ms to 1m)");
	assert_said("x|-c|many", "-c: 'many' is not a number", "N is 1 to 1000000");
	assert_said("x|--cout|3", "unknown option --cout", "did you mean --count?");
	assert_said("x|--gate|3", "unknown option --gate", "did you mean --gateway?");
	assert_said("x|-z", "unknown option -z", "see --help");
	assert_said("x|-vz", "unknown option -z in -vz", "see --help");
	assert_said("x|+tpc", "unknown option +tpc", "did you mean +tcp?");
	assert_said("x|-c", "-c wants a value: N", "how many");
	assert_said("x|--verbose=1", "--verbose takes no value", "");
	assert_said("x|-4|-6", "-4 and -6 exclude each other", "give one of them");
	assert_said("-v", "NAME is missing", "NAME: names (see --help)");
	assert_said("x|--color|gren", "--color: unknown word 'gren'", "one of red, green, blue");
	assert_said("x|from|300.1.1.1", "from: '300.1.1.1' is not an address",
		    "write 192.0.2.1, 2001:db8::1 or fe80::1%eth0");
	assert_said("x|-u|/etc/passwd", "-u: '/etc/passwd' is not a URL but a file",
		    "write http://HOST/PATH or https://HOST/PATH");
	assert_said("x|-u|http://a b/", "-u: 'http://a b/' is not a URL: it holds a blank",
		    "write %20 for a blank, and quote the URL");
	assert_said("x|--gateway|https://a.example/x",
		    "--gateway: 'https://a.example/x' is not a host but a URL",
		    "this takes the host alone: a.example");
	assert_said("x|--gateway|10.0.0.256", "--gateway: '10.0.0.256' is not an address",
		    "an IPv4 address is four numbers of 0 to 255");
	assert_said("a..b", "NAME: 'a..b' is not a DNS name", "labels have 1 to 63 characters, a name 253");
}

static void where_it_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(parse("x|-v|-p|70000"), -1);
	assert_int_equal(bad_word, 3);
	assert_int_equal(parse("x|--nothing"), -1);
	assert_int_equal(bad_word, 1);
}

static void interfaces_exist(void **state)
{
	(void)state;
	assert_int_equal(parse("x|-I|lo"), 0);
	assert_int_equal(parse("x|-I|any"), 0);
	assert_int_equal(parse("x|-I|nosuch0"), -1);
	assert_string_equal(err.message, "-I: there is no interface 'nosuch0'");
	assert_non_null(strstr(err.hint, "here are"));
	assert_non_null(strstr(err.hint, " lo"));
}

static void help_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(parse("-h"), 0);
	assert_true(help);
	assert_int_equal(parse("x|--help"), 0);
	assert_true(help);
	assert_int_equal(parse("x"), 0);
	assert_false(help);
}

static void leading_options(void **state)
{
	(void)state;
	static const char *const argv[] = { "-v", "-c", "3", "ping", "-c", "9" };
	int used = 0;
	memset(&got, 0, sizeof got);
	opt_store_release(&store);
	assert_int_equal(opt_parse_leading(table, &got, 6, argv, &store, &used, &help, &err), 0);
	assert_int_equal(used, 3);
	assert_int_equal(got.count, 3);
	assert_int_equal(opt_parse_leading(table, &got, 3, argv, &store, &used, &help, &err), 0);
	assert_int_equal(used, 3);
}

/* The options before the command are understood behind it as well: long names and digits, not letters. */
static void common_options(void **state)
{
	(void)state;
	struct settings {
		bool json, quiet, four;
	} settings = { 0 };
	static const struct option globals[] = {
		{ STYLE_DASH, OPT_FLAG, 'j', "json", .help = "JSON",
		  .offset = offsetof(struct settings, json) },
		{ STYLE_DASH, OPT_FLAG, 'q', "quiet", .help = "quiet",
		  .offset = offsetof(struct settings, quiet) },
		{ STYLE_DASH, OPT_FLAG, '4', "ipv4", .help = "IPv4",
		  .offset = offsetof(struct settings, four) },
		OPTION_END,
	};
	static const struct option own[] = {
		{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "how many", AT(count) },
		{ STYLE_OPERAND, OPT_TEXT, 0, "host", "HOST", "host", AT(host) },
		OPTION_END,
	};
	static const char *const argv[] = { "x", "--json", "-4", "-c", "2" }, *const letters[] = { "x",
												   "-j" };
	const struct opt_common common = { globals, &settings };
	opt_store_release(&store);
	assert_int_equal(opt_parse_with(own, &got, &common, 5, argv, &store, &help, &bad_word, &err), 0);
	assert_true(settings.json && settings.four && !settings.quiet);
	assert_int_equal(got.count, 2);
	assert_int_equal(opt_parse_with(own, &got, &common, 2, letters, &store, &help, &bad_word, &err), -1);
}

static void usage_and_labels(void **state)
{
	(void)state;
	char buf[512];
	static const struct option small[] = {
		{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "how many", AT(count) },
		{ STYLE_PLUS, OPT_COUNT, 0, "bufsize", "N", "size", AT(bufsize) },
		{ STYLE_AT, OPT_HOST, 0, "server", "SERVER", "ask", AT(servers), .flags = OPTION_REPEAT },
		{ STYLE_KEYWORD, OPT_ADDRESS, 0, "from", "ADDRESS", "source", AT(from) },
		{ STYLE_OPERAND, OPT_HOST, 0, "host", "HOST", "host", AT(host), .flags = OPTION_REQUIRED },
		{ STYLE_DASH, OPT_FLAG, 0, "hidden", .help = "hidden", AT(tcp), .flags = OPTION_HIDDEN },
		OPTION_END,
	};
	assert_string_equal(opt_usage(buf, sizeof buf, "x", small),
			    "x HOST [-c N] [+bufsize=N] [@SERVER...] [from ADDRESS]");
	assert_string_equal(opt_label(buf, sizeof buf, &small[0]), "-c, --count N");
	assert_string_equal(opt_label(buf, sizeof buf, &small[1]), "+bufsize=N");
	assert_string_equal(opt_label(buf, sizeof buf, &small[2]), "@SERVER");
	assert_string_equal(opt_label(buf, sizeof buf, &small[3]), "from ADDRESS");
}

static void collect(const struct opt_candidate *candidate, void *arg)
{
	char *text = arg;
	size_t used = strlen(text);
	snprintf(text + used, 512 - used, "%s ",
		 candidate->word ? candidate->word : candidate->option->metavar);
}

static const char *complete(int argc, const char *const *argv)
{
	static char text[512];
	text[0] = '\0';
	opt_complete(table, argc, argv, collect, text);
	return text;
}

static void completion(void **state)
{
	(void)state;
	assert_string_equal(complete(2, (const char *[]){ "--color", "" }), "red green blue ");
	assert_string_equal(complete(2, (const char *[]){ "-I", "e" }), "any IF ");
	assert_string_equal(complete(1, (const char *[]){ "--color=g" }),
			    "--color=red --color=green --color=blue ");
	assert_string_equal(complete(1, (const char *[]){ "+" }), "+tcp +bufsize= +answer +cookie ");
	assert_string_equal(complete(1, (const char *[]){ "@" }), "SERVER ");
	assert_non_null(strstr(complete(1, (const char *[]){ "--c" }), "--count "));
	assert_non_null(strstr(complete(1, (const char *[]){ "w" }), "NAME "));
}

static void near_words(void **state)
{
	(void)state;
	static const char *const words[] = { "ping", "traceroute", "tls", "http", NULL };
	assert_string_equal(opt_nearest("pign", words), "ping");
	assert_string_equal(opt_nearest("trace", words), "traceroute");
	assert_string_equal(opt_nearest("htttp", words), "http");
	assert_null(opt_nearest("zzz", words));
}

static void table_defects(void **state)
{
	(void)state;
	assert_null(opt_table_defect(table, sizeof(struct args)));
	const struct option twice[] = {
		{ STYLE_DASH, OPT_FLAG, 'a', "one", .help = "x" },
		{ STYLE_DASH, OPT_FLAG, 'a', "two", .help = "x" },
		OPTION_END,
	};
	assert_non_null(opt_table_defect(twice, sizeof(struct args)));
	const struct option upside[] = {
		{ STYLE_DASH, OPT_COUNT, 'a', "one", "N", "x", 0, 5, 1, NULL, 0, NULL }, OPTION_END
	};
	assert_non_null(opt_table_defect(upside, sizeof(struct args)));
	const struct option outside[] = {
		{ STYLE_DASH, OPT_COUNT, 'a', "one", "N", "x", 4, 0, 0, NULL, 0, NULL }, OPTION_END
	};
	assert_non_null(opt_table_defect(outside, 8));
	const struct option stranger[] = {
		{ STYLE_DASH, OPT_FLAG, 'a', "one", NULL, "x", 0, 0, 0, NULL, 0, "two" }, OPTION_END
	};
	assert_non_null(opt_table_defect(stranger, 8));
}

static int release(void **state)
{
	(void)state;
	opt_store_release(&store);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dashes),
		cmocka_unit_test(other_styles),
		cmocka_unit_test(many_in_a_list),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(where_it_is_wrong),
		cmocka_unit_test(interfaces_exist),
		cmocka_unit_test(help_is_asked_for),
		cmocka_unit_test(leading_options),
		cmocka_unit_test(common_options),
		cmocka_unit_test(usage_and_labels),
		cmocka_unit_test(switches),
		cmocka_unit_test(completion),
		cmocka_unit_test(near_words),
		cmocka_unit_test(table_defects),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
