/* Handshakes with every address of the target. */
#include "diag/flow.h"
#include "diag/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Long enough for a SYN that is sent again after 1, 2 and 3 seconds. */
#define PATIENCE (3600 * NS_PER_MS)
/* Errors may come from far away: a packet that goes in circles takes thirty turns until its TTL ends. */
#define ERROR_PATIENCE (8 * NS_PER_S)
/* A handshake that was still waiting at the end after so long was not answered. */
#define GIVEN_UP (2 * NS_PER_S)
/* A path that is earlier in the list gets this much of a head start before a later one is used. */
#define HEAD_START (400 * NS_PER_MS)
/* Ports tried for a target without one. */
static const uint16_t usual_ports[] = { 443, 80, 22 };

static void take_connected(struct path *path, const struct tcp_connect_result *result)
{
	path->connected++;
	path->late += result->syn_retransmits > 0;
	if (path->first_connect == NS_NONE)
		path->first_connect = result->ended - result->began;
}

static void take_outcome(struct path *path, const struct tcp_connect_result *result)
{
	ns_t took = result->ended - result->began;
	path->tries++;
	if ((result->outcome == TCP_REFUSED || result->outcome == TCP_UNREACHABLE) &&
	    (path->refused_after == NS_NONE || took < path->refused_after))
		path->refused_after = took;
	path->refused_at_once = path->refused_at_once || result->immediate;
	switch (result->outcome) {
	case TCP_CONNECTED:
	case TCP_RESET:
		take_connected(path, result);
		break;
	case TCP_REFUSED:
		path->refused++;
		break;
	case TCP_UNREACHABLE:
		path->unreachable++;
		path->icmp_from = result->icmp_from;
		path->icmp_type = result->icmp_type;
		path->icmp_code = result->icmp_code;
		break;
	case TCP_TIMED_OUT:
		path->silent++;
		break;
	case TCP_LOCAL_ERROR:
		path->local_failures++;
		path->errnum = result->errnum;
		break;
	}
}

static void take_sample(struct series *series, const struct tcp_connect_result *result)
{
	bool answered = result->outcome == TCP_CONNECTED || result->outcome == TCP_REFUSED;
	ns_t rtt = result->outcome == TCP_CONNECTED ? result->rtt : result->ended - result->began;
	if (result->outcome == TCP_LOCAL_ERROR || result->outcome == TCP_UNREACHABLE)
		return;
	series->tried = true;
	series->sent++;
	bool late = result->syn_retransmits > 0;
	series->answered += answered;
	series->late += answered && late;
	series->lost += !answered || late;
	/* Who refuses may be nearer than the host. */
	if (result->outcome != TCP_REFUSED)
		series_add(series, result->began, answered && !late ? rtt : NS_NONE, false);
}

static void on_handshake(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct handshake *handshake = arg;
	struct flow *flow = handshake->flow;
	struct facts *facts = flow->facts;
	(void)loop;
	handshake->connect = NULL;
	handshake->done = true;
	handshake->outcome = result->outcome;
	take_outcome(&facts->paths[handshake->path], result);
	if (handshake->path == facts->primary || facts->primary < 0)
		take_sample(&facts->service, result);
	if (result->outcome == TCP_CONNECTED && result->fd >= 0)
		close(result->fd);
	flow->wake = true;
}

static void handshake_begin(struct flow *flow, int path, ns_t timeout)
{
	if (flow->handshake_count == HANDSHAKES_MAX)
		return;
	struct handshake *handshake = &flow->handshakes[flow->handshake_count++];
	struct error err = ERROR_INIT;
	struct tcp_connect_request request = { .target = flow->facts->paths[path].addr,
					       .interface = flow->request->interface,
					       .timeout = timeout };
	*handshake = (struct handshake){ .flow = flow, .path = path, .began = clock_mono() };
	errno = 0;
	handshake->connect = tcp_connect_start(flow->loop, &request, on_handshake, handshake, &err);
	if (!handshake->connect) {
		handshake->done = true;
		handshake->outcome = TCP_LOCAL_ERROR;
		flow->facts->paths[path].tries++;
		flow->facts->paths[path].local_failures++;
		flow->facts->paths[path].errnum = errno;
	}
}

/* --- which address to use --- */

static bool path_over(const struct path *path)
{
	return path->routed == FACT_NO || path->tries > 0;
}

/* The first path that connected, when those before it had their chance. */
static bool primary_known(const struct flow *flow)
{
	const struct facts *facts = flow->facts;
	bool over = true;
	for (unsigned i = 0; i < facts->path_count; i++) {
		const struct path *path = &facts->paths[i];
		if (path->connected && (over || clock_mono() > flow->handshake_timer.deadline))
			return true;
		over = over && path_over(path);
	}
	return over;
}

static int first_connected(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].connected)
			return (int)i;
	return -1;
}

static void on_head_start(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct flow *flow = arg;
	(void)loop;
	(void)timer;
	flow->wake = true;
}

static int first_routed(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].routed != FACT_NO)
			return (int)i;
	return 0;
}

/* A target without a port: every usual port of its first address becomes a path of its own. */
static void spread_ports(struct facts *facts)
{
	int first = first_routed(facts);
	struct path model = facts->paths[first];
	facts->path_count = 0;
	for (size_t i = 0; i < sizeof usual_ports / sizeof *usual_ports; i++) {
		facts->paths[facts->path_count] = model;
		facts->paths[facts->path_count++].addr.port = usual_ports[i];
	}
}

