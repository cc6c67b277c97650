/* Bar charts and sparklines. */
#include "base/mem.h"
#include "base/text.h"
#include "out/human.h"
#include "out/render.h"

#include <stdlib.h>
#include <string.h>

enum { BAR_INDENT = 2, BAR_LEAST = 10, BAR_MOST = 60, SPARK_MOST = 60, SPARK_MARGIN = 8 };

void result_bars_open(struct result *r, const char *total_name)
{
	if (!render_text(r))
		return;
	struct value total;
	render_settle(r);
	r->bars_open = true;
	r->bar_total = template_value(r, total_name, strlen(total_name), &total) ? human_amount(&total) : 0;
}

static char *expand_copy(struct result *r, const char *template)
{
	buf_clear(&r->scratch);
	template_expand(r, &r->scratch, template);
	return mem_strdup(buf_text(&r->scratch));
}

void result_bar(struct result *r, const char *label, const char *value_name, const char *offset_name,
		const char *note)
{
	if (!render_text(r))
		return;
	struct value value = value_none(), offset = value_none();
	template_value(r, value_name, strlen(value_name), &value);
	if (offset_name)
		template_value(r, offset_name, strlen(offset_name), &offset);
	buf_clear(&r->scratch);
	human_add(&r->scratch, &value, r->style.utf8);
	r->bars = mem_resize(r->bars, r->bar_count + 1, sizeof *r->bars);
	struct bar *bar = &r->bars[r->bar_count++];
	*bar = (struct bar){ .value = mem_strdup(buf_text(&r->scratch)),
			     .amount = human_amount(&value),
			     .offset = human_amount(&offset) };
	bar->label = expand_copy(r, label);
	bar->note = note ? expand_copy(r, note) : mem_strdup("");
}

/* How many columns a bar of the whole total may have, so that every bar with its note fits into room. */
static size_t bar_scale(const struct result *r, size_t room)
{
	double scale = BAR_MOST < room ? BAR_MOST : (double)room;
	for (size_t i = 0; i < r->bar_count; i++) {
		const struct bar *bar = &r->bars[i];
		double part =
		    r->bar_total > 0 && bar->amount > 0 ? (bar->amount + bar->offset) / r->bar_total : 0;
		size_t note = *bar->note ? text_width(bar->note, strlen(bar->note)) + 2 : 0;
		if (part <= 0 || note + BAR_LEAST > room)
			continue;
		double fits = (double)(room - note) / part;
		if (fits < scale)
			scale = fits;
	}
	return scale < BAR_LEAST ? BAR_LEAST : (size_t)scale;
}

/* Adds the bar; returns the columns it takes. What is not nothing shows at least its thinnest mark. */
static size_t bar_draw(const struct result *r, struct buf *line, const struct bar *bar, size_t scale)
{
	static const char *const eighths[] = { "",
					       "\xe2\x96\x8f",
					       "\xe2\x96\x8e",
					       "\xe2\x96\x8d",
					       "\xe2\x96\x8c",
					       "\xe2\x96\x8b",
					       "\xe2\x96\x8a",
					       "\xe2\x96\x89" };
	if (r->bar_total <= 0 || bar->amount <= 0)
		return 0;
	double start = bar->offset / r->bar_total, part = bar->amount / r->bar_total;
	start = start < 0 ? 0 : start > 1 ? 1 : start;
	part = part > 1 - start ? 1 - start : part;
	size_t blanks = (size_t)(start * (double)scale);
	if (blanks >= scale)
		blanks = scale - 1;
	size_t eights = (size_t)(part * (double)scale * 8 + 0.5);
	eights = eights ? eights : 1;
	buf_add_repeat(line, " ", blanks);
	size_t columns = eights / 8;
	if (r->style.utf8) {
		buf_add_repeat(line, "\xe2\x96\x88", eights / 8);
		buf_add_text(line, eighths[eights % 8]);
		columns += eights % 8 != 0;
	} else if (eights >= 8) {
		columns = (eights + 4) / 8;
		buf_add_repeat(line, "#", columns);
	} else {
		buf_add_char(line, '|');
		columns = 1;
	}
	return blanks + columns;
}

