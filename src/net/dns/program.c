#include "net/dns/program.h"

#include <stdio.h>
#include <string.h>

/* One name on its way from server to server. */
struct asking {
	const struct resolv_conf *conf;
	const struct program_server *servers;
	int questions;
	struct program_state *state;
	ns_t now;
	/* When the question first went to that server over the socket that is still open: a late answer waits there. */
	ns_t sent[LOOKUP_SERVERS_MAX][2];
	bool servfail;
	bool timed_out;
	bool dead[LOOKUP_SERVERS_MAX];
};

enum step { STEP_NEXT_SERVER, STEP_SAME_SERVER, STEP_DONE };

/* send_dg: (timeout << server) / servers, whole seconds, at least one; the first server gets it undivided. */
static ns_t window(const struct resolv_conf *conf, int server)
{
	int64_t seconds = (conf->timeout / NS_PER_S) << server;
	if (server > 0)
		seconds /= conf->server_count;
	return (seconds > 0 ? seconds : 1) * NS_PER_S;
}

static enum program_end end_of(enum program_kind kind)
{
	switch (kind) {
	case PROGRAM_DATA:
		return PROGRAM_FOUND;
	case PROGRAM_NODATA:
		return PROGRAM_NO_DATA;
	case PROGRAM_NXDOMAIN:
		return PROGRAM_NO_NAME;
	case PROGRAM_SERVFAIL:
		return PROGRAM_TRY_LATER;
	default:
		return PROGRAM_GIVES_UP;
	}
}

/* res_query: data in either wins; else the first answer's code counts unless it is NOERROR. */
static enum program_end end_of_both(enum program_kind a, enum program_kind b)
{
	if (a == PROGRAM_DATA || b == PROGRAM_DATA)
		return PROGRAM_FOUND;
	return end_of(a == PROGRAM_NODATA ? b : a);
}

static bool moves_on(enum program_kind kind)
{
	return kind == PROGRAM_SERVFAIL || kind == PROGRAM_NEXT;
}

static void forget(struct asking *asking, int server)
{
	asking->sent[server][0] = asking->sent[server][1] = NS_NONE;
}

/* When the reply to question k is there, NS_NEVER if it never is. */
static ns_t arrival(struct asking *asking, int server, int k, ns_t asked)
{
	const struct program_reply *reply = &asking->servers[server].replies[k];
	if (asking->sent[server][k] == NS_NONE)
		asking->sent[server][k] = asked;
	if (reply->kind == PROGRAM_SILENT || reply->after == NS_NEVER)
		return NS_NEVER;
	ns_t at = asking->sent[server][k] + reply->after;
	return at > asking->now ? at : asking->now;
}

static enum step timed_out(struct asking *asking, int server, ns_t finish)
{
	asking->now = finish;
	asking->timed_out = true;
	asking->dead[server] = true;
	return STEP_NEXT_SERVER;
}

/* Over TCP: both answers are read, however long that takes. */
static enum step ask_stream(struct asking *asking, int server, enum program_end *end)
{
	const struct program_reply *replies = asking->servers[server].replies;
	enum program_kind first = replies[0].kind, second = replies[asking->questions - 1].kind;
	ns_t longest = 0;
	for (int k = 0; k < asking->questions; k++)
		if (replies[k].after > longest)
			longest = replies[k].after;
	if (longest == NS_NEVER) {
		asking->now = NS_NEVER;
		return STEP_DONE;
	}
	if (first == PROGRAM_SILENT || second == PROGRAM_SILENT)
		return timed_out(asking, server, asking->now + longest);
	asking->now += longest;
	if (first == PROGRAM_ERROR || second == PROGRAM_ERROR || (moves_on(first) && moves_on(second))) {
		asking->servfail |= first == PROGRAM_SERVFAIL;
		return STEP_NEXT_SERVER;
	}
	*end = end_of_both(moves_on(first) ? second : first, moves_on(second) ? first : second);
	return STEP_DONE;
}