static void use_port_found(struct flow *flow)
{
	struct facts *facts = flow->facts;
	if (facts->kind != TARGET_HOST || facts->primary < 0)
		return;
	facts->port = facts->paths[facts->primary].addr.port;
	bool v6 = strchr(facts->host, ':') != NULL;
	facts->talk = facts->port == 443 ? TALK_HTTPS : facts->port == 80 ? TALK_HTTP : TALK_UNKNOWN;
	if (facts->talk != TALK_UNKNOWN)
		snprintf(flow->url, sizeof flow->url, "%s://%s%s%s/", facts->port == 443 ? "https" : "http",
			 v6 ? "[" : "", facts->host, v6 ? "]" : "");
}

void flow_reach(struct flow *flow)
{
	struct facts *facts = flow->facts;
	char text[ADDR_TEXT_MAX];
	if (facts->kind == TARGET_HOST)
		spread_ports(facts);
	const struct path *first = &facts->paths[first_routed(facts)];
	flow_step(flow, 0.08, "connecting to %s, with probes beside it",
		  addr_format_port(&first->addr, text));
	flow_probe_begin(flow, &first->addr);
	for (unsigned i = 0; i < facts->path_count; i++)
		if (facts->paths[i].routed != FACT_NO)
			handshake_begin(flow, (int)i, ERROR_PATIENCE);
	loop_timer_start(flow->loop, &flow->handshake_timer, clock_mono() + HEAD_START, on_head_start, flow);
	ns_t began = clock_mono();
	flow_wait(flow, primary_known, began + HEAD_START + 10 * NS_PER_MS);
	flow_wait(flow, primary_known, began + PATIENCE + 100 * NS_PER_MS);
	loop_timer_stop(flow->loop, &flow->handshake_timer);
	facts->primary = first_connected(facts);
	use_port_found(flow);
	if (facts->primary < 0)
		flow_finding(flow, "nothing answers at %s so far", text);
	else
		flow_finding(flow, "%s connects in %s",
			     addr_format_port(&facts->paths[facts->primary].addr, text),
			     say_time(facts->paths[facts->primary].first_connect).text);
}

/* --- more of them --- */

static void on_next(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct flow *flow = arg;
	(void)timer;
	if (!flow->handshakes_wanted || flow->facts->primary < 0)
		return;
	flow->handshakes_wanted--;
	handshake_begin(flow, flow->facts->primary, PATIENCE);
	ns_t spacing = flow->url[0] ? 60 * NS_PER_MS : 40 * NS_PER_MS;
	if (flow->handshakes_wanted)
		loop_timer_start(loop, timer, clock_mono() + spacing, on_next, flow);
	else
		flow->wake = true;
}

void flow_handshakes_more(struct flow *flow, unsigned wanted, ns_t spacing)
{
	flow->handshakes_wanted += wanted;
	if (!loop_timer_armed(&flow->handshake_timer))
		loop_timer_start(flow->loop, &flow->handshake_timer, clock_mono() + spacing, on_next, flow);
}

bool flow_handshakes_done(const struct flow *flow)
{
	if (flow->handshakes_wanted)
		return false;
	for (unsigned i = 0; i < flow->handshake_count; i++)
		if (!flow->handshakes[i].done)
			return false;
	return true;
}

static bool refused_again(const struct flow *flow)
{
	return flow_handshakes_done(flow);
}

static bool host_heard(const struct flow *flow)
{
	return flow->facts->icmp.answered + flow->facts->closed.answered >= 3;
}

/* Nobody connected: ask each way again, several times, and let the probes tell whether the host lives. */
void flow_unreached(struct flow *flow)
{
	struct facts *facts = flow->facts;
	int path = first_routed(facts);
	const struct path *way = &facts->paths[path];
	bool silent = !way->refused && !way->unreachable && !way->local_failures;
	flow_step(flow, 0.5, silent ? "no answer: asking again, and other ports" : "refused: asking again");
	struct addr local = facts->paths[path].source;
	for (uint16_t i = 0; i < 3 && flow->witness && silent; i++) {
		local.port = (uint16_t)(61001 + (clock_mono() >> 10) % 4000 + i);
		if (witness_send_stray_ack(flow->witness, &local, facts->paths[path].addr.port) == 0)
			facts->witness.ack_probed = true;
	}
	if (silent && facts->closed.answered)
		flow_hops_begin(flow, &facts->paths[path]);
	for (int i = 0; i < 4 && flow_goes_on(flow); i++) {
		handshake_begin(flow, path, silent ? 2500 * NS_PER_MS : NS_PER_S);
		flow_wait(flow, refused_again, clock_mono() + (silent ? 700 * NS_PER_MS : 100 * NS_PER_MS));
	}
	flow_wait(flow, flow_handshakes_done, flow->began + ERROR_PATIENCE + NS_PER_S);
	/* How far the host itself is tells whether it was the host that refused. */
	if (way->refused || way->unreachable)
		flow_wait(flow, host_heard, clock_mono() + 600 * NS_PER_MS);
	facts->primary = first_connected(facts);
	if (facts->hops.tried)
		flow_finding(flow, "SYNs to the port are seen by %d routers, those to port %d by %d",
			     facts->hops.service, CLOSED_PORT, facts->hops.other);
}

void flow_reach_end(struct flow *flow)
{
	loop_timer_stop(flow->loop, &flow->handshake_timer);
	flow->handshakes_wanted = 0;
	flow_hops_end(flow);
	for (unsigned i = 0; i < flow->handshake_count; i++) {
		struct handshake *handshake = &flow->handshakes[i];
		if (!handshake->connect)
			continue;
		tcp_connect_cancel(handshake->connect);
		if (clock_mono() - handshake->began > GIVEN_UP) {
			flow->facts->paths[handshake->path].tries++;
			flow->facts->paths[handshake->path].silent++;
		}
		flow->handshakes[i].connect = NULL;
	}
}
