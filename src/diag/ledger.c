#include "diag/ledger.h"

#include <stdlib.h>
#include <string.h>

/* Connection Attempt Delay, RFC 8305 section 5. */
#define FAMILY_DELAY (250 * NS_PER_MS)

struct ranked {
	ns_t total;
	int index;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return x->total != y->total ? (x->total > y->total ? 1 : -1) : x->index - y->index;
}

static int median_where(const struct facts *facts, bool ok, bool reused)
{
	struct ranked ranked[ATTEMPTS_MAX];
	size_t count = 0;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		bool good = a->ending == END_OK || a->cut;
		if (a->ending == END_NONE || a->small_mss || a->parallel || a->total == NS_NONE)
			continue;
		if (good == ok && a->reused == reused)
			ranked[count++] = (struct ranked){ a->total, (int)i };
	}
	if (!count)
		return -1;
	qsort(ranked, count, sizeof *ranked, compare_ranked);
	return ranked[(count - 1) / 2].index;
}

int ledger_median(const struct facts *facts)
{
	int index = median_where(facts, true, false);
	if (index < 0)
		index = median_where(facts, false, false);
	return index < 0 ? median_where(facts, true, true) : index;
}

ns_t ledger_family_wait(const struct facts *facts)
{
	if (facts->primary < 0 || facts->paths[facts->primary].addr.family != AF_INET)
		return 0;
	for (unsigned i = 0; i < facts->path_count; i++) {
		const struct path *p = &facts->paths[i];
		/* A family without a route is not even tried (RFC 6724); one that is refused at once costs next to nothing. */
		if (p->addr.family == AF_INET6 && p->tries && p->silent == p->tries)
			return FAMILY_DELAY;
	}
	return 0;
}

/* Takes at most amount out of what is left; what is unknown or negative takes nothing. */
static ns_t take(ns_t *left, ns_t amount)
{
	ns_t taken = amount == NS_NONE || amount < 0 ? 0 : amount < *left ? amount : *left;
	*left -= taken;
	return taken;
}

static void share_connect(const struct attempt *a, ns_t rtt, ns_t *left, struct ledger *out)
{
	ns_t phase = take(left, a->connect);
	bool connected = a->stage > STAGE_CONNECT || a->ending == END_OK || a->ending == END_REFUSED;
	ns_t trip = a->rtt != NS_NONE ? a->rtt : rtt;
	if (!connected || trip == NS_NONE) {
		*(connected ? &out->tcp : &out->stall) += take(&phase, phase);
		return;
	}
	out->tcp += take(&phase, trip);
	*(a->syn_retransmits ? &out->stall : &out->client) += take(&phase, phase);
}

static void share_tls(const struct attempt *a, ns_t rtt, ns_t *left, struct ledger *out)
{
	ns_t phase = take(left, a->tls);
	if (a->stage == STAGE_TLS && a->ending != END_OK) {
		out->tls_network += take(&phase, rtt);
		*(a->acknowledged ? &out->tls_server : &out->stall) += take(&phase, phase);
		return;
	}
	if (a->tls_network == NS_NONE && a->tls_server == NS_NONE && rtt != NS_NONE) {
		out->tls_network += take(&phase, rtt * (a->tls_round_trips ? a->tls_round_trips : 1));
		out->tls_server += take(&phase, phase);
		return;
	}
	out->tls_network += take(&phase, a->tls_network);
	out->tls_server += take(&phase, a->tls_server);
	out->client += take(&phase, phase);
}

static void share_wait(const struct attempt *a, const struct sums *sums, ns_t *left, struct ledger *out)
{
	ns_t phase = take(left, a->wait);
	ns_t server = attempt_server_time(a, sums);
	if (server == NS_NONE) { /* never answered */
		out->request_network += take(&phase, a->acknowledged ? a->request_network : sums->rtt);
		*(a->acknowledged && !a->stalled_on_large ? &out->server : &out->stall) +=
		    take(&phase, phase);
		return;
	}
	out->server += take(&phase, server);
	if (a->retransmits && sums->rtt != NS_NONE) {
		out->request_network += take(&phase, sums->rtt);
		out->stall += take(&phase, phase);
	}
	out->request_network += take(&phase, phase);
}

static void share_transfer(const struct attempt *a, const struct sums *sums, ns_t *left, struct ledger *out)
{
	ns_t phase = take(left, a->transfer);
	ns_t pauses = attempt_pauses(a, sums);
	out->transfer_server += take(&phase, pauses);
	bool lossy = loss_is_real(sums) || a->out_of_order;
	if (lossy && a->gap_time > pauses && !bandwidth_gaps(a, sums))
		out->stall += take(&phase, a->gap_time - pauses);
	out->transfer_network += take(&phase, phase);
}

void ledger_compute(const struct facts *facts, const struct sums *sums, struct ledger *out)
{
	memset(out, 0, sizeof *out);
	ns_t dns = facts->dns.program_wait;
	out->dns = dns == NS_NONE || dns < 0 || dns == NS_NEVER ? 0 : dns;
	out->stall = ledger_family_wait(facts);
	out->total = out->dns + out->stall;
	if (sums->median < 0)
		return;
	const struct attempt *a = &facts->attempts[sums->median];
	ns_t left = a->total > 0 ? a->total : 0;
	out->total += left;
	out->client += take(&left, a->before_connect);
	share_connect(a, sums->rtt, &left, out);
	share_tls(a, sums->rtt, &left, out);
	out->client += take(&left, a->before_request);
	share_wait(a, sums, &left, out);
	share_transfer(a, sums, &left, out);
	out->client += left;
}

ns_t ledger_parts(const struct ledger *ledger)
{
	return ledger->dns + ledger->tcp + ledger->tls_network + ledger->tls_server +
	       ledger->request_network + ledger->server + ledger->transfer_network + ledger->transfer_server +
	       ledger->client + ledger->stall;
}

int ledger_handshake_trips(const struct attempt *attempt)
{
	int trips = (attempt->connect != NS_NONE) + (attempt->wait != NS_NONE);
	if (attempt->tls != NS_NONE)
		trips += attempt->tls_round_trips ? attempt->tls_round_trips : 1;
	return trips;
}

int ledger_round_trips(const struct attempt *attempt, ns_t rtt)
{
	int trips = ledger_handshake_trips(attempt);
	ns_t moving = attempt->transfer == NS_NONE ? 0 : attempt->transfer - attempt->gap_time;
	if (rtt > 0 && moving > rtt / 2)
		trips += (int)(moving / rtt < 20 ? (moving + rtt / 2) / rtt : 20);
	return trips;
}
