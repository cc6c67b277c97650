/* EDNS options (RFC 6891 6.1.2; the codes: IANA's "DNS EDNS0 Option Codes"). */
#include "wire/bytes.h"
#include "wire/dns_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
	OPTION_LLQ = 1,
	OPTION_UL,
	OPTION_NSID,
	OPTION_DAU = 5,
	OPTION_DHU,
	OPTION_N3U,
	OPTION_ECS,
	OPTION_EXPIRE,
	OPTION_COOKIE
};
enum {
	OPTION_KEEPALIVE = 11,
	OPTION_PADDING,
	OPTION_CHAIN,
	OPTION_KEY_TAG,
	OPTION_EDE,
	OPTION_REPORT = 18,
	OPTION_ZONEVERSION
};

static const struct {
	uint16_t code;
	const char *name;
} names[] = {
	{ OPTION_LLQ, "LLQ" },
	{ OPTION_UL, "UL" },
	{ OPTION_NSID, "NSID" },
	{ OPTION_DAU, "DAU" },
	{ OPTION_DHU, "DHU" },
	{ OPTION_N3U, "N3U" },
	{ OPTION_ECS, "ECS" },
	{ OPTION_EXPIRE, "EXPIRE" },
	{ OPTION_COOKIE, "COOKIE" },
	{ OPTION_KEEPALIVE, "KEEPALIVE" },
	{ OPTION_PADDING, "PADDING" },
	{ OPTION_CHAIN, "CHAIN" },
	{ OPTION_KEY_TAG, "KEY-TAG" },
	{ OPTION_EDE, "EDE" },
	{ OPTION_REPORT, "REPORT-CHANNEL" },
	{ OPTION_ZONEVERSION, "ZONEVERSION" },
};

const char *dns_option_name(uint16_t code, char buf[16])
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].code == code)
			return names[i].name;
	struct dns_sink sink = { buf, 16, 0, false };
	dns_sink_printf(&sink, "OPT%u", code);
	dns_sink_end(&sink);
	return buf;
}

int dns_option_code(const char *text)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(names[i].name, text) == 0)
			return names[i].code;
	char *end;
	if (*text < '0' || *text > '9')
		return -1;
	unsigned long number = strtoul(text, &end, 10);
	return *end || number > UINT16_MAX ? -1 : (int)number;
}

bool dns_option_next(const struct dns_message *message, size_t *at, struct dns_option *out)
{
	/* dns_message_parse has checked that options end where their record ends. */
	struct bytes_reader reader = bytes_reader_of(message->options, message->options_length);
	if (!message->options || !bytes_take(&reader, *at))
		return false;
	out->code = bytes_u16(&reader);
	out->length = bytes_u16(&reader);
	out->data = bytes_take(&reader, out->length);
	*at = message->options_length - reader.rest;
	return out->data && !reader.short_;
}

size_t dns_option_put(uint8_t options[DNS_OPTIONS_MAX], size_t used, uint16_t code, const uint8_t *data,
		      size_t length)
{
	if (length + 4 > DNS_OPTIONS_MAX - used)
		return used;
	bytes_put_u16(options + used, code);
	bytes_put_u16(options + used + 2, (uint16_t)length);
	if (length)
		memcpy(options + used + 4, data, length);
	return used + 4 + length;
}

/* Client subnet (RFC 7871 6): family, two prefix lengths, the address as far as its prefix goes. */
static bool text_subnet(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t family, source, scope;
	uint8_t bytes[16] = { 0 };
	if (!dns_read_number(cursor, 2, &family) || !dns_read_number(cursor, 1, &source) ||
	    !dns_read_number(cursor, 1, &scope))
		return false;
	size_t full = family == 1 ? 4 : family == 2 ? 16 : 0, left = dns_cursor_left(cursor);
	if (!full || left > full || source > full * 8 || scope > full * 8)
		return false;
	memcpy(bytes, cursor->message + cursor->at, left);
	struct dns_cursor whole = { bytes, 0, full };
	dns_text_address(&whole, family == 1 ? AF_INET : AF_INET6, sink);
	dns_sink_printf(sink, "/%u, the answer holds for /%u", (unsigned)source, (unsigned)scope);
	return true;
}

