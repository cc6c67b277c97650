/* One exchange as libcurl sees it: its options, and the moments at which it calls us. */
#include "net/http_parts.h"

#include "sys/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_fetch *fetch = arg;
	(void)purpose;
	(void)address;
	if (!fetch->prepared) {
		/* The connection that was to be used again has gone: libcurl wants a new one. */
		fetch->need_connect = true;
		return CURL_SOCKET_BAD;
	}
	fetch->conn = fetch->prepared;
	fetch->prepared = NULL;
	return fetch->conn->fd;
}

/* libcurl 7.88 ignores this answer and calls connect() again; that succeeds (once) on a socket whose non-blocking connect was
 * never asked for its end, which is how ours come (kernel __inet_stream_connect, SS_CONNECTING). */
static int on_sockopt(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int on_close(void *arg, curl_socket_t fd)
{
	struct http_conn *conn = http_conn_of_fd(arg, fd);
	if (conn)
		http_conn_close(conn);
	return 0;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
	struct http_fetch *fetch = arg;
	(void)easy;
	if (!fetch->conn)
		return CURLE_OK;
	if (!fetch->conn->stamps.enabled)
		tcp_stamps_begin(fetch->conn->fd, &fetch->conn->stamps);
	fetch->ex.tls_began = clock_mono();
	if (tls_watch_install(&fetch->conn->watch, ctx, fetch->url.host, fetch->ca_file, &fetch->ex.error) <
	    0)
		return CURLE_ABORTED_BY_CALLBACK;
	return CURLE_OK;
}

/* Which of our connections libcurl chose: the one it just took, or the kept one with this local port. */
static struct http_conn *conn_chosen(struct http_fetch *fetch, int local_port)
{
	for (struct http_conn *conn = fetch->client->conns; conn; conn = conn->next)
		if (!conn->in_use && conn->race.connect.local.port == local_port)
			return conn;
	return NULL;
}

static void tls_finished(struct http_fetch *fetch, struct http_conn *conn)
{
	tls_trace_finish(&conn->watch.trace, clock_real());
	tls_watch_report(&conn->watch, &conn->handshake);
	fetch->ex.tls_done = clock_mono();
	/* Bytes of the handshake count from the records; from here on every write is the request's. */
}

/* The last moment before the request: everything below it stands. */
static int on_request(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct http_fetch *fetch = arg;
	struct http_conn *conn = fetch->conn;
	(void)remote;
	(void)local;
	(void)remote_port;
	if (!conn) {
		conn = conn_chosen(fetch, local_port);
		fetch->ex.reused = conn != NULL;
	}
	if (!conn)
		return CURL_PREREQFUNC_ABORT;
	fetch->conn = conn;
	conn->in_use = true;
	conn->errnum = 0;
	if (conn->tls && !fetch->ex.reused)
		tls_finished(fetch, conn);
	if (conn->tls && conn->handshake.fault != TLS_FAULT_NONE && !fetch->insecure) {
		fetch->refused_certificate = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (!conn->stamps.enabled)
		tcp_stamps_begin(conn->fd, &conn->stamps);
	tcp_stamps_drain(conn->fd, &conn->stamps);
	const struct tcp_stamp *last = tcp_stamps_last(&conn->stamps);
	fetch->had_stamps = last != NULL;
	fetch->before_last = last ? last->last_byte : 0;
	tcp_stats_read(conn->fd, &fetch->ex.before);
	fetch->requested = true;
	fetch->real_offset = clock_real_offset();
	fetch->ex.phase = HTTP_REQUEST;
	fetch->ex.request_sent = clock_mono();
	return CURL_PREREQFUNC_OK;
}

/* --- the response --- */

static void head_begin(struct http_fetch *fetch, const char *line, size_t length)
{
	struct http_exchange *ex = &fetch->ex;
	struct http_conn *conn = fetch->conn;
	char number[4] = "";
	const char *space = memchr(line, ' ', length);
	buf_clear(&fetch->head);
	fetch->head_complete = false;
	if (space && length - (size_t)(space - line) > 3)
		memcpy(number, space + 1, 3);
	ex->status = (int)strtol(number, NULL, 10);
	ex->version = length > 5 && line[5] == '2' ? HTTP_2 : HTTP_1_1;
	ex->location[0] = '\0';
	ex->content_length = -1;
	if (!conn)
		return;
	/* In TLS the record in which it came, else the first bytes since the request. */
	bool record = conn->tls && conn->watch.trace.record != NS_NONE;
	ns_t stamp = record ? conn->watch.trace.record : fetch->first_event;
	ex->first_byte = stamp == NS_NONE ? clock_mono() : stamp - clock_real_offset();
	ex->first_byte_stamped = record ? conn->event_stamped : fetch->first_event_stamped;
	ex->phase = HTTP_TRANSFER;
}

static void head_field(struct http_fetch *fetch, const char *line, size_t length)
{
	struct http_exchange *ex = &fetch->ex;
	static const char location[] = "location:", size[] = "content-length:";
	while (length && (line[length - 1] == '\r' || line[length - 1] == '\n'))
		length--;
	if (length > sizeof location && !strncasecmp(line, location, sizeof location - 1)) {
		const char *value = line + sizeof location - 1;
		while (value < line + length && (*value == ' ' || *value == '\t'))
			value++;
		size_t rest = (size_t)(line + length - value);
		if (rest >= sizeof ex->location)
			rest = sizeof ex->location - 1;
		memcpy(ex->location, value, rest);
		ex->location[rest] = '\0';
	} else if (length > sizeof size && !strncasecmp(line, size, sizeof size - 1)) {
		ex->content_length = strtoll(line + sizeof size - 1, NULL, 10);
	}
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct http_fetch *fetch = arg;
	size_t length = size * count;
	/* Interim responses (RFC 9110 15.2) come first; trailers come last and begin with no status. */
	if (length > 5 && !memcmp(line, "HTTP/", 5) && (!fetch->head.length || fetch->head_complete)) {
		if (fetch->head.length && fetch->conn)
			fetch->first_event = fetch->conn->event;
		head_begin(fetch, line, length);
	}
	buf_add(&fetch->head, line, length);
	if (fetch->head.overflow) {
		fetch->head_too_big = true;
		return 0;
	}
	if (length <= 2)
		fetch->head_complete = true;
	else
		head_field(fetch, line, length);
	if (fetch->conn && fetch->conn->event != NS_NONE)
		fetch->ex.last_byte = fetch->conn->event - clock_real_offset();
	return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_fetch *fetch = arg;
	size_t length = size * count;
	fetch->ex.body_bytes += length;
	if (fetch->conn && fetch->conn->event != NS_NONE)
		fetch->ex.last_byte = fetch->conn->event - clock_real_offset();
	if (fetch->body_fn && fetch->body_fn(bytes, length, fetch->body_arg) < 0)
		fetch->stopped = true;
	if (fetch->max_body && fetch->ex.body_bytes >= fetch->max_body)
		fetch->stopped = true;
	return fetch->stopped ? 0 : length;
}

/* --- options --- */

#define SET(option, value) curl.easy_setopt(fetch->easy, option, value)

static void set_way(struct http_fetch *fetch)
{
	char peer[ADDR_TEXT_MAX], text[1024];
	const struct addr *to = fetch->prepared ? &fetch->prepared->race.connect.peer : NULL;
	SET(CURLOPT_NOPROXY, "");
	SET(CURLOPT_PROXY, "");
	if (!to)
		to = fetch->conn ? &fetch->conn->race.connect.peer : NULL;
	fetch->conn = NULL;
	if (!to)
		return;
	struct addr bare = *to;
	bare.zone = 0;
	addr_format_port(&bare, peer);
	if (fetch->proxied) {
		snprintf(text, sizeof text, "%s://%s%s", fetch->proxy.scheme, fetch->proxy.user, peer);
		SET(CURLOPT_PROXY, text);
		SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
		return;
	}
	/* The address is settled: libcurl must not look the name up (and so keeps connections to different addresses apart). */
	snprintf(text, sizeof text, "::%s", peer);
	fetch->connect_to = curl.slist_append(NULL, text);
	SET(CURLOPT_CONNECT_TO, fetch->connect_to);
}

static void set_question(struct http_fetch *fetch)
{
	SET(CURLOPT_URL, fetch->url_text);
	SET(CURLOPT_HTTPHEADER, fetch->headers);
	SET(CURLOPT_USERAGENT, "ntsh/" NTSH_VERSION);
	if (fetch->body) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)fetch->body_length);
		SET(CURLOPT_POSTFIELDS, fetch->body);
	}
	if (fetch->method && !strcmp(fetch->method, "HEAD"))
		SET(CURLOPT_NOBODY, 1L);
	else if (fetch->method)
		SET(CURLOPT_CUSTOMREQUEST, fetch->method);
	SET(CURLOPT_HTTP_VERSION,
	    fetch->version == HTTP_1_1 ? (long)CURL_HTTP_VERSION_1_1
	    : fetch->version == HTTP_2
		? (fetch->url.tls ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
		: (long)CURL_HTTP_VERSION_2TLS);
}

