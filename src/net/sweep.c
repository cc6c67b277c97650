/* Life of a sweep, and its sockets: raw ICMP, or ping sockets without the privilege, one of each family that is needed. */
#include "ntsh/sweep.h"

#include "base/mem.h"
#include "net/sweep_core.h"
#include "sys/batch.h"
#include "sys/socket.h"
#include "wire/bytes.h"
#include "wire/icmp.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	MARK = 12,
	SIZE_MAX_BYTES = 1400,
	RECEIVE_BYTES = 16 << 20,
	REPORTERS_MAX = 1024,
	BATCHES_AT_ONCE = 8
};

struct family {
	int family, fd; /* fd -1: not needed yet */
	bool raw, failed;
	int errnum;
};

struct sweep {
	struct loop *loop;
	struct sweep_request request;
	struct sweep_core core;
	void (*end)(void *arg);
	void *arg;
	struct loop_timer timer;
	struct family families[2];
	struct sys_batch *out, *in;
	uint64_t hosts[SYS_BATCH_MAX]; /* of the packets in out */
	uint32_t magic;
	uint16_t id;
	size_t size;
	char interface[IF_NAMESIZE];
	struct addr reporters[REPORTERS_MAX];
	size_t reporter_count;
	ns_t over;
	bool ended;
};

static void tick(struct loop *loop, struct loop_timer *timer, void *arg);

/* --- answers --- */

/* The host that a payload of ours names, UINT64_MAX for a stranger's. */
static uint64_t mark_host(const struct sweep *sweep, const uint8_t *payload, size_t length)
{
	struct bytes_reader reader = bytes_reader_of(payload, length);
	uint32_t magic = bytes_u32(&reader);
	uint64_t host = bytes_u32(&reader);
	return reader.short_ || magic != sweep->magic || host >= sweep->core.count ? UINT64_MAX : host;
}

static uint16_t reporter_number(struct sweep *sweep, const struct addr *addr)
{
	for (size_t i = 0; i < sweep->reporter_count; i++)
		if (addr_equal(&sweep->reporters[i], addr))
			return (uint16_t)i;
	size_t number = sweep->reporter_count < REPORTERS_MAX ? sweep->reporter_count++ : REPORTERS_MAX - 1;
	sweep->reporters[number] = *addr;
	return (uint16_t)number;
}

static void message_take(struct sweep *sweep, const struct icmp_message *message, const struct addr *from,
			 ns_t stamp, int hops)
{
	struct icmp_quote quote;
	if (message->kind == ICMP_ECHO_ANSWERED) {
		uint64_t host = mark_host(sweep, message->payload, message->payload_length);
		if (host == UINT64_MAX)
			return;
		sweep_core_reply(&sweep->core, host, clock_mono(), stamp, hops);
	} else if (message->kind == ICMP_REPORT && icmp_quote_read(message, &quote)) {
		size_t length = quote.packet.payload_length;
		if (length < ICMP_HEADER_SIZE)
			return;
		uint64_t host =
		    mark_host(sweep, quote.packet.payload + ICMP_HEADER_SIZE, length - ICMP_HEADER_SIZE);
		if (host != UINT64_MAX)
			sweep_core_unreachable(&sweep->core, host, message->type, message->code,
					       reporter_number(sweep, from));
	}
}

static void item_take(struct sweep *sweep, const struct family *family, const struct sys_batch_item *item)
{
	const uint8_t *bytes = item->bytes;
	size_t length = item->length < SYS_BATCH_BYTES ? item->length : SYS_BATCH_BYTES;
	struct ip_packet packet = { .hops = 0 };
	struct icmp_message message;
	struct addr from = item->peer;
	int hops = item->hops;
	from.port = 0;
	if (family->raw && family->family == AF_INET) {
		if (!ip_read(bytes, length, &packet))
			return;
		bytes = packet.payload;
		length = packet.payload_length;
		hops = packet.hops;
	}
	if (icmp_read(family->family, bytes, length, &message))
		message_take(sweep, &message, &from, item->stamp, hops);
}

/* Ping sockets give ICMP errors by their error queue: what was sent comes back from the ICMP header on. */
static void errors_take(struct sweep *sweep, const struct family *family)
{
	uint8_t bytes[SYS_BATCH_BYTES];
	struct sys_socket_event event;
	struct icmp_message sent;
	for (int i = 0; i < SYS_BATCH_MAX && sys_socket_event_next(family->fd, bytes, sizeof bytes, &event);
	     i++) {
		if (event.kind != SYS_EVENT_ICMP || !icmp_read(family->family, bytes, event.length, &sent))
			continue;
		uint64_t host = mark_host(sweep, sent.payload, sent.payload_length);
		if (host != UINT64_MAX)
			sweep_core_unreachable(&sweep->core, host, event.icmp_type, event.icmp_code,
					       reporter_number(sweep, &event.offender));
	}
}

