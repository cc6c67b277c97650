/* Members, objects, lists and rows: the JSON result, and what the text needs of it. */
#include "base/mem.h"
#include "out/human.h"
#include "out/json.h"
#include "out/render.h"
#include "out/schema.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STAGING_COMMIT = 32 * 1024, ITEMS_KEPT = 500 };

static struct frame *top(struct result *r)
{
	return &r->frames[r->depth - 1];
}

/* The index of the live row's frame, or 0: rows of the outermost list of a live command are lines of their own. */
static bool in_live_row(const struct result *r)
{
	return r->live && r->depth > 2 && r->frames[1].kind == FRAME_LIST;
}

void emit_commit(struct result *r)
{
	struct buf *staging = &r->staging;
	if (!staging->length)
		return;
	bool row = in_live_row(r);
	if (r->json && r->live && !row)
		buf_add(&r->object, staging->bytes, staging->length);
	else if (r->json)
		sink_write(r->sink, staging->bytes, staging->length);
	if (r->keep && !row) {
		buf_add(&r->kept, staging->bytes, staging->length);
		r->kept_lost |= r->kept.overflow;
	}
	buf_clear(staging);
}

static void commit_some(struct result *r)
{
	if (r->staging.length > STAGING_COMMIT)
		emit_commit(r);
}

/* The comma and the name of a member. */
static void begin_member(struct result *r, const char *name)
{
	struct frame *frame = top(r);
	assert(frame->kind != FRAME_LIST && "a list holds rows: open one first");
	if (frame->has_members)
		buf_add_char(&r->staging, ',');
	frame->has_members = true;
	json_add_string(&r->staging, name, strlen(name));
	buf_add_char(&r->staging, ':');
}

void result_put(struct result *r, const char *name, struct value value)
{
	schema_check(r, name, value.kind);
	if (result_wants_members(r)) {
		begin_member(r, name);
		json_add_value(&r->staging, &value);
		commit_some(r);
	}
	if (!r->json)
		slots_add_value(&r->slots, top(r)->object, name, &value);
}

void result_put_list(struct result *r, const char *name, const struct value *values, size_t count)
{
	schema_check(r, name, KIND_NONE);
	if (result_wants_members(r)) {
		begin_member(r, name);
		buf_add_char(&r->staging, '[');
		for (size_t i = 0; i < count; i++) {
			if (i)
				buf_add_char(&r->staging, ',');
			json_add_value(&r->staging, &values[i]);
		}
		buf_add_char(&r->staging, ']');
		commit_some(r);
	}
	if (r->json)
		return;
	/* For templates the list is a text. */
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		buf_add_text(&text, i ? ", " : "");
		if (values[i].kind == KIND_TEXT)
			buf_add(&text, values[i].text.bytes, values[i].text.length);
		else
			human_add(&text, &values[i], r->style.utf8);
	}
	struct value joined = value_text_n(buf_text(&text), text.length);
	slots_add_value(&r->slots, top(r)->object, name, &joined);
	buf_release(&text);
}

static struct frame *push(struct result *r, enum frame_kind kind, const char *name)
{
	assert(r->depth < FRAME_MAX && "too many open objects and lists");
	struct frame *below = top(r), *frame = &r->frames[r->depth++];
	*frame = (struct frame){ .kind = kind,
				 .object = below->object,
				 .mark = slots_mark(&r->slots),
				 .path_length = r->path.length,
				 .after = BUF_INIT(LINE_MAX_BYTES) };
	schema_enter(r, name);
	return frame;
}

void result_open(struct result *r, const char *name)
{
	if (result_wants_members(r)) {
		begin_member(r, name);
		buf_add_char(&r->staging, '{');
	}
	uint32_t parent = top(r)->object;
	struct frame *frame = push(r, FRAME_OBJECT, name);
	if (!r->json)
		frame->object = slots_add_object(&r->slots, parent, name);
}

void result_close(struct result *r)
{
	assert(r->depth > 1 && top(r)->kind == FRAME_OBJECT && "nothing to close");
	if (result_wants_members(r))
		buf_add_char(&r->staging, '}');
	schema_leave(r, top(r)->path_length);
	r->depth--;
	commit_some(r);
}

/* A list that is for JSON only does not part the items around it, nor those that its rows lay out: they share their columns. */
static bool is_shown(const struct table *table)
{
	return table->columns || table->line;
}

void result_list_open(struct result *r, const struct table *table)
{
	bool outermost_live = r->live && r->depth == 1;
	if (result_wants_members(r) && !outermost_live) {
		begin_member(r, table->name);
		buf_add_char(&r->staging, '[');
	}
	if (table->live)
		render_late_notes(r);
	if (!r->json && is_shown(table))
		render_items(r);
	struct frame *frame = push(r, FRAME_LIST, table->name);
	schema_enter(r, "[]");
	frame->table = table;
	frame->is_array = !outermost_live;
	if (!r->json && table->columns)
		frame->view = table_open(r, table);
}

