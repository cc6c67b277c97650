/* What a scan reads: what servers say first, and files in which scans are kept. */
#include "net/banner_text.h"
#include "net/scan_core.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_banner(const char *bytes, size_t size)
{
	char out[BANNER_TEXT_MAX];
	banner_line(bytes, size, out);
	if (strlen(out) >= sizeof out || strchr(out, '\n'))
		abort();
	banner_http(bytes, size, out);
	if (strlen(out) >= sizeof out)
		abort();
	(void)banner_suggests_tls(bytes, size);
}

static void feed_kept(char *text)
{
	static struct scan_kept kept;
	struct scan_core core;
	char *save = NULL;
	kept.count = 0;
	kept.at = 0;
	scan_core_init(&core, 4, 10, false, 0, 0);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!scan_keep_line(&core, line, &kept))
			break;
	uint64_t silent = 0;
	for (uint64_t i = 0; i < core.total; i++)
		silent += !core.slots[i].outcome;
	if (silent != core.silent || kept.at > core.total)
		abort();
	scan_core_release(&core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	feed_banner(text, size);
	feed_kept(text);
	free(text);
	return 0;
}
