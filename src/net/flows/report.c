#include "ntsh/flow_table.h"

#include "base/mem.h"
#include "wire/tls_hello.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A flow that is kept to be shown in the end. */
struct kept {
	double weight;
	struct flow flow;
};

struct totals {
	uint64_t packets, bytes, shown, tcp, refused, reset, unanswered, silent, retransmissions, segments,
	    reordered, copies;
	ns_t first, last;
};

struct flow_table {
	struct result *result;
	struct flows *flows;
	size_t most, count;
	struct kept *kept; /* a heap, the lightest first */
	struct totals totals;
	bool cut;
};

/* --- one flow --- */

static struct value count_of(int number)
{
	return number < 0 ? value_none() : value_count((uint64_t)number);
}

static void side_put(struct result *result, const char *name, const struct flow_side *side)
{
	result_open(result, name);
	result_put(result, "packets", value_count(side->packets));
	result_put(result, "wire_bytes", value_bytes(side->wire_bytes));
	result_put(result, "payload_bytes", value_bytes(side->payload_bytes));
	result_put(result, "data_segments", value_count(side->data_segments));
	result_put(result, "retransmissions", value_count(side->retransmissions));
	result_put(result, "filled", value_count(side->filled));
	result_put(result, "fast", value_count(side->fast));
	result_put(result, "timeouts", value_count(side->timeouts));
	result_put(result, "timeout_ms", value_time(side->timeout_time));
	result_put(result, "spurious", value_count(side->spurious));
	result_put(result, "reordered", value_count(side->reordered));
	result_put(result, "copies", value_count(side->copies));
	result_put(result, "missing_bytes", value_bytes(side->missing));
	result_put(result, "keepalives", value_count(side->keepalives));
	result_put(result, "duplicate_acks", value_count(side->duplicate_acks));
	result_put(result, "zero_windows", value_count(side->zero_windows));
	result_put(result, "zero_window_ms", value_time(side->zero_window_time));
	result_put(result, "window_full", value_count(side->window_full));
	result_put(result, "congestion_marks", value_count(side->congestion_marks));
	result_put(result, "trip_ms", value_time(side->trips.count ? side->trips.min : NS_NONE));
	result_put(result, "mss", side->mss ? value_count(side->mss) : value_none());
	result_put(result, "ttl", count_of(side->ttl));
	result_put(result, "stuck_large", value_flag(side->stuck_large));
	result_close(result);
}

static ns_t mean(ns_t sum, uint64_t count)
{
	return count ? sum / (ns_t)count : NS_NONE;
}

static ns_t between(ns_t from, ns_t to)
{
	return from == NS_NONE || to == NS_NONE ? NS_NONE : to - from;
}

static void exchanges_put(struct result *result, const struct flow *flow)
{
	result_put(result, "exchanges", value_count(flow->exchanges));
	result_put(result, "answered", value_count(flow->answered));
	result_put(result, "network_ms", value_time(mean(flow->network_sum, flow->answered)));
	result_put(result, "server_ms", value_time(mean(flow->server_sum, flow->answered)));
	result_put(result, "transfer_ms", value_time(mean(flow->transfer_sum, flow->answered)));
	result_put(result, "slowest_ms", value_time(flow->slowest_server));
	result_put(result, "slowest_request", value_text(*flow->slowest.what ? flow->slowest.what : NULL));
	result_put(result, "tls_network_ms", value_time(flow->handshake_network));
	result_put(result, "tls_server_ms", value_time(flow->handshake_server));
	result_put(result, "worst_status", flow->worst_status ? count_of(flow->worst_status) : value_none());
	result_put(result, "alert", value_text(flow->alert < 0 ? NULL : tls_alert_text(flow->alert)));
}

static void ending_put(struct result *result, const struct flow *flow)
{
	static const char *const enders[] = { "client", "server" };
	result_put(result, "ending", value_text(flow_ending_name(flow->ending)));
	result_put(result, "why", value_text(flow->why));
	result_put(result, "reset_by", value_text(flow->ender < 0 ? NULL : enders[flow->ender]));
	result_put(result, "forged", value_flag(flow->forged));
}

