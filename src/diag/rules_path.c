/* Does the path let this through? What fails to arrive, and who stops it. */
#include "diag/ledger.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>

static bool is_v6(const struct addr *addr)
{
	return addr->family == AF_INET6;
}

/* The path whose handshake was answered by an ICMP error, NULL none. */
static const struct path *path_with_icmp(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].unreachable && !facts->paths[i].connected)
			return &facts->paths[i];
	return NULL;
}

enum icmp_kind { ICMP_KIND_NONE, ICMP_KIND_REJECT, ICMP_KIND_UNREACHABLE, ICMP_KIND_LOOP };

/* RFC 792, RFC 1812 5.2.7.1, RFC 4443 3.1: prohibited codes are a filter's; so is "port unreachable" in answer to a SYN, because a closed TCP
 * port answers RST. */
static enum icmp_kind icmp_kind(bool v6, uint8_t type, uint8_t code)
{
	if (v6)
		return type == ICMP6_TIME_EXCEEDED ? ICMP_KIND_LOOP
		       : type != ICMP6_DST_UNREACH ? ICMP_KIND_NONE
		       : code == ICMP6_DST_UNREACH_ADMIN || code == ICMP6_DST_UNREACH_NOPORT || code >= 5
			   ? ICMP_KIND_REJECT
			   : ICMP_KIND_UNREACHABLE;
	if (type == ICMP_TIME_EXCEEDED)
		return ICMP_KIND_LOOP;
	if (type != ICMP_DEST_UNREACH)
		return ICMP_KIND_NONE;
	return code == ICMP_NET_ANO || code == ICMP_HOST_ANO || code == ICMP_PKT_FILTERED ||
		       code == ICMP_PORT_UNREACH || code == ICMP_PROT_UNREACH
		   ? ICMP_KIND_REJECT
		   : ICMP_KIND_UNREACHABLE;
}

/* The ICMP error that stands for the failure, from a handshake or, when handshakes are silent, from the probes beside. */
struct refusal {
	enum icmp_kind kind;
	uint8_t type, code;
	struct addr from;
	bool v6;
};

static struct refusal the_refusal(const struct matter *matter)
{
	const struct facts *facts = matter->facts;
	struct refusal refusal = { .kind = ICMP_KIND_NONE };
	if (matter->sums->connected || matter->sums->refused)
		return refusal;
	const struct path *p = path_with_icmp(facts);
	if (p) {
		refusal = (struct refusal){ .type = p->icmp_type,
					    .code = p->icmp_code,
					    .from = p->icmp_from,
					    .v6 = is_v6(&p->addr) };
	} else {
		const struct series *s = facts->closed.unreachable ? &facts->closed : &facts->icmp;
		if (!s->unreachable || matter->sums->host_answers || !facts->path_count)
			return refusal;
		refusal = (struct refusal){ .type = s->icmp_type,
					    .code = s->icmp_code,
					    .from = s->icmp_from,
					    .v6 = is_v6(&facts->paths[0].addr) };
	}
	refusal.kind = icmp_kind(refusal.v6, refusal.type, refusal.code);
	return refusal;
}

static void say_refusal(const struct refusal *refusal, struct verdict *verdict)
{
	char text[ADDR_TEXT_MAX];
	addr_format(&refusal->from, text);
	verdict_where(verdict, "%s", text);
	verdict_evidence(verdict, "icmp_error", value_count(refusal->code), value_none(), 1,
			 "%s answered: %s", text,
			 icmp_describe(refusal->v6 ? AF_INET6 : AF_INET, refusal->type, refusal->code));
}

static bool from_target(const struct facts *facts, const struct addr *addr)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (addr_equal(&facts->paths[i].addr, addr))
			return true;
	return false;
}

