/* The measuring side of a diagnosis: engines run side by side in the loop and fill the facts. flow.c holds the order of the steps, the other
 * flow_*.c one step each. A step waits with flow_wait, which also serves what runs in the background. */
#ifndef DIAG_FLOW_H
#define DIAG_FLOW_H

#include "diag/evidence.h"

#include "ntsh/counters.h"
#include "ntsh/diagnose.h"
#include "ntsh/http.h"
#include "ntsh/lookup.h"
#include "ntsh/ping.h"
#include "ntsh/tcp.h"
#include "ntsh/witness.h"

enum { HANDSHAKES_MAX = 64, FETCHES_MAX = 8, RESOLVER_PROBES = 2, STREAMS_MAX = 16, HOPS_MAX = 12 };

struct flow;

/* A handshake with the service on one of the paths. */
struct handshake {
	struct flow *flow;
	struct tcp_connect *connect; /* NULL: not running */
	int path;
	ns_t began;
	bool done;
	enum tcp_connect_outcome outcome;
};

/* A look at how far a name server is. */
struct resolver_probe {
	struct flow *flow;
	struct resolver_fact *fact;
	struct tcp_connect *connect;
	struct ping *ping;
};

/* A SYN that is to die at the hops'th router. */
struct hop_probe {
	struct flow *flow;
	struct tcp_connect *connect;
	int hops;
	bool service; /* to the service's port, else to the other one */
};

/* One connection as the raw socket sees it: is what is missing in its stream late, or sent again? */
struct stream {
	uint16_t port;      /* ours */
	uint32_t next, end; /* expected next; end of what came beyond it */
	ns_t hole_since;    /* CLOCK_REALTIME of the first segment beyond a hole, 0 none */
};

/* A request under way. */
struct fetch {
	struct flow *flow;
	struct http_fetch *http; /* NULL: not running */
	struct attempt *attempt;
	ns_t began;
	bool done;
};

/* A series of probes that runs in the background. */
struct prober {
	struct flow *flow;
	struct ping *ping;
	struct series *series;
	ns_t interval;
	uint64_t last_seq; /* highest answered so far: what comes behind it was overtaken */
	bool ended;
};

struct flow {
	struct loop *loop;
	const struct diagnose_request *request;
	const struct diagnose_events *events;
	void *arg;
	struct facts *facts;
	ns_t began, deadline; /* CLOCK_MONOTONIC; the deadline is for measuring */
	bool wake;            /* something happened: flow_wait looks again */
	struct loop_timer waker;
	char url[1200]; /* what is requested, "" when nothing speaks HTTP */

	struct lookup *lookup, *lookup_again;
	bool lookup_done, lookup_again_done;
	struct resolver_probe to_resolver[RESOLVERS_MAX][RESOLVER_PROBES];

	struct handshake handshakes[HANDSHAKES_MAX];
	unsigned handshake_count, handshakes_wanted;
	struct loop_timer handshake_timer;
	struct hop_probe hop_probes[2 * HOPS_MAX];
	struct prober icmp, closed;
	struct witness *witness;
	struct stream streams[STREAMS_MAX];

	struct http_client *client;
	struct fetch fetches[FETCHES_MAX];

	bool talk_done; /* flow_service.c */

	struct loop_timer clock_timer;
	ns_t clock_due;
	struct counters counters;
	ns_t lateness[SAMPLES_MAX];
	uint64_t cpu_stall; /* microseconds, of /proc/pressure/cpu */
	uint64_t link_errors, link_drops;
};

/* --- flow.c --- */

/* Serves the loop until ready(flow) or until (CLOCK_MONOTONIC), whichever comes first; never beyond the flow's deadline. Returns
 * ready(flow). facts->interrupted is set when the user ended it. */
bool flow_wait(struct flow *flow, bool (*ready)(const struct flow *flow), ns_t until);
/* False once it makes no sense to go on measuring. */
bool flow_goes_on(const struct flow *flow);
void flow_step(struct flow *flow, double fraction, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void flow_finding(struct flow *flow, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- flow_target.c --- */

/* Understands the target: fills kind, host, port, target and the flow's url. Returns 0, or -1 with err. */
int flow_target(struct flow *flow, struct error *err);

/* --- flow_name.c --- */

/* Looks the name up and fills facts->dns and the addresses of facts->paths. */
void flow_name(struct flow *flow);
/* Asks again in the background, when the first look-up was slow. */
void flow_name_again(struct flow *flow);
void flow_name_end(struct flow *flow);

/* --- flow_way.c --- */

/* What the kernel says of the way to path->addr: route, link, neighbour. */
void flow_way(struct flow *flow, struct path *path);
/* Neighbour and link counters, after traffic went that way. */
void flow_way_after(struct flow *flow, struct path *path);
/* A link of this machine that is down, when there is no route. */
void flow_down_link(struct flow *flow);

/* --- flow_reach.c --- */

/* Handshakes with every address, probes beside; sets facts->primary to the path to use. */
void flow_reach(struct flow *flow);
/* When nothing connected: a second look that tells silence from silence. */
void flow_unreached(struct flow *flow);
/* More handshakes with the primary, spaced, in the background. */
void flow_handshakes_more(struct flow *flow, unsigned wanted, ns_t spacing);
bool flow_handshakes_done(const struct flow *flow);
void flow_reach_end(struct flow *flow);

/* --- flow_hops.c --- */

/* How far SYNs to the silent port get, router by router, beside SYNs to the other port. */
void flow_hops_begin(struct flow *flow, const struct path *path);
bool flow_hops_done(const struct flow *flow);
void flow_hops_end(struct flow *flow);

/* --- flow_probe.c --- */

/* The port that nobody is expected to serve. */
enum { CLOSED_PORT = 4 };

void flow_probe_begin(struct flow *flow, const struct addr *target);
/* Sends nothing more; waits for what is in flight. */
void flow_probe_end(struct flow *flow);
/* Marks the samples that were taken while a transfer of ours ran. */
void flow_probe_mark_loaded(struct flow *flow);

/* --- flow_request.c --- */

/* The requests: several on new connections, some on a kept one, small segments when one is stuck. */
void flow_requests(struct flow *flow);
/* Several transfers at once, when one took long. */
void flow_load(struct flow *flow);
void flow_requests_end(struct flow *flow);

/* --- flow_exchange.c --- */

/* One finished exchange as facts. */
void flow_exchange(struct flow *flow, const struct http_exchange *exchange, struct attempt *attempt);
/* What a handshake says of the service: certificate, version. */
void flow_exchange_tls(struct flow *flow, const struct tls_handshake *tls);

/* --- flow_service.c --- */

/* HOST:PORT without HTTP: banner, TLS. */
void flow_service(struct flow *flow);

/* --- flow_machine.c --- */

void flow_machine_begin(struct flow *flow);
void flow_machine_end(struct flow *flow);

#endif
