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

enum { EVERY_PORT_MIN = 10 };

bool scan_answers_every_port(const struct scan_group *groups, size_t count)
{
	uint32_t all = 0;
	for (size_t i = 0; i < count; i++)
		all += groups[i].count;
	return all >= EVERY_PORT_MIN && groups[0].outcome->state == SCAN_OPEN &&
	       groups[0].outcome->reason == SCAN_SYN_ACK && groups[0].count * 20 >= all * 19;
}

static void host_banners(const struct scan *scan, uint64_t host, struct banner **banners, size_t *count)
{
	struct target target = targets_get(scan->request.targets, host);
	for (uint32_t index = 0; index < scan->core.ports && *count < SCAN_BANNERS_MAX; index++) {
		if (scan_outcome_get(scan, host, index)->state != SCAN_OPEN)
			continue;
		if ((*count & (*count - 1)) == 0)
			*banners = mem_resize(*banners, *count ? 2 * *count : 1, sizeof **banners);
		struct banner *banner = &(*banners)[(*count)++];
		*banner = (struct banner){ .addr = target.addr, .name = target.name };
		banner->addr.port = scan->ports[index];
	}
}

struct banner *scan_banners(struct scan *scan, size_t *count)
{
	struct banner *banners = NULL;
	struct scan_group groups[SCAN_GROUPS_MAX];
	*count = 0;
	for (uint64_t host = 0; host < scan->core.hosts && scan->method != SCAN_UDP; host++) {
		if (!scan_host_answered(scan, host))
			continue;
		size_t group_count = scan_groups_get(scan, host, groups);
		if (!scan_answers_every_port(groups, group_count))
			host_banners(scan, host, &banners, count);
		scan_groups_free(groups, group_count);
	}
	if (*count)
		banners_ask(scan->loop, banners, *count, scan->request.interface);
	return banners;
}
