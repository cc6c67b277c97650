/* This machine's filters, tables, sockets, buffers and load. */
#include "diag/host.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef unsigned long long ull;

/* --- filters --- */

static const struct host_loss *dropping_rule(const struct host_facts *host, bool outgoing)
{
	for (unsigned i = 0; i < host->loss_count; i++)
		if (host->losses[i].counter.wanted && host->losses[i].counter.outgoing == outgoing)
			return &host->losses[i];
	return NULL;
}

/* What we sent while we measured, and this machine itself refused to send: EPERM (SIGNALS 23). */
static const char *refused_probe(const struct host_facts *host, char text[ADDR_TEXT_MAX])
{
	for (unsigned i = 0; i < host->resolver_count; i++)
		if (host->resolvers[i].errnum == EPERM) {
			addr_format(&host->resolvers[i].addr, text);
			return "a question to the name server";
		}
	for (unsigned i = 0; i < host->gateway_count; i++)
		if (host->gateways[i].errnum == EPERM) {
			addr_format(&host->gateways[i].addr, text);
			return "an echo request to the gateway";
		}
	return NULL;
}

/* The gateways of a family are there (ARP), but neither they nor a name server answer by it. */
static bool answers_are_missing(const struct host_facts *host, sa_family_t family)
{
	unsigned unanswered = 0;
	for (unsigned i = 0; i < host->gateway_count; i++) {
		if (host->gateways[i].family != family)
			continue;
		if (host->gateways[i].answered)
			return false;
		unanswered += host->gateways[i].sent >= 3 && host->gateways[i].neighbour == FACT_YES;
	}
	for (unsigned i = 0; i < host->resolver_count; i++)
		if (host->resolvers[i].addr.family == family && host->resolvers[i].outcome == DNS_ANSWERED)
			return false;
	return unanswered > 0;
}

static void rule_evidence(struct verdict *verdict, const struct host_loss *rule)
{
	if (!rule)
		return;
	verdict_evidence(verdict, "rule", value_count(rule->delta), value_count(0), 1,
			 "the %s rule of %s took %llu packets", rule->counter.name, rule->counter.where,
			 (ull)rule->delta);
	verdict_where(verdict, "%s", rule->counter.where);
}

/* The two counters of a balance are not read at the same instant. */
enum { VANISHED_MIN = 3 };

static enum finding judge_firewall(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_loss *out = dropping_rule(host, true), *in = dropping_rule(host, false);
	char text[ADDR_TEXT_MAX];
	const char *refused = refused_probe(host, text);
	bool missing = answers_are_missing(host, AF_INET), missing6 = answers_are_missing(host, AF_INET6);
	bool blinds = (in && (missing || missing6)) || (host->vanished_in >= VANISHED_MIN && missing);
	bool takes = out || host->vanished_out >= VANISHED_MIN;
	if (!refused && !takes && !blinds)
		return verdict_clean(verdict, "the firewall here took nothing that programs sent");
	verdict_where(verdict, "this machine");
	rule_evidence(verdict, out ? out : blinds ? in : NULL);
	if (!out && takes)
		verdict_evidence(verdict, "vanished", value_count(host->vanished_out), value_count(0), 0.9,
				 "%llu packets that programs sent were taken before they reached a link",
				 (ull)host->vanished_out);
	if (!in && blinds)
		verdict_evidence(verdict, "vanished", value_count(host->vanished_in), value_count(0), 0.9,
				 "%llu packets came in, were without fault, and reached no program",
				 (ull)host->vanished_in);
	if (host->silent_rules && ((!out && takes) || (!in && blinds)))
		verdict_evidence(verdict, "silent_rules", value_count(host->silent_rules), value_none(), 0.7,
				 "%u rules or policies drop without counting: %s%s", host->silent_rules,
				 host->silent_where, host->silent_rules > 1 ? ", and others" : "");
	if (refused)
		verdict_evidence(verdict, "send", value_text("EPERM"), value_none(), 1,
				 "%s %s was refused on the spot (EPERM)", refused, text);
	if (blinds)
		verdict_evidence(verdict, "answers", value_count(0), value_none(), 0.8,
				 "the gateway is there, but no answer to our probes comes through");
	verdict_next(verdict, "nft list ruleset   (or iptables -S)");
	verdict_next(verdict, "ntsh iface drops");
	if (blinds && !refused)
		return verdict_found(verdict, NS_NEVER, 0.85,
				     "the firewall of this machine drops the answers that it waits for");
	return verdict_found(verdict, refused ? NS_NEVER : 3 * NS_PER_S, refused ? 0.95 : 0.85,
			     "the firewall of this machine refuses what its own programs send");
}

