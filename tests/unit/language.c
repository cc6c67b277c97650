/* The language of a line: words, variables, the tree, unfinished lines, the caret. */
#include "base/buf.h"
#include "shell/expand.h"
#include "shell/lex.h"
#include "shell/parse.h"
#include "shell/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- words --- */

static const char *variable(const char *name, void *arg)
{
	(void)arg;
	if (!strcmp(name, "host"))
		return "gw.example";
	if (!strcmp(name, "hosts"))
		return " a  b\tc ";
	if (!strcmp(name, "empty"))
		return "";
	if (!strcmp(name, "?"))
		return "3";
	return !strcmp(name, "1") ? "one two" : NULL;
}

/* All words of text, expanded, with | between; "!" and the message after an error. */
static void expanded(const char *text, char *out, size_t size, size_t *place)
{
	static const char *const argv[] = { "file", "one two", "" };
	struct expand_env env = { .get = variable, .argc = 3, .argv = argv };
	struct lexer lexer = { text, strlen(text), 0 };
	struct words words = { 0 };
	struct error err = ERROR_INIT;
	struct token token;
	struct buf buf = BUF_INIT(4096);
	for (;;) {
		if (lex_next(&lexer, &token, &err)) {
			*place = token.at.begin;
			break;
		}
		if (token.kind != TOKEN_WORD)
			break;
		if (expand_word(text, token.at, &env, &words, place, &err))
			break;
	}
	for (int i = 0; i < words.count; i++)
		buf_printf(&buf, "%s%s", i ? "|" : "", words.items[i]);
	if (error_is_set(&err))
		buf_printf(&buf, "!%s", err.message);
	snprintf(out, size, "%s", buf_text(&buf));
	words_release(&words);
	buf_release(&buf);
}

static void words(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "" },
		{ "  ping   -c 3 host ", "ping|-c|3|host" },
		{ "a 'b c' \"d e\" f\\ g", "a|b c|d e|f g" },
		{ "a'b'\"c\"d", "abcd" },
		{ "'' \"\" x", "||x" },
		{ "a # b", "a" },
		{ "a#b http://x/#c", "a#b|http://x/#c" },
		{ "http://h/?a=1&b=2", "http://h/?a=1&b=2" },
		{ "$host ${host}x '$host' \"$host\"", "gw.example|gw.examplex|$host|gw.example" },
		{ "$hosts", "a|b|c" },
		{ "\"$hosts\"", " a  b\tc " },
		{ "x$hosts", "x|a|b|c" },
		{ "$empty \"$empty\"", "" },
		{ "$? $1 \"$1\"", "3|one|two|one two" },
		{ "\"$@\"", "one two|" },
		{ "x$@y", "xone two|y" },
		{ "$ a$ $% \"$\" \\$host", "$|a$|$%|$|$host" },
		{ "\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d" },
		{ "a\\\nb c\\\n d", "ab|c|d" },
		{ "'a\nb'", "a\nb" },
		{ "filter[type=A] {x} *? ~ a=b", "filter[type=A]|{x}|*?|~|a=b" },
		{ "\xc3\xa4 'z\xff'", "\xc3\xa4|z\xff" },
		{ "a $hsot", "a!$hsot is not set" },
		{ "a ${host", "a!this is no variable" },
		{ "a ${}", "a!this is no variable" },
		{ "a 'b", "a!this quote is not closed" },
		{ "a \"b\\\"", "a!this quote is not closed" },
		{ "a \\", "a!nothing follows the backslash" },
		{ "a < b", "a!commands read no input from files" },
		{ "a &", "a!there are no background jobs" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[4096];
		size_t place = 0;
		expanded(rows[i].text, out, sizeof out, &place);
		if (strcmp(out, rows[i].words))
			fail_msg("%s: got <%s>, not <%s>", rows[i].text, out, rows[i].words);
		if (strchr(rows[i].words, '!') && place != 2)
			fail_msg("%s: place %zu", rows[i].text, place);
	}
}

/* --- the tree --- */

