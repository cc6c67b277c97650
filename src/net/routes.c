#include "ntsh/routes.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/route_lookup.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* HELD_MAX: messages that wait until it is known whether the dump was clean. SMALL_TABLE: so many routes are read whole sooner than
 * anybody would notice; of larger tables an exact prefix is looked up. LOOKUPS_MAX: narrower routes inside it to step over. */
enum { HELD_MAX = 256 * 1024, TRIES = 10, SMALL_TABLE = 500, LOOKUPS_MAX = 64 };

struct dump {
	const struct route_filter *filter;
	struct netlink *watch; /* told of changes, or NULL */
	route_fn *fn;
	void *arg;
	struct routes_end *end;
	struct buf held; /* messages, each padded to 8 bytes */
	bool streaming;  /* passed on at once */
	bool stopped;    /* fn wants no more */
	uint64_t limit;  /* give up after so many routes (0: never) */
	struct route_hops hops;
};

/* --- the filter --- */

static bool hop_fits(const struct route_filter *filter, const struct route *route)
{
	bool by_gateway = filter->via.family == AF_UNSPEC, by_interface = !filter->ifindex;
	for (size_t i = 0; i < route->hop_count && !(by_gateway && by_interface); i++) {
		const struct route_hop *hop = &route->hops[i];
		by_gateway |= hop->gateway.family == filter->via.family &&
			      !memcmp(hop->gateway.bytes, filter->via.bytes, addr_length(filter->via.family));
		by_interface |= hop->ifindex == filter->ifindex;
	}
	return by_gateway && by_interface;
}

static bool prefix_fits(const struct route_filter *filter, const struct prefix *prefix)
{
	return (filter->exact.addr.family == AF_UNSPEC || prefix_equal(&filter->exact, prefix)) &&
	       (filter->match.addr.family == AF_UNSPEC || prefix_holds(prefix, &filter->match)) &&
	       (filter->root.addr.family == AF_UNSPEC || prefix_holds(&filter->root, prefix));
}

static bool route_fits(const struct route_filter *filter, const struct route *route)
{
	return (filter->family == AF_UNSPEC || filter->family == route->destination.addr.family) &&
	       (!filter->table || filter->table == route->table) &&
	       (filter->type < 0 || filter->type == route->type) &&
	       (filter->protocol < 0 || filter->protocol == route->protocol) &&
	       (filter->scope < 0 || filter->scope == route->scope) &&
	       (filter->metric < 0 || filter->metric == route->metric) &&
	       (!filter->nexthop_id || filter->nexthop_id == route->nexthop_id) &&
	       (filter->source.family == AF_UNSPEC || addr_equal(&filter->source, &route->source)) &&
	       prefix_fits(filter, &route->destination) &&
	       ((filter->via.family == AF_UNSPEC && !filter->ifindex) || hop_fits(filter, route));
}

/* --- the dump --- */

static bool message_pass(struct dump *dump, const struct nlmsghdr *message)
{
	struct route route;
	if (!route_read(message, &route, &dump->hops))
		return true;
	dump->end->seen++;
	if (!route_fits(dump->filter, &route))
		return true;
	dump->end->shown++;
	dump->stopped = !dump->fn(&route, dump->arg);
	return !dump->stopped;
}

static void held_pass(struct dump *dump)
{
	const uint8_t *at = (const uint8_t *)buf_text(&dump->held);
	size_t rest = dump->held.length;
	const struct nlmsghdr *message;
	while (!dump->stopped && (message = netlink_message_next(&at, &rest)))
		message_pass(dump, message);
	buf_clear(&dump->held);
}

static bool dump_message(const struct nlmsghdr *message, void *arg)
{
	static const uint8_t padding[4];
	struct dump *dump = arg;
	if (dump->limit && dump->end->seen + 1 > dump->limit)
		return false;
	if (dump->streaming)
		return message_pass(dump, message);
	dump->end->seen += dump->limit > 0;
	buf_add(&dump->held, message, message->nlmsg_len);
	buf_add(&dump->held, padding, (4 - message->nlmsg_len % 4) % 4);
	if (dump->held.length < HELD_MAX || dump->limit)
		return true;
	dump->streaming = true;
	held_pass(dump);
	return !dump->stopped;
}

static void request_make(struct netlink_request *request, int family, const struct route_filter *filter)
{
	struct rtmsg *header = netlink_begin(request, RTM_GETROUTE, NLM_F_DUMP, sizeof *header);
	header->rtm_family = (unsigned char)family;
	if (filter->type >= 0)
		header->rtm_type = (unsigned char)filter->type;
	if (filter->protocol >= 0)
		header->rtm_protocol = (unsigned char)filter->protocol;
	if (filter->table)
		netlink_add_u32(request, RTA_TABLE, filter->table);
	if (filter->ifindex)
		netlink_add_u32(request, RTA_OIF, (uint32_t)filter->ifindex);
}

struct changes {
	const struct route_filter *filter;
	struct route_hops hops;
	bool any;
};

static bool change_message(const struct nlmsghdr *message, void *arg)
{
	struct changes *changes = arg;
	struct route route;
	changes->any |= route_read(message, &route, &changes->hops) &&
			(!changes->filter->table || changes->filter->table == route.table);
	return true;
}

/* Did a table that is read change since the last time? The kernel marks dumps of routes as interrupted in few cases only, so that its notifications
 * are looked at as well. */
static bool tables_changed(struct dump *dump)
{
	if (!dump->watch)
		return false;
	struct changes *changes = NEW(struct changes);
	changes->filter = dump->filter;
	bool any = netlink_receive(dump->watch, change_message, changes) < 0 || changes->any;
	free(changes);
	return any;
}

