/* The data streams of a test. */
#include "net/speed_engine.h"

#include "base/mem.h"
#include "sys/socket.h"
#include "wire/bytes.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCKS_A_TURN = 8, DATAGRAMS_A_TURN = 200, HELLO = 0x36373839 };
static const ns_t PACE = NS_PER_MS;

uint64_t speed_streams_bytes(const struct speed *speed)
{
	uint64_t bytes = 0;
	for (unsigned i = 0; i < speed->request.streams; i++)
		bytes += speed->streams[i].bytes;
	return bytes;
}

/* How many bytes the rate allows by now. */
static uint64_t allowed(const struct speed *speed)
{
	if (speed->request.rate <= 0)
		return UINT64_MAX;
	double seconds = (double)(clock_mono() - speed->began) / 1e9;
	return (uint64_t)(speed->request.rate / 8 * seconds / speed->request.streams);
}

/* --- TCP --- */

static void send_blocks(struct speed_stream *stream)
{
	struct speed *speed = stream->speed;
	for (int i = 0; i < BLOCKS_A_TURN; i++) {
		if (stream->bytes >= allowed(speed)) {
			loop_watch_events(speed->loop, stream->fd, 0);
			return;
		}
		ssize_t sent = send(stream->fd, speed->block, IPERF_BLOCK, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0)
			return;
		stream->bytes += (uint64_t)sent;
	}
}

static void receive_blocks(struct speed_stream *stream)
{
	struct speed *speed = stream->speed;
	for (int i = 0; i < BLOCKS_A_TURN; i++) {
		ssize_t got = recv(stream->fd, speed->block, IPERF_BLOCK, MSG_DONTWAIT);
		if (got == 0)
			loop_watch_events(speed->loop, stream->fd, 0);
		if (got <= 0)
			return;
		if (speed->running)
			stream->bytes += (uint64_t)got;
	}
}

static void on_stream(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	struct speed_stream *stream = arg;
	if (events & EPOLLIN)
		receive_blocks(stream);
	if (events & EPOLLOUT)
		send_blocks(stream);
	if (events & (EPOLLERR | EPOLLHUP))
		loop_unwatch(stream->speed->loop, stream->fd);
}

static void on_connected(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct speed_stream *stream = arg;
	struct speed *speed = stream->speed;
	char text[TCP_CONNECT_TEXT_MAX];
	struct error error = ERROR_INIT;
	stream->connect = NULL;
	stream->fd = result->fd;
	if (result->outcome != TCP_CONNECTED) {
		speed_fail(speed, STATUS_BAD, "ECONN", NULL, "a data connection failed: %s",
			   tcp_connect_text(result, text));
		return;
	}
	if (send(stream->fd, speed->cookie, sizeof speed->cookie, MSG_NOSIGNAL) !=
		(ssize_t)sizeof speed->cookie ||
	    loop_watch(loop, stream->fd, speed->request.down ? EPOLLIN : 0, on_stream, stream, &error) < 0)
		speed_fail(speed, STATUS_BAD, "ECONN", NULL, "a data connection failed");
}

/* --- UDP --- */

