/* The text of whois servers: facts point into it, a referral is a name that can be looked up. */
#include "ntsh/whois.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Not assert: the corpus is replayed in release builds, too. */
#define must(what) ((what) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct whois_reading reading;
	/* A copy of just that size, so that a byte beyond is seen. */
	char *text = malloc(size + 1);
	must(text);
	memcpy(text, data, size);
	whois_read(text, size, &reading);
	must(reading.fact_count <= WHOIS_FACTS_MAX);
	for (size_t i = 0; i < reading.fact_count; i++) {
		const struct whois_fact *fact = &reading.facts[i];
		must(fact->label && fact->value_length > 0);
		must(fact->value >= text && fact->value + fact->value_length <= text + size);
		must(!memchr(fact->value, '\n', fact->value_length));
	}
	for (const char *c = reading.referral; *c; c++)
		must(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", *c));
	must(reading.referral[0] != '-' && reading.referral[0] != '.');
	free(text);
	return 0;
}
