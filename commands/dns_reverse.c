/* Whose address is this, by DNS - and does the name lead back to it?
 * Asks for the names of each address, then for the addresses of each name. */
#include "ntsh/dns_reverse.h"
#include "ntsh/dns_ask.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
struct args {
	struct option_list addresses, servers;
	int64_t port, retry;
	ns_t timeout;
	bool tcp, all;
};

static const struct args defaults = { .retry = 2, .timeout = 2 * NS_PER_S };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "address", .metavar = "ADDRESS|PREFIX", AT(addresses),
	  .flags = OPTION_REQUIRED | OPTION_REPEAT, .help = "addresses, or prefixes of at most 65536 addresses" },
	{ .style = STYLE_AT, .type = OPT_TEXT, .name = "server", .metavar = "SERVER", AT(servers), .flags = OPTION_REPEAT,
	  .help = "ask it, and the next one when it is silent, instead of resolv.conf's" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'a', .name = "all", AT(all), .help = "of a prefix, show addresses without a name as well" },
	{ .style = STYLE_DASH, .type = OPT_PORT, .letter = 'p', .name = "port", .metavar = "PORT", AT(port), .help = "port of servers that are given without one" },
	{ .style = STYLE_PLUS, .type = OPT_FLAG, .name = "tcp", AT(tcp), .help = "ask over TCP" },
	{ .style = STYLE_PLUS, .type = OPT_COUNT, .name = "retry", .metavar = "N", AT(retry), .max = 15, .help = "how often to ask again over UDP" },
	{ .style = STYLE_PLUS, .type = OPT_DURATION, .name = "timeout", .metavar = "D", AT(timeout), .min = NS_PER_MS, .max = 300 * NS_PER_S,
	  .help = "how long to wait each time" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "summary", KIND_TEXT, "the result in a sentence" },
	{ "addresses", KIND_NONE, "each address and each of its names" },
	{ "addresses[].address", KIND_ADDRESS, "as asked for" },
	{ "addresses[].status", KIND_TEXT, "of the reverse question: NOERROR, NXDOMAIN, TIMEOUT ..." },
	{ "addresses[].name", KIND_TEXT, "a name of the address" },
	{ "addresses[].confirmed", KIND_FLAG, "the name has this address" },
	{ "addresses[].forward", KIND_TEXT, "addresses that the name has" },
	{ "addresses[].time_ms", KIND_TIME, "how long the reverse answer took" },
	{ "addresses[].says", KIND_TEXT, "confirmed, or what is wrong" },
	{ "asked", KIND_COUNT, "addresses" },
	{ "named", KIND_COUNT, "addresses with a name" },
	{ "confirmed", KIND_COUNT, "addresses of which a name leads back" },
	{ "failed", KIND_COUNT, "addresses that no server could answer for" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ .name = "address", .heading = "address" },
	{ .name = "name", .heading = "name" },
	{ .name = "time_ms", .heading = "time", .align = ALIGN_RIGHT, .verbose = true },
	{ .name = "says", .heading = "forward", .align = ALIGN_WHOLE },
};
static const struct table tables[] = { { .name = "addresses", .columns = columns, .column_count = sizeof columns / sizeof columns[0] },
				       { .name = "addresses" } };
/* clang-format on */

struct tally {
	size_t named, confirmed, failed;
};

static void row_emit(struct result *r, const struct dns_reverse *one, const struct dns_reverse_name *name)
{
	char says[1200];
	if (!name)
		snprintf(says, sizeof says, "%s", one->meaning);
	else if (name->confirmed)
		snprintf(says, sizeof says, "confirmed");
	else if (name->failed)
		snprintf(says, sizeof says, "not known: no server answers for the name");
	else if (name->forward[0])
		snprintf(says, sizeof says, "NOT CONFIRMED: the name has %s", name->forward);
	else
		snprintf(says, sizeof says, "NOT CONFIRMED: the name has no address");
	result_row_open(r);
	result_put(r, "address", value_address(&one->addr));
	result_put(r, "status", value_text(one->status));
	result_put(r, "name", value_text(name ? name->name : NULL));
	if (name) {
		result_put(r, "confirmed", value_flag(name->confirmed));
		result_put(r, "forward", value_text(name->forward[0] ? name->forward : NULL));
	}
	result_put(r, "time_ms", value_time(one->rtt));
	result_put(r, "says", value_text(says));
	result_row_close(r);
}

