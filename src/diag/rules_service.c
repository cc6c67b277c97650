/* The service's own faults: its program does not accept, does not read, does not answer, does not close; or the machine is short of CPU. */
#include "diag/service.h"
#include "diag/words.h"

#include <math.h>
#include <string.h>

/* What a person calls slow, when a program alone is to blame. */
#define SLOW (200 * NS_PER_MS)

static void where_put(struct verdict *verdict, const struct service_facts *facts)
{
	verdict_where(verdict, "%s%s%s", facts->process[0] ? facts->process : "the program",
		      facts->where[0] ? " at " : "", facts->where);
}

static void look_at_program(struct verdict *verdict, const struct service_facts *facts)
{
	if (facts->stopped)
		verdict_next(verdict, "kill -CONT %u   (it is stopped by a signal or a debugger)",
			     facts->pid);
	else if (facts->pid)
		verdict_next(verdict, "cat /proc/%u/wchan /proc/%u/stack   (what it waits for)", facts->pid,
			     facts->pid);
}

static void say_stopped(struct verdict *verdict, const struct service_facts *facts)
{
	if (facts->stopped)
		verdict_evidence(verdict, "stopped", value_flag(true), value_none(), 0.9,
				 "%s is stopped (state T): a signal or a debugger holds it", facts->process);
}

/* --- nobody listens --- */

static enum finding judge_absent(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	if (f->listens || f->udp)
		return verdict_clean(verdict, "%s listens at %s", f->process[0] ? f->process : "a program",
				     f->where);
	verdict_where(verdict, "port %u of this machine", f->port);
	verdict_evidence(verdict, "listeners", value_count(0), value_none(), 1,
			 "no TCP and no UDP socket of this namespace is bound to port %u", f->port);
	verdict_next(verdict, "ntsh ss -tulnp   (what listens here)");
	return verdict_found(verdict, NS_NEVER, 0.98, "nothing listens at port %u: every client is refused",
			     f->port);
}

/* --- it does not accept --- */

static enum finding judge_accept(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	if (!f->listens || !f->looks)
		return NOT_TESTED;
	double full = (double)f->looks_full / f->looks, queued = (double)f->looks_queued / f->looks;
	bool overflowed =
	    f->counters_known && f->counters.overflows > 0 && 2 * f->queue_most >= f->queue_limit;
	/* A queue that is never empty but moves is a busy server's. */
	bool stuck = queued > 0.9 && f->looks > 3 && f->unaccepted_long;
	if (!f->looks_full && !overflowed && !stuck)
		return verdict_clean(
		    verdict, "at most %llu of %llu connections waited to be accepted%s",
		    (unsigned long long)f->queue_most, (unsigned long long)f->queue_limit,
		    f->counters_known && !f->counters.overflows ? ", and ListenOverflows stood still" : "");
	where_put(verdict, f);
	verdict_evidence(
	    verdict, "accept_queue", value_count(f->queue_most), value_count(f->queue_limit), 0.9,
	    "%llu connections waited to be accepted, where %llu may; the queue was full at %u of %u looks",
	    (unsigned long long)f->queue_most, (unsigned long long)f->queue_limit, f->looks_full, f->looks);
	if (f->counters_known && f->counters.overflows > 0)
		verdict_evidence(verdict, "listen_overflows", value_count((uint64_t)f->counters.overflows),
				 value_count(0), 0.9,
				 "ListenOverflows grew by %lld in %s: as many connections were dropped",
				 (long long)f->counters.overflows, say_time(f->took).text);
	if (f->unaccepted)
		verdict_evidence(
		    verdict, "unaccepted", value_count(f->unaccepted), value_none(), 0.6,
		    "%llu clients are connected and wait for accept(), %llu of them have sent data already",
		    (unsigned long long)f->unaccepted, (unsigned long long)f->unaccepted_data);
	say_stopped(verdict, f);
	look_at_program(verdict, f);
	if (f->looks_full || overflowed) {
		verdict_next(
		    verdict,
		    "a longer queue only helps against bursts: listen(2) backlog, net.core.somaxconn");
		return verdict_found(verdict, NS_NEVER, full > 0.5 ? 0.97 : 0.85,
				     "%s does not accept its connections: the accept queue is full, and new "
				     "clients are dropped",
				     f->process[0] ? f->process : "the program");
	}
	return verdict_found(verdict, f->took, 0.85,
			     "%s is late to accept: %llu clients waited for it in %u of %u looks",
			     f->process[0] ? f->process : "the program", (unsigned long long)f->queue_most,
			     f->looks_queued, f->looks);
}

