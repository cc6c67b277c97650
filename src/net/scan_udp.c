/* UDP probes from one unconnected socket of each family: replies are received, ICMP errors come through its error queue with the
 * address and the port that they are about (IP_RECVERR), so that no privilege is needed. */
#include "base/mem.h"
#include "net/scan_engine.h"
#include "net/scan_payload.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 4 << 20, SEND_BYTES = 64 << 20, PENDING_ERRORS = 1000, PENDING_TRIES = 3 };

struct udp {
	int fds[2]; /* IPv4, IPv6 */
};

static void take_errors(struct scan *scan, int fd)
{
	struct sys_socket_event event;
	uint64_t probe;
	while (sys_socket_event_next(fd, NULL, 0, &event)) {
		struct addr to = event.to, from = event.offender;
		to.port = from.port = 0;
		if (event.kind == SYS_EVENT_ICMP && scan_find(scan, &to, event.to.port, &probe))
			scan_icmp(scan, probe, event.icmp_type, event.icmp_code, &from);
	}
}

static void take_replies(struct scan *scan, int fd)
{
	uint8_t bytes[64];
	struct sys_arrival arrival;
	struct scan_outcome outcome = { .state = SCAN_OPEN, .reason = SCAN_UDP_REPLY };
	uint64_t probe;
	/* What is pending of an ICMP error fails one call; the queue behind it tells more. */
	for (int errors = 0; errors < PENDING_ERRORS;) {
		if (sys_socket_receive(fd, bytes, sizeof bytes, &arrival) < 0) {
			if (errno == EAGAIN)
				return;
			errors++;
			continue;
		}
		struct addr from = arrival.from;
		from.port = 0;
		if (scan_find(scan, &from, arrival.from.port, &probe))
			scan_core_answer(&scan->core, probe, &outcome, clock_mono());
	}
}

static void udp_drain(struct scan *scan)
{
	struct udp *udp = scan->state;
	for (size_t i = 0; i < 2; i++) {
		if (udp->fds[i] < 0)
			continue;
		take_errors(scan, udp->fds[i]);
		take_replies(scan, udp->fds[i]);
	}
}

static void on_event(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	struct scan *scan = arg;
	udp_drain(scan);
	if (!scan->core.silent)
		scan_wake(scan);
}

static void udp_send(struct scan *scan, uint64_t probe, ns_t now)
{
	struct udp *udp = scan->state;
	struct addr target = scan_target(scan, probe);
	int fd = udp->fds[target.family == AF_INET6];
	size_t length;
	const uint8_t *payload = scan_payload(target.port, &length);
	scan_core_sent(&scan->core, probe, now);
	/* An ICMP error about an earlier probe may fail this call; it is then sent at the next one. */
	for (int i = 0;; i++) {
		if (sys_socket_send(fd, payload, length, &target) == 0)
			return;
		if (errno == EAGAIN || errno == ENOBUFS || i > PENDING_TRIES)
			break;
	}
	if (errno != EAGAIN && errno != ENOBUFS)
		scan_core_refused(&scan->core, probe, errno);
}

static void nothing(struct scan *scan)
{
	(void)scan;
}

static int udp_open(struct scan *scan, struct error *err)
{
	struct udp *udp = NEW(struct udp);
	static const int families[] = { AF_INET, AF_INET6 };
	scan->state = udp;
	udp->fds[0] = udp->fds[1] = -1;
	for (size_t i = 0; i < 2; i++) {
		if (!targets_have(scan->request.targets, families[i]))
			continue;
		udp->fds[i] = sys_socket_open(families[i], SOCK_DGRAM, 0, scan->request.interface, err);
		if (udp->fds[i] < 0)
			return -1;
		sys_socket_details(udp->fds[i], families[i]);
		sys_socket_large_buffers(udp->fds[i], RECEIVE_BYTES, SEND_BYTES);
		if (loop_watch(scan->loop, udp->fds[i], EPOLLIN, on_event, scan, err) < 0)
			return -1;
	}
	return 0;
}

static void udp_close(struct scan *scan)
{
	struct udp *udp = scan->state;
	if (!udp)
		return;
	int errnum = errno;
	for (size_t i = 0; i < 2; i++) {
		if (udp->fds[i] < 0)
			continue;
		loop_unwatch(scan->loop, udp->fds[i]);
		close(udp->fds[i]);
	}
	free(udp);
	scan->state = NULL;
	errno = errnum;
}

const struct scan_way scan_way_udp = { udp_open, udp_send, nothing, udp_drain, udp_close };
