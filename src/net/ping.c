/* Life of a ping, and the choice of its method. */
#include "net/ping_engine.h"

#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SILENT_ENOUGH = 3,  /* probes without any answer before TCP is believed instead */
	PORT_DEFAULT = 443, /* when no usual port answers */
	SENDS_AT_ONCE = 64,
};

/* What the first timestamping socket of the machine needs until arrivals are stamped. */
/* Between two probes of a flood. */
#define LEAST_GAP (10 * NS_PER_US)
#define STAMPS_WARM_UP NS_PER_MS

static void probe_reported(const struct ping_probe *probe, void *arg)
{
	struct ping *ping = arg;
	if (probe->outcome == PING_SEND_FAILED)
		ping->unsent++;
	ping->events->probe(probe, ping->arg);
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg);

static const char *method_reason(const struct ping *ping)
{
	switch (ping->method) {
	case PING_ICMP_SOCKET:
		return "ping sockets are open to this user";
	case PING_ICMP_RAW:
		return "raw sockets are open to this user, ping sockets are not";
	case PING_UDP:
		return "UDP was asked for";
	default:
		return ping->request.method == PING_TCP
			   ? "TCP was asked for"
			   : "neither ping sockets nor raw sockets are open to this user";
	}
}

static void announce(struct ping *ping)
{
	if (ping->announced)
		return;
	ping->announced = true;
	ping->events->method(ping->method, method_reason(ping), ping->arg);
}

/* --- PING_AUTO --- */

/* Probes in vain. */
static uint64_t silent_count(const struct ping *ping)
{
	return ping->core.replies ? 0 : ping->core.sent - ping->core.waiting - ping->unsent;
}

static bool is_silent(const struct ping *ping)
{
	uint64_t enough =
	    ping->core.count && ping->core.count < SILENT_ENOUGH ? ping->core.count : SILENT_ENOUGH;
	return silent_count(ping) >= enough;
}

static void change_to_tcp(struct ping *ping)
{
	char because[96];
	snprintf(because, sizeof because, "ICMP echo is not answered, TCP port %u is", ping->scout_port);
	ping->automatic = false;
	ping->method = PING_TCP;
	ping->port = ping->scout_port;
	ping_core_forget(&ping->core);
	if (ping->core.count)
		ping->core.count += ping->core.sent;
	ping_icmp_close(ping);
	ping->events->method(PING_TCP, because, ping->arg);
}

static void choose(struct ping *ping)
{
	if (ping->method == PING_TCP && !ping->port) {
		if (ping->scouting == SCOUTS_NONE)
			ping_tcp_scout(ping);
		if (ping->scouting == SCOUTS_BACK)
			ping->port = ping->scout_port ? ping->scout_port : PORT_DEFAULT;
		return;
	}
	if (!ping->automatic)
		return;
	if (ping->core.replies) {
		ping->automatic = false;
		return;
	}
	if (silent_count(ping) && ping->scouting == SCOUTS_NONE)
		ping_tcp_scout(ping);
	if (ping->scouting == SCOUTS_BACK && !ping->scout_port)
		ping->automatic = false;
	else if (ping->scouting == SCOUTS_BACK && is_silent(ping))
		change_to_tcp(ping);
}

/* --- running --- */

static bool is_held(const struct ping *ping)
{
	return ping->method == PING_TCP && !ping->port;
}

static void send_due(struct ping *ping)
{
	for (int i = 0; i < SENDS_AT_ONCE && !is_held(ping); i++) {
		ns_t now = clock_mono();
		if (!ping_core_due(&ping->core, now))
			return;
		struct ping_slot *slot = ping_core_begin(&ping->core, now, clock_real());
		if (ping->method == PING_TCP)
			ping_tcp_send(ping, slot);
		else if (ping->method == PING_UDP)
			ping_udp_send(ping, slot);
		else
			ping_icmp_send(ping, slot);
	}
}

/* The time is up: what is in flight is forgotten. */
static bool is_over(const struct ping *ping)
{
	return ping->request.duration && clock_mono() >= ping->until;
}

