/* DNS messages as bytes (RFC 1035 4, RFC 6891): what the transport needs beside ntsh/dns.h. */
#ifndef WIRE_DNS_MESSAGE_H
#define WIRE_DNS_MESSAGE_H

#include "ntsh/dns.h"
#include "wire/dns_name.h"

enum {
	DNS_HEADER_SIZE = 12,
	DNS_QUERY_MAX = DNS_HEADER_SIZE + DNS_NAME_WIRE_MAX + 4 + 11 + 4 + DNS_OPTIONS_MAX + 28,
	DNS_MESSAGE_MAX = 65535,
	DNS_UDP_SIZE_DEFAULT = 1232, /* DNS flag day 2020: fits any path without fragments */
};

/* The question of a query, kept to recognise its answer. */
struct dns_question {
	struct dns_name name;
	uint16_t type, class_;
};

/* Writes the query of the request into buf (DNS_QUERY_MAX bytes) and its question to *question. Returns the length, or 0 with err when
 * the name is none. */
size_t dns_query_build(const struct dns_request *request, uint16_t id, uint8_t buf[DNS_QUERY_MAX],
		       struct dns_question *question, struct error *err);

/* Why the message is no answer to the question (static: "another id", ...), or NULL when it is one. An error without any question in it
 * is taken as an answer: servers that cannot read the question send that (RFC 1035 4.1.1, FORMERR). */
const char *dns_answer_mismatch(const struct dns_message *message, uint16_t id,
				const struct dns_question *question);

/* The id and the QR bit of bytes that need not be a message; false when they are too short. */
bool dns_header_peek(const uint8_t *wire, size_t length, uint16_t *id, bool *answer);

#endif
