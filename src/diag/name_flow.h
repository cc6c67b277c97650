/* The measuring side of diagnose dns: what its files share. name_flow.c holds the order of the steps, name_probe.c the resolvers. */
#ifndef DIAG_NAME_FLOW_H
#define DIAG_NAME_FLOW_H

#include "diag/name_facts.h"

#include "ntsh/tcp.h"

struct name_flow;

struct probing {
	struct name_flow *flow;
	struct name_probe *probe;
	struct dns_query *query;
};

struct dialling {
	struct name_flow *flow;
	int server;
	struct tcp_connect *connect;
};

enum { EXTRA_NS, EXTRA_AAAA, EXTRA_SOA, EXTRAS };

struct name_flow {
	struct loop *loop;
	const struct diagnose_dns_request *request;
	const struct diagnose_events *events;
	void *arg;
	struct name_facts *facts;
	ns_t began, deadline;
	uint16_t type;
	struct probing probings[LOOKUP_SERVERS_MAX][PROBE_KINDS];
	struct name_probe extra[EXTRAS];
	struct probing extras[EXTRAS];
	struct dialling dials[LOOKUP_SERVERS_MAX];
	struct lookup *lookup, *again;
	size_t under_way;
	bool wake;
	struct loop_timer waker;
	struct resolv_conf conf;
	struct walk *trace, *nowhere;
};

/* Something that was under way has ended. */
void name_flow_ended(struct name_flow *flow);

/* Sends one question; its answer goes into probe. */
void name_probe_start(struct name_flow *flow, struct probing *probing, struct name_probe *probe,
		      const struct dns_request *request);

/* One resolver asked in one way, and all of them in all the ways that are asked at first. */
void name_server_ask(struct name_flow *flow, int server, enum name_probe_kind kind);
void name_servers_ask(struct name_flow *flow);

/* Those that are alive, without checking signatures. After everything else: such a question may make a resolver fetch the records anew, and
 * what it had in its cache is gone. */
void name_servers_ask_unchecked(struct name_flow *flow);

#endif
