/* Record data over several lines (dig +multiline). */
#include "wire/dns_text.h"

#include "base/units.h"

#include <string.h>

enum { TYPE_SOA = 6, TYPE_SIG = 24, TYPE_KEY = 25, TYPE_RRSIG = 46, TYPE_DNSKEY = 48, TYPE_CDNSKEY = 60 };
enum { KEY_ZONE = 0x0100, KEY_SEP = 1, KEY_REVOKED = 0x80, LINE_OCTETS = 42 };

uint16_t dns_key_tag(const uint8_t *rdata, size_t length)
{
	uint32_t sum = 0;
	/* RSA/MD5 (1) has its tag in the modulus (RFC 4034 B.1). */
	if (length >= 7 && rdata[3] == 1)
		return (uint16_t)(rdata[length - 3] << 8 | rdata[length - 2]);
	for (size_t i = 0; i < length; i++)
		sum += i & 1 ? rdata[i] : (uint32_t)rdata[i] << 8;
	return (uint16_t)(sum + (sum >> 16));
}

static void new_line(struct dns_sink *sink, unsigned indent)
{
	dns_sink_char(sink, '\n');
	while (indent--)
		dns_sink_char(sink, ' ');
}

static void base64_lines(struct dns_cursor *cursor, unsigned indent, struct dns_sink *sink)
{
	while (dns_cursor_left(cursor)) {
		size_t left = dns_cursor_left(cursor), piece = left < LINE_OCTETS ? left : LINE_OCTETS;
		new_line(sink, indent);
		dns_text_base64(cursor->message + cursor->at, piece, sink);
		cursor->at += piece;
	}
}

static bool soa_lines(struct dns_cursor *cursor, unsigned indent, struct dns_sink *sink)
{
	static const char *const words[] = { "serial", "refresh", "retry", "expire", "minimum" };
	if (!dns_text_name(cursor, sink))
		return false;
	dns_sink_char(sink, ' ');
	if (!dns_text_name(cursor, sink))
		return false;
	dns_sink_add(sink, " (", 2);
	for (int i = 0; i < 5; i++) {
		uint64_t number;
		char text[UNITS_TEXT_MAX];
		if (!dns_read_number(cursor, 4, &number))
			return false;
		new_line(sink, indent);
		dns_sink_printf(sink, "%-10u ; %s", (unsigned)number, words[i]);
		if (i)
			dns_sink_printf(sink, " (%s)", units_format_seconds(number, text));
	}
	new_line(sink, indent);
	dns_sink_char(sink, ')');
	return dns_cursor_left(cursor) == 0;
}

static bool key_lines(const struct dns_record *record, struct dns_cursor *cursor, unsigned indent,
		      struct dns_sink *sink)
{
	uint64_t flags, protocol, algorithm;
	if (!dns_read_number(cursor, 2, &flags) || !dns_read_number(cursor, 1, &protocol) ||
	    !dns_read_number(cursor, 1, &algorithm))
		return false;
	dns_sink_printf(sink, "%u %u %u (", (unsigned)flags, (unsigned)protocol, (unsigned)algorithm);
	base64_lines(cursor, indent, sink);
	new_line(sink, indent);
	const char *kind = record->type == TYPE_KEY ? "key"
			   : !(flags & KEY_ZONE)    ? "no zone key"
			   : flags & KEY_SEP        ? "KSK"
						    : "ZSK";
	const char *name = dns_algorithm_name((unsigned)algorithm);
	dns_sink_printf(sink, ") ; %s%s; alg = %s ; key id = %u", flags & KEY_REVOKED ? "revoked " : "", kind,
			name ? name : "unknown", dns_key_tag(record->rdata, record->rdata_length));
	return true;
}

/* The fields up to the signature are those of one line. */
static bool signature_lines(struct dns_cursor *cursor, unsigned indent, struct dns_sink *sink)
{
	struct dns_cursor head = *cursor;
	struct dns_name signer;
	if (dns_cursor_left(cursor) < 18)
		return false;
	head.at += 18;
	if (dns_name_read(head.message, head.end, &head.at, &signer))
		return false;
	struct dns_cursor fixed = { cursor->message, cursor->at, cursor->at + 18 };
	if (!dns_text_fields("t114", &fixed, sink))
		return false;
	dns_sink_add(sink, " (", 2);
	new_line(sink, indent);
	if (!dns_text_fields("dd2", &fixed, sink))
		return false;
	dns_sink_char(sink, ' ');
	char text[DNS_NAME_TEXT_MAX];
	dns_sink_add(sink, text, dns_name_format(&signer, text));
	base64_lines(&head, indent, sink);
	dns_sink_add(sink, " )", 2);
	return true;
}

size_t dns_record_text_lines(const struct dns_message *message, const struct dns_record *record,
			     unsigned indent, char *buf, size_t size)
{
	struct dns_sink sink = { buf, size, 0, false };
	size_t begin = record->rdata ? (size_t)(record->rdata - message->wire) : 0;
	struct dns_cursor cursor = { message->wire, begin, begin + record->rdata_length };
	bool good = false;
	switch (record->type) {
	case TYPE_SOA:
		good = soa_lines(&cursor, indent, &sink);
		break;
	case TYPE_KEY:
	case TYPE_DNSKEY:
	case TYPE_CDNSKEY:
		good = key_lines(record, &cursor, indent, &sink);
		break;
	case TYPE_SIG:
	case TYPE_RRSIG:
		good = signature_lines(&cursor, indent, &sink);
		break;
	default:
		break;
	}
	return good ? dns_sink_end(&sink) : dns_record_text_split(message, record, buf, size);
}
