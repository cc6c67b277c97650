/* A port is silent. Do its SYNs get as far as those to another port, which is answered? Each router at which a TTL ends says so (RFC 792 time
 * exceeded), whatever the port - unless a filter took the SYN before it. */
#include "diag/flow.h"

#include <unistd.h>

#define PATIENCE (1500 * NS_PER_MS)
enum { TIME_EXCEEDED_4 = 11, TIME_EXCEEDED_6 = 3 };

static void take_router(struct hops_facts *facts, const struct hop_probe *probe, const struct addr *router)
{
	int *farthest = probe->service ? &facts->service : &facts->other;
	if (probe->hops <= *farthest)
		return;
	*farthest = probe->hops;
	*(probe->service ? &facts->service_router : &facts->other_router) = *router;
}

static void on_hop(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct hop_probe *probe = arg;
	uint8_t exceeded = result->peer.family == AF_INET6 ? TIME_EXCEEDED_6 : TIME_EXCEEDED_4;
	(void)loop;
	probe->connect = NULL;
	probe->flow->wake = true;
	if (result->outcome == TCP_UNREACHABLE && result->icmp_type == exceeded)
		take_router(&probe->flow->facts->hops, probe, &result->icmp_from);
	if (result->outcome == TCP_CONNECTED && result->fd >= 0)
		close(result->fd);
}

void flow_hops_begin(struct flow *flow, const struct path *path)
{
	flow->facts->hops.tried = true;
	for (int i = 0; i < 2 * HOPS_MAX; i++) {
		struct hop_probe *probe = &flow->hop_probes[i];
		struct tcp_connect_request request = { .target = path->addr,
						       .interface = flow->request->interface,
						       .timeout = PATIENCE,
						       .hops = i / 2 + 1 };
		*probe = (struct hop_probe){ .flow = flow, .hops = request.hops, .service = i % 2 };
		if (!probe->service)
			request.target.port = CLOSED_PORT;
		probe->connect = tcp_connect_start(flow->loop, &request, on_hop, probe, NULL);
	}
}

bool flow_hops_done(const struct flow *flow)
{
	for (int i = 0; i < 2 * HOPS_MAX; i++)
		if (flow->hop_probes[i].connect)
			return false;
	return true;
}

void flow_hops_end(struct flow *flow)
{
	for (int i = 0; i < 2 * HOPS_MAX; i++)
		if (flow->hop_probes[i].connect) {
			tcp_connect_cancel(flow->hop_probes[i].connect);
			flow->hop_probes[i].connect = NULL;
		}
}
