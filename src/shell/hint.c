#include "shell/hint.h"

#include "base/mem.h"
#include "base/text.h"
#include "opt/opt.h"
#include "out/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 512, LABEL_WIDTH_MAX = 30, USAGE_MAX = 1024, INDENT = 2, GAP = 2 };

static size_t hint_width(const char *text)
{
	return text_width(text, strlen(text));
}

/* Adds text, cut with "..." to at most width cells. */
static void hint_cut(struct buf *out, const char *text, size_t width)
{
	size_t length = strlen(text);
	bool fits = text_width(text, length) <= width;
	buf_add(out, text, fits ? length : text_fit(text, length, width > 3 ? width - 3 : 0, NULL));
	buf_add_text(out, fits ? "" : "...");
}

/* What stands in the left column: an option with its value, a place, or the word as it would be inserted. */
static void hint_label(char label[LABEL_MAX], const struct complete *complete,
		       const struct complete_item *item, bool utf8)
{
	char plain[LABEL_MAX];
	const char *text = item->text;
	if (item->option && !item->place)
		text = opt_label(plain, sizeof plain, item->option);
	/* Long paths are told apart by their last word. */
	const char *slash = complete->where != TAIL_WORD || item->option ? NULL : strrchr(item->text, '/');
	if (slash && !slash[1] && slash > item->text) {
		do
			slash--;
		while (slash > item->text && *slash != '/');
	}
	if (slash && slash > item->text && !strstr(item->text, "://"))
		text = *slash == '/' ? slash + 1 : slash;
	out_escape(label, LABEL_MAX, text, strlen(text), utf8);
}

static void hint_row(struct buf *out, const char *label, size_t label_width, const char *note,
		     const struct hint_screen *screen)
{
	size_t width = hint_width(label);
	buf_add_repeat(out, " ", INDENT);
	hint_cut(out, label, screen->columns > INDENT + 1 ? screen->columns - INDENT - 1 : 1);
	size_t used = INDENT + (width > label_width ? width : label_width) + GAP;
	if (note && *note && used + 8 < screen->columns) {
		char clean[USAGE_MAX];
		buf_add_repeat(out, " ", used - INDENT - width);
		buf_add_text(out, screen->color ? "\033[2m" : "");
		hint_cut(out, out_escape(clean, sizeof clean, note, strlen(note), screen->utf8),
			 screen->columns - used - 1);
		buf_add_text(out, screen->color ? "\033[m" : "");
	}
	buf_add_text(out, "\r\n");
}

/* Items of one kind. */
struct hint_set {
	const struct complete *complete;
	const struct complete_item **items;
	size_t count;
};

enum hint_kind { HINT_NOTED = 1, HINT_BARE = 2 };

/* What the user is to think of is not said again once a word was begun that fits. */
static struct hint_set hint_choose(const struct complete *complete, unsigned kinds, bool list)
{
	struct hint_set set = { .complete = complete };
	bool begun = list && complete->partial[0] && complete_choices(complete);
	set.items = mem_alloc((complete->count + 1) * sizeof *set.items);
	for (size_t i = 0; i < complete->count; i++) {
		const struct complete_item *item = &complete->items[i];
		bool noted = item->note && *item->note;
		if (!(item->place && begun) && (kinds & (noted ? HINT_NOTED : HINT_BARE)))
			set.items[set.count++] = item;
	}
	return set;
}

static size_t hint_label_width(const struct hint_set *set, size_t limit, bool utf8)
{
	size_t widest = 0;
	for (size_t i = 0; i < set->count; i++) {
		char label[LABEL_MAX];
		hint_label(label, set->complete, set->items[i], utf8);
		size_t width = hint_width(label);
		if (width > widest && width <= limit)
			widest = width;
	}
	return widest;
}

