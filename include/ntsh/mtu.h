/* The largest packet that gets to a host, hop by hop (RFC 1191, RFC 8201), and where larger ones vanish without a word (RFC 2923).
 *
 * Probes do not let themselves be cut (DF) and do not heed what the kernel has learned (IP_PMTUDISC_PROBE): each time the router that
 * cannot pass them on must say so. Where nobody says so, the size is searched by echoes, and the place by TTL: the way there only, as
 * time exceeded messages are small. */
#ifndef NTSH_MTU_H
#define NTSH_MTU_H

#include "ntsh/trace.h"

enum { MTU_STEPS_MAX = 16, MTU_LEAST_4 = 68, MTU_LEAST_6 = 1280, MTU_HOPS_MAX = 64 };

struct mtu_request {
	struct addr target;
	unsigned max;          /* hops, 1..MTU_HOPS_MAX */
	size_t first;          /* bytes of the largest packet to try: the interface's MTU */
	const char *interface; /* or NULL */
};

/* A router that said "too big" (a link behind it takes no more than mtu), or a place where larger packets vanish. */
struct mtu_step {
	struct addr router; /* AF_UNSPEC for a black hole: nobody said so */
	unsigned
	    hops; /* TTL of the router, 0 unknown; of a black hole: the last hop that larger packets reach */
	size_t mtu;
	bool black_hole;
	bool way_back; /* larger packets reach the target's door: it may be the way back that loses them */
	bool local;    /* this machine's own link */
};

struct mtu_hop {
	struct addr router; /* AF_UNSPEC: silent */
	size_t mtu;         /* largest packet that gets there */
};

struct mtu_report {
	bool answers;      /* the target answers small packets */
	unsigned distance; /* its TTL, 0 unknown */
	size_t mtu;        /* of the whole path; 0: not known */
	bool exact;        /* false: at least so much */
	size_t step_count;
	struct mtu_step steps[MTU_STEPS_MAX];
	size_t hop_count;
	struct mtu_hop hops[MTU_HOPS_MAX]; /* by TTL - 1 */
	uint64_t sent;
	ns_t took;
	int errnum; /* this machine refused to send, 0: no */
};

struct mtu;

/* end is called once, from the loop. Returns NULL with err. */
struct mtu *mtu_start(struct loop *loop, const struct mtu_request *request, void (*end)(void *arg), void *arg,
		      struct error *err);
const struct mtu_report *mtu_report(struct mtu *mtu);
void mtu_free(struct mtu *mtu); /* NULL is ignored */

#endif
