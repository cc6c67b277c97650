/* An exchange divided into phases, and what its counters say in words. Pure. */
#include "net/split.h"
#include "ntsh/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All but total and exact, for what goes over all phases. */
static const size_t PHASES[] = {
	offsetof(struct http_phases, resolve),     offsetof(struct http_phases, connect),
	offsetof(struct http_phases, proxy),       offsetof(struct http_phases, tls_network),
	offsetof(struct http_phases, tls_server),  offsetof(struct http_phases, tls_client),
	offsetof(struct http_phases, request),     offsetof(struct http_phases, wait_network),
	offsetof(struct http_phases, wait_server), offsetof(struct http_phases, transfer),
	offsetof(struct http_phases, client),
};
enum { PHASE_COUNT = sizeof PHASES / sizeof PHASES[0] };

static ns_t *phase_at(struct http_phases *phases, size_t offset)
{
	return (ns_t *)(void *)((char *)phases + offset);
}

static ns_t phase_get(const struct http_phases *phases, size_t offset)
{
	ns_t value;
	memcpy(&value, (const char *)phases + offset, sizeof value);
	return value;
}

/* The wait for what never came: all of it was waiting. */
static void unfinished(const struct http_exchange *ex, struct http_phases *out)
{
	switch (ex->phase) {
	case HTTP_RESOLVE:
		out->resolve = ns_between(ex->began, ex->ended);
		break;
	case HTTP_CONNECT:
		out->connect = ns_between(ex->connect_began, ex->ended);
		break;
	case HTTP_TRANSFER:
		out->transfer = ns_between(ex->first_byte, ex->ended);
		break;
	default:
		break;
	}
}

void http_phases_of(const struct http_exchange *ex, struct http_phases *out)
{
	for (size_t i = 0; i < PHASE_COUNT; i++)
		*phase_at(out, PHASES[i]) = NS_NONE;
	out->total = ns_between(ex->began, ex->ended);
	out->exact = false;
	out->resolve = ns_between(ex->began, ex->resolved);
	out->connect = ns_between(ex->connect_began, ex->connected);
	ns_t ready = ex->reused ? ex->began : ex->connected;
	if (!ex->reused && ex->tls.happened) {
		if (ex->proxy[0])
			out->proxy = ns_between(ex->connected, ex->tls_began);
		out->tls_network = ex->tls.network;
		out->tls_server = ex->tls.server;
		out->tls_client = ex->tls.client;
		ready = ex->tls_done;
	}
	out->request = ns_between(ready, ex->request_sent);
	out->wait_server = http_server_time(ex, &out->exact);
	if (out->wait_server != NS_NONE)
		out->wait_network = ns_between(ex->request_sent, ex->first_byte) - out->wait_server;
	out->transfer = ns_between(ex->first_byte, ex->last_byte);
	unfinished(ex, out);
	ns_t sum = 0;
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		ns_t part = phase_get(out, PHASES[i]);
		sum += part == NS_NONE ? 0 : part;
	}
	out->client = out->total > sum ? out->total - sum : 0;
}

static ns_t median_of(const struct http_phases *all, size_t count, size_t offset)
{
	enum { MOST = 1024 };
	ns_t values[MOST];
	size_t used = 0;
	for (size_t i = 0; i < count && used < MOST; i++) {
		ns_t value = phase_get(&all[i], offset);
		if (value != NS_NONE)
			values[used++] = value;
	}
	if (!used)
		return NS_NONE;
	qsort(values, used, sizeof values[0], ns_compare);
	return used % 2 ? values[used / 2] : (values[used / 2 - 1] + values[used / 2]) / 2;
}

void http_phases_median(const struct http_phases *all, size_t count, struct http_phases *out)
{
	for (size_t i = 0; i < PHASE_COUNT; i++)
		*phase_at(out, PHASES[i]) = median_of(all, count, PHASES[i]);
	out->total = median_of(all, count, offsetof(struct http_phases, total));
	out->exact = count > 0;
	for (size_t i = 0; i < count; i++)
		out->exact = out->exact && all[i].exact;
}
