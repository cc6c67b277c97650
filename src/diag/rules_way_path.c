/* diagnose route: what the network on the way has to do with it. */
#include "diag/way.h"
#include "diag/words.h"

#include <linux/neighbour.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>

static const struct way_path *path_of(const struct matter *matter)
{
	const struct way_path *path = matter->way ? way_main(matter->way) : NULL;
	return path && (path->icmp.sent || path->tcp.sent) ? path : NULL;
}

static const struct trace_finding *finding_of(const struct way_path *path, enum trace_finding_kind kind)
{
	for (size_t i = 0; i < path->finding_count; i++)
		if (path->findings[i].kind == kind)
			return &path->findings[i];
	return NULL;
}

static void next_trace(const struct matter *matter, struct verdict *verdict)
{
	verdict_next(verdict, "ntsh traceroute %s", matter->way->host);
}

/* --- loops --- */

static bool is_loop_error(const struct way_series *series, sa_family_t family)
{
	return series->errors &&
	       series->icmp_type == (family == AF_INET6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED);
}

static const struct trace_report *looping(const struct way_path *path)
{
	if (path->udp && path->udp->end == TRACE_END_LOOP)
		return path->udp;
	return path->flows && path->flows->end == TRACE_END_LOOP ? path->flows : NULL;
}

/* The first router of the circle. */
static const struct addr *loop_router(const struct trace_report *report)
{
	for (size_t i = 0; i < report->hop_count; i++)
		if (report->hops[i].hops == report->end_hops && report->hops[i].router_count)
			return &report->hops[i].routers[0].addr;
	return NULL;
}

static enum finding judge_loop(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path)
		return NOT_TESTED;
	const struct trace_report *report = looping(path);
	bool by_ping = is_loop_error(&path->icmp, path->addr.family);
	if (way_answers(path) || (!report && !by_ping))
		return verdict_clean(verdict, "no router comes twice on the way");
	char text[ADDR_TEXT_MAX] = "";
	const struct addr *router = report ? loop_router(report) : &path->icmp.icmp_from;
	verdict_where(verdict, "%s", router ? addr_format(router, text) : "on the way");
	if (report)
		verdict_evidence(verdict, "loop", value_count(report->loop_length), value_none(), 1,
				 "from hop %u on the same %u routers come again and again", report->end_hops,
				 report->loop_length);
	if (by_ping)
		verdict_evidence(verdict, "ttl_exceeded", value_count(path->icmp.errors), value_none(), 0.9,
				 "pings with a full hop limit end in 'time to live exceeded'");
	next_trace(matter, verdict);
	return verdict_found(verdict, NS_NEVER, 0.97, "packets to %s go in a circle%s%s", matter->way->host,
			     *text ? " that begins at " : "", text);
}

/* --- somebody says no --- */

enum refusal_kind { REFUSAL_NONE, REFUSAL_FILTER, REFUSAL_UNREACHABLE };

static enum refusal_kind refusal_kind(sa_family_t family, uint8_t type, uint8_t code)
{
	if (family == AF_INET6)
		return type != ICMP6_DST_UNREACH                      ? REFUSAL_NONE
		       : code == ICMP6_DST_UNREACH_NOPORT             ? REFUSAL_FILTER
		       : code == ICMP6_DST_UNREACH_ADMIN || code >= 5 ? REFUSAL_FILTER
								      : REFUSAL_UNREACHABLE;
	if (type != ICMP_DEST_UNREACH || code == ICMP_FRAG_NEEDED)
		return REFUSAL_NONE;
	return code == ICMP_NET_ANO || code == ICMP_HOST_ANO || code == ICMP_PKT_FILTERED ||
		       code == ICMP_PORT_UNREACH || code == ICMP_PROT_UNREACH
		   ? REFUSAL_FILTER
		   : REFUSAL_UNREACHABLE;
}

static const struct way_series *refusing(const struct way_path *path, enum refusal_kind kind)
{
	const struct way_series *all[] = { &path->icmp, &path->tcp };
	for (size_t i = 0; i < 2; i++)
		if (all[i]->errors &&
		    refusal_kind(path->addr.family, all[i]->icmp_type, all[i]->icmp_code) == kind)
			return all[i];
	return NULL;
}

