/* This machine's TCP sockets, looked at twice: who does not close, who does not accept, and which destination has no ports left. */
#include "diag/host.h"

#include "ntsh/owners.h"
#include "ntsh/sockets_summary.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT_OPEN_MAX = 65536 };

/* Sockets in CLOSE-WAIT, by their cookie: a number that no other socket ever gets. */
struct host_census {
	uint64_t *cookies;
	size_t count;
};

static struct sockets_query tcp_query(unsigned states)
{
	struct sockets_query query = { .kinds = 1 << SOCKET_TCP };
	query.states[SOCKET_TCP] = states;
	return query;
}

static bool cookie_add(const struct socket_entry *entry, void *arg)
{
	struct host_census *census = arg;
	if (census->count % 1024 == 0)
		census->cookies = mem_resize(census->cookies, census->count + 1024, sizeof *census->cookies);
	census->cookies[census->count++] = entry->cookie;
	return census->count < LEFT_OPEN_MAX;
}

static void census_again(void *arg)
{
	((struct host_census *)arg)->count = 0;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

struct host_census *host_census_take(void)
{
	struct host_census *census = NEW(struct host_census);
	struct sockets_query query = tcp_query(1 << SOCKET_CLOSE_WAIT);
	(void)sockets_list(&query, cookie_add, census_again, census, NULL, NULL);
	if (census->count)
		qsort(census->cookies, census->count, sizeof *census->cookies, compare_u64);
	return census;
}

/* --- the later look --- */

struct later {
	const struct host_census *before;
	struct host_sockets *out;
	uint64_t *inodes; /* of sockets that were left open */
	size_t inode_count;
	uint64_t listener_inodes[HOST_LISTENERS_MAX];
};

static bool was_there(const struct host_census *census, uint64_t cookie)
{
	return census->count &&
	       bsearch(&cookie, census->cookies, census->count, sizeof cookie, compare_u64) != NULL;
}

static void inode_add(struct later *later, uint64_t inode)
{
	if (later->inode_count == LEFT_OPEN_MAX)
		return;
	if (later->inode_count % 1024 == 0)
		later->inodes = mem_resize(later->inodes, later->inode_count + 1024, sizeof *later->inodes);
	later->inodes[later->inode_count++] = inode;
}

static bool entry_look(const struct socket_entry *entry, void *arg)
{
	struct later *later = arg;
	struct host_sockets *out = later->out;
	if (entry->state == SOCKET_CLOSE_WAIT) {
		if (was_there(later->before, entry->cookie))
			inode_add(later, entry->inode);
		return true;
	}
	/* The kernel takes one more than the limit (tcp(7), listen(2)): it is full when more wait than may. */
	if (entry->receive_queue <= entry->send_queue || out->listener_count == HOST_LISTENERS_MAX)
		return true;
	later->listener_inodes[out->listener_count] = entry->inode;
	out->listeners[out->listener_count++] = (struct host_listener){ .local = entry->local,
									.waiting = entry->receive_queue,
									.limit = entry->send_queue };
	return true;
}

static void later_again(void *arg)
{
	struct later *later = arg;
	later->inode_count = 0;
	later->out->listener_count = 0;
}

static const struct owner *owner_of(const struct owners *owners, uint64_t inode)
{
	const struct owner *found;
	return owners && owners_find(owners, inode, &found) ? found : NULL;
}

static void leak_count(struct host_sockets *out, const struct owner *owner)
{
	uint32_t pid = owner ? owner->pid : 0;
	unsigned i = 0;
	while (i < out->leak_count && out->leaks[i].pid != pid)
		i++;
	if (i == HOST_LEAKS_MAX)
		return;
	if (i == out->leak_count) {
		out->leaks[out->leak_count++] = (struct host_leak){ .pid = pid };
		snprintf(out->leaks[i].command, sizeof out->leaks[i].command, "%s",
			 owner ? owner->command : "");
	}
	out->leaks[i].count++;
}

static int by_leak(const void *a, const void *b)
{
	const struct host_leak *x = a, *y = b;
	return (x->count < y->count) - (x->count > y->count);
}

static void owners_look(struct later *later)
{
	struct host_sockets *out = later->out;
	if (!later->inode_count && !out->listener_count)
		return;
	struct owners *owners = owners_scan(NULL, 0, NULL);
	out->hidden = owners ? (unsigned)owners_hidden(owners) : 0;
	for (size_t i = 0; i < later->inode_count; i++)
		leak_count(out, owner_of(owners, later->inodes[i]));
	for (unsigned i = 0; i < out->listener_count; i++) {
		const struct owner *owner = owner_of(owners, later->listener_inodes[i]);
		if (!owner)
			continue;
		out->listeners[i].pid = owner->pid;
		snprintf(out->listeners[i].command, sizeof out->listeners[i].command, "%s", owner->command);
	}
	qsort(out->leaks, out->leak_count, sizeof *out->leaks, by_leak);
	owners_free(owners);
}

static void summary_take(struct host_sockets *out)
{
	struct sockets_query query = tcp_query(STATES_ALL);
	struct sockets_summary summary;
	if (sockets_summarize(&query, false, &summary, NULL) < 0)
		return;
	const uint64_t *counts = summary.counts[SOCKET_TCP];
	out->known = true;
	out->established = counts[SOCKET_ESTABLISHED];
	out->syn_recv = counts[SOCKET_SYN_RECV];
	out->close_wait = counts[SOCKET_CLOSE_WAIT];
	out->time_wait = counts[SOCKET_TIME_WAIT];
	out->ports = sockets_summary_ports(&summary);
	for (size_t i = 0; i < summary.destination_count && i < HOST_DESTINATIONS_MAX; i++)
		out->destinations[out->destination_count++] =
		    (struct host_destination){ summary.destinations[i].local, summary.destinations[i].peer,
					       summary.destinations[i].ports,
					       summary.destinations[i].time_wait };
	sockets_summary_free(&summary);
}

void host_census_compare(struct host_census *before, struct host_facts *facts)
{
	struct later later = { .before = before, .out = &facts->sockets };
	struct sockets_query query = tcp_query(1 << SOCKET_CLOSE_WAIT | 1 << SOCKET_LISTEN);
	(void)sockets_list(&query, entry_look, later_again, &later, NULL, NULL);
	owners_look(&later);
	summary_take(&facts->sockets);
	free(later.inodes);
	free(before->cookies);
	free(before);
}
