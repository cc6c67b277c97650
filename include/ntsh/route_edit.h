/* Adding and removing routes: what will change is said first, a person is asked, and how to undo it is said last. */
#ifndef NTSH_ROUTE_EDIT_H
#define NTSH_ROUTE_EDIT_H

#include "ntsh/command.h"
#include "ntsh/routes.h"

enum { ROUTE_EDIT_WORDS_MAX = 512, ROUTE_EDIT_SAYS_MAX = 400 };

/* Reads ip's words: [TYPE] PREFIX [via A] [dev IF] [metric N] [table T] [proto P] [scope S] [src A] [mtu N] [advmss N] [tos N] [nhid N] [onlink]
 * [nexthop via A dev IF weight N]... . Returns 0, or -1 with err (STATUS_USAGE). out->route.hops points into out. */
int route_edit_read(const struct option_list *words, int family, bool remove, struct route_edit *out,
		    struct error *err);

struct route_plan {
	char words[ROUTE_EDIT_WORDS_MAX]; /* the route that is added or removed */
	char same[ROUTE_EDIT_WORDS_MAX];  /* the one of the same prefix, table and metric that is there already; "" */
	char says[ROUTE_EDIT_SAYS_MAX];   /* what will change */
	char undo[ROUTE_EDIT_WORDS_MAX + 32]; /* the command that takes it back */
	bool found;                       /* to be removed: it is there */
};

/* What the edit would do to the tables as they are now. Returns 0, or -1 with err. */
int route_plan_make(const struct route_edit *edit, struct route_plan *out, struct error *err);

/* The whole course of `route add` and `route del`, for their run(). yes: do it without asking. */
enum status route_edit_run(struct call *call, const struct option_list *words, bool remove, bool replace,
			   bool yes);

/* clang-format off */
#define ROUTE_EDIT_FIELDS \
	{ "route", KIND_TEXT, "the route, in ip's words" }, \
	{ "existing", KIND_TEXT, "a route of the same prefix, table and metric that is there already" }, \
	{ "says", KIND_TEXT, "what changes" }, \
	{ "done", KIND_FLAG, "it was done; false: only shown" }, \
	{ "undo", KIND_TEXT, "the command that takes it back" }
/* clang-format on */

#endif