static enum finding judge_refusal(const struct matter *matter, enum refusal_kind kind,
				  struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	char text[ADDR_TEXT_MAX];
	if (!path)
		return NOT_TESTED;
	const struct way_series *series = refusing(path, kind);
	if (!series)
		return verdict_clean(verdict, "no router sent such an error");
	/* This machine's own error, for want of a neighbour: that is another cause. */
	if (addr_equal(&series->icmp_from, &path->explained.decision.source))
		return NOT_TESTED;
	bool all = !way_answers(path), itself = addr_equal(&series->icmp_from, &path->addr);
	addr_format(&series->icmp_from, text);
	verdict_where(verdict, "%s", text);
	verdict_evidence(verdict, "icmp_error", value_count(series->errors), value_none(), 1,
			 "%s answered %u times: %s", text, series->errors,
			 icmp_describe(path->addr.family, series->icmp_type, series->icmp_code));
	next_trace(matter, verdict);
	const char *host = matter->way->host;
	if (kind == REFUSAL_UNREACHABLE)
		return verdict_found(verdict, all ? NS_NEVER : NS_PER_S, all ? 0.96 : 0.7,
				     "%s says that it cannot reach %s: %s", text, host,
				     icmp_describe(path->addr.family, series->icmp_type, series->icmp_code));
	return verdict_found(verdict, all ? NS_NEVER : NS_PER_S, all ? 0.96 : 0.7,
			     "%s rejects %spackets to %s%s", text, all ? "" : "some ", host,
			     itself ? " (a firewall of the host itself)" : ": a filter, and it says so");
}

static enum finding judge_rejected(const struct matter *matter, struct verdict *verdict)
{
	return judge_refusal(matter, REFUSAL_FILTER, verdict);
}

/* A neighbour on the own link that does not answer ARP or ND is unreachable as well. */
static enum finding judge_unreachable(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = matter->way ? way_main(matter->way) : NULL;
	char text[ADDR_TEXT_MAX];
	if (!path || !path->on_link || !way_hop_is_dead(path))
		return judge_refusal(matter, REFUSAL_UNREACHABLE, verdict);
	addr_format(&path->addr, text);
	verdict_where(verdict, "%s", text);
	verdict_evidence(verdict, "neighbour", value_none(), value_none(), 1, "%s %s", text,
			 neighbour_state_describe(path->neighbour));
	verdict_next(verdict, "ntsh neigh");
	return verdict_found(verdict, NS_NEVER, 0.95,
			     "%s should be on the link of %s, but nobody there has its address",
			     matter->way->host, path->explained.decision.interface);
}

/* --- silence --- */

/* The last router that answered; hops: its TTL. */
static const struct addr *last_router(const struct way_path *path, unsigned *hops)
{
	const struct trace_report *reports[] = { path->udp, path->flows };
	const struct addr *found = NULL;
	*hops = 0;
	for (size_t r = 0; r < 2; r++)
		for (size_t i = 0; reports[r] && i < reports[r]->hop_count; i++) {
			const struct trace_hop *hop = &reports[r]->hops[i];
			if (hop->router_count && hop->hops > *hops &&
			    !addr_equal(&hop->routers[0].addr, &path->addr)) {
				found = &hop->routers[0].addr;
				*hops = hop->hops;
			}
		}
	return found;
}

static bool others_explain(const struct way_path *path)
{
	return looping(path) || refusing(path, REFUSAL_FILTER) || refusing(path, REFUSAL_UNREACHABLE) ||
	       path->icmp.refused || path->tcp.refused || path->elsewhere.answered || path->rp_drops ||
	       way_hop_is_dead(path);
}

static enum finding judge_filtered(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	char text[ADDR_TEXT_MAX];
	unsigned hops;
	if (!path)
		return NOT_TESTED;
	if (way_answers(path))
		return verdict_clean(verdict, "%s answers", matter->way->host);
	if (others_explain(path) || path->icmp.sent < 4)
		return NOT_TESTED;
	const struct addr *last = last_router(path, &hops);
	verdict_evidence(verdict, "silence", value_count(path->icmp.sent + path->tcp.sent), value_none(), 0.9,
			 "0 of %u pings and 0 of %u handshakes were answered, and no router said why",
			 path->icmp.sent, path->tcp.sent);
	next_trace(matter, verdict);
	if (path->on_link) {
		verdict_where(verdict, "%s", addr_format(&path->addr, text));
		return verdict_found(verdict, NS_NEVER, 0.85,
				     "%s is there (it answers on the link), but drops what is sent to it: a "
				     "firewall of its own",
				     matter->way->host);
	}
	if (!last) {
		verdict_where(verdict, "%s", addr_format(&path->next_hop, text));
		return verdict_found(verdict, NS_NEVER, 0.75,
				     "nothing behind the gateway %s answers: it drops packets to %s", text,
				     matter->way->host);
	}
	addr_format(last, text);
	verdict_where(verdict, "behind %s", text);
	verdict_evidence(verdict, "last_router", value_count(hops), value_none(), 0.8,
			 "the last that answers is hop %u, %s", hops, text);
	return verdict_found(verdict, NS_NEVER, 0.82,
			     "packets to %s vanish behind hop %u (%s): a filter there, or the host is off",
			     matter->way->host, hops, text);
}

