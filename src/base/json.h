/* JSON (RFC 8259) into a tree, bounded. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

/* name: of a member, NULL elsewhere. text: decoded UTF-8 of a text, digits of a number; NUL-ended (a text may hold further NULs:
 * length counts). items: of arrays and objects. */
struct json {
	enum json_kind kind;
	char *name;
	char *text;
	size_t length;
	double number;
	struct json *items;
	size_t count;
};

/* Deeper nesting is refused. */
enum { JSON_DEPTH_MAX = 64 };

/* Reads bytes, which must hold one value and nothing else. Returns it (free it with json_free), or NULL with *place, where
 * it stops being JSON (may be NULL). */
struct json *json_read(const char *bytes, size_t length, size_t *place);
void json_free(struct json *json);

/* The member of an object, the last of that name; NULL: none, or json is no object (or NULL). */
const struct json *json_member(const struct json *json, const char *name);

#endif
