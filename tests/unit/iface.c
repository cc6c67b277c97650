/* Interfaces without a kernel: messages cut anywhere, judgements, statistics' names, makers of cards. */
#include "net/iface_read.h"
#include "net/vendor.h"
#include "sys/netlink.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct nlmsghdr *link_message(struct netlink_request *request)
{
	struct ifinfomsg *header = netlink_begin(request, RTM_NEWLINK, 0, sizeof *header);
	header->ifi_index = 7;
	header->ifi_type = ARPHRD_ETHER;
	header->ifi_flags = IFF_UP | IFF_RUNNING;
	netlink_add_text(request, IFLA_IFNAME, "eth7");
	netlink_add(request, IFLA_ADDRESS, "\2\0\0\0\0\7", 6);
	netlink_add_u32(request, IFLA_MTU, 1400);
	uint64_t counters[IFACE_RX_COMPRESSED] = { [IFACE_RX_CRC_ERRORS] = 12, [IFACE_RX_PACKETS] = 5 };
	netlink_add(request, IFLA_STATS64, counters, sizeof counters);
	return (struct nlmsghdr *)request->bytes;
}

static void a_link(void **state)
{
	(void)state;
	struct netlink_request request;
	struct iface iface;
	char mac[3 * IFACE_MAC_MAX];
	assert_true(iface_read_link(link_message(&request), &iface));
	assert_string_equal(iface.name, "eth7");
	assert_string_equal(iface_mac(iface.mac, iface.mac_length, mac), "02:00:00:00:00:07");
	assert_int_equal(iface.mtu, 1400);
	assert_int_equal(iface.counters[IFACE_RX_CRC_ERRORS], 12);
	/* what the kernel is older than is absent, not 0 */
	assert_int_equal(iface.counter_count, IFACE_RX_COMPRESSED);
	assert_string_equal(iface.kind, "virtual");
	assert_string_equal(iface_state(&iface), "up");
	assert_int_equal(iface.link_nsid, -1);
}

static void cut_links(void **state)
{
	(void)state;
	struct netlink_request request;
	size_t length = link_message(&request)->nlmsg_len;
	for (size_t cut = NLMSG_HDRLEN; cut <= length; cut++) {
		uint8_t *bytes = malloc(cut);
		memcpy(bytes, request.bytes, cut);
		((struct nlmsghdr *)bytes)->nlmsg_len = (uint32_t)cut;
		struct iface iface;
		struct iface_address address;
		struct iface_qdisc qdisc;
		bool read = iface_read_link((struct nlmsghdr *)bytes, &iface);
		assert_int_equal(read, cut >= NLMSG_HDRLEN + sizeof(struct ifinfomsg));
		if (read)
			assert_int_equal(iface.counter_count, cut == length ? IFACE_RX_COMPRESSED : 0);
		assert_false(iface_read_address((struct nlmsghdr *)bytes, &address));
		assert_false(iface_read_qdisc((struct nlmsghdr *)bytes, &qdisc));
		free(bytes);
	}
}

/* --- judgements --- */

static struct iface healthy(const char *kind)
{
	struct iface iface = { .index = 2,
			       .name = "eth0",
			       .flags = IFF_UP | IFF_RUNNING,
			       .carrier = true,
			       .operstate = IF_OPER_UP,
			       .mtu = 1500 };
	snprintf(iface.kind, sizeof iface.kind, "%s", kind);
	iface.counters[IFACE_RX_PACKETS] = 1000000;
	return iface;
}

static void judged(const struct iface *before, struct iface now, const struct iface_ethtool *ethtool,
		   enum iface_health health, const char *word)
{
	struct ifaces all = { .items = &now, .count = 1 };
	char says[IFACE_DETAIL_MAX];
	assert_int_equal(iface_judge(&all, before, &now, ethtool, says), health);
	if (!strstr(says, word))
		fail_msg("'%s' lacks '%s'", says, word);
}

static void carriers(void **state)
{
	(void)state;
	struct iface iface = healthy("physical");
	judged(NULL, iface, NULL, IFACE_GOOD, "");
	iface.carrier = false;
	judged(NULL, iface, NULL, IFACE_BAD, "cable");
	struct iface_ethtool ethtool = { .no_link = "no cable", .duplex = -1, .speed_mbps = -1 };
	judged(NULL, iface, &ethtool, IFACE_BAD, "no cable");
	snprintf(iface.kind, sizeof iface.kind, "veth");
	judged(NULL, iface, NULL, IFACE_BAD, "other end");
	snprintf(iface.kind, sizeof iface.kind, "bridge");
	judged(NULL, iface, NULL, IFACE_OFF, "no members");
	snprintf(iface.kind, sizeof iface.kind, "tap");
	judged(NULL, iface, NULL, IFACE_OFF, "no program");
	iface.flags = 0;
	judged(NULL, iface, NULL, IFACE_OFF, "switched off");
	iface.flags = IFF_LOOPBACK;
	judged(NULL, iface, NULL, IFACE_WARN, "talk to each other");
}

