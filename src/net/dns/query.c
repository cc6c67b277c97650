/* The life of a question: start, judge what comes, end. */
#include "net/dns/query.h"

#include "base/mem.h"
#include "base/units.h"
#include "net/dns/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { TIMEOUT_DEFAULT_S = 2, TRIES_DEFAULT = 1 };

uint16_t dns_query_new_id(struct dns_query *query)
{
	uint16_t id;
	/* Ids only have to be unguessable; without entropy (never after boot) the clock still varies. */
	if (getrandom(&id, sizeof id, GRND_NONBLOCK) != sizeof id)
		id = (uint16_t)(clock_real() / NS_PER_US);
	query->wire[2] = (uint8_t)(id >> 8);
	query->wire[3] = (uint8_t)id;
	return id;
}

static void query_free(struct dns_query *query)
{
	dns_query_close(query);
	loop_timer_stop(query->loop, &query->timer);
	dns_message_free(query->message);
	free((void *)(uintptr_t)query->request.name);
	free((void *)(uintptr_t)query->request.interface);
	free((void *)(uintptr_t)query->request.tls_name);
	free((void *)(uintptr_t)query->request.tls_ca);
	free((void *)(uintptr_t)query->request.https_path);
	free(query->in);
	free(query);
}

void dns_query_close(struct dns_query *query)
{
	dns_https_stop(query);
	dns_tls_free(query->tls);
	query->tls = NULL;
	if (query->fd < 0)
		return;
	loop_unwatch(query->loop, query->fd);
	close(query->fd);
	query->fd = -1;
}

static void begin(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct dns_query *query = arg;
	if (query->exchange.transport == DNS_UDP)
		dns_udp_start(query);
	else if (query->exchange.transport == DNS_HTTPS)
		dns_https_start(query);
	else
		dns_tcp_start(query);
}

struct dns_query *dns_query_start(struct loop *loop, const struct dns_request *request, dns_fn *fn, void *arg,
				  struct error *err)
{
	struct dns_query *query = NEW(struct dns_query);
	query->wire_length = dns_query_build(request, 0, query->wire + 2, &query->question, err);
	if (!query->wire_length) {
		free(query);
		return NULL;
	}
	query->wire[0] = (uint8_t)(query->wire_length >> 8);
	query->wire[1] = (uint8_t)query->wire_length;
	query->loop = loop;
	query->fn = fn;
	query->arg = arg;
	query->request = *request;
	/* A zone does not fit into a datagram, and transfers are for streams (RFC 5936 4.2). */
	if (dns_type_is_transfer(request->type) && request->transport != DNS_TLS)
		query->request.transport = DNS_TCP;
	query->request.name = mem_strdup(request->name);
	query->request.interface = mem_strdup(request->interface);
	query->request.tls_name = mem_strdup(request->tls_name);
	query->request.tls_ca = mem_strdup(request->tls_ca);
	query->request.https_path = mem_strdup(request->https_path);
	/* Put into the wire form already, and the caller's. */
	query->request.options = NULL;
	if (!query->request.server.port)
		query->request.server.port = dns_transport_port(request->transport);
	if (request->timeout <= 0)
		query->request.timeout = TIMEOUT_DEFAULT_S * NS_PER_S;
	query->tries_wanted = request->tries < 1               ? TRIES_DEFAULT
			      : request->tries > DNS_TRIES_MAX ? DNS_TRIES_MAX
							       : request->tries;
	query->fd = -1;
	query->in = mem_resize(NULL, DNS_MESSAGE_MAX + 2, 1);
	query->exchange = (struct dns_exchange){ .server = query->request.server,
						 .transport = query->request.transport,
						 .began = clock_mono(),
						 .rtt = NS_NONE,
						 .query_bytes = query->wire_length,
						 .strays = query->strays };
	/* Now, not when the socket is opened: over TCP the kernel is then ready before the answer comes. */
	(void)sys_stamps_prepare();
	/* From the loop, so that fn is never called from inside the start, whatever fails. */
	loop_timer_start(loop, &query->timer, query->exchange.began, begin, query);
	return query;
}

