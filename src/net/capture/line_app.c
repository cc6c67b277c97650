/* What a payload is: by its port where the protocol has one, by its first bytes where it has none. */
#include "net/capture/line.h"
#include "wire/bytes.h"

enum {
	PORT_DNS = 53,
	PORT_BOOTP_SERVER = 67,
	PORT_BOOTP_CLIENT = 68,
	PORT_NTP = 123,
	PORT_HTTPS = 443,
	PORT_DHCPV6_CLIENT = 546,
	PORT_DHCPV6_SERVER = 547,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
	NTP_SIZE = 48,
	QUIC_FORM = 0xc0, /* long header, fixed bit */
	QUIC_CID_MAX = 20,
};

static bool uses(const struct packet *packet, uint16_t port)
{
	return packet->source_port == port || packet->destination_port == port;
}

bool line_ntp(struct pen *pen, const uint8_t *bytes, size_t length)
{
	static const char *const modes[] = { "mode 0", "symmetric active", "symmetric passive", "client",
					     "server", "broadcast",        "control",           "private" };
	if (length < NTP_SIZE)
		return false;
	pen_printf(pen, "NTPv%u %s, stratum %u", bytes[0] >> 3 & 7, modes[bytes[0] & 7], bytes[1]);
	if (bytes[0] >> 6 == 3)
		pen_text(pen, ", clock not synchronised");
	return true;
}

static void connection_id(struct pen *pen, const char *name, const uint8_t *at, unsigned length)
{
	pen_text(pen, name);
	for (unsigned i = 0; i < length; i++)
		pen_hex(pen, at[i], 2);
	if (!length)
		pen_text(pen, "none");
}

/* Long headers (RFC 8999 5.1, RFC 9000 17.2, RFC 9369 3.2). */
bool line_quic(struct pen *pen, const uint8_t *bytes, size_t length)
{
	static const char *const types[] = { "Initial", "0-RTT", "Handshake", "Retry" };
	enum { VERSION_1 = 1, VERSION_2 = 0x6b3343cf };
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	uint8_t first = bytes_u8(&reader);
	uint32_t version = bytes_u32(&reader);
	uint8_t destination_length = bytes_u8(&reader);
	const uint8_t *destination = bytes_take(&reader, destination_length);
	uint8_t source_length = bytes_u8(&reader);
	const uint8_t *source = bytes_take(&reader, source_length);
	bool negotiation = !reader.short_ && first & 0x80 && !version;
	if (reader.short_ || destination_length > QUIC_CID_MAX || source_length > QUIC_CID_MAX)
		return false;
	if (!negotiation &&
	    ((first & QUIC_FORM) != QUIC_FORM || (version != VERSION_1 && version != VERSION_2)))
		return false;
	pen_text(pen, "QUIC ");
	if (negotiation)
		pen_text(pen, "version negotiation");
	else
		pen_text(pen, types[((first >> 4 & 3) + (version == VERSION_2 ? 3u : 0u)) & 3]);
	if (version == VERSION_2)
		pen_text(pen, " v2");
	connection_id(pen, ", to ", destination, destination_length);
	connection_id(pen, ", from ", source, source_length);
	return true;
}

/* Writes before what is tried, and takes it back when it was none. */
static void begin(struct pen *pen, const char *before, size_t *mark)
{
	*mark = (size_t)(pen->at - pen->start);
	pen_text(pen, before);
}

static bool finish(struct pen *pen, size_t mark, bool known)
{
	if (!known)
		pen->at = pen->start + mark;
	return known;
}

bool line_udp_payload(struct pen *pen, const struct packet *packet)
{
	const uint8_t *at = packet->payload;
	size_t length = packet->payload_captured, mark;
	bool known = false;
	if (!length)
		return false;
	begin(pen, ": ", &mark);
	if (uses(packet, PORT_DNS) || uses(packet, PORT_MDNS) || uses(packet, PORT_LLMNR)) {
		pen_text(pen, uses(packet, PORT_MDNS)    ? "mDNS "
			      : uses(packet, PORT_LLMNR) ? "LLMNR "
							 : "DNS ");
		known = line_dns(pen, at, length, packet->payload_length);
	} else if (uses(packet, PORT_BOOTP_SERVER) || uses(packet, PORT_BOOTP_CLIENT)) {
		known = line_dhcp(pen, at, length);
	} else if (uses(packet, PORT_DHCPV6_CLIENT) || uses(packet, PORT_DHCPV6_SERVER)) {
		known = line_dhcpv6(pen, at, length);
	} else if (uses(packet, PORT_NTP)) {
		known = line_ntp(pen, at, length);
	} else if (at[0] & 0x80) {
		known = line_quic(pen, at, length);
	}
	return finish(pen, mark, known);
}

bool line_tcp_payload(struct pen *pen, const struct packet *packet)
{
	const uint8_t *at = packet->payload;
	size_t length = packet->payload_captured, mark;
	bool known = false;
	if (length < 2)
		return false;
	begin(pen, ": ", &mark);
	if (uses(packet, PORT_DNS)) {
		/* RFC 1035 4.2.2: a length before the message; what does not begin with one is the rest of another. */
		pen_text(pen, "DNS ");
		known = bytes_get_u16(at) + 2u <= packet->payload_length &&
			line_dns(pen, at + 2, length - 2, bytes_get_u16(at));
	} else if (at[1] == 3 && at[0] >= 20 && at[0] <= 22) {
		known = line_tls(pen, at, length);
	} else if (at[0] >= 'A' && at[0] <= 'U') {
		known = line_http(pen, at, length);
	}
	return finish(pen, mark, known);
}
