#include "diag/judge.h"

#include "diag/ledger.h"
#include "diag/rank.h"
#include "diag/words.h"

#include "base/mem.h"

#include <stdlib.h>

static const struct rule *const tables[] = { rules_dns,     rules_client, rules_path,
					     rules_network, rules_server, rules_pace };

/* Nothing costs enough to be a cause. */
static void say_healthy(const struct matter *matter, struct verdict *out)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	char where[ADDR_TEXT_MAX];
	verdict_healthy(out);
	verdict_where(out, "%s", where_of(facts, where));
	bool http = facts->talk == TALK_HTTP || facts->talk == TALK_HTTPS;
	double sure =
	    confidence_of(http ? 0.97 : 0.9, sums->ok + sums->connected + sums->idle.count / 10, 12);
	if (sums->ok && http) {
		verdict_found(out, 0, sure,
			      "%u of %u requests were answered in %s; nothing stands in their way", sums->ok,
			      sums->made, say_time(matter->ledger->total).text);
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

static bool anything_worked(const struct matter *matter)
{
	const struct sums *sums = matter->sums;
	if (matter->facts->kind == TARGET_URL)
		return sums->ok > 0;
	return sums->connected || (matter->facts->kind == TARGET_HOST && sums->host_answers);
}

static void say_unknown(const struct matter *matter, struct verdict *out)
{
	const struct facts *facts = matter->facts;
	char where[ADDR_TEXT_MAX];
	verdict_unknown(out);
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

static void otherwise(const struct matter *matter, struct verdict *out)
{
	if (anything_worked(matter))
		say_healthy(matter, out);
	else
		say_unknown(matter, out);
}

void judge(const struct facts *facts, struct diagnosis *out)
{
	struct sums *sums = NEW(struct sums);
	sums_compute(sums, facts);
	ledger_compute(facts, sums, &out->ledger);
	struct matter matter = { .facts = facts, .sums = sums, .ledger = &out->ledger };
	rank(&matter, tables, sizeof tables / sizeof *tables, otherwise, out);
	out->attempts = (int)sums->made;
	out->failed = (int)sums->failed;
	out->round_trip = sums->rtt;
	if (sums->median >= 0)
		out->round_trips = ledger_handshake_trips(&facts->attempts[sums->median]);
	free(sums);
}
