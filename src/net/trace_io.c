/* Life of the sockets of a trace, and the book of what was sent. */
#include "net/trace_parts.h"

#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

struct trace_sent *trace_sent_find(struct trace_io *io, uint16_t token)
{
	struct trace_sent *sent = &io->sent[token % TRACE_SENT_KEPT];
	return token && sent->token == token ? sent : NULL;
}

struct trace_answer trace_answer_at(enum trace_kind kind, const struct addr *from, int reply_hops)
{
	struct trace_answer answer = { .kind = kind, .from = *from, .reply_hops = reply_hops };
	answer.from.port = 0;
	answer.rtt = NS_NONE;
	answer.mono = clock_mono();
	return answer;
}

void trace_answer_give(struct trace_io *io, struct trace_answer *answer, ns_t real, bool stamped)
{
	struct trace_sent *sent = trace_sent_find(io, answer->token);
	if (sent) {
		ns_t mono_rtt = answer->mono - sent->mono;
		ns_t real_rtt = real == NS_NONE ? 0 : real - sent->real;
		/* A clock that was set meanwhile, or no stamp: then the monotonic one. */
		bool good = real_rtt > 0 && real_rtt <= mono_rtt + NS_PER_MS;
		answer->flow = sent->flow;
		answer->rtt = answer->untimed ? NS_NONE : good ? real_rtt : mono_rtt;
		answer->kernel_stamped = good && stamped && sent->departed;
		sent->answered = true;
		if (answer->kind == TRACE_EXPIRED && sent->hops > io->farthest[sent->flow])
			io->farthest[sent->flow] = sent->hops;
	}
	io->answer(answer, io->arg);
}

uint16_t trace_sent_guess(const struct trace_io *io, unsigned flow, bool alone)
{
	const struct trace_sent *best = NULL;
	unsigned waiting = 0;
	for (size_t i = 0; i < TRACE_SENT_KEPT; i++) {
		const struct trace_sent *sent = &io->sent[i];
		if (!sent->token || sent->answered || sent->flow != flow)
			continue;
		waiting++;
		if (!alone && sent->hops <= io->farthest[flow])
			continue;
		if (!best || sent->hops < best->hops || (sent->hops == best->hops && sent->mono < best->mono))
			best = sent;
	}
	return !best || (alone && waiting > 1) ? 0 : best->token;
}

/* Raw sockets get all ICMP of the machine: leave what cannot concern a trace to the kernel. */
static void filter_set(int fd, int family)
{
	if (family == AF_INET) {
		uint32_t wanted = 1u << ICMP_ECHOREPLY | 1u << ICMP_DEST_UNREACH | 1u << ICMP_TIME_EXCEEDED |
				  1u << ICMP_PARAMETERPROB;
		struct icmp_filter filter = { .data = ~wanted };
		(void)setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
		return;
	}
	static const uint8_t wanted[] = { ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG,
					  ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB };
	struct icmp6_filter filter;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	for (size_t i = 0; i < sizeof wanted; i++)
		ICMP6_FILTER_SETPASS(wanted[i], &filter);
	(void)setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
}

/* Without the privilege everything comes by the error queues of the flows. */
static void raw_open(struct trace_io *io)
{
	int family = io->request.target.family;
	io->raw_fd = sys_socket_open(family, SOCK_RAW, family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
				     io->request.interface, NULL);
	if (io->raw_fd < 0)
		return;
	filter_set(io->raw_fd, family);
	sys_socket_details(io->raw_fd, family);
	if (io->request.mtu_probe)
		(void)sys_socket_mtu_discover(io->raw_fd, family, IP_PMTUDISC_PROBE);
	(void)sys_socket_stamps(io->raw_fd, SYS_STAMP_RX | SYS_STAMP_TX);
	if (loop_watch(io->loop, io->raw_fd, EPOLLIN, trace_raw_ready, io, NULL) < 0) {
		close(io->raw_fd);
		io->raw_fd = -1;
	}
}

/* The address that the kernel would send from: the checksums of UDP and TCP cover it. */
static struct addr source_find(const struct trace_io *io)
{
	struct addr to = io->request.target, none = { .family = AF_UNSPEC };
	if (!to.port)
		to.port = TRACE_PORT_DEFAULT;
	int fd = sys_socket_open(to.family, SOCK_DGRAM, 0, io->request.interface, NULL);
	if (fd < 0)
		return none;
	struct addr local = sys_socket_connect(fd, &to) == 0 ? sys_socket_local(fd) : none;
	close(fd);
	local.port = 0;
	return local;
}

static int tcp_open(struct trace_io *io, struct error *err)
{
	const struct trace_io_request *request = &io->request;
	struct addr peer = request->target;
	peer.port = 0;
	io->tcp_fd = sys_socket_open(request->target.family, SOCK_RAW, IPPROTO_TCP, request->interface, err);
	if (io->tcp_fd < 0)
		return -1;
	(void)sys_socket_stamps(io->tcp_fd, SYS_STAMP_TX);
	if (loop_watch(io->loop, io->tcp_fd, 0, trace_flow_ready, io, err) < 0)
		return -1;
	io->witness = witness_start(io->loop, &peer, request->interface, trace_segment_take, io, err);
	return io->witness ? 0 : -1;
}

