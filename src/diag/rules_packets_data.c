/* From packets alone: where the time of data went. */
#include "diag/packets.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <stdio.h>

#define NOTICEABLE (50 * NS_PER_MS)
#define FAR (150 * NS_PER_MS)
#define QUEUE_LEAST (20 * NS_PER_MS)

enum { LOSS_SEGMENTS = 5, EXCHANGES_SURE = 5, QUEUE_FACTOR = 4 };

static const char *side_name(int side)
{
	return side ? "the server" : "the client";
}

/* Sent again because it was lost: not what had arrived, nor what was only overtaken. */
static uint64_t lost_of(const struct packet_side *side)
{
	return side->again > side->spurious ? side->again - side->spurious : 0;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

/* --- the network --- */

static ns_t loss_cost(const struct packet_facts *f)
{
	ns_t trip = f->trip_least == NS_NONE ? 0 : f->trip_least;
	ns_t waits = f->side[0].timeout_time + f->side[1].timeout_time +
		     trip * (ns_t)(f->side[0].fast + f->side[1].fast) + f->syn_wait;
	/* What loss costs most is the rate that senders fall back to. */
	ns_t slowed = (f->transfer - f->pauses) / 2;
	return waits > slowed ? waits : slowed;
}

static void say_direction(const struct packet_facts *f, struct verdict *verdict)
{
	for (int i = 0; i < 2; i++) {
		const struct packet_side *side = &f->side[i];
		uint64_t lost = lost_of(side);
		if (!lost)
			continue;
		verdict_evidence(verdict, "retransmissions", value_percent(100 * share(lost, side->segments)),
				 value_none(), 0.9,
				 "%llu of %llu segments of %s were sent again (%s), %llu after a time-out",
				 (unsigned long long)lost, (unsigned long long)side->segments, side_name(i),
				 say_share(share(lost, side->segments)).text,
				 (unsigned long long)side->timeouts);
		if (side->filled * 2 > lost)
			verdict_evidence(
			    verdict, "lost_before", value_count(side->filled), value_none(), 0.7,
			    "%llu of them had not come by here before: lost between %s and the capture",
			    (unsigned long long)side->filled, side_name(i));
		else
			verdict_evidence(
			    verdict, "lost_behind", value_count(lost - side->filled), value_none(), 0.7,
			    "%llu of them had come by here before: lost between the capture and %s",
			    (unsigned long long)(lost - side->filled), side_name(!i));
	}
}

static enum finding judge_loss(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	uint64_t lost = lost_of(&f->side[0]) + lost_of(&f->side[1]),
		 all = f->side[0].segments + f->side[1].segments;
	bool both = f->syns_again > 1 && f->connected > f->unanswered;
	if (!all)
		return NOT_TESTED;
	bool enough = lost >= LOSS_SEGMENTS && share(lost, all) >= 0.01;
	/* In short conversations the SYNs tell as well. */
	if (!enough && !(both && lost >= 2 && share(lost + f->syns_again, all + f->tcp) >= 0.02))
		return verdict_clean(verdict, "%llu of %llu segments were sent again",
				     (unsigned long long)lost, (unsigned long long)all);
	if (f->stuck_large && lost < 4 * f->stuck_large)
		return NOT_TESTED;
	verdict_where_example(verdict, &f->lossy);
	say_direction(f, verdict);
	verdict_next(verdict, "ntsh diagnose route HOST   (where the loss begins)");
	return verdict_found(verdict, loss_cost(f), confidence_of(0.92, lost, 20),
			     "%s of the segments were lost on the way", say_share(share(lost, all)).text);
}

static enum finding judge_reordering(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	uint64_t late = f->side[0].reordered + f->side[1].reordered,
		 all = f->side[0].segments + f->side[1].segments;
	uint64_t spurious = f->side[0].spurious + f->side[1].spurious;
	if (!all)
		return NOT_TESTED;
	if (late < LOSS_SEGMENTS || share(late, all) < 0.01)
		return verdict_clean(verdict, "packets keep their order");
	verdict_evidence(verdict, "reordered", value_percent(100 * share(late, all)), value_none(), 0.9,
			 "%llu of %llu segments were overtaken; %llu were sent again for nothing",
			 (unsigned long long)late, (unsigned long long)all, (unsigned long long)spurious);
	ns_t trip = f->trip_least == NS_NONE ? 0 : f->trip_least;
	return verdict_found(verdict, trip * (ns_t)(late / 4 + 1), 0.85,
			     "packets overtake each other on the way");
}

static enum finding judge_pmtu(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->tcp)
		return NOT_TESTED;
	if (!f->stuck_large)
		return verdict_clean(verdict, "no full-size segment got stuck");
	verdict_where_example(verdict, &f->stuck);
	verdict_evidence(verdict, "stuck_large", value_count(f->stuck_large), value_count(f->tcp), 0.9,
			 "in %llu conversations the same full-size segment was sent again and again and "
			 "never acknowledged",
			 (unsigned long long)f->stuck_large);
	verdict_next(verdict, "ntsh mtu HOST");
	return verdict_found(verdict, NS_NEVER, 0.9,
			     "large packets vanish on the way to %s, small ones pass: a path-MTU black hole",
			     verdict->where);
}