static enum finding judge_rp_filter(const struct matter *matter, struct verdict *verdict)
{
	const struct host_moves *moves = &matter->host->moves;
	if (!moves->known)
		return NOT_TESTED;
	if (moves->rp_filter < 3)
		return verdict_clean(verdict, "the reverse path filter dropped %llu packets",
				     (ull)moves->rp_filter);
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "IPReversePathFilter", value_count(moves->rp_filter), value_count(0), 1,
			 "%llu packets came in by another interface than answers to them would leave by",
			 (ull)moves->rp_filter);
	verdict_next(verdict, "ntsh route check");
	verdict_next(verdict,
		     "sysctl net.ipv4.conf.all.rp_filter=2   (loose, when the routing is meant to be so)");
	return verdict_found(verdict, 5 * NS_PER_S, 0.92,
			     "the reverse path filter drops packets: the way back leads elsewhere");
}

static enum finding judge_conntrack(const struct matter *matter, struct verdict *verdict)
{
	const struct conntrack *now = &matter->host->tracking, *before = &matter->host->tracking_before;
	double fill = conntrack_fill(now);
	if (!now->loaded)
		return NOT_TESTED;
	uint64_t dropped = now->counters.drop - before->counters.drop;
	uint64_t early = now->counters.early_drop - before->counters.early_drop;
	if (!dropped && !early && fill < 95)
		return fill < 0 ? NOT_TESTED
				: verdict_clean(verdict, "%.0f %% of the connection table is in use", fill);
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "conntrack_fill", value_percent(fill < 0 ? 0 : fill), value_percent(85), 1,
			 "%llu of %llu entries are in use", (ull)now->count, (ull)now->max);
	if (dropped || early)
		verdict_evidence(verdict, "conntrack_drops", value_count(dropped + early), value_count(0), 1,
				 "%llu packets were dropped and %llu old entries thrown out in %s",
				 (ull)dropped, (ull)early, say_time(matter->host->interval).text);
	verdict_next(verdict, "ntsh conntrack   (who fills it?)");
	verdict_next(verdict, "sysctl net.netfilter.nf_conntrack_max=%llu   (twice as many)",
		     (ull)now->max * 2);
	return verdict_found(verdict, dropped || fill >= 99 ? NS_NEVER : 5 * NS_PER_S, dropped ? 0.97 : 0.9,
			     dropped ? "the table of tracked connections is full: new connections are dropped"
				     : "the table of tracked connections is nearly full");
}

/* --- sockets --- */

static enum finding judge_ports(const struct matter *matter, struct verdict *verdict)
{
	const struct host_sockets *sockets = &matter->host->sockets;
	char text[ADDR_TEXT_MAX];
	if (!sockets->known || !sockets->ports)
		return NOT_TESTED;
	const struct host_destination *most = sockets->destination_count ? &sockets->destinations[0] : NULL;
	if (!most || most->ports * 100 < sockets->ports * 90)
		return verdict_clean(verdict,
				     "at most %llu of %llu local ports are in use for one destination",
				     most ? (ull)most->ports : 0ULL, (ull)sockets->ports);
	addr_format_port(&most->peer, text);
	verdict_where(verdict, "%s", text);
	verdict_evidence(verdict, "local_ports", value_count(most->ports), value_count(sockets->ports), 1,
			 "%llu of the %llu local ports are in use for %s", (ull)most->ports,
			 (ull)sockets->ports, text);
	if (most->time_wait)
		verdict_evidence(verdict, "time_wait", value_count(most->time_wait), value_none(), 0.8,
				 "%llu of them wait out their minute in TIME-WAIT: who closes first has them",
				 (ull)most->time_wait);
	verdict_next(verdict, "ntsh ss summary");
	verdict_next(verdict,
		     "keep connections open and use them again, or widen net.ipv4.ip_local_port_range");
	bool all = most->ports * 100 >= sockets->ports * 99;
	return verdict_found(verdict, all ? NS_NEVER : 2 * NS_PER_S, 0.93,
			     all ? "no local port is left for %s: connecting fails with EADDRNOTAVAIL"
				 : "hardly any local port is left for %s",
			     text);
}

enum { LEAK_MIN = 20 };

