/* Looks at connections again and again. */
#include "base/groups.h"
#include "net/sockets/samples.h"

#include <stdlib.h>
#include <string.h>

struct watching {
	struct groups all;       /* by cookie */
	struct groups half_open; /* by address */
	uint64_t states[SOCKET_STATES];
	struct socket_watch_result *out;
	ns_t now;
	unsigned look;
};

static bool on_socket(const struct socket_entry *entry, void *arg)
{
	struct watching *watching = arg;
	watching->states[entry->state]++;
	if (entry->state == SOCKET_SYN_RECV)
		groups_find(&watching->half_open, entry->peer.bytes, sizeof entry->peer.bytes, NULL);
	if (entry->state == SOCKET_TIME_WAIT || entry->state == SOCKET_SYN_RECV || !entry->tcp_info_length)
		return true;
	struct socket_sample sample;
	struct socket_entry plain;
	socket_entry_copy(&plain, entry);
	sample_read(entry, &sample);
	struct socket_watched *watched =
	    groups_find(&watching->all, &entry->cookie, sizeof entry->cookie, NULL);
	watched_add(watched, &plain, &sample, watching->now, watching->look == 0);
	return true;
}

static int look(struct watching *watching, const struct sockets_query *query, struct error *err)
{
	memset(watching->states, 0, sizeof watching->states);
	int bad = sockets_list(query, on_socket, NULL, watching, &watching->out->report, err);
	for (unsigned state = 0; state < SOCKET_STATES; state++)
		if (watching->states[state] > watching->out->states_most[state])
			watching->out->states_most[state] = watching->states[state];
	watching->look++;
	return bad;
}

static int compare_idle(const void *a, const void *b)
{
	const struct socket_watched *x = a, *y = b;
	double p = x->shares[BLAME_IDLE], q = y->shares[BLAME_IDLE];
	return p < q ? -1 : p > q;
}

int socket_watch_run(struct loop *loop, const struct socket_watch_request *request,
		     struct socket_watch_result *out, struct error *err)
{
	struct watching watching = { .all = GROUPS_INIT(sizeof(struct socket_watched)),
				     .half_open = GROUPS_INIT(1),
				     .out = out };
	struct sockets_query query = request->query;
	ns_t began = clock_mono(), step = request->interval / (request->looks > 1 ? request->looks - 1 : 1);
	int bad = 0;
	*out = (struct socket_watch_result){ .count = 0 };
	query.kinds &= 1 << SOCKET_TCP;
	query.want |= SOCKETS_INFO | SOCKETS_MEMORY;
	for (;;) {
		watching.now = clock_mono();
		bad = look(&watching, &query, err);
		if (bad < 0 || watching.look >= request->looks || clock_mono() - began >= request->interval ||
		    loop_cancelled(loop) != LOOP_DONE)
			break;
		if (request->progress)
			request->progress((double)watching.look / request->looks, request->arg);
		/* A list that took long is no reason to look more often later. */
		ns_t next = watching.now + step, late = clock_mono();
		loop_sleep(loop, next > late ? next - late : 0);
	}
	out->looks = watching.look;
	out->took = clock_mono() - began;
	for (size_t i = 0; i < watching.all.count; i++) {
		struct socket_watched *watched = groups_at(&watching.all, i);
		watched->gone = watched->ended < watching.now;
		watched_judge(watched);
	}
	out->half_open_peers = watching.half_open.count;
	groups_release(&watching.half_open);
	out->items = groups_take(&watching.all, compare_idle, &out->count);
	if (bad < 0)
		socket_watch_free(out);
	return bad;
}

void socket_watch_free(struct socket_watch_result *result)
{
	free(result->items);
	result->items = NULL;
	result->count = 0;
}
