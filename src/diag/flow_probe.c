/* Probes in the background: pings, SYNs to a port that nobody serves, and a raw socket that watches what the host sends. */
#include "diag/flow.h"

#include <string.h>

#define FAST (20 * NS_PER_MS)
#define SLOW (80 * NS_PER_MS)
enum { PAYLOAD = 16 };
#define DRAINED (300 * NS_PER_MS)

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct prober *prober = arg;
	struct series *series = prober->series;
	ns_t at = probe->sent_real - clock_real_offset();
	switch (probe->outcome) {
	case PING_REPLY:
		series->sent++;
		series->answered++;
		series->kernel_stamped = series->kernel_stamped || probe->kernel_stamped;
		series->ttl = probe->ttl >= 0 ? probe->ttl : series->ttl;
		series->overtaken += probe->seq < prober->last_seq;
		prober->last_seq = probe->seq > prober->last_seq ? probe->seq : prober->last_seq;
		series_add(series, at, probe->rtt, false);
		break;
	case PING_LOST:
		series->sent++;
		series->lost++;
		series_add(series, at, NS_NONE, false);
		break;
	case PING_LATE:
		series->late++;
		break;
	case PING_DUPLICATE:
		series->duplicates++;
		break;
	case PING_UNREACHABLE:
		series->sent++;
		series->unreachable++;
		series->icmp_from = probe->from;
		series->icmp_type = probe->icmp_type;
		series->icmp_code = probe->icmp_code;
		break;
	case PING_SEND_FAILED:
		series->send_errnum = probe->errnum;
		break;
	}
	prober->flow->wake = true;
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	(void)method;
	(void)because;
	(void)arg;
}

static void on_end(void *arg)
{
	struct prober *prober = arg;
	prober->ended = prober->flow->wake = true;
}

static const struct ping_events probe_events = { .probe = on_probe, .method = on_method, .end = on_end };

static bool prober_begin(struct flow *flow, struct prober *prober, struct series *series,
			 const struct ping_request *request)
{
	*prober = (struct prober){ .flow = flow, .series = series };
	prober->ping = ping_start(flow->loop, request, &probe_events, prober, NULL);
	if (!prober->ping)
		return false;
	series->tried = true;
	return true;
}

/* A hole in the stream that is filled sooner than a round trip was not filled by a retransmission: the segment was overtaken. */
static void follow_stream(struct flow *flow, const struct witness_segment *segment)
{
	const struct facts *facts = flow->facts;
	struct stream *stream = &flow->streams[segment->to_port % STREAMS_MAX];
	uint32_t end = segment->seq + (uint32_t)segment->payload + segment->syn;
	if (segment->syn || stream->port != segment->to_port) {
		*stream = (struct stream){ .port = segment->to_port, .next = end, .end = end };
		return;
	}
	if (!segment->payload)
		return;
	ns_t trip = facts->primary >= 0 ? facts->paths[facts->primary].first_connect : NS_NONE;
	if (segment->seq == stream->next) {
		if (stream->hole_since && trip != NS_NONE &&
		    segment->at - stream->hole_since < trip - trip / 4)
			flow->facts->witness.overtaken++;
		stream->next = stream->hole_since && (int32_t)(stream->end - end) > 0 ? stream->end : end;
		stream->hole_since = 0;
	} else if ((int32_t)(segment->seq - stream->next) > 0) {
		stream->hole_since = stream->hole_since ? stream->hole_since : segment->at;
		stream->end = (int32_t)(end - stream->end) > 0 ? end : stream->end;
	} else {
		flow->facts->witness.repeated_data++;
	}
}

