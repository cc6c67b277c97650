/* What can be read in clear text: the server's name in a ClientHello, TLS alerts, the heads of HTTP/1. Only the first bytes of a turn are looked
 * at. */
#include "net/flows/flows.h"
#include "wire/bytes.h"
#include "wire/tls_hello.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HELLO_MAX = 8192, NAME_MAX_BYTES = 253, TLS_1_3 = 0x304 };

void flow_name_set(struct flow *flow, const char *bytes, size_t length)
{
	if (!length || length > NAME_MAX_BYTES)
		return;
	free(flow->name);
	flow->name = mem_strndup(bytes, length);
}

static void what_set(struct flow *flow, const uint8_t *bytes, size_t length)
{
	size_t kept = length < FLOW_WHAT_MAX - 1 ? length : FLOW_WHAT_MAX - 1;
	memcpy(flow->exchange.what, bytes, kept);
	flow->exchange.what[kept] = '\0';
}

/* --- TLS --- */

/* A hello of more than a segment (keys against quantum computers are long) is put together. */
static bool hello_gather(struct flow_step *step, const uint8_t **bytes, size_t *there)
{
	struct flow *flow = step->flow;
	size_t room = HELLO_MAX - flow->hello_length, take = *there < room ? *there : room;
	if (!flow->hello)
		flow->hello = mem_alloc(HELLO_MAX);
	memcpy(flow->hello + flow->hello_length, *bytes, take);
	flow->hello_length = (uint16_t)(flow->hello_length + take);
	*bytes = flow->hello;
	*there = flow->hello_length;
	return take > 0;
}

static void hello_forget(struct flow *flow)
{
	free(flow->hello);
	flow->hello = NULL;
	flow->hello_length = 0;
}

static void client_hello(struct flow_step *step, const uint8_t *bytes, size_t there)
{
	struct flow *flow = step->flow;
	struct tls_hello hello;
	if (flow->hello && !hello_gather(step, &bytes, &there))
		return;
	if (!tls_hello_read(bytes, there, &hello) || !hello.client) {
		hello_forget(flow);
		return;
	}
	flow->app = FLOW_APP_TLS;
	flow->exchange.handshake = true;
	what_set(flow, (const uint8_t *)"ClientHello", sizeof "ClientHello" - 1);
	if (!hello.whole && !flow->hello)
		hello_gather(step, &bytes, &there);
	if (hello.name_length && (hello.whole || hello.name + hello.name_length < bytes + there))
		flow_name_set(flow, (const char *)hello.name, hello.name_length);
	if (hello.whole)
		hello_forget(flow);
}

static void tls_read(struct flow_step *step, uint8_t type)
{
	struct flow *flow = step->flow;
	const uint8_t *bytes = step->packet->payload;
	size_t there = step->packet->payload_captured;
	struct tls_hello hello;
	int alert = tls_alert_read(bytes, there);
	if (alert >= 0) {
		flow->alert = alert;
		flow->alert_side = step->from;
		return;
	}
	if (step->from == 0) {
		if (type == TLS_HANDSHAKE || flow->hello)
			client_hello(step, bytes, there);
		/* TLS 1.2: the key exchange. TLS 1.3: the Finished, often with the request right behind it. */
		if (type == TLS_CHANGE_CIPHER || type == TLS_HANDSHAKE)
			flow->exchange.handshake = flow->tls_version < TLS_1_3;
		flow->after_hello = type == TLS_CHANGE_CIPHER && flow->tls_version >= TLS_1_3;
	} else if (type == TLS_HANDSHAKE && tls_hello_read(bytes, there, &hello)) {
		flow->app = FLOW_APP_TLS;
		flow->tls_version = hello.version;
	}
}

/* --- HTTP/1 (RFC 9112) --- */

static bool is_request(const uint8_t *bytes, size_t there)
{
	static const char *const methods[] = { "GET ",    "POST ",    "HEAD ",    "PUT ",
					       "DELETE ", "OPTIONS ", "CONNECT ", "PATCH " };
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		size_t length = strlen(methods[i]);
		if (there >= length && !memcmp(bytes, methods[i], length))
			return true;
	}
	return false;
}

static void host_read(struct flow *flow, const uint8_t *at, const uint8_t *end)
{
	static const char field[] = "\nhost:";
	size_t length = sizeof field - 1;
	for (; at + length < end; at++) {
		if (*at != '\n' || strncasecmp((const char *)at, field, length) != 0)
			continue;
		at += length;
		while (at < end && *at == ' ')
			at++;
		const uint8_t *stop = at;
		while (stop<end && * stop> ' ' && *stop != ':' && *stop < 0x7f)
			stop++;
		if (stop < end)
			flow_name_set(flow, (const char *)at, (size_t)(stop - at));
		return;
	}
}

static void http_request(struct flow *flow, const uint8_t *bytes, size_t there)
{
	const uint8_t *line = memchr(bytes, '\r', there), *end = line ? line : bytes + there;
	size_t length = (size_t)(end - bytes);
	static const char version[] = " HTTP/1.";
	if (length > sizeof version && !memcmp(end - sizeof version, version, sizeof version - 1))
		length -= sizeof version;
	flow->app = FLOW_APP_HTTP;
	what_set(flow, bytes, length);
	host_read(flow, bytes, bytes + there);
}

static void http_answer(struct flow *flow, const uint8_t *bytes, size_t there)
{
	static const char version[] = "HTTP/1.";
	enum { STATUS_AT = 9, STATUS_END = 12 };
	if (there < STATUS_END || memcmp(bytes, version, sizeof version - 1) != 0)
		return;
	int status = 0;
	for (int i = STATUS_AT; i < STATUS_END; i++) {
		if (bytes[i] < '0' || bytes[i] > '9')
			return;
		status = status * 10 + (bytes[i] - '0');
	}
	flow->app = FLOW_APP_HTTP;
	flow->exchange.status = status;
	flow->statuses[status / 100 < 6 ? status / 100 : 0]++;
	if (status > flow->worst_status)
		flow->worst_status = status;
}

void flow_app_read(struct flow_step *step)
{
	struct flow *flow = step->flow;
	const uint8_t *bytes = step->packet->payload;
	size_t there = step->packet->payload_captured;
	const struct flow_exchange *exchange = &flow->exchange;
	/* The first segment of a turn, or the rest of a hello. */
	bool first =
	    step->from == 0 ? exchange->request_bytes == step->fresh : exchange->answer_bytes == step->fresh;
	if (!bytes || !there || step->fresh != step->packet->payload_length)
		return;
	if (flow->hello && step->from == 0) {
		client_hello(step, bytes, there);
		return;
	}
	uint8_t type;
	if (flow->app != FLOW_APP_HTTP && tls_record_peek(bytes, there, &type, NULL) &&
	    (first || type == TLS_ALERT))
		tls_read(step, type);
	else if (first && flow->app != FLOW_APP_TLS && step->from == 0 && is_request(bytes, there))
		http_request(flow, bytes, there);
	else if (first && flow->app != FLOW_APP_TLS && step->from == 1)
		http_answer(flow, bytes, there);
}
