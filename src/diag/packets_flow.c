#include "ntsh/diagnose_capture.h"

#include "diag/packets.h"
#include "diag/packets_gather.h"
#include "diag/rank.h"
#include "diag/words.h"

#include "base/mem.h"

#include <stdlib.h>

struct packet_judge {
	struct flows *flows;
	struct packet_facts facts;
};

static const struct rule *const tables[] = { rules_packets, rules_packets_data };

struct packet_judge *packet_judge_new(void)
{
	static const struct flows_events events = { packets_flow_ended, packets_exchanged };
	struct packet_judge *judge = NEW(struct packet_judge);
	judge->facts.trip_least = NS_NONE;
	judge->facts.slowest = NS_NONE;
	judge->flows = flows_new(&events, &judge->facts);
	return judge;
}

void packet_judge_add(struct packet_judge *judge, const struct packet *packet, ns_t time)
{
	judge->facts.packets++;
	flows_packet(judge->flows, packet, time, NULL);
}

void packet_judge_quality(struct packet_judge *judge, bool drops_known, uint64_t drops, bool cut)
{
	judge->facts.drops_known = drops_known;
	judge->facts.drops = drops;
	judge->facts.cut = cut;
}

void packet_judge_free(struct packet_judge *judge)
{
	if (!judge)
		return;
	flows_free(judge->flows);
	free(judge);
}

/* --- the verdict --- */

/* SIGNALS 32: what is missing in the capture could have told another story. */
static double quality_of(const struct packet_facts *f)
{
	double quality = 1;
	if (f->drops * 1000 > f->packets)
		quality *= 0.8;
	if (f->missing_bytes * 50 > f->payload_bytes + 1)
		quality *= 0.8;
	if (f->tcp && f->one_sided * 3 > f->tcp)
		quality *= 0.7;
	if (f->tcp && f->from_middle * 2 > f->tcp)
		quality *= 0.85;
	return quality;
}

static void say_healthy(const struct packet_facts *f, struct verdict *out)
{
	verdict_healthy(out);
	verdict_where(out, "all conversations");
	double sure = confidence_of(0.95, f->exchanges + f->connected, 8);
	if (f->exchanges)
		verdict_found(
		    out, 0, sure,
		    "%llu requests were answered, the server took %s (median); nothing stands in their way",
		    (unsigned long long)f->exchanges, say_time(f->server_median).text);
	else
		verdict_found(out, 0, sure, "%llu connections, %llu look-ups: nothing stands in their way",
			      (unsigned long long)f->connected, (unsigned long long)f->lookups);
}

static void otherwise(const struct matter *matter, struct verdict *out)
{
	const struct packet_facts *f = matter->packets;
	if (f->connected || f->lookups > f->lookups_unanswered ||
	    f->side[0].segments + f->side[1].segments > 20) {
		say_healthy(f, out);
		return;
	}
	verdict_unknown(out);
	verdict_where(out, "the capture");
	verdict_found(out, 0, 0,
		      f->packets ? "no conversation in it that could be judged"
				 : "there are no packets in it");
	verdict_next(out, "ntsh capture flows FILE");
	verdict_next(out, "ntsh capture -i IF -w FILE host ADDRESS   (while it happens)");
}

/* Means for one exchange; connecting and handshakes are spread over the exchanges that profit from them. */
static void ledger_fill(const struct packet_facts *f, struct ledger *ledger)
{
	ns_t turns = (ns_t)(f->exchanges ? f->exchanges : f->connected);
	if (!turns) {
		ledger->total = NS_NONE;
		return;
	}
	ns_t stalls = f->side[0].timeout_time + f->side[1].timeout_time;
	if (stalls > f->transfer)
		stalls = f->transfer;
	ns_t pauses = f->pauses < f->transfer - stalls ? f->pauses : f->transfer - stalls;
	ledger->dns = f->lookup / turns;
	ledger->tcp = f->connect / turns;
	ledger->tls_network = f->tls_network / turns;
	ledger->tls_server = f->tls_server / turns;
	ledger->request_network = f->network / turns;
	ledger->server = f->server / turns;
	ledger->transfer_server = pauses / turns;
	ledger->transfer_network = (f->transfer - stalls - pauses) / turns;
	ledger->stall = (stalls + f->syn_wait) / turns;
	ledger->total = ledger->dns + ledger->tcp + ledger->tls_network + ledger->tls_server +
			ledger->request_network + ledger->server + ledger->transfer_server +
			ledger->transfer_network + ledger->stall;
}

static const char *vantage_words(enum vantage vantage)
{
	static const char *const words[] = { NULL, "at the client", "at the server", "in the middle" };
	return words[vantage];
}

void packet_judge_end(struct packet_judge *judge, struct capture_verdict *out)
{
	struct packet_facts *f = &judge->facts;
	struct diagnosis *diagnosis = &out->diagnosis;
	*out = (struct capture_verdict){ 0 };
	flows_finish(judge->flows);
	packets_settle(f);
	ledger_fill(f, &diagnosis->ledger);
	struct matter matter = { .packets = f, .ledger = &diagnosis->ledger };
	rank(&matter, tables, sizeof tables / sizeof *tables, otherwise, diagnosis);
	out->quality = quality_of(f);
	diagnosis->verdict.confidence *= out->quality;
	diagnosis->attempts = (int)(f->exchanges < INT32_MAX ? f->exchanges : INT32_MAX);
	diagnosis->failed = (int)(f->silent + f->refused + f->unanswered);
	diagnosis->round_trip = f->trip_least;
	diagnosis->round_trips = 0;
	diagnosis->mean = true;
	out->packets = f->packets;
	out->flows = f->flows;
	out->tcp = f->tcp;
	out->copies = f->copies;
	out->drops = f->drops;
	out->drops_known = f->drops_known;
	out->missing_bytes = f->missing_bytes;
	out->cut = f->cut;
	out->vantage = vantage_words(f->vantage);
}
