/* Tables: the first rows wait until the widths of the columns have settled, the others are written when they end. */
#include "base/mem.h"
#include "base/text.h"
#include "out/human.h"
#include "out/render.h"

#include <stdlib.h>
#include <string.h>

enum { SETTLE_ROWS = 100, COLUMN_GAP = 2, COLUMN_LEAST = 6, CELLS_MAX = 16 * 1024 * 1024 };

static const ns_t SETTLE_TIME = 100 * NS_PER_MS;

/* A cell's text lies in the view's buffer. */
struct cell {
	size_t start, length, width;
};

struct waiting_row {
	size_t first_cell;
	char *after; /* lines that belong under it, or NULL */
};

/* A column's last cell: in long tables most columns say the same row after row. length 0: none kept. */
struct repeated {
	enum value_kind kind;
	int64_t integer;
	size_t text_length, length, width;
	char text[24], shown[24];
};

struct table_view {
	struct repeated *repeated; /* by column */
	const struct table *table;
	const struct column **columns; /* those that are shown */
	size_t *widths, *hints;
	size_t count;
	bool settled;
	ns_t begun;
	struct buf bytes;
	struct cell *cells;
	size_t cell_count, cell_capacity;
	struct waiting_row *rows;
	size_t row_count;
};

struct table_view *table_open(struct result *r, const struct table *table)
{
	struct table_view *view = NEW(struct table_view);
	view->table = table;
	view->bytes = (struct buf)BUF_INIT(CELLS_MAX);
	view->columns = mem_alloc(table->column_count * sizeof *view->columns);
	view->widths = mem_alloc(table->column_count * sizeof *view->widths);
	view->hints = mem_alloc(table->column_count * sizeof *view->hints);
	view->repeated = mem_alloc(table->column_count * sizeof *view->repeated);
	for (size_t i = 0; i < table->column_count; i++)
		if (!table->columns[i].verbose || r->style.verbose > 0)
			view->columns[view->count++] = &table->columns[i];
	return view;
}

static const char *heading_of(const struct column *column)
{
	return column->heading ? column->heading : "";
}

/* What a column wants: room for the rows to come, for its heading, for the rows that are known. */
struct wish {
	size_t cells, heading, reserved;
};

static struct wish column_wish(const struct table_view *view, size_t c)
{
	struct wish wish = { .reserved = view->columns[c]->min_width };
	const char *heading = heading_of(view->columns[c]);
	if (!view->table->no_heading)
		wish.heading = text_width(heading, strlen(heading));
	for (size_t i = 0; i < view->row_count; i++) {
		size_t cell = view->cells[view->rows[i].first_cell + c].width;
		if (cell > wish.cells)
			wish.cells = cell;
	}
	return wish;
}