/* RST in answer to a SYN, sooner than the host can have sent it: FOUND, else NOT_TESTED. */
static enum finding judge_near_refusal(const struct matter *matter, const char *where,
				       struct verdict *verdict)
{
	const struct path *p = &matter->facts->paths[0];
	if (!matter->sums->refused || matter->sums->connected || p->refused_at_once ||
	    !refused_too_soon(p, matter->sums))
		return NOT_TESTED;
	verdict_where(verdict, "close to this machine");
	verdict_evidence(verdict, "refused_after", value_time(p->refused_after),
			 value_time(matter->sums->rtt), 1,
			 "the RST came after %s; a round trip to the host takes %s",
			 say_time(p->refused_after).text, say_time(matter->sums->rtt).text);
	verdict_next(verdict, "nft list ruleset, here and at the gateway: may this machine reach %s?", where);
	return verdict_found(verdict, NS_NEVER, 0.88,
			     "a device close to this machine refuses connections to %s in its name", where);
}

static enum finding judge_rejected(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct witness_facts *w = &facts->witness;
	char where[ADDR_TEXT_MAX];
	where_of(facts, where);
	struct refusal refusal = the_refusal(matter);
	if (refusal.kind == ICMP_KIND_REJECT) {
		say_refusal(&refusal, verdict);
		bool self = from_target(facts, &refusal.from);
		if (facts->closed.answered || facts->icmp.answered)
			verdict_evidence(verdict, "host_answers", value_flag(true), value_none(), 0.6,
					 "the host itself answers otherwise");
		verdict_next(verdict, "the firewall of %s: is %s allowed there?", verdict->where, where);
		return verdict_found(verdict, NS_NEVER, 0.96,
				     self ? "the firewall on %s itself rejects connections to %s"
					  : "%s rejects connections to %s",
				     verdict->where, where);
	}
	if (judge_near_refusal(matter, where, verdict) == FOUND)
		return FOUND;
	int own = w->closed_ttl >= 0 ? w->closed_ttl : facts->icmp.ttl;
	if (matter->sums->refused && !matter->sums->connected && w->refuse_ttl >= 0 && own >= 0 &&
	    w->refuse_ttl != own) {
		verdict_where(verdict, "before %s", where);
		verdict_evidence(
		    verdict, "ttl", value_integer(w->refuse_ttl), value_integer(own), 1,
		    "the RST came with TTL %d, other packets of the host with %d: somebody else sent it",
		    w->refuse_ttl, own);
		verdict_next(verdict, "ntsh ping -c 5 %s", facts->host);
		verdict_next(verdict, "ask who runs the firewall on the way to %s", where);
		return verdict_found(verdict, NS_NEVER, w->closed_ttl >= 0 ? 0.92 : 0.75,
				     "a device on the way refuses connections to %s in its name", where);
	}
	return matter->sums->connected ? verdict_clean(verdict, "no device on the way refused anything")
				       : NOT_TESTED;
}

static enum finding judge_unreachable(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	char where[ADDR_TEXT_MAX];
	where_of(facts, where);
	struct refusal refusal = the_refusal(matter);
	if (refusal.kind == ICMP_KIND_UNREACHABLE) {
		say_refusal(&refusal, verdict);
		verdict_next(verdict, "on %s: its routes, and does the next hop answer?", verdict->where);
		verdict_next(verdict, "ntsh ping -c 5 %s", verdict->where);
		return verdict_found(verdict, NS_NEVER, 0.95, "%s cannot be reached: %s has no way to it",
				     where, verdict->where);
	}
	if (sums->host_answers)
		return verdict_clean(verdict, "the host answers");
	if (!sums->silent || sums->local || facts->paths[0].next_hop_answers == FACT_NO)
		return NOT_TESTED;
	verdict_where(verdict, "on the way to %s", where);
	verdict_evidence(verdict, "silence", value_count(sums->tries), value_none(), 0.9,
			 "none of %u SYNs to port %u was answered", sums->tries, facts->port);
	if (facts->icmp.sent)
		verdict_evidence(verdict, "ping_silence", value_count(facts->icmp.sent), value_none(), 0.7,
				 "none of %llu pings was answered", (unsigned long long)facts->icmp.sent);
	if (facts->closed.sent)
		verdict_evidence(verdict, "other_port_silence", value_count(facts->closed.sent), value_none(),
				 0.7, "none of %llu probes of another port was answered",
				 (unsigned long long)facts->closed.sent);
	verdict_next(verdict, "is the host switched on? ask from another network");
	verdict_next(verdict, "traceroute %s   (where do packets end?)", facts->host);
	return verdict_found(
	    verdict, NS_NEVER, 0.7,
	    "nothing at all comes back from %s: the host is down, or its packets or ours are dropped", where);
}