static enum finding judge_queue(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (f->trip_count < 20 || f->trip_least == NS_NONE)
		return NOT_TESTED;
	ns_t queue = f->trip_mean - f->trip_least;
	bool grown = queue >= QUEUE_LEAST && f->trip_mean >= f->trip_least * QUEUE_FACTOR;
	if (!grown && !(queue >= 2 * NOTICEABLE && f->trip_mean >= 2 * f->trip_least))
		return verdict_clean(verdict, "round trips stay near %s", say_time(f->trip_least).text);
	verdict_where(verdict, "on the way");
	verdict_evidence(verdict, "round_trip", value_time(f->trip_mean), value_time(f->trip_least), 0.85,
			 "round trips are %s on average, %s at their least", say_time(f->trip_mean).text,
			 say_time(f->trip_least).text);
	uint64_t marks = f->side[0].marks + f->side[1].marks;
	if (marks)
		verdict_evidence(verdict, "marks", value_count(marks), value_none(), 0.9,
				 "%llu packets were marked by a full queue (ECN)", (unsigned long long)marks);
	uint64_t turns = f->exchanges + f->tcp;
	return verdict_found(verdict, queue * (ns_t)(turns ? turns : 1), 0.75,
			     "a queue on the way adds %s to each round trip", say_time(queue).text);
}

static enum finding judge_latency(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (f->trip_least == NS_NONE)
		return NOT_TESTED;
	ns_t network = f->network + f->connect + f->tls_network,
	     all = network + f->server + f->tls_server + f->transfer;
	if (f->trip_least < FAR || network * 10 < all * 6)
		return verdict_clean(verdict, "a round trip takes %s", say_time(f->trip_least).text);
	verdict_where_example(verdict, &f->far);
	verdict_evidence(verdict, "round_trip", value_time(f->trip_least), value_none(), 0.8,
			 "a round trip takes %s", say_time(f->trip_least).text);
	return verdict_found(verdict, network, 0.8, "the way is long: round trips of %s are most of the wait",
			     say_time(f->trip_least).text);
}

/* --- the server --- */

static enum finding judge_slow(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->exchanges)
		return NOT_TESTED;
	ns_t each = f->server / (ns_t)f->exchanges;
	if (each < NOTICEABLE && f->server_p95 < 4 * NOTICEABLE)
		return verdict_clean(verdict, "the server took %s for an answer",
				     say_time(f->server_median).text);
	verdict_where_example(verdict, &f->slow);
	verdict_evidence(
	    verdict, "ack_to_first_byte", value_time(f->server_median), value_time(f->trip_least), 0.95,
	    "from the acknowledged request to the first byte it took %s (median of %llu), %s at the 95th of "
	    "100",
	    say_time(f->server_median).text, (unsigned long long)f->exchanges, say_time(f->server_p95).text);
	verdict_evidence(verdict, "slowest", value_time(f->slowest), value_none(), 0.6,
			 "the slowest took %s%s%s", say_time(f->slowest).text, *f->slowest_what ? ": " : "",
			 f->slowest_what);
	verdict_next(verdict, "on the server: its log and its load at that time");
	return verdict_found(verdict, f->server, confidence_of(0.95, f->exchanges, EXCHANGES_SURE),
			     "the server took %s of %s until its first byte", say_time(each).text,
			     say_time(each + f->network / (ns_t)f->exchanges).text);
}

static enum finding judge_slow_tls(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->handshakes)
		return NOT_TESTED;
	ns_t each = f->tls_server / (ns_t)f->handshakes;
	if (each < NOTICEABLE)
		return verdict_clean(verdict, "the server took %s for TLS", say_time(each).text);
	verdict_where_example(verdict, &f->slow_tls);
	verdict_evidence(verdict, "tls_server", value_time(each), value_none(), 0.9,
			 "the server took %s for its part of a TLS handshake", say_time(each).text);
	return verdict_found(verdict, f->tls_server, 0.9, "the server's TLS is slow: %s a handshake",
			     say_time(each).text);
}

static enum finding judge_pauses(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->exchanges)
		return NOT_TESTED;
	ns_t each = f->pauses / (ns_t)f->exchanges;
	if (each < 2 * NOTICEABLE)
		return verdict_clean(verdict, "the server did not pause within its answers");
	verdict_where_example(verdict, &f->slow);
	verdict_evidence(
	    verdict, "pauses", value_time(each), value_none(), 0.85,
	    "the server sent nothing for %s of each answer, with nothing lost and nobody holding it back",
	    say_time(each).text);
	return verdict_found(verdict, f->pauses, 0.85, "the server feeds its answers slowly");
}

