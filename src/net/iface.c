#include "ntsh/iface.h"

#include "net/iface_read.h"
#include "ntsh/namespaces.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/netlink.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool link_message(const struct nlmsghdr *message, void *arg)
{
	struct ifaces *out = arg;
	if (out->count % 64 == 0)
		out->items = mem_resize(out->items, out->count + 64, sizeof *out->items);
	if (iface_read_link(message, &out->items[out->count]))
		out->count++;
	return true;
}

static void links_again(void *arg)
{
	((struct ifaces *)arg)->count = 0;
}

static bool address_message(const struct nlmsghdr *message, void *arg)
{
	struct ifaces *out = arg;
	if (out->address_count % 64 == 0)
		out->addresses = mem_resize(out->addresses, out->address_count + 64, sizeof *out->addresses);
	if (iface_read_address(message, &out->addresses[out->address_count]))
		out->address_count++;
	return true;
}

static void addresses_again(void *arg)
{
	((struct ifaces *)arg)->address_count = 0;
}

static int by_index(const void *a, const void *b)
{
	const struct iface *x = a, *y = b;
	return (x->index > y->index) - (x->index < y->index);
}

int ifaces_read(struct ifaces *out, struct error *err)
{
	*out = (struct ifaces){ .at = clock_mono() };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	netlink_begin(&request, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	int failed = netlink_ask(netlink, &request, link_message, links_again, out) < 0 ? errno
		     : netlink_interrupted(netlink)                                     ? EAGAIN
											: 0;
	netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	if (!failed && netlink_ask(netlink, &request, address_message, addresses_again, out) < 0)
		failed = errno;
	netlink_close(netlink);
	if (failed) {
		ifaces_free(out);
		return error_errno(err, failed, failed == EAGAIN ? "they change too fast: try again" : NULL,
				   "the interfaces cannot be read");
	}
	qsort(out->items, out->count, sizeof *out->items, by_index);
	return 0;
}

void ifaces_free(struct ifaces *ifaces)
{
	free(ifaces->items);
	free(ifaces->addresses);
	*ifaces = (struct ifaces){ 0 };
}

const struct iface *iface_find(const struct ifaces *ifaces, const char *name)
{
	for (size_t i = 0; i < ifaces->count; i++)
		if (!strcmp(ifaces->items[i].name, name))
			return &ifaces->items[i];
	return NULL;
}

const struct iface *iface_by_index(const struct ifaces *ifaces, int index)
{
	struct iface key = { .index = index };
	return ifaces->count ? bsearch(&key, ifaces->items, ifaces->count, sizeof key, by_index) : NULL;
}

/* --- states --- */

bool iface_is_up(const struct iface *iface)
{
	return iface->flags & IFF_UP;
}

bool iface_is_running(const struct iface *iface)
{
	return iface->flags & IFF_UP && iface->carrier && iface->operstate != IF_OPER_LOWERLAYERDOWN &&
	       iface->operstate != IF_OPER_DORMANT;
}

const char *iface_state(const struct iface *iface)
{
	if (!iface_is_up(iface))
		return "down";
	if (iface->operstate == IF_OPER_LOWERLAYERDOWN)
		return "lower down";
	if (!iface->carrier)
		return "no carrier";
	return iface->operstate == IF_OPER_DORMANT ? "dormant" : "up";
}

char *iface_mac(const uint8_t *mac, size_t length, char buf[3 * IFACE_MAC_MAX])
{
	buf[0] = '\0';
	for (size_t i = 0; i < length && i < IFACE_MAC_MAX; i++)
		snprintf(buf + 3 * i, 4, "%02x%s", mac[i], i + 1 < length ? ":" : "");
	return buf;
}

char *iface_address_text(const struct iface_address *address, char buf[2 * ADDR_TEXT_MAX])
{
	char own[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];
	addr_format(&address->addr, own);
	if (address->peer.family == AF_UNSPEC)
		snprintf(buf, 2 * ADDR_TEXT_MAX, "%s/%u", own, address->prefix_length);
	else
		snprintf(buf, 2 * ADDR_TEXT_MAX, "%s peer %s/%u", own, addr_format(&address->peer, peer),
			 address->prefix_length);
	return buf;
}

const char *iface_address_scope(const struct iface_address *address)
{
	switch (address->scope) {
	case RT_SCOPE_UNIVERSE:
		return "global";
	case RT_SCOPE_SITE:
		return "site";
	case RT_SCOPE_LINK:
		return "link";
	case RT_SCOPE_HOST:
		return "host";
	default:
		return "nowhere";
	}
}

const char *iface_address_fault(const struct iface_address *address)
{
	if (address->flags & IFA_F_DADFAILED)
		return "duplicate";
	if (address->flags & IFA_F_TENTATIVE && !(address->flags & IFA_F_OPTIMISTIC))
		return "tentative";
	return address->flags & IFA_F_DEPRECATED ? "deprecated" : NULL;
}

uint64_t iface_delta(const struct iface *before, const struct iface *now, enum iface_counter counter)
{
	uint64_t old = before && before->index == now->index ? before->counters[counter] : 0;
	return now->counters[counter] >= old ? now->counters[counter] - old : now->counters[counter];
}

/* --- other ends --- */

static bool peer_message(const struct nlmsghdr *message, void *arg)
{
	return iface_read_link(message, arg) && false;
}

/* The interface's name in another namespace (IFLA_TARGET_NETNSID, Linux 4.20): needs CAP_NET_ADMIN there. */
static void peer_name_ask(struct netlink *netlink, struct iface *iface)
{
	struct netlink_request request;
	struct iface peer = { 0 };
	struct ifinfomsg *header = netlink_begin(&request, RTM_GETLINK, 0, sizeof *header);
	header->ifi_index = iface->link;
	netlink_add_u32(&request, IFLA_TARGET_NETNSID, (uint32_t)iface->link_nsid);
	if (netlink_ask(netlink, &request, peer_message, NULL, &peer) == 0)
		memcpy(iface->peer_name, peer.name, sizeof peer.name);
}

static void peer_namespace(const struct namespaces *all, struct iface *iface)
{
	snprintf(iface->peer_ns, sizeof iface->peer_ns, "number %d", iface->link_nsid);
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].id == iface->link_nsid) {
			namespace_describe(&all->items[i], iface->peer_ns, sizeof iface->peer_ns);
			return;
		}
}

