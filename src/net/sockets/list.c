#include "ntsh/sockets.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/sockets/code.h"
#include "net/sockets/read.h"
#include "sys/file.h"
#include "sys/netlink.h"
#include "sys/privilege.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* UDIAG_SHOW_UID, Linux 5.3: later than the headers of the oldest system. */
enum { SHOW_UNIX_UID = 0x40, TRIES = 10, PROC_MAX = 64 * 1024 * 1024 };

struct listing {
	const struct sockets_query *query;
	struct netlink *netlink;
	enum socket_kind kind;
	bool filtered; /* the kernel's filter has seen it */
	sockets_fn *fn;
	void *arg;
	bool stopped;
	struct sockets_report report;
	struct error *err;
};

static bool on_entry(struct listing *listing, const struct socket_entry *entry)
{
	const struct sockets_query *query = listing->query;
	if (!(query->states[entry->kind] & 1u << entry->state))
		return true;
	if (query->filter && !listing->filtered && !socket_filter_matches(query->filter, entry))
		return true;
	listing->stopped = !listing->fn(entry, listing->arg);
	return !listing->stopped;
}

static bool on_message(const struct nlmsghdr *message, void *arg)
{
	struct listing *listing = arg;
	struct socket_entry entry;
	if (!sockets_read(message, listing->kind, &entry))
		return true;
	return on_entry(listing, &entry);
}

/* --- requests --- */

static int protocol_of(enum socket_kind kind)
{
	return kind == SOCKET_TCP ? IPPROTO_TCP : kind == SOCKET_UDP ? IPPROTO_UDP : IPPROTO_RAW;
}

static uint8_t extensions_of(unsigned want)
{
	unsigned wanted = 0;
	if (want & SOCKETS_INFO)
		wanted |= 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1);
	if (want & SOCKETS_MEMORY)
		wanted |= 1 << (INET_DIAG_SKMEMINFO - 1);
	if (want & SOCKETS_TOS)
		wanted |= 1 << (INET_DIAG_TOS - 1) | 1 << (INET_DIAG_TCLASS - 1);
	return (uint8_t)wanted;
}

/* family AF_UNSPEC: TCP of both families in one walk over the kernel's table, which only the older request can ask for
 * (inet_diag_dump_compat, net/ipv4/inet_diag.c). */
static void ask_inet(const struct listing *listing, int family, struct netlink_request *request)
{
	const struct sockets_query *query = listing->query;
	uint8_t wanted = extensions_of(query->want);
	if (family == AF_UNSPEC) {
		struct inet_diag_req *header =
		    netlink_begin(request, TCPDIAG_GETSOCK, NLM_F_DUMP, sizeof *header);
		header->idiag_family = AF_INET;
		header->idiag_ext = wanted;
		header->idiag_states = query->states[listing->kind];
	} else {
		struct inet_diag_req_v2 *header =
		    netlink_begin(request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof *header);
		header->sdiag_family = (uint8_t)family;
		header->sdiag_protocol = (uint8_t)protocol_of(listing->kind);
		header->idiag_ext = wanted;
		header->idiag_states = query->states[listing->kind];
	}
}

static void ask_unix(const struct listing *listing, struct netlink_request *request)
{
	struct unix_diag_req *header =
	    netlink_begin(request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof *header);
	header->sdiag_family = AF_UNIX;
	header->udiag_states = listing->query->states[SOCKET_UNIX];
	header->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | SHOW_UNIX_UID;
	if (listing->query->want & SOCKETS_MEMORY)
		header->udiag_show |= UDIAG_SHOW_MEMINFO;
}

static void ask_packet(struct netlink_request *request)
{
	struct packet_diag_req *header =
	    netlink_begin(request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof *header);
	header->sdiag_family = AF_PACKET;
	header->pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MEMINFO;
}

/* --- one dump --- */

/* The kernel lacks this protocol's part of sock_diag. */
static bool is_missing(int errnum)
{
	return errnum == ENOENT || errnum == EPROTONOSUPPORT || errnum == EOPNOTSUPP ||
	       errnum == EAFNOSUPPORT;
}

static int refused(struct listing *listing, int errnum)
{
	if (errnum == EPERM)
		return privilege_error(listing->err, errnum, "cap_net_admin",
				       "the kernel does not filter by firewall mark for this user");
	if (errnum == ENOBUFS)
		return error_errno(listing->err, errnum, "ask again, or for less: name a state or a port",
				   "the kernel's list of sockets did not get through whole");
	const char *words = netlink_refusal(listing->netlink);
	return error_errno(listing->err, errnum, *words ? words : NULL, "the kernel does not list %s sockets",
			   socket_kind_name(listing->kind));
}

static int dump(struct listing *listing, struct netlink_request *request)
{
	bool changed = false;
	int bad = netlink_dump(listing->netlink, request, on_message, listing, &changed);
	listing->report.changed |= changed;
	return bad;
}

/* Returns 0, or -1 with errno. */
static int dump_inet(struct listing *listing, int family)
{
	struct netlink_request request;
	uint8_t code[SOCKET_CODE_MAX];
	const struct socket_filter *filter = listing->query->filter;
	size_t length = filter ? socket_filter_code(filter, code) : 0;
	ask_inet(listing, family, &request);
	if (length) {
		netlink_add(&request, INET_DIAG_REQ_BYTECODE, code, length);
		listing->filtered = true;
		int bad = dump(listing, &request);
		listing->filtered = false;
		/* A kernel that is older than one of the conditions. */
		if (bad == 0 || errno != EINVAL)
			return bad;
		ask_inet(listing, family, &request);
	}
	return dump(listing, &request);
}