void ping_settle(struct ping *ping)
{
	if (ping->ended)
		return;
	choose(ping);
	bool scouting = ping->automatic && ping->scouting == SCOUTS_OUT && !ping->core.stopped;
	if ((ping_core_finished(&ping->core) && !scouting) || is_over(ping)) {
		ping->ended = true;
		loop_timer_stop(ping->loop, &ping->timer);
		ping->events->end(ping->arg);
		return;
	}
	ns_t next = is_held(ping) && !ping->core.waiting ? NS_NEVER : ping_core_next(&ping->core);
	if (ping->request.duration && ping->until < next)
		next = ping->until;
	if (next != NS_NEVER)
		loop_timer_start(ping->loop, &ping->timer, next, tick, ping);
	else
		loop_timer_stop(ping->loop, &ping->timer);
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct ping *ping = arg;
	announce(ping);
	ping_core_expire(&ping->core, clock_mono());
	send_due(ping);
	ping_settle(ping);
}

static bool is_denied(int errnum)
{
	return errnum == EACCES || errnum == EPERM || errnum == EPROTONOSUPPORT;
}

/* What was asked for has no meaning in a handshake of the kernel's. */
static bool only_icmp(const struct ping_request *request)
{
	return request->hops || request->traffic_class || request->dont_fragment || request->mark ||
	       request->pattern;
}

/* Returns 0 with ping->method set, or -1. */
static int method_open(struct ping *ping, struct error *err)
{
	static const enum ping_method order[] = { PING_ICMP_SOCKET, PING_ICMP_RAW };
	enum ping_method wanted = ping->request.method;
	ping->method = wanted == PING_UDP ? PING_UDP : PING_TCP;
	if (wanted == PING_TCP)
		return 0;
	if (wanted == PING_UDP)
		return ping_udp_open(ping, err);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (wanted != PING_AUTO && wanted != order[i])
			continue;
		struct error refusal = ERROR_INIT;
		if (ping_icmp_open(ping, order[i], &refusal) == 0) {
			ping->method = order[i];
			ping->automatic = wanted == PING_AUTO && !only_icmp(&ping->request);
			return 0;
		}
		bool last = i + 1 == sizeof order / sizeof order[0];
		if (!is_denied(errno) || wanted != PING_AUTO || (last && only_icmp(&ping->request))) {
			if (err)
				*err = refusal;
			return -1;
		}
	}
	return 0;
}

struct ping *ping_start(struct loop *loop, const struct ping_request *request,
			const struct ping_events *events, void *arg, struct error *err)
{
	struct ping *ping = NEW(struct ping);
	ping->loop = loop;
	ping->events = events;
	ping->arg = arg;
	ping->fd = -1;
	ping->request = *request;
	if (request->interface) {
		snprintf(ping->interface, sizeof ping->interface, "%s", request->interface);
		ping->request.interface = ping->interface;
	}
	if (ping->request.interval < NS_PER_MS)
		ping->request.interval = NS_PER_MS;
	if (ping->request.least_gap < LEAST_GAP)
		ping->request.least_gap = LEAST_GAP;
	ping->port = request->tcp_port;
	ping->until = clock_mono() + request->duration;
	ns_t first = clock_mono() + (sys_stamps_prepare() ? STAMPS_WARM_UP : 0);
	if (method_open(ping, err) < 0) {
		ping_free(ping);
		return NULL;
	}
	ping_core_init(&ping->core, &ping->request, first, probe_reported, ping);
	loop_timer_start(loop, &ping->timer, first, tick, ping);
	return ping;
}

void ping_stop(struct ping *ping)
{
	ping->core.stopped = true;
	if (!ping->ended)
		loop_timer_start(ping->loop, &ping->timer, 0, tick, ping);
}

void ping_free(struct ping *ping)
{
	if (!ping)
		return;
	loop_timer_stop(ping->loop, &ping->timer);
	ping_icmp_close(ping);
	ping_tcp_close(ping);
	free(ping);
}

uint16_t ping_port(const struct ping *ping)
{
	return ping->method == PING_TCP || ping->method == PING_UDP ? ping->port : 0;
}
