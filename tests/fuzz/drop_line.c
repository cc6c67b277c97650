/* Lines of the kernel's trace, with any bytes in them. */
#include "ntsh/drops.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		abort();
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct drop_event event;
	memcpy(line, data, size);
	if (drop_line_parse(line, size, &event)) {
		check(event.reason, sizeof event.reason);
		check(event.place, sizeof event.place);
		check(event.device, sizeof event.device);
		check(event.state, sizeof event.state);
		check(event.from_state, sizeof event.from_state);
		drop_words_find(event.reason);
	}
	free(line);
	return 0;
}
