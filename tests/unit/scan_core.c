/* A scan against a network of the test's own making: losses, delays, filters, limits - and a clock that it turns itself. */
#include "net/scan_core.h"
#include "wire/ip.h"
#include "wire/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS = 1 << 17 };

struct arrival {
	ns_t at;
	uint64_t probe;
	bool open;
};

struct net {
	struct scan_core core;
	ns_t now, rtt;
	unsigned loss_percent, seed;
	struct arrival *queue;
	size_t head, tail;
	bool (*alive)(uint64_t probe); /* NULL: all */
	bool (*open)(uint64_t probe);
};

static bool lost(struct net *net)
{
	net->seed ^= net->seed << 13;
	net->seed ^= net->seed >> 17;
	net->seed ^= net->seed << 5;
	return net->seed % 100 < net->loss_percent;
}

static void deliver(struct net *net, ns_t until)
{
	for (; net->head < net->tail && net->queue[net->head].at <= until; net->head++) {
		const struct arrival *arrival = &net->queue[net->head];
		struct scan_outcome outcome = { .state = arrival->open ? SCAN_OPEN : SCAN_CLOSED,
						.reason = arrival->open ? SCAN_SYN_ACK : SCAN_RESET };
		net->now = arrival->at > net->now ? arrival->at : net->now;
		scan_core_answer(&net->core, arrival->probe, &outcome, net->now);
	}
}

/* Returns how long the scan took. */
static ns_t play(struct net *net)
{
	ns_t began = net->now, when;
	uint64_t probe;
	enum scan_next next;
	while ((next = scan_core_next(&net->core, net->now, &probe, &when)) != SCAN_DONE) {
		if (next == SCAN_LATER) {
			assert_true(when != NS_NEVER);
			deliver(net, when);
			if (net->core.silent && when > net->now)
				net->now = when;
			continue;
		}
		net->now += 2 * NS_PER_US;
		scan_core_sent(&net->core, probe, net->now);
		if ((!net->alive || net->alive(probe)) && !lost(net) && !lost(net)) {
			assert_true(net->tail < EVENTS);
			net->queue[net->tail++] =
			    (struct arrival){ net->now + net->rtt, probe, net->open && net->open(probe) };
		}
		deliver(net, net->now);
	}
	return net->now - began;
}

static struct net *net_new(uint64_t hosts, uint32_t ports, double rate)
{
	struct net *net = calloc(1, sizeof *net);
	net->queue = calloc(EVENTS, sizeof *net->queue);
	net->now = 1000 * NS_PER_S;
	net->rtt = 20 * NS_PER_MS;
	net->seed = 1;
	scan_core_init(&net->core, hosts, ports, false, rate, net->now);
	return net;
}

static void net_free(struct net *net)
{
	scan_core_release(&net->core);
	free(net->queue);
	free(net);
}

static bool each_tenth(uint64_t probe)
{
	return probe % 10 == 0;
}

static bool none(uint64_t probe)
{
	(void)probe;
	return false;
}

static void all_answer(void **state)
{
	(void)state;
	struct net *net = net_new(1, 1000, 0);
	net->open = each_tenth;
	ns_t took = play(net);
	/* One round trip behind the last probe: nothing is waited for. */
	assert_true(took < 1000 * 2 * NS_PER_US + net->rtt + NS_PER_MS);
	assert_true(net->core.sent == 1000 && net->core.pass == 1 && net->core.silent == 0);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(scan_core_outcome(&net->core, i)->state, i % 10 ? SCAN_CLOSED : SCAN_OPEN);
	net_free(net);
}

static void losses_are_made_good(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 30; seed++) {
		struct net *net = net_new(1, 20000, 0);
		net->seed = seed * 2654435761u;
		net->loss_percent = 1;
		net->alive = net->open = each_tenth;
		play(net);
		for (uint64_t i = 0; i < 20000; i++)
			assert_int_equal(scan_core_outcome(&net->core, i)->state,
					 i % 10 ? SCAN_FILTERED : SCAN_OPEN);
		assert_true(net->core.recovered > 10);
		net_free(net);
	}
}

static void silence_ends_by_the_round_trips(void **state)
{
	(void)state;
	struct net *net = net_new(1, 500, 0);
	net->alive = none;
	scan_core_rtt(&net->core, 2 * NS_PER_MS);
	ns_t took = play(net);
	assert_true(net->core.sent == SCAN_PASSES * 500);
	assert_true(took < SCAN_PASSES * (SCAN_WAIT_MIN + 500 * 2 * NS_PER_US) + NS_PER_MS);
	net_free(net);
}

static void the_pace_is_kept(void **state)
{
	(void)state;
	struct net *net = net_new(4, 250, 1000);
	ns_t took = play(net);
	assert_true(took > 970 * NS_PER_MS && took < 1060 * NS_PER_MS);
	net_free(net);
}

