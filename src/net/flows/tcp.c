/* What sequence numbers tell (RFC 9293 3.4): what is new, what was sent again and why, what never came by here. */
#include "net/flows/flows.h"

enum { HOLES = 4, RECENT = 2, STUCK_TIMES = 4, LARGE = 1000, DUPLICATES_FAST = 2 };

/* Too soon for the sender to have known of a loss, when no round trip was measured. */
#define REORDER_WINDOW (3 * NS_PER_MS)
/* A retransmission timer is never shorter (Linux' TCP_RTO_MIN, less a tolerance). */
#define TIMEOUT_LEAST (180 * NS_PER_MS)
#define COPY_WINDOW (100 * NS_PER_US)
#define COPY_WINDOW_WITH_ID (5 * NS_PER_MS)

static void trips_add(struct flow_trips *trips, ns_t trip)
{
	if (trip < 0)
		return;
	if (!trips->count || trip < trips->min)
		trips->min = trip;
	if (trip > trips->max)
		trips->max = trip;
	trips->sum += trip;
	trips->count++;
}

/* --- captured twice --- */

/* "any" sees a packet on each interface that it crosses, a mirror port often twice: same identification, or no time for anything else. */
static bool is_copy(const struct flow_side *side, const struct packet *packet, uint32_t length, ns_t time)
{
	for (int i = 0; i < RECENT; i++) {
		if (side->recent_time[i] == NS_NONE || side->recent_seq[i] != packet->seq ||
		    side->recent_length[i] != length)
			continue;
		ns_t age = time - side->recent_time[i];
		uint16_t id = packet->ip_version == 4 ? (uint16_t)packet->fragment_id : 0;
		if (id ? id == side->recent_id[i] && age < COPY_WINDOW_WITH_ID : age < COPY_WINDOW)
			return true;
	}
	return false;
}

static void remember(struct flow_side *side, const struct packet *packet, uint32_t length, ns_t time)
{
	side->recent_seq[1] = side->recent_seq[0];
	side->recent_length[1] = side->recent_length[0];
	side->recent_id[1] = side->recent_id[0];
	side->recent_time[1] = side->recent_time[0];
	side->recent_seq[0] = packet->seq;
	side->recent_length[0] = length;
	side->recent_id[0] = packet->ip_version == 4 ? (uint16_t)packet->fragment_id : 0;
	side->recent_time[0] = time;
}

/* --- holes: what was passed over --- */

static void hole_add(struct flow_side *side, uint32_t begin, uint32_t end, ns_t time)
{
	side->missing += end - begin;
	if (side->hole_count == HOLES) {
		for (int i = 1; i < HOLES; i++) {
			side->hole_begin[i - 1] = side->hole_begin[i];
			side->hole_end[i - 1] = side->hole_end[i];
			side->hole_time[i - 1] = side->hole_time[i];
		}
		side->hole_count--;
	}
	side->hole_begin[side->hole_count] = begin;
	side->hole_end[side->hole_count] = end;
	side->hole_time[side->hole_count++] = time;
}

/* Takes [begin, end) out of a hole that it lies in. Returns when the hole appeared, or NS_NONE: there is none. */
static ns_t hole_fill(struct flow_side *side, uint32_t begin, uint32_t end)
{
	for (unsigned i = 0; i < side->hole_count; i++) {
		if (seq_after(begin, side->hole_begin[i]) < 0 || seq_after(end, side->hole_end[i]) > 0)
			continue;
		ns_t since = side->hole_time[i];
		side->missing -= end - begin;
		if (begin == side->hole_begin[i]) {
			side->hole_begin[i] = end;
		} else {
			/* The part behind it is forgotten when it lay in the middle: a rare case, and only counts as missing. */
			side->hole_end[i] = begin;
		}
		if (side->hole_begin[i] == side->hole_end[i]) {
			side->hole_count--;
			side->hole_begin[i] = side->hole_begin[side->hole_count];
			side->hole_end[i] = side->hole_end[side->hole_count];
			side->hole_time[i] = side->hole_time[side->hole_count];
		}
		return since;
	}
	return NS_NONE;
}

/* --- sent again --- */

/* Data that was passed over arrives: late by itself, or because it was sent again? A sender needs a round trip (seen from here: to it and back)
 * to learn of a loss. */
