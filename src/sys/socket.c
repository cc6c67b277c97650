#include "sys/socket.h"

#include "sys/privilege.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

/* Younger than some headers (Linux 5.9). */
#ifndef IP_RECVERR_RFC4884
#define IP_RECVERR_RFC4884 26
#endif
#ifndef IPV6_RECVERR_RFC4884
#define IPV6_RECVERR_RFC4884 31
#endif

static bool is_ping_socket(int family, int type, int protocol)
{
	return type == SOCK_DGRAM && ((family == AF_INET && protocol == IPPROTO_ICMP) ||
				      (family == AF_INET6 && protocol == IPPROTO_ICMPV6));
}

static int open_failed(int family, int type, int protocol, int errnum, struct error *err)
{
	if (is_ping_socket(family, type, protocol) && (errnum == EACCES || errnum == EPERM))
		error_errno(err, errnum, "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"",
			    "ICMP echo sockets are not open to this group");
	else if (errnum == EMFILE || errnum == ENFILE)
		error_errno(err, errnum, "raise the limit of open files (ulimit -n)",
			    "no socket can be opened");
	else if (errnum == EAFNOSUPPORT && family == AF_INET6)
		error_errno(err, errnum, "load or enable IPv6 in this kernel",
			    "no IPv6 socket can be opened");
	else
		privilege_error(err, errnum, "cap_net_raw", "%s cannot be opened",
				family == AF_PACKET ? "a packet socket"
				: type == SOCK_RAW  ? "a raw socket"
						    : "a socket");
	errno = errnum;
	return -1;
}

static int bind_interface(int fd, const char *interface, struct error *err)
{
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) == 0)
		return 0;
	int errnum = errno;
	if (errnum == ENODEV)
		error_set(err, STATUS_USAGE, "ENODEV", NULL, "there is no interface '%s' here", interface);
	else
		privilege_error(err, errnum, "cap_net_raw", "a socket cannot be bound to interface %s",
				interface);
	close(fd);
	errno = errnum;
	return -1;
}

int sys_socket_open(int family, int type, int protocol, const char *interface, struct error *err)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return open_failed(family, type, protocol, errno, err);
	if (interface && bind_interface(fd, interface, err) < 0)
		return -1;
	return fd;
}

int sys_socket_bind(int fd, const struct addr *local, struct error *err)
{
	struct sockaddr_storage sa;
	socklen_t length = addr_to_sockaddr(local, &sa);
	if (bind(fd, (struct sockaddr *)&sa, length) == 0)
		return 0;
	char text[ADDR_TEXT_MAX];
	addr_format_port(local, text);
	int errnum = errno;
	if (errnum == EACCES)
		privilege_error(err, errnum, "cap_net_bind_service", "%s cannot be bound to", text);
	else
		error_errno(err, errnum, errnum == EADDRNOTAVAIL ? "use an address of this machine" : NULL,
			    "%s cannot be bound to", text);
	errno = errnum;
	return -1;
}

int sys_socket_connect(int fd, const struct addr *peer)
{
	struct sockaddr_storage sa;
	socklen_t length = addr_to_sockaddr(peer, &sa);
	if (connect(fd, (struct sockaddr *)&sa, length) == 0)
		return 0;
	return errno == EINPROGRESS ? 1 : -1;
}

int sys_socket_listen(int fd, int backlog)
{
	return listen(fd, backlog);
}

int sys_socket_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int sys_socket_pending_error(int fd)
{
	int errnum = 0;
	socklen_t length = sizeof errnum;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &length) < 0 ? errno : errnum;
}

typedef int name_fn(int fd, struct sockaddr *restrict sa, socklen_t *restrict length);

static struct addr socket_name(int fd, name_fn *name)
{
	struct sockaddr_storage sa;
	socklen_t length = sizeof sa;
	if (name(fd, (struct sockaddr *)&sa, &length) < 0)
		return (struct addr){ .family = AF_UNSPEC };
	return addr_from_sockaddr((struct sockaddr *)&sa, length);
}

struct addr sys_socket_local(int fd)
{
	return socket_name(fd, getsockname);
}