static void receive(struct sweep *sweep, const struct family *family)
{
	int got = SYS_BATCH_MAX;
	for (int n = 0; n < BATCHES_AT_ONCE && got == SYS_BATCH_MAX; n++) {
		got = sys_batch_receive(family->fd, sweep->in);
		for (int i = 0; i < got; i++)
			item_take(sweep, family, sys_batch_item(sweep->in, (size_t)i));
	}
}

static void ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct sweep *sweep = arg;
	const struct family *family = &sweep->families[sweep->families[0].fd != fd];
	if (events & EPOLLERR) {
		errors_take(sweep, family);
		(void)sys_socket_pending_error(fd);
	}
	receive(sweep, family);
	loop_timer_start(loop, &sweep->timer, 0, tick, sweep);
}

/* --- sockets --- */

static int family_socket(struct sweep *sweep, struct family *family, struct error *err)
{
	int protocol = family->family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	const char *interface = sweep->request.interface;
	family->raw = true;
	int fd = sys_socket_open(family->family, SOCK_RAW, protocol, interface, NULL);
	if (fd >= 0)
		return sys_raw_only_answers(fd, family->family), fd;
	family->raw = false;
	return sys_socket_open(family->family, SOCK_DGRAM, protocol, interface, err);
}

/* Opens it when its first host comes. Returns 0, or -1 with err. */
static int family_open(struct sweep *sweep, struct family *family, struct error *err)
{
	if (family->fd >= 0)
		return 0;
	int fd = family_socket(sweep, family, err);
	if (fd < 0) {
		family->failed = true;
		family->errnum = errno;
		return -1;
	}
	sys_socket_large_buffers(fd, RECEIVE_BYTES, 0);
	sys_socket_details(fd, family->family);
	(void)sys_socket_stamps(fd, SYS_STAMP_RX);
	if (sweep->request.hops)
		(void)sys_socket_hops(fd, family->family, sweep->request.hops);
	if (sweep->request.traffic_class)
		(void)sys_socket_traffic_class(fd, family->family, sweep->request.traffic_class);
	if (loop_watch(sweep->loop, fd, EPOLLIN, ready, sweep, err) < 0) {
		close(fd);
		return -1;
	}
	family->fd = fd;
	return 0;
}

/* --- sending --- */

static void packet_write(struct sweep *sweep, uint64_t host, int family, struct sys_batch_item *item)
{
	uint8_t *payload = item->bytes + ICMP_HEADER_SIZE;
	memset(payload, 0, sweep->size);
	bytes_put_u32(payload, sweep->magic);
	bytes_put_u32(payload + 4, (uint32_t)host);
	icmp_echo_build(family, sweep->id, (uint16_t)host, item->bytes, sweep->size);
	item->length = ICMP_HEADER_SIZE + sweep->size;
}

/* Gathers hosts of one family. Returns how many. *family: of the packets. */
static size_t gather(struct sweep *sweep, ns_t mono, struct family **family)
{
	size_t count = 0;
	while (count < SYS_BATCH_MAX) {
		uint64_t host = sweep_core_next(&sweep->core, mono);
		if (host == UINT64_MAX)
			break;
		struct target target = targets_get(sweep->request.targets, host);
		struct family *its = &sweep->families[target.addr.family == AF_INET6];
		if (its->failed || family_open(sweep, its, NULL) < 0) {
			sweep_core_refused(&sweep->core, host, its->errnum);
			continue;
		}
		struct sys_batch_item *item = sys_batch_item(sweep->out, count);
		item->peer = target.addr;
		packet_write(sweep, host, its->family, item);
		sweep->hosts[count++] = host;
		if (count > 1 && its != *family) {
			/* The other family: it leads the next batch. */
			sweep_core_postpone(&sweep->core, host, mono);
			return count - 1;
		}
		*family = its;
	}
	return count;
}

static bool is_passing(int errnum)
{
	return errnum == EAGAIN || errnum == ENOBUFS;
}

