/* The look-up, as a program here makes it. */
#include "diag/flow.h"
#include "diag/words.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A name server that has not answered by then counts as dead (programs wait far longer, and are priced so). */
#define PATIENCE (3200 * NS_PER_MS)

static bool lookup_is_done(const struct flow *flow)
{
	return flow->lookup_done;
}

static struct resolver_fact *resolver_of(struct dns_facts *dns, const struct addr *addr)
{
	for (unsigned i = 0; i < dns->resolver_count; i++)
		if (addr_equal(&dns->resolvers[i].addr, addr))
			return &dns->resolvers[i];
	if (dns->resolver_count == RESOLVERS_MAX)
		return NULL;
	struct resolver_fact *fact = &dns->resolvers[dns->resolver_count++];
	fact->addr = *addr;
	return fact;
}

static void take_answer(struct dns_facts *dns, const struct lookup_answer *answer)
{
	struct resolver_fact *fact = resolver_of(dns, &answer->server);
	if (!fact)
		return;
	fact->asked++;
	switch (answer->outcome) {
	case DNS_ANSWERED:
	case DNS_MALFORMED:
		fact->answered++;
		fact->rcode = answer->rcode;
		/* A and AAAA are asked together: the later answer is the one that was waited for. */
		if (answer->rtt != NS_NONE && (fact->rtt == NS_NONE || answer->rtt > fact->rtt))
			fact->rtt = answer->rtt;
		if (answer->ede_code >= 0 && answer->ede_text[0])
			snprintf(dns->ede, sizeof dns->ede, "%s", answer->ede_text);
		break;
	case DNS_TIMED_OUT:
		fact->timed_out++;
		break;
	case DNS_REFUSED_PORT:
		fact->port_closed++;
		break;
	case DNS_UNREACHABLE:
	case DNS_FAILED:
	case DNS_UNTRUSTED: /* only over TLS, which look-ups do not use */
		fact->unreachable++;
		break;
	}
}

static enum dns_verdict verdict_of(enum lookup_outcome outcome)
{
	switch (outcome) {
	case LOOKUP_OK:
		return DNS_OK;
	case LOOKUP_NXDOMAIN:
		return DNS_NXDOMAIN;
	case LOOKUP_NODATA:
		return DNS_NODATA;
	case LOOKUP_SERVFAIL:
		return DNS_SERVFAIL;
	case LOOKUP_REFUSED:
		return DNS_REFUSED;
	case LOOKUP_NO_ANSWER:
		return DNS_SILENT;
	case LOOKUP_FAILED:
		break;
	}
	return DNS_ERROR;
}

static void add_path(struct facts *facts, const struct addr *addr)
{
	if (facts->path_count == PATHS_MAX)
		return;
	struct path *path = &facts->paths[facts->path_count++];
	path->addr = *addr;
	path->addr.port = facts->port;
}

/* Room for both families when there are many addresses. */
static void add_paths(struct facts *facts, const struct addr *addrs, size_t count)
{
	unsigned of[2] = { 0, 0 };
	for (size_t i = 0; i < count; i++) {
		unsigned *used = &of[addrs[i].family == AF_INET6];
		if (*used < PATHS_MAX / 2) {
			add_path(facts, &addrs[i]);
			++*used;
		}
	}
}

static void on_lookup(struct loop *loop, const struct lookup_result *result, void *arg)
{
	struct flow *flow = arg;
	struct dns_facts *dns = &flow->facts->dns;
	(void)loop;
	flow->lookup = NULL;
	flow->lookup_done = flow->wake = true;
	dns->verdict = verdict_of(result->outcome);
	dns->from_hosts = result->source == LOOKUP_HOSTS;
	dns->program_wait = result->program_wait;
	dns->dead_servers = result->dead_servers;
	dns->timeout = result->conf.timeout;
	dns->attempts = result->conf.attempts;
	dns->no_resolver = result->conf.missing;
	dns->addr_count = (int)result->addr_count;
	snprintf(dns->error, sizeof dns->error, "%.250s", result->error.message);
	snprintf(dns->name, sizeof dns->name, "%.250s", result->found_as);
	if (!dns->from_hosts)
		for (int i = 0; i < result->conf.server_count; i++)
			resolver_of(dns, &result->conf.servers[i]);
	for (size_t i = 0; i < result->answer_count; i++)
		take_answer(dns, &result->answers[i]);
	if (result->outcome == LOOKUP_OK)
		add_paths(flow->facts, result->addrs, result->addr_count);
}

static void on_lookup_again(struct loop *loop, const struct lookup_result *result, void *arg)
{
	struct flow *flow = arg;
	(void)loop;
	flow->lookup_again = NULL;
	flow->lookup_again_done = flow->wake = true;
	if (result->outcome == LOOKUP_OK)
		flow->facts->dns.repeated = result->program_wait;
}

/* --- how far the resolver is: by ping, and by ports of it that answer a SYN with SYN-ACK or RST --- */

static const uint16_t resolver_ports[RESOLVER_PROBES] = { 53, 4 };

static void nearer(struct resolver_fact *fact, ns_t rtt)
{
	if (rtt != NS_NONE && rtt > 0 && (fact->path_rtt == NS_NONE || rtt < fact->path_rtt))
		fact->path_rtt = rtt;
}

static void on_resolver(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct resolver_probe *probe = arg;
	struct flow *flow = probe->flow;
	(void)loop;
	flow->wake = true;
	probe->connect = NULL;
	if (result->outcome == TCP_CONNECTED)
		nearer(probe->fact, result->rtt);
	else if (result->outcome == TCP_REFUSED)
		nearer(probe->fact, result->ended - result->began);
	if (result->outcome == TCP_CONNECTED && result->fd >= 0)
		close(result->fd);
}

