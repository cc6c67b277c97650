#include "shell/points.h"

#include "base/mem.h"
#include "out/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHERE_MAX = 512, SENT_MAX = 4 * 1024 * 1024 };

int points_begin(struct shell *shell, enum form form, const char *junit, struct error *err)
{
	shell->points = -1;
	if (form == FORM_RESULTS && !junit)
		return 0;
	shell->forms = forms_open(form, junit, shell->style.fd, err);
	if (!shell->forms)
		return -1;
	shell->keep_results = true;
	if (form == FORM_RESULTS)
		return 0;
	/* Standard output is the form's. Who wants to read along does so on standard error. */
	shell->style.fd = shell->settings.verbose ? STDERR_FILENO : open("/dev/null", O_WRONLY | O_CLOEXEC);
	shell->style.json = false;
	return shell->style.fd < 0 ? error_errno(err, errno, NULL, "/dev/null cannot be opened") : 0;
}

bool points_wanted(const struct shell *shell)
{
	return shell->forms != NULL;
}

static void add_text(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "\"%s\":", name);
	json_add_string(out, text, strlen(text));
	buf_add_char(out, ',');
}

/* The tree again as text: what it holds came from JSON. */
static void add_tree(struct buf *out, const struct json *tree)
{
	static const char *const words[] = { "null", "false", "true" };
	switch (tree->kind) {
	case JSON_NUMBER:
		buf_add(out, tree->text, tree->length);
		return;
	case JSON_TEXT:
		json_add_string(out, tree->text, tree->length);
		return;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	default:
		buf_add_text(out, words[tree->kind]);
		return;
	}
	bool object = tree->kind == JSON_OBJECT;
	buf_add_char(out, object ? '{' : '[');
	for (size_t i = 0; i < tree->count; i++) {
		if (i)
			buf_add_char(out, ',');
		if (object) {
			json_add_string(out, tree->items[i].name, strlen(tree->items[i].name));
			buf_add_char(out, ':');
		}
		add_tree(out, &tree->items[i]);
	}
	buf_add_char(out, object ? '}' : ']');
}

static void point_send(int fd, const struct point *point)
{
	struct buf line = BUF_INIT(SENT_MAX);
	buf_add_char(&line, '{');
	add_text(&line, "what", point->what);
	add_text(&line, "where", point->where);
	add_text(&line, "message", point->message ? point->message : "");
	buf_printf(&line, "\"status\":%d,\"elapsed\":%" PRId64 ",\"check\":%s", point->status, point->elapsed,
		   point->check ? "true" : "false");
	if (point->tree) {
		buf_add_text(&line, ",\"tree\":");
		add_tree(&line, point->tree);
	}
	buf_add_text(&line, "}\n");
	if (!line.overflow)
		out_write(fd, line.bytes, line.length); /* or whoever waited for it is gone */
	buf_release(&line);
}

void points_add(struct shell *shell, const struct script *script, size_t offset, const struct point *point)
{
	char where[WHERE_MAX] = "";
	struct point placed = *point;
	if (!points_wanted(shell))
		return;
	placed.where = where;
	if (script && script->origin->name) {
		unsigned line = script->origin->line;
		for (size_t i = 0; offset != NOWHERE && i < offset && i < script->length; i++)
			line += script->text[i] == '\n';
		snprintf(where, sizeof where, "%.400s:%u", script->origin->name, line);
	}
	if (shell->points >= 0)
		point_send(shell->points, &placed);
	else
		forms_point(shell->forms, &placed);
}

int points_end(struct shell *shell, int worst)
{
	struct error error = ERROR_INIT;
	if (!shell->forms)
		return worst;
	int status = forms_close(shell->forms, worst, &error);
	shell->forms = NULL;
	if (error_is_set(&error))
		out_error(&shell->style, NULL, &error);
	return status;
}

/* --- between processes --- */

void points_send_counts(const struct shell *shell)
{
	char line[128];
	int length = snprintf(line, sizeof line,
			      "{\"commands\":%" PRIu64 ",\"checks\":%" PRIu64 ",\"failed\":%" PRIu64 "}\n",
			      shell->commands, shell->checks, shell->failed_checks);
	out_write(shell->points, line, (size_t)length);
}

static const char *text_of(const struct json *line, const char *name)
{
	const struct json *member = json_member(line, name);
	return member && member->kind == JSON_TEXT ? member->text : "";
}

static double number_of(const struct json *line, const char *name)
{
	const struct json *member = json_member(line, name);
	return member && member->kind == JSON_NUMBER ? member->number : 0;
}

static void receive_line(struct shell *shell, const char *bytes, size_t length)
{
	struct json *line = json_read(bytes, length, NULL);
	const struct json *check = json_member(line, "check");
	if (json_member(line, "commands")) {
		shell->commands += (uint64_t)number_of(line, "commands");
		shell->checks += (uint64_t)number_of(line, "checks");
		shell->failed_checks += (uint64_t)number_of(line, "failed");
	} else if (check && points_wanted(shell)) {
		struct point point = { .what = text_of(line, "what"),
				       .where = text_of(line, "where"),
				       .message = text_of(line, "message"),
				       .status = (int)number_of(line, "status"),
				       .elapsed = (ns_t)number_of(line, "elapsed"),
				       .check = check->kind == JSON_TRUE,
				       .tree = json_member(line, "tree") };
		if (shell->points >= 0)
			point_send(shell->points, &point);
		else
			forms_point(shell->forms, &point);
	}
	json_free(line);
}

void points_receive(struct shell *shell, const char *bytes, size_t length)
{
	while (length) {
		const char *end = memchr(bytes, '\n', length);
		size_t line = end ? (size_t)(end - bytes) : length;
		receive_line(shell, bytes, line);
		bytes += line + (end != NULL);
		length -= line + (end != NULL);
	}
}
