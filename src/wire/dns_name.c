#include "wire/dns_name.h"

#include <string.h>

const char *dns_name_read(const uint8_t *message, size_t end, size_t *offset, struct dns_name *out)
{
	size_t at = *offset, limit = end, lowest = *offset;
	bool jumped = false;
	out->length = 0;
	for (;;) {
		if (at >= limit)
			return "a name runs past the end";
		uint8_t octet = message[at];
		if ((octet & 0xc0) == 0xc0) {
			if (at + 2 > limit)
				return "a compression pointer is cut off";
			size_t target = (size_t)(octet & 0x3f) << 8 | message[at + 1];
			if (!jumped)
				*offset = at + 2;
			jumped = true;
			/* Each pointer must go below everything read so far: a loop cannot be built from that. */
			if (target >= lowest)
				return target >= at ? "a compression pointer goes forward"
						    : "compression pointers go round in a loop";
			limit = at;
			at = lowest = target;
			continue;
		}
		if (octet & 0xc0)
			return "a label has an unknown type";
		if ((size_t)out->length + 1 + octet > DNS_NAME_WIRE_MAX)
			return "a name is longer than 255 octets";
		if (octet >= limit - at)
			return "a label runs past the end";
		memcpy(out->wire + out->length, message + at, 1u + octet);
		out->length = (uint8_t)(out->length + 1 + octet);
		at += 1u + octet;
		if (octet == 0)
			break;
	}
	if (!jumped)
		*offset = at;
	return NULL;
}

static char *label_octet_format(uint8_t c, char *at)
{
	if (c <= 0x20 || c >= 0x7f) {
		*at++ = '\\';
		*at++ = (char)('0' + c / 100);
		*at++ = (char)('0' + c / 10 % 10);
		*at++ = (char)('0' + c % 10);
		return at;
	}
	if (strchr("\"().;\\@$", c))
		*at++ = '\\';
	*at++ = (char)c;
	return at;
}

size_t dns_name_format(const struct dns_name *name, char out[DNS_NAME_TEXT_MAX])
{
	char *at = out;
	if (name->length <= 1)
		*at++ = '.';
	for (size_t i = 0; i < name->length && name->wire[i];) {
		uint8_t length = name->wire[i++];
		for (uint8_t k = 0; k < length; k++)
			at = label_octet_format(name->wire[i++], at);
		*at++ = '.';
	}
	*at = '\0';
	return (size_t)(at - out);
}

/* The octet behind a backslash: \DDD or any character that is no digit. Returns the characters eaten, 0 when broken. */
static size_t escape_read(const char *text, uint8_t *octet)
{
	if (*text < '0' || *text > '9') {
		*octet = (uint8_t)*text;
		return *text ? 1 : 0;
	}
	unsigned value = 0;
	for (int i = 0; i < 3; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*octet = (uint8_t)value;
	return value <= 255 ? 3 : 0;
}

static int name_error(struct error *err, const char *text, const char *what)
{
	return error_set(err, STATUS_USAGE, "EUSAGE",
			 "a name is labels of 1 to 63 octets with dots between, at most 255 octets",
			 "\"%.200s\"%s %s", text, strlen(text) > 200 ? "..." : "", what);
}

int dns_name_parse(const char *text, struct dns_name *out, struct error *err)
{
	*out = (struct dns_name){ .length = 1 };
	if (text[0] == '.' && text[1] == '\0')
		return 0;
	if (!*text)
		return name_error(err, text, "is an empty name");
	size_t label = 0, at = 1;
	for (const char *c = text; *c;) {
		if (*c == '.') {
			size_t length = at - label - 1;
			if (length == 0)
				return name_error(err, text, "has an empty label");
			out->wire[label] = (uint8_t)length;
			label = at++;
			c++;
			if (at > DNS_NAME_WIRE_MAX)
				return name_error(err, text, "is longer than a name can be");
			continue;
		}
		uint8_t octet = (uint8_t)*c++;
		if (octet == '\\') {
			size_t eaten = escape_read(c, &octet);
			if (!eaten)
				return name_error(err, text, "has a broken \\ escape");
			c += eaten;
		}
		if (at - label > DNS_LABEL_MAX)
			return name_error(err, text, "has a label of more than 63 octets");
		/* One octet stays for the root. */
		if (at + 1 >= DNS_NAME_WIRE_MAX)
			return name_error(err, text, "is longer than a name can be");
		out->wire[at++] = octet;
	}
	size_t last = at - label - 1;
	out->wire[label] = (uint8_t)last;
	if (last)
		out->wire[at++] = 0;
	out->length = (uint8_t)at;
	return 0;
}

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	if (a->length != b->length)
		return false;
	/* Length octets are below 'A' and thus never folded. */
	for (size_t i = 0; i < a->length; i++)
		if (fold(a->wire[i]) != fold(b->wire[i]))
			return false;
	return true;
}

unsigned dns_name_labels(const struct dns_name *name)
{
	unsigned count = 0;
	for (size_t i = 0; i < name->length && name->wire[i]; i += 1u + name->wire[i])
		count++;
	return count;
}
