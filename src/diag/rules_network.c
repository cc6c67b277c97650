/* Does the path make this slow? Distance, loss, queues, narrow links. */
#include "diag/ledger.h"
#include "diag/rules.h"
#include "diag/words.h"

/* A path this long goes half around the world; distance up to it is nobody's fault. */
#define USUAL_FAR (150 * NS_PER_MS)
/* A person notices a wait of about a second. */
#define NOTICED (1 * NS_PER_S)

static const struct attempt *the_attempt(const struct matter *matter)
{
	return matter->sums->median < 0 ? NULL : &matter->facts->attempts[matter->sums->median];
}

static int round_trips(const struct matter *matter)
{
	const struct attempt *a = the_attempt(matter);
	int trips = a ? ledger_round_trips(a, matter->sums->rtt) : 1;
	return trips < 1 ? 1 : trips > 12 ? 12 : trips;
}

static void where_path(const struct matter *matter, struct verdict *verdict)
{
	char where[ADDR_TEXT_MAX];
	verdict_where(verdict, "on the way to %s", where_of(matter->facts, where));
}

/* Round trips vary by so much that their least is not what a packet usually needs. */
static bool unsteady(const struct sums *sums)
{
	ns_t floor = sums->idle.min / 4 > 15 * NS_PER_MS ? sums->idle.min / 4 : 15 * NS_PER_MS;
	return sums->idle.count >= 12 && sums->idle.p90 - sums->idle.min >= floor;
}

/* --- distance --- */

static enum finding judge_latency(const struct matter *matter, struct verdict *verdict)
{
	const struct sums *sums = matter->sums;
	const struct ledger *l = matter->ledger;
	if (sums->rtt == NS_NONE || !sums->ok || unsteady(sums))
		return NOT_TESTED;
	ns_t network = l->tcp + l->tls_network + l->request_network + l->transfer_network;
	ns_t trip = sums->idle.count >= 5 ? sums->idle.p50 : sums->rtt;
	int trips = round_trips(matter);
	ns_t cost = trip > USUAL_FAR ? (trip - USUAL_FAR) * trips : 0;
	if (l->total < NOTICED || network < l->total / 2 || cost < 200 * NS_PER_MS)
		return verdict_clean(verdict, "a round trip takes %s%s", say_time(trip).text,
				     trip > 80 * NS_PER_MS ? ": far, but no fault" : "");
	where_path(matter, verdict);
	verdict_evidence(verdict, "round_trip", value_time(trip), value_time(USUAL_FAR), 1,
			 "a round trip takes %s, %s at the least", say_time(trip).text,
			 say_time(sums->rtt).text);
	verdict_evidence(verdict, "round_trips", value_count((uint64_t)trips), value_none(), 0.9,
			 "the exchange needs %d of them: %s of %s", trips, say_time(network).text,
			 say_time(l->total).text);
	verdict_evidence(verdict, "server_time", value_time(sums->server), value_none(), 0.7,
			 "the server itself took %s", say_time(sums->server).text);
	verdict_next(verdict, "traceroute %s   (where does the distance begin?)", matter->facts->host);
	verdict_next(verdict,
		     "fewer round trips: keep connections alive, TLS 1.3, a server nearer to the users");
	return verdict_found(verdict, cost, confidence_of(0.93, sums->idle.count, 20),
			     "the path is long: %d round trips of %s make %s of the %s", trips,
			     say_time(trip).text, say_time(network).text, say_time(l->total).text);
}

/* --- loss --- */

static void say_loss(const struct matter *matter, struct verdict *verdict)
{
	const struct sums *sums = matter->sums;
	if (sums->icmp.trips)
		verdict_evidence(verdict, "ping_loss", value_percent(100 * loss_rate(&sums->icmp)),
				 value_percent(0), 0.9, "%llu of %llu pings lost",
				 (unsigned long long)sums->icmp.lost, (unsigned long long)sums->icmp.trips);
	if (sums->tcp.trips)
		verdict_evidence(verdict, "tcp_loss", value_percent(100 * loss_rate(&sums->tcp)),
				 value_percent(0), 1,
				 "TCP had to send %llu packets again in %llu round trips",
				 (unsigned long long)sums->tcp.lost, (unsigned long long)sums->tcp.trips);
	if (sums->out_of_order)
		verdict_evidence(verdict, "out_of_order", value_count(sums->out_of_order), value_count(0),
				 0.6, "%llu of %llu segments arrived after a gap",
				 (unsigned long long)sums->out_of_order,
				 (unsigned long long)sums->data_segments_in);
}

