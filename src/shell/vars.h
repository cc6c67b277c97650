/* Variables: $name. */
#ifndef SHELL_VARS_H
#define SHELL_VARS_H

#include "ntsh/error.h"

#include <stddef.h>

struct var {
	char *name, *value;
};

/* Sorted by name. Zero it before use. */
struct vars {
	struct var *items;
	size_t count, capacity;
};

/* The value of name: set here, or in the environment. NULL: neither. Valid until the next change. */
const char *vars_get(const struct vars *vars, const char *name);

/* Sets it; name is a letter or _ followed by letters, digits, _. Outside programs get it in their environment. Returns 0, or -1 with err
 * (STATUS_USAGE) for a name that is none, or when there are too many. */
int vars_set(struct vars *vars, const char *name, const char *value, struct error *err);

/* Forgets it. Unknown names are ignored. */
void vars_unset(struct vars *vars, const char *name);

/* The nearest name that is set, or NULL. */
const char *vars_nearest(const struct vars *vars, const char *name);

/* Puts all of them into the environment of this process (a child, between fork and exec). */
void vars_export(const struct vars *vars);

void vars_release(struct vars *vars);

#endif
