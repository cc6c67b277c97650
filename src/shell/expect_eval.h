/* The language of `expect`. Pure: text and a JSON tree in, a verdict out.
 *
 *     expression = and { "||" and }            and        = unit { "&&" unit }
 *     unit       = "!" unit | "(" expression ")" | side [OPERATOR VALUE]
 *     side       = PATH | "count" "(" PATH ")"
 *     OPERATOR   = "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
 *     PATH       = NAME { "." NAME | "[" INDEX "]" | "[" "]" | "[" NAME OPERATOR VALUE { "," ... } "]" }
 *
 * A path may lead to several values ([] and filters): a comparison must hold for all of them, and there must be one. VALUE may have a unit, which is turned
 * into that of the path (rtt_ms < 1s); ~ is a POSIX extended regular expression. A side without operator must be true: a flag that is
 * set, a number that is not 0, a text that is not empty, a list or object that has members. */
#ifndef SHELL_EXPECT_EVAL_H
#define SHELL_EXPECT_EVAL_H

#include "base/json.h"
#include "ntsh/command.h"
#include "shell/expand.h"

/* One comparison that was evaluated. Texts are borrowed for the call. */
struct expect_check {
	const char *side, *operator, * expected, *measured;
	bool passed;
};
typedef void expect_check_fn(const struct expect_check *check, void *arg);

/* What an expression is evaluated over. */
struct expect_input {
	const struct json *result;    /* the "result" object */
	const struct field *fields;   /* of the command that made it; NULL: unknown */
	const char *command;          /* its name, for messages */
	const struct expand_env *env; /* $name on the right side; NULL: none */
	expect_check_fn *check;       /* called for each comparison, in order; NULL: nobody asks */
	void *arg;
};

/* Returns 0 with *passed, or -1 with err (STATUS_USAGE) and *place, where in the text it is wrong. What && and || leave out is checked for
 * its syntax only. */
int expect_evaluate(const char *text, size_t length, const struct expect_input *input, bool *passed,
		    size_t *place, struct error *err);

#endif
