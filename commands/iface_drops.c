/* Where do packets die inside this machine?
 * Every counter of a loss, from the card up to the sockets, twice: what moved in between, place by place. */
#include "ntsh/command.h"
#include "ntsh/losses.h"

#include <stdio.h>
#include <string.h>

struct args {
	const char *interface;
	ns_t interval;
};

static const struct args defaults = { NULL, 2 * NS_PER_S };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_DURATION, 'd', "for", "D", "how long to count (2s)", offsetof(struct args, interval), NS_PER_MS * 10, 3600 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_INTERFACE, 0, "interface", "IF", "only what concerns this one, and what is above all of them", offsetof(struct args, interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "interface", KIND_TEXT, "the one that was asked for" },
	{ "interval_ms", KIND_TIME, "between the two readings" },
	{ "received", KIND_COUNT, "packets that came in meanwhile" },
	{ "sent", KIND_COUNT, "packets that went out meanwhile" },
	{ "places", KIND_NONE, "the places that a packet passes, from the wire upwards" },
	{ "places[].place", KIND_TEXT, "card, ring, backlog, qdisc, netfilter, ip or socket" },
	{ "places[].says", KIND_TEXT, "where that is" },
	{ "places[].lost", KIND_COUNT, "packets lost there in the interval" },
	{ "places[].wanted", KIND_COUNT, "of these, how many because a rule says so" },
	{ "places[].since_boot", KIND_COUNT, "packets lost there since boot" },
	{ "places[].verdict", KIND_TEXT, "good, or what most of them died of" },
	{ "counters", KIND_NONE, "every counter of a loss that this user can read" },
	{ "counters[].place", KIND_TEXT, "where" },
	{ "counters[].name", KIND_TEXT, "the kernel's or driver's name" },
	{ "counters[].where", KIND_TEXT, "interface, CPU, rule, socket" },
	{ "counters[].scope", KIND_TEXT, "what it counts for: interface, namespace or machine" },
	{ "counters[].outgoing", KIND_FLAG, "packets of ours, else packets that arrived" },
	{ "counters[].hint", KIND_FLAG, "no loss of its own: why others happened, or what another counter counts as well" },
	{ "counters[].wanted", KIND_FLAG, "a rule says so" },
	{ "counters[].delta", KIND_COUNT, "in the interval" },
	{ "counters[].value", KIND_COUNT, "since boot" },
	{ "counters[].means", KIND_TEXT, "what it counts" },
	{ "lost", KIND_COUNT, "packets lost in the interval, at all places together" },
	{ "worst", KIND_TEXT, "the place where most of them died; null: none" },
	{ "uncounted", KIND_COUNT, "of these, taken by the firewall without a rule that counts: what came in or was sent, and went nowhere (IPv4)" },
	{ "silent_rules", KIND_COUNT, "firewall rules and policies that drop without counting" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

struct walk {
	const char *interface;
	struct losses before, now;
	uint64_t lost[LOSS_PLACES], wanted[LOSS_PLACES], old[LOSS_PLACES];
	const struct loss_counter *main[LOSS_PLACES]; /* the counter that moved most */
	uint64_t total, uncounted;
	enum loss_place worst;
};

/* What the firewall took without a rule that counts it: known from what came in and went nowhere. */
static uint64_t uncounted(const struct walk *walk)
{
	uint64_t counted = walk->wanted[LOSS_NETFILTER];
	int64_t in = walk->now.vanished_in - walk->before.vanished_in;
	int64_t out = walk->now.vanished_out_known ? walk->now.vanished_out - walk->before.vanished_out : 0;
	int64_t all = (in > 0 ? in : 0) + (out > 0 ? out : 0);
	return all > (int64_t)counted ? (uint64_t)all - counted : 0;
}

static void walk_sum(struct walk *walk)
{
	uint64_t most[LOSS_PLACES] = { 0 };
	for (size_t i = 0; i < walk->now.count; i++) {
		const struct loss_counter *counter = &walk->now.items[i];
		uint64_t delta = loss_delta(&walk->before, counter);
		if (counter->hint)
			continue;
		walk->lost[counter->place] += delta;
		walk->wanted[counter->place] += counter->wanted ? delta : 0;
		walk->old[counter->place] += counter->value;
		if (delta > most[counter->place]) {
			most[counter->place] = delta;
			walk->main[counter->place] = counter;
		}
	}
	walk->uncounted = uncounted(walk);
	walk->lost[LOSS_NETFILTER] += walk->uncounted;
	walk->wanted[LOSS_NETFILTER] += walk->uncounted;
	for (enum loss_place place = 0; place < LOSS_PLACES; place++) {
		walk->total += walk->lost[place];
		if (walk->lost[place] > walk->lost[walk->worst])
			walk->worst = place;
	}
}

static void places_put(struct result *result, const struct walk *walk)
{
	static const struct column columns[] = {
		{ .name = "place", .heading = "place" },
		{ .name = "lost", .heading = "lost", .align = ALIGN_RIGHT },
		{ .name = "since_boot", .heading = "since boot", .align = ALIGN_RIGHT },
		{ .name = "verdict", .heading = "", .flexible = true },
	};
	static const struct table table = { .name = "places", .columns = columns, .column_count = 4 };
	result_list_open(result, &table);
	for (enum loss_place place = 0; place < LOSS_PLACES; place++) {
		const struct loss_counter *counter = walk->main[place];
		char verdict[256] = "good";
		if (counter)
			snprintf(verdict, sizeof verdict, "%s%s%s", counter->name,
				 *counter->where ? " of " : "", counter->where);
		else if (walk->lost[place])
			snprintf(verdict, sizeof verdict, "rules that do not count");
		result_row_open(result);
		result_put(result, "place", value_text(loss_place_name(place)));
		result_put(result, "says", value_text(loss_place_describe(place)));
		result_put(result, "lost", value_count(walk->lost[place]));
		result_put(result, "wanted", value_count(walk->wanted[place]));
		result_put(result, "since_boot", value_count(walk->old[place]));
		result_put(result, "verdict", value_text(verdict));
		result_row_close(result);
	}
	result_list_close(result);
}

static void counters_put(struct result *result, const struct walk *walk)
{
	static const struct table table = { .name = "counters" };
	result_list_open(result, &table);
	for (size_t i = 0; i < walk->now.count; i++) {
		const struct loss_counter *counter = &walk->now.items[i];
		uint64_t delta = loss_delta(&walk->before, counter);
		result_row_open(result);
		result_put(result, "place", value_text(loss_place_name(counter->place)));
		result_put(result, "name", value_text(counter->name));
		result_put(result, "where", value_text(*counter->where ? counter->where : NULL));
		result_put(result, "scope", value_text(loss_scope_name(counter->scope)));
		result_put(result, "outgoing", value_flag(counter->outgoing));
		result_put(result, "hint", value_flag(counter->hint));
		result_put(result, "wanted", value_flag(counter->wanted));
		result_put(result, "delta", value_count(delta));
		result_put(result, "value", value_count(counter->value));
		result_put(result, "means", value_text(counter->means));
		if (delta)
			result_item(result, loss_place_name(counter->place),
				    counter->hint ? TONE_PLAIN : TONE_WARN,
				    "{name} +{delta}{where? ({where})}: {means}");
		result_row_close(result);
	}
	result_list_close(result);
}

static void remarks_show(struct result *result, const struct losses *now)
{
	if (now->rules_hidden)
		result_note(result, "firewall rules cannot be read by this user: run it as root, or setcap "
				    "cap_net_admin+ep on ntsh");
	if (now->rules_legacy)
		result_note(result, "rules of the old iptables are loaded, whose counters are not read here");
	if (now->silent_rules)
		result_note(result,
			    "%u firewall rules or policies drop without counting (%s): add a counter to see "
			    "which takes what",
			    now->silent_rules, now->silent_where);
}

static enum status walk_show(struct result *result, struct walk *walk)
{
	walk_sum(walk);
	uint64_t received = walk->now.received - walk->before.received,
		 sent = walk->now.sent - walk->before.sent;
	result_put(result, "interface", value_text(walk->interface));
	result_put(result, "interval_ms", value_time(walk->now.at - walk->before.at));
	result_put(result, "received", value_count(received));
	result_put(result, "sent", value_count(sent));
	result_put(result, "lost", value_count(walk->total));
	result_put(result, "worst", value_text(walk->total ? loss_place_name(walk->worst) : NULL));
	result_put(result, "uncounted", value_count(walk->uncounted));
	result_put(result, "silent_rules", value_count(walk->now.silent_rules));
	char sentence[256];
	snprintf(
	    sentence, sizeof sentence,
	    "{lost} packets died here in {interval_ms}, most of them %s; {received} came in, {sent} went out",
	    loss_place_describe(walk->worst));
	if (walk->total)
		result_headline(result, TONE_BAD, "DROPS", sentence, NULL);
	else
		result_headline(result, TONE_GOOD, "NO DROPS",
				"of {received} packets that came in and {sent} that went out in "
				"{interval_ms} none died here",
				NULL);
	result_gap(result);
	places_put(result, walk);
	result_gap(result);
	counters_put(result, walk);
	remarks_show(result, &walk->now);
	return walk->total ? STATUS_BAD : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct walk walk = { .interface = args->interface ? args->interface : call->settings->interface };
	if (losses_read(walk.interface, &walk.before, call->error) < 0)
		return call->error->status;
	result_progress(call->result, -1, args->interval, "watching where packets die");
	(void)loop_sleep(call->loop, args->interval);
	result_progress(call->result, 1, NS_NONE, NULL);
	enum status status = STATUS_CANNOT;
	if (losses_read(walk.interface, &walk.now, call->error) == 0)
		status = walk_show(call->result, &walk);
	losses_free(&walk.before);
	losses_free(&walk.now);
	return status;
}

const struct command command_iface_drops = {
	.name = "iface drops",
	.summary = "where packets die inside this machine, from the card to the sockets",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
