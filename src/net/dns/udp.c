/* Questions over UDP (RFC 1035 4.2.1). The socket is not connected: an answer from the wrong address must be seen. */
#include "net/dns/query.h"

#include "base/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

/* Datagrams taken in one turn of the loop: a flood of strays must not keep the timer from firing. */
enum { RECEIVE_AT_ONCE = 64 };

static void udp_send(struct dns_query *query);

static void udp_timeout(struct dns_query *query)
{
	char server[ADDR_TEXT_MAX], each[UNITS_TEXT_MAX];
	units_format_time(query->request.timeout, false, each);
	addr_format_port(&query->request.server, server);
	char tries[40] = "";
	if (query->try_count > 1)
		snprintf(tries, sizeof tries, "%d questions, each for ", query->try_count);
	error_set(&query->exchange.error, STATUS_BAD, "ETIMEDOUT",
		  "the server is down, or a firewall drops UDP: try +tcp, and ping it",
		  "no answer from %s to %s%s%s", server, tries, each,
		  query->exchange.stray_count ? " (others came, see the strays)" : "");
	dns_query_end(query, DNS_TIMED_OUT);
}

static void timer_fired(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct dns_query *query = arg;
	if (query->try_count < query->tries_wanted)
		udp_send(query);
	else
		udp_timeout(query);
}

static void udp_send(struct dns_query *query)
{
	struct dns_try *try = &query->tries[query->try_count++];
	*try = (struct dns_try){ .id = dns_query_new_id(query), .stamp = NS_NONE, .sent = clock_real() };
	query->exchange.tries = query->try_count;
	int failed = sys_socket_send(query->fd, query->wire + 2, query->wire_length, &query->request.server);
	int errnum = errno;
	/* An ICMP error about the try before is reported once by whatever comes next. */
	if (failed < 0 && (errnum == ECONNREFUSED || errnum == EHOSTUNREACH))
		failed =
		    sys_socket_send(query->fd, query->wire + 2, query->wire_length, &query->request.server);
	if (failed < 0 && errnum != EAGAIN && errnum != ENOBUFS) {
		dns_query_end_errno(query, errnum, "send the question");
		return;
	}
	loop_timer_start(query->loop, &query->timer, clock_mono() + query->request.timeout, timer_fired,
			 query);
}

static void udp_measure(struct dns_query *query, const struct sys_arrival *arrival, int index)
{
	const struct dns_try *try = &query->tries[index];
	struct addr offender;
	if (try->stamp == NS_NONE)
		dns_query_drain_events(query, &offender);
	ns_t sent = try->stamp != NS_NONE ? try->stamp : try->sent;
	ns_t arrived = arrival->stamp != NS_NONE ? arrival->stamp : arrival->seen;
	query->exchange.kernel_stamped = try->stamp != NS_NONE && arrival->stamp != NS_NONE;
	query->exchange.rtt = arrived > sent ? arrived - sent : NS_NONE;
	query->exchange.answer_bytes = arrival->length;
}

static void udp_answered(struct dns_query *query)
{
	if (!query->message->tc || query->request.ignore_truncation) {
		dns_query_end(query, DNS_ANSWERED);
		return;
	}
	query->exchange.truncated_first = true;
	query->exchange.transport = DNS_TCP;
	dns_query_close(query);
	dns_tcp_start(query);
}

/* Takes one datagram. Returns true when the query has ended or moved on to TCP. */
static bool udp_take(struct dns_query *query, const struct sys_arrival *arrival)
{
	const struct addr *server = &query->request.server;
	const char *stray = NULL;
	int index = 0;
	if (!addr_equal(&arrival->from, server) && !addr_is_multicast(server))
		stray = "another address";
	else if (arrival->from.port != server->port)
		stray = "another port";
	struct dns_message *message = NULL;
	if (!stray)
		message = dns_query_judge(query, query->in, arrival->length, &stray, &index);
	if (stray) {
		dns_query_stray(query, stray, &arrival->from);
		return false;
	}
	udp_measure(query, arrival, index);
	if (!message) {
		dns_query_end(query, DNS_MALFORMED);
		return true;
	}
	query->message = message;
	udp_answered(query);
	return true;
}

static void udp_error(struct dns_query *query, int errnum, const struct addr *offender)
{
	char by[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
	if (offender->family != AF_UNSPEC && !addr_equal(offender, &query->request.server)) {
		addr_format(offender, by);
		addr_format_port(&query->request.server, server);
		error_errno(&query->exchange.error, errnum, "look at the path: ntsh traceroute",
			    "%s reports that %s cannot be reached", by, server);
		query->exchange.error.status = STATUS_BAD;
		dns_query_end(query, errnum == ECONNREFUSED ? DNS_REFUSED_PORT : DNS_UNREACHABLE);
		return;
	}
	dns_query_end_errno(query, errnum, "send the question");
}

static void udp_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct dns_query *query = arg;
	struct addr offender = { .family = AF_UNSPEC };
	int errnum = dns_query_drain_events(query, &offender);
	for (int i = 0; i < RECEIVE_AT_ONCE; i++) {
		struct sys_arrival arrival;
		if (sys_socket_receive(fd, query->in, DNS_MESSAGE_MAX, &arrival) < 0) {
			/* EAGAIN: nothing more. Anything else is what the error queue has told already. */
			if (errno == EAGAIN)
				break;
			if (!errnum)
				errnum = errno;
			continue;
		}
		if (udp_take(query, &arrival))
			return;
	}
	if (errnum)
		udp_error(query, errnum, &offender);
}

void dns_udp_start(struct dns_query *query)
{
	sa_family_t family = query->request.server.family;
	query->fd = sys_socket_open(family, SOCK_DGRAM, 0, query->request.interface, &query->exchange.error);
	if (query->fd < 0) {
		dns_query_end(query, DNS_FAILED);
		return;
	}
	sys_socket_details(query->fd, family);
	(void)sys_socket_stamps(query->fd, SYS_STAMP_RX | SYS_STAMP_TX);
	if (loop_watch(query->loop, query->fd, EPOLLIN, udp_ready, query, &query->exchange.error) < 0) {
		dns_query_end(query, DNS_FAILED);
		return;
	}
	udp_send(query);
}
