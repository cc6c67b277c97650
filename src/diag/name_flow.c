/* diagnose dns: the measuring. Everything that can be asked at once is: the program's look-up, each resolver in several ways, and the walk
 * from the root beside them; what is asked afterwards depends on what came. */
#include "diag/name_flow.h"

#include "base/mem.h"
#include "net/dns/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PATIENCE (2400 * NS_PER_MS)
#define WALK_TRY (300 * NS_PER_MS)
#define BUDGET (7500 * NS_PER_MS)
#define NOTICEABLE (60 * NS_PER_MS)

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_AAAA = 28 };

static void step(struct name_flow *flow, double fraction, const char *doing)
{
	if (flow->events && flow->events->step)
		flow->events->step(fraction, doing, flow->arg);
}

/* --- the program's look-up --- */

static void looked_up(struct loop *loop, const struct lookup_result *result, void *arg)
{
	struct name_flow *flow = arg;
	struct name_facts *facts = flow->facts;
	(void)loop;
	flow->lookup = NULL;
	facts->looked_up = true;
	facts->lookup = *result;
	facts->lookup.answers = result->answer_count
				    ? mem_dup(result->answers, result->answer_count * sizeof *result->answers)
				    : NULL;
	facts->lookup.steps = NULL;
	facts->steps =
	    result->step_count ? mem_dup(result->steps, result->step_count * sizeof *result->steps) : NULL;
	name_flow_ended(flow);
}

static void looked_up_again(struct loop *loop, const struct lookup_result *result, void *arg)
{
	struct name_flow *flow = arg;
	(void)loop;
	flow->again = NULL;
	if (result->outcome == flow->facts->lookup.outcome)
		flow->facts->repeated = result->program_wait;
	name_flow_ended(flow);
}

static int lookup_begin(struct name_flow *flow, struct error *err)
{
	struct program_name names[LOOKUP_SEARCH_MAX + 1];
	flow->facts->name_count = program_names(&flow->conf, flow->request->name, names);
	for (int i = 0; i < flow->facts->name_count; i++)
		snprintf(flow->facts->names[i], sizeof flow->facts->names[i], "%s", names[i].text);
	flow->lookup = lookup_start(flow->loop, flow->request->name, flow->request->family, PATIENCE,
				    looked_up, flow, err);
	if (!flow->lookup)
		return -1;
	flow->under_way++;
	return 0;
}

/* --- waiting --- */

static void on_waker(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct name_flow *flow = arg;
	(void)loop;
	(void)timer;
	flow->wake = true;
}

static bool lookup_over(const struct name_flow *flow)
{
	return flow->facts->looked_up;
}

static bool all_over(const struct name_flow *flow)
{
	return flow->under_way == 0;
}

static void wait_for(struct name_flow *flow, bool (*over)(const struct name_flow *flow), ns_t until)
{
	if (until > flow->deadline)
		until = flow->deadline;
	while (!(over && over(flow)) && clock_mono() < until && !flow->facts->interrupted) {
		flow->wake = false;
		loop_timer_start(flow->loop, &flow->waker, until, on_waker, flow);
		if (loop_run(flow->loop, &flow->wake) != LOOP_DONE)
			flow->facts->interrupted = true;
	}
	loop_timer_stop(flow->loop, &flow->waker);
}

/* --- the walk from the root --- */

static struct walk *walk(struct name_flow *flow, const char *name, bool probes)
{
	struct walk_request request = { .name = name,
					.type = flow->type,
					.interface = flow->request->interface,
					.root_file = flow->request->root_file,
					.timeout = WALK_TRY,
					.tries = 2,
					.no_resolver = true,
					.no_probes = !probes,
					.budget = flow->deadline - clock_mono() };
	if (request.budget < NS_PER_MS || flow->facts->interrupted)
		return NULL;
	struct walk *trace = walk_run(flow->loop, &request, NULL);
	if (trace && walk_result(trace)->interrupted)
		flow->facts->interrupted = true;
	return trace;
}

/* Do the servers of the root answer as resolvers do? Then somebody between answers for them. */
static bool is_intercepted(const struct walk_result *trace)
{
	size_t lies = 0, all = 0;
	if (!trace->zone_count)
		return false;
	const struct walk_zone *root = trace->zones[0];
	for (size_t i = 0; i < root->server_count; i++) {
		const struct walk_server *server = &root->servers[i];
		all += server->message != NULL;
		lies += server->message && server->reply == WALK_NOT_AUTHORITATIVE && server->message->ra;
	}
	return lies && lies == all;
}

