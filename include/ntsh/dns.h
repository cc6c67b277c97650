/* DNS questions on our own transport and codec: exact on the wire, wrong answers shown instead of dropped. */
#ifndef NTSH_DNS_H
#define NTSH_DNS_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

enum { DNS_NAME_TEXT_MAX = 1025 }; /* 255 octets, each at most \DDD, and NUL */

enum dns_transport { DNS_UDP, DNS_TCP };

struct dns_request {
	const char *name;       /* presentation format; absolute with or without the final dot */
	uint16_t type, class_;  /* class_ 0: IN */
	struct addr server;     /* port 0: 53 */
	enum dns_transport transport; /* DNS_UDP falls over to TCP on TC unless ignore_truncation */
	bool recursion_desired, checking_disabled, authentic_data, dnssec_ok, no_edns, ignore_truncation, nsid;
	uint16_t udp_size;      /* EDNS buffer; 0: 1232 */
	ns_t timeout;           /* of each try */
	int tries;              /* over UDP, at least 1 */
	const char *interface;
};

/* One resource record, decoded. rdata points into the message and may hold compressed names; `text` is made on request. */
struct dns_record {
	char name[DNS_NAME_TEXT_MAX];
	uint16_t type, class_;
	uint32_t ttl;
	const uint8_t *rdata;
	uint16_t rdata_length;
};

enum dns_section { DNS_QUESTION, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

/* A decoded message. Records are in the order of the wire; the OPT record is taken apart and not among them. */
struct dns_message {
	const uint8_t *wire;
	size_t length;
	uint16_t id, flags;      /* flags as on the wire (RFC 1035 4.1.1, RFC 4035 3) */
	uint16_t rcode;          /* with the EDNS extension (RFC 6891) */
	bool qr, aa, tc, rd, ra, ad, cd;
	bool has_edns;
	uint16_t edns_udp_size;
	bool edns_do;
	size_t counts[DNS_SECTIONS];
	struct dns_record *records[DNS_SECTIONS];
	int ede_code;            /* RFC 8914, -1: none */
	char ede_text[256];
	char nsid[128];
};

enum dns_outcome {
	DNS_ANSWERED,
	DNS_TIMED_OUT,
	DNS_REFUSED_PORT,   /* ICMP port unreachable or RST: nobody listens */
	DNS_UNREACHABLE,    /* ICMP error or no route; errnum */
	DNS_MALFORMED,      /* an answer that cannot be decoded */
	DNS_FAILED,         /* local failure; errnum */
};

/* An answer that was not the one asked for (wrong id, question or source), seen while waiting. */
struct dns_stray {
	const char *why;        /* static */
	struct addr from;
	ns_t at;
};

struct dns_exchange {
	enum dns_outcome outcome;
	struct error error;             /* set unless DNS_ANSWERED */
	const struct dns_message *message; /* NULL without an answer, the cut one when TCP failed after TC; valid during the callback */
	struct addr server;
	enum dns_transport transport;   /* by which the answer came */
	bool truncated_first;           /* UDP said TC, then TCP was used */
	bool tcp_connected;             /* over TCP: the server took the connection */
	int tries;                      /* sent over UDP */
	ns_t began, ended;              /* CLOCK_MONOTONIC, of everything */
	ns_t rtt;                       /* of the last question alone; NS_NONE */
	bool kernel_stamped;
	size_t query_bytes, answer_bytes;
	const struct dns_stray *strays;
	size_t stray_count;
};

typedef void dns_fn(struct loop *loop, const struct dns_exchange *exchange, void *arg);
struct dns_query;

/* fn once, never from inside the start; then the handle is freed. */
struct dns_query *dns_query_start(struct loop *loop, const struct dns_request *request, dns_fn *fn, void *arg,
                                  struct error *err);
void dns_query_cancel(struct dns_query *query);

/* Decodes a message of untrusted bytes. Returns a message to free with dns_message_free (it keeps a copy of the bytes), or NULL with err
 * saying what is malformed and where. */
struct dns_message *dns_message_parse(const uint8_t *wire, size_t length, struct error *err);
void dns_message_free(struct dns_message *message);

/* The record's data in presentation format (RFC 1035 5, RFC 3597 for unknown types or malformed data). Writes at most size bytes with NUL,
 * returns the length that was needed. */
size_t dns_record_text(const struct dns_message *message, const struct dns_record *record, char *buf, size_t size);

/* Names and numbers. type/class/rcode names are written to buf (16 bytes) when unknown: "TYPE65280". *_parse returns -1 if unknown. */
const char *dns_type_name(uint16_t type, char buf[16]);
int dns_type_parse(const char *text);
const char *dns_class_name(uint16_t class_, char buf[16]);
int dns_class_parse(const char *text);
const char *dns_rcode_name(uint16_t rcode, char buf[16]);   /* "NXDOMAIN" */
const char *dns_rcode_meaning(uint16_t rcode);              /* "the name does not exist" */
const char *dns_ede_meaning(int code);                      /* RFC 8914, static */
extern const char *const dns_type_words[];                  /* for completion, NULL-ended */

#endif
