/* JSON (RFC 8259) into a growing buffer. Always valid UTF-8; control, direction and invisible characters are written as
 * \u escapes; a byte that is no UTF-8 becomes the four characters \xNN (in JSON: "\\xNN"). Numbers have no exponent. */
#ifndef OUT_JSON_H
#define OUT_JSON_H

#include "base/buf.h"
#include "ntsh/value.h"

void json_add_string(struct buf *out, const char *bytes, size_t length);
void json_add_value(struct buf *out, const struct value *value);
void json_add_ms(struct buf *out, ns_t ns); /* 2003.1, 0.012345 */

#endif
