/* Answers in words. */
#include "base/units.h"
#include "ntsh/dns_dig.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *dns_exchange_status(const struct dns_exchange *exchange, char buf[16])
{
	switch (exchange->outcome) {
	case DNS_ANSWERED:
		return dns_rcode_name(exchange->message->rcode, buf);
	case DNS_TIMED_OUT:
		return "TIMEOUT";
	case DNS_REFUSED_PORT:
		return "PORT-REFUSED";
	case DNS_UNREACHABLE:
		return "UNREACHABLE";
	case DNS_MALFORMED:
		return "MALFORMED";
	case DNS_UNTRUSTED:
		return "UNTRUSTED";
	default:
		return "FAILED";
	}
}

const char *dns_exchange_meaning(const struct dns_exchange *exchange)
{
	const struct dns_message *message = exchange->message;
	if (exchange->outcome != DNS_ANSWERED)
		return exchange->error.message;
	if (message->rcode || message->counts[DNS_ANSWER])
		return dns_rcode_meaning(message->rcode);
	for (size_t i = 0; i < message->counts[DNS_AUTHORITY]; i++)
		if (message->records[DNS_AUTHORITY][i].type == 2 && !message->aa)
			return "no answer, but a referral to other servers";
	return "the name exists, but has no record of this type";
}

bool dns_exchange_is_good(const struct dns_exchange *exchange)
{
	return exchange->outcome == DNS_ANSWERED && exchange->message->rcode == 0 &&
	       exchange->message->counts[DNS_ANSWER] > 0;
}

__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;
	va_start(args, format);
	vsnprintf(buf + used, size - used, format, args);
	va_end(args);
}

static bool same_record(const struct dns_message *a, const struct dns_record *record_a,
			const struct dns_message *b, const struct dns_record *record_b)
{
	char text_a[DNS_NAME_TEXT_MAX], text_b[DNS_NAME_TEXT_MAX];
	if (record_a->type != record_b->type || strcmp(record_a->name, record_b->name) != 0)
		return false;
	return dns_record_text(a, record_a, text_a, sizeof text_a) ==
		   dns_record_text(b, record_b, text_b, sizeof text_b) &&
	       strcmp(text_a, text_b) == 0;
}

bool dns_plan_repeats(const struct dns_plan *plan, size_t job, const struct dns_record *record)
{
	const struct dns_job *mine = &plan->jobs[job];
	/* Only what answers a question of any type comes twice. */
	if (record->type != 5 && record->type != 39 && record->type != 46)
		return false;
	bool found = false;
	for (size_t i = job; !found && i-- > 0 && plan->jobs[i].request.name == mine->request.name;) {
		if (!addr_equal(&plan->jobs[i].exchange.server, &mine->exchange.server))
			continue;
		const struct dns_message *other = dns_job_open(&plan->jobs[i]);
		for (size_t k = 0; other && !found && k < other->counts[DNS_ANSWER]; k++)
			found = same_record(mine->message, record, other, &other->records[DNS_ANSWER][k]);
		dns_job_close(&plan->jobs[i]);
	}
	return found;
}

/* "2 A and 1 AAAA records" */
static void records_count(const struct dns_plan *plan, char *buf, size_t size)
{
	enum { COUNTED = 8 };
	uint16_t types[COUNTED];
	size_t counts[COUNTED] = { 0 }, used = 0, all = 0;
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct dns_message *message = plan->jobs[i].exchange.message;
		for (size_t k = 0; message && k < message->counts[DNS_ANSWER]; k++) {
			size_t t = 0;
			if (dns_plan_repeats(plan, i, &message->records[DNS_ANSWER][k]))
				continue;
			all++;
			while (t < used && types[t] != message->records[DNS_ANSWER][k].type)
				t++;
			if (t == used && used < COUNTED)
				types[used++] = message->records[DNS_ANSWER][k].type;
			if (t < COUNTED)
				counts[t]++;
		}
	}
	buf[0] = '\0';
	for (size_t t = 0; t < used; t++) {
		char unknown[16];
		add(buf, size, "%s%zu %s",
		    t == 0          ? ""
		    : t + 1 == used ? " and "
				    : ", ",
		    counts[t], dns_type_name(types[t], unknown));
	}
	add(buf, size, all == 1 ? " record" : " records");
}

/* Says it for one name: what it has, or what is wrong. */
static void summary_of_one(const struct dns_plan *plan, struct dns_job *bad, struct dns_judgement *out)
{
	const char *name = plan->jobs[0].request.name;
	char counted[128];
	if (bad) {
		dns_job_open(bad);
		snprintf(out->summary, sizeof out->summary, "%.1030s: %.500s", name,
			 dns_exchange_meaning(&bad->exchange));
		dns_job_close(bad);
	} else if (dns_plan_is_transfer(plan)) {
		snprintf(out->summary, sizeof out->summary, "the zone %.1030s came in %zu records", name,
			 plan->jobs[0].exchange.record_count);
	} else {
		records_count(plan, counted, sizeof counted);
		snprintf(out->summary, sizeof out->summary, "%.1030s has %s", name, counted);
	}
}