static void authority_take(struct name_flow *flow, const struct walk_result *trace)
{
	struct name_facts *facts = flow->facts;
	facts->trace = trace;
	facts->root_is_resolver = is_intercepted(trace);
	facts->authority_known =
	    trace->final_zone >= 0 &&
	    (trace->reply == WALK_ANSWER || trace->reply == WALK_NO_DATA || trace->reply == WALK_NO_NAME);
	if (!facts->authority_known)
		return;
	name_addrs_of(trace->message, flow->type, &facts->authority);
	facts->authority_ttl = UINT32_MAX;
	for (size_t i = 0; i < trace->message->counts[DNS_ANSWER]; i++)
		if (trace->message->records[DNS_ANSWER][i].ttl < facts->authority_ttl)
			facts->authority_ttl = trace->message->records[DNS_ANSWER][i].ttl;
}

/* A short name means what the search list makes of it. */
static void name_choose(struct name_flow *flow)
{
	struct name_facts *facts = flow->facts;
	const char *made = facts->lookup.found_as[0] ? facts->lookup.found_as : facts->names[0];
	if (made[0])
		facts->name = made;
}

/* --- what depends on what came --- */

static const struct walk_server *final_server(const struct name_facts *facts)
{
	if (!facts->trace || facts->trace->final_zone < 0 || facts->trace->final_server < 0)
		return NULL;
	return &facts->trace->zones[facts->trace->final_zone]->servers[facts->trace->final_server];
}

static void extra_ask(struct name_flow *flow, int extra, const char *name, uint16_t type)
{
	const struct walk_server *server = final_server(flow->facts);
	struct dns_request request = { .name = name,
				       .type = type,
				       .server = server->addr,
				       .dnssec_ok = true,
				       .timeout = WALK_TRY,
				       .tries = 2,
				       .interface = flow->request->interface };
	name_probe_start(flow, &flow->extras[extra], &flow->extra[extra], &request);
}

static bool aaaa_is_odd(const struct name_facts *facts)
{
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_probe *a = &facts->servers[i].probes[PROBE_A];
		const struct name_probe *aaaa = &facts->servers[i].probes[PROBE_AAAA];
		if (name_code_is(a, 0) && aaaa->done && !name_code_is(aaaa, 0))
			return true;
	}
	return false;
}

static bool differs(const struct name_flow *flow, int server)
{
	const struct name_facts *facts = flow->facts;
	const struct name_probe *probe = &facts->servers[server].probes[PROBE_A];
	struct name_addrs here;
	if (!facts->authority_known || !name_answered(probe))
		return false;
	name_addrs_of(probe->message, flow->type, &here);
	return (probe->message->rcode == 0 || probe->message->rcode == 3) &&
	       !name_addrs_equal(&here, &facts->authority);
}

static void differences_look(struct name_flow *flow)
{
	bool any = false;
	for (int i = 0; i < flow->conf.server_count; i++) {
		if (!differs(flow, i))
			continue;
		name_server_ask(flow, i, PROBE_SOA);
		any = true;
	}
	if (!any)
		return;
	if (final_server(flow->facts))
		extra_ask(flow, EXTRA_SOA, flow->facts->trace->final_name, TYPE_SOA);
	step(flow, 0.7,
	     "a resolver says something else than the authority: does its answer come from a cache?");
	wait_for(flow, NULL, clock_mono() + 1200 * NS_PER_MS);
	for (int i = 0; i < flow->conf.server_count; i++)
		if (differs(flow, i))
			name_server_ask(flow, i, PROBE_LATER);
}

static bool nowhere_found(const struct name_facts *facts)
{
	for (int i = 0; i < facts->server_count; i++) {
		const struct name_probe *probe = &facts->servers[i].probes[PROBE_NOWHERE];
		if (name_code_is(probe, 0) && probe->message->counts[DNS_ANSWER])
			return true;
	}
	return false;
}

static void second_look(struct name_flow *flow)
{
	struct name_facts *facts = flow->facts;
	if (final_server(facts)) {
		const struct walk_zone *zone = facts->trace->zones[facts->trace->final_zone];
		extra_ask(flow, EXTRA_NS, zone->name, TYPE_NS);
		if (aaaa_is_odd(facts))
			extra_ask(flow, EXTRA_AAAA, facts->trace->final_name, TYPE_AAAA);
	}
	if (facts->lookup.source == LOOKUP_DNS && facts->lookup.program_wait != NS_NEVER &&
	    facts->lookup.program_wait > NOTICEABLE && !facts->lookup.dead_servers) {
		flow->again = lookup_start(flow->loop, flow->request->name, flow->request->family, PATIENCE,
					   looked_up_again, flow, NULL);
		flow->under_way += flow->again != NULL;
	}
	differences_look(flow);
	if (nowhere_found(facts))
		flow->nowhere = walk(flow, facts->nowhere, false);
	/* A wildcard of the zone's own is no lie. */
	if (flow->nowhere && walk_result(flow->nowhere)->reply != WALK_NO_NAME)
		facts->nowhere[0] = '\0';
	wait_for(flow, all_over, flow->deadline);
}

static void delegation_compare(struct name_flow *flow)
{
	struct name_facts *facts = flow->facts;
	const struct name_probe *probe = &flow->extra[EXTRA_NS];
	if (!name_code_is(probe, 0) || !probe->message->aa ||
	    !walk_ns_differs(flow->trace, (size_t)facts->trace->final_zone, probe->message, facts->parent_ns,
			     facts->child_ns))
		facts->parent_ns[0] = facts->child_ns[0] = '\0';
}

