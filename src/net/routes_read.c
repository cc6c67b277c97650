#include "net/routes_read.h"

#include "net/route_read.h"
#include "sys/netlink.h"

#include <linux/fib_rules.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* Kernel headers of the base system end at RTA_NH_ID; what is newer is not looked at. */
enum { ROUTE_ATTRIBUTES = RTA_NH_ID };

/* The kernel tells times to programs in hundredths of a second, whatever its own clock is (time(7)). */
enum { USER_HZ_USUAL = 100 };

/* The family header of a message of one of two types; NULL when it is another or too short. Messages are aligned. */
static const void *family_header(const struct nlmsghdr *message, uint16_t made, uint16_t removed, size_t size)
{
	if ((message->nlmsg_type != made && message->nlmsg_type != removed) ||
	    message->nlmsg_len < NLMSG_HDRLEN + size)
		return NULL;
	return (const uint8_t *)message + NLMSG_HDRLEN;
}

/* --- routes --- */

static void gateway_read(const struct nlattr *gateway, const struct nlattr *via, sa_family_t family,
			 struct route_hop *hop)
{
	hop->gateway = gateway ? netlink_address(gateway, family) : route_read_via(via);
	if (hop->gateway.family == AF_INET6 && addr_is_link_local(&hop->gateway))
		hop->gateway.zone = (uint32_t)hop->ifindex;
}

/* RTA_MULTIPATH: struct rtnexthop, each with attributes of its own. */
static void multipath_read(const struct nlattr *multipath, sa_family_t family, struct route *out,
			   struct route_hops *hops)
{
	const uint8_t *at = mnl_attr_get_payload(multipath);
	size_t rest = mnl_attr_get_payload_len(multipath);
	struct rtnexthop header;
	while (rest >= sizeof header) {
		memcpy(&header, at, sizeof header);
		if (header.rtnh_len < sizeof header || header.rtnh_len > rest)
			return;
		if (out->hop_count == ROUTE_HOPS_MAX) {
			out->hops_left_out++;
		} else {
			const struct nlattr *table[RTA_VIA + 1];
			struct route_hop *hop = &hops->items[out->hop_count++];
			netlink_walk(at + sizeof header, header.rtnh_len - sizeof header, table, RTA_VIA);
			*hop = (struct route_hop){ .ifindex = header.rtnh_ifindex,
						   .weight = (uint32_t)header.rtnh_hops + 1,
						   .flags = header.rtnh_flags };
			gateway_read(table[RTA_GATEWAY], table[RTA_VIA], family, hop);
		}
		size_t step = ((size_t)header.rtnh_len + 3) & ~(size_t)3;
		if (step >= rest)
			return;
		at += step;
		rest -= step;
	}
}

static void metrics_read(const struct nlattr *nest, struct route *out)
{
	const struct nlattr *table[RTAX_INITRWND + 1];
	netlink_nested(nest, table, RTAX_INITRWND);
	out->mtu = netlink_u32(table[RTAX_MTU], 0);
	out->mtu_locked = netlink_u32(table[RTAX_LOCK], 0) & 1u << RTAX_MTU;
	out->advmss = netlink_u32(table[RTAX_ADVMSS], 0);
	out->window = netlink_u32(table[RTAX_WINDOW], 0);
	out->rtt = netlink_u32(table[RTAX_RTT], 0);
	out->hoplimit = netlink_u32(table[RTAX_HOPLIMIT], 0);
	out->initcwnd = netlink_u32(table[RTAX_INITCWND], 0);
	out->initrwnd = netlink_u32(table[RTAX_INITRWND], 0);
}

static struct prefix prefix_read(const struct nlattr *attribute, sa_family_t family, uint8_t length)
{
	struct prefix prefix = { .addr = { .family = family }, .length = length };
	if (attribute && mnl_attr_get_payload_len(attribute) >= addr_length(family))
		memcpy(prefix.addr.bytes, mnl_attr_get_payload(attribute), addr_length(family));
	return prefix;
}

bool route_read(const struct nlmsghdr *message, struct route *out, struct route_hops *hops)
{
	const struct rtmsg *header = family_header(message, RTM_NEWROUTE, RTM_DELROUTE, sizeof *header);
	const struct nlattr *table[ROUTE_ATTRIBUTES + 1];
	if (!header)
		return false;
	size_t bits = addr_length(header->rtm_family) * 8;
	if (!bits || header->rtm_dst_len > bits || header->rtm_src_len > bits ||
	    header->rtm_flags & RTM_F_CLONED ||
	    !netlink_attributes(message, sizeof *header, table, ROUTE_ATTRIBUTES))
		return false;
	*out = (struct route){
		.destination = prefix_read(table[RTA_DST], header->rtm_family, header->rtm_dst_len),
		.from = prefix_read(table[RTA_SRC], header->rtm_family, header->rtm_src_len),
		.type = header->rtm_type,
		.protocol = header->rtm_protocol,
		.scope = header->rtm_scope,
		.tos = header->rtm_tos,
		.flags = header->rtm_flags,
		.table = netlink_u32(table[RTA_TABLE], header->rtm_table),
		.metric = netlink_u32(table[RTA_PRIORITY], 0),
		.source = netlink_address(table[RTA_PREFSRC], header->rtm_family),
		.nexthop_id = netlink_u32(table[RTA_NH_ID], 0),
		.preference = netlink_u8(table[RTA_PREF], 0),
		.hops = hops->items,
	};
	if (table[RTA_METRICS])
		metrics_read(table[RTA_METRICS], out);
	struct rta_cacheinfo cache = { 0 };
	if (table[RTA_CACHEINFO] && mnl_attr_get_payload_len(table[RTA_CACHEINFO]) >= sizeof cache)
		memcpy(&cache, mnl_attr_get_payload(table[RTA_CACHEINFO]), sizeof cache);
	out->expires = cache.rta_expires / USER_HZ_USUAL;
	if (table[RTA_MULTIPATH]) {
		multipath_read(table[RTA_MULTIPATH], header->rtm_family, out, hops);
	} else if (table[RTA_OIF] || table[RTA_GATEWAY] || table[RTA_VIA]) {
		struct route_hop *hop = &hops->items[out->hop_count++];
		*hop = (struct route_hop){ .ifindex = (int)netlink_u32(table[RTA_OIF], 0),
					   .weight = 1,
					   .flags = (uint8_t)header->rtm_flags };
		gateway_read(table[RTA_GATEWAY], table[RTA_VIA], header->rtm_family, hop);
	}
	return true;
}

