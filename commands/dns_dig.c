/* What do the name servers say about NAME, exactly?
 * Asks over our own transport, shows the answer first, and then who gave it, how fast, with which flags - and what else
 * arrived that was no answer to the question. */
#include "ntsh/dns_dig.h"
#include "ntsh/command.h"

enum { WINDOW = 100, DATA_MAX = 1 << 18 };

struct args {
	struct option_list names, types, dashed_types, servers, addresses;
	const char *class_;
	int64_t port, bufsize, retry;
	ns_t timeout;
	bool tcp, dnssec, cd, rec, edns, nsid, ignore, brief;
};

/* clang-format off */
static const struct args defaults = { .retry = 2, .timeout = 2 * NS_PER_S, .rec = true, .edns = true };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
#define LIST(STYLE, TYPE, NAME, METAVAR, FIELD) \
	.style = STYLE, .type = TYPE, .name = NAME, .metavar = METAVAR, AT(FIELD), .flags = OPTION_REPEAT
#define ONE(TYPE, NAME, METAVAR, FIELD) .type = TYPE, .name = NAME, .metavar = METAVAR, AT(FIELD)
#define FLAG(NAME, FIELD) .style = STYLE_PLUS, .type = OPT_FLAG, .name = NAME, AT(FIELD)
static const struct option options[] = {
	{ LIST(STYLE_OPERAND, OPT_TEXT, "name", "NAME", names), .help = "a name, or an address to look up backwards" },
	{ LIST(STYLE_OPERAND, OPT_DNS_TYPE, "type", "TYPE", types), .words = dns_type_words,
	  .help = "A, MX, TYPE65 ...; without any: A and AAAA" },
	{ LIST(STYLE_AT, OPT_TEXT, "server", "SERVER", servers), .help = "ask it, with :PORT or not, instead of resolv.conf's" },
	{ LIST(STYLE_DASH, OPT_DNS_TYPE, "query-type", "TYPE", dashed_types), .letter = 't', .words = dns_type_words,
	  .help = "a type that could be taken for a name" },
	{ LIST(STYLE_DASH, OPT_ADDRESS, "reverse", "ADDRESS", addresses), .letter = 'x', .help = "the name of an address" },
	{ ONE(OPT_TEXT, "class", "CLASS", class_), .letter = 'c', .help = "IN, CH, HS or ANY" },
	{ ONE(OPT_PORT, "port", "PORT", port), .letter = 'p', .help = "port of servers that are given without one" },
	{ FLAG("tcp", tcp), .help = "ask over TCP" },
	{ FLAG("dnssec", dnssec), .help = "ask for signatures, too (DO)" },
	{ FLAG("cd", cd), .help = "checking disabled: the server is not to verify signatures" },
	{ FLAG("rec", rec), .help = "recursion desired; +norec asks only for what the server knows itself" },
	{ FLAG("nsid", nsid), .help = "ask the server who it is (RFC 5001)" },
	{ FLAG("edns", edns), .help = "use EDNS; +noedns asks as in 1987" },
	{ FLAG("ignore", ignore), .help = "keep a cut answer instead of asking again over TCP" },
	{ FLAG("short", brief), .help = "only the data" },
	{ ONE(OPT_COUNT, "bufsize", "BYTES", bufsize), .style = STYLE_PLUS, .min = 512, .max = 65535, .help = "largest UDP answer" },
	{ ONE(OPT_COUNT, "retry", "N", retry), .style = STYLE_PLUS, .max = 15, .help = "how often to ask again over UDP" },
	{ ONE(OPT_DURATION, "timeout", "D", timeout), .style = STYLE_PLUS, .min = NS_PER_MS, .max = 300 * NS_PER_S,
	  .help = "how long to wait each time" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "status", KIND_TEXT, "NOERROR, NXDOMAIN ... TIMEOUT, UNREACHABLE, PORT-REFUSED, MALFORMED or FAILED" },
	{ "summary", KIND_TEXT, "the answer in a sentence" },
	{ "time_ms", KIND_TIME, "the longest of all questions" },
	{ "resolv_conf", KIND_TEXT, "servers and options that were used, unless servers were given" },
	{ "answer", KIND_NONE, "the records of all answers" },
	{ "answer[].name", KIND_TEXT, "owner" },
	{ "answer[].ttl", KIND_INTEGER, "how long the record may be kept" },
	{ "answer[].ttl_seconds", KIND_SECONDS, "the same, shown to people as a time" },
	{ "answer[].class", KIND_TEXT, "IN, nearly always" },
	{ "answer[].type", KIND_TEXT, "A, MX, TYPE65280 ..." },
	{ "answer[].data", KIND_TEXT, "presentation format (RFC 1035), or \\# and hex (RFC 3597)" },
	{ "answer[].server", KIND_ENDPOINT, "who said so" },
	{ "questions", KIND_NONE, "each name, type and server" },
	{ "questions[].name", KIND_TEXT, "as asked" },
	{ "questions[].type", KIND_TEXT, "as asked" },
	{ "questions[].status", KIND_TEXT, "as above, of this one" },
	{ "questions[].meaning", KIND_TEXT, "the status in words" },
	{ "questions[].server", KIND_ENDPOINT, "who was asked" },
	{ "questions[].transport", KIND_TEXT, "UDP or TCP: by which the answer came" },
	{ "questions[].time_ms", KIND_TIME, "from the last question to its answer" },
	{ "questions[].clock", KIND_TEXT, "kernel: stamps of the packets; program: our own clock" },
	{ "questions[].tries", KIND_COUNT, "how often it was sent over UDP" },
	{ "questions[].answer_bytes", KIND_BYTES, "size of the answer" },
	{ "questions[].truncated", KIND_FLAG, "the answer over UDP was cut" },
	{ "questions[].flags", KIND_TEXT, "the answer's flags as dig writes them" },
	{ "questions[].flags_meaning", KIND_TEXT, "those that matter, in words" },
	{ "questions[].nsid", KIND_TEXT, "the server's identity" },
	{ "questions[].ede_code", KIND_COUNT, "extended DNS error (RFC 8914)" },
	{ "questions[].ede_meaning", KIND_TEXT, "the same in words" },
	{ "questions[].ede_text", KIND_TEXT, "what the server adds to it" },
	{ "questions[].other", KIND_NONE, "records of the answer's other sections" },
	{ "questions[].other[].section", KIND_TEXT, "authority or additional" },
	{ "questions[].other[].name", KIND_TEXT, "as in answer" },
	{ "questions[].other[].ttl", KIND_INTEGER, "as in answer" },
	{ "questions[].other[].class", KIND_TEXT, "as in answer" },
	{ "questions[].other[].type", KIND_TEXT, "as in answer" },
	{ "questions[].other[].data", KIND_TEXT, "as in answer" },
	{ "questions[].strays", KIND_NONE, "what came that is no answer to the question" },
	{ "questions[].strays[].why", KIND_TEXT, "another id, another address, another name in the question ..." },
	{ "questions[].strays[].from", KIND_ENDPOINT, "where it came from" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static void record_put(struct result *r, const struct dns_message *message, const struct dns_record *record)
{
	static char data[DATA_MAX];
	char type[16], class_[16];
	dns_record_text(message, record, data, sizeof data);
	result_put(r, "name", value_text(record->name));
	result_put(r, "ttl", value_integer(record->ttl));
	result_put(r, "class", value_text(dns_class_name(record->class_, class_)));
	result_put(r, "type", value_text(dns_type_name(record->type, type)));
	result_put(r, "data", value_text(data));
}

static void answer_emit(struct result *r, const struct dns_plan *plan, bool brief)
{
	static const struct column columns[] = {
		{ .name = "name", .heading = "name" },
		{ .name = "ttl", .heading = "TTL", .align = ALIGN_RIGHT },
		{ .name = "ttl_seconds", .heading = "that is" },
		{ .name = "type", .heading = "type" },
		{ .name = "server", .heading = "server", .verbose = true },
		{ .name = "data", .heading = "data", .align = ALIGN_WHOLE },
	};
	static const struct table tables[] = { { .name = "answer", .columns = columns, .column_count = 6 },
					       { .name = "answer", .line = "{data}" } };
	result_list_open(r, &tables[brief]);
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct dns_exchange *exchange = &plan->jobs[i].exchange;
		for (size_t k = 0; exchange->message && k < exchange->message->counts[DNS_ANSWER]; k++) {
			const struct dns_record *record = &exchange->message->records[DNS_ANSWER][k];
			if (dns_plan_repeats(plan, i, record))
				continue;
			result_row_open(r);
			record_put(r, exchange->message, record);
			result_put(r, "ttl_seconds", value_seconds(record->ttl));
			result_put(r, "server", value_endpoint(&exchange->server));
			result_row_close(r);
		}
	}
	result_list_close(r);
}

static void others_emit(struct result *r, const struct dns_message *message, bool authority, bool additional)
{
	static const struct table table = { .name = "other" };
	result_list_open(r, &table);
	for (int section = DNS_AUTHORITY; message && section < DNS_SECTIONS; section++)
		for (size_t i = 0; i < message->counts[section]; i++) {
			result_row_open(r);
			result_put(r, "section",
				   value_text(section == DNS_AUTHORITY ? "authority" : "additional"));
			record_put(r, message, &message->records[section][i]);
			if (section == DNS_AUTHORITY ? authority : additional)
				result_item(r, "also", TONE_FAINT, "{section}: {name} {ttl} {type} {data}");
			result_row_close(r);
		}
	result_list_close(r);
}

static void strays_emit(struct result *r, const struct dns_exchange *exchange)
{
	static const struct table table = { .name = "strays" };
	result_list_open(r, &table);
	for (size_t i = 0; i < exchange->stray_count; i++) {
		result_row_open(r);
		result_put(r, "why", value_text(exchange->strays[i].why));
		result_put(r, "from", value_endpoint(&exchange->strays[i].from));
		result_item(r, "stray", TONE_BAD, "a message came from {from} that is no answer: {why}");
		result_row_close(r);
	}
	result_list_close(r);
}

/* Flags are shown once for each name: those of A and AAAA rarely differ. */
static void message_emit(struct result *r, const struct dns_message *message, bool shown, bool first)
{
	char flags[64], meaning[256];
	dns_flags_format(message, flags, sizeof flags);
	dns_flags_explain(message, meaning, sizeof meaning);
	result_put(r, "flags", value_text(flags));
	result_put(r, "flags_meaning", value_text(meaning));
	result_put(r, "nsid", value_text(message->nsid[0] ? message->nsid : NULL));
	if (shown && first)
		result_item(r, "flags", TONE_PLAIN, "{flags}: {flags_meaning}");
	if (shown && message->nsid[0])
		result_item(r, "NSID", TONE_PLAIN, "{nsid}");
	if (message->ede_code < 0)
		return;
	result_put(r, "ede_code", value_count((uint64_t)message->ede_code));
	result_put(r, "ede_meaning", value_text(dns_ede_meaning(message->ede_code)));
	result_put(r, "ede_text", value_text(message->ede_text[0] ? message->ede_text : NULL));
	if (shown)
		result_item(r, "because", TONE_WARN,
			    "{ede_meaning} (extended error {ede_code}){ede_text?: {ede_text}}");
}

#define CAME "{type} from {server} by {transport} in {time_ms} ({clock} clock)"
static void exchange_emit(struct result *r, const struct dns_job *job, const char *label)
{
	const struct dns_exchange *exchange = &job->exchange;
	bool good = dns_exchange_is_good(exchange), answered = exchange->outcome == DNS_ANSWERED;
	bool cut = exchange->truncated_first || (exchange->message && exchange->message->tc);
	char status[16], type[16];
	result_put(r, "name", value_text(job->request.name));
	result_put(r, "type", value_text(dns_type_name(job->request.type, type)));
	result_put(r, "status", value_text(dns_exchange_status(exchange, status)));
	result_put(r, "meaning", value_text(dns_exchange_meaning(exchange)));
	result_put(r, "server", value_endpoint(&exchange->server));
	result_put(r, "transport", value_text(exchange->transport == DNS_TCP ? "TCP" : "UDP"));
	result_put(r, "time_ms", value_time(exchange->rtt));
	result_put(r, "clock", value_text(exchange->kernel_stamped ? "kernel" : "program"));
	result_put(r, "tries", value_count((uint64_t)exchange->tries));
	result_put(r, "answer_bytes", value_bytes(exchange->answer_bytes));
	result_put(r, "truncated", value_flag(cut));
	if (!label)
		return;
	if (good)
		result_item(r, label, TONE_PLAIN, CAME ", {answer_bytes}");
	else
		result_item(r, label, TONE_WARN, answered ? CAME ": {meaning}" : "{type}: {meaning}");
	if (exchange->tries > 1)
		result_item(r, "tries", TONE_WARN, "{type} had to be asked {tries} times");
	if (cut)
		result_item(r, "cut", TONE_PLAIN, "the answer over UDP was cut (tc)");
}

static void questions_emit(struct result *r, const struct dns_plan *plan, bool brief, bool verbose)
{
	static const struct table table = { .name = "questions" };
	result_list_open(r, &table);
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct dns_job *job = &plan->jobs[i];
		const struct dns_message *message = job->exchange.message;
		bool first = i == 0 || job->request.name != job[-1].request.name;
		result_row_open(r);
		exchange_emit(r, job, brief ? NULL : plan->job_count > 1 ? "asked" : "server");
		if (message)
			message_emit(r, message, !brief, first);
		bool empty = message && !message->counts[DNS_ANSWER];
		others_emit(r, message, !brief && first && (empty || verbose), !brief && first && verbose);
		strays_emit(r, &job->exchange);
		result_row_close(r);
	}
	result_list_close(r);
}

