/* Who has registered NAME or ADDRESS?
 * Asks the whois server that knows, and those that it names (RFC 3912); shows what people look for, and with --verbose the text. */
#include "ntsh/whois.h"
#include "ntsh/command.h"
#include "ntsh/dns_ask.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
struct args {
	const char *what, *host;
	int64_t port;
	ns_t wait;
	bool no_follow, raw;
};

static const struct args defaults = { .wait = 10 * NS_PER_S };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "what", .metavar = "NAME|ADDRESS", AT(what), .flags = OPTION_REQUIRED,
	  .help = "a domain name, an address, or AS and a number" },
	{ .style = STYLE_DASH, .type = OPT_HOST, .letter = 'h', .name = "host", .metavar = "HOST", AT(host), .help = "ask this server first instead of the one that knows all" },
	{ .style = STYLE_DASH, .type = OPT_PORT, .letter = 'p', .name = "port", .metavar = "PORT", AT(port), .help = "its port (43)" },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .letter = 'w', .name = "wait", .metavar = "D", AT(wait), .min = NS_PER_MS, .max = 300 * NS_PER_S,
	  .help = "how long to wait for each server (10s)" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "no-referral", AT(no_follow), .help = "do not go on to the servers that are named" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'r', .name = "raw", AT(raw), .help = "show the last server's text alone" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "summary", KIND_TEXT, "the result in a sentence" },
	{ "asked", KIND_TEXT, "what was found: a parent when the name itself is not registered" },
	{ "found", KIND_FLAG, "it is registered" },
	{ "facts", KIND_NONE, "what people look for, in the order of the text" },
	{ "facts[].label", KIND_TEXT, "name, network, organisation, registrar, created, expires, status, name server ..." },
	{ "facts[].value", KIND_TEXT, "as the server writes it" },
	{ "servers", KIND_NONE, "who was asked, in order" },
	{ "servers[].host", KIND_TEXT, "its name" },
	{ "servers[].address", KIND_ENDPOINT, "where it was reached" },
	{ "servers[].query", KIND_TEXT, "the line that was sent" },
	{ "servers[].answer_bytes", KIND_BYTES, "length of its text" },
	{ "servers[].cut", KIND_FLAG, "there was more than 1 MiB, or it stopped in the middle" },
	{ "servers[].time_ms", KIND_TIME, "look-up, connection and answer" },
	{ "servers[].error", KIND_TEXT, "why there is no text" },
	{ "text", KIND_TEXT, "the text of the server that knew most" },
	{ NULL, KIND_NONE, NULL },
};
static const struct table fact_tables[] = { { .name = "facts", .no_heading = true, .column_count = 2,
	.columns = (const struct column[]){ { .name = "label", .heading = "" }, { .name = "value", .heading = "", .align = ALIGN_WHOLE } } }, { .name = "facts" } };
static const struct table server_table = { .name = "servers" };
/* clang-format on */

static void facts_emit(struct result *r, const struct whois_reading *reading, bool shown)
{
	result_list_open(r, &fact_tables[!shown]);
	for (size_t i = 0; i < reading->fact_count; i++) {
		result_row_open(r);
		result_put(r, "label", value_text(reading->facts[i].label));
		result_put(r, "value", value_text_n(reading->facts[i].value, reading->facts[i].value_length));
		result_row_close(r);
	}
	result_list_close(r);
}

static void servers_emit(struct result *r, const struct whois_result *found, bool shown)
{
	result_list_open(r, &server_table);
	for (size_t i = 0; i < found->count; i++) {
		const struct whois_hop *hop = &found->hops[i];
		bool failed = error_is_set(&hop->error);
		result_row_open(r);
		result_put(r, "host", value_text(hop->host));
		result_put(r, "address", value_endpoint(&hop->addr));
		result_put(r, "query", value_text(hop->query));
		result_put(r, "answer_bytes", value_bytes(hop->length));
		result_put(r, "cut", value_flag(hop->cut));
		result_put(r, "time_ms", value_time(hop->took));
		result_put(r, "error", value_text(failed ? hop->error.message : NULL));
		if (shown && failed)
			result_item(r, "asked", TONE_WARN, "{host} about {query}: {error}");
		else if (shown)
			result_item(
			    r, "asked", TONE_FAINT,
			    "{host} ({address}) about {query}: {answer_bytes} in {time_ms}{cut?, cut}");
		result_row_close(r);
	}
	result_list_close(r);
}

static enum status show(struct call *call, const struct args *args, const struct whois_result *found)
{
	struct result *r = call->result;
	const struct whois_reading *reading = &found->reading;
	bool known = found->answer && !reading->missing;
	char summary[700];
	if (!found->answer)
		snprintf(summary, sizeof summary, "no whois server answers about %.255s", args->what);
	else
		snprintf(summary, sizeof summary, "%.255s %s (%.255s)", found->asked,
			 known ? "is registered" : "is not registered", found->answer->host);
	result_put(r, "summary", value_text(summary));
	result_put(r, "asked", value_text(found->asked[0] ? found->asked : args->what));
	result_put(r, "found", value_flag(known));
	if (!args->raw && found->answer)
		result_headline(r, known ? TONE_GOOD : TONE_BAD, known ? "found" : "not found", "{summary}",
				NULL);
	facts_emit(r, reading, !args->raw);
	/* Without anything that we know to look for, the text speaks for itself. */
	bool text = args->raw || call->settings->verbose > 0 || !reading->fact_count;
	if (found->answer) {
		result_put(r, "text", value_text_n(found->answer->text, found->answer->length));
		if (text) {
			result_gap(r);
			result_verbatim(r, found->answer->text, found->answer->length);
		}
	}
	result_gap(r);
	servers_emit(r, found, !args->raw);
	return known ? STATUS_OK : STATUS_BAD;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct whois_result found = { 0 };
	struct addr addr;
	bool address = addr_parse(args->what, &addr) == 0;
	bool foreign = false;
	for (const char *c = args->what; *c; c++)
		foreign |= (unsigned char)*c >= 0x80;
	char *ascii = !address && foreign ? dns_ask_name(args->what, call->error) : NULL;
	enum status status = STATUS_BAD;
	if (!error_is_set(call->error)) {
		struct whois_request request = { .what = ascii ? ascii : args->what,
						 .host = args->host,
						 .port = (uint16_t)args->port,
						 .family = call->settings->family,
						 .interface = call->settings->interface,
						 .timeout = args->wait,
						 .follow = !args->no_follow };
		if (whois_run(call->loop, &request, &found, call->error) == 0 || found.count)
			status = show(call, args, &found);
		if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
			error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
		whois_release(&found);
	}
	free(ascii);
	return error_is_set(call->error) ? call->error->status : status;
}

const struct command command_whois = {
	.name = "whois",
	.summary = "who has registered a name or an address",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
