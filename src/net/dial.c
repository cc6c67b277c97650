/* A handshake with all its SYNs, then what the server says first. */
#include "ntsh/dial.h"

#include "base/mem.h"
#include "ntsh/witness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const ns_t LOOK_INTERVAL = 10 * NS_PER_MS, LISTENER_PATIENCE = 400 * NS_PER_MS,
		  SILENT_MIN = 900 * NS_PER_MS;
enum { STRAY_ACKS = 3, STRAY_PORT = 61001, STRAY_PORTS = 4000 };

struct dial {
	struct loop *loop;
	struct dial_request request;
	const struct dial_events *events;
	void *arg;
	struct tcp_connect *connect;
	struct witness *witness;
	struct tls_session *tls;
	struct loop_timer timer;
	struct dial_result result;
	uint16_t stray_port;
	bool watched;
};

static void dial_release(struct dial *dial)
{
	loop_timer_stop(dial->loop, &dial->timer);
	if (dial->watched)
		loop_unwatch(dial->loop, dial->result.connect.fd);
	if (dial->witness)
		witness_free(dial->witness);
	if (dial->tls)
		tls_free(dial->tls);
	tcp_connect_cancel(dial->connect);
}

static void dial_end(struct dial *dial)
{
	dial_release(dial);
	dial->events->end(&dial->result, dial->arg);
	free(dial);
}

static void tell(struct dial *dial, ns_t after, const char *kind, const void *text, size_t length)
{
	if (dial->events->event)
		dial->events->event(after, kind, text, length, dial->arg);
}

static void tell_text(struct dial *dial, ns_t after, const char *kind, const char *text)
{
	tell(dial, after, kind, text, strlen(text));
}

/* How it went, for good or bad. */
static void tell_end(struct dial *dial)
{
	char text[DIAL_TEXT_MAX];
	const struct tcp_connect_result *connect = &dial->result.connect;
	tell_text(dial, connect->ended - connect->began,
		  connect->outcome == TCP_CONNECTED ? "connected" : "failed", dial_text(&dial->result, text));
}

/* --- TLS --- */

static void on_shaken(struct loop *loop, const struct tls_handshake *shake, const struct error *err,
		      void *arg)
{
	(void)loop;
	struct dial *dial = arg;
	ns_t after = clock_mono() - dial->result.connect.began;
	dial->result.shake = *shake;
	tell_text(dial, after, "tls",
		  shake->complete ? shake->version
		  : err           ? err->message
				  : "the TLS handshake failed");
	if (shake->fault)
		tell_text(dial, after, "tls", shake->fault_text);
	dial_end(dial);
}

static void shake(struct dial *dial)
{
	struct error error = ERROR_INIT;
	struct tls_request request = { .fd = dial->result.connect.fd,
				       .server_name = dial->request.tls_name,
				       .rtt = dial->result.connect.rtt,
				       .timeout = dial->request.timeout };
	dial->result.shake.happened = true;
	dial->tls = tls_start(dial->loop, &request, on_shaken, dial, &error);
	if (!dial->tls)
		dial_end(dial);
}

/* --- what the server says first --- */

static void on_patience(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct dial *dial = arg;
	tell_text(dial, clock_mono() - dial->result.connect.began, "silent",
		  "the server waits for us to speak first");
	dial_end(dial);
}

static void on_readable(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct dial *dial = arg;
	struct dial_result *result = &dial->result;
	ssize_t got =
	    read(fd, result->banner + result->banner_length, sizeof result->banner - result->banner_length);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	ns_t now = clock_mono();
	if (got > 0) {
		result->banner_length += (size_t)got;
		result->banner_after = now - result->connect.ended;
		tell(dial, now - result->connect.began, "banner", result->banner, result->banner_length);
	} else {
		result->closed = got == 0;
		result->errnum = got < 0 ? errno : 0;
		tell_text(dial, now - result->connect.began, "closed",
			  got == 0 ? "the server closed it without a word"
				   : "reset at once: an overloaded server, or a filter that lets handshakes "
				     "through only");
	}
	dial_end(dial);
}

static void await_banner(struct dial *dial)
{
	struct error error = ERROR_INIT;
	tell_end(dial);
	if (dial->request.tls_name) {
		shake(dial);
		return;
	}
	if (!dial->request.patience ||
	    loop_watch(dial->loop, dial->result.connect.fd, EPOLLIN, on_readable, dial, &error) < 0) {
		dial_end(dial);
		return;
	}
	dial->watched = true;
	loop_timer_start(dial->loop, &dial->timer, clock_mono() + dial->request.patience, on_patience, dial);
}

