/* Record data in presentation format, driven by one row of field letters for each type. */
#include "wire/dns_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* The letters:
 *   n name   1 2 4 unsigned number of that many octets   a A IPv4, IPv6   s S one, or one and more, character-strings
 *   q the rest, quoted   t type word   d time YYYYMMDDHHMMSS   b x the rest in base64, hex   X the rest as 0x hex
 *   h H octet-counted hex ("-" when empty), base32hex   m type bitmap   g octet-counted word
 *   e octets as 00-11   i four hex groups   c k CERT type, algorithm   v SVCB parameters   L P G M I T a form of its own
 * A field is set off by a blank, but m and v bring their own. */
struct layout {
	uint16_t type;
	const char *fields;
};

static const struct layout layouts[] = {
	{ 1, "a" },        { 2, "n" },          { 3, "n" },     { 4, "n" },       { 5, "n" },
	{ 6, "nn44444" },  { 7, "n" },          { 8, "n" },     { 9, "n" },       { 12, "n" },
	{ 13, "ss" },      { 14, "nn" },        { 15, "2n" },   { 16, "S" },      { 17, "nn" },
	{ 18, "2n" },      { 19, "s" },         { 20, "S" },    { 21, "2n" },     { 22, "X" },
	{ 23, "n" },       { 24, "t114dd2nb" }, { 25, "211b" }, { 26, "2nn" },    { 27, "sss" },
	{ 28, "A" },       { 29, "L" },         { 33, "222n" }, { 35, "22sssn" }, { 36, "2n" },
	{ 37, "c2kb" },    { 39, "n" },         { 42, "P" },    { 43, "211x" },   { 44, "11x" },
	{ 45, "G" },       { 46, "t114dd2nb" }, { 47, "nm" },   { 48, "211b" },   { 49, "b" },
	{ 50, "112hHm" },  { 51, "112h" },      { 52, "111x" }, { 53, "111x" },   { 55, "I" },
	{ 56, "S" },       { 57, "211b" },      { 58, "nn" },   { 59, "211x" },   { 60, "211b" },
	{ 61, "b" },       { 62, "42m" },       { 63, "411x" }, { 64, "2nv" },    { 65, "2nv" },
	{ 66, "t12n" },    { 99, "S" },         { 104, "2i" },  { 105, "2a" },    { 106, "2i" },
	{ 107, "2n" },     { 108, "e" },        { 109, "e" },   { 250, "T" },     { 256, "22q" },
	{ 257, "1gq" },    { 258, "S" },        { 260, "M" },   { 261, "S" },     { 262, "S" },
	{ 32768, "211x" }, { 32769, "211x" },
};

static const char *layout_find(uint16_t type)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (layouts[i].type == type)
			return layouts[i].fields;
	return NULL;
}

static bool text_number(struct dns_cursor *cursor, unsigned octets, struct dns_sink *sink)
{
	uint64_t number;
	if (!dns_read_number(cursor, octets, &number))
		return false;
	dns_sink_printf(sink, "%u", (unsigned)number);
	return true;
}

static bool text_type(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t number;
	char unknown[16];
	if (!dns_read_number(cursor, 2, &number))
		return false;
	dns_sink_printf(sink, "%s", dns_type_name((uint16_t)number, unknown));
	return true;
}

/* Serial arithmetic (RFC 4034 3.1.5) would need a clock: dates from 1970 to 2106 are meant. */
static bool text_date(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t number;
	if (!dns_read_number(cursor, 4, &number))
		return false;
	time_t seconds = (time_t)number;
	struct tm tm;
	gmtime_r(&seconds, &tm);
	dns_sink_printf(sink, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			tm.tm_hour, tm.tm_min, tm.tm_sec);
	return true;
}

