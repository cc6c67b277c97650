/* Is it the server? Its kernel, its accept queue, its program, its certificate. */
#include "diag/ledger.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <stdio.h>
#include <string.h>

/* What a server takes at the least before it is called slow. */
#define SLOW (50 * NS_PER_MS)
/* One answer so much later than the others is an event of its own. */
#define OUTLIER (200 * NS_PER_MS)

static void where_service(const struct matter *matter, struct verdict *verdict)
{
	char where[ADDR_TEXT_MAX];
	verdict_where(verdict, "%s", where_of(matter->facts, where));
}

static void next_on_server(const struct matter *matter, struct verdict *verdict)
{
	verdict_next(verdict, "on the server: ntsh ss -ltnp 'sport = :%u'", matter->facts->port);
}

/* --- before a byte is exchanged --- */

static enum finding judge_refused(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	if (!sums->refused)
		return sums->connected ? verdict_clean(verdict, "it accepts connections") : NOT_TESTED;
	if (facts->kind == TARGET_HOST)
		return NOT_TESTED; /* no port was asked for */
	where_service(matter, verdict);
	verdict_evidence(verdict, "rst", value_count(sums->refused), value_count(sums->tries), 1,
			 "%u of %u connections were answered with RST after %s", sums->refused, sums->tries,
			 say_time(sums->rtt).text);
	int own = facts->witness.closed_ttl >= 0 ? facts->witness.closed_ttl : facts->icmp.ttl;
	if (facts->witness.refuse_ttl >= 0 && own >= 0)
		verdict_evidence(verdict, "ttl", value_integer(facts->witness.refuse_ttl), value_integer(own),
				 0.8, "with TTL %d, as the host's other packets: it was the host itself",
				 facts->witness.refuse_ttl);
	verdict_next(
	    verdict,
	    "on the server: ntsh ss -ltn 'sport = :%u'   (does anything listen, and at which address?)",
	    facts->port);
	verdict_next(verdict, "on the server: has the service crashed? systemctl status, its log");
	if (sums->connected || sums->ok)
		return verdict_found(verdict, cost_of_failures(sums->refused, sums->tries), 0.85,
				     "%u of %u connections to %s were refused", sums->refused, sums->tries,
				     verdict->where);
	return verdict_found(verdict, NS_NEVER, confidence_of(0.96, sums->tries, 2),
			     "the host is up, but nothing listens at %s", verdict->where);
}

/* Connections that the client's kernel calls established and the server's never took over: when the accept queue is full Linux drops
 * the final ACK and sends its SYN-ACK again; our request is never acknowledged. */
static unsigned half_open(const struct facts *facts)
{
	unsigned count = 0;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		if (a->stage >= STAGE_TLS && a->ending == END_TIMED_OUT && !a->acknowledged &&
		    a->retransmits && !a->stalled_on_large && !a->data_segments_in && a->sent_bytes < 1200)
			count++;
	}
	return count;
}

static void say_elsewhere(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	if (facts->icmp.answered)
		verdict_evidence(verdict, "ping", value_count(facts->icmp.lost),
				 value_count(facts->icmp.sent), 0.8,
				 "%llu of %llu pings to the same host were lost",
				 (unsigned long long)facts->icmp.lost, (unsigned long long)facts->icmp.sent);
	if (facts->closed.answered)
		verdict_evidence(verdict, "other_port", value_count(facts->closed.lost),
				 value_count(facts->closed.sent), 0.9,
				 "port %u of the same host answered %llu of %llu probes at once (RST)",
				 facts->closed.port, (unsigned long long)facts->closed.answered,
				 (unsigned long long)facts->closed.sent);
}

