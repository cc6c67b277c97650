/* Why was it reset? From what came before, and from who sent it (RFC 9293 3.5.2, 3.10; RFC 1122 4.2.2.13; SIGNALS 13, 31). */
#include "net/flows/flows.h"

#include <stdlib.h>

#define NEAR_LIMIT(idle, seconds)                                                                            \
	((idle) > (seconds)*NS_PER_S - 2 * NS_PER_S && (idle) < (seconds)*NS_PER_S + 5 * NS_PER_S)

enum { TTL_TOLERANCE = 1, GAVE_UP_TIMEOUTS = 4 };

/* Hosts start at 64, 128 or 255, and their RST may start elsewhere than their data: what counts is a way of another length. */
static int hops_away(int ttl)
{
	return ttl > 128 ? 255 - ttl : ttl > 64 ? 128 - ttl : 64 - ttl;
}

static bool is_foreign(const struct flow_side *side)
{
	return side->ttl >= 0 && side->reset_ttl >= 0 && side->ttl != side->reset_ttl &&
	       abs(hops_away(side->ttl) - hops_away(side->reset_ttl)) > TTL_TOLERANCE;
}

static const char *idle_reason(ns_t idle)
{
	static const int limits[] = { 60, 120, 180, 240, 300, 350, 600, 900, 1800, 3600, 7200 };
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (NEAR_LIMIT(idle, limits[i]))
			return "after a silence of a round length: an idle timer, of a balancer, a firewall "
			       "or the peer";
	return idle > 30 * NS_PER_S ? "after a long silence: an idle timer, or a peer that had restarted"
				    : NULL;
}

static const char *reason(const struct flow_step *step, ns_t idle)
{
	const struct flow *flow = step->flow;
	const struct flow_side *side = step->side, *other = step->other;
	if (step->from == 1 && !flow->syn_acks && flow->syns)
		return "in answer to the SYN: nobody listens on the port, or a filter refuses";
	if (step->from == 0 && flow->syn_acks && !side->data_segments && flow->established == NS_NONE)
		return "in answer to the SYN-ACK: the client did not want it (any more), as port scanners do";
	if (flow->forged)
		return "its TTL is not that of the other packets of its sender: a device in between sent it";
	if (other->timeouts + side->timeouts >= GAVE_UP_TIMEOUTS && (side->timeouts || other->timeouts))
		return "after its data had been sent again in vain: the sender gave up, or its peer had lost "
		       "the connection";
	const char *idled = idle_reason(idle);
	if (idled)
		return idled;
	if (side->fin)
		return "it had closed already, and data came all the same: what came was not read";
	if (other->fin && seq_after(other->next, side->last_ack) == 0)
		return "instead of a FIN, after the peer's: it closed without waiting (SO_LINGER 0)";
	if (other->data_segments && seq_after(other->next, side->last_ack) > 0)
		return "with data of the peer not acknowledged: it closed, or died, without reading it";
	if (side->data_segments || other->data_segments)
		return "in the middle: the program aborted it, closed it with unread data, or died";
	return "before any data: the program closed it at once";
}

void flow_reset(struct flow_step *step)
{
	struct flow *flow = step->flow;
	struct flow_side *side = step->side;
	if (flow->ending == FLOW_RESET || flow->ending == FLOW_REFUSED)
		return;
	/* After both FINs a RST only tidies up. */
	if (flow->ending == FLOW_CLOSED)
		return;
	ns_t before = flow->side[0].last_data > flow->side[1].last_data ? flow->side[0].last_data
									: flow->side[1].last_data;
	side->reset = true;
	side->reset_ttl = step->packet->hops;
	flow->ender = step->from;
	flow->forged = is_foreign(side);
	flow->ending = step->from == 1 && flow->syns && !flow->syn_acks ? FLOW_REFUSED : FLOW_RESET;
	flow->why = reason(step, before == NS_NONE ? 0 : step->time - before);
}

enum {
	V4_UNREACHABLE = 3,
	V4_TOO_BIG = 4,
	V6_UNREACHABLE = 1,
	V6_TOO_BIG = 2,
};

void flow_icmp_error(struct flow *flow, const struct packet *outer, int towards)
{
	bool six = outer->transport_kind == PACKET_ICMPV6;
	bool too_big = six ? outer->icmp_type == V6_TOO_BIG
			   : outer->icmp_type == V4_UNREACHABLE && outer->icmp_code == V4_TOO_BIG;
	if (too_big) {
		flow->icmp_too_big++;
		return;
	}
	flow->icmp_errors++;
	flow->icmp_type = outer->icmp_type;
	flow->icmp_code = outer->icmp_code;
	flow->icmp_from = packet_source(outer);
	bool unreachable = outer->icmp_type == (six ? V6_UNREACHABLE : V4_UNREACHABLE);
	if (unreachable && towards == 0 && !flow->syn_acks && flow->side[1].packets == 0) {
		flow->ending = FLOW_REFUSED;
		flow->why = "an ICMP error came back: unreachable, or refused by a filter";
	}
}
