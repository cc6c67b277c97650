/* Answers about interfaces, neighbours, connections and rules: bytes of messages, one after the other, through every reader; and as the texts that
 * the kernel and the IEEE write. */
#include "net/conntrack_read.h"
#include "net/iface_read.h"
#include "net/losses_read.h"
#include "net/neigh_read.h"
#include "net/vendor.h"
#include "sys/netlink.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ethtool_read(const struct nlmsghdr *message)
{
	static struct iface_ethtool ethtool;
	iface_read_ethtool(message, &ethtool);
	if (ethtool.feature_count > IFACE_FEATURES_MAX)
		abort();
	ethtool.feature_count = 0;
	(void)iface_read_family(message);
	(void)iface_read_nsid(message);
}

static void read_all(const struct nlmsghdr *message)
{
	struct iface iface;
	struct iface_address address;
	struct iface_qdisc qdisc;
	char text[2 * ADDR_TEXT_MAX], says[IFACE_DETAIL_MAX], mac[3 * IFACE_MAC_MAX];
	if (iface_read_link(message, &iface)) {
		struct ifaces all = { .items = &iface, .count = 1 };
		iface_describe(&all, &iface, says);
		iface_judge(&all, NULL, &iface, NULL, says);
		iface_mac(iface.mac, iface.mac_length, mac);
		if (strlen(iface.name) >= sizeof iface.name || iface.counter_count > IFACE_COUNTERS)
			abort();
	}
	if (iface_read_address(message, &address) &&
	    strlen(iface_address_text(&address, text)) >= sizeof text)
		abort();
	(void)iface_read_qdisc(message, &qdisc);
	ethtool_read(message);
}

static void neighbours_read_all(const struct nlmsghdr *message)
{
	struct neighbour neighbour;
	struct conntrack_entry entry;
	struct conntrack conntrack = { 0 };
	static struct loss_chains chains;
	struct losses losses = { 0 };
	chains.count = 0;
	(void)neigh_read(message, &neighbour);
	if (conntrack_read_entry(message, &entry) && !conntrack_state_name(&entry))
		abort();
	(void)conntrack_read_stats(message, &conntrack);
	conntrack_read_cpu(message, &conntrack);
	losses_read_chain(&losses, &chains, message);
	losses_read_rule(&losses, &chains, message);
	losses_free(&losses);
}

static void texts_read(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes;
	struct losses losses = { 0 };
	struct addr sender;
	uint8_t mac[6];
	vendors_close(vendors_read(NULL, text));
	losses_read_softnet(&losses, text);
	losses_read_sockets(&losses, "UDP", text);
	losses_read_conntrack(&losses, text);
	losses_free(&losses);
	(void)arp_read(bytes, size, &sender, mac);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own size, aligned: the address sanitizer sees each step beyond the end. */
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	texts_read(bytes, size);
	const uint8_t *at = bytes;
	const struct nlmsghdr *message;
	while ((message = netlink_message_next(&at, &size))) {
		read_all(message);
		neighbours_read_all(message);
	}
	free(bytes);
	return 0;
}
