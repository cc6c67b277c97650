/* The look-up that a program on this machine would make: nsswitch.conf, hosts, resolv.conf, as glibc does it - measured server by
 * server in parallel, so that a dead first server is seen (and priced) without waiting for it the way a program does. */
#ifndef NTSH_LOOKUP_H
#define NTSH_LOOKUP_H

#include "ntsh/addr.h"
#include "ntsh/dns.h"
#include "ntsh/loop.h"

enum { LOOKUP_SERVERS_MAX = 3, LOOKUP_SEARCH_MAX = 6, LOOKUP_ADDRS_MAX = 32 };

/* resolv.conf(5). */
struct resolv_conf {
	int server_count;
	struct addr servers[LOOKUP_SERVERS_MAX];
	int search_count;
	char search[LOOKUP_SEARCH_MAX][256];
	int ndots, attempts;
	ns_t timeout;
	bool rotate, single_request, single_request_reopen, use_vc, trust_ad, edns0, no_aaaa;
	int ignored_servers;     /* lines beyond what libc reads */
	bool missing;            /* no file, or no server in it: 127.0.0.1 is used, as libc does */
};

/* Reads the text of a resolv.conf; unknown words are ignored as libc does. */
void resolv_conf_parse(const char *text, size_t length, struct resolv_conf *out);
int resolv_conf_read(struct resolv_conf *out, struct error *err);

/* How one server answered for one name and type. */
struct lookup_answer {
	struct addr server;
	char name[DNS_NAME_TEXT_MAX];  /* as asked, after the search list */
	uint16_t type;                 /* A or AAAA */
	enum dns_outcome outcome;
	struct error error;
	uint16_t rcode;
	int ede_code;
	char ede_text[256];
	bool truncated, tcp_failed;
	size_t addr_count;
	uint32_t min_ttl;
	ns_t rtt;                      /* NS_NONE when nothing came */
	int tries;
};

enum lookup_source { LOOKUP_LITERAL, LOOKUP_HOSTS, LOOKUP_DNS, LOOKUP_OTHER /* an nsswitch module that we cannot see into */ };

enum lookup_outcome { LOOKUP_OK, LOOKUP_NXDOMAIN, LOOKUP_NODATA, LOOKUP_SERVFAIL, LOOKUP_REFUSED, LOOKUP_NO_ANSWER, LOOKUP_FAILED };

/* What libc sends to one server at one time, and how long it waits for that. */
struct lookup_step {
	int name;     /* the how-manyth name of the search list's walk */
	int server;   /* index into conf.servers */
	ns_t at;      /* since the look-up began */
	ns_t limit;   /* time-out; NS_NONE over TCP */
	ns_t waited;  /* NS_NEVER: for ever */
	int end;      /* enum program_end of net/dns/program.h */
	bool last;    /* of its name */
};

struct lookup_result {
	enum lookup_outcome outcome;
	enum lookup_source source;
	struct error error;
	size_t addr_count;
	struct addr addrs[LOOKUP_ADDRS_MAX];
	struct resolv_conf conf;
	const struct lookup_answer *answers; /* every question that was sent to every server */
	size_t answer_count;
	char found_as[DNS_NAME_TEXT_MAX];    /* the name that answered (search list) */
	ns_t program_wait;      /* what a program here waits for this look-up, given what was measured (time-outs included) */
	ns_t took;              /* what we took */
	int dead_servers;       /* servers that a program waits for in vain before the one that answers */
	char nsswitch[128];     /* the hosts: line */
	const struct lookup_step *steps; /* valid during the callback, as answers */
	size_t step_count;
};

typedef void lookup_fn(struct loop *loop, const struct lookup_result *result, void *arg);
struct lookup;

/* patience: how long to wait for a server before it counts as dead (its own time-out is used for program_wait). fn once, never from inside the
 * start. */
struct lookup *lookup_start(struct loop *loop, const char *name, int family, ns_t patience, lookup_fn *fn,
                            void *arg, struct error *err);
void lookup_cancel(struct lookup *lookup);

/* What the hosts file says of the name (of one family or both). Returns how many were written. */
size_t lookup_hosts(const char *name, int family, struct addr *out, size_t max);

#endif
