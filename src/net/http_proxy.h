/* Proxies as the environment names them: http_proxy, https_proxy, all_proxy, no_proxy (as curl(1) reads them). */
#ifndef NET_HTTP_PROXY_H
#define NET_HTTP_PROXY_H

#include "ntsh/http.h"

struct http_proxy {
	char source[32]; /* the variable */
	char scheme[16]; /* http, https, socks4a, socks5h: names are left to the proxy */
	char user[256];  /* "user:password@" or "" */
	char host[256];
	uint16_t port;
};

/* Returns 1 when a proxy is to be used for url, 0 when not, -1 with err when a variable holds nonsense. */
int http_proxy_find(const struct http_url *url, struct http_proxy *out, struct error *err);

/* True when no_proxy (a list of suffixes, addresses, prefixes, or *) covers host. Pure. */
bool http_proxy_excluded(const char *no_proxy, const char *host);

/* Reads "[scheme://][user:password@]host[:port][/]". Returns 0 or -1. Pure. */
int http_proxy_parse(const char *text, struct http_proxy *out);

#endif
