/* Datagrams as probes: who answers one, be it with "port unreachable", lives. One connected socket; what comes back by ICMP quotes the probe's
 * number, a datagram need not: it counts for the oldest probe that waits. */
#include "net/ping_engine.h"

#include "base/mem.h"
#include "sys/socket.h"
#include "wire/bytes.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { NUMBER = 2, BUFFER = 2048 };

static bool is_port_unreachable(int family, const struct sys_socket_event *event)
{
	return family == AF_INET6
		   ? event->icmp_type == ICMP6_DST_UNREACH && event->icmp_code == ICMP6_DST_UNREACH_NOPORT
		   : event->icmp_type == ICMP_DEST_UNREACH && event->icmp_code == ICMP_PORT_UNREACH;
}

static struct ping_arrival arrival_of(const struct addr *from, int ttl, ns_t stamp, ns_t seen)
{
	struct ping_arrival arrival = { .from = *from,
					.ttl = ttl,
					.mono = clock_mono(),
					.real = stamp != NS_NONE ? stamp : seen,
					.stamped = stamp != NS_NONE,
					.rtt = NS_NONE };
	arrival.from.port = 0;
	return arrival;
}

static void error_take(struct ping *ping, const struct sys_socket_event *event)
{
	const struct addr *target = &ping->request.target;
	if (event->length < NUMBER)
		return;
	struct bytes_reader reader = bytes_reader_of(ping->buffer, event->length);
	struct ping_slot *slot = ping_core_find(&ping->core, bytes_u16(&reader));
	if (!slot)
		return;
	struct ping_arrival arrival = arrival_of(&event->offender, event->hops, event->stamp, event->seen);
	if (is_port_unreachable(target->family, event) && addr_equal(&arrival.from, target))
		ping_core_reply(&ping->core, slot, &arrival);
	else
		ping_core_unreachable(&ping->core, slot, &arrival, event->icmp_type, event->icmp_code,
				      event->mtu);
}

/* Servers that echo bring the number back; of others the oldest probe is taken. */
static void datagram_take(struct ping *ping, const struct sys_arrival *arrived)
{
	struct bytes_reader reader = bytes_reader_of(ping->buffer, arrived->length);
	uint16_t number = bytes_u16(&reader);
	struct ping_slot *slot = reader.short_ ? NULL : ping_core_find(&ping->core, number);
	if (!slot || slot->state != PING_WAITING)
		slot = ping_core_find(&ping->core, (uint16_t)ping->core.oldest);
	if (!slot)
		return;
	struct ping_arrival arrival =
	    arrival_of(&ping->request.target, arrived->hops, arrived->stamp, arrived->seen);
	arrival.bytes = arrived->length;
	ping_core_reply(&ping->core, slot, &arrival);
}

static void udp_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct ping *ping = arg;
	struct sys_arrival arrived;
	(void)loop;
	(void)events;
	ping_events_take(ping, error_take);
	for (int i = 0; i < PING_READS_AT_ONCE; i++) {
		if (sys_socket_receive(fd, ping->buffer, ping->buffer_size, &arrived) == 0)
			datagram_take(ping, &arrived);
		else if (errno == EAGAIN)
			break;
	}
	ping_settle(ping);
}

int ping_udp_open(struct ping *ping, struct error *err)
{
	struct addr peer = ping->request.target;
	int fd = sys_socket_open(peer.family, SOCK_DGRAM, 0, ping->request.interface, err);
	if (fd < 0)
		return -1;
	peer.port = ping->request.tcp_port;
	sys_socket_details(fd, peer.family);
	(void)sys_socket_stamps(fd, SYS_STAMP_RX | SYS_STAMP_TX);
	if (sys_socket_connect(fd, &peer) < 0) {
		error_errno(err, errno, NULL, "there is no way to the host");
		close(fd);
		return -1;
	}
	if (ping_socket_options(ping, fd, err) < 0 ||
	    loop_watch(ping->loop, fd, EPOLLIN, udp_ready, ping, err) < 0) {
		close(fd);
		return -1;
	}
	ping->fd = fd;
	ping_packet_fill(ping, NUMBER);
	ping->buffer_size = BUFFER;
	ping->buffer = mem_alloc(ping->buffer_size);
	return 0;
}

void ping_udp_send(struct ping *ping, struct ping_slot *slot)
{
	size_t length = ping->request.size > NUMBER ? ping->request.size : NUMBER;
	uint64_t seq = slot->seq;
	slot->stamp_id = ping->stamps;
	bytes_put_u16(ping->packet, (uint16_t)seq);
	int failed = sys_socket_send(ping->fd, ping->packet, length, NULL) < 0 ? errno : 0;
	if (failed) {
		/* "Port unreachable" for an earlier probe is reported first. */
		ping_events_take(ping, error_take);
		(void)sys_socket_pending_error(ping->fd);
		failed = sys_socket_send(ping->fd, ping->packet, length, NULL) < 0 ? errno : 0;
	}
	if (!failed)
		ping->stamps++;
	else if (slot->seq == seq && slot->state == PING_WAITING)
		ping_core_failed(&ping->core, slot, failed);
}
