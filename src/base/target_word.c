/* One word of a target list: an address, a prefix, a range, a name, a file. */
#include "ntsh/targets.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bad_word(struct error *err, const char *text, const char *what, const char *hint)
{
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "'%.200s' %s", text, what);
}

/* A whole number without sign or blanks; false when it is none or above max. */
static bool number_read(const char *text, int base, uint64_t max, uint64_t *out)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t length = strspn(text, digits);
	if (!length || text[length] || length > 9)
		return false;
	*out = strtoull(text, NULL, base);
	return *out <= max;
}

/* How far b is behind a, or UINT64_MAX when it is before it, further than 64 bits, or of another kind. */
static uint64_t distance(const struct addr *a, const struct addr *b)
{
	size_t length = addr_length(a->family);
	if (a->family != b->family || a->zone != b->zone || memcmp(a->bytes, b->bytes, length) > 0)
		return UINT64_MAX;
	uint64_t difference = 0;
	for (size_t i = 0; i < length; i++) {
		if (difference >> 48)
			return UINT64_MAX;
		difference = (difference << 8) + (uint64_t)b->bytes[i] - (uint64_t)a->bytes[i];
	}
	return difference;
}

static int read_prefix(const char *text, const char *slash, struct target_word *out, struct error *err)
{
	static const char hint[] = "write 192.0.2.0/24 or 2001:db8::/112";
	char head[ADDR_TEXT_MAX];
	uint64_t bits;
	if ((size_t)(slash - text) >= sizeof head)
		return bad_word(err, text, "is not a prefix", hint);
	snprintf(head, sizeof head, "%.*s", (int)(slash - text), text);
	if (addr_parse(head, &out->first) < 0)
		return bad_word(err, text, "is not a prefix", hint);
	unsigned whole = (unsigned)addr_length(out->first.family) * 8;
	if (!number_read(slash + 1, 10, whole, &bits))
		return bad_word(err, text, "is not a prefix",
				whole == 32 ? "its length is 0 to 32" : "its length is 0 to 128");
	if (whole - bits > 32)
		return bad_word(err, text, "holds more than 4,294,967,296 addresses",
				"take a longer prefix: /96 at least, better /112");
	for (unsigned i = (unsigned)bits; i < whole; i++)
		out->first.bytes[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	out->count = (uint64_t)1 << (whole - bits);
	return 0;
}

/* The end of a range may be the last part only: 10.0.0.1-20, 2001:db8::1-ff. */
static bool read_end(const char *text, const struct addr *first, struct addr *last)
{
	uint64_t part;
	if (addr_parse(text, last) == 0) {
		if (last->family == AF_INET6 && !last->zone)
			last->zone = first->zone;
		return true;
	}
	*last = *first;
	if (first->family == AF_INET) {
		if (!number_read(text, 10, 255, &part))
			return false;
		last->bytes[3] = (uint8_t)part;
		return true;
	}
	if (!number_read(text, 16, 0xffff, &part))
		return false;
	last->bytes[14] = (uint8_t)(part >> 8);
	last->bytes[15] = (uint8_t)part;
	return true;
}

/* Returns 1 when the word is no range: names hold hyphens, too. */
static int read_range(const char *text, struct target_word *out, struct error *err)
{
	char head[ADDR_TEXT_MAX];
	struct addr last;
	for (const char *hyphen = strchr(text, '-'); hyphen; hyphen = strchr(hyphen + 1, '-')) {
		if ((size_t)(hyphen - text) >= sizeof head)
			return 1;
		snprintf(head, sizeof head, "%.*s", (int)(hyphen - text), text);
		if (addr_parse(head, &out->first) < 0)
			continue;
		if (!read_end(hyphen + 1, &out->first, &last))
			return bad_word(err, text, "is not a range",
					"write 192.0.2.1-20 or 192.0.2.1-192.0.2.20");
		uint64_t far = distance(&out->first, &last);
		if (far == UINT64_MAX && out->first.family == last.family &&
		    memcmp(out->first.bytes, last.bytes, sizeof last.bytes) > 0)
			return bad_word(err, text, "ends before it begins", "the lower address comes first");
		if (far >= TARGET_WORD_MAX)
			return bad_word(err, text, "is not a range of at most 4,294,967,296 addresses",
					"both ends are of one family");
		out->count = far + 1;
		return 0;
	}
	return 1;
}

int target_word_read(const char *text, struct target_word *out, struct error *err)
{
	*out = (struct target_word){ .kind = TARGET_ADDRESSES, .count = 1 };
	if (*text == '@') {
		*out = (struct target_word){ .kind = TARGET_FILE, .text = text + 1 };
		return text[1] ? 0 : bad_word(err, text, "names no file", "write @FILE");
	}
	if (addr_parse(text, &out->first) == 0)
		return 0;
	const char *slash = strchr(text, '/');
	if (slash && !strstr(text, "://"))
		return read_prefix(text, slash, out, err);
	int other = read_range(text, out, err);
	if (other > 0)
		*out = (struct target_word){ .kind = TARGET_NAME, .text = text };
	return other < 0 ? -1 : 0;
}
