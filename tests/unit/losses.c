/* What the kernel says about losses, neighbours and connections: its texts and messages, whole and cut. */
#include "net/conntrack_read.h"
#include "net/losses_read.h"
#include "net/neigh_read.h"
#include "sys/netlink.h"

/* before linux/netfilter.h, which defines the same otherwise */
#include <netinet/in.h>

#include <endian.h>
#include <linux/neighbour.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct loss_counter *find(const struct losses *losses, const char *name, const char *where)
{
	for (size_t i = 0; i < losses->count; i++)
		if (!strcmp(losses->items[i].name, name) && !strcmp(losses->items[i].where, where))
			return &losses->items[i];
	return NULL;
}

static void softnet(void **state)
{
	(void)state;
	struct losses losses = { 0 };
	losses_read_softnet(&losses, "00000666 0000000a 00000003 0 0 0 0 0 0 0 0 0 00000000 0 0\n"
				     "00000001 00000000 00000000 0 0 0 0 0 0 0 00000007 0 00000005 0 0\n"
				     "damaged\n");
	assert_int_equal(losses.count, 6);
	assert_int_equal(find(&losses, "dropped", "CPU 0")->value, 10);
	assert_int_equal(find(&losses, "time_squeeze", "CPU 0")->value, 3);
	assert_true(find(&losses, "time_squeeze", "CPU 0")->hint);
	assert_int_equal(find(&losses, "flow_limit", "CPU 5")->value, 7);
	losses_free(&losses);
}

static void sockets(void **state)
{
	(void)state;
	struct losses losses = { 0 };
	losses_read_sockets(&losses, "UDP",
			    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
			    "uid  timeout inode ref "
			    "pointer drops\n"
			    "  100: 0100007F:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000    "
			    " 0        0 12 2 0 42   \n"
			    "  101: 0100007F:1389 00000000:0000 07 00000000:00000000 00:00000000 00000000    "
			    " 0        0 12 2 0 0\n"
			    "  102: 00000000000000000000000001000000:0035 0:0 07 0:0 0:0 0 0 0 12 2 0 7\n"
			    "  103: nonsense 9\n"
			    "  104");
	assert_int_equal(losses.count, 2);
	assert_int_equal(find(&losses, "drops", "UDP 127.0.0.1:5000")->value, 42);
	assert_int_equal(find(&losses, "drops", "UDP [::1]:53")->value, 7);
	losses_free(&losses);
}

static void tracking(void **state)
{
	(void)state;
	struct losses losses = { 0 };
	losses_read_conntrack(&losses, "entries  found insert_failed drop early_drop\n"
				       "00000000  0000000a 00000002 00000010 00000000\n"
				       "00000000  00000001 00000003 00000001\n");
	assert_int_equal(find(&losses, "conntrack.insert_failed", "")->value, 5);
	assert_int_equal(find(&losses, "conntrack.drop", "")->value, 17);
	/* a later reading; a counter that went back was set anew */
	struct losses now = { 0 };
	losses_read_conntrack(&now, "entries drop insert_failed\n0 20 1\n");
	assert_int_equal(loss_delta(&losses, find(&now, "conntrack.drop", "")), 32 - 17);
	assert_int_equal(loss_delta(&losses, find(&now, "conntrack.insert_failed", "")), 1);
	losses_free(&losses);
	losses_free(&now);
}

/* --- rules: nested by hand, as the kernel does --- */

struct nest {
	uint8_t bytes[512];
	size_t length;
};

static void nest_add(struct nest *nest, uint16_t type, const void *bytes, size_t size)
{
	struct nlattr header = { (uint16_t)(sizeof header + size), type };
	memcpy(nest->bytes + nest->length, &header, sizeof header);
	memcpy(nest->bytes + nest->length + sizeof header, bytes, size);
	nest->length += (sizeof header + size + 3) & ~(size_t)3;
}

static void nest_put(struct nest *nest, uint16_t type, const struct nest *inner)
{
	nest_add(nest, type, inner->bytes, inner->length);
}

