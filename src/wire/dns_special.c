/* Record types whose text is no plain row of fields. */
#include "wire/dns_text.h"

#include <string.h>
#include <sys/socket.h>

static const char *const svcb_keys[] = {
	"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp",
};
enum {
	SVCB_MANDATORY,
	SVCB_ALPN,
	SVCB_NO_DEFAULT_ALPN,
	SVCB_PORT,
	SVCB_IPV4HINT,
	SVCB_ECH,
	SVCB_IPV6HINT,
	SVCB_DOHPATH,
	SVCB_OHTTP
};

static void svcb_key(uint64_t key, struct dns_sink *sink)
{
	if (key < sizeof svcb_keys / sizeof svcb_keys[0])
		dns_sink_add(sink, svcb_keys[key], strlen(svcb_keys[key]));
	else
		dns_sink_printf(sink, "key%u", (unsigned)key);
}

/* "h2,h3": the comma is escaped inside an id, and the backslash twice (RFC 9460 A.1). */
static bool svcb_alpn(struct dns_cursor *value, struct dns_sink *sink)
{
	dns_sink_char(sink, '"');
	for (bool first = true; dns_cursor_left(value); first = false) {
		uint64_t length;
		if (!dns_read_number(value, 1, &length) || length == 0 || length > dns_cursor_left(value))
			return false;
		if (!first)
			dns_sink_char(sink, ',');
		for (; length; length--) {
			uint8_t c = value->message[value->at++];
			if (c < 0x20 || c >= 0x7f) {
				dns_sink_printf(sink, "\\%03u", c);
				continue;
			}
			if (c == ',' || c == '\\')
				dns_sink_add(sink, "\\\\", 2);
			if (c == '"' || c == '\\')
				dns_sink_char(sink, '\\');
			dns_sink_char(sink, (char)c);
		}
	}
	dns_sink_char(sink, '"');
	return true;
}

static bool svcb_list(uint64_t key, struct dns_cursor *value, struct dns_sink *sink)
{
	if (!dns_cursor_left(value))
		return false;
	for (bool first = true; dns_cursor_left(value); first = false) {
		if (!first)
			dns_sink_char(sink, ',');
		uint64_t number;
		if (key == SVCB_IPV4HINT || key == SVCB_IPV6HINT) {
			if (!dns_text_address(value, key == SVCB_IPV4HINT ? AF_INET : AF_INET6, sink))
				return false;
		} else if (!dns_read_number(value, 2, &number)) {
			return false;
		} else {
			svcb_key(number, sink);
		}
	}
	return true;
}

static bool svcb_value(uint64_t key, struct dns_cursor *value, struct dns_sink *sink)
{
	const uint8_t *bytes = value->message + value->at;
	size_t length = dns_cursor_left(value);
	uint64_t port;
	switch (key) {
	case SVCB_NO_DEFAULT_ALPN:
	case SVCB_OHTTP:
		return length == 0;
	case SVCB_ALPN:
		dns_sink_char(sink, '=');
		return length && svcb_alpn(value, sink);
	case SVCB_PORT:
		if (length != 2 || !dns_read_number(value, 2, &port))
			return false;
		dns_sink_printf(sink, "=%u", (unsigned)port);
		return true;
	case SVCB_MANDATORY:
	case SVCB_IPV4HINT:
	case SVCB_IPV6HINT:
		dns_sink_char(sink, '=');
		return svcb_list(key, value, sink);
	case SVCB_ECH:
		dns_sink_char(sink, '=');
		dns_text_base64(bytes, length, sink);
		return true;
	default:
		if (length) {
			dns_sink_char(sink, '=');
			dns_text_quoted(bytes, length, sink);
		}
		return true;
	}
}

bool dns_text_svcb(struct dns_cursor *cursor, struct dns_sink *sink)
{
	int64_t before = -1;
	while (dns_cursor_left(cursor)) {
		uint64_t key, length;
		if (!dns_read_number(cursor, 2, &key) || !dns_read_number(cursor, 2, &length) ||
		    length > dns_cursor_left(cursor) || (int64_t)key <= before)
			return false;
		before = (int64_t)key;
		struct dns_cursor value = { cursor->message, cursor->at, cursor->at + length };
		dns_sink_char(sink, ' ');
		svcb_key(key, sink);
		if (!svcb_value(key, &value, sink))
			return false;
		cursor->at += length;
	}
	return true;
}

/* Degrees, minutes, seconds from thousandths of an arc second around 2^31. */
static bool loc_angle(uint64_t raw, unsigned most, const char *signs, struct dns_sink *sink)
{
	int64_t angle = (int64_t)raw - ((int64_t)1 << 31);
	uint64_t size = (uint64_t)(angle < 0 ? -angle : angle);
	if (size > (uint64_t)most * 3600000)
		return false;
	dns_sink_printf(sink, "%u %u %u.%03u %c ", (unsigned)(size / 3600000), (unsigned)(size / 60000 % 60),
			(unsigned)(size / 1000 % 60), (unsigned)(size % 1000), signs[angle < 0]);
	return true;
}

/* Four bits of mantissa, four of a power of ten, in centimetres. */
static bool loc_size(uint64_t raw, struct dns_sink *sink)
{
	uint64_t size = raw >> 4;
	if (raw >> 4 > 9 || (raw & 15) > 9)
		return false;
	for (uint64_t i = 0; i < (raw & 15); i++)
		size *= 10;
	if (size % 100)
		dns_sink_printf(sink, " %llu.%02um", (unsigned long long)(size / 100),
				(unsigned)(size % 100));
	else
		dns_sink_printf(sink, " %llum", (unsigned long long)(size / 100));
	return true;
}

