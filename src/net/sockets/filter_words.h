/* Words and values of the filter language. */
#ifndef NET_SOCKETS_FILTER_WORDS_H
#define NET_SOCKETS_FILTER_WORDS_H

#include "net/sockets/filter.h"

struct filter_tokens {
	char **words;
	size_t count, at;
};

/* Splits at blanks and around ( ) ! = < > & |. Returns 0, or -1 with err. Release in both cases. */
int filter_tokens_read(const char *const *words, size_t count, struct filter_tokens *out, struct error *err);
void filter_tokens_release(struct filter_tokens *tokens);

/* Is the word one of the spellings (separated by blanks)? Case does not matter. */
bool filter_word_is(const char *word, const char *spellings);

/* The states that a word names, 0 for none. */
unsigned filter_states_named(const char *word);

/* What to write instead: the nearest state, or all of them. word may be NULL. */
void filter_state_hint(const char *word, char *buf, size_t size);

/* Reads the value of a condition whose field and comparison are set. Returns 0, or -1 with err. */
int filter_value_read(struct filter_condition *condition, const char *value, struct error *err);

#endif
