#include "ntsh/tcp.h"

#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct tcp_connect {
	struct loop *loop;
	struct tcp_connect_result result;
	struct loop_timer timer;
	tcp_connect_fn *fn;
	void *arg;
};

/* ICMP errors name their sender only through the error queue; an established connection must not have it, because soft errors
 * that TCP survives would then fail its next read (ip(7) IP_RECVERR). */
static void details_switch(int fd, int family, int on)
{
	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

static void connect_close(struct tcp_connect *connect)
{
	loop_timer_stop(connect->loop, &connect->timer);
	if (connect->result.fd < 0)
		return;
	loop_unwatch(connect->loop, connect->result.fd);
	if (connect->result.outcome != TCP_CONNECTED) {
		close(connect->result.fd);
		connect->result.fd = -1;
	}
}

static void connect_end(struct tcp_connect *connect, enum tcp_connect_outcome outcome)
{
	struct tcp_connect_result *result = &connect->result;
	result->outcome = outcome;
	result->ended = clock_mono();
	if (result->fd >= 0) {
		result->local = sys_socket_local(result->fd);
		if (tcp_stats_read(result->fd, &result->stats) == 0)
			result->syn_retransmits = result->stats.total_retrans;
		if (outcome == TCP_CONNECTED) {
			details_switch(result->fd, result->peer.family, 0);
			if (!result->syn_retransmits)
				result->rtt = result->stats.rtt;
		}
	}
	connect_close(connect);
	connect->fn(connect->loop, result, connect->arg);
	free(connect);
}

static void take_icmp(struct tcp_connect *connect)
{
	struct sys_socket_event event;
	struct tcp_connect_result *result = &connect->result;
	while (sys_socket_event_next(result->fd, NULL, 0, &event)) {
		if (event.kind != SYS_EVENT_ICMP)
			continue;
		result->icmp_from = event.offender;
		result->icmp_type = event.icmp_type;
		result->icmp_code = event.icmp_code;
		result->errnum = event.errnum;
	}
}

static enum tcp_connect_outcome outcome_of(const struct tcp_connect_result *result)
{
	if (result->icmp_from.family != AF_UNSPEC)
		return TCP_UNREACHABLE;
	switch (result->errnum) {
	case ECONNREFUSED:
		return TCP_REFUSED;
	case ECONNRESET:
		return TCP_RESET;
	case ETIMEDOUT:
		return TCP_TIMED_OUT;
	default:
		return TCP_LOCAL_ERROR;
	}
}

static void on_event(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct tcp_connect *connect = arg;
	(void)loop;
	take_icmp(connect);
	int pending = sys_socket_pending_error(fd);
	/* Taking an ICMP error off its queue clears the pending error that it was; the hang-up may come a turn later. */
	if (pending)
		connect->result.errnum = pending;
	if (connect->result.errnum && (pending || (events & EPOLLHUP))) {
		connect_end(connect, outcome_of(&connect->result));
	} else if (events & EPOLLHUP) {
		connect_end(connect, TCP_RESET);
	} else if (events & EPOLLOUT) {
		connect->result.errnum = 0;
		connect_end(connect, TCP_CONNECTED);
	}
}

static void on_timer(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct tcp_connect *connect = arg;
	(void)loop;
	(void)timer;
	connect_end(connect, connect->result.errnum ? outcome_of(&connect->result) : TCP_TIMED_OUT);
}

struct tcp_connect *tcp_connect_start(struct loop *loop, const struct tcp_connect_request *request,
				      tcp_connect_fn *fn, void *arg, struct error *err)
{
	int fd = sys_socket_open(request->target.family, SOCK_STREAM, IPPROTO_TCP, request->interface, err);
	if (fd < 0)
		return NULL;
	if (request->mss) {
		int mss = (int)request->mss;
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
	}
	if (request->hops)
		sys_socket_hops(fd, request->target.family, request->hops);
	details_switch(fd, request->target.family, 1);
	/* Early, so that the kernel stamps arrivals by the time the first answer comes. */
	sys_socket_stamps(fd, SYS_STAMP_RX);
	struct tcp_connect *connect = NEW(struct tcp_connect);
	connect->loop = loop;
	connect->fn = fn;
	connect->arg = arg;
	connect->result = (struct tcp_connect_result){
		.outcome = TCP_TIMED_OUT, .fd = fd, .peer = request->target, .rtt = NS_NONE
	};
	ns_t now = connect->result.began = clock_mono();
	ns_t deadline =
	    request->timeout > 0 && request->timeout < NS_NEVER - now ? now + request->timeout : NS_NEVER;
	if (sys_socket_connect(fd, &request->target) < 0) {
		connect->result.errnum = errno;
		connect->result.immediate = true;
		deadline = now;
	} else if (loop_watch(loop, fd, EPOLLOUT, on_event, connect, err) < 0) {
		close(fd);
		free(connect);
		return NULL;
	}
	if (deadline != NS_NEVER)
		loop_timer_start(loop, &connect->timer, deadline, on_timer, connect);
	return connect;
}

void tcp_connect_cancel(struct tcp_connect *connect)
{
	if (!connect)
		return;
	connect->result.outcome = TCP_TIMED_OUT;
	connect_close(connect);
	free(connect);
}

int tcp_connect_socket(const struct tcp_connect *connect)
{
	return connect->result.fd;
}
