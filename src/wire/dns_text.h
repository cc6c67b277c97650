/* Record data as text: shared between the files that write it. */
#ifndef WIRE_DNS_TEXT_H
#define WIRE_DNS_TEXT_H

#include "wire/dns_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that is cut at size but counted to its end, as snprintf does. */
struct dns_sink {
	char *text;
	size_t size, length;
	bool split; /* long base64 and hex in words, as dig writes them */
};

void dns_sink_add(struct dns_sink *sink, const char *text, size_t length);
void dns_sink_char(struct dns_sink *sink, char c);
void dns_sink_printf(struct dns_sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the text with NUL; returns the length that was needed. */
size_t dns_sink_end(struct dns_sink *sink);

/* The data being read: octets [at, end) of the message, which names may point back into. */
struct dns_cursor {
	const uint8_t *message;
	size_t at, end;
};

static inline size_t dns_cursor_left(const struct dns_cursor *cursor)
{
	return cursor->end - cursor->at;
}

/* Each of these reads one field, writes it, and returns false when the data is too short or not of that form. */
bool dns_read_number(struct dns_cursor *cursor, unsigned octets, uint64_t *out);
bool dns_text_name(struct dns_cursor *cursor, struct dns_sink *sink);
bool dns_text_string(struct dns_cursor *cursor, struct dns_sink *sink); /* length octet, octets; quoted */
void dns_text_quoted(const uint8_t *bytes, size_t length, struct dns_sink *sink);
bool dns_text_address(struct dns_cursor *cursor, int family, struct dns_sink *sink);
void dns_text_hex(const uint8_t *bytes, size_t length, struct dns_sink *sink); /* upper case */
void dns_text_hex_words(const uint8_t *bytes, size_t length, struct dns_sink *sink); /* split when the sink wants that */
void dns_text_base64_words(const uint8_t *bytes, size_t length, struct dns_sink *sink);
void dns_text_base64(const uint8_t *bytes, size_t length, struct dns_sink *sink);
void dns_text_base32hex(const uint8_t *bytes, size_t length, struct dns_sink *sink);
bool dns_text_bitmap(struct dns_cursor *cursor, struct dns_sink *sink); /* RFC 4034 4.1.2 */

/* Writes the fields of a layout (the letters are explained at the table of layouts). */
bool dns_text_fields(const char *fields, struct dns_cursor *cursor, struct dns_sink *sink);

/* Types with a form of their own. */
bool dns_text_svcb(struct dns_cursor *cursor, struct dns_sink *sink); /* RFC 9460 2.1, the parameters */
bool dns_text_loc(struct dns_cursor *cursor, struct dns_sink *sink);  /* RFC 1876 */
bool dns_text_apl(struct dns_cursor *cursor, struct dns_sink *sink);  /* RFC 3123 */
bool dns_text_gateway(struct dns_cursor *cursor, bool amt, struct dns_sink *sink); /* RFC 4025, RFC 8777 */
bool dns_text_hip(struct dns_cursor *cursor, struct dns_sink *sink);               /* RFC 8005 */
bool dns_text_tsig(struct dns_cursor *cursor, struct dns_sink *sink);              /* RFC 8945 4.2 */

#endif
