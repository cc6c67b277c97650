/* Neighbours: who has which link-layer address (ARP, RFC 826; neighbour discovery, RFC 4861), and who else claims it. */
#ifndef NTSH_NEIGH_H
#define NTSH_NEIGH_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"
#include "ntsh/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One entry of the kernel's table (RTM_GETNEIGH). */
struct neighbour {
	int index; /* of its interface */
	struct addr addr;
	uint16_t state; /* NUD_*: names in ntsh/route.h */
	bool router;    /* NTF_ROUTER: it said so of itself (IPv6) */
	bool has_mac;   /* of 6 bytes */
	uint8_t mac[6];
	ns_t confirmed, used, updated; /* how long ago; NS_NONE unknown */
	uint32_t probes;               /* questions without an answer so far */
};

struct neighbours {
	struct neighbour *items; /* by interface, then by address */
	size_t count;
};

/* Reads the entries of a family (AF_UNSPEC: both). Free with neighbours_free. */
int neighbours_read(int family, struct neighbours *out, struct error *err);
void neighbours_free(struct neighbours *neighbours);

/* --- asking again, and listening who answers --- */

enum { ARP_ANSWERS_MAX = 4 };

/* One question: who has target on this interface? */
struct arp_question {
	int index;
	const char *interface;
	struct addr target;
	uint8_t answers;                  /* different machines that answered, at most ARP_ANSWERS_MAX */
	uint8_t macs[ARP_ANSWERS_MAX][6]; /* of these */
};

/* Asks all at once by ARP probes (RFC 5227: nobody's table changes by them), a second time for those that stay silent, and listens for wait. An
 * own address that gets an answer is a duplicate; another one that gets two is, too. Needs CAP_NET_RAW: returns 0, or -1 with err. */
int arp_ask(struct loop *loop, struct arp_question *questions, size_t count, ns_t wait, struct error *err);

#endif
