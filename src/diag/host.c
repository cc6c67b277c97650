/* The order of the steps: a first reading, probes, an interval, a second reading, the judgement. */
#include "diag/host.h"

#include "ntsh/counters.h"
#include "ntsh/lookup.h"
#include "ntsh/process.h"
#include "ntsh/route.h"
#include "ntsh/routes.h"

#include "base/mem.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#define INTERVAL (2 * NS_PER_S)
/* A timer of our own is due this often; how late it fires tells how long we waited for a CPU. */
#define TICK (25 * NS_PER_MS)
enum { TICKS_MAX = 2048 };

/* Readings at the beginning, to be compared with those at the end. */
struct host_flow {
	struct loop *loop;
	const struct diagnose_events *events;
	void *arg;
	struct host_facts *facts;
	struct ifaces ifaces;
	struct losses losses;
	struct counters counters;
	bool counters_known;
	struct host_census *census;
	uint64_t stalled;
	ns_t began;
	struct loop_timer timer;
	ns_t due;
	ns_t lateness[TICKS_MAX];
};

static void step(const struct host_flow *flow, double fraction, const char *doing)
{
	if (flow->events && flow->events->step)
		flow->events->step(fraction, doing, flow->arg);
}

/* --- on time? --- */

static void on_tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct host_flow *flow = arg;
	struct host_machine *machine = &flow->facts->machine;
	ns_t now = clock_mono();
	if (machine->lateness_samples < TICKS_MAX)
		flow->lateness[machine->lateness_samples++] = now - flow->due;
	flow->due = now + TICK;
	loop_timer_start(loop, timer, flow->due, on_tick, flow);
}

static double share(uint64_t before, uint64_t after, ns_t interval)
{
	return interval > 0 && after >= before ? (double)(after - before) * 1e3 / (double)interval * 100 : 0;
}

static void machine_compare(struct host_flow *flow)
{
	struct host_machine *machine = &flow->facts->machine;
	unsigned count = machine->lateness_samples;
	uint64_t after;
	if (count) {
		qsort(flow->lateness, count, sizeof *flow->lateness, ns_compare);
		machine->lateness_p50 = flow->lateness[(count - 1) / 2];
		machine->lateness_p95 = flow->lateness[(count - 1) * 95 / 100];
	}
	if (flow->stalled && (after = machine_cpu_stall())) {
		machine->pressure_known = FACT_YES;
		machine->cpu_some = share(flow->stalled, after, flow->facts->interval);
	}
}

/* --- links --- */

static void links_take(struct host_facts *facts, const struct ifaces *before, const struct ifaces *now)
{
	for (size_t i = 0; i < now->count && facts->link_count < HOST_LINKS_MAX; i++) {
		const struct iface *iface = &now->items[i], *old = iface_by_index(before, iface->index);
		struct iface_ethtool ethtool;
		if (iface->flags & IFF_LOOPBACK) {
			facts->loopback_down = !iface_is_up(iface);
			continue;
		}
		struct host_link *link = &facts->links[facts->link_count++];
		bool physical = !strcmp(iface->kind, "physical");
		*link = (struct host_link){ .index = iface->index,
					    .up = iface_is_up(iface),
					    .running = iface_is_running(iface),
					    .mtu = iface->mtu };
		snprintf(link->name, sizeof link->name, "%s", iface->name);
		snprintf(link->kind, sizeof link->kind, "%s", iface->kind);
		if (physical)
			iface_ethtool_read(iface, &ethtool);
		link->health =
		    iface_judge(now, old ? old : iface, iface, physical ? &ethtool : NULL, link->says);
		link->fails_old = iface_judge(now, NULL, iface, NULL, link->old) == IFACE_WARN;
		if (physical)
			iface_ethtool_free(&ethtool);
		if (old) {
			link->errors = iface_delta(old, iface, IFACE_RX_ERRORS) +
				       iface_delta(old, iface, IFACE_TX_ERRORS);
			link->carrier_changes = iface->carrier_changes - old->carrier_changes;
		}
		for (size_t a = 0; a < now->address_count; a++)
			if (now->addresses[a].index == iface->index) {
				link->addressed = true;
				link->global |= !addr_is_link_local(&now->addresses[a].addr);
			}
	}
}

/* --- default routes --- */

