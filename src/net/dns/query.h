/* One question on its way: what the UDP and the TCP half of the transport share. */
#ifndef NET_DNS_QUERY_H
#define NET_DNS_QUERY_H

#include "net/dns/tls.h"
#include "net/dns/transfer.h"
#include "ntsh/dns.h"
#include "sys/socket.h"
#include "wire/dns_message.h"

enum { DNS_TRIES_MAX = 16, DNS_STRAYS_MAX = 32 };

/* A question that was sent. Times are CLOCK_REALTIME: they are compared with kernel stamps. */
struct dns_try {
	uint16_t id;
	ns_t sent;  /* by our clock, before the system call */
	ns_t stamp; /* by the kernel, NS_NONE unknown */
};

struct dns_query {
	struct loop *loop;
	dns_fn *fn;
	void *arg;
	struct dns_request request; /* name and interface are our copies */
	struct dns_question question;
	uint8_t wire[2 + DNS_QUERY_MAX]; /* behind the length that TCP wants; the id changes with each try */
	size_t wire_length;              /* without that length */
	int fd;                          /* -1: none */
	struct loop_timer timer;
	struct dns_try tries[DNS_TRIES_MAX]; /* over UDP; over TCP the first alone */
	int try_count, tries_wanted;
	uint8_t *in;                  /* DNS_MESSAGE_MAX + 2 bytes */
	size_t in_length;             /* TCP: read so far */
	size_t out_length;            /* TCP: written so far */
	ns_t first_stamp, first_seen; /* TCP: arrival of the first octet */
	struct dns_tls *tls;          /* NULL: plain */
	struct http_client *http;
	struct http_fetch *fetch;
	struct dns_transfer transfer;
	struct dns_message *message;
	struct dns_stray strays[DNS_STRAYS_MAX];
	struct dns_exchange exchange;
};

/* Both begin to ask. What fails is reported through dns_query_end. */
void dns_udp_start(struct dns_query *query);
void dns_tcp_start(struct dns_query *query); /* and over TLS */
void dns_https_start(struct dns_query *query);
void dns_https_stop(struct dns_query *query);

/* Closes what is open; a new transport may then begin. */
void dns_query_close(struct dns_query *query);

/* Ends the question with an outcome (query->exchange.error is set already, unless DNS_ANSWERED): calls fn and frees the query. Touch
 * nothing afterwards. */
void dns_query_end(struct dns_query *query, enum dns_outcome outcome);

/* The same for a failed system call, errnum telling the outcome. what: "send the question". */
void dns_query_end_errno(struct dns_query *query, int errnum, const char *what);

/* Remembers an answer that is not ours. */
void dns_query_stray(struct dns_query *query, const char *why, const struct addr *from);

/* Judges octets that came from `from`. Returns the decoded answer, or NULL: *stray then tells why it is not ours (static), or is
 * NULL when it is ours and malformed (query->exchange.error). id is that of the try, *try_index is set to it. */
struct dns_message *dns_query_judge(struct dns_query *query, const uint8_t *wire, size_t length,
				    const char **stray, int *try_index);

/* Takes the TX stamps of the tries from the error queue; returns an ICMP or local error as errno (offender set), or 0. */
int dns_query_drain_events(struct dns_query *query, struct addr *offender);

/* A random id for the next try, written into the wire form. */
uint16_t dns_query_new_id(struct dns_query *query);

#endif
