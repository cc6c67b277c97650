#include "net/conntrack_read.h"

#include "ntsh/counters.h"

#include "sys/netlink.h"
#include "sys/privilege.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

static bool message_is(const struct nlmsghdr *message, uint16_t type)
{
	return message->nlmsg_type == (NFNL_SUBSYS_CTNETLINK << 8 | type);
}

static uint32_t be32(const struct nlattr *attribute)
{
	return be32toh(netlink_u32(attribute, 0));
}

/* --- entries --- */

static struct addr side_read(const struct nlattr **ip, uint16_t v4, uint16_t v6)
{
	struct addr found = netlink_address(ip[v4], AF_INET);
	return found.family == AF_UNSPEC ? netlink_address(ip[v6], AF_INET6) : found;
}

static void tuple_read(const struct nlattr *tuple, struct addr *source, struct addr *target,
		       uint8_t *protocol)
{
	const struct nlattr *parts[CTA_TUPLE_PROTO + 1], *ip[CTA_IP_V6_DST + 1],
	    *proto[CTA_PROTO_DST_PORT + 1];
	netlink_nested(tuple, parts, CTA_TUPLE_PROTO);
	netlink_nested(parts[CTA_TUPLE_IP], ip, CTA_IP_V6_DST);
	netlink_nested(parts[CTA_TUPLE_PROTO], proto, CTA_PROTO_DST_PORT);
	*source = side_read(ip, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	*target = side_read(ip, CTA_IP_V4_DST, CTA_IP_V6_DST);
	source->port = be16toh(netlink_u16(proto[CTA_PROTO_SRC_PORT], 0));
	target->port = be16toh(netlink_u16(proto[CTA_PROTO_DST_PORT], 0));
	*protocol = netlink_u8(proto[CTA_PROTO_NUM], 0);
}

static uint8_t tcp_state_read(const struct nlattr *info)
{
	const struct nlattr *parts[CTA_PROTOINFO_TCP + 1], *tcp[CTA_PROTOINFO_TCP_STATE + 1];
	netlink_nested(info, parts, CTA_PROTOINFO_TCP);
	netlink_nested(parts[CTA_PROTOINFO_TCP], tcp, CTA_PROTOINFO_TCP_STATE);
	return netlink_u8(tcp[CTA_PROTOINFO_TCP_STATE], 0);
}

bool conntrack_read_entry(const struct nlmsghdr *message, struct conntrack_entry *out)
{
	const struct nlattr *table[CTA_TIMEOUT + 1];
	struct addr unused;
	uint8_t protocol;
	if (!message_is(message, IPCTNL_MSG_CT_NEW) ||
	    !netlink_attributes(message, sizeof(struct nfgenmsg), table, CTA_TIMEOUT))
		return false;
	*out = (struct conntrack_entry){ .status = be32(table[CTA_STATUS]),
					 .timeout = be32(table[CTA_TIMEOUT]) };
	tuple_read(table[CTA_TUPLE_ORIG], &out->source, &out->target, &out->protocol);
	tuple_read(table[CTA_TUPLE_REPLY], &out->reply_source, &unused, &protocol);
	out->state = tcp_state_read(table[CTA_PROTOINFO]);
	return out->source.family != AF_UNSPEC && out->target.family != AF_UNSPEC;
}

const char *conntrack_state_name(const struct conntrack_entry *entry)
{
	static const char *const names[] = {
		[TCP_CONNTRACK_NONE] = "NONE",         [TCP_CONNTRACK_SYN_SENT] = "SYN_SENT",
		[TCP_CONNTRACK_SYN_RECV] = "SYN_RECV", [TCP_CONNTRACK_ESTABLISHED] = "ESTABLISHED",
		[TCP_CONNTRACK_FIN_WAIT] = "FIN_WAIT", [TCP_CONNTRACK_CLOSE_WAIT] = "CLOSE_WAIT",
		[TCP_CONNTRACK_LAST_ACK] = "LAST_ACK", [TCP_CONNTRACK_TIME_WAIT] = "TIME_WAIT",
		[TCP_CONNTRACK_CLOSE] = "CLOSE",       [TCP_CONNTRACK_SYN_SENT2] = "SYN_SENT2",
	};
	if (entry->protocol != IPPROTO_TCP)
		return entry->status & IPS_SEEN_REPLY ? "replied" : "unreplied";
	return entry->state < sizeof names / sizeof names[0] ? names[entry->state] : "unknown";
}

const char *conntrack_protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_GRE:
		return "gre";
	default:
		return "other";
	}
}

/* --- counters --- */

