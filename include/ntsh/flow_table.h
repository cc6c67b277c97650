/* How conversations show: rows for `capture flows`, totals, and what they come to. */
#ifndef NTSH_FLOW_TABLE_H
#define NTSH_FLOW_TABLE_H

#include "ntsh/flows.h"
#include "ntsh/loop.h"
#include "ntsh/packet_feed.h"
#include "ntsh/result.h"

struct flow_table;

/* most 0: each flow is shown when it ends; else the most telling ones (those with troubles, then the largest) in the end. */
struct flow_table *flow_table_open(struct result *result, size_t most);

/* Takes all packets of the feed. Returns STATUS_OK, STATUS_BAD when something in it was refused, reset, unanswered or lost; or the error's status
 * with err. */
enum status flow_table_read(struct flow_table *table, struct loop *loop, struct packet_feed *feed, struct error *err);
void flow_table_close(struct flow_table *table);

/* Puts the members of one flow into the innermost open row or object (FLOW_FIELDS with its path in front). */
void flow_put(struct result *result, const struct flow *flow);

/* Rows of a command's table of fields. */
/* clang-format off */
#define FLOW_SIDE_FIELDS(at, who) \
	{ at, KIND_NONE, who }, \
	{ at ".packets", KIND_COUNT, "that it sent" }, \
	{ at ".wire_bytes", KIND_BYTES, "that it sent, headers included" }, \
	{ at ".payload_bytes", KIND_BYTES, "that it sent, without headers, each byte once" }, \
	{ at ".data_segments", KIND_COUNT, "packets with payload" }, \
	{ at ".retransmissions", KIND_COUNT, "segments sent again, for whatever reason" }, \
	{ at ".filled", KIND_COUNT, "of these: whose first copy was lost before the capture" }, \
	{ at ".fast", KIND_COUNT, "of these: after duplicate acknowledgements" }, \
	{ at ".timeouts", KIND_COUNT, "of these: after a retransmission timer" }, \
	{ at ".timeout_ms", KIND_TIME, "silences that ended in a timeout, together" }, \
	{ at ".spurious", KIND_COUNT, "of these: of data that was acknowledged already" }, \
	{ at ".reordered", KIND_COUNT, "overtaken on the way, not sent again" }, \
	{ at ".copies", KIND_COUNT, "captured twice, not sent twice" }, \
	{ at ".missing_bytes", KIND_BYTES, "that the capture never saw" }, \
	{ at ".keepalives", KIND_COUNT, "segments that ask whether the peer lives" }, \
	{ at ".duplicate_acks", KIND_COUNT, "acknowledgements that said again where it waits" }, \
	{ at ".zero_windows", KIND_COUNT, "times that it closed its window: its program did not read" }, \
	{ at ".zero_window_ms", KIND_TIME, "how long its window was closed, or had room for less than a segment" }, \
	{ at ".window_full", KIND_COUNT, "segments after which the other side's window was used up" }, \
	{ at ".congestion_marks", KIND_COUNT, "packets that a queue on the way marked (ECN)" }, \
	{ at ".trip_ms", KIND_TIME, "least time from a segment of it to the acknowledgement, seen from the capture" }, \
	{ at ".mss", KIND_COUNT, "of its SYN" }, \
	{ at ".ttl", KIND_COUNT, "of its packets as they came by" }, \
	{ at ".stuck_large", KIND_FLAG, "a full-size segment again and again, never acknowledged" }

