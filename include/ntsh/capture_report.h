/* What commands say about a capture as a whole: how many packets, over which time, what was lost, what was written. */
#ifndef NTSH_CAPTURE_REPORT_H
#define NTSH_CAPTURE_REPORT_H

#include "ntsh/capture_write.h"
#include "ntsh/result.h"

struct capture_tally {
	uint64_t count, bytes;  /* frames that passed, their length on the wire */
	ns_t first, last;       /* NS_NONE: no stamp yet */
};

#define CAPTURE_TALLY_INIT { .first = NS_NONE, .last = NS_NONE }

static inline void capture_tally_add(struct capture_tally *tally, const struct capture_frame *frame)
{
	tally->count++;
	tally->bytes += frame->length;
	if (frame->time == NS_NONE)
		return;
	if (tally->first == NS_NONE || frame->time < tally->first)
		tally->first = frame->time;
	if (tally->last == NS_NONE || frame->time > tally->last)
		tally->last = frame->time;
}

/* Puts count, total_bytes, first, last, span_ms. */
void capture_tally_put(struct result *result, const struct capture_tally *tally);

/* Puts dropped: the sum over all interfaces of a file or of a live capture (one of them is NULL), and tells the writer (may be NULL).
 * Returns it. */
uint64_t capture_drops_put(struct result *result, const struct capture *file, struct capture_live *live,
		       struct capture_writer *writer);

/* Puts written_files, written_bytes, written, and shows them; all null without a writer. Not with a writer into a pipe. */
void capture_written_put(struct result *result, const struct capture_writer *writer);

/* For field tables. */
/* clang-format off */
#define CAPTURE_TALLY_FIELDS \
	{ "count", KIND_COUNT, "packets (that passed the filter)" }, \
	{ "total_bytes", KIND_BYTES, "on the wire, of those" }, \
	{ "first", KIND_DATE, "stamp of the earliest packet" }, \
	{ "last", KIND_DATE, "stamp of the latest packet" }, \
	{ "span_ms", KIND_TIME, "between the two" }, \
	{ "dropped", KIND_COUNT, "packets that the kernel had no room for; null: the file does not say" }
/* clang-format on */

#endif
