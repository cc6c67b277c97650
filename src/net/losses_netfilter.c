/* Losses in netfilter: counters of nftables rules (include/uapi/linux/netfilter/nf_tables.h; also those that iptables-nft writes), and what
 * connection tracking refuses. */
#include "net/losses_read.h"

#include "sys/netlink.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_NETDEV:
		return "netdev";
	default:
		return "other";
	}
}

static bool message_is(const struct nlmsghdr *message, uint16_t type)
{
	return message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | type);
}

static uint8_t family_read(const struct nlmsghdr *message)
{
	struct nfgenmsg header;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof header);
	return header.nfgen_family;
}

/* --- rules --- */

/* What a rule does, as far as it matters here. */
struct deed {
	bool counts, drops, rejects;
	uint64_t packets;
};

static void counter_read(const struct nlattr *data, struct deed *deed)
{
	const struct nlattr *table[NFTA_COUNTER_PACKETS + 1];
	netlink_nested(data, table, NFTA_COUNTER_PACKETS);
	deed->counts = true;
	deed->packets = be64toh(netlink_u64(table[NFTA_COUNTER_PACKETS], 0));
}

static void verdict_read(const struct nlattr *data, struct deed *deed)
{
	const struct nlattr *immediate[NFTA_IMMEDIATE_DATA + 1], *value[NFTA_DATA_VERDICT + 1],
	    *verdict[NFTA_VERDICT_CODE + 1];
	netlink_nested(data, immediate, NFTA_IMMEDIATE_DATA);
	netlink_nested(immediate[NFTA_IMMEDIATE_DATA], value, NFTA_DATA_VERDICT);
	netlink_nested(value[NFTA_DATA_VERDICT], verdict, NFTA_VERDICT_CODE);
	if (verdict[NFTA_VERDICT_CODE])
		deed->drops |= be32toh(netlink_u32(verdict[NFTA_VERDICT_CODE], UINT32_MAX)) == NF_DROP;
}

/* iptables-nft keeps the old targets. */
static void target_read(const struct nlattr *data, struct deed *deed)
{
	enum { TARGET_NAME = 1 }; /* NFTA_TARGET_NAME */
	const struct nlattr *table[TARGET_NAME + 1];
	char name[32];
	netlink_nested(data, table, TARGET_NAME);
	netlink_text(table[TARGET_NAME], name, sizeof name);
	deed->rejects |= !strcmp(name, "REJECT");
	deed->drops |= !strcmp(name, "DROP");
}

static void reject_read(const struct nlattr *data, struct deed *deed)
{
	(void)data;
	deed->rejects = true;
}

static void expression_read(const struct nlattr *expression, struct deed *deed)
{
	static const struct {
		const char *name;
		void (*read)(const struct nlattr *data, struct deed *deed);
	} readers[] = {
		{ "counter", counter_read },
		{ "immediate", verdict_read },
		{ "target", target_read },
		{ "reject", reject_read },
	};
	const struct nlattr *table[NFTA_EXPR_DATA + 1];
	char name[32];
	netlink_nested(expression, table, NFTA_EXPR_DATA);
	netlink_text(table[NFTA_EXPR_NAME], name, sizeof name);
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (!strcmp(name, readers[i].name))
			readers[i].read(table[NFTA_EXPR_DATA], deed);
}

static struct deed deed_read(const struct nlattr *expressions)
{
	struct deed deed = { 0 };
	const struct nlattr *expression;
	if (!expressions)
		return deed;
	const uint8_t *at = mnl_attr_get_payload(expressions);
	size_t rest = mnl_attr_get_payload_len(expressions);
	while ((expression = netlink_attribute_next(&at, &rest)))
		expression_read(expression, &deed);
	return deed;
}

void losses_read_rule(struct losses *losses, const struct nlmsghdr *message)
{
	const struct nlattr *table[NFTA_RULE_EXPRESSIONS + 1];
	char table_name[32], chain[32];
	if (!message_is(message, NFT_MSG_NEWRULE) ||
	    !netlink_attributes(message, sizeof(struct nfgenmsg), table, NFTA_RULE_EXPRESSIONS))
		return;
	struct deed deed = deed_read(table[NFTA_RULE_EXPRESSIONS]);
	if (!deed.drops && !deed.rejects)
		return;
	if (!deed.counts) {
		losses->silent_rules++;
		return;
	}
	netlink_text(table[NFTA_RULE_TABLE], table_name, sizeof table_name);
	netlink_text(table[NFTA_RULE_CHAIN], chain, sizeof chain);
	struct loss_counter counter = { .place = LOSS_NETFILTER,
					.scope = SCOPE_NAMESPACE,
					.wanted = true,
					.outgoing =
					    !strcasecmp(chain, "output") || !strcasecmp(chain, "postrouting"),
					.means = deed.drops ? "a firewall rule drops them silently"
							    : "a firewall rule refuses them with an error",
					.value = deed.packets };
	snprintf(counter.name, sizeof counter.name, "%s", deed.drops ? "drop" : "reject");
	snprintf(counter.where, sizeof counter.where, "%s %s %s, handle %llu",
		 family_name(family_read(message)), table_name, chain,
		 (unsigned long long)be64toh(netlink_u64(table[NFTA_RULE_HANDLE], 0)));
	losses_add(losses, &counter);
}

