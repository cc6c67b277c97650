/* Is it this machine, or its own link? */
#include "diag/rules.h"
#include "diag/words.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdio.h>
#include <string.h>

/* The way that matters: the one in use, else the first one, else the way to the name server. NULL: none is known. */
static const struct path *the_way(const struct facts *facts)
{
	if (facts->primary >= 0)
		return &facts->paths[facts->primary];
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].routed == FACT_YES)
			return &facts->paths[i];
	if (facts->path_count)
		return &facts->paths[0];
	return facts->dns.way_known ? &facts->dns.way : NULL;
}

static bool no_way_has_a_route(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].routed != FACT_NO)
			return false;
	return facts->path_count || (facts->dns.way_known && facts->dns.way.routed == FACT_NO);
}

static enum finding judge_link_down(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct path *way = the_way(facts);
	if (!way)
		return NOT_TESTED;
	bool own = way->routed == FACT_YES && (way->link_up == FACT_NO || way->carrier == FACT_NO);
	bool lost = no_way_has_a_route(facts) && facts->machine.down_link;
	if (matter->sums->connected || (!own && !lost))
		return way->link_up == FACT_YES ? verdict_clean(verdict, "%s is up", way->interface)
						: NOT_TESTED;
	const char *name = own ? way->interface : facts->machine.down_link_name;
	bool carrier = own ? way->link_up == FACT_YES : facts->machine.down_is_carrier;
	verdict_where(verdict, "%s", name);
	verdict_evidence(
	    verdict, "link_state", value_text(carrier ? "no carrier" : "down"), value_text("up"), 1,
	    carrier ? "%s has no carrier: cable, port or the other end" : "%s is switched off", name);
	if (lost)
		verdict_evidence(verdict, "route", value_none(), value_none(), 0.8,
				 "so there is no route: %s", way->route_error);
	verdict_next(verdict, "ip -s link show %s", name);
	if (carrier)
		verdict_next(verdict, "check cable and switch port of %s", name);
	else
		verdict_next(verdict, "ip link set %s up", name);
	return verdict_found(verdict, NS_NEVER, own ? 0.97 : 0.9,
			     carrier ? "the link %s has no carrier" : "the link %s is down", name);
}

static enum finding judge_no_route(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct path *way = the_way(facts);
	if (!way)
		return NOT_TESTED;
	if (!no_way_has_a_route(facts)) {
		char text[ADDR_TEXT_MAX];
		return way->gateway.family == AF_UNSPEC
			   ? verdict_clean(verdict, "the way leads out of %s", way->interface)
			   : verdict_clean(verdict, "the way leads out of %s by %s", way->interface,
					   addr_format(&way->gateway, text));
	}
	if (facts->machine.down_link)
		return NOT_TESTED; /* the link explains it */
	char text[ADDR_TEXT_MAX];
	addr_format(&way->addr, text);
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "route", value_none(), value_none(), 1, "%s", way->route_error);
	verdict_next(verdict, "ntsh route get %s", text);
	verdict_next(verdict, "ip route");
	return verdict_found(verdict, NS_NEVER, 0.97, "this machine has no route to %s", text);
}

static enum finding judge_gateway(const struct matter *matter, struct verdict *verdict)
{
	const struct path *way = the_way(matter->facts);
	char text[ADDR_TEXT_MAX];
	if (!way || way->local || way->on_link || way->gateway.family == AF_UNSPEC)
		return NOT_TESTED;
	addr_format(&way->gateway, text);
	if (way->next_hop_answers != FACT_NO || matter->sums->host_answers)
		return way->next_hop_answers == FACT_YES
			   ? verdict_clean(verdict, "the gateway %s answers on its link", text)
			   : NOT_TESTED;
	bool v6 = way->gateway.family == AF_INET6;
	verdict_where(verdict, "%s on %s", text, way->interface);
	verdict_evidence(verdict, "neighbour", value_text("FAILED"), value_text("REACHABLE"), 1,
			 "%s gets no answer from the gateway %s on %s", v6 ? "neighbour discovery" : "ARP",
			 text, way->interface);
	verdict_next(verdict, "ip neigh");
	verdict_next(verdict, "is the gateway switched on, in the same VLAN, and is its address right?");
	return verdict_found(verdict, NS_NEVER, 0.96, "the gateway %s does not answer on %s", text,
			     way->interface);
}