static enum finding judge_leak(const struct matter *matter, struct verdict *verdict)
{
	const struct host_sockets *sockets = &matter->host->sockets;
	if (!sockets->known)
		return NOT_TESTED;
	const struct host_leak *most = sockets->leak_count ? &sockets->leaks[0] : NULL;
	if (!most || most->count < LEAK_MIN)
		return verdict_clean(verdict, "%llu sockets wait to be closed by their program",
				     (ull)sockets->close_wait);
	char who[64];
	snprintf(who, sizeof who, most->pid ? "%s (process %u)" : "a process that this user may not see",
		 most->command, most->pid);
	verdict_where(verdict, "%s", who);
	verdict_evidence(verdict, "close_wait", value_count(most->count), value_count(0), 1,
			 "%llu of its sockets were in CLOSE-WAIT at both looks, %s apart: their peers have "
			 "hung up long ago",
			 (ull)most->count, say_time(matter->host->interval).text);
	verdict_next(verdict, "ntsh ss -tnp state close-wait");
	verdict_next(verdict, "the program has to call close(): until then each of them takes a descriptor");
	return verdict_found(verdict, 500 * NS_PER_MS, most->count >= 100 ? 0.95 : 0.85,
			     "%s does not close its sockets: %llu leak", who, (ull)most->count);
}

static enum finding judge_accept(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_sockets *sockets = &host->sockets;
	uint64_t overflows = host->moves.listen_overflows;
	char text[ADDR_TEXT_MAX];
	if (!sockets->known || !host->moves.known)
		return NOT_TESTED;
	if (!sockets->listener_count && !overflows)
		return verdict_clean(verdict, "no accept queue is full");
	verdict_where(verdict, "this machine");
	for (unsigned i = 0; i < sockets->listener_count && i < 3; i++) {
		const struct host_listener *listener = &sockets->listeners[i];
		addr_format_port(&listener->local, text);
		if (!i)
			verdict_where(verdict, "%s", text);
		verdict_evidence(
		    verdict, "accept_queue", value_count(listener->waiting), value_count(listener->limit), 1,
		    "%s%s%s has %u connections waiting to be accepted, its queue takes %u", listener->command,
		    listener->pid ? " at " : "", text, listener->waiting, listener->limit);
	}
	if (overflows)
		verdict_evidence(verdict, "ListenOverflows", value_count(overflows), value_count(0), 1,
				 "%llu connections were turned away in %s", (ull)overflows,
				 say_time(host->interval).text);
	if (sockets->listener_count) {
		verdict_next(verdict, "ntsh ss -tlnp 'sport = :%u'", sockets->listeners[0].local.port);
		verdict_next(verdict, "ntsh diagnose service %u", sockets->listeners[0].local.port);
	} else {
		verdict_next(verdict, "ntsh ss -tlnp   (whose queue fills?)");
	}
	return verdict_found(verdict, 5 * NS_PER_S, overflows ? 0.96 : 0.85,
			     sockets->listener_count
				 ? "the program at %s does not accept fast enough: its queue is full"
				 : "a program did not accept fast enough%.0s",
			     sockets->listener_count ? verdict->where : "");
}

enum { FLOOD_MIN = 10, WAITING_MIN = 128 };

static enum finding judge_flood(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_moves *moves = &host->moves;
	uint64_t full = moves->request_drops + moves->request_cookies;
	if (!moves->known)
		return NOT_TESTED;
	/* A large backlog takes a flood for a while without cookies: then more handshakes wait than there are connections. */
	bool waits =
	    host->sockets.syn_recv >= WAITING_MIN && host->sockets.syn_recv > host->sockets.established;
	if (moves->cookies_sent < FLOOD_MIN && full < FLOOD_MIN && !waits)
		return verdict_clean(verdict, "no SYN queue is full");
	verdict_where(verdict, "this machine");
	if (full || moves->cookies_sent)
		verdict_evidence(
		    verdict, "syn_queue_full", value_count(full), value_count(0), 1,
		    "a SYN queue was full for %llu SYNs in %s; %llu SYN cookies were sent, %llu SYNs dropped",
		    (ull)full, say_time(host->interval).text, (ull)moves->cookies_sent,
		    (ull)moves->request_drops);
	if (host->sockets.known)
		verdict_evidence(verdict, "syn_recv", value_count(host->sockets.syn_recv), value_none(), 0.8,
				 "%llu handshakes wait for their last acknowledgement",
				 (ull)host->sockets.syn_recv);
	verdict_next(verdict, "ntsh ss -tn state syn-recv   (from where?)");
	verdict_next(verdict, moves->request_drops
				  ? "sysctl net.ipv4.tcp_syncookies=1"
				  : "SYN cookies are at work: real clients still get through");
	return verdict_found(
	    verdict, moves->request_drops ? 5 * NS_PER_S : NS_PER_S, 0.88,
	    "more SYNs come in than handshakes are finished: a SYN flood, or a backlog that is too small");
}

