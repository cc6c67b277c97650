/* Probes that look the same to every balancer: only the TTL, the mark in the payload and what makes up for it differ. */
#include "net/trace_parts.h"

#include "sys/socket.h"
#include "wire/bytes.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MARK = 8, UDP_HEADER = 8, TCP_SYN = 24, PAYLOAD_USUAL = 32, FLAG_SYN = 2, WINDOW = 65535, MSS = 1460 };

/* A datagram socket of its own for a flow: its source port (or ping identifier) is what makes the flow. */
static int datagram_open(struct trace_io *io, unsigned flow, struct error *err)
{
	int family = io->request.target.family;
	int fd = sys_socket_open(family, SOCK_DGRAM, io->request.method == TRACE_UDP ? 0 : trace_protocol(io),
				 io->request.interface, err);
	if (fd < 0)
		return -1;
	struct addr any = { .family = (sa_family_t)family };
	/* With the raw socket its ICMP errors come whole; the queue would give them again. */
	if (io->raw_fd < 0)
		sys_socket_details(fd, family);
	if (io->request.mtu_probe)
		(void)sys_socket_mtu_discover(fd, family, IP_PMTUDISC_PROBE);
	(void)sys_socket_stamps(fd, SYS_STAMP_RX | SYS_STAMP_TX);
	if (sys_socket_bind(fd, &any, err) < 0 ||
	    loop_watch(io->loop, fd, EPOLLIN, trace_flow_ready, io, err) < 0) {
		close(fd);
		return -1;
	}
	io->flows[flow].fd = fd;
	io->flows[flow].owned = true;
	io->flows[flow].port = sys_socket_local(fd).port;
	return 0;
}

/* The kernel resets half-open connections for us, and gives the port to nobody else, as long as it is bound. */
static int holder_open(struct trace_io *io, unsigned flow, struct error *err)
{
	struct addr any = { .family = io->request.target.family };
	int fd = sys_socket_open(any.family, SOCK_STREAM, 0, io->request.interface, err);
	if (fd < 0)
		return -1;
	if (sys_socket_bind(fd, &any, err) < 0) {
		close(fd);
		return -1;
	}
	io->flows[flow] =
	    (struct trace_flow){ .fd = io->tcp_fd, .holder = fd, .port = sys_socket_local(fd).port };
	return 0;
}

int trace_flow_open(struct trace_io *io, unsigned flow, struct error *err)
{
	struct trace_flow *slot = &io->flows[flow];
	if (slot->port || (io->request.method == TRACE_TCP && io->tcp_fd < 0))
		return 0;
	if (io->request.method == TRACE_TCP)
		return holder_open(io, flow, err);
	if (io->request.method == TRACE_ICMP && io->raw_fd >= 0) {
		uint16_t id = (uint16_t)(io->magic + flow * 257);
		*slot = (struct trace_flow){ .fd = io->raw_fd, .holder = -1, .port = id ? id : 1 };
		return 0;
	}
	return datagram_open(io, flow, err);
}

/* magic, token, and what keeps the sum over both constant. */
static void mark_write(const struct trace_io *io, uint8_t *at, uint16_t token, uint16_t balance)
{
	bytes_put_u32(at, io->magic);
	bytes_put_u16(at + 4, token);
	bytes_put_u16(at + 6, balance);
}

static size_t payload_length(const struct trace_io *io, size_t size, size_t header)
{
	size_t before = (io->request.target.family == AF_INET6 ? 40 : 20) + header;
	size_t length = size ? (size > before + MARK ? size - before : MARK) : PAYLOAD_USUAL;
	return length > TRACE_PACKET_MAX - header ? TRACE_PACKET_MAX - header : length;
}

/* Routers that quote no more than 8 bytes of the datagram show its checksum: it is made to be the token. */
static uint16_t udp_balance(const struct trace_io *io, const struct trace_sent *sent, const uint8_t *payload,
			    size_t length)
{
	uint8_t header[UDP_HEADER] = { 0 };
	if (io->source.family == AF_UNSPEC)
		return 0;
	bytes_put_u16(header, io->flows[sent->flow].port);
	bytes_put_u16(header + 2, io->request.target.port);
	bytes_put_u16(header + 4, (uint16_t)(length + UDP_HEADER));
	uint32_t sum = ip_checksum_pseudo(&io->source, &io->request.target, (uint8_t)trace_protocol(io),
					  length + UDP_HEADER);
	sum = ip_checksum_add(sum, header, sizeof header);
	sum = ip_checksum_add(sum, payload, length);
	/* sum + balance must be ~token in one's complement. */
	uint32_t wanted = (uint32_t)(uint16_t)~sent->token + ip_checksum_fold(sum);
	return (uint16_t)~ip_checksum_fold(wanted);
}

int trace_send_udp(struct trace_io *io, const struct trace_sent *sent, size_t size)
{
	uint8_t *payload = io->packet;
	size_t length = payload_length(io, size, UDP_HEADER);
	memset(payload, 0, length);
	mark_write(io, payload, sent->token, 0);
	mark_write(io, payload, sent->token, udp_balance(io, sent, payload, length));
	int fd = io->flows[sent->flow].fd;
	return sys_socket_send_hops(fd, payload, length, &io->request.target, sent->hops) < 0 ? errno : 0;
}

int trace_send_icmp(struct trace_io *io, const struct trace_sent *sent, size_t size)
{
	struct addr to = io->request.target;
	size_t length = payload_length(io, size, ICMP_HEADER_SIZE);
	to.port = 0;
	memset(io->packet, 0, ICMP_HEADER_SIZE + length);
	/* The sequence number and both marks sum up to the same in every probe. */
	uint8_t *mark = io->packet + ICMP_HEADER_SIZE;
	mark_write(io, mark, sent->token, 0);
	uint32_t sum = (uint32_t)sent->token * 2;
	bytes_put_u16(mark + 6, ip_checksum_fold(sum));
	icmp_echo_build(to.family, io->flows[sent->flow].port, sent->token, io->packet, length);
	int fd = io->flows[sent->flow].fd;
	return sys_socket_send_hops(fd, io->packet, ICMP_HEADER_SIZE + length, &to, sent->hops) < 0 ? errno
												    : 0;
}

int trace_send_tcp(struct trace_io *io, const struct trace_sent *sent)
{
	uint8_t syn[TCP_SYN] = { 0 };
	struct addr to = io->request.target;
	bytes_put_u16(syn, io->flows[sent->flow].port);
	bytes_put_u16(syn + 2, to.port);
	bytes_put_u16(syn + 4, (uint16_t)(io->magic >> 16));
	bytes_put_u16(syn + 6, sent->token);
	syn[12] = TCP_SYN / 4 << 4;
	syn[13] = FLAG_SYN;
	bytes_put_u16(syn + 14, WINDOW);
	syn[20] = 2; /* MSS: a SYN without options looks like a scan */
	syn[21] = 4;
	bytes_put_u16(syn + 22, MSS);
	uint32_t sum = ip_checksum_pseudo(&io->source, &to, IPPROTO_TCP, sizeof syn);
	bytes_put_u16(syn + 16, ip_checksum_fold(ip_checksum_add(sum, syn, sizeof syn)));
	to.port = 0;
	return sys_socket_send_hops(io->tcp_fd, syn, sizeof syn, &to, sent->hops) < 0 ? errno : 0;
}