/* Segments of the service's port tell of the host, RSTs in mid-connection of whoever sent them. */
static void on_segment(const struct witness_segment *segment, void *arg)
{
	struct flow *flow = arg;
	struct witness_facts *facts = &flow->facts->witness;
	uint16_t port = flow->facts->primary >= 0 ? flow->facts->paths[flow->facts->primary].addr.port
						  : flow->facts->paths[0].addr.port;
	facts->segments++;
	if (segment->from_port == CLOSED_PORT && segment->rst) {
		facts->closed_ttl = segment->ttl;
		return;
	}
	if (segment->from_port != port)
		return;
	follow_stream(flow, segment);
	if (segment->syn && segment->ack_set) {
		facts->syn_acks++;
		if (facts->ttl < 0)
			facts->ttl = segment->ttl;
	} else if (segment->rst && segment->to_port > 61000 && !segment->ack_set) {
		/* An answer to a SYN carries an ACK, one to a stray ACK does not (RFC 9293 3.10.7). */
		facts->ack_answered = true;
	} else if (segment->rst) {
		facts->resets++;
		if (flow->facts->primary < 0)
			facts->refuse_ttl = segment->ttl;
		else
			facts->reset_ttl = facts->reset_ttl < 0 || segment->ttl != facts->ttl
					       ? segment->ttl
					       : facts->reset_ttl;
	}
	facts->zero_windows += !segment->rst && !segment->window;
}

void flow_probe_begin(struct flow *flow, const struct addr *target)
{
	struct facts *facts = flow->facts;
	struct ping_request icmp = { .target = *target,
				     .method = PING_ICMP_SOCKET,
				     .interval = FAST,
				     .size = PAYLOAD,
				     .interface = flow->request->interface };
	icmp.target.port = 0;
	bool allowed = prober_begin(flow, &flow->icmp, &facts->icmp, &icmp);
	if (!allowed) {
		icmp.method = PING_ICMP_RAW;
		allowed = prober_begin(flow, &flow->icmp, &facts->icmp, &icmp);
	}
	facts->machine.icmp_allowed = allowed;
	struct ping_request closed = { .target = icmp.target,
				       .method = PING_TCP,
				       .tcp_port = CLOSED_PORT,
				       .interval = allowed ? SLOW : FAST,
				       .interface = flow->request->interface };
	facts->closed.port = CLOSED_PORT;
	prober_begin(flow, &flow->closed, &facts->closed, &closed);
	flow->witness =
	    witness_start(flow->loop, &icmp.target, flow->request->interface, on_segment, flow, NULL);
	facts->machine.raw_allowed = facts->witness.watched = flow->witness != NULL;
}

static bool probes_ended(const struct flow *flow)
{
	return (!flow->icmp.ping || flow->icmp.ended) && (!flow->closed.ping || flow->closed.ended);
}

void flow_probe_end(struct flow *flow)
{
	if (flow->icmp.ping)
		ping_stop(flow->icmp.ping);
	if (flow->closed.ping)
		ping_stop(flow->closed.ping);
	flow_wait(flow, probes_ended, clock_mono() + NS_PER_S);
	if (flow->icmp.ping)
		ping_free(flow->icmp.ping);
	if (flow->closed.ping)
		ping_free(flow->closed.ping);
	witness_free(flow->witness);
	flow->icmp.ping = flow->closed.ping = NULL;
	flow->witness = NULL;
}

static void mark(struct series *series, ns_t from, ns_t to)
{
	for (size_t i = 0; i < series->count; i++)
		if (series->samples[i].at >= from && series->samples[i].at <= to)
			series->samples[i].loaded = true;
}

void flow_probe_mark_loaded(struct flow *flow)
{
	struct facts *facts = flow->facts;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		ns_t end = a->began + a->total, begin = a->transfer == NS_NONE ? end : end - a->transfer;
		bool large =
		    a->transfer != NS_NONE && a->transfer >= 20 * NS_PER_MS && a->received_bytes >= 30000;
		if (a->total == NS_NONE || (!large && !a->parallel))
			continue;
		begin -= (a->rtt == NS_NONE ? 0 : a->rtt) + 20 * NS_PER_MS;
		if (a->parallel)
			begin = a->began;
		/* The queue that a transfer leaves behind drains after its end, and in no more time than it took to fill. */
		ns_t drained = end + (end - begin < DRAINED ? end - begin : DRAINED);
		mark(&facts->icmp, begin, drained);
		mark(&facts->closed, begin, drained);
		mark(&facts->service, begin, drained);
		for (unsigned k = 0; k < facts->attempt_count; k++)
			if (k != i && facts->attempts[k].began >= begin &&
			    facts->attempts[k].began <= drained)
				facts->attempts[k].crowded = true;
	}
}
