/* Text from outside through everything that shows it: escapes, JSON strings, templates, tables and the pages' Markdown. Nothing that a
 * terminal would act upon may come out, JSON must be plain UTF-8 on one line, and no line may be wider than asked. */
#include "base/text.h"
#include "out/json.h"
#include "out/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WIDTH = 40, SHOWN_MAX = 1 << 18 };

static void check(bool good)
{
	if (!good)
		abort();
}

/* Valid UTF-8 without anything unsafe but newlines. */
static void check_shown(const char *bytes, size_t length, bool ascii)
{
	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t taken = text_decode(bytes + at, length - at, &code);
		check(taken && (code == '\n' || !text_is_unsafe(code)) && (!ascii || code < 0x7f));
		at += taken;
	}
}

static void check_escape(const char *bytes, size_t size)
{
	char buf[64];
	for (int utf8 = 0; utf8 < 2; utf8++) {
		out_escape(buf, sizeof buf, bytes, size, utf8);
		check_shown(buf, strnlen(buf, sizeof buf), !utf8);
	}
}

static void check_json(const char *bytes, size_t size)
{
	struct buf out = BUF_INIT(SHOWN_MAX);
	json_add_string(&out, bytes, size);
	check_shown(buf_text(&out), out.length, false);
	check(out.length >= 2 && out.bytes[out.length - 1] == '"');
	for (size_t i = 1; i + 1 < out.length; i++) {
		check(out.bytes[i] != '"' && out.bytes[i] != '\n');
		i += out.bytes[i] == '\\';
	}
	buf_release(&out);
}

static void put_all(struct result *r, const char *bytes, size_t size)
{
	static const struct column columns[] = { { .name = "a", .heading = "A" },
						 { .name = "b", .heading = "B", .flexible = true } };
	static const struct table rows = { .name = "rows", .columns = columns, .column_count = 2 };
	char text[256];
	size_t length = size < sizeof text - 1 ? size : sizeof text - 1;
	for (size_t i = 0; i < length; i++)
		text[i] = bytes[i] ? bytes[i] : ' ';
	text[length] = '\0';
	result_put(r, "text", value_text_n(bytes, size));
	result_headline(r, TONE_GOOD, "{text}", "{text}", "end");
	result_line(r, TONE_PLAIN, "  {text?<{text}>}\tright");
	result_item(r, text, TONE_PLAIN, "{text}");
	result_note(r, "%s", text);
	result_list_open(r, &rows);
	for (int i = 0; i < 3; i++) {
		result_row_open(r);
		result_put(r, "a", value_count((uint64_t)i));
		result_put(r, "b", value_text_n(bytes, size));
		result_row_close(r);
	}
	result_list_close(r);
	result_prose(r, bytes, size);
	result_verbatim(r, bytes, size < WIDTH / 10 ? size : WIDTH / 10);
}

static void check_screen(const char *bytes, size_t size, bool utf8)
{
	int fd = memfd_create("screen", 0);
	struct out_style style = { .fd = fd, .utf8 = utf8, .width = WIDTH, .color = OUT_COLOR_NEVER };
	struct result *r = result_new(&style, "fuzz", 0, NULL);
	put_all(r, bytes, size);
	result_finish(r, STATUS_OK, NULL);
	result_free(r);
	char *shown = malloc(SHOWN_MAX);
	ssize_t got = shown ? pread(fd, shown, SHOWN_MAX, 0) : -1;
	check(got >= 0);
	check_shown(shown, (size_t)got, !utf8);
	for (char *line = shown, *end = shown + got; line < end;) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		check(newline);
		if (text_width(line, (size_t)(newline - line)) > WIDTH)
			fprintf(stderr, "too wide: %.*s\n", (int)(newline - line), line);
		check(text_width(line, (size_t)(newline - line)) <= WIDTH);
		line = newline + 1;
	}
	free(shown);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	check_escape((const char *)data, size);
	check_json((const char *)data, size);
	check_screen((const char *)data, size, true);
	check_screen((const char *)data, size, false);
	return 0;
}
