#include "net/iface_read.h"

#include "sys/netlink.h"

#include <linux/gen_stats.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* Since Linux 6.0; older headers do not name it. */
enum { LINK_ATTRIBUTES_MAX = IFLA_PARENT_DEV_BUS_NAME, STATS_WORDS = IFACE_COUNTERS };

static bool header_read(const struct nlmsghdr *message, uint16_t type, void *out, size_t size)
{
	if (message->nlmsg_type != type || message->nlmsg_len < NLMSG_HDRLEN + size)
		return false;
	memcpy(out, (const uint8_t *)message + NLMSG_HDRLEN, size);
	return true;
}

/* Older kernels send a shorter structure: counter_count tells how much of it there was. */
static void stats_read(const struct nlattr *stats, struct iface *out)
{
	if (!stats)
		return;
	size_t words = mnl_attr_get_payload_len(stats) / sizeof out->counters[0];
	out->counter_count = words < STATS_WORDS ? (unsigned)words : STATS_WORDS;
	memcpy(out->counters, mnl_attr_get_payload(stats), out->counter_count * sizeof out->counters[0]);
}

/* --- kinds --- */

static void tun_read(const struct nlattr *data, struct iface *out)
{
	const struct nlattr *table[IFLA_TUN_TYPE + 1];
	netlink_nested(data, table, IFLA_TUN_TYPE);
	if (netlink_u8(table[IFLA_TUN_TYPE], IFF_TUN) == IFF_TAP)
		snprintf(out->kind, sizeof out->kind, "tap");
}

static void vlan_read(const struct nlattr *data, struct iface *out)
{
	const struct nlattr *table[IFLA_VLAN_ID + 1];
	netlink_nested(data, table, IFLA_VLAN_ID);
	out->has_link_id = table[IFLA_VLAN_ID] != NULL;
	out->link_id = netlink_u16(table[IFLA_VLAN_ID], 0);
}

static void vxlan_read(const struct nlattr *data, struct iface *out)
{
	const struct nlattr *table[IFLA_VXLAN_GROUP6 + 1];
	netlink_nested(data, table, IFLA_VXLAN_GROUP6);
	out->has_link_id = table[IFLA_VXLAN_ID] != NULL;
	out->link_id = netlink_u32(table[IFLA_VXLAN_ID], 0);
	out->remote = netlink_address(table[IFLA_VXLAN_GROUP], AF_INET);
	if (out->remote.family == AF_UNSPEC)
		out->remote = netlink_address(table[IFLA_VXLAN_GROUP6], AF_INET6);
}

static void bond_read(const struct nlattr *data, struct iface *out)
{
	const struct nlattr *table[IFLA_BOND_MODE + 1];
	netlink_nested(data, table, IFLA_BOND_MODE);
	out->bond_mode = netlink_u8(table[IFLA_BOND_MODE], 0);
}

static void bridge_read(const struct nlattr *data, struct iface *out)
{
	const struct nlattr *table[IFLA_BR_STP_STATE + 1];
	netlink_nested(data, table, IFLA_BR_STP_STATE);
	out->stp = netlink_u32(table[IFLA_BR_STP_STATE], 0) != 0;
}

static void kind_read(const struct nlattr *linkinfo, struct iface *out)
{
	static const struct {
		const char *kind;
		void (*read)(const struct nlattr *data, struct iface *out);
	} kinds[] = {
		{ "tun", tun_read },   { "vlan", vlan_read },     { "vxlan", vxlan_read },
		{ "bond", bond_read }, { "bridge", bridge_read },
	};
	const struct nlattr *table[IFLA_INFO_SLAVE_KIND + 1];
	netlink_nested(linkinfo, table, IFLA_INFO_SLAVE_KIND);
	netlink_text(table[IFLA_INFO_KIND], out->kind, sizeof out->kind);
	netlink_text(table[IFLA_INFO_SLAVE_KIND], out->slave_kind, sizeof out->slave_kind);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (!strcmp(out->kind, kinds[i].kind)) {
			kinds[i].read(table[IFLA_INFO_DATA], out);
			return;
		}
}