void flow_put(struct result *result, const struct flow *flow)
{
	char protocol[12];
	result_put(result, "number", value_count(flow->number));
	result_put(result, "protocol", value_text(flow_protocol_name(flow->protocol, protocol)));
	result_put(result, "app", value_text(flow_app_name(flow->app)));
	result_put(result, "name", value_text(flow->name));
	result_put(result, "client", value_endpoint(&flow->side[0].addr));
	result_put(result, "server", value_endpoint(&flow->side[1].addr));
	result_put(result, "sent_bytes", value_bytes(flow->side[0].payload_bytes));
	result_put(result, "received_bytes", value_bytes(flow->side[1].payload_bytes));
	result_put(result, "retransmissions",
		   value_count(flow->side[0].retransmissions + flow->side[1].retransmissions));
	side_put(result, "from_client", &flow->side[0]);
	side_put(result, "from_server", &flow->side[1]);
	result_put(result, "begin", value_date(flow->first));
	result_put(result, "duration_ms", value_time(flow->last - flow->first));
	result_put(result, "from_middle", value_flag(flow->from_middle));
	result_put(result, "syns", value_count(flow->syns));
	result_put(result, "to_server_ms", value_time(between(flow->syn, flow->syn_ack)));
	result_put(result, "to_client_ms", value_time(between(flow->syn_ack, flow->established)));
	result_put(result, "round_trip_ms", value_time(flow_round_trip(flow)));
	ending_put(result, flow);
	exchanges_put(result, flow);
	result_put(result, "icmp_errors", value_count(flow->icmp_errors));
	result_put(result, "icmp_from", value_address(&flow->icmp_from));
	result_put(result, "icmp_too_big", value_count(flow->icmp_too_big));
}

/* --- rows --- */

static const struct column columns[] = {
	{ "number", "no", ALIGN_RIGHT, 3, false, false },
	{ "client", "client", ALIGN_LEFT, 20, false, false },
	{ "server", "server", ALIGN_LEFT, 20, false, false },
	{ "name", "name", ALIGN_LEFT, 10, false, false },
	{ "duration_ms", "time", ALIGN_RIGHT, 7, false, false },
	{ "sent_bytes", "sent", ALIGN_RIGHT, 7, false, false },
	{ "received_bytes", "received", ALIGN_RIGHT, 8, false, false },
	{ "round_trip_ms", "round trip", ALIGN_RIGHT, 10, false, false },
	{ "server_ms", "server", ALIGN_RIGHT, 8, false, false },
	{ "retransmissions", "again", ALIGN_RIGHT, 5, false, false },
	{ "ending", "end", ALIGN_LEFT, 10, false, false },
	{ "why", "", ALIGN_LEFT, 0, false, true },
};

static const struct table flows_table = { .name = "flows",
					  .columns = columns,
					  .column_count = sizeof columns / sizeof *columns };

static void row_show(struct flow_table *table, const struct flow *flow)
{
	result_row_open(table->result);
	flow_put(table->result, flow);
	result_row_close(table->result);
	table->totals.shown++;
}

/* --- the most telling --- */

static bool is_troubled(const struct flow *flow)
{
	return flow->ending == FLOW_REFUSED || flow->ending == FLOW_UNANSWERED ||
	       flow->ending == FLOW_SILENT || flow->forged || flow->side[0].zero_windows ||
	       flow->side[1].zero_windows || flow->side[0].timeouts || flow->side[1].timeouts ||
	       flow->alert > 0 || flow->worst_status >= 500;
}

static void heap_down(struct flow_table *table, size_t at)
{
	struct kept *heap = table->kept;
	for (size_t child; (child = 2 * at + 1) < table->count; at = child) {
		if (child + 1 < table->count && heap[child + 1].weight < heap[child].weight)
			child++;
		if (heap[at].weight <= heap[child].weight)
			return;
		struct kept swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
	}
}

static void heap_up(struct flow_table *table, size_t at)
{
	struct kept *heap = table->kept;
	for (; at && heap[(at - 1) / 2].weight > heap[at].weight; at = (at - 1) / 2) {
		struct kept swap = heap[at];
		heap[at] = heap[(at - 1) / 2];
		heap[(at - 1) / 2] = swap;
	}
}

static void keep(struct flow_table *table, const struct flow *flow)
{
	double weight =
	    (double)(flow->side[0].wire_bytes + flow->side[1].wire_bytes) + (is_troubled(flow) ? 1e15 : 0);
	bool full = table->count == table->most;
	if (full && table->kept[0].weight >= weight)
		return;
	struct kept kept = { weight, *flow };
	kept.flow.name = mem_strdup(flow->name);
	kept.flow.hello = NULL;
	if (full) {
		free(table->kept[0].flow.name);
		table->kept[0] = kept;
		heap_down(table, 0);
	} else {
		table->kept[table->count++] = kept;
		heap_up(table, table->count - 1);
	}
}

static int compare_kept(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	return (x->flow.number > y->flow.number) - (x->flow.number < y->flow.number);
}

static void kept_show(struct flow_table *table)
{
	if (table->count)
		qsort(table->kept, table->count, sizeof *table->kept, compare_kept);
	for (size_t i = 0; i < table->count; i++) {
		row_show(table, &table->kept[i].flow);
		free(table->kept[i].flow.name);
	}
	table->count = 0;
}

/* --- totals --- */

