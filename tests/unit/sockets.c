/* The kernel's sockets: this process' own, listed, described and counted; what a kernel did not give is left out. */
#include "base/groups.h"
#include "net/sockets/read.h"
#include "net/sockets/samples.h"
#include "net/tcp_info.h"
#include "ntsh/sockets_summary.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A listener with a connection of each side. */
static int listener, client, server;
static uint16_t port;

static int set_up(void **state)
{
	(void)state;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 3) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
	    connect(client, (struct sockaddr *)&address, length) < 0)
		return -1;
	server = accept(listener, NULL, NULL);
	port = ntohs(address.sin_port);
	return send(client, "unread", 6, 0) == 6 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	close(client);
	close(server);
	close(listener);
	return 0;
}

static uint32_t inode_of(int fd)
{
	struct stat stat;
	assert_int_equal(fstat(fd, &stat), 0);
	return (uint32_t)stat.st_ino;
}

struct seen {
	uint32_t wanted;
	unsigned count;
	struct socket_entry entry;
	struct tcp_stats stats;
	bool has_stats;
	char info[SOCKET_INFO_TEXT_MAX], reach[64];
};

static bool on_socket(const struct socket_entry *entry, void *arg)
{
	struct seen *seen = arg;
	if (entry->inode != seen->wanted)
		return true;
	seen->count++;
	seen->entry = *entry;
	seen->has_stats = socket_tcp_stats(entry, &seen->stats);
	socket_info_text(entry, false, seen->info);
	socket_reach_text(entry, seen->reach, sizeof seen->reach);
	return true;
}

static struct seen look(uint32_t inode, enum socket_kind kind, int family, const char *filter_text)
{
	struct seen seen = { .wanted = inode };
	struct sockets_query query = { .kinds = 1u << kind,
				       .family = family,
				       .want = SOCKETS_INFO | SOCKETS_MEMORY };
	query.states[kind] = STATES_ALL;
	struct socket_filter *filter = filter_text ? socket_filter_parse(&filter_text, 1, NULL) : NULL;
	query.filter = filter;
	assert_int_equal(sockets_list(&query, on_socket, NULL, &seen, NULL, NULL), 0);
	socket_filter_free(filter);
	return seen;
}

static void tcp(void **state)
{
	(void)state;
	char filter[64];
	struct seen seen = look(inode_of(listener), SOCKET_TCP, AF_UNSPEC, NULL);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.entry.state, SOCKET_LISTEN);
	assert_int_equal(seen.entry.local.port, port);
	assert_int_equal(seen.entry.send_queue, 3);
	assert_false(socket_accept_queue_full(&seen.entry));
	assert_string_equal(seen.reach, "this host only");
	assert_false(seen.has_stats);
	seen = look(inode_of(server), SOCKET_TCP, AF_INET, NULL);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.entry.state, SOCKET_ESTABLISHED);
	assert_int_equal(seen.entry.receive_queue, 6);
	assert_int_equal(seen.entry.uid, geteuid());
	assert_true(seen.has_stats);
	assert_true(seen.stats.bytes_received == 6);
	assert_non_null(strstr(seen.info, "received 6 B"));
	assert_true(seen.entry.has_memory && seen.entry.memory.rcvbuf > 0);
	assert_int_equal(look(inode_of(server), SOCKET_TCP, AF_INET6, NULL).count, 0);
	/* The kernel filters. */
	snprintf(filter, sizeof filter, "dport = :%u", port);
	assert_int_equal(look(inode_of(client), SOCKET_TCP, AF_UNSPEC, filter).count, 1);
	assert_int_equal(look(inode_of(server), SOCKET_TCP, AF_UNSPEC, filter).count, 0);
	snprintf(filter, sizeof filter, "autobound dport = :%u", port);
	assert_int_equal(look(inode_of(client), SOCKET_TCP, AF_INET, filter).count, 1);
}

static void others(void **state)
{
	(void)state;
	struct sockaddr_in address = { .sin_family = AF_INET };
	int udp = socket(AF_INET, SOCK_DGRAM, 0), pair[2];
	assert_int_equal(bind(udp, (struct sockaddr *)&address, sizeof address), 0);
	struct seen seen = look(inode_of(udp), SOCKET_UDP, AF_UNSPEC, NULL);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.entry.state, SOCKET_CLOSE);
	assert_string_equal(seen.reach, "anyone, by IPv4");
	close(udp);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	seen = look(inode_of(pair[0]), SOCKET_UNIX, AF_UNSPEC, NULL);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.entry.peer_inode, inode_of(pair[1]));
	assert_int_equal(seen.entry.type, SOCK_SEQPACKET);
	close(pair[0]);
	close(pair[1]);
}