static void extras_take(struct name_flow *flow)
{
	const struct name_probe *aaaa = &flow->extra[EXTRA_AAAA];
	if (flow->trace)
		delegation_compare(flow);
	flow->facts->authority_soa = flow->extra[EXTRA_SOA].message;
	if (!aaaa->done)
		return;
	flow->facts->authority_aaaa = name_answered(aaaa) ? aaaa->message->rcode == 0   ? WALK_ANSWER
							    : aaaa->message->rcode == 2 ? WALK_SERVFAIL
											: WALK_ERROR
							  : WALK_SILENT;
}

/* --- all of it --- */

static void nowhere_make(struct name_facts *facts)
{
	uint32_t random = 0;
	const char *parent = strchr(facts->name, '.');
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (uint32_t)clock_real();
	snprintf(facts->nowhere, sizeof facts->nowhere, "ntsh-no-such-name-%08x.%.250s", random,
		 parent && parent[1] ? parent + 1 : "");
}

static void hosts_look(struct name_flow *flow)
{
	struct addr addrs[LOOKUP_ADDRS_MAX];
	size_t count = lookup_hosts(flow->request->name, flow->type == TYPE_A ? AF_INET : AF_INET6, addrs,
				    LOOKUP_ADDRS_MAX);
	for (size_t i = 0; i < count; i++)
		name_addrs_add(&flow->facts->hosts, &addrs[i]);
}

static void measure(struct name_flow *flow)
{
	struct name_facts *facts = flow->facts;
	bool early = strchr(flow->request->name, '.') != NULL;
	hosts_look(flow);
	step(flow, 0.1, "looking the name up the way a program here does");
	if (!early) {
		wait_for(flow, lookup_over, flow->deadline);
		name_choose(flow);
	}
	nowhere_make(facts);
	step(flow, 0.3, "walking from the root to the authorities");
	flow->trace = walk(flow, facts->name, true);
	/* The program comes first: what is asked beside it may change what a cache holds. */
	wait_for(flow, lookup_over, flow->deadline);
	step(flow, 0.5, "asking each resolver directly");
	name_servers_ask(flow);
	if (flow->trace)
		authority_take(flow, walk_result(flow->trace));
	wait_for(flow, all_over, flow->deadline);
	name_servers_ask_unchecked(flow);
	wait_for(flow, all_over, flow->deadline);
	second_look(flow);
	extras_take(flow);
}

static void hang_up(struct name_flow *flow)
{
	for (int i = 0; i < LOOKUP_SERVERS_MAX; i++) {
		for (int k = 0; k < PROBE_KINDS; k++) {
			dns_query_cancel(flow->probings[i][k].query);
			dns_message_free(flow->facts->servers[i].probes[k].message);
		}
		if (flow->dials[i].connect)
			tcp_connect_cancel(flow->dials[i].connect);
	}
	for (int i = 0; i < EXTRAS; i++) {
		dns_query_cancel(flow->extras[i].query);
		dns_message_free(flow->extra[i].message);
	}
	lookup_cancel(flow->lookup);
	lookup_cancel(flow->again);
	loop_timer_stop(flow->loop, &flow->waker);
	walk_free(flow->trace);
	walk_free(flow->nowhere);
	free((void *)(uintptr_t)flow->facts->lookup.answers);
	free(flow->facts->steps);
	free(flow->facts);
	free(flow);
}

int diagnose_dns_run(struct loop *loop, const struct diagnose_dns_request *request,
		     const struct diagnose_events *events, void *arg, struct dns_diagnosis *out,
		     struct error *err)
{
	struct addr literal;
	if (addr_parse(request->name, &literal) == 0)
		return error_set(err, STATUS_USAGE, "EUSAGE", "ask for its name: ntsh dns reverse ADDRESS",
				 "%.80s is an address: nothing has to be looked up", request->name);
	struct name_flow *flow = NEW(struct name_flow);
	memset(out, 0, sizeof *out);
	flow->loop = loop;
	flow->request = request;
	flow->events = events;
	flow->arg = arg;
	flow->facts = NEW(struct name_facts);
	flow->facts->asked = flow->facts->name = request->name;
	flow->facts->repeated = NS_NONE;
	flow->type = request->family == AF_INET6 ? TYPE_AAAA : TYPE_A;
	flow->began = clock_mono();
	flow->deadline = flow->began + (request->budget > 0 ? request->budget : BUDGET);
	int failed = resolv_conf_read(&flow->conf, err);
	if (!failed)
		failed = lookup_begin(flow, err);
	if (!failed) {
		measure(flow);
		name_judge(flow->facts, out);
		out->diagnosis.took = clock_mono() - flow->began;
	}
	hang_up(flow);
	return failed;
}
