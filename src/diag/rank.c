#include "diag/rank.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 48 };

struct candidate {
	const struct rule *rule;
	struct verdict verdict;
};

struct court {
	struct candidate found[CANDIDATES_MAX];
	size_t found_count;
	struct candidate clean[CANDIDATES_MAX]; /* the reason is in the summary */
	size_t clean_count;
};

const char *cause_class_name(enum cause_class class_)
{
	static const char *const names[] = { "healthy", "client", "dns", "network", "server", "unknown" };
	return names[class_];
}

static void court_hear(struct court *court, const struct matter *matter, const struct rule *rule)
{
	struct candidate candidate = { .rule = rule };
	candidate.verdict.class_ = rule->class_;
	candidate.verdict.cause = rule->cause;
	switch (rule->judge(matter, &candidate.verdict)) {
	case FOUND:
		if (court->found_count < CANDIDATES_MAX)
			court->found[court->found_count++] = candidate;
		break;
	case CLEAN:
		if (court->clean_count < CANDIDATES_MAX)
			court->clean[court->clean_count++] = candidate;
		break;
	case NOT_TESTED:
		break;
	}
}

/* What makes the thing fail comes before what makes it slow; among failures the earliest step, because what lies behind it was
 * never reached; among delays the longest. */
static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->verdict.cost == NS_NEVER && y->verdict.cost == NS_NEVER &&
	    x->rule->strikes != y->rule->strikes)
		return x->rule->strikes < y->rule->strikes ? -1 : 1;
	if (x->verdict.cost != y->verdict.cost)
		return x->verdict.cost > y->verdict.cost ? -1 : 1;
	if (x->verdict.confidence != y->verdict.confidence)
		return x->verdict.confidence > y->verdict.confidence ? -1 : 1;
	return 0;
}

/* Another explanation that would cost nearly as much makes the first one less sure. */
static void court_doubt(struct court *court)
{
	if (court->found_count < 2)
		return;
	struct verdict *first = &court->found[0].verdict;
	const struct verdict *second = &court->found[1].verdict;
	if (first->cost == NS_NEVER ? second->cost != NS_NEVER : second->cost < first->cost - first->cost / 3)
		return;
	first->confidence *= 0.85;
}

static void add_ruled_out(const struct court *court, struct verdict *verdict)
{
	for (size_t i = 0; i < court->clean_count && verdict->ruled_out_count < RULED_OUT_MAX; i++) {
		const struct verdict *clean = &court->clean[i].verdict;
		int n = verdict->ruled_out_count++;
		verdict->ruled_out[n].cause = clean->cause;
		memcpy(verdict->ruled_out[n].because, clean->summary, sizeof clean->summary);
	}
}

void rank(const struct matter *matter, const struct rule *const *tables, size_t table_count,
	  otherwise_fn *otherwise, struct diagnosis *out)
{
	struct court *court = NEW(struct court);
	for (size_t t = 0; t < table_count; t++)
		for (const struct rule *rule = tables[t]; rule->cause; rule++)
			court_hear(court, matter, rule);
	qsort(court->found, court->found_count, sizeof court->found[0], compare_candidates);
	court_doubt(court);
	if (court->found_count)
		out->verdict = court->found[0].verdict;
	else
		otherwise(matter, &out->verdict);
	add_ruled_out(court, &out->verdict);
	for (size_t i = 1; i < court->found_count && out->also_count < ALSO_MAX; i++)
		out->also[out->also_count++] = court->found[i].verdict;
	free(court);
}