/* Every length that a kernel of any age may give: what is not there is unknown, never zero. */
static void ages(void **state)
{
	(void)state;
	struct kernel_tcp_info info;
	const struct socket_info_field *fields;
	size_t count = socket_info_fields(&fields), known_before = 0;
	memset(&info, 1, sizeof info);
	info.busy_time = info.rwnd_limited = info.sndbuf_limited = 1;
	for (size_t length = 0; length <= sizeof info; length++) {
		struct socket_entry entry = { .kind = SOCKET_TCP,
					      .state = SOCKET_ESTABLISHED,
					      .tcp_info = &info,
					      .tcp_info_length = length };
		size_t known = 0;
		for (size_t i = 0; i < count; i++) {
			struct value value = socket_info_value(&entry, i);
			assert_true(socket_info_reaches(&entry, i) || value.kind == KIND_NONE);
			assert_true(value.kind == KIND_NONE || value.kind == fields[i].kind);
			known += value.kind != KIND_NONE;
		}
		assert_true(known >= known_before);
		known_before = known;
	}
	assert_int_equal(known_before, count);
}

static void proc_lines(void **state)
{
	(void)state;
	struct socket_entry entry;
	static const char line[] =
	    "   0: 0100007F:0016 0200000A:C001 01 00000010:00000007 02:000A 00000003  1000 "
	    "0 4242 1 0000";
	/* proc(5): tr and tm->when are joined by a colon. */
	assert_true(sockets_read_proc(line, SOCKET_TCP, AF_INET, &entry));
	assert_int_equal(entry.local.port, 22);
	assert_int_equal(entry.peer.port, 0xc001);
	assert_int_equal(entry.local.bytes[0], 127);
	assert_int_equal(entry.peer.bytes[0], 10);
	assert_int_equal(entry.send_queue, 16);
	assert_int_equal(entry.receive_queue, 7);
	assert_int_equal(entry.uid, 1000);
	assert_int_equal(entry.inode, 4242);
	for (size_t length = 0; length < 80; length++) {
		char cut[sizeof line];
		snprintf(cut, sizeof cut, "%.*s", (int)length, line);
		(void)sockets_read_proc(cut, SOCKET_RAW, AF_INET6, &entry);
	}
	assert_false(sockets_read_proc("  sl  local_address rem_address   st", SOCKET_RAW, AF_INET, &entry));
}

static void summary(void **state)
{
	(void)state;
	struct sockets_query query = { .kinds = 1 << SOCKET_TCP, .states = { [SOCKET_TCP] = STATES_ALL } };
	struct sockets_summary all;
	assert_int_equal(sockets_summarize(&query, true, &all, NULL), 0);
	assert_true(all.counts[SOCKET_TCP][SOCKET_LISTEN] >= 1);
	assert_true(all.counts[SOCKET_TCP][SOCKET_ESTABLISHED] >= 2);
	const struct socket_process *self = NULL;
	for (size_t i = 0; i < all.process_count; i++)
		if (all.processes[i].pid == (uint32_t)getpid())
			self = &all.processes[i];
	assert_non_null(self);
	assert_int_equal(self->total, 3);
	const struct socket_destination *destination = NULL;
	for (size_t i = 0; i < all.destination_count; i++)
		if (all.destinations[i].peer.port == port)
			destination = &all.destinations[i];
	assert_non_null(destination);
	assert_int_equal(destination->ports, 1);
	assert_true(sockets_summary_ports(&all) > 1000);
	sockets_summary_free(&all);
}

/* More keys than the table begins with, each found again. */
static void groups(void **state)
{
	(void)state;
	struct groups numbers = GROUPS_INIT(sizeof(uint64_t));
	bool is_new;
	assert_null(groups_get(&numbers, "x", 1));
	for (uint64_t round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 5000; i++) {
			uint64_t *record = groups_find(&numbers, &i, sizeof i, &is_new);
			assert_int_equal(is_new, round == 0);
			assert_true(round == 0 || *record == i + 1);
			*record = i + 1;
		}
	}
	uint64_t key = 77, none = 5000;
	assert_true(*(uint64_t *)groups_get(&numbers, &key, sizeof key) == 78);
	assert_null(groups_get(&numbers, &none, sizeof none));
	size_t count;
	uint64_t *array = groups_take(&numbers, NULL, &count);
	assert_int_equal(count, 5000);
	free(array);
	assert_null(groups_get(&numbers, &key, sizeof key));
	assert_null(groups_take(&numbers, NULL, &count));
}

/* Ten looks over a second at a connection that is always in the state given. */
static struct socket_watched watched_for(struct socket_sample sample, uint64_t busy, uint64_t rwnd,
					 uint64_t sndbuf)
{
	struct socket_watched watched = { .samples = 0 };
	struct socket_entry entry = { .kind = SOCKET_TCP };
	for (unsigned look = 0; look <= 10; look++) {
		sample.busy = busy * look / 10;
		sample.rwnd_limited = rwnd * look / 10;
		sample.sndbuf_limited = sndbuf * look / 10;
		watched_add(&watched, &entry, &sample, look * NS_PER_S / 10, look == 0);
	}
	watched_judge(&watched);
	double sum = 0;
	for (int i = 0; i < BLAMES; i++)
		sum += watched.shares[i];
	assert_true(sum > 0.999 && sum < 1.001);
	return watched;
}

