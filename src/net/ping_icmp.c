/* Echo requests by ping socket (no privilege, net.ipv4.ping_group_range) or raw socket (CAP_NET_RAW). */
#include "net/ping_engine.h"

#include "base/mem.h"
#include "sys/socket.h"
#include "wire/icmp.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BUFFER_MIN = 2048, /* for quotations in errors */
	BUFFER_MORE = 128, /* headers beside the payload */
};

/* Raw sockets get all ICMP of the machine: leave all but replies to the kernel. Errors come by the error queue. */
static void filter_set(int fd, int family)
{
	if (family == AF_INET) {
		struct icmp_filter filter = { .data = ~(1u << ICMP_ECHOREPLY) };
		(void)setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
		return;
	}
	struct icmp6_filter filter;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	(void)setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
}

int ping_socket_options(struct ping *ping, int fd, struct error *err)
{
	const struct ping_request *request = &ping->request;
	int family = request->target.family;
	if (request->mark && sys_socket_mark(fd, request->mark, err) < 0)
		return -1;
	if (request->dont_fragment)
		(void)sys_socket_mtu_discover(fd, family, IP_PMTUDISC_DO);
	if (request->hops)
		(void)sys_socket_hops(fd, family, request->hops);
	if (request->traffic_class)
		(void)sys_socket_traffic_class(fd, family, request->traffic_class);
	return 0;
}

void ping_packet_fill(struct ping *ping, size_t head)
{
	const struct ping_request *request = &ping->request;
	ping->packet = mem_alloc(head + request->size);
	for (size_t i = 0; i < request->size; i++)
		ping->packet[head + i] =
		    request->pattern ? request->pattern[i % request->pattern_length] : (uint8_t)i;
}

static void icmp_ready(struct loop *loop, int fd, uint32_t events, void *arg);

int ping_icmp_open(struct ping *ping, enum ping_method method, struct error *err)
{
	int family = ping->request.target.family;
	int protocol = family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int type = method == PING_ICMP_RAW ? SOCK_RAW : SOCK_DGRAM;
	int fd = sys_socket_open(family, type, protocol, ping->request.interface, err);
	if (fd < 0)
		return -1;
	if (type == SOCK_RAW)
		filter_set(fd, family);
	sys_socket_details(fd, family);
	if (ping_socket_options(ping, fd, err) < 0) {
		close(fd);
		errno = EINVAL; /* no other kind of socket would help */
		return -1;
	}
	(void)sys_socket_stamps(fd, SYS_STAMP_RX | SYS_STAMP_TX);
	if (loop_watch(ping->loop, fd, EPOLLIN, icmp_ready, ping, err) < 0) {
		close(fd);
		return -1;
	}
	if (getrandom(&ping->id, sizeof ping->id, GRND_NONBLOCK) < 0)
		ping->id = (uint16_t)getpid();
	size_t size = ping->request.size;
	ping->fd = fd;
	ping_packet_fill(ping, ICMP_HEADER_SIZE);
	ping->buffer_size = size + BUFFER_MORE > BUFFER_MIN ? size + BUFFER_MORE : BUFFER_MIN;
	ping->buffer = mem_alloc(ping->buffer_size);
	return 0;
}

void ping_icmp_close(struct ping *ping)
{
	if (ping->fd < 0)
		return;
	loop_unwatch(ping->loop, ping->fd);
	close(ping->fd);
	ping->fd = -1;
	free(ping->packet);
	free(ping->buffer);
	ping->packet = ping->buffer = NULL;
}

void ping_events_take(struct ping *ping, ping_error_fn *error)
{
	struct sys_socket_event event;
	for (int i = 0; i < PING_READS_AT_ONCE; i++) {
		if (!sys_socket_event_next(ping->fd, ping->buffer, ping->buffer_size, &event))
			return;
		if (event.kind == SYS_EVENT_SENT && event.stamp != NS_NONE) {
			struct ping_slot *slot = ping_core_find_stamp(&ping->core, event.id);
			if (slot)
				ping_core_departed(slot, event.stamp);
		} else if (event.kind == SYS_EVENT_ICMP) {
			error(ping, &event);
		}
	}
}

