/* URLs (RFC 3986), strictly: what is wrong is said before a packet leaves. */
#include "ntsh/http.h"

#include "base/mem.h"
#include "ntsh/addr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 64 * 1024, HOST_MAX = 253, LABEL_MAX = 63 };

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int bad(struct error *err, const char *hint, const char *message)
{
	return error_set(err, STATUS_USAGE, "EURL", hint, "%s", message);
}

/* Bytes that no URL may hold anywhere (RFC 3986 2). */
static int check_bytes(const char *text, struct error *err)
{
	size_t length = strlen(text);
	if (!length)
		return bad(err, "write it as http://HOST[:PORT]/PATH", "the URL is empty");
	if (length > URL_MAX)
		return bad(err, NULL, "the URL is longer than 64 KiB");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == ' ')
			return error_set(err, STATUS_USAGE, "EURL", "write a space as %20",
					 "the URL has a space at character %zu", i + 1);
		if (c < ' ' || c == 0x7f)
			return error_set(err, STATUS_USAGE, "EURL", "write it as %XX",
					 "the URL has a control character (0x%02x) at character %zu", c,
					 i + 1);
		if (c == '%' && !(is_hex(text[i + 1]) && is_hex(text[i + 2])) && strchr(text, '/') &&
		    !strchr(text, '['))
			return error_set(err, STATUS_USAGE, "EURL", "write the percent sign itself as %25",
					 "the URL has a %% without two hexadecimal digits at character %zu",
					 i + 1);
	}
	return 0;
}

/* What stands in front of the authority; *rest moves behind it. */
static int parse_scheme(const char *text, struct http_url *out, const char **rest, struct error *err)
{
	char hint[200];
	const char *colon = strstr(text, "://");
	if (text[0] == '/' || text[0] == '.' || text[0] == '~')
		return error_set(err, STATUS_USAGE, "EURL", "a URL begins with http:// or https://",
				 "%.100s is a file's path, not a URL", text);
	if (!colon) {
		if (!strncasecmp(text, "http:", 5) || !strncasecmp(text, "https:", 6))
			return bad(err, "write http://HOST/",
				   "the URL lacks the two slashes after its scheme");
		snprintf(hint, sizeof hint, "write http://%.80s or https://%.80s", text, text);
		return error_set(err, STATUS_USAGE, "EURL", hint, "%.100s has no scheme", text);
	}
	size_t length = (size_t)(colon - text);
	if (length == 4 && !strncasecmp(text, "http", 4))
		out->tls = false;
	else if (length == 5 && !strncasecmp(text, "https", 5))
		out->tls = true;
	else
		return error_set(err, STATUS_USAGE, "EURL", "only http:// and https:// are known",
				 "the scheme %.*s:// is not supported", (int)(length < 60 ? length : 60),
				 text);
	out->port = out->tls ? 443 : 80;
	*rest = colon + 3;
	return 0;
}

static int parse_port(const char *text, size_t length, struct http_url *out, struct error *err)
{
	unsigned long port = 0;
	if (!length)
		return 0; /* "http://host:/" means the default (RFC 3986 3.2.3) */
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return error_set(err, STATUS_USAGE, "EURL", "a port is a number from 1 to 65535",
					 "the port \"%.*s\" is not a number",
					 (int)(length < 40 ? length : 40), text);
		if (port <= 65535)
			port = port * 10 + (unsigned long)(text[i] - '0');
	}
	if (port < 1 || port > 65535)
		return error_set(err, STATUS_USAGE, "EURL", "ports go from 1 to 65535",
				 "port %.*s does not exist", (int)(length < 40 ? length : 40), text);
	out->port = (uint16_t)port;
	return 0;
}

/* Letters, digits, '-', '_', dots between labels; bytes above ASCII are for IDN. */
static int check_name(const char *host, struct error *err)
{
	size_t length = strlen(host), label = 0;
	bool numeric = true;
	struct addr addr;
	if (length > HOST_MAX)
		return bad(err, NULL, "the host's name is longer than 253 characters");
	for (size_t i = 0; i < length; i++) {
		char c = host[i];
		if (c == '.') {
			if (!label)
				return error_set(err, STATUS_USAGE, "EURL", NULL,
						 "the host %.100s has an empty label", host);
			label = 0;
			continue;
		}
		if (!is_alnum(c) && c != '-' && c != '_' && !((unsigned char)c & 0x80))
			return error_set(err, STATUS_USAGE, "EURL", NULL,
					 "the host %.100s cannot have a '%c'", host, c);
		if (c < '0' || c > '9')
			numeric = false;
		if (++label > LABEL_MAX)
			return bad(err, NULL, "a label of the host's name is longer than 63 characters");
	}
	if (numeric && addr_parse(host, &addr) < 0)
		return error_set(err, STATUS_USAGE, "EURL", "an IPv4 address is four numbers from 0 to 255",
				 "%.100s is not an address", host);
	return 0;
}

