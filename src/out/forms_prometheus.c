/* Prometheus text exposition, format 0.0.4. Names follow its conventions (seconds, ratios), so they differ from the JSON's in their unit. */
#include "out/forms_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 320 };

struct sample {
	struct prometheus *prometheus;
	const char *command; /* "dns dig" */
	const char *argv;
};

void prometheus_begin(struct prometheus *prometheus)
{
	*prometheus = (struct prometheus){ .text = BUF_INIT(FORM_TEXT_MAX) };
}

static void add_label(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buf_add_char(out, '\\');
		if (*value == '\n')
			buf_add_text(out, "\\n");
		else
			buf_add_char(out, *value);
	}
	buf_add_char(out, '"');
}

/* "rtt_ms.p99" of ping: ntsh_ping_rtt_p99_seconds, and what to divide by. */
static double name_format(char name[NAME_BYTES], const char *command, const char *path)
{
	static const struct {
		const char *ours, *theirs;
		double divisor;
	} units[] = { { "_ms", "_seconds", 1000 },
		      { "_percent", "_ratio", 100 },
		      { "_bps", "_bits_per_second", 1 } };
	char stem[NAME_BYTES];
	const char *unit = "";
	double divisor = 1;
	snprintf(stem, sizeof stem, "%s.", path);
	for (size_t i = 0; i < sizeof units / sizeof *units && !*unit; i++) {
		char *at = strstr(stem, units[i].ours);
		size_t length = strlen(units[i].ours);
		if (!at || at[length] != '.')
			continue;
		memmove(at, at + length, strlen(at + length) + 1);
		unit = units[i].theirs;
		divisor = units[i].divisor;
	}
	stem[strlen(stem) - 1] = '\0';
	snprintf(name, NAME_BYTES, "ntsh%s%s_%.200s%s", *command ? "_" : "", command, stem, unit);
	for (char *p = name; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9')))
			*p = '_';
	return divisor;
}

static void add_sample(const struct sample *sample, const char *path, double number, const char *more)
{
	char name[NAME_BYTES];
	double divisor = name_format(name, sample->command, path);
	struct buf line = BUF_INIT(64 * 1024);
	buf_printf(&line, "%s{", name);
	add_label(&line, "argv", sample->argv);
	buf_printf(&line, "%s} %.15g", more, number / divisor);
	if (!line.overflow && sample->prometheus->text.length + line.length + 1 < FORM_TEXT_MAX) {
		buf_add(&sample->prometheus->text, line.bytes, line.length + 1);
		sample->prometheus->count++;
	}
	buf_release(&line);
}

static void on_number(const char *path, double number, void *arg)
{
	add_sample(arg, path, number, "");
}

static void add_verdict(const struct sample *sample, const struct json *verdict)
{
	const struct json *class_ = json_member(verdict, "class"), *cause = json_member(verdict, "cause");
	struct buf more = BUF_INIT(1024);
	if (!class_ || !cause || class_->kind != JSON_TEXT || cause->kind != JSON_TEXT)
		return;
	buf_add_char(&more, ',');
	add_label(&more, "class", class_->text);
	buf_add_char(&more, ',');
	add_label(&more, "cause", cause->text);
	add_sample(sample, "verdict.info", 1, buf_text(&more));
	buf_release(&more);
}

void prometheus_point(struct prometheus *prometheus, const struct point *point)
{
	const struct json *command = json_member(point->tree, "command");
	bool named = command && command->kind == JSON_TEXT;
	struct sample all = { prometheus, "", point->what };
	struct sample own = { prometheus, named ? command->text : "", point->what };
	if (point->check) {
		add_sample(&all, "check_passed", point->status == STATUS_OK, "");
		return;
	}
	add_sample(&all, "status", point->status, "");
	add_sample(&all, "elapsed_ms", (double)point->elapsed / NS_PER_MS, "");
	if (!named)
		return;
	point_numbers(point, on_number, &own);
	add_verdict(&own, json_member(json_member(point->tree, "result"), "verdict"));
}

/* --- the end --- */

struct line {
	const char *text;
	size_t name, labels; /* where the labels, and where the value begins */
	size_t index;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	size_t shorter = x->labels < y->labels ? x->labels : y->labels;
	int order = memcmp(x->text, y->text, shorter);
	if (!order)
		order = (x->labels > y->labels) - (x->labels < y->labels);
	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static bool same_series(const struct line *x, const struct line *y)
{
	return x->labels == y->labels && !memcmp(x->text, y->text, x->labels);
}

void prometheus_end(struct prometheus *prometheus, int fd)
{
	struct line *lines = mem_alloc((prometheus->count + 1) * sizeof *lines);
	struct buf out = BUF_INIT(2 * FORM_TEXT_MAX);
	const char *at = prometheus->text.bytes;
	for (size_t i = 0; i < prometheus->count; i++, at += strlen(at) + 1)
		lines[i] = (struct line){ at, strcspn(at, "{"), (size_t)(strrchr(at, ' ') - at), i };
	qsort(lines, prometheus->count, sizeof *lines, compare_lines);
	const struct line *before = NULL;
	for (size_t i = 0; i < prometheus->count; i++) {
		const struct line *line = &lines[i];
		/* A series has one value: the newest. */
		if (i + 1 < prometheus->count && same_series(line, line + 1))
			continue;
		if (!before || before->name != line->name ||
		    memcmp(before->text, line->text, line->name) != 0)
			buf_printf(&out, "# TYPE %.*s gauge\n", (int)line->name, line->text);
		buf_printf(&out, "%s\n", line->text);
		before = line;
	}
	out_write(fd, out.bytes, out.length);
	buf_release(&out);
	buf_release(&prometheus->text);
	free(lines);
}