static enum finding judge_loss(const struct matter *matter, struct verdict *verdict)
{
	const struct sums *sums = matter->sums;
	if (sums->loss.trips < 8 || !sums->host_answers)
		return NOT_TESTED;
	unsigned long long lost = sums->loss.lost, trips = sums->loss.trips;
	if (!loss_is_real(sums)) {
		if (sums->icmp_limited)
			return verdict_clean(
			    verdict,
			    "%llu of %llu pings lost, but TCP lost %llu in %llu round trips: ICMP is"
			    " rate-limited there",
			    (unsigned long long)sums->icmp.lost, (unsigned long long)sums->icmp.trips,
			    (unsigned long long)sums->tcp.lost, (unsigned long long)sums->tcp.trips);
		return verdict_clean(verdict, "%llu of %llu packets lost, %llu retransmissions", lost, trips,
				     (unsigned long long)sums->retransmits);
	}
	double p = loss_rate(&sums->loss);
	ns_t expected = (ns_t)(p * (1e9 + 0.4e9 * (round_trips(matter) - 1)));
	ns_t cost = sums->stall_mean > expected ? sums->stall_mean : expected;
	where_path(matter, verdict);
	say_loss(matter, verdict);
	if (sums->stall_mean > 10 * NS_PER_MS)
		verdict_evidence(verdict, "stall", value_time(sums->stall_mean), value_none(), 0.8,
				 "waiting for packets to be sent again took %s of each attempt on average",
				 say_time(sums->stall_mean).text);
	verdict_next(verdict, "ntsh ping -c 200 -i 50ms %s", matter->facts->host);
	verdict_next(verdict, "traceroute %s, then ping the hops: where does the loss begin?",
		     matter->facts->host);
	bool both = sums->icmp.lost && sums->tcp.lost;
	double confidence = confidence_of(both ? 0.96 : 0.9, sums->loss.lost, 4);
	return verdict_found(verdict, cost, confidence,
			     "%s of the packets are lost on the way (%llu of %llu)", say_share(p).text, lost,
			     trips);
}

/* Most round trips are equal, some are longer by much the same: those packets were held up alone, and overtaken. */
static bool late_now_and_then(const struct matter *matter)
{
	const struct sums *sums = matter->sums;
	return sums->idle.count >= 30 && sums->idle.p50 - sums->idle.min < 2 * NS_PER_MS &&
	       sums->idle.p90 - sums->idle.p50 > 5 * NS_PER_MS && sums->idle_correlation < 0.3 &&
	       matter->facts->machine.lateness_p95 < 5 * NS_PER_MS && matter->facts->icmp.kernel_stamped;
}