/* RFC 4398 2.1. */
static bool text_cert_type(struct dns_cursor *cursor, struct dns_sink *sink)
{
	static const char *const words[] = { NULL,    "PKIX", "SPKI",   "PGP",    "IPKIX",
					     "ISPKI", "IPGP", "ACPKIX", "IACPKIX" };
	uint64_t number;
	if (!dns_read_number(cursor, 2, &number))
		return false;
	if (number && number < sizeof words / sizeof words[0])
		dns_sink_printf(sink, "%s", words[number]);
	else if (number == 253 || number == 254)
		dns_sink_printf(sink, "%s", number == 253 ? "URI" : "OID");
	else
		dns_sink_printf(sink, "%u", (unsigned)number);
	return true;
}

const char *dns_algorithm_name(unsigned algorithm)
{
	static const char *const words[] = {
		[1] = "RSAMD5",
		[2] = "DH",
		[3] = "DSA",
		[5] = "RSASHA1",
		[6] = "NSEC3DSA",
		[7] = "NSEC3RSASHA1",
		[8] = "RSASHA256",
		[10] = "RSASHA512",
		[12] = "ECCGOST",
		[13] = "ECDSAP256SHA256",
		[14] = "ECDSAP384SHA384",
		[15] = "ED25519",
		[16] = "ED448",
		[252] = "INDIRECT",
		[253] = "PRIVATEDNS",
		[254] = "PRIVATEOID",
	};
	return algorithm < sizeof words / sizeof words[0] ? words[algorithm] : NULL;
}

/* By name, as dig prints it here alone (RFC 4398 2.2). */
static bool text_algorithm(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t number;
	if (!dns_read_number(cursor, 1, &number))
		return false;
	const char *name = dns_algorithm_name((unsigned)number);
	if (name)
		dns_sink_printf(sink, "%s", name);
	else
		dns_sink_printf(sink, "%u", (unsigned)number);
	return true;
}

static bool text_strings(struct dns_cursor *cursor, struct dns_sink *sink)
{
	do {
		if (!dns_text_string(cursor, sink))
			return false;
		if (dns_cursor_left(cursor))
			dns_sink_char(sink, ' ');
	} while (dns_cursor_left(cursor));
	return true;
}

/* Octets that come with their count: NSEC3's salt and hash, CAA's tag. */
static bool text_counted(char letter, struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t length;
	if (!dns_read_number(cursor, 1, &length) || length > dns_cursor_left(cursor))
		return false;
	const uint8_t *bytes = cursor->message + cursor->at;
	cursor->at += length;
	if (letter == 'g') {
		for (size_t i = 0; i < length; i++)
			if (bytes[i] <= 0x20 || bytes[i] >= 0x7f || bytes[i] == '"' || bytes[i] == '\\')
				return false;
		dns_sink_add(sink, (const char *)bytes, length);
		return length > 0;
	}
	if (letter == 'H') {
		dns_text_base32hex(bytes, length, sink);
		return length > 0;
	}
	if (length)
		dns_text_hex(bytes, length, sink);
	else
		dns_sink_char(sink, '-');
	return true;
}

static bool text_groups(char letter, struct dns_cursor *cursor, struct dns_sink *sink)
{
	size_t left = dns_cursor_left(cursor);
	if (letter == 'i' ? left != 8 : left != 6 && left != 8)
		return false;
	for (size_t i = 0; i < left; i += letter == 'i' ? 2 : 1) {
		const uint8_t *at = cursor->message + cursor->at + i;
		if (letter == 'i')
			dns_sink_printf(sink, "%s%x", i ? ":" : "", (unsigned)(at[0] << 8 | at[1]));
		else
			dns_sink_printf(sink, "%s%02x", i ? "-" : "", at[0]);
	}
	cursor->at = cursor->end;
	return true;
}

static void text_rest(char letter, struct dns_cursor *cursor, struct dns_sink *sink)
{
	const uint8_t *bytes = cursor->message + cursor->at;
	size_t left = dns_cursor_left(cursor);
	if (letter == 'X') {
		dns_sink_add(sink, "0x", 2);
		for (size_t i = 0; i < left; i++)
			dns_sink_printf(sink, "%02x", bytes[i]);
	} else if (letter == 'b') {
		dns_text_base64_words(bytes, left, sink);
	} else if (letter == 'q') {
		dns_text_quoted(bytes, left, sink);
	} else {
		dns_text_hex_words(bytes, left, sink);
	}
	cursor->at = cursor->end;
}

