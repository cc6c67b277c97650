/* The measuring part of `diagnose service`: listens to what the kernel knows about a service of this machine and its clients. */
#include "ntsh/diagnose_service.h"

#include "base/mem.h"
#include "diag/rank.h"
#include "diag/service.h"
#include "diag/service_facts.h"
#include "ntsh/counters.h"
#include "ntsh/owners.h"
#include "ntsh/process.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY_MS = 100, OWNERS_MAX = 64 };

/* What is measured twice, to take the difference. */
struct before_after {
	struct counters counters;
	bool counters_known;
	uint64_t stalled;
	uint32_t pids[OWNERS_MAX];
	size_t pid_count;
	ns_t run_delay, run_time;
	ns_t at;
};

struct run {
	struct loop *loop;
	const struct diagnose_service_request *request;
	const struct diagnose_events *events;
	void *arg;
	struct service_facts facts;
	struct before_after before;
	uint64_t udp_drops;
	char filter[32];
};

static void step(struct run *run, double fraction, const char *doing)
{
	if (run->events && run->events->step)
		run->events->step(fraction, doing, run->arg);
}

/* --- the listeners and their process --- */

struct listeners {
	struct run *run;
	uint64_t inodes[OWNERS_MAX];
	size_t count;
	uint64_t udp_unread, udp_drops;
};

static bool on_listener(const struct socket_entry *entry, void *arg)
{
	struct listeners *listeners = arg;
	struct service_facts *facts = &listeners->run->facts;
	if (entry->kind == SOCKET_UDP) {
		listeners->udp_unread += entry->receive_queue;
		listeners->udp_drops += entry->memory.drops;
		facts->udp = true;
	}
	facts->listens |= entry->kind == SOCKET_TCP;
	facts->listeners += entry->kind == SOCKET_TCP;
	if (!facts->where[0] || entry->kind == SOCKET_TCP)
		addr_format_port(&entry->local, facts->where);
	if (listeners->count < OWNERS_MAX)
		listeners->inodes[listeners->count++] = entry->inode;
	return true;
}

static int listeners_find(struct run *run, const struct socket_filter *filter, struct listeners *out,
			  struct error *err)
{
	struct sockets_query query = {
		.kinds = 1 << SOCKET_TCP | 1 << SOCKET_UDP,
		.states = { [SOCKET_TCP] = 1 << SOCKET_LISTEN, [SOCKET_UDP] = 1 << SOCKET_CLOSE },
		.family = run->request->family,
		.filter = filter,
		.want = SOCKETS_MEMORY
	};
	*out = (struct listeners){ .run = run };
	run->facts.listeners = 0;
	return sockets_list(&query, on_listener, NULL, out, NULL, err);
}

static int compare_inodes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void process_find(struct run *run, struct listeners *listeners)
{
	struct before_after *before = &run->before;
	const struct owner *all;
	qsort(listeners->inodes, listeners->count, sizeof *listeners->inodes, compare_inodes);
	struct owners *owners = owners_scan(listeners->inodes, listeners->count, NULL);
	size_t count = owners ? owners_all(owners, &all) : 0;
	for (size_t i = 0; i < count && before->pid_count < OWNERS_MAX; i++) {
		bool known = false;
		for (size_t k = 0; k < before->pid_count; k++)
			known |= before->pids[k] == all[i].pid;
		if (!known)
			before->pids[before->pid_count++] = all[i].pid;
	}
	if (count) {
		run->facts.pid = all[0].pid;
		if (before->pid_count > 1)
			snprintf(run->facts.process, sizeof run->facts.process, "%s[%u] and %zu more",
				 all[0].command, all[0].pid, before->pid_count - 1);
		else
			snprintf(run->facts.process, sizeof run->facts.process, "%s[%u]", all[0].command,
				 all[0].pid);
	}
	owners_free(owners);
}

/* Sums over the processes of the service. stopped: all of them are. */
static ns_t processes_read(const struct before_after *before, struct service_facts *facts, ns_t *run_time)
{
	ns_t sum = NS_NONE;
	*run_time = 0;
	bool stopped = before->pid_count > 0;
	for (size_t i = 0; i < before->pid_count; i++) {
		struct process_state state;
		if (process_read(before->pids[i], &state) < 0)
			continue;
		stopped &= state.stopped;
		if (state.run_delay != NS_NONE)
			sum = (sum == NS_NONE ? 0 : sum) + state.run_delay;
		if (state.run_time != NS_NONE)
			*run_time += state.run_time;
		if (i == 0 && state.files > 0 && state.files_limit > 0) {
			facts->files = state.files;
			facts->files_limit = state.files_limit;
		}
	}
	facts->stopped = stopped;
	return sum;
}

/* --- before and after --- */

static void begin(struct run *run)
{
	struct before_after *before = &run->before;
	before->counters_known = counters_read(&before->counters, NULL) == 0;
	before->stalled = machine_cpu_stall();
	before->run_delay = processes_read(before, &run->facts, &before->run_time);
	before->at = clock_mono();
	if (sysctl_read_int("net.ipv4.tcp_max_syn_backlog", 0, &run->facts.half_open_limit) < 0)
		run->facts.half_open_limit = 0;
}

static int64_t grown(const struct counters *before, const struct counters *after, const char *name)
{
	return (int64_t)(counters_get(after, name) - counters_get(before, name));
}