void result_row_open(struct result *r)
{
	assert(top(r)->kind == FRAME_LIST && "a row needs a list");
	struct frame *list = top(r);
	if (in_live_row(r) || (r->live && r->depth == 2)) {
		emit_commit(r);
		buf_add_text(&r->staging, "{\"row\":{");
	} else if (result_wants_members(r)) {
		buf_add_text(&r->staging, list->has_members ? ",{" : "{");
	}
	list->has_members = true;
	struct frame *frame = push(r, FRAME_ROW, NULL);
	frame->captures = list->table->columns || list->table->line;
	if (!r->json)
		frame->object = slots_add_object(&r->slots, UINT32_MAX, "");
}

/* The row's own line, then the lines that were written inside it. */
static void show_row(struct result *r, struct frame *row)
{
	struct frame *list = row - 1;
	const struct table *table = list->table;
	if (list->view) {
		r->depth--;
		table_row(r, list->view, row);
		r->depth++;
	} else if (table->line) {
		buf_clear(&r->scratch);
		template_expand(r, &r->scratch, table->line);
		r->depth--;
		size_t indent = strspn(buf_text(&r->scratch), " ");
		char *text = mem_strdup(buf_text(&r->scratch));
		char *prefix = mem_strndup(text, indent);
		render_wrapped(r, TONE_PLAIN, prefix, indent, text + indent, false);
		free(prefix);
		free(text);
		render_after(r, buf_text(&row->after));
		r->depth++;
	}
}

void result_row_close(struct result *r)
{
	struct frame *row = top(r);
	assert(row->kind == FRAME_ROW && "no row is open");
	bool live_line = r->live && r->depth == 3 && r->frames[1].kind == FRAME_LIST;
	if (live_line)
		buf_add_text(&r->staging, "}}\n");
	else if (result_wants_members(r))
		buf_add_char(&r->staging, '}');
	if (live_line)
		emit_commit(r);
	else
		commit_some(r);
	if (!r->json) {
		if (is_shown((row - 1)->table) || r->item_count > ITEMS_KEPT)
			render_items(r);
		show_row(r, row);
	}
	bool flush = r->live || (row - 1)->table->live;
	buf_release(&row->after);
	schema_leave(r, row->path_length);
	if (!r->json)
		slots_forget(&r->slots, row->mark);
	r->depth--;
	if (flush)
		sink_flush(r->sink);
}

void result_list_close(struct result *r)
{
	struct frame *list = top(r);
	assert(list->kind == FRAME_LIST && "no list is open");
	if (result_wants_members(r) && list->is_array)
		buf_add_char(&r->staging, ']');
	if (!r->json && is_shown(list->table))
		render_items(r);
	struct table_view *view = list->view;
	list->view = NULL;
	if (view)
		table_close(r, view);
	schema_leave(r, list->path_length);
	r->depth--;
	commit_some(r);
}

void result_flush(struct result *r)
{
	sink_flush(r->sink);
}

void result_live(struct result *r)
{
	if (r->live)
		return;
	/* Nothing of the object has left yet: it comes after the rows. */
	r->live = true;
	if (r->json) {
		buf_add(&r->object, r->sink->bytes, r->sink->used);
		r->sink->used = 0;
	}
	emit_commit(r);
}

/* Debug builds check each member; lines need the values by their names. */
static bool is_plain_row(const struct result *r)
{
	const struct frame *list = &r->frames[r->depth - 1];
	return !r->described && !r->live && !(r->keep && !r->kept_lost && !r->json) &&
	       (r->json || (list->view && !list->table->live));
}

void result_row(struct result *r, const struct member *members, size_t count)
{
	struct frame *list = top(r);
	assert(list->kind == FRAME_LIST && "a row needs a list");
	if (!is_plain_row(r)) {
		result_row_open(r);
		for (size_t i = 0; i < count; i++)
			result_put(r, members[i].name, members[i].value);
		result_row_close(r);
	} else if (r->json) {
		buf_add_text(&r->staging, list->has_members ? ",{" : "{");
		for (size_t i = 0; i < count; i++) {
			if (i)
				buf_add_char(&r->staging, ',');
			json_add_string(&r->staging, members[i].name, strlen(members[i].name));
			buf_add_char(&r->staging, ':');
			json_add_value(&r->staging, &members[i].value);
		}
		buf_add_char(&r->staging, '}');
		list->has_members = true;
		commit_some(r);
	} else {
		list->has_members = true;
		table_row_members(r, list->view, members, count);
	}
}
