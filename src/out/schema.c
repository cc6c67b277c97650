#include "out/schema.h"

#include "out/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "*" in pattern stands for one name. */
static bool path_matches(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		if (*pattern == '*') {
			path += strcspn(path, ".[");
			pattern++;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

bool schema_allows(const struct field *fields, const char *path, enum value_kind kind)
{
	for (; fields && fields->path; fields++)
		if (path_matches(fields->path, path) &&
		    (kind == KIND_NONE || fields->kind == KIND_NONE || kind == fields->kind))
			return true;
	return false;
}

#ifndef NDEBUG
/* What every command answers to --help instead of its own result. */
static const struct field usage_fields[] = {
	{ "usage", KIND_TEXT, "the usage line" },
	{ "summary", KIND_TEXT, "what the command answers" },
	{ "name", KIND_TEXT, "its name" },
	{ "options", KIND_NONE, "its options" },
	{ "options[].option", KIND_TEXT, "as it is written" },
	{ "options[].help", KIND_TEXT, "what it does" },
	{ NULL, KIND_NONE, NULL },
};

void schema_enter(struct result *r, const char *name)
{
	if (!name)
		return;
	if (r->path.length && *name != '[')
		buf_add_char(&r->path, '.');
	buf_add_text(&r->path, name);
}

void schema_leave(struct result *r, size_t length)
{
	r->path.length = length;
	if (r->path.bytes)
		r->path.bytes[length] = '\0';
}

void schema_check(struct result *r, const char *name, enum value_kind kind)
{
	if (!r->described || !r->described->fields)
		return;
	size_t length = r->path.length;
	schema_enter(r, name);
	bool allowed = schema_allows(r->described->fields, buf_text(&r->path), kind) ||
		       schema_allows(usage_fields, buf_text(&r->path), kind);
	if (!allowed && kind == KIND_NONE) {
		schema_enter(r, "[]");
		allowed = schema_allows(r->described->fields, buf_text(&r->path), kind);
	}
	if (!allowed) {
		fprintf(stderr,
			"ntsh: defect: %s emits %s (kind %d), which its table of fields does not have\n",
			r->command, buf_text(&r->path), (int)kind);
		abort();
	}
	schema_leave(r, length);
}
#endif
