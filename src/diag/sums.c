#include "diag/sums.h"

#include "diag/ledger.h"

#include <stdlib.h>
#include <string.h>

void facts_init(struct facts *facts)
{
	*facts = (struct facts){
		.primary = -1, .icmp.method = "ICMP", .closed.method = "TCP", .service.method = "TCP"
	};
	facts->dns.program_wait = facts->dns.repeated = NS_NONE;
	facts->machine.lateness_p50 = facts->machine.lateness_p95 = facts->machine.lateness_max = NS_NONE;
	facts->tls.not_before = facts->tls.not_after = NS_NONE;
	facts->tls.server_date = facts->tls.local_date = NS_NONE;
	facts->witness.ttl = facts->witness.reset_ttl = facts->witness.refuse_ttl = -1;
	facts->witness.closed_ttl = -1;
	facts->icmp.ttl = facts->closed.ttl = facts->service.ttl = -1;
	for (size_t i = 0; i < PATHS_MAX; i++)
		facts->paths[i].first_connect = facts->paths[i].refused_after = NS_NONE;
	for (size_t i = 0; i < RESOLVERS_MAX; i++)
		facts->dns.resolvers[i].rtt = facts->dns.resolvers[i].path_rtt = NS_NONE;
}

void attempt_init(struct attempt *attempt)
{
	*attempt = (struct attempt){ .content_length = -1 };
	attempt->total = attempt->before_connect = attempt->connect = attempt->rtt = attempt->tls = NS_NONE;
	attempt->tls_network = attempt->tls_server = attempt->tls_client = attempt->before_request = NS_NONE;
	attempt->request_network = attempt->server = attempt->wait = attempt->transfer = attempt->min_rtt =
	    NS_NONE;
}

void series_add(struct series *series, ns_t at, ns_t rtt, bool loaded)
{
	if (series->count < SAMPLES_MAX)
		series->samples[series->count++] = (struct sample){ at, rtt, loaded };
}

ns_t median_of(ns_t *values, size_t count)
{
	if (!count)
		return NS_NONE;
	qsort(values, count, sizeof *values, ns_compare);
	return values[(count - 1) / 2];
}

double chance_of_none(double p, uint64_t n)
{
	double chance = 1, power = p <= 0 ? 1 : p >= 1 ? 0 : 1 - p;
	for (; n; n >>= 1, power *= power)
		if (n & 1)
			chance *= power;
	return chance;
}

double loss_rate(const struct loss *loss)
{
	return loss->trips ? (double)loss->lost / (double)loss->trips : 0;
}

bool attempt_counts(const struct attempt *attempt)
{
	return attempt->ending != END_NONE && !attempt->reused && !attempt->small_mss && !attempt->parallel;
}

/* --- the path --- */

static size_t series_round_trips(const struct series *series, bool loaded, ns_t out[SAMPLES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < series->count; i++)
		if (series->samples[i].loaded == loaded && series->samples[i].rtt != NS_NONE)
			out[count++] = series->samples[i].rtt;
	return count;
}

static struct loss series_loss(const struct series *series, bool loaded)
{
	struct loss loss = { 0, 0 };
	for (size_t i = 0; i < series->count; i++) {
		if (series->samples[i].loaded != loaded)
			continue;
		loss.trips++;
		loss.lost += series->samples[i].rtt == NS_NONE;
	}
	return loss;
}

/* What is lost while a transfer of ours runs may be its own doing, when it fills a queue; when it does not, it counts as well. */
static struct loss quiet_loss(const struct sums *sums, const struct series *series)
{
	struct loss quiet = series_loss(series, false), loaded = series_loss(series, true);
	if (!sums->load_matters) {
		quiet.trips += loaded.trips;
		quiet.lost += loaded.lost;
	}
	return quiet;
}

/* Lag-1 autocorrelation: a queue makes neighbours alike, jitter does not. */
static double correlation_of(const ns_t *values, size_t count)
{
	if (count < 8)
		return 0;
	double mean = 0, above = 0, below = 0;
	for (size_t i = 0; i < count; i++)
		mean += (double)values[i] / (double)count;
	for (size_t i = 0; i < count; i++) {
		double d = (double)values[i] - mean;
		below += d * d;
		if (i)
			above += d * ((double)values[i - 1] - mean);
	}
	return below > 0 ? above / below : 0;
}

