/* When does what the servers say about NAME change?
 * Asks again and again, and shows a row for each change: what came, what went, who stopped answering. */
#include "ntsh/dns_ask.h"
#include "ntsh/dns_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES_MAX = 16, TEXT_MAX = 1 << 14 };

/* clang-format off */
struct args {
	struct dns_ask ask;
	const char *name;
	bool authorities;
	int64_t count;
	ns_t interval;
};

static const struct args defaults = { .ask = DNS_ASK_DEFAULTS, .interval = 10 * NS_PER_S };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "name", .metavar = "NAME", AT(name), .flags = OPTION_REQUIRED,
	  .help = "a name, or an address to look up backwards" },
	DNS_ASK_OPTIONS(struct args),
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "authorities", AT(authorities), .help = "ask all of the zone's own name servers" },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'c', .name = "count", .metavar = "N", AT(count), .max = INT32_MAX,
	  .help = "end after so many rounds; 0: when stopped" },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .letter = 'i', .name = "interval", .metavar = "D", AT(interval),
	  .min = 100 * NS_PER_MS, .max = 86400 * NS_PER_S, .help = "from one round to the next (10s)" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "changes", KIND_NONE, "what each server says at first, and each change" },
	{ "changes[].at", KIND_DATE, "when it was seen" },
	{ "changes[].server", KIND_ENDPOINT, "who says it" },
	{ "changes[].event", KIND_TEXT, "first, changed, silent or back" },
	{ "changes[].status", KIND_TEXT, "NOERROR, NXDOMAIN ... TIMEOUT" },
	{ "changes[].has", KIND_TEXT, "what came; of the first answer all of it" },
	{ "changes[].lost", KIND_TEXT, "what went" },
	{ "changes[].time_ms", KIND_TIME, "how long the answer took" },
	{ "changes[].ttl", KIND_INTEGER, "how long its records may be kept" },
	{ "changes[].says", KIND_TEXT, "the row in words" },
	{ "rounds", KIND_COUNT, "how often was asked" },
	{ "change_count", KIND_COUNT, "changes after the first answers" },
	{ "servers", KIND_COUNT, "how many servers were asked" },
	{ "summary", KIND_TEXT, "the same in a sentence" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "at", .heading = "when" },
	{ .name = "server", .heading = "server" },
	{ .name = "event", .heading = "event", .min_width = 7 },
	{ .name = "status", .heading = "status", .min_width = 8 },
	{ .name = "time_ms", .heading = "time", .align = ALIGN_RIGHT, .min_width = 8 },
	{ .name = "says", .heading = "what", .align = ALIGN_WHOLE },
};
static const struct table table = { .name = "changes", .columns = columns, .column_count = sizeof columns / sizeof columns[0], .live = true };
/* clang-format on */

/* What a server said last. */
struct memory {
	char status[16];
	bool answered;
	struct dns_set set;
};

struct watch {
	struct call *call;
	const struct args *args;
	struct dns_request request;
	struct dns_servers servers;
	struct memory memories[DNS_SERVERS_MAX];
	const char *name;
	uint16_t types[TYPES_MAX];
	size_t type_count;
	uint64_t rounds, changes;
	bool silent; /* no server answered in the last round */
};

static void row_emit(struct watch *watch, const struct dns_view *view, const struct memory *before,
		     const char *event)
{
	static const struct dns_set nothing;
	static char has[TEXT_MAX], lost[TEXT_MAX], says[2 * TEXT_MAX + 32];
	struct result *r = watch->call->result;
	const struct dns_set *old = before ? &before->set : &nothing;
	dns_set_text(&view->set, old, has, sizeof has);
	dns_set_text(old, view->answered ? &view->set : old, lost, sizeof lost);
	if (!view->answered)
		snprintf(says, sizeof says, "%s", view->meaning);
	else if (!before)
		snprintf(says, sizeof says, "%s", *has ? has : view->meaning);
	else
		snprintf(says, sizeof says, "%s%s%s%s%s", *has ? "+ " : "", has, *has && *lost ? "  " : "",
			 *lost  ? "- "
			 : *has ? ""
				: view->meaning,
			 lost);
	result_row_open(r);
	result_put(r, "at", value_date(clock_real()));
	result_put(r, "server", value_endpoint(&view->server->addr));
	result_put(r, "event", value_text(event));
	result_put(r, "status", value_text(view->status));
	result_put(r, "has", value_text(*has ? has : NULL));
	result_put(r, "lost", value_text(*lost ? lost : NULL));
	result_put(r, "time_ms", value_time(view->rtt));
	result_put(r, "ttl", view->set.count ? value_integer(view->ttl) : value_none());
	result_put(r, "says", value_text(says));
	result_row_close(r);
}

