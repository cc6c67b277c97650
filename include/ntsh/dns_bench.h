/* How fast and how reliably name servers answer. */
#ifndef NTSH_DNS_BENCH_H
#define NTSH_DNS_BENCH_H

#include "ntsh/dns_batch.h"
#include "ntsh/dns_servers.h"
#include "ntsh/ping.h"

struct dns_bench_request {
	struct dns_request
	    request; /* all but name, type and server; one try each, so that a loss is a loss */
	const char *const *names;
	size_t name_count;
	uint16_t type;
	size_t count;  /* questions to each server */
	size_t window; /* under way at the same time, to each server */
	bool fresh;    /* each under a label that nobody has asked for: no cache can answer */
};

/* One server's figures. Questions to all servers go in turn, so that they meet the same moments. */
struct dns_bench_server {
	size_t asked, answered, good; /* good: answered with NOERROR or NXDOMAIN */
	size_t codes[24];             /* by answer code */
	size_t refused;               /* nobody listens, or it cannot be reached */
	struct rtt_stats rtt;         /* of what was answered */
	ns_t took;                    /* first question to last answer */
};

enum loop_end dns_bench_run(struct loop *loop, const struct dns_bench_request *bench,
			    const struct dns_servers *servers, struct dns_bench_server *out,
			    struct error *err);

/* The loop's questions that were neither answered nor refused, in percent of those asked. */
double dns_bench_loss(const struct dns_bench_server *server);

#endif
