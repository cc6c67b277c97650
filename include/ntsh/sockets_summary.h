/* Sockets counted: by kind and state, by peer, by destination (how many local ports are left for it), by process. */
#ifndef NTSH_SOCKETS_SUMMARY_H
#define NTSH_SOCKETS_SUMMARY_H

#include "ntsh/sockets.h"

/* TCP connections with one host. peer is its address without a port. */
struct socket_peer {
	struct addr peer;
	uint64_t total, states[SOCKET_STATES];
};

/* Connections that this machine made: all with the same local address, peer address and peer port need different local ports (RFC 9293: a
 * connection is named by both ends). peer has its port, local none. */
struct socket_destination {
	struct addr local, peer;
	uint64_t ports;     /* local ports of ip_local_port_range in use for it, time-wait included */
	uint64_t time_wait; /* of them */
};

struct socket_process {
	uint32_t pid;
	char command[16];
	uint64_t total, states[SOCKET_STATES]; /* TCP */
	uint64_t others;                       /* UDP, raw, unix, packet */
	ns_t oldest_close_wait;                /* no sign of life from the peer since, at most; NS_NONE: none */
};

struct sockets_summary {
	uint64_t counts[SOCKET_KINDS][SOCKET_STATES];
	struct sockets_report report;
	struct socket_peer *peers;               /* most first */
	size_t peer_count;
	struct socket_destination *destinations; /* most first */
	size_t destination_count;
	struct socket_process *processes;        /* most first; NULL when not asked for */
	size_t process_count;
	size_t hidden;                           /* processes that this user may not look into */
	uint64_t without_process;                /* TCP sockets, not in time-wait, whose process was not seen */
	int64_t port_low, port_high;             /* ip_local_port_range */
	uint64_t ports_reserved;                 /* of them by ip_local_reserved_ports */
};

/* Counts what the query lists (its `want` is ignored). processes: find the owners, too (a walk over /proc). Returns 0, or -1 with
 * err. Free with sockets_summary_free. */
int sockets_summarize(const struct sockets_query *query, bool processes, struct sockets_summary *out,
		      struct error *err);
void sockets_summary_free(struct sockets_summary *summary);

/* Local ports that a connection to any one destination can have: the range less what is reserved. */
uint64_t sockets_summary_ports(const struct sockets_summary *summary);

#endif
