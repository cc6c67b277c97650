/* Answers: raw ICMP with its whole quotation, or the error queue of each flow. All of it is hostile. */
#include "net/trace_parts.h"

#include "sys/socket.h"
#include "wire/bytes.h"
#include "wire/icmp_extensions.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>

enum { READS_AT_ONCE = 256, UDP_HEADER = 8, MARK_READ = 6 };

static bool is_target(const struct trace_io *io, const struct addr *from)
{
	return from->family == io->request.target.family &&
	       memcmp(from->bytes, io->request.target.bytes, addr_length(from->family)) == 0;
}

static enum trace_kind kind_of(const struct trace_io *io, uint8_t type, uint8_t code, uint32_t mtu,
			       const struct addr *from)
{
	bool ipv6 = io->request.target.family == AF_INET6;
	if (type == (ipv6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED) && code == 0)
		return TRACE_EXPIRED;
	if (mtu || (ipv6 && type == ICMP6_PACKET_TOO_BIG) ||
	    (!ipv6 && type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED))
		return TRACE_TOO_BIG;
	return is_target(io, from) ? TRACE_REACHED : TRACE_UNREACHABLE;
}

/* The token in a payload of ours, 0 when it is none. */
static uint16_t mark_token(const struct trace_io *io, const uint8_t *payload, size_t length)
{
	struct bytes_reader reader = bytes_reader_of(payload, length);
	uint32_t magic = bytes_u32(&reader);
	uint16_t token = bytes_u16(&reader);
	return reader.short_ || magic != io->magic ? 0 : token;
}

/* The flow of a source port or identifier; -1: none of ours. */
static int flow_of(const struct trace_io *io, uint16_t port)
{
	for (int i = 0; i < TRACE_FLOWS_MAX; i++)
		if (io->flows[i].port == port && port)
			return i;
	return -1;
}

static uint16_t udp_token(const struct trace_io *io, const struct icmp_quote *quote)
{
	const uint8_t *datagram = quote->packet.payload;
	size_t length = quote->packet.payload_length;
	if (length >= UDP_HEADER + MARK_READ) {
		uint16_t token = mark_token(io, datagram + UDP_HEADER, length - UDP_HEADER);
		if (token)
			return token;
	}
	bool ours =
	    flow_of(io, quote->source_port) >= 0 && quote->destination_port == io->request.target.port;
	return ours ? quote->udp_checksum : 0;
}

/* Which of our probes the quotation shows: its token, or 0. */
static uint16_t quote_token(const struct trace_io *io, const struct icmp_quote *quote)
{
	if (quote->packet.protocol != trace_protocol(io))
		return 0;
	switch (io->request.method) {
	case TRACE_ICMP: {
		const uint8_t *echo = quote->packet.payload;
		size_t length = quote->packet.payload_length;
		if (length >= ICMP_HEADER_SIZE + MARK_READ) {
			uint16_t token = mark_token(io, echo + ICMP_HEADER_SIZE, length - ICMP_HEADER_SIZE);
			if (token)
				return token;
		}
		return flow_of(io, quote->echo_id) >= 0 ? quote->echo_sequence : 0;
	}
	case TRACE_TCP:
		return quote->tcp_sequence >> 16 == io->magic >> 16 ? (uint16_t)quote->tcp_sequence : 0;
	default:
		return udp_token(io, quote);
	}
}

/* What differs between the packet that was sent and the one that the router saw. */
static void quote_compare(const struct trace_io *io, const struct trace_sent *sent,
			  const struct icmp_quote *quote, struct trace_quote *out)
{
	const struct ip_packet *packet = &quote->packet;
	const struct addr *target = &io->request.target;
	uint16_t port = io->flows[sent->flow].port;
	size_t length = addr_length(target->family);
	bool ports = io->request.method != TRACE_ICMP;
	*out = (struct trace_quote){
		.known = true,
		.source = packet->source,
		.destination = packet->destination,
		.hops = packet->hops,
		.traffic_class = packet->traffic_class,
		.destination_changed = memcmp(packet->destination.bytes, target->bytes, length) != 0,
		.class_changed = packet->traffic_class != 0,
	};
	out->source.port = quote->source_port;
	out->destination.port = quote->destination_port;
	out->source_changed =
	    io->source.family != AF_UNSPEC && memcmp(packet->source.bytes, io->source.bytes, length) != 0;
	out->port_changed = ports ? quote->source_port != port || quote->destination_port != target->port
				  : quote->echo_id != port;
}