int http_easy_prepare(struct http_fetch *fetch, bool fresh, struct error *err)
{
	fetch->easy = curl.easy_init();
	if (!fetch->easy)
		return error_set(err, STATUS_CANNOT, "ECURL", NULL, "libcurl cannot begin an exchange");
	set_question(fetch);
	set_way(fetch);
	SET(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_ERRORBUFFER, fetch->curl_error);
	/* We race the families; libcurl's own timer for that would only make it read behind our back, 200 ms after the connect. */
	SET(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 3600000L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
	SET(CURLOPT_OPENSOCKETDATA, fetch);
	SET(CURLOPT_SOCKOPTFUNCTION, on_sockopt);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(CURLOPT_CLOSESOCKETDATA, fetch->client);
	SET(CURLOPT_PREREQFUNCTION, on_request);
	SET(CURLOPT_PREREQDATA, fetch);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, fetch);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, fetch);
	/* The chain is verified by our own callback, which knows more to say; libcurl would also read the whole bundle of
	 * authorities (30 ms) where its directory gives the one that is needed. */
	if (fetch->url.tls) {
		SET(CURLOPT_SSL_VERIFYPEER, 0L);
		SET(CURLOPT_SSL_VERIFYHOST, 0L);
		SET(CURLOPT_CAINFO, NULL);
		SET(CURLOPT_CAPATH, NULL);
		/* A resumed session shows no certificates, and would make new connections look faster than a new client's. */
		SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
		SET(CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
		SET(CURLOPT_SSL_CTX_DATA, fetch);
	}
	return 0;
}
