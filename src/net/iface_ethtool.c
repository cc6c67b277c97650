/* What the driver knows: generic netlink family "ethtool", and the old ioctl for what has no message there. */
#include "net/iface_read.h"

#include "base/mem.h"
#include "sys/netlink.h"
#include "sys/socket.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- reading --- */

uint16_t iface_read_family(const struct nlmsghdr *message)
{
	const struct nlattr *table[CTRL_ATTR_FAMILY_ID + 1];
	if (!netlink_attributes(message, sizeof(struct genlmsghdr), table, CTRL_ATTR_FAMILY_ID))
		return 0;
	return netlink_u16(table[CTRL_ATTR_FAMILY_ID], 0);
}

static void number_read(const struct nlattr *attribute, int64_t *out)
{
	uint64_t fallback = UINT64_MAX, found = netlink_u32(attribute, UINT32_MAX);
	if (found == UINT32_MAX)
		found = netlink_u8(attribute, 0xff) == 0xff ? fallback : netlink_u8(attribute, 0xff);
	if (found != fallback)
		*out = (int64_t)found;
}

typedef void bit_fn(const char *name, bool set, void *arg);

/* Each bit of a verbose bitset: in one with a mask those of the mask, set or not; in one without only those that are set. */
static void bits_each(const struct nlattr *bitset, bit_fn *fn, void *arg)
{
	const struct nlattr *table[ETHTOOL_A_BITSET_BITS + 1], *bit[ETHTOOL_A_BITSET_BIT_VALUE + 1], *at_bit;
	netlink_nested(bitset, table, ETHTOOL_A_BITSET_BITS);
	if (!table[ETHTOOL_A_BITSET_BITS])
		return;
	const uint8_t *at = mnl_attr_get_payload(table[ETHTOOL_A_BITSET_BITS]);
	size_t rest = mnl_attr_get_payload_len(table[ETHTOOL_A_BITSET_BITS]);
	while ((at_bit = netlink_attribute_next(&at, &rest))) {
		char name[40];
		netlink_nested(at_bit, bit, ETHTOOL_A_BITSET_BIT_VALUE);
		netlink_text(bit[ETHTOOL_A_BITSET_BIT_NAME], name, sizeof name);
		if (*name)
			fn(name, bit[ETHTOOL_A_BITSET_BIT_VALUE] || table[ETHTOOL_A_BITSET_NOMASK], arg);
	}
}

/* "1000baseT/Full" is 1000 Mbit/s; other bits ("Autoneg", "TP") are none. */
static void mode_speed(const char *name, bool set, void *arg)
{
	int64_t *most = arg;
	char *end;
	long speed = strtol(name, &end, 10);
	(void)set;
	if (end != name && !strncmp(end, "base", 4) && speed > *most)
		*most = speed;
}

static void linkmodes_read(const struct nlattr **table, struct iface_ethtool *out)
{
	int64_t speed = -1;
	number_read(table[ETHTOOL_A_LINKMODES_SPEED], &speed);
	if (speed > 0)
		out->speed_mbps = speed;
	uint8_t duplex = netlink_u8(table[ETHTOOL_A_LINKMODES_DUPLEX], DUPLEX_UNKNOWN);
	out->duplex = duplex == DUPLEX_FULL ? 1 : duplex == DUPLEX_HALF ? 0 : -1;
	uint8_t autonegotiation = netlink_u8(table[ETHTOOL_A_LINKMODES_AUTONEG], 0xff);
	out->autonegotiation = autonegotiation <= 1 ? (int8_t)autonegotiation : -1;
	number_read(table[ETHTOOL_A_LINKMODES_LANES], &out->lanes);
	bits_each(table[ETHTOOL_A_LINKMODES_OURS], mode_speed, &out->max_speed_mbps);
	bits_each(table[ETHTOOL_A_LINKMODES_PEER], mode_speed, &out->peer_max_speed_mbps);
}

