/* Is the server slow? Its think time, its part of TLS, its pauses, and what is slow only now and then. */
#include "diag/ledger.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <stdio.h>
#include <string.h>

/* What a server takes at the least before it is called slow. */
#define SLOW (50 * NS_PER_MS)
/* One answer so much later than the others is an event of its own. */
#define OUTLIER (200 * NS_PER_MS)

static unsigned slow_answers(const struct matter *matter, ns_t *excess)
{
	unsigned count = 0;
	*excess = 0;
	const struct sums *sums = matter->sums;
	for (unsigned i = 0; i < matter->facts->attempt_count; i++) {
		const struct attempt *a = &matter->facts->attempts[i];
		ns_t think = attempt_counts(a) ? attempt_server_time(a, sums) : NS_NONE;
		if (think == NS_NONE || think < 3 * sums->server + OUTLIER)
			continue;
		count++;
		*excess += think - sums->server;
	}
	return count;
}

static enum finding judge_flapping(const struct matter *matter, struct verdict *verdict)
{
	const struct sums *sums = matter->sums;
	if (sums->made < 3 || !sums->ok)
		return NOT_TESTED;
	ns_t excess;
	unsigned slow = sums->server_count >= 3 ? slow_answers(matter, &excess) : 0;
	/* A lost answer is sent again after a time-out of 200 ms and more: then the path is to blame. */
	if (slow && loss_is_real(sums) && excess / (ns_t)slow < 1500 * NS_PER_MS)
		slow = 0;
	unsigned failed = loss_is_real(sums) || sums->port_only ? 0 : sums->failed;
	const struct witness_facts *w = &matter->facts->witness;
	if (failed && w->reset_ttl >= 0 && w->ttl >= 0 && w->reset_ttl != w->ttl)
		failed = 0;
	if (!slow && !failed)
		return verdict_clean(verdict, "%u requests behaved alike", sums->made);
	verdict_where_service(verdict, matter->facts);
	if (failed) {
		verdict_evidence(verdict, "failed", value_count(failed), value_count(sums->made), 1,
				 "%u of %u requests failed", failed, sums->made);
		for (unsigned i = 0; i < matter->facts->attempt_count; i++)
			if (matter->facts->attempts[i].error[0] &&
			    attempt_counts(&matter->facts->attempts[i])) {
				verdict_evidence(verdict, "error", value_none(), value_none(), 0.8, "%s",
						 matter->facts->attempts[i].error);
				break;
			}
	}
	if (slow)
		verdict_evidence(
		    verdict, "slow_answers", value_time(sums->server_max), value_time(sums->server), 1,
		    "%u of %u answers came far later than the others: up to %s of server time, usually %s",
		    slow, sums->server_count, say_time(sums->server_max).text, say_time(sums->server).text);
	verdict_say_elsewhere(verdict, matter->facts);
	verdict_next(verdict, "is it one of several servers behind this address? ask each alone");
	verdict_next(verdict, "ntsh http -n 50 %s", matter->facts->target);
	ns_t cost = cost_of_failures(failed, sums->made) + (slow ? excess / (ns_t)sums->server_count : 0);
	return verdict_found(verdict, cost, confidence_of(0.92, slow + failed, 2),
			     failed ? "%s fails now and then: %u of %u requests"
				    : "%s is slow now and then: %u of %u requests",
			     verdict->where, failed ? failed : slow, sums->made);
}

static bool server_is_slow(const struct matter *matter)
{
	const struct sums *sums = matter->sums;
	if (sums->server == NS_NONE || sums->server < SLOW)
		return false;
	/* Beside a wait that is much longer for other reasons it is not what a person feels. */
	return sums->server >= 300 * NS_PER_MS || sums->server >= matter->ledger->total / 8;
}

static enum finding judge_slow(const struct matter *matter, struct verdict *verdict)
{
	const struct sums *sums = matter->sums;
	if (sums->server == NS_NONE)
		return NOT_TESTED;
	if (!server_is_slow(matter))
		return verdict_clean(verdict, "the server answers after %s of its own",
				     say_time(sums->server).text);
	verdict_where_service(verdict, matter->facts);
	const struct attempt *a = &matter->facts->attempts[sums->median < 0 ? 0 : sums->median];
	if (sums->server_exact && a->request_network != NS_NONE)
		verdict_evidence(verdict, "ack_to_first_byte", value_time(sums->server),
				 value_time(sums->rtt), 1,
				 "its kernel acknowledged the request after %s, the first byte came %s later "
				 "(%u of %u requests)",
				 say_time(a->request_network).text, say_time(a->server).text,
				 sums->server_exact, sums->server_count);
	else
		verdict_evidence(
		    verdict, "wait_minus_round_trip", value_time(sums->server), value_time(sums->rtt), 0.8,
		    "the first byte came %s later than a round trip takes", say_time(sums->server).text);
	if (sums->idle.count)
		verdict_evidence(verdict, "round_trip", value_time(sums->idle.p50), value_time(sums->rtt),
				 0.7, "round trip %s, p99 %s; %llu of %llu packets lost",
				 say_time(sums->idle.p50).text, say_time(sums->idle.p99).text,
				 (unsigned long long)sums->loss.lost, (unsigned long long)sums->loss.trips);
	if (sums->server_count > 1)
		verdict_evidence(verdict, "spread", value_time(sums->server_max),
				 value_time(sums->server_min), 0.6, "in %u requests it took %s to %s",
				 sums->server_count, say_time(sums->server_min).text,
				 say_time(sums->server_max).text);
	verdict_next(verdict, "ntsh diagnose service %u   (on the server)", matter->facts->port);
	verdict_next(verdict, "on the server: the program's log, its database, its CPU");
	double base = sums->server_exact * 2 > sums->server_count ? 0.98 : 0.9;
	if (sums->server < 2 * SLOW)
		base -= 0.1;
	if (loss_is_real(sums))
		base -= 0.08; /* a lost answer looks like thinking */
	return verdict_found(verdict, sums->server, confidence_of(base, sums->server_count, 4),
			     "%s took %s of the %s to its first byte", verdict->where,
			     say_time(sums->server).text,
			     say_time(matter->ledger->total - matter->ledger->transfer_network -
				      matter->ledger->transfer_server)
				 .text);
}