void dns_query_cancel(struct dns_query *query)
{
	if (query)
		query_free(query);
}

void dns_query_end(struct dns_query *query, enum dns_outcome outcome)
{
	query->exchange.outcome = outcome;
	query->exchange.ended = clock_mono();
	query->exchange.message = query->message;
	dns_query_close(query);
	loop_timer_stop(query->loop, &query->timer);
	query->fn(query->loop, &query->exchange, query->arg);
	query_free(query);
}

static enum dns_outcome outcome_of(int errnum)
{
	switch (errnum) {
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return DNS_REFUSED_PORT;
	case ETIMEDOUT:
		return DNS_TIMED_OUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case EACCES:
	case EPROTO:
	case ENOPROTOOPT:
	case EMSGSIZE:
		return DNS_UNREACHABLE;
	default:
		return DNS_FAILED;
	}
}

void dns_query_end_errno(struct dns_query *query, int errnum, const char *what)
{
	char server[ADDR_TEXT_MAX];
	addr_format_port(&query->request.server, server);
	const char *transport = dns_transport_name(query->exchange.transport);
	struct error *err = &query->exchange.error;
	if (errnum == ECONNREFUSED)
		error_set(err, STATUS_BAD, "ECONNREFUSED",
			  "no name server listens there: check the address and port",
			  "%s refuses %s: nobody listens on that port", server, transport);
	else if (errnum == EPERM)
		error_set(err, STATUS_BAD, "EPERM",
			  "look at the output chain of this machine's firewall (nft list ruleset)",
			  "this machine's own firewall forbids to %s to %s", what, server);
	else
		error_errno(err, errnum, NULL, "cannot %s to %s by %s", what, server, transport);
	/* A path that fails is an answer, a bad one; what this machine lacks is none. */
	if (outcome_of(errnum) != DNS_FAILED)
		err->status = STATUS_BAD;
	dns_query_end(query, outcome_of(errnum));
}

void dns_query_stray(struct dns_query *query, const char *why, const struct addr *from)
{
	/* The first ones are kept: a flood adds nothing that they do not tell. */
	if (query->exchange.stray_count == DNS_STRAYS_MAX)
		return;
	query->strays[query->exchange.stray_count++] =
	    (struct dns_stray){ .why = why, .from = *from, .at = clock_mono() };
}

static int try_of_id(const struct dns_query *query, uint16_t id)
{
	for (int i = query->try_count - 1; i >= 0; i--)
		if (query->tries[i].id == id)
			return i;
	return -1;
}

struct dns_message *dns_query_judge(struct dns_query *query, const uint8_t *wire, size_t length,
				    const char **stray, int *try_index)
{
	uint16_t id;
	bool answer;
	*stray = NULL;
	if (!dns_header_peek(wire, length, &id, &answer)) {
		*stray = "too short for a DNS message";
		return NULL;
	}
	*try_index = try_of_id(query, id);
	if (*try_index < 0) {
		*stray = "another id";
		return NULL;
	}
	struct dns_message *message = dns_message_parse(wire, length, &query->exchange.error);
	if (!message)
		return NULL;
	/* Further messages of a transfer need not repeat the question (RFC 5936 2.2.1). */
	if (query->transfer.messages && message->id == id && !message->counts[DNS_QUESTION])
		return message;
	*stray = dns_answer_mismatch(message, id, &query->question);
	if (*stray) {
		dns_message_free(message);
		return NULL;
	}
	return message;
}

int dns_query_drain_events(struct dns_query *query, struct addr *offender)
{
	struct sys_socket_event event;
	int errnum = 0;
	while (sys_socket_event_next(query->fd, NULL, 0, &event)) {
		if (event.kind == SYS_EVENT_SENT) {
			/* Datagrams are counted by one, TCP by octets: there only the first try exists. */
			uint32_t index = query->exchange.transport != DNS_UDP ? 0 : event.id;
			if (index < (uint32_t)query->try_count)
				query->tries[index].stamp = event.stamp;
		} else if (event.kind == SYS_EVENT_ICMP || event.kind == SYS_EVENT_LOCAL) {
			errnum = event.errnum;
			*offender = event.offender;
		}
	}
	return errnum;
}
