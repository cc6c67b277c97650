/* How long a program that uses glibc waits for a look-up, told from how each server answered: pure arithmetic, no clock.
 *
 * It follows resolv/res_send.c, res_query.c and nss_dns/dns-host.c of glibc 2.36 (resolv.conf(5) tells less than half of it), and
 * tests/unit/lookup.c holds it to what getaddrinfo was measured to take. */
#ifndef NET_DNS_PROGRAM_H
#define NET_DNS_PROGRAM_H

#include "ntsh/lookup.h"

enum program_kind {
	PROGRAM_SILENT, /* nothing came */
	PROGRAM_DATA,   /* records, be it only a CNAME */
	PROGRAM_NODATA,
	PROGRAM_NXDOMAIN,
	PROGRAM_SERVFAIL,
	PROGRAM_NEXT,  /* NOTIMP, REFUSED, or an empty referral: the next server is asked */
	PROGRAM_OTHER, /* FORMERR and the like: the end of it */
	PROGRAM_ERROR, /* ICMP error, or TCP failed: the next server is asked */
};

/* after: from the question to the answer (or the error); counts for all kinds but PROGRAM_SILENT. stream: it went over TCP at the
 * end, where glibc has no time-out of its own. */
struct program_reply {
	enum program_kind kind;
	ns_t after;
	bool stream;
};

/* One server's replies for one name: for A and AAAA, or for the one type asked for in [0]. */
struct program_server {
	struct program_reply replies[2];
};

/* What glibc remembers for the rest of the process: one question at a time, after a server that left one of two unanswered. */
struct program_state {
	bool single, reopen;
};

enum program_end {
	PROGRAM_FOUND,
	PROGRAM_NO_DATA,
	PROGRAM_NO_NAME,
	PROGRAM_TRY_LATER, /* SERVFAIL */
	PROGRAM_NO_ANSWER, /* time-outs */
	PROGRAM_NO_SERVER, /* every one of them refused at once */
	PROGRAM_GIVES_UP,  /* FORMERR and the like */
};

/* One turn: the questions that go to one server at one time. */
struct program_step {
	int server;
	ns_t at, waited; /* since the round began; waited NS_NEVER: for ever */
	ns_t limit;      /* its time-out, NS_NONE over TCP */
	enum program_end end; /* PROGRAM_NO_ANSWER: silent; PROGRAM_NO_SERVER: the next one is asked */
};

enum { PROGRAM_STEPS_MAX = 5 * LOOKUP_SERVERS_MAX }; /* attempts are at most 5 (resolv.conf(5)) */

struct program_round {
	enum program_end end;
	ns_t wait;  /* NS_NEVER: for ever */
	int dead;   /* servers on which time-outs were spent before the end */
	int server; /* whose answer it was, -1 none */
	int step_count;
	struct program_step steps[PROGRAM_STEPS_MAX]; /* with `rotate`: when it begins with the first server */
};

/* One name asked of all servers as the conf says. questions: 1 or 2. With `rotate` the wait is the mean over the starting points. */
struct program_round program_ask(const struct resolv_conf *conf, const struct program_server *servers,
				 int questions, struct program_state *state);

/* The walk through the search list (res_search): the names to ask for `name`, in order. as_is marks the name itself. Returns how
 * many; at most LOOKUP_SEARCH_MAX + 1. */
struct program_name {
	char text[DNS_NAME_TEXT_MAX];
	bool as_is;
};
int program_names(const struct resolv_conf *conf, const char *name,
		  struct program_name out[LOOKUP_SEARCH_MAX + 1]);

/* Where the walk stands. Feed it each round's end; it tells which name comes next. */
struct program_walk {
	int count, at;
	bool searching_over; /* only the name as it is may still come */
	bool saw_no_data, saw_servfail;
	bool as_is_first;
	enum program_end as_is_end;
};

/* Takes the end of the round for names[walk->at] and moves on. Returns false when the walk is over: *end is then the program's. */
bool program_walk_next(struct program_walk *walk, const struct program_name *names, const char *name,
		       enum program_end round, enum program_end *end);

#endif
