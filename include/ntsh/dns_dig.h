/* From the words of `dns dig` to questions, and from answers to words. */
#ifndef NTSH_DNS_DIG_H
#define NTSH_DNS_DIG_H

#include "ntsh/dns_batch.h"
#include "ntsh/lookup.h"
#include "ntsh/option.h"

/* EDNS options in words. Texts may be NULL. */
struct dns_edns_words {
	const char *cookie;         /* hex; "": a new one (RFC 7873) */
	const char *subnet;         /* ADDRESS/PREFIX (RFC 7871) */
	struct option_list others;  /* CODE or CODE:HEX */
	int64_t padding;            /* octets (RFC 7830), at most 400 */
	bool keepalive, expire;     /* RFC 7828, RFC 7314 */
};

/* Writes them in wire form. Returns the length, or -1 with err. */
int dns_edns_build(const struct dns_edns_words *words, uint8_t options[DNS_OPTIONS_MAX], struct error *err);

/* What is asked: each name for each type at each server. Texts are borrowed for the life of the plan. */
struct dns_plan {
	struct option_list names[3]; /* names; an address means its reverse name */
	struct option_list types[2]; /* none: A and AAAA, for addresses PTR */
	struct option_list
	    servers; /* NAME, ADDRESS or either with :PORT; none: those of resolv.conf, one after the other */
	const char *file;           /* further names, one a line: NAME [CLASS] [TYPE...]; "-" is standard input; NULL: none */
	bool only_a;                /* without types: A alone */
	const char *class_;         /* NULL: IN */
	uint16_t port;              /* for servers without one; 0: 53 */
	int family;                 /* of servers given by name */
	struct dns_request request; /* the rest of each question */

	/* Out. */
	struct dns_job *jobs;
	size_t job_count;
	struct resolv_conf conf; /* when no server was given */
	struct addr *server_addrs; /* one for each of servers, or resolv.conf's first */
	char **server_names;       /* of servers given by name, else NULL */
	size_t server_count;
	char **made;               /* names that had to be made */
	size_t made_count;
};

/* Builds the jobs; runs the loop when a server is given by name. Returns 0, or -1 with err. Release in both cases. */
int dns_plan_build(struct loop *loop, struct dns_plan *plan, struct error *err);
void dns_plan_release(struct dns_plan *plan);

/* Its questions are zone transfers, all of them (a mixture is an error of dns_plan_build). */
bool dns_plan_is_transfer(const struct dns_plan *plan);

/* One word for how it ended: the answer's code ("NOERROR"), or TIMEOUT, UNREACHABLE, PORT-REFUSED, MALFORMED, FAILED. buf for codes without
 * a name. */
const char *dns_exchange_status(const struct dns_exchange *exchange, char buf[16]);

/* The same for people: "the name does not exist", "no such record", or the exchange's error. Valid as long as the exchange. */
const char *dns_exchange_meaning(const struct dns_exchange *exchange);

/* True when the answer holds records. */
bool dns_exchange_is_good(const struct dns_exchange *exchange);

/* All answers of a plan taken together. */
struct dns_judgement {
	enum status status; /* good when every name has an answer and no question failed */
	const char *word;   /* of the first question with a bad status, else "NOERROR"; static or in buf */
	char buf[16];
	char summary[1600];              /* one sentence */
	ns_t longest;                    /* NS_NONE when nothing was measured */
	const struct dns_exchange *none; /* no question got any answer: the first of them, else NULL */
};
void dns_plan_judge(const struct dns_plan *plan, struct dns_judgement *out);

/* True when an earlier question for the same name at the same server was answered with this record as well: the CNAME before both A
 * and AAAA. */
bool dns_plan_repeats(const struct dns_plan *plan, size_t job, const struct dns_record *record);

/* The answer's flags as dig writes them ("qr aa rd"), and what those that matter mean ("aa: the server is authoritative, ..."). Both
 * are cut at size. */
void dns_flags_format(const struct dns_message *message, char *buf, size_t size);
void dns_flags_explain(const struct dns_message *message, char *buf, size_t size);

/* resolv.conf in one line: "192.0.2.53, 192.0.2.54; search example.org; ndots 1, timeout 5 s, attempts 2, rotate". */
void resolv_conf_format(const struct resolv_conf *conf, char *buf, size_t size);

#endif
