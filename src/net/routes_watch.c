/* Changes of routes and rules, as the kernel tells them. */
#include "ntsh/routes.h"

#include "base/mem.h"
#include "net/routes_read.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct routes_watch {
	struct loop *loop;
	struct netlink *netlink;
	struct routes_events events;
	void *arg;
	struct route_hops hops;
};

static bool watch_message(const struct nlmsghdr *message, void *arg)
{
	struct routes_watch *watch = arg;
	struct route route;
	struct route_rule rule;
	bool removed = message->nlmsg_type == RTM_DELROUTE || message->nlmsg_type == RTM_DELRULE;
	enum route_change change = removed                                ? ROUTE_REMOVED
				   : message->nlmsg_flags & NLM_F_REPLACE ? ROUTE_REPLACED
									  : ROUTE_ADDED;
	if (route_read(message, &route, &watch->hops))
		watch->events.route(change, &route, watch->arg);
	else if (rule_read(message, &rule))
		watch->events.rule(change, &rule, watch->arg);
	return true;
}

static void watch_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct routes_watch *watch = arg;
	(void)loop, (void)fd, (void)events;
	if (netlink_receive(watch->netlink, watch_message, watch) < 0)
		watch->events.lost(watch->arg);
}

struct routes_watch *routes_watch(struct loop *loop, const struct routes_events *events, void *arg,
				  struct error *err)
{
	static const int groups[] = { RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
				      RTNLGRP_IPV6_RULE };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return NULL;
	struct routes_watch *watch = NEW(struct routes_watch);
	watch->loop = loop;
	watch->netlink = netlink;
	watch->events = *events;
	watch->arg = arg;
	int failed = 0;
	for (size_t i = 0; i < sizeof groups / sizeof groups[0] && !failed; i++)
		failed = netlink_subscribe(netlink, groups[i]);
	if (failed)
		error_errno(err, errno, NULL, "changes of routes cannot be watched");
	else
		failed = loop_watch(loop, netlink_fd(netlink), EPOLLIN, watch_ready, watch, err);
	if (!failed)
		return watch;
	netlink_close(netlink);
	free(watch);
	return NULL;
}

void routes_watch_free(struct routes_watch *watch)
{
	if (!watch)
		return;
	loop_unwatch(watch->loop, netlink_fd(watch->netlink));
	netlink_close(watch->netlink);
	free(watch);
}
