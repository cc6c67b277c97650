/* DNS questions on our own transport and codec: exact on the wire, wrong answers shown instead of dropped. */
#ifndef NTSH_DNS_H
#define NTSH_DNS_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

enum { DNS_OPTIONS_MAX = 512 };
enum { DNS_NAME_TEXT_MAX = 1025 }; /* 255 octets, each at most \DDD, and NUL */

enum dns_transport { DNS_UDP, DNS_TCP, DNS_TLS /* RFC 7858 */, DNS_HTTPS /* RFC 8484 */ };

struct dns_message;

struct dns_request {
	const char *name;       /* presentation format; absolute with or without the final dot */
	uint16_t type, class_;  /* class_ 0: IN */
	struct addr server;     /* port 0: 53, over TLS 853, over HTTPS 443 */
	enum dns_transport transport; /* DNS_UDP falls over to TCP on TC unless ignore_truncation */
	bool recursion_desired, checking_disabled, authentic_data, dnssec_ok, no_edns, ignore_truncation, nsid;
	bool authoritative, zero; /* the flags AA and Z, which a question should not have */
	uint8_t edns_version;
	const uint8_t *options;   /* further EDNS options in wire form (dns_option_put) */
	size_t options_length;    /* at most DNS_OPTIONS_MAX */
	uint32_t serial;          /* IXFR: of the zone that we have (RFC 1995) */
	/* AXFR and IXFR: gets each message of the transfer as it comes; false stops it. The exchange's message is then the last one. */
	bool (*each)(const struct dns_message *message, void *arg);
	void *each_arg;
	bool patient;             /* many at once (ntsh/dns_batch.h): a server that answers others is asked more often than `tries` */
	const char *tls_name;     /* over TLS and HTTPS: whose certificate it must be; NULL: the server's address, and none is demanded */
	const char *tls_ca;       /* file of trusted certificates; "": the system's. NULL: the certificate is looked at, not demanded */
	const char *https_path;   /* NULL: /dns-query */
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
	const uint8_t *options; /* all EDNS options, in `wire`: dns_option_next */
	size_t options_length;
	uint8_t edns_version;
};

enum dns_outcome {
	DNS_ANSWERED,
	DNS_TIMED_OUT,
	DNS_REFUSED_PORT,   /* ICMP port unreachable or RST: nobody listens */
	DNS_UNREACHABLE,    /* ICMP error or no route; errnum */
	DNS_MALFORMED,      /* an answer that cannot be decoded */
	DNS_FAILED,         /* local failure; errnum */
	DNS_UNTRUSTED,      /* TLS: the handshake failed, or the certificate is not the one demanded */
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
	char tls_version[16];           /* over TLS and HTTPS; "" unknown */
	char tls_fault[256];            /* what is wrong with its certificate, in a sentence; "": nothing */
	int http_status;                /* over HTTPS; 0: none */
	size_t message_count, record_count; /* of a zone transfer */
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

/* The same as dig prints it without +nosplit: long base64 and hex in words of 56 characters. */
size_t dns_record_text_split(const struct dns_message *message, const struct dns_record *record, char *buf,
                             size_t size);

/* The same over several lines, with what the numbers mean, as dig +multiline does it (SOA, keys, signatures); other types on one
 * line. indent: blanks before further lines. */
size_t dns_record_text_lines(const struct dns_message *message, const struct dns_record *record, unsigned indent,
                             char *buf, size_t size);

/* The tag of a key from its record data (RFC 4034 B). */
uint16_t dns_key_tag(const uint8_t *rdata, size_t length);

/* One EDNS option (RFC 6891 6.1.2); data points into the message. */
struct dns_option {
	uint16_t code, length;
	const uint8_t *data;
};

/* Walks the options of a message; *at begins as 0. */
bool dns_option_next(const struct dns_message *message, size_t *at, struct dns_option *out);

/* Its name ("COOKIE", "OPT65001") and its value in words. dns_option_text returns the length that was needed. */
const char *dns_option_name(uint16_t code, char buf[16]);
size_t dns_option_text(const struct dns_option *option, char *buf, size_t size);

/* A name or number; -1 unknown. */
int dns_option_code(const char *text);

/* Appends an option to `used` octets of options. Returns the new length, or `used` when DNS_OPTIONS_MAX does not take it. */
size_t dns_option_put(uint8_t options[DNS_OPTIONS_MAX], size_t used, uint16_t code, const uint8_t *data,
                      size_t length);

/* Names and numbers. type/class/rcode names are written to buf (16 bytes) when unknown: "TYPE65280". *_parse returns -1 if unknown. */
const char *dns_type_name(uint16_t type, char buf[16]);
int dns_type_parse(const char *text);
/* dns_type_parse with an error: 0, or -1 with err (STATUS_USAGE). */
int dns_type_read(const char *text, uint16_t *out, struct error *err);
const char *dns_class_name(uint16_t class_, char buf[16]);
int dns_class_parse(const char *text);
const char *dns_rcode_name(uint16_t rcode, char buf[16]);   /* "NXDOMAIN" */
const char *dns_transport_name(enum dns_transport transport); /* "UDP", "TCP", "TLS", "HTTPS" */
const char *dns_rcode_meaning(uint16_t rcode);              /* "the name does not exist" */
const char *dns_algorithm_name(unsigned algorithm);         /* of DNSSEC: "ECDSAP256SHA256"; NULL unknown */
const char *dns_ede_meaning(int code);                      /* RFC 8914, static */
extern const char *const dns_type_words[];                  /* for completion, NULL-ended */

#endif
