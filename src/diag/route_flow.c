/* diagnose route: asks the tables, sends the probes, and has the facts judged. */
#include "ntsh/diagnose_route.h"

#include "base/mem.h"
#include "diag/rank.h"
#include "diag/way.h"
#include "diag/words.h"
#include "ntsh/counters.h"
#include "ntsh/resolve.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PROBES = 12,
	LARGE_PROBES = 4,
	ELSEWHERE_PROBES = 4,
	SLOW_PROBES = 5,
	FLOWS = 12,
	ADDRESSES_MAX = 8,
	WORK_MAX = 10
};

static const ns_t LIMIT = 5 * NS_PER_S, LIMIT_ELSEWHERE = 3 * NS_PER_S, LIMIT_SLOW = 7 * NS_PER_S;

/* One piece of work that runs in the loop: a ping or a trace. */
struct work {
	struct errand *errand;
	struct way_series *series;
	struct ping *ping;
	struct trace *trace;
	const struct trace_report **report;
};

struct errand {
	struct loop *loop;
	const struct diagnose_route_request *request;
	const struct diagnose_events *events;
	void *arg;
	struct way_facts facts;
	struct work work[WORK_MAX * WAY_PATHS_MAX];
	size_t work_count, running;
	bool done;
};

static void step(struct errand *errand, double fraction, const char *doing)
{
	if (errand->events && errand->events->step)
		errand->events->step(fraction, doing, errand->arg);
}

static void finding(struct errand *errand, const char *what)
{
	if (errand->events && errand->events->finding)
		errand->events->finding(what, errand->arg);
}

/* --- work in the loop --- */

static void work_ended(void *arg)
{
	struct work *work = arg;
	work->errand->running--;
	work->errand->done = work->errand->running == 0;
}

static bool is_too_big(const struct ping_probe *probe, sa_family_t family)
{
	return family == AF_INET6
		   ? probe->icmp_type == ICMP6_PACKET_TOO_BIG
		   : probe->icmp_type == ICMP_DEST_UNREACH && probe->icmp_code == ICMP_FRAG_NEEDED;
}

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct way_series *series = ((struct work *)arg)->series;
	if (probe->outcome == PING_DUPLICATE)
		return;
	if (probe->outcome == PING_REPLY || probe->outcome == PING_LATE) {
		series->answered++;
		series->sent += probe->outcome == PING_REPLY; /* a late one was counted as lost */
		if (series->least == NS_NONE || probe->rtt < series->least)
			series->least = probe->rtt;
	} else if (probe->outcome == PING_LOST) {
		series->sent++;
	} else if (probe->outcome == PING_SEND_FAILED) {
		series->refused++;
		series->errnum = probe->errnum;
	} else {
		series->errors++;
		series->icmp_type = probe->icmp_type;
		series->icmp_code = probe->icmp_code;
		series->icmp_from = probe->from;
		series->icmp_mtu = probe->icmp_mtu;
		series->too_big |= is_too_big(probe, probe->from.family);
		series->sent++;
	}
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	(void)method, (void)because, (void)arg;
}

static struct work *work_new(struct errand *errand, struct way_series *series)
{
	struct work *work = &errand->work[errand->work_count++];
	*work = (struct work){ .errand = errand, .series = series };
	if (series && !series->sent)
		series->least = NS_NONE;
	return work;
}

static void ping_begin(struct errand *errand, struct way_series *series, const struct ping_request *request)
{
	static const struct ping_events events = { on_probe, on_method, work_ended };
	struct work *work = work_new(errand, series);
	struct ping_request raw = *request;
	raw.method = PING_ICMP_RAW;
	work->ping = ping_start(errand->loop, request, &events, work, NULL);
	/* Ping sockets may be forbidden, even to root. */
	if (!work->ping && request->method == PING_ICMP_SOCKET)
		work->ping = ping_start(errand->loop, &raw, &events, work, NULL);
	errand->running += work->ping != NULL;
}

