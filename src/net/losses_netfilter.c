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

/* Does what reaches the chain leave this machine? A chain that is jumped to has no hook of its own: its name has to do. */
static bool is_outgoing(const struct loss_chains *chains, uint8_t family, const char *table, const char *name)
{
	for (size_t i = 0; i < chains->count; i++) {
		const struct loss_chain *chain = &chains->items[i];
		if (chain->family == family && !strcmp(chain->table, table) && !strcmp(chain->name, name))
			return chain->hook == NF_INET_LOCAL_OUT || chain->hook == NF_INET_POST_ROUTING;
	}
	return strcasestr(name, "output") != NULL || strcasestr(name, "postrouting") != NULL;
}

static void silent_note(struct losses *losses, const char *format, uint8_t family, const char *table,
			const char *chain)
{
	if (!losses->silent_rules++)
		snprintf(losses->silent_where, sizeof losses->silent_where, format, family_name(family),
			 table, chain);
}

void losses_read_rule(struct losses *losses, const struct loss_chains *chains, const struct nlmsghdr *message)
{
	const struct nlattr *table[NFTA_RULE_EXPRESSIONS + 1];
	char table_name[32], chain[32];
	if (!message_is(message, NFT_MSG_NEWRULE) ||
	    !netlink_attributes(message, sizeof(struct nfgenmsg), table, NFTA_RULE_EXPRESSIONS))
		return;
	struct deed deed = deed_read(table[NFTA_RULE_EXPRESSIONS]);
	if (!deed.drops && !deed.rejects)
		return;
	uint8_t family = family_read(message);
	netlink_text(table[NFTA_RULE_TABLE], table_name, sizeof table_name);
	netlink_text(table[NFTA_RULE_CHAIN], chain, sizeof chain);
	if (!deed.counts) {
		silent_note(losses, "a rule of %s %s %s", family, table_name, chain);
		return;
	}
	struct loss_counter counter = { .place = LOSS_NETFILTER,
					.scope = SCOPE_NAMESPACE,
					.wanted = true,
					.outgoing = is_outgoing(chains, family, table_name, chain),
					.means = deed.drops ? "a firewall rule drops them silently"
							    : "a firewall rule refuses them with an error",
					.value = deed.packets };
	snprintf(counter.name, sizeof counter.name, "%s", deed.drops ? "drop" : "reject");
	snprintf(counter.where, sizeof counter.where, "%s %s %s, handle %llu", family_name(family),
		 table_name, chain, (unsigned long long)be64toh(netlink_u64(table[NFTA_RULE_HANDLE], 0)));
	losses_add(losses, &counter);
}

static void chain_remember(struct loss_chains *chains, const struct loss_chain *chain)
{
	if (chains->count < CHAINS_MAX)
		chains->items[chains->count++] = *chain;
}

void losses_read_chain(struct losses *losses, struct loss_chains *chains, const struct nlmsghdr *message)
{
	const struct nlattr *table[NFTA_CHAIN_COUNTERS + 1], *hook[NFTA_HOOK_HOOKNUM + 1];
	if (!message_is(message, NFT_MSG_NEWCHAIN) ||
	    !netlink_attributes(message, sizeof(struct nfgenmsg), table, NFTA_CHAIN_COUNTERS) ||
	    !table[NFTA_CHAIN_HOOK])
		return;
	struct loss_chain chain = { .family = family_read(message) };
	netlink_nested(table[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_HOOKNUM);
	chain.hook = (uint8_t)be32toh(netlink_u32(hook[NFTA_HOOK_HOOKNUM], UINT32_MAX));
	netlink_text(table[NFTA_CHAIN_TABLE], chain.table, sizeof chain.table);
	netlink_text(table[NFTA_CHAIN_NAME], chain.name, sizeof chain.name);
	chain_remember(chains, &chain);
	/* Packets that reach the end of the chain are dropped; the kernel counts all that enter it, if at all, which says nothing. */
	if (table[NFTA_CHAIN_POLICY] && be32toh(netlink_u32(table[NFTA_CHAIN_POLICY], UINT32_MAX)) == NF_DROP)
		silent_note(losses, "the policy of %s %s %s", chain.family, chain.table, chain.name);
}

/* Both dumps write into these. */
struct reading {
	struct losses *losses;
	struct loss_chains chains;
	size_t count; /* counters that were there before */
};

static bool rule_message(const struct nlmsghdr *message, void *arg)
{
	struct reading *reading = arg;
	losses_read_rule(reading->losses, &reading->chains, message);
	return true;
}

static bool chain_message(const struct nlmsghdr *message, void *arg)
{
	struct reading *reading = arg;
	losses_read_chain(reading->losses, &reading->chains, message);
	return true;
}

static void chains_again(void *arg)
{
	struct reading *reading = arg;
	reading->chains.count = 0;
	reading->losses->silent_rules = 0;
}

static void rules_again(void *arg)
{
	struct reading *reading = arg;
	reading->losses->count = reading->count;
}

static int ask(struct netlink *netlink, uint16_t type, netlink_message_fn *fn, netlink_again_fn *again,
	       struct reading *reading)
{
	struct netlink_request request;
	struct nfgenmsg *header =
	    netlink_begin(&request, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), NLM_F_DUMP, sizeof *header);
	header->nfgen_family = NFPROTO_UNSPEC;
	return netlink_ask(netlink, &request, fn, again, reading);
}

void losses_add_netfilter(struct losses *losses)
{
	struct netlink *netlink = netlink_open(NETLINK_NETFILTER, NULL);
	struct reading reading = { .losses = losses, .count = losses->count };
	if (!netlink)
		return;
	if (ask(netlink, NFT_MSG_GETCHAIN, chain_message, chains_again, &reading) < 0 ||
	    ask(netlink, NFT_MSG_GETRULE, rule_message, rules_again, &reading) < 0)
		losses->rules_hidden = errno == EPERM;
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