struct defaults {
	struct host_facts *facts;
	const struct ifaces *ifaces;
	unsigned routes;
};

static bool default_take(const struct route *route, void *arg)
{
	struct defaults *defaults = arg;
	struct host_facts *facts = defaults->facts;
	if (route->type != RTN_UNICAST || route->destination.length)
		return true;
	for (size_t i = 0; i < route->hop_count && facts->gateway_count < HOST_GATEWAYS_MAX; i++) {
		const struct route_hop *hop = &route->hops[i];
		const struct iface *iface = iface_by_index(defaults->ifaces, hop->ifindex);
		struct host_gateway *gateway = &facts->gateways[facts->gateway_count++];
		*gateway = (struct host_gateway){ .family = route->destination.addr.family,
						  .addr = hop->gateway,
						  .index = hop->ifindex,
						  .metric = route->metric,
						  .route = defaults->routes,
						  .hops = (unsigned)route->hop_count,
						  .rtt = NS_NONE };
		if (gateway->addr.family == AF_INET6 && addr_is_link_local(&gateway->addr))
			gateway->addr.zone = (uint32_t)hop->ifindex;
		gateway->mtu = route->mtu ? route->mtu : iface ? iface->mtu : 0;
		snprintf(gateway->interface, sizeof gateway->interface, "%s", iface ? iface->name : "?");
	}
	defaults->routes++;
	return true;
}

static void defaults_take(struct host_facts *facts, const struct ifaces *ifaces)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct defaults defaults = { facts, ifaces, 0 };
	facts->routes_known = FACT_YES;
	for (int i = 0; i < 2; i++) {
		struct route_filter filter = ROUTE_FILTER_ALL;
		filter.family = families[i];
		filter.table = RT_TABLE_MAIN;
		filter.exact.addr.family = (sa_family_t)families[i];
		struct routes_end end;
		/* A kernel without the family has none of its routes. */
		if (routes_dump(&filter, true, default_take, &defaults, &end, NULL) < 0 &&
		    families[i] == AF_INET)
			facts->routes_known = FACT_UNKNOWN;
	}
}

/* A gateway that rules and other tables lead to. */
static void gateway_add(struct host_facts *facts, const struct ifaces *ifaces,
			const struct route_decision *decision)
{
	const struct iface *iface = iface_by_index(ifaces, decision->ifindex);
	for (unsigned i = 0; i < facts->gateway_count; i++)
		if (facts->gateways[i].index == decision->ifindex &&
		    addr_equal(&facts->gateways[i].addr, &decision->gateway))
			return;
	if (decision->gateway.family == AF_UNSPEC || !iface || facts->gateway_count == HOST_GATEWAYS_MAX)
		return;
	struct host_gateway *gateway = &facts->gateways[facts->gateway_count++];
	*gateway = (struct host_gateway){ .family = decision->destination.family,
					  .addr = decision->gateway,
					  .index = decision->ifindex,
					  .metric = decision->metric,
					  .mtu = decision->mtu ? decision->mtu : iface->mtu,
					  .route = UINT32_MAX,
					  .hops = 1,
					  .rtt = NS_NONE };
	snprintf(gateway->interface, sizeof gateway->interface, "%s", iface->name);
}

/* far: an address that no link has (RFC 5737, RFC 3849); nothing is sent there. */
static void way_take(struct host_facts *facts, const struct ifaces *ifaces, const char *far,
		     struct host_way *out)
{
	struct route_query query = { 0 };
	struct route_decision decision;
	if (addr_parse(far, &query.destination) < 0)
		return;
	for (size_t i = 0; i < ifaces->address_count; i++) {
		const struct iface_address *address = &ifaces->addresses[i];
		const struct iface *iface = iface_by_index(ifaces, address->index);
		out->addressed |= address->addr.family == query.destination.family && iface &&
				  iface_is_running(iface) && !addr_is_loopback(&address->addr) &&
				  !addr_is_link_local(&address->addr);
	}
	if (route_get(&query, &decision, NULL) < 0)
		return;
	out->out = error_is_set(&decision.error) ? FACT_NO : FACT_YES;
	if (out->out == FACT_NO)
		snprintf(out->refusal, sizeof out->refusal, "%.150s", decision.error.message);
	else
		gateway_add(facts, ifaces, &decision);
}