static void error_take(struct ping *ping, const struct sys_socket_event *event)
{
	struct icmp_message sent;
	if (!icmp_read(ping->request.target.family, ping->buffer, event->length, &sent) ||
	    sent.kind != ICMP_ECHO_ASKED || (ping->method == PING_ICMP_RAW && sent.id != ping->id))
		return;
	struct ping_slot *slot = ping_core_find(&ping->core, sent.sequence);
	if (!slot)
		return;
	struct ping_arrival arrival = {
		.from = event->offender,
		.ttl = event->hops,
		.mono = clock_mono(),
		.real = event->stamp != NS_NONE ? event->stamp : event->seen,
		.stamped = event->stamp != NS_NONE,
		.rtt = NS_NONE,
	};
	ping_core_unreachable(&ping->core, slot, &arrival, event->icmp_type, event->icmp_code, event->mtu);
}

static void reply_take(struct ping *ping, const struct sys_arrival *arrived)
{
	const uint8_t *bytes = ping->buffer;
	size_t length = arrived->length;
	int family = ping->request.target.family;
	struct ip_packet packet;
	if (ping->method == PING_ICMP_RAW && family == AF_INET) {
		if (!ip_read(bytes, length, &packet))
			return;
		bytes = packet.payload;
		length = packet.payload_length;
	}
	struct icmp_message message;
	if (!icmp_read(family, bytes, length, &message) || message.kind != ICMP_ECHO_ANSWERED ||
	    (ping->method == PING_ICMP_RAW && message.id != ping->id))
		return;
	struct ping_slot *slot = ping_core_find(&ping->core, message.sequence);
	if (!slot)
		return;
	struct ping_arrival arrival = {
		.from = arrived->from,
		.ttl = arrived->hops,
		.bytes = message.payload_length,
		.mono = clock_mono(),
		.real = arrived->stamp != NS_NONE ? arrived->stamp : arrived->seen,
		.stamped = arrived->stamp != NS_NONE,
		.rtt = NS_NONE,
	};
	arrival.from.port = 0;
	ping_core_reply(&ping->core, slot, &arrival);
}

static void icmp_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct ping *ping = arg;
	struct sys_arrival arrived;
	ping_events_take(ping, error_take);
	for (int i = 0; i < PING_READS_AT_ONCE; i++) {
		if (sys_socket_receive(fd, ping->buffer, ping->buffer_size, &arrived) == 0)
			reply_take(ping, &arrived);
		else if (errno == EAGAIN)
			break;
	}
	ping_settle(ping);
}

void ping_icmp_send(struct ping *ping, struct ping_slot *slot)
{
	struct addr to = ping->request.target;
	to.port = 0;
	size_t length = ICMP_HEADER_SIZE + ping->request.size;
	uint64_t seq = slot->seq;
	slot->stamp_id = ping->stamps;
	icmp_echo_build(to.family, ping->id, (uint16_t)seq, ping->packet, ping->request.size);
	int failed = sys_socket_send(ping->fd, ping->packet, length, &to) < 0 ? errno : 0;
	if (failed) {
		/* It may be an ICMP error of an earlier probe that the socket reports first. */
		ping_events_take(ping, error_take);
		failed = sys_socket_send(ping->fd, ping->packet, length, &to) < 0 ? errno : 0;
	}
	if (!failed) {
		ping->stamps++;
		return;
	}
	/* Some kernels count what failed, some do not: begin the ids anew. */
	(void)sys_socket_stamps(ping->fd, SYS_STAMP_RX | SYS_STAMP_TX);
	ping->stamps = 0;
	if (slot->seq == seq && slot->state == PING_WAITING)
		ping_core_failed(&ping->core, slot, failed);
}
