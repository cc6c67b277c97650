/* Questions over TCP (RFC 7766): two octets of length before each message. */
#include "net/dns/query.h"

#include "base/units.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>

static void tcp_ready(struct loop *loop, int fd, uint32_t events, void *arg);

static const char *tcp_prefix(const struct dns_query *query)
{
	return query->exchange.truncated_first ? "the answer over UDP was cut (TC), and over TCP " : "";
}

static void tcp_end(struct dns_query *query, enum dns_outcome outcome, const char *code, const char *what)
{
	char server[ADDR_TEXT_MAX];
	addr_format_port(&query->request.server, server);
	error_set(&query->exchange.error, STATUS_BAD, code,
		  query->tls ? NULL : "TCP port 53 must be open as well (RFC 7766)", "%s%s %s",
		  tcp_prefix(query), server, what);
	dns_query_end(query, outcome);
}

static void tcp_timeout(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct dns_query *query = arg;
	if (query->transfer.messages)
		tcp_end(query, DNS_TIMED_OUT, "ETIMEDOUT", "stopped in the middle of the transfer");
	else if (query->out_length == 0 && query->tls && query->exchange.tcp_connected)
		tcp_end(query, DNS_TIMED_OUT, "ETIMEDOUT", "did not finish the TLS handshake in time");
	else if (query->out_length == 0)
		tcp_end(query, DNS_TIMED_OUT, "ETIMEDOUT", "does not accept a connection in time");
	else if (query->in_length)
		tcp_end(query, DNS_TIMED_OUT, "ETIMEDOUT", "did not finish its answer in time");
	else
		tcp_end(query, DNS_TIMED_OUT, "ETIMEDOUT", "took the question and did not answer in time");
}

static void tcp_failed(struct dns_query *query, int errnum)
{
	if (!query->exchange.truncated_first) {
		dns_query_end_errno(query, errnum, "connect");
		return;
	}
	if (errnum == ECONNREFUSED)
		tcp_end(query, DNS_REFUSED_PORT, "ECONNREFUSED", "refuses the connection");
	else if (errnum == ECONNRESET || errnum == EPIPE)
		tcp_end(query, DNS_REFUSED_PORT, error_errno_name(errnum), "reset the connection");
	else
		tcp_end(query, DNS_UNREACHABLE, error_errno_name(errnum), "cannot be reached");
}

/* Returns true when the query has ended. */
static bool tcp_write(struct dns_query *query)
{
	size_t whole = query->wire_length + 2;
	if (query->out_length == whole)
		return false;
	if (query->out_length == 0) {
		(void)sys_socket_stamps(query->fd, SYS_STAMP_RX | SYS_STAMP_TX);
		query->tries[0] =
		    (struct dns_try){ .id = dns_query_new_id(query), .stamp = NS_NONE, .sent = clock_real() };
	}
	/* The question is far below any send buffer: it goes as a whole or not at all. */
	int sent = query->tls ? dns_tls_send(query->tls, query->fd, query->wire, whole)
			      : sys_socket_send(query->fd, query->wire, whole, NULL);
	if (sent < 0) {
		if (errno == EAGAIN)
			return false;
		tcp_failed(query, errno);
		return true;
	}
	query->out_length = whole;
	sys_socket_prompt(query->fd);
	loop_watch_events(query->loop, query->fd, EPOLLIN);
	return false;
}

static void tcp_measure(struct dns_query *query, size_t length)
{
	const struct dns_try *try = &query->tries[0];
	struct addr offender;
	/* The answer may be there before the stamp of the question was fetched. */
	if (try->stamp == NS_NONE)
		dns_query_drain_events(query, &offender);
	query->exchange.answer_bytes = length;
	if (query->exchange.rtt != NS_NONE)
		return;
	bool stamped = try->stamp != NS_NONE && query->first_stamp != NS_NONE;
	ns_t sent = try->stamp != NS_NONE ? try->stamp : try->sent;
	ns_t arrived = query->first_stamp != NS_NONE ? query->first_stamp : query->first_seen;
	query->exchange.kernel_stamped = stamped;
	query->exchange.rtt = arrived > sent ? arrived - sent : NS_NONE;
}

static void input_drop(struct dns_query *query, size_t length)
{
	query->in_length -= length;
	memmove(query->in, query->in + length, query->in_length);
}

/* One message of a zone transfer. Returns true when the query has ended. */
static bool tcp_transfer(struct dns_query *query, const struct dns_message *message)
{
	const char *why;
	enum dns_transfer_step step = dns_transfer_take(&query->transfer, message, &why);
	query->exchange.message_count = query->transfer.messages;
	query->exchange.record_count = query->transfer.records;
	bool stop = query->request.each && !query->request.each(message, query->request.each_arg);
	if (step == DNS_TRANSFER_WRONG) {
		error_set(&query->exchange.error, STATUS_BAD, "EBADMSG", NULL, "malformed answer: %s", why);
		dns_query_end(query, DNS_MALFORMED);
	} else if (step == DNS_TRANSFER_DONE || stop) {
		dns_query_end(query, DNS_ANSWERED);
	} else {
		/* The patience is for each message: a large zone takes its time. */
		loop_timer_start(query->loop, &query->timer, clock_mono() + query->request.timeout,
				 tcp_timeout, query);
		return false;
	}
	return true;
}

