/* Who answers for NAME, from the root down - and does the local resolver say the same?
 * Our own walk asks all servers of every zone at once: times, glue, signatures at every cut, what they can, which are lame. */
#include "ntsh/dns_trace.h"
#include "ntsh/command.h"

#include <stdio.h>
#include <string.h>

enum { DATA_MAX = 1 << 16, SHOWN_MAX = 8 };

struct args {
	const char *name, *type, *root;
	ns_t timeout;
	int64_t tries;
	bool no_resolver;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_NAME, .name = "name", .metavar = "NAME", .help = "the name to trace",
	  .offset = offsetof(struct args, name), .flags = OPTION_REQUIRED },
	{ .style = STYLE_OPERAND, .type = OPT_DNS_TYPE, .name = "type", .metavar = "TYPE", .help = "A, unless given",
	  .offset = offsetof(struct args, type), .words = dns_type_words },
	{ .style = STYLE_DASH, .type = OPT_FILE, .name = "root", .metavar = "FILE",
	  .help = "root hints of another root; DS or DNSKEY of '.' in it are its trust anchors", .offset = offsetof(struct args, root) },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .name = "wait", .metavar = "D", .help = "how long to wait for each answer (1.5 s)",
	  .offset = offsetof(struct args, timeout), .min = 10 * NS_PER_MS, .max = 30 * NS_PER_S },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .name = "tries", .metavar = "N", .help = "how often to ask a silent server (2)",
	  .offset = offsetof(struct args, tries), .min = 1, .max = 10 },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .name = "no-resolver", .help = "do not ask the resolvers of resolv.conf",
	  .offset = offsetof(struct args, no_resolver) },
	OPTION_END,
};