static void draw(struct buf *buf, const char *text, const struct node *node)
{
	static const char *const kinds[] = { "", "!", "expect", "repeat", "watch", "foreach" };
	static const char *const joins[] = { "; ", " && ", " || " };
	for (bool first = true; node; node = node->next, first = false) {
		buf_add_text(buf, first ? "" : joins[node->join]);
		buf_printf(buf, "%s(", kinds[node->kind]);
		for (size_t i = 0; i < node->count; i++)
			buf_printf(buf, "%s%.*s", i ? "," : "",
				   (int)(node->words[i].end - node->words[i].begin),
				   text + node->words[i].begin);
		buf_printf(buf, "%.*s", (int)(node->text.end - node->text.begin), text + node->text.begin);
		if (node->body) {
			buf_add_text(buf, node->count ? ": " : "");
			draw(buf, text, node->body);
		}
		if (node->has_pipe)
			buf_printf(buf, " | %.*s", (int)(node->pipe.end - node->pipe.begin),
				   text + node->pipe.begin);
		if (node->has_file)
			buf_printf(buf, " %s %.*s", node->append ? ">>" : ">",
				   (int)(node->file.end - node->file.begin), text + node->file.begin);
		buf_add_char(buf, ')');
	}
}

static void parsed(const char *text, char *out, size_t size, size_t *place)
{
	struct buf buf = BUF_INIT(4096);
	struct error err = ERROR_INIT;
	struct node *line;
	if (parse_line(text, strlen(text), keyword_exact, NULL, &line, place, &err))
		buf_printf(&buf, "!%s", err.message);
	else
		draw(&buf, text, line);
	snprintf(out, size, "%s", buf_text(&buf));
	parse_free(line);
	buf_release(&buf);
}

