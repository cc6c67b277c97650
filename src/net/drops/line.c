/* Lines of the trace, as the kernel's own formats write them (events/.../format). */
#include "ntsh/drops.h"

#include <ctype.h>
#include <string.h>

struct text {
	const char *at, *end;
};

/* The value behind "name=" (or "name: "), up to the next blank. name includes its mark. */
static bool value_of(struct text line, const char *name, struct text *out)
{
	size_t size = strlen(name);
	for (const char *at = line.at; (size_t)(line.end - at) >= size; at++) {
		if (memcmp(at, name, size) != 0 || (at > line.at && at[-1] != ' '))
			continue;
		out->at = at + size;
		const char *blank = memchr(out->at, ' ', (size_t)(line.end - out->at));
		out->end = blank ? blank : line.end;
		return out->end > out->at;
	}
	return false;
}

/* Copies what a name of the kernel may hold; false when it holds anything else, or too much. */
static bool copy_word(struct text text, char *out, size_t size)
{
	size_t length = (size_t)(text.end - text.at);
	if (length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text.at[i]) && !strchr("_.-:@/", text.at[i]))
			return false;
	memcpy(out, text.at, length);
	out[length] = '\0';
	return true;
}

static bool number_of(struct text text, unsigned base, uint64_t *out)
{
	uint64_t number = 0;
	if (text.at == text.end || text.end - text.at > 20)
		return false;
	for (const char *at = text.at; at < text.end; at++) {
		unsigned digit = isdigit((unsigned char)*at)    ? (unsigned)(*at - '0')
				 : isxdigit((unsigned char)*at) ? (unsigned)(tolower(*at) - 'a' + 10)
								: 99;
		if (digit >= base)
			return false;
		number = number * base + digit;
	}
	*out = number;
	return true;
}

static bool read_number(struct text line, const char *name, unsigned base, uint64_t *out)
{
	struct text value;
	return value_of(line, name, &value) && number_of(value, base, out);
}

/* "10.0.3.2:4", "[::1]:80" */
static bool read_endpoint(struct text line, const char *name, struct addr *out)
{
	struct text value;
	char text[ADDR_TEXT_MAX];
	if (!value_of(line, name, &value) || (size_t)(value.end - value.at) >= sizeof text)
		return false;
	memcpy(text, value.at, (size_t)(value.end - value.at));
	text[value.end - value.at] = '\0';
	return addr_parse_port(text, 0, out) == 0;
}

/* "saddr=10.0.3.2 ... saddrv6=::ffff:10.0.3.2": which of them counts is told by the family. */
static bool read_pair(struct text line, const char *four, const char *six, const char *port_name,
		      struct addr *out)
{
	struct text family, value;
	char text[ADDR_TEXT_MAX];
	uint64_t port;
	if (!value_of(line, "family=", &family) || !read_number(line, port_name, 10, &port) ||
	    port > UINT16_MAX)
		return false;
	bool is_six = family.end - family.at == 8 && memcmp(family.at, "AF_INET6", 8) == 0;
	if (!value_of(line, is_six ? six : four, &value) || !copy_word(value, text, sizeof text) ||
	    addr_parse(text, out) < 0)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool read_state(struct text line, const char *name, char *out, size_t size)
{
	struct text value;
	if (!value_of(line, name, &value))
		return false;
	if (value.end - value.at > 4 && memcmp(value.at, "TCP_", 4) == 0)
		value.at += 4;
	return copy_word(value, out, size);
}

static bool read_freed(struct text line, struct drop_event *out)
{
	struct text place, reason;
	uint64_t protocol;
	out->kind = DROP_FREED;
	if (!read_number(line, "skbaddr=", 16, &out->packet) ||
	    !read_number(line, "protocol=", 10, &protocol) || protocol > UINT16_MAX ||
	    !value_of(line, "location=", &place))
		return false;
	out->protocol = (uint16_t)protocol;
	/* "tcp_v4_rcv+0x91/0x13f0"; kernels without symbols, or before 5.17, give an address. */
	const char *offset = memchr(place.at, '+', (size_t)(place.end - place.at));
	if (offset)
		place.end = offset;
	if (!copy_word(place, out->place, sizeof out->place))
		return false;
	if (!value_of(line, "reason: ", &reason)) {
		memcpy(out->reason, "NOT_SPECIFIED", sizeof "NOT_SPECIFIED");
		return true;
	}
	return copy_word(reason, out->reason, sizeof out->reason);
}

/* A reset answers the packet: it goes the other way. */
static bool read_reset(struct text line, struct drop_event *out)
{
	out->kind = DROP_FLOW;
	return read_number(line, "skbaddr=", 16, &out->packet) &&
	       read_endpoint(line, "src=", &out->destination) && read_endpoint(line, "dest=", &out->source);
}

/* "icmp_send: type=3, code=3. From 127.0.0.1:50000 to 127.0.0.1:9 ulen=9 skbaddr=...": addresses of the packet itself. */
static bool read_icmp(struct text line, struct drop_event *out)
{
	struct text type;
	out->kind = DROP_FLOW;
	/* A redirect is no drop: the packet goes on. */
	if (value_of(line, "type=", &type) && type.end - type.at == 2 && memcmp(type.at, "5,", 2) == 0)
		return false;
	return read_number(line, "skbaddr=", 16, &out->packet) && read_endpoint(line, "From ", &out->source) &&
	       read_endpoint(line, "to ", &out->destination);
}

static bool read_arrived(struct text line, struct drop_event *out)
{
	struct text device;
	out->kind = DROP_ARRIVED;
	return read_number(line, "skbaddr=", 16, &out->packet) && value_of(line, "dev=", &device) &&
	       copy_word(device, out->device, sizeof out->device);
}

static bool read_resent(struct text line, struct drop_event *out)
{
	out->kind = DROP_RESENT;
	return read_pair(line, "saddr=", "saddrv6=", "sport=", &out->source) &&
	       read_pair(line, "daddr=", "daddrv6=", "dport=", &out->destination) &&
	       read_state(line, "state=", out->state, sizeof out->state);
}

static bool read_change(struct text line, struct drop_event *out)
{
	out->kind = DROP_STATE;
	return read_pair(line, "saddr=", "saddrv6=", "sport=", &out->source) &&
	       read_pair(line, "daddr=", "daddrv6=", "dport=", &out->destination) &&
	       read_state(line, "oldstate=", out->from_state, sizeof out->from_state) &&
	       read_state(line, "newstate=", out->state, sizeof out->state);
}

/* "CPU:1 [LOST 123 EVENTS]" */
static bool read_overrun(struct text line, struct drop_event *out)
{
	struct text count;
	out->kind = DROP_OVERRUN;
	return value_of(line, "[LOST ", &count) && number_of(count, 10, &out->count);
}

bool drop_line_parse(const char *line, size_t length, struct drop_event *out)
{
	static const struct {
		const char *name;
		bool (*read)(struct text line, struct drop_event *out);
	} events[] = { { "kfree_skb: ", read_freed },
		       { "tcp_send_reset: ", read_reset },
		       { "icmp_send: ", read_icmp },
		       { "netif_receive_skb: ", read_arrived },
		       { "tcp_retransmit_skb: ", read_resent },
		       { "inet_sock_set_state: ", read_change },
		       { "CPU:", read_overrun } };
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		size_t size = strlen(events[i].name);
		if (length > size && memcmp(line, events[i].name, size) == 0)
			return events[i].read((struct text){ line + size, line + length }, out);
	}
	return false;
}
