/* Help pages, compiled in: help/NAME.md (one for each command and built-in) and help/topics/NAME.md. */
#ifndef NTSH_PAGES_H
#define NTSH_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* name is the file's name without .md ("dns_dig", "topics/tcp-states"). The page with its front matter is the bytes from
 * begin up to end; it is not NUL-terminated. */
struct page {
	const char *name;
	const char *begin, *end;
};

/* Written by the build: all pages, sorted by name. */
extern const struct page page_registry[];
extern const size_t page_count;

#endif
