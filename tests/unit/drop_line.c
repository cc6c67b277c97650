/* The kernel's trace as text. */
#include "ntsh/drops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LONG_REASON ("kfree_skb: skbaddr=1 protocol=1 location=a reason: " "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

static bool parse(const char *line, struct drop_event *event)
{
	return drop_line_parse(line, strlen(line), event);
}

static const char *text_of(const struct addr *addr)
{
	static char text[ADDR_TEXT_MAX];
	return addr_format_port(addr, text);
}

static void test_freed(void **state)
{
	(void)state;
	struct drop_event event;
	assert_true(parse("kfree_skb: skbaddr=00000000e4741267 rx_sk=0000000000000000 protocol=2048 "
			  "location=tcp_v4_rcv+0x91/0x13f0 reason: NO_SOCKET",
			  &event));
	assert_int_equal(event.kind, DROP_FREED);
	assert_int_equal(event.packet, 0xe4741267);
	assert_int_equal(event.protocol, 0x0800);
	assert_string_equal(event.place, "tcp_v4_rcv");
	assert_string_equal(event.reason, "NO_SOCKET");
	assert_false(drop_words_find(event.reason)->normal);
	/* Linux 5.15: no reason yet. */
	assert_true(
	    parse("kfree_skb: skbaddr=00000000e4741267 protocol=34525 location=0xffffffff81234567", &event));
	assert_string_equal(event.reason, "NOT_SPECIFIED");
	assert_string_equal(event.place, "0xffffffff81234567");
}

static void test_flows(void **state)
{
	(void)state;
	struct drop_event event;
	assert_true(parse("tcp_send_reset: skbaddr=00000000e4741267 skaddr=0000000000000000 src=10.0.3.2:4 "
			  "dest=10.0.1.1:55610 "
			  "state=UNKNOWN reason=NO_SOCKET",
			  &event));
	assert_int_equal(event.kind, DROP_FLOW);
	assert_string_equal(text_of(&event.source), "10.0.1.1:55610");
	assert_string_equal(text_of(&event.destination), "10.0.3.2:4");
	assert_true(parse("icmp_send: icmp_send: type=3, code=3. From 127.0.0.1:50000 to 127.0.0.1:9 ulen=9 "
			  "skbaddr=0000000091a6d423",
			  &event));
	assert_string_equal(text_of(&event.destination), "127.0.0.1:9");
	assert_true(parse(
	    "tcp_retransmit_skb: skbaddr=0000000033b91996 skaddr=00000000c348ccb6 family=AF_INET6 sport=8088 "
	    "dport=50526 saddr=0.0.0.0 daddr=0.0.0.0 saddrv6=2001:db8::1 daddrv6=2001:db8::2 "
	    "state=TCP_ESTABLISHED err=0",
	    &event));
	assert_int_equal(event.kind, DROP_RESENT);
	assert_string_equal(text_of(&event.destination), "[2001:db8::2]:50526");
	assert_true(parse(
	    "inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP sport=55610 dport=4 saddr=10.0.1.1 "
	    "daddr=10.0.3.2 saddrv6=::ffff:10.0.1.1 daddrv6=::ffff:10.0.3.2 oldstate=TCP_SYN_SENT "
	    "newstate=TCP_CLOSE",
	    &event));
	assert_int_equal(event.kind, DROP_STATE);
	assert_string_equal(event.from_state, "SYN_SENT");
	assert_string_equal(event.state, "CLOSE");
	assert_string_equal(text_of(&event.source), "10.0.1.1:55610");
	assert_true(parse("netif_receive_skb: dev=eth0 skbaddr=0000000091a6d423 len=52", &event));
	assert_string_equal(event.device, "eth0");
	assert_true(parse("CPU:1 [LOST 123 EVENTS]", &event));
	assert_int_equal(event.count, 123);
}

static void test_malformed(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"",
		"kfree_skb: ",
		"kfree_skb: skbaddr=xyz protocol=1 location=a reason: B",
		"something else",
		"kfree_skb: skbaddr=1 protocol=99999 location=a reason: B",
		"kfree_skb: skbaddr=1 protocol=1",
		"kfree_skb: skbaddr=1 protocol=1 location=a reason: B\x1b[1m",
		"CPU:1 [LOST EVENTS]",
		LONG_REASON,
		"icmp_send: icmp_send: type=5, code=1. From 10.0.0.1:50000 to 10.0.0.2:9 ulen=9 skbaddr=0000000091a6d423",
		"tcp_send_reset: skbaddr=1 src=10.0.0.1:99999 dest=10.0.0.2:1",
	};
	struct drop_event event;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_false(parse(lines[i], &event));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
