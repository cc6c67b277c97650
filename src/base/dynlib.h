/* Libraries loaded on first use.
 *
 *     static struct { __typeof__(&curl_easy_init) easy_init; } curl;
 *     static const struct dynlib_symbol symbols[] = { { "curl_easy_init", &curl.easy_init } };
 *     dynlib_load(NTSH_SONAME_CURL, "libcurl4", symbols, 1, err);
 */
#ifndef BASE_DYNLIB_H
#define BASE_DYNLIB_H

#include "ntsh/error.h"

#include <stddef.h>

/* slot is the address of a function pointer. */
struct dynlib_symbol {
	const char *name;
	void *slot;
};

/* Loads soname (for the life of the process; again is free) and fills all slots. package is the Debian package named in the
 * hint. Returns 0, or -1 with err (STATUS_CANNOT). */
int dynlib_load(const char *soname, const char *package, const struct dynlib_symbol *symbols, size_t count,
                struct error *err);

#endif