/* Takes the message at the front of the input when it is complete. Returns true when the query has ended; *more: look again. */
static bool tcp_take(struct dns_query *query, bool *more)
{
	*more = false;
	if (query->in_length < 2)
		return false;
	size_t length = (size_t)query->in[0] << 8 | query->in[1];
	if (query->in_length < length + 2)
		return false;
	const char *stray;
	int index;
	struct dns_message *message = dns_query_judge(query, query->in + 2, length, &stray, &index);
	if (!message && stray) {
		dns_query_stray(query, stray, &query->request.server);
		input_drop(query, length + 2);
		*more = true;
		return false;
	}
	tcp_measure(query, query->exchange.answer_bytes + length);
	dns_message_free(query->message);
	query->message = message;
	if (message && dns_type_is_transfer(query->question.type)) {
		if (tcp_transfer(query, message))
			return true;
		input_drop(query, length + 2);
		*more = true;
		return false;
	}
	dns_query_end(query, message ? DNS_ANSWERED : DNS_MALFORMED);
	return true;
}

static void tcp_closed(struct dns_query *query)
{
	if (query->transfer.messages)
		tcp_end(query, DNS_MALFORMED, "EBADMSG",
			"closed the connection before the zone was complete");
	else if (query->in_length)
		tcp_end(query, DNS_MALFORMED, "EBADMSG", "closed the connection in the middle of its answer");
	else
		tcp_end(query, DNS_MALFORMED, "EBADMSG", "closed the connection without an answer");
}

static void tcp_read(struct dns_query *query)
{
	for (;;) {
		struct sys_arrival arrival;
		size_t room = DNS_MESSAGE_MAX + 2 - query->in_length;
		uint8_t *into = query->in + query->in_length;
		int got = query->tls ? dns_tls_receive(query->tls, query->fd, into, room, &arrival)
				     : sys_socket_receive(query->fd, into, room, &arrival);
		if (got < 0) {
			if (errno != EAGAIN)
				tcp_failed(query, errno);
			else if (query->tls)
				sys_socket_prompt(query->fd); /* session tickets come before the answer */
			return;
		}
		if (arrival.length == 0) {
			tcp_closed(query);
			return;
		}
		if (query->first_seen == NS_NONE) {
			query->first_stamp = arrival.stamp;
			query->first_seen = arrival.seen;
		}
		query->in_length += arrival.length;
		for (bool more = true; more;)
			if (tcp_take(query, &more))
				return;
	}
}

/* Returns true when the layer is ready; else it waits, or the query has ended. */
static bool tcp_secured(struct dns_query *query)
{
	bool full;
	struct dns_exchange *exchange = &query->exchange;
	sys_socket_prompt(query->fd);
	int done = dns_tls_handshake(query->tls, query->fd, &full, exchange, &exchange->error);
	if (done < 0) {
		dns_query_end(query, DNS_UNTRUSTED);
		return false;
	}
	if (!done) {
		loop_watch_events(query->loop, query->fd, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
		return false;
	}
	if (!query->request.tls_ca || !exchange->tls_fault[0])
		return true;
	error_set(&exchange->error, STATUS_BAD, "ECERT", DNS_TLS_HINT, "%.400s", exchange->tls_fault);
	dns_query_end(query, DNS_UNTRUSTED);
	return false;
}

static void tcp_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	struct dns_query *query = arg;
	struct addr offender;
	dns_query_drain_events(query, &offender);
	if (query->out_length == 0) {
		int errnum = sys_socket_pending_error(fd);
		if (errnum) {
			tcp_failed(query, errnum);
			return;
		}
		if (!query->exchange.tcp_connected && !(events & EPOLLOUT))
			return;
		query->exchange.tcp_connected = true;
		if (query->tls && !tcp_secured(query))
			return;
		if (tcp_write(query))
			return;
	}
	tcp_read(query);
}

void dns_tcp_start(struct dns_query *query)
{
	struct addr server = query->request.server;
	query->in_length = query->out_length = 0;
	query->first_stamp = query->first_seen = NS_NONE;
	query->try_count = 1;
	dns_transfer_begin(&query->transfer, &query->question, query->request.serial);
	if (query->request.transport == DNS_TLS &&
	    !(query->tls = dns_tls_new(&query->request, &query->exchange.error))) {
		dns_query_end(query, DNS_FAILED);
		return;
	}
	query->fd =
	    sys_socket_open(server.family, SOCK_STREAM, 0, query->request.interface, &query->exchange.error);
	if (query->fd < 0) {
		dns_query_end(query, DNS_FAILED);
		return;
	}
	if (sys_socket_connect(query->fd, &server) < 0) {
		tcp_failed(query, errno);
		return;
	}
	if (loop_watch(query->loop, query->fd, EPOLLIN | EPOLLOUT, tcp_ready, query, &query->exchange.error) <
	    0) {
		dns_query_end(query, DNS_FAILED);
		return;
	}
	loop_timer_start(query->loop, &query->timer, clock_mono() + query->request.timeout, tcp_timeout,
			 query);
}
