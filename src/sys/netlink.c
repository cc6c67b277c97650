#include "sys/netlink.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Larger buffers gain nothing, smaller ones cost calls; the kernel fills at most 32 KB for a dump. */
enum { RECEIVE_SIZE = 32768, RETRIES = 10, REFUSAL_MAX = 128 };

struct netlink {
	struct mnl_socket *socket;
	int protocol;
	uint32_t sequence;
	bool interrupted;
	char refusal[REFUSAL_MAX];
	_Alignas(8) uint8_t buffer[RECEIVE_SIZE];
};

static struct mnl_socket *socket_open(int protocol)
{
	struct mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	/* Both are missing in old kernels only, and only make answers better. */
	int on = 1;
	if (socket) {
		(void)mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof on);
		(void)mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &on, sizeof on);
	}
	return socket;
}

struct netlink *netlink_open(int protocol, struct error *err)
{
	struct mnl_socket *socket = socket_open(protocol);
	if (!socket) {
		error_errno(err, errno, NULL, "the kernel cannot be asked by netlink");
		return NULL;
	}
	struct netlink *netlink = NEW(struct netlink);
	netlink->socket = socket;
	netlink->protocol = protocol;
	return netlink;
}

void netlink_close(struct netlink *netlink)
{
	if (!netlink)
		return;
	mnl_socket_close(netlink->socket);
	free(netlink);
}

static size_t align4(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* --- asking --- */

void *netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, size_t size)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(request->bytes);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(header, size);
}

void netlink_add(struct netlink_request *request, uint16_t type, const void *bytes, size_t size)
{
	struct nlmsghdr *header = (struct nlmsghdr *)request->bytes;
	if (size <= 256)
		mnl_attr_put_check(header, sizeof request->bytes, type, size, bytes);
}

void netlink_add_u32(struct netlink_request *request, uint16_t type, uint32_t value)
{
	netlink_add(request, type, &value, sizeof value);
}

void netlink_add_text(struct netlink_request *request, uint16_t type, const char *text)
{
	netlink_add(request, type, text, strlen(text) + 1);
}

/* An NLMSG_ERROR: returns the errno in it (0 is an acknowledgement). */
static int refusal_read(struct netlink *netlink, const struct nlmsghdr *message)
{
	struct nlmsgerr error;
	if (message->nlmsg_len < NLMSG_HDRLEN + sizeof error)
		return EPROTO;
	memcpy(&error, mnl_nlmsg_get_payload(message), sizeof error);
	size_t quoted = message->nlmsg_flags & NLM_F_CAPPED ? 0 : error.msg.nlmsg_len - NLMSG_HDRLEN;
	if (message->nlmsg_flags & NLM_F_ACK_TLVS && quoted < message->nlmsg_len) {
		const struct nlattr *table[NLMSGERR_ATTR_MSG + 1];
		if (netlink_attributes(message, sizeof error + align4(quoted), table, NLMSGERR_ATTR_MSG))
			netlink_text(table[NLMSGERR_ATTR_MSG], netlink->refusal, sizeof netlink->refusal);
	}
	return error.error <= 0 ? -error.error : EPROTO;
}

enum { MORE = -1 };

/* One datagram of the answer. Returns MORE, or 0 or an errno at the end. */
static int answer_read(struct netlink *netlink, size_t length, bool dump, netlink_message_fn *fn, void *arg,
		       bool *wanted)
{
	const uint8_t *at = netlink->buffer;
	const struct nlmsghdr *message;
	while ((message = netlink_message_next(&at, &length))) {
		if (message->nlmsg_seq != netlink->sequence)
			continue;
		netlink->interrupted |= message->nlmsg_flags & NLM_F_DUMP_INTR;
		if (message->nlmsg_type == NLMSG_ERROR)
			return refusal_read(netlink, message);
		if (message->nlmsg_type == NLMSG_DONE) {
			int error = 0;
			if (message->nlmsg_len >= NLMSG_HDRLEN + sizeof error)
				memcpy(&error, mnl_nlmsg_get_payload(message), sizeof error);
			return error < 0 ? -error : 0;
		}
		if (message->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		if (*wanted)
			*wanted = fn(message, arg);
		if (!dump)
			return 0;
	}
	return MORE;
}

/* Ends early (with MORE) when no more is wanted and stops is set. */
static int ask_once(struct netlink *netlink, struct nlmsghdr *header, netlink_message_fn *fn, void *arg,
		    bool stops)
{
	/* Without an acknowledgement asked for, a question for one thing ends with its one answer. */
	bool many = header->nlmsg_flags & (NLM_F_DUMP | NLM_F_ACK);
	bool wanted = true;
	header->nlmsg_seq = ++netlink->sequence;
	netlink->interrupted = false;
	netlink->refusal[0] = '\0';
	if (mnl_socket_sendto(netlink->socket, header, header->nlmsg_len) < 0)
		return errno;
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(netlink->socket, netlink->buffer, sizeof netlink->buffer);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		int end = answer_read(netlink, (size_t)got, many, fn, arg, &wanted);
		if (end != MORE || (stops && !wanted))
			return end;
	}
}

int netlink_ask(struct netlink *netlink, struct netlink_request *request, netlink_message_fn *fn,
		netlink_again_fn *again, void *arg)
{
	struct nlmsghdr *header = (struct nlmsghdr *)request->bytes;
	for (int tries = 0; tries < RETRIES; tries++) {
		int errnum = ask_once(netlink, header, fn, arg, false);
		if (errnum) {
			errno = errnum;
			return -1;
		}
		if (!netlink->interrupted || tries + 1 == RETRIES)
			break;
		if (again)
			again(arg);
	}
	return 0;
}

