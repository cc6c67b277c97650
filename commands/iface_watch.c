/* What happens on the interfaces, moment by moment?
 * Rates of those that carry something, every error that is counted, and every change of state, address or MTU. */
#include "ntsh/command.h"
#include "ntsh/iface.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct args {
	const char *interface;
	ns_t interval;
	int64_t count;
};

static const struct args defaults = { NULL, NS_PER_S, 0 };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 'i', "interval", "D", "how often to look (1s)", offsetof(struct args, interval), NS_PER_MS * 10, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "end after so many looks", offsetof(struct args, count), 1, 1000000000, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_INTERFACE, 0, "interface", "IF", "only this one", offsetof(struct args, interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "events", KIND_NONE, "one for each interface that carried something or changed, at each look" },
	{ "events[].at", KIND_DATE, "when" },
	{ "events[].interface", KIND_TEXT, "which" },
	{ "events[].rx_bps", KIND_BIT_RATE, "received" },
	{ "events[].tx_bps", KIND_BIT_RATE, "sent" },
	{ "events[].rx_pps", KIND_PACKET_RATE, "received" },
	{ "events[].tx_pps", KIND_PACKET_RATE, "sent" },
	{ "events[].errors", KIND_COUNT, "damaged or not sent" },
	{ "events[].drops", KIND_COUNT, "dropped" },
	{ "events[].says", KIND_TEXT, "what changed, and which errors were counted" },
	{ "looks", KIND_COUNT, "how often it looked" },
	{ "changes", KIND_COUNT, "changes of state, address or MTU that it saw" },
	{ "lost", KIND_COUNT, "errors and drops that were counted" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

struct watch {
	struct result *result;
	const char *interface;
	struct ifaces before, now;
	uint64_t looks, changes, lost;
};

/* What changed, as one text. */
struct story {
	char text[512];
	size_t used;
	unsigned parts;
};

static void tell(struct story *story, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct story *story, const char *format, ...)
{
	va_list args;
	if (story->used + 3 >= sizeof story->text)
		return;
	story->used += (size_t)snprintf(story->text + story->used, sizeof story->text - story->used, "%s",
					story->parts++ ? "; " : "");
	va_start(args, format);
	int length = vsnprintf(story->text + story->used, sizeof story->text - story->used, format, args);
	va_end(args);
	if (length > 0)
		story->used += (size_t)length;
	if (story->used >= sizeof story->text)
		story->used = sizeof story->text - 1;
}

static bool has_address(const struct ifaces *ifaces, const struct iface_address *wanted)
{
	for (size_t i = 0; i < ifaces->address_count; i++)
		if (ifaces->addresses[i].index == wanted->index &&
		    addr_equal(&ifaces->addresses[i].addr, &wanted->addr) &&
		    ifaces->addresses[i].prefix_length == wanted->prefix_length)
			return true;
	return false;
}

static void addresses_tell(struct story *story, const struct ifaces *in, const struct ifaces *missing,
			   int index, const char *what)
{
	char text[2 * ADDR_TEXT_MAX];
	for (size_t i = 0; i < in->address_count; i++)
		if (in->addresses[i].index == index && !has_address(missing, &in->addresses[i]))
			tell(story, "address %s %s", iface_address_text(&in->addresses[i], text), what);
}

static void state_tell(struct story *story, const struct iface *before, const struct iface *now)
{
	unsigned flaps = now->carrier_changes - before->carrier_changes;
	bool same = !strcmp(iface_state(before), iface_state(now));
	if (!same)
		tell(story, "%s (was %s)", iface_state(now), iface_state(before));
	if (flaps > (same ? 0 : 1))
		tell(story, "the carrier changed %u times", flaps);
	if (before->mtu != now->mtu)
		tell(story, "MTU %u (was %u)", now->mtu, before->mtu);
	if (before->master != now->master)
		tell(story, now->master ? "became a member of another interface" : "left its bridge or bond");
	if (strcmp(before->name, now->name))
		tell(story, "was %s before", before->name);
	if (before->mac_length != now->mac_length || memcmp(before->mac, now->mac, now->mac_length) != 0)
		tell(story, "has another MAC address");
}

static uint64_t losses_tell(struct story *story, const struct iface *before, const struct iface *now,
			    enum iface_counter_class class_)
{
	uint64_t total = 0;
	for (unsigned i = 0; i < now->counter_count; i++) {
		uint64_t delta = iface_delta(before, now, i);
		if (iface_counters[i].class_ != class_ || !delta)
			continue;
		total += delta;
		tell(story, "%s +%llu: %s", iface_counters[i].name, (unsigned long long)delta,
		     iface_counters[i].means);
	}
	return total;
}

static void row_put(struct watch *watch, const struct iface *before, const struct iface *now,
		    const struct iface *either)
{
	struct result *result = watch->result;
	struct story story = { .text = "" };
	double seconds = (double)(watch->now.at - watch->before.at) / 1e9;
	uint64_t errors = 0, drops = 0;
	if (before && now)
		state_tell(&story, before, now);
	else
		tell(&story, "%s", now ? "has come" : "is gone");
	int index = either->index;
	addresses_tell(&story, &watch->now, &watch->before, index, "came");
	addresses_tell(&story, &watch->before, &watch->now, index, "went");
	watch->changes += story.parts;
	if (before && now) {
		errors = losses_tell(&story, before, now, COUNTER_ERROR);
		drops = losses_tell(&story, before, now, COUNTER_DROP);
	}
	uint64_t packets = before && now ? iface_delta(before, now, IFACE_RX_PACKETS) +
					       iface_delta(before, now, IFACE_TX_PACKETS)
					 : 0;
	watch->lost += errors + drops;
	if (!packets && !story.parts)
		return;
	bool both = before && now;
	result_row_open(result);
	result_put(result, "at", value_date(clock_real()));
	result_put(result, "interface", value_text(either->name));
	result_put(result, "rx_bps",
		   both ? value_bit_rate(8 * (double)iface_delta(before, now, IFACE_RX_BYTES) / seconds)
			: value_none());
	result_put(result, "tx_bps",
		   both ? value_bit_rate(8 * (double)iface_delta(before, now, IFACE_TX_BYTES) / seconds)
			: value_none());
	result_put(result, "rx_pps",
		   both ? value_packet_rate((double)iface_delta(before, now, IFACE_RX_PACKETS) / seconds)
			: value_none());
	result_put(result, "tx_pps",
		   both ? value_packet_rate((double)iface_delta(before, now, IFACE_TX_PACKETS) / seconds)
			: value_none());
	result_put(result, "errors", value_count(errors));
	result_put(result, "drops", value_count(drops));
	result_put(result, "says", value_text(story.parts ? story.text : NULL));
	result_row_close(result);
}

static bool is_wanted(const struct watch *watch, const struct iface *iface)
{
	return !watch->interface || !strcmp(watch->interface, iface->name);
}

static void look(struct watch *watch)
{
	for (size_t i = 0; i < watch->now.count; i++) {
		const struct iface *now = &watch->now.items[i];
		if (is_wanted(watch, now))
			row_put(watch, iface_by_index(&watch->before, now->index), now, now);
	}
	for (size_t i = 0; i < watch->before.count; i++) {
		const struct iface *before = &watch->before.items[i];
		if (is_wanted(watch, before) && !iface_by_index(&watch->now, before->index))
			row_put(watch, before, NULL, before);
	}
	watch->looks++;
}

static enum loop_end watch_run(struct call *call, const struct args *args, struct watch *watch)
{
	enum loop_end end = LOOP_DONE;
	while (end == LOOP_DONE && !result_broken(call->result) &&
	       (!args->count || watch->looks < (uint64_t)args->count)) {
		end = loop_sleep(call->loop, args->interval);
		if (end != LOOP_DONE || ifaces_read(&watch->now, call->error) < 0)
			break;
		look(watch);
		ifaces_free(&watch->before);
		watch->before = watch->now;
		watch->now = (struct ifaces){ 0 };
	}
	return end;
}

static enum status run(struct call *call, const void *arguments)
{
	static const struct table table = {
		.name = "events",
		.line = "{at}  {interface}{rx_bps?  in {rx_bps}}{tx_bps?  out {tx_bps}}{errors?  {errors} "
			"errors}{drops?  {drops} drops}{says?  {says}}",
		.live = true,
	};
	const struct args *args = arguments;
	struct result *result = call->result;
	struct watch watch = { .result = result,
			       .interface = args->interface ? args->interface : call->settings->interface };
	if (ifaces_read(&watch.before, call->error) < 0)
		return call->error->status;
	if (!args->count)
		result_live(result);
	result_list_open(result, &table);
	enum loop_end end = watch_run(call, args, &watch);
	result_list_close(result);
	ifaces_free(&watch.before);
	result_put(result, "looks", value_count(watch.looks));
	result_put(result, "changes", value_count(watch.changes));
	result_put(result, "lost", value_count(watch.lost));
	result_line(result, watch.lost || watch.changes ? TONE_WARN : TONE_GOOD,
		    "{looks} looks: {changes} changes, {lost} packets lost");
	return end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : watch.lost ? STATUS_BAD : STATUS_OK;
}

const struct command command_iface_watch = {
	.name = "iface watch",
	.summary = "what happens on the interfaces, moment by moment",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
