/* What do the name servers say about NAME, exactly?
 * Asks over our own transport, shows the answer first, and then who gave it, how fast, with which flags - and what else
 * arrived that was no answer to the question. */
#include "ntsh/dns_dig.h"
#include "ntsh/command.h"
#include "ntsh/dns_show.h"

/* More questions than people read one by one: then only what is wrong gets a line of its own. */
enum { WINDOW = 1000, WINDOW_SINGLE = 100, MANY = 40, TRIES = 3 };
enum { SHOWN_NO, SHOWN_YES, SHOWN_FITTING = -1 };

/* clang-format off */
struct args {
	struct option_list names, types, dashed_types, servers, addresses, dashed_names, ednsopts;
	const char *class_, *file, *cookie, *subnet, *https, *tls_ca, *tls_name;
	int64_t port, bufsize, retry, tries, edns_version, padding, serial;
	ns_t timeout;
	bool tcp, tls, dnssec, cd, ad, aa, zero, rec, nsid, keepalive, expire, ignore, brief, multiline;
	int edns, split, cmd, all, answer, authority, additional, question, comments, stats;
};

/* What is shown to people. */
struct view {
	bool brief, lines, comments, stats, many;
	enum dns_lines how;
	bool whole;                                  /* +nosplit */
	int answer, authority, additional, question; /* SHOWN_... */
	bool verbose;
};

static const struct args defaults = { .retry = -1, .tries = -1, .timeout = 2 * NS_PER_S, .rec = true, .ad = true, .edns = SHOWN_FITTING, .split = SHOWN_YES,
	.edns_version = 0, .all = SHOWN_FITTING, .answer = SHOWN_FITTING, .authority = SHOWN_FITTING, .additional = SHOWN_FITTING,
	.question = SHOWN_FITTING, .comments = SHOWN_FITTING, .stats = SHOWN_FITTING };

#define AT(FIELD) .offset = offsetof(struct args, FIELD)
#define LIST(STYLE, TYPE, NAME, METAVAR, FIELD) \
	.style = STYLE, .type = TYPE, .name = NAME, .metavar = METAVAR, AT(FIELD), .flags = OPTION_REPEAT
