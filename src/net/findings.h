/* Sentences about a path, gathered. */
#ifndef NET_FINDINGS_H
#define NET_FINDINGS_H

#include "ntsh/path_loss.h"
#include "ntsh/trace.h"

struct findings {
	struct trace_finding *out;
	size_t max, count;
};

/* Adds one, unless the place is full. router may be NULL; hops 0: the whole way. */
void finding_add(struct findings *findings, enum trace_finding_kind kind, bool fault, unsigned hops,
		 const struct addr *router, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* "3, 5 to 8": the numbers whose place in the set is true. */
enum { FINDINGS_LIST_MAX = 96 };
void findings_list(const unsigned *numbers, const bool *set, size_t count, char text[FINDINGS_LIST_MAX]);

/* Adds where loss begins. numbers: TTLs of the hops that were judged, count of them. until: "the target". router: at loss->begin, may be NULL. */
void finding_add_loss(struct findings *findings, const struct path_loss *loss, const unsigned *numbers,
		      const struct addr *router, const char *until);

#endif
