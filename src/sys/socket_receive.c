/* Receiving: control messages are read here and nowhere else. */
#include "sys/socket.h"

#include "sys/socket_control.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <time.h>

enum { CONTROL_MAX = 512 };

struct call {
	struct msghdr message;
	struct iovec part;
	struct sockaddr_storage name;
	_Alignas(struct cmsghdr) char control[CONTROL_MAX];
};

static ssize_t call_receive(struct call *call, int fd, void *buf, size_t size, int flags)
{
	call->part = (struct iovec){ .iov_base = buf, .iov_len = size };
	call->message = (struct msghdr){
		.msg_name = &call->name,
		.msg_namelen = sizeof call->name,
		.msg_iov = &call->part,
		.msg_iovlen = 1,
		.msg_control = call->control,
		.msg_controllen = sizeof call->control,
	};
	ssize_t got;
	do
		got = recvmsg(fd, &call->message, flags);
	while (got < 0 && errno == EINTR);
	return got;
}

bool control_copy(const struct cmsghdr *control, void *out, size_t size)
{
	if (control->cmsg_len < CMSG_LEN(size))
		return false;
	memcpy(out, CMSG_DATA(control), size);
	return true;
}

ns_t control_stamp(const struct cmsghdr *control)
{
	struct scm_timestamping stamps;
	if (!control_copy(control, &stamps, sizeof stamps) || (!stamps.ts[0].tv_sec && !stamps.ts[0].tv_nsec))
		return NS_NONE;
	return stamps.ts[0].tv_sec * NS_PER_S + stamps.ts[0].tv_nsec;
}

static bool control_hops(const struct cmsghdr *control, int *hops)
{
	bool ipv4 = control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL;
	bool ipv6 = control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT;
	return (ipv4 || ipv6) && control_copy(control, hops, sizeof *hops);
}

static void arrival_control(struct sys_arrival *out, const struct cmsghdr *control)
{
	if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPING) {
		out->stamp = control_stamp(control);
	} else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;
		if (control_copy(control, &info, sizeof info)) {
			out->to = addr_from_bytes(AF_INET, &info.ipi_addr);
			out->ifindex = info.ipi_ifindex;
		}
	} else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;
		if (control_copy(control, &info, sizeof info)) {
			out->to = addr_from_bytes(AF_INET6, &info.ipi6_addr);
			out->ifindex = (int)info.ipi6_ifindex;
		}
	} else {
		control_hops(control, &out->hops);
	}
}

static int receive(int fd, void *buf, size_t size, int flags, struct sys_arrival *out)
{
	struct call call;
	ssize_t got = call_receive(&call, fd, buf, size, flags);
	if (got < 0)
		return -1;
	*out = (struct sys_arrival){
		.length = (size_t)got,
		.truncated = call.message.msg_flags & MSG_TRUNC,
		.stamp = NS_NONE,
		.seen = clock_real(),
		.from = addr_from_sockaddr((struct sockaddr *)&call.name, call.message.msg_namelen),
		.hops = -1,
	};
	for (struct cmsghdr *control = CMSG_FIRSTHDR(&call.message); control;
	     control = CMSG_NXTHDR(&call.message, control))
		arrival_control(out, control);
	return 0;
}

int sys_socket_receive(int fd, void *buf, size_t size, struct sys_arrival *out)
{
	return receive(fd, buf, size, MSG_DONTWAIT, out);
}

ns_t sys_socket_next_stamp(int fd)
{
	char byte;
	struct sys_arrival arrival;
	if (receive(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK, &arrival) < 0 || !arrival.length)
		return NS_NONE;
	return arrival.stamp;
}

/* --- the error queue --- */

static bool is_too_big(const struct sock_extended_err *error)
{
	if (error->ee_origin == SO_EE_ORIGIN_ICMP)
		return error->ee_type == ICMP_DEST_UNREACH && error->ee_code == ICMP_FRAG_NEEDED;
	if (error->ee_origin == SO_EE_ORIGIN_ICMP6)
		return error->ee_type == ICMP6_PACKET_TOO_BIG;
	return error->ee_errno == EMSGSIZE;
}

static void event_error(struct sys_socket_event *out, const struct cmsghdr *control)
{
	struct sock_extended_err error;
	if (!control_copy(control, &error, sizeof error))
		return;
	if (error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
		out->kind = error.ee_info == SCM_TSTAMP_ACK ? SYS_EVENT_ACKED : SYS_EVENT_SENT;
		out->id = error.ee_data;
		return;
	}
	bool icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
	out->kind = icmp ? SYS_EVENT_ICMP : SYS_EVENT_LOCAL;
	out->errnum = (int)error.ee_errno;
	out->mtu = is_too_big(&error) ? error.ee_info : 0;
	if (!icmp)
		return;
	out->icmp_type = error.ee_type;
	out->icmp_code = error.ee_code;
	if (error.ee_rfc4884.len && error.ee_rfc4884.len < out->length)
		out->extension = error.ee_rfc4884.len;
	/* SO_EE_OFFENDER: a socket address right behind the structure, as far as the message reaches. */
	size_t before = CMSG_LEN(sizeof error);
	size_t rest = control->cmsg_len - before;
	struct sockaddr_in6 offender = { .sin6_family = AF_UNSPEC };
	memcpy(&offender, CMSG_DATA(control) + sizeof error, rest < sizeof offender ? rest : sizeof offender);
	out->offender = addr_from_sockaddr((struct sockaddr *)&offender, (socklen_t)rest);
}

static void event_control(struct sys_socket_event *out, const struct cmsghdr *control)
{
	bool ipv4_error = control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR;
	bool ipv6_error = control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR;
	if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPING)
		out->stamp = control_stamp(control);
	else if (ipv4_error || ipv6_error)
		event_error(out, control);
	else
		control_hops(control, &out->hops);
}

int sys_socket_event_next(int fd, void *buf, size_t size, struct sys_socket_event *out)
{
	struct call call;
	char nothing;
	ssize_t got =
	    call_receive(&call, fd, buf ? buf : &nothing, buf ? size : 0, MSG_ERRQUEUE | MSG_DONTWAIT);
	if (got < 0)
		return 0;
	*out = (struct sys_socket_event){
		.kind = SYS_EVENT_LOCAL,
		.stamp = NS_NONE,
		.seen = clock_real(),
		.to = addr_from_sockaddr((struct sockaddr *)&call.name, call.message.msg_namelen),
		.hops = -1,
		.length = (size_t)got,
	};
	for (struct cmsghdr *control = CMSG_FIRSTHDR(&call.message); control;
	     control = CMSG_NXTHDR(&call.message, control))
		event_control(out, control);
	return 1;
}
