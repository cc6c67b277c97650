#include "net/tls_trace.h"

#include <stdio.h>
#include <string.h>

/* Content types and messages (RFC 8446 B.1, B.3); 256 is OpenSSL's own for a record's header. */
enum { RECORD_HEADER = 256, TYPE_ALERT = 21, TYPE_HANDSHAKE = 22 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2 };

/* SHA-256 of "HelloRetryRequest": the random of a ServerHello that is none (RFC 8446 4.1.3). */
static const uint8_t RETRY_RANDOM[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* RFC 8446 6.2 and the older ones of RFC 5246 7.2. */
static const struct {
	uint8_t number;
	const char *name;
} ALERTS[] = {
	{ 0, "close_notify" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 22, "record_overflow" },
	{ 40, "handshake_failure" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" },
	{ 45, "certificate_expired" },
	{ 46, "certificate_unknown" },
	{ 47, "illegal_parameter" },
	{ 48, "unknown_ca" },
	{ 49, "access_denied" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 90, "user_canceled" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" },
	{ 115, "unknown_psk_identity" },
	{ 116, "certificate_required" },
	{ 120, "no_application_protocol" },
};

static const char *alert_name(uint8_t number)
{
	for (size_t i = 0; i < sizeof ALERTS / sizeof ALERTS[0]; i++)
		if (ALERTS[i].number == number)
			return ALERTS[i].name;
	return "unknown";
}

void tls_trace_begin(struct tls_trace *trace, ns_t now_real)
{
	uint32_t base = trace->base;
	*trace = (struct tls_trace){ .began = now_real,
				     .ended = NS_NONE,
				     .event = NS_NONE,
				     .record = NS_NONE,
				     .server_hello = NS_NONE,
				     .base = base };
}

void tls_trace_arrived(struct tls_trace *trace, ns_t stamp)
{
	trace->event = stamp;
}

static void trace_wrote(struct tls_trace *trace, size_t record, ns_t now)
{
	trace->written += record;
	if (trace->finished)
		return;
	struct tls_turn *turn = trace->turn_count ? &trace->turns[trace->turn_count - 1] : NULL;
	if (!turn || (turn->first != NS_NONE && trace->turn_count < TLS_TRACE_TURNS)) {
		turn = &trace->turns[trace->turn_count++];
		*turn = (struct tls_turn){ .first = NS_NONE, .last = NS_NONE };
	}
	turn->wrote = now;
	turn->last_byte = trace->base + (uint32_t)trace->written - 1;
}

static void trace_read(struct tls_trace *trace, ns_t now)
{
	ns_t when = trace->event != NS_NONE ? trace->event : now;
	trace->record = when;
	if (trace->finished || !trace->turn_count)
		return;
	struct tls_turn *turn = &trace->turns[trace->turn_count - 1];
	if (turn->first == NS_NONE)
		turn->first = when;
	turn->last = when;
}

static void trace_alert(struct tls_trace *trace, bool wrote, const uint8_t *bytes)
{
	/* What ends the handshake is said first; the close_notify that follows says nothing new. */
	if (trace->finished || trace->alert[0])
		return;
	snprintf(trace->alert, sizeof trace->alert, "%s (%u) %s", alert_name(bytes[1]), bytes[1],
		 wrote ? "sent" : "received");
}

void tls_trace_message(struct tls_trace *trace, bool wrote, int content_type, const uint8_t *bytes,
		       size_t length, ns_t now_real)
{
	if (content_type == RECORD_HEADER && length >= 5) {
		if (wrote)
			trace_wrote(trace, 5 + (size_t)(bytes[3] << 8 | bytes[4]), now_real);
		else
			trace_read(trace, now_real);
	} else if (content_type == TYPE_ALERT && length >= 2) {
		trace_alert(trace, wrote, bytes);
	} else if (content_type == TYPE_HANDSHAKE && length >= 1) {
		if (wrote && bytes[0] == CLIENT_HELLO)
			trace->hello_sent = true;
		if (wrote || bytes[0] != SERVER_HELLO)
			return;
		if (trace->server_hello == NS_NONE)
			trace->server_hello = trace->record;
		/* type(1) length(3) version(2), then the random. */
		if (length >= 6 + sizeof RETRY_RANDOM &&
		    !memcmp(bytes + 6, RETRY_RANDOM, sizeof RETRY_RANDOM))
			trace->hello_retry = true;
	}
}

void tls_trace_finish(struct tls_trace *trace, ns_t now_real)
{
	if (trace->finished)
		return;
	trace->finished = true;
	trace->ended = now_real;
}

static ns_t to_mono(ns_t real, ns_t offset)
{
	return real == NS_NONE ? NS_NONE : real - offset;
}

void tls_trace_split(const struct tls_trace *trace, const struct tcp_stamps *stamps,
		     const struct split_path *path, ns_t real_offset, struct tls_handshake *out)
{
	out->happened = trace->hello_sent;
	out->hello_retry = trace->hello_retry;
	out->began = to_mono(trace->began, real_offset);
	out->ended = to_mono(trace->ended, real_offset);
	out->server_hello = to_mono(trace->server_hello, real_offset);
	out->hello_acked = out->network = out->server = out->client = NS_NONE;
	snprintf(out->alert, sizeof out->alert, "%s", trace->alert);
	ns_t network = 0, server = 0;
	for (int i = 0; i < trace->turn_count; i++) {
		const struct tls_turn *turn = &trace->turns[i];
		const struct tcp_stamp *stamp =
		    stamps->enabled ? tcp_stamps_find(stamps, turn->last_byte) : NULL;
		ns_t sent = stamp && stamp->sent != NS_NONE ? stamp->sent : turn->wrote;
		ns_t acked = stamp ? stamp->acked : NS_NONE;
		if (i == 0)
			out->hello_acked = to_mono(acked, real_offset);
		if (turn->first == NS_NONE)
			continue;
		struct split split = split_wait(sent, acked, turn->first, path);
		/* The rest of a flight needs no thinking: its packets are on their way. */
		network += split.network + (turn->last > turn->first ? turn->last - turn->first : 0);
		server += split.server;
		out->round_trips++;
	}
	if (!out->round_trips || trace->ended == NS_NONE)
		return;
	ns_t total = trace->ended > trace->began ? trace->ended - trace->began : 0;
	out->network = network < total ? network : total;
	out->server = server < total - out->network ? server : total - out->network;
	out->client = total - out->network - out->server;
}
