/* The table of connections by state and by peer. */
#include "ntsh/conntrack.h"

#include "base/mem.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <stdlib.h>
#include <string.h>

/* Peers counted one by one: a table of a million connections has at most that many, and twice the room keeps the look-up short. */
enum { PEERS_ROOM = 1 << 17, PEERS_KEPT = PEERS_ROOM / 2 };

struct peers {
	struct conntrack_peer *slots; /* count 0: free */
	size_t used;
	bool cut;
};

struct summing {
	struct conntrack_summary *out;
	struct peers sources, targets;
};

static size_t hash(const struct addr *addr)
{
	/* FNV-1a */
	uint64_t value = 14695981039346656037u;
	for (size_t i = 0; i < addr_length(addr->family); i++)
		value = (value ^ addr->bytes[i]) * 1099511628211u;
	return (size_t)(value ^ value >> 32) & (PEERS_ROOM - 1);
}

static void peer_count(struct peers *peers, const struct addr *addr)
{
	size_t at = hash(addr);
	while (peers->slots[at].count && !addr_equal(&peers->slots[at].addr, addr))
		at = (at + 1) & (PEERS_ROOM - 1);
	if (!peers->slots[at].count) {
		if (peers->used == PEERS_KEPT) {
			peers->cut = true;
			return;
		}
		peers->used++;
		peers->slots[at].addr = *addr;
		peers->slots[at].addr.port = 0;
	}
	peers->slots[at].count++;
}

static void state_count(struct conntrack_summary *out, const struct conntrack_entry *entry)
{
	const char *protocol = conntrack_protocol_name(entry->protocol), *state = conntrack_state_name(entry);
	size_t i = 0;
	while (i < out->sum_count && (out->sums[i].protocol != protocol || out->sums[i].state != state))
		i++;
	if (i == CONNTRACK_SUMS_MAX)
		return;
	if (i == out->sum_count)
		out->sums[out->sum_count++] = (struct conntrack_sum){ protocol, state, 0 };
	out->sums[i].count++;
}

static bool entry_count(const struct conntrack_entry *entry, void *arg)
{
	struct summing *summing = arg;
	struct conntrack_summary *out = summing->out;
	out->entries++;
	out->natted += (entry->status & (IPS_SRC_NAT | IPS_DST_NAT)) != 0;
	out->unreplied += !(entry->status & IPS_SEEN_REPLY);
	state_count(out, entry);
	peer_count(&summing->sources, &entry->source);
	peer_count(&summing->targets, &entry->target);
	return true;
}

static int by_count(const void *a, const void *b)
{
	const struct conntrack_peer *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return memcmp(&x->addr, &y->addr, sizeof x->addr);
}

static int by_sum(const void *a, const void *b)
{
	const struct conntrack_sum *x = a, *y = b;
	return (x->count < y->count) - (x->count > y->count);
}

/* The largest few of many: each is put into its place among those kept so far. */
static size_t peers_take(struct peers *peers, struct conntrack_peer out[CONNTRACK_PEERS_MAX])
{
	size_t kept = 0;
	for (size_t i = 0; i < PEERS_ROOM; i++) {
		const struct conntrack_peer *peer = &peers->slots[i];
		if (!peer->count || (kept == CONNTRACK_PEERS_MAX && by_count(peer, &out[kept - 1]) > 0))
			continue;
		size_t at = kept < CONNTRACK_PEERS_MAX ? kept++ : kept - 1;
		while (at > 0 && by_count(peer, &out[at - 1]) < 0) {
			out[at] = out[at - 1];
			at--;
		}
		out[at] = *peer;
	}
	free(peers->slots);
	return kept;
}

int conntrack_summarize(int family, struct conntrack_summary *out, struct error *err)
{
	struct summing summing = { .out = out };
	*out = (struct conntrack_summary){ 0 };
	summing.sources.slots = mem_alloc(PEERS_ROOM * sizeof *summing.sources.slots);
	summing.targets.slots = mem_alloc(PEERS_ROOM * sizeof *summing.targets.slots);
	int failed = conntrack_list(family, entry_count, &summing, &out->changed, err);
	out->source_count = peers_take(&summing.sources, out->sources);
	out->target_count = peers_take(&summing.targets, out->targets);
	out->peers_cut = summing.sources.cut || summing.targets.cut;
	qsort(out->sums, out->sum_count, sizeof *out->sums, by_sum);
	return failed;
}