static enum finding judge_loop(const struct matter *matter, struct verdict *verdict)
{
	struct refusal refusal = the_refusal(matter);
	char where[ADDR_TEXT_MAX];
	if (refusal.kind != ICMP_KIND_LOOP)
		return NOT_TESTED;
	say_refusal(&refusal, verdict);
	verdict_next(verdict, "traceroute %s   (which routers repeat?)", matter->facts->host);
	verdict_next(verdict, "compare the routes of %s and its neighbours", verdict->where);
	return verdict_found(verdict, NS_NEVER, 0.95,
			     "packets to %s go in circles until their TTL ends at %s",
			     where_of(matter->facts, where), verdict->where);
}

bool refused_too_soon(const struct path *path, const struct sums *sums)
{
	return path->refused_after != NS_NONE && sums->rtt != NS_NONE && sums->rtt > 400 * NS_PER_US &&
	       path->refused_after < sums->rtt / 3;
}

bool queue_is_likelier(const struct facts *facts)
{
	if (facts->witness.ack_probed)
		return facts->witness.ack_answered;
	return facts->closed.answered && facts->hops.tried && facts->hops.service >= facts->hops.other;
}

/* Silence of one port of a host that otherwise answers: a filter, or an accept queue that is full for good (server.listen-overflow
 * decides that by a stray ACK: a listener answers it with RST, RFC 9293 3.10.7.2, whatever its queue; a filter does not). */
static enum finding judge_filtered(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	char where[ADDR_TEXT_MAX];
	where_of(facts, where);
	if (sums->connected || sums->refused)
		return verdict_clean(verdict, "the port answers");
	if (!sums->silent || !sums->host_answers || facts->witness.ack_answered || queue_is_likelier(facts))
		return NOT_TESTED;
	char router[ADDR_TEXT_MAX];
	bool placed = facts->hops.service && facts->hops.service < facts->hops.other;
	if (placed)
		verdict_where(verdict, "at or behind %s", addr_format(&facts->hops.service_router, router));
	else
		verdict_where(verdict, "%s", where);
	verdict_evidence(verdict, "silence", value_count(sums->tries), value_none(), 1,
			 "none of %u connections was answered, each with several SYNs", sums->tries);
	if (facts->closed.answered)
		verdict_evidence(verdict, "other_port", value_count(facts->closed.answered), value_none(),
				 0.9, "port %u of the same host answers at once (RST)", facts->closed.port);
	if (facts->icmp.answered)
		verdict_evidence(verdict, "ping", value_count(facts->icmp.answered),
				 value_count(facts->icmp.sent), 0.8, "%llu of %llu pings were answered",
				 (unsigned long long)facts->icmp.answered,
				 (unsigned long long)facts->icmp.sent);
	if (placed)
		verdict_evidence(verdict, "hops", value_count((uint64_t)facts->hops.service),
				 value_count((uint64_t)facts->hops.other), 0.9,
				 "SYNs to the port get %d routers far, to %s; those to port %u get %d",
				 facts->hops.service, router, facts->closed.port, facts->hops.other);
	if (facts->witness.ack_probed)
		verdict_evidence(verdict, "stray_ack", value_flag(false), value_none(), 0.9,
				 "a stray ACK to the port was not answered either, as a listener would");
	else
		verdict_next(verdict,
			     "decide it as root (sudo): a stray ACK tells a filter from a full accept queue");
	verdict_next(
	    verdict,
	    "on the server: ss -ltn 'sport = :%u'   (Recv-Q at Send-Q: its queue is full, no filter)",
	    facts->port);
	verdict_next(verdict, "the firewalls on the way: is port %u open for this client?", facts->port);
	double confidence = facts->witness.ack_probed || placed ? 0.94 : facts->closed.answered ? 0.6 : 0.75;
	return verdict_found(verdict, NS_NEVER, confidence,
			     "packets to %s vanish, though the host answers otherwise: a filter drops them",
			     where);
}

