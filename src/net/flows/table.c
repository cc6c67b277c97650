/* Which packets belong together. Flows are found by a hash of both ends; those that have been silent for long, and those that have closed, leave in the order of
 * their last packets, a few with each packet that comes. */
#include "net/flows/flows.h"

#include "base/hash.h"
#include "base/mem.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 1024, ALIVE_MAX = 1024 * 1024, EXPIRE_STEPS = 4, FINISHED_MAX = 100 };

#define TCP_IDLE (15 * 60 * NS_PER_S)
#define OTHER_IDLE (120 * NS_PER_S)
#define CLOSING_IDLE (10 * NS_PER_S)

/* Both directions have one key: the smaller end first. Returns true when the packet's source is the second end. */
static bool key_of(const struct packet *packet, uint64_t key[5])
{
	uint64_t ends[2][2] = { { 0, 0 }, { 0, 0 } };
	size_t length = packet->ip_version == 4 ? 4 : 16;
	memcpy(ends[0], packet->source, length);
	memcpy(ends[1], packet->destination, length);
	int order = memcmp(ends[0], ends[1], sizeof ends[0]);
	uint16_t source = packet->source_port, destination = packet->destination_port;
	bool swap = order > 0 || (order == 0 && source > destination);
	memcpy(key, ends[swap], sizeof ends[0]);
	memcpy(key + 2, ends[!swap], sizeof ends[0]);
	uint64_t low = swap ? destination : source, high = swap ? source : destination;
	key[4] = low << 32 | high << 16 | packet->protocol;
	return swap;
}

static uint64_t hash_of(const uint64_t key[5])
{
	return hash_mix(hash_mix(key[0] + hash_mix(key[1] ^ key[4])) ^ hash_mix(key[2] + hash_mix(key[3])));
}

/* --- lists by activity --- */

static void list_remove(struct flows *flows, struct flow *flow)
{
	int which = flow->closing;
	*(flow->newer ? &flow->newer->older : &flows->newest[which]) = flow->older;
	*(flow->older ? &flow->older->newer : &flows->oldest[which]) = flow->newer;
}

static void list_add(struct flows *flows, struct flow *flow)
{
	int which = flow->closing;
	flow->newer = NULL;
	flow->older = flows->newest[which];
	*(flow->older ? &flow->older->newer : &flows->oldest[which]) = flow;
	flows->newest[which] = flow;
}

/* --- life of a flow --- */

static bool is_over(const struct flow *flow)
{
	return flow->ending == FLOW_RESET || flow->ending == FLOW_REFUSED || flow->ending == FLOW_CLOSED;
}

static void ending_settle(struct flow *flow)
{
	bool question = flow->exchange.request != NS_NONE && flow->exchange.answer == NS_NONE;
	/* The client's Finished of TLS 1.3 alone asks for nothing. */
	if (flow->after_hello && flow->exchange.request_bytes <= FINISHED_MAX)
		question = false;
	if (flow->ending != FLOW_OPEN && flow->ending != FLOW_HALF)
		return;
	if (flow->protocol == IPPROTO_TCP && flow->syns && !flow->syn_acks && !flow->side[1].packets)
		flow->ending = FLOW_UNANSWERED;
	else if (question && flow->protocol == IPPROTO_UDP && flow->app == FLOW_APP_DNS)
		flow->ending = FLOW_UNANSWERED;
	else if (question && flow->protocol == IPPROTO_TCP && !flow->from_middle)
		flow->ending = FLOW_SILENT;
}

/* A window that is still closed has been so until now. */
static void windows_settle(struct flow *flow)
{
	for (int i = 0; i < 2; i++) {
		struct flow_side *side = &flow->side[i];
		if (side->zero_since != NS_NONE)
			side->zero_window_time += flow->last - side->zero_since;
		side->zero_since = NS_NONE;
	}
}

static void flow_finish(struct flows *flows, struct flow *flow)
{
	struct flow **link = &flows->buckets[hash_of(flow->key) & (flows->capacity - 1)];
	while (*link != flow)
		link = &(*link)->chain;
	*link = flow->chain;
	list_remove(flows, flow);
	flows->alive--;
	ending_settle(flow);
	windows_settle(flow);
	flow_exchange_end(flows, flow);
	if (flows->events.ended)
		flows->events.ended(flow, flows->arg);
	free(flow->name);
	free(flow->hello);
	free(flow);
}

