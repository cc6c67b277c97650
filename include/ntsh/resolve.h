/* Names to addresses and back for every command's targets: c-ares in our loop (loaded on first use; addresses are
 * recognised without it). It reads hosts and resolv.conf (of the namespace), not nsswitch: what a program here would really
 * get is the business of ntsh/lookup.h. */
#ifndef NTSH_RESOLVE_H
#define NTSH_RESOLVE_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

struct resolve;

struct resolve_result {
	const struct addr *addrs; /* in RFC 6724 order */
	size_t count;
	const char *canonical;    /* canonical name or NULL */
	struct error error;       /* set when count is 0: NXDOMAIN, time-out, ... in one sentence */
	ns_t took;
};

/* result is valid during the call. Called exactly once, never from inside resolve_start. */
typedef void resolve_fn(struct loop *loop, const struct resolve_result *result, void *arg);

/* Starts a look-up. family AF_UNSPEC asks for both. Returns a handle to cancel with, or NULL with err set. The
 * handle is freed after fn returned, or by resolve_cancel (fn is then not called). */
struct resolve *resolve_start(struct loop *loop, const char *name, int family, resolve_fn *fn, void *arg,
                              struct error *err);
void resolve_cancel(struct resolve *resolve);

/* The same, run to its end: fills at most max addrs and sets *count. Returns 0, or -1 with err (NXDOMAIN is STATUS_BAD). */
int resolve_all(struct loop *loop, const char *name, int family, struct addr *addrs, size_t max,
                size_t *count, struct error *err);

/* The first address only. */
int resolve_one(struct loop *loop, const char *name, int family, struct addr *out, struct error *err);

/* Reverse: the name of an address; fn gets it in result->canonical. */
struct resolve *resolve_reverse_start(struct loop *loop, const struct addr *addr, resolve_fn *fn, void *arg,
                                      struct error *err);
#endif
