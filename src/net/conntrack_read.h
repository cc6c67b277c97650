/* Answers of ctnetlink as our structs: bounded, for bytes that nobody vouches for. */
#ifndef NET_CONNTRACK_READ_H
#define NET_CONNTRACK_READ_H

#include "ntsh/conntrack.h"

#include <linux/netlink.h>

/* IPCTNL_MSG_CT_NEW. Returns false for other messages and for what lacks addresses. */
bool conntrack_read_entry(const struct nlmsghdr *message, struct conntrack_entry *out);

/* IPCTNL_MSG_CT_GET_STATS: entries and limit. Returns false when it is none. */
bool conntrack_read_stats(const struct nlmsghdr *message, struct conntrack *out);

/* IPCTNL_MSG_CT_GET_STATS_CPU: adds one CPU's counters. */
void conntrack_read_cpu(const struct nlmsghdr *message, struct conntrack *out);

#endif
