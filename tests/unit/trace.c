/* The trace as a machine: what is asked when, what a hop is known to be, where the way ends; and where loss begins. */
#include "net/path_core.h"
#include "net/trace_core.h"
#include "ntsh/path_loss.h"
#include "wire/icmp_extensions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PATH = 5, SHOTS_MAX = 4096 };

/* A path of PATH hops; the last is the target. limits[h]: how many errors the router has left. */
struct world {
	struct trace_core core;
	ns_t now;
	unsigned length, limits[256], shots;
	bool silent_target, loops;
};

static struct addr router(unsigned hop)
{
	uint8_t bytes[4] = { 10, 0, (uint8_t)hop, 1 };
	return addr_from_bytes(AF_INET, bytes);
}

static void begin(struct world *world, unsigned queries, unsigned flows)
{
	*world = (struct world){ .now = NS_PER_S, .length = PATH };
	for (size_t i = 0; i < 256; i++)
		world->limits[i] = 6;
	struct trace_request request = { .first = 1, .max = 30, .queries = queries, .flows = flows };
	trace_core_init(&world->core, &request, world->now);
}

static void answer(struct world *world, const struct trace_shot *shot)
{
	unsigned hop = shot->hops > world->length ? world->length : shot->hops;
	bool target = shot->hops >= world->length && !world->loops;
	if (target && world->silent_target)
		return;
	if (world->loops && shot->hops > 3)
		hop = shot->hops % 2 ? 3 : 2;
	if (!world->limits[hop])
		return;
	world->limits[hop]--;
	struct trace_answer back = { .token = shot->token,
				     .flow = shot->flow,
				     .kind = target ? TRACE_REACHED : TRACE_EXPIRED,
				     .from = router(hop),
				     .reply_hops = 64 - (int)hop + 1,
				     .rtt = (ns_t)hop * NS_PER_MS };
	trace_core_answer(&world->core, &back, world->now);
}

/* Plays until all is known; answers come at once. Returns how long it took. */
static ns_t play(struct world *world)
{
	ns_t began = world->now;
	struct trace_shot shot;
	while (!trace_core_settle(&world->core, world->now)) {
		while (trace_core_next(&world->core, world->now, &shot)) {
			world->shots++;
			answer(world, &shot);
			assert_true(world->shots < SHOTS_MAX);
		}
		if (trace_core_settle(&world->core, world->now))
			break;
		ns_t wake = trace_core_wake(&world->core);
		assert_true(wake != NS_NEVER);
		if (wake > world->now)
			world->now = wake;
		/* A second refills every router by one. */
		if (world->now - began >= NS_PER_S)
			for (size_t i = 0; i < 256; i++)
				world->limits[i] += !world->limits[i];
	}
	return world->now - began;
}

static void all_answer(void **state)
{
	(void)state;
	struct world world;
	struct trace_report report;
	begin(&world, 3, 0);
	assert_true(play(&world) == 0);
	trace_core_report(&world.core, false, &report);
	assert_int_equal(report.end, TRACE_END_REACHED);
	assert_int_equal(report.end_hops, PATH);
	assert_int_equal(report.hop_count, PATH);
	for (unsigned h = 0; h < PATH; h++) {
		struct addr addr = router(h + 1);
		assert_true(addr_equal(&report.hops[h].routers[0].addr, &addr));
		assert_int_equal(report.hops[h].answered, 3);
	}
	trace_core_release(&world.core);
}

static void limits_are_no_holes(void **state)
{
	(void)state;
	struct world world;
	struct trace_report report;
	begin(&world, 3, 0);
	for (size_t i = 0; i < 256; i++)
		world.limits[i] = 0;
	ns_t took = play(&world);
	assert_true(took >= NS_PER_S && took < 3 * NS_PER_S / 2);
	trace_core_report(&world.core, false, &report);
	assert_int_equal(report.end, TRACE_END_REACHED);
	assert_int_equal(report.end_hops, PATH);
	for (unsigned h = 0; h < PATH; h++)
		assert_int_equal(report.hops[h].answered, 1);
	trace_core_release(&world.core);
}

static void silent_target(void **state)
{
	(void)state;
	struct world world;
	struct trace_report report;
	struct trace_finding findings[TRACE_FINDINGS_MAX];
	begin(&world, 3, 0);
	world.silent_target = true;
	assert_true(play(&world) < 3 * NS_PER_S / 2);
	trace_core_report(&world.core, false, &report);
	report.method = TRACE_UDP;
	report.target = router(99);
	assert_int_equal(report.end, TRACE_END_SILENT);
	assert_int_equal(report.hop_count, PATH - 1);
	assert_true(trace_judge(&report, NULL, findings, TRACE_FINDINGS_MAX) >= 1);
	assert_int_equal(findings[0].kind, TRACE_FOUND_END);
	assert_int_equal(findings[0].hops, PATH - 1);
	assert_true(findings[0].fault);
	trace_core_release(&world.core);
}