#define ONE(TYPE, NAME, METAVAR, FIELD) .type = TYPE, .name = NAME, .metavar = METAVAR, AT(FIELD)
#define FLAG(NAME, FIELD) .style = STYLE_PLUS, .type = OPT_FLAG, .name = NAME, AT(FIELD)
#define SWITCH(NAME, FIELD) .style = STYLE_PLUS, .type = OPT_SWITCH, .name = NAME, AT(FIELD)
#define PLUS(TYPE, NAME, METAVAR, FIELD) .style = STYLE_PLUS, .type = TYPE, .name = NAME, .metavar = METAVAR, AT(FIELD)
static const struct option options[] = {
	{ LIST(STYLE_OPERAND, OPT_TEXT, "name", "NAME", names), .help = "a name, or an address to look up backwards" },
	{ LIST(STYLE_OPERAND, OPT_DNS_TYPE, "type", "TYPE", types), .words = dns_type_words,
	  .help = "A, MX, TYPE65, AXFR ...; without any: A and AAAA" },
	{ LIST(STYLE_AT, OPT_TEXT, "server", "SERVER", servers), .help = "ask it, with :PORT or not, instead of resolv.conf's" },
	{ LIST(STYLE_DASH, OPT_DNS_TYPE, "query-type", "TYPE", dashed_types), .letter = 't', .words = dns_type_words,
	  .help = "a type that could be taken for a name" },
	{ LIST(STYLE_DASH, OPT_TEXT, "query-name", "NAME", dashed_names), .letter = 'q', .help = "a name that could be taken for a type" },
	{ LIST(STYLE_DASH, OPT_ADDRESS, "reverse", "ADDRESS", addresses), .letter = 'x', .help = "the name of an address" },
	{ ONE(OPT_FILE, "file", "FILE", file), .letter = 'f', .help = "names from a file, one a line: NAME [CLASS] [TYPE...]; - is standard input" },
	{ ONE(OPT_TEXT, "class", "CLASS", class_), .letter = 'c', .help = "IN, CH, HS or ANY" },
	{ ONE(OPT_PORT, "port", "PORT", port), .letter = 'p', .help = "port of servers that are given without one" },
	{ FLAG("tcp", tcp), .help = "ask over TCP" },
	{ FLAG("vc", tcp), .flags = OPTION_HIDDEN, .help = "as +tcp" },
	{ FLAG("tls", tls), .help = "ask over TLS (RFC 7858), port 853", .excludes = "https tcp" },
	{ PLUS(OPT_TEXT, "https", "PATH", https), .flags = OPTION_BARE, .help = "ask over HTTPS (RFC 8484), port 443; the path is /dns-query" },
	{ PLUS(OPT_TEXT, "tls-ca", "FILE", tls_ca), .flags = OPTION_BARE, .help = "demand a good certificate: of the system's authorities, or those in FILE" },
	{ PLUS(OPT_TEXT, "tls-hostname", "NAME", tls_name), .help = "whose certificate it must be" },
	{ FLAG("dnssec", dnssec), .help = "ask for signatures, too (DO)" },
	{ FLAG("do", dnssec), .flags = OPTION_HIDDEN, .help = "as +dnssec" },
	{ FLAG("cd", cd), .help = "checking disabled: the server is not to verify signatures" },
	{ FLAG("cdflag", cd), .flags = OPTION_HIDDEN, .help = "as +cd" },
	{ FLAG("ad", ad), .help = "ask to be told whether signatures were verified" },
	{ FLAG("adflag", ad), .flags = OPTION_HIDDEN, .help = "as +ad" },
	{ FLAG("aaonly", aa), .help = "set the flag AA in the question" },
	{ FLAG("aaflag", aa), .flags = OPTION_HIDDEN, .help = "as +aaonly" },
	{ FLAG("zflag", zero), .help = "set the reserved flag" },
	{ FLAG("rec", rec), .help = "recursion desired; +norec asks only for what the server knows itself" },
	{ FLAG("recurse", rec), .flags = OPTION_HIDDEN, .help = "as +rec" },
	{ SWITCH("edns", edns), .help = "use EDNS; +noedns asks as in 1987" },
	{ PLUS(OPT_COUNT, "ednsversion", "N", edns_version), .max = 255, .help = "version of EDNS to claim" },
	{ PLUS(OPT_COUNT, "bufsize", "BYTES", bufsize), .min = 512, .max = 65535, .help = "largest UDP answer" },
	{ FLAG("nsid", nsid), .help = "ask the server who it is (RFC 5001)" },
	{ PLUS(OPT_TEXT, "subnet", "NETWORK", subnet), .help = "ask on behalf of this client (RFC 7871); 0 asks to be forgotten" },
	{ PLUS(OPT_TEXT, "cookie", "HEX", cookie), .flags = OPTION_BARE, .help = "send a cookie, this one or a new one (RFC 7873)" },
	{ LIST(STYLE_PLUS, OPT_TEXT, "ednsopt", "CODE[:HEX]", ednsopts), .help = "send any EDNS option" },
	{ PLUS(OPT_COUNT, "padding", "BYTES", padding), .max = 400, .help = "pad the question with so many octets (RFC 7830)" },
	{ FLAG("keepalive", keepalive), .help = "ask how long a connection may stay (RFC 7828)" },
	{ FLAG("expire", expire), .help = "ask when the zone expires (RFC 7314)" },
	{ PLUS(OPT_COUNT, "serial", "SERIAL", serial), .max = UINT32_MAX, .help = "for IXFR: the zone that we have" },
	{ FLAG("ignore", ignore), .help = "keep a cut answer instead of asking again over TCP" },
	{ PLUS(OPT_COUNT, "retry", "N", retry), .max = 15, .help = "how often to ask again over UDP" },
	{ PLUS(OPT_COUNT, "tries", "N", tries), .min = 1, .max = 16, .help = "how often to ask over UDP" },
	{ PLUS(OPT_DURATION, "timeout", "D", timeout), .min = NS_PER_MS, .max = 300 * NS_PER_S, .help = "how long to wait each time" },
	{ PLUS(OPT_DURATION, "time", "D", timeout), .flags = OPTION_HIDDEN, .min = NS_PER_MS, .max = 300 * NS_PER_S, .help = "as +timeout" },
	{ FLAG("short", brief), .help = "only the data, as dig prints it" },
	{ SWITCH("split", split), .help = "long base64 and hex in words, as dig prints them; +nosplit in one" },
	{ SWITCH("cmd", cmd), .flags = OPTION_HIDDEN, .help = "+nocmd is what is so anyway: there is no line with the command" },
	{ FLAG("multiline", multiline), .help = "long records over several lines, with what their numbers mean" },
	{ SWITCH("all", all), .help = "every section; +noall shows none but those asked for: +noall +answer" },
	{ SWITCH("answer", answer), .help = "show the answer" },
	{ SWITCH("authority", authority), .help = "show the authority section" },
	{ SWITCH("additional", additional), .help = "show the additional section" },
	{ SWITCH("question", question), .help = "show the question" },
	{ SWITCH("comments", comments), .help = "show what the answer means: headline, flags, EDNS" },
	{ SWITCH("stats", stats), .help = "show who answered, and when" },
	OPTION_END,
};

