/* What is in this capture file, and how far can it be trusted?
 * One pass: when, how much, of what; and what is missing, cut, broken or out of order in it. */
#include "ntsh/capture_survey.h"
#include "ntsh/command.h"
#include "ntsh/packet_line.h"

struct args {
	const char *file;
};

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_FILE, 0, "file", "FILE", "a pcap or pcapng file (gzip and zstd too); -: standard input", offsetof(struct args, file), 0, 0, NULL, OPTION_REQUIRED, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "file", KIND_TEXT, "as it was given" },
	{ "format", KIND_TEXT, "pcap or pcapng" },
	{ "packing", KIND_TEXT, "none, gzip or zstd" },
	{ "byte_order", KIND_TEXT, "little-endian or big-endian" },
	{ "resolution", KIND_TEXT, "of the stamps: nanoseconds or microseconds" },
	{ "application", KIND_TEXT, "that wrote it; null: not said" },
	{ "os", KIND_TEXT, "on which; null: not said" },
	{ "hardware", KIND_TEXT, "on which; null: not said" },
	CAPTURE_TALLY_FIELDS,
	{ "captured_bytes", KIND_BYTES, "of all packets in the file" },
	{ "packet_rate_pps", KIND_PACKET_RATE, "mean" },
	{ "rate_bps", KIND_BIT_RATE, "mean, on the wire" },
	{ "smallest_bytes", KIND_BYTES, "of all packets on the wire" },
	{ "largest_bytes", KIND_BYTES, "of all packets on the wire" },
	{ "shortened", KIND_COUNT, "packets of which not all was captured" },
	{ "broken", KIND_COUNT, "packets that contradict themselves" },
	{ "out_of_order", KIND_COUNT, "packets with an earlier stamp than the one before" },
	{ "unstamped", KIND_COUNT, "packets without a stamp" },
	{ "cut", KIND_FLAG, "the file ends within a packet" },
	{ "interfaces", KIND_NONE, "where it was captured" },
	{ "interfaces[].name", KIND_TEXT, "null: the file does not say" },
	{ "interfaces[].link", KIND_TEXT, "link type" },
	{ "interfaces[].snaplen_bytes", KIND_BYTES, "length limit of packets; null: none" },
	{ "interfaces[].packets", KIND_COUNT, "in the file" },
	{ "interfaces[].dropped", KIND_COUNT, "that had no room; null: the file does not say" },
	{ "protocols", KIND_NONE, "what the packets are, the most bytes first" },
	{ "protocols[].protocol", KIND_TEXT, "IPv4 TCP, ARP ..." },
	{ "protocols[].packets", KIND_COUNT, "number" },
	{ "protocols[].bytes", KIND_COUNT, "on the wire" },
	{ "protocols[].share_percent", KIND_PERCENT, "of all bytes" },
	{ "trust", KIND_TEXT, "whole, or what is wrong with the file" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

static void file_put(struct result *result, const char *file, const struct capture_info *info)
{
	static const char *const packings[] = { "none", "gzip", "zstd" };
	result_put(result, "file", value_text(file));
	result_put(result, "format", value_text(info->format == CAPTURE_PCAP ? "pcap" : "pcapng"));
	result_put(result, "packing", value_text(packings[info->packing]));
	result_put(result, "byte_order", value_text(info->big_endian ? "big-endian" : "little-endian"));
	result_put(result, "resolution", value_text(info->nanoseconds ? "nanoseconds" : "microseconds"));
	result_put(result, "application", value_text(info->application));
	result_put(result, "os", value_text(info->os));
	result_put(result, "hardware", value_text(info->hardware));
}

static void survey_put(struct result *result, const struct capture_survey *survey)
{
	const struct capture_tally *tally = &survey->tally;
	double seconds = tally->first == NS_NONE ? 0 : (double)(tally->last - tally->first) / (double)NS_PER_S;
	bool rates = seconds > 0;
	capture_tally_put(result, tally);
	result_put(result, "captured_bytes", value_bytes(survey->captured_bytes));
	result_put(result, "packet_rate_pps", rates ? value_packet_rate((double)tally->count / seconds) : value_none());
	result_put(result, "rate_bps", rates ? value_bit_rate((double)tally->bytes * 8 / seconds) : value_none());
	result_put(result, "smallest_bytes", tally->count ? value_bytes(survey->smallest) : value_none());
	result_put(result, "largest_bytes", tally->count ? value_bytes(survey->largest) : value_none());
	result_put(result, "shortened", value_count(survey->shortened));
	result_put(result, "broken", value_count(survey->broken));
	result_put(result, "out_of_order", value_count(survey->out_of_order));
	result_put(result, "unstamped", value_count(survey->unstamped));
}

static void show(struct result *result)
{
	result_item(result, "file", TONE_PLAIN,
		    "{format}, {resolution}, {byte_order}{application?, written by {application}}{os? on {os}}");
	result_item(result, "packets", TONE_PLAIN, "{count}, {total_bytes}, of {smallest_bytes} to {largest_bytes}");
	result_item(result, "time", TONE_PLAIN, "{first} to {last}{span_ms?, {span_ms}}");
	result_item(result, "rate", TONE_PLAIN, "{packet_rate_pps}, {rate_bps}");
	result_gap(result);
}

static void interfaces_put(struct result *result, struct capture *capture, const struct capture_survey *survey)
{
	static const struct column columns[] = {
		{ "name", "interface", ALIGN_LEFT, 0, false, false },
		{ "link", "link", ALIGN_LEFT, 0, false, false },
		{ "snaplen_bytes", "snaplen", ALIGN_RIGHT, 0, false, false },
		{ "packets", "packets", ALIGN_RIGHT, 0, false, false },
		{ "dropped", "dropped", ALIGN_RIGHT, 0, false, false },
	};
	static const struct table table = { .name = "interfaces", .columns = columns, .column_count = 5 };
	char buf[24];
	result_list_open(result, &table);
	for (size_t i = 0; i < capture_interfaces(capture); i++) {
		const struct capture_interface *interface = capture_interface(capture, i);
		result_row_open(result);
		result_put(result, "name", value_text(interface->name));
		result_put(result, "link", value_text(packet_link_name(interface->link, buf)));
		result_put(result, "snaplen_bytes", interface->snaplen ? value_bytes(interface->snaplen) : value_none());
		result_put(result, "packets", value_count(i < survey->interface_count ? survey->by_interface[i] : 0));
		result_put(result, "dropped", interface->drops_known ? value_count(interface->drops) : value_none());
		result_row_close(result);
	}
	result_list_close(result);
	result_gap(result);
}

static void protocols_put(struct result *result, const struct capture_survey *survey)
{
	static const struct column columns[] = {
		{ "protocol", "protocol", ALIGN_LEFT, 0, false, false },
		{ "packets", "packets", ALIGN_RIGHT, 0, false, false },
		{ "bytes", "bytes", ALIGN_RIGHT, 0, false, false },
		{ "share_percent", "share", ALIGN_RIGHT, 0, false, false },
	};
	static const struct table table = { .name = "protocols", .columns = columns, .column_count = 4 };
	result_list_open(result, &table);
	for (size_t i = 0; i < survey->protocol_count; i++) {
		const struct capture_survey_protocol *protocol = &survey->protocols[i];
		double all = (double)survey->tally.bytes;
		result_row_open(result);
		result_put(result, "protocol", value_text(protocol->name));
		result_put(result, "packets", value_count(protocol->packets));
		result_put(result, "bytes", value_count(protocol->bytes));
		result_put(result, "share_percent", all > 0 ? value_percent(100 * (double)protocol->bytes / all) : value_none());
		result_row_close(result);
	}
	result_list_close(result);
	result_gap(result);
}

/* How far the file can be trusted: what is missing in it. */
static void trust_put(struct result *result, const struct capture_survey *survey, bool cut, bool damaged, uint64_t drops)
{
	bool good = !cut && !damaged && !drops && !survey->broken && !survey->shortened && !survey->out_of_order;
	result_put(result, "cut", value_flag(cut));
	result_put(result, "trust", value_text(good      ? "whole"
					       : damaged ? "damaged"
					       : cut     ? "cut"
					       : drops   ? "packets are missing"
							 : "with remarks"));
	if (drops)
		result_line(result, TONE_BAD, "{dropped} packets are MISSING: the kernel had no room for them");
	if (cut)
		result_line(result, TONE_WARN, "the file ends within a packet: whoever wrote it was stopped");
	if (survey->shortened)
		result_line(result, TONE_WARN, "{shortened} packets were shortened when they were captured: what they carry cannot all be read");
	if (survey->broken)
		result_line(result, TONE_WARN, "{broken} packets contradict themselves");
	if (survey->out_of_order)
		result_line(result, TONE_WARN, "{out_of_order} packets have an earlier stamp than the one before");
	if (good)
		result_line(result, TONE_GOOD, "the file is whole");
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct result *result = call->result;
	struct capture_survey survey;
	struct capture *capture = capture_open_waiting(args->file, call->loop, call->error);
	if (!capture)
		return call->error->status;
	capture_survey_file(&survey, capture, call->loop, call->error);
	file_put(result, args->file, capture_info(capture));
	survey_put(result, &survey);
	uint64_t drops = capture_drops_put(result, capture, NULL, NULL);
	show(result);
	interfaces_put(result, capture, &survey);
	protocols_put(result, &survey);
	bool damaged = error_is_set(call->error);
	trust_put(result, &survey, capture_info(capture)->cut, damaged, drops);
	capture_survey_release(&survey);
	capture_close(capture);
	if (loop_cancelled(call->loop) == LOOP_INTERRUPTED)
		return STATUS_INTERRUPTED;
	return damaged ? call->error->status : STATUS_OK;
}

const struct command command_capture_info = {
	.name = "capture info",
	.summary = "what a capture file holds, and how far it can be trusted",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