static void heavy_losses_slow_it_down(void **state)
{
	(void)state;
	struct net *net = net_new(1, 5000, 10000);
	net->loss_percent = 20;
	play(net);
	assert_true(net->core.slowed && net->core.rate < 10000);
	assert_true(net->core.silent <= 5);
	net_free(net);
}

static void an_unreachable_host_is_left_alone(void **state)
{
	(void)state;
	struct scan_core core;
	struct scan_outcome error = {
		.state = SCAN_FILTERED, .reason = SCAN_ICMP, .icmp_type = 3, .icmp_code = 1
	};
	struct scan_outcome open = { .state = SCAN_OPEN, .reason = SCAN_SYN_ACK };
	error.from.family = AF_INET;
	scan_core_init(&core, 2, 50, false, 0, 0);
	for (uint64_t i = 0; i < 100; i++)
		scan_core_sent(&core, i, 1);
	scan_core_answer(&core, 0, &error, 2);
	assert_int_equal(core.silent, 99);
	scan_core_answer(&core, 2, &error, 2);
	assert_int_equal(core.silent, 50);
	assert_int_equal(scan_core_outcome(&core, 98)->reason, SCAN_ICMP);
	assert_int_equal(scan_core_outcome(&core, 99)->reason, SCAN_NO_RESPONSE);
	/* What the host says itself counts for more than what is said about it, and is never taken back. */
	scan_core_answer(&core, 4, &open, 3);
	scan_core_answer(&core, 4, &error, 3);
	assert_int_equal(scan_core_outcome(&core, 4)->state, SCAN_OPEN);
	scan_core_release(&core);
}

static void nothing_is_taken_for_an_answer_that_was_not_asked(void **state)
{
	(void)state;
	struct scan_core core;
	struct scan_outcome open = { .state = SCAN_OPEN, .reason = SCAN_SYN_ACK };
	scan_core_init(&core, 1, 5, false, 0, 0);
	scan_core_answer(&core, 3, &open, 3);
	assert_int_equal(core.silent, 5);
	scan_core_release(&core);
}

static void segments(void **state)
{
	(void)state;
	struct addr from, to;
	struct tcp_segment segment;
	struct ip_packet packet;
	uint8_t bytes[100];
	static const char *const pairs[][2] = { { "192.0.2.1", "192.0.2.2" },
						{ "2001:db8::1", "2001:db8::2" } };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(addr_parse(pairs[i][0], &from) | addr_parse(pairs[i][1], &to), 0);
		from.port = 40000;
		to.port = 443;
		size_t header = ip_header_build(&from, &to, 6, 64, TCP_SYN_SIZE, bytes);
		tcp_syn_build(&from, &to, 0x12345678, bytes + header);
		assert_true(ip_read(bytes, header + TCP_SYN_SIZE, &packet));
		assert_true(addr_equal(&packet.destination, &to) && packet.payload_length == TCP_SYN_SIZE);
		assert_true(packet.hops == 64 && packet.protocol == 6);
		assert_true(tcp_segment_read(packet.payload, packet.payload_length, &segment));
		assert_true(segment.flags == TCP_FLAG_SYN && segment.sequence == 0x12345678);
		assert_true(segment.source_port == 40000 && segment.destination_port == 443 &&
			    segment.mss == 1460);
		assert_string_equal(segment.options, "MSTNW");
		uint32_t sum = ip_checksum_pseudo(&from, &to, 6, TCP_SYN_SIZE);
		assert_int_equal(ip_checksum_fold(ip_checksum_add(sum, bytes + header, TCP_SYN_SIZE)), 0);
		if (i == 0)
			assert_int_equal(ip_checksum_fold(ip_checksum_add(0, bytes, header)), 0);
	}
	assert_false(tcp_segment_read(bytes, 19, &segment));
}

static void guesses(void **state)
{
	(void)state;
	struct scan_finger finger = { .ttl = 62, .window = 65160, .options = "MSTNW" };
	assert_string_equal(scan_guess(&finger), "Linux or Android");
	assert_int_equal(scan_hops(62), 2);
	finger = (struct scan_finger){ .ttl = 127, .options = "MNWNNS" };
	assert_string_equal(scan_guess(&finger), "Windows");
	finger = (struct scan_finger){ .ttl = -1 };
	assert_null(scan_guess(&finger));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_answer),
		cmocka_unit_test(losses_are_made_good),
		cmocka_unit_test(silence_ends_by_the_round_trips),
		cmocka_unit_test(the_pace_is_kept),
		cmocka_unit_test(heavy_losses_slow_it_down),
		cmocka_unit_test(an_unreachable_host_is_left_alone),
		cmocka_unit_test(nothing_is_taken_for_an_answer_that_was_not_asked),
		cmocka_unit_test(segments),
		cmocka_unit_test(guesses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
