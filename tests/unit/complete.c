/* Completion: what is typed, what is offered. */
#include "shell/complete.h"
#include "base/buf.h"
#include "base/mem.h"
#include "shell/complete_values.h"
#include "shell/tail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A small world: the machine has these. */
static void fake_values(void *arg, enum complete_kind kind, struct complete *out)
{
	(void)arg;
	static const char *const values[][3] = {
		[COMPLETE_INTERFACE] = { "eth0", "eth1", "lo" },
		[COMPLETE_NETNS] = { "blue", "red" },
		[COMPLETE_HOST] = { "gw.example", "www.example" },
		[COMPLETE_URL] = { "http://", "https://", "http://gw.example/" },
		[COMPLETE_SERVICE] = { "http", "https" },
		[COMPLETE_FILE] = { "checks.ntsh", "my folder/", "out.txt" },
		[COMPLETE_PROGRAM] = { "grep", "less" },
	};
	for (size_t i = 0; i < 3 && values[kind][i]; i++)
		complete_add(out, values[kind][i], NULL);
}

static const struct field last_fields[] = {
	{ "loss_percent", KIND_PERCENT, "lost" },
	{ "rtt_ms.p99", KIND_TIME, "worst" },
	{ .path = NULL },
};
static const struct command last_command = { .name = "ping", .fields = last_fields };

static struct vars vars;

static struct complete_world fake_world(void)
{
	return (struct complete_world){
		.vars = &vars, .last = &last_command, .abbreviate = true, .values = fake_values
	};
}

/* The line up to the caret; then all that is offered, places in <>, separated by blanks. "..." at the end: and more. */
static const char *const offered[][2] = {
	{ "ec", "echo" },
	{ "exi", "exit" },
	{ "nosuch", "" },
	{ "echo a; sle", "sleep" },
	{ "echo a && sle", "sleep" },
	{ "echo a || sle", "sleep" },
	{ "echo a\nsle", "sleep" },
	{ "echo 'a;b' ; sle", "sleep" },
	{ "foreach x in a b do sle", "sleep" },
	{ "repeat 3 sle", "sleep" },
	{ "repeat 3 ev", "every" },
	{ "repeat 3 every ", "<DURATION>" },
	{ "repeat 3 every 1s sle", "sleep" },
	{ "watch sle", "sleep" },
	{ "watch 2s sle", "sleep" },
	{ "repeat 2 watch 2s foreach x in a do sle", "sleep" },
	{ "sleep ", "<DURATION>..." },
	{ "sl ", "<DURATION>..." },
	{ "source che", "<FILE> checks.ntsh" },
	{ "source 'my f", "<FILE> my folder/" },
	{ "echo a > o", "out.txt" },
	{ "echo a >> o", "out.txt" },
	{ "echo a >", "checks.ntsh my folder/ out.txt" },
	{ "echo a > out.txt; sle", "sleep" },
	{ "echo a | gr", "grep" },
	{ "echo a | grep o", "out.txt" },
	{ "echo a | grep x; sle", "sleep" },
	{ "!le", "less" },
	{ "! le", "less" },
	{ "!less ch", "checks.ntsh" },
	{ "!less x && sle", "sleep" },
	{ "echo $na", "name" },
	{ "echo ${na", "name" },
	{ "echo \"$na", "name" },
	{ "echo '$na", "<WORD>" },
	{ "expect lo", "loss_percent" },
	{ "expect ", "loss_percent rtt_ms.p99" },
	{ "expect loss_percent < 1 && rtt", "rtt_ms.p99" },
	{ "expect loss_percent < $na", "name" },
	{ "# comment ec", "" },
	{ "echo a # ec", "" },
	{ "sleep 1 --int", "--interface" },
	{ "sleep 1 --interface ", "<IF> eth0 eth1 lo" },
	{ "sleep 1 --interface=e", "<IF> eth0 eth1" },
	{ "sleep 1 --netns ", "<NAME|PID|PATH> blue red" },
	{ "sleep 1 --color=al", "always" },
};

static void offer(struct buf *text, const char *line)
{
	struct complete_world world = fake_world();
	struct complete complete;
	complete_line(&complete, &world, line, strlen(line));
	for (size_t i = 0; i < complete.count; i++)
		buf_printf(text, "%s%s%s%s", i ? " " : "", complete.items[i].place ? "<" : "",
			   complete.items[i].text, complete.items[i].place ? ">" : "");
	complete_release(&complete);
}

