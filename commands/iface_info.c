/* What is this interface, how is it set up, and is it healthy?
 * Everything that rtnetlink, ethtool and sysfs know, each thing in one line with what it means. */
#include "ntsh/command.h"
#include "ntsh/counters.h"
#include "ntsh/iface_report.h"
#include "ntsh/vendor.h"

#include <stdio.h>
#include <string.h>

struct args {
	const char *interface;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_INTERFACE, 0, "interface", "IF", "which one", offsetof(struct args, interface), .flags = OPTION_REQUIRED },
	OPTION_END,
};

static const struct field fields[] = {
	{ "name", KIND_TEXT, "its name" },
	{ "index", KIND_INTEGER, "its number in this namespace" },
	{ "health", KIND_TEXT, "good, off, warn or bad" },
	{ "says", KIND_TEXT, "what is wrong with it" },
	{ "state", KIND_TEXT, "up, down (switched off), no carrier, lower down or dormant" },
	{ "kind", KIND_TEXT, "physical, loopback, bridge, veth, bond, vlan, tun, tap, vxlan, ifb ..." },
	{ "detail", KIND_TEXT, "its other end, members, VLAN, device" },
	{ "alias", KIND_TEXT, "the administrator's words for it" },
	{ "carrier_changes", KIND_COUNT, "how often the carrier came or went since boot" },
	{ "mac", KIND_TEXT, "its link-layer address" },
	{ "vendor", KIND_TEXT, "who made it, by the IEEE's list" },
	{ "mtu", KIND_INTEGER, "bytes of the largest packet" },
	{ "mtu_min", KIND_INTEGER, "the least that can be set" },
	{ "mtu_max", KIND_INTEGER, "the most that can be set" },
	{ "ipv6", KIND_FLAG, "IPv6 is switched on here" },
	{ "forwarding", KIND_FLAG, "IPv4 packets that come in here are routed on" },
	{ "rp_filter", KIND_INTEGER, "reverse path filter: 0 off, 1 strict, 2 loose (the greater of all and this one)" },
	{ "promiscuous", KIND_FLAG, "it takes frames for other machines, too" },
	{ "xdp", KIND_FLAG, "an XDP program looks at packets before the stack" },
	{ "addresses", KIND_NONE, "its addresses" },
	{ "addresses[].address", KIND_ADDRESS, "its own address" },
	{ "addresses[].prefix_length", KIND_COUNT, "of its network" },
	{ "addresses[].peer", KIND_ADDRESS, "the other end of a point-to-point address" },
	{ "addresses[].scope", KIND_TEXT, "global, site, link or host" },
	{ "addresses[].fault", KIND_TEXT, "tentative, duplicate or deprecated" },
	{ "addresses[].text", KIND_TEXT, "address and prefix, as people write it" },
	{ "addresses[].valid", KIND_SECONDS, "how long it is still valid; null: for ever" },
	{ "counters", KIND_NONE, "what was counted since boot and is not 0" },
	{ "counters[].name", KIND_TEXT, "the kernel's name" },
	{ "counters[].class", KIND_TEXT, "traffic, error, drop, or detail of one of those" },
	{ "counters[].value", KIND_COUNT, "since boot" },
	{ "counters[].means", KIND_TEXT, "what it counts" },
	IFACE_REPORT_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

/* All that is known of the one interface. */
struct view {
	struct ifaces ifaces;
	const struct iface *iface;
	struct iface_ethtool ethtool;
	struct iface_queue queues[IFACE_QUEUES_MAX];
	size_t queue_count;
	struct iface_qdiscs qdiscs;
};

static struct value flag_or_none(int64_t number)
{
	return number < 0 ? value_none() : value_flag(number > 0);
}

static struct value text_or_none(const char *text)
{
	return value_text(*text ? text : NULL);
}

/* --- the interface itself --- */

static int64_t sysctl_of(const struct iface *iface, const char *family, const char *name)
{
	char path[128], own[IFACE_NAME_MAX];
	int64_t found;
	snprintf(own, sizeof own, "%s", iface->name);
	for (char *c = own; *c; c++)
		if (*c == '.')
			*c = '/'; /* sysctl(8): a dot inside a name */
	snprintf(path, sizeof path, "net.%s.conf.%s.%s", family, own, name);
	return sysctl_read_int(path, 0, &found) < 0 ? -1 : found;
}

static void settings_put(struct result *result, const struct iface *iface)
{
	int64_t off6 = sysctl_of(iface, "ipv6", "disable_ipv6"), all = -1;
	int64_t filter = sysctl_of(iface, "ipv4", "rp_filter");
	(void)sysctl_read_int("net.ipv4.conf.all.rp_filter", 0, &all);
	filter = all > filter ? all : filter;
	result_put(result, "ipv6", value_flag(off6 == 0));
	result_put(result, "forwarding", flag_or_none(sysctl_of(iface, "ipv4", "forwarding")));
	result_put(result, "rp_filter", filter < 0 ? value_none() : value_integer(filter));
	result_put(result, "promiscuous", value_flag(iface->promiscuous > 0));
	result_put(result, "xdp", value_flag(iface->xdp));
}

static enum iface_health identity_put(struct result *result, const struct view *view)
{
	static const char *const names[] = { "good", "off", "warn", "bad" };
	const struct iface *iface = view->iface;
	char says[IFACE_DETAIL_MAX], detail[IFACE_DETAIL_MAX], mac[3 * IFACE_MAC_MAX];
	enum iface_health health = iface_judge(&view->ifaces, NULL, iface, &view->ethtool, says);
	struct vendors *vendors = iface->mac_length == 6 ? vendors_open() : NULL;
	bool zero = iface->mac_length == 6 && !memcmp(iface->mac, "\0\0\0\0\0\0", 6);
	result_put(result, "name", value_text(iface->name));
	result_put(result, "index", value_integer(iface->index));
	result_put(result, "health", value_text(names[health]));
	result_put(result, "says", text_or_none(says));
	result_put(result, "state", value_text(iface_state(iface)));
	result_put(result, "kind", value_text(iface->kind));
	result_put(result, "detail", text_or_none(iface_describe(&view->ifaces, iface, detail)));
	result_put(result, "alias", text_or_none(iface->alias));
	result_put(result, "carrier_changes", value_count(iface->carrier_changes));
	result_put(result, "mac",
		   zero ? value_none() : text_or_none(iface_mac(iface->mac, iface->mac_length, mac)));
	result_put(result, "vendor",
		   value_text(iface->mac_length == 6 && !zero ? vendor_name(vendors, iface->mac) : NULL));
	result_put(result, "mtu", value_integer(iface->mtu));
	result_put(result, "mtu_min", iface->mtu_min ? value_integer(iface->mtu_min) : value_none());
	result_put(result, "mtu_max", iface->mtu_max ? value_integer(iface->mtu_max) : value_none());
	settings_put(result, iface);
	vendors_close(vendors);
	return health;
}

static void identity_show(struct result *result, enum iface_health health)
{
	static const enum tone tones[] = { TONE_GOOD, TONE_FAINT, TONE_WARN, TONE_BAD };
	static const char *const badges[] = { "GOOD", "OFF", "LOOK", "FAULT" };
	result_headline(result, tones[health], badges[health],
			health == IFACE_GOOD ? "{name} is up and no fault is to be seen" : "{name} {says}",
			NULL);
	result_gap(result);
	result_item(result, "kind", TONE_PLAIN, "{kind}{detail?, {detail}}");
	result_item(result, "state", TONE_PLAIN,
		    "{state}{carrier_changes?; the carrier changed {carrier_changes} times since boot}");
	result_item(result, "alias", TONE_PLAIN, "{alias?{alias}}");
	result_item(result, "MAC", TONE_PLAIN, "{mac?{mac}{vendor? ({vendor})}}");
	result_item(result, "MTU", TONE_PLAIN, "{mtu} bytes{mtu_max?, can be {mtu_min} to {mtu_max}}");
}

static void addresses_put(struct result *result, const struct view *view)
{
	static const struct table table = { .name = "addresses" };
	char text[2 * ADDR_TEXT_MAX];
	bool any = false;
	result_list_open(result, &table);
	for (size_t i = 0; i < view->ifaces.address_count; i++) {
		const struct iface_address *address = &view->ifaces.addresses[i];
		if (address->index != view->iface->index)
			continue;
		const char *fault = iface_address_fault(address);
		any = true;
		result_row_open(result);
		result_put(result, "address", value_address(&address->addr));
		result_put(result, "prefix_length", value_count(address->prefix_length));
		result_put(result, "peer", value_address(&address->peer));
		result_put(result, "scope", value_text(iface_address_scope(address)));
		result_put(result, "fault", value_text(fault));
		result_put(result, "text", value_text(iface_address_text(address, text)));
		result_put(result, "valid",
			   address->valid == UINT32_MAX ? value_none() : value_seconds(address->valid));
		result_item(result, "address", fault ? TONE_WARN : TONE_PLAIN,
			    "{text}, {scope}{valid?, for {valid} more}{fault?, {fault}}");
		result_row_close(result);
	}
	result_list_close(result);
	if (!any)
		result_item(result, "address", TONE_FAINT, "none");
	result_item(result, "IPv6", TONE_PLAIN,
		    sysctl_of(view->iface, "ipv6", "disable_ipv6") == 0
			? "on"
			: "off (net.ipv6.conf, or the kernel has none)");
	result_item(result, "routing", TONE_PLAIN,
		    "{forwarding?forwards IPv4{rp_filter?, }}{rp_filter?reverse path filter {rp_filter}}");
}

/* --- counters --- */

static void counters_put(struct result *result, const struct iface *iface)
{
	static const char *const classes[] = { "traffic", "error", "drop", "detail" };
	static const struct table table = { .name = "counters" };
	bool any = false;
	result_list_open(result, &table);
	for (unsigned i = 0; i < iface->counter_count; i++) {
		const struct iface_counter_info *info = &iface_counters[i];
		if (!iface->counters[i])
			continue;
		any |= info->class_ != COUNTER_TRAFFIC;
		result_row_open(result);
		result_put(result, "name", value_text(info->name));
		result_put(result, "class", value_text(classes[info->class_]));
		result_put(result, "value", value_count(iface->counters[i]));
		result_put(result, "means", value_text(info->means));
		if (info->class_ != COUNTER_TRAFFIC)
			result_item(result, "since boot", TONE_PLAIN, "{name} {value}: {means}");
		result_row_close(result);
	}
	result_list_close(result);
	if (!any)
		result_item(result, "since boot", TONE_PLAIN, "no errors and no drops");
}

static void view_show(struct result *result, const struct view *view)
{
	identity_show(result, identity_put(result, view));
	addresses_put(result, view);
	iface_report_hardware(result, &view->ethtool);
	iface_report_queues(result, view->queues, view->queue_count);
	iface_report_qdiscs(result, &view->qdiscs);
	counters_put(result, view->iface);
	iface_report_statistics(result, &view->ethtool);
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct view view;
	if (ifaces_read(&view.ifaces, call->error) < 0)
		return call->error->status;
	ifaces_find_peers(&view.ifaces);
	view.iface = iface_find(&view.ifaces, args->interface);
	if (!view.iface) {
		ifaces_free(&view.ifaces);
		error_set(call->error, STATUS_CANNOT, "ENODEV", "see iface list", "%s has just gone",
			  args->interface);
		return STATUS_CANNOT;
	}
	iface_ethtool_read(view.iface, &view.ethtool);
	view.queue_count = iface_queues(view.iface, &view.ethtool, view.queues, IFACE_QUEUES_MAX);
	(void)iface_qdiscs_read(view.iface->index, &view.qdiscs, NULL);
	view_show(call->result, &view);
	char says[IFACE_DETAIL_MAX];
	enum iface_health health = iface_judge(&view.ifaces, NULL, view.iface, &view.ethtool, says);
	iface_qdiscs_free(&view.qdiscs);
	iface_ethtool_free(&view.ethtool);
	ifaces_free(&view.ifaces);
	return health == IFACE_BAD ? STATUS_BAD : STATUS_OK;
}

const struct command command_iface_info = {
	.name = "iface info",
	.summary = "what an interface is, how it is set up, and whether it is healthy",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