/* Narrows a column to least, but not by more than what is missing. */
static void narrow(struct table_view *view, size_t c, size_t least, size_t *missing)
{
	size_t spare = view->widths[c] > least ? view->widths[c] - least : 0;
	size_t cut = spare < *missing ? spare : *missing;
	view->widths[c] -= cut;
	*missing -= cut;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* What is given up first: reserved room, then the flexible column, then headings, then the widest cells. */
static void fit_into(struct table_view *view, size_t width)
{
	size_t total = view->count ? (view->count - 1) * COLUMN_GAP : 0;
	for (size_t c = 0; c < view->count; c++)
		total += view->widths[c];
	size_t missing = total > width ? total - width : 0;
	for (unsigned stage = 0; stage < 3; stage++) {
		for (size_t c = view->count; missing && c-- > 0;) {
			struct wish wish = column_wish(view, c);
			if (stage == 0)
				narrow(view, c, larger(wish.cells, wish.heading), &missing);
			else if (stage == 1 && view->columns[c]->flexible)
				narrow(view, c, 2 * COLUMN_LEAST, &missing);
			else if (stage == 2 && !view->columns[c]->flexible)
				narrow(view, c, larger(wish.cells, COLUMN_LEAST), &missing);
		}
	}
	while (missing) {
		size_t widest = 0;
		for (size_t c = 1; c < view->count; c++)
			if (view->widths[c] > view->widths[widest])
				widest = c;
		if (view->widths[widest] <= COLUMN_LEAST)
			return;
		view->widths[widest]--;
		missing--;
	}
}

static void settle_widths(struct result *r, struct table_view *view)
{
	for (size_t c = 0; c < view->count; c++) {
		struct wish wish = column_wish(view, c);
		view->widths[c] = larger(larger(wish.cells, wish.heading), wish.reserved);
	}
	size_t width = render_width(r);
	if (width && !(view->count && view->columns[view->count - 1]->align == ALIGN_WHOLE))
		fit_into(view, width);
}

/* Adds text to the line, aligned in room columns. The last column is not filled up. */
static void add_aligned(struct result *r, struct buf *line, const struct table_view *view, size_t c,
			size_t room, const char *text, size_t length, size_t width)
{
	size_t limit = render_width(r) && view->columns[c]->align != ALIGN_WHOLE ? room : SIZE_MAX;
	bool cut = width > limit;
	if (cut) {
		length = text_fit(text, length, limit > 0 ? limit - 1 : 0, &width);
		width++;
	}
	size_t pad = room > width ? room - width : 0;
	if (view->columns[c]->align == ALIGN_RIGHT && pad)
		buf_add_repeat(line, " ", pad);
	buf_add(line, text, length);
	if (cut)
		buf_add_text(line, r->style.utf8 ? "\xe2\x80\xa6" : "~");
	if (c + 1 == view->count)
		return;
	buf_add_repeat(line, " ", (view->columns[c]->align == ALIGN_LEFT ? pad : 0) + COLUMN_GAP);
}

static void trim_end(struct buf *line)
{
	while (line->length && line->bytes[line->length - 1] == ' ')
		line->bytes[--line->length] = '\0';
}

static void show_heading(struct result *r, struct table_view *view)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	for (size_t c = 0; c < view->count; c++) {
		const char *heading = heading_of(view->columns[c]);
		add_aligned(r, &line, view, c, view->widths[c], heading, strlen(heading),
			    text_width(heading, strlen(heading)));
	}
	trim_end(&line);
	buf_clear(&r->line);
	render_add_toned(r, &r->line, TONE_FAINT, buf_text(&line));
	buf_release(&line);
	render_line(r, buf_text(&r->line), r->line.length, false);
}

/* How much the columns behind c of this row can give away: blanks, and the end of the flexible one. */
static size_t slack_behind(const struct table_view *view, const struct cell *cells, size_t c)
{
	size_t slack = 0;
	for (size_t i = c + 1; i < view->count; i++) {
		size_t keep = view->columns[i]->flexible && cells[i].width > COLUMN_LEAST ? COLUMN_LEAST
											  : cells[i].width;
		slack += view->widths[i] > keep ? view->widths[i] - keep : 0;
	}
	return slack;
}

/* The usual row: no cell is cut or borrows, so that its bytes are just copied, with blanks between them. Returns false when that is not so. */
static bool show_row_fitting(struct result *r, struct table_view *view, const struct cell *cells)
{
	bool limited = render_width(r) > 0;
	size_t most = 0;
	for (size_t c = 0; c < view->count; c++) {
		if (cells[c].width > view->widths[c] && (limited || c + 1 < view->count))
			return false;
		most += cells[c].length + view->widths[c] + COLUMN_GAP;
	}
	buf_clear(&r->line);
	char *line = buf_room(&r->line, most), *out = line;
	if (!line)
		return false;
	size_t columns = view->count;
	while (columns && !cells[columns - 1].length)
		columns--;
	for (size_t c = 0; c < columns; c++) {
		size_t pad = cells[c].width < view->widths[c] ? view->widths[c] - cells[c].width : 0;
		bool right = view->columns[c]->align == ALIGN_RIGHT;
		memset(out, ' ', right ? pad : 0);
		out = mempcpy(out + (right ? pad : 0), view->bytes.bytes + cells[c].start, cells[c].length);
		if (c + 1 == columns)
			break;
		pad = (right ? 0 : pad) + COLUMN_GAP;
		memset(out, ' ', pad);
		out += pad;
	}
	while (out > line && out[-1] == ' ')
		out--;
	render_line(r, line, (size_t)(out - line), false);
	return true;
}