static enum finding judge_blackhole(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || path->on_link || path->icmp.answered < 3 || path->large.sent < 3)
		return NOT_TESTED;
	if (path->large.answered)
		return verdict_clean(verdict, "packets of %zu bytes get through", path->large_bytes);
	if (path->large.too_big)
		return verdict_clean(verdict, "a narrower link says so itself: path MTU discovery works");
	verdict_where(verdict, "the path");
	verdict_evidence(
	    verdict, "large", value_count(path->large.answered), value_none(), 1,
	    "0 of %u packets of %zu bytes were answered, %u of %u small ones were; nobody said 'too big'",
	    path->large.sent, path->large_bytes, path->icmp.answered, path->icmp.sent);
	verdict_next(verdict, "ntsh mtu %s", matter->way->host);
	verdict_next(verdict, "ntsh sysctl set net.ipv4.tcp_mtu_probing 1   (a remedy for TCP)");
	return verdict_found(verdict, NS_NEVER, 0.9,
			     "small packets reach %s, those of %zu bytes vanish without a word: a narrower "
			     "link, and its ICMP is filtered",
			     matter->way->host, path->large_bytes);
}

/* --- some get through --- */

/* Answered and silent flows at the end of the trace by several flows. */
static void count_flows(const struct way_path *path, unsigned *good, unsigned *dead)
{
	*good = *dead = 0;
	const struct trace_report *report = path->flows;
	if (!report || report->end != TRACE_END_REACHED)
		return;
	for (size_t i = 0; i < report->hop_count; i++) {
		const struct trace_hop *hop = &report->hops[i];
		if (hop->hops != report->end_hops)
			continue;
		*good = hop->answered;
		*dead = hop->asked - hop->answered;
	}
}

/* Random loss would have to hit each silent flow every time that it was asked, and spare the single flow of the pings. */
static bool is_bad_path(const struct way_path *path)
{
	unsigned good, dead;
	count_flows(path, &good, &dead);
	bool one_flow = !path->icmp.answered || path->icmp.answered + 1 >= path->icmp.sent;
	return good >= 2 && dead >= 2 && one_flow && finding_of(path, TRACE_FOUND_MEMBERS);
}

static enum finding judge_bad_path(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	unsigned good, dead;
	if (!path || !path->flows)
		return NOT_TESTED;
	count_flows(path, &good, &dead);
	if (!is_bad_path(path))
		return good ? verdict_clean(verdict, "%u of %u flows arrive", good, good + dead) : NOT_TESTED;
	const struct trace_finding *members = finding_of(path, TRACE_FOUND_MEMBERS);
	char text[ADDR_TEXT_MAX];
	verdict_where(verdict, "behind hop %u", members->hops > 1 ? members->hops - 1 : 1);
	verdict_evidence(verdict, "flows", value_count(dead), value_count(good + dead), 1,
			 "%u of %u flows never arrive, the others always do", dead, good + dead);
	verdict_evidence(verdict, "members", value_none(), value_none(), 0.8, "%s", members->says);
	next_trace(matter, verdict);
	(void)text;
	return verdict_found(
	    verdict, NS_NEVER, 0.88,
	    "of several equal paths to %s one is broken: whether a connection works depends on its ports",
	    matter->way->host);
}

