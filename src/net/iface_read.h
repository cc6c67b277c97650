/* Answers about interfaces as our structs: bounded, for bytes that nobody vouches for. */
#ifndef NET_IFACE_READ_H
#define NET_IFACE_READ_H

#include "ntsh/iface.h"

#include <linux/netlink.h>

/* Each takes one whole message. Returns false for other types and for what is too short. */

/* RTM_NEWLINK. */
bool iface_read_link(const struct nlmsghdr *message, struct iface *out);

/* RTM_NEWADDR. */
bool iface_read_address(const struct nlmsghdr *message, struct iface_address *out);

/* RTM_NEWQDISC. */
bool iface_read_qdisc(const struct nlmsghdr *message, struct iface_qdisc *out);

/* Answers of the "ethtool" family of generic netlink, by their command (ETHTOOL_MSG_*_GET_REPLY); what a message does not hold
 * stays as it is. */
void iface_read_ethtool(const struct nlmsghdr *message, struct iface_ethtool *out);

/* CTRL_CMD_NEWFAMILY: the family's number, 0 none. */
uint16_t iface_read_family(const struct nlmsghdr *message);

/* RTM_NEWNSID: the number of a namespace, -1 none. */
int iface_read_nsid(const struct nlmsghdr *message);

#endif
