/* Policy rules (ip-rule(8)): read, matched, written in words. */
#include "ntsh/route.h"
#include "ntsh/routes.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/routes_read.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rules {
	struct route_rule *items;
	size_t count, kept; /* kept: of the families read before */
};

static bool rules_message(const struct nlmsghdr *message, void *arg)
{
	struct rules *rules = arg;
	struct route_rule rule;
	if (!rule_read(message, &rule) || rules->count >= ROUTE_RULES_MAX)
		return true;
	if (rules->count % 32 == 0)
		rules->items = mem_resize(rules->items, rules->count + 32, sizeof *rules->items);
	rules->items[rules->count++] = rule;
	return true;
}

static void rules_again(void *arg)
{
	struct rules *rules = arg;
	rules->count = rules->kept;
}

int rules_read(int family, struct route_rule **out, struct error *err)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct rules rules = { 0 };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	*out = NULL;
	if (!netlink)
		return -1;
	int failed = 0;
	for (size_t i = 0; i < 2 && !failed; i++) {
		if (family != AF_UNSPEC && family != families[i])
			continue;
		struct netlink_request request;
		struct fib_rule_hdr *header =
		    netlink_begin(&request, RTM_GETRULE, NLM_F_DUMP, sizeof *header);
		header->family = (unsigned char)families[i];
		rules.kept = rules.count;
		failed = netlink_ask(netlink, &request, rules_message, rules_again, &rules) < 0 ? errno : 0;
		/* A kernel without policy routing, or without the family. */
		if (failed == EAFNOSUPPORT || failed == EOPNOTSUPP)
			failed = 0;
		if (!failed && netlink_interrupted(netlink))
			failed = EAGAIN;
	}
	netlink_close(netlink);
	if (failed) {
		free(rules.items);
		return error_errno(err, failed,
				   failed == EAGAIN ? "something changes them all the time; try again" : NULL,
				   "the routing rules cannot be read");
	}
	*out = rules.items;
	return (int)rules.count;
}

/* --- matching --- */

static bool side_matches(const struct prefix *wanted, const struct addr *addr)
{
	struct prefix one = { .addr = *addr, .length = (uint8_t)(addr_length(addr->family) * 8) };
	if (wanted->addr.family == AF_UNSPEC || !wanted->length)
		return true;
	if (addr->family == AF_UNSPEC)
		return false;
	return prefix_holds(wanted, &one);
}

static bool port_matches(const uint16_t range[2], uint16_t port)
{
	return !range[0] || (port >= range[0] && port <= range[1]);
}

static bool interface_matches(const char *wanted, const char *name)
{
	return !*wanted || (name && strcmp(wanted, name) == 0);
}

static bool fields_match(const struct route_rule *rule, const struct rule_packet *packet)
{
	return side_matches(&rule->from, &packet->from) && side_matches(&rule->to, &packet->to) &&
	       interface_matches(rule->iif, packet->iif) && interface_matches(rule->oif, packet->oif) &&
	       ((rule->mark ^ packet->mark) & rule->mask) == 0 && (!rule->tos || rule->tos == packet->tos) &&
	       (!rule->ip_protocol || rule->ip_protocol == packet->ip_protocol) &&
	       (rule->uid_first > rule->uid_last ||
		(packet->has_uid && packet->uid >= rule->uid_first && packet->uid <= rule->uid_last)) &&
	       port_matches(rule->source_port, packet->source_port) &&
	       port_matches(rule->target_port, packet->target_port);
}

bool rule_matches(const struct route_rule *rule, const struct rule_packet *packet)
{
	if (rule->family != packet->to.family || rule->l3mdev)
		return false;
	return fields_match(rule, packet) != rule->invert;
}

/* --- in words --- */

static void add_prefix(struct buf *out, const char *word, const struct prefix *prefix)
{
	char text[PREFIX_TEXT_MAX];
	bool host = prefix->length == addr_length(prefix->addr.family) * 8;
	if (prefix->addr.family != AF_UNSPEC)
		buf_printf(out, " %s %s", word,
			   host ? addr_format(&prefix->addr, text) : prefix_format(prefix, text));
}

static void add_ports(struct buf *out, const char *word, const uint16_t range[2])
{
	if (range[0] && range[0] == range[1])
		buf_printf(out, " %s %u", word, range[0]);
	else if (range[0])
		buf_printf(out, " %s %u-%u", word, range[0], range[1]);
}

char *rule_selector_format(const struct route_rule *rule, char buf[256])
{
	struct buf out = BUF_INIT(250);
	buf_add_text(&out, rule->invert ? "not from" : "from");
	if (rule->from.addr.family == AF_UNSPEC) {
		buf_add_text(&out, " all");
	} else {
		buf_clear(&out);
		buf_add_text(&out, rule->invert ? "not" : "");
		add_prefix(&out, "from", &rule->from);
	}
	add_prefix(&out, "to", &rule->to);
	if (rule->tos)
		buf_printf(&out, " tos 0x%02x", rule->tos);
	if (rule->mark || rule->mask)
		buf_printf(&out, rule->mask == UINT32_MAX ? " fwmark 0x%x" : " fwmark 0x%x/0x%x", rule->mark,
			   rule->mask);
	if (*rule->iif)
		buf_printf(&out, " iif %s", rule->iif);
	if (*rule->oif)
		buf_printf(&out, " oif %s", rule->oif);
	if (rule->uid_first <= rule->uid_last)
		buf_printf(&out, " uidrange %u-%u", rule->uid_first, rule->uid_last);
	if (rule->ip_protocol)
		buf_printf(&out, " ipproto %u", rule->ip_protocol);
	add_ports(&out, "sport", rule->source_port);
	add_ports(&out, "dport", rule->target_port);
	const char *text = buf_text(&out);
	snprintf(buf, 256, "%s", text + (*text == ' '));
	buf_release(&out);
	return buf;
}

char *rule_action_format(const struct route_rule *rule, char buf[64])
{
	char table[16], suppress[40] = "";
	if (rule->suppress_length >= 0)
		snprintf(suppress, sizeof suppress, " suppress_prefixlength %d", rule->suppress_length);
	switch (rule->action) {
	case FR_ACT_TO_TBL:
		if (rule->l3mdev)
			snprintf(buf, 64, "lookup [l3mdev-table]%s", suppress);
		else
			snprintf(buf, 64, "lookup %s%s", route_table_name(rule->table, table), suppress);
		break;
	case FR_ACT_GOTO:
		snprintf(buf, 64, "goto %u", rule->goto_priority);
		break;
	case FR_ACT_NOP:
		snprintf(buf, 64, "nop");
		break;
	case FR_ACT_BLACKHOLE:
		snprintf(buf, 64, "blackhole");
		break;
	case FR_ACT_UNREACHABLE:
		snprintf(buf, 64, "unreachable");
		break;
	case FR_ACT_PROHIBIT:
		snprintf(buf, 64, "prohibit");
		break;
	default:
		snprintf(buf, 64, "action %u", rule->action);
	}
	return buf;
}
