/* What the user wrote: URL, HOST:PORT, NAME or ADDRESS. */
#include "diag/flow.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool port_in(uint16_t port, const uint16_t *ports)
{
	for (; *ports; ports++)
		if (*ports == port)
			return true;
	return false;
}

static enum service_talk usual_talk(uint16_t port)
{
	static const uint16_t http[] = { 80,   591,  3000, 5000, 8000, 8008, 8080,
					 8081, 8088, 8888, 9000, 9090, 0 };
	static const uint16_t https[] = { 443, 8443, 4443, 9443, 6443, 0 };
	static const uint16_t tls[] = { 465, 563,  636,  853,  989,  990,  992,  993, 994,
					995, 2376, 3269, 5061, 5671, 6697, 8883, 0 };
	return port_in(port, http)    ? TALK_HTTP
	       : port_in(port, https) ? TALK_HTTPS
	       : port_in(port, tls)   ? TALK_TLS
				      : TALK_UNKNOWN;
}

static void set_url(struct flow *flow, bool tls)
{
	const struct facts *facts = flow->facts;
	bool v6 = strchr(facts->host, ':') != NULL;
	snprintf(flow->url, sizeof flow->url, "%s://%s%s%s:%u/", tls ? "https" : "http", v6 ? "[" : "",
		 facts->host, v6 ? "]" : "", facts->port);
}

static int bad_target(struct error *err, const char *what, const char *target)
{
	return error_set(err, STATUS_USAGE, "EUSAGE", "give a URL, HOST:PORT, a name or an address",
			 "%s: '%.200s'", what, target);
}

static int target_url(struct flow *flow, struct error *err)
{
	struct http_url url;
	struct facts *facts = flow->facts;
	if (http_url_parse(flow->request->target, &url, err))
		return -1;
	facts->kind = TARGET_URL;
	facts->talk = url.tls ? TALK_HTTPS : TALK_HTTP;
	facts->port = url.port;
	snprintf(facts->host, sizeof facts->host, "%s", url.host);
	http_url_release(&url);
	if (strlen(flow->request->target) >= sizeof flow->url)
		return bad_target(err, "the URL is too long", flow->request->target);
	snprintf(flow->url, sizeof flow->url, "%s", flow->request->target);
	return 0;
}

static bool host_fits(const char *host)
{
	if (!*host || *host == '-' || strlen(host) > 253)
		return false;
	for (const char *p = host; *p; p++)
		if (isspace((unsigned char)*p) || iscntrl((unsigned char)*p) || strchr("/\\?#@\"'<>|", *p))
			return false;
	return true;
}

/* Digits only and in 1..65535, else 0. */
static uint16_t read_port(const char *text)
{
	unsigned value = 0;
	if (!*text)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		value = value * 10 + (unsigned)(*text - '0');
		if (value > 65535)
			return 0;
	}
	return (uint16_t)value;
}

static int target_host(struct flow *flow, const char *host, size_t length, const char *port,
		       struct error *err)
{
	struct facts *facts = flow->facts;
	if (length >= sizeof facts->host)
		return bad_target(err, "the name is too long", flow->request->target);
	memcpy(facts->host, host, length);
	facts->host[length] = '\0';
	if (!host_fits(facts->host))
		return bad_target(err, "this is no host", flow->request->target);
	if (!port) {
		facts->kind = TARGET_HOST;
		return 0;
	}
	facts->port = read_port(port);
	if (!facts->port)
		return error_set(err, STATUS_USAGE, "EUSAGE", "ports are 1 to 65535", "no such port: '%.40s'",
				 port);
	facts->kind = TARGET_SERVICE;
	facts->talk = usual_talk(facts->port);
	if (facts->talk == TALK_HTTP || facts->talk == TALK_HTTPS)
		set_url(flow, facts->talk == TALK_HTTPS);
	return 0;
}

int flow_target(struct flow *flow, struct error *err)
{
	const char *text = flow->request->target;
	struct addr addr;
	snprintf(flow->facts->target, sizeof flow->facts->target, "%s", text);
	if (strstr(text, "://"))
		return target_url(flow, err);
	flow->facts->any_name = addr_parse_port(text, 1, &addr) == 0;
	if (addr_parse(text, &addr) == 0) {
		bool bracketed = text[0] == '[';
		return target_host(flow, text + bracketed, strlen(text) - (bracketed ? 2 : 0), NULL, err);
	}
	const char *colon = strrchr(text, ':');
	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		if (!end || end[1] != ':')
			return bad_target(err, "this is no address", text);
		return target_host(flow, text + 1, (size_t)(end - text - 1), end + 2, err);
	}
	if (colon && strchr(text, ':') != colon)
		return bad_target(err, "this is no address", text);
	return target_host(flow, text, colon ? (size_t)(colon - text) : strlen(text),
			   colon ? colon + 1 : NULL, err);
}
