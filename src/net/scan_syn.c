/* SYN probes by raw sockets. The source port is held by a bound socket that does not listen, so that no program of this machine
 * gets it; the kernel answers each SYN-ACK with a RST, which also cleans up at the target. */
#include "base/mem.h"
#include "net/scan_engine.h"
#include "sys/socket.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	RECEIVE_BYTES = 16 << 20,
	SEND_BYTES = 256 << 20,
	/* a dead neighbour holds packets until its ARP fails (unres_qlen_bytes) */ HOPS = 64,
	ECHOES = 8,
	SOURCES = 4096,
	FULL_TRIES = 400
};
static const ns_t FULL_PAUSE = 10 * NS_PER_MS; /* times FULL_TRIES: ARP gives up after 3 s */

/* Our address towards a network (/24, /64): asking the kernel for each target would take longer than the scan. */
struct source {
	struct addr network, address;
};

struct family {
	int family, raw, icmp, holder;
	uint16_t port;
};

struct syn {
	struct family families[2]; /* IPv4, IPv6 */
	struct sys_batch *out, *in;
	uint64_t probes[SYS_BATCH_MAX];
	size_t waiting, out_family;
	unsigned full; /* how often in a row the device took nothing */
	struct source sources[SOURCES];
	uint16_t echo_id;
	ns_t echo_sent;
};

/* The same for all tries of a probe: to a half-open connection of the target a further SYN must be a repetition, or it resets it
 * (RFC 9293 3.10.7.4) and an open port looks closed. */
static uint32_t sequence_of(const struct scan *scan, uint64_t probe)
{
	/* splitmix64: what nobody on the way can guess without having seen a probe. */
	uint64_t x = scan->secret + probe * 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(x ^ x >> 31);
}

/* --- sources --- */

static struct addr source_ask(struct scan *scan, const struct addr *target)
{
	struct addr source = { .family = AF_UNSPEC }, peer = *target;
	peer.port = 9;
	int fd = sys_socket_open(target->family, SOCK_DGRAM, 0, scan->request.interface, NULL);
	if (fd < 0)
		return source;
	if (sys_socket_connect(fd, &peer) == 0)
		source = sys_socket_local(fd);
	int errnum = errno;
	close(fd);
	errno = errnum;
	return source;
}

static const struct addr *source_of(struct scan *scan, const struct addr *target)
{
	struct syn *syn = scan->state;
	struct addr network = *target;
	network.port = 0;
	size_t kept = target->family == AF_INET ? 3 : 8;
	memset(network.bytes + kept, 0, sizeof network.bytes - kept);
	uint32_t hash = network.zone;
	for (size_t i = 0; i < kept; i++)
		hash = (hash ^ network.bytes[i]) * 16777619u;
	struct source *source = &syn->sources[hash % SOURCES];
	if (source->address.family == AF_UNSPEC || !addr_equal(&source->network, &network)) {
		source->network = network;
		source->address = source_ask(scan, target);
	}
	return &source->address;
}

/* --- sending --- */

static void syn_flush(struct scan *scan)
{
	struct syn *syn = scan->state;
	int fd = syn->families[syn->out_family].raw;
	for (size_t at = 0; at < syn->waiting;) {
		int sent = sys_batch_send(fd, syn->out, at, syn->waiting);
		/* A device's queue that is full, or a buffer that dead neighbours hold, empties by itself. */
		bool full = sent < 0 && (errno == ENOBUFS || errno == EAGAIN);
		syn->full = full ? syn->full + 1 : 0;
		if (full && syn->full < FULL_TRIES) {
			scan_core_unsent(&scan->core, syn->probes + at, syn->waiting - at,
					 clock_mono() + FULL_PAUSE);
			break;
		}
		if (sent < 0)
			scan_core_refused(&scan->core, syn->probes[at], errno);
		at += sent < 0 ? 1 : (size_t)sent;
	}
	syn->waiting = 0;
}