static void report_take(struct trace_io *io, const struct icmp_message *message,
			const struct sys_arrival *arrived)
{
	struct icmp_quote quote;
	if (!icmp_quote_read(message, &quote))
		return;
	struct trace_sent *sent = trace_sent_find(io, quote_token(io, &quote));
	if (!sent)
		return;
	struct trace_answer answer =
	    trace_answer_at(kind_of(io, message->type, message->code, message->mtu, &arrived->from),
			    &arrived->from, arrived->hops);
	answer.token = sent->token;
	answer.icmp_type = message->type;
	answer.icmp_code = message->code;
	answer.mtu = message->mtu;
	quote_compare(io, sent, &quote, &answer.quote);
	if (message->extension)
		(void)icmp_extensions_read(message->extension, message->extension_length, &answer.extensions);
	bool stamped = arrived->stamp != NS_NONE;
	trace_answer_give(io, &answer, stamped ? arrived->stamp : arrived->seen, stamped);
}

/* An echo reply: by raw socket, or by the ping socket of a flow (the kernel has looked at the identifier then). */
static void reply_take(struct trace_io *io, const struct icmp_message *message,
		       const struct sys_arrival *arrived, bool is_raw)
{
	if (io->request.method != TRACE_ICMP || (is_raw && flow_of(io, message->id) < 0) ||
	    !trace_sent_find(io, message->sequence))
		return;
	struct trace_answer answer = trace_answer_at(TRACE_REACHED, &arrived->from, arrived->hops);
	answer.token = message->sequence;
	bool stamped = arrived->stamp != NS_NONE;
	trace_answer_give(io, &answer, stamped ? arrived->stamp : arrived->seen, stamped);
}

static void raw_take(struct trace_io *io, const struct sys_arrival *arrived)
{
	int family = io->request.target.family;
	const uint8_t *bytes = io->buffer;
	size_t length = arrived->length;
	struct ip_packet packet;
	struct icmp_message message;
	if (family == AF_INET) {
		if (!ip_read(bytes, length, &packet))
			return;
		bytes = packet.payload;
		length = packet.payload_length;
	}
	if (!icmp_read(family, bytes, length, &message))
		return;
	if (message.kind == ICMP_REPORT)
		report_take(io, &message, arrived);
	else if (message.kind == ICMP_ECHO_ANSWERED)
		reply_take(io, &message, arrived, true);
}

void trace_raw_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct trace_io *io = arg;
	struct sys_arrival arrived;
	(void)loop;
	(void)events;
	/* First the departures of whatever is answered below. */
	for (size_t i = 0; i < TRACE_FLOWS_MAX; i++)
		if (io->flows[i].owned)
			trace_stamps_take(io, io->flows[i].fd);
	if (io->tcp_fd >= 0)
		trace_stamps_take(io, io->tcp_fd);
	trace_stamps_take(io, fd);
	for (int i = 0; i < READS_AT_ONCE; i++) {
		if (sys_socket_receive(fd, io->buffer, sizeof io->buffer, &arrived) == 0)
			raw_take(io, &arrived);
		else if (errno == EAGAIN)
			return;
	}
}

static void departure_take(struct trace_io *io, int fd, const struct sys_socket_event *event)
{
	for (size_t i = 0; i < TRACE_SENT_KEPT; i++) {
		struct trace_sent *sent = &io->sent[i];
		if (!sent->token || sent->departed || sent->stamp_id != event->id ||
		    io->flows[sent->flow].fd != fd)
			continue;
		sent->real = event->stamp;
		sent->departed = true;
		return;
	}
}