static const struct field fields[] = {
	{ "status", KIND_TEXT, "NOERROR, NXDOMAIN ... TIMEOUT, UNREACHABLE, PORT-REFUSED, UNTRUSTED, MALFORMED or FAILED" },
	{ "summary", KIND_TEXT, "the answer in a sentence" },
	{ "time_ms", KIND_TIME, "the longest of all questions" },
	{ "resolv_conf", KIND_TEXT, "servers and options that were used, unless servers were given" },
	{ "question_count", KIND_COUNT, "how many questions were asked" },
	{ "record_count", KIND_COUNT, "how many records came as answers" },
	{ "answer", KIND_NONE, "the records of all answers; of a zone transfer in the order of the wire" },
	DNS_RECORD_FIELDS("answer[]"),
	{ "answer[].ttl_seconds", KIND_SECONDS, "the same, shown to people as a time" },
	{ "answer[].server", KIND_ENDPOINT, "who said so" },
	{ "questions", KIND_NONE, "each name, type and server" },
	{ "questions[].name", KIND_TEXT, "as asked" },
	{ "questions[].type", KIND_TEXT, "as asked" },
	{ "questions[].class", KIND_TEXT, "as asked" },
	DNS_EXCHANGE_FIELDS("questions[]"),
	DNS_MESSAGE_FIELDS("questions[]"),
	{ "questions[].messages", KIND_COUNT, "of a zone transfer" },
	{ "questions[].records", KIND_COUNT, "of a zone transfer" },
	DNS_OTHER_FIELDS("questions[]"),
	DNS_STRAY_FIELDS("questions[]"),
	{ NULL, KIND_NONE, NULL },
};

static const struct column answer_columns[] = {
	{ .name = "name", .heading = "name" },
	{ .name = "ttl", .heading = "TTL", .align = ALIGN_RIGHT },
	{ .name = "ttl_seconds", .heading = "that is" },
	{ .name = "type", .heading = "type" },
	{ .name = "server", .heading = "server", .verbose = true },
	{ .name = "data", .heading = "data", .align = ALIGN_WHOLE },
};
static const struct table answer_tables[] = { { .name = "answer", .columns = answer_columns, .column_count = 6 }, { .name = "answer" } };
/* clang-format on */

static int chosen(const struct args *args, int own)
{
	return own != SHOWN_FITTING ? own : args->all;
}

