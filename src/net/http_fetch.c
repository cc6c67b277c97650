/* One exchange's course: look up, connect, hand over to libcurl, report. */
#include "net/http_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fetch_end(struct http_fetch *fetch);

static void fetch_unlink(struct http_fetch *fetch)
{
	struct http_fetch **link = &fetch->client->fetches;
	while (*link && *link != fetch)
		link = &(*link)->next;
	if (*link)
		*link = fetch->next;
}

static void easy_end(struct http_fetch *fetch)
{
	if (!fetch->easy)
		return;
	http_report_leave(fetch);
	curl.multi_remove_handle(fetch->client->multi, fetch->easy);
	curl.easy_cleanup(fetch->easy);
	curl.slist_free_all(fetch->connect_to);
	fetch->easy = NULL;
	fetch->connect_to = NULL;
}

void http_fetch_free(struct http_fetch *fetch)
{
	struct loop *loop = fetch->client->loop;
	loop_timer_stop(loop, &fetch->kick);
	loop_timer_stop(loop, &fetch->deadline);
	resolve_cancel(fetch->resolve);
	tcp_race_cancel(fetch->race);
	easy_end(fetch);
	fetch_unlink(fetch);
	if (fetch->prepared)
		http_conn_close(fetch->prepared);
	curl.slist_free_all(fetch->headers);
	http_url_release(&fetch->url);
	buf_release(&fetch->head);
	free(fetch->url_text);
	free(fetch->method);
	free(fetch->body);
	free(fetch->ca_file);
	free(fetch->interface);
	free(fetch->ex.headers);
	free(fetch);
}

/* Tells the owner. Nothing of the fetch is used afterwards. */
static void fetch_end(struct http_fetch *fetch)
{
	struct http_client *client = fetch->client;
	http_report_leave(fetch);
	easy_end(fetch);
	resolve_cancel(fetch->resolve);
	tcp_race_cancel(fetch->race);
	fetch->resolve = NULL;
	fetch->race = NULL;
	loop_timer_stop(client->loop, &fetch->deadline);
	fetch->ex.ended = clock_mono();
	http_report_fill(fetch);
	fetch_unlink(fetch);
	client->busy++;
	fetch->fn(client->loop, &fetch->ex, fetch->arg);
	client->busy--;
	http_fetch_free(fetch);
	if (client->doomed && !client->busy)
		http_client_free(client);
}

static void fetch_fail(struct http_fetch *fetch, const struct error *err)
{
	fetch->ex.error = *err;
	fetch_end(fetch);
}

/* --- the way there --- */

static void transfer_begin(struct http_fetch *fetch, bool fresh)
{
	struct error err = ERROR_INIT;
	fetch->ex.phase = fetch->proxied && fetch->url.tls ? HTTP_PROXY
			  : fetch->url.tls                 ? HTTP_TLS
							   : HTTP_REQUEST;
	if (http_easy_prepare(fetch, fresh, &err) < 0)
		fetch_fail(fetch, &err);
	else
		curl.multi_add_handle(fetch->client->multi, fetch->easy);
}

static void on_raced(struct loop *loop, const struct tcp_race_result *result, void *arg)
{
	struct http_fetch *fetch = arg;
	struct error err = ERROR_INIT;
	char words[TCP_CONNECT_TEXT_MAX];
	(void)loop;
	fetch->race = NULL;
	fetch->ex.connect_began = result->began;
	fetch->ex.connect = result->connect;
	fetch->ex.syn_retransmits = result->connect.syn_retransmits;
	fetch->ex.other_family_failed = result->other_family_failed;
	if (result->connect.outcome == TCP_CONNECTED) {
		fetch->prepared = http_conn_new(fetch->client, result, fetch->url.tls, fetch->key);
		fetch->prepared->in_use = true;
		fetch->ex.connected = result->connect.ended;
		fetch->ex.connect.fd = -1;
		transfer_begin(fetch, true);
		return;
	}
	error_set(&err, STATUS_BAD,
		  result->connect.errnum ? error_errno_name(result->connect.errnum) : "ETIMEDOUT", NULL,
		  "%s%s", fetch->proxied ? "the proxy " : "", tcp_connect_text(&result->connect, words));
	fetch_fail(fetch, &err);
}

