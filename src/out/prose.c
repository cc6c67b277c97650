#include "base/mem.h"
#include "base/text.h"
#include "out/render.h"

#include <stdlib.h>
#include <string.h>

void result_prose(struct result *r, const char *markdown, size_t length)
{
	if (!render_text(r))
		return;
	render_settle(r);
	for (size_t at = 0; at < length;) {
		const char *end = memchr(markdown + at, '\n', length - at);
		size_t line = end ? (size_t)(end - markdown) - at : length - at;
		struct buf text = BUF_INIT(LINE_MAX_BYTES);
		text_add_escaped(&text, markdown + at, line, r->style.utf8);
		if (line)
			render_wrapped(r, TONE_PLAIN, "", 0, buf_text(&text), false);
		else
			result_gap(r);
		buf_release(&text);
		at += line + 1;
	}
}
