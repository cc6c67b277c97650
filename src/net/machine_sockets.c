/* What sockets can do here, tried on the loopback. */
#include "net/machine_parts.h"

#include "ntsh/counters.h"
#include "sys/netlink.h"
#include "sys/socket.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 100 };

static void opened(struct ability *ability, int fd, const char *says)
{
	close(fd);
	ability_set(ability, ABILITY_YES, NULL, "%s", says);
}

void try_ping_socket(struct ability *ability, const char *path)
{
	(void)path;
	struct error err = ERROR_INIT;
	int fd = sys_socket_open(AF_INET, SOCK_DGRAM, IPPROTO_ICMP, NULL, &err);
	if (fd >= 0)
		opened(ability, fd, "open to this user");
	else
		ability_set(ability, ABILITY_NO, err.hint,
			    "closed to this group (net.ipv4.ping_group_range)");
}

static void try_open(struct ability *ability, const char *path, int family, int protocol)
{
	int fd = sys_socket_open(family, SOCK_RAW, protocol, NULL, NULL);
	if (fd >= 0)
		opened(ability, fd, "open to this user");
	else
		ability_denied(ability, errno, "cap_net_raw", path);
}

void try_raw_socket(struct ability *ability, const char *path)
{
	try_open(ability, path, AF_INET, IPPROTO_ICMP);
}

void try_capture(struct ability *ability, const char *path)
{
	/* Protocol 0: nothing is captured, so that closing it costs nothing. */
	try_open(ability, path, AF_PACKET, 0);
}

static bool wait_for(int fd, short events)
{
	struct pollfd one = { .fd = fd, .events = events };
	return poll(&one, 1, PATIENCE_MS) > 0;
}

/* A datagram to ourselves. Returns false when not even that works; rx and tx say who was stamped. */
static bool stamps_seen(int from, int to, const struct addr *address, bool *rx, bool *tx)
{
	char bytes[16];
	struct sys_arrival arrival;
	struct sys_socket_event event;
	if (sys_socket_send(from, "ntsh", 4, address) < 0 || !wait_for(to, POLLIN) ||
	    sys_socket_receive(to, bytes, sizeof bytes, &arrival) < 0)
		return false;
	*rx |= arrival.stamp != NS_NONE;
	while (sys_socket_event_next(from, NULL, 0, &event))
		*tx |= event.kind == SYS_EVENT_SENT && event.stamp != NS_NONE;
	return true;
}

void try_stamps(struct ability *ability, const char *path)
{
	(void)path;
	struct addr address = { .family = AF_INET, .bytes = { 127, 0, 0, 1 } };
	int from = sys_socket_open(AF_INET, SOCK_DGRAM, 0, NULL, NULL);
	int to = sys_socket_open(AF_INET, SOCK_DGRAM, 0, NULL, NULL);
	bool rx = false, tx = false, sent = false;
	if (from >= 0 && to >= 0 && sys_socket_bind(to, &address, NULL) == 0 &&
	    sys_socket_stamps(from, SYS_STAMP_TX) == 0 && sys_socket_stamps(to, SYS_STAMP_RX) == 0) {
		address = sys_socket_local(to);
		/* The first arrivals may come before the kernel has begun to stamp. */
		for (int i = 0; i < 5 && !(rx && tx); i++) {
			sent = stamps_seen(from, to, &address, &rx, &tx);
			(void)poll(NULL, 0, 1);
		}
	}
	close(from);
	close(to);
	if (!sent)
		ability_set(ability, ABILITY_NO, "ip link set lo up",
			    "no datagram got over the loopback interface");
	else
		ability_set(ability,
			    rx && tx   ? ABILITY_YES
			    : rx || tx ? ABILITY_PARTLY
				       : ABILITY_NO,
			    NULL, "arrival %s, departure %s", rx ? "yes" : "no", tx ? "yes" : "no");
}

/* A connection to ourselves. Returns 0 with both ends, or -1 with nothing open. */
static int connection_open(int *client, int *server)
{
	struct addr address = { .family = AF_INET, .bytes = { 127, 0, 0, 1 } };
	int listener = sys_socket_open(AF_INET, SOCK_STREAM, 0, NULL, NULL);
	*client = sys_socket_open(AF_INET, SOCK_STREAM, 0, NULL, NULL);
	*server = -1;
	if (listener >= 0 && *client >= 0 && sys_socket_bind(listener, &address, NULL) == 0 &&
	    sys_socket_listen(listener, 1) == 0) {
		address = sys_socket_local(listener);
		if (sys_socket_connect(*client, &address) >= 0 && wait_for(listener, POLLIN) &&
		    wait_for(*client, POLLOUT))
			*server = sys_socket_accept(listener);
	}
	close(listener);
	if (*server >= 0)
		return 0;
	close(*client);
	return -1;
}

