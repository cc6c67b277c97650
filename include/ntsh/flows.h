/* Flows: conversations put together from captured packets, with what went wrong in them and where their time went.
 *
 * Packets go in one after the other, of a file or live; a flow comes out when it has ended (or at the end of all). Memory grows with
 * the flows that are alive, never with the packets. Nothing here reads a clock: time is that of the packets (CLOCK_REALTIME ns). */
#ifndef NTSH_FLOWS_H
#define NTSH_FLOWS_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLOW_WHAT_MAX = 96 };

/* Round trips as the capture saw them: from a segment of this side to its acknowledgement. */
struct flow_trips {
	uint64_t count;
	ns_t min, max, sum;
};

/* One end of a flow and what it sent. */
struct flow_side {
	struct addr addr; /* with port */
	uint64_t packets, wire_bytes, payload_bytes, data_segments;

	/* TCP: segments sent again. All of them are in retransmissions. */
	uint64_t retransmissions;
	uint64_t filled;    /* ... whose first copy never came by here: lost before the capture */
	uint64_t fast;      /* ... after duplicate acknowledgements */
	uint64_t timeouts;  /* ... after a silence of a retransmission timer */
	uint64_t spurious;  /* ... of data that had been acknowledged already */
	ns_t timeout_time;  /* silences that ended in a timeout, together */
	uint64_t reordered; /* came later than their successors, too soon to have been sent again */
	uint64_t copies;    /* captured twice: the same packet, not sent again */
	uint64_t missing; /* bytes that the capture never saw though they were acknowledged or passed over */
	uint64_t keepalives, duplicate_acks;
	uint64_t zero_windows;     /* times that this side closed its window */
	ns_t zero_window_time;     /* closed, or room for less than a segment */
	uint64_t window_full;      /* segments after which the other side's window was used up */
	uint64_t congestion_marks; /* ECN CE */

	struct flow_trips trips;
	uint16_t mss;                       /* of its SYN, 0: none seen */
	uint32_t largest;                   /* payload of its largest segment */
	int8_t scale;                       /* window scale of its SYN, -1: none */
	int ttl, reset_ttl;                 /* of its ordinary packets; of its RST; -1: none */
	uint32_t window_least, window_most; /* announced, scaled */
	uint32_t flight_most;               /* bytes under way at once, as seen here */
	bool syn, fin, reset;
	bool stuck_large; /* the same full-size segment again and again, never acknowledged */

	/* For the engine. */
	bool started, shut;
	uint32_t next, acked, window, last_ack;
	uint32_t duplicate_run, sample, hole_begin[4], hole_end[4];
	ns_t hole_time[4], sample_time, last_data, zero_since;
	uint32_t recent_seq[2], recent_length[2];
	uint16_t recent_id[2];
	ns_t recent_time[2];
	uint32_t again_seq;
	unsigned again_count, hole_count;
};

enum flow_ending {
	FLOW_OPEN,   /* still alive when the capture ended */
	FLOW_CLOSED, /* FIN from both sides */
	FLOW_HALF,   /* FIN from one side only */
	FLOW_RESET,
	FLOW_REFUSED,    /* RST, or ICMP, in answer to the SYN */
	FLOW_UNANSWERED, /* SYNs, or a question, and nothing came back */
	FLOW_SILENT,     /* a question was acknowledged and never answered */
};

enum flow_app { FLOW_APP_UNKNOWN, FLOW_APP_HTTP, FLOW_APP_TLS, FLOW_APP_DNS, FLOW_APP_BANNER };

/* A request and its answer (of DNS as well). Times NS_NONE: did not happen. */
struct flow_exchange {
	ns_t request, request_end, acked, answer, answer_end;
	ns_t pauses; /* of the server within the answer, when nothing was under way and nobody held it back */
	uint64_t request_bytes, answer_bytes;
	bool handshake;           /* of TLS */
	bool ack_alone;           /* the request was acknowledged before the answer began */
	int status;               /* HTTP status or DNS rcode, -1 unknown */
	char what[FLOW_WHAT_MAX]; /* "GET /index.html", "A? www.example", "" */
};