static void loop_is_found(void **state)
{
	(void)state;
	struct world world;
	struct trace_report report;
	begin(&world, 3, 0);
	world.loops = true;
	world.length = 30;
	play(&world);
	trace_core_report(&world.core, false, &report);
	assert_int_equal(report.end, TRACE_END_LOOP);
	assert_int_equal(report.end_hops, 2);
	assert_int_equal(report.loop_length, 2);
	trace_core_release(&world.core);
}

static void answers_from_nowhere(void **state)
{
	(void)state;
	struct world world;
	begin(&world, 3, 0);
	struct trace_answer stray = { .token = 777, .kind = TRACE_EXPIRED, .from = router(1) };
	assert_null(trace_core_answer(&world.core, &stray, world.now));
	stray.token = 0;
	assert_null(trace_core_answer(&world.core, &stray, world.now));
	assert_true(world.core.split);
	trace_core_release(&world.core);
}

/* --- where loss begins --- */

static void loss_begins(void **state)
{
	(void)state;
	struct path_loss loss;
	struct path_count clean[] = { { 100, 100 }, { 100, 100 }, { 100, 100 } };
	path_loss_find(clean, 3, &loss);
	assert_false(loss.found);
	struct path_count lossy[] = { { 100, 100 }, { 100, 100 }, { 100, 95 }, { 100, 96 }, { 100, 94 } };
	path_loss_find(lossy, 5, &loss);
	assert_true(loss.found && !loss.blind);
	assert_int_equal(loss.begin, 2);
	assert_int_equal(loss.before, 1);
	assert_true(loss.percent > 4 && loss.percent < 6);
	/* One lost probe of 500 is chance. */
	struct path_count chance[] = { { 100, 100 }, { 100, 99 }, { 100, 100 }, { 100, 100 }, { 100, 100 } };
	path_loss_find(chance, 5, &loss);
	assert_false(loss.found);
}

static void decoys_are_not_blamed(void **state)
{
	(void)state;
	struct path_loss loss;
	struct path_count decoy[] = { { 100, 100 }, { 100, 6 }, { 100, 0 }, { 100, 100 }, { 100, 100 } };
	path_loss_find(decoy, 5, &loss);
	assert_false(loss.found);
	assert_true(loss.limits[1]);
	assert_true(loss.silent[2]);
	struct path_count both[] = { { 100, 100 }, { 100, 30 }, { 100, 100 },
				     { 100, 96 },  { 100, 50 }, { 100, 95 } };
	path_loss_find(both, 6, &loss);
	assert_true(loss.found);
	assert_int_equal(loss.begin, 3);
	assert_true(loss.limits[1] && loss.limits[4] && !loss.limits[3]);
	/* All routers limit, the target loses: it is not known where. */
	struct path_count blind[] = { { 100, 16 }, { 100, 16 }, { 100, 90 } };
	path_loss_find(blind, 3, &loss);
	assert_true(loss.found && loss.blind);
}

/* --- watching --- */

/* Plays rounds over PATH hops; each router has tokens (one more each second), the link before hop lossy drops a third of the probes. */
struct watch {
	struct path_core core;
	ns_t now;
	double tokens[PATH + 1];
	unsigned lossy, count, turns;
	bool limited;
};

static void watch_play(struct watch *watch, uint64_t rounds)
{
	struct path_request request = { .max = 30, .count = rounds, .interval = 100 * NS_PER_MS };
	struct path_shot shot;
	watch->now = NS_PER_S;
	path_core_init(&watch->core, &request, watch->now);
	for (size_t h = 0; h <= PATH; h++)
		watch->tokens[h] = 6;
	while (!path_core_settle(&watch->core, watch->now)) {
		while (path_core_next(&watch->core, watch->now, &shot)) {
			unsigned hop = shot.hops > PATH ? PATH : shot.hops;
			bool target = hop == PATH;
			if (watch->lossy && hop >= watch->lossy &&
			    (watch->count = watch->count * 1103515245u + 12345u) >> 16 & 1 &&
			    watch->count >> 17 & 1)
				continue;
			if (!target && watch->limited && watch->tokens[hop] < 1)
				continue;
			watch->tokens[hop]--;
			struct trace_answer back = { .token = shot.token,
						     .kind = target ? TRACE_REACHED : TRACE_EXPIRED,
						     .from = router(hop),
						     .rtt = (ns_t)hop * NS_PER_MS };
			path_core_answer(&watch->core, &back);
		}
		assert_true(++watch->turns < 20000); /* nothing spins */
		ns_t wake = path_core_wake(&watch->core), before = watch->now;
		assert_true(wake != NS_NEVER || path_core_settle(&watch->core, watch->now));
		watch->now = wake == NS_NEVER ? watch->now : wake > watch->now ? wake : watch->now + 1;
		for (size_t h = 0; h <= PATH; h++) {
			watch->tokens[h] += (double)(watch->now - before) / (double)NS_PER_S;
			watch->tokens[h] = watch->tokens[h] > 6 ? 6 : watch->tokens[h];
		}
	}
}