static void errors(void **state)
{
	(void)state;
	struct iface before = healthy("physical"), now = before;
	now.counters[IFACE_RX_PACKETS] += 1000;
	judged(&before, now, NULL, IFACE_GOOD, "");
	now.counters[IFACE_RX_ERRORS] += 40;
	now.counters[IFACE_RX_CRC_ERRORS] += 39;
	now.counters[IFACE_RX_LENGTH_ERRORS] += 1;
	judged(&before, now, NULL, IFACE_BAD, "wrong checksum");
	/* old ones: many of a million are remarkable, a few are not; and in an interval without new ones nothing is wrong */
	judged(NULL, now, NULL, IFACE_GOOD, "");
	now.counters[IFACE_RX_ERRORS] = 5000;
	judged(NULL, now, NULL, IFACE_WARN, "since boot");
	judged(&now, now, NULL, IFACE_GOOD, "");
	/* a counter that went back: the driver was loaded anew */
	struct iface reset = now;
	reset.counters[IFACE_RX_ERRORS] = 1;
	assert_int_equal(iface_delta(&now, &reset, IFACE_RX_ERRORS), 1);
	/* another interface under the same name */
	before.index = 99;
	assert_int_equal(iface_delta(&before, &now, IFACE_RX_ERRORS), 5000);
	before = now;
	now.carrier_changes += 6;
	judged(&before, now, NULL, IFACE_BAD, "flaps");
}

static void links(void **state)
{
	(void)state;
	struct iface iface = healthy("physical");
	struct iface_ethtool ethtool = { .duplex = 1,
					 .autonegotiation = 1,
					 .speed_mbps = 1000,
					 .max_speed_mbps = 1000,
					 .peer_max_speed_mbps = -1 };
	judged(NULL, iface, &ethtool, IFACE_GOOD, "");
	ethtool.speed_mbps = 100;
	judged(NULL, iface, &ethtool, IFACE_WARN, "100 Mbit/s");
	ethtool.peer_max_speed_mbps = 100; /* the other end cannot do more */
	judged(NULL, iface, &ethtool, IFACE_GOOD, "");
	ethtool.duplex = 0;
	judged(NULL, iface, &ethtool, IFACE_WARN, "half duplex");
	iface.mtu = 1200;
	judged(NULL, iface, NULL, IFACE_WARN, "1280");
}

static void statistics(void **state)
{
	(void)state;
	assert_true(iface_stat_is_loss("rx_queue_0_drops") && iface_stat_is_loss("rx_crc_errors") &&
		    iface_stat_is_loss("port.rx_discards") && iface_stat_is_loss("tx_timeout_count"));
	assert_false(iface_stat_is_loss("rx_packets") || iface_stat_is_loss("tx_kicks") ||
		     iface_stat_is_loss("rx_bytes"));
	struct iface_queue queues[] = { { .number = 0, .packets = 9000 },
					{ .number = 1, .packets = 1000 },
					{ .tx = true, .number = 0, .packets = 1 } };
	assert_int_equal((int)iface_imbalance(queues, 3), 90);
	queues[1].packets = -1;
	assert_true(iface_imbalance(queues, 3) < 0);
}

static void makers(void **state)
{
	(void)state;
	struct vendors *vendors =
	    vendors_read(NULL, "OUI\t\tOrganization\n\n00-00-0C   (hex)\t\tCisco Systems, Inc\n"
			       "00000C     (base 16)\t\tCisco Systems, Inc\n\t\t170 W TASMAN DRIVE\n\n");
	vendors =
	    vendors_read(vendors, "70-B3-D5   (hex)\t\tTELEPLATFORMS\n"
				  "F2F000-F2FFFF     (base 16)\t\tTELEPLATFORMS\n"
				  "74-1A-E0   (hex)\t\tPrivate\n900000-9FFFFF     (base 16)\t\tPrivate");
	assert_string_equal(vendor_name(vendors, (const uint8_t *)"\x00\x00\x0c\x12\x34\x56"),
			    "Cisco Systems, Inc");
	assert_string_equal(vendor_name(vendors, (const uint8_t *)"\x70\xb3\xd5\xf2\xf1\x00"),
			    "TELEPLATFORMS");
	assert_null(vendor_name(vendors, (const uint8_t *)"\x70\xb3\xd5\xf3\xf1\x00"));
	assert_string_equal(vendor_name(vendors, (const uint8_t *)"\x74\x1a\xe0\x95\x00\x00"), "Private");
	assert_null(vendor_name(vendors, (const uint8_t *)"\x74\x1a\xe0\xa5\x00\x00"));
	assert_string_equal(vendor_name(NULL, (const uint8_t *)"\x02\x00\x00\x00\x00\x01"),
			    "locally administered");
	vendors_close(vendors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link), cmocka_unit_test(cut_links), cmocka_unit_test(carriers),
		cmocka_unit_test(errors), cmocka_unit_test(links),     cmocka_unit_test(statistics),
		cmocka_unit_test(makers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
