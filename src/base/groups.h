/* Records found by key: what is counted by address, process, connection. A hash table over one growing array. */
#ifndef BASE_GROUPS_H
#define BASE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GROUP_KEY_MAX = 64 };

struct groups {
	size_t record_size;
	char *records;
	uint8_t (*keys)[GROUP_KEY_MAX];
	uint32_t *slots; /* index of a record from 1, 0: free; a power of two of them, at most half in use */
	size_t count, capacity, slot_count;
};

#define GROUPS_INIT(size)                                                                                    \
	{                                                                                                    \
		.record_size = (size)                                                                        \
	}

/* The record of this key (key_size bytes, at most GROUP_KEY_MAX; padding in it must be zeroed), made and zeroed when there is none (*is_new, may be
 * NULL). Valid until the next call. */
void *groups_find(struct groups *groups, const void *key, size_t key_size, bool *is_new);

/* The record, or NULL. */
void *groups_get(const struct groups *groups, const void *key, size_t key_size);

/* Record number i, below groups->count, in the order of making. */
void *groups_at(const struct groups *groups, size_t i);

/* Empty; the memory is kept. */
void groups_clear(struct groups *groups);

/* The records as an array (free it; NULL when there are none), sorted when compare is not NULL. The rest is released. */
void *groups_take(struct groups *groups, int (*compare)(const void *, const void *), size_t *count);

void groups_release(struct groups *groups);

#endif
