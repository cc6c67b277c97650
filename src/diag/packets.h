/* Facts of a diagnosis from packets alone: sums over all conversations of a capture. */
#ifndef DIAG_PACKETS_H
#define DIAG_PACKETS_H

#include "diag/rules.h"

#include "ntsh/diagnose.h"
#include "ntsh/flows.h"

/* Where the capture stands, by TTLs and by which half of the round trip is next to nothing. */
enum vantage { VANTAGE_UNKNOWN, VANTAGE_CLIENT, VANTAGE_SERVER, VANTAGE_MIDDLE };

/* A conversation that stands for others. number 0: none. */
struct packet_example {
	uint64_t number;
	char where[ADDR_TEXT_MAX]; /* of the server */
	char name[64];
	const char *why;
};

/* What one side of all TCP conversations sent. */
struct packet_side {
	uint64_t segments, again, filled, timeouts, fast, spurious, reordered, copies, zero_windows,
	    window_full, marks;
	ns_t timeout_time, zero_time;
};

enum { WAITS_MAX = 4096 };

struct packet_facts {
	uint64_t packets, drops, flows, tcp, from_middle, one_sided, copies;
	uint64_t missing_bytes, payload_bytes;
	bool drops_known, cut;
	enum vantage vantage;
	uint64_t near_client, near_server, far_both; /* votes for it */

	struct packet_side side[2];

	/* Connecting. */
	uint64_t connected, refused, refused_by_icmp, unanswered, syns_again, ignored_answers;
	ns_t syn_wait; /* waits for SYNs sent again, together */
	struct packet_example refusal, silence;
	struct addr icmp_from;
	uint8_t icmp_type, icmp_code;

	/* Ends. */
	uint64_t reset_by_server, forged, silent, stuck_large, too_big;
	struct packet_example reset, forger, mute, stuck;

	/* Exchanges that were answered. */
	uint64_t exchanges, handshakes, lookups, lookups_unanswered, lookups_nxdomain, lookups_servfail;
	ns_t network, server, transfer, pauses, tls_network, tls_server, lookup, connect;
	ns_t server_waits[WAITS_MAX]; /* a sample of the server's shares */
	size_t wait_count;
	ns_t server_median, server_p95;
	ns_t slowest;
	char slowest_what[FLOW_WHAT_MAX];
	struct packet_example slow, slow_tls, slow_lookup, failed_lookup;

	/* Round trips. */
	ns_t trip_least, trip_mean; /* of whole paths; mean over segments */
	uint64_t trip_count;
	struct packet_example far;

	/* The application. */
	uint64_t http_answers, http_errors, certificate_alerts;
	int worst_status;
	int alert;
	struct packet_example http_error, alerted, not_reading, small_window, lossy;
};

/* Its server, with its name. */
void verdict_where_example(struct verdict *verdict, const struct packet_example *example);

extern const struct rule rules_packets[], rules_packets_data[];

#endif