static void hint_rows(struct buf *out, const struct hint_set *set, const struct hint_screen *screen)
{
	size_t width = hint_label_width(set, LABEL_WIDTH_MAX, screen->utf8);
	for (size_t i = 0; i < set->count; i++) {
		char label[LABEL_MAX];
		hint_label(label, set->complete, set->items[i], screen->utf8);
		hint_row(out, label, width, set->items[i]->note, screen);
	}
}

/* As ls does it: down first, then to the right. At most max_rows of them. */
static void hint_columns(struct buf *out, const struct hint_set *set, const struct hint_screen *screen,
			 size_t max_rows)
{
	size_t cell = hint_label_width(set, SIZE_MAX, screen->utf8) + GAP;
	size_t across = screen->columns > INDENT + cell ? (screen->columns - INDENT - 1) / cell : 1;
	size_t rows = (set->count + across - 1) / across;
	size_t shown = rows < max_rows ? rows : max_rows;
	for (size_t row = 0; row < shown; row++) {
		buf_add_repeat(out, " ", INDENT);
		for (size_t i = row; i < set->count; i += rows) {
			char label[LABEL_MAX];
			hint_label(label, set->complete, set->items[i], screen->utf8);
			hint_cut(out, label, screen->columns - INDENT - 1);
			size_t width = hint_width(label);
			if (i + rows < set->count && width < cell)
				buf_add_repeat(out, " ", cell - width);
		}
		buf_add_text(out, "\r\n");
	}
	if (shown < rows)
		buf_printf(out, "  ... and more: %zu in all, type on to narrow it\r\n", set->count);
}

void hint_list(struct buf *out, const struct complete *complete, const struct hint_screen *screen)
{
	size_t room = screen->rows > 5 ? screen->rows - 4 : 1;
	struct hint_set noted = hint_choose(complete, HINT_NOTED, true);
	struct hint_set bare = hint_choose(complete, HINT_BARE, true);
	if (noted.count + (bare.count > 0) <= room) {
		hint_rows(out, &noted, screen);
		hint_columns(out, &bare, screen, room - noted.count);
	} else {
		struct hint_set all = hint_choose(complete, HINT_NOTED | HINT_BARE, true);
		hint_columns(out, &all, screen, room);
		free(all.items);
	}
	free(noted.items);
	free(bare.items);
}

/* A long usage continues under its first word. */
static void hint_wrap(struct buf *out, const char *text, const struct hint_screen *screen)
{
	size_t used = 0, room = screen->columns > 20 ? screen->columns - 1 : 20;
	while (*text) {
		size_t length = strcspn(text, " ");
		const char *bracket = *text == '[' ? strchr(text, ']') : NULL;
		if (bracket)
			length = (size_t)(bracket - text) + 1 + strcspn(bracket + 1, " ");
		if (used && used + 1 + length > room) {
			buf_add_text(out, "\r\n        ");
			used = 8;
		} else if (used) {
			buf_add_char(out, ' ');
			used++;
		}
		buf_add(out, text, length);
		used += length;
		text += length;
		text += strspn(text, " ");
	}
	buf_add_text(out, "\r\n");
}

void hint_usage(struct buf *out, const struct complete *complete, const struct hint_screen *screen)
{
	char usage[USAGE_MAX];
	if (!complete->name)
		return;
	if (complete->usage)
		hint_wrap(out, complete->usage, screen);
	else
		hint_wrap(out, opt_usage(usage, sizeof usage, complete->name, complete->table), screen);
}

void hint_explain(struct buf *out, const struct complete *complete, const struct hint_screen *screen)
{
	struct hint_set noted = hint_choose(complete, HINT_NOTED, false);
	struct hint_set bare = hint_choose(complete, HINT_BARE, false);
	hint_usage(out, complete, screen);
	hint_rows(out, &noted, screen);
	hint_columns(out, &bare, screen, SIZE_MAX);
	if (!complete->count && !complete->name)
		buf_add_text(out, "  nothing is known here\r\n");
	free(noted.items);
	free(bare.items);
}
