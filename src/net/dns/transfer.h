/* The course of a zone transfer: which record ends it (RFC 5936 2.2, RFC 1995 4). Pure. */
#ifndef NET_DNS_TRANSFER_H
#define NET_DNS_TRANSFER_H

#include "wire/dns_message.h"

struct dns_transfer {
	struct dns_name zone;
	uint32_t ours;    /* IXFR: the serial that we have */
	bool incremental; /* IXFR was asked */
	size_t messages, records;
	uint32_t serial;  /* of the first SOA */
	bool differences; /* an incremental answer, not a whole zone */
	bool adding;      /* between its second and its third SOA */
};

enum dns_transfer_step { DNS_TRANSFER_MORE, DNS_TRANSFER_DONE, DNS_TRANSFER_WRONG };

void dns_transfer_begin(struct dns_transfer *transfer, const struct dns_question *question, uint32_t serial);

/* Takes the next message. WRONG: *why says what is wrong (static). */
enum dns_transfer_step dns_transfer_take(struct dns_transfer *transfer, const struct dns_message *message,
					 const char **why);

static inline bool dns_type_is_transfer(uint16_t type)
{
	return type == 251 || type == 252;
}

#endif