/* Jitter that keeps the order holds later packets back behind a late one: they arrive together, a few at a time, again and again. A queue
 * spaces them out; only when it drains with nothing behind it they arrive together too, but all in one long run. */
static double bunched_of(const struct series *series)
{
	enum { RUN_MAX = 6 };
	unsigned pairs = 0, together = 0, run = 0;
	for (size_t i = 1; i < series->count; i++) {
		const struct sample *a = &series->samples[i - 1], *b = &series->samples[i];
		if (a->rtt == NS_NONE || b->rtt == NS_NONE || a->loaded || b->loaded ||
		    b->at - a->at < 5 * NS_PER_MS)
			continue;
		ns_t apart = b->at + b->rtt - a->at - a->rtt;
		pairs++;
		run = apart < 2 * NS_PER_MS ? run + 1 : 0;
		together += run > 0 && run <= RUN_MAX;
	}
	return pairs ? (double)together / pairs : 0;
}

static void least(ns_t *at, ns_t value)
{
	if (value != NS_NONE && value > 0 && (*at == NS_NONE || value < *at))
		*at = value;
}

static uint64_t series_answers(const struct series *series)
{
	uint64_t answers = 0;
	for (size_t i = 0; i < series->count; i++)
		answers += series->samples[i].rtt != NS_NONE;
	return answers;
}

static void sum_round_trips(struct sums *sums, const struct facts *facts)
{
	const struct series *all[] = { &facts->icmp, &facts->closed, &facts->service };
	ns_t values[SAMPLES_MAX] = { 0 };
	for (size_t i = 0; i < 3; i++) {
		if (!sums->steady || series_answers(all[i]) > 2 * series_answers(sums->steady))
			sums->steady = series_answers(all[i]) ? all[i] : sums->steady;
		for (size_t k = 0; k < all[i]->count; k++)
			least(&sums->rtt, all[i]->samples[k].rtt);
	}
	for (size_t i = 0; i < facts->attempt_count; i++) {
		least(&sums->rtt, facts->attempts[i].rtt);
		least(&sums->rtt, facts->attempts[i].min_rtt);
	}
	if (!sums->steady)
		return;
	size_t count = series_round_trips(sums->steady, false, values);
	rtt_stats_compute(&sums->idle, values, count);
	sums->idle_correlation = correlation_of(values, count);
	sums->bunched = bunched_of(sums->steady);
	count = series_round_trips(sums->steady, true, values);
	rtt_stats_compute(&sums->loaded, values, count);
	ns_t usual = sums->idle.count >= 3 ? sums->idle.p50 : sums->rtt;
	sums->load_matters =
	    count >= 3 && sums->loaded.p50 - usual > 3 * NS_PER_MS && sums->loaded.p50 - usual > usual / 10;
}

/* --- loss --- */

/* What established connections say of the path: segments of ours that had to be sent again. */
static struct loss data_loss_of(const struct facts *facts)
{
	struct loss loss = { 0, 0 };
	for (size_t i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		bool half_open = !a->acknowledged && !a->data_segments_in;
		if (a->stalled_on_large || a->small_mss || a->stage == STAGE_CONNECT || half_open)
			continue;
		/* Only segments of ours are known to be lost; those of the peer leave no trace here but disorder. */
		loss.trips += a->data_segments_out;
		loss.lost += a->retransmits > a->spurious ? a->retransmits - a->spurious : 0;
	}
	return loss;
}

static struct loss handshake_loss_of(const struct sums *sums, const struct facts *facts)
{
	struct loss loss = quiet_loss(sums, &facts->service);
	for (size_t i = 0; i < facts->attempt_count; i++)
		if (facts->attempts[i].connect != NS_NONE &&
		    !(facts->attempts[i].crowded && sums->load_matters)) {
			loss.trips++;
			loss.lost += facts->attempts[i].syn_retransmits > 0;
		}
	return loss;
}

static struct loss loss_sum(struct loss a, struct loss b)
{
	return (struct loss){ a.trips + b.trips, a.lost + b.lost };
}

/* A source that loses far more than the others is filtered or rate-limited on its way: it says nothing of the path. */
static bool is_limited(const struct loss *source, const struct loss *others)
{
	double rate = loss_rate(source);
	return source->trips >= 5 && source->lost && others->trips >= 10 && loss_rate(others) < rate / 4 &&
	       chance_of_none(rate, others->trips) < 0.02;
}

