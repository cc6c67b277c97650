/* Sockets over the loopback: stamps of both ends, ids that begin anew, ICMP errors with their sender, privileges. */
#include "sys/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct addr loopback(int family)
{
	struct addr addr = { .family = (sa_family_t)family };
	if (family == AF_INET)
		memcpy(addr.bytes, "\x7f\0\0\1", 4);
	else
		addr.bytes[15] = 1;
	return addr;
}

static void stamps_of_both_ends(int family)
{
	struct addr to = loopback(family);
	int sender = sys_socket_open(family, SOCK_DGRAM, 0, NULL, NULL);
	int receiver = sys_socket_open(family, SOCK_DGRAM, 0, NULL, NULL);
	assert_true(sender >= 0 && receiver >= 0);
	assert_int_equal(sys_socket_bind(receiver, &to, NULL), 0);
	to = sys_socket_local(receiver);
	sys_socket_details(receiver, family);
	assert_int_equal(sys_socket_stamps(receiver, SYS_STAMP_RX), 0);
	assert_int_equal(sys_socket_stamps(sender, SYS_STAMP_TX), 0);
	(void)poll(NULL, 0, 20); /* until the kernel stamps all arrivals */
	for (uint32_t i = 0; i < 3; i++) {
		char bytes[16];
		struct sys_arrival arrival;
		struct sys_socket_event event;
		assert_int_equal(sys_socket_send(sender, "hello", 5, &to), 0);
		assert_int_equal(sys_socket_receive(receiver, bytes, 3, &arrival), 0);
		assert_true(arrival.truncated && arrival.length == 3);
		assert_int_equal(arrival.hops, 64);
		assert_true(arrival.ifindex == 1 && addr_equal(&arrival.to, &to));
		assert_int_equal(sys_socket_event_next(sender, NULL, 0, &event), 1);
		assert_int_equal(event.kind, SYS_EVENT_SENT);
		assert_int_equal(event.id, i);
		assert_true(event.stamp != NS_NONE && arrival.stamp >= event.stamp &&
			    arrival.seen >= arrival.stamp);
		assert_int_equal(sys_socket_event_next(sender, NULL, 0, &event), 0);
		assert_int_equal(sys_socket_receive(receiver, bytes, sizeof bytes, &arrival), -1);
		assert_int_equal(errno, EAGAIN);
	}
	struct sys_socket_event event;
	assert_int_equal(sys_socket_stamps(sender, SYS_STAMP_TX), 0);
	assert_int_equal(sys_socket_send(sender, "again", 5, &to), 0);
	assert_int_equal(sys_socket_event_next(sender, NULL, 0, &event), 1);
	assert_int_equal(event.id, 0);
	close(sender);
	close(receiver);
}

static void stamps_ipv4(void **state)
{
	(void)state;
	stamps_of_both_ends(AF_INET);
}

static void stamps_ipv6(void **state)
{
	(void)state;
	int fd = sys_socket_open(AF_INET6, SOCK_DGRAM, 0, NULL, NULL);
	struct addr one = loopback(AF_INET6);
	bool here = fd >= 0 && sys_socket_bind(fd, &one, NULL) == 0;
	close(fd);
	if (!here)
		skip();
	stamps_of_both_ends(AF_INET6);
}

static void errors_name_their_sender(void **state)
{
	(void)state;
	struct addr to = loopback(AF_INET);
	/* a port that was free a moment ago */
	int probe = sys_socket_open(AF_INET, SOCK_DGRAM, 0, NULL, NULL);
	assert_int_equal(sys_socket_bind(probe, &to, NULL), 0);
	to = sys_socket_local(probe);
	close(probe);
	int fd = sys_socket_open(AF_INET, SOCK_DGRAM, 0, NULL, NULL);
	sys_socket_details(fd, AF_INET);
	assert_int_equal(sys_socket_send(fd, "hello", 5, &to), 0);
	char bytes[64];
	struct sys_socket_event event;
	assert_int_equal(sys_socket_event_next(fd, bytes, sizeof bytes, &event), 1);
	assert_int_equal(event.kind, SYS_EVENT_ICMP);
	assert_int_equal(event.errnum, ECONNREFUSED);
	assert_true(event.icmp_type == 3 && event.icmp_code == 3);
	assert_true(addr_is_loopback(&event.offender));
	assert_true(addr_equal(&event.to, &to) && event.to.port == to.port);
	assert_true(event.length == 5 && !memcmp(bytes, "hello", 5));
	close(fd);
}

static void a_connection(void **state)
{
	(void)state;
	struct addr at = loopback(AF_INET);
	int listener = sys_socket_open(AF_INET, SOCK_STREAM, 0, NULL, NULL);
	int client = sys_socket_open(AF_INET, SOCK_STREAM, 0, NULL, NULL);
	assert_int_equal(sys_socket_bind(listener, &at, NULL), 0);
	assert_int_equal(sys_socket_accept(listener), -1);
	assert_int_equal(sys_socket_listen(listener, 1), 0);
	at = sys_socket_local(listener);
	assert_true(sys_socket_connect(client, &at) >= 0);
	struct pollfd wait = { .fd = listener, .events = POLLIN };
	assert_int_equal(poll(&wait, 1, 2000), 1);
	int server = sys_socket_accept(listener);
	assert_true(server >= 0);
	assert_int_equal(sys_socket_pending_error(client), 0);
	struct addr peer = sys_socket_peer(client);
	assert_true(addr_equal(&peer, &at) && peer.port == at.port);
	close(listener);
	close(client);
	close(server);
}

static void what_is_refused(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_int_equal(sys_socket_open(AF_INET, SOCK_DGRAM, 0, "nosuchif0", &err), -1);
	assert_int_equal(err.status, STATUS_USAGE);
	struct addr foreign = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } };
	int fd = sys_socket_open(AF_INET, SOCK_DGRAM, 0, NULL, NULL);
	assert_int_equal(sys_socket_bind(fd, &foreign, &err), -1);
	assert_string_equal(err.code, "EADDRNOTAVAIL");
	close(fd);
	/* without privilege, in a child: the hint is the command that grants it */
	pid_t child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		fd = sys_socket_open(AF_INET, SOCK_RAW, IPPROTO_ICMP, NULL, &err);
		_exit(fd >= 0 || strcmp(err.code, "EPERM") || !strstr(err.hint, "setcap cap_net_raw+ep /"));
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_ipv4),
		cmocka_unit_test(stamps_ipv6),
		cmocka_unit_test(errors_name_their_sender),
		cmocka_unit_test(a_connection),
		cmocka_unit_test(what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
