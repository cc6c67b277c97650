/* Bytes of a terminal as keys: UTF-8 and the usual escape sequences (ECMA-48, xterm). Pure. */
#ifndef OUT_KEYS_H
#define OUT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* The first key in bytes. Returns how many bytes it takes, 0 when there are too few yet (then more must come, unless last is set: what is there
 * is all). *key: as of live_key_fn, -1 for what is none. */
size_t keys_read(const char *bytes, size_t length, bool last, int *key);

#endif
