#include "ntsh/witness.h"

#include "base/mem.h"
#include "sys/socket.h"
#include "wire/bytes.h"
#include "wire/ip.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { TCP_HEADER = 20, PACKET_MAX = 2048, BURST_MAX = 64 };
enum { FLAG_FIN = 0x01, FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_ACK = 0x10 };

struct witness {
	struct loop *loop;
	int fd;
	struct addr peer;
	witness_fn *fn;
	void *arg;
};

int witness_parse(const uint8_t *bytes, size_t length, struct witness_segment *out)
{
	if (length < TCP_HEADER)
		return -1;
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	out->from_port = bytes_u16(&reader);
	out->to_port = bytes_u16(&reader);
	out->seq = bytes_u32(&reader);
	out->ack = bytes_u32(&reader);
	size_t header = (size_t)(bytes_u8(&reader) >> 4) * 4;
	uint8_t flags = bytes_u8(&reader);
	out->window = bytes_u16(&reader);
	if (header < TCP_HEADER || header > length)
		return -1;
	out->syn = flags & FLAG_SYN;
	out->ack_set = flags & FLAG_ACK;
	out->rst = flags & FLAG_RST;
	out->fin = flags & FLAG_FIN;
	out->payload = length - header;
	return 0;
}

/* Raw IPv4 sockets deliver the IP header as well (raw(7)), IPv6 ones do not. */
static size_t ip_header(const struct witness *witness, const uint8_t *packet, size_t length)
{
	if (witness->peer.family == AF_INET6)
		return 0;
	size_t header = length ? (size_t)(packet[0] & 15) * 4 : 0;
	return header < 20 || header > length ? length : header;
}

static void on_packet(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct witness *witness = arg;
	uint8_t packet[PACKET_MAX];
	struct sys_arrival arrival;
	(void)loop;
	if (events &
	    EPOLLERR) { /* ICMP errors about it are of no interest here, but would wake the loop for ever */
		struct sys_socket_event event;
		while (sys_socket_event_next(fd, NULL, 0, &event))
			continue;
		sys_socket_pending_error(fd);
	}
	for (int i = 0; i < BURST_MAX; i++) {
		if (sys_socket_receive(fd, packet, sizeof packet, &arrival))
			return;
		if (!addr_equal(&arrival.from, &witness->peer))
			continue;
		size_t length = arrival.length < sizeof packet ? arrival.length : sizeof packet;
		size_t header = ip_header(witness, packet, length);
		struct witness_segment segment = { .at = arrival.stamp != NS_NONE ? arrival.stamp
										  : arrival.seen,
						   .ttl = arrival.hops };
		if (witness->peer.family == AF_INET && length > 8)
			segment.ttl = packet[8];
		if (!witness_parse(packet + header, length - header, &segment))
			witness->fn(&segment, witness->arg);
	}
}

struct witness *witness_start(struct loop *loop, const struct addr *peer, const char *interface,
			      witness_fn *fn, void *arg, struct error *err)
{
	int fd = sys_socket_open(peer->family, SOCK_RAW, IPPROTO_TCP, interface, err);
	if (fd < 0)
		return NULL;
	struct addr bare = *peer;
	bare.port = 0;
	sys_socket_details(fd, peer->family);
	sys_socket_stamps(fd, SYS_STAMP_RX);
	struct witness *witness = NEW(struct witness);
	*witness = (struct witness){ .loop = loop, .fd = fd, .peer = bare, .fn = fn, .arg = arg };
	/* Connected, so that the kernel copies this peer's segments only. */
	if (sys_socket_connect(fd, &bare) < 0 || loop_watch(loop, fd, EPOLLIN, on_packet, witness, err)) {
		if (err && !error_is_set(err))
			error_set(err, STATUS_CANNOT, "ECONNECT", NULL,
				  "the raw socket cannot be tied to the host");
		close(fd);
		free(witness);
		return NULL;
	}
	return witness;
}

int witness_send_stray_ack(struct witness *witness, const struct addr *local, uint16_t port)
{
	uint8_t segment[TCP_HEADER] = { 0 };
	bytes_put_u16(segment, local->port);
	bytes_put_u16(segment + 2, port);
	bytes_put_u16(segment + 4, (uint16_t)clock_mono());
	bytes_put_u16(segment + 8, (uint16_t)(clock_mono() >> 16));
	segment[12] = TCP_HEADER / 4 << 4;
	segment[13] = FLAG_ACK;
	bytes_put_u16(segment + 14, 1024);
	uint32_t sum = ip_checksum_pseudo(local, &witness->peer, IPPROTO_TCP, sizeof segment);
	bytes_put_u16(segment + 16, ip_checksum_fold(ip_checksum_add(sum, segment, sizeof segment)));
	return sys_socket_send(witness->fd, segment, sizeof segment, NULL);
}

void witness_free(struct witness *witness)
{
	if (!witness)
		return;
	loop_unwatch(witness->loop, witness->fd);
	close(witness->fd);
	free(witness);
}