/* --- buffers --- */

/* Counted by rules of their own, or told by the hint of one socket. */
static bool has_own_rule(const struct loss_counter *counter)
{
	static const char *const names[] = { "rx_errors",
					     "tx_errors",
					     "TcpExt.IPReversePathFilter",
					     "TcpExt.ListenDrops",
					     "TcpExt.TCPReqQFullDrop",
					     "TcpExt.RcvPruned",
					     "TcpExt.OfoPruned",
					     "TcpExt.TCPOFODrop",
					     "Ip.OutNoRoutes",
					     "Ip6OutNoRoutes" };
	if (counter->hint || counter->wanted || counter->place == LOSS_NETFILTER)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(counter->name, names[i]))
			return true;
	return false;
}

/* How many are more than the daily noise. A queue that shapes drops on purpose, and a LAN carries what nobody here wants. */
static bool is_much(const struct host_facts *host, const struct host_loss *loss)
{
	uint64_t packets = loss->counter.outgoing ? host->sent : host->received;
	switch (loss->counter.place) {
	case LOSS_SOCKET:
	case LOSS_RING:
	case LOSS_BACKLOG:
		return loss->delta >= 10;
	default:
		return loss->delta >= 20 && loss->delta * 100 >= packets + loss->delta;
	}
}

static enum finding judge_drops(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_loss *worst = NULL, *socket = NULL;
	uint64_t total = 0;
	for (unsigned i = 0; i < host->loss_count; i++) {
		const struct host_loss *loss = &host->losses[i];
		if (!socket && loss->counter.place == LOSS_SOCKET && loss->counter.hint)
			socket = loss;
		if (has_own_rule(&loss->counter))
			continue;
		total += loss->delta;
		if (!worst && is_much(host, loss))
			worst = loss;
	}
	if (!worst)
		return verdict_clean(verdict, "%llu packets died in this machine in %s", (ull)total,
				     say_time(host->interval).text);
	const struct loss_counter *counter = &worst->counter;
	const char *where = *counter->where                           ? counter->where
			    : socket && counter->place == LOSS_SOCKET ? socket->counter.where
								      : loss_place_name(counter->place);
	verdict_where(verdict, "%s", where);
	verdict_evidence(verdict, "drops", value_count(worst->delta), value_count(0), 1, "%s +%llu: %s",
			 counter->name, (ull)worst->delta, counter->means);
	if (socket && counter->place == LOSS_SOCKET)
		verdict_evidence(verdict, "socket", value_count(socket->delta), value_none(), 0.9,
				 "%llu of them at %s", (ull)socket->delta, socket->counter.where);
	verdict_next(verdict, "ntsh iface drops --for 10s");
	double share = (double)worst->delta / (double)(host->received + host->sent + worst->delta);
	return verdict_found(verdict, 500 * NS_PER_MS + (ns_t)(share * 2e9), 0.9,
			     "%llu packets died in %s %s", (ull)worst->delta, say_time(host->interval).text,
			     loss_place_describe(counter->place));
}