static void expression(struct nest *list, const char *name, const struct nest *data)
{
	struct nest one = { .length = 0 };
	nest_add(&one, NFTA_EXPR_NAME, name, strlen(name) + 1);
	nest_put(&one, NFTA_EXPR_DATA, data);
	nest_put(list, NFTA_LIST_ELEM, &one);
}

static struct nlmsghdr *rule_message(struct netlink_request *request, bool counted, uint32_t verdict)
{
	struct nest list = { .length = 0 }, data = { .length = 0 }, value = data, code = data, counter = data;
	uint64_t packets = htobe64(77);
	uint32_t number = htobe32(verdict);
	nest_add(&counter, NFTA_COUNTER_PACKETS, &packets, sizeof packets);
	nest_add(&code, NFTA_VERDICT_CODE, &number, sizeof number);
	nest_put(&value, NFTA_DATA_VERDICT, &code);
	nest_put(&data, NFTA_IMMEDIATE_DATA, &value);
	if (counted)
		expression(&list, "counter", &counter);
	expression(&list, "immediate", &data);
	struct nfgenmsg *header =
	    netlink_begin(request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE, 0, sizeof *header);
	header->nfgen_family = NFPROTO_INET;
	netlink_add_text(request, NFTA_RULE_TABLE, "filter");
	netlink_add_text(request, NFTA_RULE_CHAIN, "input");
	uint64_t handle = htobe64(9);
	netlink_add(request, NFTA_RULE_HANDLE, &handle, sizeof handle);
	netlink_add(request, NFTA_RULE_EXPRESSIONS, list.bytes, list.length);
	return (struct nlmsghdr *)request->bytes;
}

static void rules(void **state)
{
	(void)state;
	static struct loss_chains chains = { 1, { { NFPROTO_INET, NF_INET_LOCAL_IN, "filter", "input" } } };
	struct netlink_request request;
	struct losses losses = { 0 };
	losses_read_rule(&losses, &chains, rule_message(&request, true, NF_DROP));
	assert_int_equal(losses.count, 1);
	assert_string_equal(losses.items[0].where, "inet filter input, handle 9");
	assert_int_equal(losses.items[0].value, 77);
	assert_true(losses.items[0].wanted && !losses.items[0].outgoing);
	/* the hook decides, not the name */
	chains.items[0].hook = NF_INET_LOCAL_OUT;
	losses_read_rule(&losses, &chains, rule_message(&request, true, NF_DROP));
	assert_true(losses.items[1].outgoing);
	losses.count = 1;
	losses_read_rule(&losses, &chains, rule_message(&request, true, NF_ACCEPT));
	assert_int_equal(losses.count, 1);
	assert_int_equal(losses.silent_rules, 0);
	struct nlmsghdr *message = rule_message(&request, false, NF_DROP);
	losses_read_rule(&losses, &chains, message);
	assert_int_equal(losses.count, 1);
	assert_int_equal(losses.silent_rules, 1);
	assert_string_equal(losses.silent_where, "a rule of inet filter input");
	for (uint32_t cut = NLMSG_HDRLEN; cut < message->nlmsg_len; cut++) {
		uint8_t *bytes = malloc(cut);
		memcpy(bytes, message, cut);
		((struct nlmsghdr *)bytes)->nlmsg_len = cut;
		losses_read_rule(&losses, &chains, (struct nlmsghdr *)bytes);
		losses_read_chain(&losses, &chains, (struct nlmsghdr *)bytes);
		free(bytes);
	}
	assert_int_equal(losses.count, 1);
	losses_free(&losses);
}

/* --- connections --- */

