/* Diagnosis: is it the network or the server? Contract: DESIGN section 4. */
#ifndef NTSH_DIAGNOSE_H
#define NTSH_DIAGNOSE_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/loop.h"
#include "ntsh/value.h"

enum cause_class { CLASS_HEALTHY, CLASS_CLIENT, CLASS_DNS, CLASS_NETWORK, CLASS_SERVER, CLASS_UNKNOWN };
const char *cause_class_name(enum cause_class class_); /* "server" */

enum { EVIDENCE_MAX = 12, RULED_OUT_MAX = 36, NEXT_MAX = 6, ALSO_MAX = 6, SAYS_MAX = 256 };

struct evidence {
	const char *id;            /* "ack_to_first_byte" */
	struct value value, baseline; /* KIND_NONE: none; text only with static storage */
	char says[SAYS_MAX];
	double weight;             /* 0..1 */
};

struct verdict {
	enum cause_class class_;
	const char *cause;         /* "server.slow-response", static; "healthy", "unknown" */
	double confidence;         /* 0..1 */
	ns_t cost;                 /* what it costs the user; NS_NEVER: fatal */
	char summary[SAYS_MAX];
	char where[128];
	int evidence_count;
	struct evidence evidence[EVIDENCE_MAX];
	int ruled_out_count;
	struct { const char *cause; char because[SAYS_MAX]; } ruled_out[RULED_OUT_MAX];
	int next_count;
	char next[NEXT_MAX][SAYS_MAX];
};

/* "SLOW SERVER": what a person reads first. Static text, also for causes without a name of their own (by class). */
const char *cause_badge(const char *cause);

/* What was ruled out, in a few words: "loss, bandwidth, DNS, this machine". Returns buf, "" when there is nothing to name. */
const char *diagnose_ruled_out(const struct verdict *verdict, char *buf, size_t size);

/* Where the wait went; the parts add up to total exactly (NS). A part that did not happen is 0; total NS_NONE: there was no wait to
 * divide. */
struct ledger {
	ns_t total, dns, tcp, tls_network, tls_server, request_network, server, transfer_network,
	    transfer_server, client, stall;
};

struct diagnosis {
	struct verdict verdict;
	int also_count;
	struct verdict also[ALSO_MAX];
	struct ledger ledger;      /* of the median attempt, or means */
	int attempts, failed;      /* requests made */
	bool mean;                 /* the ledger holds means, not the median request's */
	ns_t round_trip;           /* the path's own, NS_NONE unknown */
	int round_trips;           /* how many of them come before the first byte */
	ns_t took;
	char target[300];
	char address[ADDR_TEXT_MAX]; /* address:port used */
	char clock[64];            /* which clocks were used: "kernel timestamps" */
};

struct diagnose_request {
	const char *target;        /* URL | HOST:PORT | NAME | ADDRESS */
	int family;
	const char *interface;
	bool insecure;
	const char *ca_file;
	int requests;              /* 0: the flow decides */
	ns_t budget;               /* at most this long; 0: 15 s */
};

/* Progress: what is being done and why, and what was found. Strings are finished sentences, valid during the call. */
struct diagnose_events {
	void (*step)(double fraction, const char *doing, void *arg);
	void (*finding)(const char *what, void *arg);
};

/* Runs the flow to its end (or until cancelled: the verdict is then drawn from what was measured, with `unknown` if that is not
 * enough). Returns 0, or -1 with err when the target makes no sense. out is filled completely. */
int diagnose_run(struct loop *loop, const struct diagnose_request *request, const struct diagnose_events *events,
                 void *arg, struct diagnosis *out, struct error *err);

#endif