static void resolvers_take(struct host_facts *facts)
{
	struct resolv_conf conf;
	if (resolv_conf_read(&conf, NULL) < 0)
		conf = (struct resolv_conf){ .missing = true };
	facts->resolver_missing = conf.missing;
	for (int i = 0; i < conf.server_count && facts->resolver_count < HOST_RESOLVERS_MAX; i++)
		facts->resolvers[facts->resolver_count++] =
		    (struct host_resolver){ .addr = conf.servers[i], .rtt = NS_NONE };
}

/* --- counters --- */

static uint64_t moved(const struct host_flow *flow, const struct counters *after, const char *name)
{
	uint64_t old = counters_get(&flow->counters, name), now = counters_get(after, name);
	return now >= old ? now - old : 0;
}

static void counters_compare(struct host_flow *flow)
{
	struct host_moves *moves = &flow->facts->moves;
	struct counters after;
	if (!flow->counters_known || counters_read(&after, NULL) < 0)
		return;
	moves->known = true;
	moves->rp_filter = moved(flow, &after, "TcpExt.IPReversePathFilter");
	moves->listen_overflows = moved(flow, &after, "TcpExt.ListenOverflows");
	moves->listen_drops = moved(flow, &after, "TcpExt.ListenDrops");
	moves->cookies_sent = moved(flow, &after, "TcpExt.SyncookiesSent");
	moves->request_drops = moved(flow, &after, "TcpExt.TCPReqQFullDrop");
	moves->request_cookies = moved(flow, &after, "TcpExt.TCPReqQFullDoCookies");
	moves->pruned = moved(flow, &after, "TcpExt.PruneCalled");
	moves->collapsed = moved(flow, &after, "TcpExt.TCPRcvCollapsed");
	moves->memory_pressures = moved(flow, &after, "TcpExt.TCPMemoryPressures");
	moves->abort_on_memory = moved(flow, &after, "TcpExt.TCPAbortOnMemory");
	moves->ofo_drops = moved(flow, &after, "TcpExt.TCPOFODrop");
	moves->old_listen_overflows = counters_get(&flow->counters, "TcpExt.ListenOverflows");
	moves->old_abort_on_memory = counters_get(&flow->counters, "TcpExt.TCPAbortOnMemory");
	moves->old_rp_filter = counters_get(&flow->counters, "TcpExt.IPReversePathFilter");
	moves->old_cookies = counters_get(&flow->counters, "TcpExt.SyncookiesSent");
	moves->old_udp_full = counters_get(&flow->counters, "Udp.RcvbufErrors");
	counters_free(&after);
}

static int by_delta(const void *a, const void *b)
{
	const struct host_loss *x = a, *y = b;
	return (x->delta < y->delta) - (x->delta > y->delta);
}

static void loss_take(struct host_facts *facts, const struct loss_counter *counter, uint64_t delta)
{
	if (counter->place == LOSS_BACKLOG && !strcmp(counter->name, "time_squeeze"))
		facts->machine.time_squeeze += delta;
	if (counter->place == LOSS_BACKLOG && !counter->hint)
		facts->machine.backlog_drops += delta;
	if (!counter->wanted && !counter->hint)
		facts->old_losses += counter->value - delta;
	bool names_socket = counter->place == LOSS_SOCKET && counter->hint && !strcmp(counter->name, "drops");
	if (!delta || (counter->hint && !names_socket) || facts->loss_count == HOST_LOSSES_MAX)
		return;
	facts->losses[facts->loss_count++] = (struct host_loss){ *counter, delta };
}

static void losses_compare(struct host_flow *flow)
{
	struct host_facts *facts = flow->facts;
	struct losses now;
	if (losses_read(NULL, &now, NULL) < 0)
		return;
	for (size_t i = 0; i < now.count; i++)
		loss_take(facts, &now.items[i], loss_delta(&flow->losses, &now.items[i]));
	qsort(facts->losses, facts->loss_count, sizeof *facts->losses, by_delta);
	facts->received = now.received >= flow->losses.received ? now.received - flow->losses.received : 0;
	facts->sent = now.sent >= flow->losses.sent ? now.sent - flow->losses.sent : 0;
	facts->silent_rules = now.silent_rules;
	memcpy(facts->silent_where, now.silent_where, sizeof facts->silent_where);
	if (now.vanished_in > flow->losses.vanished_in)
		facts->vanished_in = (uint64_t)(now.vanished_in - flow->losses.vanished_in);
	if (now.vanished_out_known && now.vanished_out > flow->losses.vanished_out)
		facts->vanished_out = (uint64_t)(now.vanished_out - flow->losses.vanished_out);
	facts->rules_hidden = now.rules_hidden;
	losses_free(&now);
}