static void linkstate_read(const struct nlattr **table, struct iface_ethtool *out)
{
	static const char *const says[] = {
		[ETHTOOL_LINK_EXT_STATE_AUTONEG] = "autonegotiation failed",
		[ETHTOOL_LINK_EXT_STATE_LINK_TRAINING_FAILURE] = "link training failed",
		[ETHTOOL_LINK_EXT_STATE_LINK_LOGICAL_MISMATCH] = "the two ends do not agree",
		[ETHTOOL_LINK_EXT_STATE_BAD_SIGNAL_INTEGRITY] = "bad signal",
		[ETHTOOL_LINK_EXT_STATE_NO_CABLE] = "no cable",
		[ETHTOOL_LINK_EXT_STATE_CABLE_ISSUE] = "the cable is faulty or unsuitable",
		[ETHTOOL_LINK_EXT_STATE_EEPROM_ISSUE] = "the module's memory cannot be read",
		[ETHTOOL_LINK_EXT_STATE_CALIBRATION_FAILURE] = "calibration failed",
		[ETHTOOL_LINK_EXT_STATE_POWER_BUDGET_EXCEEDED] = "the module wants more power than there is",
		[ETHTOOL_LINK_EXT_STATE_OVERHEAT] = "too hot",
		[ETHTOOL_LINK_EXT_STATE_MODULE] = "the module has a fault",
	};
	uint8_t state = netlink_u8(table[ETHTOOL_A_LINKSTATE_EXT_STATE], 0xff);
	if (state < sizeof says / sizeof says[0] && says[state])
		snprintf(out->no_link, sizeof out->no_link, "%s", says[state]);
}

static void rings_read(const struct nlattr **table, struct iface_ethtool *out)
{
	number_read(table[ETHTOOL_A_RINGS_RX], &out->rx_ring);
	number_read(table[ETHTOOL_A_RINGS_RX_MAX], &out->rx_ring_max);
	number_read(table[ETHTOOL_A_RINGS_TX], &out->tx_ring);
	number_read(table[ETHTOOL_A_RINGS_TX_MAX], &out->tx_ring_max);
}

static void channels_read(const struct nlattr **table, struct iface_ethtool *out)
{
	number_read(table[ETHTOOL_A_CHANNELS_RX_COUNT], &out->rx_channels);
	number_read(table[ETHTOOL_A_CHANNELS_RX_MAX], &out->rx_channels_max);
	number_read(table[ETHTOOL_A_CHANNELS_TX_COUNT], &out->tx_channels);
	number_read(table[ETHTOOL_A_CHANNELS_TX_MAX], &out->tx_channels_max);
	number_read(table[ETHTOOL_A_CHANNELS_COMBINED_COUNT], &out->combined_channels);
	number_read(table[ETHTOOL_A_CHANNELS_COMBINED_MAX], &out->combined_channels_max);
}

static void coalesce_read(const struct nlattr **table, struct iface_ethtool *out)
{
	number_read(table[ETHTOOL_A_COALESCE_RX_USECS], &out->rx_usecs);
	number_read(table[ETHTOOL_A_COALESCE_RX_MAX_FRAMES], &out->rx_frames);
	number_read(table[ETHTOOL_A_COALESCE_TX_USECS], &out->tx_usecs);
	number_read(table[ETHTOOL_A_COALESCE_TX_MAX_FRAMES], &out->tx_frames);
	number_read(table[ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX], &out->adaptive_rx);
	number_read(table[ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX], &out->adaptive_tx);
}

static struct iface_feature *feature_at(struct iface_ethtool *ethtool, const char *name)
{
	for (size_t i = 0; i < ethtool->feature_count; i++)
		if (!strcmp(ethtool->features[i].name, name))
			return &ethtool->features[i];
	if (ethtool->feature_count == IFACE_FEATURES_MAX)
		return NULL;
	struct iface_feature *feature = &ethtool->features[ethtool->feature_count++];
	snprintf(feature->name, sizeof feature->name, "%s", name);
	feature->on = false;
	feature->fixed = true;
	return feature;
}

/* Features that can be changed (mask of HW), others are fixed. */
static void feature_changeable(const char *name, bool set, void *arg)
{
	struct iface_feature *feature = feature_at(arg, name);
	if (feature && set)
		feature->fixed = false;
}

static void feature_active(const char *name, bool set, void *arg)
{
	struct iface_feature *feature = feature_at(arg, name);
	if (feature)
		feature->on = set;
}

static void feature_nochange(const char *name, bool set, void *arg)
{
	struct iface_feature *feature = feature_at(arg, name);
	if (feature && set)
		feature->fixed = true;
}