static void on_resolver_ping(const struct ping_probe *ping, void *arg)
{
	struct resolver_probe *probe = arg;
	if (ping->outcome == PING_REPLY)
		nearer(probe->fact, ping->rtt);
}

static void on_resolver_method(enum ping_method method, const char *because, void *arg)
{
	(void)method;
	(void)because;
	(void)arg;
}

static void on_resolver_ping_end(void *arg)
{
	(void)arg;
}

static void measure_resolvers(struct flow *flow)
{
	static const struct ping_events ping_events = { .probe = on_resolver_ping,
							.method = on_resolver_method,
							.end = on_resolver_ping_end };
	for (unsigned i = 0; i < flow->facts->dns.resolver_count; i++)
		for (unsigned k = 0; k < RESOLVER_PROBES; k++) {
			struct resolver_probe *probe = &flow->to_resolver[i][k];
			struct tcp_connect_request request = { .target = flow->facts->dns.resolvers[i].addr,
							       .interface = flow->request->interface,
							       .timeout = 2 * NS_PER_S };
			struct ping_request ping = { .target = request.target,
						     .method = PING_ICMP_SOCKET,
						     .count = 2,
						     .interval = 50 * NS_PER_MS,
						     .size = 16,
						     .interface = request.interface };
			*probe =
			    (struct resolver_probe){ .flow = flow, .fact = &flow->facts->dns.resolvers[i] };
			request.target.port = resolver_ports[k];
			ping.target.port = 0;
			probe->connect = tcp_connect_start(flow->loop, &request, on_resolver, probe, NULL);
			if (k)
				continue;
			probe->ping = ping_start(flow->loop, &ping, &ping_events, probe, NULL);
			ping.method = PING_ICMP_RAW;
			if (!probe->ping)
				probe->ping = ping_start(flow->loop, &ping, &ping_events, probe, NULL);
		}
}

static void forget_resolvers(struct flow *flow)
{
	for (unsigned i = 0; i < RESOLVERS_MAX; i++)
		for (unsigned k = 0; k < RESOLVER_PROBES; k++) {
			struct resolver_probe *probe = &flow->to_resolver[i][k];
			if (probe->connect)
				tcp_connect_cancel(probe->connect);
			ping_free(probe->ping);
			*probe = (struct resolver_probe){ 0 };
		}
}

static void say_name(struct flow *flow)
{
	const struct dns_facts *dns = &flow->facts->dns;
	if (dns->verdict != DNS_OK)
		flow_finding(flow, "%s cannot be looked up: %s", flow->facts->host, dns->error);
	else if (dns->dead_servers)
		flow_finding(flow, "%s found, but a program here waits %s for dead name servers",
			     flow->facts->host, say_time(dns->program_wait).text);
	else
		flow_finding(flow, "%s looked up in %s: %d addresses", flow->facts->host,
			     say_time(dns->program_wait).text, dns->addr_count);
}

static void look_at_way(struct flow *flow)
{
	struct dns_facts *dns = &flow->facts->dns;
	if (dns->verdict != DNS_SILENT || !dns->resolver_count)
		return;
	dns->way.addr = dns->resolvers[0].addr;
	dns->way.first_connect = dns->way.refused_after = NS_NONE;
	dns->way_known = true;
	flow_way(flow, &dns->way);
	flow_way_after(flow, &dns->way);
	if (dns->way.routed == FACT_NO)
		flow_down_link(flow);
}

void flow_name(struct flow *flow)
{
	struct addr literal;
	struct error err = ERROR_INIT;
	struct facts *facts = flow->facts;
	facts->dns.verdict = DNS_LITERAL;
	if (addr_parse(facts->host, &literal) == 0) {
		add_path(facts, &literal);
		return;
	}
	flow_step(flow, 0.02, "looking up %s the way a program here does", facts->host);
	flow->lookup =
	    lookup_start(flow->loop, facts->host, flow->request->family, PATIENCE, on_lookup, flow, &err);
	if (!flow->lookup) {
		facts->dns.verdict = DNS_ERROR;
		snprintf(facts->dns.error, sizeof facts->dns.error, "%.250s", err.message);
		return;
	}
	if (!flow_wait(flow, lookup_is_done, clock_mono() + 8 * NS_PER_S)) {
		lookup_cancel(flow->lookup);
		flow->lookup = NULL;
		facts->dns.verdict = facts->interrupted ? DNS_ERROR : DNS_SILENT;
		return;
	}
	say_name(flow);
	look_at_way(flow);
	if (facts->dns.verdict == DNS_OK && !facts->dns.from_hosts)
		measure_resolvers(flow);
}

void flow_name_again(struct flow *flow)
{
	const struct dns_facts *dns = &flow->facts->dns;
	if (dns->verdict != DNS_OK || dns->from_hosts || dns->dead_servers ||
	    dns->program_wait < 40 * NS_PER_MS)
		return;
	flow->lookup_again = lookup_start(flow->loop, flow->facts->host, flow->request->family, PATIENCE,
					  on_lookup_again, flow, NULL);
}

static bool again_is_done(const struct flow *flow)
{
	return !flow->lookup_again || flow->lookup_again_done;
}

void flow_name_end(struct flow *flow)
{
	flow_wait(flow, again_is_done, clock_mono() + 300 * NS_PER_MS);
	if (flow->lookup_again)
		lookup_cancel(flow->lookup_again);
	flow->lookup_again = NULL;
	forget_resolvers(flow);
}