static bool is_overtaken(const struct flow_step *step, ns_t since)
{
	ns_t trip = step->other->trips.count ? step->other->trips.min : REORDER_WINDOW;
	ns_t least = trip < REORDER_WINDOW ? REORDER_WINDOW : trip - trip / 8;
	return step->time - since < least;
}

static void count_stuck(struct flow_step *step, uint32_t length)
{
	struct flow_side *side = step->side;
	if (side->again_seq == step->packet->seq && side->again_count)
		side->again_count++;
	else
		side->again_count = 1;
	side->again_seq = step->packet->seq;
	if (side->again_count >= STUCK_TIMES && length >= LARGE && side->acked == step->packet->seq)
		side->stuck_large = true;
}

static void sent_again(struct flow_step *step, uint32_t length, bool filled)
{
	struct flow_side *side = step->side, *other = step->other;
	uint32_t end = step->packet->seq + length;
	ns_t silence = side->last_data == NS_NONE ? 0 : step->time - side->last_data;
	side->retransmissions++;
	side->filled += filled;
	side->sample = 0;
	if (other->started && seq_after(end, side->acked) <= 0) {
		side->spurious++;
	} else if (other->duplicate_run >= DUPLICATES_FAST) {
		side->fast++;
	} else if (silence >= TIMEOUT_LEAST) {
		side->timeouts++;
		side->timeout_time += silence;
	}
	count_stuck(step, length);
	side->last_data = step->time;
}

static void old_data(struct flow_step *step, uint32_t length)
{
	const struct packet *packet = step->packet;
	struct flow_side *side = step->side;
	/* A byte before what comes next, or none: asking whether the peer lives (RFC 9293 3.8.4). */
	if (length <= 1 && packet->seq + 1 == side->next &&
	    !(packet->tcp_flags & (PACKET_SYN | PACKET_FIN))) {
		side->keepalives++;
		return;
	}
	if (is_copy(side, packet, length, step->time)) {
		side->copies++;
		return;
	}
	ns_t since = hole_fill(side, packet->seq, packet->seq + length);
	if (since != NS_NONE && is_overtaken(step, since)) {
		side->reordered++;
		step->fresh = packet->payload_length;
	} else {
		step->fresh = since != NS_NONE ? packet->payload_length : 0;
		sent_again(step, length, since != NS_NONE);
	}
}

/* --- data --- */

static void new_data(struct flow_step *step, uint32_t length)
{
	struct flow_side *side = step->side;
	const struct packet *packet = step->packet;
	uint32_t end = packet->seq + length;
	int32_t gap = seq_after(packet->seq, side->next);
	if (gap == 0 && side->acked == side->next && side->last_data != NS_NONE)
		step->idle = step->time - side->last_data;
	if (gap > 0)
		hole_add(side, side->next, packet->seq, step->time);
	/* A segment that begins with old bytes and ends with new ones was sent again and grew. */
	step->fresh = gap >= 0 ? packet->payload_length : (uint32_t)seq_after(end, side->next);
	if (gap < 0)
		sent_again(step, length, false);
	side->next = end;
	side->last_data = step->time;
	if (!side->sample && gap == 0) {
		side->sample = end ? end : 1;
		side->sample_time = step->time;
	}
	uint32_t flight = side->next - side->acked;
	if (step->other->started && flight < 1u << 30) {
		if (flight > side->flight_most)
			side->flight_most = flight;
		uint32_t window = step->other->window;
		if (window && packet->payload_length && flight >= window)
			side->window_full++;
	}
}

static void take_data(struct flow_step *step, uint32_t length)
{
	struct flow_side *side = step->side;
	const struct packet *packet = step->packet;
	if (!side->started) {
		side->started = true;
		side->next = side->acked = packet->seq;
	}
	if (length) {
		if (packet->payload_length > side->largest)
			side->largest = packet->payload_length;
		if (seq_after(packet->seq + length, side->next) > 0)
			new_data(step, length);
		else
			old_data(step, length);
		remember(side, packet, length, step->time);
	}
	side->payload_bytes += step->fresh;
	side->data_segments += packet->payload_length > 0;
}

/* --- acknowledgements --- */

/* What the other side sends at once when it may. */
static uint32_t room_wanted(const struct flow_side *side, const struct flow_side *other)
{
	uint32_t most = side->mss ? side->mss : 536;
	return other->largest < most ? other->largest : most;
}

