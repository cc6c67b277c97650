/* Values as people read them. */
#ifndef OUT_HUMAN_H
#define OUT_HUMAN_H

#include "base/buf.h"
#include "ntsh/value.h"

/* Adds the value in its kind's human form: text escaped, nothing that a terminal would act upon. */
void human_add(struct buf *out, const struct value *value, bool utf8);

/* True for what "{name?...}" shows: there, and not none, false, 0 or an empty text. */
bool human_is_shown(const struct value *value);

/* The value as a number, for bars; 0 for what is none. */
double human_amount(const struct value *value);

/* Is its text of ASCII only, one column a byte? False where that is not known. */
bool human_is_ascii(const struct value *value);

#endif
