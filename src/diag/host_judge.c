/* The judgement on this machine, and what is worth knowing beside it. Pure. */
#include "diag/host.h"
#include "diag/rank.h"
#include "diag/words.h"

#include <stdarg.h>
#include <stdio.h>

typedef unsigned long long ull;

static unsigned running_links(const struct host_facts *host)
{
	unsigned running = 0;
	for (unsigned i = 0; i < host->link_count; i++)
		running += host->links[i].running;
	return running;
}

static void say_healthy(const struct matter *matter, struct verdict *out)
{
	const struct host_facts *host = matter->host;
	char text[ADDR_TEXT_MAX];
	verdict_healthy(out);
	verdict_where(out, "this machine");
	verdict_found(
	    out, 0, confidence_of(0.93, host->gateway_count + host->resolver_count + host->sockets.known, 3),
	    "links, routes, gateway, name servers, sockets and queues of this machine are in order");
	verdict_evidence(out, "links", value_count(running_links(host)), value_none(), 0.5,
			 "%u of %u links carry packets: %llu came in and %llu went out in %s",
			 running_links(host), host->link_count, (ull)host->received, (ull)host->sent,
			 say_time(host->interval).text);
	for (unsigned i = 0; i < host->gateway_count && i < 2; i++) {
		const struct host_gateway *gateway = &host->gateways[i];
		if (gateway->rtt != NS_NONE)
			verdict_evidence(out, "gateway", value_time(gateway->rtt), value_none(), 0.6,
					 "the gateway %s answers in %s", addr_format(&gateway->addr, text),
					 say_time(gateway->rtt).text);
		else if (gateway->neighbour == FACT_YES)
			verdict_evidence(out, "gateway", value_none(), value_none(), 0.5,
					 "the gateway %s answers on its link",
					 addr_format(&gateway->addr, text));
	}
	for (unsigned i = 0; i < host->resolver_count; i++)
		if (host->resolvers[i].outcome == DNS_ANSWERED)
			verdict_evidence(out, "resolver", value_time(host->resolvers[i].rtt), value_none(),
					 0.6, "the name server %s answers in %s",
					 addr_format(&host->resolvers[i].addr, text),
					 say_time(host->resolvers[i].rtt).text);
	verdict_next(out, "ntsh diagnose HOST:PORT   (is it the network or the server?)");
}

static void otherwise(const struct matter *matter, struct verdict *out)
{
	if (!matter->host->interrupted) {
		say_healthy(matter, out);
		return;
	}
	verdict_unknown(out);
	verdict_where(out, "this machine");
	verdict_found(out, 0, 0, "ended before enough was measured to tell");
	verdict_next(out, "ntsh diagnose host");
}

/* --- remarks --- */

