/* Is it the network or the server - what do the packets say?
 * Reads a capture taken at the client, at the server or between them, works out where it stands, and judges by the same contract as
 * `diagnose`. */
#include "ntsh/command.h"
#include "ntsh/diagnose_capture.h"
#include "ntsh/diagnose_show.h"
#include "ntsh/packet_feed.h"

struct args {
	const char *interface;
	struct option_list words;
	ns_t duration;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_DASH, .type = OPT_TEXT, .letter = 'i', .name = "on", .metavar = "IF", .help = "capture on this interface (any: all) instead of reading a file",
	  .offset = offsetof(struct args, interface) },
	{ .style = STYLE_DASH, .type = OPT_DURATION, .name = "for", .metavar = "D", .help = "capture for this long (10s)", .offset = offsetof(struct args, duration),
	  .min = NS_PER_MS, .max = 24 * 3600 * NS_PER_S },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "file", .metavar = "FILE|FILTER", .help = "a pcap or pcapng file (-: standard input), then words of a pcap filter",
	  .offset = offsetof(struct args, words), .flags = OPTION_REPEAT },
	OPTION_END,
};

static const struct field fields[] = {
	{ "file", KIND_TEXT, "what was read; null: live" },
	{ "interface", KIND_TEXT, "where it was captured; null: a file" },
	{ "filter", KIND_TEXT, "which packets count; null: all" },
	{ "packets", KIND_COUNT, "that were read" },
	{ "flows", KIND_COUNT, "conversations" },
	{ "tcp", KIND_COUNT, "TCP connections among them" },
	{ "vantage", KIND_TEXT, "where the capture stands: at the client, at the server, in the middle; null when it cannot be told" },
	{ "quality", KIND_REAL, "0 to 1: how much the capture is to be trusted; confidences are multiplied with it" },
	{ "drops", KIND_COUNT, "packets that the capture lost; null when the file does not say" },
	{ "missing_bytes", KIND_BYTES, "payload that was acknowledged and is not in the capture" },
	{ "copies", KIND_COUNT, "packets captured twice" },
	{ "requests", KIND_COUNT, "requests that were answered" },
	{ "failed", KIND_COUNT, "connections refused or unanswered, and requests never answered" },
	{ "round_trip_ms", KIND_TIME, "least round trip of a whole path" },
	{ "round_trips", KIND_COUNT, "not known from packets: 0" },
	DIAGNOSIS_FIELDS,
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static const struct args defaults = { .duration = 10 * NS_PER_S };

static void on_packet(const struct packet *packet, ns_t time, void *arg)
{
	packet_judge_add(arg, packet, time);
}

static void put_quality(struct result *result, const struct capture_verdict *found)
{
	result_put(result, "packets", value_count(found->packets));
	result_put(result, "flows", value_count(found->flows));
	result_put(result, "tcp", value_count(found->tcp));
	result_put(result, "vantage", value_text(found->vantage));
	result_put(result, "quality", value_real(found->quality));
	result_put(result, "drops", found->drops_known ? value_count(found->drops) : value_none());
	result_put(result, "missing_bytes", value_bytes(found->missing_bytes));
	result_put(result, "copies", value_count(found->copies));
	result_put(result, "requests", value_count((uint64_t)found->diagnosis.attempts));
	result_put(result, "failed", value_count((uint64_t)found->diagnosis.failed));
	result_put(result, "round_trip_ms", value_time(found->diagnosis.round_trip));
	result_put(result, "round_trips", value_count(0));
}

static void show_quality(struct result *result, const struct capture_verdict *found)
{
	result_item(result, "capture", TONE_FAINT,
		    "{packets} packets, {tcp} connections{vantage?, taken {vantage}}{drops?, {drops} packets lost by the capture}"
		    "{copies?, {copies} packets captured twice}");
	if (found->missing_bytes)
		result_item(result, "capture", TONE_WARN, "{missing_bytes} of payload are not in it: what they would tell is unknown");
	if (found->cut)
		result_item(result, "capture", TONE_WARN, "it ends within a packet: whoever wrote it was stopped");
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	static struct capture_verdict found;
	struct packet_feed feed = { .duration = args->duration };
	if (packet_feed_words(&feed, args->interface, &args->words, call->error) < 0)
		return call->error->status;
	if (args->interface)
		result_progress(call->result, -1, NS_NONE, "capturing; Ctrl-C judges what came so far");
	struct packet_judge *judge = packet_judge_new();
	int failed = packet_feed_run(call->loop, &feed, on_packet, judge, call->error);
	result_progress(call->result, -1, NS_NONE, NULL);
	packet_judge_quality(judge, feed.drops_known, feed.drops, feed.cut);
	if (!failed)
		packet_judge_end(judge, &found);
	packet_judge_free(judge);
	if (failed)
		return call->error->status;
	result_put(call->result, "file", value_text(feed.file));
	result_put(call->result, "interface", value_text(feed.interface));
	result_put(call->result, "filter", value_text(feed.filter[0] ? feed.filter : NULL));
	put_quality(call->result, &found);
	diagnosis_show(call->result, &found.diagnosis, call->settings->verbose > 0);
	show_quality(call->result, &found);
	return found.diagnosis.verdict.class_ == CLASS_HEALTHY ? STATUS_OK : STATUS_BAD;
}

const struct command command_diagnose_capture = {
	.name = "diagnose capture",
	.summary = "is it the network or the server, by the packets of a capture",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
