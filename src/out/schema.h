/* Debug builds hold what a command emits to its table of fields (and so to help/json.md). */
#ifndef OUT_SCHEMA_H
#define OUT_SCHEMA_H

#include "ntsh/command.h"

struct result;

/* True when path ("probes[].seq") is one of fields and kind fits. A path component "*" in the table stands for any name. */
bool schema_allows(const struct field *fields, const char *path, enum value_kind kind);

#ifdef NDEBUG
static inline void schema_check(struct result *r, const char *name, enum value_kind kind)
{
	(void)r, (void)name, (void)kind;
}
static inline void schema_enter(struct result *r, const char *name)
{
	(void)r, (void)name;
}
static inline void schema_leave(struct result *r, size_t length)
{
	(void)r, (void)length;
}
#else
/* Aborts, naming the member, when the command's table does not have it. */
void schema_check(struct result *r, const char *name, enum value_kind kind);
void schema_enter(struct result *r, const char *name);
void schema_leave(struct result *r, size_t length);
#endif

#endif