static bool text_error(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t code;
	if (!dns_read_number(cursor, 2, &code))
		return false;
	const char *meaning = dns_ede_meaning((int)code);
	dns_sink_printf(sink, "%u ", (unsigned)code);
	dns_sink_add(sink, meaning, strlen(meaning));
	if (dns_cursor_left(cursor)) {
		dns_sink_add(sink, ": ", 2);
		dns_sink_add(sink, (const char *)cursor->message + cursor->at, dns_cursor_left(cursor));
	}
	return true;
}

static bool text_seconds(struct dns_cursor *cursor, unsigned octets, unsigned divisor, struct dns_sink *sink)
{
	uint64_t number;
	if (!dns_cursor_left(cursor)) {
		dns_sink_add(sink, "asked for", 9);
		return true;
	}
	if (dns_cursor_left(cursor) != octets || !dns_read_number(cursor, octets, &number))
		return false;
	if (divisor == 1)
		dns_sink_printf(sink, "%u s", (unsigned)number);
	else
		dns_sink_printf(sink, "%u.%u s", (unsigned)number / divisor, (unsigned)number % divisor);
	return true;
}

static bool text_numbers(struct dns_cursor *cursor, unsigned octets, struct dns_sink *sink)
{
	uint64_t number;
	for (bool first = true; dns_cursor_left(cursor); first = false) {
		if (!dns_read_number(cursor, octets, &number))
			return false;
		dns_sink_printf(sink, "%s%u", first ? "" : " ", (unsigned)number);
	}
	return true;
}

/* The server's part is 8 to 32 octets behind ours (RFC 7873 4). */
static bool text_cookie(const struct dns_option *option, struct dns_sink *sink)
{
	if (option->length != 8 && (option->length < 16 || option->length > 40))
		return false;
	for (unsigned i = 0; i < option->length; i++)
		dns_sink_printf(sink, "%02x", option->data[i]);
	if (option->length == 8)
		dns_sink_add(sink, " (only ours: the server has none)", 33);
	return true;
}

static bool text_known(const struct dns_option *option, struct dns_sink *sink)
{
	struct dns_cursor cursor = { option->data, 0, option->length };
	switch (option->code) {
	case OPTION_ECS:
		return text_subnet(&cursor, sink);
	case OPTION_EDE:
		return text_error(&cursor, sink);
	case OPTION_EXPIRE:
		return text_seconds(&cursor, 4, 1, sink);
	case OPTION_KEEPALIVE:
		return text_seconds(&cursor, 2, 10, sink);
	case OPTION_COOKIE:
		return text_cookie(option, sink);
	case OPTION_DAU:
	case OPTION_DHU:
	case OPTION_N3U:
		return text_numbers(&cursor, 1, sink);
	case OPTION_KEY_TAG:
		return text_numbers(&cursor, 2, sink);
	case OPTION_CHAIN:
	case OPTION_REPORT:
		return dns_text_name(&cursor, sink);
	case OPTION_PADDING:
		dns_sink_printf(sink, "%u octets", option->length);
		return true;
	default:
		return false;
	}
}

size_t dns_option_text(const struct dns_option *option, char *buf, size_t size)
{
	struct dns_sink sink = { buf, size, 0, false };
	if (text_known(option, &sink))
		return dns_sink_end(&sink);
	sink.length = 0;
	bool printable = option->length > 0;
	for (unsigned i = 0; i < option->length; i++)
		printable = printable && option->data[i] >= 0x20 && option->data[i] < 0x7f;
	if (printable)
		dns_text_quoted(option->data, option->length, &sink);
	else
		dns_text_hex(option->data, option->length, &sink);
	return dns_sink_end(&sink);
}
