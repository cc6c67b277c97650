#include "diag/judge.h"

#include "diag/ledger.h"
#include "diag/rules.h"
#include "diag/words.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct rule *const tables[] = { rules_dns,     rules_client, rules_path,
					     rules_network, rules_server, rules_pace };

enum { CANDIDATES_MAX = 48 };

struct candidate {
	const struct rule *rule;
	struct verdict verdict;
};

struct court {
	struct matter matter;
	struct candidate found[CANDIDATES_MAX];
	size_t found_count;
	struct candidate clean[CANDIDATES_MAX]; /* the reason is in the summary */
	size_t clean_count;
};

const char *cause_class_name(enum cause_class class_)
{
	static const char *const names[] = { "healthy", "client", "dns", "network", "server", "unknown" };
	return names[class_];
}

static void court_hear(struct court *court, const struct rule *rule)
{
	struct candidate candidate = { .rule = rule };
	candidate.verdict.class_ = rule->class_;
	candidate.verdict.cause = rule->cause;
	switch (rule->judge(&court->matter, &candidate.verdict)) {
	case FOUND:
		if (court->found_count < CANDIDATES_MAX)
			court->found[court->found_count++] = candidate;
		break;
	case CLEAN:
		if (court->clean_count < CANDIDATES_MAX)
			court->clean[court->clean_count++] = candidate;
		break;
	case NOT_TESTED:
		break;
	}
}

/* What makes the thing fail comes before what makes it slow; among failures the earliest step, because what lies behind it was
 * never reached; among delays the longest. */
static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->verdict.cost == NS_NEVER && y->verdict.cost == NS_NEVER &&
	    x->rule->strikes != y->rule->strikes)
		return x->rule->strikes < y->rule->strikes ? -1 : 1;
	if (x->verdict.cost != y->verdict.cost)
		return x->verdict.cost > y->verdict.cost ? -1 : 1;
	if (x->verdict.confidence != y->verdict.confidence)
		return x->verdict.confidence > y->verdict.confidence ? -1 : 1;
	return 0;
}

/* Another explanation that would cost nearly as much makes the first one less sure. */
static void court_doubt(struct court *court)
{
	if (court->found_count < 2)
		return;
	struct verdict *first = &court->found[0].verdict;
	const struct verdict *second = &court->found[1].verdict;
	if (first->cost == NS_NEVER ? second->cost != NS_NEVER : second->cost < first->cost - first->cost / 3)
		return;
	first->confidence *= 0.85;
}

static void add_ruled_out(const struct court *court, struct verdict *verdict)
{
	for (size_t i = 0; i < court->clean_count && verdict->ruled_out_count < RULED_OUT_MAX; i++) {
		const struct verdict *clean = &court->clean[i].verdict;
		int n = verdict->ruled_out_count++;
		verdict->ruled_out[n].cause = clean->cause;
		memcpy(verdict->ruled_out[n].because, clean->summary, sizeof clean->summary);
	}
}

/* Nothing costs enough to be a cause. */
static void verdict_healthy(const struct court *court, struct verdict *out)
{
	const struct facts *facts = court->matter.facts;
	const struct sums *sums = court->matter.sums;
	char where[ADDR_TEXT_MAX];
	out->class_ = CLASS_HEALTHY;
	out->cause = "healthy";
	verdict_where(out, "%s", where_of(facts, where));
	bool http = facts->talk == TALK_HTTP || facts->talk == TALK_HTTPS;
	double sure =
	    confidence_of(http ? 0.97 : 0.9, sums->ok + sums->connected + sums->idle.count / 10, 12);
	if (sums->ok && http) {
		verdict_found(out, 0, sure,
			      "%u of %u requests were answered in %s; nothing stands in their way", sums->ok,
			      sums->made, say_time(court->matter.ledger->total).text);
		verdict_evidence(out, "server_time", value_time(sums->server), value_none(), 0.6,
				 "the server answered after %s of its own", say_time(sums->server).text);
	} else if (sums->connected) {
		const char *what = facts->talk == TALK_BANNER ? "the server greets"
				   : facts->talk == TALK_TLS
				       ? "TLS works"
				       : "more cannot be judged: it waits for its client to speak";
		verdict_found(
		    out, 0, sure, "%u of %u connections were made, in %s; %s", sums->connected, sums->tries,
		    say_time(facts->paths[facts->primary < 0 ? 0 : facts->primary].first_connect).text, what);
	} else {
		verdict_found(out, 0, confidence_of(0.75, sums->idle.count, 20),
			      "the host answers, but not at ports 443, 80 and 22: name the one that matters");
	}
	if (sums->idle.count)
		verdict_evidence(out, "round_trip", value_time(sums->idle.p50), value_time(sums->rtt), 0.5,
				 "round trip %s, p99 %s (%s)", say_time(sums->idle.p50).text,
				 say_time(sums->idle.p99).text, sums->steady->method);
	if (sums->loss.trips)
		verdict_evidence(out, "loss", value_percent(100 * loss_rate(&sums->loss)), value_none(), 0.5,
				 "%llu of %llu packets lost", (unsigned long long)sums->loss.lost,
				 (unsigned long long)sums->loss.trips);
}

static bool anything_worked(const struct court *court)
{
	const struct sums *sums = court->matter.sums;
	if (court->matter.facts->kind == TARGET_URL)
		return sums->ok > 0;
	return sums->connected || (court->matter.facts->kind == TARGET_HOST && sums->host_answers);
}

static void verdict_unknown(const struct court *court, struct verdict *out)
{
	const struct facts *facts = court->matter.facts;
	char where[ADDR_TEXT_MAX];
	out->class_ = CLASS_UNKNOWN;
	out->cause = "unknown";
	verdict_where(out, "%s", where_of(facts, where));
	if (facts->interrupted)
		verdict_found(out, 0, 0, "ended before enough was measured to tell");
	else
		verdict_found(
		    out, 0, 0, "the attempts failed in a way that no known cause explains%s%s",
		    facts->attempt_count && facts->attempts[facts->attempt_count - 1].error[0] ? ": " : "",
		    facts->attempt_count ? facts->attempts[facts->attempt_count - 1].error : "");
	verdict_next(out, "ntsh http -n 10 %s", facts->target);
	verdict_next(out, "ntsh ping -c 100 %s", facts->host);
}

static void court_rule(struct court *court, struct diagnosis *out)
{
	qsort(court->found, court->found_count, sizeof court->found[0], compare_candidates);
	court_doubt(court);
	if (court->found_count)
		out->verdict = court->found[0].verdict;
	else if (anything_worked(court))
		verdict_healthy(court, &out->verdict);
	else
		verdict_unknown(court, &out->verdict);
	add_ruled_out(court, &out->verdict);
	for (size_t i = 1; i < court->found_count && out->also_count < ALSO_MAX; i++)
		out->also[out->also_count++] = court->found[i].verdict;
}

void judge(const struct facts *facts, struct diagnosis *out)
{
	struct court *court = NEW(struct court);
	struct sums *sums = NEW(struct sums);
	sums_compute(sums, facts);
	ledger_compute(facts, sums, &out->ledger);
	court->matter = (struct matter){ facts, sums, &out->ledger };
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct rule *rule = tables[t]; rule->cause; rule++)
			court_hear(court, rule);
	court_rule(court, out);
	out->attempts = (int)sums->made;
	out->failed = (int)sums->failed;
	out->round_trip = sums->rtt;
	if (sums->median >= 0)
		out->round_trips = ledger_handshake_trips(&facts->attempts[sums->median]);
	free(sums);
	free(court);
}
