/* diagnose route: what this machine and its link have to do with it. */
#include "diag/way.h"
#include "diag/words.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

bool way_answers(const struct way_path *path)
{
	return path->icmp.answered || path->tcp.answered;
}

/* An own question that was not answered at once (NUD_PROBE) tells as much: a machine that lives answers within milliseconds. */
bool way_hop_is_dead(const struct way_path *path)
{
	return path->neighbour == NUD_FAILED || path->neighbour == NUD_INCOMPLETE ||
	       path->neighbour == NUD_PROBE;
}

const struct way_path *way_main(const struct way_facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (way_answers(&facts->paths[i]))
			return &facts->paths[i];
	return &facts->paths[0];
}

static const struct way_path *path_of(const struct matter *matter)
{
	return matter->way ? way_main(matter->way) : NULL;
}

static bool is_routed(const struct way_path *path)
{
	return !error_is_set(&path->explained.decision.error);
}

static enum finding judge_no_route(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path)
		return NOT_TESTED;
	const struct route_decision *decision = &path->explained.decision;
	char because[EXPLAIN_SAYS_MAX];
	if (is_routed(path))
		return verdict_clean(verdict, "%s", route_because(decision, because));
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "route", value_none(), value_none(), 1, "the kernel says %s: %s",
			 decision->error.code, decision->error.message);
	if (decision->has_match)
		verdict_evidence(verdict, "deciding_route", value_none(), value_none(), 0.8, "%s",
				 route_because(decision, because));
	verdict_next(verdict, "ntsh route get %s", matter->way->host);
	verdict_next(verdict, "ntsh route check");
	return verdict_found(verdict, NS_NEVER, 0.99, "this machine does not send packets to %s: %s",
			     matter->way->host,
			     decision->has_match ? "a route forbids it" : "it has no route to it");
}

static enum finding judge_link_down(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !is_routed(path) || !path->link_known)
		return NOT_TESTED;
	const char *name = path->explained.decision.interface;
	if (path->link.up && path->link.running)
		return verdict_clean(verdict, "%s is up and has a carrier", name);
	verdict_where(verdict, "%s", name);
	verdict_evidence(verdict, "link", value_none(), value_none(), 1,
			 path->link.up ? "%s is up, but has no carrier" : "%s is switched off", name);
	verdict_next(verdict, "ntsh iface info %s", name);
	return verdict_found(verdict, NS_NEVER, 0.98, "packets to %s leave by %s, which %s",
			     matter->way->host, name, path->link.up ? "has no carrier" : "is down");
}

/* Another route that loses to this one gets there. */
static enum finding judge_other_route(const struct matter *matter, bool equal, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !is_routed(path))
		return NOT_TESTED;
	if (way_answers(path))
		return verdict_clean(verdict, "the route that is used gets there");
	if (!path->elsewhere.sent)
		return NOT_TESTED;
	const struct route_decision *decision = &path->explained.decision;
	if (!path->elsewhere.answered)
		return verdict_clean(verdict, "by %s it does not get there either", path->elsewhere_by);
	if (equal != path->equal_default)
		return NOT_TESTED;
	/* A standby that nobody switches to: the fault is the dead gateway's. */
	if (path->standby && way_hop_is_dead(path))
		return NOT_TESTED;
	char because[EXPLAIN_SAYS_MAX];
	verdict_where(verdict, "this machine's routing table");
	verdict_evidence(verdict, "used_route", value_none(), value_none(), 0.9, "%s; nothing answers there",
			 route_because(decision, because));
	verdict_evidence(verdict, "other_route", value_count(path->elsewhere.answered), value_none(), 1,
			 "by %s %u of %u probes are answered: %s", path->elsewhere_by,
			 path->elsewhere.answered, path->elsewhere.sent, path->elsewhere_route);
	verdict_next(verdict, "ntsh route get %s", matter->way->host);
	verdict_next(verdict, "ntsh route check");
	if (equal)
		return verdict_found(
		    verdict, NS_NEVER, 0.95,
		    "two default routes with one metric: the one by %s is used and leads nowhere, the one "
		    "by %s would work",
		    decision->interface, path->elsewhere_by);
	return verdict_found(
	    verdict, NS_NEVER, 0.95,
	    "packets to %s take the route by %s, which leads nowhere; by %s they would arrive",
	    matter->way->host, decision->interface, path->elsewhere_by);
}

static enum finding judge_wrong_route(const struct matter *matter, struct verdict *verdict)
{
	return judge_other_route(matter, false, verdict);
}

static enum finding judge_duplicate_default(const struct matter *matter, struct verdict *verdict)
{
	return judge_other_route(matter, true, verdict);
}