static struct view view_of(const struct args *args, const struct call *call)
{
	int comments = chosen(args, args->comments), stats = chosen(args, args->stats);
	struct view view = {
		.brief = args->brief,
		.lines = args->brief || args->all == SHOWN_NO || args->multiline,
		.comments = !args->brief && comments != SHOWN_NO,
		.stats = !args->brief && stats != SHOWN_NO,
		.how = args->brief       ? DNS_LINES_SHORT
		       : args->multiline ? DNS_LINES_MULTI
					 : DNS_LINES_FULL,
		.whole = args->split == SHOWN_NO,
		.answer = chosen(args, args->answer),
		.authority = chosen(args, args->authority),
		.additional = chosen(args, args->additional),
		.question = chosen(args, args->question),
		.verbose = call->settings->verbose > 0,
	};
	return view;
}

/* --- the answer --- */

struct answer {
	struct result *result;
	const struct dns_plan *plan;
	const struct view *view;
	const struct dns_job *job; /* of a transfer under way */
	uint64_t records;
};

static void list_open(struct answer *answer)
{
	bool silent = answer->view->lines || answer->view->answer == SHOWN_NO;
	result_list_open(answer->result, &answer_tables[silent]);
}

static void row_emit(struct answer *answer, const struct dns_message *message,
		     const struct dns_record *record, const struct addr *server)
{
	struct result *r = answer->result;
	answer->records++;
	if (answer->view->lines && !result_is_json(r))
		return;
	result_row_open(r);
	dns_record_put(r, message, record);
	result_put(r, "ttl_seconds", value_seconds(record->ttl));
	result_put(r, "server", value_endpoint(server));
	result_row_close(r);
}

static void message_emit(struct answer *answer, const struct dns_message *message, const struct addr *server,
			 size_t job, bool whole)
{
	for (size_t k = 0; k < message->counts[DNS_ANSWER]; k++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][k];
		if (whole || !dns_plan_repeats(answer->plan, job, record))
			row_emit(answer, message, record, server);
	}
	if (answer->view->lines && answer->view->answer != SHOWN_NO)
		dns_lines_show(answer->result, message, DNS_ANSWER, answer->view->how, answer->view->whole);
}

static bool transfer_take(const struct dns_message *message, void *arg)
{
	struct answer *answer = arg;
	message_emit(answer, message, &answer->job->request.server, 0, true);
	return !result_broken(answer->result);
}

/* One after the other: each streams. */
static enum loop_end transfers_run(struct call *call, struct answer *answer, struct dns_plan *plan)
{
	enum loop_end end = LOOP_DONE;
	for (size_t i = 0; i < plan->job_count && end == LOOP_DONE; i++) {
		answer->job = &plan->jobs[i];
		plan->jobs[i].request.each = transfer_take;
		plan->jobs[i].request.each_arg = answer;
		end = dns_batch_run(call->loop, &plan->jobs[i], 1, 1);
	}
	return end;
}

/* dig's other sections, as lines. */
static void sections_show(struct answer *answer, const struct dns_message *message)
{
	const struct view *view = answer->view;
	if (!view->lines || view->brief)
		return;
	if (view->authority == SHOWN_YES)
		dns_lines_show(answer->result, message, DNS_AUTHORITY, view->how, view->whole);
	if (view->additional == SHOWN_YES)
		dns_lines_show(answer->result, message, DNS_ADDITIONAL, view->how, view->whole);
}

static void answers_emit(struct answer *answer, struct dns_plan *plan)
{
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct dns_message *message = dns_job_open(&plan->jobs[i]);
		if (message) {
			message_emit(answer, message, &plan->jobs[i].exchange.server, i, answer->view->lines);
			sections_show(answer, message);
		}
		dns_job_close(&plan->jobs[i]);
	}
}

/* --- who said so --- */

