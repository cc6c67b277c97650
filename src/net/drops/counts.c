#include "net/drops/counts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 2 * DROP_KINDS_MAX }; /* a power of two */

static uint64_t add_hash(uint64_t hash, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * 0x100000001b3u;
	return hash;
}

static uint64_t hash_of(const struct drop_count *key)
{
	uint64_t hash = 0xcbf29ce484222325u;
	hash = add_hash(hash, key->reason, strlen(key->reason));
	hash = add_hash(hash, key->place, strlen(key->place));
	hash = add_hash(hash, key->device, strlen(key->device));
	hash = add_hash(hash, &key->protocol, sizeof key->protocol);
	hash = add_hash(hash, key->source.bytes, sizeof key->source.bytes);
	hash = add_hash(hash, key->destination.bytes, sizeof key->destination.bytes);
	hash = add_hash(hash, &key->destination.port, sizeof key->destination.port);
	return hash ^ hash >> 32;
}

/* A flow is told apart without the port of who began it: a thousand clients of one port are one row. */
static bool equal(const struct drop_count *a, const struct drop_count *b)
{
	return strcmp(a->reason, b->reason) == 0 && strcmp(a->place, b->place) == 0 &&
	       strcmp(a->device, b->device) == 0 && a->protocol == b->protocol &&
	       addr_equal(&a->source, &b->source) && addr_equal(&a->destination, &b->destination) &&
	       a->destination.port == b->destination.port;
}

void drop_counts_add(struct drop_counts *counts, const struct drop_count *key)
{
	if (!counts->rows) {
		counts->rows = mem_alloc(DROP_KINDS_MAX * sizeof *counts->rows);
		counts->places = mem_alloc(PLACES * sizeof *counts->places);
	}
	size_t at = hash_of(key) & (PLACES - 1);
	while (counts->places[at]) {
		struct drop_count *row = &counts->rows[counts->places[at] - 1];
		if (equal(row, key)) {
			row->count++;
			return;
		}
		at = (at + 1) & (PLACES - 1);
	}
	if (counts->count == DROP_KINDS_MAX) {
		counts->uncounted++;
		return;
	}
	counts->rows[counts->count] = *key;
	counts->rows[counts->count].count = 1;
	counts->places[at] = (uint32_t)++counts->count;
}

static bool is_normal(const struct drop_count *row)
{
	const struct drop_words *words = drop_words_find(row->reason);
	return words && words->normal;
}

static int compare(const void *left, const void *right)
{
	const struct drop_count *a = left, *b = right;
	bool a_normal = is_normal(a), b_normal = is_normal(b);
	if (a_normal != b_normal)
		return a_normal ? 1 : -1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return strcmp(a->reason, b->reason);
}

void drop_counts_sort(struct drop_counts *counts)
{
	if (counts->count)
		qsort(counts->rows, counts->count, sizeof *counts->rows, compare);
}

void drop_counts_release(struct drop_counts *counts)
{
	free(counts->rows);
	free(counts->places);
}
