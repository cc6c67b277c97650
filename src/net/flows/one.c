#include "ntsh/flow_one.h"

#include <stdio.h>

struct one {
	struct flows *flows;
	uint64_t number;
	struct flow before;
	flow_one_fn *fn;
	void (*ended)(const struct flow *flow, void *arg);
	void *arg;
	bool found;
};

static void on_ended(const struct flow *flow, void *arg)
{
	struct one *one = arg;
	if (flow->number == one->number)
		one->ended(flow, one->arg);
}

static void take_packet(const struct packet *packet, ns_t time, void *arg)
{
	struct one *one = arg;
	int side = -1;
	const struct flow *flow = flows_packet(one->flows, packet, time, &side);
	if (!flow || flow->number != one->number)
		return;
	one->found = true;
	one->fn(flow, &one->before, packet, time, side, one->arg);
	one->before = *flow;
}

int flow_one_run(struct loop *loop, struct packet_feed *feed, uint64_t number, flow_one_fn *fn,
		 void (*ended)(const struct flow *flow, void *arg), void *arg, struct error *err)
{
	static const struct flows_events events = { .ended = on_ended };
	struct one one = { .number = number, .fn = fn, .ended = ended, .arg = arg };
	one.flows = flows_new(&events, &one);
	int failed = packet_feed_run(loop, feed, take_packet, &one, err);
	flows_finish(one.flows);
	if (!failed && !one.found)
		failed = error_set(err, STATUS_USAGE, "ENOENT",
				   "`capture flows` with the same file and filter lists the numbers",
				   "there is no conversation %llu in %s: it has %llu",
				   (unsigned long long)number, feed->file,
				   (unsigned long long)flows_count(one.flows));
	flows_free(one.flows);
	return failed;
}

static const char *ending_sentence(enum flow_ending ending)
{
	static const char *const sentences[] = {
		"It was still open when the capture ended, after {duration_ms}",
		"Both sides closed it, after {duration_ms}",
		"Only one side had closed it when the capture ended, after {duration_ms}",
		"{ended_by?The {ended_by} reset it}, after {duration_ms}{why?: {why}}{forged?; but somebody else on the way sent the RST}",
		"It was refused{why?: {why}}",
		"Nobody answered",
		"The request was acknowledged and never answered",
	};
	return sentences[ending];
}

void flow_one_end(struct result *result, const struct packet_feed *feed, const struct flow *flow)
{
	static const char *const enders[] = { "client", "server" };
	char protocol[12];
	result_put(result, "file", value_text(feed->file));
	result_put(result, "filter", value_text(feed->filter[0] ? feed->filter : NULL));
	result_put(result, "number", value_count(flow->number));
	result_put(result, "protocol", value_text(flow_protocol_name(flow->protocol, protocol)));
	result_put(result, "client", value_endpoint(&flow->side[0].addr));
	result_put(result, "server", value_endpoint(&flow->side[1].addr));
	result_put(result, "duration_ms", value_time(flow->last - flow->first));
	result_put(result, "ending", value_text(flow_ending_name(flow->ending)));
	result_put(result, "why", value_text(flow->why));
	result_put(result, "ended_by", value_text(flow->ender < 0 ? NULL : enders[flow->ender]));
	result_put(result, "forged", value_flag(flow->forged));
	result_put(result, "cut", value_flag(feed->cut));
	result_gap(result);
	result_line(result, TONE_PLAIN, "{client} (client, left) and {server} (server, right), {protocol}");
	result_line(result, TONE_STRONG, ending_sentence(flow->ending));
	if (feed->cut)
		result_note(result, "the file ends within a packet: whoever wrote it was stopped");
}
