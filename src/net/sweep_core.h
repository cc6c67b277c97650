/* What a sweep is, without a network: whom to ask when, who is silent. All times are handed in (CLOCK_MONOTONIC, CLOCK_REALTIME). */
#ifndef NET_SWEEP_CORE_H
#define NET_SWEEP_CORE_H

#include "ntsh/sweep.h"

struct sweep_core {
	uint64_t count, rounds, rate;
	ns_t interval, wait;
	ns_t began, max_rtt;
	uint64_t round; /* that is being sent, from 0 */
	uint64_t next;  /* host of the round that is next */
	double tokens;
	ns_t refilled;
	uint32_t *flight;     /* hosts that wait, in the order of sending: a ring of count places */
	uint64_t first, last; /* of it; equal: empty */
	uint32_t *again;      /* silent hosts to be asked once more, a ring as well */
	uint64_t again_first, again_last;
	struct sweep_host *hosts;
	struct sweep_report sums;
};

void sweep_core_init(struct sweep_core *core, const struct sweep_request *request, uint64_t count, ns_t mono);
void sweep_core_release(struct sweep_core *core);

/* The number of a host that is to be asked now, UINT64_MAX when there is none. */
uint64_t sweep_core_next(struct sweep_core *core, ns_t mono);
/* It could not be sent for want of buffers: give it back. */
void sweep_core_postpone(struct sweep_core *core, uint64_t host, ns_t mono);
void sweep_core_sent(struct sweep_core *core, uint64_t host, ns_t mono, ns_t real);
void sweep_core_refused(struct sweep_core *core, uint64_t host, int errnum);

/* real: the kernel's stamp of arrival or NS_NONE. */
void sweep_core_reply(struct sweep_core *core, uint64_t host, ns_t mono, ns_t real, int hops);
void sweep_core_unreachable(struct sweep_core *core, uint64_t host, uint8_t type, uint8_t code,
			    uint16_t reporter);

/* Gives up what waited too long. Returns true when all is known. */
bool sweep_core_settle(struct sweep_core *core, ns_t mono);
ns_t sweep_core_wake(const struct sweep_core *core, ns_t mono);

#endif