static enum finding judge_ipv6(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct path *broken = NULL;
	unsigned tried = 0;
	for (unsigned i = 0; i < facts->path_count; i++) {
		const struct path *p = &facts->paths[i];
		if (!is_v6(&p->addr) || !p->tries || p->routed == FACT_NO)
			continue;
		tried++;
		if (!p->connected && !p->refused)
			broken = p;
	}
	bool v4_works = facts->primary >= 0 && !is_v6(&facts->paths[facts->primary].addr);
	if (!tried)
		return NOT_TESTED;
	if (!broken || !v4_works)
		return facts->primary >= 0 ? verdict_clean(verdict, "IPv6 connects") : NOT_TESTED;
	char text[ADDR_TEXT_MAX], where[ADDR_TEXT_MAX];
	addr_format_port(&broken->addr, text);
	verdict_where(verdict, "%s", text);
	if (broken->unreachable)
		verdict_evidence(verdict, "icmp_error", value_count(broken->icmp_code), value_none(), 1,
				 "%s: %s", text,
				 icmp_describe(AF_INET6, broken->icmp_type, broken->icmp_code));
	else
		verdict_evidence(verdict, "silence", value_count(broken->tries), value_none(), 1,
				 "none of %u connections to %s was answered", broken->tries, text);
	verdict_evidence(verdict, "ipv4", value_none(), value_none(), 0.9, "%s connects",
			 where_of(facts, where));
	verdict_next(verdict, "ntsh ping -6 %s", facts->host);
	verdict_next(verdict, "ntsh route get %s", addr_format(&broken->addr, text));
	ns_t cost = ledger_family_wait(facts);
	return verdict_found(verdict, cost ? cost : 30 * NS_PER_MS, confidence_of(0.95, broken->tries, 2),
			     "IPv6 to %s is broken: each new connection first waits %s for it, or much "
			     "longer in programs that do not"
			     " try both families",
			     facts->host, say_time(cost ? cost : 30 * NS_PER_MS).text);
}

static bool attempt_stuck(const struct attempt *a)
{
	return attempt_counts(a) && a->ending == END_TIMED_OUT && a->stage >= STAGE_TLS;
}

static enum finding judge_pmtu(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct attempt *stuck = NULL, *passed = NULL;
	bool small_tried = false, outward = false;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		if (attempt_stuck(a))
			stuck = a;
		outward = outward || (attempt_stuck(a) && a->stalled_on_large);
		small_tried = small_tried || (a->small_mss && a->ending != END_NONE);
		if (a->small_mss && (a->ending == END_OK || a->cut))
			passed = a;
	}
	if (!stuck || matter->sums->ok)
		return matter->sums->ok ? verdict_clean(verdict, "full-size segments arrive") : NOT_TESTED;
	if (!passed && (small_tried || !outward))
		return small_tried ? verdict_clean(verdict, "small segments fare no better") : NOT_TESTED;
	char where[ADDR_TEXT_MAX];
	verdict_where(verdict, "on the way to %s", where_of(facts, where));
	verdict_evidence(verdict, "handshake", value_time(stuck->rtt), value_none(), 0.6,
			 "the handshake, all small packets, took %s", say_time(stuck->rtt).text);
	if (outward)
		verdict_evidence(verdict, "unacked_segments", value_count(stuck->unacked_segments),
				 value_none(), 0.9,
				 "full-size segments of ours were sent again and again, never acknowledged");
	else
		verdict_evidence(verdict, "stuck", value_bytes(stuck->received_bytes), value_none(), 0.8,
				 "the server's large answer never arrived (%s did)",
				 say_bytes(stuck->received_bytes).text);
	if (passed)
		verdict_evidence(verdict, "small_segments", value_time(passed->total), value_none(), 1,
				 "with small segments the same request was done in %s",
				 say_time(passed->total).text);
	verdict_next(verdict, "let ICMP \"too big\" through on the way (RFC 4890, RFC 1191)");
	verdict_next(
	    verdict,
	    "until then: ip route change ... mtu lock 1280, or clamp the MSS on the tunnel's router");
	return verdict_found(verdict, NS_NEVER, passed ? 0.97 : 0.8,
			     "large packets vanish on the way to %s, small ones pass: a path-MTU black hole",
			     where);
}

