/* A handshake over a connected socket: OpenSSL works on memory, the socket is ours, so that every byte has its stamp. */
#include "net/tls_pipe.h"
#include "net/tls_verify.h"

#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { PIECE = 16 * 1024 };

struct tls_session {
	struct loop *loop;
	tls_fn *fn;
	void *arg;
	int fd;
	ns_t rtt, patience;
	SSL_CTX *ctx;
	struct tls_pipe pipe;
	struct tls_watch watch;
	struct tls_handshake report;
	struct tcp_stamps stamps;
	struct tcp_stats before;
	struct loop_timer timer; /* first the beginning, then the deadline */
	bool watching;
};

static void session_stop(struct tls_session *session)
{
	loop_timer_stop(session->loop, &session->timer);
	if (session->watching)
		loop_unwatch(session->loop, session->fd);
	session->watching = false;
}

static void session_end(struct tls_session *session, const struct error *err)
{
	struct tcp_stats after;
	struct split_path path = { .rtt_min = session->rtt,
				   .rtt_recent = session->rtt,
				   .rtt_variation = NS_NONE };
	session_stop(session);
	tls_trace_finish(&session->watch.trace, clock_real());
	tcp_stamps_drain(session->fd, &session->stamps);
	if (tcp_stats_read(session->fd, &after) == 0)
		path = split_path_of(&session->before, &after, false);
	tls_watch_report(&session->watch, &session->report);
	tls_trace_split(&session->watch.trace, &session->stamps, &path, clock_real_offset(),
			&session->report);
	session->report.resumed = session->report.complete && session->report.resumed;
	session->fn(session->loop, &session->report, error_is_set(err) ? err : NULL, session->arg);
}

static void say_failure(struct tls_session *session, int errnum, struct error *err)
{
	const char *reason = tls_error_text();
	if (session->watch.trace.alert[0])
		error_set(err, STATUS_BAD, "ETLS", NULL, "the TLS handshake failed: alert %s",
			  session->watch.trace.alert);
	else if (reason && (strstr(reason, "wrong version number") || strstr(reason, "http request")))
		error_set(err, STATUS_BAD, "ETLS", NULL, "the server does not speak TLS on this port");
	else if (reason)
		error_set(err, STATUS_BAD, "ETLS", NULL, "the TLS handshake failed: %s", reason);
	else if (errnum)
		error_set(err, STATUS_BAD, error_errno_name(errnum), NULL,
			  errnum == ECONNRESET || errnum == EPIPE
			      ? "the server reset the connection in the TLS handshake"
			      : "the connection broke in the TLS handshake");
	else
		error_set(err, STATUS_BAD, "ECLOSED", NULL,
			  "the server closed the connection in the TLS handshake");
}

/* Goes as far as it can. */
static void advance(struct tls_session *session)
{
	struct error err = ERROR_INIT;
	int good = ossl.SSL_do_handshake(session->pipe.ssl);
	int why = good == 1 ? SSL_ERROR_NONE : ossl.SSL_get_error(session->pipe.ssl, good);
	int flushed = tls_pipe_flush(&session->pipe, session->fd);
	if (why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
		say_failure(session, 0, &err);
		session_end(session, &err);
	} else if (flushed < 0) {
		say_failure(session, errno, &err);
		session_end(session, &err);
	} else if (good == 1 && flushed) {
		session_end(session, &err);
	} else {
		loop_watch_events(session->loop, session->fd, flushed ? EPOLLIN : EPOLLIN | EPOLLOUT);
	}
}

static void on_event(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct tls_session *session = arg;
	struct error err = ERROR_INIT;
	uint8_t bytes[PIECE];
	struct sys_arrival arrival;
	(void)loop;
	tcp_stamps_drain(fd, &session->stamps);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLOUT)))
		return;
	if (events & (EPOLLIN | EPOLLHUP)) {
		if (sys_socket_receive(fd, bytes, sizeof bytes, &arrival) < 0) {
			if (errno == EAGAIN)
				return;
			say_failure(session, errno, &err);
			session_end(session, &err);
			return;
		}
		if (!arrival.length) {
			say_failure(session, 0, &err);
			session_end(session, &err);
			return;
		}
		tls_trace_arrived(&session->watch.trace,
				  arrival.stamp != NS_NONE ? arrival.stamp : arrival.seen);
		ossl.BIO_write(session->pipe.in, bytes, (int)arrival.length);
	}
	advance(session);
}

