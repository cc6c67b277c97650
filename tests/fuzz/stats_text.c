/* Saved counters: any text, and the judgement of whatever was read. */
#include "ntsh/stats.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stats_finding findings[STATS_FINDINGS_MAX];
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	struct counters counters = { 0 };
	unsigned unread;
	stats_read_text(text, &counters, &unread);
	size_t count = stats_judge(&counters, NULL, 10, findings);
	for (size_t i = 0; i < count; i++)
		if (strlen(findings[i].says) >= sizeof findings[i].says)
			abort();
	counters_free(&counters);
	free(text);
	return 0;
}
