/* Waiting for connections. */
#include "ntsh/dial.h"

#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BACKLOG = 128 };

struct dial_listener {
	struct loop *loop;
	int fds[2];
	dial_accept_fn *fn;
	void *arg;
};

static void on_connection(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct dial_listener *listener = arg;
	int accepted = sys_socket_accept(fd);
	if (accepted < 0)
		return;
	struct addr peer = sys_socket_peer(accepted);
	listener->fn(accepted, &peer, listener->arg);
}

static int listen_on(struct dial_listener *listener, size_t which, const struct addr *local,
		     struct error *err)
{
	int on = 1;
	int fd = listener->fds[which] = sys_socket_open(local->family, SOCK_STREAM, IPPROTO_TCP, NULL, err);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (local->family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (sys_socket_bind(fd, local, err) < 0)
		return -1;
	if (sys_socket_listen(fd, BACKLOG) < 0)
		return error_errno(err, errno, NULL, "port %u cannot be listened on", local->port);
	return loop_watch(listener->loop, fd, EPOLLIN, on_connection, listener, err);
}

struct dial_listener *dial_listen(struct loop *loop, uint16_t port, int family, dial_accept_fn *fn, void *arg,
				  struct error *err)
{
	struct dial_listener *listener = NEW(struct dial_listener);
	*listener = (struct dial_listener){ .loop = loop, .fds = { -1, -1 }, .fn = fn, .arg = arg };
	static const sa_family_t families[] = { AF_INET, AF_INET6 };
	int listening = 0, failed = 0;
	for (size_t i = 0; i < 2 && !failed; i++) {
		struct addr local = { .family = families[i], .port = port };
		struct error error = ERROR_INIT;
		if (family != AF_UNSPEC && family != families[i])
			continue;
		if (listen_on(listener, i, &local, &error) == 0) {
			listening++;
			continue;
		}
		/* A machine without IPv6 listens on IPv4. */
		failed = !listening || family != AF_UNSPEC;
		if (failed && err)
			*err = error;
	}
	if (!failed && listening)
		return listener;
	dial_listener_free(listener);
	return NULL;
}

void dial_listener_free(struct dial_listener *listener)
{
	if (!listener)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (listener->fds[i] < 0)
			continue;
		loop_unwatch(listener->loop, listener->fds[i]);
		close(listener->fds[i]);
	}
	free(listener);
}
