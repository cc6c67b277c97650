/* How a program on this machine looks a name up: the sources in their order, the names that are tried, every question with its time-out -
 * and beside it what the servers say when they are asked directly, and what a c-ares program gets. */
#ifndef NTSH_DNS_RESOLVER_H
#define NTSH_DNS_RESOLVER_H

#include "ntsh/dns_batch.h"
#include "ntsh/lookup.h"

enum { RESOLVER_SOURCES_MAX = 8, RESOLVER_NAMES_MAX = LOOKUP_SEARCH_MAX + 1, RESOLVER_REMARKS_MAX = 12 };

/* One source of nsswitch.conf's hosts line. */
struct resolver_source {
	char name[24];   /* "files" */
	char action[64]; /* "[NOTFOUND=return]", "" the usual */
	char says[200];  /* what it does for this name */
	bool decides;    /* the look-up ends here */
};

/* One turn of the program: the questions that it sends to one server at one time, and how long it waits for them. */
struct resolver_step {
	const char *name;
	struct addr server;
	ns_t at;      /* since the look-up began */
	ns_t limit;   /* how long it would wait */
	ns_t waited;  /* how long it does, given how the servers behave now */
	const char *end; /* static: "answered", "silent" ... */
};

struct resolver_report {
	const char *name; /* NULL: only the configuration */
	char nsswitch[128];
	int source_count;
	struct resolver_source sources[RESOLVER_SOURCES_MAX];
	char conf_path[256];
	struct resolv_conf conf;
	bool resolved;            /* systemd-resolved runs here */
	bool stub;                /* ... and resolv.conf leads to it */
	struct resolv_conf upstream; /* whom it asks, when that can be read */
	int name_count;
	char names[RESOLVER_NAMES_MAX][DNS_NAME_TEXT_MAX];

	struct lookup_result lookup; /* the program's own; its arrays belong to the report */
	struct resolver_step *steps;
	size_t step_count;

	struct dns_job *jobs; /* the wire: name x (A, AAAA) x server, the name as it is; without a name: SOA of the root */
	size_t job_count;

	bool ares_asked;
	struct addr ares[LOOKUP_ADDRS_MAX];
	size_t ares_count;
	struct error ares_error;

	int remark_count; /* what would surprise somebody */
	char remarks[RESOLVER_REMARKS_MAX][300];
	bool interrupted;
};

/* Fills the report, running the loop. Returns 0, or -1 with err (a name that is none, a file that cannot be read). Release in both cases. */
int resolver_report_make(struct loop *loop, const char *name, int family, struct resolver_report *out,
			 struct error *err);
void resolver_report_release(struct resolver_report *report);

/* The addresses in a direct answer, "192.0.2.1, 192.0.2.2", or its status. */
void resolver_answer_text(const struct dns_job *job, char *buf, size_t size);

#endif