/* --- rules --- */

static void rule_ports(const struct nlattr *attribute, uint16_t out[2])
{
	struct fib_rule_port_range range;
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof range)
		return;
	memcpy(&range, mnl_attr_get_payload(attribute), sizeof range);
	out[0] = range.start;
	out[1] = range.end;
}

bool rule_read(const struct nlmsghdr *message, struct route_rule *out)
{
	const struct fib_rule_hdr *header = family_header(message, RTM_NEWRULE, RTM_DELRULE, sizeof *header);
	const struct nlattr *table[FRA_DPORT_RANGE + 1];
	if (!header)
		return false;
	size_t bits = addr_length(header->family) * 8;
	if (!bits || header->dst_len > bits || header->src_len > bits ||
	    !netlink_attributes(message, sizeof *header, table, FRA_DPORT_RANGE))
		return false;
	*out = (struct route_rule){
		.family = header->family,
		.priority = netlink_u32(table[FRA_PRIORITY], 0),
		.table = netlink_u32(table[FRA_TABLE], header->table),
		.mark = netlink_u32(table[FRA_FWMARK], 0),
		.mask = netlink_u32(table[FRA_FWMASK], 0),
		.action = header->action,
		.tos = header->tos,
		.ip_protocol = netlink_u8(table[FRA_IP_PROTO], 0),
		.invert = header->flags & FIB_RULE_INVERT,
		.l3mdev = netlink_u8(table[FRA_L3MDEV], 0),
		.uid_first = 1,
		.suppress_length = (int)netlink_u32(table[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX),
		.goto_priority = netlink_u32(table[FRA_GOTO], 0),
		.protocol = netlink_u8(table[FRA_PROTOCOL], 0),
	};
	if (table[FRA_SRC])
		out->from = prefix_read(table[FRA_SRC], header->family, header->src_len);
	if (table[FRA_DST])
		out->to = prefix_read(table[FRA_DST], header->family, header->dst_len);
	struct fib_rule_uid_range uids;
	if (table[FRA_UID_RANGE] && mnl_attr_get_payload_len(table[FRA_UID_RANGE]) >= sizeof uids) {
		memcpy(&uids, mnl_attr_get_payload(table[FRA_UID_RANGE]), sizeof uids);
		out->uid_first = uids.start;
		out->uid_last = uids.end;
	}
	netlink_text(table[FRA_IIFNAME], out->iif, sizeof out->iif);
	netlink_text(table[FRA_OIFNAME], out->oif, sizeof out->oif);
	rule_ports(table[FRA_SPORT_RANGE], out->source_port);
	rule_ports(table[FRA_DPORT_RANGE], out->target_port);
	return true;
}

/* --- nexthop objects --- */

static void group_read(const struct nlattr *group, struct nexthop *out)
{
	size_t size = mnl_attr_get_payload_len(group), most = sizeof out->members / sizeof out->members[0];
	const uint8_t *at = mnl_attr_get_payload(group);
	struct nexthop_grp member;
	out->group = true;
	for (; size >= sizeof member && out->member_count < most;
	     at += sizeof member, size -= sizeof member) {
		memcpy(&member, at, sizeof member);
		out->members[out->member_count].id = member.id;
		out->members[out->member_count++].weight = (uint16_t)(member.weight + 1);
	}
}

bool nexthop_read(const struct nlmsghdr *message, struct nexthop *out)
{
	const struct nhmsg *header = family_header(message, RTM_NEWNEXTHOP, RTM_DELNEXTHOP, sizeof *header);
	const struct nlattr *table[NHA_GATEWAY + 1];
	if (!header || !netlink_attributes(message, sizeof *header, table, NHA_GATEWAY))
		return false;
	*out = (struct nexthop){ .id = netlink_u32(table[NHA_ID], 0),
				 .blackhole = table[NHA_BLACKHOLE] != NULL };
	out->hop.ifindex = (int)netlink_u32(table[NHA_OIF], 0);
	out->hop.weight = 1;
	out->hop.flags = (uint8_t)header->nh_flags;
	gateway_read(table[NHA_GATEWAY], NULL, header->nh_family, &out->hop);
	if (table[NHA_GROUP])
		group_read(table[NHA_GROUP], out);
	return true;
}
