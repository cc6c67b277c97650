/* What a scan is, without a network: which probe to send when, what its answer means, when nothing more can come. All times are
 * handed in (CLOCK_MONOTONIC).
 *
 * Probe number i is port i / hosts of host i % hosts, so that every host gets its share of the pace. */
#ifndef NET_SCAN_CORE_H
#define NET_SCAN_CORE_H

#include "ntsh/scan.h"

enum {
	SCAN_PASSES = 3, /* a silent probe is sent so often, */
	SCAN_PASSES_MAX =
	    10, /* and on, as long as the losses so far let expect one more answer in a thousand scans */
	SCAN_FEW = 2000, /* so many probes cost nothing */
	SCAN_OUTCOMES_MAX = 65535,
};

/* How long answers are awaited behind the last probe of a pass: from the round trips seen, within these bounds; unknown ones. */
#define SCAN_WAIT_MIN (50 * NS_PER_MS)
#define SCAN_WAIT_MAX (3 * NS_PER_S)
#define SCAN_WAIT_UNKNOWN NS_PER_S
#define SCAN_WAIT_UNKNOWN_FAST                                                                               \
	(300 * NS_PER_MS) /* without a rate limit: the user says that the network is near */

struct scan_slot {
	uint32_t sent;    /* microseconds, modulo 2^32 */
	uint16_t outcome; /* 0: none so far */
	uint8_t tries;
	bool recovered; /* answered when asked again */
};

enum scan_host_flag {
	SCAN_HOST_ANSWERED = 1,
	SCAN_HOST_UNREACHABLE = 2,
	SCAN_HOST_HINTED = 4,
	SCAN_HOST_FINGERED = 8,
	SCAN_HOST_HEARD = 16,
};

struct scan_core {
	uint64_t hosts, total;
	uint32_t ports;
	bool datagrams;  /* UDP */
	uint64_t window; /* probes in flight at most; 0: by pace and round trips alone */
	struct scan_slot *slots;
	uint8_t *host_flags;
	struct scan_outcome *outcomes;
	uint32_t outcome_count;

	unsigned pass;
	uint64_t cursor, silent, flying, reached; /* reached: hosts that answered */
	uint64_t pass_sent, pass_recovered;
	ns_t pass_began, last_sent;
	bool done;

	double rate; /* 0: unlimited */
	ns_t due;    /* when the pace allows the next probe */
	ns_t resume; /* when the device can take more */
	bool slowed, icmp_limited;

	uint64_t sent, answered, recovered, closed_by_icmp;
	ns_t srtt, rttvar, rtt_max;
};

void scan_core_init(struct scan_core *core, uint64_t hosts, uint32_t ports, bool datagrams, double rate,
		    ns_t now);
void scan_core_release(struct scan_core *core);

enum scan_next {
	SCAN_SEND,  /* the probe in *what */
	SCAN_LATER, /* at *when (NS_NEVER: something must come in first) */
	SCAN_DONE,
};
enum scan_next scan_core_next(struct scan_core *core, ns_t now, uint64_t *what, ns_t *when);

/* The probe has left. Its number of tries, from 1, is in its slot. */
void scan_core_sent(struct scan_core *core, uint64_t probe, ns_t now);

/* These, the latest that were said to have left, in their order, have not: they are due again at resume. */
void scan_core_unsent(struct scan_core *core, const uint64_t *probes, size_t count, ns_t resume);

/* It cannot be sent. */
void scan_core_refused(struct scan_core *core, uint64_t probe, int errnum);

/* Something about the probe came back. The better outcome stays: an answer of the target
 * over an ICMP error over silence. */
void scan_core_answer(struct scan_core *core, uint64_t probe, const struct scan_outcome *outcome, ns_t now);

/* How a probe ended in an earlier run. */
void scan_core_known(struct scan_core *core, uint64_t probe, const struct scan_outcome *outcome);

/* What of a kept scan was read so far. */
enum { SCAN_KEPT_MAX = 4096 };
struct scan_kept {
	struct scan_outcome outcomes[SCAN_KEPT_MAX];
	size_t count;
	uint64_t at;
};

/* Takes a line of a kept scan, the first excepted. False: it is none. */
bool scan_keep_line(struct scan_core *core, const char *line, struct scan_kept *kept);

/* With a window: the probe is no longer in flight. */
void scan_core_landed(struct scan_core *core);

/* A round trip to some target, seen otherwise (an echo). */
void scan_core_rtt(struct scan_core *core, ns_t rtt);

/* How long a probe is awaited. */
ns_t scan_core_wait(const struct scan_core *core);

/* What is known of a probe. */
const struct scan_outcome *scan_core_outcome(const struct scan_core *core, uint64_t probe);

static inline uint64_t scan_core_probe(const struct scan_core *core, uint64_t host, uint32_t port_index)
{
	return port_index * core->hosts + host;
}

#endif
