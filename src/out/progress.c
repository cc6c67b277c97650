/* The line on standard error that says what is being measured. */
#include "base/text.h"
#include "base/units.h"
#include "out/render.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const ns_t PROGRESS_EVERY = 100 * NS_PER_MS;

void progress_clear(struct result *r)
{
	static const char erase[] = "\r\033[K";
	if (!r->progress_drawn)
		return;
	r->progress_drawn = false;
	sink_write_fd(STDERR_FILENO, erase, sizeof erase - 1);
}

static size_t stderr_width(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 20)
		return PAGE_DEFAULT;
	return size.ws_col;
}

void result_progress(struct result *r, double fraction, ns_t remaining, const char *text)
{
	if (!r->style.progress || r->style.quiet)
		return;
	if (!text) {
		progress_clear(r);
		return;
	}
	ns_t now = clock_mono();
	if (r->progress_at && now - r->progress_at < PROGRESS_EVERY)
		return;
	r->progress_at = now;
	/* What was found so far must not wait behind what is being measured. */
	for (unsigned i = 0; i < r->depth; i++)
		if (r->frames[i].kind == FRAME_LIST && r->frames[i].view)
			table_settle_late(r, r->frames[i].view);
	render_items(r);
	sink_flush(r->sink);
	struct buf line = BUF_INIT(4096);
	text_add_escaped(&line, text, strlen(text), r->style.utf8);
	if (fraction >= 0)
		buf_printf(&line, "  %d %%", (int)(fraction > 1 ? 100 : fraction * 100));
	if (remaining != NS_NONE && remaining != NS_NEVER && remaining >= 0) {
		char left[UNITS_TEXT_MAX];
		buf_printf(&line, "  %s left",
			   units_format_seconds((uint64_t)((remaining + NS_PER_S - 1) / NS_PER_S), left));
	}
	size_t fits = text_fit(buf_text(&line), line.length, stderr_width() - 1, NULL);
	sink_write_fd(STDERR_FILENO, "\r\033[K", 4);
	sink_write_fd(STDERR_FILENO, buf_text(&line), fits);
	buf_release(&line);
	r->progress_drawn = true;
}