static const struct field fields[] = {
	{ "name", KIND_TEXT, "the name that was traced" },
	{ "type", KIND_TEXT, "the type that was asked for" },
	{ "outcome", KIND_TEXT, "answer, no such record, no such name; else what stopped the walk" },
	{ "summary", KIND_TEXT, "the answer in a sentence" },
	{ "final_name", KIND_TEXT, "after aliases (CNAME)" },
	{ "aliases", KIND_COUNT, "how many aliases were followed" },
	{ "security", KIND_TEXT, "signed, unsigned, bogus or not judged: the chain from the root to the answer" },
	{ "security_says", KIND_TEXT, "the link that decides" },
	{ "answer", KIND_NONE, "the authority's records" },
	{ "answer[].name", KIND_TEXT, "owner" },
	{ "answer[].ttl", KIND_SECONDS, "how long it may be kept" },
	{ "answer[].type", KIND_TEXT, "A, MX ..." },
	{ "answer[].data", KIND_TEXT, "presentation format" },
	{ "zones", KIND_NONE, "the zones on the way, from the root" },
	{ "zones[].name", KIND_TEXT, "the zone" },
	{ "zones[].asked", KIND_TEXT, "the name that its servers were asked for" },
	{ "zones[].parent", KIND_TEXT, "the zone that refers to it" },
	{ "zones[].aside", KIND_FLAG, "visited to find the address of a name server" },
	{ "zones[].again", KIND_FLAG, "visited before; now asked for the target of an alias" },
	{ "zones[].hidden", KIND_FLAG, "its parent's servers serve it, too, and show no referral" },
	{ "zones[].addresses", KIND_COUNT, "addresses of its name servers" },
	{ "zones[].good", KIND_COUNT, "how many gave a good answer" },
	{ "zones[].lame", KIND_COUNT, "how many answered without being an authority" },
	{ "zones[].dead", KIND_COUNT, "how many could not be reached" },
	{ "zones[].fastest_ms", KIND_TIME, "the shortest answer time" },
	{ "zones[].ds", KIND_TEXT, "key tags of the DS set at the parent" },
	{ "zones[].keys", KIND_TEXT, "key tags of its DNSKEY set; * marks those with the SEP flag" },
	{ "zones[].security", KIND_TEXT, "signed, unsigned, bogus or not judged" },
	{ "zones[].security_says", KIND_TEXT, "the link from its parent, in a sentence" },
	{ "zones[].differs", KIND_TEXT, "how its servers contradict each other" },
	{ "zones[].servers", KIND_NONE, "every address of every name server" },
	{ "zones[].servers[].name", KIND_TEXT, "the name server's name" },
	{ "zones[].servers[].address", KIND_ADDRESS, "its address" },
	{ "zones[].servers[].from", KIND_TEXT, "hints, glue, or looked up" },
	{ "zones[].servers[].reply", KIND_TEXT, "referral, answer, lame: refuses, silent ..." },
	{ "zones[].servers[].time_ms", KIND_TIME, "from question to answer" },
	{ "zones[].servers[].clock", KIND_TEXT, "kernel: stamps of the packets; program: our own clock" },
	{ "zones[].servers[].edns", KIND_TEXT, "yes, no or unknown" },
	{ "zones[].servers[].tcp", KIND_TEXT, "yes, no or unknown: it takes connections" },
	{ "zones[].servers[].tcp_ms", KIND_TIME, "the TCP handshake" },
	{ "zones[].servers[].truncated", KIND_FLAG, "the answer over UDP was cut" },
	{ "zones[].servers[].tries", KIND_COUNT, "how often it was asked over UDP" },
	{ "zones[].servers[].strays", KIND_COUNT, "messages that came and were no answer (spoofed, late or broken)" },
	{ "zones[].servers[].stray_why", KIND_TEXT, "what was wrong with the first" },
	{ "zones[].servers[].says", KIND_TEXT, "what is wrong with it" },
	{ "zones[].servers[].show", KIND_TEXT, "the line for people" },
	{ "resolvers", KIND_NONE, "the servers of resolv.conf beside the authority" },
	{ "resolvers[].address", KIND_ADDRESS, "the resolver" },
	{ "resolvers[].same", KIND_FLAG, "says the same as the authority" },
	{ "resolvers[].time_ms", KIND_TIME, "from question to answer" },
	{ "resolvers[].status", KIND_TEXT, "its response code" },
	{ "resolvers[].lasts", KIND_SECONDS, "how long its answer may still be kept" },
	{ "resolvers[].says", KIND_TEXT, "in words" },
	{ "queries", KIND_COUNT, "questions that were sent" },
	{ "took_ms", KIND_TIME, "how long it took" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static const char *ability(enum walk_ability ability)
{
	return ability == WALK_CAN ? "yes" : ability == WALK_CANNOT ? "no" : "unknown";
}

static void answer_emit(struct result *r, const struct walk_result *trace)
{
	static char data[DATA_MAX];
	static const struct column columns[] = {
		{ .name = "name", .heading = "name" },
		{ .name = "ttl", .heading = "TTL" },
		{ .name = "type", .heading = "type" },
		{ .name = "data", .heading = "data", .align = ALIGN_WHOLE },
	};
	static const struct table table = {
		.name = "answer", .columns = columns, .column_count = 4, .no_heading = true
	};
	result_list_open(r, &table);
	for (size_t i = 0; trace->message && i < trace->message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &trace->message->records[DNS_ANSWER][i];
		char type[16];
		if (record->type == 46)
			continue;
		dns_record_text(trace->message, record, data, sizeof data);
		result_row_open(r);
		result_put(r, "name", value_text(record->name));
		result_put(r, "ttl", value_seconds(record->ttl));
		result_put(r, "type", value_text(dns_type_name(record->type, type)));
		result_put(r, "data", value_text(data));
		result_row_close(r);
	}
	result_list_close(r);
}

static bool is_faulty(const struct walk_server *server)
{
	return !walk_reply_is_good(server->reply) || server->edns == WALK_CANNOT ||
	       server->tcp == WALK_CANNOT || server->says[0] || server->stray_count;
}

/* What deserves to be said beside the time. */
static void server_remarks(const struct walk_server *server, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s%s%s%s%s", walk_reply_word(server->reply),
		 server->says[0] && strcmp(server->says, walk_reply_word(server->reply)) != 0 ? ": " : "",
		 strcmp(server->says, walk_reply_word(server->reply)) != 0 ? server->says : "",
		 server->edns == WALK_CANNOT && server->message ? ", no EDNS" : "",
		 server->tcp == WALK_CANNOT ? ", no TCP" : "", server->stray_count ? ", strays came: " : "",
		 server->stray_count ? server->stray_why : "");
}

static void server_emit(struct result *r, const struct walk_server *server, bool shown, bool verbose)
{
	static const char *const origins[] = { "hints", "glue", "looked up" };
	char show[512];
	server_remarks(server, show, sizeof show);
	result_row_open(r);
	result_put(r, "name", value_text(server->name));
	result_put(r, "address", value_address(&server->addr));
	result_put(r, "from", value_text(origins[server->origin]));
	result_put(r, "reply", value_text(walk_reply_word(server->reply)));
	result_put(r, "time_ms", value_time(server->rtt));
	result_put(r, "clock", value_text(server->kernel_stamped ? "kernel" : "program"));
	result_put(r, "edns", value_text(ability(server->edns)));
	result_put(r, "tcp", value_text(ability(server->tcp)));
	result_put(r, "tcp_ms", value_time(server->tcp_time));
	result_put(r, "truncated", value_flag(server->truncated));
	result_put(r, "tries", value_count((uint64_t)server->tries));
	result_put(r, "strays", value_count(server->stray_count));
	result_put(r, "stray_why", value_text(server->stray_why));
	result_put(r, "says", value_text(server->says[0] ? server->says : NULL));
	result_put(r, "show", value_text(show));
	enum tone tone = walk_reply_is_good(server->reply) ? is_faulty(server) ? TONE_WARN : TONE_PLAIN
			 : server->reply == WALK_LOCAL     ? TONE_FAINT
							   : TONE_BAD;
	const char *line =
	    verbose && server->message
		? "{name} {address} {time_ms} {show}; EDNS {edns}, TCP {tcp}{tcp_ms? in {tcp_ms}}, {from}"
	    : server->rtt == NS_NONE ? "{name} {address} {show}"
				     : "{name} {address} {time_ms} {show}";
	if (shown)
		result_item(r, "", tone, line);
	result_row_close(r);
}

static void servers_emit(struct result *r, const struct walk_zone *zone, bool verbose)
{
	static const struct table table = { .name = "servers" };
	bool all = verbose || zone->server_count <= SHOWN_MAX;
	result_list_open(r, &table);
	for (size_t i = 0; i < zone->server_count; i++) {
		const struct walk_server *server = &zone->servers[i];
		bool local = server->reply == WALK_LOCAL && !verbose;
		bool shown = !local && (all || is_faulty(server)) && (!zone->aside || verbose);
		server_emit(r, server, shown, verbose);
	}
	result_list_close(r);
}

static void zone_emit(struct result *r, const struct walk_result *trace, size_t index, bool verbose)
{
	const struct walk_zone *zone = trace->zones[index];
	result_row_open(r);
	result_put(r, "name", value_text(zone->name));
	result_put(r, "asked", value_text(zone->asked));
	result_put(r, "parent", value_text(zone->parent >= 0 ? trace->zones[zone->parent]->name : NULL));
	result_put(r, "aside", value_flag(zone->aside));
	result_put(r, "again", value_flag(zone->again));
	result_put(r, "hidden", value_flag(zone->hidden));
	result_put(r, "addresses", value_count(zone->server_count));
	result_put(r, "good", value_count(zone->good));
	result_put(r, "lame", value_count(zone->lame));
	result_put(r, "dead", value_count(zone->dead));
	result_put(r, "fastest_ms", value_time(zone->fastest));
	result_put(r, "ds", value_text(zone->ds[0] ? zone->ds : NULL));
	result_put(r, "keys", value_text(zone->keys[0] ? zone->keys : NULL));
	result_put(r, "security", value_text(walk_security_word(zone->security)));
	result_put(r, "security_says", value_text(zone->security_says[0] ? zone->security_says : NULL));
	result_put(r, "differs", value_text(zone->differs[0] ? zone->differs : NULL));
	enum tone tone = zone->good ? TONE_STRONG : TONE_BAD;
	if (!zone->aside || verbose)
		result_line(r, tone,
			    "{name}  {good} of {addresses} addresses answer well{lame?, {lame} lame}{dead?, "
			    "{dead} dead}{fastest_ms?, "
			    "fastest {fastest_ms}}{again? (asked for {asked})}{hidden? (served by its "
			    "parent's servers)}{aside? (for the "
			    "address of a name server)}");
	servers_emit(r, zone, verbose);
	if (!zone->aside && !zone->again)
		result_item(
		    r, "", zone->security == WALK_BOGUS ? TONE_BAD : TONE_FAINT,
		    "{security}{ds?, DS {ds}}{keys?, DNSKEY {keys}}{security_says?: {security_says}}");
	if (zone->differs[0] && (!zone->aside || verbose))
		result_item(r, "", TONE_WARN, "its servers differ: {differs}");
	result_row_close(r);
}

static void zones_emit(struct result *r, const struct walk_result *trace, bool verbose)
{
	static const struct table table = { .name = "zones" };
	result_list_open(r, &table);
	for (size_t i = 0; i < trace->zone_count; i++)
		zone_emit(r, trace, i, verbose);
	result_list_close(r);
}

static void resolvers_emit(struct result *r, const struct walk_result *trace)
{
	static const struct table table = { .name = "resolvers" };
	result_list_open(r, &table);
	for (size_t i = 0; i < trace->resolver_count; i++) {
		const struct walk_resolver *resolver = &trace->resolvers[i];
		char code[16];
		result_row_open(r);
		result_put(r, "address", value_address(&resolver->addr));
		result_put(r, "same", value_flag(resolver->same));
		result_put(r, "time_ms", value_time(resolver->rtt));
		result_put(
		    r, "status",
		    value_text(resolver->message ? dns_rcode_name(resolver->message->rcode, code) : NULL));
		result_put(r, "lasts", resolver->message ? value_seconds(resolver->lasts) : value_none());
		result_put(r, "says", value_text(resolver->says));
		result_item(r, "resolver", resolver->same ? TONE_GOOD : TONE_WARN,
			    resolver->message ? "{address} {says} ({time_ms})" : "{address}: {says}");
		result_row_close(r);
	}
	result_list_close(r);
}

static void summary_make(const struct walk_result *trace, char *buf, size_t size)
{
	const char *name = trace->name;
	size_t records = 0;
	for (size_t i = 0; trace->message && i < trace->message->counts[DNS_ANSWER]; i++)
		records += trace->message->records[DNS_ANSWER][i].type == trace->type;
	char type[16];
	dns_type_name(trace->type, type);
	if (trace->reply == WALK_ANSWER)
		snprintf(buf, size, "%.250s has %zu %s record%s, says %.250s", name, records,
			 dns_type_name(trace->type, type), records == 1 ? "" : "s",
			 trace->zones[trace->final_zone]->servers[trace->final_server].name);
	else if (trace->reply == WALK_NO_NAME)
		snprintf(buf, size, "%.250s does not exist, says the authority of %.250s", trace->final_name,
			 trace->zones[trace->final_zone]->name);
	else if (trace->reply == WALK_NO_DATA)
		snprintf(buf, size, "%.250s exists, but has no %s record", trace->final_name,
			 dns_type_name(trace->type, type));
	else
		snprintf(buf, size, "%s%s", trace->interrupted ? "stopped before it was done; so far: " : "",
			 trace->summary[0] ? trace->summary : "nothing");
}

static enum status show(struct call *call, const struct walk_result *trace)
{
	struct result *r = call->result;
	char type[16], summary[700];
	bool bogus = trace->security == WALK_BOGUS;
	bool found = trace->reply == WALK_ANSWER && trace->final_zone >= 0;
	summary_make(trace, summary, sizeof summary);
	result_put(r, "name", value_text(trace->name));
	result_put(r, "type", value_text(dns_type_name(trace->type, type)));
	result_put(r, "outcome", value_text(walk_reply_word(trace->reply)));
	result_put(r, "summary", value_text(summary));
	result_put(r, "final_name", value_text(trace->final_name));
	result_put(r, "aliases", value_count(trace->alias_count));
	result_put(r, "security", value_text(walk_security_word(trace->security)));
	result_put(r, "security_says", value_text(trace->security_says[0] ? trace->security_says : NULL));
	result_put(r, "queries", value_count(trace->queries));
	result_put(r, "took_ms", value_time(trace->took));
	result_headline(r, found && !bogus ? TONE_GOOD : TONE_BAD,
			bogus                                         ? "BOGUS"
			: found                                       ? "FOUND"
			: trace->interrupted && trace->final_zone < 0 ? "STOPPED"
			: trace->final_zone < 0                       ? "FAILED"
								      : "NOTHING",
			"{summary}", "{took_ms}");
	answer_emit(r, trace);
	if (trace->security != WALK_INDETERMINATE)
		result_item(r, bogus ? "because" : "chain", bogus ? TONE_BAD : TONE_PLAIN,
			    bogus ? "{security_says}" : "{security}{security_says?: {security_says}}");
	resolvers_emit(r, trace);
	result_gap(r);
	zones_emit(r, trace, call->settings->verbose > 0);
	return found && !bogus ? STATUS_OK : STATUS_BAD;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	int type = args->type ? dns_type_parse(args->type) : 1;
	if (type < 0) {
		error_set(call->error, STATUS_USAGE, "EUSAGE",
			  "write A, AAAA, MX ... or TYPE and its number (TYPE65)", "'%.60s' is no DNS type",
			  args->type);
		return STATUS_USAGE;
	}
	struct walk_request request = { .name = args->name,
					.type = (uint16_t)type,
					.family = call->settings->family,
					.interface = call->settings->interface,
					.root_file = args->root,
					.timeout = args->timeout,
					.tries = (int)args->tries,
					.no_resolver = args->no_resolver };
	struct walk *trace = walk_run(call->loop, &request, call->error);
	if (!trace)
		return call->error->status;
	enum status status = show(call, walk_result(trace));
	bool stopped = loop_cancelled(call->loop) == LOOP_INTERRUPTED;
	walk_free(trace);
	if (!stopped)
		return status;
	error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
	return STATUS_INTERRUPTED;
}

const struct command command_dns_trace = {
	.name = "dns trace",
	.summary = "who answers for a name, from the root down",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
