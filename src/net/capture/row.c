#include "ntsh/packet_line.h"
#include "ntsh/packet_row.h"

enum { VLAN_ID = 0xfff };

static void tcp_put(struct result *result, const struct packet *packet)
{
	bool tcp = packet->transport_kind == PACKET_TCP;
	char flags[12];
	result_put(result, "flags", value_text(tcp ? packet_tcp_flags(packet->tcp_flags, flags) : NULL));
	result_put(result, "seq", tcp ? value_count(packet->seq) : value_none());
	result_put(result, "ack",
		   tcp && packet->tcp_flags & PACKET_ACK ? value_count(packet->ack) : value_none());
	result_put(result, "window", tcp ? value_count(packet->window) : value_none());
}

void packet_row_put(struct result *result, const struct capture_frame *frame, const struct packet *packet,
		    const char *interface)
{
	struct addr source = packet_source(packet), destination = packet_destination(packet);
	char protocol[24];
	result_put(result, "time", frame->time == NS_NONE ? value_none() : value_date(frame->time));
	result_put(result, "epoch_ns", frame->time == NS_NONE ? value_none() : value_integer(frame->time));
	result_put(result, "interface", value_text(interface));
	result_put(result, "length_bytes", value_bytes(frame->length));
	result_put(result, "captured_bytes", value_bytes(frame->captured));
	result_put(result, "protocol", value_text(packet_protocol_name(packet, protocol)));
	result_put(result, "source", value_endpoint(&source));
	result_put(result, "destination", value_endpoint(&destination));
	result_put(result, "vlan",
		   packet->vlan_count ? value_integer(packet->vlans[0] & VLAN_ID) : value_none());
	result_put(result, "ttl", packet->ip_version ? value_count(packet->hops) : value_none());
	tcp_put(result, packet);
	result_put(result, "payload_bytes", value_bytes(packet->payload_length));
	result_put(result, "fault", value_text(packet->wrong));
}
