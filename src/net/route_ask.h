/* The question for one destination. */
#ifndef NET_ROUTE_ASK_H
#define NET_ROUTE_ASK_H

#include "ntsh/route.h"

#include <stdbool.h>

struct netlink_request;

/* RTM_GETROUTE for the query's packet; match: for the route that decides (RTM_F_FIB_MATCH) instead of the decision. */
void route_ask_begin(struct netlink_request *request, const struct route_query *query, bool match);

#endif