static void trees(void **state)
{
	(void)state;
	static const struct {
		const char *text, *tree;
	} rows[] = {
		{ "", "" },
		{ " ;; \n # x\n", "" },
		{ "ping a", "(ping,a)" },
		{ "a; b\nc;", "(a); (b); (c)" },
		{ "a && b || c; d", "(a) && (b) || (c); (d)" },
		{ "a &&\n\n b", "(a) && (b)" },
		{ "ss|grep x | wc -l && echo y", "(ss | grep x | wc -l) && (echo,y)" },
		{ "ss | grep 'a;b' # c", "(ss | grep 'a;b')" },
		{ "a | (b; c && d # e) | f; g", "(a | (b; c && d # e) | f); (g)" },
		{ "ss |\n less", "(ss | less)" },
		{ "ss > f", "(ss > f)" },
		{ "ss -t>>f -a", "(ss,-t,-a >> f)" },
		{ "!ls -l > x; b", "!(ls -l > x); (b)" },
		{ "! a | b && c", "!(a | b) && (c)" },
		{ "expect a < 1 && b == 2 || c; d", "expect(a < 1 && b == 2 || c); (d)" },
		{ "expect a > 1 # x", "expect(a > 1)" },
		{ "expect -h", "(expect,-h)" },
		{ "'expect' x", "('expect',x)" },
		{ "repeat 3 ping a", "repeat(3: (ping,a))" },
		{ "repeat $n every 1s ping a | cat > x", "repeat($n,1s: (ping,a | cat > x))" },
		{ "repeat 3 every 1s ping a > x", "repeat(3,1s: (ping,a) > x)" },
		{ "repeat 2 expect a == 1; b", "repeat(2: expect(a == 1)); (b)" },
		{ "repeat 2 !date", "repeat(2: !(date))" },
		{ "repeat --help", "(repeat,--help)" },
		{ "watch ss", "watch((ss))" },
		{ "watch 500ms ss -t", "watch(500ms: (ss,-t))" },
		{ "foreach h in a b $c do ping $h && x", "foreach(h,a,b,$c: (ping,$h)) && (x)" },
		{ "foreach h in do ping", "foreach(h: (ping))" },
		{ "foreach a in 1 do foreach b in 2 do echo $a$b",
		  "foreach(a,1: foreach(b,2: (echo,$a$b)))" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[4096];
		size_t place;
		parsed(rows[i].text, out, sizeof out, &place);
		if (strcmp(out, rows[i].tree))
			fail_msg("%s: got <%s>, not <%s>", rows[i].text, out, rows[i].tree);
	}
}

static void syntax_errors(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
		size_t place;
	} rows[] = {
		{ "a &&", "a command is missing", 4 },
		{ "&& a", "a command is missing", 0 },
		{ "a || ; b", "a command is missing", 5 },
		{ "| b", "a command is missing", 0 },
		{ "a | ", "a program's name is missing", 2 },
		{ "a | ; b", "a program's name is missing", 2 },
		{ "a >", "a file's name is missing", 3 },
		{ "a > b > c", "into a file already", 6 },
		{ "a > b | c", "into a file already", 6 },
		{ "!", "a program's name is missing", 1 },
		{ "expect", "an expression is missing", 6 },
		{ "repeat", "the number of times is missing", 6 },
		{ "repeat 3", "a command is missing", 8 },
		{ "repeat 3 every", "a duration is missing", 14 },
		{ "watch 2s", "a command is missing", 8 },
		{ "foreach", "the variable's name is missing", 7 },
		{ "foreach x a b do c", "\"in\" is missing", 10 },
		{ "foreach x in a b", "\"do\" is missing", 16 },
		{ "foreach x in a do", "a command is missing", 17 },
		{ "a 'b", "not closed", 2 },
		{ "a | b 'c", "not closed", 6 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[4096];
		size_t place;
		parsed(rows[i].text, out, sizeof out, &place);
		if (out[0] != '!' || !strstr(out, rows[i].says) || place != rows[i].place)
			fail_msg("%s: at %zu: %s", rows[i].text, place, out);
	}
}

static void nested_deep(void **state)
{
	(void)state;
	struct buf buf = BUF_INIT(1 << 20);
	buf_add_repeat(&buf, "repeat 1 ", 10000);
	buf_add_text(&buf, "a");
	char out[4096];
	size_t place;
	parsed(buf_text(&buf), out, sizeof out, &place);
	assert_non_null(strstr(out, "too deep"));
	buf_clear(&buf);
	buf_add_repeat(&buf, "a;", 100000);
	parsed(buf_text(&buf), out, sizeof out, &place);
	assert_int_equal(out[0], '(');
	buf_release(&buf);
}

/* --- unfinished lines --- */

static void unfinished(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool open;
	} rows[] = {
		{ "", false },      { "a", false },        { "a 'b", true },        { "a 'b'", false },
		{ "a \"b'", true }, { "a \"b\\\"", true }, { "a \\", true },        { "a \\\\", false },
		{ "a &&", true },   { "a && ", true },     { "a && # x", true },    { "a && b", false },
		{ "a ||", true },   { "a |", true },       { "a | b", false },      { "a # 'b", false },
		{ "a#'b", true },   { "a &", false },      { "a && b &&\n", true }, { "'a\nb", true },
		{ "'\\'", false },  { "a > b", false },    { "# &&", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lex_scan scan = { 0 };
		lex_scan(&scan, rows[i].text, strlen(rows[i].text));
		if (lex_scan_open(&scan) != rows[i].open)
			fail_msg("<%s>", rows[i].text);
		/* byte by byte it is the same */
		scan = (struct lex_scan){ 0 };
		for (const char *c = rows[i].text; *c; c++)
			lex_scan(&scan, c, 1);
		assert_int_equal(lex_scan_open(&scan), rows[i].open);
	}
}

static void binary(void **state)
{
	(void)state;
	assert_int_equal(lex_binary("a\tb\r\n\xff", 6), 6);
	assert_int_equal(lex_binary("a\0b", 3), 1);
	assert_int_equal(lex_binary("a\rb", 3), 1);
	assert_int_equal(lex_binary("\x7f"
				    "ELF",
				    4),
			 0);
	assert_int_equal(lex_binary("ab\x1b[0m", 6), 2);
}

/* --- the caret --- */

static void caret(void **state)
{
	(void)state;
	struct buf buf = BUF_INIT(4096);
	report_excerpt(&buf, "ping -c x", 9, 8, 72, true);
	assert_string_equal(buf_text(&buf), "  ping -c x\n          ^\n");
	buf_clear(&buf);
	report_excerpt(&buf, "a\nb\xc3\xa4 'c\nd", 10, 6, 72, true);
	assert_string_equal(buf_text(&buf), "  b\xc3\xa4 'c\n     ^\n");
	buf_clear(&buf);
	report_excerpt(&buf, "ab", 2, 2, 72, true);
	assert_string_equal(buf_text(&buf), "  ab\n    ^\n");
	buf_clear(&buf);
	report_excerpt(&buf, "x\x1b[2J y", 7, 6, 72, true);
	assert_string_equal(buf_text(&buf), "  x\\e[2J y\n         ^\n");
	buf_clear(&buf);
	char text[1000];
	memset(text, 'a', sizeof text);
	text[500] = 'X';
	report_excerpt(&buf, text, sizeof text, 500, 30, true);
	assert_string_equal(buf_text(&buf),
			    "  ...aaaaaaaaaaaaaaaaaaaaXaaaaaaaaa...\n                         ^\n");
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),       cmocka_unit_test(trees),      cmocka_unit_test(syntax_errors),
		cmocka_unit_test(nested_deep), cmocka_unit_test(unfinished), cmocka_unit_test(binary),
		cmocka_unit_test(caret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
