#include "net/spans.h"

#include "base/mem.h"

#include <stdlib.h>

void spans_add(struct spans *spans, const struct span *span)
{
	if (spans->count == spans->capacity) {
		spans->capacity = spans->capacity ? 2 * spans->capacity : 16;
		spans->items = mem_resize(spans->items, spans->capacity, sizeof *spans->items);
	}
	spans->items[spans->count++] = *span;
}

void spans_release(struct spans *spans)
{
	free(spans->items);
	*spans = (struct spans){ 0 };
}

struct span span_of(const struct addr *first, uint64_t count)
{
	struct span span = { .family = first->family, .zone = first->zone };
	for (size_t i = 0; i < addr_length(first->family); i++)
		span.first = span.first << 8 | first->bytes[i];
	span.last = span.first + count - 1;
	return span;
}

struct addr span_addr(const struct span *span, uint64_t index)
{
	struct addr addr = { .family = span->family, .zone = span->zone };
	span_number number = span->first + index;
	for (size_t i = addr_length(span->family); i-- > 0; number >>= 8)
		addr.bytes[i] = (uint8_t)number;
	return addr;
}

static int compare(const void *left, const void *right, bool by_order)
{
	const struct span *a = left, *b = right;
	if (by_order && a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->zone != b->zone)
		return a->zone < b->zone ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

static int by_address(const void *a, const void *b)
{
	return compare(a, b, false);
}

static int by_order(const void *a, const void *b)
{
	return compare(a, b, true);
}

/* A heap of indices into spans, the lowest order on top. */
struct heap {
	const struct span *items;
	size_t *slots, count;
};

static bool heap_before(const struct heap *heap, size_t a, size_t b)
{
	return heap->items[heap->slots[a]].order < heap->items[heap->slots[b]].order;
}

static void heap_swap(struct heap *heap, size_t a, size_t b)
{
	size_t slot = heap->slots[a];
	heap->slots[a] = heap->slots[b];
	heap->slots[b] = slot;
}

static void heap_push(struct heap *heap, size_t index)
{
	size_t at = heap->count++;
	heap->slots[at] = index;
	for (; at && heap_before(heap, at, (at - 1) / 2); at = (at - 1) / 2)
		heap_swap(heap, at, (at - 1) / 2);
}

static void heap_pop(struct heap *heap)
{
	heap->slots[0] = heap->slots[--heap->count];
	for (size_t at = 0;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++)
			if (heap_before(heap, child, least))
				least = child;
		if (least == at)
			return;
		heap_swap(heap, at, least);
		at = least;
	}
}

static bool same_kind(const struct span *a, const struct span *b)
{
	return a->family == b->family && a->zone == b->zone;
}

static void piece_add(struct spans *out, struct span piece)
{
	struct span *before = out->count ? &out->items[out->count - 1] : NULL;
	if (piece.order < 0)
		return;
	if (before && before->order == piece.order && same_kind(before, &piece) &&
	    before->last + 1 == piece.first)
		before->last = piece.last;
	else
		spans_add(out, &piece);
}

struct spans spans_resolve(struct spans *spans)
{
	struct spans out = { 0 };
	struct heap heap = { .items = spans->items, .slots = mem_alloc((spans->count + 1) * sizeof(size_t)) };
	size_t next = 0;
	span_number at = 0;
	if (spans->count)
		qsort(spans->items, spans->count, sizeof *spans->items, by_address);
	while (next < spans->count || heap.count) {
		if (!heap.count) {
			at = spans->items[next].first;
			heap_push(&heap, next++);
		}
		const struct span *top = &spans->items[heap.slots[0]];
		const struct span *coming = next < spans->count ? &spans->items[next] : NULL;
		if (coming && !same_kind(coming, top))
			coming = NULL;
		if (top->last < at) {
			heap_pop(&heap);
		} else if (coming && coming->first <= at) {
			heap_push(&heap, next++);
		} else {
			struct span piece = *top;
			piece.first = at;
			if (coming && coming->first <= top->last)
				piece.last = coming->first - 1;
			piece_add(&out, piece);
			at = piece.last + 1;
			/* The very last address there is: nothing can follow. */
			if (!at)
				heap.count = 0;
		}
	}
	free(heap.slots);
	if (out.count)
		qsort(out.items, out.count, sizeof *out.items, by_order);
	return out;
}
