/* From the words of `dns dig` to questions, and from answers to words. */
#ifndef NTSH_DNS_DIG_H
#define NTSH_DNS_DIG_H

#include "ntsh/dns_batch.h"
#include "ntsh/lookup.h"

/* What is asked: each name for each type at each server. Texts are borrowed for the life of the plan. */
struct dns_plan {
	const char *const *names; /* names; an address means its reverse name */
	size_t name_count;
	const char *const *types; /* none: A and AAAA, for addresses PTR */
	size_t type_count;
	const char *const *
	    servers; /* NAME, ADDRESS or either with :PORT; none: those of resolv.conf, one after the other */
	size_t server_count;
	const char *class_;         /* NULL: IN */
	uint16_t port;              /* for servers without one; 0: 53 */
	int family;                 /* of servers given by name */
	struct dns_request request; /* the rest of each question */

	/* Out. */
	struct dns_job *jobs;
	size_t job_count;
	struct resolv_conf conf; /* when server_count is 0 */
	char **made;             /* names that had to be made */
	size_t made_count;
};

/* Builds the jobs; runs the loop when a server is given by name. Returns 0, or -1 with err. Release in both cases. */
int dns_plan_build(struct loop *loop, struct dns_plan *plan, struct error *err);
void dns_plan_release(struct dns_plan *plan);

/* One word for how it ended: the answer's code ("NOERROR"), or TIMEOUT, UNREACHABLE, PORT-REFUSED, MALFORMED, FAILED. buf for codes without
 * a name. */
const char *dns_exchange_status(const struct dns_exchange *exchange, char buf[16]);

/* The same for people: "the name does not exist", "no such record", or the exchange's error. Valid as long as the exchange. */
const char *dns_exchange_meaning(const struct dns_exchange *exchange);

/* True when the answer holds records. */
bool dns_exchange_is_good(const struct dns_exchange *exchange);

/* The answer's flags as dig writes them ("qr aa rd"), and what those that matter mean ("aa: the server is authoritative, ..."). Both
 * are cut at size. */
void dns_flags_format(const struct dns_message *message, char *buf, size_t size);
void dns_flags_explain(const struct dns_message *message, char *buf, size_t size);

/* resolv.conf in one line: "192.0.2.53, 192.0.2.54; search example.org; ndots 1, timeout 5 s, attempts 2, rotate". */
void resolv_conf_format(const struct resolv_conf *conf, char *buf, size_t size);

#endif