/* --- silence --- */

static void on_segment(const struct witness_segment *segment, void *arg)
{
	struct dial *dial = arg;
	if (segment->rst && segment->from_port == dial->request.target.port &&
	    segment->to_port >= dial->stray_port && segment->to_port < dial->stray_port + STRAY_ACKS)
		dial->result.silence = DIAL_SILENCE_LISTENS;
}

static void failed(struct dial *dial)
{
	tell_end(dial);
	dial_end(dial);
}

static void on_silence_known(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct dial *dial = arg;
	if (dial->result.silence == DIAL_SILENCE_UNKNOWN)
		dial->result.silence = DIAL_SILENCE_FILTER;
	failed(dial);
}

/* Whether somebody listens behind the silence. */
static void ask_listener(struct dial *dial)
{
	struct addr local = dial->result.connect.local;
	bool asked = false;
	struct addr peer = dial->request.target;
	peer.port = 0;
	dial->witness = witness_start(dial->loop, &peer, dial->request.interface, on_segment, dial, NULL);
	dial->stray_port = (uint16_t)(STRAY_PORT + (clock_mono() >> 10) % STRAY_PORTS);
	for (uint16_t i = 0; i < STRAY_ACKS && dial->witness && local.family != AF_UNSPEC; i++) {
		local.port = (uint16_t)(dial->stray_port + i);
		asked |= witness_send_stray_ack(dial->witness, &local, dial->request.target.port) == 0;
	}
	if (asked)
		loop_timer_start(dial->loop, &dial->timer, clock_mono() + LISTENER_PATIENCE, on_silence_known,
				 dial);
	else
		dial_end(dial);
}

/* --- the handshake --- */

static void syns_note(struct dial *dial, uint64_t repeated, ns_t after)
{
	struct dial_result *result = &dial->result;
	char text[60];
	for (; result->syns <= repeated && result->syns < DIAL_SYNS_MAX; result->syns++) {
		result->syn_after[result->syns] = after;
		snprintf(text, sizeof text, "no answer: SYN number %u", result->syns + 1);
		tell_text(dial, after, "syn", text);
	}
}

static void on_look(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct dial *dial = arg;
	struct tcp_stats stats;
	ns_t now = clock_mono();
	if (tcp_stats_read(tcp_connect_socket(dial->connect), &stats) == 0)
		syns_note(dial, stats.total_retrans, now - dial->result.connect.began);
	loop_timer_start(loop, timer, now + LOOK_INTERVAL, on_look, dial);
}

static void on_connected(struct loop *loop, const struct tcp_connect_result *connect, void *arg)
{
	(void)loop;
	struct dial *dial = arg;
	dial->connect = NULL;
	loop_timer_stop(dial->loop, &dial->timer);
	dial->result.connect = *connect;
	/* The answer may come before the repeated SYN was seen. */
	syns_note(dial, connect->syn_retransmits, connect->ended - connect->began);
	if (connect->outcome == TCP_CONNECTED)
		await_banner(dial);
	else if (connect->outcome == TCP_TIMED_OUT && connect->ended - connect->began > SILENT_MIN)
		ask_listener(dial);
	else
		failed(dial);
}

struct dial *dial_start(struct loop *loop, const struct dial_request *request,
			const struct dial_events *events, void *arg, struct error *err)
{
	struct dial *dial = NEW(struct dial);
	struct tcp_connect_request connect = { .target = request->target,
					       .interface = request->interface,
					       .timeout = request->timeout };
	dial->loop = loop;
	dial->request = *request;
	dial->events = events;
	dial->arg = arg;
	dial->result = (struct dial_result){ .syns = 1, .banner_after = NS_NONE };
	dial->result.connect.began = clock_mono();
	dial->result.connect.fd = -1;
	dial->connect = tcp_connect_start(loop, &connect, on_connected, dial, err);
	if (!dial->connect) {
		free(dial);
		return NULL;
	}
	char peer[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 8];
	snprintf(text, sizeof text, "SYN to %s", addr_format_port(&request->target, peer));
	tell_text(dial, 0, "syn", text);
	loop_timer_start(loop, &dial->timer, clock_mono() + LOOK_INTERVAL, on_look, dial);
	return dial;
}

void dial_cancel(struct dial *dial)
{
	if (!dial)
		return;
	dial_release(dial);
	if (dial->result.connect.fd >= 0)
		close(dial->result.connect.fd);
	free(dial);
}
