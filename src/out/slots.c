#include "out/slots.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 64 * 1024 * 1024 };

static struct slot *slots_new(struct slots *slots, uint32_t parent, const char *name)
{
	if (slots->count == slots->capacity) {
		slots->capacity = slots->capacity ? 2 * slots->capacity : 32;
		slots->items = mem_resize(slots->items, slots->capacity, sizeof *slots->items);
	}
	size_t length = strlen(name);
	struct slot *slot = &slots->items[slots->count++];
	slot->parent = parent;
	slot->name = (uint32_t)slots->arena.length;
	slot->name_length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	slot->is_object = false;
	slot->spelling = name;
	buf_add(&slots->arena, name, length + 1);
	return slot;
}

void slots_init(struct slots *slots)
{
	*slots = (struct slots){ .arena = BUF_INIT(ARENA_MAX) };
	slots_new(slots, UINT32_MAX, "")->is_object = true;
}

void slots_release(struct slots *slots)
{
	free(slots->items);
	buf_release(&slots->arena);
}

uint32_t slots_add_object(struct slots *slots, uint32_t parent, const char *name)
{
	slots_new(slots, parent, name)->is_object = true;
	return (uint32_t)slots->count - 1;
}

void slots_add_value(struct slots *slots, uint32_t parent, const char *name, const struct value *value)
{
	struct slot *slot = slots_new(slots, parent, name);
	slot->value = *value;
	if (value->kind != KIND_TEXT)
		return;
	slot->text = slots->arena.length;
	if (value->text.length > ARENA_MAX - slots->arena.length)
		slot->value = value_none();
	else
		buf_add(&slots->arena, value->text.bytes, value->text.length);
}

struct slots_mark slots_mark(const struct slots *slots)
{
	return (struct slots_mark){ slots->count, slots->arena.length };
}

void slots_forget(struct slots *slots, struct slots_mark mark)
{
	slots->count = mark.count;
	slots->arena.length = mark.arena;
	slots->arena.overflow = false;
}

static bool slot_is(const struct slots *slots, const struct slot *slot, uint32_t object, const char *name,
		    size_t length)
{
	return slot->parent == object && slot->name_length == length &&
	       memcmp(slots->arena.bytes + slot->name, name, length) == 0;
}

static struct value slot_value(const struct slots *slots, const struct slot *slot)
{
	struct value value = slot->value;
	if (value.kind == KIND_TEXT)
		value.text.bytes = value.text.length ? slots->arena.bytes + slot->text : "";
	return value;
}

/* The newest of that name wins: a value put again replaces the old one. */
static size_t find_slot(const struct slots *slots, uint32_t object, const char *name, size_t length,
			bool is_object)
{
	for (size_t i = slots->count; i-- > object + 1;)
		if (slots->items[i].is_object == is_object &&
		    slot_is(slots, &slots->items[i], object, name, length))
			return i;
	return SIZE_MAX;
}

size_t slots_index(const struct slots *slots, uint32_t object, const char *name, size_t length)
{
	return find_slot(slots, object, name, length, false);
}

bool slots_at(const struct slots *slots, size_t index, uint32_t object, const char *name, struct value *out)
{
	if (index >= slots->count || slots->items[index].is_object)
		return false;
	/* Names are literals of the program, mostly: the same place is the same name. */
	const struct slot *slot = &slots->items[index];
	bool same = slot->parent == object && slot->spelling == name;
	if (!same && !slot_is(slots, slot, object, name, strlen(name)))
		return false;
	*out = slot->value;
	if (out->kind == KIND_TEXT)
		out->text.bytes = out->text.length ? slots->arena.bytes + slot->text : "";
	return true;
}

bool slots_find(const struct slots *slots, uint32_t object, const char *path, size_t length,
		struct value *out)
{
	for (;;) {
		size_t index = find_slot(slots, object, path, length, false);
		if (index != SIZE_MAX) {
			*out = slot_value(slots, &slots->items[index]);
			return true;
		}
		const char *dot = memchr(path, '.', length);
		if (!dot)
			return false;
		size_t part = (size_t)(dot - path);
		index = find_slot(slots, object, path, part, true);
		if (index == SIZE_MAX)
			return false;
		object = (uint32_t)index;
		path += part + 1;
		length -= part + 1;
	}
}