static enum finding judge_overflow(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	unsigned halves = half_open(facts);
	bool always = !sums->connected && !sums->refused && sums->silent && sums->host_answers &&
		      queue_is_likelier(facts);
	bool sometimes = sums->port_only && sums->connected;
	bool half = halves && !loss_is_real(&sums->loss) && sums->host_answers;
	if (!always && !sometimes && !half)
		return sums->connected ? verdict_clean(verdict, "every SYN was answered at once (%u of %u)",
						       sums->connected - sums->late, sums->tries)
				       : NOT_TESTED;
	where_service(matter, verdict);
	if (sums->late || sums->silent)
		verdict_evidence(verdict, "syn_unanswered", value_count(sums->late + sums->silent),
				 value_count(sums->tries), 1,
				 "%u of %u connections were not answered at the first SYN, %u never",
				 sums->late + sums->silent, sums->tries, sums->silent);
	if (always && facts->hops.other)
		verdict_evidence(verdict, "hops", value_count((uint64_t)facts->hops.service),
				 value_count((uint64_t)facts->hops.other), 0.7,
				 "SYNs to the port pass the same %d routers as those to a port that answers",
				 facts->hops.service);
	if (facts->witness.ack_answered)
		verdict_evidence(
		    verdict, "stray_ack", value_flag(true), value_none(), 1,
		    "a stray ACK to the port is answered with RST: no filter, a listener that takes no more");
	if (halves)
		verdict_evidence(
		    verdict, "half_open", value_count(halves), value_count(0), 0.9,
		    "%u connections were made, but the server's kernel never acknowledged the request",
		    halves);
	if (facts->witness.repeated_syn_acks)
		verdict_evidence(verdict, "syn_ack_repeated", value_count(facts->witness.repeated_syn_acks),
				 value_count(0), 0.9,
				 "it sent %llu SYN-ACKs again: it forgot that we had answered",
				 (unsigned long long)facts->witness.repeated_syn_acks);
	say_elsewhere(matter, verdict);
	next_on_server(matter, verdict);
	verdict_next(verdict,
		     "on the server: is Recv-Q at Send-Q there? ListenOverflows rising? (ntsh stats)");
	verdict_next(verdict,
		     "the program accepts too slowly, or its backlog is too small (net.core.somaxconn)");
	bool fatal = always || (!sums->ok && !sums->connected);
	ns_t cost = cost_of_failures(sums->silent, sums->tries ? sums->tries : 1) + sums->stall_mean +
		    (sums->tries ? NS_PER_S * sums->late / sums->tries : 0);
	if (!sums->ok && facts->kind == TARGET_URL)
		fatal = true;
	double base = facts->witness.ack_answered                      ? 0.94
		      : always                                         ? (facts->hops.other ? 0.75 : 0.6)
		      : facts->icmp.answered || facts->closed.answered ? 0.93
								       : 0.7;
	return verdict_found(
	    verdict, fatal ? NS_NEVER : cost, base,
	    "the accept queue of %s is full: its program does not take connections fast enough",
	    verdict->where);
}

/* --- answers that fail --- */

static unsigned attempts_ending(const struct facts *facts, enum ending ending, enum stage from, enum stage to)
{
	unsigned count = 0;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		count +=
		    attempt_counts(a) && a->ending == ending && a->stage >= from && a->stage <= to && !a->cut;
	}
	return count;
}

static const struct attempt *attempt_that(const struct facts *facts, enum ending ending)
{
	for (unsigned i = 0; i < facts->attempt_count; i++)
		if (facts->attempts[i].ending == ending && !facts->attempts[i].small_mss)
			return &facts->attempts[i];
	return NULL;
}

static const char *stage_words(enum stage stage)
{
	switch (stage) {
	case STAGE_CONNECT:
	case STAGE_PROXY:
		return "right after the handshake";
	case STAGE_TLS:
		return "in the TLS handshake";
	case STAGE_REQUEST:
	case STAGE_WAIT:
		return "instead of an answer";
	case STAGE_TRANSFER:
	case STAGE_DONE:
		break;
	}
	return "in the middle of the answer";
}

static enum finding judge_reset(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	unsigned resets = attempts_ending(facts, END_RESET, STAGE_CONNECT, STAGE_DONE);
	unsigned closed = attempts_ending(facts, END_PROTOCOL, STAGE_CONNECT, STAGE_DONE);
	if (!resets && !closed)
		return sums->ok ? verdict_clean(verdict, "no connection was reset") : NOT_TESTED;
	if (sums->ok)
		return NOT_TESTED; /* now and then: flapping */
	const struct witness_facts *w = &facts->witness;
	if (w->reset_ttl >= 0 && w->ttl >= 0 && w->reset_ttl != w->ttl)
		return NOT_TESTED; /* somebody else's */
	const struct attempt *a = attempt_that(facts, resets ? END_RESET : END_PROTOCOL);
	where_service(matter, verdict);
	verdict_evidence(verdict, "ended", value_count(resets + closed), value_count(sums->made), 1,
			 "%u of %u connections were %s %s", resets + closed, sums->made,
			 resets ? "reset" : "closed", a ? stage_words(a->stage) : "");
	if (a && a->stage == STAGE_TRANSFER)
		verdict_evidence(verdict, "received", value_bytes(a->body_bytes), value_none(), 0.7,
				 "%s of the body had arrived by then", say_bytes(a->body_bytes).text);
	if (w->reset_ttl >= 0 && w->reset_ttl == w->ttl)
		verdict_evidence(verdict, "ttl", value_integer(w->reset_ttl), value_integer(w->ttl), 0.9,
				 "the RST has the TTL of the host's other packets: the host sent it");
	verdict_next(verdict, "on the server: the log of the program at port %u", facts->port);
	next_on_server(matter, verdict);
	return verdict_found(verdict, NS_NEVER, w->reset_ttl >= 0 || !resets ? 0.95 : 0.85,
			     resets ? "%s resets the connection %s" : "%s closes the connection %s",
			     verdict->where, a ? stage_words(a->stage) : "");
}