static struct loss series_loss_if_answered(const struct sums *sums, const struct series *series)
{
	return series->answered ? quiet_loss(sums, series) : (struct loss){ 0, 0 };
}

static void sum_handshakes(struct sums *sums, const struct facts *facts)
{
	for (unsigned i = 0; i < facts->path_count; i++) {
		const struct path *p = &facts->paths[i];
		if (facts->primary >= 0 && (int)i != facts->primary)
			continue;
		sums->tries += p->tries;
		sums->connected += p->connected;
		sums->late += p->late;
		sums->silent += p->silent;
		sums->refused += p->refused;
		sums->unreachable += p->unreachable;
		sums->local += p->local_failures;
		sums->host_answers = sums->host_answers || p->connected || p->refused;
	}
	sums->host_answers = sums->host_answers || series_answers(&facts->icmp) ||
			     series_answers(&facts->closed) || facts->witness.ack_answered;
}

/* The service's SYNs are lost so much more often than anything else that chance cannot be the reason. */
static bool only_the_port_loses(const struct loss *port, const struct loss *elsewhere)
{
	if (port->lost < 2 || elsewhere->trips < 10)
		return false;
	double there = loss_rate(port);
	return loss_rate(elsewhere) < there / 4 && chance_of_none(there, elsewhere->trips) < 0.01;
}

static uint64_t facts_disorder(const struct facts *facts)
{
	uint64_t disorder = 0;
	for (size_t i = 0; i < facts->attempt_count; i++)
		disorder += facts->attempts[i].out_of_order;
	return disorder;
}

static void sum_loss(struct sums *sums, const struct facts *facts)
{
	struct loss none = { 0, 0 };
	struct loss data = data_loss_of(facts), service = handshake_loss_of(sums, facts);
	struct loss closed = series_loss_if_answered(sums, &facts->closed),
		    icmp = series_loss_if_answered(sums, &facts->icmp);
	sums->icmp = quiet_loss(sums, &facts->icmp);
	struct loss loaded = series_loss(&facts->icmp, true),
		    loaded_closed = series_loss(&facts->closed, true);
	if (facts->icmp.answered)
		sums->loaded_loss = loaded;
	if (facts->closed.answered)
		sums->loaded_loss = loss_sum(sums->loaded_loss, loaded_closed);

	struct loss tcp = loss_sum(data, service);
	struct loss others = loss_sum(tcp, closed);
	/* Disorder says that TCP loses as well, in the direction that we cannot count. */
	bool disorder = facts_disorder(facts) > 2 && facts->machine.dsack_sent == 0;
	sums->icmp_limited = !disorder && is_limited(&icmp, &others);
	if (sums->icmp_limited)
		icmp = none;
	others = loss_sum(tcp, icmp);
	if (is_limited(&closed, &others))
		closed = none;
	struct loss elsewhere = loss_sum(loss_sum(data, closed), icmp);
	sums->port_only = only_the_port_loses(&service, &elsewhere);
	sums->tcp = loss_sum(sums->port_only ? data : tcp, closed);
	sums->loss = loss_sum(sums->tcp, icmp);
}

bool loss_is_real(const struct sums *sums)
{
	double p = loss_rate(&sums->loss);
	/* Where our own transfers fill a queue, a packet or two of what seemed quiet may have met it. */
	unsigned least = sums->load_matters ? 3 : 2;
	return (sums->loss.lost >= least && p >= 0.008) || (sums->loss.lost >= 4 && p >= 0.005);
}

/* --- the requests --- */

bool bandwidth_gaps(const struct attempt *a, const struct sums *sums)
{
	/* A link so slow that segments come one by one lets a ping wait behind them. */
	ns_t each = a->gaps ? a->gap_time / (ns_t)a->gaps : 0;
	if (sums->loaded.count >= 3 ? !sums->load_matters
				    : sums->idle.count >= 8 && sums->idle.p90 - sums->idle.min < each / 4)
		return false;
	bool full = a->data_segments_in && a->rcv_mss &&
		    a->received_bytes / a->data_segments_in >= a->rcv_mss - a->rcv_mss / 6;
	return full && a->gaps * 2 >= a->data_segments_in;
}

