/* A binary heap by release time; frames of the same time leave in the order in which they came. */
#include "emu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 200000 };

static struct waiting **heap;
static size_t heap_length, heap_room;
static uint64_t next_order;

static bool earlier(const struct waiting *a, const struct waiting *b)
{
	return a->release != b->release ? a->release < b->release : a->order < b->order;
}

void queue_add(struct direction *way, const uint8_t *frame, size_t length, ns_t release)
{
	if (heap_length >= WAITING_MAX) {
		way->count.dropped_send++;
		return;
	}
	if (heap_length == heap_room) {
		heap_room = heap_room ? heap_room * 2 : 1024;
		heap = realloc(heap, heap_room * sizeof(*heap));
	}
	struct waiting *item = malloc(sizeof(*item) + length);
	if (!heap || !item) {
		fprintf(stderr, "lab_emu: out of memory\n");
		exit(3);
	}
	item->release = release;
	item->order = next_order++;
	item->way = way;
	item->length = length;
	memcpy(item->bytes, frame, length);
	size_t at = heap_length++;
	for (; at > 0 && earlier(item, heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = item;
}

struct waiting *queue_take(ns_t now)
{
	if (heap_length == 0 || heap[0]->release > now)
		return NULL;
	struct waiting *first = heap[0], *last = heap[--heap_length];
	size_t at = 0;
	for (size_t child; (child = 2 * at + 1) < heap_length; at = child) {
		if (child + 1 < heap_length && earlier(heap[child + 1], heap[child]))
			child++;
		if (!earlier(heap[child], last))
			break;
		heap[at] = heap[child];
	}
	heap[at] = last;
	return first;
}

ns_t queue_next(void)
{
	return heap_length ? heap[0]->release : INT64_MAX;
}

size_t queue_length(void)
{
	return heap_length;
}