static enum finding judge_loss(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !way_answers(path))
		return NOT_TESTED;
	const struct way_series *series = path->icmp.answered ? &path->icmp : &path->tcp;
	/* Silent handshakes at a port that a filter drops are no loss of the path. */
	bool both = path->icmp.answered && path->tcp.answered;
	unsigned sent = series->sent + (both ? path->tcp.sent : 0);
	unsigned lost = sent - series->answered - (both ? path->tcp.answered : 0);
	if (lost < 2 || is_bad_path(path) || series->errors)
		return verdict_clean(verdict, "%u of %u probes lost", lost, sent);
	const struct trace_finding *begins = finding_of(path, TRACE_FOUND_LOSS);
	double share = (double)lost / sent;
	char text[ADDR_TEXT_MAX];
	if (begins && begins->router.family != AF_UNSPEC)
		verdict_where(verdict, "%s", addr_format(&begins->router, text));
	else
		verdict_where(verdict, "the path");
	verdict_evidence(verdict, "loss", value_percent(100 * share), value_none(), 1, "%u of %u probes lost",
			 lost, sent);
	if (begins)
		verdict_evidence(verdict, "begins", value_count(begins->hops), value_none(), 0.8, "%s",
				 begins->says);
	verdict_next(verdict, "ntsh mtr %s   (where it begins, over time)", matter->way->host);
	return verdict_found(verdict, (ns_t)(share * (double)NS_PER_S), confidence_of(0.9, lost, 4),
			     begins ? "%s of the packets to %s are lost, from hop %u on"
				    : "%s of the packets to %s are lost",
			     say_share(share).text, matter->way->host, begins ? begins->hops : 0);
}

static enum finding judge_ipv6(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *four = NULL, *six = NULL;
	for (unsigned i = 0; matter->way && i < matter->way->path_count; i++)
		*(matter->way->paths[i].addr.family == AF_INET6 ? &six : &four) = &matter->way->paths[i];
	if (!four || !six)
		return NOT_TESTED;
	if (way_answers(six) || !way_answers(four))
		return verdict_clean(verdict, "IPv6 fares no worse than IPv4");
	char text[ADDR_TEXT_MAX];
	bool routed = !error_is_set(&six->explained.decision.error);
	verdict_where(verdict, "%s", addr_format(&six->addr, text));
	verdict_evidence(verdict, "ipv6", value_count(0), value_none(), 1,
			 routed ? "by IPv6 (%s) nothing answers, by IPv4 it does"
				: "this machine has no IPv6 route to %s, yet the name has that address",
			 text);
	verdict_next(verdict, "ntsh -6 diagnose route %s", matter->way->host);
	return verdict_found(
	    verdict, 250 * NS_PER_MS, 0.93,
	    "%s has an IPv6 address that does not work from here: programs lose 250 ms (RFC 8305), or hang",
	    matter->way->host);
}

static enum finding judge_proxy(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !path->udp || !path->flows)
		return NOT_TESTED;
	const struct trace_finding *proxy = finding_of(path, TRACE_FOUND_PROXY);
	if (!proxy)
		return verdict_clean(verdict, "TCP goes as far as UDP does");
	verdict_where(verdict, "hop %u", proxy->hops);
	verdict_evidence(verdict, "proxy", value_count(proxy->hops), value_none(), 1, "%s", proxy->says);
	next_trace(matter, verdict);
	return verdict_found(verdict, NS_PER_MS, 0.85, "somebody in front of %s answers TCP in its name",
			     matter->way->host);
}

const struct rule rules_way_path[] = {
	{ "network.routing-loop", CLASS_NETWORK, AT_PATH, "RFC 792, RFC 4443 3.3", judge_loop },
	{ "network.rejected", CLASS_NETWORK, AT_PATH, "SIGNALS 14, RFC 1812 5.2.7.1", judge_rejected },
	{ "network.unreachable", CLASS_NETWORK, AT_PATH, "SIGNALS 14, 22", judge_unreachable },
	{ "network.filtered", CLASS_NETWORK, AT_CONNECT, "SIGNALS 15", judge_filtered },
	{ "network.pmtu-blackhole", CLASS_NETWORK, AT_SEGMENTS, "SIGNALS 24, RFC 2923", judge_blackhole },
	{ "network.bad-path", CLASS_NETWORK, AT_PATH, "SIGNALS 35, Augustin et al.", judge_bad_path },
	{ "network.loss", CLASS_NETWORK, AT_PATH, "SIGNALS 33", judge_loss },
	{ "network.ipv6-broken", CLASS_NETWORK, AT_PATH, "SIGNALS 20, RFC 8305", judge_ipv6 },
	{ "network.transparent-proxy", CLASS_NETWORK, AT_PATH, "SIGNALS 37", judge_proxy },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
