/* Conversations into facts. */
#include "diag/packets_gather.h"

#include "diag/packets.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A host whose stack answers within this time is next to the capture (SIGNALS, "Judging from packets alone"). */
#define NEAR (500 * NS_PER_US)

enum { TRIPS_LEAST = 10 };

static bool certificate_alert(int alert)
{
	return (alert >= 42 && alert <= 46) || alert == 48;
}

static void example_take(struct packet_example *example, const struct flow *flow)
{
	if (example->number)
		return;
	example->number = flow->number;
	example->why = flow->why;
	addr_format_port(&flow->side[1].addr, example->where);
	snprintf(example->name, sizeof example->name, "%s", flow->name ? flow->name : "");
}

/* --- where does the capture stand --- */

static bool first_ttl(int ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

static void vote(struct packet_facts *facts, const struct flow *flow)
{
	bool client = first_ttl(flow->side[0].ttl), server = first_ttl(flow->side[1].ttl);
	if (flow->syn == NS_NONE || flow->syn_ack == NS_NONE || flow->established == NS_NONE)
		return;
	ns_t to_server = flow->syn_ack - flow->syn, to_client = flow->established - flow->syn_ack;
	/* On the loopback everything is near. */
	if (to_server < NEAR && to_client < NEAR)
		return;
	if (client && server) /* bridged all the way, or routers that do not count */
		*(to_client < to_server ? &facts->near_client : &facts->near_server) += 1;
	else if (client)
		facts->near_client++;
	else if (server)
		facts->near_server++;
	else
		facts->far_both++;
}

/* --- one conversation --- */

static void sides_take(struct packet_facts *facts, const struct flow *flow)
{
	for (int i = 0; i < 2; i++) {
		const struct flow_side *from = &flow->side[i];
		struct packet_side *sum = &facts->side[i];
		sum->segments += from->data_segments;
		sum->again += from->retransmissions;
		sum->filled += from->filled;
		sum->timeouts += from->timeouts;
		sum->fast += from->fast;
		sum->spurious += from->spurious;
		sum->reordered += from->reordered;
		sum->copies += from->copies;
		sum->zero_windows += from->zero_windows;
		sum->window_full += from->window_full;
		sum->marks += from->congestion_marks;
		sum->timeout_time += from->timeout_time;
		sum->zero_time += from->zero_window_time;
		facts->missing_bytes += from->missing;
		facts->payload_bytes += from->payload_bytes;
		if (from->zero_window_time > 0)
			example_take(&facts->not_reading, flow);
		if (from->window_full * 4 > from->data_segments && from->data_segments > 20)
			example_take(&facts->small_window, flow);
		if (from->retransmissions > 3)
			example_take(&facts->lossy, flow);
		if (from->stuck_large) {
			facts->stuck_large++;
			example_take(&facts->stuck, flow);
		}
	}
	facts->copies += flow->side[0].copies + flow->side[1].copies;
}

static void connect_take(struct packet_facts *facts, const struct flow *flow)
{
	if (flow->ending == FLOW_REFUSED) {
		facts->refused++;
		if (flow->icmp_errors) {
			facts->refused_by_icmp++;
			facts->icmp_from = flow->icmp_from;
			facts->icmp_type = flow->icmp_type;
			facts->icmp_code = flow->icmp_code;
		}
		example_take(&facts->refusal, flow);
	} else if (flow->ending == FLOW_UNANSWERED) {
		facts->unanswered++;
		example_take(&facts->silence, flow);
	} else if (flow->syn_acks) {
		facts->connected++;
		if (flow->syns > 1)
			facts->syn_wait += flow->syn - flow->first;
	}
	if (flow->syns > 1 && flow->syn_acks > 1 && flow->established == NS_NONE)
		facts->ignored_answers++;
	if (flow->syns > 1)
		facts->syns_again += flow->syns - 1;
	if (flow->syn != NS_NONE && flow->established != NS_NONE)
		facts->connect += flow->established - flow->syn;
}

static void ending_take(struct packet_facts *facts, const struct flow *flow)
{
	if (flow->ending == FLOW_SILENT) {
		facts->silent++;
		example_take(&facts->mute, flow);
	}
	if (flow->ending != FLOW_RESET)
		return;
	bool harmless = flow->answered && flow->exchange.request == NS_NONE;
	if (flow->forged) {
		facts->forged++;
		example_take(&facts->forger, flow);
	} else if (flow->ender == 1 && !harmless) {
		facts->reset_by_server++;
		example_take(&facts->reset, flow);
	}
}

static void app_take(struct packet_facts *facts, const struct flow *flow)
{
	for (int i = 0; i < 6; i++)
		facts->http_answers += flow->statuses[i];
	facts->http_errors += flow->statuses[5];
	if (flow->worst_status > facts->worst_status)
		facts->worst_status = flow->worst_status;
	if (flow->statuses[5])
		example_take(&facts->http_error, flow);
	if (flow->alert > 0) {
		facts->certificate_alerts += certificate_alert(flow->alert);
		facts->alert = flow->alert;
		example_take(&facts->alerted, flow);
	}
	if (flow->handshake_server != NS_NONE) {
		facts->handshakes++;
		facts->tls_network += flow->handshake_network;
		facts->tls_server += flow->handshake_server;
		if (flow->handshake_server > 50 * NS_PER_MS)
			example_take(&facts->slow_tls, flow);
	}
}

static void trips_take(struct packet_facts *facts, const struct flow *flow)
{
	const struct flow_trips *a = &flow->side[0].trips, *b = &flow->side[1].trips;
	ns_t trip = flow_round_trip(flow);
	if (trip == NS_NONE)
		return;
	if (facts->trip_least == NS_NONE || trip < facts->trip_least)
		facts->trip_least = trip;
	ns_t mean = (a->count ? a->sum / (ns_t)a->count : 0) + (b->count ? b->sum / (ns_t)b->count : 0);
	uint64_t weight = a->count > b->count ? a->count : b->count;
	/* Acknowledgements that the client's kernel held back rule the mean of a short conversation. */
	if (weight < TRIPS_LEAST)
		return;
	if (mean < trip)
		mean = trip;
	facts->trip_mean += mean * (ns_t)weight;
	facts->trip_count += weight;
	if (trip > 100 * NS_PER_MS)
		example_take(&facts->far, flow);
}

void packets_flow_ended(const struct flow *flow, void *arg)
{
	struct packet_facts *facts = arg;
	facts->flows++;
	facts->too_big += flow->icmp_too_big;
	if (flow->protocol != IPPROTO_TCP)
		return;
	facts->tcp++;
	facts->from_middle += flow->from_middle;
	facts->one_sided += (!flow->side[0].packets || !flow->side[1].packets) &&
			    flow->ending != FLOW_UNANSWERED && flow->ending != FLOW_REFUSED;
	vote(facts, flow);
	sides_take(facts, flow);
	connect_take(facts, flow);
	ending_take(facts, flow);
	app_take(facts, flow);
	trips_take(facts, flow);
}

/* --- one exchange --- */

static void lookup_take(struct packet_facts *facts, const struct flow *flow,
			const struct flow_exchange *exchange)
{
	facts->lookups++;
	if (exchange->answer == NS_NONE) {
		facts->lookups_unanswered++;
		example_take(&facts->failed_lookup, flow);
		return;
	}
	facts->lookup += exchange->answer - exchange->request;
	if (exchange->status == 2 || exchange->status == 5) {
		facts->lookups_servfail += exchange->status == 2;
		example_take(&facts->failed_lookup, flow);
	}
	facts->lookups_nxdomain += exchange->status == 3;
	if (exchange->answer - exchange->request > 100 * NS_PER_MS)
		example_take(&facts->slow_lookup, flow);
}

void packets_exchanged(const struct flow *flow, const struct flow_exchange *exchange, void *arg)
{
	struct packet_facts *facts = arg;
	ns_t network, server;
	if (flow->app == FLOW_APP_DNS) {
		lookup_take(facts, flow, exchange);
		return;
	}
	server = flow_exchange_server(flow, exchange, &network);
	if (exchange->handshake || server == NS_NONE)
		return;
	/* A sample that stays even over the whole capture: every place is overwritten in turn. */
	facts->server_waits[facts->exchanges % WAITS_MAX] = server;
	facts->exchanges++;
	facts->wait_count = facts->exchanges < WAITS_MAX ? facts->exchanges : WAITS_MAX;
	facts->network += network;
	facts->server += server;
	facts->transfer += exchange->answer_end - exchange->answer;
	facts->pauses += exchange->pauses;
	if (server > facts->slowest) {
		facts->slowest = server;
		memcpy(facts->slowest_what, exchange->what, sizeof facts->slowest_what);
		facts->slow.number = 0;
		example_take(&facts->slow, flow);
	}
}

/* --- the end --- */

void packets_settle(struct packet_facts *facts)
{
	uint64_t votes = facts->near_client + facts->near_server + facts->far_both;
	if (votes && facts->near_client * 2 > votes)
		facts->vantage = VANTAGE_CLIENT;
	else if (votes && facts->near_server * 2 > votes)
		facts->vantage = VANTAGE_SERVER;
	else if (votes)
		facts->vantage = VANTAGE_MIDDLE;
	if (facts->trip_count)
		facts->trip_mean /= (ns_t)facts->trip_count;
	if (!facts->wait_count)
		return;
	qsort(facts->server_waits, facts->wait_count, sizeof facts->server_waits[0], ns_compare);
	facts->server_median = facts->server_waits[(facts->wait_count - 1) / 2];
	facts->server_p95 = facts->server_waits[(facts->wait_count - 1) * 95 / 100];
}