static void counters_end(struct run *run)
{
	struct counters after;
	const struct counters *before = &run->before.counters;
	struct service_counters *out = &run->facts.counters;
	if (!run->before.counters_known)
		return;
	run->facts.counters_known = counters_read(&after, NULL) == 0;
	if (run->facts.counters_known) {
		out->overflows = grown(before, &after, "TcpExt.ListenOverflows");
		out->queue_drops = grown(before, &after, "TcpExt.TCPReqQFullDrop");
		out->cookies = grown(before, &after, "TcpExt.SyncookiesSent");
		out->pruned =
		    grown(before, &after, "TcpExt.PruneCalled") + grown(before, &after, "TcpExt.RcvPruned");
		counters_free(&after);
	}
	counters_free(&run->before.counters);
}

static void end(struct run *run)
{
	struct service_facts *facts = &run->facts;
	const struct before_after *before = &run->before;
	ns_t elapsed = clock_mono() - before->at;
	ns_t ran, waited = processes_read(before, facts, &ran);
	uint64_t stalled = machine_cpu_stall();
	counters_end(run);
	facts->run_known = elapsed > 0 && waited != NS_NONE && before->run_delay != NS_NONE;
	if (facts->run_known) {
		ns_t delay = waited - before->run_delay, could = delay + ran - before->run_time;
		facts->run_delay = (double)delay / (double)elapsed;
		facts->run_share = could > 0 ? (double)delay / (double)could : 0;
	}
	facts->cpu_some = stalled && elapsed > 0 ? (double)(stalled - before->stalled) * 1e5 / (double)elapsed
						 : (double)NAN;
}

/* --- watching --- */

static void on_progress(double fraction, void *arg)
{
	struct run *run = arg;
	char doing[96];
	snprintf(doing, sizeof doing, "watching the connections of port %u: who waits for whom",
		 run->request->port);
	step(run, 0.1 + 0.85 * fraction, doing);
}

static int watch(struct run *run, const struct socket_filter *filter, struct socket_watch_result *out,
		 struct error *err)
{
	ns_t interval = run->request->interval ? run->request->interval : 3 * NS_PER_S;
	struct socket_watch_request request = {
		.query = { .kinds = 1 << SOCKET_TCP,
			   .states = { [SOCKET_TCP] = STATES_ALL & ~(1 << SOCKET_TIME_WAIT) },
			   .family = run->request->family,
			   .filter = filter },
		.interval = interval,
		.looks = (unsigned)(interval / (LOOK_EVERY_MS * NS_PER_MS)) + 1,
		.progress = on_progress,
		.arg = run,
	};
	if (request.looks < 2)
		request.looks = 2;
	return socket_watch_run(run->loop, &request, out, err);
}

static int measure(struct run *run, struct service_diagnosis *out, struct error *err)
{
	struct listeners listeners;
	struct socket_watch_result seen;
	const char *words = run->filter;
	struct socket_filter *filter = socket_filter_parse(&words, 1, err);
	if (!filter)
		return -1;
	step(run, 0.02, "looking for who listens, and for the process behind it");
	int bad = listeners_find(run, filter, &listeners, err);
	uint64_t drops = listeners.udp_drops;
	if (bad == 0) {
		process_find(run, &listeners);
		begin(run);
		bad = watch(run, filter, &seen, err);
		end(run);
	}
	if (bad == 0)
		bad = listeners_find(run, filter, &listeners, err);
	if (bad == 0) {
		run->facts.udp_unread = listeners.udp_unread;
		run->facts.udp_drops = listeners.udp_drops - drops;
		service_facts_sum(&run->facts, &seen, out);
		socket_watch_free(&seen);
	}
	socket_filter_free(filter);
	return bad;
}

int diagnose_service_run(struct loop *loop, const struct diagnose_service_request *request,
			 const struct diagnose_events *events, void *arg, struct service_diagnosis *out,
			 struct error *err)
{
	static const struct rule *const tables[] = { rules_service, rules_service_network };
	struct run run = { .loop = loop, .request = request, .events = events, .arg = arg };
	memset(out, 0, sizeof *out);
	snprintf(run.filter, sizeof run.filter, "sport = :%u", request->port);
	run.facts.port = request->port;
	if (measure(&run, out, err) < 0)
		return -1;
	struct matter matter = { .service = &run.facts };
	rank(&matter, tables, sizeof tables / sizeof *tables, service_otherwise, &out->found);
	service_ledger(&run.facts, &out->found.ledger);
	out->port = request->port;
	snprintf(out->process, sizeof out->process, "%s", run.facts.process);
	out->queue = run.facts.queue_most;
	out->queue_limit = run.facts.queue_limit;
	out->looks = run.facts.looks;
	out->watched = run.facts.took;
	out->connections = run.facts.sums.connections;
	out->unaccepted = run.facts.unaccepted;
	out->close_wait = run.facts.close_wait;
	out->half_open = run.facts.half_open;
	out->found.attempts = 1;
	out->found.round_trip = NS_NONE;
	out->found.took = run.facts.took;
	snprintf(out->found.target, sizeof out->found.target, "port %u", request->port);
	snprintf(out->found.address, sizeof out->found.address, "%s", run.facts.where);
	snprintf(out->found.clock, sizeof out->found.clock, "the kernel's own accounting");
	return 0;
}
