#include "net/route_check_parts.h"

#include "base/mem.h"
#include "ntsh/route.h"

#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check_report(struct check *check, enum route_severity severity, const char *id, const char *where,
		  const char *todo, const char *format, ...)
{
	struct route_finding finding = { .severity = severity, .id = id };
	size_t kind = 0;
	while (kind + 1 < CHECK_KINDS && check->kinds[kind].id && strcmp(check->kinds[kind].id, id) != 0)
		kind++;
	check->kinds[kind].id = id;
	if (++check->kinds[kind].count > CHECK_KIND_MAX) {
		check->end->left_out++;
		return;
	}
	va_list args;
	va_start(args, format);
	vsnprintf(finding.says, sizeof finding.says, format, args);
	va_end(args);
	snprintf(finding.where, sizeof finding.where, "%s", where);
	snprintf(finding.todo, sizeof finding.todo, "%s", todo ? todo : "");
	check->fn(&finding, check->arg);
}

/* --- each route as it passes --- */

static void gateway_keep(struct check *check, const struct route_hop *hop, const char *words)
{
	struct check_gateway *found = NULL;
	for (size_t i = 0; i < check->gateway_count && !found; i++)
		if (check->gateways[i].ifindex == hop->ifindex &&
		    addr_equal(&check->gateways[i].addr, &hop->gateway))
			found = &check->gateways[i];
	if (!found && check->gateway_count == CHECK_GATEWAYS_MAX)
		return;
	if (!found) {
		found = &check->gateways[check->gateway_count++];
		*found = (struct check_gateway){ .addr = hop->gateway,
						 .ifindex = hop->ifindex,
						 .onlink = hop->flags & RTNH_F_ONLINK };
		snprintf(found->words, sizeof found->words, "%s", words);
	}
	found->routes++;
}

static void default_keep(struct check *check, const struct route *route, const char *words)
{
	check->end->defaults++;
	if (check->default_count == CHECK_DEFAULTS_MAX)
		return;
	struct check_default *kept = &check->defaults[check->default_count++];
	*kept = (struct check_default){ .table = route->table,
					.metric = route->metric,
					.family = route->destination.addr.family,
					.tos = route->tos,
					.protocol = route->protocol };
	if (route->hop_count) {
		kept->ifindex = route->hops[0].ifindex;
		kept->gateway = route->hops[0].gateway;
	}
	snprintf(kept->words, sizeof kept->words, "%s", words);
}

static void prefix_keep(struct check *check, const struct route *route)
{
	if (check->prefix_count == check->prefix_capacity) {
		check->prefix_capacity = check->prefix_capacity ? 2 * check->prefix_capacity : 256;
		check->prefixes =
		    mem_resize(check->prefixes, check->prefix_capacity, sizeof *check->prefixes);
	}
	struct check_prefix *kept = &check->prefixes[check->prefix_count++];
	*kept = (struct check_prefix){ .table = route->table,
				       .family = (uint8_t)route->destination.addr.family,
				       .length = route->destination.length,
				       .type = route->type };
	memcpy(kept->bytes, route->destination.addr.bytes, sizeof kept->bytes);
}

