/* DNS answers as results: the fields that several commands share, put and laid out in one place. */
#ifndef NTSH_DNS_SHOW_H
#define NTSH_DNS_SHOW_H

#include "ntsh/command.h"
#include "ntsh/dns.h"

/* What dns_record_put puts, as rows of a command's field table. LIST: "answer[]". */
#define DNS_RECORD_FIELDS(LIST)                                                                              \
	{ LIST ".name", KIND_TEXT, "owner" },                                                                \
	    { LIST ".ttl", KIND_INTEGER, "how long the record may be kept" },                                \
	    { LIST ".class", KIND_TEXT, "IN, nearly always" },                                               \
	    { LIST ".type", KIND_TEXT, "A, MX, TYPE65280 ..." },                                             \
	{                                                                                                    \
		LIST ".data", KIND_TEXT, "presentation format (RFC 1035), or \\# and hex (RFC 3597)"         \
	}

void dns_record_put(struct result *result, const struct dns_message *message,
		    const struct dns_record *record);

/* What dns_exchange_put puts. */
#define DNS_EXCHANGE_FIELDS(LIST)                                                                            \
	{ LIST ".status", KIND_TEXT, "as above, of this one" },                                              \
	    { LIST ".meaning", KIND_TEXT, "the status in words" },                                           \
	    { LIST ".server", KIND_ENDPOINT, "who was asked" },                                              \
	    { LIST ".transport", KIND_TEXT, "UDP, TCP, TLS or HTTPS: by which the answer came" },            \
	    { LIST ".time_ms", KIND_TIME, "from the last question to its answer" },                          \
	    { LIST ".clock", KIND_TEXT, "kernel: stamps of the packets; program: our own clock" },           \
	    { LIST ".tries", KIND_COUNT, "how often it was sent over UDP" },                                 \
	    { LIST ".answer_bytes", KIND_BYTES, "size of the answer" },                                      \
	    { LIST ".truncated", KIND_FLAG, "the answer over UDP was cut" },                                 \
	    { LIST ".tls_version", KIND_TEXT, "over TLS and HTTPS" },                                        \
	{                                                                                                    \
		LIST ".tls_fault", KIND_TEXT, "what is wrong with the server's certificate"                  \
	}

void dns_exchange_put(struct result *result, const struct dns_exchange *exchange);

/* What dns_message_put puts. */
#define DNS_MESSAGE_FIELDS(LIST)                                                                             \
	{ LIST ".flags", KIND_TEXT, "the answer's flags as dig writes them" },                               \
	    { LIST ".flags_meaning", KIND_TEXT, "those that matter, in words" },                             \
	    { LIST ".nsid", KIND_TEXT, "the server's identity" },                                            \
	    { LIST ".ede_code", KIND_COUNT, "extended DNS error (RFC 8914)" },                               \
	    { LIST ".ede_meaning", KIND_TEXT, "the same in words" },                                         \
	    { LIST ".ede_text", KIND_TEXT, "what the server adds to it" },                                   \
	    { LIST ".edns_bytes", KIND_BYTES, "EDNS: largest message that the server takes over UDP" },      \
	    { LIST ".options", KIND_NONE, "EDNS options of the answer" },                                    \
	    { LIST ".options[].name", KIND_TEXT, "NSID, COOKIE, ECS, EDE ... OPT65001" },                    \
	{                                                                                                    \
		LIST ".options[].value", KIND_TEXT, "in words, or hex"                                       \
	}

/* shown: also laid out for people. */
void dns_message_put(struct result *result, const struct dns_message *message, bool shown);

/* What dns_others_put puts: the records of the other sections. authority, additional: laid out for people as well. */
#define DNS_OTHER_FIELDS(LIST)                                                                               \
	{ LIST ".other", KIND_NONE, "records of the answer's other sections" },                              \
	    { LIST ".other[].section", KIND_TEXT, "authority or additional" },                               \
	    DNS_RECORD_FIELDS(LIST ".other[]")

void dns_others_put(struct result *result, const struct dns_message *message, bool authority,
		    bool additional);

/* What dns_strays_put puts. */
#define DNS_STRAY_FIELDS(LIST)                                                                               \
	{ LIST ".strays", KIND_NONE, "what came that is no answer to the question" },                        \
	    { LIST ".strays[].why", KIND_TEXT,                                                               \
	      "another id, another address, another name in the question ..." },                             \
	{                                                                                                    \
		LIST ".strays[].from", KIND_ENDPOINT, "where it came from"                                   \
	}

void dns_strays_put(struct result *result, const struct dns_exchange *exchange);

/* --- as dig prints it, for scripts --- */

enum dns_lines { DNS_LINES_SHORT /* the data alone */, DNS_LINES_FULL, DNS_LINES_MULTI /* +multiline */ };

/* The section's records as dig's text, each line with its end. whole: long base64 and hex in one piece (+nosplit). */
void dns_lines_show(struct result *result, const struct dns_message *message, enum dns_section section,
		    enum dns_lines how, bool whole);

#endif