static void answer_show(struct call *call, struct dns_plan *plan, struct dns_judgement *judged, bool brief)
{
	struct result *r = call->result;
	char conf[512];
	resolv_conf_format(&plan->conf, conf, sizeof conf);
	result_put(r, "status", value_text(judged->word));
	result_put(r, "summary", value_text(judged->summary));
	result_put(r, "time_ms", value_time(judged->longest));
	result_put(r, "resolv_conf", value_text(plan->servers.count ? NULL : conf));
	if (!brief && !judged->none)
		result_headline(r, judged->status ? TONE_BAD : TONE_GOOD, "{status}", "{summary}",
				"{time_ms}");
	answer_emit(r, plan, brief);
	result_gap(r);
	questions_emit(r, plan, brief, call->settings->verbose > 0);
	if (!brief && !plan->servers.count)
		result_item(r, "settings", TONE_FAINT, "of resolv.conf: {resolv_conf}");
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	/* clang-format off */
	struct dns_plan plan = {
		.names = { args->names, args->addresses }, .types = { args->types, args->dashed_types },
		.servers = args->servers, .class_ = args->class_, .port = (uint16_t)args->port,
		.family = call->settings->family,
		.request = { .transport = args->tcp ? DNS_TCP : DNS_UDP, .recursion_desired = args->rec,
			     .checking_disabled = args->cd, .authentic_data = true, .dnssec_ok = args->dnssec,
			     .no_edns = !args->edns, .ignore_truncation = args->ignore, .nsid = args->nsid,
			     .udp_size = (uint16_t)args->bufsize, .timeout = args->timeout,
			     .tries = (int)args->retry + 1, .interface = call->settings->interface },
	};
	/* clang-format on */
	struct dns_judgement judged;
	if (dns_plan_build(call->loop, &plan, call->error) < 0) {
		dns_plan_release(&plan);
		return call->error->status;
	}
	bool stopped = dns_batch_run(call->loop, plan.jobs, plan.job_count, WINDOW) == LOOP_INTERRUPTED;
	dns_plan_judge(&plan, &judged);
	answer_show(call, &plan, &judged, args->brief);
	enum status status = judged.status;
	if (judged.none)
		*call->error = judged.none->error;
	if (stopped)
		error_set(call->error, STATUS_INTERRUPTED, "EINTR", NULL, "interrupted");
	if (error_is_set(call->error))
		status = call->error->status;
	dns_plan_release(&plan);
	return status;
}

const struct command command_dns_dig = {
	.name = "dns dig",
	.summary = "what the name servers say about a name, exactly",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
