#include "ntsh/packet_owners.h"

#include "base/mem.h"
#include "ntsh/clock.h"
#include "ntsh/owners.h"
#include "ntsh/sockets.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MISSES = 4096, /* connections that are known to be nobody's; a power of two */
	OWNER_NAME_MAX = 32,
	COST_SHARE = 20,
};

static const ns_t LIST_LEAST = 250 * NS_PER_MS, MISS_LIFE = 5 * NS_PER_S;

struct entry {
	uint64_t key;
	uint64_t inode;
	char name[OWNER_NAME_MAX]; /* "" until it is known */
};

struct miss {
	uint64_t key;
	ns_t until;
};

struct packet_owners {
	struct entry *entries; /* sorted by key */
	size_t count, capacity;
	struct miss misses[MISSES];
	ns_t next; /* CLOCK_MONOTONIC: no listing before */
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * 0x100000001b3u;
	return hash;
}

/* IPv4 inside of an IPv6 socket is IPv4 on the wire. */
static void add_end(uint64_t *hash, const struct addr *end)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	bool is_mapped = end->family == AF_INET6 && memcmp(end->bytes, mapped, sizeof mapped) == 0;
	if (addr_is_any(end) || end->family == AF_UNSPEC)
		*hash = mix(*hash, "any", 3);
	else if (is_mapped)
		*hash = mix(*hash, end->bytes + 12, 4);
	else
		*hash = mix(*hash, end->bytes, addr_length(end->family));
	*hash = mix(*hash, &end->port, sizeof end->port);
}

static uint64_t key_of(bool tcp, const struct addr *local, const struct addr *peer)
{
	uint64_t hash = tcp ? 0xcbf29ce484222325u : 0x84222325cbf29ce4u;
	add_end(&hash, local);
	add_end(&hash, peer);
	return hash ^ hash >> 29;
}

static bool on_socket(const struct socket_entry *socket, void *arg)
{
	struct packet_owners *owners = arg;
	if (!socket->inode)
		return true;
	if (owners->count == owners->capacity) {
		owners->capacity = owners->capacity ? 2 * owners->capacity : 256;
		owners->entries = mem_resize(owners->entries, owners->capacity, sizeof *owners->entries);
	}
	owners->entries[owners->count++] =
	    (struct entry){ .key = key_of(socket->kind == SOCKET_TCP, &socket->local, &socket->peer),
			    .inode = socket->inode };
	return true;
}

static int by_key(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	return a->key < b->key ? -1 : a->key > b->key;
}

static void name_all(struct packet_owners *owners)
{
	struct error unused = ERROR_INIT;
	struct owners *all = owners_scan(NULL, 0, &unused);
	for (size_t i = 0; all && i < owners->count; i++) {
		struct entry *entry = &owners->entries[i];
		const struct owner *owner;
		if (owners_find(all, entry->inode, &owner))
			snprintf(entry->name, sizeof entry->name, "%s/%u", owner->command, owner->pid);
	}
	owners_free(all);
	if (owners->count)
		qsort(owners->entries, owners->count, sizeof *owners->entries, by_key);
}

static void list(struct packet_owners *owners)
{
	struct sockets_query query = { .kinds = 1 << SOCKET_TCP | 1 << SOCKET_UDP };
	struct error unused = ERROR_INIT;
	ns_t begin = clock_mono();
	query.states[SOCKET_TCP] = query.states[SOCKET_UDP] = STATES_ALL & ~(1u << SOCKET_TIME_WAIT);
	owners->count = 0;
	sockets_list(&query, on_socket, NULL, owners, NULL, &unused);
	name_all(owners);
	ns_t took = clock_mono() - begin;
	owners->next = clock_mono() + (took * COST_SHARE > LIST_LEAST ? took * COST_SHARE : LIST_LEAST);
}

static const char *find_key(const struct packet_owners *owners, uint64_t key)
{
	struct entry wanted = { .key = key };
	const struct entry *found =
	    owners->count ? bsearch(&wanted, owners->entries, owners->count, sizeof wanted, by_key) : NULL;
	return found && *found->name ? found->name : NULL;
}

/* The connection itself, then a socket bound to the address, then one bound to the port alone. */
static const char *find_end(const struct packet_owners *owners, bool tcp, struct addr local,
			    const struct addr *peer)
{
	struct addr nobody = { .family = AF_UNSPEC };
	const char *name = find_key(owners, key_of(tcp, &local, peer));
	if (!name)
		name = find_key(owners, key_of(tcp, &local, &nobody));
	if (!name) {
		local.family = AF_UNSPEC;
		name = find_key(owners, key_of(tcp, &local, &nobody));
	}
	return name;
}

static const char *find_both(const struct packet_owners *owners, bool tcp, const struct addr *source,
			     const struct addr *destination)
{
	const char *name = find_end(owners, tcp, *source, destination);
	return name ? name : find_end(owners, tcp, *destination, source);
}

struct packet_owners *packet_owners_new(void)
{
	return NEW(struct packet_owners);
}

void packet_owners_free(struct packet_owners *owners)
{
	if (owners)
		free(owners->entries);
	free(owners);
}

const char *packet_owners_find(struct packet_owners *owners, const struct packet *packet)
{
	bool tcp = packet->transport_kind == PACKET_TCP;
	if (!tcp && packet->transport_kind != PACKET_UDP)
		return NULL;
	struct addr source = packet_source(packet), destination = packet_destination(packet);
	const char *name = find_both(owners, tcp, &source, &destination);
	ns_t now = clock_mono();
	uint64_t key = key_of(tcp, &source, &destination);
	struct miss *miss = &owners->misses[key & (MISSES - 1)];
	if (name || now < owners->next || (miss->key == key && now < miss->until))
		return name;
	list(owners);
	*miss = (struct miss){ key, now + MISS_LIFE };
	return find_both(owners, tcp, &source, &destination);
}