static void test_offered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
		struct buf text = BUF_INIT(65536);
		offer(&text, offered[i][0]);
		const char *wanted = offered[i][1];
		size_t length = strlen(wanted);
		bool begins = length > 3 && strcmp(wanted + length - 3, "...") == 0;
		if (begins ? strncmp(buf_text(&text), wanted, length - 3) != 0
			   : strcmp(buf_text(&text), wanted) != 0)
			fail_msg("after \"%s\" came \"%s\", not \"%s\"", offered[i][0], buf_text(&text),
				 wanted);
		buf_release(&text);
	}
}

/* The line; the line after Tab (| where nothing is inserted). */
static const char *const inserted[][2] = {
	{ "ec", "echo " },
	{ "expe", "expect " },
	{ "echo a; sle", "echo a; sleep " },
	{ "source che", "source checks.ntsh " },
	{ "source my", "source my\\ folder/" },
	{ "source 'my", "source 'my folder/" },
	{ "source \"my", "source \"my folder/" },
	{ "source 'che", "source 'checks.ntsh' " },
	{ "source ", NULL },
	{ "echo ${na", "echo ${name" },
	{ "echo x$na", "echo x$name" },
	{ "expect loss", "expect loss_percent " },
	{ "sleep 1 --interface=e", "sleep 1 --interface=eth" },
	{ "sleep 1 --int", "sleep 1 --interface " },
	{ "!less ch", "!less checks.ntsh " },
};

static void test_inserted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof inserted / sizeof *inserted; i++) {
		struct complete_world world = fake_world();
		struct complete complete;
		const char *line = inserted[i][0];
		complete_line(&complete, &world, line, strlen(line));
		char *insert = complete_insert(&complete);
		struct buf text = BUF_INIT(65536);
		if (insert) {
			buf_add(&text, line, complete.start);
			buf_add_text(&text, insert);
		}
		const char *wanted = inserted[i][1] ? inserted[i][1] : "";
		if (strcmp(buf_text(&text), wanted) != 0)
			fail_msg("Tab after \"%s\" made \"%s\", not \"%s\"", line, buf_text(&text), wanted);
		buf_release(&text);
		free(insert);
		complete_release(&complete);
	}
}

static void test_question(void **state)
{
	(void)state;
	static const char *const text[] = { "echo '",   "echo \"a", "http http://x/", "echo $",
					    "echo \\",  "!ls ",     "echo | grep a",  "# what",
					    "http x/y", "echo a?" };
	static const char *const asks[] = { "",          "ec",        "echo ",   "sleep 1 --",
					    "repeat 3 ", "echo a > ", "expect ", "echo $na" };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		if (!complete_question_is_text(text[i], strlen(text[i])))
			fail_msg("? after \"%s\" is text", text[i]);
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
		if (complete_question_is_text(asks[i], strlen(asks[i])))
			fail_msg("? after \"%s\" asks", asks[i]);
}

/* Nothing typed may confuse it: all beginnings of all these lines, and lines of special characters. */
static void test_any_line(void **state)
{
	(void)state;
	static const char specials[] = "a $\"'\\;|&><#!{}\n=-@+/?";
	struct complete_world world = fake_world();
	uint32_t random = 1;
	for (int round = 0; round < 20000; round++) {
		char line[24];
		size_t length = 0;
		for (; length < sizeof line - 1; length++) {
			random = random * 1664525u + 1013904223u;
			line[length] = specials[(random >> 16) % (sizeof specials - 1)];
		}
		line[length] = '\0';
		struct complete complete;
		size_t caret = random % (sizeof line);
		complete_line(&complete, &world, line, caret);
		assert_true(complete.start <= caret);
		free(complete_insert(&complete));
		complete_release(&complete);
		complete_question_is_text(line, caret);
	}
}

static void test_seen(void **state)
{
	(void)state;
	const char *const lines[] = { "ping old.example",
				      "http https://user@web.example:8443/a?b",
				      "dns dig mail.example MX @192.0.2.53",
				      "!curl secret.example",
				      "echo > file.example",
				      "ping [2001:db8::1]:80 notes.txt",
				      "connect db.example:5432" };
	struct history history = { .lines = (char **)lines, .count = sizeof lines / sizeof *lines };
	struct complete out = { .partial = mem_strdup(""), .head = mem_strdup("") };
	complete_seen(&history, false, &out);
	struct buf text = BUF_INIT(4096);
	for (size_t i = 0; i < out.count; i++)
		buf_printf(&text, "%s ", out.items[i].text);
	assert_string_equal(buf_text(&text),
			    "db.example 2001:db8::1 mail.example 192.0.2.53 web.example old.example ");
	buf_release(&text);
	complete_release(&out);
}

int main(void)
{
	vars_set(&vars, "name", "value", NULL);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offered),  cmocka_unit_test(test_inserted),
		cmocka_unit_test(test_question), cmocka_unit_test(test_any_line),
		cmocka_unit_test(test_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
