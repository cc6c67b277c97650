#include "net/sockets/read.h"

#include "sys/netlink.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>

/* Later than the headers of the oldest system that this is built on. */
enum { UID_OF_UNIX = 7 /* UNIX_DIAG_UID, Linux 5.3 */, CGROUP_ID = 21, MEMORY_NUMBERS = 9 };

static void entry_init(struct socket_entry *out, enum socket_kind kind)
{
	*out = (struct socket_entry){ .kind = kind, .cookie = UINT64_MAX, .timer_left = NS_NONE };
}

static uint64_t cookie_of(const uint32_t cookie[2])
{
	return (uint64_t)cookie[1] << 32 | cookie[0];
}

/* A payload of any length, as it lies there. */
static const void *payload(const struct nlattr *attribute, size_t *length)
{
	*length = attribute ? mnl_attr_get_payload_len(attribute) : 0;
	return *length ? mnl_attr_get_payload(attribute) : NULL;
}

static void memory_read(const struct nlattr *attribute, struct socket_entry *out)
{
	size_t length;
	const void *bytes = payload(attribute, &length);
	if (!bytes || length < sizeof(uint32_t))
		return;
	if (length > sizeof out->memory)
		length = sizeof out->memory;
	memcpy(&out->memory, bytes, length);
	out->memory_count = (unsigned)(length / sizeof(uint32_t));
	out->has_memory = true;
}

/* --- TCP, UDP, raw --- */

static void addresses_read(const struct inet_diag_msg *msg, struct socket_entry *out)
{
	const struct inet_diag_sockid *id = &msg->id;
	out->family = msg->idiag_family;
	out->local = addr_from_bytes(out->family, id->idiag_src);
	out->peer = addr_from_bytes(out->family, id->idiag_dst);
	out->local.port = ntohs(id->idiag_sport);
	out->peer.port = ntohs(id->idiag_dport);
	out->interface = id->idiag_if;
	if (!out->interface || out->family != AF_INET6)
		return;
	/* The kernel gives a device only: for link-local addresses it is their zone (RFC 4007). */
	if (addr_is_link_local(&out->local)) {
		out->local.zone = out->interface;
		out->bound_by_scope = true;
	}
	if (addr_is_link_local(&out->peer))
		out->peer.zone = out->interface;
}

static void inet_attributes_read(const struct nlattr *const *table, struct socket_entry *out)
{
	size_t length;
	const char *congestion = payload(table[INET_DIAG_CONG], &length);
	out->congestion = congestion;
	out->congestion_length = congestion ? strnlen(congestion, length) : 0;
	out->tcp_info = payload(table[INET_DIAG_INFO], &out->tcp_info_length);
	out->shutdown = netlink_u8(table[INET_DIAG_SHUTDOWN], 0);
	out->has_v6only = table[INET_DIAG_SKV6ONLY] != NULL;
	out->v6only = netlink_u8(table[INET_DIAG_SKV6ONLY], 0) != 0;
	const struct nlattr *tos = table[out->family == AF_INET6 ? INET_DIAG_TCLASS : INET_DIAG_TOS];
	out->has_tos = tos != NULL;
	out->tos = netlink_u8(tos, 0);
	out->has_mark = table[INET_DIAG_MARK] != NULL;
	out->mark = netlink_u32(table[INET_DIAG_MARK], 0);
	out->has_cgroup = table[CGROUP_ID] != NULL;
	out->cgroup = netlink_u64(table[CGROUP_ID], 0);
	memory_read(table[INET_DIAG_SKMEMINFO], out);
}