static void features_read(const struct nlattr **table, struct iface_ethtool *out)
{
	bits_each(table[ETHTOOL_A_FEATURES_HW], feature_changeable, out);
	bits_each(table[ETHTOOL_A_FEATURES_ACTIVE], feature_active, out);
	bits_each(table[ETHTOOL_A_FEATURES_NOCHANGE], feature_nochange, out);
}

void iface_read_ethtool(const struct nlmsghdr *message, struct iface_ethtool *out)
{
	enum { MOST = ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX };
	static const struct {
		uint8_t command;
		void (*read)(const struct nlattr **table, struct iface_ethtool *out);
	} readers[] = {
		{ ETHTOOL_MSG_LINKMODES_GET_REPLY, linkmodes_read },
		{ ETHTOOL_MSG_LINKSTATE_GET_REPLY, linkstate_read },
		{ ETHTOOL_MSG_RINGS_GET_REPLY, rings_read },
		{ ETHTOOL_MSG_CHANNELS_GET_REPLY, channels_read },
		{ ETHTOOL_MSG_COALESCE_GET_REPLY, coalesce_read },
		{ ETHTOOL_MSG_FEATURES_GET_REPLY, features_read },
	};
	struct genlmsghdr header;
	const struct nlattr *table[MOST + 1];
	if (!netlink_attributes(message, sizeof header, table, MOST))
		return;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof header);
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (readers[i].command == header.cmd)
			readers[i].read(table, out);
}

/* --- asking --- */

static bool family_message(const struct nlmsghdr *message, void *arg)
{
	*(uint16_t *)arg = iface_read_family(message);
	return false;
}

static bool ethtool_message(const struct nlmsghdr *message, void *arg)
{
	iface_read_ethtool(message, arg);
	return false;
}

static uint16_t family_ask(struct netlink *netlink)
{
	struct netlink_request request;
	uint16_t family = 0;
	struct genlmsghdr *header = netlink_begin(&request, GENL_ID_CTRL, 0, sizeof *header);
	header->cmd = CTRL_CMD_GETFAMILY;
	header->version = 1;
	netlink_add_text(&request, CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME);
	(void)netlink_ask(netlink, &request, family_message, NULL, &family);
	return family;
}

static void netlink_read_all(const struct iface *iface, struct iface_ethtool *out)
{
	static const uint8_t questions[] = { ETHTOOL_MSG_LINKMODES_GET, ETHTOOL_MSG_LINKSTATE_GET,
					     ETHTOOL_MSG_RINGS_GET,     ETHTOOL_MSG_CHANNELS_GET,
					     ETHTOOL_MSG_COALESCE_GET,  ETHTOOL_MSG_FEATURES_GET };
	struct netlink *netlink = netlink_open(NETLINK_GENERIC, NULL);
	if (!netlink)
		return;
	uint16_t family = family_ask(netlink);
	for (size_t i = 0; family && i < sizeof questions; i++) {
		struct netlink_request request;
		struct genlmsghdr *header = netlink_begin(&request, family, 0, sizeof *header);
		header->cmd = questions[i];
		header->version = ETHTOOL_GENL_VERSION;
		/* ETHTOOL_A_*_HEADER is 1 in every message, and holds ETHTOOL_A_HEADER_DEV_INDEX. */
		struct {
			struct nlattr attribute;
			uint32_t index;
		} where = { { sizeof where, ETHTOOL_A_HEADER_DEV_INDEX }, (uint32_t)iface->index };
		netlink_add(&request, ETHTOOL_A_LINKMODES_HEADER | NLA_F_NESTED, &where, sizeof where);
		/* What a driver does not have, it refuses. */
		(void)netlink_ask(netlink, &request, ethtool_message, NULL, out);
	}
	netlink_close(netlink);
}

/* --- SIOCETHTOOL --- */

static int ioctl_ask(int fd, const struct iface *iface, void *data)
{
	struct ifreq request = { 0 };
	memcpy(request.ifr_name, iface->name, IFNAMSIZ - 1);
	request.ifr_data = data;
	return ioctl(fd, SIOCETHTOOL, &request);
}

