/* Lines, headlines and items. */
#include "base/mem.h"
#include "base/text.h"
#include "out/render.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM_INDENT = 2, ITEM_LABEL_MIN = 8, HEADLINE_GAP = 3, ROOM_LEAST = 12, WIDOW = 12 };

/* Where a person waits for what comes, a line is shown at once. */
static void line_done(struct result *r)
{
	if (r->tty || r->live)
		sink_flush(r->sink);
}

static const char *expanded(struct result *r, const char *template)
{
	buf_clear(&r->scratch);
	template_expand(r, &r->scratch, template);
	return buf_text(&r->scratch);
}

/* Where the first line of text ends that has right beside it. A single short word is not left alone on the second line. */
static size_t first_break(const char *text, size_t room, size_t *next)
{
	size_t length = render_break(text, room, next), rest = strlen(text + *next);
	if (rest && rest < WIDOW && length > 3 * WIDOW)
		length = render_break(text, text_width(text, length) - (WIDOW - rest), next);
	return length;
}

/* A paragraph with something at the right margin of its first line. prefix takes used columns and is toned already; further lines
 * are indented by indent. */
struct sided {
	const char *prefix, *text, *right;
	size_t used, indent;
	enum tone tone, right_tone;
	bool answer;
};

static void show_sided(struct result *r, const struct sided *s)
{
	size_t page = render_page(r), end = text_width(s->right, strlen(s->right));
	bool apart = end && render_width(r) && s->used + end + 2 + ROOM_LEAST > page;
	if (apart)
		end = 0;
	size_t taken = s->used + (end ? end + 2 : 0);
	size_t room = !render_width(r) ? SIZE_MAX : page > taken + ROOM_LEAST ? page - taken : ROOM_LEAST;
	size_t next, length = first_break(s->text, room, &next);
	char *first = mem_strndup(s->text, length);
	size_t left = s->used + text_width(first, length);
	buf_clear(&r->line);
	buf_add_text(&r->line, s->prefix);
	render_add_toned(r, &r->line, s->tone, first);
	if (end) {
		buf_add_repeat(&r->line, " ", left + end + 2 > page ? 2 : page - left - end);
		render_add_toned(r, &r->line, s->right_tone, s->right);
	}
	free(first);
	render_line(r, buf_text(&r->line), r->line.length, s->answer);
	struct buf blanks = BUF_INIT(LINE_MAX_BYTES);
	buf_add_repeat(&blanks, " ", s->indent);
	if (s->text[next])
		render_wrapped(r, s->tone, buf_text(&blanks), s->indent, s->text + next, s->answer);
	if (apart)
		render_wrapped(r, s->right_tone, buf_text(&blanks), s->indent, s->right, s->answer);
	buf_release(&blanks);
}

void result_line(struct result *r, enum tone tone, const char *template)
{
	if (!render_text(r))
		return;
	render_settle(r);
	char *text = mem_strdup(expanded(r, template));
	size_t indent = strspn(text, " ");
	char *tab = strchr(text, '\t'), *prefix = mem_strndup(text, indent);
	if (tab) {
		*tab = '\0';
		show_sided(
		    r, &(struct sided){ prefix, text + indent, tab + 1, indent, indent, tone, tone, false });
	} else {
		render_wrapped(r, tone, prefix, indent, text + indent, false);
	}
	free(prefix);
	free(text);
	line_done(r);
}

void result_line_verbose(struct result *r, enum tone tone, const char *template)
{
	if (r->style.verbose > 0)
		result_line(r, tone, template);
}

void result_gap(struct result *r)
{
	if (!render_text(r))
		return;
	render_settle(r);
	r->gap_due = true;
}

void result_headline(struct result *r, enum tone tone, const char *badge, const char *sentence,
		     const char *right)
{
	if (!render_text(r))
		return;
	render_settle(r);
	char *what = mem_strdup(expanded(r, sentence));
	char *at_end = mem_strdup(right ? expanded(r, right) : "");
	const char *mark = badge ? expanded(r, badge) : "";
	struct buf toned = BUF_INIT(LINE_MAX_BYTES);
	size_t width = text_width(mark, strlen(mark));
	if (*render_tone(r, TONE_STRONG) && *mark) {
		buf_add_text(&toned, render_tone(r, TONE_STRONG));
		render_add_toned(r, &toned, tone == TONE_PLAIN ? TONE_STRONG : tone, mark);
	} else {
		buf_add_text(&toned, mark);
	}
	/* A badge that leaves no room (it may come from the network) stands on lines of its own. */
	if (render_width(r) && width + HEADLINE_GAP + ROOM_LEAST > render_page(r)) {
		render_wrapped(r, tone, "", 0, mark, true);
		buf_clear(&toned);
		width = 0;
	}
	if (width) {
		buf_add_repeat(&toned, " ", HEADLINE_GAP);
		width += HEADLINE_GAP;
	}
	size_t indent = width <= render_page(r) / 2 ? width : ITEM_INDENT;
	show_sided(r, &(struct sided){ buf_text(&toned), what, at_end, width, indent, TONE_PLAIN, TONE_STRONG,
				       true });
	r->headline_shown = true;
	buf_release(&toned);
	free(what);
	free(at_end);
	line_done(r);
}

void render_add_item(struct result *r, const char *label, enum tone tone, const char *text)
{
	r->items = mem_resize(r->items, r->item_count + 1, sizeof *r->items);
	struct buf name = BUF_INIT(4096);
	text_add_escaped(&name, label, strlen(label), r->style.utf8);
	r->items[r->item_count++] =
	    (struct item){ .label = mem_strdup(buf_text(&name)), .text = mem_strdup(text), .tone = tone };
	buf_release(&name);
}

void result_item(struct result *r, const char *label, enum tone tone, const char *template)
{
	if (!render_text(r))
		return;
	const char *text = expanded(r, template);
	if (*text)
		render_add_item(r, label, tone, text);
}

/* The labels of a run of items share one column. */
void render_items(struct result *r)
{
	size_t count = r->item_count, labels = ITEM_LABEL_MIN;
	struct item *items = r->items;
	r->item_count = 0;
	r->items = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t width = text_width(items[i].label, strlen(items[i].label));
		if (width > labels)
			labels = width;
	}
	size_t page = render_width(r);
	if (page && labels > page / 2)
		labels = page / 2;
	for (size_t i = 0; i < count; i++) {
		struct buf prefix = BUF_INIT(LINE_MAX_BYTES);
		bool again = i && strcmp(items[i].label, items[i - 1].label) == 0;
		const char *label = again ? "" : items[i].label;
		size_t fits, bytes = text_fit(label, strlen(label), labels, &fits);
		buf_add_repeat(&prefix, " ", ITEM_INDENT);
		char *shown = mem_strndup(label, bytes);
		render_add_toned(r, &prefix, TONE_FAINT, shown);
		buf_add_repeat(&prefix, " ", labels - fits + 1);
		render_wrapped(r, items[i].tone, buf_text(&prefix), ITEM_INDENT + labels + 1, items[i].text,
			       false);
		buf_release(&prefix);
		free(shown);
	}
	for (size_t i = 0; i < count; i++) {
		free(items[i].label);
		free(items[i].text);
	}
	free(items);
	if (count)
		line_done(r);
}