/* --- /proc/net, where sock_diag lacks the protocol --- */

static int proc_list(struct listing *listing, int family)
{
	static const char *const names[] = { "tcp", "udp", "raw" };
	char path[64];
	struct buf text = BUF_INIT(PROC_MAX);
	snprintf(path, sizeof path, "/proc/thread-self/net/%s%s", names[listing->kind],
		 family == AF_INET6 ? "6" : "");
	int bad = file_read(path, &text);
	if (bad < 0 && errno == ENOENT && family == AF_INET6)
		bad = 0; /* no IPv6 in this kernel */
	listing->report.changed |= text.overflow;
	for (char *line = (char *)buf_text(&text), *end; bad == 0 && *line && !listing->stopped; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		struct socket_entry entry;
		if (sockets_read_proc(line, listing->kind, family, &entry))
			on_entry(listing, &entry);
	}
	buf_release(&text);
	return bad;
}

static int inet_list(struct listing *listing)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int wanted = listing->query->family;
	if (listing->kind == SOCKET_TCP && wanted == AF_UNSPEC) {
		if (dump_inet(listing, AF_UNSPEC) == 0)
			return 0;
		if (!is_missing(errno) && errno != EINVAL)
			return -1;
	}
	for (size_t i = 0; i < 2 && !listing->stopped; i++) {
		if (wanted != AF_UNSPEC && wanted != families[i])
			continue;
		if (dump_inet(listing, families[i]) == 0)
			continue;
		if (!is_missing(errno) || proc_list(listing, families[i]) < 0)
			return -1;
		listing->report.from_proc |= 1u << listing->kind;
	}
	return 0;
}

static int kind_list(struct listing *listing)
{
	struct netlink_request request;
	if (listing->kind <= SOCKET_RAW)
		return inet_list(listing);
	if (listing->kind == SOCKET_UNIX)
		ask_unix(listing, &request);
	else
		ask_packet(&request);
	return dump(listing, &request);
}

static int list_once(struct listing *listing)
{
	for (int kind = 0; kind < SOCKET_KINDS && !listing->stopped; kind++) {
		listing->kind = (enum socket_kind)kind;
		if (!(listing->query->kinds & 1u << kind) || !listing->query->states[kind] ||
		    kind_list(listing) == 0)
			continue;
		if (!is_missing(errno))
			return refused(listing, errno);
		listing->report.missing |= 1u << kind;
	}
	return 0;
}

int sockets_list(const struct sockets_query *query, sockets_fn *fn, sockets_again_fn *again, void *arg,
		 struct sockets_report *report, struct error *err)
{
	struct listing listing = { .query = query, .fn = fn, .arg = arg };
	struct error quiet = ERROR_INIT;
	listing.netlink = netlink_open(NETLINK_SOCK_DIAG, err);
	if (!listing.netlink)
		return -1;
	int bad = 0;
	for (int tries = 0; tries < TRIES; tries++) {
		listing.report = (struct sockets_report){ .changed = false };
		error_clear(&quiet);
		listing.err = &quiet;
		listing.stopped = false;
		bad = list_once(&listing);
		bool disturbed = bad < 0 ? strcmp(quiet.code, "ENOBUFS") == 0 : listing.report.changed;
		if (!again || !disturbed || tries + 1 == TRIES)
			break;
		again(arg);
	}
	netlink_close(listing.netlink);
	if (bad < 0 && err)
		*err = quiet;
	if (report)
		*report = listing.report;
	return bad;
}

void socket_entry_copy(struct socket_entry *out, const struct socket_entry *entry)
{
	*out = *entry;
	out->congestion = out->path = NULL;
	out->tcp_info = NULL;
	out->congestion_length = out->path_length = out->tcp_info_length = 0;
}

void socket_list_add(struct socket_list *list, const struct socket_entry *entry)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? 2 * list->capacity : 64;
		list->items = mem_resize(list->items, list->capacity, sizeof *list->items);
	}
	socket_entry_copy(&list->items[list->count++], entry);
}

int sockets_kill(const struct socket_entry *entry, struct error *err)
{
	enum { DESTROY = 21 /* SOCK_DESTROY */ };
	char peer[ADDR_TEXT_MAX];
	struct netlink *netlink = netlink_open(NETLINK_SOCK_DIAG, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	struct inet_diag_req_v2 *header = netlink_begin(&request, DESTROY, NLM_F_ACK, sizeof *header);
	header->sdiag_family = entry->family;
	header->sdiag_protocol = (uint8_t)protocol_of(entry->kind);
	header->idiag_states = 1u << entry->state;
	memcpy(header->id.idiag_src, entry->local.bytes, sizeof header->id.idiag_src);
	memcpy(header->id.idiag_dst, entry->peer.bytes, sizeof header->id.idiag_dst);
	header->id.idiag_sport = htons(entry->local.port);
	header->id.idiag_dport = htons(entry->peer.port);
	header->id.idiag_if = entry->interface;
	header->id.idiag_cookie[0] = (uint32_t)entry->cookie;
	header->id.idiag_cookie[1] = (uint32_t)(entry->cookie >> 32);
	int bad = netlink_ask(netlink, &request, NULL, NULL, NULL);
	if (bad < 0) {
		int errnum = errno;
		addr_format_port(&entry->peer, peer);
		if (errnum == EOPNOTSUPP)
			error_errno(err, errnum, "a kernel with CONFIG_INET_DIAG_DESTROY can",
				    "this kernel does not end sockets from outside");
		else
			privilege_error(err, errnum, "cap_net_admin", "the socket to %s was not ended", peer);
	}
	netlink_close(netlink);
	return bad;
}