/* Drivers of hardware do not say a kind; the bus does (since Linux 5.14; before, sysfs has to tell). */
static void kind_guess(struct iface *out)
{
	if (*out->kind)
		return;
	const char *kind = out->type == ARPHRD_LOOPBACK ? "loopback" : *out->device ? "physical" : "virtual";
	snprintf(out->kind, sizeof out->kind, "%s", kind);
}

static void numbers_read(const struct nlattr **table, struct iface *out)
{
	out->mtu = netlink_u32(table[IFLA_MTU], 0);
	out->mtu_min = netlink_u32(table[IFLA_MIN_MTU], 0);
	out->mtu_max = netlink_u32(table[IFLA_MAX_MTU], 0);
	out->tx_queue_length = netlink_u32(table[IFLA_TXQLEN], 0);
	out->rx_queues = netlink_u32(table[IFLA_NUM_RX_QUEUES], 0);
	out->tx_queues = netlink_u32(table[IFLA_NUM_TX_QUEUES], 0);
	out->carrier_changes = netlink_u32(table[IFLA_CARRIER_CHANGES], 0);
	out->carrier_up = netlink_u32(table[IFLA_CARRIER_UP_COUNT], 0);
	out->carrier_down = netlink_u32(table[IFLA_CARRIER_DOWN_COUNT], 0);
	out->promiscuous = netlink_u32(table[IFLA_PROMISCUITY], 0);
	out->master = (int)netlink_u32(table[IFLA_MASTER], 0);
	out->link = (int)netlink_u32(table[IFLA_LINK], 0);
	out->link_nsid = (int)netlink_u32(table[IFLA_LINK_NETNSID], UINT32_MAX);
	out->operstate = netlink_u8(table[IFLA_OPERSTATE], 0);
	out->carrier = netlink_u8(table[IFLA_CARRIER], (out->flags & IFF_RUNNING) != 0);
}

bool iface_read_link(const struct nlmsghdr *message, struct iface *out)
{
	struct ifinfomsg header;
	const struct nlattr *table[LINK_ATTRIBUTES_MAX + 1], *xdp[IFLA_XDP_ATTACHED + 1];
	if (!header_read(message, RTM_NEWLINK, &header, sizeof header) ||
	    !netlink_attributes(message, sizeof header, table, LINK_ATTRIBUTES_MAX))
		return false;
	*out =
	    (struct iface){ .index = header.ifi_index, .type = header.ifi_type, .flags = header.ifi_flags };
	numbers_read(table, out);
	netlink_text(table[IFLA_IFNAME], out->name, sizeof out->name);
	netlink_text(table[IFLA_QDISC], out->qdisc, sizeof out->qdisc);
	netlink_text(table[IFLA_IFALIAS], out->alias, sizeof out->alias);
	netlink_text(table[IFLA_PARENT_DEV_NAME], out->device, sizeof out->device);
	netlink_text(table[IFLA_PARENT_DEV_BUS_NAME], out->driver, sizeof out->driver);
	size_t length = table[IFLA_ADDRESS] ? mnl_attr_get_payload_len(table[IFLA_ADDRESS]) : 0;
	if (length && length <= sizeof out->mac) {
		memcpy(out->mac, mnl_attr_get_payload(table[IFLA_ADDRESS]), length);
		out->mac_length = (uint8_t)length;
	}
	netlink_nested(table[IFLA_XDP], xdp, IFLA_XDP_ATTACHED);
	out->xdp = netlink_u8(xdp[IFLA_XDP_ATTACHED], 0) != 0;
	kind_read(table[IFLA_LINKINFO], out);
	kind_guess(out);
	stats_read(table[IFLA_STATS64], out);
	return true;
}