static void take_window(struct flow_step *step)
{
	struct flow_side *side = step->side;
	const struct packet *packet = step->packet;
	bool syn = packet->tcp_flags & PACKET_SYN;
	bool scaled = side->scale >= 0 && step->other->scale >= 0 && !syn;
	side->window = (uint32_t)packet->window << (scaled && side->scale <= 14 ? side->scale : 0);
	if (packet->tcp_flags & (PACKET_RST | PACKET_SYN))
		return;
	/* Without the SYNs the scale is unknown; that the window is closed is known all the same. Room for less than a segment holds a sender back just
	 * so (RFC 9293 3.8.6.2.1). */
	bool closed = packet->window == 0 || (scaled && side->window < room_wanted(side, step->other));
	side->zero_windows += packet->window == 0 && !side->shut;
	side->shut = packet->window == 0;
	if (closed && side->zero_since == NS_NONE) {
		side->zero_since = step->time;
	} else if (!closed && side->zero_since != NS_NONE) {
		side->zero_window_time += step->time - side->zero_since;
		side->zero_since = NS_NONE;
	}
	if (side->window < side->window_least)
		side->window_least = side->window;
	if (side->window > side->window_most)
		side->window_most = side->window;
}

static void take_ack(struct flow_step *step, uint32_t length)
{
	struct flow_side *side = step->side, *acked = step->other;
	const struct packet *packet = step->packet;
	uint32_t before = side->window;
	take_window(step);
	if (!(packet->tcp_flags & PACKET_ACK) || packet->tcp_flags & PACKET_RST)
		return;
	if (!acked->started) {
		/* The capture has not seen what is acknowledged: one direction only, or begun in the middle. */
		acked->acked = packet->ack;
		side->last_ack = packet->ack;
		return;
	}
	if (seq_after(packet->ack, acked->acked) > 0) {
		if (acked->sample && seq_after(packet->ack, acked->sample) >= 0) {
			trips_add(&acked->trips, step->time - acked->sample_time);
			acked->sample = 0;
		}
		acked->acked = packet->ack;
		acked->again_count = 0;
		acked->stuck_large = false; /* it got through in the end */
		side->duplicate_run = 0;
		flow_exchange_ack(step);
	} else if (packet->ack == acked->acked && !length && side->window == before &&
		   acked->next != acked->acked && side->last_ack == packet->ack) {
		side->duplicate_acks++;
		side->duplicate_run++;
	}
	side->last_ack = packet->ack;
}

/* --- beginning and end --- */

static void take_syn(struct flow_step *step)
{
	struct flow *flow = step->flow;
	struct packet_tcp_options options;
	packet_tcp_options(step->packet, &options);
	step->side->syn = true;
	step->side->mss = options.mss;
	step->side->scale = options.window_scale;
	if (step->packet->tcp_flags & PACKET_ACK) {
		/* The SYN that counts is the last before the first answer. */
		if (!flow->syn_acks++)
			flow->syn_ack = step->time;
	} else {
		flow->syns++;
		if (!flow->syn_acks)
			flow->syn = step->time;
	}
}

static void take_fin(struct flow_step *step)
{
	struct flow *flow = step->flow;
	step->side->fin = true;
	if (flow->ending == FLOW_OPEN || flow->ending == FLOW_HALF)
		flow->ending = step->other->fin ? FLOW_CLOSED : FLOW_HALF;
}

void flow_tcp(struct flow_step *step)
{
	struct flow *flow = step->flow;
	const struct packet *packet = step->packet;
	uint16_t flags = packet->tcp_flags;
	if (flags & PACKET_RST) {
		flow_reset(step);
		return;
	}
	step->side->ttl = packet->hops;
	if (flags & PACKET_SYN)
		take_syn(step);
	else if (!step->from && flow->syn_ack != NS_NONE && flow->established == NS_NONE &&
		 flags & PACKET_ACK)
		flow->established = step->time;
	uint32_t length = packet->payload_length + ((flags & PACKET_SYN) != 0) + ((flags & PACKET_FIN) != 0);
	take_data(step, length);
	take_ack(step, length);
	if (step->fresh) {
		flow_exchange_data(step);
		flow_app_read(step);
	}
	if (flags & PACKET_FIN)
		take_fin(step);
}