static enum finding judge_reordering(const struct matter *matter, struct verdict *verdict)
{
	const struct facts *facts = matter->facts;
	const struct sums *sums = matter->sums;
	uint64_t probes = facts->icmp.answered + facts->closed.answered;
	uint64_t overtaken = facts->icmp.overtaken + facts->closed.overtaken + facts->witness.overtaken;
	uint64_t seen = overtaken + sums->out_of_order;
	uint64_t of = probes + sums->data_segments_in;
	if (of < 30)
		return NOT_TESTED;
	/* What loss explains is no reordering: a lost segment puts those behind it out of order. Proof is a packet that came, later. */
	bool proved = overtaken >= 2 || facts->machine.dsack_sent >= 2 || late_now_and_then(matter);
	bool many = seen >= 4 && seen * 50 >= of;
	if (!many || !proved || loss_is_real(sums))
		return seen ? NOT_TESTED : verdict_clean(verdict, "packets arrive in order");
	where_path(matter, verdict);
	verdict_evidence(verdict, "out_of_order", value_count(seen), value_count(0), 1,
			 "%llu of %llu packets were overtaken", (unsigned long long)seen,
			 (unsigned long long)of);
	verdict_evidence(verdict, "loss", value_count(sums->loss.lost), value_count(0), 0.8,
			 "only %llu of %llu were lost", (unsigned long long)sums->loss.lost,
			 (unsigned long long)sums->loss.trips);
	if (facts->machine.dsack_sent > 0)
		verdict_evidence(verdict, "dsack", value_integer(facts->machine.dsack_sent), value_integer(0),
				 0.7, "%lld segments came twice: the sender took them for lost",
				 (long long)facts->machine.dsack_sent);
	verdict_next(verdict,
		     "several links or paths that are balanced packet by packet? balance by flow instead");
	return verdict_found(
	    verdict, 20 * NS_PER_MS + (ns_t)((double)seen / (double)of * 2e8), confidence_of(0.88, seen, 8),
	    "packets overtake each other on the way (%s of them)", say_share((double)seen / (double)of).text);
}

/* --- delay that comes and goes --- */

/* Own noise that would look like the path's. */
static bool machine_noisy(const struct facts *facts, ns_t spread)
{
	return facts->machine.lateness_samples && facts->machine.lateness_p95 > spread / 2 &&
	       !(facts->icmp.kernel_stamped && facts->icmp.answered);
}

static enum finding judge_variation(const struct matter *matter, struct verdict *verdict, bool queue)
{
	const struct sums *sums = matter->sums;
	if (sums->idle.count < 12)
		return NOT_TESTED;
	ns_t spread = sums->idle.p90 - sums->idle.min, typical = sums->idle.p50 - sums->idle.min;
	ns_t floor = sums->idle.min / 4 > 15 * NS_PER_MS ? sums->idle.min / 4 : 15 * NS_PER_MS;
	bool is_queue = sums->idle_correlation > 0.5 && sums->bunched < 0.3 && typical > floor / 2;
	if (spread < floor || machine_noisy(matter->facts, spread))
		return spread < floor
			   ? verdict_clean(verdict, "round trips are steady: %s, p90 %s, p99 %s",
					   say_time(sums->idle.p50).text, say_time(sums->idle.p90).text,
					   say_time(sums->idle.p99).text)
			   : NOT_TESTED;
	if (is_queue != queue)
		return NOT_TESTED;
	where_path(matter, verdict);
	verdict_evidence(verdict, "round_trip", value_time(sums->idle.p50), value_time(sums->idle.min), 1,
			 "round trips vary from %s to %s (p50 %s, p90 %s), without any load of ours",
			 say_time(sums->idle.min).text, say_time(sums->idle.max).text,
			 say_time(sums->idle.p50).text, say_time(sums->idle.p90).text);
	verdict_evidence(verdict, "correlation", value_real(sums->idle_correlation), value_none(), 0.6,
			 queue
			     ? "each is close to the one before: a queue that fills and drains"
			     : "they jump, or arrive together after one that was late: no queue behaves so");
	verdict_next(verdict, "ntsh ping -c 200 -i 50ms %s", matter->facts->host);
	verdict_next(verdict, "traceroute %s   (from which hop on?)", matter->facts->host);
	int trips = round_trips(matter);
	ns_t cost = typical * trips + (spread - typical);
	double confidence = confidence_of(0.9, sums->idle.count, 40);
	if (queue)
		return verdict_found(
		    verdict, cost, confidence,
		    "other traffic fills a queue on the way: %s on top of %s in each of %d round trips",
		    say_time(typical).text, say_time(sums->idle.min).text, trips);
	return verdict_found(verdict, cost, confidence, "the path is unsteady: round trips take %s to %s",
			     say_time(sums->idle.min).text, say_time(sums->idle.max).text);
}

static enum finding judge_jitter(const struct matter *matter, struct verdict *verdict)
{
	return judge_variation(matter, verdict, false);
}

static enum finding judge_congestion(const struct matter *matter, struct verdict *verdict)
{
	return judge_variation(matter, verdict, true);
}

