/* The ports of a host, gathered by how they ended. */
#include "net/scan_engine.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>

enum { PORTS_TEXT_MAX = 1 << 20 };

struct run {
	struct buf text;
	uint16_t first, last; /* 0: none yet */
};

static void run_end(struct run *run)
{
	if (!run->first)
		return;
	buf_printf(&run->text, run->text.length ? ",%u" : "%u", run->first);
	if (run->last != run->first)
		buf_printf(&run->text, "-%u", run->last);
}

static void run_add(struct run *run, uint16_t port)
{
	if (run->first && port == run->last + 1) {
		run->last = port;
		return;
	}
	run_end(run);
	run->first = run->last = port;
}

static size_t group_of(struct scan_group *groups, size_t *count, const struct scan_outcome *outcome)
{
	for (size_t i = 0; i < *count; i++)
		if (groups[i].outcome == outcome)
			return i;
	if (*count == SCAN_GROUPS_MAX)
		return SCAN_GROUPS_MAX - 1;
	groups[*count] = (struct scan_group){ .outcome = outcome };
	return (*count)++;
}

static int by_state(const void *left, const void *right)
{
	const struct scan_group *a = left, *b = right;
	if (a->outcome->state != b->outcome->state)
		return a->outcome->state < b->outcome->state ? -1 : 1;
	return a->count > b->count ? -1 : a->count < b->count;
}

size_t scan_groups_get(const struct scan *scan, uint64_t host, struct scan_group groups[SCAN_GROUPS_MAX])
{
	size_t count = 0;
	struct run runs[SCAN_GROUPS_MAX];
	for (size_t i = 0; i < SCAN_GROUPS_MAX; i++)
		runs[i] = (struct run){ .text = BUF_INIT(PORTS_TEXT_MAX) };
	for (uint32_t index = 0; index < scan->core.ports; index++) {
		size_t group = group_of(groups, &count, scan_outcome_get(scan, host, index));
		groups[group].count++;
		run_add(&runs[group], scan->ports[index]);
	}
	for (size_t i = 0; i < count; i++) {
		run_end(&runs[i]);
		groups[i].ports = mem_strdup(buf_text(&runs[i].text));
		buf_release(&runs[i].text);
	}
	qsort(groups, count, sizeof *groups, by_state);
	return count;
}

void scan_groups_free(struct scan_group *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(groups[i].ports);
}