static void syn_send(struct scan *scan, uint64_t probe, ns_t now)
{
	struct syn *syn = scan->state;
	struct addr target = scan_target(scan, probe);
	size_t which = target.family == AF_INET6;
	if (syn->waiting && which != syn->out_family)
		syn_flush(scan);
	syn->out_family = which;
	const struct addr *known = source_of(scan, &target);
	if (known->family == AF_UNSPEC || syn->families[which].raw < 0) {
		scan_core_refused(&scan->core, probe, ENETUNREACH);
		return;
	}
	struct addr source = *known;
	source.port = syn->families[which].port;
	struct sys_batch_item *item = sys_batch_item(syn->out, syn->waiting);
	size_t header = ip_header_build(&source, &target, IPPROTO_TCP, HOPS, TCP_SYN_SIZE, item->bytes);
	scan_core_sent(&scan->core, probe, now);
	tcp_syn_build(&source, &target, sequence_of(scan, probe), item->bytes + header);
	item->length = header + TCP_SYN_SIZE;
	item->peer = target;
	item->peer.port = 0;
	syn->probes[syn->waiting++] = probe;
}

/* --- receiving --- */

static void take_segment(struct scan *scan, const struct addr *from, int hops, const uint8_t *bytes,
			 size_t length)
{
	struct tcp_segment segment;
	uint64_t probe;
	if (!tcp_segment_read(bytes, length, &segment) || !scan_find(scan, from, segment.source_port, &probe))
		return;
	if (!(segment.flags & TCP_FLAG_ACK) || segment.acknowledgment - 1 != sequence_of(scan, probe))
		return;
	struct scan_outcome outcome = { .state = SCAN_CLOSED, .reason = SCAN_RESET };
	if (!(segment.flags & (TCP_FLAG_RST | TCP_FLAG_SYN)))
		return;
	if (!(segment.flags & TCP_FLAG_RST)) {
		struct scan_finger finger = { .ttl = hops, .window = segment.window, .mss = segment.mss };
		memcpy(finger.options, segment.options, sizeof finger.options);
		scan_finger_add(scan, probe, &finger);
		outcome = (struct scan_outcome){ .state = SCAN_OPEN, .reason = SCAN_SYN_ACK };
	}
	scan_core_answer(&scan->core, probe, &outcome, clock_mono());
}

static void take_raw(struct scan *scan, int family, const struct sys_batch_item *item)
{
	struct addr from = item->peer;
	from.port = 0;
	if (family == AF_INET6) {
		take_segment(scan, &from, item->hops, item->bytes, item->length);
		return;
	}
	struct ip_packet packet;
	if (ip_read(item->bytes, item->length, &packet) && packet.protocol == IPPROTO_TCP &&
	    !packet.fragment_offset)
		take_segment(scan, &packet.source, packet.hops, packet.payload, packet.payload_length);
}

static void take_icmp(struct scan *scan, int family, const struct sys_batch_item *item)
{
	struct syn *syn = scan->state;
	struct ip_packet packet = { .payload = item->bytes, .payload_length = item->length };
	struct icmp_message message;
	struct icmp_quote quote;
	uint64_t probe;
	if (family == AF_INET && (!ip_read(item->bytes, item->length, &packet) || packet.fragment_offset))
		return;
	if (!icmp_read(family, packet.payload, packet.payload_length, &message))
		return;
	if (message.kind == ICMP_ECHO_ANSWERED && message.id == syn->echo_id && scan->core.srtt == NS_NONE)
		scan_core_rtt(&scan->core, clock_mono() - syn->echo_sent);
	if (!icmp_quote_read(&message, &quote) || quote.packet.protocol != IPPROTO_TCP ||
	    quote.source_port != syn->families[family == AF_INET6].port ||
	    !scan_find(scan, &quote.packet.destination, quote.destination_port, &probe))
		return;
	struct addr from = item->peer;
	from.port = 0;
	if (quote.tcp_sequence == sequence_of(scan, probe))
		scan_icmp(scan, probe, message.type, message.code, &from);
}

static void syn_drain(struct scan *scan)
{
	struct syn *syn = scan->state;
	int count;
	for (size_t i = 0; i < 2; i++) {
		struct family *family = &syn->families[i];
		while (family->raw >= 0 && (count = sys_batch_receive(family->raw, syn->in)) > 0)
			for (int k = 0; k < count; k++)
				take_raw(scan, family->family, sys_batch_item(syn->in, (size_t)k));
		while (family->icmp >= 0 && (count = sys_batch_receive(family->icmp, syn->in)) > 0)
			for (int k = 0; k < count; k++)
				take_icmp(scan, family->family, sys_batch_item(syn->in, (size_t)k));
	}
}

