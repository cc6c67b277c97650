#include "ntsh/sockets_summary.h"

#include "base/buf.h"
#include "base/groups.h"
#include "base/mem.h"
#include "ntsh/counters.h"
#include "ntsh/owners.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counting {
	struct sockets_summary *out;
	const struct owners *owners;
	struct groups peers, destinations, processes;
};

/* --- keys --- */

struct destination_key {
	uint8_t local[16], peer[16];
	uint32_t zone;
	uint16_t port;
	uint8_t family;
};

static void peer_count(struct counting *counting, const struct socket_entry *entry)
{
	struct addr key = entry->peer;
	bool is_new;
	key.port = 0;
	struct socket_peer *peer = groups_find(&counting->peers, &key, sizeof key, &is_new);
	if (is_new)
		peer->peer = key;
	peer->total++;
	peer->states[entry->state]++;
}

/* A local port out of the range was chosen by connect(2): the connection was made from here. */
static void destination_count(struct counting *counting, const struct socket_entry *entry)
{
	const struct sockets_summary *out = counting->out;
	struct destination_key key;
	bool is_new;
	if (entry->local.port < out->port_low || entry->local.port > out->port_high || !entry->peer.port)
		return;
	memset(&key, 0, sizeof key);
	memcpy(key.local, entry->local.bytes, sizeof key.local);
	memcpy(key.peer, entry->peer.bytes, sizeof key.peer);
	key.zone = entry->peer.zone;
	key.port = entry->peer.port;
	key.family = entry->family;
	struct socket_destination *destination =
	    groups_find(&counting->destinations, &key, sizeof key, &is_new);
	if (is_new) {
		destination->local = entry->local;
		destination->local.port = 0;
		destination->peer = entry->peer;
	}
	destination->ports++;
	destination->time_wait += entry->state == SOCKET_TIME_WAIT;
}

static void process_count_socket(struct counting *counting, const struct socket_entry *entry)
{
	const struct owner *owner;
	bool is_new;
	if (!counting->owners)
		return;
	if (!owners_find(counting->owners, entry->inode, &owner)) {
		bool kept_by_kernel = entry->state == SOCKET_TIME_WAIT || !entry->inode;
		counting->out->without_process += entry->kind == SOCKET_TCP && !kept_by_kernel;
		return;
	}
	struct socket_process *process =
	    groups_find(&counting->processes, &owner->pid, sizeof owner->pid, &is_new);
	if (is_new) {
		process->pid = owner->pid;
		process->oldest_close_wait = NS_NONE;
		snprintf(process->command, sizeof process->command, "%s", owner->command);
	}
	if (entry->kind != SOCKET_TCP) {
		process->others++;
		return;
	}
	process->total++;
	process->states[entry->state]++;
	if (entry->state != SOCKET_CLOSE_WAIT)
		return;
	ns_t age = socket_silence(entry);
	if (age != NS_NONE && (process->oldest_close_wait == NS_NONE || age > process->oldest_close_wait))
		process->oldest_close_wait = age;
}

static bool on_socket(const struct socket_entry *entry, void *arg)
{
	struct counting *counting = arg;
	if (entry->state >= SOCKET_STATES)
		return true;
	counting->out->counts[entry->kind][entry->state]++;
	if (entry->kind == SOCKET_TCP && entry->state != SOCKET_LISTEN && entry->state != SOCKET_CLOSE) {
		peer_count(counting, entry);
		destination_count(counting, entry);
	}
	process_count_socket(counting, entry);
	return true;
}

static void on_again(void *arg)
{
	struct counting *counting = arg;
	groups_clear(&counting->peers);
	groups_clear(&counting->destinations);
	groups_clear(&counting->processes);
	memset(counting->out->counts, 0, sizeof counting->out->counts);
	counting->out->without_process = 0;
}

/* --- the range of ports --- */

/* "8080,9148-9150" (ip_local_reserved_ports): how many of low..high. */
static uint64_t reserved_count(const char *text, int64_t low, int64_t high)
{
	uint64_t count = 0;
	while (*text >= '0' && *text <= '9') {
		char *end;
		long first = strtol(text, &end, 10), last = first;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (first < low)
			first = (long)low;
		if (last > high)
			last = (long)high;
		if (last >= first)
			count += (uint64_t)(last - first + 1);
		text = end + (*end == ',');
	}
	return count;
}

static void ports_read(struct sockets_summary *out)
{
	struct buf text = BUF_INIT(65536);
	if (sysctl_read_int("net.ipv4.ip_local_port_range", 0, &out->port_low) < 0 ||
	    sysctl_read_int("net.ipv4.ip_local_port_range", 1, &out->port_high) < 0) {
		out->port_low = 32768;
		out->port_high = 60999;
	}
	if (file_read("/proc/sys/net/ipv4/ip_local_reserved_ports", &text) == 0)
		out->ports_reserved = reserved_count(buf_text(&text), out->port_low, out->port_high);
	buf_release(&text);
}

uint64_t sockets_summary_ports(const struct sockets_summary *summary)
{
	uint64_t all = (uint64_t)(summary->port_high - summary->port_low + 1);
	return all > summary->ports_reserved ? all - summary->ports_reserved : 0;
}

/* --- all of it --- */

static int most(uint64_t x, uint64_t y)
{
	return x > y ? -1 : x < y;
}

static int compare_peers(const void *a, const void *b)
{
	const struct socket_peer *x = a, *y = b;
	return most(x->total, y->total);
}

static int compare_destinations(const void *a, const void *b)
{
	const struct socket_destination *x = a, *y = b;
	return most(x->ports, y->ports);
}

static int compare_processes(const void *a, const void *b)
{
	const struct socket_process *x = a, *y = b;
	return x->total != y->total ? most(x->total, y->total) : most(x->others, y->others);
}

int sockets_summarize(const struct sockets_query *query, bool processes, struct sockets_summary *out,
		      struct error *err)
{
	struct sockets_query counted = *query;
	struct owners *owners = processes ? owners_scan(NULL, 0, err) : NULL;
	*out = (struct sockets_summary){ .hidden = owners ? owners_hidden(owners) : 0 };
	if (processes && !owners)
		return -1;
	struct counting counting = { .out = out,
				     .owners = owners,
				     .peers = GROUPS_INIT(sizeof(struct socket_peer)),
				     .destinations = GROUPS_INIT(sizeof(struct socket_destination)),
				     .processes = GROUPS_INIT(sizeof(struct socket_process)) };
	counted.want = processes ? SOCKETS_INFO : 0;
	ports_read(out);
	int bad = sockets_list(&counted, on_socket, on_again, &counting, &out->report, err);
	out->peers = groups_take(&counting.peers, compare_peers, &out->peer_count);
	out->destinations =
	    groups_take(&counting.destinations, compare_destinations, &out->destination_count);
	out->processes = groups_take(&counting.processes, compare_processes, &out->process_count);
	owners_free(owners);
	if (bad < 0)
		sockets_summary_free(out);
	return bad;
}

void sockets_summary_free(struct sockets_summary *summary)
{
	free(summary->peers);
	free(summary->destinations);
	free(summary->processes);
	summary->peers = NULL;
	summary->destinations = NULL;
	summary->processes = NULL;
}
