/* This machine while it measures: its counters, whether it is on time. */
#include "diag/flow.h"

#include "ntsh/process.h"

#include <stdlib.h>

/* A timer of our own is due this often; how late it fires tells how long we waited for a CPU. */
#define TICK (25 * NS_PER_MS)

static void on_tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct flow *flow = arg;
	ns_t now = clock_mono();
	struct machine_facts *machine = &flow->facts->machine;
	if (machine->lateness_samples < SAMPLES_MAX)
		flow->lateness[machine->lateness_samples++] = now - flow->clock_due;
	flow->clock_due = now + TICK;
	loop_timer_start(loop, timer, flow->clock_due, on_tick, flow);
}

void flow_machine_begin(struct flow *flow)
{
	struct machine_facts *machine = &flow->facts->machine;
	machine->counters_known = counters_read(&flow->counters, NULL) == 0;
	flow->cpu_stall = machine_cpu_stall();
	if (sysctl_read_int("net.ipv4.ip_local_port_range", 0, &machine->port_low) ||
	    sysctl_read_int("net.ipv4.ip_local_port_range", 1, &machine->port_high))
		machine->port_low = machine->port_high = 0;
	flow->clock_due = clock_mono() + TICK;
	loop_timer_start(flow->loop, &flow->clock_timer, flow->clock_due, on_tick, flow);
}

static void sum_lateness(struct flow *flow)
{
	struct machine_facts *machine = &flow->facts->machine;
	unsigned count = machine->lateness_samples;
	if (!count)
		return;
	qsort(flow->lateness, count, sizeof *flow->lateness, ns_compare);
	machine->lateness_p50 = flow->lateness[(count - 1) / 2];
	machine->lateness_p95 = flow->lateness[(count - 1) * 95 / 100];
	machine->lateness_max = flow->lateness[count - 1];
}

static int64_t delta(const struct counters *before, const struct counters *after, const char *name)
{
	return (int64_t)(counters_get(after, name) - counters_get(before, name));
}

static void sum_counters(struct flow *flow)
{
	struct machine_facts *machine = &flow->facts->machine;
	struct counters after;
	if (!machine->counters_known)
		return;
	if (counters_read(&after, NULL)) {
		machine->counters_known = false;
		counters_free(&flow->counters);
		return;
	}
	const struct counters *before = &flow->counters;
	machine->retransmit_failures = delta(before, &after, "TcpExt.TCPRetransFail");
	machine->rp_filter_drops = delta(before, &after, "TcpExt.IPReversePathFilter");
	machine->in_header_errors = delta(before, &after, "Ip.InHdrErrors");
	machine->ofo_queued = delta(before, &after, "TcpExt.TCPOFOQueue");
	machine->dsack_sent =
	    delta(before, &after, "TcpExt.TCPDSACKOldSent") + delta(before, &after, "TcpExt.TCPDSACKOfoSent");
	machine->dsack_received = delta(before, &after, "TcpExt.TCPDSACKRecv");
	machine->spurious_rtos = delta(before, &after, "TcpExt.TCPSpuriousRTOs");
	machine->reordering_seen =
	    delta(before, &after, "TcpExt.TCPSACKReorder") + delta(before, &after, "TcpExt.TCPTSReorder");
	machine->timeouts = delta(before, &after, "TcpExt.TCPTimeouts");
	machine->syn_retransmits = delta(before, &after, "TcpExt.TCPSynRetrans");
	counters_free(&after);
	counters_free(&flow->counters);
}

void flow_machine_end(struct flow *flow)
{
	struct machine_facts *machine = &flow->facts->machine;
	loop_timer_stop(flow->loop, &flow->clock_timer);
	sum_lateness(flow);
	sum_counters(flow);
	uint64_t stalled = machine_cpu_stall();
	ns_t elapsed = clock_mono() - flow->began;
	machine->pressure_known = stalled && elapsed > 0 ? FACT_YES : FACT_NO;
	if (machine->pressure_known == FACT_YES)
		machine->cpu_some = (double)(stalled - flow->cpu_stall) * 1e3 / (double)elapsed * 100;
}