static bool text_special(char letter, struct dns_cursor *cursor, struct dns_sink *sink)
{
	switch (letter) {
	case 'm':
		return dns_text_bitmap(cursor, sink);
	case 'v':
		return dns_text_svcb(cursor, sink);
	case 'L':
		return dns_text_loc(cursor, sink);
	case 'P':
		return dns_text_apl(cursor, sink);
	case 'G':
	case 'M':
		return dns_text_gateway(cursor, letter == 'M', sink);
	case 'I':
		return dns_text_hip(cursor, sink);
	default:
		return dns_text_tsig(cursor, sink);
	}
}

static bool text_field(char letter, struct dns_cursor *cursor, struct dns_sink *sink)
{
	switch (letter) {
	case 'n':
		return dns_text_name(cursor, sink);
	case '1':
	case '2':
	case '4':
		return text_number(cursor, (unsigned)(letter - '0'), sink);
	case 'a':
		return dns_text_address(cursor, AF_INET, sink);
	case 'A':
		return dns_text_address(cursor, AF_INET6, sink);
	case 's':
		return dns_text_string(cursor, sink);
	case 'S':
		return text_strings(cursor, sink);
	case 't':
		return text_type(cursor, sink);
	case 'd':
		return text_date(cursor, sink);
	case 'c':
		return text_cert_type(cursor, sink);
	case 'k':
		return text_algorithm(cursor, sink);
	case 'h':
	case 'H':
	case 'g':
		return text_counted(letter, cursor, sink);
	case 'e':
	case 'i':
		return text_groups(letter, cursor, sink);
	case 'b':
	case 'x':
	case 'X':
	case 'q':
		text_rest(letter, cursor, sink);
		return true;
	default:
		return text_special(letter, cursor, sink);
	}
}

bool dns_text_fields(const char *fields, struct dns_cursor *cursor, struct dns_sink *sink)
{
	for (const char *letter = fields; *letter; letter++) {
		bool rest = *letter == 'b' || *letter == 'x';
		if (letter != fields && *letter != 'm' && *letter != 'v' &&
		    !(rest && !dns_cursor_left(cursor)))
			dns_sink_char(sink, ' ');
		if (!text_field(*letter, cursor, sink))
			return false;
	}
	return true;
}

static size_t record_text(const struct dns_message *message, const struct dns_record *record,
			  struct dns_sink *sink)
{
	size_t begin = record->rdata ? (size_t)(record->rdata - message->wire) : 0;
	struct dns_cursor cursor = { message->wire, begin, begin + record->rdata_length };
	const char *fields = layout_find(record->type);
	/* Other classes have other forms of A (RFC 1035 3.4 is for IN), and an update has records without data. */
	if (record->class_ != 1 && (record->type == 1 || record->type == 28))
		fields = NULL;
	if (!fields || !dns_text_fields(fields, &cursor, sink) || dns_cursor_left(&cursor)) {
		sink->length = 0;
		dns_sink_printf(sink, "\\# %u", record->rdata_length);
		if (record->rdata_length)
			dns_sink_char(sink, ' ');
		dns_text_hex_words(message->wire + begin, record->rdata_length, sink);
	}
	return dns_sink_end(sink);
}

size_t dns_record_text(const struct dns_message *message, const struct dns_record *record, char *buf,
		       size_t size)
{
	struct dns_sink sink = { buf, size, 0, false };
	return record_text(message, record, &sink);
}

size_t dns_record_text_split(const struct dns_message *message, const struct dns_record *record, char *buf,
			     size_t size)
{
	struct dns_sink sink = { buf, size, 0, true };
	return record_text(message, record, &sink);
}
