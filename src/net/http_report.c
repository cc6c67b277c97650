/* What an exchange says in the end: times on one axis, who took them, and what went wrong in a sentence. */
#include "net/http_parts.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A clock stepped by more than this between request and end makes stamps unusable. */
static const ns_t CLOCK_STEP = 20 * NS_PER_MS;

void http_report_leave(struct http_fetch *fetch)
{
	struct http_conn *conn = fetch->conn;
	if (!conn)
		return;
	struct http_exchange *ex = &fetch->ex;
	tcp_stamps_drain(conn->fd, &conn->stamps);
	tcp_stats_read(conn->fd, &ex->after);
	fetch->stamps = conn->stamps;
	if (!conn->watch.trace.finished) {
		/* It failed on the way: libcurl may have freed its SSL already. */
		conn->watch.ssl = NULL;
		tls_watch_report(&conn->watch, &conn->handshake);
		tls_trace_finish(&conn->watch.trace, clock_real());
	}
	fetch->trace = conn->watch.trace;
	ex->tls = conn->handshake;
	ex->connect = conn->race.connect;
	if (conn->errnum)
		ex->connect.errnum = conn->errnum;
	if (fetch->proxied)
		snprintf(ex->proxy, sizeof ex->proxy, "%.240s:%u", fetch->proxy.host, fetch->proxy.port);
	conn->in_use = false;
	fetch->conn = NULL;
}

static void fill_tls(struct http_fetch *fetch)
{
	struct http_exchange *ex = &fetch->ex;
	struct tls_handshake *tls = &ex->tls;
	if (ex->reused || !tls->happened) {
		tls->began = tls->ended = tls->hello_acked = tls->server_hello = NS_NONE;
		tls->network = tls->server = tls->client = NS_NONE;
		return;
	}
	const struct tcp_stats *stats = &ex->connect.stats;
	struct split_path path = { .rtt_min = stats->min_rtt,
				   .rtt_recent = stats->rtt,
				   .rtt_variation = stats->rttvar,
				   .retransmitted =
				       ex->after.at && ex->after.total_retrans > stats->total_retrans };
	tls_trace_split(&fetch->trace, &fetch->stamps, &path, clock_real_offset(), tls);
	if (tls->complete)
		ex->tls_done = tls->ended;
}

/* The kernel's stamps of the write that ended the request. */
static void fill_request(struct http_fetch *fetch)
{
	struct http_exchange *ex = &fetch->ex;
	ns_t offset = clock_real_offset();
	ns_t drift = offset - fetch->real_offset;
	const struct tcp_stamp *stamp;
	if (!fetch->requested || drift > CLOCK_STEP || drift < -CLOCK_STEP)
		return;
	if (fetch->request_end)
		stamp = tcp_stamps_find(&fetch->stamps, (uint32_t)fetch->request_end - 1);
	else
		stamp = tcp_stamps_last(&fetch->stamps);
	if (!stamp || (fetch->had_stamps && (int32_t)(stamp->last_byte - fetch->before_last) <= 0))
		return;
	if (stamp->sent != NS_NONE)
		ex->request_sent = stamp->sent - offset;
	if (stamp->acked != NS_NONE) {
		ex->request_acked = stamp->acked - offset;
		ex->ack_stamped = true;
	}
}

static void fill_stall(struct http_exchange *ex)
{
	const struct tcp_stats *after = &ex->after;
	if (ex->phase == HTTP_COMPLETE || ex->phase <= HTTP_CONNECT || !after->at)
		return;
	ex->stalled_on_large = after->unacked != TCP_STATS_UNKNOWN && after->snd_mss &&
			       after->unacked >= after->snd_mss && after->total_retrans > 0;
	uint64_t before = ex->before.at ? ex->before.rcv_ooopack : ex->connect.stats.rcv_ooopack;
	ex->stalled_on_hole = after->rcv_ooopack != TCP_STATS_UNKNOWN && before != TCP_STATS_UNKNOWN &&
			      after->rcv_ooopack > before;
}

static struct split exchange_split(const struct http_exchange *ex)
{
	struct split_path path = split_path_of(&ex->before, &ex->after, ex->reused);
	return split_wait(ex->request_sent, ex->request_acked, ex->first_byte, &path);
}

ns_t http_server_time(const struct http_exchange *exchange, bool *exact)
{
	struct split split = exchange_split(exchange);
	if (exact)
		*exact = split.exact;
	return split.server;
}

void http_report_fill(struct http_fetch *fetch)
{
	struct http_exchange *ex = &fetch->ex;
	if (fetch->proxied) {
		snprintf(ex->proxy, sizeof ex->proxy, "%.240s:%u", fetch->proxy.host, fetch->proxy.port);
		snprintf(ex->proxy_source, sizeof ex->proxy_source, "%s", fetch->proxy.source);
	}
	ex->connect.fd = -1;
	fill_tls(fetch);
	fill_request(fetch);
	if (ex->first_byte != NS_NONE) {
		struct split split = exchange_split(ex);
		ex->ack_piggybacked = split.piggybacked;
		ex->ack_delayed = split.ack_delayed;
	}
	ex->arrival = fetch->arrival.seen;
	fill_stall(ex);
	if (fetch->head.length)
		ex->headers = mem_strndup(fetch->head.bytes, fetch->head.length);
}

/* --- what went wrong --- */