/* An ICMP error by the error queue: bytes of ours behind the header of UDP, or from the header of a ping on. */
static void error_take(struct trace_io *io, int fd, const struct sys_socket_event *event)
{
	uint16_t token;
	struct icmp_message sent;
	unsigned flow = 0;
	while (flow < TRACE_FLOWS_MAX && io->flows[flow].fd != fd)
		flow++;
	if (flow == TRACE_FLOWS_MAX || (event->kind == SYS_EVENT_LOCAL && !event->mtu))
		return;
	if (io->request.method == TRACE_ICMP)
		token = icmp_read(io->request.target.family, io->buffer, event->length, &sent) ? sent.sequence
											       : 0;
	else
		token = mark_token(io, io->buffer, event->length);
	if (!trace_sent_find(io, token))
		token = trace_sent_guess(io, flow, true);
	bool local = event->kind == SYS_EVENT_LOCAL;
	struct trace_answer answer = trace_answer_at(
	    local ? TRACE_TOO_BIG
		  : kind_of(io, event->icmp_type, event->icmp_code, event->mtu, &event->offender),
	    local ? &io->source : &event->offender, event->hops);
	answer.token = token;
	answer.flow = flow;
	answer.icmp_type = event->icmp_type;
	answer.icmp_code = event->icmp_code;
	answer.mtu = event->mtu;
	if (event->extension && event->extension < event->length)
		(void)icmp_extensions_read(io->buffer + event->extension, event->length - event->extension,
					   &answer.extensions);
	bool stamped = event->stamp != NS_NONE;
	trace_answer_give(io, &answer, stamped ? event->stamp : event->seen, stamped);
}

void trace_stamps_take(struct trace_io *io, int fd)
{
	struct sys_socket_event event;
	if (fd < 0)
		return;
	for (int i = 0; i < READS_AT_ONCE; i++) {
		if (!sys_socket_event_next(fd, io->buffer, sizeof io->buffer, &event))
			return;
		if (event.kind == SYS_EVENT_SENT && event.stamp != NS_NONE)
			departure_take(io, fd, &event);
		else if (io->raw_fd < 0 && event.kind != SYS_EVENT_SENT && event.kind != SYS_EVENT_ACKED)
			error_take(io, fd, &event);
	}
}

/* A datagram from the target: something listens at the port. It does not say which probe it answers. */
static void datagram_take(struct trace_io *io, unsigned flow, const struct sys_arrival *arrived)
{
	struct trace_answer answer = trace_answer_at(TRACE_REACHED, &arrived->from, arrived->hops);
	if (!is_target(io, &arrived->from))
		return;
	answer.flow = flow;
	answer.token = trace_sent_guess(io, flow, false);
	if (!answer.token)
		return;
	bool stamped = arrived->stamp != NS_NONE;
	trace_answer_give(io, &answer, stamped ? arrived->stamp : arrived->seen, stamped);
}

void trace_flow_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct trace_io *io = arg;
	struct sys_arrival arrived;
	struct icmp_message message;
	unsigned flow = 0;
	(void)loop;
	trace_stamps_take(io, fd);
	while (flow < TRACE_FLOWS_MAX && io->flows[flow].fd != fd)
		flow++;
	if (!(events & EPOLLIN) || flow == TRACE_FLOWS_MAX || !io->flows[flow].owned)
		return;
	for (int i = 0; i < READS_AT_ONCE; i++) {
		if (sys_socket_receive(fd, io->buffer, sizeof io->buffer, &arrived) < 0) {
			if (errno == EAGAIN)
				return;
			continue;
		}
		if (io->request.method != TRACE_ICMP)
			datagram_take(io, flow, &arrived);
		else if (icmp_read(io->request.target.family, io->buffer, arrived.length, &message) &&
			 message.kind == ICMP_ECHO_ANSWERED)
			reply_take(io, &message, &arrived, false);
	}
}
