/* What the environment says about the reader. */
#include "out/out.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The locale's name alone decides: loading the locale (setlocale) costs more than a short command. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *locale = getenv(names[i]);
		if (locale && *locale)
			return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
	}
	return false;
}

void out_style_detect(struct out_style *style, int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool dumb = !term || !*term || strcmp(term, "dumb") == 0;
	*style = (struct out_style){ .fd = fd, .utf8 = locale_is_utf8(), .color = OUT_COLOR_AUTO };
	if (dumb || (no_color && *no_color))
		style->color = OUT_COLOR_NEVER;
	style->progress = !dumb && isatty(STDERR_FILENO);
}
