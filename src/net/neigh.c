#include "ntsh/neigh.h"

#include "net/neigh_read.h"

#include "base/mem.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel counts in clock ticks of user space (USER_HZ). */
static ns_t ticks(uint32_t count)
{
	long per_second = sysconf(_SC_CLK_TCK);
	return (ns_t)count * (NS_PER_S / (per_second > 0 ? per_second : 100));
}

static void ages_read(const struct nlattr *attribute, struct neighbour *out)
{
	struct nda_cacheinfo info;
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof info)
		return;
	memcpy(&info, mnl_attr_get_payload(attribute), sizeof info);
	out->confirmed = ticks(info.ndm_confirmed);
	out->used = ticks(info.ndm_used);
	out->updated = ticks(info.ndm_updated);
}

bool neigh_read(const struct nlmsghdr *message, struct neighbour *out)
{
	struct ndmsg header;
	const struct nlattr *table[NDA_PROBES + 1];
	if (message->nlmsg_type != RTM_NEWNEIGH ||
	    !netlink_attributes(message, sizeof header, table, NDA_PROBES))
		return false;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof header);
	size_t length = addr_length(header.ndm_family);
	*out = (struct neighbour){ .index = header.ndm_ifindex,
				   .state = header.ndm_state,
				   .router = header.ndm_flags & NTF_ROUTER,
				   .confirmed = NS_NONE,
				   .used = NS_NONE,
				   .updated = NS_NONE };
	if (length && table[NDA_DST] && mnl_attr_get_payload_len(table[NDA_DST]) >= length)
		out->addr = addr_from_bytes(header.ndm_family, mnl_attr_get_payload(table[NDA_DST]));
	if (out->addr.family == AF_INET6 && addr_is_link_local(&out->addr))
		out->addr.zone = (uint32_t)header.ndm_ifindex;
	out->has_mac = table[NDA_LLADDR] && mnl_attr_get_payload_len(table[NDA_LLADDR]) == sizeof out->mac;
	if (out->has_mac)
		memcpy(out->mac, mnl_attr_get_payload(table[NDA_LLADDR]), sizeof out->mac);
	out->probes = netlink_u32(table[NDA_PROBES], 0);
	ages_read(table[NDA_CACHEINFO], out);
	return length > 0;
}

static bool message_read(const struct nlmsghdr *message, void *arg)
{
	struct neighbours *out = arg;
	if (out->count % 256 == 0)
		out->items = mem_resize(out->items, out->count + 256, sizeof *out->items);
	if (neigh_read(message, &out->items[out->count]) && out->items[out->count].addr.family != AF_UNSPEC)
		out->count++;
	return true;
}

static void again(void *arg)
{
	((struct neighbours *)arg)->count = 0;
}

static int by_place(const void *a, const void *b)
{
	const struct neighbour *x = a, *y = b;
	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	if (x->addr.family != y->addr.family)
		return x->addr.family < y->addr.family ? -1 : 1;
	return memcmp(x->addr.bytes, y->addr.bytes, sizeof x->addr.bytes);
}

int neighbours_read(int family, struct neighbours *out, struct error *err)
{
	*out = (struct neighbours){ 0 };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	struct ndmsg *header = netlink_begin(&request, RTM_GETNEIGH, NLM_F_DUMP, sizeof *header);
	header->ndm_family = (unsigned char)family;
	int failed = netlink_ask(netlink, &request, message_read, again, out) < 0 ? errno : 0;
	netlink_close(netlink);
	if (failed) {
		neighbours_free(out);
		return error_errno(err, failed, NULL, "the neighbour table cannot be read");
	}
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, by_place);
	return 0;
}

void neighbours_free(struct neighbours *neighbours)
{
	free(neighbours->items);
	*neighbours = (struct neighbours){ 0 };
}
