/* The rows that turn counters into findings. */
#ifndef NET_STATS_RULES_H
#define NET_STATS_RULES_H

#include "ntsh/stats.h"

struct stats_rule {
	const char *id;
	const char *counter; /* names, separated by a blank: their sum */
	const char *base;    /* what it is compared with, in the same way; NULL: the number itself counts */
	double note, warn, bad; /* from here on; per cent with a base */
	const char *says;    /* "%N" the number, "%S" the share */
	const char *todo;
	double least;        /* fewer than so many are a note, whatever their share */
};
extern const struct stats_rule stats_rules[];
extern const size_t stats_rule_count;

#endif
