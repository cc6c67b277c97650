/* Is an interface healthy? Pure. */
#include "ntsh/iface.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

/* Since boot only shares tell: one damaged frame in ten thousand is many for a wire (SIGNALS 49; a good one has one in 10^8). */
#define SHARE_BAD 0.0001
enum { INTERVAL_ERRORS = 3, MINIMUM_MTU6 = 1280, FLAPS = 10 };

static bool is_kind(const struct iface *iface, const char *kind)
{
	return !strcmp(iface->kind, kind);
}

static unsigned members(const struct ifaces *ifaces, const struct iface *master, bool running)
{
	unsigned count = 0;
	for (size_t i = 0; ifaces && i < ifaces->count; i++)
		if (ifaces->items[i].master == master->index &&
		    (!running || iface_is_running(&ifaces->items[i])))
			count++;
	return count;
}

/* Why it has no carrier, and whether that is a fault: a bridge without members and a tunnel device that nobody opened are idle. */
static enum iface_health no_carrier(const struct ifaces *ifaces, const struct iface *now,
				    const struct iface_ethtool *ethtool, char says[IFACE_DETAIL_MAX])
{
	bool group = is_kind(now, "bridge") || is_kind(now, "bond") || is_kind(now, "team");
	if (group && !members(ifaces, now, false)) {
		snprintf(says, IFACE_DETAIL_MAX, "has no members, and so no carrier");
		return IFACE_OFF;
	}
	if (is_kind(now, "tun") || is_kind(now, "tap")) {
		snprintf(says, IFACE_DETAIL_MAX, "has no carrier: no program has it open");
		return IFACE_OFF;
	}
	if (group)
		snprintf(says, IFACE_DETAIL_MAX, "has no carrier: none of its members carries packets");
	else if (is_kind(now, "veth"))
		snprintf(says, IFACE_DETAIL_MAX, "has no carrier: its other end is switched off");
	else if (now->operstate == IF_OPER_LOWERLAYERDOWN)
		snprintf(says, IFACE_DETAIL_MAX, "cannot carry packets: the interface below it is down");
	else if (ethtool && *ethtool->no_link)
		snprintf(says, IFACE_DETAIL_MAX, "has no carrier: %s", ethtool->no_link);
	else
		snprintf(says, IFACE_DETAIL_MAX, "has no carrier: cable, switch port, or the other end");
	return IFACE_BAD;
}

/* The kind of error that most of them are. */
static const char *error_kind(const struct iface *before, const struct iface *now)
{
	const struct iface_counter_info *kind = NULL;
	uint64_t most = 0;
	for (unsigned i = 0; i < IFACE_COUNTERS; i++)
		if (iface_counters[i].class_ == COUNTER_DETAIL && iface_delta(before, now, i) > most) {
			most = iface_delta(before, now, i);
			kind = &iface_counters[i];
		}
	return kind ? kind->means : "cable, optics, or duplex";
}

static enum iface_health errors_judge(const struct iface *before, const struct iface *now,
				      char says[IFACE_DETAIL_MAX])
{
	uint64_t errors =
	    iface_delta(before, now, IFACE_RX_ERRORS) + iface_delta(before, now, IFACE_TX_ERRORS);
	uint64_t packets =
	    iface_delta(before, now, IFACE_RX_PACKETS) + iface_delta(before, now, IFACE_TX_PACKETS);
	bool many = before ? errors >= INTERVAL_ERRORS
			   : errors >= 100 && (double)errors > SHARE_BAD * (double)(packets + errors);
	if (!many)
		return IFACE_GOOD;
	/* A tunnel has no cable. */
	const char *kind = is_kind(now, "physical") ? error_kind(before, now)
						    : "packets that it could not take apart, or not send";
	snprintf(says, IFACE_DETAIL_MAX, "counted %llu errors%s: %s", (unsigned long long)errors,
		 before ? " just now" : " since boot", kind);
	return before ? IFACE_BAD : IFACE_WARN;
}

static enum iface_health link_judge(const struct iface_ethtool *ethtool, char says[IFACE_DETAIL_MAX])
{
	int64_t can = ethtool->max_speed_mbps;
	if (ethtool->peer_max_speed_mbps > 0 && ethtool->peer_max_speed_mbps < can)
		can = ethtool->peer_max_speed_mbps;
	if (ethtool->duplex == 0) {
		snprintf(says, IFACE_DETAIL_MAX,
			 "runs half duplex: collisions and loss under load; is one end not set to "
			 "autonegotiation?");
		return IFACE_WARN;
	}
	if (ethtool->speed_mbps > 0 && can > ethtool->speed_mbps && ethtool->autonegotiation == 1) {
		snprintf(says, IFACE_DETAIL_MAX,
			 "runs at %lld Mbit/s, but %s %lld: a damaged pair in the cable?",
			 (long long)ethtool->speed_mbps,
			 ethtool->peer_max_speed_mbps > 0 ? "both ends can do" : "it can do", (long long)can);
		return IFACE_WARN;
	}
	return IFACE_GOOD;
}

static bool has_address6(const struct ifaces *ifaces, const struct iface *iface)
{
	for (size_t i = 0; ifaces && i < ifaces->address_count; i++)
		if (ifaces->addresses[i].index == iface->index &&
		    ifaces->addresses[i].addr.family == AF_INET6)
			return true;
	return false;
}

enum iface_health iface_judge(const struct ifaces *ifaces, const struct iface *before,
			      const struct iface *now, const struct iface_ethtool *ethtool,
			      char says[IFACE_DETAIL_MAX])
{
	enum iface_health health;
	says[0] = '\0';
	if (!iface_is_up(now) && now->flags & IFF_LOOPBACK) {
		snprintf(says, IFACE_DETAIL_MAX,
			 "is switched off: programs of this machine cannot talk to each other");
		return IFACE_WARN;
	}
	if (!iface_is_up(now)) {
		snprintf(says, IFACE_DETAIL_MAX, "is switched off");
		return IFACE_OFF;
	}
	if (!iface_is_running(now))
		return no_carrier(ifaces, now, ethtool, says);
	if (before && now->carrier_changes - before->carrier_changes >= 2) {
		snprintf(says, IFACE_DETAIL_MAX,
			 "lost its carrier and got it back %u times just now: it flaps",
			 (now->carrier_changes - before->carrier_changes) / 2);
		return IFACE_BAD;
	}
	if ((health = errors_judge(before, now, says)) != IFACE_GOOD)
		return health;
	if (ethtool && (health = link_judge(ethtool, says)) != IFACE_GOOD)
		return health;
	if (now->mtu < MINIMUM_MTU6 && !(now->flags & IFF_LOOPBACK) && !has_address6(ifaces, now)) {
		snprintf(says, IFACE_DETAIL_MAX, "has an MTU of %u: below 1280 there is no IPv6 (RFC 8200 5)",
			 now->mtu);
		return IFACE_WARN;
	}
	if (now->carrier_changes > FLAPS && is_kind(now, "physical")) {
		snprintf(says, IFACE_DETAIL_MAX, "lost its carrier %u times since boot",
			 now->carrier_changes / 2);
		return IFACE_WARN;
	}
	return IFACE_GOOD;
}