/* A cell that is wider than its column (it came after the widths had settled) borrows from those behind it. */
static void show_row(struct result *r, struct table_view *view, const struct cell *cells)
{
	size_t debt = 0;
	if (view->bytes.bytes && show_row_fitting(r, view, cells))
		return;
	buf_clear(&r->line);
	for (size_t c = 0; c < view->count; c++) {
		const struct cell *cell = &cells[c];
		size_t room = view->widths[c], keep = view->columns[c]->flexible ? COLUMN_LEAST : cell->width;
		if (cell->width > room && !view->columns[c]->flexible) {
			size_t missing = cell->width - room, slack = slack_behind(view, cells, c);
			slack = slack > debt ? slack - debt : 0;
			debt += missing < slack ? missing : slack;
			room += missing < slack ? missing : slack;
		} else if (debt && room > keep) {
			size_t back = debt < room - keep ? debt : room - keep;
			debt -= back;
			room -= back;
		}
		add_aligned(r, &r->line, view, c, room, buf_text(&view->bytes) + cell->start, cell->length,
			    cell->width);
	}
	trim_end(&r->line);
	render_line(r, buf_text(&r->line), r->line.length, false);
}

void table_settle(struct result *r, struct table_view *view)
{
	if (view->settled || !view->row_count)
		return;
	view->settled = true;
	settle_widths(r, view);
	if (!view->table->no_heading)
		show_heading(r, view);
	for (size_t i = 0; i < view->row_count; i++) {
		show_row(r, view, view->cells + view->rows[i].first_cell);
		if (view->rows[i].after)
			render_after(r, view->rows[i].after);
		free(view->rows[i].after);
	}
	view->row_count = view->cell_count = 0;
	buf_clear(&view->bytes);
}

static size_t plain_length(const struct value *value)
{
	size_t at = 0;
	while (at < value->text.length && value->text.bytes[at] >= 0x20 && value->text.bytes[at] < 0x7f)
		at++;
	return at;
}

static void add_cell_value(struct result *r, struct table_view *view, const struct value *value)
{
	struct cell *cell = &view->cells[view->cell_count++];
	cell->start = view->bytes.length;
	if (value->kind == KIND_TEXT && plain_length(value) == value->text.length) {
		buf_add(&view->bytes, value->text.bytes, value->text.length);
		cell->width = cell->length = view->bytes.length - cell->start;
		return;
	}
	human_add(&view->bytes, value, r->style.utf8);
	cell->length = view->bytes.length - cell->start;
	cell->width = human_is_ascii(value) ? cell->length
					    : text_width(buf_text(&view->bytes) + cell->start, cell->length);
}

static void add_cell(struct result *r, struct table_view *view, size_t c, uint32_t object)
{
	const char *name = view->columns[c]->name;
	struct value value = value_none();
	if (!slots_at(&r->slots, object + view->hints[c], object, name, &value)) {
		size_t index = slots_index(&r->slots, object, name, strlen(name));
		if (index != SIZE_MAX) {
			view->hints[c] = index - object;
			slots_at(&r->slots, index, object, name, &value);
		} else {
			slots_find(&r->slots, object, name, strlen(name), &value);
		}
	}
	add_cell_value(r, view, &value);
}

/* Only kinds that are told by few bytes. */
static bool is_repeated(const struct repeated *last, const struct value *value)
{
	if (value->kind != last->kind)
		return false;
	switch (value->kind) {
	case KIND_NONE:
		return true;
	case KIND_INTEGER:
		return value->integer == last->integer;
	case KIND_TEXT:
		return value->text.length == last->text_length &&
		       memcmp(value->text.bytes, last->text, last->text_length) == 0;
	default:
		return false;
	}
}

