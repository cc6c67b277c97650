/* Rules: each turns the facts into one candidate cause, or says why that cause is out.
 *
 * They are data-like: a row names the cause, where the reasoning comes from (a signal of shared/SIGNALS, an RFC, a kernel document), how early
 * in an exchange it strikes, and one pure function. The ranking (judge.c) picks. */
#ifndef DIAG_RULES_H
#define DIAG_RULES_H

#include "diag/evidence.h"
#include "diag/sums.h"

#include "ntsh/diagnose.h"

/* What a rule's function found. */
enum finding {
	NOT_TESTED, /* the facts do not reach: neither a cause nor ruled out */
	CLEAN,      /* tested and out; the reason is in verdict->summary */
	FOUND,      /* verdict is filled */
};

/* Steps of an exchange in the order in which they can fail: of several fatal causes the earliest is the cause of the others. (A look-up
 * needs this machine and its link, too.) */
enum strikes {
	AT_MACHINE,
	AT_LINK,
	AT_NAME,
	AT_PATH,
	AT_CONNECT,
	AT_SEGMENTS,
	AT_TLS,
	AT_REQUEST,
	AT_ANSWER,
	AT_BODY
};

struct host_facts;
struct service_facts;
struct way_facts;
struct name_facts;
struct packet_facts;

/* What every rule may look at: the facts of the flow that is judged, the others are NULL. A rule whose facts are missing was not tested.
 * Each flow defines its own facts in a header of its own and has tables of its own. */
struct matter {
	const struct facts *facts; /* diagnose URL: an exchange, with its sums and ledger */
	const struct sums *sums;
	const struct ledger *ledger;
	const struct host_facts *host;       /* diagnose host */
	const struct service_facts *service; /* diagnose service */
	const struct way_facts *way;         /* diagnose route */
	const struct name_facts *name;       /* diagnose dns */
	const struct packet_facts *packets;  /* diagnose capture */
};

typedef enum finding rule_fn(const struct matter *matter, struct verdict *verdict);

struct rule {
	const char *cause; /* "network.loss" */
	enum cause_class class_;
	enum strikes strikes;
	const char *source;
	rule_fn *judge;
};

extern const struct rule rules_dns[], rules_client[], rules_network[], rules_path[], rules_server[],
    rules_pace[], rules_host[], rules_host_stack[]; /* each ends with a NULL cause */

/* --- for the rules' functions: writing a verdict --- */

/* One item of evidence. value and baseline: value_none() when there is none. Returns nothing; a full list drops it. */
void verdict_evidence(struct verdict *verdict, const char *id, struct value value, struct value baseline,
		      double weight, const char *format, ...) __attribute__((format(printf, 6, 7)));
void verdict_next(struct verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
void verdict_where(struct verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* No cause: class and cause, for verdict_found to complete. */
void verdict_healthy(struct verdict *verdict);
void verdict_unknown(struct verdict *verdict);

/* Cost (NS_NEVER: it fails), confidence and the sentence; returns FOUND. */
enum finding verdict_found(struct verdict *verdict, ns_t cost, double confidence, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The reason why the cause is out; returns CLEAN. */
enum finding verdict_clean(struct verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The address and port of the path that was used (or the first), as text in buf. Returns buf. */
char *where_of(const struct facts *facts, char buf[ADDR_TEXT_MAX]);

/* "ntsh tls HOST:PORT" */
void verdict_next_tls(struct verdict *verdict, const struct facts *facts);

void verdict_where_service(struct verdict *verdict, const struct facts *facts);

/* How pings and probes of another port of the same host fared. */
void verdict_say_elsewhere(struct verdict *verdict, const struct facts *facts);

/* Confidence from a base value, with fewer samples than wanted taken off it. */
double confidence_of(double base, uint64_t samples, uint64_t wanted);

/* Something failed in a share of the attempts, not in all: what that costs on average. */
ns_t cost_of_failures(unsigned failed, unsigned made);

/* --- figures of a transfer that network and server rules share --- */

/* Bytes a second of the attempt's transfer, 0 unknown. */
double transfer_rate(const struct attempt *attempt);

/* The refusal came so much sooner than a round trip that the target cannot have sent it. */
bool refused_too_soon(const struct path *path, const struct sums *sums);

/* One port of a host is silent for good, another one answers: does the listener's full queue explain that better than a filter? A stray
 * ACK decides; else SYNs to it that get past every router that those to the other port get past. */
bool queue_is_likelier(const struct facts *facts);

/* How much longer a round trip takes while a transfer of ours runs; NS_NONE not measured. */
ns_t load_growth(const struct sums *sums);

#endif
