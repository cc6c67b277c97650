/* The same question to several servers: what each says, and who says the same. */
#ifndef NTSH_DNS_COMPARE_H
#define NTSH_DNS_COMPARE_H

#include "ntsh/dns_batch.h"
#include "ntsh/dns_servers.h"

/* Record data, sorted, without times to live: order and rest of life are no difference. Types other than those asked for stand
 * before their data ("CNAME www.example."). */
struct dns_set {
	char **items;
	size_t count;
};

bool dns_set_equal(const struct dns_set *a, const struct dns_set *b);
bool dns_set_holds(const struct dns_set *set, const char *item);
void dns_set_release(struct dns_set *set);

/* The items in one line, ", " between them; cut at size. lacking (may be NULL): only those that it does not hold. */
char *dns_set_text(const struct dns_set *set, const struct dns_set *lacking, char *buf, size_t size);

/* What one server says. */
struct dns_view {
	const struct dns_server *server;
	char status[16]; /* NOERROR, NXDOMAIN, TIMEOUT ...: the worst of its answers */
	char meaning[256];
	bool answered;      /* the server answered at all */
	bool authoritative; /* aa in all its answers */
	struct dns_set set;
	uint32_t ttl; /* the least; only with records */
	ns_t rtt;     /* the longest; NS_NONE */
	int group;    /* from 1: servers that say the same; 1 is the largest. 0: not answered */
};

struct dns_comparison {
	struct dns_view *views; /* in the order of the servers */
	size_t count;
	int group_count;
	size_t answered;
};

/* Asks all servers for all types at the same time and groups what they say. request: all but name, type and server. The loop runs. */
enum loop_end dns_compare_run(struct loop *loop, const struct dns_request *request, const char *name,
			      const uint16_t *types, size_t type_count, const struct dns_servers *servers,
			      struct dns_comparison *out);
void dns_comparison_release(struct dns_comparison *comparison);

#endif
