/* What a user, or a file of targets, says: words of target lists and sets of ports. */
#include "ntsh/targets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct target_word word;
	struct port_set set;
	struct error err = ERROR_INIT;
	if (target_word_read(text, &word, &err) == 0) {
		if (word.kind == TARGET_ADDRESSES && (!word.count || word.count > TARGET_WORD_MAX))
			abort();
	} else if (err.status != STATUS_USAGE) {
		abort();
	}
	error_clear(&err);
	if (port_set_read(text, &set, &err) == 0) {
		uint32_t count = 0;
		for (uint32_t port = port_set_next(&set, 0); port; port = port_set_next(&set, port + 1))
			count++;
		if (count != set.count || !count)
			abort();
	} else if (err.status != STATUS_USAGE) {
		abort();
	}
	free(text);
	return 0;
}
