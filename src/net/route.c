#include "ntsh/route.h"

#include "net/route_ask.h"
#include "net/route_read.h"
#include "ntsh/counters.h"
#include "ntsh/route_explain.h"
#include "sys/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What is rarely asked for. */
static void packet_add(struct netlink_request *request, const struct route_query *query)
{
	uint16_t source = htons(query->source_port), target = htons(query->target_port);
	if (query->mark)
		netlink_add_u32(request, RTA_MARK, query->mark);
	if (query->has_uid)
		netlink_add_u32(request, RTA_UID, query->uid);
	if (query->ip_protocol)
		netlink_add(request, RTA_IP_PROTO, &query->ip_protocol, 1);
	if (query->source_port)
		netlink_add(request, RTA_SPORT, &source, sizeof source);
	if (query->target_port)
		netlink_add(request, RTA_DPORT, &target, sizeof target);
}

void route_ask_begin(struct netlink_request *request, const struct route_query *query, bool match)
{
	struct rtmsg *header = netlink_begin(request, RTM_GETROUTE, 0, sizeof *header);
	size_t length = addr_length(query->destination.family);
	header->rtm_family = (unsigned char)query->destination.family;
	header->rtm_dst_len = (unsigned char)(length * 8);
	header->rtm_tos = query->tos;
	/* IPv4 names the table only when asked to, IPv6 always does and refuses to be asked. */
	header->rtm_flags = query->destination.family == AF_INET ? RTM_F_LOOKUP_TABLE : 0;
	if (match)
		header->rtm_flags |= RTM_F_FIB_MATCH;
	netlink_add(request, RTA_DST, query->destination.bytes, length);
	if (query->from.family == query->destination.family) {
		header->rtm_src_len = (unsigned char)(length * 8);
		netlink_add(request, RTA_SRC, query->from.bytes, length);
	}
	if (query->iif)
		netlink_add_u32(request, RTA_IIF, if_nametoindex(query->iif));
	if (query->oif)
		netlink_add_u32(request, RTA_OIF, if_nametoindex(query->oif));
	else if (query->destination.zone)
		netlink_add_u32(request, RTA_OIF, query->destination.zone);
	packet_add(request, query);
}

static bool decision_message(const struct nlmsghdr *message, void *arg)
{
	route_read_decision(message, arg);
	return false;
}

static bool match_message(const struct nlmsghdr *message, void *arg)
{
	route_read_match(message, arg);
	return false;
}

/* What the kernel says instead of a route is an answer, too. */
static void refusal_explain(struct route_decision *out, int errnum, const char *kernel)
{
	static const struct {
		int errnum;
		uint8_t type;
		const char *says;
	} refusals[] = {
		{ ENETUNREACH, RTN_UNSPEC, "no route of this machine covers it" },
		{ EHOSTUNREACH, RTN_UNREACHABLE,
		  "a route of type unreachable covers it: programs get 'No route to host'" },
		{ EACCES, RTN_PROHIBIT,
		  "a route of type prohibit covers it: programs get 'Permission denied'" },
		{ EINVAL, RTN_BLACKHOLE,
		  "a route of type blackhole covers it: packets are dropped silently" },
	};
	char text[ADDR_TEXT_MAX];
	addr_format(&out->destination, text);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (refusals[i].errnum == errnum && !*kernel) {
			out->type = refusals[i].type;
			error_set(&out->error, STATUS_BAD, error_errno_name(errnum), NULL, "%s: %s", text,
				  refusals[i].says);
			return;
		}
	error_errno(&out->error, errnum, NULL, "%s: the kernel gives no route%s%s", text, *kernel ? ": " : "",
		    kernel);
	out->error.status = STATUS_BAD;
}

/* A packet that comes in to be forwarded is refused for reasons of its own. Returns false when it is none of them. */
static bool forward_refusal(const struct route_query *query, struct route_decision *out, int errnum)
{
	char name[64], from[ADDR_TEXT_MAX];
	int64_t forwards = 1;
	bool ipv6 = query->destination.family == AF_INET6;
	if (!query->iif)
		return false;
	addr_format(&query->from, from);
	snprintf(name, sizeof name, "net.ipv%d.conf.%s.forwarding", ipv6 ? 6 : 4, query->iif);
	(void)sysctl_read_int(name, 0, &forwards);
	if (errnum == EHOSTUNREACH && !forwards)
		error_set(&out->error, STATUS_BAD, "EHOSTUNREACH", NULL,
			  "this machine does not forward what comes in by %s (%s is 0)", query->iif, name);
	else if (errnum == EXDEV || (errnum == EINVAL && !ipv6 && route_rp_filter(query->iif) > 0))
		error_set(
		    &out->error, STATUS_BAD, "EXDEV", NULL,
		    "a packet from %s that comes in by %s is dropped by rp_filter: the way back to it leaves "
		    "by another interface",
		    from, query->iif);
	else if (errnum == EINVAL)
		error_set(&out->error, STATUS_BAD, "EINVAL", NULL,
			  "a packet from %s cannot come in by %s: the kernel drops such sources (martian)",
			  from, query->iif);
	else
		return false;
	return true;
}

