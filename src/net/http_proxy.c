#include "net/http_proxy.h"

#include "ntsh/addr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool prefix_covers(const char *entry, size_t length, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];
	const char *slash = memchr(entry, '/', length);
	size_t bare = slash ? (size_t)(slash - entry) : length;
	struct addr net;
	if (bare >= sizeof text)
		return false;
	memcpy(text, entry, bare);
	text[bare] = '\0';
	if (addr_parse(text, &net) < 0 || net.family != addr->family)
		return false;
	unsigned bits = (unsigned)addr_length(net.family) * 8;
	if (slash) {
		unsigned long given = strtoul(slash + 1, NULL, 10);
		if (given < bits)
			bits = (unsigned)given;
	}
	if (memcmp(net.bytes, addr->bytes, bits / 8))
		return false;
	uint8_t mask = (uint8_t)(0xff00 >> bits % 8);
	return bits % 8 == 0 || ((net.bytes[bits / 8] ^ addr->bytes[bits / 8]) & mask) == 0;
}

static bool suffix_covers(const char *entry, size_t length, const char *host)
{
	size_t total = strlen(host);
	while (length && *entry == '.') {
		entry++;
		length--;
	}
	if (!length || length > total || strncasecmp(host + total - length, entry, length))
		return false;
	return length == total || host[total - length - 1] == '.';
}

bool http_proxy_excluded(const char *no_proxy, const char *host)
{
	struct addr addr;
	bool is_addr = addr_parse(host, &addr) == 0;
	while (no_proxy && *no_proxy) {
		no_proxy += strspn(no_proxy, ", \t");
		size_t length = strcspn(no_proxy, ", \t");
		if (length == 1 && *no_proxy == '*')
			return true;
		if (length && (is_addr ? prefix_covers(no_proxy, length, &addr)
				       : suffix_covers(no_proxy, length, host)))
			return true;
		no_proxy += length;
	}
	return false;
}

static int copy_part(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		return -1;
	memcpy(out, text, length);
	out[length] = '\0';
	return 0;
}

static int parse_endpoint(const char *text, size_t length, struct http_proxy *out)
{
	size_t host = 0;
	const char *begin = text;
	if (length && *text == '[') {
		const char *end = memchr(text, ']', length);
		if (!end)
			return -1;
		begin = text + 1;
		host = (size_t)(end - begin);
		text = end + 1;
		length -= host + 2;
	} else {
		const char *colon = memchr(text, ':', length);
		host = colon ? (size_t)(colon - text) : length;
		text += host;
		length -= host;
	}
	if (!host || copy_part(out->host, sizeof out->host, begin, host) < 0)
		return -1;
	if (!length)
		return 0;
	char number[8], *end;
	if (*text != ':' || length < 2 || copy_part(number, sizeof number, text + 1, length - 1) < 0)
		return -1;
	unsigned long port = strtoul(number, &end, 10);
	if (*end || port < 1 || port > 65535)
		return -1;
	out->port = (uint16_t)port;
	return 0;
}

int http_proxy_parse(const char *text, struct http_proxy *out)
{
	/* Left to the proxy, so that we do not resolve what only it may be able to. */
	static const struct {
		const char *word, *use;
		uint16_t port;
	} SCHEMES[] = {
		{ "http", "http", 1080 },       { "https", "https", 443 },      { "socks", "socks4a", 1080 },
		{ "socks4", "socks4a", 1080 },  { "socks4a", "socks4a", 1080 }, { "socks5", "socks5h", 1080 },
		{ "socks5h", "socks5h", 1080 },
	};
	const char *mark = strstr(text, "://");
	size_t length = mark ? (size_t)(mark - text) : 4, i = 0;
	const size_t count = sizeof SCHEMES / sizeof SCHEMES[0];
	for (i = 0; mark && i < count; i++)
		if (strlen(SCHEMES[i].word) == length && !strncasecmp(SCHEMES[i].word, text, length))
			break;
	if (i == count)
		return -1;
	snprintf(out->scheme, sizeof out->scheme, "%s", SCHEMES[i].use);
	out->port = SCHEMES[i].port;
	out->user[0] = '\0';
	if (mark)
		text = mark + 3;
	length = strcspn(text, "/");
	const char *at = memrchr(text, '@', length);
	if (at) {
		size_t user = (size_t)(at + 1 - text);
		if (copy_part(out->user, sizeof out->user, text, user) < 0)
			return -1;
		text += user;
		length -= user;
	}
	return parse_endpoint(text, length, out);
}

/* The name of the variable that is set, or NULL. http_proxy counts in lower case only: HTTP_PROXY is what a CGI program gets from a
 * client's "Proxy:" header. */
static const char *find_variable(bool tls)
{
	static const char *const PLAIN[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
	static const char *const SECURE[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL };
	for (const char *const *name = tls ? SECURE : PLAIN; *name; name++) {
		const char *value = getenv(*name);
		if (value && *value)
			return *name;
	}
	return NULL;
}

int http_proxy_find(const struct http_url *url, struct http_proxy *out, struct error *err)
{
	const char *name = find_variable(url->tls);
	const char *no_proxy = getenv("no_proxy");
	if (!no_proxy)
		no_proxy = getenv("NO_PROXY");
	if (!name || http_proxy_excluded(no_proxy, url->host))
		return 0;
	memset(out, 0, sizeof *out);
	snprintf(out->source, sizeof out->source, "%s", name);
	if (http_proxy_parse(getenv(name), out) < 0)
		return error_set(err, STATUS_CANNOT, "EPROXY", "correct it, or unset it",
				 "the environment variable %s does not name a proxy: %.100s", name,
				 getenv(name));
	return 1;
}
