/* The search for a path's MTU, without a network. Sets of questions "does a packet of this size get so far?" go out together; when all are
 * answered or given up, the next set is decided. All times are handed in (CLOCK_MONOTONIC). */
#ifndef NET_MTU_CORE_H
#define NET_MTU_CORE_H

#include "net/trace_io.h"
#include "ntsh/mtu.h"

enum { MTU_ASKS = 80, MTU_TRIES = 3, MTU_FAR = 64 };

enum mtu_fate { MTU_WAITING, MTU_ANSWERED, MTU_EXPIRED, MTU_REPORTED, MTU_STOPPED, MTU_SILENT };

struct mtu_ask {
	size_t size;
	unsigned hops;
	enum mtu_fate fate;
	uint8_t tries;
	ns_t due, sent; /* due: NS_NEVER when it waits */
	uint16_t tokens[MTU_TRIES];
};

enum mtu_phase { MTU_LOOK, MTU_DESCEND, MTU_SEARCH, MTU_LOCATE, MTU_DONE };

struct mtu_core {
	enum mtu_phase phase;
	unsigned max;
	size_t first, least, high,
	    low; /* first: tried first. low passes, high does not (or is not known to) */
	ns_t began, max_rtt;
	uint16_t next_token;
	size_t ask_count;
	struct mtu_ask asks[MTU_ASKS];
	struct mtu_report report;
};

void mtu_core_init(struct mtu_core *core, const struct mtu_request *request, ns_t now);
/* The next packet that is due; false when there is none now. */
bool mtu_core_next(struct mtu_core *core, ns_t now, unsigned *hops, size_t *size, uint16_t *token);
void mtu_core_answer(struct mtu_core *core, const struct trace_answer *answer);
/* Returns true when all is known. */
bool mtu_core_settle(struct mtu_core *core, ns_t now);
ns_t mtu_core_wake(const struct mtu_core *core);

#endif
