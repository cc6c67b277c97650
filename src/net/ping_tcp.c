/* TCP handshakes as probes: what answers, be it with a refusal, lives. */
#include "net/ping_engine.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const uint16_t usual_ports[] = { 443, 80 };
enum { USUAL_PORTS = sizeof usual_ports / sizeof usual_ports[0] };

static void connect_forget(struct ping_connect *connect)
{
	struct ping_connect **at = &connect->ping->connects;
	while (*at != connect)
		at = &(*at)->next;
	*at = connect->next;
	free(connect);
}

static bool is_alive(const struct tcp_connect_result *result)
{
	return result->outcome == TCP_CONNECTED || result->outcome == TCP_REFUSED ||
	       result->outcome == TCP_RESET;
}

/* The number of a probe in flight says which slot; by the time of the answer the slot may be another's. */
static struct ping_slot *slot_of(struct ping *ping, uint64_t seq)
{
	struct ping_slot *slot = ping_core_find(&ping->core, (uint16_t)seq);
	return slot && slot->seq == seq ? slot : NULL;
}

static void probe_answered(struct ping *ping, struct ping_slot *slot, const struct tcp_connect_result *result)
{
	/* A repeated SYN means that the probe itself was lost: its time-out says so. */
	if (result->syn_retransmits)
		return;
	bool kernel = result->outcome == TCP_CONNECTED && result->rtt != NS_NONE;
	struct ping_arrival arrival = {
		.from = ping->request.target,
		.ttl = -1,
		.mono = result->ended,
		.rtt = kernel ? result->rtt : result->ended - result->began,
		.rtt_kernel = kernel,
	};
	arrival.from.port = 0;
	ping_core_reply(&ping->core, slot, &arrival);
}

static void probe_done(struct ping *ping, uint64_t seq, const struct tcp_connect_result *result)
{
	struct ping_slot *slot = slot_of(ping, seq);
	if (!slot)
		return;
	if (is_alive(result)) {
		probe_answered(ping, slot, result);
	} else if (result->outcome == TCP_UNREACHABLE) {
		struct ping_arrival arrival = {
			.from = result->icmp_from,
			.ttl = -1,
			.mono = result->ended,
			.rtt = result->ended - result->began,
		};
		ping_core_unreachable(&ping->core, slot, &arrival, result->icmp_type, result->icmp_code, 0);
	} else if (result->outcome == TCP_LOCAL_ERROR && slot->state == PING_WAITING) {
		ping_core_failed(&ping->core, slot, result->errnum);
	}
}

static void scout_done(struct ping *ping, uint16_t port, const struct tcp_connect_result *result)
{
	ping->scouts_out--;
	if (is_alive(result) && !ping->scout_port)
		ping->scout_port = port;
	if (ping->scout_port || !ping->scouts_out)
		ping->scouting = SCOUTS_BACK;
}

static void connect_done(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	(void)loop;
	struct ping_connect *connect = arg;
	struct ping *ping = connect->ping;
	uint64_t seq = connect->seq;
	uint16_t port = connect->port;
	connect_forget(connect);
	if (result->fd >= 0)
		close(result->fd);
	if (seq)
		probe_done(ping, seq, result);
	else
		scout_done(ping, port, result);
	ping_settle(ping);
}

static int connect_begin(struct ping *ping, uint64_t seq, uint16_t port)
{
	struct tcp_connect_request request = {
		.target = ping->request.target,
		.interface = ping->request.interface,
		.timeout = ping_core_timeout(&ping->core),
	};
	request.target.port = port;
	struct ping_connect *connect = NEW(struct ping_connect);
	*connect = (struct ping_connect){ .ping = ping, .next = ping->connects, .seq = seq, .port = port };
	connect->handle = tcp_connect_start(ping->loop, &request, connect_done, connect, NULL);
	if (!connect->handle) {
		int errnum = errno;
		free(connect);
		return errnum ? errnum : EMFILE;
	}
	ping->connects = connect;
	return 0;
}

void ping_tcp_send(struct ping *ping, struct ping_slot *slot)
{
	errno = 0;
	int errnum = connect_begin(ping, slot->seq, ping->port);
	if (errnum)
		ping_core_failed(&ping->core, slot, errnum);
}

void ping_tcp_scout(struct ping *ping)
{
	ping->scouting = SCOUTS_OUT;
	for (size_t i = 0; i < USUAL_PORTS; i++)
		if (connect_begin(ping, 0, usual_ports[i]) == 0)
			ping->scouts_out++;
	if (!ping->scouts_out)
		ping->scouting = SCOUTS_BACK;
}

void ping_tcp_close(struct ping *ping)
{
	while (ping->connects) {
		struct ping_connect *connect = ping->connects;
		tcp_connect_cancel(connect->handle);
		connect_forget(connect);
	}
	ping->scouts_out = 0;
}
