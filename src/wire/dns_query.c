#include "wire/bytes.h"
#include "wire/dns_message.h"

#include <string.h>

enum { FLAG_AA = 0x0400, FLAG_RD = 0x0100, FLAG_Z = 0x0040, FLAG_AD = 0x0020, FLAG_CD = 0x0010 };
enum { OPTION_NSID = 3, TYPE_IXFR = 251 };

static uint8_t *put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

/* The OPT record (RFC 6891 6.1.2): class is the size we take, the TTL's low half begins with DO. */
static uint8_t *put_opt(uint8_t *at, const struct dns_request *request)
{
	*at++ = 0;
	at = put16(at, 41);
	at = put16(at, request->udp_size ? request->udp_size : DNS_UDP_SIZE_DEFAULT);
	at = put16(at, request->edns_version);
	at = put16(at, request->dnssec_ok ? 0x8000 : 0);
	size_t more = request->options_length < DNS_OPTIONS_MAX ? request->options_length : DNS_OPTIONS_MAX;
	at = put16(at, (unsigned)more + (request->nsid ? 4 : 0));
	if (request->nsid) {
		at = put16(at, OPTION_NSID);
		at = put16(at, 0);
	}
	if (more)
		memcpy(at, request->options, more);
	return at + more;
}

/* The SOA that says which version of the zone we have (RFC 1995 3): only its serial counts. Its owner is the question's name. */
static uint8_t *put_soa(uint8_t *at, uint16_t class_, uint32_t serial)
{
	at = put16(at, 0xc000 | DNS_HEADER_SIZE);
	at = put16(at, 6);
	at = put16(at, class_);
	memset(at, 0, 4 + 2 + 22);
	at[5] = 22;
	bytes_put_u32(at + 8, serial);
	return at + 28;
}

size_t dns_query_build(const struct dns_request *request, uint16_t id, uint8_t buf[DNS_QUERY_MAX],
		       struct dns_question *question, struct error *err)
{
	if (dns_name_parse(request->name, &question->name, err) < 0)
		return 0;
	question->type = request->type;
	question->class_ = request->class_ ? request->class_ : 1;
	unsigned flags = (request->recursion_desired ? FLAG_RD : 0) | (request->authoritative ? FLAG_AA : 0) |
			 (request->zero ? FLAG_Z : 0) |
			 (request->authentic_data ? FLAG_AD : 0) | (request->checking_disabled ? FLAG_CD : 0);
	uint8_t *at = put16(buf, id);
	at = put16(at, flags);
	at = put16(at, 1);
	at = put16(at, 0);
	at = put16(at, question->type == TYPE_IXFR);
	at = put16(at, request->no_edns ? 0 : 1);
	memcpy(at, question->name.wire, question->name.length);
	at = put16(at + question->name.length, question->type);
	at = put16(at, question->class_);
	if (question->type == TYPE_IXFR)
		at = put_soa(at, question->class_, request->serial);
	if (!request->no_edns)
		at = put_opt(at, request);
	return (size_t)(at - buf);
}

bool dns_header_peek(const uint8_t *wire, size_t length, uint16_t *id, bool *answer)
{
	if (length < DNS_HEADER_SIZE)
		return false;
	*id = (uint16_t)(wire[0] << 8 | wire[1]);
	*answer = wire[2] & 0x80;
	return true;
}

const char *dns_answer_mismatch(const struct dns_message *message, uint16_t id,
				const struct dns_question *question)
{
	if (!message->qr)
		return "a query, not an answer";
	if (message->id != id)
		return "another id";
	if (message->counts[DNS_QUESTION] == 0)
		return message->rcode ? NULL : "no question in it";
	const struct dns_record *asked = &message->records[DNS_QUESTION][0];
	struct dns_name name;
	if (message->counts[DNS_QUESTION] > 1 || dns_name_parse(asked->name, &name, NULL) < 0 ||
	    !dns_name_equal(&name, &question->name))
		return "another name in the question";
	if (asked->type != question->type)
		return "another type in the question";
	return asked->class_ == question->class_ ? NULL : "another class in the question";
}