/* The end of the connection came sooner than the host can have answered the request. Without a stamp of the kernel the request may have left at any
 * moment since the connection was ready: on a busy machine the program learns of it late. */
static ns_t end_after_request(const struct attempt *a)
{
	if (a->wait != NS_NONE)
		return a->wait + (a->before_request == NS_NONE ? 0 : a->before_request);
	return a->connect == NS_NONE || a->total == NS_NONE ? NS_NONE : a->total - a->connect;
}

static bool too_soon(const struct attempt *a, ns_t rtt)
{
	ns_t after = end_after_request(a);
	return (a->ending == END_RESET || a->ending == END_PROTOCOL) &&
	       (a->stage == STAGE_REQUEST || a->stage == STAGE_WAIT) && after != NS_NONE &&
	       rtt > 4 * NS_PER_MS && after < rtt / 2 + rtt / 4;
}

static enum finding judge_injected(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct witness_facts *w = &facts->witness;
	bool other_ttl = w->reset_ttl >= 0 && w->ttl >= 0 && w->reset_ttl != w->ttl;
	if (!matter->sums->reset && !matter->sums->closed)
		return NOT_TESTED;
	unsigned soon = 0;
	const struct attempt *example = NULL;
	for (unsigned i = 0; i < facts->attempt_count; i++)
		if (too_soon(&facts->attempts[i], matter->sums->rtt)) {
			soon++;
			example = &facts->attempts[i];
		}
	if (!other_ttl && !soon)
		return w->reset_ttl >= 0 && w->ttl >= 0
			   ? verdict_clean(verdict, "the RST has the TTL of the host's other packets (%d)",
					   w->ttl)
			   : NOT_TESTED;
	char where[ADDR_TEXT_MAX];
	verdict_where(verdict, "on the way to %s", where_of(facts, where));
	if (other_ttl)
		verdict_evidence(verdict, "ttl", value_integer(w->reset_ttl), value_integer(w->ttl), 1,
				 "the RST came with TTL %d, the host's other packets with %d", w->reset_ttl,
				 w->ttl);
	if (example)
		verdict_evidence(verdict, "too_soon", value_time(end_after_request(example)),
				 value_time(matter->sums->rtt), 0.9,
				 "the end came %s after the request: sooner than the host can answer (%s)",
				 say_time(end_after_request(example)).text, say_time(matter->sums->rtt).text);
	verdict_next(verdict, "ask who runs firewalls, proxies or balancers on the way");
	verdict_next(verdict,
		     "try another path (VPN, another network), and a request with another Host or SNI");
	bool all = !matter->sums->ok;
	return verdict_found(
	    verdict,
	    all ? NS_NEVER : cost_of_failures(matter->sums->reset + matter->sums->closed, matter->sums->made),
	    other_ttl ? 0.95 : 0.85, "somebody on the way to %s ends connections with a forged reset", where);
}

const struct rule rules_path[] = {
	{ "network.rejected", CLASS_NETWORK, AT_PATH, "RFC 1812 5.2.7.1; SIGNALS 13, 14", judge_rejected },
	{ "network.routing-loop", CLASS_NETWORK, AT_PATH, "RFC 792 time exceeded", judge_loop },
	{ "network.unreachable", CLASS_NETWORK, AT_PATH, "RFC 792, RFC 4443; SIGNALS 14, 15",
	  judge_unreachable },
	{ "network.filtered", CLASS_NETWORK, AT_CONNECT, "SIGNALS 15", judge_filtered },
	{ "network.pmtu-blackhole", CLASS_NETWORK, AT_SEGMENTS, "RFC 2923, RFC 4821; SIGNALS 24",
	  judge_pmtu },
	{ "network.reset-injected", CLASS_NETWORK, AT_SEGMENTS, "SIGNALS 31", judge_injected },
	{ "network.ipv6-broken", CLASS_NETWORK, AT_CONNECT, "RFC 8305; SIGNALS 20", judge_ipv6 },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};
