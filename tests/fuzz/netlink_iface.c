/* Answers about interfaces: bytes of messages, one after the other, through every reader; then as a list of vendors. */
#include "net/iface_read.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own size, aligned: the address sanitizer sees each step beyond the end. */
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	struct vendors *vendors = vendors_read(NULL, (const char *)bytes);
	vendors_close(vendors);
	const uint8_t *at = bytes;
	const struct nlmsghdr *message;
	while ((message = netlink_message_next(&at, &size)))
		read_all(message);
	free(bytes);
	return 0;
}
