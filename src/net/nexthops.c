/* Nexthop objects (ip-nexthop(8)). */
#include "ntsh/routes.h"

#include "base/mem.h"
#include "net/routes_read.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { NEXTHOPS_MAX = 65536 };

struct nexthops {
	struct nexthop *items;
	size_t count;
};

static bool nexthops_message(const struct nlmsghdr *message, void *arg)
{
	struct nexthops *found = arg;
	if (found->count >= NEXTHOPS_MAX)
		return false;
	if (found->count % 64 == 0)
		found->items = mem_resize(found->items, found->count + 64, sizeof *found->items);
	found->count += nexthop_read(message, &found->items[found->count]);
	return true;
}

static void nexthops_again(void *arg)
{
	((struct nexthops *)arg)->count = 0;
}

int nexthops_read(nexthop_fn *fn, void *arg, struct error *err)
{
	struct nexthops found = { 0 };
	struct netlink_request request;
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	(void)netlink_begin(&request, RTM_GETNEXTHOP, NLM_F_DUMP, sizeof(struct nhmsg));
	int failed = netlink_ask(netlink, &request, nexthops_message, nexthops_again, &found) < 0 ? errno : 0;
	if (!failed && netlink_interrupted(netlink))
		failed = EAGAIN;
	netlink_close(netlink);
	/* Kernels before 5.3 do not know the question. */
	if (failed == EOPNOTSUPP || failed == EINVAL)
		failed = 0;
	for (size_t i = 0; i < found.count && !failed; i++)
		fn(&found.items[i], arg);
	free(found.items);
	return failed ? error_errno(err, failed, NULL, "the nexthop objects cannot be read") : 0;
}