static struct netlink *watch_open(void)
{
	struct netlink *watch = netlink_open(NETLINK_ROUTE, NULL);
	if (watch && (netlink_subscribe(watch, RTNLGRP_IPV4_ROUTE) < 0 ||
		      netlink_subscribe(watch, RTNLGRP_IPV6_ROUTE) < 0)) {
		netlink_close(watch);
		watch = NULL;
	}
	return watch;
}

/* One family. Returns 0, or an errno. ENOENT is a table without routes, EAFNOSUPPORT a kernel without the family: both are empty. */
static int family_dump(struct netlink *netlink, int family, struct dump *dump)
{
	uint64_t seen = dump->end->seen;
	size_t held = dump->held.length;
	for (int tries = 0; tries < TRIES && !dump->stopped; tries++) {
		struct netlink_request request;
		bool interrupted = false;
		request_make(&request, family, dump->filter);
		(void)tables_changed(dump);
		dump->held.length = held;
		dump->end->seen = seen;
		dump->streaming = false;
		int errnum =
		    netlink_dump(netlink, &request, dump_message, dump, &interrupted) < 0 ? errno : 0;
		if (errnum == ENOENT || errnum == EAFNOSUPPORT || errnum == EOPNOTSUPP)
			return 0;
		if (errnum)
			return errnum;
		interrupted |= tables_changed(dump);
		if (interrupted && !dump->streaming && tries + 1 < TRIES)
			continue;
		dump->end->interrupted |= interrupted;
		break;
	}
	return 0;
}

static int filter_family(const struct route_filter *filter)
{
	const struct prefix *given[] = { &filter->exact, &filter->match, &filter->root };
	for (size_t i = 0; i < 3; i++)
		if (given[i]->addr.family != AF_UNSPEC)
			return given[i]->addr.family;
	return filter->family;
}

/* Both families as far as they are wanted. Returns an errno. */
static int dump_run(struct netlink *netlink, struct dump *dump)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int wanted = filter_family(dump->filter), errnum = 0;
	for (size_t i = 0; i < 2 && !errnum && !dump->stopped; i++) {
		if (wanted != AF_UNSPEC && wanted != families[i])
			continue;
		errnum = family_dump(netlink, families[i], dump);
		if (!errnum && !dump->limit)
			held_pass(dump);
	}
	return errnum;
}

/* --- one exact prefix --- */

/* Looks addresses of the prefix up until one is answered by the prefix itself: narrower routes are stepped over. Returns 1 found, 0 there is
 * no such route, -1 this way cannot tell. */
static int exact_lookup(const struct route_filter *filter, struct route_lookup *lookup)
{
	struct addr at = filter->exact.addr;
	uint32_t table = filter->table;
	for (int i = 0; i < LOOKUPS_MAX; i++) {
		if (route_lookup(lookup, &at) < 0)
			return -1;
		const struct prefix *found = &lookup->found.destination;
		if (prefix_equal(found, &filter->exact))
			return !table || table == lookup->found.table ? 1 : -1;
		if (found->length < filter->exact.length)
			return (table == RT_TABLE_MAIN || !table) && lookup->found.table == RT_TABLE_MAIN
				   ? 0
				   : -1;
		if (!route_step_behind(&filter->exact, found, &at))
			return -1;
	}
	return -1;
}

/* Returns true when look-ups answered. */
static bool exact_answer(struct dump *dump)
{
	struct route_lookup lookup;
	if (route_lookup_open(&lookup, NULL) < 0)
		return false;
	int found = exact_lookup(dump->filter, &lookup);
	if (found >= 0) {
		dump->end->seen = (uint64_t)found;
		dump->end->looked_up = true;
	}
	if (found > 0 && route_fits(dump->filter, &lookup.found)) {
		dump->end->shown = 1;
		dump->fn(&lookup.found, dump->arg);
	}
	route_lookup_close(&lookup);
	return found >= 0;
}

/* Reads the tables when they have at most so many routes, and passes nothing on else. Returns an errno. */
static int bounded_run(struct netlink *netlink, struct dump *dump, uint64_t most)
{
	dump->limit = most;
	int errnum = dump_run(netlink, dump);
	bool gave_up = dump->end->seen >= most || dump->held.overflow;
	*dump->end =
	    (struct routes_end){ .interrupted = !gave_up && dump->end->interrupted, .gave_up = gave_up };
	dump->limit = 0;
	if (!gave_up && !errnum)
		held_pass(dump);
	buf_clear(&dump->held);
	return errnum;
}

/* An exact prefix: read a small table, look it up in a large one. Returns false when it must be read all the same. */
static bool exact_run(struct netlink *netlink, struct dump *dump, int *errnum)
{
	*errnum = bounded_run(netlink, dump, SMALL_TABLE);
	if (*errnum || !dump->end->gave_up)
		return true;
	*dump->end = (struct routes_end){ 0 };
	return exact_answer(dump);
}

int routes_dump(const struct route_filter *filter, bool whole, route_fn *fn, void *arg,
		struct routes_end *end, struct error *err)
{
	*end = (struct routes_end){ 0 };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct dump *dump = NEW(struct dump);
	*dump = (struct dump){ .filter = filter, .fn = fn, .arg = arg, .end = end };
	dump->held = (struct buf)BUF_INIT(16 * HELD_MAX);
	dump->watch = watch_open();
	int errnum = 0;
	bool answered = false;
	if (filter->exact.addr.family != AF_UNSPEC && !whole)
		answered = exact_run(netlink, dump, &errnum);
	if (!answered)
		errnum = filter->most ? bounded_run(netlink, dump, filter->most) : dump_run(netlink, dump);
	buf_release(&dump->held);
	netlink_close(dump->watch);
	free(dump);
	netlink_close(netlink);
	return errnum ? error_errno(err, errnum, NULL, "the routes cannot be read") : 0;
}
