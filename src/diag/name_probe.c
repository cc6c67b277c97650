/* diagnose dns: each resolver asked in several ways at once. */
#include "diag/name_flow.h"

#include <unistd.h>

#define TRY (1100 * NS_PER_MS)

enum { TYPE_SOA = 6, TYPE_AAAA = 28 };

void name_flow_ended(struct name_flow *flow)
{
	flow->under_way--;
	flow->wake = true;
}

static void probed(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	struct probing *probing = arg;
	struct name_probe *probe = probing->probe;
	(void)loop;
	probing->query = NULL;
	probe->done = true;
	probe->outcome = exchange->outcome;
	probe->error = exchange->error;
	probe->rtt = exchange->rtt;
	probe->truncated = exchange->truncated_first;
	probe->tcp_connected = exchange->tcp_connected;
	if (exchange->outcome == DNS_ANSWERED)
		probe->message = dns_message_parse(exchange->message->wire, exchange->message->length, NULL);
	name_flow_ended(probing->flow);
}

void name_probe_start(struct name_flow *flow, struct probing *probing, struct name_probe *probe,
		      const struct dns_request *request)
{
	*probing = (struct probing){ .flow = flow, .probe = probe };
	probe->asked = true;
	probe->rtt = NS_NONE;
	probing->query = dns_query_start(flow->loop, request, probed, probing, &probe->error);
	flow->under_way += probing->query != NULL;
	if (!probing->query) {
		probe->done = true;
		probe->outcome = DNS_FAILED;
	}
}

void name_server_ask(struct name_flow *flow, int server, enum name_probe_kind kind)
{
	struct name_facts *facts = flow->facts;
	bool checked = kind != PROBE_UNCHECKED && kind != PROBE_LARGE;
	struct dns_request request = {
		.name = kind == PROBE_NOWHERE ? facts->nowhere
			: kind == PROBE_ROOT  ? "."
					      : facts->name,
		.type = kind == PROBE_AAAA                        ? TYPE_AAAA
			: kind == PROBE_SOA || kind == PROBE_ROOT ? TYPE_SOA
								  : flow->type,
		.server = flow->conf.servers[server],
		.transport = kind == PROBE_TCP ? DNS_TCP : DNS_UDP,
		.recursion_desired = true,
		.checking_disabled = !checked,
		.authentic_data = checked && kind != PROBE_PLAIN,
		.dnssec_ok = !checked,
		.no_edns = kind == PROBE_PLAIN,
		.udp_size = kind == PROBE_LARGE ? 4096 : 0,
		.timeout = TRY,
		.tries = 2,
		.interface = flow->request->interface,
	};
	name_probe_start(flow, &flow->probings[server][kind], &facts->servers[server].probes[kind], &request);
}

static void dialled(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct dialling *dial = arg;
	(void)loop;
	dial->connect = NULL;
	if (result->outcome == TCP_CONNECTED) {
		dial->flow->facts->servers[dial->server].path_rtt =
		    result->rtt != NS_NONE ? result->rtt : result->ended - result->began;
		close(result->fd);
	} else if (result->outcome == TCP_REFUSED) {
		dial->flow->facts->servers[dial->server].path_rtt = result->ended - result->began;
	}
	name_flow_ended(dial->flow);
}

void name_servers_ask(struct name_flow *flow)
{
	static const enum name_probe_kind kinds[] = { PROBE_A,       PROBE_AAAA, PROBE_PLAIN,
						      PROBE_NOWHERE, PROBE_ROOT, PROBE_TCP };
	for (int i = 0; i < flow->conf.server_count; i++) {
		flow->facts->servers[i].addr = flow->conf.servers[i];
		flow->facts->servers[i].path_rtt = NS_NONE;
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
			name_server_ask(flow, i, kinds[k]);
		struct tcp_connect_request request = { .target = flow->conf.servers[i],
						       .interface = flow->request->interface,
						       .timeout = 2 * NS_PER_S };
		/* The port of another service: a slow name server must not make its host look far away. */
		request.target.port = 4;
		flow->dials[i] = (struct dialling){ .flow = flow, .server = i };
		flow->dials[i].connect =
		    tcp_connect_start(flow->loop, &request, dialled, &flow->dials[i], NULL);
		flow->under_way += flow->dials[i].connect != NULL;
	}
	flow->facts->server_count = flow->conf.server_count;
}

void name_servers_ask_unchecked(struct name_flow *flow)
{
	for (int i = 0; i < flow->conf.server_count; i++) {
		const struct name_probe *probes = flow->facts->servers[i].probes;
		if (!name_answered(&probes[PROBE_ROOT]) && !name_answered(&probes[PROBE_A]) &&
		    !name_answered(&probes[PROBE_PLAIN]) && !name_answered(&probes[PROBE_NOWHERE]))
			continue;
		name_server_ask(flow, i, PROBE_UNCHECKED);
		name_server_ask(flow, i, PROBE_LARGE);
	}
}