static bool cover_message(const struct nlmsghdr *message, void *arg)
{
	route_read_cover(message, arg);
	return true;
}

static void cover_again(void *arg)
{
	((struct route_decision *)arg)->has_match = false;
}

/* Which route refused: the kernel does not say, so look for it among those of the type. */
static void refusal_find(struct netlink *netlink, struct route_decision *out)
{
	if (out->type != RTN_UNREACHABLE && out->type != RTN_PROHIBIT && out->type != RTN_BLACKHOLE)
		return;
	struct netlink_request request;
	struct rtmsg *header = netlink_begin(&request, RTM_GETROUTE, NLM_F_DUMP, sizeof *header);
	header->rtm_family = (unsigned char)out->destination.family;
	header->rtm_type = out->type;
	(void)netlink_ask(netlink, &request, cover_message, cover_again, out);
}

static int names_check(const struct route_query *query, struct error *err)
{
	const char *names[] = { query->iif, query->oif };
	for (size_t i = 0; i < 2; i++)
		if (names[i] && !if_nametoindex(names[i]))
			return error_set(err, STATUS_USAGE, "ENODEV", NULL, "there is no interface '%s' here",
					 names[i]);
	return 0;
}

static bool is_refusal(int errnum)
{
	return errnum != EPERM && errnum != ENOBUFS && errnum != ENOMEM && errnum != EPROTO &&
	       errnum != EOPNOTSUPP && errnum != EAFNOSUPPORT;
}

int route_get(const struct route_query *query, struct route_decision *out, struct error *err)
{
	*out = (struct route_decision){ .destination = query->destination };
	if (names_check(query, err) < 0)
		return -1;
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	route_ask_begin(&request, query, false);
	int failed = netlink_ask(netlink, &request, decision_message, NULL, out) < 0 ? errno : 0;
	if (failed && is_refusal(failed)) {
		if (!forward_refusal(query, out, failed))
			refusal_explain(out, failed, netlink_refusal(netlink));
	} else if (failed) {
		error_errno(err, failed, NULL, "the kernel cannot be asked for routes");
	} else {
		/* Kernels before 4.12 (IPv6: 5.x) do not know this question: then the match stays unknown. */
		route_ask_begin(&request, query, true);
		(void)netlink_ask(netlink, &request, match_message, NULL, out);
		if (!if_indextoname((unsigned)out->ifindex, out->interface))
			out->interface[0] = '\0';
		if (out->type == RTN_UNREACHABLE || out->type == RTN_PROHIBIT || out->type == RTN_BLACKHOLE)
			refusal_explain(out,
					out->type == RTN_PROHIBIT    ? EACCES
					: out->type == RTN_BLACKHOLE ? EINVAL
								     : EHOSTUNREACH,
					"");
	}
	if (error_is_set(&out->error) && !out->has_match)
		refusal_find(netlink, out);
	netlink_close(netlink);
	return failed && !error_is_set(&out->error) ? -1 : 0;
}

static bool link_message(const struct nlmsghdr *message, void *arg)
{
	route_read_link(message, arg);
	return false;
}

int link_get(int ifindex, struct link_info *out, struct error *err)
{
	*out = (struct link_info){ .ifindex = ifindex };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	struct ifinfomsg *header = netlink_begin(&request, RTM_GETLINK, 0, sizeof *header);
	header->ifi_index = ifindex;
	int failed = netlink_ask(netlink, &request, link_message, NULL, out) < 0 ? errno : 0;
	netlink_close(netlink);
	return failed ? error_errno(err, failed, NULL, "interface %d cannot be read", ifindex) : 0;
}

static bool neighbour_message(const struct nlmsghdr *message, void *arg)
{
	route_read_neighbour(message, arg);
	return false;
}

int neighbour_get(const struct addr *addr, int ifindex, uint16_t *state, uint8_t mac[6], struct error *err)
{
	struct neighbour_entry entry = { 0 };
	*state = 0;
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	struct ndmsg *header = netlink_begin(&request, RTM_GETNEIGH, 0, sizeof *header);
	header->ndm_family = (unsigned char)addr->family;
	header->ndm_ifindex = ifindex;
	netlink_add(&request, NDA_DST, addr->bytes, addr_length(addr->family));
	int failed = netlink_ask(netlink, &request, neighbour_message, NULL, &entry) < 0 ? errno : 0;
	netlink_close(netlink);
	if (failed && failed != ENOENT)
		return error_errno(err, failed, NULL, "the neighbour table cannot be read");
	*state = entry.state;
	if (entry.has_mac)
		memcpy(mac, entry.mac, sizeof entry.mac);
	return 0;
}

bool route_hop_is_dead(const struct addr *target, struct addr *hop)
{
	struct route_query query = { .destination = *target };
	struct route_decision decision;
	uint8_t mac[6];
	uint16_t state;
	if (route_get(&query, &decision, NULL) < 0 || error_is_set(&decision.error) ||
	    decision.type != RTN_UNICAST)
		return false;
	*hop = decision.gateway.family == AF_UNSPEC ? decision.destination : decision.gateway;
	return neighbour_get(hop, decision.ifindex, &state, mac, NULL) == 0 &&
	       (state == NUD_FAILED || state == NUD_INCOMPLETE);
}