static enum finding judge_slow_tls(const struct matter *matter, struct verdict *verdict)
{
	const struct sums *sums = matter->sums;
	if (sums->tls_server == NS_NONE)
		return NOT_TESTED;
	if (sums->tls_server < SLOW || sums->tls_server < matter->ledger->total / 10)
		return verdict_clean(verdict, "TLS took the server %s", say_time(sums->tls_server).text);
	verdict_where_service(verdict, matter->facts);
	verdict_evidence(
	    verdict, "tls_server", value_time(sums->tls_server), value_time(sums->rtt), 1,
	    "its kernel acknowledged the ClientHello after a round trip, the server's answer came %s later",
	    say_time(sums->tls_server).text);
	verdict_next(verdict, "on the server: CPU, the size of its key, session resumption, what its TLS "
			      "asks elsewhere (OCSP, key store)");
	verdict_next_tls(verdict, matter->facts);
	return verdict_found(verdict, sums->tls_server, confidence_of(0.95, sums->made, 3),
			     "%s took %s for its part of the TLS handshake", verdict->where,
			     say_time(sums->tls_server).text);
}

static enum finding judge_slow_transfer(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	const struct attempt *a = sums->median < 0 ? NULL : &facts->attempts[sums->median];
	if (!a || a->transfer == NS_NONE)
		return NOT_TESTED;
	ns_t growth = load_growth(sums);
	bool queue = growth != NS_NONE && growth > 20 * NS_PER_MS && growth > sums->idle.p50 / 2;
	ns_t cost = attempt_pauses(a, sums);
	ns_t moving = a->transfer - a->gap_time;
	bool own_limit = facts->load.flows && facts->load.rate_together > 1.6 * facts->load.rate_alone &&
			 !queue && !loss_is_real(sums) && moving > 20 * sums->rtt && moving > 500 * NS_PER_MS;
	if (own_limit && moving > cost)
		cost = a->transfer;
	if (cost < 150 * NS_PER_MS || cost < matter->ledger->total / 6)
		return verdict_clean(verdict, "no pauses in the transfer (%s in all)",
				     say_time(a->gap_lossless).text);
	verdict_where_service(verdict, matter->facts);
	if (a->gaps)
		verdict_evidence(
		    verdict, "gaps", value_time(a->gap_lossless), value_time(sums->rtt), 1,
		    "%llu pauses, %s in all, up to %s, with nothing lost: the server had nothing ready",
		    (unsigned long long)a->gaps, say_time(a->gap_lossless).text,
		    say_time(a->longest_gap).text);
	if (facts->load.flows)
		verdict_evidence(verdict, "rate_together", value_bit_rate(facts->load.rate_together * 8),
				 value_bit_rate(facts->load.rate_alone * 8), 0.9,
				 "%u transfers at once got %s together, one alone %s", facts->load.flows,
				 say_rate(facts->load.rate_together).text,
				 say_rate(facts->load.rate_alone).text);
	if (growth != NS_NONE)
		verdict_evidence(verdict, "round_trip_loaded", value_time(sums->loaded.p50),
				 value_time(sums->idle.p50), 0.7,
				 "meanwhile a round trip took %s as before: no queue on the way",
				 say_time(sums->loaded.p50).text);
	verdict_next(verdict, "on the server: what does it read the answer from? disk, database, upstream; "
			      "does it limit rates?");
	verdict_next(verdict, "ntsh -v http %s", facts->target);
	return verdict_found(verdict, cost,
			     confidence_of(loss_is_real(sums) ? 0.7 : 0.93, a->gaps + facts->load.flows, 2),
			     "%s feeds its answer slowly: %s of the %s were its pauses", verdict->where,
			     say_time(cost).text, say_time(matter->ledger->total).text);
}

const struct rule rules_pace[] = {
	{ "server.slow-response", CLASS_SERVER, AT_ANSWER, "kernel timestamping.rst TX_ACK; SIGNALS 1",
	  judge_slow },
	{ "server.slow-tls", CLASS_SERVER, AT_TLS, "kernel timestamping.rst TX_ACK; SIGNALS 1",
	  judge_slow_tls },
	{ "server.slow-transfer", CLASS_SERVER, AT_BODY, "T-RAT, TAPO; SIGNALS 9", judge_slow_transfer },
	{ "server.flapping", CLASS_SERVER, AT_ANSWER, "DESIGN 4", judge_flapping },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};