struct flow {
	uint64_t number; /* from 1, in the order of the first packets */
	uint8_t protocol, ip_version;
	struct flow_side side[2]; /* 0: who began (or asks), 1: who serves */
	ns_t first, last;
	ns_t syn, syn_ack,
	    established; /* of the SYN that was answered, its answer, and the answer to that; NS_NONE */
	unsigned syns, syn_acks;
	bool from_middle; /* its beginning is not in the capture */
	enum flow_ending ending;
	enum flow_app app;
	char *name;      /* TLS server name, HTTP host, or from DNS answers before; NULL unknown */
	const char *why; /* why it was reset or refused, a clause (static); NULL */
	int ender;       /* side that reset it, -1 */
	bool forged;     /* the RST came from somebody else (TTL) */

	uint64_t exchanges, answered;
	ns_t network_sum, server_sum, transfer_sum; /* over answered exchanges, without TLS handshakes */
	struct flow_exchange slowest;               /* by the server's share */
	ns_t slowest_server;
	ns_t handshake_network, handshake_server; /* of TLS, NS_NONE */
	unsigned statuses[6];                     /* HTTP answers 1xx .. 5xx by their first digit */
	int worst_status;
	uint16_t tls_version; /* 0x303, 0x304; 0 unknown */
	int alert;            /* TLS alert in clear text, -1 none; alert_side sent it */
	int alert_side;
	uint8_t icmp_type, icmp_code; /* error about this flow */
	uint64_t icmp_errors;
	uint64_t icmp_too_big;
	struct addr icmp_from;

	/* For the engine. */
	struct flow_exchange exchange; /* under way */
	int turn;                      /* which side spoke last: 0, 1; -1 nobody yet */
	uint32_t request_seq_end;
	bool after_hello;
	uint8_t *hello; /* the begin of a ClientHello that did not fit into one segment */
	uint16_t hello_length;
	uint16_t dns_id;
	uint64_t key[5];
	bool client_second; /* in the key */
	struct flow *chain, *newer, *older;
	bool closing;
};

/* The server's part of an exchange: from the acknowledgement of the request (with none of its own: from the request and the round trip of the
 * flow) to the first byte; NS_NONE unanswered. *network gets the way's part. */
ns_t flow_exchange_server(const struct flow *flow, const struct flow_exchange *exchange, ns_t *network);

/* The round trip of the whole path: handshake, or the least of both sides' trips together; NS_NONE unknown. */
ns_t flow_round_trip(const struct flow *flow);

/* What listeners are told. Each may be NULL. Pointers are valid during the call. */
struct flows_events {
	void (*ended)(const struct flow *flow, void *arg);
	void (*exchanged)(const struct flow *flow, const struct flow_exchange *exchange, void *arg);
};

struct flows;
struct flows *flows_new(const struct flows_events *events, void *arg);

/* Takes a packet in. Returns its flow, valid until the next call, or NULL when it belongs to none. *side: who sent it. */
const struct flow *flows_packet(struct flows *flows, const struct packet *packet, ns_t time, int *side);

/* Ends all that are alive, in the order of their numbers. */
void flows_finish(struct flows *flows);
void flows_free(struct flows *flows);

/* Flows that are alive now, and all that ever were. */
size_t flows_alive(const struct flows *flows);
uint64_t flows_count(const struct flows *flows);

/* Walks over those alive. */
void flows_each(const struct flows *flows, void (*fn)(const struct flow *flow, void *arg), void *arg);

const char *flow_ending_name(enum flow_ending ending);          /* "closed" */
const char *flow_app_name(enum flow_app app);                   /* "tls"; NULL unknown */
const char *flow_protocol_name(uint8_t protocol, char buf[12]); /* "tcp" */

#endif
