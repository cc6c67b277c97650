/* Routes in ip's words. */
#include "ntsh/route.h"
#include "ntsh/routes.h"

#include "base/buf.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

enum { CACHE_SIZE = 64 };

const char *routes_interface(int ifindex)
{
	static struct {
		int ifindex;
		char name[IF_NAMESIZE];
	} cache[CACHE_SIZE];
	if (!ifindex)
		return "-";
	size_t at = (size_t)ifindex % CACHE_SIZE;
	if (cache[at].ifindex == ifindex)
		return cache[at].name;
	cache[at].ifindex = ifindex;
	if (!if_indextoname((unsigned)ifindex, cache[at].name))
		snprintf(cache[at].name, sizeof cache[at].name, "if%d", ifindex);
	return cache[at].name;
}

char *route_flags_format(uint8_t hop_flags, uint32_t route_flags, char buf[96])
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {
		{ RTNH_F_DEAD, "dead" },       { RTNH_F_LINKDOWN, "linkdown" },
		{ RTNH_F_ONLINK, "onlink" },   { RTNH_F_PERVASIVE, "pervasive" },
		{ RTNH_F_OFFLOAD, "offload" }, { RTNH_F_TRAP, "trap" },
		{ RTM_F_NOTIFY, "notify" },
	};
	uint32_t flags = hop_flags | route_flags;
	buf[0] = '\0';
	for (size_t i = 0; flags && i < sizeof names / sizeof names[0]; i++)
		if (flags & names[i].flag)
			snprintf(buf + strlen(buf), 96 - strlen(buf), "%s%s", *buf ? " " : "", names[i].name);
	return buf;
}

static void add_number(struct buf *out, const char *word, uint32_t number)
{
	if (number)
		buf_printf(out, " %s %u", word, number);
}

static void add_hop(struct buf *out, const struct route_hop *hop, sa_family_t family)
{
	char text[ADDR_TEXT_MAX];
	struct addr gateway = hop->gateway;
	gateway.zone = 0; /* the interface stands beside it */
	if (gateway.family != AF_UNSPEC)
		buf_printf(out, " via %s%s",
			   gateway.family == family     ? ""
			   : gateway.family == AF_INET6 ? "inet6 "
							: "inet ",
			   addr_format(&gateway, text));
	if (hop->ifindex)
		buf_printf(out, " dev %s", routes_interface(hop->ifindex));
}

static void add_hops(struct buf *out, const struct route *route)
{
	sa_family_t family = route->destination.addr.family;
	if (route->nexthop_id) {
		add_number(out, "nhid", route->nexthop_id);
		return;
	}
	for (size_t i = 0; i < route->hop_count; i++) {
		if (route->hop_count > 1)
			buf_add_text(out, " nexthop");
		add_hop(out, &route->hops[i], family);
		if (route->hop_count > 1)
			add_number(out, "weight", route->hops[i].weight);
		if (route->hops[i].flags & RTNH_F_ONLINK)
			buf_add_text(out, " onlink");
	}
}

char *route_words(const struct route *route, char *buf, size_t size)
{
	char text[PREFIX_TEXT_MAX], name[16];
	struct buf out = BUF_INIT(65536);
	if (route->type != RTN_UNICAST && route->type != RTN_UNSPEC)
		buf_printf(&out, "%s ", route_type_name(route->type));
	if (!route->destination.length && route->destination.addr.family == AF_INET)
		buf_add_text(&out, "default");
	else
		buf_add_text(&out, prefix_format(&route->destination, text));
	if (route->from.length)
		buf_printf(&out, " from %s", prefix_format(&route->from, text));
	if (route->tos)
		buf_printf(&out, " tos 0x%02x", route->tos);
	if (route->hop_count < 2)
		add_hops(&out, route);
	if (route->table != RT_TABLE_MAIN)
		buf_printf(&out, " table %s", route_table_name(route->table, name));
	if (route->protocol != RTPROT_BOOT && route->protocol)
		buf_printf(&out, " proto %s", route_protocol_name(route->protocol, name));
	if (route->scope != RT_SCOPE_UNIVERSE && route->scope != RT_SCOPE_NOWHERE &&
	    route->destination.addr.family == AF_INET && route->type == RTN_UNICAST)
		buf_printf(&out, " scope %s", route_scope_name(route->scope, name));
	if (route->source.family != AF_UNSPEC)
		buf_printf(&out, " src %s", addr_format(&route->source, text));
	add_number(&out, "metric", route->metric);
	add_number(&out, route->mtu_locked ? "mtu lock" : "mtu", route->mtu);
	add_number(&out, "advmss", route->advmss);
	add_number(&out, "hoplimit", route->hoplimit);
	add_number(&out, "initcwnd", route->initcwnd);
	add_number(&out, "initrwnd", route->initrwnd);
	if (route->hop_count > 1)
		add_hops(&out, route);
	snprintf(buf, size, "%s", buf_text(&out));
	buf_release(&out);
	return buf;
}
