/* DNS over UDP (RFC 1035 4): question and answer, and which addresses a name has. */
#include "net/flows/flows.h"
#include "wire/bytes.h"
#include "wire/dns_name.h"

#include <stdio.h>
#include <string.h>

enum { PORT_DNS = 53, HEADER = 12, TYPE_A = 1, TYPE_AAAA = 28, RECORDS_MAX = 64, FLAG_ANSWER = 0x8000 };

/* Reads the question; *at moves behind it. */
static bool question_read(const uint8_t *bytes, size_t there, size_t *at, char name[DNS_NAME_TEXT_MAX],
			  uint16_t *type)
{
	struct dns_name question;
	if (bytes_get_u16(bytes + 4) != 1 || dns_name_read(bytes, there, at, &question) || *at + 4 > there)
		return false;
	*type = bytes_get_u16(bytes + *at);
	*at += 4;
	size_t length = dns_name_format(&question, name);
	if (length > 1 && name[length - 1] == '.')
		name[length - 1] = '\0';
	return true;
}

static void answers_read(struct flows *flows, const uint8_t *bytes, size_t there, size_t at, const char *name)
{
	unsigned count = bytes_get_u16(bytes + 6);
	for (unsigned i = 0; i < count && i < RECORDS_MAX; i++) {
		struct dns_name owner;
		if (dns_name_read(bytes, there, &at, &owner) || at + 10 > there)
			return;
		uint16_t type = bytes_get_u16(bytes + at), length = bytes_get_u16(bytes + at + 8);
		at += 10;
		if (length > there - at)
			return;
		if ((type == TYPE_A && length == 4) || (type == TYPE_AAAA && length == 16))
			flow_names_add(flows->names, bytes + at, length, name);
		at += length;
	}
}

static void question_take(struct flow_step *step, const char *name, uint16_t type)
{
	struct flow *flow = step->flow;
	struct flow_exchange *exchange = &flow->exchange;
	uint16_t id = bytes_get_u16(step->packet->payload);
	char word[16];
	/* The same question again is the same exchange, still waiting. */
	if (exchange->request != NS_NONE && exchange->answer == NS_NONE && flow->dns_id == id) {
		step->side->retransmissions++;
		return;
	}
	flow_exchange_end(step->flows, flow);
	exchange->request = exchange->request_end = step->time;
	exchange->request_bytes = step->packet->payload_length;
	flow->dns_id = id;
	snprintf(exchange->what, sizeof exchange->what, "%s? %.70s", dns_type_name(type, word), name);
}

void flow_dns(struct flow_step *step)
{
	struct flow *flow = step->flow;
	const struct packet *packet = step->packet;
	struct flow_exchange *exchange = &flow->exchange;
	char name[DNS_NAME_TEXT_MAX];
	uint16_t type;
	size_t at = HEADER, there = packet->payload_captured;
	if (flow->side[1].addr.port != PORT_DNS || there < HEADER ||
	    !question_read(packet->payload, there, &at, name, &type))
		return;
	flow->app = FLOW_APP_DNS;
	uint16_t flags = bytes_get_u16(packet->payload + 2);
	if (step->from == 0) {
		question_take(step, name, type);
		return;
	}
	if (!(flags & FLAG_ANSWER))
		return;
	answers_read(step->flows, packet->payload, there, at, name);
	if (exchange->request == NS_NONE || exchange->answer != NS_NONE ||
	    bytes_get_u16(packet->payload) != flow->dns_id)
		return;
	exchange->answer = exchange->answer_end = step->time;
	exchange->answer_bytes = packet->payload_length;
	exchange->status = flags & 15;
}
