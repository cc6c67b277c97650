/* Where packets die inside this machine: every counter of a loss that this user can read, from the card up to the sockets.
 *
 * Card and ring: struct rtnl_link_stats64 and ethtool -S. Backlog: /proc/net/softnet_stat. Queueing disciplines: RTM_GETQDISC. Netfilter:
 * counters of nftables rules that drop or reject (nfnetlink), conntrack (/proc/net/stat/nf_conntrack). IP, TCP, UDP: /proc/net/snmp, netstat, snmp6.
 * Sockets: the drops column of /proc/net/udp and the like. One reading tells little: compare two. */
#ifndef NTSH_LOSSES_H
#define NTSH_LOSSES_H

#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which an arriving packet meets them. */
enum loss_place { LOSS_CARD, LOSS_RING, LOSS_BACKLOG, LOSS_QDISC, LOSS_NETFILTER, LOSS_IP, LOSS_SOCKET, LOSS_PLACES };
const char *loss_place_name(enum loss_place place);     /* "card", "ring" ... */
const char *loss_place_describe(enum loss_place place); /* "between card and driver: the ring" */

enum loss_scope { SCOPE_INTERFACE, SCOPE_NAMESPACE, SCOPE_MACHINE };
const char *loss_scope_name(enum loss_scope scope); /* "interface", "namespace", "machine" */

struct loss_counter {
	enum loss_place place;
	enum loss_scope scope;
	bool outgoing;     /* a packet of ours, else one that arrived */
	bool hint;         /* no packet died by it: it tells why others did (time_squeeze), or repeats what another counter counts */
	bool wanted;       /* somebody asked for it: a rule, a rate limit */
	char name[72];     /* "rx_missed_errors", "TcpExt.ListenDrops", "drop" */
	char where[72];    /* "eth0", "CPU 1", "rule 4 of inet filter input", "UDP 0.0.0.0:5000"; "" nothing to add */
	const char *means; /* static: what it counts and what that points to */
	uint64_t value;
};

/* A reading. Free with losses_free. */
struct losses {
	struct loss_counter *items;
	size_t count;
	uint64_t received, sent;   /* packets of the interface, or of all but the loopback */
	unsigned silent_rules;     /* nftables rules and chains that drop without counting */
	char silent_where[128];    /* the first of them: "the policy of inet filter input" */
	/* What came in and was neither delivered, nor forwarded, nor counted as an error; what programs sent and did not leave (Linux 6.8). Only their
	 * growth between two readings says something: the firewall took at least so many packets, whether its rules count or not. */
	int64_t vanished_in, vanished_out;
	bool vanished_out_known;
	bool rules_hidden;         /* nftables needs CAP_NET_ADMIN, which is missing */
	bool rules_legacy;         /* rules of the old iptables are loaded: their counters are not read */
	ns_t at;                   /* CLOCK_MONOTONIC */
};

/* interface NULL: all of them. Returns 0, or -1 with err. */
int losses_read(const char *interface, struct losses *out, struct error *err);
void losses_free(struct losses *losses);

/* How far a counter of a later reading has moved. */
uint64_t loss_delta(const struct losses *before, const struct loss_counter *now);

#endif
