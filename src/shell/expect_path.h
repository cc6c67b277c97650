/* Paths into a JSON result. */
#ifndef SHELL_EXPECT_PATH_H
#define SHELL_EXPECT_PATH_H

#include "shell/expect_eval.h"
#include "shell/expect_value.h"

/* The expression that is being read. live: its values matter (not left out by && or ||). */
struct expect_cursor {
	const char *text;
	size_t length, at;
	const struct expect_input *input;
	bool live;
	unsigned depth;
	struct error *err;
};

enum { EXPECT_NORMAL_MAX = 256 };

/* What a path leads to. */
struct expect_found {
	const struct json **values;
	size_t count, capacity;
	bool bracket;                   /* the path ends in [...]: values are members of a list */
	char normal[EXPECT_NORMAL_MAX]; /* the path as the fields table writes it: "probes[].rtt_ms" */
	enum value_kind kind;
};

/* Reads a path and follows it. Returns 0, or -1 with err and cursor->at where it is wrong. found->values is the caller's to free, in
 * both cases. */
int expect_read_path(struct expect_cursor *cursor, struct expect_found *found);

/* Reads an operator; EXPECT_NONE when there is none. */
enum expect_operator expect_read_operator(struct expect_cursor *cursor);

/* Reads a value up to a blank, an operator of the language, or - inside a filter - a comma or bracket. A number may be followed
 * by its unit after a blank. */
int expect_read_value(struct expect_cursor *cursor, bool filter, struct buf *value);

void expect_skip_blanks(struct expect_cursor *cursor);
bool expect_take(struct expect_cursor *cursor, const char *word);

#endif
