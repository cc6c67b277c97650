/* Life of a scan. */
#include "net/scan_engine.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* The loop gets its turn (Ctrl-C, time-outs) after so long. */
static const ns_t TURN = 4 * NS_PER_MS, REPORT_INTERVAL = 100 * NS_PER_MS;
enum { PROBES_A_TURN = SYS_BATCH_MAX };

static void tick(struct loop *loop, struct loop_timer *timer, void *arg);

bool scan_find(const struct scan *scan, const struct addr *addr, uint16_t port, uint64_t *probe)
{
	if (!port_set_has(scan->request.ports, port))
		return false;
	uint64_t host = targets_find(scan->request.targets, addr);
	if (host == UINT64_MAX)
		return false;
	*probe = scan_core_probe(&scan->core, host, scan->port_index[port]);
	return true;
}

struct addr scan_target(const struct scan *scan, uint64_t probe)
{
	struct addr addr = targets_get(scan->request.targets, probe % scan->core.hosts).addr;
	addr.port = scan->ports[probe / scan->core.hosts];
	return addr;
}

void scan_icmp(struct scan *scan, uint64_t probe, uint8_t type, uint8_t code, const struct addr *from)
{
	struct addr target = scan_target(scan, probe);
	bool six = target.family == AF_INET6;
	bool port_unreachable = six ? type == 1 && code == 4 : type == 3 && code == 3;
	bool itself = addr_equal(from, &target);
	struct scan_outcome outcome = {
		.state = scan->method == SCAN_UDP && port_unreachable && itself ? SCAN_CLOSED : SCAN_FILTERED,
		.reason = SCAN_ICMP,
		.icmp_type = type,
		.icmp_code = code,
	};
	if (!itself) {
		outcome.from = *from;
		outcome.from.port = 0;
	}
	scan_core_answer(&scan->core, probe, &outcome, clock_mono());
}

void scan_finger_add(struct scan *scan, uint64_t probe, const struct scan_finger *finger)
{
	uint64_t host = probe % scan->core.hosts;
	if (scan->core.host_flags[host] & SCAN_HOST_FINGERED)
		return;
	scan->core.host_flags[host] |= SCAN_HOST_FINGERED;
	if ((scan->finger_count & (scan->finger_count - 1)) == 0)
		scan->fingers = mem_resize(scan->fingers, scan->finger_count ? 2 * scan->finger_count : 1,
					   sizeof *scan->fingers);
	scan->fingers[scan->finger_count++] = (struct scan_finger_entry){ host, *finger };
}

/* --- turns --- */

static void report(struct scan *scan, ns_t now)
{
	struct scan_core *core = &scan->core;
	if (!scan->events->progress || now - scan->reported < REPORT_INTERVAL)
		return;
	scan->reported = now;
	struct scan_progress progress = { .pass = core->pass,
					  .done = core->cursor,
					  .todo = core->total,
					  .rate = core->rate,
					  .remaining = NS_NONE };
	uint64_t left = core->pass == 1 ? core->total - core->cursor : core->silent;
	if (core->rate > 0)
		progress.remaining = (ns_t)((double)left / core->rate * 1e9);
	scan->events->progress(&progress, scan->arg);
}

static int by_host(const void *left, const void *right)
{
	const struct scan_finger_entry *a = left, *b = right;
	return a->host < b->host ? -1 : a->host > b->host;
}

void scan_settle(struct scan *scan)
{
	if (scan->finger_count)
		qsort(scan->fingers, scan->finger_count, sizeof *scan->fingers, by_host);
}

static void finish(struct scan *scan)
{
	if (scan->over)
		return;
	scan->over = true;
	scan->ended = clock_mono();
	loop_timer_stop(scan->loop, &scan->timer);
	scan_settle(scan);
	scan->events->end(scan->arg);
}

/* Sends what is due, at most one batch. Returns how many probes that were. */
static unsigned send_due(struct scan *scan, enum scan_next *next, ns_t *when)
{
	ns_t now = clock_mono();
	unsigned count = 0;
	uint64_t probe;
	while (count < PROBES_A_TURN &&
	       (*next = scan_core_next(&scan->core, now, &probe, when)) == SCAN_SEND) {
		scan->way->send(scan, probe, now);
		count++;
	}
	scan->way->flush(scan);
	return count;
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)timer;
	struct scan *scan = arg;
	ns_t began = clock_mono(), when = began;
	enum scan_next next;
	do {
		send_due(scan, &next, &when);
		scan->way->drain(scan);
	} while (next == SCAN_SEND && clock_mono() - began < TURN);
	report(scan, began);
	if (next == SCAN_DONE || !scan->core.silent)
		finish(scan);
	else if (next == SCAN_SEND)
		loop_timer_start(loop, &scan->timer, 0, tick, scan);
	else if (when != NS_NEVER)
		loop_timer_start(loop, &scan->timer, when, tick, scan);
}

void scan_wake(struct scan *scan)
{
	if (!scan->over)
		loop_timer_start(scan->loop, &scan->timer, 0, tick, scan);
}

