/* Quantities as words inside a sentence, by value, so that several fit into one printf: say_time(t).text. */
#ifndef DIAG_WORDS_H
#define DIAG_WORDS_H

#include "base/units.h"

struct word {
	char text[UNITS_TEXT_MAX];
};

struct word say_time(ns_t t);                  /* "1.84 s"; "unknown" for NS_NONE, "for ever" for NS_NEVER */
struct word say_rate(double bytes_per_second); /* in bits */
struct word say_share(double share);           /* 0.0153 is "1.53 %" */
struct word say_bytes(uint64_t bytes);

#endif