static void trace_begin(struct errand *errand, const struct trace_report **report,
			const struct trace_request *request)
{
	static const struct trace_events events = { NULL, work_ended };
	struct work *work = work_new(errand, NULL);
	work->report = report;
	work->trace = trace_start(errand->loop, request, &events, work, NULL);
	errand->running += work->trace != NULL;
}

static void time_is_up(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop, (void)timer;
	((struct errand *)arg)->done = true;
}

/* Until all have ended, or the time is up: then what they know so far counts. */
static void run_works(struct errand *errand, ns_t deadline)
{
	struct loop_timer timer = { 0 };
	errand->done = errand->running == 0;
	loop_timer_start(errand->loop, &timer, deadline, time_is_up, errand);
	enum loop_end end = loop_run(errand->loop, &errand->done);
	loop_timer_stop(errand->loop, &timer);
	errand->facts.interrupted |= end == LOOP_INTERRUPTED || end == LOOP_TIMEOUT;
	for (size_t i = 0; i < errand->work_count; i++) {
		struct work *work = &errand->work[i];
		if (work->trace && work->report)
			*work->report = trace_report(work->trace);
	}
}

static void free_works(struct errand *errand)
{
	for (size_t i = 0; i < errand->work_count; i++) {
		ping_free(errand->work[i].ping);
		trace_free(errand->work[i].trace);
	}
	errand->work_count = errand->running = 0;
}

/* --- one address --- */

static void take_route(struct errand *errand, struct way_path *path)
{
	struct route_query query = { .destination = path->addr, .oif = errand->request->interface };
	const struct route_decision *decision = &path->explained.decision;
	if (route_explain(&query, false, &path->explained, NULL) < 0)
		return;
	path->on_link = decision->gateway.family == AF_UNSPEC;
	path->next_hop = path->on_link ? path->addr : decision->gateway;
	path->link_known = decision->ifindex && link_get(decision->ifindex, &path->link, NULL) == 0;
}

/* Another route that covers the host and leaves by another interface: worth a try when nothing answers. */
static void take_elsewhere(struct way_path *path)
{
	const struct route_explanation *explained = &path->explained;
	for (size_t i = 0; i < explained->rival_count; i++) {
		const struct route_rival *rival = &explained->rivals[i];
		if (rival->wins || !*rival->interface ||
		    strcmp(rival->interface, explained->decision.interface) == 0)
			continue;
		snprintf(path->elsewhere_by, sizeof path->elsewhere_by, "%s", rival->interface);
		snprintf(path->elsewhere_route, sizeof path->elsewhere_route, "%s", rival->words);
		path->equal_default = rival->equal;
		path->standby = rival->standby;
		return;
	}
}

static bool is_usable(const struct way_path *path)
{
	const struct route_decision *decision = &path->explained.decision;
	return !error_is_set(&decision->error) && decision->type == RTN_UNICAST &&
	       (!path->link_known || (path->link.up && path->link.running));
}

static void probes_begin(struct errand *errand, struct way_path *path)
{
	const char *interface = errand->request->interface;
	uint16_t port = errand->request->port ? errand->request->port : 443;
	uint32_t mtu = path->explained.decision.mtu ? path->explained.decision.mtu : path->link.mtu;
	size_t header = path->addr.family == AF_INET6 ? 48 : 28;
	struct ping_request request = { .target = path->addr,
					.method = PING_ICMP_SOCKET,
					.count = PROBES,
					.interval = 60 * NS_PER_MS,
					.interface = interface };
	ping_begin(errand, &path->icmp, &request);
	request.method = PING_TCP;
	request.tcp_port = port;
	ping_begin(errand, &path->tcp, &request);
	request.method = PING_ICMP_SOCKET;
	request.count = LARGE_PROBES;
	request.interval = 200 * NS_PER_MS;
	request.size = mtu > header && mtu < 60000 ? mtu - header : 1472;
	path->large_bytes = request.size + header;
	ping_begin(errand, &path->large, &request);
	struct trace_request trace = { .target = path->addr,
				       .method = TRACE_UDP,
				       .first = 1,
				       .max = 30,
				       .queries = 3,
				       .interface = interface };
	trace_begin(errand, &path->udp, &trace);
	trace.method = TRACE_TCP;
	trace.port = port;
	trace.flows = FLOWS;
	trace_begin(errand, &path->flows, &trace);
}