static bool inet_read(const struct nlmsghdr *message, enum socket_kind kind, struct socket_entry *out)
{
	const struct nlattr *table[CGROUP_ID + 1];
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(message);
	if (!netlink_attributes(message, sizeof *msg, table, CGROUP_ID) ||
	    (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6) ||
	    msg->idiag_state >= SOCKET_STATES)
		return false;
	entry_init(out, kind);
	addresses_read(msg, out);
	out->state = msg->idiag_state;
	out->cookie = cookie_of(msg->id.idiag_cookie);
	out->uid = msg->idiag_uid;
	out->inode = msg->idiag_inode;
	out->receive_queue = msg->idiag_rqueue;
	out->send_queue = msg->idiag_wqueue;
	out->timer = msg->idiag_timer < SOCKET_TIMER_OTHER ? msg->idiag_timer : SOCKET_TIMER_OTHER;
	out->retransmits = msg->idiag_retrans;
	if (out->timer)
		out->timer_left = (ns_t)msg->idiag_expires * NS_PER_MS;
	if (kind == SOCKET_RAW) {
		/* The protocol stands where others have the port. */
		out->protocol = out->local.port;
		out->local.port = out->peer.port = 0;
	}
	inet_attributes_read(table, out);
	return true;
}

/* --- unix --- */

static bool unix_read(const struct nlmsghdr *message, struct socket_entry *out)
{
	const struct nlattr *table[UID_OF_UNIX + 1];
	const struct unix_diag_msg *msg = mnl_nlmsg_get_payload(message);
	size_t length;
	if (!netlink_attributes(message, sizeof *msg, table, UID_OF_UNIX) ||
	    msg->udiag_state >= SOCKET_STATES)
		return false;
	entry_init(out, SOCKET_UNIX);
	out->family = AF_UNIX;
	out->type = msg->udiag_type;
	out->state = msg->udiag_state;
	out->inode = msg->udiag_ino;
	out->cookie = cookie_of(msg->udiag_cookie);
	out->path = payload(table[UNIX_DIAG_NAME], &out->path_length);
	out->peer_inode = netlink_u32(table[UNIX_DIAG_PEER], 0);
	out->uid = netlink_u32(table[UID_OF_UNIX], 0);
	out->shutdown = netlink_u8(table[UNIX_DIAG_SHUTDOWN], 0);
	const void *queues = payload(table[UNIX_DIAG_RQLEN], &length);
	struct unix_diag_rqlen both;
	if (queues && length >= sizeof both) {
		memcpy(&both, queues, sizeof both);
		out->receive_queue = both.udiag_rqueue;
		out->send_queue = both.udiag_wqueue;
	}
	memory_read(table[UNIX_DIAG_MEMINFO], out);
	return true;
}

/* --- packet --- */

static bool packet_read(const struct nlmsghdr *message, struct socket_entry *out)
{
	const struct nlattr *table[PACKET_DIAG_FILTER + 1];
	const struct packet_diag_msg *msg = mnl_nlmsg_get_payload(message);
	struct packet_diag_info info;
	size_t length;
	if (!netlink_attributes(message, sizeof *msg, table, PACKET_DIAG_FILTER))
		return false;
	entry_init(out, SOCKET_PACKET);
	out->family = AF_PACKET;
	out->state = SOCKET_CLOSE;
	out->type = msg->pdiag_type;
	out->protocol = msg->pdiag_num;
	out->inode = msg->pdiag_ino;
	out->cookie = cookie_of(msg->pdiag_cookie);
	const void *bytes = payload(table[PACKET_DIAG_INFO], &length);
	if (bytes && length >= sizeof info) {
		memcpy(&info, bytes, sizeof info);
		out->interface = info.pdi_index;
		out->packet_flags = info.pdi_flags;
	}
	out->uid = netlink_u32(table[PACKET_DIAG_UID], 0);
	memory_read(table[PACKET_DIAG_MEMINFO], out);
	out->receive_queue = out->memory.rmem;
	out->send_queue = out->memory.wmem;
	return true;
}

bool sockets_read(const struct nlmsghdr *message, enum socket_kind kind, struct socket_entry *out)
{
	if (kind == SOCKET_UNIX)
		return unix_read(message, out);
	if (kind == SOCKET_PACKET)
		return packet_read(message, out);
	return inet_read(message, kind, out);
}