static void send_datagrams(struct speed_stream *stream)
{
	struct speed *speed = stream->speed;
	uint64_t limit = allowed(speed);
	for (int i = 0; i < DATAGRAMS_A_TURN && stream->bytes + IPERF_DATAGRAM <= limit; i++) {
		ns_t now = clock_real();
		bytes_put_u32(speed->block, (uint32_t)(now / NS_PER_S));
		bytes_put_u32(speed->block + 4, (uint32_t)(now % NS_PER_S / NS_PER_US));
		bytes_put_u32(speed->block + 8, stream->packets + 1);
		if (send(stream->fd, speed->block, IPERF_DATAGRAM, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
		stream->packets++;
		stream->bytes += IPERF_DATAGRAM;
	}
}

static void on_datagram(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct speed_stream *stream = arg;
	struct speed *speed = stream->speed;
	ssize_t got;
	for (int i = 0;
	     i < DATAGRAMS_A_TURN && (got = recv(fd, speed->block, IPERF_BLOCK, MSG_DONTWAIT)) >= 0; i++) {
		if (!stream->ready) {
			stream->ready = true;
			continue;
		}
		if (!speed->running || got < IPERF_HEADER)
			continue;
		stream->bytes += (uint64_t)got;
		iperf_datagram_take(&stream->datagrams, speed->block, (size_t)got, clock_real());
	}
}

static int udp_open(struct speed_stream *stream, struct error *err)
{
	struct speed *speed = stream->speed;
	uint32_t hello = HELLO; /* in the host's order, as iperf3 does; the server does not look */
	stream->fd = sys_socket_open(speed->request.target.family, SOCK_DGRAM, IPPROTO_UDP,
				     speed->request.interface, err);
	if (stream->fd < 0)
		return -1;
	if (sys_socket_connect(stream->fd, &speed->request.target) < 0 ||
	    send(stream->fd, &hello, sizeof hello, MSG_NOSIGNAL) < 0)
		return error_errno(err, errno, NULL, "a data stream cannot be opened");
	return loop_watch(speed->loop, stream->fd, EPOLLIN, on_datagram, stream, err);
}

/* --- all --- */

void speed_streams_open(struct speed *speed)
{
	struct tcp_connect_request request = { .target = speed->request.target,
					       .interface = speed->request.interface,
					       .timeout = 10 * NS_PER_S };
	struct error error = ERROR_INIT;
	for (unsigned i = 0; i < speed->request.streams; i++) {
		struct speed_stream *stream = &speed->streams[i];
		bool opened = false;
		if (speed->request.udp) {
			opened = udp_open(stream, &error) == 0;
		} else {
			stream->connect =
			    tcp_connect_start(speed->loop, &request, on_connected, stream, &error);
			opened = stream->connect;
		}
		if (!opened) {
			speed_fail(speed, STATUS_CANNOT, error.code, NULL, "%s", error.message);
			return;
		}
	}
}

static void on_pace(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct speed *speed = arg;
	for (unsigned i = 0; i < speed->request.streams; i++) {
		struct speed_stream *stream = &speed->streams[i];
		if (speed->request.udp)
			send_datagrams(stream);
		else if (stream->bytes < allowed(speed))
			loop_watch_events(loop, stream->fd, EPOLLOUT);
	}
	loop_timer_start(loop, timer, clock_mono() + PACE, on_pace, speed);
}

void speed_streams_run(struct speed *speed)
{
	speed->running = true;
	if (speed->request.down)
		return;
	if (speed->request.udp || speed->request.rate > 0)
		loop_timer_start(speed->loop, &speed->pace, 0, on_pace, speed);
	for (unsigned i = 0; i < speed->request.streams && !speed->request.udp; i++)
		if (speed->streams[i].fd >= 0)
			loop_watch_events(speed->loop, speed->streams[i].fd, EPOLLOUT);
}

void speed_streams_stop(struct speed *speed)
{
	speed->running = false;
	loop_timer_stop(speed->loop, &speed->pace);
	for (unsigned i = 0; i < speed->request.streams && !speed->request.down; i++)
		if (speed->streams[i].fd >= 0 && !speed->request.udp)
			loop_watch_events(speed->loop, speed->streams[i].fd, 0);
}

void speed_streams_close(struct speed *speed)
{
	loop_timer_stop(speed->loop, &speed->pace);
	for (unsigned i = 0; i < SPEED_STREAMS_MAX; i++) {
		struct speed_stream *stream = &speed->streams[i];
		tcp_connect_cancel(stream->connect);
		stream->connect = NULL;
		if (stream->fd < 0)
			continue;
		loop_unwatch(speed->loop, stream->fd);
		close(stream->fd);
		stream->fd = -1;
	}
}
