/* Connection tracking of this namespace (ctnetlink: include/uapi/linux/netfilter/nfnetlink_conntrack.h). */
#ifndef NTSH_CONNTRACK_H
#define NTSH_CONNTRACK_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is counted, since the namespace was made. */
struct conntrack_counters {
	uint64_t found, invalid, insert_failed, drop, early_drop, error, search_restart, clash, chain_too_long;
};

struct conntrack {
	bool loaded;        /* the kernel tracks connections at all */
	uint64_t count, max; /* entries now, and how many there may be on the whole machine */
	bool has_count;
	bool has_counters;
	struct conntrack_counters counters;
	ns_t at; /* CLOCK_MONOTONIC */
};

/* Reads counts and counters; works without privilege as far as /proc shows them. Returns 0, or -1 with err. */
int conntrack_read(struct conntrack *out, struct error *err);

/* How full the table is, in percent; -1 unknown. */
double conntrack_fill(const struct conntrack *conntrack);

/* One tracked connection. */
struct conntrack_entry {
	uint8_t protocol;          /* IPPROTO_* */
	uint8_t state;             /* of TCP: TCP_CONNTRACK_*; else 0 */
	uint32_t status;           /* IPS_*: seen reply, assured, NAT */
	uint32_t timeout;          /* seconds that it will live on without a packet */
	struct addr source, target; /* as the first packet had them, with ports */
	struct addr reply_source;  /* who answers: another one than target when NAT changed it */
};

/* "ESTABLISHED", "SYN_SENT"; for others than TCP "replied" or "unreplied". */
const char *conntrack_state_name(const struct conntrack_entry *entry);
/* "tcp", "udp", "icmp"; "proto 132" is "other". */
const char *conntrack_protocol_name(uint8_t protocol);

/* Calls fn for every entry; true goes on. *changed (may be NULL): the table changed while it was read, as it does all the time. Needs
 * CAP_NET_ADMIN. Returns 0, or -1 with err. */
typedef bool conntrack_fn(const struct conntrack_entry *entry, void *arg);
int conntrack_list(int family, conntrack_fn *fn, void *arg, bool *changed, struct error *err);

/* --- sums --- */

enum { CONNTRACK_SUMS_MAX = 48, CONNTRACK_PEERS_MAX = 20 };

struct conntrack_sum {
	const char *protocol, *state;
	uint64_t count;
};
struct conntrack_peer {
	struct addr addr; /* without port */
	uint64_t count;
};

/* The table by protocol and state, and who has most of it. */
struct conntrack_summary {
	uint64_t entries, natted, unreplied;
	size_t sum_count;
	struct conntrack_sum sums[CONNTRACK_SUMS_MAX]; /* the largest first */
	size_t source_count, target_count;
	struct conntrack_peer sources[CONNTRACK_PEERS_MAX], targets[CONNTRACK_PEERS_MAX]; /* the largest first */
	bool peers_cut; /* there were more peers than are counted one by one */
	bool changed;
};
int conntrack_summarize(int family, struct conntrack_summary *out, struct error *err);

#endif