static void say_certificate(struct http_fetch *fetch)
{
	error_set(&fetch->ex.error, STATUS_BAD, "ECERT", "--insecure carries on all the same",
		  "the certificate of %s is not good: %s", fetch->url.host, fetch->ex.tls.fault_text);
}

static void say_timeout(struct http_fetch *fetch)
{
	static const char *const WHERE[] = {
		[HTTP_RESOLVE] = "while the name was looked up",
		[HTTP_CONNECT] = "while connecting: nothing answered the SYN",
		[HTTP_PROXY] = "while the proxy was asked to connect",
		[HTTP_TLS] = "in the TLS handshake",
		[HTTP_REQUEST] = "while the request was sent",
		[HTTP_WAIT] = "waiting for the first byte of the response",
		[HTTP_TRANSFER] = "in the middle of the response",
		[HTTP_COMPLETE] = "",
	};
	struct http_exchange *ex = &fetch->ex;
	const char *more = "";
	if (ex->phase >= HTTP_TLS && ex->after.at && ex->after.unacked != TCP_STATS_UNKNOWN)
		more = ex->after.unacked
			   ? "; what was sent last was never acknowledged"
			   : "; all that was sent was acknowledged, so the peer's kernel is there";
	error_set(&ex->error, STATUS_BAD, "ETIMEDOUT", NULL, "no answer within %lld ms, %s%s",
		  (long long)(fetch->patience / NS_PER_MS), WHERE[ex->phase], more);
}

static void say_tls(struct http_fetch *fetch)
{
	struct http_exchange *ex = &fetch->ex;
	const char *reason = fetch->curl_error[0] ? fetch->curl_error : "the connection ended";
	if (fetch->trace.alert[0])
		error_set(&ex->error, STATUS_BAD, "ETLS", NULL, "the TLS handshake failed: alert %s",
			  fetch->trace.alert);
	else if (ex->connect.errnum == ECONNRESET)
		error_set(&ex->error, STATUS_BAD, "ECONNRESET", NULL,
			  "the connection was reset in the TLS handshake");
	else if (strstr(reason, "wrong version number"))
		error_set(&ex->error, STATUS_BAD, "ETLS", "http:// may be right for this port",
			  "the TLS handshake failed: the server does not speak TLS on port %u",
			  fetch->url.port);
	else
		error_set(&ex->error, STATUS_BAD, "ETLS", NULL, "the TLS handshake failed: %.300s", reason);
}

static void say_broken_off(struct http_fetch *fetch, CURLcode code)
{
	struct http_exchange *ex = &fetch->ex;
	const char *how = ex->connect.errnum == ECONNRESET ? "reset" : "closed";
	if (ex->first_byte == NS_NONE && (code == CURLE_GOT_NOTHING || ex->connect.errnum == ECONNRESET))
		error_set(&ex->error, STATUS_BAD, ex->connect.errnum ? "ECONNRESET" : "ECLOSED", NULL,
			  "the server %s the connection without a response", how);
	else if (ex->content_length >= 0)
		error_set(&ex->error, STATUS_BAD, ex->connect.errnum ? "ECONNRESET" : "ECLOSED", NULL,
			  "the connection was %s in the middle of the body, after %llu of %lld bytes", how,
			  (unsigned long long)ex->body_bytes, (long long)ex->content_length);
	else
		error_set(&ex->error, STATUS_BAD, ex->connect.errnum ? "ECONNRESET" : "ECLOSED", NULL,
			  "the connection was %s in the middle of the response, after %llu bytes of its body "
			  "(%.200s)",
			  how, (unsigned long long)ex->body_bytes,
			  fetch->curl_error[0] ? fetch->curl_error : curl.easy_strerror(code));
}

void http_report_error(struct http_fetch *fetch, CURLcode code)
{
	struct http_exchange *ex = &fetch->ex;
	if (error_is_set(&ex->error))
		return;
	/* libcurl names the phase of TLS by its code only. */
	if (ex->phase == HTTP_PROXY && ex->tls.happened)
		ex->phase = HTTP_TLS;
	if (fetch->refused_certificate) {
		ex->phase = HTTP_TLS;
		say_certificate(fetch);
	} else if (fetch->timed_out) {
		say_timeout(fetch);
	} else if (fetch->head_too_big) {
		error_set(&ex->error, STATUS_BAD, "EMSGSIZE", NULL,
			  "the response's head is larger than 256 KiB");
	} else if (ex->phase == HTTP_TLS) {
		say_tls(fetch);
	} else if (ex->phase == HTTP_PROXY) {
		error_set(&ex->error, STATUS_BAD, "EPROXY", NULL, "the proxy %s did not connect us: %.200s",
			  ex->proxy, fetch->curl_error[0] ? fetch->curl_error : curl.easy_strerror(code));
	} else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY) {
		error_set(&ex->error, STATUS_BAD, "EPROTO",
			  fetch->url.tls ? NULL : "https:// may be right for this port",
			  "what came back is no HTTP response");
	} else if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE ||
		   code == CURLE_SEND_ERROR) {
		say_broken_off(fetch, code);
	} else {
		error_set(&ex->error, STATUS_BAD, "EHTTP", NULL, "the exchange failed: %.300s",
			  fetch->curl_error[0] ? fetch->curl_error : curl.easy_strerror(code));
	}
}