bool iface_read_address(const struct nlmsghdr *message, struct iface_address *out)
{
	struct ifaddrmsg header;
	const struct nlattr *table[IFA_FLAGS + 1];
	if (!header_read(message, RTM_NEWADDR, &header, sizeof header) || !addr_length(header.ifa_family) ||
	    header.ifa_prefixlen > addr_length(header.ifa_family) * 8 ||
	    !netlink_attributes(message, sizeof header, table, IFA_FLAGS))
		return false;
	*out = (struct iface_address){ .index = (int)header.ifa_index,
				       .prefix_length = header.ifa_prefixlen,
				       .scope = header.ifa_scope,
				       .flags = netlink_u32(table[IFA_FLAGS], header.ifa_flags),
				       .valid = UINT32_MAX,
				       .preferred = UINT32_MAX };
	/* IPv4 names its own address LOCAL and, on point-to-point links, the other end ADDRESS; IPv6 often only ADDRESS. */
	struct addr address = netlink_address(table[IFA_ADDRESS], header.ifa_family);
	out->addr = netlink_address(table[IFA_LOCAL], header.ifa_family);
	if (out->addr.family == AF_UNSPEC)
		out->addr = address;
	else if (!addr_equal(&out->addr, &address))
		out->peer = address;
	struct ifa_cacheinfo times;
	if (table[IFA_CACHEINFO] && mnl_attr_get_payload_len(table[IFA_CACHEINFO]) >= sizeof times) {
		memcpy(&times, mnl_attr_get_payload(table[IFA_CACHEINFO]), sizeof times);
		out->valid = times.ifa_valid;
		out->preferred = times.ifa_prefered;
	}
	return out->addr.family != AF_UNSPEC;
}

static void qdisc_stats_read(const struct nlattr *stats, struct iface_qdisc *out)
{
	const struct nlattr *table[TCA_STATS_PKT64 + 1];
	struct gnet_stats_basic basic = { 0 };
	struct gnet_stats_queue queue = { 0 };
	netlink_nested(stats, table, TCA_STATS_PKT64);
	if (table[TCA_STATS_BASIC] && mnl_attr_get_payload_len(table[TCA_STATS_BASIC]) >= 12)
		memcpy(&basic, mnl_attr_get_payload(table[TCA_STATS_BASIC]), 12);
	if (table[TCA_STATS_QUEUE] && mnl_attr_get_payload_len(table[TCA_STATS_QUEUE]) >= sizeof queue)
		memcpy(&queue, mnl_attr_get_payload(table[TCA_STATS_QUEUE]), sizeof queue);
	out->bytes = basic.bytes;
	out->packets = netlink_u64(table[TCA_STATS_PKT64], basic.packets);
	out->queue_length = queue.qlen;
	out->backlog = queue.backlog;
	out->drops = queue.drops;
	out->requeues = queue.requeues;
	out->overlimits = queue.overlimits;
}

bool iface_read_qdisc(const struct nlmsghdr *message, struct iface_qdisc *out)
{
	struct tcmsg header;
	const struct nlattr *table[TCA_STATS2 + 1];
	if (!header_read(message, RTM_NEWQDISC, &header, sizeof header) ||
	    !netlink_attributes(message, sizeof header, table, TCA_STATS2))
		return false;
	*out = (struct iface_qdisc){ .index = header.tcm_ifindex,
				     .handle = header.tcm_handle,
				     .parent = header.tcm_parent };
	netlink_text(table[TCA_KIND], out->kind, sizeof out->kind);
	qdisc_stats_read(table[TCA_STATS2], out);
	return true;
}

int iface_read_nsid(const struct nlmsghdr *message)
{
	struct rtgenmsg header;
	const struct nlattr *table[NETNSA_NSID + 1];
	if (!header_read(message, RTM_NEWNSID, &header, sizeof header) ||
	    !netlink_attributes(message, sizeof header, table, NETNSA_NSID))
		return -1;
	return (int)netlink_u32(table[NETNSA_NSID], UINT32_MAX);
}