/* --- a narrow link --- */

/* What the transfer took beyond slow start from ten segments (RFC 6928), the server's pauses not counted. */
static ns_t transfer_excess(const struct attempt *a, const struct sums *sums)
{
	if (!a || a->transfer == NS_NONE || sums->rtt == NS_NONE)
		return 0;
	uint64_t segments = a->received_bytes / 1448;
	ns_t rounds = 0;
	for (uint64_t sent = 0, window = 10; segments > 10 && sent < segments; sent += window, window *= 2)
		rounds++;
	ns_t moving = a->transfer - (bandwidth_gaps(a, sums) ? 0 : a->gap_time);
	return moving - rounds * sums->rtt;
}

double transfer_rate(const struct attempt *a)
{
	if (!a || a->transfer == NS_NONE || a->transfer <= 0)
		return 0;
	return (double)a->received_bytes / ((double)a->transfer / 1e9);
}

ns_t load_growth(const struct sums *sums)
{
	if (sums->loaded.count < 3 || sums->rtt == NS_NONE)
		return NS_NONE;
	return sums->loaded.p50 - (sums->idle.count < 3 ? sums->rtt : sums->idle.p50);
}

/* One connection alone gets as much as several together: the limit is common to them. */
static enum fact limit_is_shared(const struct facts *facts)
{
	if (facts->load.rate_alone <= 0 || facts->load.rate_together <= 0 || facts->load.flows < 2)
		return FACT_UNKNOWN;
	return facts->load.rate_together < 1.5 * facts->load.rate_alone ? FACT_YES : FACT_NO;
}

static bool narrow(const struct matter *matter, ns_t *cost)
{
	const struct attempt *a = the_attempt(matter);
	*cost = transfer_excess(a, matter->sums);
	if (!a || *cost < 250 * NS_PER_MS || *cost < matter->ledger->total / 4)
		return false;
	ns_t growth = load_growth(matter->sums);
	bool queue = growth != NS_NONE && growth > 8 * NS_PER_MS && growth > matter->sums->idle.p50 / 8;
	enum fact shared = limit_is_shared(matter->facts);
	if (shared == FACT_NO && !queue)
		return false; /* each connection has a limit of its own: the server's */
	return queue || shared == FACT_YES || bandwidth_gaps(a, matter->sums);
}

static void say_narrow(const struct matter *matter, struct verdict *verdict)
{
	const struct attempt *a = the_attempt(matter);
	const struct load_facts *load = &matter->facts->load;
	ns_t growth = load_growth(matter->sums);
	verdict_evidence(verdict, "rate", value_bit_rate(transfer_rate(a) * 8), value_none(), 1,
			 "%s arrived at %s, steadily", say_bytes(a->received_bytes).text,
			 say_rate(transfer_rate(a)).text);
	if (growth != NS_NONE)
		verdict_evidence(verdict, "round_trip_loaded", value_time(matter->sums->loaded.p50),
				 value_time(matter->sums->idle.p50), 0.9,
				 "meanwhile a round trip took %s, %s without that load",
				 say_time(matter->sums->loaded.p50).text,
				 say_time(matter->sums->idle.p50).text);
	if (load->flows)
		verdict_evidence(verdict, "rate_together", value_bit_rate(load->rate_together * 8),
				 value_bit_rate(load->rate_alone * 8), 0.8,
				 "%u transfers at once got %s together, one alone %s", load->flows,
				 say_rate(load->rate_together).text, say_rate(load->rate_alone).text);
	verdict_evidence(verdict, "server_pauses",
			 value_time(bandwidth_gaps(a, matter->sums) ? 0 : a->gap_lossless), value_none(), 0.5,
			 "the server made no pauses worth mentioning");
}

