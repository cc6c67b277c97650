/* Is a service on this machine slow, or the network to its clients? Run on the server; nothing is sent. */
#ifndef NTSH_DIAGNOSE_SERVICE_H
#define NTSH_DIAGNOSE_SERVICE_H

#include "ntsh/diagnose.h"

/* One client of the service, by address: what its connections waited for. */
struct service_client {
	struct addr addr;
	uint64_t connections;
	const char *holder;         /* "reader", "peer", "buffer", "loss", "path", "program", "idle"; static */
	const char *says;           /* the same in words, static */
	double share;               /* of the watched time, 0..1, of the connection that fares worst */
	double network;             /* share of the time that the path took, lost segments included, of its worst connection */
	ns_t rtt, min_rtt;          /* medians, NS_NONE unknown */
	ns_t think;                 /* the longest wait for an answer, 0 none */
	ns_t pending;               /* the longest wait for an answer that goes on, 0 none */
	uint64_t retransmitted, sent_segments, sent_bytes, received_bytes, unread_bytes;
};

enum { SERVICE_CLIENTS_MAX = 100 };

struct service_diagnosis {
	struct diagnosis found;
	uint16_t port;
	char process[64];           /* "nginx[123]", "" unknown */
	uint64_t connections, unaccepted, close_wait, half_open;
	uint64_t queue, queue_limit; /* the longest accept queue seen */
	unsigned looks;
	ns_t watched;
	size_t client_count, clients_seen;
	struct service_client clients[SERVICE_CLIENTS_MAX]; /* the worst first */
};

struct diagnose_service_request {
	uint16_t port;
	int family;
	ns_t interval;              /* how long to watch; 0: 3 s */
};

/* Watches and judges. events as for diagnose_run. Returns 0, or -1 with err. */
int diagnose_service_run(struct loop *loop, const struct diagnose_service_request *request,
			 const struct diagnose_events *events, void *arg, struct service_diagnosis *out,
			 struct error *err);

#endif
