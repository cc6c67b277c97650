/* One measured value against one expected one, with units. */
#ifndef SHELL_EXPECT_VALUE_H
#define SHELL_EXPECT_VALUE_H

#include "base/buf.h"
#include "base/json.h"
#include "ntsh/error.h"
#include "ntsh/value.h"

enum expect_operator {
	EXPECT_NONE,
	EXPECT_EQUAL,
	EXPECT_UNEQUAL,
	EXPECT_LESS,
	EXPECT_AT_MOST,
	EXPECT_MORE,
	EXPECT_AT_LEAST,
	EXPECT_MATCH,
	EXPECT_NO_MATCH,
};

/* "==", "<=" ... */
const char *expect_operator_text(enum expect_operator operator);

/* What a member's name says about its unit ("rtt_ms": KIND_TIME); KIND_NONE: nothing. */
enum value_kind expect_name_kind(const char *name, size_t length);

/* Whether `measured OPERATOR expected` holds. kind: the measured value's unit. Returns 1 or 0, or -1 with err (STATUS_USAGE) when the two
 * cannot be compared. */
int expect_compare(const struct json *measured, enum value_kind kind, enum expect_operator operator,
		   const char * expected, struct error *err);

/* The measured value for people, with its unit. */
void expect_show(struct buf *buf, const struct json *measured, enum value_kind kind);

#endif