static enum finding judge_silent(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	unsigned stuck = attempts_ending(facts, END_TIMED_OUT, STAGE_TLS, STAGE_TRANSFER), acked = 0;
	const struct attempt *longest = NULL;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		if (!attempt_counts(a) || a->ending != END_TIMED_OUT || a->stage < STAGE_TLS || a->cut)
			continue;
		acked += a->acknowledged;
		if (!longest || a->total > longest->total)
			longest = a;
	}
	if (!stuck || !longest)
		return sums->ok ? verdict_clean(verdict, "every request was answered") : NOT_TESTED;
	if (sums->ok || (!acked && half_open(facts)))
		return NOT_TESTED;
	where_service(matter, verdict);
	const char *what = longest->stage == STAGE_TLS ? "the TLS handshake" : "the request";
	verdict_evidence(verdict, "no_answer", value_time(longest->total), value_none(), 1,
			 longest->stage == STAGE_TRANSFER ? "the answer began, then nothing came for %s"
							  : "nothing came within %s",
			 say_time(longest->total).text);
	if (acked)
		verdict_evidence(
		    verdict, "acknowledged", value_count(acked), value_count(stuck), 1,
		    "its kernel acknowledged %s in %u of %u attempts: the program is stuck, not the path",
		    what, acked, stuck);
	say_elsewhere(matter, verdict);
	verdict_next(
	    verdict,
	    "on the server: what does the program at port %u wait for? (its log, its database, its threads)",
	    facts->port);
	next_on_server(matter, verdict);
	double confidence = acked ? 0.95 : loss_is_real(&sums->loss) ? 0.5 : 0.75;
	return verdict_found(verdict, NS_NEVER, confidence, "%s takes %s and never answers (waited %s)",
			     verdict->where, what, say_time(longest->total).text);
}

static bool bad_status(const struct facts *facts, int status)
{
	/* Where the path "/" was our idea, only the server's own failures count. */
	return status >= (facts->kind == TARGET_URL ? 400 : 500);
}

static enum finding judge_status(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	unsigned bad = 0, good = 0;
	const struct attempt *example = NULL;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		if (!a->status || a->small_mss)
			continue;
		if (bad_status(facts, a->status)) {
			bad++;
			example = a;
		} else {
			good++;
		}
	}
	if (!bad)
		return good ? verdict_clean(verdict, "the server's status is good") : NOT_TESTED;
	where_service(matter, verdict);
	verdict_evidence(verdict, "status", value_integer(example->status), value_none(), 1,
			 "HTTP status %d in %u of %u answers", example->status, bad, bad + good);
	if (example->status == 502 || example->status == 503 || example->status == 504)
		verdict_evidence(verdict, "gateway", value_none(), value_none(), 0.6,
				 "a gateway says so of the server behind it: the fault may be there");
	verdict_evidence(verdict, "server_time", value_time(matter->sums->server), value_none(), 0.5,
			 "it took %s to say so", say_time(matter->sums->server).text);
	verdict_next(verdict, "ntsh explain %d", example->status);
	verdict_next(verdict, "ntsh http %s", facts->target);
	verdict_next(verdict, "on the server: its error log");
	if (good > bad)
		return verdict_found(verdict, cost_of_failures(bad, bad + good), 0.8,
				     "%s answers with status %d now and then (%u of %u)", verdict->where,
				     example->status, bad, bad + good);
	return verdict_found(verdict, NS_NEVER, 0.96,
			     "network and connection work, but %s answers with status %d", verdict->where,
			     example->status);
}

static enum finding judge_certificate(const struct matter *matter, struct verdict *verdict)
{
	const struct tls_facts *tls = &matter->facts->tls;
	const struct attempt *failed = attempt_that(matter->facts, END_TLS);
	bool bad = tls->certificate > CERT_GOOD;
	if (!bad && (!failed || matter->sums->ok))
		return tls->certificate == CERT_GOOD ? verdict_clean(verdict, "the certificate is valid")
						     : NOT_TESTED;
	where_service(matter, verdict);
	if (bad)
		verdict_evidence(verdict, "certificate", value_none(), value_none(), 1, "%s", tls->text);
	if (failed && failed->error[0])
		verdict_evidence(verdict, "error", value_none(), value_none(), 0.8, "%s", failed->error);
	if (tls->alert[0])
		verdict_evidence(verdict, "alert", value_none(), value_none(), 0.7, "alert: %s", tls->alert);
	verdict_next(verdict, "ntsh tls %s:%u", matter->facts->host, matter->facts->port);
	static const char *const remedy[] = {
		[CERT_EXPIRED] = "renew the certificate on the server, and its automatic renewal",
		[CERT_NOT_YET] = "check the clocks of both sides",
		[CERT_NAME] =
		    "the certificate needs this name among its subjectAltNames, or the wrong server answers",
		[CERT_ISSUER] =
		    "the server must send its intermediate certificates; or a private CA: --ca FILE",
	};
	if (bad && tls->certificate < CERT_OTHER && remedy[tls->certificate])
		verdict_next(verdict, "%s", remedy[tls->certificate]);
	return verdict_found(verdict, NS_NEVER, bad ? 0.97 : 0.8,
			     bad ? "clients reject the certificate of %s" : "the TLS handshake with %s fails",
			     verdict->where);
}