static void expire(struct flows *flows, ns_t now)
{
	for (int steps = 0; steps < EXPIRE_STEPS; steps++) {
		struct flow *closing = flows->oldest[1], *idle = flows->oldest[0];
		ns_t patience = idle && idle->protocol == IPPROTO_TCP ? TCP_IDLE : OTHER_IDLE;
		if (closing && now - closing->last > CLOSING_IDLE)
			flow_finish(flows, closing);
		else if (idle && (now - idle->last > patience || flows->alive > ALIVE_MAX))
			flow_finish(flows, idle);
		else
			return;
	}
}

static void grow(struct flows *flows)
{
	size_t capacity = flows->capacity * 2;
	struct flow **buckets = mem_alloc(capacity * sizeof(struct flow *));
	for (size_t i = 0; i < flows->capacity; i++) {
		for (struct flow *flow = flows->buckets[i], *next; flow; flow = next) {
			next = flow->chain;
			struct flow **bucket = &buckets[hash_of(flow->key) & (capacity - 1)];
			flow->chain = *bucket;
			*bucket = flow;
		}
	}
	free(flows->buckets);
	flows->buckets = buckets;
	flows->capacity = capacity;
}

static void side_begin(struct flow_side *side, struct addr addr)
{
	side->addr = addr;
	side->scale = -1;
	side->ttl = side->reset_ttl = -1;
	side->trips.min = NS_NONE;
	side->zero_since = side->last_data = NS_NONE;
	side->window_least = UINT32_MAX;
	for (int i = 0; i < 2; i++)
		side->recent_time[i] = NS_NONE;
}

/* Who asks and who serves? The SYN tells; without it the lower, or well-known, port serves. */
static bool source_serves(const struct packet *packet)
{
	if (packet->transport_kind == PACKET_TCP && packet->tcp_flags & PACKET_SYN)
		return packet->tcp_flags & PACKET_ACK;
	if (packet->source_port == packet->destination_port)
		return false;
	return packet->source_port < packet->destination_port && packet->source_port < 32768;
}

static struct flow *flow_begin(struct flows *flows, const struct packet *packet, const uint64_t key[5],
			       bool swapped, ns_t time)
{
	struct flow *flow = NEW(struct flow);
	bool serves = source_serves(packet);
	memcpy(flow->key, key, sizeof flow->key);
	flow->client_second = serves != swapped;
	flow->number = ++flows->count;
	flow->protocol = packet->protocol;
	flow->ip_version = packet->ip_version;
	side_begin(&flow->side[serves], packet_source(packet));
	side_begin(&flow->side[!serves], packet_destination(packet));
	flow->first = time;
	flow->syn = flow->syn_ack = flow->established = NS_NONE;
	flow->handshake_network = flow->handshake_server = flow->slowest_server = NS_NONE;
	flow->exchange.request = flow->exchange.answer = flow->exchange.acked = NS_NONE;
	flow->exchange.status = -1;
	flow->turn = flow->ender = flow->alert = flow->alert_side = -1;
	flow->from_middle = packet->transport_kind == PACKET_TCP && !(packet->tcp_flags & PACKET_SYN);
	const char *name = flow_names_find(flows->names, &flow->side[1].addr);
	if (name)
		flow_name_set(flow, name, strlen(name));
	if (flows->alive++ >= flows->capacity)
		grow(flows);
	struct flow **bucket = &flows->buckets[hash_of(key) & (flows->capacity - 1)];
	flow->chain = *bucket;
	*bucket = flow;
	list_add(flows, flow);
	return flow;
}

static struct flow *flow_find(const struct flows *flows, const uint64_t key[5])
{
	struct flow *flow = flows->buckets[hash_of(key) & (flows->capacity - 1)];
	while (flow && memcmp(flow->key, key, sizeof flow->key) != 0)
		flow = flow->chain;
	return flow;
}

/* swapped: the sender is the second end of the key. */
static int side_of(const struct flow *flow, bool swapped)
{
	return swapped != flow->client_second;
}

/* The same ends again, with a new first sequence number: another connection. */
static bool begins_anew(const struct flow *flow, const struct packet *packet, int from)
{
	if (packet->transport_kind != PACKET_TCP ||
	    (packet->tcp_flags & (PACKET_SYN | PACKET_ACK)) != PACKET_SYN)
		return false;
	const struct flow_side *side = &flow->side[from];
	bool again = side->syn && flow->syns && packet->seq + 1 == side->next && !side->data_segments;
	return !again && (flow->ending != FLOW_OPEN || flow->syns == 0 || packet->seq + 1 != side->next);
}