/* Routers send few ICMP errors in a row (icmp_ratelimit), and a neighbour that was known is believed for some seconds: who heard nothing at all
 * asks again, slowly. */
static void ask_slowly(struct errand *errand)
{
	size_t begun = errand->work_count;
	for (unsigned i = 0; i < errand->facts.path_count; i++) {
		struct way_path *path = &errand->facts.paths[i];
		struct ping_request request = { .target = path->addr,
						.method = PING_ICMP_SOCKET,
						.count = SLOW_PROBES,
						.interval = 1100 * NS_PER_MS,
						.interface = errand->request->interface };
		if (is_usable(path) && !way_answers(path) && !path->icmp.errors && !path->tcp.errors &&
		    !path->icmp.refused && !path->tcp.refused && !way_hop_is_dead(path))
			ping_begin(errand, &path->icmp, &request);
	}
	if (errand->work_count > begun)
		run_works(errand, clock_mono() + LIMIT_SLOW);
}

static void try_elsewhere(struct errand *errand)
{
	for (unsigned i = 0; i < errand->facts.path_count; i++) {
		struct way_path *path = &errand->facts.paths[i];
		if (way_answers(path) || !*path->elsewhere_by)
			continue;
		struct ping_request request = { .target = path->addr,
						.method = PING_AUTO,
						.count = ELSEWHERE_PROBES,
						.interval = 100 * NS_PER_MS,
						.interface = path->elsewhere_by };
		ping_begin(errand, &path->elsewhere, &request);
	}
}

static void take_neighbour(struct way_path *path)
{
	uint8_t mac[6];
	if (path->explained.decision.ifindex && is_usable(path))
		(void)neighbour_get(&path->next_hop, path->explained.decision.ifindex, &path->neighbour, mac,
				    NULL);
}

static uint64_t reverse_drops(void)
{
	struct counters counters;
	if (counters_read(&counters, NULL) < 0)
		return 0;
	uint64_t drops = counters_get(&counters, "TcpExt.IPReversePathFilter");
	counters_free(&counters);
	return drops;
}

/* --- the whole --- */

static int paths_make(struct errand *errand, struct error *err)
{
	struct addr addrs[ADDRESSES_MAX];
	size_t count = 0;
	struct way_facts *facts = &errand->facts;
	facts->host = errand->request->host;
	if (resolve_all(errand->loop, facts->host, errand->request->family, addrs, ADDRESSES_MAX, &count,
			err) < 0)
		return -1;
	/* One of each family, in the order in which programs would try them. */
	for (size_t i = 0; i < count && facts->path_count < WAY_PATHS_MAX; i++)
		if (!facts->path_count || facts->paths[0].addr.family != addrs[i].family)
			facts->paths[facts->path_count++].addr = addrs[i];
	for (unsigned i = 0; i < facts->path_count; i++) {
		take_route(errand, &facts->paths[i]);
		take_elsewhere(&facts->paths[i]);
	}
	return 0;
}

