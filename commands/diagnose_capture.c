/* Is it the network or the server - what do the packets say?
 * Reads a capture taken at the client, at the server or between them, works out where it stands, and judges by the same contract as
 * `diagnose`. */
#include "ntsh/capture.h"
#include "ntsh/command.h"
#include "ntsh/diagnose_capture.h"
#include "ntsh/diagnose_show.h"

struct args {
	const char *file;
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_FILE, .name = "file", .metavar = "FILE", .help = "a pcap or pcapng file; - is standard input",
	  .offset = offsetof(struct args, file), .flags = OPTION_REQUIRED },
	OPTION_END,
};

static const struct field fields[] = {
	{ "file", KIND_TEXT, "what was read" },
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

enum { FRAMES_BETWEEN_LOOKS = 8192 };

static int read_all(struct call *call, const char *file, struct packet_judge *judge)
{
	struct capture *capture = capture_open_file(file, call->error);
	struct capture_frame frame;
	uint64_t count = 0, drops = 0;
	bool known = false;
	int got;
	if (!capture)
		return -1;
	while ((got = capture_next(capture, &frame, call->error)) > 0) {
		struct packet packet;
		packet_decode(&packet, frame.link, frame.bytes, frame.captured, frame.length);
		packet_judge_add(judge, &packet, frame.time == NS_NONE ? 0 : frame.time);
		if (++count % FRAMES_BETWEEN_LOOKS == 0 && loop_cancelled(call->loop) != LOOP_DONE)
			break;
	}
	for (size_t i = 0; i < capture_interfaces(capture); i++) {
		known |= capture_interface(capture, i)->drops_known;
		drops += capture_interface(capture, i)->drops;
	}
	packet_judge_quality(judge, known, drops, capture_info(capture)->cut);
	capture_close(capture);
	return got < 0 ? -1 : 0;
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
	struct packet_judge *judge = packet_judge_new();
	int failed = read_all(call, args->file, judge);
	if (!failed)
		packet_judge_end(judge, &found);
	packet_judge_free(judge);
	if (failed)
		return call->error->status;
	result_put(call->result, "file", value_text(args->file));
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
	.fields = fields,
	.run = run,
};