int netlink_dump(struct netlink *netlink, struct netlink_request *request, netlink_message_fn *fn, void *arg,
		 bool *interrupted)
{
	int end = ask_once(netlink, (struct nlmsghdr *)request->bytes, fn, arg, true);
	if (interrupted)
		*interrupted = netlink->interrupted;
	struct mnl_socket *fresh = end == MORE ? socket_open(netlink->protocol) : NULL;
	if (fresh) {
		mnl_socket_close(netlink->socket);
		netlink->socket = fresh;
	} else if (end) {
		errno = end == MORE ? errno : end;
		return -1;
	}
	return 0;
}

bool netlink_interrupted(const struct netlink *netlink)
{
	return netlink->interrupted;
}

int netlink_subscribe(struct netlink *netlink, int group)
{
	/* A socket without an address of its own is passed over by the kernel's broadcasts. */
	if (!mnl_socket_get_portid(netlink->socket) && mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -1;
	return mnl_socket_setsockopt(netlink->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
}

int netlink_fd(const struct netlink *netlink)
{
	return mnl_socket_get_fd(netlink->socket);
}

int netlink_receive(struct netlink *netlink, netlink_message_fn *fn, void *arg)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_length = sizeof from;
		ssize_t got = recvfrom(netlink_fd(netlink), netlink->buffer, sizeof netlink->buffer,
				       MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &from_length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -1;
		/* Only the kernel is believed, and only whole messages. */
		if (from.nl_pid || (size_t)got > sizeof netlink->buffer)
			continue;
		const uint8_t *at = netlink->buffer;
		size_t rest = (size_t)got;
		const struct nlmsghdr *message;
		while ((message = netlink_message_next(&at, &rest)))
			if (message->nlmsg_type >= NLMSG_MIN_TYPE && !fn(message, arg))
				return 0;
	}
}

const char *netlink_refusal(const struct netlink *netlink)
{
	return netlink->refusal;
}

/* --- reading --- */

const struct nlmsghdr *netlink_message_next(const uint8_t **at, size_t *rest)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)*at;
	if (*rest < NLMSG_HDRLEN || message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > *rest)
		return NULL;
	size_t step = align4(message->nlmsg_len);
	if (step > *rest)
		step = *rest;
	*at += step;
	*rest -= step;
	return message;
}

const struct nlattr *netlink_attribute_next(const uint8_t **at, size_t *rest)
{
	const struct nlattr *attribute = (const struct nlattr *)*at;
	if (*rest < sizeof *attribute || attribute->nla_len < sizeof *attribute || attribute->nla_len > *rest)
		return NULL;
	size_t step = align4(attribute->nla_len);
	if (step > *rest)
		step = *rest;
	*at += step;
	*rest -= step;
	return attribute;
}

uint16_t netlink_attribute_type(const struct nlattr *attribute)
{
	return attribute->nla_type & 0x3fff; /* without NLA_F_NESTED, NLA_F_NET_BYTEORDER */
}

void netlink_walk(const uint8_t *at, size_t rest, const struct nlattr **table, uint16_t max)
{
	const struct nlattr *attribute;
	for (uint16_t type = 0; type <= max; type++)
		table[type] = NULL;
	while ((attribute = netlink_attribute_next(&at, &rest)))
		if (netlink_attribute_type(attribute) <= max)
			table[netlink_attribute_type(attribute)] = attribute;
}

bool netlink_attributes(const struct nlmsghdr *message, size_t offset, const struct nlattr **table,
			uint16_t max)
{
	size_t begin = NLMSG_HDRLEN + align4(offset);
	if (message->nlmsg_len < begin) {
		netlink_walk(NULL, 0, table, max);
		return message->nlmsg_len >= NLMSG_HDRLEN + offset;
	}
	netlink_walk((const uint8_t *)message + begin, message->nlmsg_len - begin, table, max);
	return true;
}

void netlink_nested(const struct nlattr *nest, const struct nlattr **table, uint16_t max)
{
	if (!nest)
		netlink_walk(NULL, 0, table, max);
	else
		netlink_walk(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), table, max);
}

struct addr netlink_address(const struct nlattr *attribute, sa_family_t family)
{
	size_t length = addr_length(family);
	if (!attribute || !length || mnl_attr_get_payload_len(attribute) < length)
		return (struct addr){ .family = AF_UNSPEC };
	return addr_from_bytes(family, mnl_attr_get_payload(attribute));
}

static void number_read(const struct nlattr *attribute, void *out, size_t size)
{
	if (attribute && mnl_attr_get_payload_len(attribute) >= size)
		memcpy(out, mnl_attr_get_payload(attribute), size);
}

uint32_t netlink_u32(const struct nlattr *attribute, uint32_t fallback)
{
	number_read(attribute, &fallback, sizeof fallback);
	return fallback;
}

uint64_t netlink_u64(const struct nlattr *attribute, uint64_t fallback)
{
	number_read(attribute, &fallback, sizeof fallback);
	return fallback;
}

uint16_t netlink_u16(const struct nlattr *attribute, uint16_t fallback)
{
	number_read(attribute, &fallback, sizeof fallback);
	return fallback;
}

uint8_t netlink_u8(const struct nlattr *attribute, uint8_t fallback)
{
	number_read(attribute, &fallback, sizeof fallback);
	return fallback;
}

void netlink_text(const struct nlattr *attribute, char *out, size_t size)
{
	size_t length = attribute ? mnl_attr_get_payload_len(attribute) : 0;
	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(out, mnl_attr_get_payload(attribute), length);
	out[length] = '\0';
}