static void memory_take(struct host_machine *machine)
{
	struct timex times = { .modes = 0 };
	int state = adjtimex(&times);
	machine->clock_synchronised = state < 0 ? FACT_UNKNOWN : state == TIME_ERROR ? FACT_NO : FACT_YES;
	machine->tcp_pages = machine->tcp_pages_pressure = machine->tcp_pages_max = -1;
	(void)sysctl_read_int("net.ipv4.tcp_mem", 1, &machine->tcp_pages_pressure);
	(void)sysctl_read_int("net.ipv4.tcp_mem", 2, &machine->tcp_pages_max);
	(void)counters_tcp_pages(&machine->tcp_pages);
}

/* --- the flow --- */

static int begin(struct host_flow *flow, struct error *err)
{
	struct host_facts *facts = flow->facts;
	if (ifaces_read(&flow->ifaces, err) < 0)
		return -1;
	if (losses_read(NULL, &flow->losses, err) < 0) {
		ifaces_free(&flow->ifaces);
		return -1;
	}
	flow->counters_known = counters_read(&flow->counters, NULL) == 0;
	flow->stalled = machine_cpu_stall();
	(void)conntrack_read(&facts->tracking_before, NULL);
	flow->census = host_census_take();
	flow->began = clock_mono();
	defaults_take(facts, &flow->ifaces);
	way_take(facts, &flow->ifaces, "203.0.113.77", &facts->way4);
	way_take(facts, &flow->ifaces, "2001:db8:ffff:ffff::77", &facts->way6);
	resolvers_take(facts);
	return 0;
}

static void wait_out(struct host_flow *flow, ns_t interval)
{
	flow->due = clock_mono() + TICK;
	loop_timer_start(flow->loop, &flow->timer, flow->due, on_tick, flow);
	struct host_probes *probes =
	    host_probes_start(flow->loop, flow->facts, flow->began + interval - clock_mono());
	step(flow, 0.2, "asking the gateways and name servers, and who else has our addresses");
	host_ask_arp(flow->loop, flow->facts, &flow->ifaces);
	step(flow, 0.4, "watching counters, queues and sockets");
	ns_t left = flow->began + interval - clock_mono();
	enum loop_end end = left > 0 ? loop_sleep(flow->loop, left) : loop_cancelled(flow->loop);
	flow->facts->interrupted = end != LOOP_DONE;
	flow->facts->interval = clock_mono() - flow->began;
	host_probes_end(probes, flow->facts);
	loop_timer_stop(flow->loop, &flow->timer);
}

static int finish(struct host_flow *flow, struct error *err)
{
	struct ifaces now;
	if (ifaces_read(&now, err) < 0)
		return -1;
	links_take(flow->facts, &flow->ifaces, &now);
	ifaces_free(&now);
	losses_compare(flow);
	counters_compare(flow);
	machine_compare(flow);
	memory_take(&flow->facts->machine);
	(void)conntrack_read(&flow->facts->tracking, NULL);
	return 0;
}

int diagnose_host_run(struct loop *loop, const struct host_request *request,
		      const struct diagnose_events *events, void *arg, struct host_diagnosis *out,
		      struct error *err)
{
	struct host_facts *facts = NEW(struct host_facts);
	struct host_flow *flow = NEW(struct host_flow);
	flow->loop = loop;
	flow->events = events;
	flow->arg = arg;
	flow->facts = facts;
	step(flow, 0.05, "reading links, routes, sockets and counters");
	int failed = begin(flow, err);
	if (!failed) {
		wait_out(flow, request->interval ? request->interval : INTERVAL);
		step(flow, 0.95, "comparing");
		failed = finish(flow, err);
		host_census_compare(flow->census, facts);
		counters_free(&flow->counters);
		losses_free(&flow->losses);
		ifaces_free(&flow->ifaces);
	}
	if (!failed)
		host_judge(facts, out);
	free(flow);
	free(facts);
	return failed;
}