/* --- half-open connections --- */

static enum finding judge_flood(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	if (!f->listens)
		return NOT_TESTED;
	/* inet_csk_reqsk_queue_is_full: the accept queue's limit also bounds the half-open ones. */
	uint64_t limit = f->queue_limit ? f->queue_limit : 128;
	bool dropped = f->counters.queue_drops > 0 || f->counters.cookies > 0;
	bool many = f->half_open > 16 && 2 * f->half_open >= limit;
	if ((!dropped && !many) || f->half_open < 8)
		return verdict_clean(verdict, "at most %llu connections were half open",
				     (unsigned long long)f->half_open);
	/* A full accept queue leaves half-open connections behind: then they are its consequence. */
	if (f->looks_full)
		return NOT_TESTED;
	bool spread = f->half_open_peers * 2 > f->half_open;
	where_put(verdict, f);
	verdict_evidence(verdict, "half_open", value_count(f->half_open), value_count(limit), 0.9,
			 "%llu connections were half open at once (SYN-RECV), from %llu addresses",
			 (unsigned long long)f->half_open, (unsigned long long)f->half_open_peers);
	if (f->counters.cookies > 0)
		verdict_evidence(verdict, "syncookies", value_count((uint64_t)f->counters.cookies),
				 value_count(0), 0.8,
				 "the kernel answered %lld SYNs with cookies, as its queue was full",
				 (long long)f->counters.cookies);
	if (f->counters.queue_drops > 0)
		verdict_evidence(verdict, "queue_drops", value_count((uint64_t)f->counters.queue_drops),
				 value_count(0), 0.9,
				 "%lld SYNs were dropped, as the queue of half-open connections was full",
				 (long long)f->counters.queue_drops);
	verdict_next(verdict, "ntsh ss -tn state syn-recv sport = :%u   (from where)", f->port);
	verdict_next(verdict, "ntsh sysctl net.ipv4.tcp_syncookies   (1: real clients get through)");
	return verdict_found(verdict, f->counters.queue_drops > 0 ? NS_NEVER : f->took,
			     dropped && spread ? 0.92 : 0.75,
			     "%llu connections are half open: SYNs come, and the ACKs that should follow do "
			     "not (a SYN flood, or a way back that loses everything)",
			     (unsigned long long)f->half_open);
}

/* --- it does not read --- */

static enum finding judge_reading(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	const struct service_sums *s = &f->sums;
	if (!s->connections && !f->udp)
		return NOT_TESTED;
	bool udp = f->udp && !f->listens && (f->udp_drops || f->udp_unread > 65536);
	if (!s->unread && !udp)
		return verdict_clean(verdict, "what %llu connections received was read",
				     (unsigned long long)s->connections);
	where_put(verdict, f);
	say_stopped(verdict, f);
	look_at_program(verdict, f);
	if (udp) {
		verdict_evidence(
		    verdict, "udp_unread", value_bytes(f->udp_unread), value_none(), 0.9,
		    "%s lie unread in its UDP socket, and %llu packets were dropped for want of room",
		    say_bytes(f->udp_unread).text, (unsigned long long)f->udp_drops);
		return verdict_found(verdict, f->udp_drops ? NS_NEVER : f->took, 0.9,
				     "%s does not read its packets fast enough: %llu were dropped",
				     f->process[0] ? f->process : "the program",
				     (unsigned long long)f->udp_drops);
	}
	verdict_evidence(
	    verdict, "unread", value_bytes(s->unread_bytes), value_bytes(0), 0.9,
	    "%s from %llu of %llu connections lie unread, and nothing was taken from look to look",
	    say_bytes(s->unread_bytes).text, (unsigned long long)s->unread,
	    (unsigned long long)s->connections);
	bool all = s->unread == s->established;
	return verdict_found(verdict, all ? NS_NEVER : f->took, 0.95,
			     "%s does not read what its clients have sent (%llu of %llu connections)",
			     f->process[0] ? f->process : "the program", (unsigned long long)s->unread,
			     (unsigned long long)s->connections);
}

