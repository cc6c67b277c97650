/* What the parts of the packet decoder share: each steps over its layer and hands on. */
#ifndef WIRE_PACKET_H
#define WIRE_PACKET_H

#include "ntsh/packet.h"

/* Link layer at `at`: finds ethertype and network, or sets the fault. Returns whether there is anything to read on. */
bool packet_read_link(struct packet *packet, uint32_t link);

/* The network layer that packet->ethertype names, at packet->network. */
void packet_read_network(struct packet *packet);

/* A network layer without anything before it: version from its first nibble. */
void packet_read_bare_ip(struct packet *packet);

/* Notes why reading ends: the packet is cut when the captured bytes end before the wire's do, else it is broken. */
void packet_ends_early(struct packet *packet, const char *wrong);
void packet_is_broken(struct packet *packet, const char *wrong);

static inline uint32_t packet_rest(const struct packet *packet, const uint8_t *at)
{
	return packet->captured - (uint32_t)(at - packet->bytes);
}

#endif