static void connections(void **state)
{
	(void)state;
	struct netlink_request request;
	struct nest ip = { .length = 0 }, proto = ip, tuple = ip;
	uint8_t number = IPPROTO_UDP;
	uint16_t port = htobe16(53);
	nest_add(&ip, CTA_IP_V4_SRC, "\xc0\0\2\1", 4);
	nest_add(&ip, CTA_IP_V4_DST, "\xc0\0\2\2", 4);
	nest_add(&proto, CTA_PROTO_NUM, &number, 1);
	nest_add(&proto, CTA_PROTO_DST_PORT, &port, 2);
	nest_put(&tuple, CTA_TUPLE_IP, &ip);
	nest_put(&tuple, CTA_TUPLE_PROTO, &proto);
	netlink_begin(&request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW, 0, sizeof(struct nfgenmsg));
	netlink_add(&request, CTA_TUPLE_ORIG, tuple.bytes, tuple.length);
	uint32_t status = htobe32(IPS_SEEN_REPLY), timeout = htobe32(30);
	netlink_add(&request, CTA_STATUS, &status, 4);
	netlink_add(&request, CTA_TIMEOUT, &timeout, 4);
	struct conntrack_entry entry;
	char text[ADDR_TEXT_MAX];
	const struct nlmsghdr *message = (struct nlmsghdr *)request.bytes;
	assert_true(conntrack_read_entry(message, &entry));
	assert_string_equal(addr_format_port(&entry.target, text), "192.0.2.2:53");
	assert_string_equal(conntrack_protocol_name(entry.protocol), "udp");
	assert_string_equal(conntrack_state_name(&entry), "replied");
	assert_int_equal(entry.timeout, 30);
	assert_int_equal(entry.reply_source.family, AF_UNSPEC);
	entry.protocol = IPPROTO_TCP;
	entry.state = 200;
	assert_string_equal(conntrack_state_name(&entry), "unknown");
	struct conntrack full = { .has_count = true, .count = 90, .max = 100 };
	assert_int_equal((int)conntrack_fill(&full), 90);
	full.max = 0;
	assert_true(conntrack_fill(&full) < 0);
}

/* --- neighbours --- */

static void arp(void **state)
{
	(void)state;
	uint8_t bytes[ARP_LENGTH], mac[6];
	struct addr sender, target = { .family = AF_INET, .bytes = { 192, 0, 2, 9 } };
	arp_write(bytes, (const uint8_t *)"\2\0\0\0\0\1", &target);
	assert_memory_equal(bytes, "\0\1\10\0\6\4\0\1\2\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\xc0\0\2\11",
			    ARP_LENGTH);
	assert_false(arp_read(bytes, sizeof bytes, &sender, mac)); /* a question is no answer */
	bytes[7] = 2;
	memcpy(bytes + 14, target.bytes, 4);
	assert_true(arp_read(bytes, sizeof bytes, &sender, mac));
	assert_true(addr_equal(&sender, &target));
	assert_memory_equal(mac, "\2\0\0\0\0\1", 6);
	assert_false(arp_read(bytes, sizeof bytes - 1, &sender, mac));
}

static void neighbours(void **state)
{
	(void)state;
	struct netlink_request request;
	struct neighbour neighbour;
	struct ndmsg *header = netlink_begin(&request, RTM_NEWNEIGH, 0, sizeof *header);
	header->ndm_family = AF_INET;
	header->ndm_ifindex = 3;
	header->ndm_state = NUD_STALE;
	netlink_add(&request, NDA_DST, "\xc0\0\2\1", 4);
	netlink_add(&request, NDA_LLADDR, "\2\0\0\0\0\1", 6);
	struct nda_cacheinfo info = { .ndm_confirmed = 250, .ndm_used = 100 };
	netlink_add(&request, NDA_CACHEINFO, &info, sizeof info);
	assert_true(neigh_read((struct nlmsghdr *)request.bytes, &neighbour));
	assert_int_equal(neighbour.confirmed, 2500 * NS_PER_MS);
	assert_true(neighbour.has_mac && neighbour.index == 3);
	/* an address that is shorter than its family's is none */
	header = netlink_begin(&request, RTM_NEWNEIGH, 0, sizeof *header);
	header->ndm_family = AF_INET6;
	netlink_add(&request, NDA_DST, "\xc0\0\2\1", 4);
	assert_true(neigh_read((struct nlmsghdr *)request.bytes, &neighbour));
	assert_int_equal(neighbour.addr.family, AF_UNSPEC);
	assert_true(neighbour.used == NS_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(softnet),    cmocka_unit_test(sockets),     cmocka_unit_test(tracking),
		cmocka_unit_test(rules),      cmocka_unit_test(connections), cmocka_unit_test(arp),
		cmocka_unit_test(neighbours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
