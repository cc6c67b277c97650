/* The flow engine among its parts: table (who belongs together, and until when), tcp (sequence numbers), exchange (whose turn it is, and what the
 * turns cost), app (what can be read in clear text), names (addresses by earlier DNS answers). */
#ifndef NET_FLOWS_FLOWS_H
#define NET_FLOWS_FLOWS_H

#include "ntsh/flows.h"

struct flow_names;

struct flows {
	struct flows_events events;
	void *arg;
	struct flow **buckets;
	size_t capacity, alive; /* capacity: a power of two */
	uint64_t count;
	struct flow *newest[2], *oldest[2]; /* by activity: those alive, those closing */
	struct flow_names *names;
};

/* One packet on its way through the parts. */
struct flow_step {
	struct flows *flows;
	struct flow *flow;
	struct flow_side *side, *other; /* who sent it, and whom to */
	int from;                       /* 0: side is the client */
	const struct packet *packet;
	ns_t time;
	uint32_t fresh; /* bytes of payload that were not seen before */
	ns_t idle;      /* since its last data, when all of that had been acknowledged; else 0 */
};

/* --- tcp.c --- */
void flow_tcp(struct flow_step *step);

/* --- reset.c --- */
void flow_reset(struct flow_step *step);
void flow_icmp_error(struct flow *flow, const struct packet *outer, int towards);

/* --- exchange.c --- */
void flow_exchange_data(struct flow_step *step);
void flow_exchange_ack(struct flow_step *step);
/* The exchange under way is over: the next began, or the flow ended. */
void flow_exchange_end(struct flows *flows, struct flow *flow);

/* --- app.c --- */
void flow_app_read(struct flow_step *step);
void flow_name_set(struct flow *flow, const char *bytes, size_t length);

/* --- dns.c --- */
void flow_dns(struct flow_step *step);

/* --- names.c: which name an address came from --- */
struct flow_names *flow_names_new(void);
void flow_names_free(struct flow_names *names);
void flow_names_add(struct flow_names *names, const uint8_t *address, unsigned length, const char *name);
const char *flow_names_find(const struct flow_names *names, const struct addr *addr);

static inline int32_t seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

#endif