#define CAME "{type} from {server} by {transport} in {time_ms} ({clock} clock)"
static void exchange_emit(struct result *r, const struct dns_job *job, const char *label)
{
	const struct dns_exchange *exchange = &job->exchange;
	bool good = dns_job_is_good(job), answered = exchange->outcome == DNS_ANSWERED;
	bool cut = exchange->truncated_first || (exchange->message && exchange->message->tc);
	char type[16], class_[16];
	result_put(r, "name", value_text(job->request.name));
	result_put(r, "type", value_text(dns_type_name(job->request.type, type)));
	result_put(r, "class", value_text(dns_class_name(job->request.class_, class_)));
	dns_exchange_put(r, exchange);
	if (exchange->message_count) {
		result_put(r, "messages", value_count(exchange->message_count));
		result_put(r, "records", value_count(exchange->record_count));
	}
	if (!label)
		return;
	if (exchange->message_count)
		result_item(r, label, TONE_PLAIN,
			    CAME ": {records} records in {messages} messages, {answer_bytes}");
	else if (good)
		result_item(r, label, TONE_PLAIN, CAME ", {answer_bytes}");
	else
		result_item(r, label, TONE_WARN,
			    answered ? "{name} " CAME ": {meaning}" : "{name} {type}: {meaning}");
	if (exchange->tls_version[0])
		result_item(r, "TLS", exchange->tls_fault[0] ? TONE_WARN : TONE_PLAIN,
			    exchange->tls_fault[0] ? "{tls_version}, but {tls_fault}"
						   : "{tls_version}, with a good certificate");
	if (exchange->tries > 1)
		result_item(r, "tries", TONE_WARN, "{name} {type} had to be asked {tries} times");
	if (cut)
		result_item(r, "cut", TONE_PLAIN, "the answer over UDP was cut (tc)");
}

static void question_emit(struct answer *answer, struct dns_plan *plan, size_t i)
{
	const struct view *view = answer->view;
	struct result *r = answer->result;
	struct dns_job *job = &plan->jobs[i];
	const struct dns_message *message = dns_job_open(job);
	bool first = i == 0 || job->request.name != job[-1].request.name;
	/* Flags are shown once for each name: those of A and AAAA rarely differ. */
	bool shown = view->comments && first && !view->many;
	bool told = view->stats && (!view->many || !dns_job_is_good(job));
	bool empty = message && !message->counts[DNS_ANSWER] && view->comments;
	bool authority = view->authority == SHOWN_FITTING ? empty || view->verbose : view->authority;
	bool additional = view->additional == SHOWN_FITTING ? view->verbose : view->additional;
	result_row_open(r);
	exchange_emit(r, job, told ? plan->job_count > 1 ? "asked" : "server" : NULL);
	if (message)
		dns_message_put(r, message, shown && !job->exchange.message_count);
	bool also = !view->lines && !view->brief && first && !view->many;
	dns_others_put(r, message, also && authority, also && additional);
	dns_strays_put(r, &job->exchange);
	if (view->question == SHOWN_YES && !view->brief)
		result_item(r, "question", TONE_PLAIN, "{name} {class} {type}");
	result_row_close(r);
	dns_job_close(job);
}

static void questions_emit(struct answer *answer, struct dns_plan *plan)
{
	static const struct table table = { .name = "questions" };
	bool json = result_is_json(answer->result);
	result_list_open(answer->result, &table);
	for (size_t i = 0; i < plan->job_count; i++)
		if (json || !answer->view->brief)
			question_emit(answer, plan, i);
	result_list_close(answer->result);
}

static void answer_show(struct answer *answer, struct dns_plan *plan, struct dns_judgement *judged,
			bool transfer)
{
	const struct view *view = answer->view;
	struct result *r = answer->result;
	char conf[512];
	resolv_conf_format(&plan->conf, conf, sizeof conf);
	if (transfer)
		result_list_close(r);
	result_put(r, "status", value_text(judged->word));
	result_put(r, "summary", value_text(judged->summary));
	result_put(r, "time_ms", value_time(judged->longest));
	result_put(r, "resolv_conf", value_text(plan->servers.count ? NULL : conf));
	result_put(r, "question_count", value_count(plan->job_count));
	if (view->comments && !judged->none)
		result_headline(r, judged->status ? TONE_BAD : TONE_GOOD, "{status}", "{summary}",
				"{time_ms}");
	if (!transfer) {
		list_open(answer);
		answers_emit(answer, plan);
		result_list_close(r);
	}
	result_put(r, "record_count", value_count(answer->records));
	result_gap(r);
	questions_emit(answer, plan);
	if (view->stats && !plan->servers.count)
		result_item(r, "settings", TONE_FAINT, "of resolv.conf: {resolv_conf}");
}