static void driver_read(int fd, const struct iface *iface, struct iface_ethtool *out)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	if (ioctl_ask(fd, iface, &info) < 0)
		return;
	snprintf(out->driver, sizeof out->driver, "%.31s", info.driver);
	snprintf(out->driver_version, sizeof out->driver_version, "%.31s", info.version);
	if (strcmp(info.fw_version, "N/A"))
		snprintf(out->firmware, sizeof out->firmware, "%.31s", info.fw_version);
	if (strcmp(info.bus_info, "N/A"))
		snprintf(out->bus, sizeof out->bus, "%.31s", info.bus_info);
}

static uint32_t stats_count(int fd, const struct iface *iface)
{
	/* Room for the one number behind the structure. */
	uint64_t room[sizeof(struct ethtool_sset_info) / sizeof(uint64_t) + 1] = { 0 };
	struct ethtool_sset_info *info = (struct ethtool_sset_info *)room;
	uint32_t count;
	info->cmd = ETHTOOL_GSSET_INFO;
	info->sset_mask = 1ULL << ETH_SS_STATS;
	if (ioctl_ask(fd, iface, info) < 0 || !info->sset_mask)
		return 0;
	memcpy(&count, info->data, sizeof count);
	return count > IFACE_STATS_MAX ? 0 : count;
}

static void stats_read(int fd, const struct iface *iface, struct iface_ethtool *out)
{
	uint32_t count = stats_count(fd, iface);
	if (!count)
		return;
	/* Room for twice as many: the kernel writes as many as there are by then, and queues may have been added meanwhile. */
	struct ethtool_gstrings *names =
	    mem_alloc(sizeof *names + (size_t)IFACE_STATS_MAX * 2 * ETH_GSTRING_LEN);
	struct ethtool_stats *values = mem_alloc(sizeof *values + (size_t)IFACE_STATS_MAX * 2 * 8);
	*names =
	    (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_STATS, .len = count };
	values->cmd = ETHTOOL_GSTATS;
	values->n_stats = count;
	if (ioctl_ask(fd, iface, names) == 0 && ioctl_ask(fd, iface, values) == 0 && names->len == count &&
	    values->n_stats == count) {
		out->stats = mem_alloc(count * sizeof *out->stats);
		out->stat_count = count;
		for (uint32_t i = 0; i < count; i++) {
			snprintf(out->stats[i].name, sizeof out->stats[i].name, "%.32s",
				 (const char *)names->data + (size_t)i * ETH_GSTRING_LEN);
			out->stats[i].value = values->data[i];
		}
	}
	free(names);
	free(values);
}

void iface_ethtool_read(const struct iface *iface, struct iface_ethtool *out)
{
	*out = (struct iface_ethtool){ .speed_mbps = -1,
				       .lanes = -1,
				       .duplex = -1,
				       .autonegotiation = -1,
				       .max_speed_mbps = -1,
				       .peer_max_speed_mbps = -1,
				       .rx_ring = -1,
				       .rx_ring_max = -1,
				       .tx_ring = -1,
				       .tx_ring_max = -1,
				       .rx_channels = -1,
				       .tx_channels = -1,
				       .combined_channels = -1,
				       .rx_channels_max = -1,
				       .tx_channels_max = -1,
				       .combined_channels_max = -1,
				       .rx_usecs = -1,
				       .rx_frames = -1,
				       .tx_usecs = -1,
				       .tx_frames = -1,
				       .adaptive_rx = -1,
				       .adaptive_tx = -1 };
	netlink_read_all(iface, out);
	int fd = sys_socket_open(AF_INET, SOCK_DGRAM, 0, NULL, NULL);
	if (fd < 0)
		return;
	driver_read(fd, iface, out);
	stats_read(fd, iface, out);
	close(fd);
}

void iface_ethtool_free(struct iface_ethtool *ethtool)
{
	free(ethtool->stats);
	ethtool->stats = NULL;
	ethtool->stat_count = 0;
}

const struct iface_feature *iface_feature(const struct iface_ethtool *ethtool, const char *name)
{
	for (size_t i = 0; i < ethtool->feature_count; i++)
		if (!strcmp(ethtool->features[i].name, name))
			return &ethtool->features[i];
	return NULL;
}

bool iface_stat_is_loss(const char *name)
{
	static const char *const words[] = { "drop",      "err",     "discard",    "miss",     "no_buf",
					     "nobuf",     "fifo",    "crc",        "over",     "timeout",
					     "collision", "fail",    "jabber",     "fragment", "bad",
					     "lost",      "no_desc", "unicast_err" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}
