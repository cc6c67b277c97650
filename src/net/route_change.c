/* Adding and removing a route (RTM_NEWROUTE, RTM_DELROUTE), and what the kernel's refusals mean. */
#include "ntsh/route.h"
#include "ntsh/routes.h"

#include "sys/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* ip's defaults (iproute2): a route without a gateway is of scope link. */
static uint8_t scope_of(const struct route_edit *edit)
{
	const struct route *route = &edit->route;
	if (route->scope != RT_SCOPE_NOWHERE || edit->remove)
		return route->scope;
	if (route->type == RTN_LOCAL || route->type == RTN_NAT)
		return RT_SCOPE_HOST;
	bool direct = route->hop_count == 1 && route->hops[0].gateway.family == AF_UNSPEC;
	bool link = route->type == RTN_BROADCAST || route->type == RTN_MULTICAST ||
		    route->type == RTN_ANYCAST || (route->type == RTN_UNICAST && direct);
	return link && route->destination.addr.family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

static void gateway_add(struct nlmsghdr *header, size_t room, const struct route_hop *hop, sa_family_t family)
{
	const struct addr *gateway = &hop->gateway;
	uint8_t via[18];
	size_t length = addr_length(gateway->family);
	if (gateway->family == family) {
		mnl_attr_put_check(header, room, RTA_GATEWAY, length, gateway->bytes);
	} else if (length) {
		memcpy(via, &gateway->family, sizeof gateway->family);
		memcpy(via + 2, gateway->bytes, length);
		mnl_attr_put_check(header, room, RTA_VIA, 2 + length, via);
	}
}

static void hops_add(struct netlink_request *request, const struct route *route)
{
	struct nlmsghdr *header = (struct nlmsghdr *)request->bytes;
	size_t room = sizeof request->bytes;
	sa_family_t family = route->destination.addr.family;
	if (route->hop_count == 1) {
		gateway_add(header, room, route->hops, family);
		if (route->hops[0].ifindex)
			netlink_add_u32(request, RTA_OIF, (uint32_t)route->hops[0].ifindex);
		return;
	}
	struct nlattr *nest = mnl_attr_nest_start_check(header, room, RTA_MULTIPATH);
	for (size_t i = 0; i < route->hop_count && nest; i++) {
		const struct route_hop *hop = &route->hops[i];
		struct rtnexthop place = { .rtnh_flags = hop->flags,
					   .rtnh_hops = (unsigned char)(hop->weight - 1),
					   .rtnh_ifindex = hop->ifindex };
		uint32_t begin = header->nlmsg_len;
		if (begin + sizeof place + 64 > room)
			break;
		header->nlmsg_len += (uint32_t)sizeof place;
		gateway_add(header, room, hop, family);
		place.rtnh_len = (unsigned short)(header->nlmsg_len - begin);
		memcpy(request->bytes + begin, &place, sizeof place);
	}
	if (nest)
		mnl_attr_nest_end(header, nest);
}

static void metrics_add(struct netlink_request *request, const struct route *route)
{
	struct nlmsghdr *header = (struct nlmsghdr *)request->bytes;
	if (!route->mtu && !route->advmss)
		return;
	struct nlattr *nest = mnl_attr_nest_start_check(header, sizeof request->bytes, RTA_METRICS);
	if (!nest)
		return;
	if (route->mtu_locked)
		netlink_add_u32(request, RTAX_LOCK, 1u << RTAX_MTU);
	if (route->mtu)
		netlink_add_u32(request, RTAX_MTU, route->mtu);
	if (route->advmss)
		netlink_add_u32(request, RTAX_ADVMSS, route->advmss);
	mnl_attr_nest_end(header, nest);
}

static void request_make(struct netlink_request *request, const struct route_edit *edit)
{
	const struct route *route = &edit->route;
	size_t length = addr_length(route->destination.addr.family);
	uint16_t flags = NLM_F_ACK;
	if (!edit->remove)
		flags = (uint16_t)(flags | NLM_F_CREATE |
				   (edit->replace  ? NLM_F_REPLACE
				    : edit->append ? NLM_F_APPEND
						   : NLM_F_EXCL));
	struct rtmsg *header =
	    netlink_begin(request, edit->remove ? RTM_DELROUTE : RTM_NEWROUTE, flags, sizeof *header);
	header->rtm_family = (unsigned char)route->destination.addr.family;
	header->rtm_dst_len = route->destination.length;
	header->rtm_tos = route->tos;
	header->rtm_type = route->type;
	header->rtm_protocol = route->protocol;
	header->rtm_scope = scope_of(edit);
	header->rtm_table = route->table < 256 ? (unsigned char)route->table : RT_TABLE_UNSPEC;
	if (route->hop_count == 1)
		header->rtm_flags = route->hops[0].flags & RTNH_F_ONLINK;
	netlink_add_u32(request, RTA_TABLE, route->table);
	if (route->destination.length)
		netlink_add(request, RTA_DST, route->destination.addr.bytes, length);
	if (route->metric)
		netlink_add_u32(request, RTA_PRIORITY, route->metric);
	if (route->source.family != AF_UNSPEC)
		netlink_add(request, RTA_PREFSRC, route->source.bytes, addr_length(route->source.family));
	if (route->nexthop_id)
		netlink_add_u32(request, RTA_NH_ID, route->nexthop_id);
	metrics_add(request, route);
	if (route->hop_count)
		hops_add(request, route);
}

/* What errno means here, and what to do. The kernel's own words decide where it has some. */
static void refusal_explain(const struct route_edit *edit, int errnum, const char *kernel, struct error *err)
{
	static const struct {
		int errnum;
		const char *kernel, *says, *hint;
	} rows[] = {
		{ EEXIST, NULL,
		  "a route for this prefix with this metric is in the table already (File exists)",
		  "give it another metric, use 'route add --replace', or remove the old one first" },
		{ ESRCH, NULL, "there is no such route in this table (No such process)",
		  "ntsh route shows what there is; all words that you give must fit" },
		{ 0, "invalid gateway",
		  "the gateway is on no link of this machine: no connected route covers it, or it is an "
		  "address of this machine",
		  "give the interface an address of the gateway's network, or say dev IF onlink" },
		{ ENETUNREACH, NULL,
		  "the gateway is on no link of this machine: no connected route covers it",
		  "give the interface an address of the gateway's network, or say dev IF onlink" },
		{ EHOSTUNREACH, NULL, "the gateway cannot be reached by that interface",
		  "ntsh route get GATEWAY tells by which it can" },
		{ ENETDOWN, NULL, "the interface is down", "ip link set IF up" },
		{ ENODEV, NULL, "the interface is gone, or down", "ntsh iface lists the interfaces" },
		{ EPERM, NULL, "changing routes needs the capability CAP_NET_ADMIN",
		  "run it as root, or: setcap cap_net_admin+ep on this program" },
		{ 0, "Invalid prefsrc", "the preferred source is no address of this machine",
		  "ntsh iface lists the addresses" },
	};
	char words[256], both[400];
	route_words(&edit->route, words, sizeof words);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool fits =
		    rows[i].kernel ? strstr(kernel, rows[i].kernel) != NULL : rows[i].errnum == errnum;
		if (!fits)
			continue;
		snprintf(both, sizeof both, "%s%s%s%s", rows[i].says, *kernel ? " (kernel: " : "", kernel,
			 *kernel ? ")" : "");
		error_set(err, errnum == EPERM ? STATUS_CANNOT : STATUS_BAD, error_errno_name(errnum),
			  rows[i].hint, "%s: %s", words, both);
		return;
	}
	error_errno(err, errnum, NULL, "%s: the kernel refuses%s%s", words, *kernel ? ": " : "", kernel);
	err->status = STATUS_BAD;
}

static bool ignore_message(const struct nlmsghdr *message, void *arg)
{
	(void)message, (void)arg;
	return true;
}

int route_change(const struct route_edit *edit, struct error *err)
{
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	struct netlink_request request;
	if (!netlink)
		return -1;
	request_make(&request, edit);
	int failed = netlink_ask(netlink, &request, ignore_message, NULL, NULL) < 0 ? errno : 0;
	if (failed)
		refusal_explain(edit, failed, netlink_refusal(netlink), err);
	netlink_close(netlink);
	return failed ? -1 : 0;
}
