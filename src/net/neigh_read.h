/* What neighbours say, as our structs: bounded, for bytes that nobody vouches for. */
#ifndef NET_NEIGH_READ_H
#define NET_NEIGH_READ_H

#include "ntsh/neigh.h"

#include <linux/netlink.h>

/* RTM_NEWNEIGH. Returns false for other types and for what is too short. Link-layer entries of bridges (AF_BRIDGE) are none. */
bool neigh_read(const struct nlmsghdr *message, struct neighbour *out);

/* An ARP answer (RFC 826) as a packet socket gives it, without its Ethernet header: who says it has which address. Returns false for
 * everything else. */
bool arp_read(const uint8_t *bytes, size_t length, struct addr *sender, uint8_t mac[6]);

/* Writes an ARP probe (RFC 5227 2.1.1) of 28 bytes. */
enum { ARP_LENGTH = 28 };
void arp_write(uint8_t out[ARP_LENGTH], const uint8_t own_mac[6], const struct addr *target);

#endif