/* "[2001:db8::1]", with a zone as "%25eth0" (RFC 6874) or, as people write it, "%eth0". */
static int parse_bracketed(const char *text, size_t length, struct http_url *out, size_t *used,
			   struct error *err)
{
	const char *end = memchr(text, ']', length);
	size_t inside = end ? (size_t)(end - text) - 1 : 0;
	struct addr addr;
	if (!end)
		return bad(err, "write [ADDRESS]:PORT", "the address has no closing bracket");
	if (inside >= sizeof out->host)
		return bad(err, NULL, "the address in brackets is too long");
	memcpy(out->host, text + 1, inside);
	out->host[inside] = '\0';
	char *zone = strstr(out->host, "%25");
	if (zone)
		memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
	if (addr_parse(out->host, &addr) < 0 || addr.family != AF_INET6)
		return error_set(err, STATUS_USAGE, "EURL", NULL,
				 "[%.100s] is not an IPv6 address of this machine's reach", out->host);
	*used = inside + 2;
	return 0;
}

static int parse_authority(const char *text, size_t length, struct http_url *out, struct error *err)
{
	const char *at = memrchr(text, '@', length);
	size_t used = 0;
	if (at) {
		length -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	if (length > 1 && text[0] == ':' && text[1] == ':')
		return bad(err, "write it in brackets: http://[ADDRESS]:PORT/",
			   "an IPv6 address in a URL stands in brackets");
	if (!length || text[0] == ':')
		return bad(err, "write http://HOST[:PORT]/PATH", "the URL has no host");
	if (text[0] == '[') {
		if (parse_bracketed(text, length, out, &used, err) < 0)
			return -1;
		if (used < length && text[used] != ':')
			return bad(err, "write [ADDRESS]:PORT",
				   "something other than a port follows the address");
	} else {
		const char *colon = memchr(text, ':', length);
		used = colon ? (size_t)(colon - text) : length;
		if (colon && memchr(colon + 1, ':', length - used - 1))
			return bad(err, "write it in brackets: http://[ADDRESS]:PORT/",
				   "the host has several colons: an IPv6 address stands in brackets");
		if (used >= sizeof out->host)
			return bad(err, NULL, "the host's name is longer than 253 characters");
		memcpy(out->host, text, used);
		out->host[used] = '\0';
		if (check_name(out->host, err) < 0)
			return -1;
	}
	return used < length ? parse_port(text + used + 1, length - used - 1, out, err) : 0;
}

int http_url_parse(const char *text, struct http_url *out, struct error *err)
{
	const char *rest = text;
	memset(out, 0, sizeof *out);
	if (check_bytes(text, err) < 0 || parse_scheme(text, out, &rest, err) < 0)
		return -1;
	size_t authority = strcspn(rest, "/?#");
	if (memchr(rest, '\\', authority))
		return bad(err, "URLs have forward slashes", "the URL has a backslash");
	if (parse_authority(rest, authority, out, err) < 0)
		return -1;
	rest += authority;
	size_t length = strcspn(rest, "#");
	out->path = mem_alloc(length + 2);
	snprintf(out->path, length + 2, "%s%.*s", rest[0] == '/' ? "" : "/", (int)length, rest);
	return 0;
}

void http_url_release(struct http_url *url)
{
	free(url->path);
	url->path = NULL;
}

static bool has_scheme(const char *text)
{
	size_t length = 0;
	while (is_alnum(text[length]) || text[length] == '+' || text[length] == '-' || text[length] == '.')
		length++;
	return length > 0 && text[length] == ':';
}

int http_url_join(const char *base, const char *reference, char *buf, size_t size)
{
	const char *authority = strstr(base, "://");
	if (!authority)
		return -1;
	int scheme = (int)(authority - base);
	const char *path = authority + 3 + strcspn(authority + 3, "/?#");
	size_t length = strcspn(path, "?#");
	int used;
	if (has_scheme(reference))
		used = snprintf(buf, size, "%s", reference);
	else if (reference[0] == '/' && reference[1] == '/')
		used = snprintf(buf, size, "%.*s:%s", scheme, base, reference);
	else if (reference[0] == '/')
		used = snprintf(buf, size, "%.*s%s", (int)(path - base), base, reference);
	else if (!reference[0] || reference[0] == '?' || reference[0] == '#')
		used = snprintf(buf, size, "%.*s%s", (int)(path - base + (ptrdiff_t)length), base, reference);
	else {
		/* Beside the last segment. */
		while (length && path[length - 1] != '/')
			length--;
		used = snprintf(buf, size, "%.*s%s%s", (int)(path - base + (ptrdiff_t)length), base,
				length ? "" : "/", reference);
	}
	return used < 0 || (size_t)used >= size ? -1 : 0;
}