static void repeat_keep(const struct table_view *view, struct repeated *last, const struct value *value)
{
	const struct cell *cell = &view->cells[view->cell_count - 1];
	last->length = 0;
	if (cell->length > sizeof last->shown || !view->bytes.bytes ||
	    (value->kind == KIND_TEXT && value->text.length > sizeof last->text))
		return;
	last->kind = value->kind;
	last->integer = value->kind == KIND_INTEGER ? value->integer : 0;
	if (value->kind == KIND_TEXT) {
		last->text_length = value->text.length;
		memcpy(last->text, value->text.bytes, value->text.length);
	}
	last->length = cell->length;
	last->width = cell->width;
	memcpy(last->shown, view->bytes.bytes + cell->start, cell->length);
}

static void add_cell_member(struct result *r, struct table_view *view, size_t c, const struct member *members,
			    size_t count)
{
	static const struct value none = { .kind = KIND_NONE };
	const char *name = view->columns[c]->name;
	size_t at = view->hints[c];
	if (at >= count || (members[at].name != name && strcmp(members[at].name, name) != 0))
		for (at = 0; at < count && strcmp(members[at].name, name) != 0; at++)
			continue;
	view->hints[c] = at;
	const struct value *value = at < count ? &members[at].value : &none;
	struct repeated *last = &view->repeated[c];
	if (last->length && is_repeated(last, value)) {
		struct cell *cell = &view->cells[view->cell_count++];
		*cell = (struct cell){ view->bytes.length, last->length, last->width };
		buf_add(&view->bytes, last->shown, last->length);
		return;
	}
	add_cell_value(r, view, value);
	repeat_keep(view, last, value);
}

/* Room for one more row; returns where its cells begin. */
static size_t row_begin(struct table_view *view)
{
	if (view->cell_count + view->count > view->cell_capacity) {
		view->cell_capacity = 2 * view->cell_capacity + view->count;
		view->cells = mem_resize(view->cells, view->cell_capacity, sizeof *view->cells);
	}
	return view->cell_count;
}

/* The cells are there: they are shown, or wait. */
static void row_end(struct result *r, struct table_view *view, size_t first, const char *after)
{
	if (view->settled) {
		show_row(r, view, view->cells + first);
		render_after(r, after);
		view->cell_count = 0;
		buf_clear(&view->bytes);
		return;
	}
	if (!view->row_count)
		view->begun = clock_mono();
	if (!view->rows)
		view->rows = mem_alloc(SETTLE_ROWS * sizeof *view->rows);
	view->rows[view->row_count++] = (struct waiting_row){ first, *after ? mem_strdup(after) : NULL };
	if (view->table->live || r->live || view->row_count == SETTLE_ROWS ||
	    view->bytes.length > CELLS_MAX / 2 || clock_mono() - view->begun > SETTLE_TIME)
		table_settle(r, view);
}

void table_row(struct result *r, struct table_view *view, struct frame *row)
{
	size_t first = row_begin(view);
	for (size_t c = 0; c < view->count; c++)
		add_cell(r, view, c, row->object);
	row_end(r, view, first, buf_text(&row->after));
}

void table_row_members(struct result *r, struct table_view *view, const struct member *members, size_t count)
{
	size_t first = row_begin(view);
	for (size_t c = 0; c < view->count; c++)
		add_cell_member(r, view, c, members, count);
	row_end(r, view, first, "");
}

void table_settle_late(struct result *r, struct table_view *view)
{
	if (!view->settled && view->row_count && clock_mono() - view->begun > SETTLE_TIME)
		table_settle(r, view);
}

void table_close(struct result *r, struct table_view *view)
{
	table_settle(r, view);
	free(view->columns);
	free(view->widths);
	free(view->hints);
	free(view->repeated);
	free(view->cells);
	free(view->rows);
	buf_release(&view->bytes);
	free(view);
}
