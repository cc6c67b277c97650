/* Which interfaces are there, of what kind, in what state, with which addresses?
 * One row each; what is wrong stands below the table. */
#include "ntsh/iface.h"
#include "ntsh/command.h"

#include <stdio.h>
#include <string.h>

enum { VALUES_MAX = 64, ADDRESSES_TEXT_MAX = 512 };

struct args {
	int word;
	bool up;
	const char *kind;
};

static const char *const words[] = { "list", NULL };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_WORD, 0, "word", "list", "the same as the bare word", offsetof(struct args, word), .words = words },
	{ STYLE_KEYWORD, OPT_TEXT, 0, "kind", "KIND", "only this kind: physical, veth, bridge, vlan and so on",
	  offsetof(struct args, kind), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'u', "up", NULL, "only those that are up and able to carry packets", offsetof(struct args, up), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "interfaces", KIND_NONE, "all of them, by index" },
	{ "interfaces[].name", KIND_TEXT, "its name" },
	{ "interfaces[].index", KIND_INTEGER, "its number in this namespace" },
	{ "interfaces[].state", KIND_TEXT, "up, down (switched off), no carrier, lower down or dormant" },
	{ "interfaces[].kind", KIND_TEXT, "physical, loopback, bridge, veth, bond, vlan, tun, tap, vxlan, ifb ...; virtual: the kernel does not say" },
	{ "interfaces[].detail", KIND_TEXT, "its other end, members, VLAN; null when there is nothing to say" },
	{ "interfaces[].address", KIND_TEXT, "its addresses in one text, link-local ones only when there are no others" },
	{ "interfaces[].addresses", KIND_NONE, "all its addresses" },
	{ "interfaces[].addresses[].address", KIND_ADDRESS, "its own address" },
	{ "interfaces[].addresses[].prefix_length", KIND_COUNT, "of its network" },
	{ "interfaces[].addresses[].peer", KIND_ADDRESS, "the other end of a point-to-point address" },
	{ "interfaces[].addresses[].scope", KIND_TEXT, "global, site, link or host" },
	{ "interfaces[].addresses[].fault", KIND_TEXT, "tentative, duplicate (another machine has it) or deprecated" },
	{ "interfaces[].mac", KIND_TEXT, "its link-layer address" },
	{ "interfaces[].mtu", KIND_INTEGER, "bytes of the largest packet" },
	{ "interfaces[].master", KIND_TEXT, "the bridge or bond that it is a member of" },
	{ "interfaces[].peer", KIND_TEXT, "the other end of a veth, or the interface below" },
	{ "interfaces[].peer_namespace", KIND_TEXT, "where that is; null: in this namespace" },
	{ "interfaces[].carrier_changes", KIND_COUNT, "how often the carrier came or went since boot" },
	{ "interfaces[].rx_packets", KIND_COUNT, "received since boot" },
	{ "interfaces[].tx_packets", KIND_COUNT, "sent since boot" },
	{ "interfaces[].errors", KIND_COUNT, "damaged or not sent since boot" },
	{ "interfaces[].drops", KIND_COUNT, "dropped since boot" },
	{ "interfaces[].health", KIND_TEXT, "good, off, warn or bad" },
	{ "interfaces[].says", KIND_TEXT, "what is wrong with it" },
	{ "total", KIND_COUNT, "how many there are" },
	{ "running", KIND_COUNT, "how many of them are up and able to carry packets" },
	{ "off", KIND_COUNT, "how many are switched off or idle by nature" },
	{ "bad", KIND_COUNT, "how many have a fault" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static const char *health_name(enum iface_health health)
{
	static const char *const names[] = { "good", "off", "warn", "bad" };
	return names[health];
}

/* --- addresses --- */

static void address_row_put(struct result *result, const struct iface_address *address)
{
	result_row_open(result);
	result_put(result, "address", value_address(&address->addr));
	result_put(result, "prefix_length", value_count(address->prefix_length));
	result_put(result, "peer", value_address(&address->peer));
	result_put(result, "scope", value_text(iface_address_scope(address)));
	result_put(result, "fault", value_text(iface_address_fault(address)));
	result_row_close(result);
}

/* All addresses into JSON; for people the routable ones, link-local ones when there is nothing else. */
static void addresses_put(struct result *result, const struct ifaces *ifaces, const struct iface *iface)
{
	static const struct table table = { .name = "addresses" };
	char text[ADDRESSES_TEXT_MAX] = "", one[2 * ADDR_TEXT_MAX];
	size_t used = 0;
	for (int links = 0; links < 2 && !used; links++)
		for (size_t i = 0; i < ifaces->address_count; i++) {
			const struct iface_address *address = &ifaces->addresses[i];
			if (address->index != iface->index || addr_is_link_local(&address->addr) != links ||
			    used >= sizeof text)
				continue;
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "",
						 iface_address_text(address, one));
		}
	result_put(result, "address", value_text(*text ? text : NULL));
	result_list_open(result, &table);
	for (size_t i = 0; i < ifaces->address_count; i++)
		if (ifaces->addresses[i].index == iface->index)
			address_row_put(result, &ifaces->addresses[i]);
	result_list_close(result);
}

/* --- rows --- */

