/* Questions over HTTPS (RFC 8484): POST by the house's HTTP client. */
#include "net/dns/query.h"

#include "ntsh/http.h"

#include <stdio.h>
#include <string.h>

static int body_take(const char *bytes, size_t length, void *arg)
{
	struct dns_query *query = arg;
	if (length > DNS_MESSAGE_MAX - query->in_length)
		return -1;
	memcpy(query->in + query->in_length, bytes, length);
	query->in_length += length;
	return 0;
}

static void fail(struct dns_query *query, enum dns_outcome outcome, const char *code, const char *what)
{
	char server[ADDR_TEXT_MAX];
	addr_format_port(&query->request.server, server);
	error_set(&query->exchange.error, STATUS_BAD, code, "name its path: +https=/dns-query", "%s %s",
		  server, what);
	dns_query_end(query, outcome);
}

static enum dns_outcome outcome_of(const struct http_exchange *exchange)
{
	if (exchange->phase == HTTP_TLS)
		return DNS_UNTRUSTED;
	if (!strcmp(exchange->error.code, "ECONNREFUSED") || !strcmp(exchange->error.code, "ECONNRESET"))
		return DNS_REFUSED_PORT;
	return !strcmp(exchange->error.code, "ETIMEDOUT") ? DNS_TIMED_OUT : DNS_UNREACHABLE;
}

static void measure(struct dns_query *query, const struct http_exchange *exchange)
{
	query->exchange.tcp_connected = exchange->connected != NS_NONE;
	query->exchange.http_status = exchange->status;
	query->exchange.answer_bytes = query->in_length;
	memcpy(query->exchange.tls_version, exchange->tls.version, sizeof query->exchange.tls_version);
	if (exchange->tls.fault != TLS_FAULT_NONE)
		memcpy(query->exchange.tls_fault, exchange->tls.fault_text, sizeof query->exchange.tls_fault);
	if (exchange->first_byte == NS_NONE || exchange->request_sent == NS_NONE)
		return;
	query->exchange.rtt = exchange->first_byte - exchange->request_sent;
	query->exchange.kernel_stamped = exchange->first_byte_stamped;
}

static void fetched(struct loop *loop, const struct http_exchange *exchange, void *arg)
{
	(void)loop;
	struct dns_query *query = arg;
	char what[96];
	query->fetch = NULL;
	measure(query, exchange);
	if (exchange->phase < HTTP_COMPLETE) {
		query->exchange.error = exchange->error;
		query->exchange.error.status = STATUS_BAD;
		/* The client's own advice is for its own options. */
		snprintf(query->exchange.error.hint, sizeof query->exchange.error.hint, "%s",
			 exchange->phase == HTTP_TLS ? DNS_TLS_HINT : "");
		dns_query_end(query, outcome_of(exchange));
		return;
	}
	if (exchange->status != 200) {
		snprintf(what, sizeof what, "answers HTTP %d %s instead of a DNS message", exchange->status,
			 http_status_reason(exchange->status));
		fail(query, DNS_MALFORMED, "EBADMSG", what);
		return;
	}
	const char *stray;
	int index;
	query->message = dns_query_judge(query, query->in, query->in_length, &stray, &index);
	if (!query->message && stray) {
		dns_query_stray(query, stray, &query->request.server);
		snprintf(what, sizeof what, "answers with %s", stray);
		fail(query, DNS_MALFORMED, "EBADMSG", what);
		return;
	}
	dns_query_end(query, query->message ? DNS_ANSWERED : DNS_MALFORMED);
}

void dns_https_start(struct dns_query *query)
{
	static const char *const headers[] = { "Content-Type: application/dns-message",
					       "Accept: application/dns-message" };
	const struct dns_request *request = &query->request;
	char address[ADDR_TEXT_MAX], url[1200];
	bool bracket = !request->tls_name && request->server.family == AF_INET6;
	snprintf(url, sizeof url, "https://%s%s%s:%u%s", bracket ? "[" : "",
		 request->tls_name ? request->tls_name : addr_format(&request->server, address),
		 bracket ? "]" : "", request->server.port,
		 request->https_path && *request->https_path ? request->https_path : "/dns-query");
	struct http_request http = {
		.url = url,
		.method = "POST",
		.headers = headers,
		.header_count = sizeof headers / sizeof headers[0],
		.body = (const char *)query->wire + 2,
		.body_length = query->wire_length,
		.addrs = &request->server,
		.addr_count = 1,
		.interface = request->interface,
		.ignore_proxy = true,
		.insecure = !request->tls_ca,
		.ca_file = request->tls_ca && *request->tls_ca ? request->tls_ca : NULL,
		.timeout = request->timeout,
		.body_fn = body_take,
		.body_arg = query,
	};
	/* RFC 8484 4.1: id 0, so that caches on the way can do their work. */
	query->wire[2] = query->wire[3] = 0;
	query->tries[0] = (struct dns_try){ .id = 0, .stamp = NS_NONE, .sent = clock_real() };
	query->try_count = 1;
	query->in_length = 0;
	query->http = http_client_new(query->loop, &query->exchange.error);
	if (query->http)
		query->fetch = http_fetch_start(query->http, &http, fetched, query, &query->exchange.error);
	if (!query->fetch)
		dns_query_end(query, DNS_FAILED);
}

void dns_https_stop(struct dns_query *query)
{
	if (query->fetch)
		http_fetch_cancel(query->fetch);
	http_client_free(query->http);
	query->fetch = NULL;
	query->http = NULL;
}
