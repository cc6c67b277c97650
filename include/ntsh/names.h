/* Names of addresses, asked for while something else is measured. */
#ifndef NTSH_NAMES_H
#define NTSH_NAMES_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

struct names;

struct names *names_new(struct loop *loop);
void names_free(struct names *names); /* NULL is ignored; questions that are out are forgotten */

/* Asks for the name of an address (PTR, RFC 1035 3.5), once for each. Never waits. */
void names_want(struct names *names, const struct addr *addr);

/* The name, NULL when there is none, or not yet. Lives as long as names. */
const char *names_get(const struct names *names, const struct addr *addr);

/* Runs the loop until all answers are there, at most so long. Returns how many are still missing. */
size_t names_wait(struct names *names, ns_t at_most);

#endif