/* --- the question --- */

static void plan_fill(struct dns_plan *plan, const struct args *args, const struct call *call)
{
	bool edns = args->edns != SHOWN_NO;
	bool many = args->file != NULL;
	/* clang-format off */
	*plan = (struct dns_plan){
		.names = { args->names, args->addresses, args->dashed_names }, .types = { args->types, args->dashed_types },
		.servers = args->servers, .class_ = args->class_, .port = (uint16_t)args->port, .file = args->file,
		.only_a = args->brief || args->all == SHOWN_NO, .family = call->settings->family,
		.request = { .transport = args->https ? DNS_HTTPS : args->tls ? DNS_TLS : args->tcp ? DNS_TCP : DNS_UDP,
			     .recursion_desired = args->rec, .checking_disabled = args->cd, .authentic_data = args->ad,
			     .authoritative = args->aa, .zero = args->zero, .dnssec_ok = args->dnssec, .no_edns = !edns,
			     .edns_version = (uint8_t)args->edns_version, .ignore_truncation = args->ignore, .nsid = args->nsid,
			     .udp_size = (uint16_t)args->bufsize, .timeout = args->timeout, .serial = (uint32_t)args->serial,
			     .tries = args->tries > 0 ? (int)args->tries : args->retry >= 0 ? (int)args->retry + 1 : TRIES,
			     .patient = many && args->tries < 0 && args->retry < 0, .https_path = args->https,
			     .tls_ca = args->tls_ca ? args->tls_ca : args->tls_name ? "" : NULL, .tls_name = args->tls_name,
			     .interface = call->settings->interface },
	};
	/* clang-format on */
}

static enum loop_end questions_run(struct call *call, struct dns_plan *plan, bool many, bool brief)
{
	struct dns_bulk_report report;
	if (!many || plan->request.transport != DNS_UDP)
		return dns_batch_run(call->loop, plan->jobs, plan->job_count, WINDOW_SINGLE);
	enum loop_end end =
	    dns_bulk_run(call->loop, plan->jobs, plan->job_count, WINDOW, &report, call->error);
	if (report.strays && (!brief || result_is_json(call->result)))
		result_note(call->result, "%llu messages came that are no answers to these questions",
			    (unsigned long long)report.strays);
	return end;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct dns_edns_words words = { args->cookie,  args->subnet,    args->ednsopts,
					args->padding, args->keepalive, args->expire };
	uint8_t edns[DNS_OPTIONS_MAX];
	struct dns_plan plan;
	struct dns_judgement judged;
	struct view view = view_of(args, call);
	struct answer answer = { .result = call->result, .plan = &plan, .view = &view };
	plan_fill(&plan, args, call);
	int length = dns_edns_build(&words, edns, call->error);
	plan.request.options = edns;
	plan.request.options_length = length > 0 ? (size_t)length : 0;
	if (length < 0 || dns_plan_build(call->loop, &plan, call->error) < 0) {
		dns_plan_release(&plan);
		return call->error->status;
	}
	bool transfer = dns_plan_is_transfer(&plan);
	view.many = plan.job_count > MANY;
	if (transfer)
		list_open(&answer);
	enum loop_end end =
	    transfer ? transfers_run(call, &answer, &plan) : questions_run(call, &plan, view.many, view.lines);
	dns_plan_judge(&plan, &judged);
	answer_show(&answer, &plan, &judged, transfer);
	enum status status = judged.status;
	if (judged.none)
		*call->error = judged.none->error;
	if (end == LOOP_INTERRUPTED)
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