struct trace_io *trace_io_open(struct loop *loop, const struct trace_io_request *request,
			       trace_answer_fn *answer, void *arg, struct error *err)
{
	struct trace_io *io = NEW(struct trace_io);
	io->loop = loop;
	io->request = *request;
	io->answer = answer;
	io->arg = arg;
	io->raw_fd = io->tcp_fd = -1;
	io->sent = mem_alloc(TRACE_SENT_KEPT * sizeof *io->sent);
	for (size_t i = 0; i < TRACE_FLOWS_MAX; i++)
		io->flows[i] = (struct trace_flow){ .fd = -1, .holder = -1 };
	if (getrandom(&io->magic, sizeof io->magic, GRND_NONBLOCK) < 0)
		io->magic = (uint32_t)clock_mono();
	(void)sys_stamps_prepare();
	raw_open(io);
	io->source = source_find(io);
	bool failed = request->method == TRACE_TCP && io->raw_fd >= 0 && tcp_open(io, err) < 0;
	if (failed || trace_flow_open(io, 0, err) < 0) {
		trace_io_close(io);
		return NULL;
	}
	io->source.port = io->flows[0].port;
	return io;
}

static void fd_close(struct trace_io *io, int fd)
{
	if (fd < 0)
		return;
	loop_unwatch(io->loop, fd);
	close(fd);
}

void trace_io_close(struct trace_io *io)
{
	if (!io)
		return;
	for (size_t i = 0; i < TRACE_SENT_KEPT; i++)
		tcp_connect_cancel(io->sent[i].connect);
	for (size_t i = 0; i < TRACE_FLOWS_MAX; i++) {
		fd_close(io, io->flows[i].owned ? io->flows[i].fd : -1);
		fd_close(io, io->flows[i].holder);
	}
	witness_free(io->witness);
	fd_close(io, io->tcp_fd);
	fd_close(io, io->raw_fd);
	free(io->sent);
	free(io);
}

static int send_now(struct trace_io *io, struct trace_sent *sent, size_t size)
{
	if (trace_flow_open(io, sent->flow, NULL) < 0)
		return errno ? errno : EMFILE;
	switch (io->request.method) {
	case TRACE_ICMP:
		return trace_send_icmp(io, sent, size);
	case TRACE_TCP:
		return io->tcp_fd >= 0 ? trace_send_tcp(io, sent) : trace_send_connect(io, sent);
	default:
		return trace_send_udp(io, sent, size);
	}
}

static int socket_of(const struct trace_io *io, unsigned flow)
{
	return io->flows[flow].fd;
}

/* Sockets that flows share count their stamps at the first. */
static uint32_t *stamps_of(struct trace_io *io, unsigned flow)
{
	return &io->stamps[io->flows[flow].owned ? flow : 0];
}

void trace_io_send(struct trace_io *io, unsigned flow, unsigned hops, uint16_t token, size_t size)
{
	struct trace_sent *sent = &io->sent[token % TRACE_SENT_KEPT];
	tcp_connect_cancel(sent->connect);
	*sent = (struct trace_sent){ .token = token,
				     .flow = (uint8_t)flow,
				     .hops = (uint8_t)hops,
				     .mono = clock_mono(),
				     .real = clock_real(),
				     .io = io };
	int errnum = send_now(io, sent, size);
	int fd = socket_of(io, flow);
	if (errnum && fd >= 0) {
		/* It may be an ICMP error of an earlier probe that the socket reports first. */
		trace_stamps_take(io, fd);
		(void)sys_socket_pending_error(fd);
		errnum = send_now(io, sent, size);
	}
	if (!errnum) {
		sent->stamp_id = (*stamps_of(io, flow))++;
		return;
	}
	/* Some kernels count what failed, some do not: begin the ids anew. */
	if (fd >= 0) {
		(void)sys_socket_stamps(fd, SYS_STAMP_RX | SYS_STAMP_TX);
		*stamps_of(io, flow) = 0;
	}
	struct trace_answer answer = trace_answer_at(TRACE_REFUSED, &io->source, -1);
	answer.token = token;
	answer.errnum = errnum;
	trace_answer_give(io, &answer, NS_NONE, false);
}

void trace_io_drain(struct trace_io *io)
{
	if (io->raw_fd >= 0)
		trace_raw_ready(io->loop, io->raw_fd, EPOLLIN, io);
	if (io->tcp_fd >= 0)
		trace_stamps_take(io, io->tcp_fd);
	for (size_t i = 0; i < TRACE_FLOWS_MAX; i++)
		if (io->flows[i].owned && io->flows[i].fd >= 0)
			trace_flow_ready(io->loop, io->flows[i].fd, EPOLLIN, io);
}

bool trace_io_raw(const struct trace_io *io)
{
	return io->raw_fd >= 0;
}

bool trace_io_holds_flow(const struct trace_io *io)
{
	return io->request.method != TRACE_TCP || io->tcp_fd >= 0;
}

struct addr trace_io_source(const struct trace_io *io)
{
	return io->source;
}
