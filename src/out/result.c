/* The life of a result: envelope, notes, end. */
#include "base/mem.h"
#include "base/text.h"
#include "ntsh/command.h"
#include "out/json.h"
#include "out/render.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAGING_MAX = 1 << 30, OBJECT_MAX = 64 * 1024 * 1024, NOTES_MAX = 1024 * 1024, NOTE_MAX = 4096 };

static void add_string(struct buf *out, const char *text)
{
	json_add_string(out, text, strlen(text));
}

static void begin_json(struct result *r, int argc, const char *const *argv)
{
	struct buf *out = &r->staging;
	char started[CLOCK_TEXT_MAX];
	buf_add_text(out, "{\"command\":");
	add_string(out, r->command);
	buf_add_text(out, ",\"argv\":[");
	for (int i = 0; i < argc; i++) {
		if (i)
			buf_add_char(out, ',');
		add_string(out, argv[i]);
	}
	buf_printf(out, "],\"started\":\"%s\",\"result\":{", clock_format_rfc3339(clock_real(), started));
}

static const struct command *described(const char *name)
{
#ifndef NDEBUG
	for (const struct command *const *at = command_registry; *at; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
#endif
	(void)name;
	return NULL;
}

struct result *result_new(const struct out_style *style, const char *command, int argc,
			  const char *const *argv)
{
	struct result *r = NEW(struct result);
	r->style = *style;
	r->json = style->json;
	r->tty = isatty(style->fd);
	if (style->color == OUT_COLOR_AUTO)
		r->style.color = r->tty ? OUT_COLOR_ALWAYS : OUT_COLOR_NEVER;
	r->command = mem_strdup(command);
	r->described = described(command);
	r->begun = clock_mono();
	/* Not zeroed: its pages cost nothing until they are written. */
	r->sink = mem_resize(NULL, 1, sizeof *r->sink);
	r->sink->fd = style->fd;
	r->sink->error = 0;
	r->sink->used = 0;
	r->staging = (struct buf)BUF_INIT(STAGING_MAX);
	r->object = (struct buf)BUF_INIT(OBJECT_MAX);
	r->kept = (struct buf)BUF_INIT(KEPT_MAX);
	r->notes = (struct buf)BUF_INIT(NOTES_MAX);
	r->path = (struct buf)BUF_INIT(65536);
	r->line = (struct buf)BUF_INIT(LINE_MAX_BYTES);
	r->scratch = (struct buf)BUF_INIT(LINE_MAX_BYTES);
	r->last = (struct buf)BUF_INIT(LINE_MAX_BYTES);
	slots_init(&r->slots);
	r->frames[r->depth++] = (struct frame){ .kind = FRAME_OBJECT };
	begin_json(r, argc, argv);
	return r;
}

void result_keep_json(struct result *r)
{
	r->keep = true;
}

const char *result_json(const struct result *r, size_t *length)
{
	if (!r->keep || r->kept_lost)
		return NULL;
	*length = r->kept.length;
	return buf_text(&r->kept);
}

void result_note(struct result *r, const char *format, ...)
{
	char text[NOTE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (r->notes.length)
		buf_add_char(&r->notes, ',');
	add_string(&r->notes, text);
	if (r->json || r->style.quiet)
		return;
	r->late_notes = mem_resize(r->late_notes, r->late_note_count + 1, sizeof *r->late_notes);
	r->late_notes[r->late_note_count++] = mem_strdup(text);
	bool live = r->live;
	for (unsigned i = 0; i < r->depth; i++)
		live |= r->frames[i].kind == FRAME_LIST && r->frames[i].table->live;
	if (live)
		render_late_notes(r);
}

void render_late_notes(struct result *r)
{
	size_t count = r->late_note_count;
	r->late_note_count = 0;
	if (!count || r->json)
		return;
	render_settle(r);
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_INIT(65536);
		text_add_escaped(&text, r->late_notes[i], strlen(r->late_notes[i]), r->style.utf8);
		render_wrapped(r, TONE_FAINT, "  note     ", 11, buf_text(&text), false);
		buf_release(&text);
		free(r->late_notes[i]);
	}
}

bool result_broken(const struct result *r)
{
	return r->sink->error != 0;
}

bool result_is_json(const struct result *r)
{
	return r->json;
}

bool result_is_utf8(const struct result *r)
{
	return r->json || r->style.utf8;
}

bool result_wants_members(const struct result *r)
{
	return r->json || (r->keep && !r->kept_lost);
}

/* Closes what a failure or an interruption left open. */
static void close_all(struct result *r)
{
	while (r->depth > 1) {
		switch (r->frames[r->depth - 1].kind) {
		case FRAME_ROW:
			result_row_close(r);
			break;
		case FRAME_LIST:
			result_list_close(r);
			break;
		case FRAME_OBJECT:
			result_close(r);
			break;
		}
	}
}

static void end_json(struct result *r, enum status status, const struct error *err)
{
	struct buf *out = &r->staging;
	buf_add_text(out, "},\"notes\":[");
	buf_add(out, buf_text(&r->notes), r->notes.length);
	buf_add_text(out, "],\"elapsed_ms\":");
	json_add_ms(out, clock_mono() - r->begun);
	buf_printf(out, ",\"status\":%d,\"error\":", (int)status);
	if (err && error_is_set(err)) {
		buf_add_text(out, "{\"code\":");
		add_string(out, err->code);
		buf_add_text(out, ",\"message\":");
		add_string(out, err->message);
		buf_add_text(out, ",\"hint\":");
		if (err->hint[0])
			add_string(out, err->hint);
		else
			buf_add_text(out, "null");
		buf_add_text(out, "}}\n");
	} else {
		buf_add_text(out, "null}\n");
	}
	emit_commit(r);
	if (r->json && r->live)
		sink_write(r->sink, buf_text(&r->object), r->object.length);
}

static void end_text(struct result *r)
{
	result_bars_close(r);
	render_settle(r);
	render_late_notes(r);
	if (r->style.quiet && !r->headline_shown && r->last.length)
		render_line(r, buf_text(&r->last), r->last.length, true);
}

enum status result_finish(struct result *r, enum status status, struct error *err)
{
	close_all(r);
	if (r->json || r->keep)
		end_json(r, status, err);
	if (!r->json)
		end_text(r);
	progress_clear(r);
	sink_flush(r->sink);
	if (!r->sink->error)
		return status;
	if (r->sink->error != EPIPE && err)
		error_errno(err, r->sink->error, NULL, "the output cannot be written");
	return STATUS_CANNOT;
}

void result_free(struct result *r)
{
	if (!r)
		return;
	buf_release(&r->staging);
	buf_release(&r->object);
	buf_release(&r->kept);
	buf_release(&r->notes);
	buf_release(&r->path);
	buf_release(&r->line);
	buf_release(&r->scratch);
	buf_release(&r->last);
	slots_release(&r->slots);
	free(r->late_notes);
	free(r->items);
	free(r->bars);
	free(r->sink);
	free(r->command);
	free(r);
}