/* --- packets --- */

static struct flow *icmp_flow(struct flows *flows, const struct packet *packet)
{
	struct packet inner;
	uint64_t key[5];
	if (packet_decode_inner(packet, &inner, NULL) != PACKET_INSIDE_ICMP || !inner.source ||
	    inner.transport_kind == PACKET_NO_TRANSPORT)
		return NULL;
	bool swapped = key_of(&inner, key);
	struct flow *flow = flow_find(flows, key);
	if (flow)
		flow_icmp_error(flow, packet, side_of(flow, swapped));
	return flow;
}

static void flow_touch(struct flows *flows, struct flow *flow)
{
	bool closing = is_over(flow);
	if (closing == flow->closing && flows->newest[closing] == flow)
		return;
	list_remove(flows, flow);
	flow->closing = closing;
	list_add(flows, flow);
}

const struct flow *flows_packet(struct flows *flows, const struct packet *packet, ns_t time, int *side)
{
	uint64_t key[5];
	expire(flows, time);
	if (!packet->source || packet->transport_kind == PACKET_NO_TRANSPORT)
		return NULL;
	if (packet->transport_kind == PACKET_ICMP || packet->transport_kind == PACKET_ICMPV6)
		return icmp_flow(flows, packet);
	bool swapped = key_of(packet, key);
	struct flow *flow = flow_find(flows, key);
	if (flow && begins_anew(flow, packet, side_of(flow, swapped))) {
		flow_finish(flows, flow);
		flow = NULL;
	}
	if (!flow)
		flow = flow_begin(flows, packet, key, swapped, time);
	int from = side_of(flow, swapped);
	struct flow_step step = {
		flows, flow, &flow->side[from], &flow->side[!from], from, packet, time, 0, 0
	};
	step.side->packets++;
	step.side->wire_bytes += packet->length;
	if ((packet->traffic_class & 3) == 3)
		step.side->congestion_marks++;
	if (time > flow->last)
		flow->last = time;
	if (packet->transport_kind == PACKET_TCP) {
		flow_tcp(&step);
	} else {
		step.side->payload_bytes += packet->payload_length;
		step.side->data_segments += packet->payload_length > 0;
		step.side->ttl = packet->hops;
		if (packet->transport_kind == PACKET_UDP)
			flow_dns(&step);
	}
	flow_touch(flows, flow);
	if (side)
		*side = from;
	return flow;
}

/* --- life of the engine --- */

struct flows *flows_new(const struct flows_events *events, void *arg)
{
	struct flows *flows = NEW(struct flows);
	flows->events = *events;
	flows->arg = arg;
	flows->capacity = CAPACITY_FIRST;
	flows->buckets = mem_alloc(flows->capacity * sizeof(struct flow *));
	flows->names = flow_names_new();
	return flows;
}

static int compare_numbers(const void *a, const void *b)
{
	const struct flow *x = *(struct flow *const *)a, *y = *(struct flow *const *)b;
	return (x->number > y->number) - (x->number < y->number);
}

void flows_finish(struct flows *flows)
{
	size_t count = 0;
	struct flow **all = mem_alloc((flows->alive + 1) * sizeof(struct flow *));
	for (int which = 0; which < 2; which++)
		for (struct flow *flow = flows->oldest[which]; flow; flow = flow->newer)
			all[count++] = flow;
	qsort(all, count, sizeof *all, compare_numbers);
	for (size_t i = 0; i < count; i++)
		flow_finish(flows, all[i]);
	free(all);
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	flows->events = (struct flows_events){ 0 };
	flows_finish(flows);
	flow_names_free(flows->names);
	free(flows->buckets);
	free(flows);
}

size_t flows_alive(const struct flows *flows)
{
	return flows->alive;
}

uint64_t flows_count(const struct flows *flows)
{
	return flows->count;
}

void flows_each(const struct flows *flows, void (*fn)(const struct flow *flow, void *arg), void *arg)
{
	for (int which = 0; which < 2; which++)
		for (struct flow *flow = flows->oldest[which]; flow; flow = flow->newer)
			fn(flow, arg);
}