/* One question alone in the socket. */
static enum step ask_one(struct asking *asking, int server, ns_t finish, enum program_end *end)
{
	enum program_kind kind = asking->servers[server].replies[0].kind;
	ns_t at = arrival(asking, server, 0, asking->now);
	if (at > finish)
		return timed_out(asking, server, finish);
	asking->now = at;
	if (kind == PROGRAM_ERROR)
		forget(asking, server);
	asking->servfail |= kind == PROGRAM_SERVFAIL;
	if (kind == PROGRAM_ERROR || moves_on(kind))
		return STEP_NEXT_SERVER;
	*end = end_of(kind);
	return STEP_DONE;
}

/* Two questions, together or one after the other. */
static enum step ask_two(struct asking *asking, int server, ns_t finish, enum program_end *end)
{
	const struct program_reply *replies = asking->servers[server].replies;
	ns_t at[2] = { arrival(asking, server, 0, asking->now), NS_NEVER };
	if (!asking->state->single || at[0] <= finish)
		at[1] = arrival(asking, server, 1, asking->state->single ? at[0] : asking->now);
	int early = at[1] < at[0], late = !early;
	if (at[early] > finish)
		return timed_out(asking, server, finish);
	if (replies[early].kind == PROGRAM_ERROR) {
		asking->now = at[early];
		forget(asking, server);
		return STEP_NEXT_SERVER;
	}
	asking->servfail |= replies[0].kind == PROGRAM_SERVFAIL;
	if (at[late] <= finish) {
		asking->now = at[late];
		if (moves_on(replies[early].kind) && moves_on(replies[late].kind))
			return STEP_NEXT_SERVER;
		if (moves_on(replies[early].kind) || moves_on(replies[late].kind))
			*end = end_of(replies[moves_on(replies[early].kind) ? late : early].kind);
		else
			*end = end_of_both(replies[0].kind, replies[1].kind);
		return STEP_DONE;
	}
	if (moves_on(replies[early].kind))
		return timed_out(asking, server, finish);
	/* "There are quite a few broken name servers out there which don't handle two outstanding requests from the same
	 * source" (res_send.c): first one at a time, then each from a socket of its own, then half an answer will do. */
	asking->now = finish;
	forget(asking, server);
	if (!asking->state->single || !asking->state->reopen) {
		*(asking->state->single ? &asking->state->reopen : &asking->state->single) = true;
		return STEP_SAME_SERVER;
	}
	*end = end_of(replies[early].kind);
	return STEP_DONE;
}

static enum step ask_server(struct asking *asking, int server, enum program_end *end)
{
	const struct program_reply *replies = asking->servers[server].replies;
	if (replies[0].stream || (asking->questions == 2 && replies[1].stream))
		return ask_stream(asking, server, end);
	for (;;) {
		ns_t finish = asking->now + window(asking->conf, server);
		if (asking->questions == 1)
			return ask_one(asking, server, finish, end);
		enum step step = ask_two(asking, server, finish, end);
		if (step != STEP_SAME_SERVER)
			return step;
	}
}

static void step_note(const struct asking *asking, struct program_round *round, ns_t began, bool done)
{
	if (round->step_count == PROGRAM_STEPS_MAX)
		return;
	const struct program_reply *replies = asking->servers[round->server].replies;
	bool stream = replies[0].stream || (asking->questions == 2 && replies[1].stream);
	round->steps[round->step_count++] = (struct program_step){
		.server = round->server,
		.at = began,
		.waited = asking->now == NS_NEVER ? NS_NEVER : asking->now - began,
		.limit = stream ? NS_NONE : window(asking->conf, round->server),
		.end = done && asking->now != NS_NEVER ? round->end
		       : asking->timed_out || done     ? PROGRAM_NO_ANSWER
						       : PROGRAM_NO_SERVER,
	};
}