bool conntrack_read_stats(const struct nlmsghdr *message, struct conntrack *out)
{
	const struct nlattr *table[CTA_STATS_GLOBAL_MAX_ENTRIES + 1];
	if (!netlink_attributes(message, sizeof(struct nfgenmsg), table, CTA_STATS_GLOBAL_MAX_ENTRIES) ||
	    !table[CTA_STATS_GLOBAL_ENTRIES])
		return false;
	out->has_count = true;
	out->count = be32(table[CTA_STATS_GLOBAL_ENTRIES]);
	if (table[CTA_STATS_GLOBAL_MAX_ENTRIES])
		out->max = be32(table[CTA_STATS_GLOBAL_MAX_ENTRIES]);
	return true;
}

void conntrack_read_cpu(const struct nlmsghdr *message, struct conntrack *out)
{
	/* Since Linux 5.15; older headers end before. */
	enum { CLASH_RESOLVE = 14, CHAIN_TOOLONG = 15 };
	const struct nlattr *table[CHAIN_TOOLONG + 1];
	if (!netlink_attributes(message, sizeof(struct nfgenmsg), table, CHAIN_TOOLONG))
		return;
	out->has_counters = true;
	out->counters.found += be32(table[CTA_STATS_FOUND]);
	out->counters.invalid += be32(table[CTA_STATS_INVALID]);
	out->counters.insert_failed += be32(table[CTA_STATS_INSERT_FAILED]);
	out->counters.drop += be32(table[CTA_STATS_DROP]);
	out->counters.early_drop += be32(table[CTA_STATS_EARLY_DROP]);
	out->counters.error += be32(table[CTA_STATS_ERROR]);
	out->counters.search_restart += be32(table[CTA_STATS_SEARCH_RESTART]);
	out->counters.clash += be32(table[CLASH_RESOLVE]);
	out->counters.chain_too_long += be32(table[CHAIN_TOOLONG]);
}

static bool stats_message(const struct nlmsghdr *message, void *arg)
{
	(void)conntrack_read_stats(message, arg);
	return false;
}

static bool cpu_message(const struct nlmsghdr *message, void *arg)
{
	conntrack_read_cpu(message, arg);
	return true;
}

static void cpu_again(void *arg)
{
	((struct conntrack *)arg)->counters = (struct conntrack_counters){ 0 };
}

static void by_netlink(struct conntrack *out)
{
	struct netlink *netlink = netlink_open(NETLINK_NETFILTER, NULL);
	struct netlink_request request;
	if (!netlink)
		return;
	netlink_begin(&request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS, 0,
		      sizeof(struct nfgenmsg));
	(void)netlink_ask(netlink, &request, stats_message, NULL, out);
	netlink_begin(&request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS_CPU, NLM_F_DUMP,
		      sizeof(struct nfgenmsg));
	(void)netlink_ask(netlink, &request, cpu_message, cpu_again, out);
	netlink_close(netlink);
}

int conntrack_read(struct conntrack *out, struct error *err)
{
	int64_t count, max;
	(void)err;
	*out = (struct conntrack){ .at = clock_mono() };
	if (sysctl_read_int("net.netfilter.nf_conntrack_max", 0, &max) == 0) {
		out->loaded = true;
		out->max = (uint64_t)max;
	}
	if (sysctl_read_int("net.netfilter.nf_conntrack_count", 0, &count) == 0) {
		out->has_count = true;
		out->count = (uint64_t)count;
	}
	if (out->loaded)
		by_netlink(out);
	return 0;
}

double conntrack_fill(const struct conntrack *conntrack)
{
	if (!conntrack->has_count || !conntrack->max)
		return -1;
	return 100.0 * (double)conntrack->count / (double)conntrack->max;
}

/* --- listing --- */

struct listing {
	conntrack_fn *fn;
	void *arg;
};

static bool entry_message(const struct nlmsghdr *message, void *arg)
{
	const struct listing *listing = arg;
	struct conntrack_entry entry;
	return !conntrack_read_entry(message, &entry) || listing->fn(&entry, listing->arg);
}

int conntrack_list(int family, conntrack_fn *fn, void *arg, bool *changed, struct error *err)
{
	struct netlink *netlink = netlink_open(NETLINK_NETFILTER, err);
	struct netlink_request request;
	struct listing listing = { fn, arg };
	if (!netlink)
		return -1;
	struct nfgenmsg *header = netlink_begin(&request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
						NLM_F_DUMP, sizeof *header);
	header->nfgen_family = (uint8_t)family;
	int failed = netlink_dump(netlink, &request, entry_message, &listing, changed) < 0 ? errno : 0;
	netlink_close(netlink);
	if (failed)
		return privilege_error(err, failed, "cap_net_admin",
				       "the table of connections cannot be read");
	return 0;
}
