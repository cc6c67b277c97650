/* Questions by netlink: refusals with the kernel's words, dumps that begin again, and attributes cut anywhere. */
#include "sys/netlink.h"
#include "net/route_read.h"
#include "ntsh/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool count_message(const struct nlmsghdr *message, void *arg)
{
	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	++*(int *)arg;
	return true;
}

static void a_dump_and_a_refusal(void **state)
{
	(void)state;
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, NULL);
	assert_non_null(netlink);
	struct netlink_request request;
	struct ifinfomsg *header = netlink_begin(&request, RTM_GETLINK, NLM_F_DUMP, sizeof *header);
	header->ifi_family = AF_UNSPEC;
	int links = 0;
	assert_int_equal(netlink_ask(netlink, &request, count_message, NULL, &links), 0);
	assert_true(links >= 1);
	header = netlink_begin(&request, RTM_GETLINK, 0, sizeof *header);
	header->ifi_index = 0x7ffffff0;
	assert_int_equal(netlink_ask(netlink, &request, count_message, NULL, &links), -1);
	assert_int_equal(errno, ENODEV);
	/* the same handle goes on */
	header = netlink_begin(&request, RTM_GETLINK, 0, sizeof *header);
	header->ifi_index = 1;
	int one = 0;
	assert_int_equal(netlink_ask(netlink, &request, count_message, NULL, &one), 0);
	assert_int_equal(one, 1);
	netlink_close(netlink);
}

static void loopback(void **state)
{
	(void)state;
	struct link_info link;
	assert_int_equal(link_get(1, &link, NULL), 0);
	assert_string_equal(link.name, "lo");
	assert_true(link.loopback && link.mtu > 0);
	struct error err = ERROR_INIT;
	assert_int_equal(link_get(0x7ffffff0, &link, &err), -1);
	assert_string_equal(err.code, "ENODEV");
	struct route_query query = { .destination = { .family = AF_INET, .bytes = { 127, 0, 0, 1 } } };
	struct route_decision decision;
	assert_int_equal(route_get(&query, &decision, NULL), 0);
	assert_int_equal(decision.type, RTN_LOCAL);
	assert_string_equal(decision.interface, "lo");
	assert_true(decision.has_match && decision.table == RT_TABLE_LOCAL);
	query.oif = "nosuchif0";
	assert_int_equal(route_get(&query, &decision, &err), -1);
	assert_int_equal(err.status, STATUS_USAGE);
}

/* A route to 10.1.0.0/16 of the given type, as a dump tells it. */
static struct nlmsghdr *route_message(struct netlink_request *request, uint8_t type, uint8_t length)
{
	struct rtmsg *header = netlink_begin(request, RTM_NEWROUTE, 0, sizeof *header);
	header->rtm_family = AF_INET;
	header->rtm_type = type;
	header->rtm_dst_len = length;
	header->rtm_table = RT_TABLE_MAIN;
	static const uint8_t prefix[4] = { 10, 1, 0, 0 };
	netlink_add(request, RTA_DST, prefix, sizeof prefix);
	netlink_add_u32(request, RTA_PRIORITY, 7);
	return (struct nlmsghdr *)request->bytes;
}

static void narrowest_cover(void **state)
{
	(void)state;
	struct netlink_request request;
	struct route_decision decision = { .destination = { .family = AF_INET, .bytes = { 10, 1, 2, 3 } },
					   .type = RTN_BLACKHOLE };
	route_read_cover(route_message(&request, RTN_UNREACHABLE, 16), &decision);
	assert_false(decision.has_match);
	route_read_cover(route_message(&request, RTN_BLACKHOLE, 24), &decision); /* 10.1.0.0/24: not ours */
	assert_false(decision.has_match);
	route_read_cover(route_message(&request, RTN_BLACKHOLE, 16), &decision);
	assert_true(decision.has_match && decision.prefix_length == 16 && decision.metric == 7);
	route_read_cover(route_message(&request, RTN_BLACKHOLE, 8), &decision);
	assert_int_equal(decision.prefix_length, 16);
	route_read_cover(route_message(&request, RTN_BLACKHOLE, 22), &decision);
	assert_int_equal(decision.prefix_length, 22);
	route_read_cover(route_message(&request, RTN_BLACKHOLE, 200), &decision);
	assert_int_equal(decision.prefix_length, 22);
}

static void cut_messages(void **state)
{
	(void)state;
	struct netlink_request request;
	struct nlmsghdr *whole = route_message(&request, RTN_UNICAST, 16);
	size_t length = whole->nlmsg_len;
	for (size_t cut = 0; cut <= length; cut++) {
		uint8_t *bytes = malloc(cut + 1);
		memcpy(bytes, request.bytes, cut);
		if (cut >= NLMSG_HDRLEN)
			((struct nlmsghdr *)bytes)->nlmsg_len = (uint32_t)cut;
		const uint8_t *at = bytes;
		size_t rest = cut;
		const struct nlmsghdr *message = netlink_message_next(&at, &rest);
		assert_int_equal(message != NULL, cut >= NLMSG_HDRLEN);
		struct route_decision decision = { .destination = { .family = AF_INET } };
		if (message)
			route_read_match(message, &decision);
		assert_int_equal(decision.metric, cut == length ? 7 : 0);
		free(bytes);
	}
	/* lengths that lie */
	whole->nlmsg_len = UINT32_MAX;
	const uint8_t *at = request.bytes;
	size_t rest = length;
	assert_null(netlink_message_next(&at, &rest));
}

static void attributes(void **state)
{
	(void)state;
	struct netlink_request request;
	netlink_begin(&request, RTM_NEWROUTE, 0, 4);
	netlink_add_text(&request, 1, "a name that is long");
	netlink_add_u32(&request, 2, 99);
	netlink_add_u32(&request, 900, 1);
	const struct nlattr *table[3];
	char text[7];
	assert_true(netlink_attributes((struct nlmsghdr *)request.bytes, 4, table, 2));
	netlink_text(table[1], text, sizeof text);
	assert_string_equal(text, "a name");
	netlink_text(NULL, text, sizeof text);
	assert_string_equal(text, "");
	assert_int_equal(netlink_u32(table[2], 5), 99);
	assert_true(netlink_u64(table[2], 5) == 5); /* too short for it */
	assert_int_equal(netlink_u32(table[0], 5), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_and_a_refusal), cmocka_unit_test(loopback),
		cmocka_unit_test(narrowest_cover),      cmocka_unit_test(cut_messages),
		cmocka_unit_test(attributes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
