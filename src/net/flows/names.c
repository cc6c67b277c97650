/* Which name an address came from: the newest answer counts. A fixed number of places, the oldest is overwritten by what falls on it. */
#include "net/flows/flows.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PLACES = 4096, PROBES = 4, NAME_BYTES = 254 };

struct entry {
	uint8_t address[16];
	uint8_t length; /* 0: free */
	char *name;
};

struct flow_names {
	struct entry entries[PLACES];
};

static size_t place_of(const uint8_t *address, unsigned length)
{
	uint64_t hash = 1469598103934665603u;
	for (unsigned i = 0; i < length; i++)
		hash = (hash ^ address[i]) * 1099511628211u;
	return (hash ^ hash >> 32) % PLACES;
}

struct flow_names *flow_names_new(void)
{
	return NEW(struct flow_names);
}

void flow_names_free(struct flow_names *names)
{
	for (size_t i = 0; i < PLACES; i++)
		free(names->entries[i].name);
	free(names);
}

void flow_names_add(struct flow_names *names, const uint8_t *address, unsigned length, const char *name)
{
	size_t place = place_of(address, length);
	struct entry *chosen = &names->entries[place];
	for (int i = 0; i < PROBES; i++) {
		struct entry *entry = &names->entries[(place + (size_t)i) % PLACES];
		if (!entry->length || (entry->length == length && !memcmp(entry->address, address, length))) {
			chosen = entry;
			break;
		}
	}
	free(chosen->name);
	chosen->name = mem_strndup(name, strnlen(name, NAME_BYTES));
	chosen->length = (uint8_t)length;
	memcpy(chosen->address, address, length);
}

const char *flow_names_find(const struct flow_names *names, const struct addr *addr)
{
	unsigned length = addr->family == AF_INET ? 4 : 16;
	size_t place = place_of(addr->bytes, length);
	for (int i = 0; i < PROBES; i++) {
		const struct entry *entry = &names->entries[(place + (size_t)i) % PLACES];
		if (entry->length == length && !memcmp(entry->address, addr->bytes, length))
			return entry->name;
	}
	return NULL;
}
