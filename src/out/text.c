/* Lines of text: wrapped, toned, and kept in order with the rows around them. */
#include "base/text.h"
#include "base/mem.h"
#include "out/render.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

bool render_text(const struct result *r)
{
	return !r->json;
}

unsigned render_width(const struct result *r)
{
	struct winsize size;
	if (r->style.width || !r->tty)
		return r->style.width;
	if (ioctl(r->style.fd, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return PAGE_DEFAULT;
	return size.ws_col < 20 ? 20 : size.ws_col;
}

unsigned render_page(const struct result *r)
{
	unsigned width = render_width(r);
	return !width ? PAGE_DEFAULT : width < PAGE_MAX ? width : PAGE_MAX;
}

const char *render_tone(const struct result *r, enum tone tone)
{
	static const char *const codes[] = {
		[TONE_PLAIN] = "",       [TONE_GOOD] = "\033[32m", [TONE_WARN] = "\033[33m",
		[TONE_BAD] = "\033[31m", [TONE_FAINT] = "\033[2m", [TONE_STRONG] = "\033[1m"
	};
	return r->style.color == OUT_COLOR_ALWAYS ? codes[tone] : "";
}

static const char TONE_END[] = "\033[0m";

void render_add_toned(const struct result *r, struct buf *out, enum tone tone, const char *text)
{
	const char *code = *text ? render_tone(r, tone) : "";
	buf_add_text(out, code);
	buf_add_text(out, text);
	if (*code)
		buf_add_text(out, TONE_END);
}

/* The innermost open row that will be shown: lines wait there until it is. */
static struct frame *capturing_row(struct result *r)
{
	for (unsigned i = r->depth; i-- > 0;)
		if (r->frames[i].kind == FRAME_ROW && r->frames[i].captures)
			return &r->frames[i];
	return NULL;
}

/* One finished line (without its newline). answer: shown with -q as well. */
void render_line(struct result *r, const char *bytes, size_t length, bool answer)
{
	struct frame *row = capturing_row(r);
	if (row) {
		buf_add(&row->after, bytes, length);
		buf_add_char(&row->after, '\n');
		return;
	}
	if (r->style.quiet && !answer) {
		buf_clear(&r->last);
		buf_add(&r->last, bytes, length);
		return;
	}
	progress_clear(r);
	if (r->gap_due && r->something_shown && !r->style.quiet)
		sink_write(r->sink, "\n", 1);
	r->gap_due = false;
	r->something_shown = true;
	sink_write(r->sink, bytes, length);
	sink_write(r->sink, "\n", 1);
}

/* "0 retransmissions" is torn badly: a line does not end in a number when it is long enough without it. */
static size_t before_number(const char *text, size_t cut, size_t width)
{
	size_t start = cut;
	while (start > 0 && text[start - 1] != ' ')
		start--;
	size_t number = strspn(text + start, "0123456789.,");
	return number == cut - start && start > width * 2 / 3 ? start - 1 : cut;
}

size_t render_break(const char *text, size_t width, size_t *next)
{
	size_t length = strlen(text);
	/* No character takes more columns than bytes. */
	size_t fits = length <= width ? length : text_fit(text, length, width, NULL);
	if (fits == length) {
		*next = length;
		return length;
	}
	size_t cut = fits;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	/* Leading blanks are indentation: to break there would gain nothing. */
	if (strspn(text, " ") >= cut)
		cut = 0;
	if (!cut) {
		cut = fits ? fits : 1;
		*next = cut;
		return cut;
	}
	cut = before_number(text, cut, width);
	*next = cut;
	while (text[*next] == ' ')
		++*next;
	while (cut > 0 && text[cut - 1] == ' ')
		cut--;
	return cut;
}

static void add_blanks(struct buf *out, size_t count)
{
	buf_add_repeat(out, " ", count);
}

void render_wrapped(struct result *r, enum tone tone, const char *prefix, size_t indent, const char *text,
		    bool answer)
{
	size_t width = render_width(r);
	size_t room = !width ? SIZE_MAX : width > indent + 10 ? width - indent : 10;
	bool first = true;
	do {
		size_t next, length = render_break(text, room, &next);
		const char *code = length ? render_tone(r, tone) : "";
		buf_clear(&r->line);
		if (first)
			buf_add_text(&r->line, prefix);
		else
			add_blanks(&r->line, indent);
		buf_add_text(&r->line, code);
		buf_add(&r->line, text, length);
		if (*code)
			buf_add_text(&r->line, TONE_END);
		render_line(r, buf_text(&r->line), r->line.length, answer);
		text += next;
		first = false;
	} while (*text);
}

void render_settle(struct result *r)
{
	/* What is said inside a row comes under it: the table around it may wait for its widths. */
	const struct frame *row = capturing_row(r);
	for (unsigned i = row ? (unsigned)(row - r->frames) : 0; i < r->depth; i++)
		if (r->frames[i].kind == FRAME_LIST && r->frames[i].view)
			table_settle(r, r->frames[i].view);
	render_items(r);
}

/* Lines that were kept, each ended by a newline. */
void render_after(struct result *r, const char *after)
{
	while (*after) {
		size_t length = strcspn(after, "\n");
		render_line(r, after, length, false);
		after += length + (after[length] == '\n');
	}
}