static void on_deadline(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct tls_session *session = arg;
	struct error err = ERROR_INIT;
	struct tcp_stats stats;
	(void)loop;
	(void)timer;
	const char *more = "";
	if (tcp_stats_read(session->fd, &stats) == 0 && stats.unacked != TCP_STATS_UNKNOWN)
		more = stats.unacked ? "; the ClientHello was not even acknowledged"
				     : "; its kernel acknowledged the ClientHello, its program is silent";
	error_set(&err, STATUS_BAD, "ETIMEDOUT", NULL, "no answer to the TLS handshake within %lld ms%s",
		  (long long)(session->patience / NS_PER_MS), more);
	session_end(session, &err);
}

static void on_kick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct tls_session *session = arg;
	struct error err = ERROR_INIT;
	if (loop_watch(loop, session->fd, EPOLLIN, on_event, session, &err) < 0) {
		session_end(session, &err);
		return;
	}
	session->watching = true;
	if (session->patience > 0 && session->patience < NS_NEVER - clock_mono())
		loop_timer_start(loop, timer, clock_mono() + session->patience, on_deadline, session);
	tcp_stats_read(session->fd, &session->before);
	tcp_stamps_begin(session->fd, &session->stamps);
	tls_trace_begin(&session->watch.trace, clock_real());
	advance(session);
}

/* --- begin --- */

static int version_number(const char *text)
{
	static const struct {
		const char *text;
		int number;
	} VERSIONS[] = {
		{ "1.0", TLS1_VERSION },
		{ "1.1", TLS1_1_VERSION },
		{ "1.2", TLS1_2_VERSION },
		{ "1.3", TLS1_3_VERSION },
	};
	for (size_t i = 0; text && i < sizeof VERSIONS / sizeof VERSIONS[0]; i++)
		if (!strcmp(VERSIONS[i].text, text))
			return VERSIONS[i].number;
	return 0;
}

/* "h2,http/1.1" as lengths and bytes (RFC 7301 3.1). Returns the length, 0 when it does not fit. */
static unsigned alpn_encode(const char *text, uint8_t out[256])
{
	unsigned used = 0;
	while (*text) {
		size_t length = strcspn(text, ",");
		if (!length || length > 255 || used + 1 + length > 255)
			return 0;
		out[used++] = (uint8_t)length;
		memcpy(out + used, text, length);
		used += (unsigned)length;
		text += length;
		text += *text == ',';
	}
	return used;
}

static int session_configure(struct tls_session *session, const struct tls_request *request,
			     struct error *err)
{
	uint8_t alpn[256];
	if (tls_watch_install(&session->watch, session->ctx, request->server_name, request->ca_file, err) < 0)
		return -1;
	if (request->min_version)
		ossl.SSL_CTX_ctrl(session->ctx, SSL_CTRL_SET_MIN_PROTO_VERSION,
				  version_number(request->min_version), NULL);
	if (request->max_version)
		ossl.SSL_CTX_ctrl(session->ctx, SSL_CTRL_SET_MAX_PROTO_VERSION,
				  version_number(request->max_version), NULL);
	tls_pipe_open(&session->pipe, session->ctx, request->server_name ? session->watch.name : NULL);
	unsigned length = request->alpn ? alpn_encode(request->alpn, alpn) : 0;
	if (request->alpn && !length)
		return error_set(err, STATUS_USAGE, "EUSAGE", "write it as h2,http/1.1",
				 "\"%.60s\" is no list of protocols", request->alpn);
	if (length)
		ossl.SSL_set_alpn_protos(session->pipe.ssl, alpn, length);
	return 0;
}

int tls_prepare(struct error *err)
{
	return tls_lib_load(err);
}

struct tls_session *tls_start(struct loop *loop, const struct tls_request *request, tls_fn *fn, void *arg,
			      struct error *err)
{
	if (tls_lib_load(err) < 0)
		return NULL;
	struct tls_session *session = NEW(struct tls_session);
	session->loop = loop;
	session->fn = fn;
	session->arg = arg;
	session->fd = request->fd;
	session->rtt = request->rtt;
	session->patience = request->timeout;
	session->ctx = ossl.SSL_CTX_new(ossl.TLS_client_method());
	if (!session->ctx) {
		error_set(err, STATUS_CANNOT, "ETLS", NULL, "OpenSSL does not start: %s", tls_error_text());
		free(session);
		return NULL;
	}
	if (session_configure(session, request, err) < 0) {
		tls_free(session);
		return NULL;
	}
	loop_timer_start(loop, &session->timer, clock_mono(), on_kick, session);
	return session;
}

void tls_free(struct tls_session *session)
{
	if (!session)
		return;
	session_stop(session);
	tls_pipe_close(&session->pipe);
	ossl.SSL_CTX_free(session->ctx);
	free(session);
}
