#include "base/groups.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Whoever opens connections to us chooses the keys: without a secret in it, he could choose those that fall together. */
static uint64_t secret(void)
{
	static uint64_t number;
	while (!number && getrandom(&number, sizeof number, 0) != sizeof number)
		number = (uint64_t)(uintptr_t)&number | 1;
	return number;
}

/* Eight bytes at a time; multiplication and rotation mix them, the secret begins and ends it. */
static uint64_t hash(const uint8_t *key, size_t size)
{
	uint64_t state = secret() ^ size;
	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = 0;
		memcpy(&word, key + i, size - i < 8 ? size - i : 8);
		state = (state ^ word) * 0x9e3779b97f4a7c15u;
		state = (state << 29 | state >> 35) + secret();
	}
	state ^= state >> 32;
	state *= 0xd6e8feb86659fd93u;
	return state ^ state >> 32;
}

/* The slot of the key, or the free one where it belongs. */
static size_t slot_of(const struct groups *groups, const uint8_t key[GROUP_KEY_MAX])
{
	size_t slot = hash(key, GROUP_KEY_MAX) & (groups->slot_count - 1);
	while (groups->slots[slot] && memcmp(groups->keys[groups->slots[slot] - 1], key, GROUP_KEY_MAX) != 0)
		slot = (slot + 1) & (groups->slot_count - 1);
	return slot;
}

static void grow(struct groups *groups)
{
	groups->capacity = groups->capacity ? 2 * groups->capacity : 64;
	groups->records = mem_resize(groups->records, groups->capacity, groups->record_size);
	groups->keys = mem_resize(groups->keys, groups->capacity, sizeof *groups->keys);
	free(groups->slots);
	groups->slot_count = 2 * groups->capacity;
	groups->slots = mem_alloc(groups->slot_count * sizeof *groups->slots);
	for (size_t i = 0; i < groups->count; i++)
		groups->slots[slot_of(groups, groups->keys[i])] = (uint32_t)i + 1;
}

void *groups_get(const struct groups *groups, const void *key, size_t key_size)
{
	uint8_t whole[GROUP_KEY_MAX] = { 0 };
	if (!groups->count)
		return NULL;
	memcpy(whole, key, key_size < sizeof whole ? key_size : sizeof whole);
	uint32_t at = groups->slots[slot_of(groups, whole)];
	return at ? groups_at(groups, at - 1) : NULL;
}

void *groups_find(struct groups *groups, const void *key, size_t key_size, bool *is_new)
{
	uint8_t whole[GROUP_KEY_MAX] = { 0 };
	memcpy(whole, key, key_size < sizeof whole ? key_size : sizeof whole);
	if (groups->count == groups->capacity)
		grow(groups);
	size_t slot = slot_of(groups, whole);
	bool fresh = !groups->slots[slot];
	if (fresh) {
		memcpy(groups->keys[groups->count], whole, sizeof whole);
		memset(groups_at(groups, groups->count), 0, groups->record_size);
		groups->slots[slot] = (uint32_t)++groups->count;
	}
	if (is_new)
		*is_new = fresh;
	return groups_at(groups, groups->slots[slot] - 1);
}

void *groups_at(const struct groups *groups, size_t i)
{
	return groups->records + i * groups->record_size;
}

void groups_clear(struct groups *groups)
{
	groups->count = 0;
	if (groups->slots)
		memset(groups->slots, 0, groups->slot_count * sizeof *groups->slots);
}

void *groups_take(struct groups *groups, int (*compare)(const void *, const void *), size_t *count)
{
	char *records = groups->records;
	*count = groups->count;
	groups->records = NULL;
	if (*count && compare)
		qsort(records, *count, groups->record_size, compare);
	groups_release(groups);
	if (*count)
		return records;
	free(records);
	return NULL;
}

void groups_release(struct groups *groups)
{
	free(groups->records);
	free(groups->keys);
	free(groups->slots);
	*groups = (struct groups){ .record_size = groups->record_size };
}