/* --- answers that are slow --- */

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
	if (slow && loss_is_real(&sums->loss) && excess / (ns_t)slow < 1500 * NS_PER_MS)
		slow = 0;
	unsigned failed = loss_is_real(&sums->loss) || sums->port_only ? 0 : sums->failed;
	const struct witness_facts *w = &matter->facts->witness;
	if (failed && w->reset_ttl >= 0 && w->ttl >= 0 && w->reset_ttl != w->ttl)
		failed = 0;
	if (!slow && !failed)
		return verdict_clean(verdict, "%u requests behaved alike", sums->made);
	where_service(matter, verdict);
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
	say_elsewhere(matter, verdict);
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
	where_service(matter, verdict);
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
	verdict_next(verdict, "on the server: ntsh diagnose service %u", matter->facts->port);
	verdict_next(verdict, "on the server: the program's log, its database, its CPU");
	double base = sums->server_exact * 2 > sums->server_count ? 0.98 : 0.9;
	if (sums->server < 2 * SLOW)
		base -= 0.1;
	if (loss_is_real(&sums->loss))
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
	where_service(matter, verdict);
	verdict_evidence(
	    verdict, "tls_server", value_time(sums->tls_server), value_time(sums->rtt), 1,
	    "its kernel acknowledged the ClientHello after a round trip, the server's answer came %s later",
	    say_time(sums->tls_server).text);
	verdict_next(verdict, "on the server: CPU, the size of its key, session resumption, what its TLS "
			      "asks elsewhere (OCSP, key store)");
	verdict_next(verdict, "ntsh tls %s:%u", matter->facts->host, matter->facts->port);
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
			 !queue && !loss_is_real(&sums->loss) && moving > 20 * sums->rtt &&
			 moving > 500 * NS_PER_MS;
	if (own_limit && moving > cost)
		cost = a->transfer;
	if (cost < 150 * NS_PER_MS || cost < matter->ledger->total / 6)
		return verdict_clean(verdict, "no pauses in the transfer (%s in all)",
				     say_time(a->gap_lossless).text);
	where_service(matter, verdict);
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
	verdict_next(verdict, "ntsh http -v %s", facts->target);
	return verdict_found(
	    verdict, cost,
	    confidence_of(loss_is_real(&sums->loss) ? 0.7 : 0.93, a->gaps + facts->load.flows, 2),
	    "%s feeds its answer slowly: %s of the %s were its pauses", verdict->where, say_time(cost).text,
	    say_time(matter->ledger->total).text);
}

const struct rule rules_server[] = {
	{ "server.refused", CLASS_SERVER, AT_CONNECT, "RFC 9293 3.10.7.1; SIGNALS 13", judge_refused },
	{ "server.listen-overflow", CLASS_SERVER, AT_CONNECT,
	  "kernel snmp_counter ListenOverflows; SIGNALS 15, 16", judge_overflow },
	{ "server.tls-certificate", CLASS_SERVER, AT_TLS, "RFC 5280 6, RFC 9525", judge_certificate },
	{ "server.reset", CLASS_SERVER, AT_REQUEST, "RFC 9293 3.5.2; SIGNALS 31", judge_reset },
	{ "server.not-responding", CLASS_SERVER, AT_ANSWER, "kernel timestamping.rst TX_ACK; SIGNALS 1",
	  judge_silent },
	{ "server.http-error", CLASS_SERVER, AT_BODY, "RFC 9110 15", judge_status },
	{ "server.slow-response", CLASS_SERVER, AT_ANSWER, "kernel timestamping.rst TX_ACK; SIGNALS 1",
	  judge_slow },
	{ "server.slow-tls", CLASS_SERVER, AT_TLS, "kernel timestamping.rst TX_ACK; SIGNALS 1",
	  judge_slow_tls },
	{ "server.slow-transfer", CLASS_SERVER, AT_BODY, "T-RAT, TAPO; SIGNALS 9", judge_slow_transfer },
	{ "server.flapping", CLASS_SERVER, AT_ANSWER, "DESIGN 4", judge_flapping },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};
