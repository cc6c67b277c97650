/* A socket and this program's input and output, joined. */
#include "ntsh/dial.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct relay {
	struct loop *loop;
	const struct relay_events *events;
	void *arg;
	int fd, input;
	struct relay_result result;
	ns_t began;
	size_t held, sent;                        /* in chunk: bytes of the input; how many of them left */
	bool input_over, input_always, peer_over; /* input_always: a file, which is never waited for */
	uint8_t chunk[CHUNK], received[CHUNK];
};

static void relay_release(struct relay *relay)
{
	loop_unwatch(relay->loop, relay->fd);
	if (relay->input >= 0 && !relay->input_always)
		loop_unwatch(relay->loop, relay->input);
}

static void relay_finish(struct relay *relay, enum relay_end end, int errnum)
{
	relay->result.end = end;
	relay->result.errnum = errnum;
	relay->result.took = clock_mono() - relay->began;
	relay_release(relay);
	relay->events->end(&relay->result, relay->arg);
	free(relay);
}

/* What is waited for: the peer's bytes, room for ours, and input when none is held. */
static void interest(struct relay *relay)
{
	bool holds = relay->sent < relay->held;
	bool wants_room = holds || (relay->input_always && !relay->input_over);
	loop_watch_events(relay->loop, relay->fd,
			  (relay->peer_over ? 0 : EPOLLIN) | (wants_room ? EPOLLOUT : 0));
	if (relay->input >= 0 && !relay->input_always)
		loop_watch_events(relay->loop, relay->input, holds || relay->input_over ? 0 : EPOLLIN);
}

/* Returns 0, or the errno that ends it. */
static int send_held(struct relay *relay)
{
	while (relay->sent < relay->held) {
		ssize_t sent =
		    send(relay->fd, relay->chunk + relay->sent, relay->held - relay->sent, MSG_NOSIGNAL);
		if (sent < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : errno;
		relay->sent += (size_t)sent;
		relay->result.sent_bytes += (uint64_t)sent;
	}
	return 0;
}

static int take_input(struct relay *relay)
{
	if (relay->sent < relay->held || relay->input_over || relay->input < 0)
		return 0;
	ssize_t got = read(relay->input, relay->chunk, sizeof relay->chunk);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		relay->input_over = true;
		shutdown(relay->fd, SHUT_WR);
		return 0;
	}
	relay->held = (size_t)got;
	relay->sent = 0;
	return send_held(relay);
}

/* Returns 0, an errno, or -1 when the output wants no more. */
static int take_received(struct relay *relay)
{
	ssize_t got = recv(relay->fd, relay->received, sizeof relay->received, MSG_DONTWAIT);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno;
	if (got == 0) {
		relay->peer_over = true;
		return 0;
	}
	if (relay->result.first_byte == NS_NONE)
		relay->result.first_byte = clock_mono() - relay->began;
	relay->result.received_bytes += (uint64_t)got;
	size_t room = sizeof relay->result.head - relay->result.head_length;
	size_t kept = (size_t)got < room ? (size_t)got : room;
	memcpy(relay->result.head + relay->result.head_length, relay->received, kept);
	relay->result.head_length += kept;
	return relay->events->received(relay->received, (size_t)got, relay->arg) < 0 ? -1 : 0;
}

/* The peer is done: so are we, unless more of a pipe or a file is to be sent. A terminal's next line is not waited for. */
static bool is_over(const struct relay *relay)
{
	bool nothing_held = relay->sent >= relay->held;
	bool waits = relay->input >= 0 && !relay->input_over && !isatty(relay->input);
	return relay->peer_over && nothing_held && !waits;
}

static void settle(struct relay *relay, int failed)
{
	if (failed < 0)
		relay_finish(relay, RELAY_OUTPUT, 0);
	else if (failed)
		relay_finish(relay, RELAY_RESET, failed);
	else if (is_over(relay))
		relay_finish(relay, RELAY_PEER, 0);
	else
		interest(relay);
}

static void on_socket(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	struct relay *relay = arg;
	int failed = 0;
	if (!relay->peer_over && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		failed = take_received(relay);
	else if (relay->peer_over && (events & (EPOLLHUP | EPOLLERR)))
		/* Both halves are closed, or it failed: what would still be sent reaches nobody. */
		relay->input_over = true, relay->sent = relay->held;
	if (!failed && (events & EPOLLOUT)) {
		failed = send_held(relay);
		if (!failed && relay->input_always)
			failed = take_input(relay);
	}
	settle(relay, failed);
}

static void on_input(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	struct relay *relay = arg;
	settle(relay, take_input(relay));
}

struct relay *relay_start(struct loop *loop, int fd, int input, const struct relay_events *events, void *arg,
			  struct error *err)
{
	struct relay *relay = NEW(struct relay);
	relay->loop = loop;
	relay->events = events;
	relay->arg = arg;
	relay->fd = fd;
	relay->input = input;
	relay->began = clock_mono();
	relay->result.first_byte = NS_NONE;
	if (loop_watch(loop, fd, EPOLLIN, on_socket, relay, err) < 0) {
		free(relay);
		return NULL;
	}
	struct error refusal = ERROR_INIT;
	if (input >= 0 && loop_watch(loop, input, EPOLLIN, on_input, relay, &refusal) < 0)
		relay->input_always = true;
	interest(relay);
	return relay;
}

void relay_stop(struct relay *relay, struct relay_result *out)
{
	*out = relay->result;
	out->took = clock_mono() - relay->began;
	relay_release(relay);
	free(relay);
}
