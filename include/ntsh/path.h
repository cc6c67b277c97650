/* A path under watch: every hop and the target are probed together, again and again, so that loss and delay are pinned to where
 * they begin.
 *
 * Routers limit the ICMP errors that they send (Linux: 6 at once, then 1 a second for each destination). A hop that falls silent while others behind it go
 * on is asked no more than once in PATH_PACED from then on, and only what it leaves unanswered at that pace may be loss. */
#ifndef NTSH_PATH_H
#define NTSH_PATH_H

#include "ntsh/ping.h"
#include "ntsh/trace.h"

enum { PATH_HISTORY = 512, PATH_ROUTERS_MAX = 4 };
#define PATH_PACED (1100 * NS_PER_MS)

struct path_request {
	struct addr target;
	enum trace_method method;
	uint16_t port;         /* as in trace_request */
	unsigned max;          /* hops, 1..255 */
	uint64_t count;        /* rounds; 0: until stopped */
	ns_t interval;         /* of a round: each hop is asked once in it */
	ns_t wait;             /* a probe is lost after this; 0: from the round trips seen */
	size_t size;           /* of the whole IP packet; 0: as small as usual */
	const char *interface; /* or NULL */
};

struct path_router {
	struct addr addr;
	uint64_t answers;
};

struct path_hop {
	unsigned hops;                    /* TTL */
	uint64_t sent, answered, waiting; /* waiting: in flight, neither answered nor lost yet */
	uint64_t refused;                 /* this machine did not send it */
	int errnum;                       /* why, of the latest */
	size_t router_count, latest;      /* latest: index of the router that answered last */
	struct path_router routers[PATH_ROUTERS_MAX];
	enum trace_kind kind; /* of the latest answer */
	uint8_t icmp_type, icmp_code;
	int reply_hops;                        /* -1 unknown */
	bool paced;                            /* it limits its ICMP: asked once in PATH_PACED */
	uint64_t judged_sent, judged_answered; /* what counts for loss: since it is paced */
	uint64_t timed;                        /* round trips measured */
	ns_t last, best, worst, total;         /* of them; NS_NONE: none */
	uint64_t numbered;                     /* probes of this hop so far */
	ns_t history
	    [PATH_HISTORY]; /* round trips by number (modulo); NS_NONE: lost, PATH_PENDING: in flight */
};
#define PATH_PENDING (NS_NONE + 1)

struct path_report {
	enum trace_method method;
	struct addr target, source;
	bool raw, flow_held, kernel_stamped, user_stamped;
	bool reached;        /* the last hop is the target */
	bool ended_by_other; /* the last hop says that it goes no further: kind, icmp_type */
	uint64_t rounds;     /* begun */
	size_t hop_count;    /* up to the target, or to the last that ever answered */
	const struct path_hop *hops;
	ns_t took;
};

/* One probe whose fate is known. */
struct path_probe {
	unsigned hops;
	uint64_t number;  /* of this hop, from 1 */
	struct addr from; /* AF_UNSPEC: lost */
	ns_t rtt;         /* NS_NONE: lost */
	bool late;        /* it was reported lost before */
	enum trace_kind kind;
};

struct path_events {
	void (*probe)(const struct path_probe *probe, void *arg); /* may be NULL */
	void (*seen)(const struct addr *addr, void *arg); /* a router for the first time; may be NULL */
	void (*end)(void *arg);                           /* all rounds are accounted for */
};

struct path;

/* events must outlive the path. Returns NULL with err when no socket can be had. */
struct path *path_start(struct loop *loop, const struct path_request *request,
			const struct path_events *events, void *arg, struct error *err);
const struct path_report *path_report(struct path *path);
void path_pause(struct path *path, bool paused);
void path_reset(struct path *path); /* counts begin anew */
void path_free(struct path *path);  /* NULL is ignored */

/* Round trips of a hop, in the order of sending, NS_NONE for lost ones; at most max of the latest. Returns how many. */
size_t path_latest(const struct path_hop *hop, ns_t *out, size_t max);

/* Statistics over the history kept. */
void path_stats(const struct path_hop *hop, struct rtt_stats *stats);

/* Lost probes in percent, of those whose fate is known. */
double path_loss_percent(const struct path_hop *hop);

/* What it means, as trace_judge: where loss and delay begin, and what is no fault. Pure. */
size_t path_judge(const struct path_report *report, struct trace_finding *out, size_t max);

#endif
