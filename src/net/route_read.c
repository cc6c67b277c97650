#include "net/route_read.h"

#include "net/iface_read.h"
#include "net/neigh_read.h"

#include "sys/netlink.h"

#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* Copies the family header; false when this is another kind of message or too short. */
static bool header_read(const struct nlmsghdr *message, uint16_t type, void *out, size_t size)
{
	if (message->nlmsg_type != type || message->nlmsg_len < NLMSG_HDRLEN + size)
		return false;
	memcpy(out, (const uint8_t *)message + NLMSG_HDRLEN, size);
	return true;
}

struct addr route_read_via(const struct nlattr *attribute)
{
	struct addr none = { .family = AF_UNSPEC };
	uint16_t family = netlink_u16(attribute, AF_UNSPEC); /* the attribute may be NULL */
	size_t length = addr_length(family);
	if (!length || mnl_attr_get_payload_len(attribute) < sizeof family + length)
		return none;
	return addr_from_bytes(family, (const uint8_t *)mnl_attr_get_payload(attribute) + sizeof family);
}

/* The first next hop of several stands for all: which one a flow takes, RTM_GETROUTE tells without FIB_MATCH. */
static void gateway_read(const struct nlattr **table, sa_family_t family, struct route_decision *out)
{
	out->gateway = netlink_address(table[RTA_GATEWAY], family);
	if (out->gateway.family == AF_UNSPEC && table[RTA_VIA])
		out->gateway = route_read_via(table[RTA_VIA]);
	if (out->gateway.family == AF_INET6 && addr_is_link_local(&out->gateway))
		out->gateway.zone = (uint32_t)out->ifindex;
}

void route_read_decision(const struct nlmsghdr *message, struct route_decision *out)
{
	struct rtmsg header;
	const struct nlattr *table[RTA_MAX + 1], *metrics[RTAX_MAX + 1];
	if (!header_read(message, RTM_NEWROUTE, &header, sizeof header) ||
	    !netlink_attributes(message, sizeof header, table, RTA_MAX))
		return;
	out->type = header.rtm_type;
	out->scope = header.rtm_scope;
	out->protocol = header.rtm_protocol;
	out->table = netlink_u32(table[RTA_TABLE], header.rtm_table);
	out->metric = netlink_u32(table[RTA_PRIORITY], 0);
	out->ifindex = (int)netlink_u32(table[RTA_OIF], 0);
	out->source = netlink_address(table[RTA_PREFSRC], header.rtm_family);
	gateway_read(table, header.rtm_family, out);
	netlink_nested(table[RTA_METRICS], metrics, RTAX_MAX);
	out->mtu = netlink_u32(metrics[RTAX_MTU], 0);
}

void route_read_match(const struct nlmsghdr *message, struct route_decision *out)
{
	struct rtmsg header;
	const struct nlattr *table[RTA_MAX + 1];
	if (!header_read(message, RTM_NEWROUTE, &header, sizeof header) ||
	    header.rtm_family != out->destination.family || !addr_length(header.rtm_family) ||
	    header.rtm_dst_len > addr_length(header.rtm_family) * 8 ||
	    !netlink_attributes(message, sizeof header, table, RTA_MAX))
		return;
	/* Old kernels ignore the flag and repeat the destination as a host route: that is no match. */
	if (!(header.rtm_flags & RTM_F_FIB_MATCH) && header.rtm_flags & RTM_F_CLONED)
		return;
	out->has_match = true;
	out->prefix = netlink_address(table[RTA_DST], header.rtm_family);
	out->prefix.family = header.rtm_family;
	out->prefix_length = header.rtm_dst_len;
	out->match_type = header.rtm_type;
	out->match_tos = header.rtm_tos;
	out->scope = header.rtm_scope;
	out->protocol = header.rtm_protocol;
	out->table = netlink_u32(table[RTA_TABLE], header.rtm_table);
	out->metric = netlink_u32(table[RTA_PRIORITY], 0);
	/* As long as there are no rules, the kernel keeps both tables in one and calls it main. */
	if (out->table == RT_TABLE_MAIN && (header.rtm_type == RTN_LOCAL || header.rtm_type == RTN_BROADCAST))
		out->table = RT_TABLE_LOCAL;
}

static bool prefix_covers(const struct addr *prefix, uint8_t length, const struct addr *addr)
{
	size_t whole = length / 8;
	if (memcmp(prefix->bytes, addr->bytes, whole))
		return false;
	return length % 8 == 0 || (prefix->bytes[whole] ^ addr->bytes[whole]) >> (8 - length % 8) == 0;
}

void route_read_cover(const struct nlmsghdr *message, struct route_decision *out)
{
	struct rtmsg header;
	struct route_decision found = { .destination = out->destination };
	if (!header_read(message, RTM_NEWROUTE, &header, sizeof header) || header.rtm_type != out->type)
		return;
	route_read_match(message, &found);
	if (!found.has_match || !prefix_covers(&found.prefix, found.prefix_length, &out->destination) ||
	    (out->has_match && found.prefix_length <= out->prefix_length))
		return;
	out->has_match = true;
	out->prefix = found.prefix;
	out->prefix_length = found.prefix_length;
	out->match_type = found.match_type;
	out->match_tos = found.match_tos;
	out->table = found.table;
	out->metric = found.metric;
	out->protocol = found.protocol;
	out->scope = found.scope;
}

void route_read_link(const struct nlmsghdr *message, struct link_info *out)
{
	struct iface iface;
	if (!iface_read_link(message, &iface))
		return;
	out->ifindex = iface.index;
	out->up = iface.flags & IFF_UP;
	out->running = iface.flags & IFF_RUNNING;
	out->loopback = iface.flags & IFF_LOOPBACK;
	out->mtu = iface.mtu;
	out->carrier_changes = iface.carrier_changes;
	memcpy(out->name, iface.name, sizeof out->name);
	out->rx_errors = iface.counters[IFACE_RX_ERRORS];
	out->tx_errors = iface.counters[IFACE_TX_ERRORS];
	out->rx_dropped = iface.counters[IFACE_RX_DROPPED];
	out->tx_dropped = iface.counters[IFACE_TX_DROPPED];
}

void route_read_neighbour(const struct nlmsghdr *message, struct neighbour_entry *out)
{
	struct neighbour neighbour;
	if (!neigh_read(message, &neighbour))
		return;
	out->state = neighbour.state;
	out->has_mac = neighbour.has_mac;
	memcpy(out->mac, neighbour.mac, sizeof out->mac);
}
