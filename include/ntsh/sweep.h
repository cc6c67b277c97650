/* Echo requests to many hosts at once (ICMP, RFC 792, RFC 4443): who lives, how far, how steadily.
 *
 * Without rounds each host is asked once, and once more when it is silent: the waits follow the round trips seen, and nothing is waited
 * for at the end. With rounds each host gets so many probes, and what is not answered is lost. */
#ifndef NTSH_SWEEP_H
#define NTSH_SWEEP_H

#include "ntsh/loop.h"
#include "ntsh/targets.h"

enum { SWEEP_HOSTS_MAX = 1 << 22, SWEEP_BURST = 4096, SWEEP_RATE_USUAL = 20000 };

struct sweep_request {
	const struct targets *targets; /* at most SWEEP_HOSTS_MAX; must outlive the sweep */
	uint64_t rounds;               /* probes of each host; 0: one, and another if it is silent */
	ns_t interval;                 /* of rounds */
	ns_t wait;                     /* a probe is lost after this; 0: from the round trips seen */
	size_t size;                   /* payload bytes, 12..1400 */
	uint64_t rate;           /* packets a second, after the first SWEEP_BURST; 0: SWEEP_RATE_USUAL */
	const char *interface;   /* or NULL */
	int hops, traffic_class; /* 0: the system's */
};

enum sweep_state { SWEEP_UNKNOWN, SWEEP_ALIVE, SWEEP_SILENT, SWEEP_UNREACHABLE, SWEEP_REFUSED };

struct sweep_host {
	ns_t sent_mono, sent_real;     /* of the latest probe */
	ns_t best, worst, total, last; /* round trips; NS_NONE: none */
	uint32_t sent, answered, lost, duplicates;
	uint8_t state;                /* enum sweep_state */
	uint8_t icmp_type, icmp_code; /* SWEEP_UNREACHABLE */
	int16_t hops;                 /* TTL of the latest answer, -1 unknown */
	uint16_t reporter;            /* SWEEP_UNREACHABLE: number of who said so, for sweep_reporter */
	int errnum;                   /* SWEEP_REFUSED */
	bool waiting;
};

struct sweep_report {
	uint64_t count, alive, silent, unreachable, refused;
	uint64_t sent, answered, duplicates;
	bool raw;                       /* raw sockets; else ping sockets */
	const struct sweep_host *hosts; /* in the order of the targets */
	ns_t took;
};

struct sweep;

/* end is called once, from the loop. Returns NULL with err: too many hosts, or neither raw nor ping sockets are open to this user. */
struct sweep *sweep_start(struct loop *loop, const struct sweep_request *request, void (*end)(void *arg),
			  void *arg, struct error *err);
const struct sweep_report *sweep_report(struct sweep *sweep);
const struct addr *sweep_reporter(const struct sweep *sweep, uint16_t number);
void sweep_free(struct sweep *sweep); /* NULL is ignored */

/* "alive", "silent", "unreachable", "refused", "unknown". */
const char *sweep_state_name(enum sweep_state state);

#endif