/* A refusal by connect(2) itself, one that names an address of ours, or one in the target's name that came sooner than the path
 * allows, was made here. */
static const struct path *refused_here(const struct facts *facts, const struct sums *sums)
{
	for (unsigned i = 0; i < facts->path_count; i++) {
		const struct path *p = &facts->paths[i];
		if (p->local || (!p->refused && !p->unreachable) || p->refused_after == NS_NONE)
			continue;
		bool own_address = p->unreachable && addr_equal(&p->icmp_from, &p->source);
		if (own_address && p->next_hop_answers == FACT_NO)
			continue; /* that is the neighbour's silence */
		bool soon = refused_too_soon(p, sums);
		bool as_target = p->unreachable && addr_equal(&p->icmp_from, &p->addr);
		if (p->refused_at_once || own_address || (soon && as_target))
			return p;
	}
	return NULL;
}

static enum finding judge_firewall_reject(const struct matter *matter, struct verdict *verdict)
{
	const struct path *p = refused_here(matter->facts, matter->sums);
	char text[ADDR_TEXT_MAX];
	if (!p || matter->sums->connected)
		return NOT_TESTED;
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "refused_after", value_time(p->refused_after),
			 value_time(matter->sums->rtt), 1, "the refusal came after %s; a round trip takes %s",
			 say_time(p->refused_after).text, say_time(matter->sums->rtt).text);
	if (p->unreachable)
		verdict_evidence(verdict, "icmp_from", value_address(&p->icmp_from), value_none(), 0.8,
				 "it was signed %s", addr_format(&p->icmp_from, text));
	verdict_next(verdict, "nft list ruleset   (the output hook)");
	return verdict_found(verdict, NS_NEVER, 0.93,
			     "a firewall rule of this machine itself rejects connections to %s",
			     addr_format_port(&p->addr, text));
}

/* A SYN that our own OUTPUT chain drops is no error for connect(2): it is sent again, in vain, and the kernel counts the failure
 * (__tcp_retransmit_skb, TcpExt.TCPRetransFail). Datagrams get EPERM at once. */
static enum finding judge_firewall(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	bool denied = false;
	for (unsigned i = 0; i < facts->path_count; i++)
		denied = denied || (facts->paths[i].local_failures &&
				    (facts->paths[i].errnum == EPERM || facts->paths[i].errnum == EACCES));
	bool failing =
	    facts->machine.counters_known && facts->machine.retransmit_failures > 0 && sums->silent;
	bool probes = facts->closed.send_errnum == EPERM || facts->icmp.send_errnum == EPERM;
	if (sums->connected || (!denied && !failing && !(probes && sums->silent)))
		return facts->machine.counters_known && sums->tries
			   ? verdict_clean(verdict, "this machine sent every packet it was asked to send")
			   : NOT_TESTED;
	verdict_where(verdict, "this machine");
	if (denied)
		verdict_evidence(verdict, "connect_errno", value_text("EPERM"), value_none(), 1,
				 "this kernel itself refused to send the SYN (EPERM)");
	if (failing)
		verdict_evidence(
		    verdict, "retransmit_failures", value_integer(facts->machine.retransmit_failures),
		    value_integer(0), 1,
		    "%lld SYNs were refused by this kernel when they were to be sent again (TCPRetransFail)",
		    (long long)facts->machine.retransmit_failures);
	if (probes)
		verdict_evidence(verdict, "send_errno", value_text("EPERM"), value_none(), 0.9,
				 "probes were refused at once (EPERM)");
	verdict_next(verdict, "nft list ruleset   (the output hook)");
	return verdict_found(verdict, NS_NEVER, denied || failing ? 0.96 : 0.85,
			     "a firewall rule of this machine drops what it sends");
}

