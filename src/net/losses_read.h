/* The sources of ntsh/losses.h, each adding its counters; and their texts and messages, bounded. */
#ifndef NET_LOSSES_READ_H
#define NET_LOSSES_READ_H

#include "ntsh/counters.h"
#include "ntsh/iface.h"
#include "ntsh/losses.h"

#include <linux/netlink.h>

/* Adds a counter, copied. */
void losses_add(struct losses *losses, const struct loss_counter *counter);

void losses_add_interface(struct losses *losses, const struct iface *iface);
void losses_add_qdiscs(struct losses *losses, const struct ifaces *ifaces, int index);
void losses_add_netfilter(struct losses *losses);
void losses_add_protocols(struct losses *losses, const struct counters *counters);

/* Text of /proc/net/softnet_stat: one line for each CPU, hexadecimal. */
void losses_read_softnet(struct losses *losses, const char *text);

/* Text of /proc/net/udp and its kin (udp6, raw, raw6, udplite ...): the last column is drops. protocol: "UDP". */
void losses_read_sockets(struct losses *losses, const char *protocol, const char *text);

/* Text of /proc/net/stat/nf_conntrack: a heading, one line for each CPU, hexadecimal. */
void losses_read_conntrack(struct losses *losses, const char *text);

/* The base chains of nftables and the hooks they hang at (NF_INET_LOCAL_OUT ...). */
enum { CHAINS_MAX = 256 };
struct loss_chains {
	size_t count;
	struct loss_chain {
		uint8_t family, hook;
		char table[32], name[32];
	} items[CHAINS_MAX];
};

/* NFT_MSG_NEWRULE: a rule that counts and drops or rejects becomes a counter, one that drops and does not count is counted as silent. */
void losses_read_rule(struct losses *losses, const struct loss_chains *chains,
		      const struct nlmsghdr *message);

/* NFT_MSG_NEWCHAIN: a base chain is remembered; one whose policy is to drop is counted as silent. */
void losses_read_chain(struct losses *losses, struct loss_chains *chains, const struct nlmsghdr *message);

#endif
