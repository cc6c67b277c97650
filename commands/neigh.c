/* Who is on our links, and does each of them answer?
 * The kernel's neighbour table with the makers of the cards; who is dead, and which address two machines claim. */
#include "ntsh/neigh.h"
#include "ntsh/command.h"
#include "ntsh/iface.h"
#include "ntsh/route.h"
#include "ntsh/vendor.h"

#include <linux/neighbour.h>
#include <stdio.h>
#include <string.h>

enum { QUESTIONS_MAX = 1024 };
#define PROBE_WAIT (600 * NS_PER_MS)

struct args {
	const char *interface, *dev;
	bool probe, all;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_DASH, OPT_FLAG, 'p', "probe", NULL, "ask every IPv4 neighbour, and for our own addresses, and listen who answers (needs cap_net_raw)", offsetof(struct args, probe), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'a', "all", NULL, "also those that need no MAC address (loopback, multicast)", offsetof(struct args, all), 0, 0, NULL, 0, NULL },
	{ STYLE_KEYWORD, OPT_INTERFACE, 0, "dev", "IF", "only those on this interface", offsetof(struct args, dev), 0, 0, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_INTERFACE, 0, "interface", "IF", "the same", offsetof(struct args, interface), 0, 0, NULL, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "neighbours", KIND_NONE, "by interface, then by address" },
	{ "neighbours[].address", KIND_ADDRESS, "who" },
	{ "neighbours[].interface", KIND_TEXT, "on which link" },
	{ "neighbours[].mac", KIND_TEXT, "its link-layer address" },
	{ "neighbours[].vendor", KIND_TEXT, "who made the card, by the IEEE's list" },
	{ "neighbours[].state", KIND_TEXT, "incomplete, reachable, stale, delay, probe, failed, noarp or permanent" },
	{ "neighbours[].says", KIND_TEXT, "what the state means" },
	{ "neighbours[].router", KIND_FLAG, "it says that it is a router (IPv6)" },
	{ "neighbours[].confirmed_ms", KIND_TIME, "how long ago it was last known to be there" },
	{ "neighbours[].used_ms", KIND_TIME, "how long ago something was last sent to it" },
	{ "neighbours[].probes", KIND_COUNT, "questions without an answer so far" },
	{ "duplicates", KIND_NONE, "addresses that more than one machine claims" },
	{ "duplicates[].address", KIND_ADDRESS, "which" },
	{ "duplicates[].interface", KIND_TEXT, "where" },
	{ "duplicates[].own", KIND_FLAG, "it is one of this machine's own" },
	{ "duplicates[].macs", KIND_NONE, "who claims it" },
	{ "duplicates[].text", KIND_TEXT, "the same in one text" },
	{ "total", KIND_COUNT, "how many there are" },
	{ "answering", KIND_COUNT, "how many are known to be there, or were when last asked" },
	{ "dead", KIND_COUNT, "how many do not answer" },
	{ "asked", KIND_COUNT, "addresses that --probe asked for" },
	{ "duplicate", KIND_COUNT, "addresses that more than one machine claims" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

struct table_view {
	struct ifaces ifaces;
	struct neighbours neighbours;
	struct vendors *vendors;
	const char *interface;
	bool all;
	uint64_t total, answering, dead, asked, duplicate;
};

static const char *name_of(const struct table_view *view, int index)
{
	const struct iface *iface = iface_by_index(&view->ifaces, index);
	return iface ? iface->name : "?";
}

static bool is_wanted(const struct table_view *view, const struct neighbour *neighbour)
{
	if (view->interface && strcmp(view->interface, name_of(view, neighbour->index)))
		return false;
	return view->all || !(neighbour->state & NUD_NOARP);
}

static void row_put(struct result *result, const struct table_view *view, const struct neighbour *neighbour)
{
	char mac[3 * IFACE_MAC_MAX];
	bool known = neighbour->has_mac && !(neighbour->state & (NUD_FAILED | NUD_INCOMPLETE));
	result_row_open(result);
	result_put(result, "address", value_address(&neighbour->addr));
	result_put(result, "interface", value_text(name_of(view, neighbour->index)));
	result_put(result, "mac", value_text(known ? iface_mac(neighbour->mac, 6, mac) : NULL));
	result_put(result, "vendor", value_text(known ? vendor_name(view->vendors, neighbour->mac) : NULL));
	result_put(result, "state", value_text(neighbour_state_name(neighbour->state)));
	result_put(result, "says", value_text(neighbour_state_describe(neighbour->state)));
	result_put(result, "router", value_flag(neighbour->router));
	result_put(result, "confirmed_ms", value_time(known ? neighbour->confirmed : NS_NONE));
	result_put(result, "used_ms", value_time(neighbour->used));
	result_put(result, "probes", value_count(neighbour->probes));
	result_row_close(result);
}

static void rows_put(struct result *result, struct table_view *view)
{
	static const struct column columns[] = {
		{ .name = "address", .heading = "address" },
		{ .name = "interface", .heading = "on" },
		{ .name = "mac", .heading = "MAC" },
		{ .name = "state", .heading = "state" },
		{ .name = "confirmed_ms", .heading = "confirmed", .align = ALIGN_RIGHT },
		{ .name = "used_ms", .heading = "used", .align = ALIGN_RIGHT, .verbose = true },
		{ .name = "vendor", .heading = "maker", .flexible = true },
	};
	static const struct table table = { .name = "neighbours",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof columns[0] };
	result_list_open(result, &table);
	for (size_t i = 0; i < view->neighbours.count; i++) {
		const struct neighbour *neighbour = &view->neighbours.items[i];
		if (!is_wanted(view, neighbour))
			continue;
		view->total++;
		view->dead += (neighbour->state & (NUD_FAILED | NUD_INCOMPLETE)) != 0;
		view->answering += (neighbour->state & (NUD_FAILED | NUD_INCOMPLETE)) == 0;
		row_put(result, view, neighbour);
	}
	result_list_close(result);
}

/* --- who else claims it --- */

static void duplicate_put(struct result *result, struct table_view *view, const struct arp_question *question,
			  bool own)
{
	struct value values[ARP_ANSWERS_MAX + 1];
	char macs[ARP_ANSWERS_MAX][3 * IFACE_MAC_MAX], text[256] = "";
	size_t used = 0;
	for (uint8_t i = 0; i < question->answers; i++) {
		const char *maker = vendor_name(view->vendors, question->macs[i]);
		values[i] = value_text(iface_mac(question->macs[i], 6, macs[i]));
		if (used < sizeof text)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s%s", i ? ", " : "",
						 macs[i], maker ? " (" : "", maker ? maker : "",
						 maker ? ")" : "");
	}
	view->duplicate++;
	result_row_open(result);
	result_put(result, "address", value_address(&question->target));
	result_put(result, "interface", value_text(question->interface));
	result_put(result, "own", value_flag(own));
	result_put_list(result, "macs", values, question->answers);
	result_put(result, "text", value_text(text));
	result_item(result, "duplicate", TONE_BAD,
		    own ? "{address} on {interface} is ours, and another machine has it, too: {text}"
			: "{address} on {interface} is claimed by {text}");
	result_row_close(result);
}