static struct program_round ask_from(const struct resolv_conf *conf, const struct program_server *servers,
				     int questions, struct program_state *state, int start)
{
	struct asking asking = { .conf = conf, .servers = servers, .questions = questions, .state = state };
	struct program_round round = { .end = PROGRAM_NO_ANSWER };
	for (int i = 0; i < LOOKUP_SERVERS_MAX; i++)
		forget(&asking, i);
	bool done = false;
	for (int i = 0; i < conf->attempts * conf->server_count && !done; i++) {
		ns_t began = asking.now;
		bool timed_out = asking.timed_out;
		asking.timed_out = false;
		round.server = (start + i) % conf->server_count;
		done = ask_server(&asking, round.server, &round.end) == STEP_DONE;
		step_note(&asking, &round, began, done);
		asking.timed_out = asking.timed_out || timed_out;
	}
	round.wait = asking.now;
	for (int i = 0; i < conf->server_count; i++)
		round.dead += asking.dead[i];
	if (done)
		return round;
	round.server = -1;
	round.end = asking.servfail    ? PROGRAM_TRY_LATER
		    : asking.timed_out ? PROGRAM_NO_ANSWER
				       : PROGRAM_NO_SERVER;
	return round;
}

struct program_round program_ask(const struct resolv_conf *conf, const struct program_server *servers,
				 int questions, struct program_state *state)
{
	struct program_state before = *state;
	struct program_round round = ask_from(conf, servers, questions, state, 0);
	if (!conf->rotate || conf->server_count < 2 || round.wait == NS_NEVER)
		return round;
	for (int start = 1; start < conf->server_count; start++) {
		struct program_state other = before;
		struct program_round turn = ask_from(conf, servers, questions, &other, start);
		if (turn.wait == NS_NEVER)
			return turn;
		round.wait += turn.wait;
	}
	round.wait /= conf->server_count;
	return round;
}

static bool name_add(struct program_name *out, const char *name, const char *domain)
{
	out->as_is = !domain;
	if (!domain || strcmp(domain, ".") == 0)
		return snprintf(out->text, sizeof out->text, "%s", name) < (int)sizeof out->text;
	return snprintf(out->text, sizeof out->text, "%s.%s", name, domain) < (int)sizeof out->text;
}

int program_names(const struct resolv_conf *conf, const char *name,
		  struct program_name out[LOOKUP_SEARCH_MAX + 1])
{
	int dots = 0, count = 0;
	for (const char *c = name; *c; c++)
		dots += *c == '.';
	bool absolute = *name && name[strlen(name) - 1] == '.';
	bool first = absolute || dots >= conf->ndots, tried = false;
	if (first)
		tried = name_add(&out[count++], name, NULL);
	for (int i = 0; i < conf->search_count && !absolute; i++) {
		/* The root in the list is the name as it is: asked again even so, but then not a third time. */
		tried |= strcmp(conf->search[i], ".") == 0;
		name_add(&out[count++], name, conf->search[i]);
	}
	if (!tried)
		name_add(&out[count++], name, NULL);
	return count;
}

/* What stops the search list: anything that is not "no such name" or a failure of just that name. */
static bool search_goes_on(struct program_walk *walk, enum program_end round)
{
	walk->saw_no_data |= round == PROGRAM_NO_DATA;
	walk->saw_servfail |= round == PROGRAM_TRY_LATER;
	return round == PROGRAM_NO_DATA || round == PROGRAM_NO_NAME || round == PROGRAM_TRY_LATER;
}

bool program_walk_next(struct program_walk *walk, const struct program_name *names, const char *name,
		       enum program_end round, enum program_end *end)
{
	const struct program_name *at = &names[walk->at];
	bool absolute = *name && name[strlen(name) - 1] == '.';
	*end = round;
	if (at->as_is && walk->at == 0) {
		walk->as_is_first = true;
		walk->as_is_end = round;
	}
	if (round == PROGRAM_FOUND || round == PROGRAM_NO_SERVER || absolute)
		return false;
	if (!at->as_is && !search_goes_on(walk, round))
		walk->searching_over = true;
	do
		walk->at++;
	while (walk->at < walk->count && walk->searching_over && !names[walk->at].as_is);
	if (walk->at < walk->count)
		return true;
	/* The first answer is kept as the reason only when the name was tried as it is before the list. */
	if (walk->as_is_first)
		*end = walk->as_is_end;
	else if (walk->saw_no_data)
		*end = PROGRAM_NO_DATA;
	else if (walk->saw_servfail)
		*end = PROGRAM_TRY_LATER;
	return false;
}