static void bar_show(struct result *r, const struct bar *bar, size_t labels, size_t values, size_t scale)
{
	size_t label = text_width(bar->label, strlen(bar->label)),
	       value = text_width(bar->value, strlen(bar->value));
	buf_clear(&r->line);
	buf_add_repeat(&r->line, " ", BAR_INDENT);
	buf_add_text(&r->line, bar->label);
	buf_add_repeat(&r->line, " ", labels - label + 2 + values - value);
	buf_add_text(&r->line, bar->value);
	buf_add_text(&r->line, "  ");
	size_t begin = BAR_INDENT + labels + 2 + values + 2;
	size_t drawn = bar_draw(r, &r->line, bar, scale), width = render_width(r);
	size_t note = text_width(bar->note, strlen(bar->note));
	bool fits = !width || begin + drawn + 1 + note <= width;
	if (*bar->note && fits) {
		buf_add_text(&r->line, drawn ? " " : "");
		buf_add_text(&r->line, bar->note);
	}
	while (r->line.length && r->line.bytes[r->line.length - 1] == ' ')
		r->line.bytes[--r->line.length] = '\0';
	render_line(r, buf_text(&r->line), r->line.length, false);
	if (!*bar->note || fits)
		return;
	struct buf prefix = BUF_INIT(4096);
	buf_add_repeat(&prefix, " ", begin);
	render_wrapped(r, TONE_PLAIN, buf_text(&prefix), begin, bar->note, false);
	buf_release(&prefix);
}

void result_bars_close(struct result *r)
{
	if (!render_text(r) || !r->bars_open)
		return;
	size_t labels = 0, values = 6, page = render_page(r);
	for (size_t i = 0; i < r->bar_count; i++) {
		size_t label = text_width(r->bars[i].label, strlen(r->bars[i].label));
		size_t value = text_width(r->bars[i].value, strlen(r->bars[i].value));
		labels = label > labels ? label : labels;
		values = value > values ? value : values;
	}
	size_t before = BAR_INDENT + labels + 2 + values + 2;
	size_t scale = bar_scale(r, page > before + BAR_LEAST ? page - before : BAR_LEAST);
	for (size_t i = 0; i < r->bar_count; i++) {
		bar_show(r, &r->bars[i], labels, values, scale);
		free(r->bars[i].label);
		free(r->bars[i].value);
		free(r->bars[i].note);
	}
	r->bar_count = 0;
	r->bars_open = false;
	if (r->tty)
		sink_flush(r->sink);
}

/* The worst of the values that share a column: one that is missing wins. */
static ns_t spark_value(const ns_t *values, size_t from, size_t to)
{
	ns_t worst = values[from];
	for (size_t i = from; i < to; i++) {
		if (values[i] == NS_NONE)
			return NS_NONE;
		worst = values[i] > worst ? values[i] : worst;
	}
	return worst;
}

static void spark_draw(const struct result *r, struct buf *line, const ns_t *values, size_t count,
		       size_t columns)
{
	static const char *const blocks[] = {
		"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
		"\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"
	};
	static const char ascii[] = "_.-~=+*#";
	ns_t low = INT64_MAX, high = INT64_MIN;
	for (size_t i = 0; i < count; i++) {
		if (values[i] == NS_NONE)
			continue;
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	/* What varies by less than half of its least value is drawn flat: it is steady, and must look so. */
	double span = (double)high - (double)low, least = (double)low / 2;
	span = span < least ? least : span;
	for (size_t c = 0; c < columns; c++) {
		ns_t value = spark_value(values, c * count / columns, (c + 1) * count / columns);
		if (value == NS_NONE) {
			buf_add_char(line, '!');
			continue;
		}
		size_t level = span > 0 ? (size_t)(((double)value - (double)low) / span * 7.999) : 0;
		level = level > 7 ? 7 : level;
		if (r->style.utf8)
			buf_add_text(line, blocks[level]);
		else
			buf_add_char(line, ascii[level]);
	}
}

void result_sparkline(struct result *r, const char *label, const ns_t *values, size_t count,
		      const char *template)
{
	if (!render_text(r) || !count)
		return;
	char *behind = expand_copy(r, template ? template : "");
	size_t page = render_page(r), used = 2 + text_width(label, strlen(label)) + 2 + SPARK_MARGIN;
	size_t note = *behind ? text_width(behind, strlen(behind)) + 2 : 0;
	size_t room = page > used + BAR_LEAST ? page - used : BAR_LEAST;
	room = room > note + BAR_LEAST ? room - note : room;
	room = room > SPARK_MOST ? SPARK_MOST : room;
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	spark_draw(r, &text, values, count, count < room ? count : room);
	if (*behind) {
		buf_add_text(&text, "  ");
		buf_add_text(&text, behind);
	}
	render_add_item(r, label, TONE_PLAIN, buf_text(&text));
	buf_release(&text);
	free(behind);
}

char *result_spark_text(const struct result *r, const ns_t *values, size_t count, size_t columns, char *buf)
{
	struct buf text = BUF_INIT(4 * columns + 1);
	if (count)
		spark_draw(r, &text, values, count, count < columns ? count : columns);
	memcpy(buf, buf_text(&text), text.length + 1);
	buf_release(&text);
	return buf;
}

char *result_value_text(const struct result *r, struct value value, char *buf, size_t size)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	human_add(&text, &value, r->style.utf8);
	size_t length = text_fit(buf_text(&text), text.length < size ? text.length : size - 1, size, NULL);
	memcpy(buf, buf_text(&text), length);
	buf[length] = '\0';
	buf_release(&text);
	return buf;
}
