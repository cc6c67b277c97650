/* Happy Eyeballs (RFC 8305): several addresses, the first that connects. */
#include "ntsh/tcp.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const ns_t STAGGER = 250 * NS_PER_MS; /* RFC 8305 8, Connection Attempt Delay */

struct racer {
	struct tcp_race *race;
	struct addr target;
	struct tcp_connect *connect;
	bool failed;
};

struct tcp_race {
	struct loop *loop;
	struct tcp_connect_request request;
	struct racer racers[TCP_RACE_MAX];
	size_t count, begun;
	ns_t began;
	struct loop_timer timer;
	tcp_race_fn *fn;
	void *arg;
};

/* Families alternate, beginning with that of the first address (RFC 8305 4). */
static void line_up(struct tcp_race *race, const struct addr *addrs, size_t count)
{
	bool used[TCP_RACE_MAX] = { false };
	if (count > TCP_RACE_MAX)
		count = TCP_RACE_MAX;
	sa_family_t family = addrs[0].family;
	for (size_t n = 0; n < count; n++) {
		size_t pick = count;
		for (size_t i = 0; i < count; i++) {
			if (used[i])
				continue;
			if (pick == count || (addrs[i].family == family && addrs[pick].family != family))
				pick = i;
		}
		used[pick] = true;
		race->racers[n].race = race;
		race->racers[n].target = addrs[pick];
		family = addrs[pick].family == AF_INET ? AF_INET6 : AF_INET;
	}
	race->count = count;
}

static void race_end(struct tcp_race *race, const struct tcp_connect_result *result)
{
	struct tcp_race_result out = { .connect = *result, .began = race->began, .tried = race->begun };
	loop_timer_stop(race->loop, &race->timer);
	for (size_t i = 0; i < race->begun; i++) {
		struct racer *racer = &race->racers[i];
		/* Who began earlier and is still silent has lost by at least the stagger. */
		if (racer->target.family != result->peer.family &&
		    (racer->failed || (racer->connect && result->outcome == TCP_CONNECTED &&
				       addr_equal(&racer->target, &race->racers[0].target))))
			out.other_family_failed = true;
		if (racer->connect)
			tcp_connect_cancel(racer->connect);
	}
	race->fn(race->loop, &out, race->arg);
	free(race);
}

static bool begin_next(struct tcp_race *race, struct error *err);

static void on_result(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct racer *racer = arg;
	struct tcp_race *race = racer->race;
	(void)loop;
	racer->connect = NULL;
	racer->failed = result->outcome != TCP_CONNECTED;
	if (!racer->failed) {
		race_end(race, result);
		return;
	}
	while (race->begun < race->count)
		if (begin_next(race, NULL))
			return;
	for (size_t i = 0; i < race->begun; i++)
		if (race->racers[i].connect)
			return;
	race_end(race, result);
}

static void on_stagger(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	begin_next(arg, NULL);
}

static bool begin_next(struct tcp_race *race, struct error *err)
{
	struct racer *racer = &race->racers[race->begun++];
	race->request.target = racer->target;
	racer->connect = tcp_connect_start(race->loop, &race->request, on_result, racer, err);
	racer->failed = !racer->connect;
	if (race->begun < race->count)
		loop_timer_start(race->loop, &race->timer, clock_mono() + STAGGER, on_stagger, race);
	return racer->connect != NULL;
}

struct tcp_race *tcp_race_start(struct loop *loop, const struct tcp_connect_request *request,
				const struct addr *addrs, size_t count, tcp_race_fn *fn, void *arg,
				struct error *err)
{
	if (!count) {
		error_set(err, STATUS_BAD, "ENOADDR", NULL, "there is no address to connect to");
		return NULL;
	}
	struct tcp_race *race = NEW(struct tcp_race);
	race->loop = loop;
	race->request = *request;
	race->fn = fn;
	race->arg = arg;
	race->began = clock_mono();
	line_up(race, addrs, count);
	while (race->begun < race->count)
		if (begin_next(race, err))
			return race;
	loop_timer_stop(loop, &race->timer);
	free(race);
	return NULL;
}

void tcp_race_cancel(struct tcp_race *race)
{
	if (!race)
		return;
	loop_timer_stop(race->loop, &race->timer);
	for (size_t i = 0; i < race->begun; i++)
		tcp_connect_cancel(race->racers[i].connect);
	free(race);
}