static enum finding judge_memory(const struct matter *matter, struct verdict *verdict)
{
	const struct host_facts *host = matter->host;
	const struct host_moves *moves = &host->moves;
	const struct host_machine *machine = &host->machine;
	bool pages = machine->tcp_pages_pressure > 0 && machine->tcp_pages > machine->tcp_pages_pressure;
	if (!moves->known)
		return NOT_TESTED;
	if (!pages && !moves->memory_pressures && !moves->abort_on_memory && moves->pruned < 10 &&
	    moves->ofo_drops < 10)
		return verdict_clean(verdict, "sockets had memory enough");
	verdict_where(verdict, "this machine");
	if (pages || moves->memory_pressures)
		verdict_evidence(verdict, "tcp_mem", value_count((uint64_t)machine->tcp_pages),
				 value_count((uint64_t)machine->tcp_pages_pressure), 1,
				 "TCP holds %lld pages, and saves from %lld on (net.ipv4.tcp_mem)",
				 (long long)machine->tcp_pages, (long long)machine->tcp_pages_pressure);
	if (moves->abort_on_memory)
		verdict_evidence(verdict, "TCPAbortOnMemory", value_count(moves->abort_on_memory),
				 value_count(0), 1, "%llu connections were given up for want of memory",
				 (ull)moves->abort_on_memory);
	if (moves->pruned || moves->ofo_drops)
		verdict_evidence(verdict, "PruneCalled", value_count(moves->pruned), value_count(0), 0.9,
				 "receive queues were tidied up %llu times, %llu segments thrown away: "
				 "programs read too slowly, or "
				 "their buffers are small",
				 (ull)moves->pruned, (ull)moves->ofo_drops);
	verdict_next(verdict, "ntsh ss -tnm   (who holds it?)");
	return verdict_found(verdict, moves->abort_on_memory ? 3 * NS_PER_S : NS_PER_S, 0.88,
			     "sockets of this machine are short of memory");
}

static enum finding judge_starved(const struct matter *matter, struct verdict *verdict)
{
	const struct host_machine *machine = &matter->host->machine;
	bool late = machine->lateness_p50 > 20 * NS_PER_MS && machine->lateness_p95 > 50 * NS_PER_MS;
	bool behind = machine->time_squeeze >= 200 || machine->backlog_drops >= 10;
	if (machine->lateness_samples < 5)
		return NOT_TESTED;
	if (!late && !behind)
		return verdict_clean(verdict, "this machine was on time (%s late at worst in 95 %% of cases)",
				     say_time(machine->lateness_p95).text);
	verdict_where(verdict, "this machine");
	if (late)
		verdict_evidence(verdict, "timer_lateness", value_time(machine->lateness_p95), value_none(),
				 1, "its own timers fired %s late in the middle, %s in 5 %% of cases",
				 say_time(machine->lateness_p50).text, say_time(machine->lateness_p95).text);
	if (behind)
		verdict_evidence(
		    verdict, "softirq", value_count(machine->time_squeeze), value_count(0), 1,
		    "the CPUs ran out of time for packets %llu times, and dropped %llu from their backlog",
		    (ull)machine->time_squeeze, (ull)machine->backlog_drops);
	if (machine->pressure_known == FACT_YES)
		verdict_evidence(verdict, "cpu_pressure", value_percent(machine->cpu_some), value_none(), 0.8,
				 "some task waited for a CPU during %.0f %% of the time", machine->cpu_some);
	verdict_next(verdict, behind ? "ntsh iface info IF   (are all packets on one queue?)"
				     : "top   (who uses the CPUs?)");
	return verdict_found(verdict, machine->lateness_p95 + (behind ? 500 * NS_PER_MS : 0),
			     machine->cpu_some > 40 ? 0.9 : 0.75,
			     behind ? "the CPUs of this machine cannot keep up with its packets"
				    : "this machine is too busy: its own timers are late");
}

const struct rule rules_host_stack[] = {
	{ "client.firewall", CLASS_CLIENT, AT_MACHINE, "SIGNALS 23", judge_firewall },
	{ "client.rp-filter", CLASS_CLIENT, AT_PATH, "RFC 3704; SIGNALS 21", judge_rp_filter },
	{ "client.conntrack-full", CLASS_CLIENT, AT_CONNECT, "SIGNALS 19", judge_conntrack },
	{ "client.port-exhaustion", CLASS_CLIENT, AT_CONNECT, "ip(7); SIGNALS 18", judge_ports },
	{ "client.socket-leak", CLASS_CLIENT, AT_BODY, "RFC 9293 3.6; SIGNALS 51", judge_leak },
	{ "server.listen-overflow", CLASS_SERVER, AT_CONNECT, "snmp_counter; SIGNALS 16", judge_accept },
	{ "server.syn-flood", CLASS_SERVER, AT_CONNECT, "RFC 4987, snmp_counter; SIGNALS 17", judge_flood },
	{ "client.drops", CLASS_CLIENT, AT_BODY, "SIGNALS 30, 47, 48", judge_drops },
	{ "client.memory-pressure", CLASS_CLIENT, AT_BODY, "snmp_counter; SIGNALS 50", judge_memory },
	{ "client.starved", CLASS_CLIENT, AT_BODY, "psi.rst, networking/scaling.rst; SIGNALS 47, 53",
	  judge_starved },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