/* What is known of the server becomes what it says now; the set moves over. */
static void remember(struct memory *memory, struct dns_view *view)
{
	memcpy(memory->status, view->status, sizeof memory->status);
	memory->answered = view->answered;
	if (!view->answered)
		return;
	dns_set_release(&memory->set);
	memory->set = view->set;
	view->set = (struct dns_set){ 0 };
}

static void look(struct watch *watch, struct memory *memory, struct dns_view *view)
{
	bool first = watch->rounds == 0;
	bool same = memory->answered == view->answered &&
		    (!view->answered ||
		     (strcmp(memory->status, view->status) == 0 && dns_set_equal(&memory->set, &view->set)));
	if (!first && same)
		return;
	const char *event = first               ? "first"
			    : !view->answered   ? "silent"
			    : !memory->answered ? "back"
						: "changed";
	watch->changes += !first;
	row_emit(watch, view, first ? NULL : memory, event);
	remember(memory, view);
}

static enum loop_end round_run(struct watch *watch)
{
	struct dns_comparison comparison;
	enum loop_end end = dns_compare_run(watch->call->loop, &watch->request, watch->name, watch->types,
					    watch->type_count, &watch->servers, &comparison);
	/* A round that was broken off says nothing about its servers. */
	for (size_t i = 0; i < comparison.count && end == LOOP_DONE; i++)
		look(watch, &watch->memories[i], &comparison.views[i]);
	if (end == LOOP_DONE) {
		watch->rounds++;
		watch->silent = comparison.answered == 0;
	}
	dns_comparison_release(&comparison);
	return end;
}

static enum loop_end rounds_run(struct watch *watch)
{
	uint64_t most = (uint64_t)watch->args->count;
	ns_t next = clock_mono();
	for (;;) {
		enum loop_end end = round_run(watch);
		if (end != LOOP_DONE || result_broken(watch->call->result) || watch->rounds == most)
			return end;
		next += watch->args->interval;
		ns_t now = clock_mono();
		if (next < now)
			next = now;
		end = loop_sleep(watch->call->loop, next - now);
		if (end != LOOP_DONE)
			return end;
	}
}

static int servers_find(struct watch *watch)
{
	const struct args *args = watch->args;
	struct call *call = watch->call;
	int family = call->settings->family;
	if (dns_servers_given(call->loop, &args->ask.servers, (uint16_t)args->ask.port, family,
			      &watch->servers, call->error) < 0)
		return -1;
	if (args->authorities)
		return dns_servers_authorities(call->loop, watch->name, family, &watch->servers, call->error);
	return args->ask.servers.count ? 0 : dns_servers_configured(&watch->servers, call->error);
}

static enum status watch_run(struct watch *watch)
{
	struct call *call = watch->call;
	struct result *r = call->result;
	char summary[1400];
	result_live(r);
	result_list_open(r, &table);
	enum loop_end end = rounds_run(watch);
	result_list_close(r);
	snprintf(summary, sizeof summary, "%s changed %llu times in %llu rounds", watch->name,
		 (unsigned long long)watch->changes, (unsigned long long)watch->rounds);
	result_put(r, "rounds", value_count(watch->rounds));
	result_put(r, "change_count", value_count(watch->changes));
	result_put(r, "servers", value_count(watch->servers.count));
	result_put(r, "summary", value_text(summary));
	result_gap(r);
	result_line(r, TONE_PLAIN, "{summary}");
	for (size_t i = 0; i < watch->servers.count; i++)
		dns_set_release(&watch->memories[i].set);
	if (end == LOOP_INTERRUPTED && (uint64_t)watch->args->count)
		error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
	return watch->silent || !watch->rounds ? STATUS_BAD : STATUS_OK;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct watch watch = { .call = call, .args = args, .request = dns_ask_request(&args->ask, call) };
	int type_count = dns_ask_types(&args->ask, watch.types, TYPES_MAX, call->error);
	char *name = type_count < 0 ? NULL : dns_ask_name(args->name, call->error);
	enum status status = STATUS_BAD;
	watch.name = name;
	watch.type_count = (size_t)type_count;
	if (name && servers_find(&watch) == 0)
		status = watch_run(&watch);
	if (error_is_set(call->error))
		status = call->error->status;
	dns_servers_release(&watch.servers);
	free(name);
	return status;
}

const struct command command_dns_watch = {
	.name = "dns watch",
	.summary = "when does what the servers say about a name change",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