static size_t questions_make(struct table_view *view, struct arp_question *questions, size_t *own)
{
	size_t count = 0;
	for (size_t i = 0; i < view->ifaces.address_count && count < QUESTIONS_MAX; i++) {
		const struct iface_address *address = &view->ifaces.addresses[i];
		const struct iface *iface = iface_by_index(&view->ifaces, address->index);
		if (address->addr.family == AF_INET && iface && iface_is_running(iface) &&
		    !addr_is_loopback(&address->addr) &&
		    (!view->interface || !strcmp(view->interface, iface->name)))
			questions[count++] = (struct arp_question){ .index = iface->index,
								    .interface = iface->name,
								    .target = address->addr };
	}
	*own = count;
	for (size_t i = 0; i < view->neighbours.count && count < QUESTIONS_MAX; i++) {
		const struct neighbour *neighbour = &view->neighbours.items[i];
		if (neighbour->addr.family == AF_INET && is_wanted(view, neighbour) &&
		    !(neighbour->state & NUD_NOARP))
			questions[count++] =
			    (struct arp_question){ .index = neighbour->index,
						   .interface = name_of(view, neighbour->index),
						   .target = neighbour->addr };
	}
	return count;
}

static int probe(struct call *call, struct table_view *view)
{
	static const struct table table = { .name = "duplicates" };
	static struct arp_question questions[QUESTIONS_MAX];
	size_t own, count = questions_make(view, questions, &own);
	result_progress(call->result, -1, PROBE_WAIT, "asking who has these addresses");
	int failed = count ? arp_ask(call->loop, questions, count, PROBE_WAIT, call->error) : 0;
	result_progress(call->result, 1, NS_NONE, NULL);
	view->asked = failed ? 0 : count;
	result_list_open(call->result, &table);
	for (size_t i = 0; i < count && !failed; i++)
		if (questions[i].answers > (i < own ? 0 : 1))
			duplicate_put(call->result, view, &questions[i], i < own);
	result_list_close(call->result);
	return failed;
}

static enum status view_show(struct call *call, struct table_view *view, bool probing)
{
	struct result *result = call->result;
	rows_put(result, view);
	result_gap(result);
	int failed = probing ? probe(call, view) : 0;
	result_put(result, "total", value_count(view->total));
	result_put(result, "answering", value_count(view->answering));
	result_put(result, "dead", value_count(view->dead));
	result_put(result, "asked", probing ? value_count(view->asked) : value_none());
	result_put(result, "duplicate", probing ? value_count(view->duplicate) : value_none());
	result_line(result, view->dead ? TONE_WARN : TONE_PLAIN,
		    view->total ? "{total} known{dead?, {dead} of them do not answer}{asked?; asked for "
				  "{asked} addresses, "
				  "{duplicate} of them have two owners}"
				: "no neighbour is known: nothing was sent to a link lately");
	if (failed)
		return call->error->status;
	return view->duplicate ? STATUS_BAD : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct table_view view = { .interface = args->dev         ? args->dev
						: args->interface ? args->interface
								  : call->settings->interface,
				   .all = args->all };
	if (ifaces_read(&view.ifaces, call->error) < 0)
		return call->error->status;
	enum status status = STATUS_CANNOT;
	if (neighbours_read(call->settings->family, &view.neighbours, call->error) == 0) {
		view.vendors = vendors_open();
		status = view_show(call, &view, args->probe);
	}
	vendors_close(view.vendors);
	neighbours_free(&view.neighbours);
	ifaces_free(&view.ifaces);
	return status;
}

const struct command command_neigh = {
	.name = "neigh",
	.summary = "who is on our links, whether they answer, and who made them",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