/* --- life --- */

static void ports_list(struct scan *scan)
{
	scan->port_index = mem_alloc((UINT16_MAX + 1) * sizeof *scan->port_index);
	scan->ports = mem_alloc((scan->request.ports->count + 1) * sizeof *scan->ports);
	uint16_t index = 0;
	for (uint32_t port = port_set_next(scan->request.ports, 0); port;
	     port = port_set_next(scan->request.ports, port + 1)) {
		scan->ports[index] = (uint16_t)port;
		scan->port_index[port] = index++;
	}
}

static int way_open(struct scan *scan, struct error *err)
{
	static const struct scan_way *const ways[] = {
		[SCAN_SYN] = &scan_way_syn, [SCAN_CONNECT] = &scan_way_connect, [SCAN_UDP] = &scan_way_udp
	};
	enum scan_method wanted = scan->request.method;
	scan->method = wanted == SCAN_AUTO ? SCAN_SYN : wanted;
	scan->way = ways[scan->method];
	if (scan->way->open(scan, err) == 0)
		return 0;
	int errnum = errno;
	scan->way->close(scan);
	scan->way = NULL;
	if (wanted != SCAN_AUTO || (errnum != EPERM && errnum != EACCES))
		return -1;
	if (err)
		error_clear(err);
	scan->method = SCAN_CONNECT;
	scan->way = ways[SCAN_CONNECT];
	return scan->way->open(scan, err);
}

struct scan *scan_start(struct loop *loop, const struct scan_request *request,
			const struct scan_events *events, void *arg, struct error *err)
{
	uint64_t hosts = targets_count(request->targets);
	uint32_t ports = request->ports->count;
	if (hosts > SCAN_PROBES_MAX / ports) {
		error_set(err, STATUS_USAGE, "EUSAGE", "scan a part of it at a time",
			  "%llu addresses with %u ports each are more than %llu probes",
			  (unsigned long long)hosts, ports, (unsigned long long)SCAN_PROBES_MAX);
		return NULL;
	}
	struct scan *scan = NEW(struct scan);
	scan->loop = loop;
	scan->request = *request;
	scan->events = events;
	scan->arg = arg;
	if (request->interface) {
		snprintf(scan->interface, sizeof scan->interface, "%s", request->interface);
		scan->request.interface = scan->interface;
	}
	if (getrandom(&scan->secret, sizeof scan->secret, 0) < 0)
		scan->secret = (uint64_t)clock_real();
	ports_list(scan);
	scan->began = clock_mono();
	scan_core_init(&scan->core, hosts, ports, request->method == SCAN_UDP, request->rate, scan->began);
	if (way_open(scan, err) < 0) {
		scan_free(scan);
		return NULL;
	}
	loop_timer_start(loop, &scan->timer, 0, tick, scan);
	return scan;
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	loop_timer_stop(scan->loop, &scan->timer);
	if (scan->way)
		scan->way->close(scan);
	scan_core_release(&scan->core);
	free(scan->port_index);
	free(scan->ports);
	free(scan->fingers);
	free(scan);
}

/* --- what is known --- */

void scan_totals_get(const struct scan *scan, struct scan_totals *out)
{
	const struct scan_core *core = &scan->core;
	*out = (struct scan_totals){
		.method = scan->method,
		.hosts = core->hosts,
		.ports = core->ports,
		.probes = core->total,
		.sent = core->sent,
		.recovered = core->recovered,
		.passes = core->pass,
		.took = (scan->over ? scan->ended : clock_mono()) - scan->began,
		.rtt = core->srtt,
		.rtt_max = core->srtt == NS_NONE ? NS_NONE : core->rtt_max,
		.rate_limit = core->rate,
		.slowed = core->slowed,
		.icmp_limited = core->icmp_limited && core->silent,
		.hosts_answered = core->reached,
	};
	for (uint64_t i = 0; i < core->total; i++)
		out->states[scan_core_outcome(core, i)->state]++;
}

uint16_t scan_port(const struct scan *scan, uint32_t index)
{
	return scan->ports[index];
}

const struct scan_outcome *scan_outcome_get(const struct scan *scan, uint64_t host, uint32_t port_index)
{
	return scan_core_outcome(&scan->core, scan_core_probe(&scan->core, host, port_index));
}

bool scan_host_answered(const struct scan *scan, uint64_t host)
{
	return scan->core.host_flags[host] & SCAN_HOST_ANSWERED;
}

bool scan_host_heard(const struct scan *scan, uint64_t host)
{
	return scan->core.host_flags[host] & SCAN_HOST_HEARD;
}

const struct scan_finger *scan_finger_get(const struct scan *scan, uint64_t host)
{
	if (!(scan->core.host_flags[host] & SCAN_HOST_FINGERED))
		return NULL;
	struct scan_finger_entry key = { .host = host };
	const struct scan_finger_entry *entry =
	    bsearch(&key, scan->fingers, scan->finger_count, sizeof key, by_host);
	return entry ? &entry->finger : NULL;
}
