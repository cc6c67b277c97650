/* The ranking: rules over one matter, the cause that costs most on top. Pure, and the same for every flow. */
#ifndef DIAG_RANK_H
#define DIAG_RANK_H

#include "diag/rules.h"

/* Writes the verdict when no rule found a cause: verdict_healthy(), or verdict_unknown() with what would decide. */
typedef void otherwise_fn(const struct matter *matter, struct verdict *out);

/* Hears every rule of the tables (each ends with a NULL cause) over matter and fills verdict, with what was ruled out, and also of out, which
 * the caller has zeroed. What makes the thing fail comes before what makes it slow; among failures the earliest step, because what lies
 * behind it was never reached; among delays the longest. A second explanation that costs nearly as much takes confidence from the first. */
void rank(const struct matter *matter, const struct rule *const *tables, size_t table_count,
	  otherwise_fn *otherwise, struct diagnosis *out);

#endif
