/* Whose turn it is: a request is what the client sends until the server answers, an answer what the server sends until the client speaks again. The
 * moments between them are the time split (SIGNALS 1, 2, 9). */
#include "net/flows/flows.h"

enum { TICKETS_MAX = 1600 };

/* A pause in the first flight of TLS 1.3 after which the tickets are over and the answer begins. */
#define TICKET_PAUSE (2 * NS_PER_MS)
#define PAUSE_LEAST (30 * NS_PER_MS)

ns_t flow_round_trip(const struct flow *flow)
{
	if (flow->syn != NS_NONE && flow->syn_ack != NS_NONE && flow->established != NS_NONE &&
	    flow->established >= flow->syn)
		return flow->established - flow->syn;
	if (!flow->side[0].trips.count || !flow->side[1].trips.count)
		return NS_NONE;
	return flow->side[0].trips.min + flow->side[1].trips.min;
}

/* To the server and back, as seen here. */
static ns_t trip_to_server(const struct flow *flow)
{
	ns_t least = flow->side[0].trips.count ? flow->side[0].trips.min : NS_NONE;
	if (flow->syn != NS_NONE && flow->syn_ack != NS_NONE && flow->syns == 1 &&
	    (least == NS_NONE || flow->syn_ack - flow->syn < least))
		least = flow->syn_ack - flow->syn;
	return least;
}

ns_t flow_exchange_server(const struct flow *flow, const struct flow_exchange *exchange, ns_t *network)
{
	*network = NS_NONE;
	if (exchange->request == NS_NONE || exchange->answer == NS_NONE)
		return NS_NONE;
	ns_t wait = exchange->answer - exchange->request_end;
	ns_t way = exchange->ack_alone && exchange->acked != NS_NONE ? exchange->acked - exchange->request_end
								     : NS_NONE;
	ns_t trip = trip_to_server(flow);
	/* Held back by the server's kernel for 40 ms and more (RFC 9293 3.8.6.3), an ACK says nothing about the way. */
	if (trip != NS_NONE && (way == NS_NONE || way > trip + 30 * NS_PER_MS))
		way = trip;
	if (way == NS_NONE)
		way = 0;
	if (wait < 0)
		wait = 0;
	*network = way < wait ? way : wait;
	return wait - *network;
}

static void exchange_count(struct flow *flow, const struct flow_exchange *exchange)
{
	ns_t network, server = flow_exchange_server(flow, exchange, &network);
	if (exchange->handshake) {
		if (server != NS_NONE) {
			flow->handshake_network = network;
			flow->handshake_server = server;
		}
		return;
	}
	flow->exchanges++;
	if (server == NS_NONE)
		return;
	flow->answered++;
	flow->network_sum += network;
	flow->server_sum += server;
	flow->transfer_sum += exchange->answer_end - exchange->answer;
	if (server > flow->slowest_server) {
		flow->slowest_server = server;
		flow->slowest = *exchange;
	}
}

void flow_exchange_end(struct flows *flows, struct flow *flow)
{
	struct flow_exchange *exchange = &flow->exchange;
	if (exchange->request != NS_NONE) {
		exchange_count(flow, exchange);
		if (flows->events.exchanged)
			flows->events.exchanged(flow, exchange, flows->arg);
	}
	*exchange = (struct flow_exchange){ .request = NS_NONE,
					    .request_end = NS_NONE,
					    .acked = NS_NONE,
					    .answer = NS_NONE,
					    .answer_end = NS_NONE,
					    .status = -1 };
}

static void request_data(struct flow_step *step)
{
	struct flow *flow = step->flow;
	struct flow_exchange *exchange = &flow->exchange;
	if (flow->turn == 1)
		flow_exchange_end(step->flows, flow);
	if (exchange->request == NS_NONE)
		exchange->request = step->time;
	exchange->request_end = step->time;
	exchange->request_bytes += step->fresh;
	exchange->acked = NS_NONE;
	exchange->ack_alone = false;
	flow->request_seq_end = step->packet->seq + step->packet->payload_length;
	flow->turn = 0;
}

/* After its Finished a TLS 1.3 server sends session tickets (RFC 8446 4.6.1), before anything was asked of it: what follows them after a pause is the
 * answer. */
static bool were_tickets(const struct flow *flow, ns_t time)
{
	return flow->after_hello && flow->tls_version >= 0x304 &&
	       flow->exchange.answer_bytes <= TICKETS_MAX && time - flow->exchange.answer_end > TICKET_PAUSE;
}

static void answer_data(struct flow_step *step)
{
	struct flow *flow = step->flow;
	struct flow_exchange *exchange = &flow->exchange;
	if (exchange->request == NS_NONE) {
		/* It speaks first: a greeting is the answer to having connected. */
		if (flow->established == NS_NONE)
			return;
		exchange->request = exchange->request_end = exchange->acked = flow->established;
		exchange->ack_alone = true;
		flow->app = flow->app == FLOW_APP_UNKNOWN ? FLOW_APP_BANNER : flow->app;
	}
	if (exchange->answer == NS_NONE) {
		exchange->answer = step->time;
		exchange->ack_alone = exchange->acked != NS_NONE && exchange->acked < step->time;
	} else if (were_tickets(flow, step->time)) {
		exchange->answer = step->time;
		exchange->answer_bytes = 0;
		flow->after_hello = false;
	} else if (step->idle > PAUSE_LEAST && step->other->zero_since == NS_NONE) {
		/* Nothing was under way, and nobody held it back: the server had nothing to send (SIGNALS 9). */
		ns_t trip = flow_round_trip(flow);
		if (trip == NS_NONE || step->idle > 2 * trip)
			exchange->pauses += step->idle - (trip == NS_NONE ? 0 : trip);
	}
	exchange->answer_end = step->time;
	exchange->answer_bytes += step->fresh;
	flow->turn = 1;
}

void flow_exchange_data(struct flow_step *step)
{
	if (step->from == 0)
		request_data(step);
	else
		answer_data(step);
}

void flow_exchange_ack(struct flow_step *step)
{
	struct flow_exchange *exchange = &step->flow->exchange;
	if (step->from == 1 && exchange->request != NS_NONE && exchange->acked == NS_NONE &&
	    seq_after(step->packet->ack, step->flow->request_seq_end) >= 0)
		exchange->acked = step->time;
}
