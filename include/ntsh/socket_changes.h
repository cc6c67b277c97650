/* Sockets that open, close and change their state, told by comparing one look at the kernel's table with the next. */
#ifndef NTSH_SOCKET_CHANGES_H
#define NTSH_SOCKET_CHANGES_H

#include "ntsh/loop.h"
#include "ntsh/sockets.h"

enum socket_change_kind { SOCKET_OPENED, SOCKET_CLOSED, SOCKET_CHANGED };

struct socket_change {
	enum socket_change_kind kind;
	struct socket_entry entry; /* without what leads into messages; of a closed one as it was last */
	uint8_t before;            /* SOCKET_CHANGED: its state at the look before */
	ns_t seen;                 /* for how long it has been seen, 0 when just opened */
};

struct socket_changes_request {
	struct sockets_query query;
	ns_t interval;
	uint64_t looks; /* after the first one; 0: until cancelled */
};

typedef void socket_change_fn(const struct socket_change *change, void *arg);
/* Called after each look: number of sockets there now, and how many changes were told. */
typedef void socket_look_fn(uint64_t sockets, uint64_t changes, void *arg);

/* Looks until all looks are done or the loop is cancelled. The first look tells nothing. Sockets that open and close between two looks
 * are not seen. Returns 0, or -1 with err. */
int socket_changes_run(struct loop *loop, const struct socket_changes_request *request, socket_change_fn *change,
		       socket_look_fn *look, void *arg, struct error *err);

#endif
