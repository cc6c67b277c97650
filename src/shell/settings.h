/* What `set` can change besides variables: the options before the command's name. */
#ifndef SHELL_SETTINGS_H
#define SHELL_SETTINGS_H

#include "shell/shell.h"

/* One of them. */
struct setting {
	const char *name;
	const char *values; /* "on|off" */
	const char *meaning;
	const char *const *words; /* NULL: free text */
	int (*change)(struct shell *shell, const char *value,
		      struct error *err); /* value NULL: back to the default */
	void (*show)(const struct shell *shell, char *buf, size_t size);
};

/* Ended by a NULL name. */
extern const struct setting settings_table[];

/* The setting of that name, or NULL. */
const struct setting *settings_find(const char *name);

#endif
