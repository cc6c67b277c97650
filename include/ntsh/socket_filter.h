/* The filter language of ss: `state established ( dport = :443 or sport = :443 ) and not dst 10.0.0.0/8`.
 *
 *   FILTER    = { state STATE | exclude STATE } [ EXPRESSION ]
 *   EXPRESSION= src|dst [= | !=] HOST, sport|dport OP PORT, dev [=|!=] IF, fwmark [=|!=] MARK[/MASK], cgroup [=|!=] PATH, autobound,
 *               not E, E and E, E E, E or E, ( E )
 *   HOST      = [inet:|inet6:|unix:|link:] ADDRESS[/BITS][:PORT] | NAME[:PORT] | :PORT | * | a pattern of a unix path
 *   OP        = == eq, != ne neq, < lt, > gt, <= le leq, >= ge geq (= may be left out)
 * `and` binds tighter than `or`; && & || | ! are understood as well. */
#ifndef NTSH_SOCKET_FILTER_H
#define NTSH_SOCKET_FILTER_H

#include "ntsh/error.h"
#include "ntsh/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct socket_filter;
struct socket_entry;

/* Reads the words of a command line (each may hold several words of the language). Returns NULL with err (status USAGE). No words at
 * all are a filter that holds for everything. Free with socket_filter_free. */
struct socket_filter *socket_filter_parse(const char *const *words, size_t count, struct error *err);
void socket_filter_free(struct socket_filter *filter);

/* Looks up the names of hosts, interfaces and cgroups in it. family: AF_UNSPEC for both. Call once before matching. Returns 0, or -1 with err. */
int socket_filter_resolve(struct loop *loop, struct socket_filter *filter, int family, struct error *err);

/* The states that it names (1 << enum socket_state), 0 when it names none. */
unsigned socket_filter_states(const struct socket_filter *filter);

/* Does the expression hold for it? The states are not looked at. */
bool socket_filter_matches(const struct socket_filter *filter, const struct socket_entry *entry);

#endif