static enum finding judge_bandwidth(const struct matter *matter, struct verdict *verdict)
{
	ns_t cost;
	const struct attempt *a = the_attempt(matter);
	if (!a || !matter->sums->ok)
		return NOT_TESTED;
	double rate = transfer_rate(a);
	/* A link of this speed is no fault: the download is large. */
	bool fast = rate * 8 > 30e6;
	if (!narrow(matter, &cost) || fast || loss_is_real(matter->sums))
		return cost < 250 * NS_PER_MS ? verdict_clean(verdict, "the answer was transferred in %s",
							      say_time(a->transfer).text)
		       : fast                 ? verdict_clean(verdict, "%s arrived at %s: large, not slow",
							      say_bytes(a->received_bytes).text, say_rate(rate).text)
					      : NOT_TESTED;
	where_path(matter, verdict);
	say_narrow(matter, verdict);
	verdict_next(verdict, "who else uses the link? on the router: ip -s link");
	verdict_next(verdict, "transfer less: compression, caching, smaller pages");
	double confidence =
	    load_growth(matter->sums) != NS_NONE || limit_is_shared(matter->facts) == FACT_YES ? 0.93 : 0.7;
	return verdict_found(verdict, cost, confidence,
			     "the path carries %s: %s of the %s went into the transfer", say_rate(rate).text,
			     say_time(a->transfer).text, say_time(matter->ledger->total).text);
}

/* DSLReports' grades, SIGNALS 4: up to 200 ms more under load is "fair" and below, beyond it "poor". */
static enum finding judge_bufferbloat(const struct matter *matter, struct verdict *verdict)
{
	ns_t growth = load_growth(matter->sums);
	if (growth == NS_NONE)
		return NOT_TESTED;
	if (growth < 200 * NS_PER_MS || growth < 2 * matter->sums->idle.p50)
		return verdict_clean(verdict, "under load a round trip took %s, without %s",
				     say_time(matter->sums->loaded.p50).text,
				     say_time(matter->sums->idle.p50).text);
	const struct attempt *a = the_attempt(matter);
	where_path(matter, verdict);
	verdict_evidence(
	    verdict, "round_trip_loaded", value_time(matter->sums->loaded.p50),
	    value_time(matter->sums->idle.p50), 1,
	    "while one download of ours runs, a round trip takes %s instead of %s (%llu samples)",
	    say_time(matter->sums->loaded.p50).text, say_time(matter->sums->idle.p50).text,
	    (unsigned long long)matter->sums->loaded.count);
	if (a)
		verdict_evidence(verdict, "rate", value_bit_rate(transfer_rate(a) * 8), value_none(), 0.6,
				 "at %s: the queue before that link holds about %s",
				 say_rate(transfer_rate(a)).text,
				 say_bytes((uint64_t)(transfer_rate(a) * (double)growth / 1e9)).text);
	verdict_next(verdict,
		     "on the router before the slow link: fq_codel or cake, shaped a little below its rate");
	verdict_next(verdict, "ntsh ping -i 100ms %s   (beside a download)", matter->facts->host);
	ns_t excess = 0;
	if (narrow(matter, &excess) && excess > 0)
		growth += excess;
	return verdict_found(verdict, growth, confidence_of(0.94, matter->sums->loaded.count, 15),
			     "a queue on the way fills under load: round trips grow from %s to %s",
			     say_time(matter->sums->idle.p50).text, say_time(matter->sums->loaded.p50).text);
}

const struct rule rules_network[] = {
	{ "network.loss", CLASS_NETWORK, AT_SEGMENTS, "RFC 6298; SIGNALS 12, 26", judge_loss },
	{ "network.latency", CLASS_NETWORK, AT_BODY, "DESIGN 4; SIGNALS 2", judge_latency },
	{ "network.jitter", CLASS_NETWORK, AT_BODY, "RFC 3393; SIGNALS 3", judge_jitter },
	{ "network.congestion", CLASS_NETWORK, AT_BODY, "IMC 2017 Congestion Signatures; SIGNALS 3, 5",
	  judge_congestion },
	{ "network.bufferbloat", CLASS_NETWORK, AT_BODY, "DSLReports grades; SIGNALS 4", judge_bufferbloat },
	{ "network.bandwidth", CLASS_NETWORK, AT_BODY, "T-RAT; SIGNALS 10", judge_bandwidth },
	{ "network.reordering", CLASS_NETWORK, AT_SEGMENTS, "RFC 4737; SIGNALS 28", judge_reordering },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};