static enum finding judge_http(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->http_answers)
		return NOT_TESTED;
	if (!f->http_errors)
		return verdict_clean(verdict, "no answer is an HTTP 5xx");
	verdict_where_example(verdict, &f->http_error);
	verdict_evidence(verdict, "http_status", value_integer(f->worst_status), value_none(), 0.95,
			 "%llu of %llu answers are errors, up to %d", (unsigned long long)f->http_errors,
			 (unsigned long long)f->http_answers, f->worst_status);
	verdict_next(verdict, "ntsh explain %d", f->worst_status);
	bool all = f->http_errors == f->http_answers;
	return verdict_found(verdict, all ? NS_NEVER : (ns_t)f->http_errors * 3 * NS_PER_S, 0.93,
			     "%s answers with HTTP status %d", verdict->where, f->worst_status);
}

static enum finding judge_certificate(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->handshakes && !f->certificate_alerts)
		return NOT_TESTED;
	if (!f->certificate_alerts)
		return verdict_clean(verdict, "no client complained about a certificate in clear text");
	verdict_where_example(verdict, &f->alerted);
	verdict_evidence(verdict, "alert", value_integer(f->alert), value_none(), 0.9,
			 "%llu clients left with a TLS alert about the certificate",
			 (unsigned long long)f->certificate_alerts);
	verdict_next(verdict, "ntsh tls %s", f->alerted.name[0] ? f->alerted.name : f->alerted.where);
	return verdict_found(verdict, NS_NEVER, 0.9, "clients do not accept the certificate of %s",
			     verdict->where);
}

/* --- who does not read --- */

static enum finding zero_window(const struct packet_facts *f, int side, struct verdict *verdict)
{
	ns_t closed = f->side[side].zero_time;
	if (!f->side[!side].segments)
		return NOT_TESTED;
	if (closed < 4 * NOTICEABLE)
		return verdict_clean(verdict, "%s kept its window open", side_name(side));
	verdict_where_example(verdict, &f->not_reading);
	verdict_evidence(verdict, "zero_window", value_time(closed), value_none(), 0.95,
			 "%s closed its window %llu times, for %s together", side_name(side),
			 (unsigned long long)f->side[side].zero_windows, say_time(closed).text);
	return verdict_found(verdict, closed, 0.93, "the program at %s does not read what is sent to it",
			     side_name(side));
}

static enum finding judge_client_reading(const struct matter *matter, struct verdict *verdict)
{
	return zero_window(matter->packets, 0, verdict);
}

static enum finding judge_server_reading(const struct matter *matter, struct verdict *verdict)
{
	return zero_window(matter->packets, 1, verdict);
}

static enum finding judge_window(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	const struct packet_side *server = &f->side[1];
	/* What lies behind a hole fills the window: then the loss is the cause. */
	if (server->segments < 50 || share(lost_of(server), server->segments) >= 0.01)
		return NOT_TESTED;
	if (server->window_full * 10 < server->segments || f->side[0].zero_windows)
		return verdict_clean(verdict, "the client's window did not hold the server back");
	verdict_where_example(verdict, &f->small_window);
	verdict_evidence(verdict, "window_full", value_count(server->window_full),
			 value_count(server->segments), 0.85,
			 "after %llu of %llu segments the client's window was used up",
			 (unsigned long long)server->window_full, (unsigned long long)server->segments);
	ns_t held = (ns_t)((double)f->transfer * share(server->window_full, server->segments));
	return verdict_found(verdict, held, 0.8, "the client's receive window is too small for this way");
}

const struct rule rules_packets_data[] = {
	{ "network.pmtu-blackhole", CLASS_NETWORK, AT_SEGMENTS, "RFC 2923; SIGNALS 24", judge_pmtu },
	{ "network.loss", CLASS_NETWORK, AT_SEGMENTS, "SIGNALS 26, 27", judge_loss },
	{ "network.reordering", CLASS_NETWORK, AT_SEGMENTS, "SIGNALS 28", judge_reordering },
	{ "network.congestion", CLASS_NETWORK, AT_PATH, "SIGNALS 3", judge_queue },
	{ "network.latency", CLASS_NETWORK, AT_PATH, "SIGNALS 2", judge_latency },
	{ "server.slow-response", CLASS_SERVER, AT_ANSWER, "SIGNALS 1", judge_slow },
	{ "server.slow-tls", CLASS_SERVER, AT_TLS, "SIGNALS 1", judge_slow_tls },
	{ "server.slow-transfer", CLASS_SERVER, AT_BODY, "SIGNALS 9", judge_pauses },
	{ "server.http-error", CLASS_SERVER, AT_ANSWER, "RFC 9110 15.6", judge_http },
	{ "server.tls-certificate", CLASS_SERVER, AT_TLS, "RFC 8446 6.2", judge_certificate },
	{ "client.not-reading", CLASS_CLIENT, AT_BODY, "SIGNALS 29", judge_client_reading },
	{ "server.not-reading", CLASS_SERVER, AT_REQUEST, "SIGNALS 29", judge_server_reading },
	{ "client.receive-window", CLASS_CLIENT, AT_BODY, "SIGNALS 6", judge_window },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