static void connect_begin(struct http_fetch *fetch)
{
	struct error err = ERROR_INIT;
	uint16_t port = fetch->proxied ? fetch->proxy.port : fetch->url.port;
	struct tcp_connect_request request = { .interface = fetch->interface, .mss = fetch->mss };
	for (size_t i = 0; i < fetch->addr_count; i++)
		fetch->addrs[i].port = port;
	fetch->ex.phase = HTTP_CONNECT;
	fetch->race = tcp_race_start(fetch->client->loop, &request, fetch->addrs, fetch->addr_count, on_raced,
				     fetch, &err);
	if (!fetch->race)
		fetch_fail(fetch, &err);
}

static void on_resolved(struct loop *loop, const struct resolve_result *result, void *arg)
{
	struct http_fetch *fetch = arg;
	(void)loop;
	fetch->resolve = NULL;
	fetch->ex.resolved = clock_mono();
	if (!result->count) {
		fetch_fail(fetch, &result->error);
		return;
	}
	fetch->addr_count = result->count < TCP_RACE_MAX ? result->count : TCP_RACE_MAX;
	memcpy(fetch->addrs, result->addrs, fetch->addr_count * sizeof fetch->addrs[0]);
	connect_begin(fetch);
}

static void way_begin(struct http_fetch *fetch)
{
	struct error err = ERROR_INIT;
	const char *host = fetch->proxied ? fetch->proxy.host : fetch->url.host;
	if (!fetch->addr_count && addr_parse(host, &fetch->addrs[0]) == 0)
		fetch->addr_count = 1;
	if (fetch->addr_count) {
		connect_begin(fetch);
		return;
	}
	fetch->ex.phase = HTTP_RESOLVE;
	fetch->resolve = resolve_start(fetch->client->loop, host, fetch->family, on_resolved, fetch, &err);
	if (!fetch->resolve)
		fetch_fail(fetch, &err);
}

static void on_kick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct http_fetch *fetch = arg;
	(void)loop;
	(void)timer;
	fetch->conn = fetch->new_connection ? NULL : http_conn_find(fetch->client, fetch);
	if (fetch->conn)
		transfer_begin(fetch, false);
	else
		way_begin(fetch);
}

/* --- libcurl's news --- */

void http_fetch_stepped(struct http_fetch *fetch)
{
	struct http_conn *conn = fetch->conn;
	if (!conn || !fetch->requested || fetch->ex.phase >= HTTP_TRANSFER)
		return;
	if (fetch->ex.phase == HTTP_REQUEST) {
		fetch->ex.phase = HTTP_WAIT;
		fetch->ex.request_sent = clock_mono();
	}
	if (conn->tls && !fetch->request_fixed)
		fetch->request_end = conn->watch.trace.written;
	/* In HTTP/2 what is written later may be the answer to the server's settings, not the request. */
	if (!strcmp(conn->handshake.alpn, "h2") && !fetch->body)
		fetch->request_fixed = true;
}

void http_fetch_done(struct http_fetch *fetch, CURLcode code)
{
	if (code != CURLE_OK && fetch->need_connect) {
		easy_end(fetch);
		fetch->need_connect = fetch->requested = false;
		fetch->ex.reused = false;
		way_begin(fetch);
		return;
	}
	http_report_leave(fetch);
	if (code == CURLE_OK || fetch->stopped)
		fetch->ex.phase = HTTP_COMPLETE;
	else
		http_report_error(fetch, code);
	fetch_end(fetch);
}

static void on_deadline(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct http_fetch *fetch = arg;
	(void)loop;
	(void)timer;
	fetch->timed_out = true;
	http_report_leave(fetch);
	http_report_error(fetch, CURLE_OPERATION_TIMEDOUT);
	fetch_end(fetch);
}

/* --- begin --- */

static void key_format(struct http_fetch *fetch)
{
	snprintf(fetch->key, sizeof fetch->key, "%d %.255s %u %.255s %u %d %.200s %s %u", fetch->url.tls,
		 fetch->url.host, fetch->url.port, fetch->proxied ? fetch->proxy.host : "-",
		 fetch->proxy.port, (int)fetch->version, fetch->ca_file ? fetch->ca_file : "-",
		 fetch->interface ? fetch->interface : "-", fetch->mss);
}

