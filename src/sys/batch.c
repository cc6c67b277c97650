#include "sys/batch.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Younger than some headers (Linux 4.5). */
#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

enum { CONTROL_MAX = 192 };

struct sys_batch {
	struct mmsghdr messages[SYS_BATCH_MAX];
	struct iovec parts[SYS_BATCH_MAX];
	struct sockaddr_storage names[SYS_BATCH_MAX];
	struct sys_batch_item items[SYS_BATCH_MAX];
	_Alignas(struct cmsghdr) char controls[SYS_BATCH_MAX][CONTROL_MAX];
	uint8_t bytes[SYS_BATCH_MAX][SYS_BATCH_BYTES];
};

struct sys_batch *sys_batch_new(void)
{
	struct sys_batch *batch = NEW(struct sys_batch);
	for (size_t i = 0; i < SYS_BATCH_MAX; i++) {
		batch->items[i].bytes = batch->bytes[i];
		batch->messages[i].msg_hdr.msg_iov = &batch->parts[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
		batch->parts[i].iov_base = batch->bytes[i];
	}
	return batch;
}

void sys_batch_free(struct sys_batch *batch)
{
	free(batch);
}

struct sys_batch_item *sys_batch_item(struct sys_batch *batch, size_t index)
{
	return &batch->items[index];
}

int sys_batch_send(int fd, struct sys_batch *batch, size_t from, size_t count)
{
	for (size_t i = from; i < count; i++) {
		struct msghdr *message = &batch->messages[i].msg_hdr;
		const struct addr *peer = &batch->items[i].peer;
		bool named = peer->family != AF_UNSPEC;
		message->msg_name = named ? &batch->names[i] : NULL;
		message->msg_namelen = named ? addr_to_sockaddr(peer, &batch->names[i]) : 0;
		message->msg_control = NULL;
		message->msg_controllen = 0;
		batch->parts[i].iov_len = batch->items[i].length;
	}
	int sent;
	do
		sent = sendmmsg(fd, batch->messages + from, (unsigned)(count - from), MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent;
}

static void controls_read(struct msghdr *message, struct sys_batch_item *item)
{
	struct scm_timestamping stamps;
	item->hops = -1;
	item->stamp = NS_NONE;
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		bool limit = (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT) ||
			     (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL);
		bool stamp = control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPING;
		if (limit && control->cmsg_len >= CMSG_LEN(sizeof(int))) {
			memcpy(&item->hops, CMSG_DATA(control), sizeof item->hops);
		} else if (stamp && control->cmsg_len >= CMSG_LEN(sizeof stamps)) {
			memcpy(&stamps, CMSG_DATA(control), sizeof stamps);
			if (stamps.ts[0].tv_sec)
				item->stamp = stamps.ts[0].tv_sec * NS_PER_S + stamps.ts[0].tv_nsec;
		}
	}
}

int sys_batch_receive(int fd, struct sys_batch *batch)
{
	for (size_t i = 0; i < SYS_BATCH_MAX; i++) {
		struct msghdr *message = &batch->messages[i].msg_hdr;
		message->msg_name = &batch->names[i];
		message->msg_namelen = sizeof batch->names[i];
		message->msg_control = batch->controls[i];
		message->msg_controllen = CONTROL_MAX;
		batch->parts[i].iov_len = SYS_BATCH_BYTES;
	}
	int got;
	do
		got = recvmmsg(fd, batch->messages, SYS_BATCH_MAX, MSG_DONTWAIT, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? 0 : -1;
	for (int i = 0; i < got; i++) {
		struct sys_batch_item *item = &batch->items[i];
		struct msghdr *message = &batch->messages[i].msg_hdr;
		item->length = batch->messages[i].msg_len;
		item->peer = addr_from_sockaddr(message->msg_name, message->msg_namelen);
		controls_read(message, item);
	}
	return got;
}

int sys_raw_own_header(int fd, int family)
{
	int on = 1;
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof on);
}

int sys_raw_only_port(int fd, int family, uint16_t port)
{
	/* IPv4 arrives with its header, IPv6 without. */
	struct sock_filter ipv4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SYS_BATCH_BYTES),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter ipv6[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SYS_BATCH_BYTES),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof ipv4 / sizeof ipv4[0], .filter = ipv4 };
	if (family == AF_INET6) {
		int on = 1;
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
		program = (struct sock_fprog){ .len = sizeof ipv6 / sizeof ipv6[0], .filter = ipv6 };
	}
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int sys_raw_only_answers(int fd, int family)
{
	if (family == AF_INET6) {
		struct icmp6_filter filter;
		ICMP6_FILTER_SETBLOCKALL(&filter);
		ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &filter);
		ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &filter);
		ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &filter);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
		return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
	}
	struct icmp_filter filter = { .data = ~(1u << ICMP_DEST_UNREACH | 1u << ICMP_TIME_EXCEEDED |
						1u << ICMP_PARAMETERPROB | 1u << ICMP_ECHOREPLY) };
	return setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
}

void sys_socket_large_buffers(int fd, int receive, int send)
{
	if (receive && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof receive) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
	if (send && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof send) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
}
