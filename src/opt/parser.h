/* What the parts of the option parser share. */
#ifndef OPT_PARSER_H
#define OPT_PARSER_H

#include "opt/opt.h"

#include <stdint.h>

enum { OPT_SPELLING_MAX = 80 };

/* The way the user wrote an option, for messages: "-c", "--count", "+bufsize", "from", "HOST". */
typedef const char *opt_spelling;

/* Converts text by the option's type and stores it into args (or appends it, for OPTION_REPEAT). Returns 0, or -1 with err set. */
int opt_store_value(const struct option *option, void *args, const char *text, opt_spelling spelling,
		    struct opt_store *store, struct error *err);

/* Stores a flag, or counts it when it may repeat. */
void opt_store_flag(const struct option *option, void *args, bool on, struct opt_store *store);

/* True when text can be meant as a DNS type: one of the option's words, or TYPE and a number (RFC 3597). */
bool opt_is_dns_type(const struct option *option, const char *text);

/* Syntax checks of the text-like types: a sentence about what is wrong, with what to do, or 0. In names.c. */
int opt_check_text(const struct option *option, const char *text, opt_spelling spelling, struct error *err);

/* Remembers a block, to be freed with the store. */
void *opt_store_keep(struct opt_store *store, void *block);

/* The words near to text, as a finished hint: "did you mean a or b?". Returns false when none is near. */
struct opt_near {
	const char *text;
	unsigned best;
	size_t count;
	char words[3][OPT_SPELLING_MAX];
};
void opt_near_offer(struct opt_near *near, const char *word);
bool opt_near_hint(const struct opt_near *near, char *buf, size_t size);

/* "1 to 65535", "100ms to 1m" ... */
char *opt_range_text(const struct option *option, char *buf, size_t size);
void opt_range(const struct option *option, int64_t *min, int64_t *max);

/* The shortest way to write an option: "-c", "--count", "+tcp", "@SERVER", "from", "HOST". Returns buf. */
const char *opt_spell(const struct option *option, char *buf, size_t size);

/* The word that completion inserts: "--count", "+bufsize=", "from". Returns buf. */
const char *opt_long_word(const struct option *option, char *buf, size_t size);

static inline bool opt_takes_value(const struct option *option)
{
	return option->type != OPT_FLAG && option->type != OPT_SWITCH;
}

#endif
