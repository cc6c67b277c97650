/* What a capture file holds, in one pass over it. */
#ifndef NTSH_CAPTURE_SURVEY_H
#define NTSH_CAPTURE_SURVEY_H

#include "ntsh/capture_report.h"

enum { SURVEY_PROTOCOLS_MAX = 64, SURVEY_PROTOCOL_NAME = 24 };

struct capture_survey_protocol {
	char name[SURVEY_PROTOCOL_NAME]; /* "IPv4 TCP", "ARP" */
	uint64_t packets, bytes;
};

struct capture_survey {
	struct capture_tally tally;
	uint64_t captured_bytes;
	uint64_t shortened;    /* packets of which not all bytes were captured */
	uint64_t broken;       /* packets that contradict themselves */
	uint64_t out_of_order; /* packets with an earlier stamp than the one before */
	uint64_t unstamped;
	uint32_t smallest, largest; /* on the wire */
	struct capture_survey_protocol protocols[SURVEY_PROTOCOLS_MAX]; /* after the end: the most bytes first; what is beyond is in the last */
	size_t protocol_count;
	uint64_t *by_interface; /* packets, by index */
	size_t interface_count;
	ns_t before;
};

void capture_survey_begin(struct capture_survey *survey);
void capture_survey_add(struct capture_survey *survey, const struct capture_frame *frame);
void capture_survey_end(struct capture_survey *survey); /* sorts */
void capture_survey_release(struct capture_survey *survey);

/* Reads the whole file. Returns 0; -1 with err when it is damaged (what came before is counted) or the loop was cancelled (err is not set). */
int capture_survey_file(struct capture_survey *survey, struct capture *capture, struct loop *loop, struct error *err);

#endif
