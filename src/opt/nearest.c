/* Near misses: which known word was meant. */
#include "base/text.h"
#include "opt/parser.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void opt_near_offer(struct opt_near *near, const char *word)
{
	unsigned limit = text_slip(near->text);
	size_t length = strlen(near->text);
	/* A beginning of the word counts as one slip, however much is missing. */
	bool begins = length >= 2 && strncasecmp(word, near->text, length) == 0;
	unsigned distance = begins ? 1 : text_distance(near->text, word, limit);
	if (distance > limit || distance >= strlen(word))
		return;
	if (near->count && distance > near->best)
		return;
	if (!near->count || distance < near->best)
		near->count = 0;
	near->best = distance;
	for (size_t i = 0; i < near->count; i++)
		if (strcmp(near->words[i], word) == 0)
			return;
	if (near->count < sizeof near->words / sizeof *near->words)
		snprintf(near->words[near->count++], OPT_SPELLING_MAX, "%s", word);
}

bool opt_near_hint(const struct opt_near *near, char *buf, size_t size)
{
	if (!near->count)
		return false;
	size_t used = (size_t)snprintf(buf, size, "did you mean ");
	for (size_t i = 0; i < near->count && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 !i                     ? ""
					 : i + 1 == near->count ? " or "
								: ", ",
					 near->words[i]);
	if (used < size)
		snprintf(buf + used, size - used, "?");
	return true;
}

const char *opt_nearest(const char *text, const char *const *words)
{
	const char *best = NULL, *begins = NULL;
	size_t length = strlen(text), beginnings = 0;
	unsigned limit = text_slip(text), nearest = limit + 1;
	for (; *words; words++) {
		if (length && strncasecmp(*words, text, length) == 0) {
			begins = *words;
			beginnings++;
		}
		unsigned distance = text_distance(text, *words, limit);
		if (distance < nearest && distance < strlen(*words)) {
			nearest = distance;
			best = *words;
		}
	}
	return beginnings == 1 ? begins : best;
}
