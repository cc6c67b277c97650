/* Servers as people write them. */
#include "net/dns/server.h"

#include "base/mem.h"
#include "ntsh/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_DNS = 53, PORT_TLS = 853, PORT_HTTPS = 443 };

uint16_t dns_transport_port(enum dns_transport transport)
{
	return transport == DNS_TLS ? PORT_TLS : transport == DNS_HTTPS ? PORT_HTTPS : PORT_DNS;
}

/* "HOST:PORT", "HOST#PORT" or a name alone: where the host ends, and the port (fallback when there is none). A port that is none
 * must not become part of a name to look up. */
static int port_split(const char *text, uint16_t fallback, size_t *host_length, uint16_t *port,
		      struct error *err)
{
	const char *hash = strchr(text, '#'), *mark = hash ? hash : strchr(text, ':');
	*host_length = mark ? (size_t)(mark - text) : strlen(text);
	*port = fallback;
	if (!mark)
		return 0;
	char *end;
	unsigned long number = strtoul(mark + 1, &end, 10);
	if (mark[1] < '0' || mark[1] > '9' || *end || number < 1 || number > UINT16_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "write ADDRESS, NAME, ADDRESS:PORT or [IPv6]:PORT; a port is 1 to 65535",
				 "'@%.100s' is no server", text);
	*port = (uint16_t)number;
	return 0;
}

bool dns_server_is_name(const char *text)
{
	struct addr addr;
	return addr_parse_port(text, 1, &addr) < 0;
}

int dns_server_find(struct loop *loop, const char *text, uint16_t port, int family, struct addr *out,
		    char **name, struct error *err)
{
	*name = NULL;
	if (addr_parse_port(text, port, out) == 0)
		return 0;
	size_t length;
	uint16_t own;
	if (port_split(text, port, &length, &own, err) < 0)
		return -1;
	*name = mem_strndup(text, length);
	int failed = addr_parse(*name, out) == 0 ? 0 : resolve_one(loop, *name, family, out, err);
	if (failed && err) {
		char inner[ERROR_MESSAGE_MAX];
		memcpy(inner, err->message, sizeof inner);
		snprintf(err->message, sizeof err->message, "the server's own name: %.480s", inner);
	}
	out->port = own;
	return failed;
}