struct addr sys_socket_peer(int fd)
{
	return socket_name(fd, getpeername);
}

int sys_socket_stamps(int fd, unsigned which)
{
	/* Ids begin anew only when OPT_ID is switched on again. */
	int flags = 0;
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) < 0)
		return -1;
	if (!which)
		return 0;
	flags = SOF_TIMESTAMPING_SOFTWARE;
	if (which & SYS_STAMP_RX) {
		flags |= SOF_TIMESTAMPING_RX_SOFTWARE;
		sys_stamps_prepare();
	}
	if (which & SYS_STAMP_TX)
		flags |= SOF_TIMESTAMPING_TX_SOFTWARE;
	if (which & SYS_STAMP_ACK)
		flags |= SOF_TIMESTAMPING_TX_ACK;
	if (which & (SYS_STAMP_TX | SYS_STAMP_ACK))
		flags |= SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

bool sys_stamps_prepare(void)
{
	static int keeper = -1;
	if (keeper >= 0)
		return false;
	keeper = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (keeper < 0)
		return false;
	int flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
	return setsockopt(keeper, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

static void option_on(int fd, int level, int option)
{
	int on = 1;
	(void)setsockopt(fd, level, option, &on, sizeof on);
}

void sys_socket_errors(int fd, int family)
{
	if (family == AF_INET)
		option_on(fd, IPPROTO_IP, IP_RECVERR);
	else
		option_on(fd, IPPROTO_IPV6, IPV6_RECVERR);
}

void sys_socket_prompt(int fd)
{
	option_on(fd, IPPROTO_TCP, TCP_NODELAY);
	option_on(fd, IPPROTO_TCP, TCP_QUICKACK);
}

void sys_socket_receive_buffer(int fd, int octets)
{
	/* The first is for root, beyond the system's limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
}

void sys_socket_details(int fd, int family)
{
	if (family == AF_INET) {
		option_on(fd, IPPROTO_IP, IP_RECVERR);
		option_on(fd, IPPROTO_IP, IP_RECVERR_RFC4884);
		option_on(fd, IPPROTO_IP, IP_RECVTTL);
		option_on(fd, IPPROTO_IP, IP_PKTINFO);
	} else {
		option_on(fd, IPPROTO_IPV6, IPV6_RECVERR);
		option_on(fd, IPPROTO_IPV6, IPV6_RECVERR_RFC4884);
		option_on(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
		option_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	}
}

int sys_socket_hops(int fd, int family, int hops)
{
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops);
}

int sys_socket_traffic_class(int fd, int family, int class)
{
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_TOS, &class, sizeof class);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class);
}

int sys_socket_mark(int fd, uint32_t mark, struct error *err)
{
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0)
		return 0;
	int errnum = errno;
	privilege_error(err, errnum, "cap_net_admin", "packets cannot be marked");
	errno = errnum;
	return -1;
}

int sys_socket_mtu_discover(int fd, int family, int how)
{
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &how, sizeof how);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &how, sizeof how);
}

int sys_socket_send(int fd, const void *bytes, size_t length, const struct addr *to)
{
	struct sockaddr_storage sa;
	socklen_t sa_length = to ? addr_to_sockaddr(to, &sa) : 0;
	ssize_t sent = sendto(fd, bytes, length, MSG_NOSIGNAL, to ? (struct sockaddr *)&sa : NULL, sa_length);
	return sent < 0 ? -1 : 0;
}

int sys_socket_send_hops(int fd, const void *bytes, size_t length, const struct addr *to, int hops)
{
	struct sockaddr_storage sa;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof hops)] = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
	struct msghdr message = {
		.msg_name = &sa,
		.msg_namelen = addr_to_sockaddr(to, &sa),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	struct cmsghdr *limit = CMSG_FIRSTHDR(&message);
	limit->cmsg_level = to->family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
	limit->cmsg_type = to->family == AF_INET6 ? IPV6_HOPLIMIT : IP_TTL;
	limit->cmsg_len = CMSG_LEN(sizeof hops);
	memcpy(CMSG_DATA(limit), &hops, sizeof hops);
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}
