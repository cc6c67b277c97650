/* The way out of this machine: route, link, neighbour. */
#include "diag/flow.h"

#include "ntsh/route.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { LINKS_LOOKED_AT = 64 };

static enum fact fact_of(bool flag)
{
	return flag ? FACT_YES : FACT_NO;
}

static void take_route(struct path *path, const struct route_decision *route)
{
	bool refused = error_is_set(&route->error);
	path->routed = fact_of(!refused);
	if (refused) {
		snprintf(path->route_error, sizeof path->route_error, "%.150s", route->error.message);
		return;
	}
	path->gateway = route->gateway;
	path->source = route->source;
	path->local = route->type == RTN_LOCAL;
	path->on_link = route->gateway.family == AF_UNSPEC;
	snprintf(path->interface, sizeof path->interface, "%s", route->interface);
}

static void take_link(struct flow *flow, struct path *path, int ifindex, bool after)
{
	struct link_info link;
	if (!ifindex || link_get(ifindex, &link, NULL))
		return;
	path->link_up = fact_of(link.up);
	path->carrier = fact_of(link.running || link.loopback);
	path->mtu = link.mtu;
	uint64_t errors = link.rx_errors + link.tx_errors, drops = link.rx_dropped + link.tx_dropped;
	if (after) {
		path->link_errors = errors > path->link_errors ? errors - path->link_errors : 0;
		path->link_drops = drops > path->link_drops ? drops - path->link_drops : 0;
	} else {
		path->link_errors = errors;
		path->link_drops = drops;
	}
	(void)flow;
}

static void take_neighbour(struct path *path, int ifindex)
{
	const struct addr *next = path->on_link ? &path->addr : &path->gateway;
	uint8_t mac[6];
	if (path->local || !ifindex || neighbour_get(next, ifindex, &path->neighbour_state, mac, NULL))
		return;
	if (path->neighbour_state & (NUD_FAILED | NUD_INCOMPLETE))
		path->next_hop_answers = FACT_NO;
	else if (path->neighbour_state & (NUD_REACHABLE | NUD_DELAY | NUD_PROBE | NUD_STALE | NUD_PERMANENT))
		path->next_hop_answers = FACT_YES;
}

static int ask_route(const struct flow *flow, const struct path *path, struct route_decision *route)
{
	struct route_query query = { .destination = path->addr, .oif = flow->request->interface };
	return route_get(&query, route, NULL);
}

void flow_way(struct flow *flow, struct path *path)
{
	struct route_decision route;
	if (ask_route(flow, path, &route))
		return;
	take_route(path, &route);
	if (path->routed == FACT_YES)
		take_link(flow, path, route.ifindex, false);
}

void flow_way_after(struct flow *flow, struct path *path)
{
	struct route_decision route;
	if (path->routed != FACT_YES || ask_route(flow, path, &route) || error_is_set(&route.error))
		return;
	take_link(flow, path, route.ifindex, true);
	take_neighbour(path, route.ifindex);
}

/* Interfaces that exist without anybody having made them are down everywhere. */
static bool made_by_kernel(const char *name)
{
	static const char *const names[] = { "lo",      "sit0",    "tunl0",   "gre0",
					     "gretap0", "erspan0", "ip_vti0", "ip6_vti0",
					     "ip6tnl0", "ip6gre0", NULL };
	for (int i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

void flow_down_link(struct flow *flow)
{
	struct machine_facts *machine = &flow->facts->machine;
	for (int ifindex = 1; ifindex <= LINKS_LOOKED_AT && !machine->down_link; ifindex++) {
		struct link_info link;
		if (link_get(ifindex, &link, NULL) || link.loopback || made_by_kernel(link.name))
			continue;
		if (link.up && link.running)
			continue;
		machine->down_link = true;
		machine->down_is_carrier = link.up;
		snprintf(machine->down_link_name, sizeof machine->down_link_name, "%s", link.name);
	}
}