void ifaces_find_peers(struct ifaces *ifaces)
{
	struct namespaces all = { 0 };
	struct netlink *netlink = NULL;
	bool looked = false;
	for (size_t i = 0; i < ifaces->count; i++) {
		struct iface *iface = &ifaces->items[i];
		if (!iface->link || iface->link_nsid < 0) {
			const struct iface *peer = iface->link ? iface_by_index(ifaces, iface->link) : NULL;
			if (peer && peer != iface)
				memcpy(iface->peer_name, peer->name, sizeof iface->peer_name);
			continue;
		}
		if (!looked) {
			(void)namespaces_read(&all, NULL);
			netlink = netlink_open(NETLINK_ROUTE, NULL);
			looked = true;
		}
		peer_namespace(&all, iface);
		if (netlink)
			peer_name_ask(netlink, iface);
	}
	namespaces_free(&all);
	netlink_close(netlink);
}

/* --- in words --- */

static const char *bond_mode_name(uint8_t mode)
{
	static const char *const names[] = { "balance-rr", "active-backup", "balance-xor", "broadcast",
					     "802.3ad",    "balance-tlb",   "balance-alb" };
	return mode < sizeof names / sizeof names[0] ? names[mode] : "unknown mode";
}

static void members_add(const struct ifaces *ifaces, const struct iface *master, struct buf *out)
{
	enum { SHOWN = 6 };
	unsigned count = 0;
	for (size_t i = 0; i < ifaces->count; i++)
		if (ifaces->items[i].master == master->index && count++ < SHOWN)
			buf_printf(out, "%s%s", count > 1 ? ", " : "members ", ifaces->items[i].name);
	if (count > SHOWN)
		buf_printf(out, " and %u more", count - SHOWN);
	if (!count)
		buf_add_text(out, "no members");
}

static void below_add(const struct iface *iface, struct buf *out)
{
	if (*iface->peer_name)
		buf_printf(out, "%s%s", !strcmp(iface->kind, "veth") ? "other end " : "on ",
			   iface->peer_name);
	else if (*iface->peer_ns)
		buf_printf(out, "%s %d", !strcmp(iface->kind, "veth") ? "other end number" : "on number",
			   iface->link);
	if (*iface->peer_ns)
		buf_printf(out, " in namespace %s", iface->peer_ns);
}

static void kind_describe(const struct ifaces *ifaces, const struct iface *iface, struct buf *out)
{
	char text[ADDR_TEXT_MAX];
	if (!strcmp(iface->kind, "bridge") || !strcmp(iface->kind, "bond") || !strcmp(iface->kind, "team"))
		members_add(ifaces, iface, out);
	if (!strcmp(iface->kind, "bond"))
		buf_printf(out, ", %s", bond_mode_name(iface->bond_mode));
	if (iface->stp)
		buf_add_text(out, ", spanning tree");
	if (iface->has_link_id)
		buf_printf(out, "%s%u ", !strcmp(iface->kind, "vxlan") ? "VNI " : "id ", iface->link_id);
	below_add(iface, out);
	if (iface->remote.family != AF_UNSPEC)
		buf_printf(out, "to %s", addr_format(&iface->remote, text));
	if (!strcmp(iface->kind, "physical") && *iface->device)
		buf_printf(out, "%s%s%s", iface->driver, *iface->driver ? " " : "", iface->device);
}

char *iface_describe(const struct ifaces *ifaces, const struct iface *iface, char buf[IFACE_DETAIL_MAX])
{
	struct buf out = BUF_INIT(IFACE_DETAIL_MAX);
	kind_describe(ifaces, iface, &out);
	const struct iface *master = iface->master ? iface_by_index(ifaces, iface->master) : NULL;
	if (master)
		buf_printf(&out, "%smember of %s", out.length ? ", " : "", master->name);
	snprintf(buf, IFACE_DETAIL_MAX, "%s", buf_text(&out));
	buf_release(&out);
	return buf;
}
