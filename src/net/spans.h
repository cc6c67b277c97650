/* Ranges of addresses, one upon another, made disjoint: what lies in several belongs to the one of the lowest order. */
#ifndef NET_SPANS_H
#define NET_SPANS_H

#include "ntsh/addr.h"

typedef unsigned __int128 span_number;

/* Addresses of one family and zone, from first to last, both included. */
struct span {
	sa_family_t family;
	uint32_t zone;
	span_number first, last;
	int64_t order; /* below 0: excluded */
	const char *name;
};

struct spans {
	struct span *items;
	size_t count, capacity;
};

void spans_add(struct spans *spans, const struct span *span);
void spans_release(struct spans *spans);

/* The addresses from first on, count of them. */
struct span span_of(const struct addr *first, uint64_t count);
struct addr span_addr(const struct span *span, uint64_t index);

/* Disjoint spans by order, then by address; excluded ones are gone. O(n log n). The result is the caller's. */
struct spans spans_resolve(struct spans *spans);

#endif