ns_t attempt_pauses(const struct attempt *a, const struct sums *sums)
{
	if (!a->gaps || a->gap_lossless <= 0 || bandwidth_gaps(a, sums))
		return 0;
	ns_t each = a->gap_lossless / (ns_t)a->gaps;
	/* A lost tail leaves no disorder behind it, only the sender's time-out (RFC 6298: at least 200 ms on Linux, doubled each time). */
	if (loss_is_real(sums) && a->gaps < 8 && each < 500 * NS_PER_MS + 2 * sums->rtt)
		return 0;
	ns_t spread = sums->idle.count >= 8 ? sums->idle.p90 - sums->idle.min : 0;
	if (spread > 15 * NS_PER_MS && spread > sums->idle.min / 4 && each < 2 * sums->idle.max)
		return 0;
	ns_t growth = sums->loaded.count >= 3 && sums->rtt != NS_NONE
			  ? sums->loaded.p50 - (sums->idle.count >= 3 ? sums->idle.p50 : sums->rtt)
			  : 0;
	if (growth > 20 * NS_PER_MS && growth > sums->rtt / 2)
		return 0;
	return a->gap_lossless;
}

ns_t attempt_server_time(const struct attempt *attempt, const struct sums *sums)
{
	if (attempt->server == NS_NONE)
		return NS_NONE;
	ns_t server = attempt->server;
	if (!attempt->server_exact || attempt->request_network == NS_NONE || attempt->retransmits)
		return server;
	ns_t usual = sums->rtt == NS_NONE ? attempt->rtt : sums->rtt;
	if (sums->idle.count && sums->idle.p90 > usual)
		usual = sums->idle.p90;
	ns_t slack = 5 * NS_PER_MS + usual / 10;
	if (usual != NS_NONE && attempt->request_network > usual + slack)
		server += attempt->request_network - usual;
	return server;
}

static void sum_attempt(struct sums *sums, const struct attempt *a)
{
	sums->made++;
	bool ok = a->ending == END_OK || a->cut;
	sums->ok += ok;
	sums->failed += !ok;
	sums->reset += a->ending == END_RESET;
	sums->closed += a->ending == END_PROTOCOL;
	sums->timed_out += a->ending == END_TIMED_OUT;
	ns_t spent = 0;
	if (a->syn_retransmits && a->connect != NS_NONE && a->rtt != NS_NONE && a->connect > a->rtt)
		spent += a->connect - a->rtt;
	if (a->gap_time > a->gap_lossless)
		spent += a->gap_time - a->gap_lossless;
	sums->stall_mean += spent;
}

static void sum_attempts(struct sums *sums, const struct facts *facts)
{
	ns_t server[ATTEMPTS_MAX], tls[ATTEMPTS_MAX];
	size_t servers = 0, tls_count = 0;
	for (size_t i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		if (a->ending == END_NONE || a->small_mss)
			continue;
		sums->data_segments_in += a->data_segments_in;
		sums->out_of_order += a->out_of_order;
		sums->retransmits += a->retransmits + a->syn_retransmits;
		if (!attempt_counts(a))
			continue;
		sum_attempt(sums, a);
		if (a->tls_server != NS_NONE && a->tls != NS_NONE)
			tls[tls_count++] = a->tls_server;
		ns_t think = attempt_server_time(a, sums);
		if (think == NS_NONE)
			continue;
		sums->server_exact += a->server_exact;
		server[servers++] = think;
	}
	sums->stall_mean = sums->made ? sums->stall_mean / (ns_t)sums->made : 0;
	sums->server_count = (unsigned)servers;
	sums->tls_server = median_of(tls, tls_count);
	sums->server = median_of(server, servers);
	sums->server_min = servers ? server[0] : NS_NONE;
	sums->server_max = servers ? server[servers - 1] : NS_NONE;
}

void sums_compute(struct sums *sums, const struct facts *facts)
{
	memset(sums, 0, sizeof *sums);
	sums->rtt = NS_NONE;
	rtt_stats_compute(&sums->idle, NULL, 0);
	rtt_stats_compute(&sums->loaded, NULL, 0);
	sum_round_trips(sums, facts);
	sum_handshakes(sums, facts);
	sum_loss(sums, facts);
	sum_attempts(sums, facts);
	sums->median = ledger_median(facts);
	sums->total = sums->median < 0 ? NS_NONE : facts->attempts[sums->median].total;
}
