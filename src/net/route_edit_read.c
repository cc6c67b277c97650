/* ip's words for a route to add or remove. */
#include "ntsh/route.h"
#include "ntsh/route_edit.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

struct words {
	const struct option_list *list;
	size_t at;
	int family;
	struct route_edit *edit;
	struct error *err;
};

static const char *next_word(struct words *words)
{
	return words->at < words->list->count ? words->list->items[words->at++] : NULL;
}

static int wrong(struct words *words, const char *word, const char *text, const char *what)
{
	if (!text)
		return error_set(words->err, STATUS_USAGE, "EUSAGE", what, "%s wants a value", word);
	return error_set(words->err, STATUS_USAGE, "EUSAGE", what, "%s '%.80s' makes no sense", word, text);
}

/* --- what follows a word: each takes the value and returns 0 or -1 --- */

static int read_number(struct words *words, const char *word, uint32_t *out)
{
	const char *text = next_word(words);
	char *end;
	unsigned long number = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 0) : 0;
	if (!text || *text < '0' || *text > '9' || *end || number > UINT32_MAX)
		return wrong(words, word, text, "a number from 0 to 4294967295");
	*out = (uint32_t)number;
	return 0;
}

static int read_gateway(struct words *words, struct route_hop *hop)
{
	const char *text = next_word(words);
	if (text && (strcmp(text, "inet6") == 0 || strcmp(text, "inet") == 0))
		text = next_word(words);
	if (!text || addr_parse(text, &hop->gateway) < 0)
		return wrong(words, "via", text, "the address of the next router");
	return 0;
}

static int read_interface(struct words *words, struct route_hop *hop)
{
	const char *text = next_word(words);
	hop->ifindex = text ? (int)if_nametoindex(text) : 0;
	return hop->ifindex
		   ? 0
		   : wrong(words, "dev", text, "an interface of this machine (ntsh iface lists them)");
}

static int read_named(struct words *words, const char *word, int (*read)(const char *, int *), uint8_t *out)
{
	const char *text = next_word(words);
	int number = 0;
	if (!text || read(text, &number) < 0)
		return wrong(words, word, text, "a name of ip's, one in /etc/iproute2, or a number");
	*out = (uint8_t)number;
	return 0;
}

static struct route_hop *hop_of(struct route_edit *edit)
{
	edit->route.hop_count = edit->route.hop_count ? edit->route.hop_count : 1;
	struct route_hop *hop = &edit->hops[edit->route.hop_count - 1];
	hop->weight = hop->weight ? hop->weight : 1;
	return hop;
}

/* nexthop via A dev IF weight N: as long as such words follow. */
static int read_nexthop(struct words *words)
{
	struct route *route = &words->edit->route;
	if (route->hop_count == sizeof words->edit->hops / sizeof words->edit->hops[0])
		return error_set(words->err, STATUS_USAGE, "EUSAGE", "use a nexthop group",
				 "too many next hops");
	struct route_hop *hop = &words->edit->hops[route->hop_count++];
	int failed = 0;
	hop->weight = 1;
	while (!failed && words->at < words->list->count) {
		const char *word = words->list->items[words->at];
		words->at++;
		if (strcmp(word, "via") == 0) {
			failed = read_gateway(words, hop);
		} else if (strcmp(word, "dev") == 0) {
			failed = read_interface(words, hop);
		} else if (strcmp(word, "weight") == 0) {
			failed = read_number(words, word, &hop->weight);
			if (!failed && (hop->weight < 1 || hop->weight > 256))
				failed = error_set(words->err, STATUS_USAGE, "EUSAGE", "from 1 to 256",
						   "a weight of %u makes no sense", hop->weight);
		} else if (strcmp(word, "onlink") == 0) {
			hop->flags |= RTNH_F_ONLINK;
		} else {
			words->at--;
			break;
		}
	}
	return failed;
}

static int read_source(struct words *words)
{
	const char *text = next_word(words);
	if (!text || addr_parse(text, &words->edit->route.source) < 0)
		return wrong(words, "src", text, "an address of this machine");
	return 0;
}

static int read_table(struct words *words)
{
	const char *text = next_word(words);
	if (!text || route_table_number(text, &words->edit->route.table) < 0)
		return wrong(words, "table", text,
			     "main, local, a name in /etc/iproute2/rt_tables, or a number");
	return 0;
}

static int read_tos(struct words *words)
{
	uint32_t tos = 0;
	if (read_number(words, "tos", &tos) < 0)
		return -1;
	words->edit->route.tos = (uint8_t)tos;
	return tos <= UINT8_MAX ? 0 : wrong(words, "tos", "of more than 255", "a number from 0 to 255");
}