/* Returns false when the device takes no more for now. */
static bool batch_out(struct sweep *sweep, const struct family *family, size_t count)
{
	size_t from = 0;
	unsigned refusals = 0;
	while (from < count) {
		ns_t mono = clock_mono(), real = clock_real();
		int sent = sys_batch_send(family->fd, sweep->out, from, count);
		/* They left one after the other. */
		ns_t each = sent > 0 ? (clock_mono() - mono) / sent : 0;
		for (int i = 0; i < sent; i++)
			sweep_core_sent(&sweep->core, sweep->hosts[from + (size_t)i], mono + each * i,
					real + each * i);
		if (sent > 0) {
			from += (size_t)sent;
			refusals = 0;
			continue;
		}
		int errnum = errno;
		if (is_passing(errnum)) {
			for (; from < count; from++)
				sweep_core_postpone(&sweep->core, sweep->hosts[from], mono);
			return false;
		}
		/* An ICMP error of an earlier packet may be reported first. */
		(void)sys_socket_pending_error(family->fd);
		if (refusals++ == 0)
			continue;
		sweep_core_refused(&sweep->core, sweep->hosts[from++], errnum);
		refusals = 0;
	}
	return true;
}

static void send_due(struct sweep *sweep)
{
	struct family *family = NULL;
	for (size_t count; (count = gather(sweep, clock_mono(), &family)) > 0;) {
		bool more = batch_out(sweep, family, count);
		receive(sweep, family);
		if (!more)
			return;
	}
}

static void tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct sweep *sweep = arg;
	send_due(sweep);
	ns_t mono = clock_mono();
	if (sweep_core_settle(&sweep->core, mono)) {
		sweep->ended = true;
		sweep->over = mono;
		loop_timer_stop(loop, timer);
		for (size_t i = 0; i < 2; i++)
			if (sweep->families[i].fd >= 0)
				loop_unwatch(loop, sweep->families[i].fd);
		sweep->end(sweep->arg);
		return;
	}
	loop_timer_start(loop, timer, sweep_core_wake(&sweep->core, mono), tick, sweep);
}

/* --- life --- */

static int first_socket(struct sweep *sweep, struct error *err)
{
	struct target target = targets_get(sweep->request.targets, 0);
	return family_open(sweep, &sweep->families[target.addr.family == AF_INET6], err);
}

struct sweep *sweep_start(struct loop *loop, const struct sweep_request *request, void (*end)(void *arg),
			  void *arg, struct error *err)
{
	uint64_t count = targets_count(request->targets);
	if (count > SWEEP_HOSTS_MAX) {
		error_set(err, STATUS_USAGE, "EUSAGE", "take smaller prefixes",
			  "%llu hosts are too many at once (%d)", (unsigned long long)count, SWEEP_HOSTS_MAX);
		return NULL;
	}
	struct sweep *sweep = NEW(struct sweep);
	sweep->loop = loop;
	sweep->request = *request;
	sweep->end = end;
	sweep->arg = arg;
	sweep->families[0] = (struct family){ .family = AF_INET, .fd = -1 };
	sweep->families[1] = (struct family){ .family = AF_INET6, .fd = -1 };
	sweep->out = sys_batch_new();
	sweep->in = sys_batch_new();
	sweep->size = request->size < MARK             ? MARK
		      : request->size > SIZE_MAX_BYTES ? SIZE_MAX_BYTES
						       : request->size;
	if (request->interface) {
		snprintf(sweep->interface, sizeof sweep->interface, "%s", request->interface);
		sweep->request.interface = sweep->interface;
	}
	if (getrandom(&sweep->magic, sizeof sweep->magic, GRND_NONBLOCK) < 0)
		sweep->magic = (uint32_t)clock_mono();
	sweep->id = (uint16_t)sweep->magic;
	(void)sys_stamps_prepare();
	sweep_core_init(&sweep->core, &sweep->request, count, clock_mono());
	if (first_socket(sweep, err) < 0) {
		sweep_free(sweep);
		return NULL;
	}
	loop_timer_start(loop, &sweep->timer, 0, tick, sweep);
	return sweep;
}

const struct sweep_report *sweep_report(struct sweep *sweep)
{
	struct sweep_report *report = &sweep->core.sums;
	report->raw = sweep->families[0].fd >= 0 ? sweep->families[0].raw : sweep->families[1].raw;
	report->took = (sweep->ended ? sweep->over : clock_mono()) - sweep->core.began;
	return report;
}

const struct addr *sweep_reporter(const struct sweep *sweep, uint16_t number)
{
	return number < sweep->reporter_count ? &sweep->reporters[number] : NULL;
}

void sweep_free(struct sweep *sweep)
{
	if (!sweep)
		return;
	loop_timer_stop(sweep->loop, &sweep->timer);
	for (size_t i = 0; i < 2; i++)
		if (sweep->families[i].fd >= 0) {
			loop_unwatch(sweep->loop, sweep->families[i].fd);
			close(sweep->families[i].fd);
		}
	sys_batch_free(sweep->out);
	sys_batch_free(sweep->in);
	sweep_core_release(&sweep->core);
	free(sweep);
}

const char *sweep_state_name(enum sweep_state state)
{
	static const char *const names[] = { "unknown", "alive", "silent", "unreachable", "refused" };
	return names[state];
}
