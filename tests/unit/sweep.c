/* A sweep as a machine: everybody is asked once, the silent ones once more, and then it is over. */
#include "net/sweep_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HOSTS = 100 };

struct world {
	struct sweep_core core;
	ns_t now;
	unsigned asked[HOSTS];
	unsigned sends, turns;
};

/* Every silence-th host is silent (0: none); lost: the first probe of the others is lost. */
static void play(struct world *world, uint64_t rounds, unsigned silence, bool lost)
{
	struct sweep_request request = { .rounds = rounds, .interval = 100 * NS_PER_MS };
	*world = (struct world){ .now = NS_PER_S };
	sweep_core_init(&world->core, &request, HOSTS, world->now);
	while (!sweep_core_settle(&world->core, world->now)) {
		for (uint64_t host; (host = sweep_core_next(&world->core, world->now)) != UINT64_MAX;) {
			world->sends++;
			sweep_core_sent(&world->core, host, world->now, world->now);
			bool first = world->asked[host]++ == 0;
			if ((silence && host % silence == 0) || (lost && first))
				continue;
			sweep_core_reply(&world->core, host, world->now + NS_PER_MS, world->now + NS_PER_MS,
					 64);
		}
		if (sweep_core_settle(&world->core, world->now))
			break;
		ns_t wake = sweep_core_wake(&world->core, world->now);
		assert_true(wake != NS_NEVER);
		assert_true(++world->turns < 10000); /* nothing spins */
		world->now = wake > world->now ? wake : world->now + 1;
	}
}

static void all_alive(void **state)
{
	(void)state;
	struct world world;
	play(&world, 0, 0, false);
	assert_int_equal(world.core.sums.alive, HOSTS);
	assert_int_equal(world.sends, HOSTS);
	assert_true(world.now == NS_PER_S);
	assert_true(world.core.hosts[7].best == NS_PER_MS);
	sweep_core_release(&world.core);
}

static void silent_ones_are_asked_twice(void **state)
{
	(void)state;
	struct world world;
	play(&world, 0, 4, false);
	assert_int_equal(world.core.sums.alive, HOSTS - HOSTS / 4);
	assert_int_equal(world.core.sums.silent, HOSTS / 4);
	assert_int_equal(world.sends, HOSTS + HOSTS / 4);
	assert_true(world.now - NS_PER_S < 300 * NS_PER_MS);
	sweep_core_release(&world.core);
}

static void a_lost_probe_is_no_dead_host(void **state)
{
	(void)state;
	struct world world;
	play(&world, 0, 0, true);
	assert_int_equal(world.core.sums.alive, HOSTS);
	sweep_core_release(&world.core);
}

static void rounds_count(void **state)
{
	(void)state;
	struct world world;
	play(&world, 5, 10, true);
	assert_int_equal(world.core.hosts[1].sent, 5);
	assert_int_equal(world.core.hosts[1].answered, 4);
	assert_int_equal(world.core.hosts[1].lost, 1);
	assert_int_equal(world.core.hosts[10].lost, 5);
	assert_int_equal(world.core.sums.silent, HOSTS / 10);
	sweep_core_release(&world.core);
}

static void errors_and_strangers(void **state)
{
	(void)state;
	struct world world = { .now = NS_PER_S };
	struct sweep_request request = { .rounds = 0 };
	sweep_core_init(&world.core, &request, HOSTS, world.now);
	sweep_core_reply(&world.core, 5, world.now, NS_NONE, 64); /* nobody asked it */
	assert_int_equal(world.core.sums.alive, 0);
	uint64_t host = sweep_core_next(&world.core, world.now);
	sweep_core_sent(&world.core, host, world.now, world.now);
	sweep_core_unreachable(&world.core, host, 3, 1, 0);
	assert_int_equal(world.core.sums.unreachable, 1);
	sweep_core_reply(&world.core, host, world.now + 1, NS_NONE, 64);
	sweep_core_reply(&world.core, host, world.now + 2, NS_NONE, 64);
	assert_true(world.core.hosts[host].duplicates <= 2);
	sweep_core_release(&world.core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_alive),
		cmocka_unit_test(silent_ones_are_asked_twice),
		cmocka_unit_test(a_lost_probe_is_no_dead_host),
		cmocka_unit_test(rounds_count),
		cmocka_unit_test(errors_and_strangers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
