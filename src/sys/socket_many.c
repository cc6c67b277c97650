/* Many datagrams in one system call. */
#include "sys/socket.h"

#include "sys/socket_control.h"

#include <errno.h>
#include <string.h>

enum { CONTROL_MAX = 128 };

int sys_socket_send_many(int fd, const struct sys_datagram *list, size_t count)
{
	struct mmsghdr messages[SYS_DATAGRAMS_MAX];
	struct iovec parts[SYS_DATAGRAMS_MAX];
	struct sockaddr_storage names[SYS_DATAGRAMS_MAX];
	if (count > SYS_DATAGRAMS_MAX)
		count = SYS_DATAGRAMS_MAX;
	for (size_t i = 0; i < count; i++) {
		parts[i] = (struct iovec){ .iov_base = list[i].bytes, .iov_len = list[i].length };
		messages[i] =
		    (struct mmsghdr){ .msg_hdr = { .msg_name = &names[i],
						   .msg_namelen = addr_to_sockaddr(&list[i].peer, &names[i]),
						   .msg_iov = &parts[i],
						   .msg_iovlen = 1 } };
	}
	return sendmmsg(fd, messages, (unsigned)count, MSG_NOSIGNAL);
}

int sys_socket_receive_many(int fd, struct sys_datagram *list, size_t count)
{
	struct mmsghdr messages[SYS_DATAGRAMS_MAX];
	struct iovec parts[SYS_DATAGRAMS_MAX];
	struct sockaddr_storage names[SYS_DATAGRAMS_MAX];
	_Alignas(struct cmsghdr) char controls[SYS_DATAGRAMS_MAX][CONTROL_MAX];
	if (count > SYS_DATAGRAMS_MAX)
		count = SYS_DATAGRAMS_MAX;
	for (size_t i = 0; i < count; i++) {
		parts[i] = (struct iovec){ .iov_base = list[i].bytes, .iov_len = list[i].size };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &names[i],
							     .msg_namelen = sizeof names[i],
							     .msg_iov = &parts[i],
							     .msg_iovlen = 1,
							     .msg_control = controls[i],
							     .msg_controllen = CONTROL_MAX } };
	}
	int got;
	do
		got = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
	while (got < 0 && errno == EINTR);
	for (int i = 0; i < got; i++) {
		struct msghdr *head = &messages[i].msg_hdr;
		list[i].length = messages[i].msg_len;
		list[i].peer = addr_from_sockaddr((struct sockaddr *)&names[i], head->msg_namelen);
		list[i].stamp = NS_NONE;
		for (struct cmsghdr *control = CMSG_FIRSTHDR(head); control;
		     control = CMSG_NXTHDR(head, control))
			if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPING)
				list[i].stamp = control_stamp(control);
	}
	return got < 0 ? 0 : got;
}