static void count(struct tally *tally, const struct dns_reverse *one)
{
	bool confirmed = false;
	for (size_t i = 0; i < one->count; i++)
		confirmed |= one->names[i].confirmed;
	tally->named += one->count > 0;
	tally->confirmed += confirmed;
	/* NXDOMAIN is an answer, SERVFAIL is none. */
	tally->failed += !one->answered || (!one->count && one->status[0] == 'S');
}

static enum status show(struct call *call, const struct args *args, const struct dns_reverse *all,
			size_t all_count)
{
	struct result *r = call->result;
	struct tally tally = { 0 };
	char summary[256];
	for (size_t i = 0; i < all_count; i++)
		count(&tally, &all[i]);
	snprintf(summary, sizeof summary, "%zu of %zu %s a name, %zu confirmed", tally.named, all_count,
		 all_count == 1 ? "address has" : "addresses have", tally.confirmed);
	result_put(r, "summary", value_text(summary));
	bool good = tally.confirmed == all_count;
	result_line(r, good ? TONE_GOOD : tally.failed == all_count ? TONE_BAD : TONE_PLAIN, "{summary}");
	result_gap(r);
	bool many = all_count > args->addresses.count;
	bool nothing = many && !args->all && !tally.named;
	result_list_open(r, &tables[nothing]);
	for (size_t i = 0; i < all_count; i++) {
		if (!all[i].count && (!many || args->all || result_is_json(r)))
			row_emit(r, &all[i], NULL);
		for (size_t k = 0; k < all[i].count; k++)
			row_emit(r, &all[i], &all[i].names[k]);
	}
	result_list_close(r);
	result_put(r, "asked", value_count(all_count));
	result_put(r, "named", value_count(tally.named));
	result_put(r, "confirmed", value_count(tally.confirmed));
	result_put(r, "failed", value_count(tally.failed));
	/* Of a prefix the unused addresses are no fault; a name that does not lead back is. */
	return (many ? tally.named && tally.confirmed == tally.named : good) ? STATUS_OK : STATUS_BAD;
}

static enum status ask(struct call *call, const struct args *args, const struct addr *addrs, size_t all_count)
{
	struct dns_ask words = { .tcp = args->tcp, .retry = args->retry, .timeout = args->timeout };
	struct dns_request request = dns_ask_request(&words, call);
	struct dns_servers servers = { 0 };
	enum status status = STATUS_BAD;
	int failed = args->servers.count ? dns_servers_given(call->loop, &args->servers, (uint16_t)args->port,
							     call->settings->family, &servers, call->error)
					 : dns_servers_configured(&servers, call->error);
	if (!failed) {
		struct dns_reverse *results;
		enum loop_end end =
		    dns_reverse_run(call->loop, &request, &servers, addrs, all_count, &results, call->error);
		if (!error_is_set(call->error))
			status = show(call, args, results, all_count);
		if (end == LOOP_INTERRUPTED)
			error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
		dns_reverse_release(results, all_count);
	}
	dns_servers_release(&servers);
	return error_is_set(call->error) ? call->error->status : status;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct addr *addrs = NULL;
	size_t all_count = 0;
	int failed = 0;
	for (size_t i = 0; i < args->addresses.count && !failed; i++)
		failed = dns_reverse_expand(args->addresses.items[i], &addrs, &all_count, call->error);
	enum status status = failed ? call->error->status : ask(call, args, addrs, all_count);
	free(addrs);
	return status;
}

const struct command command_dns_reverse = {
	.name = "dns reverse",
	.summary = "the names of addresses, and whether they lead back",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
