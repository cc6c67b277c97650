/* The rules of diagnose dns, and what they share. */
#ifndef DIAG_NAME_RULES_H
#define DIAG_NAME_RULES_H

#include "diag/name_facts.h"
#include "diag/rules.h"

extern const struct rule rules_name[], rules_name_zone[],
    rules_name_answer[]; /* each ends with a NULL cause */

/* The program gets an address. */
bool name_works(const struct name_facts *facts);

/* The look-up went to name servers. */
bool name_asked_dns(const struct name_facts *facts);

/* An answer over UDP was cut, and over TCP there was none. */
bool name_truncated_then_failed(const struct name_facts *facts, int *server);

void name_where_server(const struct name_facts *facts, int server, struct verdict *verdict);

/* How a resolver's answer that is not the authority's came about. */
enum name_difference {
	DIFFERENCE_NONE,
	DIFFERENCE_CACHED,  /* its TTL counts down: it was true once */
	DIFFERENCE_INSIDE,  /* the resolver has a zone of its own */
	DIFFERENCE_DENIED,  /* it says that the name does not exist */
	DIFFERENCE_FORGED,  /* none of these */
	DIFFERENCE_ON_WIRE, /* over TCP it says the truth: somebody between answers over UDP */
};
/* The zone that the walk ended in, or stopped at; NULL: it did not get that far. */
const struct walk_zone *name_last_zone(const struct name_facts *facts);

enum name_difference name_difference(const struct name_facts *facts, int server);

#endif
