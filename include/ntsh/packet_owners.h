/* Whose packet is this? The process of the local socket that a packet came from, or goes to.
 *
 * Sockets and their owners are listed anew when a packet of a connection comes that is not known yet, as often as that costs no
 * more than a twentieth of the time. A socket that lived between two listings stays without a name. */
#ifndef NTSH_PACKET_OWNERS_H
#define NTSH_PACKET_OWNERS_H

#include "ntsh/packet.h"

struct packet_owners;

struct packet_owners *packet_owners_new(void);
void packet_owners_free(struct packet_owners *owners); /* NULL is ignored */

/* "curl/4711", or NULL: no socket of ours, or not seen, or not allowed to be seen. Valid until the next call. */
const char *packet_owners_find(struct packet_owners *owners, const struct packet *packet);

#endif
