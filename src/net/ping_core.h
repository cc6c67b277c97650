/* What a ping is, without a network: when to send, what is lost, late or double. All times are handed in.
 *
 * Moments are CLOCK_MONOTONIC ("mono") for deadlines, CLOCK_REALTIME ("real") for round trips, because kernel stamps are. */
#ifndef NET_PING_CORE_H
#define NET_PING_CORE_H

#include "ntsh/ping.h"

enum {
	PING_SLOTS = 4096, /* probes remembered: late and double replies are recognised among them */
};

/* The time-out while nothing was seen, and the bounds of the one that follows from what was seen. */
#define PING_TIMEOUT_FIRST NS_PER_S
#define PING_TIMEOUT_MIN (250 * NS_PER_MS)
#define PING_TIMEOUT_MAX (10 * NS_PER_S)

enum ping_state { PING_FREE, PING_WAITING, PING_GIVEN_UP, PING_ENDED };

struct ping_slot {
	uint64_t seq; /* from 1 */
	enum ping_state state;
	bool unreachable; /* an ICMP error was reported */
	bool departed;    /* sent_real is the kernel's stamp */
	uint32_t stamp_id;
	ns_t sent_mono, sent_real;
};

typedef void ping_probe_fn(const struct ping_probe *probe, void *arg);

struct ping_core {
	uint64_t count; /* to send; 0: until stopped */
	ns_t interval, fixed_timeout;
	bool adaptive;
	ns_t least_gap, last_mono; /* last_mono: when the latest probe was sent */
	ns_t first_mono; /* the send times are counted from here, so that they do not drift */
	uint64_t beats;  /* send times that have gone by */
	uint64_t sent, oldest, waiting;
	uint64_t replies;
	ns_t max_rtt;
	bool stopped;
	ping_probe_fn *report;
	void *arg;
	struct ping_slot slots[PING_SLOTS];
};

/* A reply as it came in. */
struct ping_arrival {
	struct addr from;
	int ttl;
	size_t bytes;
	ns_t mono, real;
	bool stamped; /* real is the kernel's stamp */
	ns_t rtt;     /* measured by somebody else (TCP), else NS_NONE */
	bool rtt_kernel;
};

/* first_mono: when the first probe is due. */
void ping_core_init(struct ping_core *core, const struct ping_request *request, ns_t first_mono,
		    ping_probe_fn *report, void *arg);

/* True when a probe is due. */
bool ping_core_due(const struct ping_core *core, ns_t mono);

/* Begins the next probe. Returns it for the sender to note its stamp_id. */
struct ping_slot *ping_core_begin(struct ping_core *core, ns_t mono, ns_t real);

/* The probe could not be sent. */
void ping_core_failed(struct ping_core *core, struct ping_slot *slot, int errnum);

/* The kernel's stamp of its departure. */
void ping_core_departed(struct ping_slot *slot, ns_t real);

/* The probe whose number ends in these 16 bits, NULL when it is forgotten or was never sent. */
struct ping_slot *ping_core_find(struct ping_core *core, uint16_t low);

/* The waiting probe with this stamp id, NULL when there is none. */
struct ping_slot *ping_core_find_stamp(struct ping_core *core, uint32_t stamp_id);

void ping_core_reply(struct ping_core *core, struct ping_slot *slot, const struct ping_arrival *arrival);

/* An ICMP error about it. mtu: of a too-big error. */
void ping_core_unreachable(struct ping_core *core, struct ping_slot *slot, const struct ping_arrival *arrival,
			   uint8_t type, uint8_t code, uint32_t mtu);

/* Gives up what waited too long. */
void ping_core_expire(struct ping_core *core, ns_t mono);

/* When something is to be done next; NS_NEVER when nothing is. */
ns_t ping_core_next(const struct ping_core *core);

/* How long a probe is waited for, given what was seen so far. */
ns_t ping_core_timeout(const struct ping_core *core);

/* Nothing is to be sent any more, nothing is waited for. */
bool ping_core_finished(const struct ping_core *core);

/* Ends the waiting for probe after probe without a report (the method has changed). */
void ping_core_forget(struct ping_core *core);

#endif