#define FLOW_FIELDS(at) \
	{ at "number", KIND_COUNT, "from 1, in the order of the first packets" }, \
	{ at "protocol", KIND_TEXT, "tcp, udp ..." }, \
	{ at "app", KIND_TEXT, "http, tls, dns, banner (the server spoke first); null: not recognised" }, \
	{ at "name", KIND_TEXT, "the server's, from TLS, HTTP, or DNS answers before" }, \
	{ at "client", KIND_ENDPOINT, "who began" }, \
	{ at "server", KIND_ENDPOINT, "who serves" }, \
	{ at "sent_bytes", KIND_BYTES, "payload from the client" }, \
	{ at "received_bytes", KIND_BYTES, "payload from the server" }, \
	{ at "retransmissions", KIND_COUNT, "segments sent again, by either side" }, \
	FLOW_SIDE_FIELDS(at "from_client", "what the client sent"), \
	FLOW_SIDE_FIELDS(at "from_server", "what the server sent"), \
	{ at "begin", KIND_DATE, "first packet" }, \
	{ at "duration_ms", KIND_TIME, "first packet to last" }, \
	{ at "from_middle", KIND_FLAG, "its beginning is not in the capture" }, \
	{ at "syns", KIND_COUNT, "SYNs that the client sent" }, \
	{ at "to_server_ms", KIND_TIME, "SYN to SYN-ACK: from the capture to the server and back" }, \
	{ at "to_client_ms", KIND_TIME, "SYN-ACK to ACK: from the capture to the client and back" }, \
	{ at "round_trip_ms", KIND_TIME, "of the whole path" }, \
	{ at "ending", KIND_TEXT, "open, closed, half-closed, reset, refused, unanswered, silent" }, \
	{ at "why", KIND_TEXT, "why it was reset or refused" }, \
	{ at "reset_by", KIND_TEXT, "client or server" }, \
	{ at "forged", KIND_FLAG, "the RST came from somebody else than the peer" }, \
	{ at "exchanges", KIND_COUNT, "requests of the client" }, \
	{ at "answered", KIND_COUNT, "of them answered" }, \
	{ at "network_ms", KIND_TIME, "request until acknowledged, mean" }, \
	{ at "server_ms", KIND_TIME, "acknowledged until first byte of the answer, mean" }, \
	{ at "transfer_ms", KIND_TIME, "first byte until last, mean" }, \
	{ at "slowest_ms", KIND_TIME, "the longest that the server took for one" }, \
	{ at "slowest_request", KIND_TEXT, "which one" }, \
	{ at "tls_network_ms", KIND_TIME, "the network's part of the TLS handshake" }, \
	{ at "tls_server_ms", KIND_TIME, "the server's part of the TLS handshake" }, \
	{ at "worst_status", KIND_COUNT, "highest HTTP status" }, \
	{ at "alert", KIND_TEXT, "TLS alert in clear text" }, \
	{ at "icmp_errors", KIND_COUNT, "ICMP errors about it" }, \
	{ at "icmp_from", KIND_ADDRESS, "who sent the last of them" }, \
	{ at "icmp_too_big", KIND_COUNT, "ICMP packet-too-big about it" }

#define FLOW_ROW_FIELDS \
	{ "flows", KIND_NONE, "the conversations" }, \
	FLOW_FIELDS("flows[].")

#define FLOW_TOTAL_FIELDS \
	{ "packets", KIND_COUNT, "that were read" }, \
	{ "bytes", KIND_COUNT, "on the wire" }, \
	{ "begin", KIND_DATE, "first packet" }, \
	{ "duration_ms", KIND_TIME, "first packet to last" }, \
	{ "count", KIND_COUNT, "conversations" }, \
	{ "shown", KIND_COUNT, "of them in the rows" }, \
	{ "tcp", KIND_COUNT, "TCP connections" }, \
	{ "refused", KIND_COUNT, "of them refused" }, \
	{ "reset", KIND_COUNT, "of them reset" }, \
	{ "unanswered", KIND_COUNT, "conversations that got no answer at all" }, \
	{ "silent", KIND_COUNT, "requests that were never answered" }, \
	{ "retransmissions", KIND_COUNT, "segments sent again" }, \
	{ "segments", KIND_COUNT, "segments with payload" }, \
	{ "retransmission_percent", KIND_PERCENT, "the former of the latter" }, \
	{ "reordered", KIND_COUNT, "segments that were overtaken" }, \
	{ "copies", KIND_COUNT, "packets captured twice" }, \
	{ "cut", KIND_FLAG, "the file ends within a packet" }
/* clang-format on */

#endif