static void on_ended(const struct flow *flow, void *arg)
{
	struct flow_table *table = arg;
	struct totals *totals = &table->totals;
	totals->tcp += flow->protocol == IPPROTO_TCP;
	totals->refused += flow->ending == FLOW_REFUSED;
	totals->reset += flow->ending == FLOW_RESET;
	totals->unanswered += flow->ending == FLOW_UNANSWERED;
	totals->silent += flow->ending == FLOW_SILENT;
	for (int i = 0; i < 2 && flow->protocol == IPPROTO_TCP; i++) {
		totals->retransmissions += flow->side[i].retransmissions;
		totals->segments += flow->side[i].data_segments;
		totals->reordered += flow->side[i].reordered;
		totals->copies += flow->side[i].copies;
	}
	if (table->most)
		keep(table, flow);
	else
		row_show(table, flow);
}

static void totals_put(struct flow_table *table)
{
	struct result *result = table->result;
	const struct totals *totals = &table->totals;
	bool any = totals->packets > 0;
	result_put(result, "packets", value_count(totals->packets));
	result_put(result, "bytes", value_count(totals->bytes));
	result_put(result, "begin", value_date(any ? totals->first : NS_NONE));
	result_put(result, "duration_ms", value_time(any ? totals->last - totals->first : NS_NONE));
	result_put(result, "count", value_count(flows_count(table->flows)));
	result_put(result, "shown", value_count(totals->shown));
	result_put(result, "tcp", value_count(totals->tcp));
	result_put(result, "refused", value_count(totals->refused));
	result_put(result, "reset", value_count(totals->reset));
	result_put(result, "unanswered", value_count(totals->unanswered));
	result_put(result, "silent", value_count(totals->silent));
	result_put(result, "retransmissions", value_count(totals->retransmissions));
	result_put(result, "segments", value_count(totals->segments));
	result_put(result, "retransmission_percent",
		   totals->segments
		       ? value_percent(100.0 * (double)totals->retransmissions / (double)totals->segments)
		       : value_none());
	result_put(result, "reordered", value_count(totals->reordered));
	result_put(result, "copies", value_count(totals->copies));
	result_put(result, "cut", value_flag(table->cut));
}

static void totals_show(struct flow_table *table)
{
	struct result *result = table->result;
	const struct totals *totals = &table->totals;
	result_gap(result);
	result_line(result, TONE_STRONG, "{count} conversations, {packets} packets in {duration_ms}");
	if (totals->segments)
		result_item(
		    result, "again",
		    totals->retransmissions * 100 > totals->segments ? TONE_WARN : TONE_PLAIN,
		    "{retransmissions} of {segments} segments were sent again ({retransmission_percent})"
		    "{reordered?, {reordered} only overtaken}{copies?, {copies} only captured twice}");
	if (totals->refused + totals->reset + totals->unanswered + totals->silent)
		result_item(result, "ended badly", TONE_WARN,
			    "{refused?{refused} refused  }{unanswered?{unanswered} without any answer  "
			    "}{silent?{silent} "
			    "with a request never answered  }{reset?{reset} reset}");
	if (totals->shown < flows_count(table->flows))
		result_line(result, TONE_FAINT,
			    "{shown} are shown: those with troubles, then the largest; -a shows all");
	if (table->cut)
		result_note(result, "the file ends within a packet: whoever wrote it was stopped");
}

static bool is_bad(const struct totals *totals)
{
	return totals->refused + totals->unanswered + totals->silent + totals->reset > 0 ||
	       (totals->segments > 100 && totals->retransmissions * 100 > totals->segments);
}

/* --- reading --- */

struct flow_table *flow_table_open(struct result *result, size_t most)
{
	static const struct flows_events events = { .ended = on_ended };
	struct flow_table *table = NEW(struct flow_table);
	table->result = result;
	table->most = most;
	table->kept = most ? mem_alloc(most * sizeof *table->kept) : NULL;
	table->flows = flows_new(&events, table);
	return table;
}

static void take_packet(const struct packet *packet, ns_t time, void *arg)
{
	struct flow_table *table = arg;
	struct totals *totals = &table->totals;
	if (!totals->packets++)
		totals->first = totals->last = time;
	if (time > totals->last)
		totals->last = time;
	if (time < totals->first)
		totals->first = time;
	totals->bytes += packet->length;
	flows_packet(table->flows, packet, time, NULL);
}

enum status flow_table_read(struct flow_table *table, struct loop *loop, struct packet_feed *feed,
			    struct error *err)
{
	result_list_open(table->result, &flows_table);
	int failed = packet_feed_run(loop, feed, take_packet, table, err);
	result_progress(table->result, -1, NS_NONE, NULL);
	flows_finish(table->flows);
	kept_show(table);
	result_list_close(table->result);
	if (failed && !table->totals.packets)
		return err->status;
	table->cut = feed->cut;
	totals_put(table);
	totals_show(table);
	if (feed->drops)
		result_note(table->result, "%llu packets were lost by the capture itself",
			    (unsigned long long)feed->drops);
	return failed ? err->status : is_bad(&table->totals) ? STATUS_BAD : STATUS_OK;
}

void flow_table_close(struct flow_table *table)
{
	flows_free(table->flows);
	free(table->kept);
	free(table);
}
