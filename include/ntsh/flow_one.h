/* One conversation of a capture, packet by packet: for whoever draws it or reads what it carried. */
#ifndef NTSH_FLOW_ONE_H
#define NTSH_FLOW_ONE_H

#include "ntsh/flows.h"
#include "ntsh/loop.h"
#include "ntsh/packet_feed.h"
#include "ntsh/result.h"

/* before: the flow as it was before this packet, zeroes at its first. side: who sent it; -1: an ICMP error about it. All is valid during the call. */
typedef void flow_one_fn(const struct flow *flow, const struct flow *before, const struct packet *packet, ns_t time, int side,
			 void *arg);

/* Hands the packets of the conversation with this number (struct flow) over, then its last state to ended; memory is that of flows_new.
 * Returns 0, or -1 with err: not readable, or there is no such conversation (STATUS_USAGE). Whatever was found before a failure was handed over. */
int flow_one_run(struct loop *loop, struct packet_feed *feed, uint64_t number, flow_one_fn *fn,
		 void (*ended)(const struct flow *flow, void *arg), void *arg, struct error *err);

/* Puts file, filter, and the numbers of the end (FLOW_ONE_FIELDS), and says in a sentence how it ended and why. */
void flow_one_end(struct result *result, const struct packet_feed *feed, const struct flow *flow);

/* clang-format off */
#define FLOW_ONE_FIELDS \
	{ "file", KIND_TEXT, "what was read" }, \
	{ "filter", KIND_TEXT, "which packets count; null: all" }, \
	{ "number", KIND_COUNT, "of the conversation, as capture flows counts" }, \
	{ "protocol", KIND_TEXT, "tcp, udp ..." }, \
	{ "client", KIND_ENDPOINT, "who began" }, \
	{ "server", KIND_ENDPOINT, "who serves" }, \
	{ "duration_ms", KIND_TIME, "first packet to last" }, \
	{ "ending", KIND_TEXT, "open, closed, half-closed, reset, refused, unanswered, silent" }, \
	{ "why", KIND_TEXT, "why it was reset or refused" }, \
	{ "ended_by", KIND_TEXT, "client or server, when one of them reset it" }, \
	{ "forged", KIND_FLAG, "the RST came from somebody else than the peer" }, \
	{ "cut", KIND_FLAG, "the file ends within a packet" }
/* clang-format on */

#endif