static void measure(struct errand *errand)
{
	struct way_facts *facts = &errand->facts;
	uint64_t drops = reverse_drops();
	step(errand, 0.1, "pings, handshakes and traces: how far does it get?");
	for (unsigned i = 0; i < facts->path_count; i++)
		if (is_usable(&facts->paths[i]))
			probes_begin(errand, &facts->paths[i]);
	run_works(errand, clock_mono() + LIMIT);
	uint64_t dropped = reverse_drops() - drops;
	for (unsigned i = 0; i < facts->path_count; i++) {
		struct way_path *path = &facts->paths[i];
		path->rp_drops = path->addr.family == AF_INET ? dropped : 0;
		take_neighbour(path);
		if (path->udp)
			path->finding_count =
			    trace_judge(path->udp, path->flows, path->findings, TRACE_FINDINGS_MAX);
		if (path->finding_count)
			finding(errand, path->findings[0].says);
	}
	if (facts->interrupted)
		return;
	step(errand, 0.5, "nothing answers: slow pings, as routers limit their errors");
	ask_slowly(errand);
	for (unsigned i = 0; i < facts->path_count; i++)
		take_neighbour(&facts->paths[i]);
	step(errand, 0.8, "another route covers it: would that one get there?");
	size_t begun = errand->work_count;
	try_elsewhere(errand);
	if (errand->work_count > begun)
		run_works(errand, clock_mono() + LIMIT_ELSEWHERE);
}

static void otherwise(const struct matter *matter, struct verdict *out)
{
	const struct way_facts *facts = matter->way;
	const struct way_path *path = way_main(facts);
	const struct route_decision *decision = &path->explained.decision;
	char text[ADDR_TEXT_MAX], because[EXPLAIN_SAYS_MAX];
	addr_format(&path->addr, text);
	verdict_where(out, "%s", text);
	if (decision->type == RTN_LOCAL && !error_is_set(&decision->error)) {
		verdict_healthy(out);
		verdict_found(out, 0, 0.99, "%s is this machine itself", text);
	} else if (way_answers(path)) {
		const struct way_series *series = path->icmp.answered ? &path->icmp : &path->tcp;
		verdict_healthy(out);
		verdict_found(out, 0, confidence_of(0.95, series->answered, PROBES),
			      "packets get to %s and back in %s%s", text, say_time(series->least).text,
			      path->icmp.answered ? "" : " (by TCP; it answers no pings)");
		verdict_evidence(out, "answers", value_count(series->answered), value_none(), 0.8,
				 "%u of %u probes were answered", series->answered, series->sent);
		verdict_evidence(out, "route", value_none(), value_none(), 0.4, "%s",
				 route_because(decision, because));
	} else {
		verdict_unknown(out);
		verdict_found(out, 0, 0,
			      facts->interrupted ? "ended before enough was measured to tell"
						 : "nothing answers, and nothing says why");
		verdict_next(out, "ntsh traceroute %s", text);
	}
	if (!error_is_set(&decision->error) && decision->type == RTN_UNICAST)
		verdict_next(out, "ntsh route get %s", text);
}

int diagnose_route_run(struct loop *loop, const struct diagnose_route_request *request,
		       const struct diagnose_events *events, void *arg, struct diagnosis *out,
		       struct error *err)
{
	static const struct rule *const tables[] = { rules_way, rules_way_path };
	struct errand *errand = NEW(struct errand);
	ns_t began = clock_mono();
	*errand = (struct errand){ .loop = loop, .request = request, .events = events, .arg = arg };
	memset(out, 0, sizeof *out);
	out->ledger.total = NS_NONE;
	out->round_trip = NS_NONE;
	int failed = paths_make(errand, err);
	if (!failed) {
		measure(errand);
		struct matter matter = { .way = &errand->facts };
		rank(&matter, tables, 2, otherwise, out);
		const struct way_path *path = way_main(&errand->facts);
		addr_format(&path->addr, out->address);
		out->attempts = (int)(path->icmp.sent + path->tcp.sent);
		out->failed = out->attempts - (int)(path->icmp.answered + path->tcp.answered);
		out->round_trip = path->icmp.answered  ? path->icmp.least
				  : path->tcp.answered ? path->tcp.least
						       : NS_NONE;
		snprintf(out->target, sizeof out->target, "%s", request->host);
		snprintf(out->clock, sizeof out->clock, "kernel timestamps where there are any");
	}
	out->took = clock_mono() - began;
	free_works(errand);
	free(errand);
	return failed;
}