static enum finding judge_ports(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	for (unsigned i = 0; i < facts->path_count; i++) {
		const struct path *p = &facts->paths[i];
		if (!p->local_failures || p->errnum != EADDRNOTAVAIL)
			continue;
		long long size = facts->machine.port_high
				     ? (long long)(facts->machine.port_high - facts->machine.port_low + 1)
				     : 0;
		char text[ADDR_TEXT_MAX];
		verdict_where(verdict, "this machine");
		verdict_evidence(verdict, "connect_errno", value_text("EADDRNOTAVAIL"), value_none(), 1,
				 "the kernel has no free local port for a connection to %s (EADDRNOTAVAIL)",
				 addr_format_port(&p->addr, text));
		verdict_evidence(verdict, "port_range", value_count((uint64_t)size), value_none(), 0.6,
				 "it may use %lld ports, from %lld to %lld (net.ipv4.ip_local_port_range)",
				 size, (long long)facts->machine.port_low,
				 (long long)facts->machine.port_high);
		verdict_next(verdict, "ss -tan   (who holds them: TIME_WAIT, or a leak?)");
		verdict_next(verdict,
			     "keep connections alive and reuse them; widen net.ipv4.ip_local_port_range");
		unsigned made = p->tries ? p->tries : 1;
		return verdict_found(
		    verdict, p->connected ? cost_of_failures(p->local_failures, made) : NS_NEVER, 0.97,
		    "this machine has run out of local ports for connections to %s", text);
	}
	return matter->sums->tries ? verdict_clean(verdict, "local ports are free") : NOT_TESTED;
}

static enum finding judge_rp_filter(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (!facts->machine.counters_known || facts->machine.rp_filter_drops < 2 ||
	    matter->sums->host_answers)
		return NOT_TESTED;
	verdict_where(verdict, "this machine");
	verdict_evidence(
	    verdict, "rp_filter_drops", value_integer(facts->machine.rp_filter_drops), value_integer(0), 1,
	    "%lld packets were dropped on arrival because the way back leads elsewhere (IPReversePathFilter)",
	    (long long)facts->machine.rp_filter_drops);
	verdict_next(verdict, "ntsh route get %s", facts->host);
	verdict_next(verdict, "sysctl net.ipv4.conf.all.rp_filter   (2 is loose: any way back will do)");
	return verdict_found(
	    verdict, NS_NEVER, 0.85,
	    "answers arrive, but by another interface than the route's: rp_filter drops them");
}

static enum finding judge_proxy(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (!facts->machine.proxy[0])
		return facts->kind == TARGET_URL
			   ? verdict_clean(verdict, "no proxy is set in the environment")
			   : NOT_TESTED;
	const struct attempt *bad = NULL;
	for (unsigned i = 0; i < facts->attempt_count; i++)
		if (facts->attempts[i].ending == END_PROXY)
			bad = &facts->attempts[i];
	if (!bad || matter->sums->ok)
		return NOT_TESTED;
	verdict_where(verdict, "%s", facts->machine.proxy);
	verdict_evidence(verdict, "proxy", value_none(), value_none(), 1,
			 "%s sends this request to the proxy %s", facts->machine.proxy_source,
			 facts->machine.proxy);
	verdict_evidence(verdict, "error", value_none(), value_none(), 0.9, "%s", bad->error);
	verdict_next(verdict, "ntsh diagnose %s", facts->machine.proxy);
	verdict_next(verdict, "no_proxy=%s ntsh diagnose %s   (without it)", facts->host, facts->target);
	return verdict_found(verdict, NS_NEVER, 0.93, "the proxy %s, named by %s, does not do its work",
			     facts->machine.proxy, facts->machine.proxy_source);
}

static enum finding judge_starved(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct machine_facts *m = &facts->machine;
	if (m->lateness_samples < 5)
		return NOT_TESTED;
	bool late = m->lateness_p95 > 30 * NS_PER_MS && m->lateness_p50 > 3 * NS_PER_MS;
	bool pressed = m->pressure_known == FACT_YES && m->cpu_some > 40;
	ns_t cost = matter->ledger->client;
	if (!late || cost < 150 * NS_PER_MS || cost < matter->ledger->total / 4)
		return verdict_clean(verdict, "this machine was on time (%s late at worst in 95 %% of cases)",
				     say_time(m->lateness_p95).text);
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "timer_lateness", value_time(m->lateness_p95), value_none(), 0.9,
			 "its own timers fired up to %s late (95 %% of %u)", say_time(m->lateness_p95).text,
			 m->lateness_samples);
	if (m->pressure_known == FACT_YES)
		verdict_evidence(verdict, "cpu_pressure", value_percent(m->cpu_some), value_none(), 0.8,
				 "some task waited for a CPU during %.0f %% of the time", m->cpu_some);
	verdict_next(verdict, "top   (who uses the CPUs?)");
	return verdict_found(verdict, cost, pressed ? 0.9 : 0.75,
			     "this machine is too busy: %s of %s was its own delay", say_time(cost).text,
			     say_time(matter->ledger->total).text);
}