/* --- it does not answer --- */

/* Nobody is answered, though clients wait. */
static bool is_dead(const struct service_sums *s)
{
	if (s->answered_bytes || s->wait == NS_NONE || s->wait < NS_PER_S)
		return false;
	uint64_t waiting = s->pending_sure + s->pending_recent;
	return s->pending_sure ? 2 * waiting > s->established : 10 * waiting >= 9 * s->established;
}

static enum finding judge_silent(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	const struct service_sums *s = &f->sums;
	if (s->answered_bytes)
		return verdict_clean(verdict, "%s were sent to clients in that time",
				     say_bytes(s->answered_bytes).text);
	if (!is_dead(s))
		return NOT_TESTED;
	uint64_t waiting = s->pending_sure + s->pending_recent;
	where_put(verdict, f);
	verdict_evidence(verdict, "wait", value_time(s->wait), value_none(), 0.9,
			 "requests on %llu of %llu connections were received, acknowledged and read; nothing "
			 "was sent since, for %s "
			 "(median)",
			 (unsigned long long)waiting, (unsigned long long)s->established,
			 say_time(s->wait).text);
	verdict_evidence(verdict, "answered", value_bytes(0), value_none(), 0.8,
			 "not a byte was sent on any connection in %s%s", say_time(f->took).text,
			 s->ever_answered && s->pending_sure
			     ? ""
			     : ": if clients speak last in this protocol, all is well");
	say_stopped(verdict, f);
	look_at_program(verdict, f);
	double sure = !s->pending_sure ? 0.6 : !s->ever_answered ? 0.75 : 0.92;
	return verdict_found(verdict, NS_NEVER, sure,
			     "%s does not answer: %llu connections wait, and nobody is served",
			     f->process[0] ? f->process : "the program", (unsigned long long)waiting);
}

static enum finding judge_slow(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	const struct service_sums *s = &f->sums;
	if (!s->answered_bytes)
		return NOT_TESTED;
	if (s->think == NS_NONE || s->think < SLOW)
		return s->think == NS_NONE
			   ? verdict_clean(verdict, "no client was seen to wait %s for an answer",
					   say_time(50 * NS_PER_MS).text)
			   : verdict_clean(verdict, "clients waited %s for an answer",
					   say_time(s->think).text);
	where_put(verdict, f);
	verdict_evidence(verdict, "think", value_time(s->think), value_none(), 0.9,
			 "requests were received, acknowledged and read, and answered after %s (median of "
			 "%llu connections, at most "
			 "%s)",
			 say_time(s->think).text, (unsigned long long)s->answers,
			 say_time(s->think_most).text);
	say_stopped(verdict, f);
	look_at_program(verdict, f);
	/* What it waited for a CPU is not its own. */
	double own = f->run_known && f->run_delay < 0.9 ? 1 - f->run_delay : f->run_known ? 0.1 : 1;
	return verdict_found(verdict, (ns_t)((double)s->think * own), 0.9,
			     "%s takes %s to answer: the requests are here, the network has done its part",
			     f->process[0] ? f->process : "the program", say_time(s->think).text);
}

/* --- it does not close --- */