static void remark(struct host_diagnosis *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void remark(struct host_diagnosis *out, const char *format, ...)
{
	va_list args;
	if (out->remark_count == HOST_REMARKS_MAX)
		return;
	va_start(args, format);
	if (vsnprintf(out->remarks[out->remark_count], SAYS_MAX, format, args) > 0)
		out->remark_count++;
	va_end(args);
}

static void remark_links(const struct host_facts *host, struct host_diagnosis *out)
{
	for (unsigned i = 0; i < host->link_count; i++)
		if (host->links[i].fails_old && host->links[i].health != IFACE_BAD)
			remark(out, "%s %s, but not now", host->links[i].name, host->links[i].old);
	for (unsigned i = 0; i < host->gateway_count; i++) {
		const struct host_gateway *gateway = &host->gateways[i];
		char text[ADDR_TEXT_MAX];
		if (gateway->sent >= 3 && !gateway->answered && gateway->neighbour == FACT_YES)
			remark(out, "the gateway %s answers on its link, but not to ping: many do not",
			       addr_format(&gateway->addr, text));
	}
}

static void remark_counters(const struct host_facts *host, struct host_diagnosis *out)
{
	const struct host_moves *moves = &host->moves;
	double fill = conntrack_fill(&host->tracking);
	if (moves->old_listen_overflows && !moves->listen_overflows)
		remark(out, "accept queues have overflowed %llu times since boot, but not now",
		       (ull)moves->old_listen_overflows);
	if (moves->old_abort_on_memory && !moves->abort_on_memory)
		remark(out, "%llu connections were given up for want of memory since boot, none now",
		       (ull)moves->old_abort_on_memory);
	if (moves->old_rp_filter && !moves->rp_filter)
		remark(out, "the reverse path filter has dropped %llu packets since boot, none now",
		       (ull)moves->old_rp_filter);
	if (moves->old_cookies && !moves->cookies_sent)
		remark(out, "%llu SYN cookies were sent since boot, none now: SYN queues were full",
		       (ull)moves->old_cookies);
	if (moves->old_udp_full)
		remark(out, "%llu UDP packets found a full receive buffer since boot",
		       (ull)moves->old_udp_full);
	if (fill >= 85 && fill < 95)
		remark(out, "%.0f %% of the table of tracked connections is in use", fill);
	const struct host_leak *leak = host->sockets.leak_count ? &host->sockets.leaks[0] : NULL;
	if (leak && leak->count >= 3 && leak->count < 20)
		remark(out, "%llu sockets of %s stay in CLOSE-WAIT: it does not close them", (ull)leak->count,
		       *leak->command ? leak->command : "a hidden process");
	else if (host->sockets.close_wait && !leak)
		remark(out, "%llu sockets are in CLOSE-WAIT, but none for long",
		       (ull)host->sockets.close_wait);
	for (unsigned i = 0; i < host->loss_count; i++)
		if (host->losses[i].counter.wanted && !host->losses[i].counter.outgoing) {
			remark(out, "the %s rule of %s took %llu packets that came in: that may be its duty",
			       host->losses[i].counter.name, host->losses[i].counter.where,
			       (ull)host->losses[i].delta);
			break;
		}
}

static void remark_blind_spots(const struct host_facts *host, struct host_diagnosis *out)
{
	if (host->rules_hidden)
		remark(out, "firewall rules cannot be read by this user (cap_net_admin): only what they took "
			    "in all is known");
	if (host->vanished_in && host->silent_rules)
		remark(out,
		       "the firewall took %llu packets that came in, by rules that do not count (%s): that "
		       "may be its duty",
		       (ull)host->vanished_in, host->silent_where);
	if (!host->arp_asked && host->gateway_count)
		remark(out, "whether another machine has our addresses was not tested (cap_net_raw)");
	if (host->sockets.hidden)
		remark(out, "%u processes are hidden from this user: their sockets have no name here",
		       host->sockets.hidden);
	if (host->machine.clock_synchronised == FACT_NO)
		remark(out, "the kernel does not know its clock to be synchronised: certificates and logs "
			    "may be off");
	if (host->routes_known != FACT_YES)
		remark(out, "the routing table could not be read");
}

void host_remarks(const struct host_facts *facts, struct host_diagnosis *out)
{
	out->remark_count = 0;
	remark_links(facts, out);
	remark_counters(facts, out);
	remark_blind_spots(facts, out);
}

void host_judge(const struct host_facts *facts, struct host_diagnosis *out)
{
	static const struct rule *const tables[] = { rules_host, rules_host_stack };
	struct matter matter = { .host = facts };
	*out = (struct host_diagnosis){ .interval = facts->interval,
					.links = facts->link_count,
					.running = running_links(facts),
					.gateways = facts->gateway_count,
					.resolvers = facts->resolver_count,
					.received = facts->received,
					.sent = facts->sent };
	out->diagnosis.ledger.total = NS_NONE;
	out->diagnosis.round_trip = NS_NONE;
	snprintf(out->diagnosis.target, sizeof out->diagnosis.target, "this machine");
	rank(&matter, tables, 2, otherwise, &out->diagnosis);
	for (unsigned i = 0; i < facts->loss_count; i++)
		if (!facts->losses[i].counter.hint)
			out->lost += facts->losses[i].delta;
	host_remarks(facts, out);
}