static enum finding judge_clock(const struct matter *matter, struct verdict *verdict)
{
	const struct tls_facts *tls = &matter->facts->tls;
	if (tls->certificate == CERT_UNKNOWN || tls->server_date == NS_NONE || tls->local_date == NS_NONE)
		return NOT_TESTED;
	ns_t off = tls->local_date - tls->server_date;
	ns_t size = off < 0 ? -off : off;
	bool dated = tls->certificate == CERT_EXPIRED || tls->certificate == CERT_NOT_YET;
	bool cured = tls->not_before <= tls->server_date && tls->server_date <= tls->not_after;
	if (!dated || !cured || size < 600 * NS_PER_S)
		return size < 600 * NS_PER_S
			   ? verdict_clean(verdict, "our clock and the server's agree within %s",
					   say_time(size).text)
			   : NOT_TESTED;
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "clock_offset", value_time(off), value_time(0), 1,
			 "our clock is %s %s the server's", say_time(size).text,
			 off < 0 ? "behind" : "ahead of");
	verdict_evidence(verdict, "certificate", value_none(), value_none(), 0.9,
			 "by the server's clock the certificate is valid");
	verdict_next(verdict, "timedatectl   (is the clock synchronised?)");
	return verdict_found(verdict, NS_NEVER, 0.9,
			     "the clock of this machine is wrong by %s: certificates look invalid",
			     say_time(size).text);
}

static enum finding judge_link_errors(const struct matter *matter, struct verdict *verdict)
{
	const struct path *way = the_way(matter->facts);
	if (!way || way->local || !way->interface[0])
		return NOT_TESTED;
	if (way->link_errors < 3)
		return verdict_clean(verdict, "%s counted %llu damaged frames meanwhile", way->interface,
				     (unsigned long long)way->link_errors);
	verdict_where(verdict, "%s", way->interface);
	verdict_evidence(verdict, "link_errors", value_count(way->link_errors), value_count(0), 1,
			 "%s counted %llu errors during the measurement", way->interface,
			 (unsigned long long)way->link_errors);
	verdict_next(verdict, "ip -s link show %s", way->interface);
	verdict_next(verdict, "check cable, optics and duplex of %s", way->interface);
	ns_t cost = matter->sums->stall_mean + (ns_t)(loss_rate(&matter->sums->loss) * 2e9);
	return verdict_found(verdict, cost + 1, 0.85, "the link %s damages frames", way->interface);
}

const struct rule rules_client[] = {
	{ "client.link-down", CLASS_CLIENT, AT_MACHINE, "IFF_UP, carrier (rtnetlink(7))", judge_link_down },
	{ "client.no-route", CLASS_CLIENT, AT_MACHINE, "RTM_GETROUTE; SIGNALS 14", judge_no_route },
	{ "client.firewall", CLASS_CLIENT, AT_MACHINE, "SIGNALS 23; snmp_counter TCPRetransFail",
	  judge_firewall },
	{ "client.firewall", CLASS_CLIENT, AT_MACHINE, "SIGNALS 13, 23", judge_firewall_reject },
	{ "client.port-exhaustion", CLASS_CLIENT, AT_MACHINE, "ip(7); SIGNALS 18", judge_ports },
	{ "client.gateway-unreachable", CLASS_CLIENT, AT_LINK, "RFC 826, RFC 4861; SIGNALS 22",
	  judge_gateway },
	{ "client.rp-filter", CLASS_CLIENT, AT_LINK, "RFC 3704; SIGNALS 21", judge_rp_filter },
	{ "client.proxy", CLASS_CLIENT, AT_CONNECT, "the environment's http_proxy, https_proxy",
	  judge_proxy },
	{ "client.clock-skew", CLASS_CLIENT, AT_MACHINE, "RFC 5280 4.1.2.5 against Date, RFC 9110 6.6.1",
	  judge_clock },
	{ "client.link-errors", CLASS_CLIENT, AT_LINK, "SIGNALS 49", judge_link_errors },
	{ "client.starved", CLASS_CLIENT, AT_BODY, "kernel psi.rst; SIGNALS 53", judge_starved },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