static enum finding judge_closing(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	if (!f->listens)
		return NOT_TESTED;
	/* One or two may be on their way. */
	if (f->close_wait < 3)
		return verdict_clean(verdict, "connections that clients have closed are closed here, too");
	bool full = f->files > 0 && f->files_limit > 0 && 20 * f->files >= 19 * f->files_limit;
	where_put(verdict, f);
	verdict_evidence(verdict, "close_wait", value_count(f->close_wait), value_count(0), 0.9,
			 "%llu connections were in CLOSE-WAIT all the time, the oldest for %s at least: "
			 "their clients have "
			 "closed, close() was not called",
			 (unsigned long long)f->close_wait, say_time(f->close_wait_oldest).text);
	if (f->files > 0 && f->files_limit > 0)
		verdict_evidence(verdict, "files", value_count((uint64_t)f->files),
				 value_count((uint64_t)f->files_limit), 0.6,
				 "it has %lld of %lld descriptors open", (long long)f->files,
				 (long long)f->files_limit);
	verdict_next(verdict, "ntsh ss -tnp state close-wait sport = :%u", f->port);
	return verdict_found(verdict, full ? NS_NEVER : NS_PER_MS * (ns_t)f->close_wait, 0.93,
			     "%s does not close: %llu connections whose clients are gone stay open%s",
			     f->process[0] ? f->process : "the program", (unsigned long long)f->close_wait,
			     full ? ", and its descriptors are used up" : "");
}

/* --- it gets no CPU --- */

static enum finding judge_starved(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	if (!f->run_known)
		return NOT_TESTED;
	if (f->run_delay < 0.35)
		return verdict_clean(verdict, "it waited for a CPU for %s of the time",
				     say_share(f->run_delay).text);
	double share = f->run_delay > 1 ? 1 : f->run_delay;
	ns_t think = f->sums.think == NS_NONE ? 0 : f->sums.think;
	where_put(verdict, f);
	verdict_evidence(verdict, "run_delay", value_percent(100 * f->run_share), value_none(), 0.9,
			 "its threads were ready to run and had to wait for a CPU %s of that time",
			 say_share(f->run_share).text);
	if (!isnan(f->cpu_some))
		verdict_evidence(verdict, "cpu_pressure", value_percent(f->cpu_some), value_none(), 0.6,
				 "some task of this machine waited for a CPU for %s of the time",
				 say_share(f->cpu_some / 100).text);
	verdict_next(verdict, "top -H   (who uses the CPUs), systemd-cgtop, nice");
	ns_t cost = (ns_t)((double)(think > SLOW ? think : SLOW) * share);
	return verdict_found(verdict, cost, 0.9,
			     "%s does not get the CPU: of the time that it could run it waited %s",
			     f->process[0] ? f->process : "the program", say_share(f->run_share).text);
}

const struct rule rules_service[] = {
	{ "server.refused", CLASS_SERVER, AT_CONNECT, "RFC 9293 3.10.7.1", judge_absent },
	{ "server.listen-overflow", CLASS_SERVER, AT_CONNECT,
	  "kernel snmp_counter ListenOverflows; listen(2)", judge_accept },
	{ "server.syn-flood", CLASS_SERVER, AT_CONNECT, "kernel snmp_counter TCPReqQFullDrop; RFC 4987",
	  judge_flood },
	{ "server.not-reading", CLASS_SERVER, AT_REQUEST, "ss(8) Recv-Q; udp(7)", judge_reading },
	{ "server.not-responding", CLASS_SERVER, AT_ANSWER,
	  "tcp(7) TCP_INFO: tcpi_last_data_recv, tcpi_last_data_sent", judge_silent },
	{ "server.slow-response", CLASS_SERVER, AT_ANSWER, "the same", judge_slow },
	{ "server.not-closing", CLASS_SERVER, AT_BODY, "RFC 9293 3.3.2 CLOSE-WAIT", judge_closing },
	{ "server.starved", CLASS_SERVER, AT_MACHINE, "kernel sched-stats.rst, psi.rst", judge_starved },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};