static void hop_check(struct check *check, const struct route *route, const struct route_hop *hop,
		      const char *words)
{
	bool several = route->hop_count > 1;
	if (hop->flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
		check_report(
		    check, several ? ROUTE_WARN : ROUTE_BAD, "dead-nexthop", words,
		    hop->flags & RTNH_F_DEAD ? "ip link set IF up, or remove the route"
					     : "look at the cable, the switch port, or the other end",
		    "%s: %s is %s%s", several ? "one of its next hops is dead" : "it is dead",
		    routes_interface(hop->ifindex),
		    hop->flags & RTNH_F_DEAD ? "down" : "up, but without a carrier",
		    hop->flags & RTNH_F_DEAD || several
			? ""
			: ": packets go there all the same, unless ignore_routes_with_linkdown is set");
	if (hop->gateway.family != AF_UNSPEC)
		gateway_keep(check, hop, words);
}

static void mtu_check(struct check *check, const struct route *route, const char *words)
{
	const struct iface *iface =
	    route->hop_count ? iface_by_index(&check->ifaces, route->hops[0].ifindex) : NULL;
	if (!route->mtu || !iface || route->mtu == iface->mtu)
		return;
	if (route->mtu < iface->mtu)
		check_report(
		    check, ROUTE_NOTE, "mtu", words, NULL,
		    "its MTU of %u is below that of %s (%u): right for a tunnel behind the gateway, else it "
		    "only makes packets small",
		    route->mtu, iface->name, iface->mtu);
	else
		check_report(check, ROUTE_WARN, "mtu", words,
			     "remove mtu from the route, or raise that of the interface",
			     "its MTU of %u is above that of %s (%u)", route->mtu, iface->name, iface->mtu);
}

static void type_check(struct check *check, const struct route *route, const char *words)
{
	static const struct {
		uint8_t type;
		const char *says;
	} types[] = {
		{ RTN_BLACKHOLE, "packets to it are dropped without a word (programs here get EINVAL)" },
		{ RTN_UNREACHABLE, "packets to it are refused: 'No route to host'" },
		{ RTN_PROHIBIT, "packets to it are refused: 'Permission denied'" },
	};
	/* The kernel's own end of an IPv6 table. */
	if (route->metric == UINT32_MAX)
		return;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == route->type)
			check_report(check, ROUTE_NOTE, "blackhole", words, NULL, "%s%s", types[i].says,
				     route->destination.length ? "" : ", and it covers everything");
}

static bool on_route(const struct route *route, void *arg)
{
	struct check *check = arg;
	char words[256];
	check->end->routes++;
	if (route->table == RT_TABLE_LOCAL)
		return true;
	/* Words cost more than everything else here: only for what may be reported. */
	bool wanted = route->type != RTN_UNICAST || route->mtu || !route->destination.length ||
		      check->gateway_count < CHECK_GATEWAYS_MAX;
	*words = '\0';
	for (size_t i = 0; i < route->hop_count; i++)
		wanted |= (route->hops[i].flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) != 0;
	if (wanted &&
	    (check->prefix_count < 100000 || route->type != RTN_UNICAST || !route->destination.length))
		route_words(route, words, sizeof words);
	type_check(check, route, words);
	mtu_check(check, route, words);
	for (size_t i = 0; i < route->hop_count; i++)
		hop_check(check, route, &route->hops[i], words);
	if (!route->destination.length && route->type == RTN_UNICAST)
		default_keep(check, route, words);
	prefix_keep(check, route);
	return true;
}

static void on_nexthop(const struct nexthop *nexthop, void *arg)
{
	struct check *check = arg;
	char where[64];
	snprintf(where, sizeof where, "nexthop object %u", nexthop->id);
	if (!nexthop->group && nexthop->hop.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
		check_report(check, ROUTE_WARN, "dead-nexthop", where,
			     "routes and groups that use it pass it over", "%s is down or has no carrier",
			     routes_interface(nexthop->hop.ifindex));
}

int route_check(route_finding_fn *fn, void *arg, struct route_check_end *end, struct error *err)
{
	*end = (struct route_check_end){ 0 };
	struct check *check = NEW(struct check);
	struct route_filter filter = ROUTE_FILTER_ALL;
	struct routes_end dumped = { 0 };
	check->fn = fn;
	check->arg = arg;
	check->end = end;
	int failed = ifaces_read(&check->ifaces, err);
	if (!failed)
		failed = routes_dump(&filter, true, on_route, check, &dumped, err);
	if (!failed)
		failed = nexthops_read(on_nexthop, check, err);
	if (!failed) {
		end->interrupted = dumped.interrupted;
		end->gateways = check->gateway_count;
		check_defaults(check);
		check_gateways(check);
		check_shadowed(check);
		check_ways_back(check);
	}
	ifaces_free(&check->ifaces);
	free(check->prefixes);
	free(check);
	return failed;
}