static void take_request(struct http_fetch *fetch, const struct http_request *request)
{
	fetch->url_text = mem_strdup(request->url);
	fetch->method = mem_strdup(request->method);
	fetch->ca_file = mem_strdup(request->ca_file);
	fetch->interface = mem_strdup(request->interface);
	if (request->body) {
		fetch->body = mem_alloc(request->body_length + 1);
		memcpy(fetch->body, request->body, request->body_length);
		fetch->body_length = request->body_length;
	}
	/* A pause of a second before a body of more than a megabyte would be counted as the server's. */
	fetch->headers = curl.slist_append(NULL, "Expect:");
	for (size_t i = 0; i < request->header_count; i++)
		fetch->headers = curl.slist_append(fetch->headers, request->headers[i]);
	fetch->version = request->version;
	fetch->insecure = request->insecure;
	fetch->new_connection = request->new_connection;
	fetch->mss = request->mss;
	fetch->family = request->family;
	fetch->max_body = request->max_body;
	fetch->body_fn = request->body_fn;
	fetch->body_arg = request->body_arg;
	fetch->addr_count = request->addr_count < TCP_RACE_MAX ? request->addr_count : TCP_RACE_MAX;
	if (fetch->addr_count)
		memcpy(fetch->addrs, request->addrs, fetch->addr_count * sizeof fetch->addrs[0]);
}

static void exchange_begin(struct http_exchange *ex)
{
	*ex = (struct http_exchange){
		.began = clock_mono(),
		.resolved = NS_NONE,
		.connect_began = NS_NONE,
		.connected = NS_NONE,
		.tls_began = NS_NONE,
		.tls_done = NS_NONE,
		.request_sent = NS_NONE,
		.request_acked = NS_NONE,
		.first_byte = NS_NONE,
		.last_byte = NS_NONE,
		.ended = NS_NONE,
		.content_length = -1,
		.connect.fd = -1,
	};
	ex->tls.began = ex->tls.hello_acked = ex->tls.server_hello = ex->tls.ended = NS_NONE;
	ex->tls.network = ex->tls.server = ex->tls.client = NS_NONE;
}

static int find_way(struct http_fetch *fetch, const struct http_request *request, struct error *err)
{
	if (http_url_parse(request->url, &fetch->url, err) < 0)
		return -1;
	if (fetch->url.tls && (tls_lib_load(err) < 0))
		return -1;
	if (fetch->url.tls && !curl.openssl)
		return error_set(
		    err, STATUS_CANNOT, "ENOLIB", "apt-get install libcurl4",
		    "the libcurl of this machine is not built with OpenSSL 3, which https needs here");
	int proxied = request->ignore_proxy || request->addr_count
			  ? 0
			  : http_proxy_find(&fetch->url, &fetch->proxy, err);
	fetch->proxied = proxied > 0;
	return proxied < 0 ? -1 : 0;
}

struct http_fetch *http_fetch_start(struct http_client *client, const struct http_request *request,
				    http_fn *fn, void *arg, struct error *err)
{
	struct http_fetch *fetch = NEW(struct http_fetch);
	fetch->client = client;
	fetch->fn = fn;
	fetch->arg = arg;
	fetch->head = (struct buf)BUF_INIT(HTTP_HEAD_MAX);
	fetch->first_event = NS_NONE;
	exchange_begin(&fetch->ex);
	arrival_begin(&fetch->arrival);
	take_request(fetch, request);
	if (find_way(fetch, request, err) < 0) {
		http_fetch_free(fetch);
		return NULL;
	}
	key_format(fetch);
	fetch->next = client->fetches;
	client->fetches = fetch;
	fetch->patience = request->timeout;
	loop_timer_start(client->loop, &fetch->kick, fetch->ex.began, on_kick, fetch);
	if (request->timeout > 0 && request->timeout < NS_NEVER - fetch->ex.began)
		loop_timer_start(client->loop, &fetch->deadline, fetch->ex.began + request->timeout,
				 on_deadline, fetch);
	return fetch;
}

void http_fetch_cancel(struct http_fetch *fetch)
{
	if (fetch)
		http_fetch_free(fetch);
}