static void blame(void **state)
{
	(void)state;
	struct socket_sample quiet = { .state = SOCKET_ESTABLISHED },
			     sending = { .send_queue = 5000, .notsent = 100 },
			     unread = { .receive_queue = 100, .bytes_received = 100 },
			     lossy = { .send_queue = 5000, .ca_state = 4, .retransmits = 2 };
	struct socket_watched watched = watched_for(quiet, 0, 0, 0);
	assert_int_equal(watched.holder, BLAME_IDLE);
	watched = watched_for(sending, 800000, 600000, 100000);
	assert_int_equal(watched.holder, BLAME_PEER);
	assert_true(watched.shares[BLAME_PEER] > 0.59 && watched.shares[BLAME_PEER] < 0.61);
	assert_true(watched.shares[BLAME_BUFFER] > 0.09 && watched.shares[BLAME_PATH] > 0.09);
	assert_true(watched.shares[BLAME_IDLE] > 0.19);
	assert_int_equal(watched_for(sending, 900000, 100000, 700000).holder, BLAME_BUFFER);
	assert_int_equal(watched_for(sending, 900000, 0, 0).holder, BLAME_PATH);
	assert_int_equal(watched_for(lossy, 900000, 0, 0).holder, BLAME_LOSS);
	assert_int_equal(watched_for(unread, 0, 0, 0).holder, BLAME_READER);
	/* ACKs on their way are nobody's fault; a closed window is the peer's, also when the kernel counts a time-out for it. */
	sending.notsent = 0;
	assert_int_equal(watched_for(sending, 900000, 0, 0).holder, BLAME_IDLE);
	lossy.has_window = true;
	assert_int_equal(watched_for(lossy, 900000, 0, 0).holder, BLAME_PEER);
	/* A counter that stands still in a connection that was busy once. */
	quiet.busy = 5000000;
	assert_int_equal(watched_for(quiet, 0, 0, 0).holder, BLAME_IDLE);
	/* Data that comes and is read, look after look, is not unread. */
	watched = (struct socket_watched){ .samples = 0 };
	struct socket_entry entry = { .kind = SOCKET_TCP };
	for (unsigned look = 0; look <= 10; look++) {
		unread.bytes_received += 50;
		watched_add(&watched, &entry, &unread, look * NS_PER_S / 10, look == 0);
	}
	watched_judge(&watched);
	assert_int_equal(watched.unread, 0);
	assert_int_equal(watched.holder, BLAME_IDLE);
}

/* One look at a connection with so many segments in and out, the last of each so long ago. */
static void look_at(struct socket_watched *watched, uint32_t in, uint32_t out, uint32_t received_ms,
		    uint32_t sent_ms)
{
	struct socket_sample sample = { .state = SOCKET_ESTABLISHED,
					.data_segs_in = in,
					.data_segs_out = out,
					.last_received_ms = received_ms,
					.last_sent_ms = sent_ms };
	struct socket_entry entry = { .kind = SOCKET_TCP };
	watched_add(watched, &entry, &sample, watched->samples * 100 * NS_PER_MS, watched->samples == 0);
}

static void answers(void **state)
{
	(void)state;
	struct socket_watched slow = { .samples = 0 }, last_word = { .samples = 0 }, hangs = { .samples = 0 };
	/* A request, 400 ms of thinking, the answer and at once the next request. */
	look_at(&slow, 1, 0, 300, 300);
	look_at(&slow, 1, 0, 400, 400);
	look_at(&slow, 2, 1, 20, 30);
	assert_int_equal(slow.answers, 1);
	assert_true(slow.think == 400 * NS_PER_MS && slow.pending == 20 * NS_PER_MS);
	/* The client had the last word ten seconds ago; now it asks and is answered within a look. */
	look_at(&last_word, 5, 3, 10000, 10050);
	look_at(&last_word, 6, 4, 40, 30);
	look_at(&last_word, 7, 4, 10, 30);
	assert_int_equal(last_word.answers, 0);
	/* Nothing is answered, ever. */
	for (unsigned i = 0; i < 5; i++)
		look_at(&hangs, 1, 0, 100 * i, 100 * i);
	assert_int_equal(hangs.answers, 0);
	assert_true(hangs.pending == 400 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tcp),     cmocka_unit_test(others),
					    cmocka_unit_test(ages),    cmocka_unit_test(proc_lines),
					    cmocka_unit_test(summary), cmocka_unit_test(groups),
					    cmocka_unit_test(blame),   cmocka_unit_test(answers) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
