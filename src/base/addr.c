#include "ntsh/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t addr_length(sa_family_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/* A zone is an interface's name or its index (RFC 4007 11.2). Returns 0 for neither. */
static uint32_t zone_parse(const char *zone)
{
	uint32_t index = if_nametoindex(zone);
	if (index)
		return index;
	char *end;
	unsigned long number = strtoul(zone, &end, 10);
	char name[IF_NAMESIZE];
	if (*zone < '0' || *zone > '9' || *end || number > INT32_MAX ||
	    !if_indextoname((unsigned)number, name))
		return 0;
	return (uint32_t)number;
}

static int addr_parse_n(const char *text, size_t length, struct addr *out)
{
	char copy[ADDR_TEXT_MAX];
	if (length == 0 || length >= sizeof copy)
		return -1;
	memcpy(copy, text, length);
	copy[length] = '\0';
	*out = (struct addr){ .family = AF_INET };
	if (inet_pton(AF_INET, copy, out->bytes) == 1)
		return 0;
	out->family = AF_INET6;
	char *zone = strchr(copy, '%');
	if (zone) {
		*zone++ = '\0';
		out->zone = zone_parse(zone);
		if (!out->zone)
			return -1;
	}
	return inet_pton(AF_INET6, copy, out->bytes) == 1 ? 0 : -1;
}

int addr_parse(const char *text, struct addr *out)
{
	size_t length = strlen(text);
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		struct addr inner;
		if (addr_parse_n(text + 1, length - 2, &inner) < 0 || inner.family != AF_INET6)
			return -1;
		*out = inner;
		return 0;
	}
	return addr_parse_n(text, length, out);
}

static int port_parse(const char *text, uint16_t *port)
{
	char *end;
	if (*text < '0' || *text > '9')
		return -1;
	unsigned long number = strtoul(text, &end, 10);
	if (*end || number == 0 || number > UINT16_MAX)
		return -1;
	*port = (uint16_t)number;
	return 0;
}

int addr_parse_port(const char *text, uint16_t default_port, struct addr *out)
{
	if (addr_parse(text, out) == 0) {
		out->port = default_port;
		return 0;
	}
	const char *colon = strrchr(text, ':');
	uint16_t port;
	if (!colon || port_parse(colon + 1, &port) < 0)
		return -1;
	size_t length = (size_t)(colon - text);
	bool bracketed = length > 2 && text[0] == '[' && text[length - 1] == ']';
	struct addr parsed;
	int bad =
	    bracketed ? addr_parse_n(text + 1, length - 2, &parsed) : addr_parse_n(text, length, &parsed);
	if (bad < 0 || bracketed != (parsed.family == AF_INET6))
		return -1;
	parsed.port = port;
	*out = parsed;
	return 0;
}

/* inet_ntop does the same, ten times as slowly: it goes through printf. Returns the end. */
static char *format_ipv4(const uint8_t *bytes, char *out)
{
	for (int i = 0; i < 4; i++) {
		unsigned byte = bytes[i];
		if (byte >= 100)
			*out++ = (char)('0' + byte / 100);
		if (byte >= 10)
			*out++ = (char)('0' + byte / 10 % 10);
		*out++ = (char)('0' + byte % 10);
		*out++ = i < 3 ? '.' : '\0';
	}
	return out - 1;
}

char *addr_format(const struct addr *addr, char buf[ADDR_TEXT_MAX])
{
	if (addr->family == AF_INET) {
		format_ipv4(addr->bytes, buf);
		return buf;
	}
	if (!addr_length(addr->family) || !inet_ntop(addr->family, addr->bytes, buf, ADDR_TEXT_MAX)) {
		snprintf(buf, ADDR_TEXT_MAX, "-");
		return buf;
	}
	if (addr->zone) {
		size_t used = strlen(buf);
		char name[IF_NAMESIZE];
		if (if_indextoname(addr->zone, name))
			snprintf(buf + used, ADDR_TEXT_MAX - used, "%%%s", name);
		else
			snprintf(buf + used, ADDR_TEXT_MAX - used, "%%%u", addr->zone);
	}
	return buf;
}