static int read_mtu(struct words *words)
{
	struct route *route = &words->edit->route;
	route->mtu_locked =
	    words->at < words->list->count && strcmp(words->list->items[words->at], "lock") == 0;
	words->at += route->mtu_locked;
	return read_number(words, "mtu", &route->mtu);
}

static int read_onlink(struct words *words)
{
	hop_of(words->edit)->flags |= RTNH_F_ONLINK;
	return 0;
}

/* A word with what follows. Returns 1 when it is none of ip's. */
static int read_keyword(struct words *words, const char *word)
{
	struct route *route = &words->edit->route;
	if (strcmp(word, "via") == 0)
		return read_gateway(words, hop_of(words->edit));
	if (strcmp(word, "dev") == 0)
		return read_interface(words, hop_of(words->edit));
	if (strcmp(word, "nexthop") == 0)
		return read_nexthop(words);
	if (strcmp(word, "metric") == 0 || strcmp(word, "priority") == 0 || strcmp(word, "preference") == 0)
		return read_number(words, "metric", &route->metric);
	if (strcmp(word, "nhid") == 0)
		return read_number(words, word, &route->nexthop_id);
	if (strcmp(word, "advmss") == 0)
		return read_number(words, word, &route->advmss);
	if (strcmp(word, "proto") == 0)
		return read_named(words, word, route_protocol_number, &route->protocol);
	if (strcmp(word, "scope") == 0)
		return read_named(words, word, route_scope_number, &route->scope);
	if (strcmp(word, "table") == 0)
		return read_table(words);
	if (strcmp(word, "src") == 0)
		return read_source(words);
	if (strcmp(word, "mtu") == 0)
		return read_mtu(words);
	if (strcmp(word, "tos") == 0)
		return read_tos(words);
	if (strcmp(word, "onlink") == 0)
		return read_onlink(words);
	return 1;
}

static int read_destination(struct words *words, const char *word)
{
	struct route *route = &words->edit->route;
	int type = 0, family = words->family;
	if (route_type_number(word, &type) == 0 && (*word < '0' || *word > '9')) {
		route->type = (uint8_t)type;
		word = next_word(words);
	}
	/* "default via 2001:db8::1" is of the gateway's family. */
	for (size_t i = 0; family == AF_UNSPEC && i + 1 < words->list->count; i++)
		if (strcmp(words->list->items[i], "via") == 0 && strchr(words->list->items[i + 1], ':') &&
		    word && strcmp(word, "default") == 0)
			family = AF_INET6;
	if (!word || prefix_parse(word, (sa_family_t)family, &route->destination) < 0)
		return error_set(
		    words->err, STATUS_USAGE, "EUSAGE",
		    "write default, 10.0.0.0/8 or 2001:db8::/32, and then where to: via ADDRESS, dev IF",
		    "'%.80s' is no address block", word ? word : "");
	return 0;
}

static bool needs_hop(const struct route *route)
{
	return route->type == RTN_UNICAST && !route->nexthop_id && !route->hop_count;
}

int route_edit_read(const struct option_list *list, int family, bool remove, struct route_edit *out,
		    struct error *err)
{
	*out = (struct route_edit){ .remove = remove };
	struct route *route = &out->route;
	*route = (struct route){ .type = remove ? RTN_UNSPEC : RTN_UNICAST,
				 .table = RT_TABLE_MAIN,
				 .protocol = remove ? RTPROT_UNSPEC : RTPROT_BOOT,
				 .scope = RT_SCOPE_NOWHERE,
				 .hops = out->hops };
	struct words words = { .list = list, .family = family, .edit = out, .err = err };
	const char *word = next_word(&words);
	if (!word)
		return error_set(err, STATUS_USAGE, "EUSAGE", "for example 10.0.0.0/8 via 192.0.2.1",
				 "PREFIX is missing");
	if (read_destination(&words, word) < 0)
		return -1;
	while ((word = next_word(&words))) {
		int bad = read_keyword(&words, word);
		if (bad > 0)
			return error_set(
			    err, STATUS_USAGE, "EUSAGE",
			    "via, dev, metric, table, proto, scope, src, mtu, tos, nhid, onlink, nexthop",
			    "'%.80s' is no word of a route", word);
		if (bad < 0)
			return -1;
	}
	if (!remove && needs_hop(route))
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "via ADDRESS, dev IF, or a type such as blackhole",
				 "where the packets are to go is missing");
	return 0;
}