static void iface_put(struct result *result, const struct ifaces *ifaces, const struct iface *iface,
		      enum iface_health health, const char *says)
{
	char detail[IFACE_DETAIL_MAX], mac[3 * IFACE_MAC_MAX];
	const struct iface *master = iface->master ? iface_by_index(ifaces, iface->master) : NULL;
	iface_describe(ifaces, iface, detail);
	iface_mac(iface->mac, iface->mac_length, mac);
	result_put(result, "name", value_text(iface->name));
	result_put(result, "index", value_integer(iface->index));
	result_put(result, "state", value_text(iface_state(iface)));
	result_put(result, "kind", value_text(iface->kind));
	result_put(result, "detail", value_text(*detail ? detail : NULL));
	addresses_put(result, ifaces, iface);
	result_put(result, "mac", value_text(*mac ? mac : NULL));
	result_put(result, "mtu", value_integer(iface->mtu));
	result_put(result, "master", value_text(master ? master->name : NULL));
	result_put(result, "peer", value_text(*iface->peer_name ? iface->peer_name : NULL));
	result_put(result, "peer_namespace", value_text(*iface->peer_ns ? iface->peer_ns : NULL));
	result_put(result, "carrier_changes", value_count(iface->carrier_changes));
	result_put(result, "rx_packets", value_count(iface->counters[IFACE_RX_PACKETS]));
	result_put(result, "tx_packets", value_count(iface->counters[IFACE_TX_PACKETS]));
	result_put(result, "errors",
		   value_count(iface->counters[IFACE_RX_ERRORS] + iface->counters[IFACE_TX_ERRORS]));
	result_put(result, "drops",
		   value_count(iface->counters[IFACE_RX_DROPPED] + iface->counters[IFACE_TX_DROPPED]));
	result_put(result, "health", value_text(health_name(health)));
	result_put(result, "says", value_text(*says ? says : NULL));
}

static bool is_wanted(const struct args *args, const struct iface *iface)
{
	return (!args->up || iface_is_running(iface)) && (!args->kind || !strcmp(args->kind, iface->kind));
}

struct sums {
	uint64_t total, running, off, bad;
};

static void rows_put(struct result *result, const struct ifaces *ifaces, const struct args *args,
		     struct sums *sums)
{
	static const struct column columns[] = {
		{ .name = "name", .heading = "name" },
		{ .name = "state", .heading = "state" },
		{ .name = "kind", .heading = "kind" },
		{ .name = "mtu", .heading = "MTU", .align = ALIGN_RIGHT },
		{ .name = "address", .heading = "addresses" },
		{ .name = "mac", .heading = "MAC", .verbose = true },
		{ .name = "detail", .heading = "", .flexible = true },
	};
	static const struct table table = { .name = "interfaces",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof columns[0] };
	result_list_open(result, &table);
	for (size_t i = 0; i < ifaces->count; i++) {
		const struct iface *iface = &ifaces->items[i];
		char says[IFACE_DETAIL_MAX];
		if (!is_wanted(args, iface))
			continue;
		enum iface_health health = iface_judge(ifaces, NULL, iface, NULL, says);
		sums->total++;
		sums->running += iface_is_running(iface);
		sums->off += health == IFACE_OFF;
		sums->bad += health == IFACE_BAD;
		result_row_open(result);
		iface_put(result, ifaces, iface, health, says);
		result_row_close(result);
	}
	result_list_close(result);
}

/* What is wrong, below the table, where it is not cut. */
static void faults_show(struct result *result, const struct ifaces *ifaces, const struct args *args)
{
	for (size_t i = 0; i < ifaces->count; i++) {
		const struct iface *iface = &ifaces->items[i];
		char says[IFACE_DETAIL_MAX];
		enum iface_health health = iface_judge(ifaces, NULL, iface, NULL, says);
		if (is_wanted(args, iface) && health >= IFACE_WARN)
			result_item(result, iface->name, health == IFACE_BAD ? TONE_BAD : TONE_WARN, says);
	}
	for (size_t i = 0; i < ifaces->address_count; i++) {
		const struct iface *iface = iface_by_index(ifaces, ifaces->addresses[i].index);
		const char *fault = iface_address_fault(&ifaces->addresses[i]);
		if (iface && fault && !strcmp(fault, "duplicate"))
			result_item(result, iface->name, TONE_BAD,
				    "has an IPv6 address that another machine has, too: it is not used");
	}
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct ifaces ifaces;
	struct sums sums = { 0 };
	if (ifaces_read(&ifaces, call->error) < 0)
		return call->error->status;
	ifaces_find_peers(&ifaces);
	rows_put(result, &ifaces, args, &sums);
	result_put(result, "total", value_count(sums.total));
	result_put(result, "running", value_count(sums.running));
	result_put(result, "off", value_count(sums.off));
	result_put(result, "bad", value_count(sums.bad));
	result_gap(result);
	faults_show(result, &ifaces, args);
	result_line(
	    result, TONE_PLAIN,
	    "{running} of {total} carry packets{off?, {off} switched off or idle}{bad?, {bad} with a fault}");
	ifaces_free(&ifaces);
	return STATUS_OK;
}

const struct command command_iface = {
	.name = "iface",
	.summary = "the interfaces: kind, state, addresses, and what is wrong with them",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
