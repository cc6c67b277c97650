/* Memory. Running out of it is not an error that a command could report or survive (Linux overcommits: the allocation that
 * fails is never the one at fault), so these never return NULL: they say one line and end the process with status 3. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                        /* zeroed */
void *mem_resize(void *old, size_t count, size_t size); /* count * size checked for overflow; new bytes undefined */
char *mem_strdup(const char *text);                  /* NULL stays NULL */
char *mem_strndup(const char *text, size_t length);
void *mem_dup(const void *bytes, size_t size);

/* A new zeroed object of the type. */
#define NEW(type) ((type *)mem_alloc(sizeof(type)))

#endif