struct tally {
	struct dns_job *bad, *empty; /* the first of each kind */
	size_t names, good_names, answered;
};

/* All questions for one name, from job i on. Returns the first one behind them. */
static size_t name_judge(const struct dns_plan *plan, size_t i, struct tally *tally, ns_t *longest)
{
	const char *name = plan->jobs[i].request.name;
	bool good = false, failed = false;
	for (; i < plan->job_count && plan->jobs[i].request.name == name; i++) {
		struct dns_job *job = &plan->jobs[i];
		bool here = job->exchange.outcome == DNS_ANSWERED, fails = !here || job->rcode;
		tally->answered += here || job->answer_count;
		good |= dns_job_is_good(job);
		failed |= fails;
		if (fails && !tally->bad)
			tally->bad = job;
		if (!fails && !tally->empty && !dns_job_is_good(job))
			tally->empty = job;
		if (job->exchange.rtt > *longest)
			*longest = job->exchange.rtt;
	}
	tally->names++;
	tally->good_names += good && !failed;
	return i;
}

void dns_plan_judge(const struct dns_plan *plan, struct dns_judgement *out)
{
	*out = (struct dns_judgement){ .word = "NOERROR", .longest = NS_NONE };
	struct tally tally = { 0 };
	for (size_t i = 0; i < plan->job_count;)
		i = name_judge(plan, i, &tally, &out->longest);
	if (tally.bad) {
		dns_job_open(tally.bad);
		out->word = dns_exchange_status(&tally.bad->exchange, out->buf);
		dns_job_close(tally.bad);
	}
	out->status = tally.good_names == tally.names ? STATUS_OK : STATUS_BAD;
	if (plan->job_count && !tally.answered)
		out->none = &plan->jobs[0].exchange;
	if (tally.names == 1)
		summary_of_one(plan, tally.bad ? tally.bad : out->status ? tally.empty : NULL, out);
	else
		snprintf(out->summary, sizeof out->summary, "%zu of %zu names have an answer",
			 tally.good_names, tally.names);
}

void dns_flags_format(const struct dns_message *message, char *buf, size_t size)
{
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ message->qr, "qr" }, { message->aa, "aa" }, { message->tc, "tc" },
		{ message->rd, "rd" }, { message->ra, "ra" }, { message->flags & 0x40, "z" },
		{ message->ad, "ad" }, { message->cd, "cd" },
	};
	buf[0] = '\0';
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flags[i].set)
			add(buf, size, "%s%s", buf[0] ? " " : "", flags[i].word);
}

void dns_flags_explain(const struct dns_message *message, char *buf, size_t size)
{
	snprintf(buf, size, "%s",
		 message->aa ? "aa the server is an authority for the name"
			     : "no aa: from a cache or another server");
	if (message->tc)
		add(buf, size, ", tc the answer is cut");
	if (message->rd && !message->ra && !message->aa)
		add(buf, size, ", rd without ra: the server does not ask others for us");
	else if (message->ra)
		add(buf, size, ", ra the server asks others for us");
	if (message->ad)
		add(buf, size, ", ad the server has checked the signatures");
	if (message->cd)
		add(buf, size, ", cd unchecked, as asked");
}

void resolv_conf_format(const struct resolv_conf *conf, char *buf, size_t size)
{
	char text[ADDR_TEXT_MAX], timeout[UNITS_TEXT_MAX];
	buf[0] = '\0';
	for (int i = 0; i < conf->server_count; i++)
		add(buf, size, "%s%s", i ? ", " : "", addr_format(&conf->servers[i], text));
	if (conf->missing)
		add(buf, size, " (libc's default: the file names no server)");
	for (int i = 0; i < conf->search_count; i++)
		add(buf, size, "%s%s", i ? " " : "; search ", conf->search[i]);
	add(buf, size, "; ndots %d, timeout %s, attempts %d", conf->ndots,
	    units_format_time(conf->timeout, false, timeout), conf->attempts);
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ conf->rotate, "rotate" },
		{ conf->single_request, "single-request" },
		{ conf->single_request_reopen, "single-request-reopen" },
		{ conf->use_vc, "use-vc" },
		{ conf->edns0, "edns0" },
		{ conf->trust_ad, "trust-ad" },
		{ conf->no_aaaa, "no-aaaa" },
	};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flags[i].set)
			add(buf, size, ", %s", flags[i].word);
}
