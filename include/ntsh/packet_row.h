/* A packet as members of a result's row: the same names in every command that lists packets. */
#ifndef NTSH_PACKET_ROW_H
#define NTSH_PACKET_ROW_H

#include "ntsh/capture.h"
#include "ntsh/result.h"

/* Puts time, addresses, ports and what TCP says into the open row. interface may be NULL. */
void packet_row_put(struct result *result, const struct capture_frame *frame, const struct packet *packet,
		    const char *interface);

/* For the command's field table; in is the list's path, "packets[].". */
/* clang-format off */
#define PACKET_ROW_FIELDS(in) \
	{ in "time", KIND_DATE, "when it was captured" }, \
	{ in "epoch_ns", KIND_INTEGER, "the same in nanoseconds since 1970; null: the file has no stamp" }, \
	{ in "interface", KIND_TEXT, "where; null: the file does not say" }, \
	{ in "length_bytes", KIND_BYTES, "on the wire" }, \
	{ in "captured_bytes", KIND_BYTES, "of them captured" }, \
	{ in "protocol", KIND_TEXT, "TCP, UDP, ICMP, ARP ..." }, \
	{ in "source", KIND_ENDPOINT, "address and port" }, \
	{ in "destination", KIND_ENDPOINT, "address and port" }, \
	{ in "vlan", KIND_INTEGER, "id of the outer tag; null: none" }, \
	{ in "ttl", KIND_COUNT, "TTL or hop limit" }, \
	{ in "flags", KIND_TEXT, "of TCP, as in the text" }, \
	{ in "seq", KIND_COUNT, "of TCP, as on the wire" }, \
	{ in "ack", KIND_COUNT, "of TCP, as on the wire" }, \
	{ in "window", KIND_COUNT, "of TCP, not scaled" }, \
	{ in "payload_bytes", KIND_BYTES, "behind the last header that was read" }, \
	{ in "fault", KIND_TEXT, "what is wrong with it; null: nothing" }
/* clang-format on */

#endif
