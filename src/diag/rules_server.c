/* Is it the server? Its kernel, its accept queue, its program, its certificate. */
#include "diag/ledger.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <stdio.h>
#include <string.h>

static void next_on_server(const struct matter *matter, struct verdict *verdict)
{
	verdict_next(verdict, "ntsh diagnose service %u   (on the server)", matter->facts->port);
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
	if (!sums->connected && refused_too_soon(&facts->paths[0], sums))
		return NOT_TESTED; /* it was not the host */
	verdict_where_service(verdict, matter->facts);
	verdict_evidence(verdict, "rst", value_count(sums->refused), value_count(sums->tries), 1,
			 "%u of %u connections were answered with RST after %s", sums->refused, sums->tries,
			 say_time(facts->paths[0].refused_after).text);
	int own = facts->witness.closed_ttl >= 0 ? facts->witness.closed_ttl : facts->icmp.ttl;
	if (facts->witness.refuse_ttl >= 0 && own >= 0)
		verdict_evidence(verdict, "ttl", value_integer(facts->witness.refuse_ttl), value_integer(own),
				 0.8, "with TTL %d, as the host's other packets: it was the host itself",
				 facts->witness.refuse_ttl);
	verdict_next(verdict,
		     "on the server: ss -ltn 'sport = :%u'   (does anything listen, and at which address?)",
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

static enum finding judge_overflow(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	unsigned halves = half_open(facts);
	bool always = !sums->connected && !sums->refused && sums->silent && sums->host_answers &&
		      queue_is_likelier(facts);
	bool sometimes = sums->port_only && sums->connected;
	bool half = halves && !loss_is_real(sums) && sums->host_answers;
	if (!always && !sometimes && !half)
		return sums->connected ? verdict_clean(verdict, "every SYN was answered at once (%u of %u)",
						       sums->connected - sums->late, sums->tries)
				       : NOT_TESTED;
	verdict_where_service(verdict, matter->facts);
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
	verdict_say_elsewhere(verdict, matter->facts);
	next_on_server(matter, verdict);
	verdict_next(verdict,
		     "on the server: is Recv-Q at Send-Q there? ListenOverflows rising? (nstat -az)");
	verdict_next(verdict,
		     "the program accepts too slowly, or its backlog is too small (net.core.somaxconn)");
	bool fatal = always || (!sums->ok && !sums->connected);
	ns_t cost = cost_of_failures(sums->silent, sums->tries ? sums->tries : 1) + sums->stall_mean +
		    (sums->tries ? NS_PER_S * sums->late / sums->tries : 0);
	if (!sums->ok && facts->kind == TARGET_URL)
		fatal = true;
	double base = facts->witness.ack_answered                      ? 0.94
		      : always                                         ? (facts->hops.other ? 0.65 : 0.55)
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
	verdict_where_service(verdict, matter->facts);
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
	return verdict_found(verdict, NS_NEVER, w->reset_ttl >= 0 ? 0.95 : 0.85,
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
	verdict_where_service(verdict, matter->facts);
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
	verdict_say_elsewhere(verdict, matter->facts);
	verdict_next(
	    verdict,
	    "on the server: what does the program at port %u wait for? (its log, its database, its threads)",
	    facts->port);
	next_on_server(matter, verdict);
	double confidence = acked ? 0.95 : loss_is_real(sums) ? 0.5 : 0.75;
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
	verdict_where_service(verdict, matter->facts);
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
	verdict_where_service(verdict, matter->facts);
	if (bad)
		verdict_evidence(verdict, "certificate", value_none(), value_none(), 1, "%s", tls->text);
	if (!bad && failed && failed->error[0])
		verdict_evidence(verdict, "error", value_none(), value_none(), 0.8, "%s", failed->error);
	if (tls->alert[0])
		verdict_evidence(verdict, "alert", value_none(), value_none(), 0.7, "alert: %s", tls->alert);
	verdict_next_tls(verdict, matter->facts);
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

const struct rule rules_server[] = {
	{ "server.refused", CLASS_SERVER, AT_CONNECT, "RFC 9293 3.10.7.1; SIGNALS 13", judge_refused },
	{ "server.listen-overflow", CLASS_SERVER, AT_CONNECT,
	  "kernel snmp_counter ListenOverflows; SIGNALS 15, 16", judge_overflow },
	{ "server.tls-certificate", CLASS_SERVER, AT_TLS, "RFC 5280 6, RFC 9525", judge_certificate },
	{ "server.reset", CLASS_SERVER, AT_REQUEST, "RFC 9293 3.5.2; SIGNALS 31", judge_reset },
	{ "server.not-responding", CLASS_SERVER, AT_ANSWER, "kernel timestamping.rst TX_ACK; SIGNALS 1",
	  judge_silent },
	{ "server.http-error", CLASS_SERVER, AT_BODY, "RFC 9110 15", judge_status },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};
