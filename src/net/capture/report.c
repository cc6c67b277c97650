#include "ntsh/capture_report.h"

void capture_tally_put(struct result *result, const struct capture_tally *tally)
{
	bool stamps = tally->first != NS_NONE;
	result_put(result, "count", value_count(tally->count));
	result_put(result, "total_bytes", value_bytes(tally->bytes));
	result_put(result, "first", value_date(tally->first));
	result_put(result, "last", value_date(tally->last));
	result_put(result, "span_ms", value_time(stamps ? tally->last - tally->first : NS_NONE));
}

uint64_t capture_drops_put(struct result *result, const struct capture *file, struct capture_live *live,
			   struct capture_writer *writer)
{
	uint64_t dropped = 0;
	bool known = false;
	size_t count = file ? capture_interfaces(file) : capture_live_interfaces(live);
	for (size_t i = 0; i < count; i++) {
		const struct capture_interface *interface =
		    file ? capture_interface(file, i) : capture_live_interface(live, i);
		known |= interface->drops_known;
		dropped += interface->drops;
		if (writer && interface->drops_known)
			capture_writer_drops(writer, i, interface->drops);
	}
	result_put(result, "dropped", known ? value_count(dropped) : value_none());
	return dropped;
}

void capture_written_put(struct result *result, const struct capture_writer *writer)
{
	uint64_t files = writer ? capture_writer_files(writer) : 0;
	result_put(result, "written_files", writer ? value_count(files) : value_none());
	result_put(result, "written_bytes",
		   writer ? value_bytes(capture_writer_bytes(writer)) : value_none());
	result_put(result, "written", value_text(writer ? capture_writer_path(writer) : NULL));
	if (writer)
		result_line(result, TONE_PLAIN,
			    files > 1
				? "written: {written_bytes} in {written_files} files, the last is {written}"
				: "written: {written_bytes} to {written}");
}