static enum finding judge_rp_filter(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !path->explained.back.known || path->explained.back.rp_filter < 0)
		return NOT_TESTED;
	const struct route_back *back = &path->explained.back;
	if (way_answers(path) || !path->rp_drops)
		return verdict_clean(verdict, "rp_filter dropped nothing while the probes were out");
	verdict_where(verdict, "this machine");
	verdict_evidence(
	    verdict, "rp_filter_drops", value_count(path->rp_drops), value_none(), 1,
	    "IPReversePathFilter grew by %llu while the probes were out: answers came, by an interface "
	    "by which this machine would not send to %s",
	    (unsigned long long)path->rp_drops, matter->way->host);
	verdict_evidence(verdict, "way_back", value_none(), value_none(), 0.5, "%s", back->says);
	verdict_next(verdict, "ntsh route get %s", matter->way->host);
	verdict_next(verdict, "ntsh sysctl 'net.ipv4.conf.*.rp_filter'");
	return verdict_found(
	    verdict, NS_NEVER, 0.93,
	    "%s answers, but this machine drops the answers: they come in by another interface than "
	    "rp_filter allows",
	    matter->way->host);
}

static enum finding judge_firewall(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !is_routed(path) ||
	    (!path->icmp.sent && !path->icmp.refused && !path->tcp.refused && !path->tcp.sent))
		return NOT_TESTED;
	const struct way_series *refused = path->tcp.refused ? &path->tcp : &path->icmp;
	bool eperm = refused->refused && (refused->errnum == EPERM || refused->errnum == EACCES);
	if (!eperm)
		return verdict_clean(verdict, "no send was refused");
	verdict_where(verdict, "this machine");
	verdict_evidence(verdict, "refused", value_count(refused->refused), value_none(), 1,
			 "%u sends failed at once with EPERM: a firewall rule of this machine's own output",
			 refused->refused);
	verdict_next(verdict, "nft list ruleset   (or iptables -S): who drops in output?");
	bool some = way_answers(path);
	return verdict_found(verdict, some ? NS_PER_S : NS_NEVER, some ? 0.8 : 0.98,
			     some ? "this machine's own firewall forbids some packets to %s"
				  : "this machine's own firewall forbids packets to %s",
			     matter->way->host);
}

static enum finding judge_gateway(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	char text[ADDR_TEXT_MAX];
	if (!path || !is_routed(path) || path->on_link)
		return NOT_TESTED;
	addr_format(&path->next_hop, text);
	if (!way_hop_is_dead(path))
		return verdict_clean(verdict, "the gateway %s %s", text,
				     neighbour_state_describe(path->neighbour));
	verdict_where(verdict, "%s", text);
	verdict_evidence(verdict, "neighbour", value_none(), value_none(), 1, "the gateway %s %s", text,
			 neighbour_state_describe(path->neighbour));
	verdict_next(verdict, "ntsh neigh");
	verdict_next(verdict, "ntsh route check");
	return verdict_found(verdict, NS_NEVER, 0.96,
			     "the gateway %s on %s does not answer: packets to %s end here", text,
			     path->explained.decision.interface, matter->way->host);
}

/* Small packets pass on the own link, large ones do not, and no router is in between. */
static enum finding judge_mtu(const struct matter *matter, struct verdict *verdict)
{
	const struct way_path *path = path_of(matter);
	if (!path || !path->on_link || path->icmp.answered < 3 || !path->large.sent)
		return NOT_TESTED;
	if (path->large.answered)
		return verdict_clean(verdict, "packets of %zu bytes pass", path->large_bytes);
	verdict_where(verdict, "%s", path->explained.decision.interface);
	verdict_evidence(verdict, "large", value_count(path->large.answered), value_none(), 1,
			 "0 of %u packets of %zu bytes were answered, %u of %u small ones were",
			 path->large.sent, path->large_bytes, path->icmp.answered, path->icmp.sent);
	verdict_next(verdict, "ntsh iface info %s   (and the same at the other end)",
		     path->explained.decision.interface);
	return verdict_found(
	    verdict, NS_NEVER, 0.9,
	    "the MTU of %s (%u) is larger than the link or the other end carries: large packets vanish",
	    path->explained.decision.interface, path->link.mtu);
}

const struct rule rules_way[] = {
	{ "client.no-route", CLASS_CLIENT, AT_MACHINE, "rtnetlink(7), RTM_GETROUTE", judge_no_route },
	{ "client.link-down", CLASS_CLIENT, AT_MACHINE, "netdevice(7), RFC 2863", judge_link_down },
	{ "client.duplicate-default-route", CLASS_CLIENT, AT_MACHINE, "field notes: two NICs",
	  judge_duplicate_default },
	{ "client.wrong-route", CLASS_CLIENT, AT_MACHINE, "field notes: two NICs", judge_wrong_route },
	{ "client.rp-filter", CLASS_CLIENT, AT_MACHINE, "SIGNALS 21, RFC 3704", judge_rp_filter },
	{ "client.firewall", CLASS_CLIENT, AT_MACHINE, "SIGNALS 23", judge_firewall },
	{ "client.gateway-unreachable", CLASS_CLIENT, AT_LINK, "SIGNALS 22, RFC 826, RFC 4861",
	  judge_gateway },
	{ "client.mtu", CLASS_CLIENT, AT_LINK, "SIGNALS 24", judge_mtu },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