static void watching_counts(void **state)
{
	(void)state;
	struct watch watch = { .limited = false };
	struct path_report report = { .method = TRACE_ICMP };
	watch_play(&watch, 10);
	path_core_report(&watch.core, &report);
	assert_true(report.reached);
	assert_int_equal(report.hop_count, PATH);
	for (size_t h = 0; h < PATH; h++) {
		assert_int_equal(report.hops[h].sent, 10);
		assert_int_equal(report.hops[h].answered, 10);
	}
	assert_true(watch.now < 3 * NS_PER_S);
	path_core_release(&watch.core);
}

static void watching_is_not_deceived_by_limits(void **state)
{
	(void)state;
	struct watch watch = { .limited = true };
	struct path_report report = { .method = TRACE_ICMP };
	struct trace_finding findings[TRACE_FINDINGS_MAX];
	watch_play(&watch, 100);
	path_core_report(&watch.core, &report);
	report.target = router(PATH);
	size_t count = path_judge(&report, findings, TRACE_FINDINGS_MAX);
	for (size_t f = 0; f < count; f++)
		assert_true(findings[f].kind != TRACE_FOUND_LOSS);
	assert_true(report.hops[0].paced);
	assert_false(report.hops[PATH - 1].paced);
	path_core_release(&watch.core);
}

static void watching_pins_loss(void **state)
{
	(void)state;
	struct watch watch = { .lossy = 3 };
	struct path_report report = { .method = TRACE_ICMP };
	struct trace_finding findings[TRACE_FINDINGS_MAX];
	watch_play(&watch, 60);
	path_core_report(&watch.core, &report);
	report.target = router(PATH);
	assert_true(path_judge(&report, findings, TRACE_FINDINGS_MAX) >= 2);
	assert_int_equal(findings[1].kind, TRACE_FOUND_LOSS);
	assert_int_equal(findings[1].hops, 3);
	path_core_release(&watch.core);
}

/* --- extensions --- */

static void extensions(void **state)
{
	(void)state;
	static const uint8_t mpls[] = { 0x20, 0,    0,    0,    0,    12,   1,    1,
					0x05, 0xdc, 0x11, 0x01, 0x00, 0x01, 0x41, 0xff };
	struct icmp_extensions out;
	assert_true(icmp_extensions_read(mpls, sizeof mpls, &out));
	assert_int_equal(out.mpls_count, 2);
	assert_int_equal(out.mpls[0].label, 24001);
	assert_int_equal(out.mpls[0].ttl, 1);
	assert_true(out.mpls[0].bottom);
	assert_int_equal(out.mpls[1].label, 20);
	/* incoming interface: index, IPv4 address, name "eth0", MTU (RFC 5837) */
	static const uint8_t interface[] = { 0x20, 0,   0, 0, 0, 29, 2,   0x0f, 0,   0,   0, 7, 0, 1,   0,
					     0,    192, 0, 2, 9, 5,  'e', 't',  'h', '0', 0, 0, 5, 0xdc };
	uint8_t bytes[sizeof interface];
	memcpy(bytes, interface, sizeof interface);
	bytes[5] = 25;
	assert_true(icmp_extensions_read(bytes, sizeof bytes, &out));
	assert_int_equal(out.interface_count, 1);
	assert_int_equal(out.interfaces[0].index, 7);
	assert_string_equal(out.interfaces[0].name, "eth0");
	assert_int_equal(out.interfaces[0].mtu, 1500);
	assert_int_equal(out.interfaces[0].addr.bytes[3], 9);
	assert_false(icmp_extensions_read("\x10\0\0\0", 4, &out));
	static const uint8_t wrong[] = { 0x20, 0, 0x12, 0x34, 0, 8, 1, 1, 0, 0, 0, 0 };
	assert_false(icmp_extensions_read(wrong, sizeof wrong, &out));
	for (size_t cut = 0; cut < sizeof bytes; cut++)
		icmp_extensions_read(bytes, cut, &out);
}

static void ways_back(void **state)
{
	(void)state;
	assert_int_equal(trace_hops_back(64), 0);
	assert_int_equal(trace_hops_back(60), 4);
	assert_int_equal(trace_hops_back(250), 5);
	assert_int_equal(trace_hops_back(120), 8);
	assert_int_equal(trace_hops_back(-1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_answer),
		cmocka_unit_test(limits_are_no_holes),
		cmocka_unit_test(silent_target),
		cmocka_unit_test(loop_is_found),
		cmocka_unit_test(answers_from_nowhere),
		cmocka_unit_test(loss_begins),
		cmocka_unit_test(decoys_are_not_blamed),
		cmocka_unit_test(watching_counts),
		cmocka_unit_test(watching_is_not_deceived_by_limits),
		cmocka_unit_test(watching_pins_loss),
		cmocka_unit_test(extensions),
		cmocka_unit_test(ways_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
