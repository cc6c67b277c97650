/* libcurl's multi interface in our loop, and the connections it works on: all made by us. */
#include "net/http_parts.h"

#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_conn *http_conn_of_fd(struct http_client *client, int fd)
{
	struct http_conn *conn = client->conns;
	while (conn && conn->fd != fd)
		conn = conn->next;
	return conn;
}

struct http_conn *http_conn_new(struct http_client *client, const struct tcp_race_result *race, bool tls,
				const char *key)
{
	struct http_conn *conn = NEW(struct http_conn);
	conn->client = client;
	conn->fd = race->connect.fd;
	conn->race = *race;
	conn->race.connect.fd = -1;
	conn->tls = tls;
	conn->event = NS_NONE;
	memcpy(conn->key, key, sizeof conn->key);
	conn->next = client->conns;
	client->conns = conn;
	return conn;
}

void http_conn_close(struct http_conn *conn)
{
	struct http_conn **link = &conn->client->conns;
	while (*link != conn)
		link = &(*link)->next;
	*link = conn->next;
	for (struct http_fetch *fetch = conn->client->fetches; fetch; fetch = fetch->next)
		if (fetch->conn == conn)
			http_report_leave(fetch);
	loop_unwatch(conn->client->loop, conn->fd);
	close(conn->fd);
	free(conn);
}

static bool is_alive(struct http_conn *conn)
{
	char byte;
	ssize_t got = recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* A request that names its addresses wants one of those. */
static bool fits_addrs(const struct http_conn *conn, const struct http_fetch *fetch)
{
	for (size_t i = 0; i < fetch->addr_count; i++)
		if (addr_equal(&fetch->addrs[i], &conn->race.connect.peer))
			return true;
	return fetch->addr_count == 0;
}

struct http_conn *http_conn_find(struct http_client *client, const struct http_fetch *fetch)
{
	for (struct http_conn *conn = client->conns; conn; conn = conn->next) {
		if (conn->in_use || conn->stale || strcmp(conn->key, fetch->key) || !fits_addrs(conn, fetch))
			continue;
		if (is_alive(conn))
			return conn;
		conn->stale = true;
	}
	return NULL;
}

/* --- libcurl's wishes --- */

static void take_results(struct http_client *client)
{
	CURLMsg *message;
	int left;
	client->busy++;
	while (!client->doomed && (message = curl.multi_info_read(client->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		struct http_fetch *fetch = client->fetches;
		while (fetch && fetch->easy != message->easy_handle)
			fetch = fetch->next;
		if (fetch)
			http_fetch_done(fetch, message->data.result);
	}
	client->busy--;
	if (client->doomed && !client->busy)
		http_client_free(client);
}

static void step(struct http_client *client, int fd, int bits)
{
	int running;
	curl.multi_socket_action(client->multi, fd, bits, &running);
	for (struct http_fetch *fetch = client->fetches; fetch; fetch = fetch->next)
		http_fetch_stepped(fetch);
	take_results(client);
}

/* Before libcurl reads: stamps wait in the error queue, and the arrival stamp goes with the bytes. Peeking also takes a pending
 * error off the socket, so that has to be remembered. */
static void conn_observe(struct http_conn *conn, uint32_t events)
{
	tcp_stamps_drain(conn->fd, &conn->stamps);
	if (!(events & (EPOLLIN | EPOLLHUP)))
		return;
	errno = 0;
	ns_t stamp = sys_socket_next_stamp(conn->fd);
	if (stamp == NS_NONE && errno && errno != EAGAIN)
		conn->errnum = errno;
	conn->event_stamped = stamp != NS_NONE;
	conn->event = conn->event_stamped ? stamp : clock_real();
	tls_trace_arrived(&conn->watch.trace, conn->event);
	for (struct http_fetch *fetch = conn->client->fetches; fetch; fetch = fetch->next) {
		if (fetch->conn != conn || !fetch->requested)
			continue;
		if (fetch->first_event == NS_NONE) {
			fetch->first_event = conn->event;
			fetch->first_event_stamped = conn->event_stamped;
		}
		struct tcp_stats stats;
		if (fetch->head_complete && tcp_stats_read(conn->fd, &stats) == 0)
			arrival_read(&fetch->arrival, conn->event - clock_real_offset(), &stats);
	}
}

static void on_socket(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct http_client *client = arg;
	struct http_conn *conn = http_conn_of_fd(client, fd);
	(void)loop;
	if (conn)
		conn_observe(conn, events);
	/* Stamps alone are none of libcurl's business. */
	int bits = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
		   (events & (EPOLLOUT | EPOLLHUP) ? CURL_CSELECT_OUT : 0);
	if (bits)
		step(client, fd, bits);
}

static int on_wish(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http_client *client = arg;
	(void)easy;
	uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
	if (what == CURL_POLL_REMOVE) {
		loop_unwatch(client->loop, fd);
		curl.multi_assign(client->multi, fd, NULL);
	} else if (known) {
		loop_watch_events(client->loop, fd, events);
	} else if (loop_watch(client->loop, fd, events, on_socket, client, NULL) == 0) {
		curl.multi_assign(client->multi, fd, client);
	}
	return 0;
}

/* On its timers, too, libcurl reads what has come: the stamp would go unseen with the bytes. */
static void on_timer(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct http_client *client = arg;
	(void)loop;
	(void)timer;
	for (struct http_conn *conn = client->conns; conn; conn = conn->next) {
		int unread = 0;
		if (conn->in_use && ioctl(conn->fd, FIONREAD, &unread) == 0 && unread > 0)
			conn_observe(conn, EPOLLIN);
	}
	step(client, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wish(CURLM *multi, long ms, void *arg)
{
	struct http_client *client = arg;
	(void)multi;
	if (ms < 0)
		loop_timer_stop(client->loop, &client->timer);
	else
		loop_timer_start(client->loop, &client->timer, clock_mono() + ms * NS_PER_MS, on_timer,
				 client);
	return 0;
}

/* --- life --- */

static void multi_begin(struct http_client *client)
{
	client->multi = curl.multi_init();
	curl.multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_wish);
	curl.multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl.multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	curl.multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	/* Two exchanges on one connection could not be told apart. */
	curl.multi_setopt(client->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

struct http_client *http_client_new(struct loop *loop, struct error *err)
{
	if (http_lib_load(err) < 0)
		return NULL;
	struct http_client *client = NEW(struct http_client);
	client->loop = loop;
	multi_begin(client);
	return client;
}

static void multi_end(struct http_client *client)
{
	curl.multi_cleanup(client->multi);
	client->multi = NULL;
	loop_timer_stop(client->loop, &client->timer);
	while (client->conns)
		http_conn_close(client->conns);
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	client->doomed = true;
	if (client->busy)
		return;
	while (client->fetches)
		http_fetch_cancel(client->fetches);
	multi_end(client);
	free(client);
}

void http_client_close_idle(struct http_client *client)
{
	for (struct http_conn *conn = client->conns; conn; conn = conn->next)
		conn->stale = true;
	/* libcurl closes kept connections with the handle that keeps them. */
	if (!client->fetches && !client->busy) {
		multi_end(client);
		multi_begin(client);
	}
}

struct loop *http_client_loop(const struct http_client *client)
{
	return client->loop;
}
