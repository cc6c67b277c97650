/* Sequence numbers relative to a connection's first: a table of what was first. It forgets all when it is full: then the numbers
 * begin anew, which is what whoever reads a million connections will not mind. */
#include "base/hash.h"
#include "base/mem.h"
#include "net/capture/line.h"

#include <stdlib.h>

enum { FLOWS_FIRST = 1024, FLOWS_MAX = 2 * 1024 * 1024 };

static uint64_t end_hash(const uint8_t *address, unsigned length, uint16_t port)
{
	uint64_t high = 0;
	uint32_t low;
	if (length == 4) {
		memcpy(&low, address, 4);
		return hash_mix((uint64_t)low << 16 | port);
	}
	uint64_t tail;
	memcpy(&high, address, 8);
	memcpy(&tail, address + 8, 8);
	return hash_mix(hash_mix(high + port) ^ tail);
}

/* The lowest bit of a key is always set. */
static size_t place(uint64_t key, size_t mask)
{
	return key >> 1 & mask;
}

static void grow(struct line_flows *flows)
{
	size_t capacity = flows->capacity ? 2 * flows->capacity : FLOWS_FIRST;
	struct line_flow *old = flows->flows;
	size_t old_capacity = flows->capacity;
	bool full = capacity > FLOWS_MAX;
	if (full) {
		memset(old, 0, old_capacity * sizeof *old);
		flows->count = 0;
		return;
	}
	flows->flows = mem_alloc(capacity * sizeof *flows->flows);
	flows->capacity = capacity;
	for (size_t i = 0; i < old_capacity; i++) {
		if (!old[i].key)
			continue;
		size_t at = place(old[i].key, capacity - 1);
		while (flows->flows[at].key)
			at = (at + 1) & (capacity - 1);
		flows->flows[at] = old[i];
	}
	free(old);
}

static struct line_flow *find(struct line_flows *flows, uint64_t key, bool *found)
{
	if (2 * flows->count >= flows->capacity)
		grow(flows);
	size_t mask = flows->capacity - 1, at = place(key, mask);
	while (flows->flows[at].key && flows->flows[at].key != key)
		at = (at + 1) & mask;
	*found = flows->flows[at].key == key;
	if (!*found) {
		flows->flows[at].key = key;
		flows->count++;
	}
	return &flows->flows[at];
}

bool line_flow_bases(struct line_flows *flows, const struct packet *packet, uint32_t base[2])
{
	unsigned length = packet->ip_version == 4 ? 4 : 16;
	uint64_t a = end_hash(packet->source, length, packet->source_port);
	uint64_t b = end_hash(packet->destination, length, packet->destination_port);
	bool way = a < b, found;
	struct line_flow *flow = find(flows, hash_mix(a + b) | 1, &found);
	if (!found || packet->tcp_flags & PACKET_SYN) {
		flow->base[way] = packet->seq;
		flow->base[!way] = packet->tcp_flags & PACKET_ACK ? packet->ack - 1 : 0;
		return false;
	}
	base[0] = flow->base[way];
	base[1] = flow->base[!way];
	return true;
}

void line_flows_release(struct line_flows *flows)
{
	free(flows->flows);
}
