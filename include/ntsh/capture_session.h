/* One capture from beginning to end: packets of a file or of interfaces are filtered, shown, written, and counted, until a limit is
 * reached, the file ends, or somebody ends it. */
#ifndef NTSH_CAPTURE_SESSION_H
#define NTSH_CAPTURE_SESSION_H

#include "ntsh/capture_report.h"
#include "ntsh/loop.h"
#include "ntsh/packet_line.h"

struct capture_session_request {
	const char *read; /* a file; NULL: live */
	struct capture_live_request live;
	const char *filter;                 /* "": everything; compiled before anything is opened */
	const char *write;                  /* a file, "-" for standard output, NULL */
	struct capture_write_request files; /* only the ring's limits */
	struct packet_line_style style;
	bool show;      /* lines, or rows */
	bool processes; /* live: name the process of each packet's local socket */
	bool names;     /* look addresses up, and show their names */
	uint32_t snaplen;
	uint64_t count, bytes; /* limits; 0: none */
	ns_t duration;         /* live; 0: none */
};

/* Runs it to its end. Puts source, packets[] (number, PACKET_ROW_FIELDS, process, says), CAPTURE_TALLY_FIELDS, read, cut and the members of
 * capture_written_put, and shows what is worth showing. Returns the status, with err when it is an error's. */
enum status capture_session_run(struct loop *loop, const struct capture_session_request *request,
				struct result *result, struct error *err);

#endif
