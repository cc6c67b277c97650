/* A table of counts: like events are one row. */
#ifndef NET_DROPS_COUNTS_H
#define NET_DROPS_COUNTS_H

#include "ntsh/drops.h"

/* Kinds of events that are kept apart; what is beyond only counts. */
enum { DROP_KINDS_MAX = 4096 };

struct drop_counts {
	struct drop_count *rows;
	uint32_t *places; /* hash to index + 1 */
	size_t count;
	uint64_t uncounted;
};

/* Adds one to the row that equals key in all but its count. */
void drop_counts_add(struct drop_counts *counts, const struct drop_count *key);

/* Sorts: normal reasons last, then by count, the largest first. After that nothing may be added. */
void drop_counts_sort(struct drop_counts *counts);
void drop_counts_release(struct drop_counts *counts);

#endif