static void on_arrival(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	struct scan *scan = arg;
	syn_drain(scan);
	if (!scan->core.silent)
		scan_wake(scan);
}

/* --- opening --- */

static int family_open(struct scan *scan, struct family *family, struct error *err)
{
	const char *interface = scan->request.interface;
	struct addr any = { .family = (sa_family_t)family->family };
	int icmp = family->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	family->raw = sys_socket_open(family->family, SOCK_RAW, IPPROTO_TCP, interface, err);
	if (family->raw < 0)
		return -1;
	family->icmp = sys_socket_open(family->family, SOCK_RAW, icmp, interface, err);
	family->holder = sys_socket_open(family->family, SOCK_STREAM, IPPROTO_TCP, interface, err);
	if (family->icmp < 0 || family->holder < 0 || sys_socket_bind(family->holder, &any, err) < 0)
		return -1;
	family->port = sys_socket_local(family->holder).port;
	if (sys_raw_own_header(family->raw, family->family) < 0 ||
	    sys_raw_only_port(family->raw, family->family, family->port) < 0 ||
	    sys_raw_only_answers(family->icmp, family->family) < 0)
		return error_errno(err, errno, NULL, "a raw socket cannot be set up");
	sys_socket_large_buffers(family->raw, RECEIVE_BYTES, SEND_BYTES);
	sys_socket_large_buffers(family->icmp, RECEIVE_BYTES, 0);
	if (loop_watch(scan->loop, family->raw, EPOLLIN, on_arrival, scan, err) < 0)
		return -1;
	return loop_watch(scan->loop, family->icmp, EPOLLIN, on_arrival, scan, err);
}

/* How far is it? Hosts that drop every probe often answer an echo. */
static void echoes_send(struct scan *scan)
{
	struct syn *syn = scan->state;
	syn->echo_id = (uint16_t)scan->secret;
	syn->echo_sent = clock_mono();
	for (uint64_t host = 0; host < scan->core.hosts && host < ECHOES; host++) {
		uint8_t message[ICMP_HEADER_SIZE + 8] = { 0 };
		struct addr addr = targets_get(scan->request.targets, host).addr;
		const struct family *family = &syn->families[addr.family == AF_INET6];
		icmp_echo_build(addr.family, syn->echo_id, (uint16_t)host, message, 8);
		if (family->icmp >= 0)
			(void)sys_socket_send(family->icmp, message, sizeof message, &addr);
	}
}

static int syn_open(struct scan *scan, struct error *err)
{
	struct syn *syn = NEW(struct syn);
	scan->state = syn;
	syn->out = sys_batch_new();
	syn->in = sys_batch_new();
	for (size_t i = 0; i < 2; i++)
		syn->families[i] =
		    (struct family){ .family = i ? AF_INET6 : AF_INET, .raw = -1, .icmp = -1, .holder = -1 };
	for (size_t i = 0; i < 2; i++)
		if (targets_have(scan->request.targets, syn->families[i].family) &&
		    family_open(scan, &syn->families[i], err) < 0)
			return -1;
	echoes_send(scan);
	return 0;
}

static void descriptor_close(struct scan *scan, int fd)
{
	if (fd < 0)
		return;
	loop_unwatch(scan->loop, fd);
	close(fd);
}

static void syn_close(struct scan *scan)
{
	struct syn *syn = scan->state;
	if (!syn)
		return;
	int errnum = errno;
	for (size_t i = 0; i < 2; i++) {
		descriptor_close(scan, syn->families[i].raw);
		descriptor_close(scan, syn->families[i].icmp);
		descriptor_close(scan, syn->families[i].holder);
	}
	sys_batch_free(syn->out);
	sys_batch_free(syn->in);
	free(syn);
	scan->state = NULL;
	errno = errnum;
}

const struct scan_way scan_way_syn = { syn_open, syn_send, syn_flush, syn_drain, syn_close };
