/* Lines, headlines and items. */
#include "base/mem.h"
#include "base/text.h"
#include "out/render.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM_INDENT = 2, ITEM_LABEL_MIN = 8, HEADLINE_GAP = 3 };

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

/* "left \t right": right ends at the page's margin. */
static void split_line(struct result *r, enum tone tone, char *text, char *tab)
{
	*tab = '\0';
	const char *right = tab + 1;
	size_t used = text_width(text, strlen(text)), end = text_width(right, strlen(right)),
	       page = render_page(r);
	size_t width = render_width(r);
	if (width && used + 2 + end > width) {
		render_wrapped(r, tone, "", strspn(text, " "), text, false);
		render_wrapped(r, tone, "  ", 2, right, false);
		return;
	}
	buf_clear(&r->line);
	struct buf whole = BUF_INIT(LINE_MAX_BYTES);
	buf_add_text(&whole, text);
	buf_add_repeat(&whole, " ", used + end + 2 > page ? 2 : page - used - end);
	buf_add_text(&whole, right);
	render_add_toned(r, &r->line, tone, buf_text(&whole));
	buf_release(&whole);
	render_line(r, buf_text(&r->line), r->line.length, false);
}

void result_line(struct result *r, enum tone tone, const char *template)
{
	if (!render_text(r))
		return;
	render_settle(r);
	char *text = mem_strdup(expanded(r, template));
	size_t indent = strspn(text, " ");
	char *tab = strchr(text, '\t');
	if (tab) {
		split_line(r, tone, text, tab);
	} else {
		char *prefix = mem_strndup(text, indent);
		render_wrapped(r, tone, prefix, indent, text + indent, false);
		free(prefix);
	}
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

/* The first line of a headline leaves room for what stands at the right. */
static void headline_lines(struct result *r, const char *badge_toned, size_t badge_width,
			   const char *sentence, const char *right)
{
	size_t page = render_page(r), width = render_width(r);
	size_t indent = badge_width ? badge_width + HEADLINE_GAP : 0, end = text_width(right, strlen(right));
	if (indent > page / 2)
		indent = 2;
	size_t room = page > indent + end + 12 ? page - indent - (end ? end + 2 : 0) : page - indent;
	size_t next, length = render_break(sentence, width ? room : SIZE_MAX, &next);
	size_t used = text_width(sentence, length);
	buf_clear(&r->line);
	buf_add_text(&r->line, badge_toned);
	if (badge_width)
		buf_add_repeat(&r->line, " ", indent > badge_width ? indent - badge_width : HEADLINE_GAP);
	buf_add(&r->line, sentence, length);
	size_t left = (badge_width ? badge_width + HEADLINE_GAP : 0) + used;
	if (end) {
		buf_add_repeat(&r->line, " ", left + end + 2 > page ? 2 : page - left - end);
		render_add_toned(r, &r->line, TONE_STRONG, right);
	}
	render_line(r, buf_text(&r->line), r->line.length, true);
	if (sentence[next]) {
		char blanks[PAGE_MAX];
		snprintf(blanks, sizeof blanks, "%*s", (int)indent, "");
		render_wrapped(r, TONE_PLAIN, blanks, indent, sentence + next, true);
	}
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
	headline_lines(r, buf_text(&toned), width, what, at_end);
	r->headline_shown = true;
	buf_release(&toned);
	free(what);
	free(at_end);
	line_done(r);
}

void result_item(struct result *r, const char *label, enum tone tone, const char *template)
{
	if (!render_text(r))
		return;
	r->items = mem_resize(r->items, r->item_count + 1, sizeof *r->items);
	struct buf name = BUF_INIT(4096);
	text_add_escaped(&name, label, strlen(label), r->style.utf8);
	r->items[r->item_count++] = (struct item){ .label = mem_strdup(buf_text(&name)),
						   .text = mem_strdup(expanded(r, template)),
						   .tone = tone };
	buf_release(&name);
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
