/* Option tables at work: parsing, usage, completion, self-check. */
#ifndef OPT_OPT_H
#define OPT_OPT_H

#include "ntsh/error.h"
#include "ntsh/option.h"

#include <stdbool.h>
#include <stddef.h>

/* What a parse owns: strings and lists that the argument struct points to. Zero it before use. */
struct opt_store {
	void **blocks;
	size_t count;
};
void opt_store_release(struct opt_store *store);

/* Reads argv[0..argc) (without the command's name) into args by the table. Options and operands may mix; "--" ends options; "-abc" bundles;
 * "--name=value", "--no-name" for flags. Returns 0, or -1 with err STATUS_USAGE: what is wrong with which word, nearest known words
 * in the hint. *help is set (and 0 returned) when -h (if the table has no -h) or --help is among the words. *bad_word (may be NULL): the index in argv of the word at fault, for the caret. */
int opt_parse(const struct option *table, void *args, int argc, const char *const *argv,
	      struct opt_store *store, bool *help, int *bad_word, struct error *err);

/* A second table that is understood among a command's words as well: the options before the command's name (DESIGN section 2). Only its
 * long names and its digits (-4, -6) count there, and the command's own table wins. args are the settings it fills. */
struct opt_common {
	const struct option *table;
	void *args;
};

/* opt_parse with such a second table (NULL: none). */
int opt_parse_with(const struct option *table, void *args, const struct opt_common *common, int argc,
		   const char *const *argv, struct opt_store *store, bool *help, int *bad_word,
		   struct error *err);

/* Like opt_parse, but stops at the first operand: for the options before the command's name. *used: how many words were eaten. */
int opt_parse_leading(const struct option *table, void *args, int argc, const char *const *argv,
		      struct opt_store *store, int *used, bool *help, struct error *err);

/* "ping TARGET [-c N] [-i DURATION] ..." in one line, into buf. Returns buf. */
char *opt_usage(char *buf, size_t size, const char *command, const struct option *table);

/* One option's left column: "-c, --count N", "+tcp", "@SERVER", "from ADDRESS". Returns buf. */
char *opt_label(char *buf, size_t size, const struct option *option);

/* What may come at the end of words argv[0..argc) (the last one is being typed, perhaps ""): calls found for each possibility. kind tells
 * how to complete a value (the option whose value it is), or is NULL for an option word itself, given by label. */
struct opt_candidate {
	const char *
	    word; /* to insert: "--count", "+tcp", a word of OPT_WORD; NULL: a value of `option` is due here */
	const struct option *option;
};
typedef void opt_candidate_fn(const struct opt_candidate *candidate, void *arg);
void opt_complete(const struct option *table, int argc, const char *const *argv, opt_candidate_fn *found,
		  void *arg);

/* Debug builds call it for every table at start: duplicate letters or names, missing help, ranges upside down, unknown excludes. Returns a
 * sentence about the first defect, or NULL. */
const char *opt_table_defect(const struct option *table, size_t args_size);

/* --- single values, for the language's own use (set, repeat N, watch D ...) --- */
int opt_read_duration(const char *text, int64_t min, int64_t max, int64_t *out, struct error *err);
int opt_read_count(const char *text, int64_t min, int64_t max, int64_t *out, struct error *err);

/* The nearest of words (NULL-ended) to text, or NULL when none is near (Damerau-Levenshtein, at most a third of the length, or a unique prefix). */
const char *opt_nearest(const char *text, const char *const *words);

#endif