bool dns_text_loc(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t version, size, horizontal, vertical, latitude, longitude, altitude;
	if (!dns_read_number(cursor, 1, &version) || version || !dns_read_number(cursor, 1, &size) ||
	    !dns_read_number(cursor, 1, &horizontal) || !dns_read_number(cursor, 1, &vertical) ||
	    !dns_read_number(cursor, 4, &latitude) || !dns_read_number(cursor, 4, &longitude) ||
	    !dns_read_number(cursor, 4, &altitude))
		return false;
	if (!loc_angle(latitude, 90, "NS", sink) || !loc_angle(longitude, 180, "EW", sink))
		return false;
	int64_t above = (int64_t)altitude - 10000000;
	uint64_t height = (uint64_t)(above < 0 ? -above : above);
	dns_sink_printf(sink, "%s%llu.%02um", above < 0 ? "-" : "", (unsigned long long)(height / 100),
			(unsigned)(height % 100));
	return loc_size(size, sink) && loc_size(horizontal, sink) && loc_size(vertical, sink);
}

bool dns_text_apl(struct dns_cursor *cursor, struct dns_sink *sink)
{
	for (bool first = true; dns_cursor_left(cursor); first = false) {
		uint64_t family, prefix, length;
		if (!dns_read_number(cursor, 2, &family) || !dns_read_number(cursor, 1, &prefix) ||
		    !dns_read_number(cursor, 1, &length))
			return false;
		bool negative = length & 0x80;
		length &= 0x7f;
		size_t full = family == 1 ? 4 : family == 2 ? 16 : 0;
		if (length > full || length > dns_cursor_left(cursor) || prefix > full * 8)
			return false;
		uint8_t bytes[16] = { 0 };
		memcpy(bytes, cursor->message + cursor->at, length);
		cursor->at += length;
		struct dns_cursor whole = { bytes, 0, full };
		dns_sink_printf(sink, "%s%s%u:", first ? "" : " ", negative ? "!" : "", (unsigned)family);
		dns_text_address(&whole, family == 1 ? AF_INET : AF_INET6, sink);
		dns_sink_printf(sink, "/%u", (unsigned)prefix);
	}
	return true;
}

static bool gateway_address(uint64_t kind, struct dns_cursor *cursor, struct dns_sink *sink)
{
	switch (kind) {
	case 0:
		dns_sink_char(sink, '.');
		return true;
	case 1:
		return dns_text_address(cursor, AF_INET, sink);
	case 2:
		return dns_text_address(cursor, AF_INET6, sink);
	case 3:
		return dns_text_name(cursor, sink);
	default:
		return false;
	}
}

bool dns_text_gateway(struct dns_cursor *cursor, bool amt, struct dns_sink *sink)
{
	uint64_t precedence, kind, algorithm = 0;
	if (!dns_read_number(cursor, 1, &precedence) || !dns_read_number(cursor, 1, &kind) ||
	    (!amt && !dns_read_number(cursor, 1, &algorithm)))
		return false;
	if (amt)
		dns_sink_printf(sink, "%u %u %u ", (unsigned)precedence, (unsigned)(kind >> 7),
				(unsigned)(kind & 0x7f));
	else
		dns_sink_printf(sink, "%u %u %u ", (unsigned)precedence, (unsigned)kind, (unsigned)algorithm);
	if (!gateway_address(amt ? kind & 0x7f : kind, cursor, sink))
		return false;
	if (!amt && dns_cursor_left(cursor)) {
		dns_sink_char(sink, ' ');
		dns_text_base64_words(cursor->message + cursor->at, dns_cursor_left(cursor), sink);
		cursor->at = cursor->end;
	}
	return true;
}

bool dns_text_hip(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t hit, algorithm, key;
	if (!dns_read_number(cursor, 1, &hit) || !dns_read_number(cursor, 1, &algorithm) ||
	    !dns_read_number(cursor, 2, &key) || hit == 0 || key == 0 || hit + key > dns_cursor_left(cursor))
		return false;
	dns_sink_printf(sink, "%u ", (unsigned)algorithm);
	dns_text_hex(cursor->message + cursor->at, hit, sink);
	dns_sink_char(sink, ' ');
	dns_text_base64(cursor->message + cursor->at + hit, key, sink);
	cursor->at += hit + key;
	while (dns_cursor_left(cursor)) {
		dns_sink_char(sink, ' ');
		if (!dns_text_name(cursor, sink))
			return false;
	}
	return true;
}

bool dns_text_tsig(struct dns_cursor *cursor, struct dns_sink *sink)
{
	uint64_t when, fudge, size, id, error, other;
	if (!dns_text_name(cursor, sink) || !dns_read_number(cursor, 6, &when) ||
	    !dns_read_number(cursor, 2, &fudge) || !dns_read_number(cursor, 2, &size) ||
	    size > dns_cursor_left(cursor))
		return false;
	dns_sink_printf(sink, " %llu %u %u ", (unsigned long long)when, (unsigned)fudge, (unsigned)size);
	dns_text_base64(cursor->message + cursor->at, size, sink);
	cursor->at += size;
	if (!dns_read_number(cursor, 2, &id) || !dns_read_number(cursor, 2, &error) ||
	    !dns_read_number(cursor, 2, &other) || other != dns_cursor_left(cursor))
		return false;
	char unknown[16];
	dns_sink_printf(sink, "%s%u %s %u", size ? " " : "", (unsigned)id,
			dns_rcode_name((uint16_t)error, unknown), (unsigned)other);
	if (other) {
		dns_sink_char(sink, ' ');
		dns_text_base64(cursor->message + cursor->at, other, sink);
		cursor->at = cursor->end;
	}
	return true;
}