char *addr_format_port(const struct addr *addr, char buf[ADDR_TEXT_MAX])
{
	bool has_port = addr->port && addr->family != AF_UNSPEC;
	bool bracket = has_port && addr->family == AF_INET6;
	size_t length = 0;
	if (addr->family == AF_INET)
		length = (size_t)(format_ipv4(addr->bytes, buf) - buf);
	else
		length = strnlen(addr_format(addr, buf), ADDR_TEXT_MAX - 10);
	if (!has_port)
		return buf;
	if (bracket) {
		memmove(buf + 1, buf, length);
		buf[0] = '[';
		buf[++length] = ']';
		length++;
	}
	buf[length++] = ':';
	char digits[5];
	size_t count = 0;
	for (unsigned port = addr->port; port; port /= 10)
		digits[count++] = (char)('0' + port % 10);
	while (count)
		buf[length++] = digits[--count];
	buf[length] = '\0';
	return buf;
}

socklen_t addr_to_sockaddr(const struct addr *addr, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (addr->family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;
		in->sin_family = AF_INET;
		in->sin_port = htons(addr->port);
		memcpy(&in->sin_addr, addr->bytes, 4);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	in6->sin6_family = addr->family;
	in6->sin6_port = htons(addr->port);
	in6->sin6_scope_id = addr->zone;
	memcpy(&in6->sin6_addr, addr->bytes, 16);
	return sizeof *in6;
}

struct addr addr_from_sockaddr(const struct sockaddr *sa, socklen_t length)
{
	struct addr addr = { .family = AF_UNSPEC };
	if (length >= sizeof(struct sockaddr_in) && sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		addr = addr_from_bytes(AF_INET, &in.sin_addr);
		addr.port = ntohs(in.sin_port);
	} else if (length >= sizeof(struct sockaddr_in6) && sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof in6);
		addr = addr_from_bytes(AF_INET6, &in6.sin6_addr);
		addr.port = ntohs(in6.sin6_port);
		addr.zone = in6.sin6_scope_id;
	}
	return addr;
}

struct addr addr_from_bytes(sa_family_t family, const void *bytes)
{
	struct addr addr = { .family = family };
	memcpy(addr.bytes, bytes, addr_length(family));
	return addr;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->zone == b->zone &&
	       memcmp(a->bytes, b->bytes, addr_length(a->family)) == 0;
}

bool addr_is_loopback(const struct addr *addr)
{
	static const uint8_t one[16] = { [15] = 1 };
	return addr->family == AF_INET ? addr->bytes[0] == 127 : memcmp(addr->bytes, one, 16) == 0;
}

bool addr_is_link_local(const struct addr *addr)
{
	if (addr->family == AF_INET)
		return addr->bytes[0] == 169 && addr->bytes[1] == 254;
	return addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

bool addr_is_multicast(const struct addr *addr)
{
	return addr->family == AF_INET ? addr->bytes[0] >= 224 && addr->bytes[0] < 240
				       : addr->bytes[0] == 0xff;
}

bool addr_is_any(const struct addr *addr)
{
	static const uint8_t none[16];
	return memcmp(addr->bytes, none, addr_length(addr->family)) == 0;
}

char *addr_reverse_name(const struct addr *addr, char buf[ADDR_TEXT_MAX])
{
	const uint8_t *b = addr->bytes;
	if (addr->family == AF_INET) {
		snprintf(buf, ADDR_TEXT_MAX, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
		return buf;
	}
	char *at = buf;
	for (int i = 15; i >= 0; i--) {
		*at++ = "0123456789abcdef"[b[i] & 15];
		*at++ = '.';
		*at++ = "0123456789abcdef"[b[i] >> 4];
		*at++ = '.';
	}
	memcpy(at, "ip6.arpa", sizeof "ip6.arpa");
	return buf;
}
