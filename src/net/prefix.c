/* Address blocks. */
#include "ntsh/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tail_clear(struct prefix *prefix)
{
	size_t bytes = addr_length(prefix->addr.family);
	for (size_t i = 0; i < bytes; i++) {
		size_t first = i * 8;
		if (first >= prefix->length)
			prefix->addr.bytes[i] = 0;
		else if (prefix->length - first < 8)
			prefix->addr.bytes[i] &= (uint8_t)(0xff << (8 - (prefix->length - first)));
	}
}

int prefix_parse(const char *text, sa_family_t family, struct prefix *out)
{
	if (strcmp(text, "default") == 0 || strcmp(text, "any") == 0 || strcmp(text, "all") == 0) {
		*out = (struct prefix){ .addr = { .family = family == AF_UNSPEC ? AF_INET : family } };
		return 0;
	}
	char copy[ADDR_TEXT_MAX], *end;
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	if (length >= sizeof copy)
		return -1;
	memcpy(copy, text, length);
	copy[length] = '\0';
	struct prefix prefix = { .length = 0 };
	if (addr_parse(copy, &prefix.addr) < 0 || (family != AF_UNSPEC && prefix.addr.family != family))
		return -1;
	size_t bits = addr_length(prefix.addr.family) * 8;
	if (slash && (slash[1] < '0' || slash[1] > '9'))
		return -1;
	unsigned long given = slash ? strtoul(slash + 1, &end, 10) : bits;
	if ((slash && *end) || given > bits)
		return -1;
	prefix.length = (uint8_t)given;
	tail_clear(&prefix);
	*out = prefix;
	return 0;
}

char *prefix_format(const struct prefix *prefix, char buf[PREFIX_TEXT_MAX])
{
	addr_format(&prefix->addr, buf);
	size_t used = strlen(buf);
	unsigned length = prefix->length;
	buf[used++] = '/';
	if (length >= 100)
		buf[used++] = (char)('0' + length / 100);
	if (length >= 10)
		buf[used++] = (char)('0' + length / 10 % 10);
	buf[used++] = (char)('0' + length % 10);
	buf[used] = '\0';
	return buf;
}

bool prefix_holds(const struct prefix *outer, const struct prefix *inner)
{
	size_t whole = outer->length / 8, rest = outer->length % 8;
	if (outer->addr.family != inner->addr.family || outer->length > inner->length ||
	    memcmp(outer->addr.bytes, inner->addr.bytes, whole))
		return false;
	return !rest || (outer->addr.bytes[whole] ^ inner->addr.bytes[whole]) >> (8 - rest) == 0;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && prefix_holds(a, b);
}
