#include "net/route_lookup.h"

#include "base/mem.h"
#include "net/route_ask.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

/* Where more narrow routes than that lie side by side, their block counts as full. */
enum { STEPS_MAX = 6 };

int route_lookup_open(struct route_lookup *lookup, const struct route_query *query)
{
	*lookup = (struct route_lookup){ .netlink = netlink_open(NETLINK_ROUTE, NULL) };
	if (!lookup->netlink)
		return -1;
	if (query)
		lookup->query = *query;
	lookup->hops = NEW(struct route_hops);
	return 0;
}

void route_lookup_close(struct route_lookup *lookup)
{
	netlink_close(lookup->netlink);
	free(lookup->hops);
}

static bool lookup_message(const struct nlmsghdr *message, void *arg)
{
	struct route_lookup *lookup = arg;
	struct route *found = &lookup->found;
	lookup->any = route_read(message, found, lookup->hops);
	/* As long as there are no rules, the kernel keeps both tables in one and calls it main. */
	if (found->table == RT_TABLE_MAIN && (found->type == RTN_LOCAL || found->type == RTN_BROADCAST))
		found->table = RT_TABLE_LOCAL;
	return false;
}

int route_lookup(struct route_lookup *lookup, const struct addr *addr)
{
	struct netlink_request request;
	lookup->query.destination = *addr;
	route_ask_begin(&request, &lookup->query, true);
	lookup->any = false;
	if (netlink_ask(lookup->netlink, &request, lookup_message, NULL, lookup) < 0)
		return -1;
	if (lookup->any)
		return 0;
	errno = EPROTO;
	return -1;
}

bool route_step_behind(const struct prefix *outer, const struct prefix *inner, struct addr *at)
{
	struct addr next = inner->addr;
	unsigned bit = inner->length;
	while (bit-- > outer->length) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);
		bool was = next.bytes[bit / 8] & mask;
		next.bytes[bit / 8] ^= mask;
		if (!was) {
			*at = next;
			return true;
		}
	}
	return false;
}

/* The other half of the block that is one bit wider. */
static struct prefix sibling_of(const struct prefix *inner)
{
	struct prefix sibling = *inner;
	unsigned bit = inner->length - 1u;
	sibling.addr.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	return sibling;
}

/* Asks a few addresses of the sibling: what is narrower inside it is stepped over. Returns 0 when the answer is the wider route. */
static int sibling_ask(struct route_lookup *lookup, const struct prefix *inner, const struct prefix *sibling)
{
	struct addr addr = sibling->addr;
	for (int i = 0; i < STEPS_MAX; i++) {
		if (route_lookup(lookup, &addr) < 0)
			return -1;
		const struct prefix *found = &lookup->found.destination;
		if (found->length < sibling->length)
			return prefix_holds(found, inner) ? 0 : -1;
		if (!route_step_behind(sibling, found, &addr))
			return -1;
	}
	return -1;
}

int route_lookup_wider(struct route_lookup *lookup, const struct prefix *inner)
{
	struct prefix at = *inner;
	for (; at.length; at.length--) {
		struct prefix sibling = sibling_of(&at);
		if (sibling_ask(lookup, inner, &sibling) == 0)
			return 0;
		/* One bit wider: clear the bit that is given up. */
		at.addr.bytes[(at.length - 1) / 8] &= (uint8_t) ~(0x80 >> (at.length - 1) % 8);
	}
	return -1;
}