void losses_read_chain(struct losses *losses, const struct nlmsghdr *message)
{
	const struct nlattr *table[NFTA_CHAIN_COUNTERS + 1];
	if (!message_is(message, NFT_MSG_NEWCHAIN) ||
	    !netlink_attributes(message, sizeof(struct nfgenmsg), table, NFTA_CHAIN_COUNTERS))
		return;
	/* Packets that reach the end of the chain are dropped; the kernel counts all that enter it, if at all, which says nothing. */
	if (table[NFTA_CHAIN_HOOK] && table[NFTA_CHAIN_POLICY] &&
	    be32toh(netlink_u32(table[NFTA_CHAIN_POLICY], UINT32_MAX)) == NF_DROP)
		losses->silent_rules++;
}

static bool rule_message(const struct nlmsghdr *message, void *arg)
{
	losses_read_rule(arg, message);
	return true;
}

static bool chain_message(const struct nlmsghdr *message, void *arg)
{
	losses_read_chain(arg, message);
	return true;
}

static void netfilter_again(void *arg)
{
	struct losses *losses = arg;
	losses->silent_rules = 0;
	while (losses->count && losses->items[losses->count - 1].place == LOSS_NETFILTER &&
	       losses->items[losses->count - 1].wanted)
		losses->count--;
}

void losses_add_netfilter(struct losses *losses)
{
	struct netlink *netlink = netlink_open(NETLINK_NETFILTER, NULL);
	struct netlink_request request;
	if (!netlink)
		return;
	struct nfgenmsg *header =
	    netlink_begin(&request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, NLM_F_DUMP, sizeof *header);
	header->nfgen_family = NFPROTO_UNSPEC;
	if (netlink_ask(netlink, &request, rule_message, netfilter_again, losses) < 0) {
		losses->rules_hidden = errno == EPERM;
	} else {
		header = netlink_begin(&request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP,
				       sizeof *header);
		header->nfgen_family = NFPROTO_UNSPEC;
		(void)netlink_ask(netlink, &request, chain_message, NULL, losses);
	}
	netlink_close(netlink);
}

/* --- connection tracking --- */

static const struct {
	const char *name;
	bool hint;
	const char *means;
} conntrack_losses[] = {
	{ "insert_failed", false,
	  "a connection could not be entered: a race of two packets, or a clash of NAT" },
	{ "drop", false, "the connection table was full, and the packet was dropped" },
	{ "early_drop", true, "old entries were thrown out to make room: the table is full" },
	{ "invalid", true, "packets that belong to no connection: harmless unless a rule drops them" },
	{ "chainlength", false, "a hash chain was too long" },
};

static uint64_t column_sum(const char *text, size_t column)
{
	uint64_t sum = 0;
	for (text += strcspn(text, "\n"); *text; text += strcspn(text, "\n")) {
		text++;
		for (size_t i = 0; *text && *text != '\n'; i++) {
			char *end;
			text += strspn(text, " ");
			uint64_t value = strtoull(text, &end, 16);
			if (end == text)
				break;
			if (i == column)
				sum += value;
			text = end;
		}
	}
	return sum;
}

void losses_read_conntrack(struct losses *losses, const char *text)
{
	const char *at = text;
	for (size_t column = 0; *at && *at != '\n'; column++) {
		at += strspn(at, " ");
		size_t length = strcspn(at, " \n");
		for (size_t i = 0; i < sizeof conntrack_losses / sizeof conntrack_losses[0]; i++) {
			if (length != strlen(conntrack_losses[i].name) ||
			    strncmp(at, conntrack_losses[i].name, length))
				continue;
			struct loss_counter counter = { .place = LOSS_NETFILTER,
							.scope = SCOPE_NAMESPACE,
							.hint = conntrack_losses[i].hint,
							.means = conntrack_losses[i].means,
							.value = column_sum(text, column) };
			snprintf(counter.name, sizeof counter.name, "conntrack.%s", conntrack_losses[i].name);
			losses_add(losses, &counter);
		}
		at += length;
	}
}