void try_tx_ack(struct ability *ability, const char *path)
{
	(void)path;
	int client, server;
	if (connection_open(&client, &server) < 0) {
		ability_set(ability, ABILITY_NO, "ip link set lo up",
			    "no connection over the loopback interface");
		return;
	}
	bool sent = false, acked = false;
	struct sys_socket_event event;
	if (sys_socket_stamps(client, SYS_STAMP_TX | SYS_STAMP_ACK) == 0 &&
	    sys_socket_send(client, "ntsh", 4, NULL) == 0)
		for (int i = 0; i < 4 && !(sent && acked) && wait_for(client, POLLPRI); i++)
			while (sys_socket_event_next(client, NULL, 0, &event)) {
				sent |= event.kind == SYS_EVENT_SENT;
				acked |= event.kind == SYS_EVENT_ACKED;
			}
	close(client);
	close(server);
	ability_set(ability, acked && sent ? ABILITY_YES : ABILITY_NO, NULL,
		    "departure %s, acknowledgement %s", sent ? "yes" : "no", acked ? "yes" : "no");
}

void try_tcp_info(struct ability *ability, const char *path)
{
	(void)path;
	/* Length of tcp_info up to and including the field (include/uapi/linux/tcp.h); the kernel that brought it. */
	static const struct {
		socklen_t length;
		const char *what;
	} parts[] = {
		{ 168, "send times (4.10)" },
		{ 192, "delivery rate and limits (4.18)" },
		{ 224, "retransmitted bytes (4.19)" },
		{ 232, "out-of-order arrivals (5.4)" },
		{ 240, "windows (6.2)" },
		{ 248, "time-outs (6.7)" },
	};
	uint8_t bytes[512];
	socklen_t length = sizeof bytes;
	int fd = sys_socket_open(AF_INET, SOCK_STREAM, 0, NULL, NULL);
	int failed = fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, &length) < 0;
	close(fd);
	const char *missing = NULL;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !missing; i++)
		if (length < parts[i].length)
			missing = parts[i].what;
	if (failed)
		ability_set(ability, ABILITY_NO, NULL, "TCP_INFO cannot be read");
	else if (missing)
		ability_set(ability, ABILITY_PARTLY, NULL,
			    "%u bytes: this kernel is too old for %s and what came later", length, missing);
	else
		ability_set(ability, ABILITY_YES, NULL, "%u bytes: all that is used here", length);
}

static bool ignore(const struct nlmsghdr *message, void *arg)
{
	(void)message;
	(void)arg;
	return false;
}

void try_sock_diag(struct ability *ability, const char *path)
{
	struct netlink *netlink = netlink_open(NETLINK_SOCK_DIAG, NULL);
	struct netlink_request request;
	struct inet_diag_req_v2 *header =
	    netlink_begin(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof *header);
	header->sdiag_family = AF_INET;
	header->sdiag_protocol = IPPROTO_TCP;
	header->idiag_states = 1 << 10; /* TCP_LISTEN: few */
	if (netlink && netlink_ask(netlink, &request, ignore, NULL, NULL) == 0)
		ability_set(ability, ABILITY_YES, NULL, "the kernel lists them");
	else if (errno == EPERM || errno == EACCES)
		ability_denied(ability, errno, "cap_net_admin", path);
	else
		ability_set(ability, ABILITY_NO, "modprobe tcp_diag", "%s", strerror(errno));
	netlink_close(netlink);
}

void try_conntrack(struct ability *ability, const char *path)
{
	int64_t limit = 0;
	if (sysctl_read_int("net.netfilter.nf_conntrack_max", 0, &limit) < 0) {
		ability_set(ability, ABILITY_NO, "modprobe nf_conntrack",
			    "this kernel does not track connections");
		return;
	}
	struct netlink *netlink = netlink_open(NETLINK_NETFILTER, NULL);
	struct netlink_request request;
	struct nfgenmsg *header = netlink_begin(
	    &request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS_CPU, NLM_F_DUMP, sizeof *header);
	header->nfgen_family = AF_UNSPEC;
	if (netlink && netlink_ask(netlink, &request, ignore, NULL, NULL) == 0)
		ability_set(ability, ABILITY_YES, NULL, "room for %lld connections", (long long)limit);
	else if (errno == EPERM || errno == EACCES)
		ability_denied(ability, errno, "cap_net_admin", path);
	else
		ability_set(ability, ABILITY_NO, "modprobe nf_conntrack_netlink", "%s", strerror(errno));
	netlink_close(netlink);
}

void try_ipv6(struct ability *ability, const char *path)
{
	(void)path;
	int64_t disabled = 0;
	int fd = sys_socket_open(AF_INET6, SOCK_DGRAM, 0, NULL, NULL);
	close(fd);
	if (fd < 0)
		ability_set(ability, ABILITY_NO, NULL, "this kernel has no IPv6");
	else if (sysctl_read_int("net.ipv6.conf.all.disable_ipv6", 0, &disabled) == 0 && disabled)
		ability_set(ability, ABILITY_NO, "sysctl -w net.ipv6.conf.all.disable_ipv6=0",
			    "switched off by sysctl");
	else
		ability_set(ability, ABILITY_YES, NULL, "in this kernel and switched on");
}
