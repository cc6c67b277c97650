#include "wire/icmp.h"

#include "wire/bytes.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

/* RFC 4884 5.5: routers that say no length quote 128 bytes before extensions. */
enum { QUOTE_OLD = 128, EXTENSION_MIN = 4, EXTENSION_VERSION = 2 };

static enum icmp_kind kind_of(int family, uint8_t type)
{
	if (family == AF_INET6) {
		if (type == ICMP6_ECHO_REQUEST)
			return ICMP_ECHO_ASKED;
		if (type == ICMP6_ECHO_REPLY)
			return ICMP_ECHO_ANSWERED;
		return type && type < 128 ? ICMP_REPORT : ICMP_OTHER;
	}
	switch (type) {
	case ICMP_ECHO:
		return ICMP_ECHO_ASKED;
	case ICMP_ECHOREPLY:
		return ICMP_ECHO_ANSWERED;
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return ICMP_REPORT;
	default:
		return ICMP_OTHER;
	}
}

/* The length field of RFC 4884 4.1 counts words of 4 bytes in ICMP, of 8 in ICMPv6. */
static void extension_read(int family, uint32_t rest, struct icmp_message *out)
{
	size_t quoted = family == AF_INET6 ? (rest >> 24) * 8 : (rest >> 16 & 255) * 4;
	if (!quoted)
		quoted = QUOTE_OLD;
	if (quoted < QUOTE_OLD || quoted + EXTENSION_MIN > out->payload_length)
		return;
	const uint8_t *extension = out->payload + quoted;
	if (extension[0] >> 4 != EXTENSION_VERSION)
		return;
	out->extension = extension;
	out->extension_length = out->payload_length - quoted;
	out->payload_length = quoted;
}

static bool carries_extension(int family, uint8_t type)
{
	if (family == AF_INET6)
		return type == ICMP6_DST_UNREACH || type == ICMP6_TIME_EXCEEDED;
	return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

bool icmp_read(int family, const void *bytes, size_t length, struct icmp_message *out)
{
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	*out = (struct icmp_message){ .type = bytes_u8(&reader), .code = bytes_u8(&reader) };
	bytes_u16(&reader);
	uint32_t rest = bytes_u32(&reader);
	if (reader.short_)
		return false;
	out->kind = kind_of(family, out->type);
	out->payload = reader.at;
	out->payload_length = reader.rest;
	if (out->kind == ICMP_ECHO_ASKED || out->kind == ICMP_ECHO_ANSWERED) {
		out->id = (uint16_t)(rest >> 16);
		out->sequence = (uint16_t)rest;
	} else if (family == AF_INET6 && out->type == ICMP6_PACKET_TOO_BIG) {
		out->mtu = rest;
	} else if (family == AF_INET && out->type == ICMP_DEST_UNREACH && out->code == ICMP_FRAG_NEEDED) {
		out->mtu = rest & 0xffff;
	}
	if (carries_extension(family, out->type))
		extension_read(family, rest, out);
	return true;
}

bool icmp_quote_read(const struct icmp_message *message, struct icmp_quote *out)
{
	*out = (struct icmp_quote){ 0 };
	if (message->kind != ICMP_REPORT ||
	    !ip_read(message->payload, message->payload_length, &out->packet) || out->packet.fragment_offset)
		return false;
	struct bytes_reader reader = bytes_reader_of(out->packet.payload, out->packet.payload_length);
	uint16_t first = bytes_u16(&reader), second = bytes_u16(&reader);
	uint16_t third = bytes_u16(&reader), fourth = bytes_u16(&reader);
	if (reader.short_)
		return false;
	switch (out->packet.protocol) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		out->echo_id = third;
		out->echo_sequence = fourth;
		break;
	case IPPROTO_TCP:
		out->tcp_sequence = (uint32_t)third << 16 | fourth;
		/* fall through */
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
		out->source_port = first;
		out->destination_port = second;
		out->udp_checksum = fourth;
		break;
	default:
		break;
	}
	return true;
}

void icmp_echo_build(int family, uint16_t id, uint16_t sequence, uint8_t *message, size_t payload_length)
{
	message[0] = family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	message[1] = 0;
	bytes_put_u16(message + 2, 0);
	bytes_put_u16(message + 4, id);
	bytes_put_u16(message + 6, sequence);
	if (family == AF_INET)
		bytes_put_u16(message + 2, ip_checksum_fold(ip_checksum_add(
					       0, message, ICMP_HEADER_SIZE + payload_length)));
}
