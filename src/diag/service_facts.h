/* All that a look at a service of this machine has measured. */
#ifndef DIAG_SERVICE_FACTS_H
#define DIAG_SERVICE_FACTS_H

#include "ntsh/diagnose_service.h"
#include "ntsh/socket_samples.h"

#include <stdint.h>

/* The kernel's counters of this namespace, grown while it was watched. */
struct service_counters {
	int64_t overflows;   /* TcpExt.ListenOverflows: an accept queue was full */
	int64_t queue_drops; /* TcpExt.TCPReqQFullDrop: the queue of half-open connections was full */
	int64_t cookies;     /* TcpExt.SyncookiesSent */
	int64_t pruned;      /* TcpExt.PruneCalled + RcvPruned: receive memory ran out */
};

/* What the connections of all clients waited for, summed over the watched time. */
struct service_sums {
	uint64_t connections; /* accepted, seen at two looks or more */
	uint64_t established;
	bool ever_answered;      /* something was sent on one of them, now or before */
	uint64_t answered_bytes; /* sent by the service in that time */
	uint64_t unread; /* connections whose data our program left unread in at least half of the looks */
	uint64_t unread_bytes;
	uint64_t answers;       /* connections with an answer that took 50 ms or more */
	ns_t think, think_most; /* the median of the longest of each, and the longest; NS_NONE: none */
	uint64_t pending;       /* connections whose peer waits for an answer at the end ... */
	uint64_t pending_sure;  /* ... since it was watched, or never had an answer at all */
	uint64_t
	    pending_recent; /* ... or for half a minute at most: it may also be that clients speak last in this protocol */
	ns_t wait;           /* median of those that are sure or recent; NS_NONE: none */
	ns_t shares[BLAMES]; /* time of all connections */
	ns_t thought; /* time of all connections in which our program had a request and had not answered */
	uint64_t retransmitted, sent_segments;
};

struct service_facts {
	uint16_t port;
	bool listens, udp;
	unsigned listeners;
	char where[ADDR_TEXT_MAX];
	char process[64];
	uint32_t pid;
	unsigned looks;
	ns_t took;
	uint64_t queue_most, queue_limit;
	unsigned looks_queued, looks_full; /* of the worst listener */
	uint64_t unaccepted_long;          /* of those below, waiting for 300 ms or more */
	uint64_t unaccepted,
	    unaccepted_data; /* connections that wait in the accept queue; with data that nobody read */
	uint64_t half_open, half_open_peers;
	int64_t half_open_limit; /* net.ipv4.tcp_max_syn_backlog, 0 unknown */
	uint64_t close_wait;     /* in CLOSE-WAIT from the first look to the last */
	ns_t close_wait_oldest;
	int64_t files, files_limit; /* open and allowed, of the process; 0 unknown */
	bool counters_known;
	struct service_counters counters;
	bool run_known;
	double run_share; /* of the time in which they could run, the part in which they waited */
	double run_delay; /* seconds that the process' threads waited for a CPU, a second */
	double cpu_some;  /* PSI: per cent, NAN unknown */
	bool stopped;     /* the process is stopped (SIGSTOP, a debugger) */
	uint64_t udp_unread, udp_drops; /* bytes unread at the last look; packets dropped meanwhile */
	struct service_sums sums;
	size_t client_count;
	const struct service_client *clients; /* the worst first */
};

extern const struct rule rules_service[], rules_service_network[];

#endif
